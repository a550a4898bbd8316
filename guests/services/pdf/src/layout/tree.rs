//! Boxes as the layout library wants to see them.

use taffy::{
    BlockContext, CacheTree, LayoutBlockContainer, LayoutContainingBlock, LayoutFlexboxContainer,
    LayoutGridContainer, LayoutInput, LayoutOutput, LayoutPartialTree, NodeId, RunMode,
    TraversePartialTree, compute_block_layout, compute_cached_layout, compute_flexbox_layout,
    compute_grid_layout, compute_hidden_layout, compute_oof_layout,
};

use super::Flow;
use crate::boxes::{BoxId, Kind, Tree};
use crate::css::values::keyword::Overflow;

impl Tree {
    /// Lays out a box by the rules of its kind, and then those boxes that it places.
    fn by_kind(
        &mut self,
        node: NodeId,
        inputs: LayoutInput,
        context: Option<&mut BlockContext<'_>>,
    ) -> LayoutOutput {
        let id = BoxId::from(node);
        let mut output = match &self.get(id).kind {
            Kind::Block => compute_block_layout(self, node, inputs, context),
            Kind::Flex => compute_flexbox_layout(self, node, inputs),
            Kind::Grid => compute_grid_layout(self, node, inputs),
            Kind::Lines(_) => self.lay_out_lines(id, inputs, context),
            Kind::Table(_) => self.lay_out_table(id, inputs),
            Kind::Captioned => self.lay_out_captioned(id, inputs),
            Kind::Columns(_) => self.lay_out_columns(id, inputs),
            Kind::Picture(picture) => {
                let picture = picture.clone();
                self.lay_out_picture(id, &picture, inputs)
            }
        };
        if inputs.run_mode == RunMode::PerformLayout {
            compute_oof_layout(self, node, &mut output);
        }
        output
    }

    /// Whether what reaches out of a box is cut off.
    pub(crate) fn clips(&self, id: BoxId) -> bool {
        let style = &self.get(id).style;
        style.overflow_x != Overflow::Visible || style.overflow_y != Overflow::Visible
    }
}

impl TraversePartialTree for Tree {
    type ChildIter<'a> = std::iter::Map<std::slice::Iter<'a, BoxId>, fn(&BoxId) -> NodeId>;

    fn child_ids(&self, parent: NodeId) -> Self::ChildIter<'_> {
        self.get(parent.into())
            .children
            .iter()
            .map(|child| NodeId::from(*child))
    }

    fn child_count(&self, parent: NodeId) -> usize {
        self.get(parent.into()).children.len()
    }

    fn get_child_id(&self, parent: NodeId, index: usize) -> NodeId {
        self.get(parent.into()).children[index].into()
    }
}

impl LayoutPartialTree for Tree {
    type CoreContainerStyle<'a> = &'a Flow;
    type CustomIdent = std::rc::Rc<str>;

    fn get_core_container_style(&self, node: NodeId) -> &Flow {
        &self.get(node.into()).flow
    }

    fn resolve_calc_value(&self, at: *const (), basis: f32) -> f32 {
        self.calcs.resolve(at, basis)
    }

    fn set_unrounded_layout(&mut self, node: NodeId, layout: &taffy::Layout) {
        self.get_mut(node.into()).layout = *layout;
    }

    fn compute_child_layout(&mut self, node: NodeId, inputs: LayoutInput) -> LayoutOutput {
        if inputs.run_mode == RunMode::PerformHiddenLayout {
            return compute_hidden_layout(self, node);
        }
        compute_cached_layout(self, node, inputs, |tree, node, inputs| {
            tree.by_kind(node, inputs, None)
        })
    }
}

impl CacheTree for Tree {
    fn cache_get(&mut self, node: NodeId, input: &LayoutInput) -> Option<LayoutOutput> {
        self.get_mut(node.into()).cache.get(input)
    }

    fn cache_store(&mut self, node: NodeId, input: &LayoutInput, output: LayoutOutput) {
        self.get_mut(node.into()).cache.store(input, output);
    }

    fn cache_clear(&mut self, node: NodeId) {
        self.get_mut(node.into()).cache.clear();
    }
}

impl LayoutContainingBlock for Tree {
    type OofItemStyle<'a> = &'a Flow;

    fn get_oof_item_style(&self, node: NodeId) -> &Flow {
        &self.get(node.into()).flow
    }

    fn clear_hoisted_children(&mut self, node: NodeId) {
        self.get_mut(node.into()).hoisted.clear();
    }

    fn add_hoisted_children(&mut self, node: NodeId, hoisted: &[NodeId]) {
        let all = hoisted.iter().map(|child| BoxId::from(*child));
        self.get_mut(node.into()).hoisted.extend(all);
    }
}

impl LayoutBlockContainer for Tree {
    type BlockContainerStyle<'a> = &'a Flow;
    type BlockItemStyle<'a> = &'a Flow;

    fn get_block_container_style(&self, node: NodeId) -> &Flow {
        &self.get(node.into()).flow
    }

    fn get_block_child_style(&self, node: NodeId) -> &Flow {
        &self.get(node.into()).flow
    }

    fn compute_block_child_layout(
        &mut self,
        node: NodeId,
        inputs: LayoutInput,
        context: Option<&mut BlockContext<'_>>,
    ) -> LayoutOutput {
        match context {
            // What stands beside floats, or brings some of its own, depends on more than its inputs.
            Some(context) if context.has_floats() || self.get(node.into()).floats => {
                self.by_kind(node, inputs, Some(context))
            }
            context => compute_cached_layout(self, node, inputs, |tree, node, inputs| {
                tree.by_kind(node, inputs, context)
            }),
        }
    }
}

impl LayoutFlexboxContainer for Tree {
    type FlexboxContainerStyle<'a> = &'a Flow;
    type FlexboxItemStyle<'a> = &'a Flow;

    fn get_flexbox_container_style(&self, node: NodeId) -> &Flow {
        &self.get(node.into()).flow
    }

    fn get_flexbox_child_style(&self, node: NodeId) -> &Flow {
        &self.get(node.into()).flow
    }
}

impl LayoutGridContainer for Tree {
    type GridContainerStyle<'a> = &'a Flow;
    type GridItemStyle<'a> = &'a Flow;

    fn get_grid_container_style(&self, node: NodeId) -> &Flow {
        &self.get(node.into()).flow
    }

    fn get_grid_child_style(&self, node: NodeId) -> &Flow {
        &self.get(node.into()).flow
    }
}
