//! Warnings: what could not be shown as it was meant, while the rest could.

use crate::budget::WARNINGS_MAX;

/// Something that is not as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    /// Stable, such as `pdf.image`.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// All of a document, each once.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    pub(crate) list: Vec<Warning>,
    /// Those beyond the cap.
    pub(crate) more: usize,
}

impl Warnings {
    pub(crate) fn add(&mut self, code: &'static str, message: impl Into<String>) {
        let warning = Warning {
            code,
            message: message.into(),
        };
        if self.list.contains(&warning) {
            return;
        }
        if self.list.len() < WARNINGS_MAX {
            self.list.push(warning);
        } else {
            self.more += 1;
        }
    }
}

/// An address as a message shows it: short, and a data URL without its data.
pub(crate) fn shown(url: &str) -> String {
    let head = match url.split_once(',') {
        Some((head, _)) if url.starts_with("data:") => format!("{head},…"),
        _ => url.to_owned(),
    };
    let mut out: String = head.chars().take(80).collect();
    if out.len() < head.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_said_once_and_not_too_many() {
        let mut warnings = Warnings::default();
        for n in 0..WARNINGS_MAX + 3 {
            warnings.add("pdf.image", format!("picture {n}"));
            warnings.add("pdf.image", format!("picture {n}"));
        }
        assert_eq!(warnings.list.len(), WARNINGS_MAX);
        assert_eq!(warnings.more, 6, "what is beyond the cap is only counted");
        assert_eq!(
            shown("data:image/png;base64,AAAA"),
            "data:image/png;base64,…"
        );
        assert_eq!(
            shown("https://example.com/a.png"),
            "https://example.com/a.png"
        );
    }
}
