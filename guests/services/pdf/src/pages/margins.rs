//! What stands in a page's margins: laid out for every page, since it may be another on each.

use taffy::{
    AvailableSpace, LayoutInput, LayoutPartialTree as _, LengthPercentage, RequestedAxis, RunMode,
    Size, SizingMode,
};

use super::{Cutter, PageBox, Slots};
use crate::boxes::{BoxId, Sources, Strings, Tree, build_margins};
use crate::css::sheet::MarginBox;
use crate::css::values::length::Size as CssSize;
use crate::css::values::text::VerticalAlign;

/// The margins of one page: trees whose boxes lie where they are on it.
#[derive(Debug)]
pub(crate) struct Margin {
    pub(crate) tree: Tree,
    /// Each with the place of its border box on the page.
    pub(crate) roots: Vec<(BoxId, f32, f32)>,
}

/// A rectangle of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Area {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

/// Makes the margins of a page; `None` where nothing stands in them.
pub(crate) fn margins(
    sources: &mut Sources<'_>,
    page: &PageBox,
    strings: &Strings,
) -> Option<Margin> {
    if page.boxes.is_empty() {
        return None;
    }
    let (mut tree, made) = build_margins(sources, &page.boxes, strings);
    let mut areas = vec![Area::default(); made.len()];
    sides(&mut tree, page, &made, &mut areas);
    let mut roots = Vec::new();
    for ((_, id), area) in made.iter().zip(&areas) {
        put(&mut tree, *id, *area);
        roots.push((*id, area.x, area.y));
    }
    let mut cutter = Cutter::new(&mut tree, Slots::listed(&[]));
    for (id, ..) in &roots {
        cutter.fix(*id, 0.0);
        super::place_others(&mut cutter, *id);
    }
    Some(Margin { tree, roots })
}

/// Gives every box its part of the margins.
fn sides(tree: &mut Tree, page: &PageBox, made: &[(MarginBox, BoxId)], areas: &mut [Area]) {
    use MarginBox as M;
    let margin = page.margin;
    let (width, height) = (
        page.width - margin.left - margin.right,
        page.height - margin.top - margin.bottom,
    );
    let (right, bottom) = (page.width - margin.right, page.height - margin.bottom);
    let area = |x, y, width, height| Area {
        x,
        y,
        width,
        height,
    };
    let corners = [
        (M::TopLeftCorner, area(0.0, 0.0, margin.left, margin.top)),
        (
            M::TopRightCorner,
            area(right, 0.0, margin.right, margin.top),
        ),
        (
            M::BottomLeftCorner,
            area(0.0, bottom, margin.left, margin.bottom),
        ),
        (
            M::BottomRightCorner,
            area(right, bottom, margin.right, margin.bottom),
        ),
    ];
    let find = |place: M| made.iter().position(|(own, _)| *own == place);
    for (place, area) in corners {
        if let Some(at) = find(place) {
            areas[at] = area;
        }
    }
    let rows = [
        ([M::TopLeft, M::TopCenter, M::TopRight], 0.0, margin.top),
        (
            [M::BottomLeft, M::BottomCenter, M::BottomRight],
            bottom,
            margin.bottom,
        ),
    ];
    for (places, y, tall) in rows {
        let own = places.map(find);
        let wants = own.map(|at| at.map(|at| wanted_width(tree, made[at].1, width)));
        for (at, (start, length)) in own.into_iter().zip(divide(wants, width)) {
            if let Some(at) = at {
                areas[at] = area(margin.left + start, y, length, tall);
            }
        }
    }
    let columns = [
        ([M::LeftTop, M::LeftMiddle, M::LeftBottom], 0.0, margin.left),
        (
            [M::RightTop, M::RightMiddle, M::RightBottom],
            right,
            margin.right,
        ),
    ];
    for (places, x, wide) in columns {
        let own = places.map(find);
        let wants = own.map(|at| at.map(|at| wanted_height(tree, made[at].1, wide, height)));
        for (at, (start, length)) in own.into_iter().zip(divide(wants, height)) {
            if let Some(at) = at {
                areas[at] = area(x, margin.top + start, wide, length);
            }
        }
    }
}

/// What a box would like to have, and whether that is what its style asks for.
#[derive(Clone, Copy, Debug)]
struct Want {
    length: f32,
    is_asked: bool,
}

fn inputs(width: AvailableSpace, known: Option<f32>) -> LayoutInput {
    LayoutInput {
        run_mode: RunMode::ComputeSize,
        sizing_mode: SizingMode::ContentSize,
        axis: RequestedAxis::Both,
        known_dimensions: Size {
            width: known,
            height: None,
        },
        known_dimensions_are_definite: Size {
            width: true,
            height: true,
        },
        parent_size: Size::NONE,
        available_space: Size {
            width,
            height: AvailableSpace::MaxContent,
        },
        vertical_margins_are_collapsible: taffy::Line::FALSE,
    }
}

fn wanted_width(tree: &mut Tree, id: BoxId, room: f32) -> Want {
    if let CssSize::Length(lp) = &tree.get(id).style.width {
        return Want {
            length: lp.resolve(room),
            is_asked: true,
        };
    }
    let size = tree
        .compute_child_layout(id.into(), inputs(AvailableSpace::MaxContent, None))
        .size;
    Want {
        length: size.width,
        is_asked: false,
    }
}

fn wanted_height(tree: &mut Tree, id: BoxId, width: f32, room: f32) -> Want {
    if let CssSize::Length(lp) = &tree.get(id).style.height {
        return Want {
            length: lp.resolve(room),
            is_asked: true,
        };
    }
    let asked = inputs(AvailableSpace::Definite(width), Some(width));
    Want {
        length: tree.compute_child_layout(id.into(), asked).size.height,
        is_asked: false,
    }
}

/// Divides a side among up to three boxes: the one in the middle stays in the middle.
fn divide(wants: [Option<Want>; 3], room: f32) -> [(f32, f32); 3] {
    // What was asked for is no wish that gives way, but there is no more than all of the room.
    let length = |want: Option<Want>| match want {
        Some(want) if want.is_asked => want.length.min(room),
        Some(want) => want.length,
        None => 0.0,
    };
    let [first, middle, last] = wants;
    if let Some(own) = middle {
        let beside = length(first).max(length(last)) * 2.0;
        let own_length = length(middle);
        let width = match own.is_asked || own_length + beside <= room {
            true => own_length,
            false => room * own_length / (own_length + beside),
        };
        let side = (room - width) / 2.0;
        let of = |want: Option<Want>| match want {
            Some(want) if want.is_asked => want.length.min(room),
            _ => side,
        };
        return [(0.0, of(first)), (side, width), (room - of(last), of(last))];
    }
    let (one, other) = (length(first), length(last));
    let share = |want: Option<Want>, own: f32, other: f32| match want {
        Some(want) if want.is_asked => own,
        _ if own + other > 0.0 => room * own / (own + other),
        _ => room,
    };
    let (one, other) = match (first, last) {
        (Some(first), Some(last)) if first.is_asked && !last.is_asked => (one, room - one),
        (Some(first), Some(last)) if last.is_asked && !first.is_asked => (room - other, other),
        (Some(_), Some(_)) => (share(first, one, other), share(last, other, one)),
        (Some(want), None) => (if want.is_asked { one } else { room }, 0.0),
        (None, Some(want)) => (0.0, if want.is_asked { other } else { room }),
        (None, None) => (0.0, 0.0),
    };
    [(0.0, one), (0.0, 0.0), (room - other, other)]
}

/// Lays a box out for its area; what is in it stands where its style says.
fn put(tree: &mut Tree, id: BoxId, area: Area) {
    let width = area.width.max(0.0);
    let asked = inputs(AvailableSpace::Definite(width), Some(width));
    let tall = tree.compute_child_layout(id.into(), asked).size.height;
    let free = (area.height - tall).max(0.0);
    let style = tree.get(id).style.clone();
    let offset = match style.vertical_align {
        VerticalAlign::Top | VerticalAlign::TextTop => 0.0,
        VerticalAlign::Bottom | VerticalAlign::TextBottom => free,
        _ => free / 2.0,
    };
    let one = tree.get_mut(id);
    one.flow.padding.top = LengthPercentage::length(style.padding_top.resolve(width) + offset);
    one.cache.clear();
    let asked = LayoutInput {
        run_mode: RunMode::PerformLayout,
        known_dimensions: Size {
            width: Some(width),
            height: Some(area.height.max(tall)),
        },
        ..asked
    };
    let size = tree.compute_child_layout(id.into(), asked).size;
    let layout = &mut tree.get_mut(id).layout;
    layout.size = size;
    tree.note_edges(id, Some(width));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(length: f32) -> Option<Want> {
        Some(Want {
            length,
            is_asked: false,
        })
    }

    #[test]
    fn the_middle_stays_in_the_middle() {
        let [first, middle, last] = divide([want(50.0), want(100.0), None], 500.0);
        assert_eq!(middle, (200.0, 100.0));
        assert_eq!((first.1, last), (200.0, (300.0, 200.0)));
        let [_, middle, _] = divide([want(300.0), want(600.0), None], 500.0);
        assert_eq!(middle.1, 250.0);
    }

    #[test]
    fn two_share_by_what_they_want() {
        let [first, _, last] = divide([want(100.0), None, want(300.0)], 800.0);
        assert_eq!((first, last), ((0.0, 200.0), (200.0, 600.0)));
        let [first, ..] = divide([want(100.0), None, None], 800.0);
        assert_eq!(first, (0.0, 800.0));
    }
}
