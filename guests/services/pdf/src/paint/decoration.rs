//! What a box looks like itself: shadows, background, border, outline.

use super::View;
use super::border::{Borders, Side};
use super::canvas::Ink;
use super::shape::{Area, Rounded};
use super::walk::Painter;
use crate::boxes::{BoxId, Kind};
use crate::css::property::Style;
use crate::css::values::keyword::Visibility;
use crate::dom::NodeId;
use crate::pages::{Sides, TOLERANCE};

/// What is drawn beside a page's edge is cut off this far out.
const OVERHANG: f32 = 3_000.0;

impl Painter<'_, '_, '_> {
    /// Shadows, background, border and outline of a box, and the link that it may be.
    pub(super) fn decoration(&mut self, id: BoxId) {
        let one = self.scene.tree.get(id);
        let area = self.scene.area(id);
        if let Some(node) = one.node {
            self.link(node, area);
        }
        if one.style.visibility != Visibility::Visible || !self.view.sees(area.y, area.bottom()) {
            return;
        }
        let style = one.style.clone();
        if !is_decorated(&style) {
            return;
        }
        let border = sides(one.layout.border);
        let padding = sides(one.layout.padding);
        let is_collapsed = self.is_collapsed(id);
        let depth = self.canvas.depth();
        self.clip_to_view(area);
        let outer = Rounded::of(&style, area);
        self.shadows(&style, &outer);
        if self.shared.canvas_box != Some(id) {
            self.background(&style, &outer, border, padding);
        }
        self.inner_shadows(&style, &outer.inset(border));
        if !is_collapsed {
            self.border(&outer, &Borders::of(&style));
        }
        self.canvas.pop_to(depth);
        self.outline(&style, &outer);
    }

    /// The part of the view that rows of a table are in: on a page where the table goes on, it ends with the last row.
    pub(super) fn rows_view(&self, table: BoxId) -> View {
        let tree = self.scene.tree;
        let mut view = self.view;
        let one = tree.get(table).strip;
        if one.top >= view.top - TOLERANCE && one.bottom <= view.bottom + TOLERANCE {
            return view;
        }
        let (mut top, mut bottom) = (f32::INFINITY, f32::NEG_INFINITY);
        for row in tree
            .get(table)
            .children
            .iter()
            .flat_map(|group| &tree.get(*group).children)
        {
            let strip = tree.get(*row).strip;
            if view.sees(strip.top, strip.bottom) {
                (top, bottom) = (top.min(strip.top), bottom.max(strip.bottom));
            }
        }
        if one.bottom > view.bottom + TOLERANCE && bottom.is_finite() {
            view.bottom = view.bottom.min(bottom);
        }
        if one.top < view.top - TOLERANCE && top.is_finite() {
            view.top = view.top.max(top);
        }
        view
    }

    /// Cuts off what reaches out of the page on which something is divided.
    pub(super) fn clip_to_view(&mut self, area: Area) {
        let view = self.view;
        let is_cut = area.y < view.top - TOLERANCE || area.bottom() > view.bottom + TOLERANCE;
        if is_cut && view.top.is_finite() && view.bottom.is_finite() {
            let clip = Area {
                x: area.x - OVERHANG,
                y: view.top,
                width: area.width + 2.0 * OVERHANG,
                height: view.bottom - view.top,
            };
            self.canvas.push_clip_area(clip);
        }
    }

    /// Whether a box's borders are its table's.
    fn is_collapsed(&self, id: BoxId) -> bool {
        let tree = self.scene.tree;
        if let Kind::Table(table) = &tree.get(id).kind {
            return table.collapses;
        }
        let mut at = Some(id);
        for _ in 0..3 {
            at = at.and_then(|id| tree.get(id).parent);
        }
        match (tree.get(id).role, at.map(|at| &tree.get(at).kind)) {
            (crate::boxes::Role::Cell(_), Some(Kind::Table(table))) => table.collapses,
            _ => false,
        }
    }

    fn outline(&mut self, style: &Style, outer: &Rounded) {
        if style.outline_width <= 0.0 || !style.outline_style.is_seen() {
            return;
        }
        let edge = outer.grown(style.outline_offset + style.outline_width);
        let side = Side {
            width: style.outline_width,
            style: style.outline_style,
            color: style.outline_color.resolve(style.color),
        };
        self.border(&edge, &Borders([side; 4]));
    }

    /// The background of a row or a group: where its cells are.
    pub(super) fn part_background(&mut self, id: BoxId) {
        let tree = self.scene.tree;
        let one = tree.get(id);
        if let Some(node) = one.node {
            self.link(node, self.scene.area(id));
        }
        let style = one.style.clone();
        if style.visibility != Visibility::Visible || !has_background(&style) {
            return;
        }
        let area = self.scene.area(id);
        if !self.view.sees(area.y, area.bottom()) {
            return;
        }
        let rows: Vec<BoxId> = match one.role {
            crate::boxes::Role::Row => vec![id],
            _ => one.children.clone(),
        };
        let cells: Vec<Area> = rows
            .iter()
            .flat_map(|row| tree.get(*row).children.iter())
            .map(|cell| self.scene.area(*cell))
            .collect();
        for cell in cells {
            if !self.view.sees(cell.y, cell.bottom()) {
                continue;
            }
            let depth = self.canvas.depth();
            self.clip_to_view(cell);
            self.canvas.push_clip_area(cell);
            let whole = Rounded::plain(area.union(cell));
            self.background(&style, &whole, Sides::default(), Sides::default());
            self.canvas.pop_to(depth);
        }
    }

    /// Backgrounds of columns, as far as there are rows.
    pub(super) fn column_backgrounds(&mut self, id: BoxId) {
        let tree = self.scene.tree;
        let Kind::Table(table) = &tree.get(id).kind else {
            return;
        };
        let left = self.scene.left(id);
        let rows = tree
            .get(id)
            .children
            .iter()
            .flat_map(|group| &tree.get(*group).children);
        let (mut top, mut bottom) = (f32::INFINITY, f32::NEG_INFINITY);
        for row in rows {
            let strip = tree.get(*row).strip;
            (top, bottom) = (top.min(strip.top), bottom.max(strip.bottom));
        }
        if top >= bottom {
            return;
        }
        for ((column, start), width) in table.columns.iter().zip(&table.starts).zip(&table.widths) {
            for style in column.group.iter().chain([&column.style]) {
                if !has_background(style) {
                    continue;
                }
                let area = Area::new(left + start, top, *width, bottom - top);
                let depth = self.canvas.depth();
                self.clip_to_view(area);
                self.background(
                    style,
                    &Rounded::plain(area),
                    Sides::default(),
                    Sides::default(),
                );
                self.canvas.pop_to(depth);
            }
        }
    }

    /// Lines between columns.
    pub(super) fn column_rules(&mut self, id: BoxId, columns: &crate::boxes::Columns) {
        let style = &self.scene.tree.get(id).style;
        if style.column_rule_width <= 0.0 || !style.column_rule_style.is_seen() {
            return;
        }
        let (width, kind) = (style.column_rule_width, style.column_rule_style);
        let color = style.column_rule_color.resolve(style.color);
        let area = self.scene.area(id);
        for pair in columns.fragments.windows(2) {
            let [before, after] = pair else { continue };
            if before.y != after.y || !self.view.sees(after.y, after.y + after.strip.height()) {
                continue;
            }
            let right = before.left.max(after.left);
            let x = area.x + right - columns.gap / 2.0 - width / 2.0;
            let tall = before.strip.height().min(after.strip.height());
            let rule = Area::new(x, after.y, width, tall);
            self.edge(rule, kind, color, false);
        }
    }

    /// Fills a whole page with what stands behind everything.
    pub(super) fn page_background(&mut self, style: &Style, area: Area) {
        self.background(
            style,
            &Rounded::plain(area),
            Sides::default(),
            Sides::default(),
        );
    }

    /// The border around a page's content.
    pub(super) fn page_border(&mut self, style: &Style, area: Area) {
        self.border(&Rounded::of(style, area), &Borders::of(style));
    }

    /// The link that a box is, if it is one.
    pub(super) fn link(&mut self, node: NodeId, area: Area) {
        let dom = self.shared.dom;
        let found = [Some(node), dom.parent_element(node)]
            .into_iter()
            .flatten()
            .find(|node| self.shared.is_link(*node));
        if let Some(found) = found {
            let view = self.view;
            let (top, bottom) = (area.y.max(view.top), area.bottom().min(view.bottom));
            let seen = Area {
                y: top,
                height: bottom - top,
                ..area
            };
            self.shared
                .note_link(found, self.canvas.matrix().area(seen));
        }
    }

    /// Something that is nothing but a colour.
    pub(super) fn plain(&mut self, area: Area, color: crate::css::values::color::Rgba) {
        self.canvas.fill_area(area, &Ink::Color(color));
    }
}

pub(crate) fn sides(rect: taffy::Rect<f32>) -> Sides {
    Sides {
        top: rect.top,
        right: rect.right,
        bottom: rect.bottom,
        left: rect.left,
    }
}

pub(crate) fn has_background(style: &Style) -> bool {
    !style.background_color.resolve(style.color).is_transparent()
        || style
            .background_image
            .iter()
            .any(|image| *image != crate::css::values::image::Image::None)
}

/// Whether there is anything to draw of a box itself.
pub(crate) fn is_decorated(style: &Style) -> bool {
    has_background(style)
        || !style.box_shadow.is_empty()
        || style.border_top_width > 0.0
        || style.border_right_width > 0.0
        || style.border_bottom_width > 0.0
        || style.border_left_width > 0.0
        || style.outline_width > 0.0
}
