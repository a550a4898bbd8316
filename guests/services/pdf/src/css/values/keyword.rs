//! Properties whose values are words.

use super::keywords;

keywords! {
    Position {
        Static | "static", Relative | "relative", Absolute | "absolute", Fixed | "fixed",
        // Nothing scrolls on paper.
        Sticky | "sticky" | "-webkit-sticky",
    }
    Float { None | "none", Left | "left" | "inline-start", Right | "right" | "inline-end" }
    Clear {
        None | "none", Left | "left" | "inline-start", Right | "right" | "inline-end", Both | "both",
    }
    BoxSizing { Content | "content-box", Border | "border-box" }
    Overflow {
        Visible | "visible", Hidden | "hidden" | "clip", Scroll | "scroll", Auto | "auto" | "overlay",
    }
    Visibility { Visible | "visible", Hidden | "hidden", Collapse | "collapse" }
    Direction { Ltr | "ltr", Rtl | "rtl" }
    UnicodeBidi {
        Normal | "normal", Embed | "embed", Isolate | "isolate", Override | "bidi-override",
        IsolateOverride | "isolate-override", Plaintext | "plaintext",
    }
    TextAlign {
        Start | "start", End | "end", Left | "left", Right | "right", Center | "center",
        Justify | "justify", MatchParent | "match-parent",
        // What `align` attributes mean: blocks follow, not text alone.
        BlockLeft | "-webkit-left", BlockRight | "-webkit-right", BlockCenter | "-webkit-center",
        // Of the heads of tables: centred, unless somebody above said something.
        Head | "-wardian-head",
    }
    TextAlignLast {
        Auto | "auto", Start | "start", End | "end", Left | "left", Right | "right", Center | "center",
        Justify | "justify",
    }
    TextTransform {
        None | "none", Uppercase | "uppercase", Lowercase | "lowercase", Capitalize | "capitalize",
        FullWidth | "full-width",
    }
    WhiteSpace {
        Normal | "normal" | "collapse", Pre | "pre", Nowrap | "nowrap",
        PreWrap | "pre-wrap" | "preserve", BreakSpaces | "break-spaces", PreLine | "pre-line" | "preserve-breaks",
    }
    WordBreak {
        Normal | "normal", BreakAll | "break-all", KeepAll | "keep-all", BreakWord | "break-word",
        AutoPhrase | "auto-phrase",
    }
    OverflowWrap { Normal | "normal", BreakWord | "break-word", Anywhere | "anywhere" }
    Hyphens { Manual | "manual", None | "none", Auto | "auto" }
    FontStyle { Normal | "normal", Italic | "italic", Oblique | "oblique" }
    FontCaps {
        Normal | "normal" | "none", SmallCaps | "small-caps", AllSmallCaps | "all-small-caps",
        PetiteCaps | "petite-caps", AllPetiteCaps | "all-petite-caps", Unicase | "unicase", TitlingCaps | "titling-caps",
    }
    ListStylePosition { Outside | "outside", Inside | "inside" }
    CaptionSide { Top | "top", Bottom | "bottom" }
    TableLayout { Auto | "auto", Fixed | "fixed" }
    BorderCollapse { Separate | "separate", Collapse | "collapse" }
    EmptyCells { Show | "show", Hide | "hide" }
    FlexDirection {
        Row | "row", RowReverse | "row-reverse", Column | "column", ColumnReverse | "column-reverse",
    }
    FlexWrap { Nowrap | "nowrap", Wrap | "wrap", WrapReverse | "wrap-reverse" }
    ObjectFit {
        Fill | "fill", Contain | "contain", Cover | "cover", None | "none", ScaleDown | "scale-down",
    }
    BreakBetween {
        Auto | "auto", Avoid | "avoid" | "avoid-page",
        Page | "page" | "always" | "all", Left | "left" | "verso", Right | "right" | "recto",
        // Said of columns and regions, which do not break pages.
        Column | "column" | "avoid-column" | "region" | "avoid-region",
    }
    BreakInside { Auto | "auto" | "avoid-column" | "avoid-region", Avoid | "avoid" | "avoid-page" }
    DecorationBreak { Slice | "slice", Clone | "clone" }
    BlendMode {
        Normal | "normal", Multiply | "multiply", Screen | "screen", Overlay | "overlay", Darken | "darken",
        Lighten | "lighten", ColorDodge | "color-dodge", ColorBurn | "color-burn", HardLight | "hard-light",
        SoftLight | "soft-light", Difference | "difference", Exclusion | "exclusion", Hue | "hue",
        Saturation | "saturation", Color | "color", Luminosity | "luminosity",
    }
    ColumnFill { Balance | "balance" | "balance-all", Auto | "auto" }
    ColumnSpan { None | "none" | "1", All | "all" }
}
