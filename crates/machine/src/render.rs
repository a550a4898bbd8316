//! Pictures of a machine, as text: Mermaid, DOT, and SVG that stands alone.
//!
//! Pure: no file, no clock, no `dot` beside it. One `chart` says what is drawn and in which words, and each format only
//! writes it down, so that the three agree. Every word of the document is untrusted: `text` cuts it and takes out what
//! hides or turns text, and each format escapes what is left.

mod chart;
mod dot;
mod layout;
mod level;
mod measure;
mod mermaid;
mod svg;
mod text;

use crate::model::Machine;

/// States that a picture as SVG may have. The other formats have no such bound: their layout is not ours.
pub const SVG_STATES_MAX: usize = 500;
/// Arrows and other transitions that a picture as SVG may have.
pub const SVG_TRANSITIONS_MAX: usize = 2_000;

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// More of something than anybody could look at, or than could be laid out in a reasonable time.
    #[error(
        "{what}: {found} where at most {max} can be drawn as SVG; DOT and Mermaid have no such limit"
    )]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are, or how many were counted before giving up.
        found: usize,
        /// How many there may be.
        max: usize,
    },
    /// The layout gave places that are none.
    #[error("the layout of the picture failed; DOT and Mermaid do not need it")]
    Layout,
}

/// Draws one machine, with some of its states marked.
///
/// The same machine with the same marks gives the same bytes, always.
///
/// ```
/// use serde_json::json;
/// use wardian_machine::{Machine, Registry, render::Render};
///
/// let machine = Machine::from_json(br#"{
///     "id": "door", "initial": "closed",
///     "states": {"closed": {"on": {"open": "opened"}}, "opened": {"type": "final"}}
/// }"#)?;
/// let state = machine.provide(&Registry::new())?.start(json!({}))?.state;
/// let drawn = Render::new(&machine).highlight(state.active_ids()).mermaid();
/// assert!(drawn.contains("s1 --> s2 : open"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Render<'m> {
    machine: &'m Machine,
    /// By the state's place in the order of the document.
    is_active: Vec<bool>,
}

impl<'m> Render<'m> {
    /// Draws this machine with nothing marked.
    #[must_use]
    pub fn new(machine: &'m Machine) -> Render<'m> {
        Render {
            machine,
            is_active: vec![false; machine.state_count()],
        }
    }

    /// Marks states by their ids, such as those that
    /// [`State::active_ids`](crate::State::active_ids) gives. Ids that the machine does not have mark nothing.
    #[must_use]
    pub fn highlight<'i>(mut self, ids: impl IntoIterator<Item = &'i str>) -> Render<'m> {
        let model = &*self.machine.0;
        for id in ids {
            let place = model.ids.get(id).map(|ix| *ix as usize);
            if let Some(marked) = place.and_then(|place| self.is_active.get_mut(place)) {
                *marked = true;
            }
        }
        self
    }

    /// Mermaid's `stateDiagram-v2`.
    ///
    /// Mermaid has no history and no arrow between a state and what is inside it: the first is a state named `H` or `H*`,
    /// the second a line in the outer state, with the name of the target behind an arrow.
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::write(&chart::Chart::new(&self.machine.0), &self.is_active)
    }

    /// Graphviz' DOT, with a cluster for each state that has states inside.
    #[must_use]
    pub fn dot(&self) -> String {
        dot::write(&chart::Chart::new(&self.machine.0), &self.is_active)
    }

    /// An SVG document that stands alone: no script, nothing fetched, fonts that every system has, and other colours where
    /// the viewer prefers dark ones.
    ///
    /// Costs up to some seconds for the largest machines: it is no work for a thread that answers others.
    ///
    /// # Errors
    /// [`RenderError`] for more than [`SVG_STATES_MAX`] states or [`SVG_TRANSITIONS_MAX`] transitions.
    pub fn svg(&self) -> Result<String, RenderError> {
        let chart = chart::Chart::new(&self.machine.0);
        let transitions = self.machine.transition_count().max(chart.arrows.len());
        for (what, found, max) in [
            ("states", self.machine.state_count(), SVG_STATES_MAX),
            ("transitions", transitions, SVG_TRANSITIONS_MAX),
        ] {
            if found > max {
                return Err(RenderError::TooMany { what, found, max });
            }
        }
        Ok(svg::write(
            &chart,
            &layout::lay_out(&chart)?,
            &self.is_active,
        ))
    }
}
