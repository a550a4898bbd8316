//! What will happen, in its order: which states are left, what is done, which are entered.

use smallvec::SmallVec;

use super::Stepping;
use super::act::Work;
use super::sets::{Domain, Entry, left};
use crate::context::Context;
use crate::draft::Kind;
use crate::model::Ix;

impl<C: Context> Stepping<'_, C> {
    /// The machine is entered for the first time.
    pub(super) fn plan_start(&mut self) {
        self.selected.clear();
        self.begin_microstep();
        let model = &*self.provided.machine.0;
        let mut entry = Entry::new(model, &self.state.histories);
        entry.start();
        let (enter, default) = (entry.enter, entry.default);
        self.plan_entries(enter, &default);
    }

    pub(super) fn plan_exits(&mut self, domains: &[Domain]) {
        let model = &*self.provided.machine.0;
        let mut leave: SmallVec<[Ix; 8]> = SmallVec::new();
        for (transition, domain) in self.selected.iter().zip(domains) {
            let range = left(model, model.transition(*transition), *domain);
            let Some((from, to)) = range else { continue };
            let active = self.state.active.iter().copied();
            for ix in active.filter(|ix| from <= *ix && *ix < to) {
                if !leave.contains(&ix) {
                    leave.push(ix);
                }
            }
        }
        leave.sort_unstable_by(|first, second| second.cmp(first));
        for ix in &leave {
            self.remember(*ix);
        }
        for ix in leave {
            let node = model.node(ix);
            self.work.extend(node.exit.clone().map(Work::Act));
            self.work.extend(node.afters.clone().map(Work::Unschedule));
            self.work.extend(node.invokes.clone().map(Work::Stop));
            self.work.push(Work::Leave(ix));
        }
    }

    /// What the histories of a state that is left will stand for.
    fn remember(&mut self, parent: Ix) {
        let model = &*self.provided.machine.0;
        for history in &model.node(parent).histories {
            let deep = matches!(model.node(*history).kind, Kind::History { deep: true });
            let is_kept = |ix: &Ix| match deep {
                true => model.is_leaf(*ix) && model.is_inside(*ix, parent),
                false => model.node(*ix).parent == Some(parent),
            };
            let active = self.state.active.iter().copied();
            let states = active.filter(is_kept).collect();
            self.state.histories.retain(|(own, _)| own != history);
            self.state.histories.push((*history, states));
            self.changed = true;
        }
    }

    pub(super) fn plan_entries(&mut self, mut enter: SmallVec<[Ix; 8]>, default: &[Ix]) {
        let model = &*self.provided.machine.0;
        enter.sort_unstable();
        for ix in enter {
            let node = model.node(ix);
            self.work.push(Work::Arrive(ix));
            self.work.extend(node.entry.clone().map(Work::Act));
            self.work.extend(node.afters.clone().map(Work::Schedule));
            self.work.extend(node.invokes.clone().map(Work::Invoke));
            if default.contains(&ix) {
                self.work
                    .extend(node.initial_actions.clone().map(Work::Act));
            }
            if node.kind == Kind::Final {
                self.work.push(Work::Final(ix));
            }
        }
    }

    /// The machine has ended: exit actions of what is still active, the innermost first; then services are stopped.
    pub(super) fn plan_close(&mut self) {
        let model = &*self.provided.machine.0;
        self.work.clear();
        self.done = 0;
        for ix in self.state.active.iter().rev() {
            let node = model.node(*ix);
            self.work.extend(node.exit.clone().map(Work::Act));
            self.work.extend(node.afters.clone().map(Work::Unschedule));
        }
        self.plan_stops();
    }

    pub(super) fn plan_stops(&mut self) {
        let model = &*self.provided.machine.0;
        for ix in &self.state.active {
            let invokes = model.node(*ix).invokes.clone();
            self.work.extend(invokes.map(Work::Stop));
        }
    }
}
