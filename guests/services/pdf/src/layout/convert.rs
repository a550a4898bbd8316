//! A style as the layout algorithms want it.

use std::cell::RefCell;
use std::rc::Rc;

use taffy::style_helpers::TaffyAuto as _;

use crate::css::property::Style;
use crate::css::values::boxes::Display;
use crate::css::values::calc::Shared;
use crate::css::values::grid::{Align, Breadth, GridLine, Part, Repeat, Track};
use crate::css::values::keyword::{
    BoxSizing, Clear, Direction, FlexDirection, FlexWrap, Float, Overflow, Position, TextAlign,
};
use crate::css::values::length::{Lp, Size};

/// A style of the layout algorithms.
pub(crate) type Flow = taffy::Style<Rc<str>>;

/// Expressions that are only known when there is a basis; the layout algorithms carry their numbers.
#[derive(Debug, Default)]
pub(crate) struct Calcs {
    nodes: RefCell<Vec<Shared>>,
}

impl Calcs {
    /// Numbers stand where the algorithms keep an address; its lowest three bits are theirs.
    fn keep(&self, node: &Shared) -> *const () {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(node.clone());
        std::ptr::without_provenance(nodes.len() << 3)
    }

    pub(crate) fn resolve(&self, at: *const (), basis: f32) -> f32 {
        let at = (at.addr() >> 3).wrapping_sub(1);
        self.nodes
            .borrow()
            .get(at)
            .map_or(0.0, |node| node.resolve(basis))
    }

    fn lp(&self, lp: &Lp) -> taffy::LengthPercentage {
        match lp {
            Lp::Px(px) => taffy::LengthPercentage::length(*px),
            Lp::Share(share) => taffy::LengthPercentage::percent(*share),
            Lp::Calc(node) => taffy::LengthPercentage::calc(self.keep(node)),
        }
    }

    fn auto(&self, lp: &Option<Lp>) -> taffy::LengthPercentageAuto {
        match lp {
            None => taffy::LengthPercentageAuto::auto(),
            Some(Lp::Px(px)) => taffy::LengthPercentageAuto::length(*px),
            Some(Lp::Share(share)) => taffy::LengthPercentageAuto::percent(*share),
            Some(Lp::Calc(node)) => taffy::LengthPercentageAuto::calc(self.keep(node)),
        }
    }

    fn size(&self, size: &Size) -> taffy::Dimension {
        match size {
            Size::Auto => taffy::Dimension::AUTO,
            Size::MinContent => taffy::Dimension::min_content(),
            Size::MaxContent => taffy::Dimension::max_content(),
            Size::FitContent => taffy::Dimension::fit_content(),
            Size::Stretch => taffy::Dimension::stretch(),
            Size::Length(Lp::Px(px)) => taffy::Dimension::length(*px),
            Size::Length(Lp::Share(share)) => taffy::Dimension::percent(*share),
            Size::Length(Lp::Calc(node)) => taffy::Dimension::calc(self.keep(node)),
        }
    }

    /// A limit; those that depend on what is inside are none.
    fn limit(&self, size: &Size) -> taffy::LengthPercentageAuto {
        match size {
            Size::Length(lp) => self.auto(&Some(lp.clone())),
            _ => taffy::LengthPercentageAuto::auto(),
        }
    }

    fn track(&self, track: &Track) -> taffy::TrackSizingFunction {
        use taffy::{MaxTrackSizingFunction as Max, MinTrackSizingFunction as Min};
        let min = |breadth: &Breadth| match breadth {
            Breadth::Auto | Breadth::Fraction(_) => Min::auto(),
            Breadth::MinContent => Min::min_content(),
            Breadth::MaxContent => Min::max_content(),
            Breadth::Length(Lp::Px(px)) => Min::length(*px),
            Breadth::Length(Lp::Share(share)) => Min::percent(*share),
            Breadth::Length(Lp::Calc(node)) => Min::calc(self.keep(node)),
        };
        let max = |breadth: &Breadth| match breadth {
            Breadth::Auto => Max::auto(),
            Breadth::MinContent => Max::min_content(),
            Breadth::MaxContent => Max::max_content(),
            Breadth::Fraction(fraction) => Max::fr(*fraction),
            Breadth::Length(Lp::Px(px)) => Max::length(*px),
            Breadth::Length(Lp::Share(share)) => Max::percent(*share),
            Breadth::Length(Lp::Calc(node)) => Max::calc(self.keep(node)),
        };
        match track {
            Track::Breadth(breadth) => taffy::MinMax {
                min: min(breadth),
                max: max(breadth),
            },
            Track::MinMax(from, to) => taffy::MinMax {
                min: min(from),
                max: max(to),
            },
            Track::FitContent(lp) => taffy::MinMax {
                min: Min::auto(),
                max: match lp {
                    Lp::Px(px) => Max::fit_content_px(*px),
                    Lp::Share(share) => Max::fit_content_percent(*share),
                    Lp::Calc(node) => Max::fit_content_px(node.resolve(0.0)),
                },
            },
        }
    }

    /// The tracks of a template, and the names of the lines around them: one list more than there are tracks.
    fn template(&self, parts: &[Part]) -> (Components, Vec<Vec<Rc<str>>>) {
        let tracks: Components = parts
            .iter()
            .filter_map(|part| match part {
                Part::Names(_) => None,
                Part::Track(track) => Some(taffy::GridTemplateComponent::Single(self.track(track))),
                Part::Repeat(repeat, inner) => Some(taffy::GridTemplateComponent::Repeat(
                    self.repetition(*repeat, inner),
                )),
            })
            .collect();
        let names = match tracks.is_empty() {
            true => Vec::new(),
            false => line_names(parts),
        };
        (tracks, names)
    }

    fn repetition(&self, repeat: Repeat, parts: &[Part]) -> taffy::GridTemplateRepetition<Rc<str>> {
        let tracks = parts.iter().filter_map(|part| match part {
            Part::Track(track) => Some(self.track(track)),
            Part::Names(_) | Part::Repeat(..) => None,
        });
        taffy::GridTemplateRepetition {
            count: match repeat {
                Repeat::Times(times) => taffy::RepetitionCount::Count(times),
                Repeat::Fill => taffy::RepetitionCount::AutoFill,
                Repeat::Fit => taffy::RepetitionCount::AutoFit,
            },
            tracks: tracks.collect(),
            line_names: line_names(parts),
        }
    }

    /// The whole style.
    pub(crate) fn flow(&self, style: &Style) -> Flow {
        let mut flow = Flow {
            display: display(style.display),
            item_is_table: matches!(style.display, Display::Table | Display::InlineTable),
            box_sizing: match style.box_sizing {
                BoxSizing::Content => taffy::BoxSizing::ContentBox,
                BoxSizing::Border => taffy::BoxSizing::BorderBox,
            },
            direction: match style.direction {
                Direction::Ltr => taffy::Direction::Ltr,
                Direction::Rtl => taffy::Direction::Rtl,
            },
            overflow: taffy::Point {
                x: overflow(style.overflow_x),
                y: overflow(style.overflow_y),
            },
            inset: taffy::Rect {
                left: self.auto(&style.left),
                right: self.auto(&style.right),
                top: self.auto(&style.top),
                bottom: self.auto(&style.bottom),
            },
            size: taffy::Size {
                width: self.size(&style.width),
                height: self.size(&style.height),
            },
            min_size: taffy::Size {
                width: self.limit(&style.min_width),
                height: self.limit(&style.min_height),
            },
            max_size: taffy::Size {
                width: self.limit(&style.max_width),
                height: self.limit(&style.max_height),
            },
            aspect_ratio: style.aspect_ratio.0,
            text_align: match style.text_align {
                TextAlign::BlockLeft => taffy::TextAlign::LegacyLeft,
                TextAlign::BlockRight => taffy::TextAlign::LegacyRight,
                TextAlign::BlockCenter => taffy::TextAlign::LegacyCenter,
                _ => taffy::TextAlign::Auto,
            },
            ..Flow::DEFAULT
        };
        placing(style, &mut flow);
        self.edges(style, &mut flow);
        self.alignment(style, &mut flow);
        match style.display {
            Display::Flex | Display::InlineFlex => flex_container(style, &mut flow),
            Display::Grid | Display::InlineGrid => self.grid_container(style, &mut flow),
            _ => {}
        }
        self.item(style, &mut flow);
        flow
    }

    fn edges(&self, style: &Style, flow: &mut Flow) {
        flow.margin = taffy::Rect {
            left: self.auto(&style.margin_left),
            right: self.auto(&style.margin_right),
            top: self.auto(&style.margin_top),
            bottom: self.auto(&style.margin_bottom),
        };
        flow.padding = taffy::Rect {
            left: self.lp(&style.padding_left),
            right: self.lp(&style.padding_right),
            top: self.lp(&style.padding_top),
            bottom: self.lp(&style.padding_bottom),
        };
        flow.border = taffy::Rect {
            left: taffy::LengthPercentage::length(style.border_left_width),
            right: taffy::LengthPercentage::length(style.border_right_width),
            top: taffy::LengthPercentage::length(style.border_top_width),
            bottom: taffy::LengthPercentage::length(style.border_bottom_width),
        };
    }

    fn alignment(&self, style: &Style, flow: &mut Flow) {
        let gap = |gap: &Option<Lp>| match gap {
            Some(gap) => self.lp(gap),
            None => taffy::LengthPercentage::length(0.0),
        };
        flow.gap = taffy::Size {
            width: gap(&style.column_gap),
            height: gap(&style.row_gap),
        };
        flow.align_items = items(style.align_items).unwrap_or(taffy::AlignItems::NORMAL);
        flow.justify_items = items(style.justify_items).unwrap_or(taffy::AlignItems::NORMAL);
        flow.align_self = items(style.align_self);
        flow.justify_self = items(style.justify_self);
        flow.align_content = content(style.align_content);
        flow.justify_content = content(style.justify_content);
    }

    fn grid_container(&self, style: &Style, flow: &mut Flow) {
        (flow.grid_template_columns, flow.grid_template_column_names) =
            self.template(&style.grid_columns);
        (flow.grid_template_rows, flow.grid_template_row_names) = self.template(&style.grid_rows);
        flow.grid_auto_columns = style
            .grid_auto_columns
            .iter()
            .map(|t| self.track(t))
            .collect();
        flow.grid_auto_rows = style.grid_auto_rows.iter().map(|t| self.track(t)).collect();
        flow.grid_auto_flow = match (style.grid_auto_flow.column, style.grid_auto_flow.dense) {
            (false, false) => taffy::GridAutoFlow::Row,
            (true, false) => taffy::GridAutoFlow::Column,
            (false, true) => taffy::GridAutoFlow::RowDense,
            (true, true) => taffy::GridAutoFlow::ColumnDense,
        };
        if style.grid_areas.rows > 0 {
            let areas = style.grid_areas.areas.iter();
            flow.grid_template_areas = Some(taffy::GridTemplateAreas {
                areas: areas
                    .map(|area| taffy::GridTemplateArea {
                        name: area.name.clone(),
                        row_start: area.rows.0,
                        row_end: area.rows.1,
                        column_start: area.columns.0,
                        column_end: area.columns.1,
                    })
                    .collect(),
                row_count: style.grid_areas.rows,
                column_count: style.grid_areas.columns,
            });
        }
    }

    /// What it says of its place in a flex or grid container.
    fn item(&self, style: &Style, flow: &mut Flow) {
        flow.flex_grow = style.flex_grow.max(0.0);
        flow.flex_shrink = style.flex_shrink.max(0.0);
        flow.flex_basis = match &style.flex_basis {
            Some(size) => self.size(size),
            None => taffy::Dimension::content(),
        };
        let line = |line: &GridLine| match line {
            GridLine::Auto => taffy::GridPlacement::Auto,
            GridLine::Line(at) => taffy::GridPlacement::Line((*at).into()),
            GridLine::Named(name, at) => taffy::GridPlacement::NamedLine(name.clone(), *at),
            GridLine::Span(n) => taffy::GridPlacement::Span(*n),
            GridLine::NamedSpan(name, n) => taffy::GridPlacement::NamedSpan(name.clone(), *n),
        };
        flow.grid_row = taffy::Line {
            start: line(&style.grid_row_start),
            end: line(&style.grid_row_end),
        };
        flow.grid_column = taffy::Line {
            start: line(&style.grid_column_start),
            end: line(&style.grid_column_end),
        };
    }
}

type Components = Vec<taffy::GridTemplateComponent<Rc<str>>>;

fn display(display: Display) -> taffy::Display {
    match display {
        Display::None => taffy::Display::None,
        Display::Flex | Display::InlineFlex => taffy::Display::Flex,
        Display::Grid | Display::InlineGrid => taffy::Display::Grid,
        Display::FlowRoot | Display::InlineBlock | Display::TableCell | Display::TableCaption => {
            taffy::Display::FlowRoot
        }
        _ => taffy::Display::Block,
    }
}

/// Nothing scrolls on paper, so no room is kept for scroll bars.
fn overflow(overflow: Overflow) -> taffy::Overflow {
    match overflow {
        Overflow::Visible => taffy::Overflow::Visible,
        Overflow::Hidden | Overflow::Scroll | Overflow::Auto => taffy::Overflow::Hidden,
    }
}

/// The names of the lines before, between and behind tracks.
fn line_names(parts: &[Part]) -> Vec<Vec<Rc<str>>> {
    let mut names: Vec<Vec<Rc<str>>> = vec![Vec::new()];
    for part in parts {
        match part {
            Part::Names(own) => {
                if let Some(last) = names.last_mut() {
                    last.extend(own.iter().cloned());
                }
            }
            Part::Track(_) | Part::Repeat(..) => names.push(Vec::new()),
        }
    }
    names
}

/// Whether it stands in the flow, beside it, or apart from it.
fn placing(style: &Style, flow: &mut Flow) {
    flow.float = match style.float {
        Float::None => taffy::Float::None,
        Float::Left => taffy::Float::Left,
        Float::Right => taffy::Float::Right,
    };
    flow.clear = match style.clear {
        Clear::None => taffy::Clear::None,
        Clear::Left => taffy::Clear::Left,
        Clear::Right => taffy::Clear::Right,
        Clear::Both => taffy::Clear::Both,
    };
    flow.position = match style.position {
        Position::Static if !style.transform.is_empty() => taffy::Position::Relative,
        Position::Static => taffy::Position::Static,
        Position::Relative => taffy::Position::Relative,
        Position::Absolute => taffy::Position::Absolute,
        Position::Fixed => taffy::Position::Fixed,
        Position::Sticky => taffy::Position::Sticky,
    };
}

fn flex_container(style: &Style, flow: &mut Flow) {
    flow.flex_direction = match style.flex_direction {
        FlexDirection::Row => taffy::FlexDirection::Row,
        FlexDirection::RowReverse => taffy::FlexDirection::RowReverse,
        FlexDirection::Column => taffy::FlexDirection::Column,
        FlexDirection::ColumnReverse => taffy::FlexDirection::ColumnReverse,
    };
    flow.flex_wrap = match style.flex_wrap {
        FlexWrap::Nowrap => taffy::FlexWrap::NoWrap,
        FlexWrap::Wrap => taffy::FlexWrap::Wrap,
        FlexWrap::WrapReverse => taffy::FlexWrap::WrapReverse,
    };
}

/// `None` is what the container says.
fn items(align: Align) -> Option<taffy::AlignItems> {
    use taffy::AlignItems as A;
    Some(match align {
        Align::Auto | Align::Normal => return None,
        Align::Start | Align::Left => A::START,
        Align::End | Align::Right => A::END,
        Align::FlexStart => A::FLEX_START,
        Align::FlexEnd => A::FLEX_END,
        Align::Center => A::CENTER,
        Align::Baseline | Align::LastBaseline => A::BASELINE,
        Align::Stretch => A::STRETCH,
        Align::SpaceBetween | Align::SpaceAround | Align::SpaceEvenly => return None,
    })
}

fn content(align: Align) -> taffy::AlignContent {
    use taffy::AlignContent as A;
    match align {
        Align::Start | Align::Left | Align::Baseline => A::START,
        Align::End | Align::Right | Align::LastBaseline => A::END,
        Align::FlexStart => A::FLEX_START,
        Align::FlexEnd => A::FLEX_END,
        Align::Center => A::CENTER,
        Align::Stretch => A::STRETCH,
        Align::SpaceBetween => A::SPACE_BETWEEN,
        Align::SpaceAround => A::SPACE_AROUND,
        Align::SpaceEvenly => A::SPACE_EVENLY,
        Align::Auto | Align::Normal => A::NORMAL,
    }
}
