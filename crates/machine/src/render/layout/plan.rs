//! Which part of which arrow runs in which level, and through which edge of a state an arrow goes in or out.

use std::collections::BTreeSet;

use super::super::chart::{Arrow, Chart, From};
use super::super::level::{Edge, Level, arrange};
use super::super::measure::Size;
use super::RenderError;
use crate::model::Ix;

/// Parts of arrows that a picture may have.
pub(super) const PARTS_MAX: usize = 6_000;

/// What lies in a level, or at its edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Child(Ix),
    /// Where the state begins.
    Dot,
    /// Where an arrow crosses the state's edge, or where one begins or ends that is the state's own.
    Port {
        arrow: usize,
        is_top: bool,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) arrow: usize,
    pub(super) from: Item,
    pub(super) to: Item,
    /// In the level that holds both ends of the arrow: it has the label.
    pub(super) is_main: bool,
}

/// A part by its level and its place there.
pub(super) type Place = (Ix, usize);

#[derive(Default)]
pub(super) struct Plan {
    /// For each state what runs in it.
    levels: Vec<Vec<Part>>,
    /// For each arrow its parts from source to target.
    pub(super) ways: Vec<Vec<Place>>,
    /// For each state the layer of its level that it lies in.
    layers: Vec<usize>,
    parts: usize,
}

pub(super) fn plan(chart: &Chart<'_>, bends_left: &mut usize) -> Result<Plan, RenderError> {
    let states = chart.shapes.len();
    let mut plan = Plan {
        levels: vec![Vec::new(); states],
        layers: vec![0; states],
        ..Plan::default()
    };
    let mut mains = Vec::new();
    for (number, arrow) in chart.arrows.iter().enumerate() {
        let main = match chart.first_loop(arrow) {
            Some(_) => None,
            None => {
                let (level, part) = main(chart, number, arrow);
                Some(plan.add(level, part)?)
            }
        };
        mains.push(main);
    }
    for ix in plan.crossed(chart, &mains) {
        plan.find_layers(chart, ix, bends_left)?;
    }
    for (number, arrow) in chart.arrows.iter().enumerate() {
        let way = match mains.get(number).copied().flatten() {
            Some(main) => plan.way(chart, number, arrow, main)?,
            None => Vec::new(),
        };
        plan.ways.push(way);
    }
    Ok(plan)
}

/// The level that holds both ends, and what they are there.
fn main(chart: &Chart<'_>, number: usize, arrow: &Arrow) -> (Ix, Part) {
    let (level, from) = match arrow.from {
        From::Dot(level) => (level, Item::Dot),
        From::State(from) => {
            let mut around = std::iter::once(from).chain(chart.model.ancestors(from));
            let level = around.find(|around| chart.is_around(*around, arrow.to));
            let level = level.unwrap_or_default();
            let level = match chart.model.node(level).parent {
                Some(parent) if from == arrow.to => parent,
                _ => level,
            };
            (level, in_level(chart, level, from, number))
        }
    };
    let part = Part {
        arrow: number,
        from,
        to: in_level(chart, level, arrow.to, number),
        is_main: true,
    };
    (level, part)
}

/// The state directly inside the level that a state is or lies in; for the level itself a port of its own.
fn in_level(chart: &Chart<'_>, level: Ix, ix: Ix, arrow: usize) -> Item {
    let mut around = std::iter::once(ix).chain(chart.model.ancestors(ix));
    let child = around.find(|around| chart.model.node(*around).parent == Some(level));
    match child {
        Some(child) if ix != level => Item::Child(child),
        _ => Item::Port {
            arrow,
            is_top: true,
        },
    }
}

impl Plan {
    pub(super) fn parts(&self, ix: Ix) -> &[Part] {
        self.levels
            .get(ix as usize)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(super) fn part(&self, (level, place): Place) -> Option<&Part> {
        self.levels.get(level as usize)?.get(place)
    }

    fn add(&mut self, level: Ix, part: Part) -> Result<Place, RenderError> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return Err(RenderError::TooMany {
                what: "parts of arrows",
                found: self.parts,
                max: PARTS_MAX,
            });
        }
        let Some(parts) = self.levels.get_mut(level as usize) else {
            return Err(RenderError::Layout);
        };
        parts.push(part);
        Ok((level, parts.len() - 1))
    }

    /// The levels that will have ports, and those that say on which side ports further inside are.
    fn crossed(&self, chart: &Chart<'_>, mains: &[Option<Place>]) -> BTreeSet<Ix> {
        let mut crossed = BTreeSet::new();
        for (arrow, main) in chart.arrows.iter().zip(mains) {
            let Some((part, level)) = main.and_then(|main| Some((self.part(main)?, main.0))) else {
                continue;
            };
            let from = match arrow.from {
                From::State(from) => Some((part.from, from)),
                From::Dot(_) => None,
            };
            for (item, end) in from.into_iter().chain([(part.to, arrow.to)]) {
                match item {
                    Item::Child(child) if child == end => {}
                    Item::Child(child) => {
                        crossed.extend(levels(chart, end, child).into_iter().chain([level]))
                    }
                    Item::Port { .. } => drop(crossed.insert(level)),
                    Item::Dot => {}
                }
            }
        }
        crossed
    }

    /// Arranges a level without ports, to know what is above what: whether ports are on top depends on that.
    fn find_layers(
        &mut self,
        chart: &Chart<'_>,
        ix: Ix,
        bends_left: &mut usize,
    ) -> Result<(), RenderError> {
        let mut items = self.items(chart, ix);
        items.retain(|item| !matches!(item, Item::Port { .. }));
        let parts = self.parts(ix).iter();
        let edges = parts.filter_map(|part| self.edge(chart, ix, &items, part, Size::default()));
        let level = Level {
            nodes: vec![Size::default(); items.len()],
            edges: edges.collect(),
        };
        let layers = arrange(&level, bends_left)?.layers;
        let first = layers.iter().min().copied().unwrap_or_default();
        for (item, layer) in items.iter().zip(layers) {
            if let Item::Child(child) = item
                && let Some(own) = self.layers.get_mut(*child as usize)
            {
                *own = layer - first;
            }
        }
        Ok(())
    }

    fn layer(&self, item: Item) -> Option<usize> {
        match item {
            Item::Child(child) => self.layers.get(child as usize).copied(),
            Item::Dot | Item::Port { .. } => None,
        }
    }

    fn way(
        &mut self,
        chart: &Chart<'_>,
        number: usize,
        arrow: &Arrow,
        main: Place,
    ) -> Result<Vec<Place>, RenderError> {
        let Some(part) = self.part(main).copied() else {
            return Err(RenderError::Layout);
        };
        // What is the level's own port, or its dot, is above all else.
        let is_down = match (self.layer(part.from), self.layer(part.to)) {
            (Some(from), Some(to)) => from < to,
            (from, _) => from.is_none(),
        };
        let port = |is_top| Item::Port {
            arrow: number,
            is_top,
        };
        let mut way = Vec::new();
        if let (From::State(from), Item::Child(child)) = (arrow.from, part.from) {
            for level in levels(chart, from, child) {
                let (from, to) = (in_level(chart, level, from, number), port(!is_down));
                way.push(self.add(
                    level,
                    Part {
                        from,
                        to,
                        is_main: false,
                        ..part
                    },
                )?);
            }
        }
        way.push(main);
        if let Item::Child(child) = part.to {
            for level in levels(chart, arrow.to, child).into_iter().rev() {
                let (from, to) = (port(is_down), in_level(chart, level, arrow.to, number));
                way.push(self.add(
                    level,
                    Part {
                        from,
                        to,
                        is_main: false,
                        ..part
                    },
                )?);
            }
        }
        Ok(way)
    }

    /// What lies in a level: the order is that of [`Level::nodes`].
    pub(super) fn items(&self, chart: &Chart<'_>, ix: Ix) -> Vec<Item> {
        let node = chart.model.node(ix);
        let dot = node.initial.map(|_| Item::Dot);
        let children = node.children.iter().map(|child| Item::Child(*child));
        let ends = self.parts(ix).iter().flat_map(|part| [part.from, part.to]);
        let ports = ends.filter(|end| matches!(end, Item::Port { .. }));
        dot.into_iter().chain(children).chain(ports).collect()
    }

    /// None where an end is not among the items.
    pub(super) fn edge(
        &self,
        chart: &Chart<'_>,
        ix: Ix,
        items: &[Item],
        part: &Part,
        label: Size,
    ) -> Option<Edge> {
        let place = |item: Item| items.iter().position(|own| *own == item);
        let (from, to) = (place(part.from)?, place(part.to)?);
        let layer = self
            .layer(part.from)
            .or(self.layer(part.to))
            .unwrap_or_default();
        let children = chart.model.node(ix).children.iter();
        let last = children
            .filter_map(|child| self.layer(Item::Child(*child)))
            .max();
        let below = last.unwrap_or_default() - layer + 1;
        let is_top = |item: Item| match item {
            Item::Port { is_top, .. } => Some(is_top),
            _ => None,
        };
        // As far from the state inside as the edge of the level is, so that nothing lies behind a port.
        let (layers, is_up) = match (is_top(part.from), is_top(part.to)) {
            (Some(true), _) => (layer + 1, Some(false)),
            (_, Some(true)) => (layer + 1, Some(true)),
            (Some(false), _) => (below, Some(true)),
            (_, Some(false)) => (below, Some(false)),
            (None, None) => (1, None),
        };
        Some(Edge {
            from,
            to,
            label,
            layers,
            is_up,
            weight: if part.from == Item::Dot { 4 } else { 1 },
        })
    }
}

/// The levels from the one around a state to the inside of an outer state.
fn levels(chart: &Chart<'_>, ix: Ix, outer: Ix) -> Vec<Ix> {
    let around = chart.model.ancestors(ix);
    around
        .take_while(|around| chart.is_around(outer, *around))
        .collect()
}
