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
use crate::layout::Edge;
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
        if !(top < bottom) {
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

    /// Borders that cells share; those of heads apart, where these stand on several pages.
    pub(super) fn shared_borders(&mut self, id: BoxId, head: Option<BoxId>) {
        let tree = self.scene.tree;
        let Kind::Table(table) = &tree.get(id).kind else {
            return;
        };
        if table.borders.is_empty() {
            return;
        }
        let left = self.scene.left(id);
        let mut rows: Vec<(f32, f32)> = Vec::new();
        let mut heads = 0;
        for group in &tree.get(id).children {
            for row in &tree.get(*group).children {
                let strip = tree.get(*row).strip;
                rows.push((strip.top, strip.bottom));
            }
            if super::scene::is_head(tree, *group) {
                heads = rows.len();
            }
        }
        let is_rtl = tree.get(id).style.direction == crate::css::values::keyword::Direction::Rtl;
        let x_of = |line: usize| -> f32 {
            let (starts, widths) = (&table.starts, &table.widths);
            let last = starts.len().saturating_sub(1);
            let at = line.min(last);
            let (Some(start), Some(width)) = (starts.get(at), widths.get(at)) else {
                return left;
            };
            let is_far = (line > last) != is_rtl;
            left + if is_far { start + width } else { *start }
        };
        for border in &table.borders {
            let half = border.width / 2.0;
            let (row, is_across) = match &border.edge {
                Edge::Across { line, .. } => (*line, true),
                Edge::Down { rows, .. } => (rows.start, false),
            };
            // The line below the heads is theirs.
            let of_head = if is_across {
                row <= heads && heads > 0
            } else {
                row < heads
            };
            if of_head != head.is_some() {
                continue;
            }
            match &border.edge {
                Edge::Across { line, columns } => {
                    let (one, other) = (x_of(columns.start), x_of(columns.end));
                    let reach = |at: usize| table.down_widths.get(at).copied().unwrap_or(0.0) / 2.0;
                    let (start, end) = (reach(columns.start), reach(columns.end));
                    let (start, end) = if is_rtl { (end, start) } else { (start, end) };
                    let (from, to) = (one.min(other) - start, one.max(other) + end);
                    let above = line
                        .checked_sub(1)
                        .and_then(|row| rows.get(row))
                        .map(|row| row.1);
                    let below = rows.get(*line).map(|row| row.0);
                    let mut heights: Vec<f32> = above.into_iter().chain(below).collect();
                    if head.is_some() && *line == heads {
                        heights.truncate(1);
                    }
                    heights.dedup_by(|one, other| (*one - *other).abs() < 1.0);
                    for y in heights {
                        if self.view.sees(y - 1.0, y + 1.0) {
                            let area = Area::new(from, y - half, to - from, border.width);
                            self.edge(area, border.style, border.color, true);
                        }
                    }
                }
                Edge::Down { line, rows: range } => {
                    let x = x_of(*line);
                    let (Some(first), Some(last)) =
                        (rows.get(range.start), rows.get(range.end - 1))
                    else {
                        continue;
                    };
                    if !self.view.sees(first.0, last.1) {
                        continue;
                    }
                    let area = Area::new(x - half, first.0, border.width, last.1 - first.0);
                    let depth = self.canvas.depth();
                    self.clip_to_view(area);
                    self.edge(area, border.style, border.color, false);
                    self.canvas.pop_to(depth);
                }
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
