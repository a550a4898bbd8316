//! Placeholder that the next commit fills.
use crate::model::Machine;
use crate::problem::{Flaw, Problem, Problems};
use crate::tree::Tree;

pub(crate) fn read_tree(_tree: &Tree) -> Result<Machine, Problems> {
    let flaw = Flaw::Syntax("Crucible's form cannot be read yet".into());
    let pointer = String::new();
    Err(Problems(vec![Problem { pointer, flaw }]))
}
