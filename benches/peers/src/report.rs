//! Tables and targets as Markdown.

use crate::method::Measured;
use std::fmt::Write;

/// What one row of the benches found.
#[derive(Default)]
pub struct Section {
    pub title: String,
    pub note: String,
    pub header: Vec<String>,
    pub lines: Vec<Vec<String>>,
    pub targets: Vec<Target>,
}

pub struct Target {
    pub what: String,
    pub wanted: String,
    pub found: String,
    pub met: bool,
}

impl Section {
    pub fn new(title: &str, note: &str) -> Section {
        Section {
            title: title.into(),
            note: note.into(),
            ..Section::default()
        }
    }

    pub fn header(mut self, columns: &[&str]) -> Section {
        self.header = columns.iter().map(|&c| c.into()).collect();
        self
    }

    pub fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        self.lines.push(cells.into_iter().collect());
    }

    /// A table of timed cases, with ratios to the first.
    pub fn timed(title: &str, note: &str, measured: &[Measured]) -> Section {
        let mut section =
            Section::new(title, note).header(&["case", "p50", "p10", "p90", "CPU", "× first"]);
        let first = measured.first().map_or(f64::NAN, Measured::figure);
        for m in measured {
            let times = [m.p50, m.p10, m.p90, m.cpu].map(time);
            let ratio = format!("{:.2}", m.figure() / first);
            section.line([m.name.clone()].into_iter().chain(times).chain([ratio]));
        }
        section
    }

    pub fn target(
        &mut self,
        what: &str,
        wanted: impl Into<String>,
        found: impl Into<String>,
        met: bool,
    ) {
        self.targets.push(Target {
            what: what.into(),
            wanted: wanted.into(),
            found: found.into(),
            met,
        });
    }

    /// A target on a duration in nanoseconds.
    pub fn at_most(&mut self, what: &str, found: f64, max: f64) {
        self.target(what, format!("≤ {}", time(max)), time(found), found <= max);
    }

    /// A target on a ratio that must not be exceeded.
    pub fn ratio_at_most(&mut self, what: &str, found: f64, max: f64) {
        self.target(
            what,
            format!("≤ {max} ×"),
            format!("{found:.2} ×"),
            found <= max,
        );
    }

    /// A target on a ratio that must be reached.
    pub fn ratio_at_least(&mut self, what: &str, found: f64, min: f64) {
        self.target(
            what,
            format!("≥ {min} ×"),
            format!("{found:.2} ×"),
            found >= min,
        );
    }
}

/// The figure of a case by its name; not a number where it was not measured, which meets no target.
pub fn figure(measured: &[Measured], name: &str) -> f64 {
    measured
        .iter()
        .find(|m| m.name == name)
        .map_or(f64::NAN, Measured::figure)
}

/// Nanoseconds for people.
pub fn time(ns: f64) -> String {
    match ns {
        n if n.is_nan() => "–".into(),
        n if n < 0.0 => format!("−{}", time(-n)),
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e5 => format!("{:.2} µs", n / 1e3),
        n if n < 1e6 => format!("{:.0} µs", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

pub fn markdown(machine: &str, sections: &[Section]) -> String {
    let mut text = String::from(
        "# Performance\n\nWritten by `cargo xtask bench` (`benches/peers`); not edited by hand.\n\n",
    );
    let _ = writeln!(text, "{machine}");
    text.push_str(METHOD);
    let _ = writeln!(
        text,
        "\n## Targets\n\n| row | what | wanted | found | |\n|---|---|---|---|---|"
    );
    for section in sections {
        targets(section, &mut text);
    }
    for section in sections {
        table(section, &mut text);
    }
    text
}

fn targets(section: &Section, text: &mut String) {
    for t in &section.targets {
        let met = if t.met { "met" } else { "**missed**" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {met} |",
            section.title, t.what, t.wanted, t.found
        );
    }
}

fn table(section: &Section, text: &mut String) {
    let _ = writeln!(text, "\n## {}\n\n{}\n", section.title, section.note);
    let _ = writeln!(
        text,
        "| {} |\n|{}",
        section.header.join(" | "),
        "---|".repeat(section.header.len())
    );
    for line in &section.lines {
        let _ = writeln!(text, "| {} |", line.join(" | "));
    }
}

/// A report with some sections measured anew, each in the place of the old one of its title or behind the others. The
/// rest of the report stays as it was measured, so each says when it was its turn.
pub fn renewed(old: &str, when: &str, sections: Vec<Section>) -> String {
    let mut parts: Vec<String> = old.split("\n## ").map(str::to_owned).collect();
    for mut section in sections {
        section.note = format!("{} Measured apart from the others: {when}.", section.note);
        let mut new = String::new();
        table(&section, &mut new);
        let new = new.trim_start_matches("\n## ").to_owned();
        let begins = format!("{}\n", section.title);
        match parts.iter_mut().find(|part| part.starts_with(&begins)) {
            Some(part) => *part = new,
            None => parts.push(new),
        }
        if let Some(list) = parts.iter_mut().find(|part| part.starts_with("Targets\n")) {
            let of_section = format!("| {} |", section.title);
            let mut kept: String = list
                .lines()
                .filter(|line| !line.starts_with(&of_section))
                .flat_map(|line| [line, "\n"])
                .collect();
            targets(&section, &mut kept);
            *list = kept;
        }
    }
    parts.join("\n## ")
}

const METHOD: &str = "
**Method.** All cases of a table run in one process, calibrated to batches of about 20 µs and interleaved in rounds.
Figures are the median a call on the wall clock, for calls over 1 ms the median of thread CPU time; ratios are to the
first case of the same table and hold between machines better than the figures do. Every case does the same work with
the same guest source, with metering and a deadline armed wherever the engine can arm one. The native cases use the
system's allocator.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_renewed_in_their_places() {
        let section = |title: &str, found: f64| {
            let mut section = Section::new(title, "A note.").header(&["case"]);
            section.line([time(found)]);
            section.at_most("it", found, 100.0);
            section
        };
        let old = markdown("| machine |", &[section("One", 7.0), section("Two", 8.0)]);
        let new = renewed(
            &old,
            "now",
            vec![section("One", 700.0), section("Three", 9.0)],
        );
        let all = [
            "| Two | it | ≤ 100 ns | 8 ns | met |\n| One | it | ≤ 100 ns | 700 ns | **missed** |\n| Three | it | ≤ 100 ns | 9 ns | met |\n\n## One",
            "## One\n\nA note. Measured apart from the others: now.\n\n| case |\n|---|\n| 700 ns |\n\n## Two\n\nA note.\n",
            "| 8 ns |\n\n## Three\n",
        ];
        for part in all {
            assert!(new.contains(part), "{part} is not in {new}");
        }
        assert!(!new.contains("| 7 ns |"));
    }
}
