//! Widths of columns: each between what its content needs at least and what it would like, as the style asks for.

use taffy::{AvailableSpace, LayoutInput, LayoutPartialTree as _, RequestedAxis, RunMode};

use super::{Placed, Work};
use crate::boxes::{Table, Tree};
use crate::css::property::Style;
use crate::css::values::boxes::Display;
use crate::css::values::keyword::{BoxSizing, TableLayout};
use crate::css::values::length::{Lp, Size};

/// What a column, or a cell over several, wants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Wish {
    min: f32,
    max: f32,
    /// A width in pixels that was asked for.
    fixed: bool,
    /// A share of the table that was asked for.
    share: Option<f32>,
}

impl Work {
    /// Works out the widths of all columns.
    pub(super) fn widths(&mut self, tree: &mut Tree, table: &mut Table) {
        let count = table.columns.len();
        if count == 0 {
            table.widths.clear();
            return;
        }
        let style = tree.get(self.id).style.clone();
        let around = self.frame.across() + (count as f32 + 1.0) * self.spacing.0;
        let wanted = self.frame.size.width.map(|width| (width - around).max(0.0));
        if let (TableLayout::Fixed, Some(width)) = (style.table_layout, wanted) {
            table.widths = self.fixed(tree, table, width);
            return;
        }
        if table.wishes.is_empty() {
            table.wishes = self.wishes(tree, table);
        }
        let wishes = &table.wishes;
        let min: f32 = wishes.iter().map(|wish| wish.min).sum();
        let width = match (wanted, self.inputs.available_space.width) {
            (Some(width), _) => width,
            (None, AvailableSpace::MinContent) => min,
            (None, AvailableSpace::MaxContent) => preferred(wishes, f32::INFINITY),
            (None, AvailableSpace::Definite(room)) => {
                let most = self.frame.max.width.map_or(room, |max| max.min(room));
                let room = (most - around).max(0.0);
                let least = self
                    .frame
                    .min
                    .width
                    .map_or(0.0, |least| (least - around).max(0.0));
                preferred(wishes, room).min(room).max(least)
            }
        };
        table.widths = distribute(wishes, width.max(min));
    }

    /// Widths that the first row and the columns themselves ask for; the others share what is left.
    fn fixed(&self, tree: &Tree, table: &Table, width: f32) -> Vec<f32> {
        let mut asked: Vec<Option<f32>> = table
            .columns
            .iter()
            .map(|column| match &column.style.width {
                Size::Length(lp) if column.style.display == Display::TableColumn => {
                    Some(lp.resolve(width))
                }
                _ => None,
            })
            .collect();
        for placed in self.cells.iter().filter(|placed| placed.cell.row == 0) {
            let style = &tree.get(placed.id).style;
            let Size::Length(lp) = &style.width else {
                continue;
            };
            let own = match lp {
                Lp::Share(share) => share * width,
                other => other.resolve(width) + self.around(tree, placed, style),
            };
            let columns = placed.cell.column..placed.cell.column + placed.cell.columns;
            let each = own / placed.cell.columns as f32;
            for column in asked.get_mut(columns).into_iter().flatten() {
                column.get_or_insert(each);
            }
        }
        let used: f32 = asked.iter().flatten().sum();
        let open = asked.iter().filter(|own| own.is_none()).count();
        let left = (width - used).max(0.0);
        if open > 0 {
            let each = left / open as f32;
            return asked.into_iter().map(|own| own.unwrap_or(each)).collect();
        }
        let scale = if used > 0.0 {
            width.max(used) / used
        } else {
            1.0
        };
        asked.into_iter().flatten().map(|own| own * scale).collect()
    }

    /// Padding and borders of a cell, where its width is that of its content.
    fn around(&self, tree: &Tree, placed: &Placed, style: &Style) -> f32 {
        if style.box_sizing == BoxSizing::Border {
            return 0.0;
        }
        tree.frame(
            placed.id,
            &self.cell_inputs(None, AvailableSpace::MaxContent),
        )
        .across()
    }

    fn wishes(&self, tree: &mut Tree, table: &Table) -> Vec<Wish> {
        let mut wishes: Vec<Wish> = table
            .columns
            .iter()
            .map(|column| match &column.style.width {
                _ if column.style.display != Display::TableColumn => Wish::default(),
                Size::Length(Lp::Share(share)) => Wish {
                    share: Some(*share),
                    ..Wish::default()
                },
                Size::Length(lp) => Wish {
                    max: lp.resolve(0.0).max(0.0),
                    fixed: lp.px().is_some(),
                    ..Wish::default()
                },
                _ => Wish::default(),
            })
            .collect();
        let mut wide: Vec<(Placed, Wish)> = Vec::new();
        for placed in &self.cells {
            let wish = self.wish(tree, placed);
            if placed.cell.columns > 1 {
                wide.push((*placed, wish));
                continue;
            }
            let column = &mut wishes[placed.cell.column];
            column.min = column.min.max(wish.min);
            column.max = match (column.fixed, wish.fixed) {
                (false, true) => wish.max.max(column.min),
                (true, false) => column.max.max(column.min),
                _ => column.max.max(wish.max),
            };
            column.fixed |= wish.fixed;
            column.share = larger(column.share, wish.share);
        }
        wide.sort_by_key(|(placed, _)| placed.cell.columns);
        for (placed, wish) in wide {
            let columns = placed.cell.column..placed.cell.column + placed.cell.columns;
            if let Some(columns) = wishes.get_mut(columns) {
                let between = (columns.len() - 1) as f32 * self.spacing.0;
                spread(columns, wish, between);
            }
        }
        for wish in &mut wishes {
            wish.max = wish.max.max(wish.min);
        }
        wishes
    }

    /// What one cell wants.
    fn wish(&self, tree: &mut Tree, placed: &Placed) -> Wish {
        let mut measure = |room| {
            let inputs = LayoutInput {
                run_mode: RunMode::ComputeSize,
                axis: RequestedAxis::Horizontal,
                ..self.cell_inputs(None, room)
            };
            tree.compute_child_layout(placed.id.into(), inputs)
                .size
                .width
        };
        let min = measure(AvailableSpace::MinContent);
        let max = measure(AvailableSpace::MaxContent);
        let style = tree.get(placed.id).style.clone();
        let around = self.around(tree, placed, &style);
        let length = |size: &Size| match size {
            Size::Length(lp) => lp.px().map(|px| px + around),
            _ => None,
        };
        let mut wish = Wish {
            min: min.max(length(&style.min_width).unwrap_or(0.0)),
            max,
            fixed: false,
            share: None,
        };
        match &style.width {
            Size::Length(Lp::Share(share)) => wish.share = Some(*share),
            Size::MinContent => wish.max = min,
            other => {
                if let Some(width) = length(other) {
                    wish.fixed = true;
                    wish.max = width.max(min);
                }
            }
        }
        if let Some(most) = length(&style.max_width) {
            wish.max = wish.max.min(most);
        }
        wish.max = wish.max.max(wish.min);
        wish
    }
}

fn larger(one: Option<f32>, other: Option<f32>) -> Option<f32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

/// Lets a cell over several columns have its say: those that nobody measured get more first.
fn spread(columns: &mut [Wish], wish: Wish, between: f32) {
    if let Some(share) = wish.share {
        let known: f32 = columns.iter().filter_map(|column| column.share).sum();
        let open = columns
            .iter()
            .filter(|column| column.share.is_none())
            .count();
        if open > 0 && share > known {
            let each = (share - known) / open as f32;
            for column in columns.iter_mut().filter(|column| column.share.is_none()) {
                column.share = Some(each);
            }
        }
    }
    let of = |columns: &[Wish], part: fn(&Wish) -> f32| columns.iter().map(part).sum::<f32>();
    let more = wish.min - between - of(columns, |column| column.min);
    if more > 0.0 {
        let room = of(columns, |column| (column.max - column.min).max(0.0));
        if room >= more {
            for column in columns.iter_mut() {
                column.min += more * (column.max - column.min).max(0.0) / room;
            }
        } else {
            give(columns, more, |column, px| column.min += px);
        }
    }
    let more = wish.max - between - of(columns, |column| column.max.max(column.min));
    if more > 0.0 {
        for column in columns.iter_mut() {
            column.max = column.max.max(column.min);
        }
        give(columns, more, |column, px| column.max += px);
    }
}

/// Gives columns more: those without a width of their own, in proportion to what they would like.
fn give(columns: &mut [Wish], more: f32, mut add: impl FnMut(&mut Wish, f32)) {
    let is_open = |column: &Wish| !column.fixed && column.share.is_none();
    let any = columns.iter().any(is_open);
    let takes = |column: &Wish| !any || is_open(column);
    let total: f32 = columns
        .iter()
        .filter(|column| takes(column))
        .map(|column| column.max)
        .sum();
    let count = columns.iter().filter(|column| takes(column)).count() as f32;
    for column in columns.iter_mut().filter(|column| takes(column)) {
        let part = if total > 0.0 {
            column.max / total
        } else {
            1.0 / count
        };
        add(column, more * part);
    }
}

/// The width that a table without one of its own would like to have.
fn preferred(wishes: &[Wish], room: f32) -> f32 {
    let sum: f32 = wishes.iter().map(|wish| wish.max).sum();
    let mut width = sum;
    let shares: f32 = wishes.iter().filter_map(|wish| wish.share).sum();
    for wish in wishes {
        if let Some(share) = wish.share.filter(|share| *share > 0.0) {
            width = width.max((wish.max / share).min(room));
        }
    }
    let rest: f32 = wishes
        .iter()
        .filter(|wish| wish.share.is_none())
        .map(|wish| wish.max)
        .sum();
    if shares > 0.0 && rest > 0.0 {
        width = match shares < 1.0 {
            true => width.max((rest / (1.0 - shares)).min(room)),
            false => room,
        };
    }
    if width.is_finite() { width } else { sum }
}

/// Shares out a table's width among its columns. It is at least the sum of their least widths.
pub(super) fn distribute(wishes: &[Wish], width: f32) -> Vec<f32> {
    let mins: Vec<f32> = wishes.iter().map(|wish| wish.min).collect();
    // Four guesses, each more generous than the one before it; the width lies between two of them.
    let shared: Vec<f32> = wishes
        .iter()
        .map(|wish| match wish.share {
            Some(share) => (share * width).max(wish.min),
            None => wish.min,
        })
        .collect();
    let fixed: Vec<f32> = wishes
        .iter()
        .zip(&shared)
        .map(|(wish, shared)| {
            if wish.share.is_none() && wish.fixed {
                wish.max
            } else {
                *shared
            }
        })
        .collect();
    let most: Vec<f32> = wishes
        .iter()
        .zip(&fixed)
        .map(|(wish, fixed)| {
            if wish.share.is_none() {
                wish.max
            } else {
                *fixed
            }
        })
        .collect();
    let mut below = &mins;
    for above in [&shared, &fixed, &most] {
        if above.iter().sum::<f32>() >= width {
            return between(below, above, width);
        }
        below = above;
    }
    surplus(wishes, most, width)
}

fn between(below: &[f32], above: &[f32], width: f32) -> Vec<f32> {
    let (low, high): (f32, f32) = (below.iter().sum(), above.iter().sum());
    let part = if high > low {
        ((width - low) / (high - low)).clamp(0.0, 1.0)
    } else {
        0.0
    };
    below
        .iter()
        .zip(above)
        .map(|(below, above)| below + (above - below) * part)
        .collect()
}

/// More than all would like: first to those without a width of their own, then to those with one, then to shares.
fn surplus(wishes: &[Wish], mut widths: Vec<f32>, width: f32) -> Vec<f32> {
    let more = width - widths.iter().sum::<f32>();
    if more <= 0.0 {
        return widths;
    }
    let open = |wish: &Wish| !wish.fixed && wish.share.is_none();
    let fixed = |wish: &Wish| wish.fixed && wish.share.is_none();
    let all = |_: &Wish| true;
    let kinds: [&dyn Fn(&Wish) -> bool; 3] = [&open, &fixed, &all];
    for takes in kinds {
        let chosen: Vec<usize> = (0..wishes.len()).filter(|at| takes(&wishes[*at])).collect();
        if chosen.is_empty() {
            continue;
        }
        let total: f32 = chosen.iter().map(|at| widths[*at]).sum();
        let count = chosen.len() as f32;
        for at in chosen {
            let part = if total > 0.0 {
                widths[at] / total
            } else {
                1.0 / count
            };
            widths[at] += more * part;
        }
        return widths;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(min: f32, max: f32) -> Wish {
        Wish {
            min,
            max,
            ..Wish::default()
        }
    }

    #[test]
    fn widths_lie_between_least_and_most() {
        let columns = [wish(10.0, 30.0), wish(20.0, 100.0)];
        assert_eq!(distribute(&columns, 30.0), [10.0, 20.0]);
        assert_eq!(distribute(&columns, 130.0), [30.0, 100.0]);
        assert_eq!(distribute(&columns, 80.0), [20.0, 60.0]);
        assert_eq!(
            distribute(&columns, 260.0),
            [60.0, 200.0],
            "what is left over goes by size"
        );
    }

    #[test]
    fn widths_that_were_asked_for_come_first() {
        let fixed = Wish {
            fixed: true,
            ..wish(10.0, 50.0)
        };
        assert_eq!(
            distribute(&[fixed, wish(10.0, 100.0)], 200.0),
            [50.0, 150.0]
        );
        let share = Wish {
            share: Some(0.25),
            ..wish(10.0, 20.0)
        };
        assert_eq!(
            distribute(&[share, wish(10.0, 100.0)], 200.0),
            [50.0, 150.0]
        );
    }

    #[test]
    fn tables_are_as_wide_as_shares_make_them() {
        let share = Wish {
            share: Some(0.25),
            ..wish(10.0, 50.0)
        };
        assert_eq!(preferred(&[share, wish(10.0, 20.0)], 1_000.0), 200.0);
        assert_eq!(preferred(&[share, wish(10.0, 20.0)], 120.0), 120.0);
        assert_eq!(
            preferred(&[wish(1.0, 50.0), wish(1.0, 20.0)], 1_000.0),
            70.0
        );
    }

    #[test]
    fn cells_over_several_columns_make_them_wider() {
        let mut columns = [wish(10.0, 10.0), wish(10.0, 30.0)];
        spread(&mut columns, wish(40.0, 80.0), 0.0);
        assert_eq!(columns[0].min + columns[1].min, 40.0);
        assert_eq!(columns[0].max + columns[1].max, 80.0);
    }
}
