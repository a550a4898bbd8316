//! Mermaid's `stateDiagram-v2`. States go by numbers, so that no name of a document is ever Mermaid's syntax.

use std::fmt::{self, Display, Write};

use super::chart::{Arrow, Chart, From};
use crate::draft::Kind;
use crate::model::Ix;

pub(super) fn write(chart: &Chart<'_>, is_active: &[bool]) -> String {
    let mut writer = Writer {
        chart,
        inside: vec![Vec::new(); chart.shapes.len()],
        arrows: Vec::new(),
        out: "stateDiagram-v2\n".into(),
    };
    for arrow in &chart.arrows {
        writer.sort(arrow);
    }
    writer.state(0, 1);
    for arrow in std::mem::take(&mut writer.arrows) {
        writer.arrow(arrow);
    }
    writer.mark(
        is_active,
        false,
        "active",
        "fill:#fde68a,stroke:#b45309,color:#1f2937",
    );
    writer.mark(is_active, true, "around", "stroke:#b45309,stroke-width:2px");
    writer.out
}

struct Writer<'c> {
    chart: &'c Chart<'c>,
    /// What Mermaid cannot draw, as lines for the state around it.
    inside: Vec<Vec<String>>,
    arrows: Vec<&'c Arrow>,
    out: String,
}

impl<'c> Writer<'c> {
    /// Mermaid fails on an arrow between a state and what is inside it.
    fn sort(&mut self, arrow: &'c Arrow) {
        let From::State(from) = arrow.from else {
            return;
        };
        let (chart, to) = (self.chart, arrow.to);
        let is_nested = from != to && (chart.is_around(from, to) || chart.is_around(to, from));
        if !is_nested {
            return self.arrows.push(arrow);
        }
        if let (Some(lines), Some(target)) = (
            self.inside.get_mut(from as usize),
            chart.shapes.get(to as usize),
        ) {
            lines.push(format!("{} → {}", arrow.label, target.title));
        }
    }

    /// Active states, those with or those without states inside: a box that is filled would hide what is in it.
    fn mark(&mut self, is_active: &[bool], has_inside: bool, class: &str, style: &str) {
        let states = (0..).zip(is_active).filter(|(_, is_active)| **is_active);
        let states = states.filter(|(ix, _)| self.chart.has_inside(*ix) == has_inside);
        let states: Vec<String> = states.map(|(ix, _)| format!("s{ix}")).collect();
        if !states.is_empty() {
            self.line(1, &format!("classDef {class} {style}"));
            self.line(1, &format!("class {} {class}", states.join(",")));
        }
    }

    fn state(&mut self, ix: Ix, depth: usize) {
        let (Some(shape), Some(inside)) = (
            self.chart.shapes.get(ix as usize),
            self.inside.get(ix as usize),
        ) else {
            return;
        };
        let lines = shape.lines.iter().chain(inside);
        let lines = lines.map(|line| Text(line).to_string());
        let text: Vec<String> = std::iter::once(Text(&shape.title).to_string())
            .chain(lines)
            .collect();
        let opened = format!("state \"{}\" as s{ix}", text.join("<br/>"));
        if self.chart.has_inside(ix) {
            self.line(depth, &format!("{opened} {{"));
            self.children(ix, depth + 1);
            return self.line(depth, "}");
        }
        self.line(depth, &opened);
        if self.chart.model.node(ix).kind == Kind::Final {
            self.line(depth, &format!("s{ix} --> [*]"));
        }
    }

    fn children(&mut self, ix: Ix, depth: usize) {
        let chart = self.chart;
        let own = chart
            .arrows
            .iter()
            .filter(|arrow| arrow.from == From::Dot(ix));
        for arrow in own {
            self.line(depth, &format!("[*] --> s{}{}", arrow.to, Suffix(arrow)));
        }
        for (place, child) in chart.model.node(ix).children.iter().enumerate() {
            if place > 0 && chart.is_parallel(ix) {
                self.line(depth, "--");
            }
            self.state(*child, depth);
        }
    }

    fn arrow(&mut self, arrow: &Arrow) {
        if let From::State(from) = arrow.from {
            self.line(1, &format!("s{from} --> s{}{}", arrow.to, Suffix(arrow)));
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        self.out.extend(std::iter::repeat_n("    ", depth));
        self.out.push_str(line);
        self.out.push('\n');
    }
}

/// ` : label`, or nothing.
struct Suffix<'a>(&'a Arrow);

impl Display for Suffix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.0.label.to_string();
        match label.is_empty() {
            true => Ok(()),
            false => write!(f, " : {}", Text(&label)),
        }
    }
}

/// Mermaid reads `#60;` as the character of this number: all that could be its syntax, a directive, or HTML goes so.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            let is_plain = character.is_alphanumeric() || !character.is_ascii();
            match character {
                // Mermaid keeps `#60;` as `ﬂ°°60¶ß` for a while, which a document could say as well.
                'ﬂ' | '°' | '¶' | 'ß' => write!(f, "#{};", character as u32)?,
                ' ' | '.' | ',' | '_' | '/' | '(' | ')' | '[' | ']' | '=' | '+' => {
                    f.write_char(character)?
                }
                plain if is_plain => f.write_char(plain)?,
                syntax => write!(f, "#{};", syntax as u32)?,
            }
        }
        Ok(())
    }
}
