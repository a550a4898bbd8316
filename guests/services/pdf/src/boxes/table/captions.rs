//! Tables with captions: a box around both, which is placed as the table would be.

use std::rc::Rc;

use super::Table;
use crate::boxes::build::Builder;
use crate::boxes::{BoxId, Kind};
use crate::css::property::Style;
use crate::css::values::keyword::{CaptionSide, Float, Position};
use crate::dom::NodeId;

impl Builder<'_, '_> {
    /// The box of a table: with captions one around both, without them the table itself.
    pub(super) fn with_captions(
        &mut self,
        id: Option<NodeId>,
        style: &Rc<Style>,
        table: Table,
        captions: Vec<BoxId>,
        groups: Vec<BoxId>,
    ) -> BoxId {
        if captions.is_empty() {
            let made = self
                .tree
                .add(id, style.clone(), Kind::Table(Box::new(table)));
            self.tree.set_children(made, groups);
            return made;
        }
        // What places the table places its captions too; what paints it paints the grid alone.
        let initial = Style::initial();
        let outer = Rc::new(Style {
            display: style.display,
            margin_top: style.margin_top.clone(),
            margin_right: style.margin_right.clone(),
            margin_bottom: style.margin_bottom.clone(),
            margin_left: style.margin_left.clone(),
            float: style.float,
            clear: style.clear,
            position: style.position,
            top: style.top.clone(),
            right: style.right.clone(),
            bottom: style.bottom.clone(),
            left: style.left.clone(),
            z_index: style.z_index,
            opacity: style.opacity,
            transform: style.transform.clone(),
            transform_origin: style.transform_origin.clone(),
            vertical_align: style.vertical_align,
            break_before: style.break_before,
            break_after: style.break_after,
            break_inside: style.break_inside,
            flex_grow: style.flex_grow,
            flex_shrink: style.flex_shrink,
            align_self: style.align_self,
            justify_self: style.justify_self,
            order: style.order,
            ..Style::child_of(style)
        });
        let inner = Rc::new(Style {
            margin_top: initial.margin_top,
            margin_right: initial.margin_right,
            margin_bottom: initial.margin_bottom,
            margin_left: initial.margin_left,
            float: Float::None,
            position: Position::Static,
            z_index: None,
            opacity: 1.0,
            transform: Vec::new(),
            ..Style::clone(style)
        });
        let wrapper = self.tree.add(id, outer, Kind::Captioned);
        let grid = self.tree.add(None, inner, Kind::Table(Box::new(table)));
        self.tree.set_children(grid, groups);
        let (below, above): (Vec<BoxId>, Vec<BoxId>) = captions
            .into_iter()
            .partition(|caption| self.tree.get(*caption).style.caption_side == CaptionSide::Bottom);
        let mut children = above;
        children.push(grid);
        children.extend(below);
        self.tree.set_children(wrapper, children);
        wrapper
    }
}
