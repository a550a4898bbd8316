//! What all formats have in common: sheets with names, and which of them are asked for.

use crate::error::SheetError;
use crate::format::Format;
use crate::grid::Sheet;
use crate::text::Texts;

/// What a sheet holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Worksheet,
    Chart,
    Dialog,
    Macro,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Kind::Worksheet => "worksheet",
            Kind::Chart => "chart",
            Kind::Dialog => "dialog",
            Kind::Macro => "macro",
        }
    }
}

/// Whether people see it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Visibility {
    Visible,
    Hidden,
    /// Only a program can show it.
    VeryHidden,
}

impl Visibility {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Visibility::Visible => "visible",
            Visibility::Hidden => "hidden",
            Visibility::VeryHidden => "very_hidden",
        }
    }
}

/// A sheet as the workbook names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Info {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) visibility: Visibility,
}

/// Which sheets are asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Choice {
    /// The first worksheet.
    First,
    /// By its place, counted from 0.
    Index(usize),
    /// By its name, exactly.
    Name(String),
    /// Every worksheet.
    All,
}

impl Choice {
    /// The places of what was asked for.
    pub(crate) fn of(&self, sheets: &[Info]) -> Result<Vec<usize>, SheetError> {
        let is_worksheet = |place: &usize| {
            sheets
                .get(*place)
                .is_some_and(|info| info.kind == Kind::Worksheet)
        };
        let found = match self {
            Choice::First => (0..sheets.len()).find(is_worksheet),
            Choice::Index(index) => Some(*index).filter(|index| *index < sheets.len()),
            Choice::Name(name) => sheets.iter().position(|info| info.name == *name),
            Choice::All => return Ok((0..sheets.len()).filter(is_worksheet).collect()),
        };
        match found {
            Some(place) if is_worksheet(&place) => Ok(vec![place]),
            Some(place) => Err(SheetError::unsupported(format!(
                "sheet {place} is a {} sheet and has no cells",
                sheets.get(place).map_or("", |info| info.kind.name())
            ))),
            None => Err(self.missing(sheets.len())),
        }
    }

    fn missing(&self, count: usize) -> SheetError {
        let message = match self {
            Choice::Name(name) => format!(
                "there is no sheet {:?} among {count}",
                wardian_guest_kit::cut(name)
            ),
            Choice::Index(index) => {
                format!("there is no sheet {index}: the workbook has {count}, counted from 0")
            }
            Choice::First | Choice::All => "the workbook has no worksheet".to_owned(),
        };
        SheetError::new("sheet.no_such_sheet", message)
    }
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) format: Format,
    pub(crate) texts: Texts,
    /// In the order of the workbook, each with its place in it.
    pub(crate) sheets: Vec<(usize, Info, Sheet)>,
    /// Of CSV only: what its bytes and its fields turned out to be.
    pub(crate) dialect: Option<(&'static str, char)>,
}
