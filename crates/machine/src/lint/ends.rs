//! States where a machine gets stuck: nothing leads out of them, or nothing that follows is an end.

use super::leave::{Place, at_most, domain};
use super::reach::is_kept;
use super::regions::around;
use super::world::World;
use crate::draft::Kind;
use crate::model::{Ix, Model, Transition};

/// States without states inside that are no end, and that nothing leads out of. Only of tame machines: in others a sibling
/// may be active as well.
pub(super) fn dead_ends(world: &World<'_>) -> Vec<Ix> {
    let model = world.model;
    if !world.is_tame {
        return Vec::new();
    }
    let mut has_transition = vec![false; model.nodes.len()];
    let mut escapes = vec![Escape::None; model.nodes.len()];
    for (_, transition) in world.live() {
        has_transition[transition.source as usize] = true;
        if transition.targets.as_deref().unwrap_or_default().is_empty() {
            continue;
        }
        let widest = at_most(model, transition);
        for (parallel, region) in around(model, transition.source) {
            if !model.is_inside(widest, parallel) {
                escapes[parallel as usize].add(region);
            }
        }
    }
    let is_dead_end = |ix: &Ix| {
        let mut chain = std::iter::once(*ix).chain(model.ancestors(*ix));
        model.node(*ix).kind == Kind::Atomic
            && world.is_reached(*ix)
            && chain.all(|around| !has_transition[around as usize])
            && around(model, *ix)
                .all(|(parallel, region)| !escapes[parallel as usize].is_from_other(region))
    };
    (0..model.nodes.len() as Ix).filter(is_dead_end).collect()
}

/// From which regions a parallel state is left, or another of its regions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    One(Ix),
    Many,
}

impl Escape {
    fn add(&mut self, region: Ix) {
        *self = match *self {
            Escape::None => Escape::One(region),
            Escape::One(own) if own == region => Escape::One(own),
            _ => Escape::Many,
        };
    }

    fn is_from_other(self, region: Ix) -> bool {
        match self {
            Escape::None => false,
            Escape::One(own) => own != region,
            Escape::Many => true,
        }
    }
}

/// The outermost states from which no final state at the top can be reached, where the machine has one that can be.
pub(super) fn endless(world: &World<'_>) -> Vec<Ix> {
    let model = world.model;
    let root = model.node(0);
    let finals = root.children.iter().copied();
    let finals = finals.filter(|ix| model.node(*ix).kind == Kind::Final && world.is_reached(*ix));
    let finals: Vec<Ix> = finals.collect();
    if finals.is_empty() || root.kind != Kind::Compound || !world.is_tame {
        return Vec::new();
    }
    let ends = Graph::of(world).before(&finals);
    // By state, whether some state inside that can be active may come to an end.
    let mut may_end = vec![false; model.nodes.len()];
    for ix in (0..model.nodes.len() as Ix).rev() {
        let is_leaf = model.is_leaf(ix) && world.is_reached(ix);
        if is_leaf && ends[Graph::active(ix)] {
            may_end[ix as usize] = true;
        }
        if let (true, Some(parent)) = (may_end[ix as usize], model.node(ix).parent) {
            may_end[parent as usize] = true;
        }
    }
    let is_outermost = |ix: &Ix| {
        let parent = model.node(*ix).parent;
        !may_end[*ix as usize]
            && !model.is_history(*ix)
            && world.is_reached(*ix)
            && parent.is_none_or(|parent| may_end[parent as usize])
    };
    (0..model.nodes.len() as Ix).filter(is_outermost).collect()
}

/// What may follow from what. A state is here five times: as active, as entered, as parallel with an active region, and as
/// remembered by a shallow and by a deep history.
struct Graph {
    /// Against the direction of time.
    before: Vec<Vec<usize>>,
}

impl Graph {
    fn active(ix: Ix) -> usize {
        ix as usize * 5
    }

    fn entered(ix: Ix) -> usize {
        ix as usize * 5 + 1
    }

    fn beside(ix: Ix) -> usize {
        ix as usize * 5 + 2
    }

    fn remembered(ix: Ix, deep: bool) -> usize {
        ix as usize * 5 + 3 + usize::from(deep)
    }

    fn of(world: &World<'_>) -> Graph {
        let model = world.model;
        let mut graph = Graph {
            before: vec![Vec::new(); model.nodes.len() * 5],
        };
        for ix in 0..model.nodes.len() as Ix {
            graph.state(world, ix);
        }
        for (_, transition) in world.live() {
            graph.transition(model, transition);
        }
        graph
    }

    fn edge(&mut self, from: usize, to: usize) {
        self.before[to].push(from);
    }

    fn state(&mut self, world: &World<'_>, ix: Ix) {
        let model = world.model;
        let node = model.node(ix);
        if let Some(parent) = node.parent {
            self.edge(Graph::active(ix), Graph::active(parent));
            if model.node(parent).kind == Kind::Parallel {
                self.edge(Graph::active(ix), Graph::beside(parent));
            }
        }
        match node.kind {
            Kind::Atomic | Kind::Final => self.edge(Graph::entered(ix), Graph::active(ix)),
            Kind::Compound => {
                if let Some(initial) = node.initial {
                    self.edge(Graph::entered(ix), Graph::entered(initial));
                }
            }
            Kind::Parallel => {
                for child in &node.children {
                    self.edge(Graph::entered(ix), Graph::entered(*child));
                }
            }
            Kind::History { deep } => self.history(world, ix, deep),
        }
    }

    fn history(&mut self, world: &World<'_>, ix: Ix, deep: bool) {
        let model = world.model;
        let node = model.node(ix);
        let parent = node.parent.unwrap_or_default();
        for default in &node.defaults {
            self.edge(Graph::entered(ix), Graph::entered(*default));
        }
        self.edge(Graph::entered(ix), Graph::remembered(parent, deep));
        // Once for all histories of the parent.
        let mut alike = model.node(parent).histories.iter();
        let first = alike.find(|one| model.node(**one).kind == node.kind);
        if first != Some(&ix) {
            return;
        }
        let inside = parent + 1..model.node(parent).end;
        for state in inside.filter(|state| is_kept(model, parent, deep, *state)) {
            if world.is_reached(state) {
                self.edge(Graph::remembered(parent, deep), Graph::entered(state));
            }
        }
    }

    fn transition(&mut self, model: &Model, transition: &Transition) {
        let targets = transition.targets.as_deref().unwrap_or_default();
        for target in targets {
            let entered = Graph::entered(*target);
            self.edge(Graph::active(transition.source), entered);
            // What stays in its region changes nothing for the others.
            for (parallel, region) in around(model, transition.source) {
                let stays = match domain(model, transition) {
                    Some(Place::Inside(domain)) => {
                        domain == region || model.is_inside(domain, region)
                    }
                    Some(Place::All) | None => false,
                };
                if !stays {
                    self.edge(Graph::beside(parallel), entered);
                }
            }
        }
    }

    /// Everything from which one of these may become active.
    fn before(&self, ends: &[Ix]) -> Vec<bool> {
        let mut found = vec![false; self.before.len()];
        let mut open: Vec<usize> = ends.iter().map(|ix| Graph::active(*ix)).collect();
        while let Some(here) = open.pop() {
            if !std::mem::replace(&mut found[here], true) {
                open.extend(&self.before[here]);
            }
        }
        found
    }
}
