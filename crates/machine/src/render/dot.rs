//! Graphviz' DOT. A state with states inside is a cluster, with a point that no one sees for arrows to hold on to.

use std::fmt::{self, Display, Write};

use super::chart::{Arrow, Chart, From};
use crate::draft::Kind;
use crate::model::Ix;

pub(super) fn write(chart: &Chart<'_>, is_active: &[bool]) -> String {
    let mut writer = Writer {
        chart,
        is_active,
        out: String::new(),
    };
    writer.line(0, "digraph machine {");
    // Without `newrank`, arrows that go in circles between clusters make Graphviz 2.43 fail.
    writer.line(
        1,
        "compound=true; newrank=true; rankdir=TB; fontname=\"sans-serif\";",
    );
    writer.line(
        1,
        "node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=12];",
    );
    writer.line(1, "edge [fontname=\"sans-serif\", fontsize=10];");
    writer.state(0, 1);
    for arrow in &chart.arrows {
        writer.arrow(arrow);
    }
    writer.line(0, "}");
    writer.out
}

struct Writer<'c> {
    chart: &'c Chart<'c>,
    is_active: &'c [bool],
    out: String,
}

impl Writer<'_> {
    fn state(&mut self, ix: Ix, depth: usize) {
        match self.chart.has_inside(ix) {
            true => self.cluster(ix, depth),
            false => {
                let attributes = self.leaf(ix);
                self.line(depth, &format!("s{ix} [{attributes}];"));
            }
        }
    }

    fn leaf(&self, ix: Ix) -> String {
        let (shape, line) = match self.chart.model.node(ix).kind {
            Kind::Final => (", shape=oval, peripheries=2", "solid"),
            Kind::History { .. } => (", shape=circle", "solid"),
            _ if self.is_region(ix) => ("", "rounded,dashed"),
            _ => ("", "rounded"),
        };
        let style = match (self.is_active(ix), line) {
            (true, line) => {
                format!(", style=\"{line},filled\", fillcolor=\"#fde68a\", color=\"#b45309\"")
            }
            (false, "rounded") => String::new(),
            (false, line) => format!(", style=\"{line}\""),
        };
        format!("label=\"{}\"{shape}{style}", self.text(ix))
    }

    fn is_region(&self, ix: Ix) -> bool {
        let parent = self.chart.model.node(ix).parent;
        parent.is_some_and(|parent| self.chart.is_parallel(parent))
    }

    fn cluster(&mut self, ix: Ix, depth: usize) {
        let chart = self.chart;
        let style = match (self.is_active(ix), self.is_region(ix)) {
            (true, true) => "style=\"rounded,dashed\"; color=\"#b45309\"; penwidth=2;",
            (true, false) => "style=rounded; color=\"#b45309\"; penwidth=2;",
            (false, true) => "style=\"rounded,dashed\";",
            (false, false) => "style=rounded;",
        };
        self.line(depth, &format!("subgraph cluster_{ix} {{"));
        let text = self.text(ix);
        self.line(depth + 1, &format!("label=\"{text}\"; {style}"));
        self.line(
            depth + 1,
            &format!("a{ix} [shape=point, style=invis, label=\"\"];"),
        );
        if chart.model.node(ix).initial.is_some() {
            self.line(
                depth + 1,
                &format!("d{ix} [shape=point, width=0.12, label=\"\"];"),
            );
        }
        for child in &chart.model.node(ix).children {
            self.state(*child, depth + 1);
        }
        self.line(depth, "}");
    }

    fn text(&self, ix: Ix) -> String {
        let Some(shape) = self.chart.shapes.get(ix as usize) else {
            return String::new();
        };
        let all = std::iter::once(&shape.title).chain(&shape.lines);
        all.map(|line| Text(line).to_string())
            .collect::<Vec<_>>()
            .join("\\n")
    }

    fn arrow(&mut self, arrow: &Arrow) {
        let chart = self.chart;
        let end = |ix: Ix| format!("{}{ix}", if chart.has_inside(ix) { "a" } else { "s" });
        let mut attributes = Vec::new();
        let label = arrow.label.to_string();
        if !label.is_empty() {
            attributes.push(format!("label=\"{}\"", Text(&label)));
        }
        let from = match arrow.from {
            From::Dot(ix) => format!("d{ix}"),
            From::State(ix) => end(ix),
        };
        // Graphviz clips an arrow at a cluster only where its other end lies outside.
        let is_outside =
            |around: Ix, other: Ix| chart.has_inside(around) && !chart.is_around(around, other);
        match arrow.from {
            From::State(from) => {
                if is_outside(from, arrow.to) {
                    attributes.push(format!("ltail=cluster_{from}"));
                }
                if is_outside(arrow.to, from) {
                    attributes.push(format!("lhead=cluster_{}", arrow.to));
                }
            }
            From::Dot(_) if chart.has_inside(arrow.to) => {
                attributes.push(format!("lhead=cluster_{}", arrow.to));
            }
            From::Dot(_) => {}
        }
        let to = end(arrow.to);
        let attributes = match &*attributes {
            [] => String::new(),
            some => format!(" [{}]", some.join(", ")),
        };
        self.line(1, &format!("{from} -> {to}{attributes};"));
    }

    fn is_active(&self, ix: Ix) -> bool {
        self.is_active.get(ix as usize).copied().unwrap_or_default()
    }

    fn line(&mut self, depth: usize, line: &str) {
        self.out.extend(std::iter::repeat_n("    ", depth));
        self.out.push_str(line);
        self.out.push('\n');
    }
}

/// Inside the quotes of DOT, where a backslash begins an escape and an ampersand an entity.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}
