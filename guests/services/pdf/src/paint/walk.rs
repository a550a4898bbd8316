//! The order in which boxes are painted: what is behind comes first.

use krilla::blend::BlendMode as Blend;
use krilla::paint::FillRule;

use super::canvas::Canvas;
use super::scene::{Scene, is_head};
use super::shape::{Area, Matrix, Rounded};
use super::text::Spot;
use super::{Shared, View};
use crate::boxes::{BoxId, Kind, LineItem, Role};
use crate::css::values::keyword::{BlendMode, EmptyCells, Visibility};
use crate::css::values::shape::Step;
use crate::pages::{Sides, TOLERANCE};

/// Paints what of a scene can be seen through a view.
pub(crate) struct Painter<'p, 's, 'd> {
    pub(crate) canvas: &'p mut Canvas<'s>,
    pub(crate) scene: &'p Scene<'p>,
    pub(crate) shared: &'p mut Shared<'d>,
    pub(crate) view: View,
}

/// What is painted of boxes that are painted together.
#[derive(Clone, Copy, PartialEq)]
enum Phase {
    /// Backgrounds and borders of blocks.
    Blocks,
    Floats,
    /// Lines, and what stands in them or is like that.
    Lines,
}

impl Painter<'_, '_, '_> {
    /// Whether something of a box or in it is seen.
    fn is_in_view(&self, id: BoxId) -> bool {
        let (top, bottom) = self.scene.extent(id);
        self.view.sees(top, bottom)
    }

    /// Paints a box with all that belongs to it, and with layers behind and before it.
    pub(crate) fn context(&mut self, id: BoxId) {
        let depth = self.canvas.depth();
        if !self.push_effects(id) {
            self.canvas.pop_to(depth);
            return;
        }
        if is_head(self.scene.tree, id) {
            self.head(id);
        } else {
            self.decorated(id);
        }
        self.canvas.pop_to(depth);
    }

    fn decorated(&mut self, id: BoxId) {
        let layers = self.scene.layers(id);
        if self.is_in_view(id) {
            self.own_decoration(id);
        }
        for (_, layer) in layers.iter().filter(|(level, _)| *level < 0) {
            self.layer(id, *layer);
        }
        if self.is_in_view(id) {
            self.inside(id);
        }
        for (_, layer) in layers.iter().filter(|(level, _)| *level >= 0) {
            self.layer(id, *layer);
        }
    }

    /// A layer of the context of a box, cut off by what is in between.
    fn layer(&mut self, context: BoxId, id: BoxId) {
        if !self.is_in_view(id) && self.scene.layers(id).is_empty() {
            return;
        }
        let depth = self.canvas.depth();
        let mut clips = Vec::new();
        let mut at = self.scene.holder(id);
        while let Some(above) = at {
            if self.scene.tree.clips(above) {
                clips.push(above);
            }
            if above == context {
                break;
            }
            at = self.scene.holder(above);
        }
        for above in clips.into_iter().rev() {
            self.push_overflow(above);
        }
        self.context(id);
        self.canvas.pop_to(depth);
    }

    /// A head of a table, in all the places that it stands in.
    fn head(&mut self, id: BoxId) {
        let tree = self.scene.tree;
        let Some(table) = tree.get(id).parent else {
            return;
        };
        self.parts(id);
        self.content(id);
        self.shared_borders(table, Some(id));
        for (_, layer) in self.scene.layers(id) {
            self.layer(id, *layer);
        }
        let Kind::Table(table_kind) = &tree.get(table).kind else {
            return;
        };
        let strip = tree.get(id).strip;
        let view = self.view;
        for y in &table_kind.repeats {
            if !view.sees(*y, *y + strip.height()) {
                continue;
            }
            let by = *y - strip.top;
            self.canvas.push_matrix(Matrix::translate(0.0, by));
            self.view = view.moved(-by);
            self.parts(id);
            self.content(id);
            self.shared_borders(table, Some(id));
            for (_, layer) in self.scene.layers(id) {
                self.layer(id, *layer);
            }
            self.view = view;
            self.canvas.pop();
        }
    }

    /// Paints a box that stands in a line or is like one that does: at once, but for its layers.
    fn atomic(&mut self, id: BoxId) {
        if !self.is_in_view(id) {
            return;
        }
        self.own_decoration(id);
        self.inside(id);
    }

    fn own_decoration(&mut self, id: BoxId) {
        if matches!(self.scene.tree.get(id).role, Role::Group(_) | Role::Row) {
            return;
        }
        self.decoration(id);
    }

    /// What is in a box, in the order that CSS has for it.
    fn inside(&mut self, id: BoxId) {
        let depth = self.canvas.depth();
        if self.scene.tree.clips(id) {
            self.push_overflow(id);
        }
        if let Kind::Columns(columns) = &self.scene.tree.get(id).kind {
            self.columns(id, columns);
        } else {
            self.content(id);
        }
        self.canvas.pop_to(depth);
    }

    fn content(&mut self, id: BoxId) {
        for phase in [Phase::Blocks, Phase::Floats, Phase::Lines] {
            self.phase(id, phase);
        }
    }

    /// Columns: what is in them is painted for each, moved to its place.
    fn columns(&mut self, id: BoxId, columns: &crate::boxes::Columns) {
        let area = self.scene.area(id);
        let view = self.view;
        for fragment in &columns.fragments {
            let tall = fragment.strip.height().min(1.0e6);
            if !view.sees(fragment.y, fragment.y + tall) {
                continue;
            }
            let depth = self.canvas.depth();
            let left = area.x + fragment.left;
            // Columns are cut off above and below; across, what is too wide may reach out.
            self.canvas.push_clip_area(Area::new(
                left - 2_000.0,
                fragment.y - 1.0,
                columns.width + 4_000.0,
                tall + 2.0,
            ));
            let by = fragment.y - fragment.strip.top;
            self.canvas.push_matrix(Matrix::translate(fragment.x, by));
            self.view = View {
                top: fragment.strip.top,
                bottom: fragment.strip.bottom,
                is_open: false,
            };
            self.content(id);
            for (_, layer) in self.scene.layers(id) {
                self.layer(id, *layer);
            }
            self.view = view;
            self.canvas.pop_to(depth);
        }
        self.column_rules(id, columns);
    }

    fn phase(&mut self, id: BoxId, phase: Phase) {
        let tree = self.scene.tree;
        let one = tree.get(id);
        match &one.kind {
            Kind::Lines(lines) => match phase {
                Phase::Blocks => {}
                Phase::Floats => self.floats_of(id),
                Phase::Lines => self.lines(id, lines),
            },
            Kind::Picture(picture) => {
                if phase == Phase::Lines {
                    self.picture(id, picture);
                }
            }
            Kind::Flex | Kind::Grid => {
                if phase == Phase::Lines {
                    for item in &one.children {
                        if !tree.get(*item).is_placed() && !self.scene.is_layer(*item) {
                            self.atomic(*item);
                        }
                    }
                }
            }
            Kind::Table(_) => self.table(id, phase),
            Kind::Block | Kind::Captioned | Kind::Columns(_) => {
                for child in &one.children {
                    self.child(*child, phase);
                }
            }
        }
        if phase == Phase::Lines
            && let Some(marker) = one.marker
        {
            self.marker(id, marker);
        }
    }

    fn floats_of(&mut self, id: BoxId) {
        for child in &self.scene.tree.get(id).children {
            if self.scene.tree.get(*child).is_floating() && !self.scene.is_layer(*child) {
                self.atomic(*child);
            }
        }
    }

    fn child(&mut self, id: BoxId, phase: Phase) {
        let one = self.scene.tree.get(id);
        if one.is_placed() || self.scene.is_layer(id) || !self.is_in_view(id) {
            return;
        }
        if one.is_floating() {
            if phase == Phase::Floats {
                self.atomic(id);
            }
            return;
        }
        if phase == Phase::Blocks {
            self.own_decoration(id);
        }
        let depth = self.canvas.depth();
        if self.scene.tree.clips(id) {
            self.push_overflow(id);
        }
        self.phase(id, phase);
        self.canvas.pop_to(depth);
    }

    fn table(&mut self, id: BoxId, phase: Phase) {
        let tree = self.scene.tree;
        let view = self.view;
        if phase == Phase::Blocks {
            self.view = self.rows_view(id);
            self.column_backgrounds(id);
        }
        for group in &tree.get(id).children {
            if self.scene.is_layer(*group) || !self.is_in_view(*group) {
                continue;
            }
            if phase == Phase::Blocks {
                self.parts(*group);
            }
            self.rows_phase(*group, phase);
        }
        self.view = view;
        if phase == Phase::Blocks {
            self.shared_borders(id, None);
        }
    }

    /// The cells of a group's rows.
    fn rows_phase(&mut self, group: BoxId, phase: Phase) {
        let tree = self.scene.tree;
        for row in &tree.get(group).children {
            if self.scene.is_layer(*row) {
                continue;
            }
            for cell in &tree.get(*row).children {
                self.cell(*cell, phase);
            }
        }
    }

    fn cell(&mut self, cell: BoxId, phase: Phase) {
        if self.scene.is_layer(cell) || !self.is_in_view(cell) {
            return;
        }
        let depth = self.canvas.depth();
        if self.scene.tree.clips(cell) {
            self.push_overflow(cell);
        }
        self.phase(cell, phase);
        self.canvas.pop_to(depth);
    }

    /// Backgrounds of a group, its rows and their cells.
    fn parts(&mut self, group: BoxId) {
        let tree = self.scene.tree;
        self.part_background(group);
        for row in &tree.get(group).children {
            if self.scene.is_layer(*row) || !self.is_in_view(*row) {
                continue;
            }
            self.part_background(*row);
            for cell in &tree.get(*row).children {
                if !self.scene.is_layer(*cell) && !self.is_hidden_cell(*cell) {
                    self.decoration(*cell);
                }
            }
        }
    }

    /// Whether an empty cell is not to be seen.
    fn is_hidden_cell(&self, cell: BoxId) -> bool {
        let one = self.scene.tree.get(cell);
        one.style.empty_cells == EmptyCells::Hide
            && one.children.is_empty()
            && one.lines().is_none()
    }

    fn push_overflow(&mut self, id: BoxId) {
        let one = self.scene.tree.get(id);
        let area = self.scene.area(id);
        let border = one.layout.border;
        let sides = Sides {
            top: border.top,
            right: border.right,
            bottom: border.bottom,
            left: border.left,
        };
        let inner = Rounded::of(&one.style, area).inset(sides);
        match inner.path() {
            Some(path) => self.canvas.push_clip(&path, FillRule::NonZero),
            None => self.canvas.push_clip_area(Area::default()),
        }
    }

    /// Opacity, transforms and the like. Whether anything is left to see.
    fn push_effects(&mut self, id: BoxId) -> bool {
        let style = &self.scene.tree.get(id).style;
        if !style.transform.is_empty() {
            let area = self.scene.area(id);
            let matrix = transform(&style.transform, &style.transform_origin, area);
            if !matrix.is_usable() {
                return false;
            }
            self.canvas.push_matrix(matrix);
        }
        if style.blend_mode != BlendMode::Normal {
            self.canvas.push_blend(blend(style.blend_mode));
        }
        if style.opacity < 1.0 {
            if style.opacity <= 0.0 {
                return false;
            }
            self.canvas.push_opacity(style.opacity);
        } else if style.blend_mode != BlendMode::Normal {
            self.canvas.push_isolated();
        }
        true
    }

    /// A list item's number or bullet, on the line that the item begins with.
    fn marker(&mut self, item: BoxId, marker: BoxId) {
        let tree = self.scene.tree;
        if tree.get(item).style.visibility != Visibility::Visible {
            return;
        }
        let Some(lines) = tree.get(marker).lines() else {
            return;
        };
        let Some(own) = lines.lines.first() else {
            return;
        };
        let one = tree.get(item);
        let area = self.scene.area(item);
        let line = first_line(tree, item).unwrap_or((
            area.y + one.layout.padding.top + one.layout.border.top + own.baseline,
            area.y,
            area.y + own.bottom,
        ));
        if !self.view.has(line.1, line.2) {
            return;
        }
        let width = tree.get(marker).layout.size.width;
        let edges = one.layout.padding + one.layout.border;
        let is_rtl = one.style.direction == crate::css::values::keyword::Direction::Rtl;
        let x = match is_rtl {
            false => area.x + edges.left - width,
            true => area.right() - edges.right,
        };
        let y = line.0 - own.baseline;
        self.canvas.push_matrix(Matrix::translate(x, y));
        let view = std::mem::replace(&mut self.view, View::ALL);
        for line in &lines.lines {
            for item in &line.items {
                match item {
                    LineItem::Run(run) => {
                        let spot = Spot {
                            id: None,
                            left: 0.0,
                            top: 0.0,
                            ends: false,
                            baseline: line.baseline,
                        };
                        self.letters(lines, run, spot);
                    }
                    LineItem::Box(child) => self.marker_picture(*child),
                }
            }
        }
        self.view = view;
        self.canvas.pop();
    }

    fn marker_picture(&mut self, id: BoxId) {
        let one = self.scene.tree.get(id);
        if let Kind::Picture(picture) = &one.kind {
            let layout = &one.layout;
            let area = Area::new(
                layout.location.x,
                layout.location.y,
                layout.size.width,
                layout.size.height,
            );
            self.drawn(picture, area);
        }
    }

    fn lines(&mut self, id: BoxId, lines: &crate::boxes::Lines) {
        let tree = self.scene.tree;
        let strip = tree.get(id).strip;
        let left = self.scene.left(id);
        let spans = super::spans::Spans::new(lines);
        for (at, line) in lines.lines.iter().enumerate() {
            let top = strip.top + line.shift;
            if !self.view.has(top + line.top, top + line.bottom) {
                continue;
            }
            self.spans_of_line(lines, &spans, at, left, top);
            let last = line
                .items
                .iter()
                .rposition(|item| matches!(item, LineItem::Run(run) if !run.is_room));
            for (n, item) in line.items.iter().enumerate() {
                match item {
                    LineItem::Run(run) => {
                        let spot = Spot {
                            id: Some(id),
                            left,
                            top,
                            ends: Some(n) == last,
                            baseline: line.baseline,
                        };
                        self.letters(lines, run, spot);
                    }
                    LineItem::Box(child) if !self.scene.is_layer(*child) => {
                        self.standing(lines, *child)
                    }
                    LineItem::Box(_) => {}
                }
            }
        }
    }

    /// A box that stands in a line; it moves along with what it stands in.
    fn standing(&mut self, lines: &crate::boxes::Lines, child: BoxId) {
        let by = lines
            .span_of(child)
            .map_or((0.0, 0.0), |span| lines.moved(span));
        if by != (0.0, 0.0) {
            self.canvas.push_matrix(Matrix::translate(by.0, by.1));
        }
        if lines.leaders.contains(&child) {
            self.leader(child);
        } else {
            self.atomic(child);
        }
        if by != (0.0, 0.0) {
            self.canvas.pop();
        }
    }
}

/// Baseline, top and bottom of the first line in a box, on the strip.
fn first_line(tree: &crate::boxes::Tree, id: BoxId) -> Option<(f32, f32, f32)> {
    let one = tree.get(id);
    if let Kind::Lines(lines) = &one.kind {
        let line = lines.lines.first()?;
        let top = one.strip.top + line.shift;
        return Some((top + line.baseline, top + line.top, top + line.bottom));
    }
    if !matches!(one.kind, Kind::Block) {
        return None;
    }
    let first = one.children.iter().find(|child| {
        let child = tree.get(**child);
        !child.is_placed() && !child.is_floating()
    })?;
    first_line(tree, *first)
}

/// All steps of a transform together, around their origin.
fn transform(steps: &[Step], origin: &crate::css::values::shape::Position, area: Area) -> Matrix {
    let (x, y) = origin.resolve((area.width, area.height));
    let (x, y) = (area.x + x, area.y + y);
    let mut all = Matrix::translate(x, y);
    for step in steps {
        all = all.of(match step {
            Step::Translate(x, y) => {
                Matrix::translate(x.resolve(area.width), y.resolve(area.height))
            }
            Step::Matrix(matrix) => Matrix(*matrix),
        });
    }
    all.of(Matrix::translate(-x, -y))
}

fn blend(mode: BlendMode) -> Blend {
    match mode {
        BlendMode::Normal => Blend::Normal,
        BlendMode::Multiply => Blend::Multiply,
        BlendMode::Screen => Blend::Screen,
        BlendMode::Overlay => Blend::Overlay,
        BlendMode::Darken => Blend::Darken,
        BlendMode::Lighten => Blend::Lighten,
        BlendMode::ColorDodge => Blend::ColorDodge,
        BlendMode::ColorBurn => Blend::ColorBurn,
        BlendMode::HardLight => Blend::HardLight,
        BlendMode::SoftLight => Blend::SoftLight,
        BlendMode::Difference => Blend::Difference,
        BlendMode::Exclusion => Blend::Exclusion,
        BlendMode::Hue => Blend::Hue,
        BlendMode::Saturation => Blend::Saturation,
        BlendMode::Color => Blend::Color,
        BlendMode::Luminosity => Blend::Luminosity,
    }
}

impl View {
    /// Everything.
    pub(crate) const ALL: View = View {
        top: f32::NEG_INFINITY,
        bottom: f32::INFINITY,
        is_open: true,
    };

    /// Whether something of what lies between two heights is in it.
    pub(crate) fn sees(&self, top: f32, bottom: f32) -> bool {
        let lies_in = top < self.bottom - TOLERANCE && bottom > self.top + TOLERANCE;
        // What has no height is where it begins.
        let is_flat = bottom - top <= 2.0 * TOLERANCE;
        lies_in || (is_flat && top >= self.top - TOLERANCE && top < self.bottom - TOLERANCE)
    }

    /// Whether a line is in it: one that is not taller than a view is in one alone.
    pub(crate) fn has(&self, top: f32, bottom: f32) -> bool {
        if bottom - top > self.bottom - self.top {
            return self.sees(top, bottom);
        }
        // Lines of no height, and those that stick out a little, belong to where they begin.
        top >= self.top - TOLERANCE && top < self.bottom - TOLERANCE
    }

    pub(crate) fn moved(&self, by: f32) -> View {
        View {
            top: self.top + by,
            bottom: self.bottom + by,
            ..*self
        }
    }
}
