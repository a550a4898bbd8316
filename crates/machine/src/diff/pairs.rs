//! Which state of one machine is which of the other.

use crate::model::{Ix, Model};

pub(super) struct Pairs {
    new: Vec<Option<Ix>>,
    old: Vec<Option<Ix>>,
}

impl Pairs {
    /// The tops, then what has the same id, then what has the same key in the same parent.
    pub(super) fn of(old: &Model, new: &Model) -> Pairs {
        let mut pairs = Pairs {
            new: vec![None; old.nodes.len()],
            old: vec![None; new.nodes.len()],
        };
        pairs.join(0, 0);
        for (ix, node) in old.nodes.iter().enumerate() {
            if let Some(found) = new.ids.get(&*node.id) {
                pairs.join(ix as Ix, *found);
            }
        }
        for (ix, node) in old.nodes.iter().enumerate() {
            if pairs.new_of(ix as Ix).is_some() {
                continue;
            }
            let parent = node.parent.and_then(|parent| pairs.new_of(parent));
            let key = std::slice::from_ref(&node.key);
            if let Some(found) = parent.and_then(|parent| new.below(parent, key)) {
                pairs.join(ix as Ix, found);
            }
        }
        pairs
    }

    /// Unless one of them has its counterpart.
    fn join(&mut self, old: Ix, new: Ix) {
        if self.new_of(old).is_none() && self.old_of(new).is_none() {
            self.new[old as usize] = Some(new);
            self.old[new as usize] = Some(old);
        }
    }

    pub(super) fn new_of(&self, old: Ix) -> Option<Ix> {
        self.new.get(old as usize).copied().flatten()
    }

    pub(super) fn old_of(&self, new: Ix) -> Option<Ix> {
        self.old.get(new as usize).copied().flatten()
    }

    /// Whether these states of the old machine are those of the new one, in this order.
    pub(super) fn same(&self, old: &[Ix], new: &[Ix]) -> bool {
        old.len() == new.len()
            && old
                .iter()
                .zip(new)
                .all(|(old, new)| self.new_of(*old) == Some(*new))
    }
}
