//! Aligned columns.

use std::fmt::Write as _;

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows under a line of titles.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[(&str, Align)]) -> Table {
        Table {
            columns: columns
                .iter()
                .map(|(title, align)| ((*title).into(), *align))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells that are missing are empty.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Two spaces between columns, none at the end of a line.
    pub(crate) fn render(&self) -> String {
        let titles: Vec<&str> = self
            .columns
            .iter()
            .map(|(title, _)| title.as_str())
            .collect();
        let widths: Vec<usize> = (0..titles.len())
            .map(|at| {
                let cells = self
                    .rows
                    .iter()
                    .filter_map(|row| row.get(at).map(String::as_str));
                cells
                    .chain(titles.get(at).copied())
                    .map(width)
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut out = String::new();
        self.line(&mut out, &titles, &widths);
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            self.line(&mut out, &cells, &widths);
        }
        out
    }

    fn line(&self, out: &mut String, cells: &[&str], widths: &[usize]) {
        let mut line = String::new();
        for (at, ((_, align), width_max)) in self.columns.iter().zip(widths).enumerate() {
            let cell = cells.get(at).copied().unwrap_or_default();
            let room = " ".repeat(width_max.saturating_sub(width(cell)));
            let gap = if at == 0 { "" } else { "  " };
            // Writing into a String does not fail.
            let _ = match align {
                Align::Left => write!(line, "{gap}{cell}{room}"),
                Align::Right => write!(line, "{gap}{room}{cell}"),
            };
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&[
            ("name", Align::Left),
            ("µs", Align::Right),
            ("note", Align::Left),
        ]);
        table.row(["a".into(), "1,000".into(), String::new()]);
        table.row(["longer".into(), "7".into(), "x".into()]);
        assert_eq!(
            table.render(),
            "name       µs  note\na       1,000\nlonger      7  x\n"
        );
    }
}
