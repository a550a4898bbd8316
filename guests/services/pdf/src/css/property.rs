//! Every property: its name, what is read, what a style holds, where it begins, and whether children have it too. One
//! table; the rest is made of it.

use std::rc::Rc;

use super::cursor::Cursor;
use super::values::border::{BorderStyle, BorderWidth, Corner, CornerValue, Shadow, ShadowsValue};
use super::values::boxes::{
    AreaBox, Attachment, BackgroundSize, BackgroundSizeValue, Display, Layers, Repeat2,
    RepeatStyle, Spacing, TextWrap,
};
use super::values::color::{Color, Rgba};
use super::values::content::{Content, Counters, ListStyle, Name, Quotes, StringSet};
use super::values::font::{
    Families, Family, FontKerning, FontSize, FontStretch, FontWeight, Ligatures, MEDIUM, Numeric,
    Settings,
};
use super::values::grid::{
    Align, Areas, AutoFlow, AutoTracks, FlexBasis, GridLine, Part, TemplateValue, Track,
};
use super::values::image::{Image, ImageValue};
use super::values::keyword::*;
use super::values::length::{
    Gap, Integer, IntegerOrAuto, Length, LengthOrNormal, Lp, Number, Opacity, OrAuto, Positive,
    Size, SizeValue,
};
use super::values::shape::{AspectRatio, Position as Place, PositionValue, Step, TransformValue};
use super::values::text::{
    DecorationLine, DecorationStyle, FromFont, Indent, IndentValue, LineHeight, LineHeightValue,
    TabSize, VerticalAlign, VerticalAlignValue,
};
use super::values::{Compute as _, Context, Parse as _};

macro_rules! inherits {
    (inherited) => {
        true
    };
    (own) => {
        false
    };
}

macro_rules! begin {
    (inherited, $parent:ident, $field:ident, $initial:expr) => {
        $parent.$field.clone()
    };
    (own, $parent:ident, $field:ident, $initial:expr) => {
        $initial
    };
}

macro_rules! properties {
    ($($name:literal $variant:ident $field:ident: $read:ty => $held:ty = $initial:expr, $kind:ident;)*) => {
        /// What all properties come to for one element.
        #[derive(Clone, Debug)]
        pub(crate) struct Style {
            $(pub(crate) $field: $held,)*
        }

        impl Style {
            /// What every property begins with.
            fn unsettled() -> Style {
                Style { $($field: $initial,)* }
            }

            /// What an element begins with whose parent has this style, before anything is said about it.
            pub(crate) fn unsettled_child_of(parent: &Style) -> Style {
                Style { $($field: begin!($kind, parent, $field, $initial),)* }
            }
        }

        /// A property by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Longhand {
            $($variant,)*
        }

        /// A property with a value.
        #[derive(Clone, Debug)]
        pub(crate) enum Property {
            $($variant($read),)*
        }

        impl Longhand {
            #[cfg(test)]
            pub(crate) const ALL: &[(Longhand, &str)] = &[$((Longhand::$variant, $name),)*];

            pub(crate) fn of(name: &str) -> Option<Longhand> {
                match name {
                    $($name => Some(Longhand::$variant),)*
                    _ => None,
                }
            }

            pub(crate) fn parse(self, text: &mut Cursor<'_, '_>) -> Option<Property> {
                match self {
                    $(Longhand::$variant => <$read>::parse(text).map(Property::$variant),)*
                }
            }

            pub(crate) fn is_inherited(self) -> bool {
                match self {
                    $(Longhand::$variant => inherits!($kind),)*
                }
            }

            pub(crate) fn inherit(self, style: &mut Style, parent: &Style) {
                match self {
                    $(Longhand::$variant => style.$field = parent.$field.clone(),)*
                }
            }

            pub(crate) fn reset(self, style: &mut Style) {
                match self {
                    $(Longhand::$variant => style.$field = $initial,)*
                }
            }
        }

        impl Property {
            pub(crate) fn longhand(&self) -> Longhand {
                match self {
                    $(Property::$variant(_) => Longhand::$variant,)*
                }
            }

            pub(crate) fn apply(&self, style: &mut Style, context: &Context) {
                match self {
                    $(Property::$variant(value) => style.$field = value.compute(context),)*
                }
            }
        }
    };
}

fn one<T>(value: T) -> Rc<[T]> {
    Rc::from([value])
}

fn none<T>() -> Rc<[T]> {
    Rc::from(Vec::new())
}

properties! {
    "color" Color color: ColorOf => Rgba = Rgba::BLACK, inherited;
    "font-size" FontSize font_size: FontSize => f32 = MEDIUM, inherited;
    "font-family" FontFamily font_family: Families => Families = Families(one(Family::Serif)), inherited;
    "font-weight" FontWeight font_weight: FontWeight => f32 = 400.0, inherited;
    "font-style" FontStyle font_style: FontStyle => FontStyle = FontStyle::Normal, inherited;
    "font-stretch" FontStretch font_stretch: FontStretch => f32 = 1.0, inherited;
    "font-variant-caps" FontCaps font_caps: FontCaps => FontCaps = FontCaps::Normal, inherited;
    "font-variant-numeric" FontNumeric font_numeric: Numeric => Settings = Settings::default(), inherited;
    "font-variant-ligatures" FontLigatures font_ligatures: Ligatures => Settings = Settings::default(), inherited;
    "font-feature-settings" FontFeatures font_features: Settings => Settings = Settings::default(), inherited;
    "font-variation-settings" FontVariations font_variations: Settings => Settings = Settings::default(), inherited;
    "font-kerning" FontKerning font_kerning: FontKerning => FontKerning = FontKerning::Auto, inherited;
    "line-height" LineHeight line_height: LineHeightValue => LineHeight = LineHeight::Normal, inherited;
    "letter-spacing" LetterSpacing letter_spacing: LengthOrNormal => f32 = 0.0, inherited;
    "word-spacing" WordSpacing word_spacing: LengthOrNormal => f32 = 0.0, inherited;
    "text-align" TextAlign text_align: TextAlign => TextAlign = TextAlign::Start, inherited;
    "text-align-last" TextAlignLast text_align_last: TextAlignLast => TextAlignLast = TextAlignLast::Auto, inherited;
    "text-indent" TextIndent text_indent: IndentValue => Indent = Indent::default(), inherited;
    "text-transform" TextTransform text_transform: TextTransform => TextTransform = TextTransform::None, inherited;
    "text-decoration-line" DecorationLine decoration_line: DecorationLine => DecorationLine = DecorationLine::default(), own;
    "text-decoration-style" DecorationStyle decoration_style: DecorationStyle => DecorationStyle = DecorationStyle::Solid, own;
    "text-decoration-color" DecorationColor decoration_color: Color => Color = Color::Current, own;
    "text-decoration-thickness" DecorationThickness decoration_thickness: FromFont => Option<f32> = None, own;
    "text-underline-offset" UnderlineOffset underline_offset: FromFont => Option<f32> = None, inherited;
    "text-shadow" TextShadow text_shadow: ShadowsValue => Rc<[Shadow]> = none(), inherited;
    "white-space" WhiteSpace white_space: WhiteSpace => WhiteSpace = WhiteSpace::Normal, inherited;
    "text-wrap-mode" TextWrap text_wrap: TextWrap => TextWrap = TextWrap::Wrap, inherited;
    "tab-size" TabSize tab_size: TabSize => f32 = 8.0, inherited;
    "word-break" WordBreak word_break: WordBreak => WordBreak = WordBreak::Normal, inherited;
    "overflow-wrap" OverflowWrap overflow_wrap: OverflowWrap => OverflowWrap = OverflowWrap::Normal, inherited;
    "hyphens" Hyphens hyphens: Hyphens => Hyphens = Hyphens::Manual, inherited;
    "direction" Direction direction: Direction => Direction = Direction::Ltr, inherited;
    "unicode-bidi" UnicodeBidi unicode_bidi: UnicodeBidi => UnicodeBidi = UnicodeBidi::Normal, own;
    "visibility" Visibility visibility: Visibility => Visibility = Visibility::Visible, inherited;
    "list-style-type" ListStyleType list_style: ListStyle => ListStyle = ListStyle::Disc, inherited;
    "list-style-position" ListStylePosition list_position: ListStylePosition => ListStylePosition = ListStylePosition::Outside, inherited;
    "list-style-image" ListStyleImage list_image: ImageValue => Image = Image::None, inherited;
    "quotes" Quotes quotes: Quotes => Quotes = Quotes(None), inherited;
    "orphans" Orphans orphans: Integer => i32 = 2, inherited;
    "widows" Widows widows: Integer => i32 = 2, inherited;
    "border-collapse" BorderCollapse border_collapse: BorderCollapse => BorderCollapse = BorderCollapse::Separate, inherited;
    "border-spacing" BorderSpacing border_spacing: Spacing => (f32, f32) = (0.0, 0.0), inherited;
    "caption-side" CaptionSide caption_side: CaptionSide => CaptionSide = CaptionSide::Top, inherited;
    "empty-cells" EmptyCells empty_cells: EmptyCells => EmptyCells = EmptyCells::Show, inherited;

    "display" Display display: Display => Display = Display::Inline, own;
    "position" Position position: Position => Position = Position::Static, own;
    "-wardian-running" Running running: Name => Name = Name(None), own;
    "top" Top top: OrAuto => Option<Lp> = None, own;
    "right" Right right: OrAuto => Option<Lp> = None, own;
    "bottom" Bottom bottom: OrAuto => Option<Lp> = None, own;
    "left" Left left: OrAuto => Option<Lp> = None, own;
    "z-index" ZIndex z_index: IntegerOrAuto => Option<i32> = None, own;
    "float" Float float: Float => Float = Float::None, own;
    "clear" Clear clear: Clear => Clear = Clear::None, own;
    "box-sizing" BoxSizing box_sizing: BoxSizing => BoxSizing = BoxSizing::Content, own;
    "width" Width width: SizeValue => Size = Size::Auto, own;
    "height" Height height: SizeValue => Size = Size::Auto, own;
    "min-width" MinWidth min_width: SizeValue => Size = Size::Auto, own;
    "min-height" MinHeight min_height: SizeValue => Size = Size::Auto, own;
    "max-width" MaxWidth max_width: SizeValue => Size = Size::Auto, own;
    "max-height" MaxHeight max_height: SizeValue => Size = Size::Auto, own;
    "aspect-ratio" AspectRatio aspect_ratio: AspectRatio => AspectRatio = AspectRatio(None), own;
    "margin-top" MarginTop margin_top: OrAuto => Option<Lp> = Some(Lp::ZERO), own;
    "margin-right" MarginRight margin_right: OrAuto => Option<Lp> = Some(Lp::ZERO), own;
    "margin-bottom" MarginBottom margin_bottom: OrAuto => Option<Lp> = Some(Lp::ZERO), own;
    "margin-left" MarginLeft margin_left: OrAuto => Option<Lp> = Some(Lp::ZERO), own;
    "padding-top" PaddingTop padding_top: Positive => Lp = Lp::ZERO, own;
    "padding-right" PaddingRight padding_right: Positive => Lp = Lp::ZERO, own;
    "padding-bottom" PaddingBottom padding_bottom: Positive => Lp = Lp::ZERO, own;
    "padding-left" PaddingLeft padding_left: Positive => Lp = Lp::ZERO, own;
    "border-top-width" BorderTopWidth border_top_width: BorderWidth => f32 = 3.0, own;
    "border-right-width" BorderRightWidth border_right_width: BorderWidth => f32 = 3.0, own;
    "border-bottom-width" BorderBottomWidth border_bottom_width: BorderWidth => f32 = 3.0, own;
    "border-left-width" BorderLeftWidth border_left_width: BorderWidth => f32 = 3.0, own;
    "border-top-style" BorderTopStyle border_top_style: BorderStyle => BorderStyle = BorderStyle::None, own;
    "border-right-style" BorderRightStyle border_right_style: BorderStyle => BorderStyle = BorderStyle::None, own;
    "border-bottom-style" BorderBottomStyle border_bottom_style: BorderStyle => BorderStyle = BorderStyle::None, own;
    "border-left-style" BorderLeftStyle border_left_style: BorderStyle => BorderStyle = BorderStyle::None, own;
    "border-top-color" BorderTopColor border_top_color: Color => Color = Color::Current, own;
    "border-right-color" BorderRightColor border_right_color: Color => Color = Color::Current, own;
    "border-bottom-color" BorderBottomColor border_bottom_color: Color => Color = Color::Current, own;
    "border-left-color" BorderLeftColor border_left_color: Color => Color = Color::Current, own;
    "border-top-left-radius" RadiusTopLeft radius_top_left: CornerValue => Corner = Corner::default(), own;
    "border-top-right-radius" RadiusTopRight radius_top_right: CornerValue => Corner = Corner::default(), own;
    "border-bottom-right-radius" RadiusBottomRight radius_bottom_right: CornerValue => Corner = Corner::default(), own;
    "border-bottom-left-radius" RadiusBottomLeft radius_bottom_left: CornerValue => Corner = Corner::default(), own;
    "outline-width" OutlineWidth outline_width: BorderWidth => f32 = 3.0, own;
    "outline-style" OutlineStyle outline_style: BorderStyle => BorderStyle = BorderStyle::None, own;
    "outline-color" OutlineColor outline_color: Color => Color = Color::Current, own;
    "outline-offset" OutlineOffset outline_offset: Length => f32 = 0.0, own;
    "box-shadow" BoxShadow box_shadow: ShadowsValue => Rc<[Shadow]> = none(), own;
    "background-color" BackgroundColor background_color: Color => Color = Color::TRANSPARENT, own;
    "background-image" BackgroundImage background_image: Layers<ImageValue> => Rc<[Image]> = none(), own;
    "background-position" BackgroundPosition background_position: Layers<PositionValue> => Rc<[Place]> = one(Place::start()), own;
    "background-size" BackgroundSize background_size: Layers<BackgroundSizeValue> => Rc<[BackgroundSize]> = one(BackgroundSize::Sides(None, None)), own;
    "background-repeat" BackgroundRepeat background_repeat: Layers<Repeat2> => Rc<[Repeat2]> = one(Repeat2(RepeatStyle::Repeat, RepeatStyle::Repeat)), own;
    "background-origin" BackgroundOrigin background_origin: Layers<AreaBox> => Rc<[AreaBox]> = one(AreaBox::Padding), own;
    "background-clip" BackgroundClip background_clip: Layers<AreaBox> => Rc<[AreaBox]> = one(AreaBox::Border), own;
    "background-attachment" BackgroundAttachment background_attachment: Layers<Attachment> => Rc<[Attachment]> = one(Attachment::Scroll), own;
    "opacity" Opacity opacity: Opacity => f32 = 1.0, own;
    "mix-blend-mode" BlendMode blend_mode: BlendMode => BlendMode = BlendMode::Normal, own;
    "overflow-x" OverflowX overflow_x: Overflow => Overflow = Overflow::Visible, own;
    "overflow-y" OverflowY overflow_y: Overflow => Overflow = Overflow::Visible, own;
    "transform" Transform transform: TransformValue => Vec<Step> = Vec::new(), own;
    "transform-origin" TransformOrigin transform_origin: PositionValue => Place = Place::center(), own;
    "vertical-align" VerticalAlign vertical_align: VerticalAlignValue => VerticalAlign = VerticalAlign::Baseline, own;
    "object-fit" ObjectFit object_fit: ObjectFit => ObjectFit = ObjectFit::Fill, own;
    "object-position" ObjectPosition object_position: PositionValue => Place = Place::center(), own;
    "table-layout" TableLayout table_layout: TableLayout => TableLayout = TableLayout::Auto, own;
    "content" Content content: Content => Content = Content::Normal, own;
    "counter-reset" CounterReset counter_reset: Counters<0> => Rc<[(Rc<str>, i32)]> = none(), own;
    "counter-increment" CounterIncrement counter_increment: Counters<1> => Rc<[(Rc<str>, i32)]> = none(), own;
    "counter-set" CounterSet counter_set: Counters<0> => Rc<[(Rc<str>, i32)]> = none(), own;
    "string-set" StringSet string_set: StringSet => StringSet = StringSet::default(), own;
    "flex-direction" FlexDirection flex_direction: FlexDirection => FlexDirection = FlexDirection::Row, own;
    "flex-wrap" FlexWrap flex_wrap: FlexWrap => FlexWrap = FlexWrap::Nowrap, own;
    "flex-grow" FlexGrow flex_grow: Number => f32 = 0.0, own;
    "flex-shrink" FlexShrink flex_shrink: Number => f32 = 1.0, own;
    "flex-basis" FlexBasis flex_basis: FlexBasis => Option<Size> = Some(Size::Auto), own;
    "order" Order order: Integer => i32 = 0, own;
    "justify-content" JustifyContent justify_content: Align => Align = Align::Normal, own;
    "justify-items" JustifyItems justify_items: Align => Align = Align::Normal, own;
    "justify-self" JustifySelf justify_self: Align => Align = Align::Auto, own;
    "align-content" AlignContent align_content: Align => Align = Align::Normal, own;
    "align-items" AlignItems align_items: Align => Align = Align::Normal, own;
    "align-self" AlignSelf align_self: Align => Align = Align::Auto, own;
    "row-gap" RowGap row_gap: Gap => Option<Lp> = None, own;
    "column-gap" ColumnGap column_gap: Gap => Option<Lp> = None, own;
    "grid-template-columns" GridColumns grid_columns: TemplateValue => Rc<[Part]> = none(), own;
    "grid-template-rows" GridRows grid_rows: TemplateValue => Rc<[Part]> = none(), own;
    "grid-template-areas" GridAreas grid_areas: Areas => Areas = Areas::default(), own;
    "grid-auto-columns" GridAutoColumns grid_auto_columns: AutoTracks => Rc<[Track]> = none(), own;
    "grid-auto-rows" GridAutoRows grid_auto_rows: AutoTracks => Rc<[Track]> = none(), own;
    "grid-auto-flow" GridAutoFlow grid_auto_flow: AutoFlow => AutoFlow = AutoFlow::default(), own;
    "grid-row-start" GridRowStart grid_row_start: GridLine => GridLine = GridLine::Auto, own;
    "grid-row-end" GridRowEnd grid_row_end: GridLine => GridLine = GridLine::Auto, own;
    "grid-column-start" GridColumnStart grid_column_start: GridLine => GridLine = GridLine::Auto, own;
    "grid-column-end" GridColumnEnd grid_column_end: GridLine => GridLine = GridLine::Auto, own;
    "column-count" ColumnCount column_count: IntegerOrAuto => Option<i32> = None, own;
    "column-width" ColumnWidth column_width: OrAuto => Option<Lp> = None, own;
    "column-fill" ColumnFill column_fill: ColumnFill => ColumnFill = ColumnFill::Balance, own;
    "column-span" ColumnSpan column_span: ColumnSpan => ColumnSpan = ColumnSpan::None, own;
    "column-rule-width" ColumnRuleWidth column_rule_width: BorderWidth => f32 = 3.0, own;
    "column-rule-style" ColumnRuleStyle column_rule_style: BorderStyle => BorderStyle = BorderStyle::None, own;
    "column-rule-color" ColumnRuleColor column_rule_color: Color => Color = Color::Current, own;
    "break-before" BreakBefore break_before: BreakBetween => BreakBetween = BreakBetween::Auto, own;
    "break-after" BreakAfter break_after: BreakBetween => BreakBetween = BreakBetween::Auto, own;
    "break-inside" BreakInside break_inside: BreakInside => BreakInside = BreakInside::Auto, own;
    "box-decoration-break" DecorationBreak decoration_break: DecorationBreak => DecorationBreak = DecorationBreak::Slice, own;
    "page" Page page: Name => Name = Name(None), inherited;
}

impl Style {
    /// The style of something that nobody says anything about.
    pub(crate) fn initial() -> Style {
        Style::unsettled().settled()
    }

    /// The same below an element of this style.
    pub(crate) fn child_of(parent: &Style) -> Style {
        Style::unsettled_child_of(parent).settled()
    }

    /// Borders that are not drawn take no room.
    pub(crate) fn settled(mut self) -> Style {
        for (width, border) in [
            (&mut self.border_top_width, self.border_top_style),
            (&mut self.border_right_width, self.border_right_style),
            (&mut self.border_bottom_width, self.border_bottom_style),
            (&mut self.border_left_width, self.border_left_style),
            (&mut self.outline_width, self.outline_style),
            (&mut self.column_rule_width, self.column_rule_style),
        ] {
            if !border.is_seen() {
                *width = 0.0;
            }
        }
        self
    }
}

/// `color` itself: what is the text's colour elsewhere is the parent's here, which the element has already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColorOf(pub(crate) Color);

impl ColorOf {
    fn parse(text: &mut Cursor<'_, '_>) -> Option<Self> {
        Color::parse(text).map(ColorOf)
    }

    fn compute(self, _: &Context) -> Rgba {
        self.0.resolve(Rgba::BLACK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    #[test]
    fn every_property_is_found_by_its_name() {
        for (longhand, name) in Longhand::ALL {
            assert_eq!(Longhand::of(name), Some(*longhand), "{name}");
        }
    }

    #[test]
    fn values_reach_their_fields() {
        let mut style = Style::initial();
        for (name, value) in [
            ("margin-top", "2em"),
            ("display", "grid"),
            ("background-image", "none, url(a.png)"),
            ("line-height", "1.5"),
        ] {
            let tokens = tokenize(value);
            let property = Cursor::new(&tokens)
                .whole(|text| Longhand::of(name)?.parse(text))
                .unwrap();
            property.apply(&mut style, &Context::sample());
        }
        assert_eq!(style.margin_top, Some(Lp::Px(40.0)));
        assert_eq!(style.display, Display::Grid);
        assert_eq!(style.background_image.len(), 2);
        assert_eq!(style.line_height, LineHeight::Number(1.5));
        let child = Style::child_of(&style);
        assert_eq!(child.line_height, LineHeight::Number(1.5));
        assert_eq!(child.display, Display::Inline);
    }
}
