//! One level of a picture: what lies directly inside one state, arranged by `dagre` in layers from top to bottom.
//!
//! `dagre` lays out graphs without nesting best, and its arrows from and to nested graphs fail. Hence one run for each
//! level. It is given no cycles and no loops through names of ours, so that it has nothing to make up by itself.

mod order;

use std::panic::{AssertUnwindSafe, catch_unwind};

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel};

use super::RenderError;
use super::measure::Size;

/// Layers that all arrows of a picture may cross, one by one: some seconds.
pub(super) const BENDS_MAX: usize = 8_000;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Nodes go by their places.
impl Point {
    pub(super) fn moved(self, by: Point) -> Point {
        Point {
            x: self.x + by.x,
            y: self.y + by.y,
        }
    }
}

#[derive(Default)]
pub(super) struct Level {
    pub(super) nodes: Vec<Size>,
    pub(super) edges: Vec<Edge>,
}

#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Nothing where there is no label.
    pub(super) label: Size,
    /// How many layers it spans at least.
    pub(super) layers: usize,
    /// How much it is to be short and straight.
    pub(super) weight: i32,
    /// Whether it runs upwards; None where that may be as it comes.
    pub(super) is_up: Option<bool>,
}

/// In the order of nodes and edges.
#[derive(Debug, Default)]
pub(super) struct Arranged {
    pub(super) centers: Vec<Point>,
    /// From 0 at the top.
    pub(super) layers: Vec<usize>,
    /// From source to target, whichever is above.
    pub(super) lines: Vec<Vec<Point>>,
    pub(super) labels: Vec<Point>,
    /// All of it, from (0, 0).
    pub(super) size: Size,
}

/// `bends_left` is how many layers the edges of the whole picture may cross yet: the layout costs as much as that.
pub(super) fn arrange(level: &Level, bends_left: &mut usize) -> Result<Arranged, RenderError> {
    let turned = order::turned(level);
    let bends = order::bends(level, &turned);
    *bends_left = bends_left.checked_sub(bends).ok_or(RenderError::TooMany {
        what: "layers that arrows cross",
        found: BENDS_MAX - *bends_left + bends,
        max: BENDS_MAX,
    })?;
    let mut graph = graph(level, &turned);
    let options = LayoutOptions {
        nodesep: 36.0,
        edgesep: 18.0,
        ranksep: 44.0,
        ..LayoutOptions::default()
    };
    // A young library, and a picture is worth no crash: its bugs become an error.
    catch_unwind(AssertUnwindSafe(|| {
        dagre::layout(&mut graph, Some(options))
    }))
    .map_err(|_| RenderError::Layout)?;
    let mut arranged = read(level, &turned, &graph);
    arranged.fit(level)?;
    Ok(arranged)
}

fn graph(level: &Level, turned: &[bool]) -> Graph<NodeLabel, EdgeLabel> {
    let mut graph = Graph::with_options(GraphOptions {
        directed: true,
        multigraph: true,
        compound: false,
    });
    for (place, size) in level.nodes.iter().enumerate() {
        let label = NodeLabel {
            width: size.width,
            height: size.height,
            ..NodeLabel::default()
        };
        graph.set_node(place.to_string(), Some(label));
    }
    for (place, (edge, is_turned)) in level.edges.iter().zip(turned).enumerate() {
        let (from, to) = ends(edge, *is_turned);
        let label = EdgeLabel {
            minlen: edge.layers.max(1) as i32,
            weight: edge.weight,
            width: edge.label.width,
            height: edge.label.height,
            labelpos: dagre::layout::types::LabelPos::Center,
            ..EdgeLabel::default()
        };
        graph.set_edge(from, to, Some(label), Some(&place.to_string()));
    }
    graph
}

fn ends(edge: &Edge, is_turned: bool) -> (String, String) {
    match is_turned {
        true => (edge.to.to_string(), edge.from.to_string()),
        false => (edge.from.to_string(), edge.to.to_string()),
    }
}

fn read(level: &Level, turned: &[bool], graph: &Graph<NodeLabel, EdgeLabel>) -> Arranged {
    let mut arranged = Arranged::default();
    for place in 0..level.nodes.len() {
        let node = graph.node(&place.to_string());
        let at = |of: fn(&NodeLabel) -> Option<f64>| node.and_then(of).unwrap_or_default();
        arranged.centers.push(Point {
            x: at(|node| node.x),
            y: at(|node| node.y),
        });
        // Between two layers of nodes lies one of labels.
        let rank = node.and_then(|node| node.rank).unwrap_or_default();
        arranged.layers.push(rank.max(0) as usize / 2);
    }
    for (place, (edge, is_turned)) in level.edges.iter().zip(turned).enumerate() {
        let (from, to) = ends(edge, *is_turned);
        let label = graph.edge(&from, &to, Some(&place.to_string()));
        let points = label
            .map(|label| label.points.as_slice())
            .unwrap_or_default();
        let mut line: Vec<Point> = points
            .iter()
            .map(|point| Point {
                x: point.x,
                y: point.y,
            })
            .collect();
        if *is_turned {
            line.reverse();
        }
        arranged.lines.push(line);
        arranged.labels.push(Point {
            x: label.and_then(|label| label.x).unwrap_or_default(),
            y: label.and_then(|label| label.y).unwrap_or_default(),
        });
    }
    arranged
}

impl Arranged {
    /// Moves all to where the least coordinates are 0.
    fn fit(&mut self, level: &Level) -> Result<(), RenderError> {
        let (mut least, mut most) = (
            Point {
                x: f64::MAX,
                y: f64::MAX,
            },
            Point {
                x: f64::MIN,
                y: f64::MIN,
            },
        );
        let mut cover = |center: &Point, size: Size| {
            least.x = least.x.min(center.x - size.width / 2.0);
            least.y = least.y.min(center.y - size.height / 2.0);
            most.x = most.x.max(center.x + size.width / 2.0);
            most.y = most.y.max(center.y + size.height / 2.0);
        };
        for (center, size) in self.centers.iter().zip(&level.nodes) {
            cover(center, *size);
        }
        for ((line, label), edge) in self.lines.iter().zip(&self.labels).zip(&level.edges) {
            line.iter().for_each(|point| cover(point, Size::default()));
            if edge.label.width > 0.0 {
                cover(label, edge.label);
            }
        }
        let points = self.centers.iter_mut().chain(&mut self.labels);
        for point in points.chain(self.lines.iter_mut().flatten()) {
            point.x -= least.x;
            point.y -= least.y;
            if !point.x.is_finite() || !point.y.is_finite() {
                return Err(RenderError::Layout);
            }
        }
        self.size = Size {
            width: (most.x - least.x).max(0.0),
            height: (most.y - least.y).max(0.0),
        };
        Ok(())
    }
}
