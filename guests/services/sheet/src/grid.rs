//! Where all formats put their cells: in the form in which they cross the wall, row after row, as they are read.
//!
//! The rectangle begins at A1 and ends at the last row and column that have a cell. Cells that come out of order, which
//! hardly a writer does, are kept aside and sorted in at the end; of two cells in one place the later one stands.

use wardian_abi::table::{Head, Token};

use crate::budget::{COLUMNS_MAX, ROWS_MAX};
use crate::error::SheetError;

/// A rectangle, both ends included, counted from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Area {
    pub(crate) rows: (u32, u32),
    pub(crate) columns: (u32, u32),
}

impl Area {
    /// All of a sheet.
    pub(crate) const ALL: Area = Area {
        rows: (0, u32::MAX - 1),
        columns: (0, u32::MAX - 1),
    };

    pub(crate) fn holds(&self, row: u32, column: u32) -> bool {
        (self.rows.0..=self.rows.1).contains(&row)
            && (self.columns.0..=self.columns.1).contains(&column)
    }
}

/// What a sheet may become: how many cells are left to the call, and which of them are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) cells_max: u32,
    pub(crate) area: Area,
    pub(crate) rows_max: u32,
}

impl Bounds {
    pub(crate) fn new(cells_max: u32, area: Area) -> Bounds {
        Bounds {
            cells_max,
            area,
            rows_max: ROWS_MAX,
        }
    }
}

/// A sheet that is complete.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    /// Rows in the form of [`wardian_abi::table`].
    pub(crate) cells: Vec<u8>,
}

impl Sheet {
    /// Cells of the rectangle.
    pub(crate) fn area(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }
}

/// A sheet that is being read.
#[derive(Debug)]
pub(crate) struct Grid {
    bounds: Bounds,
    sheet: Sheet,
    /// Where the head of the open row stands.
    open: Option<usize>,
    /// The row and the column that come next.
    row: u32,
    column: u32,
    late: Vec<Placed>,
}

#[derive(Clone, Copy, Debug)]
struct Placed {
    row: u32,
    column: u32,
    token: Token,
}

impl Grid {
    pub(crate) fn new(bounds: Bounds) -> Grid {
        Grid {
            bounds,
            sheet: Sheet::default(),
            open: None,
            row: 0,
            column: 0,
            late: Vec::new(),
        }
    }

    /// A cell with something in it.
    pub(crate) fn put(&mut self, row: u32, column: u32, token: Token) -> Result<(), SheetError> {
        if !self.reach(row, column)? {
            return Ok(());
        }
        let (row, column) = (
            row - self.bounds.area.rows.0,
            column - self.bounds.area.columns.0,
        );
        match self.open {
            Some(_) if row == self.row && column >= self.column => {}
            Some(_) if row > self.row => self.close(row),
            None if row >= self.row => self.close(row),
            _ => {
                self.late.push(Placed { row, column, token });
                return Ok(());
            }
        }
        if column > self.column {
            Token::Empty(column - self.column).write(&mut self.sheet.cells);
        }
        token.write(&mut self.sheet.cells);
        self.column = column + 1;
        Ok(())
    }

    /// A cell that is there and empty: the rectangle holds it. Says whether it is wanted.
    pub(crate) fn reach(&mut self, row: u32, column: u32) -> Result<bool, SheetError> {
        if row >= self.bounds.rows_max || column >= COLUMNS_MAX {
            return Err(SheetError::too_large(format!(
                "a cell lies in row {} and column {}, allowed {} and {COLUMNS_MAX}",
                u64::from(row) + 1,
                u64::from(column) + 1,
                self.bounds.rows_max
            )));
        }
        let area = self.bounds.area;
        if !area.holds(row, column) {
            return Ok(false);
        }
        let (rows, columns) = (row - area.rows.0 + 1, column - area.columns.0 + 1);
        if rows > self.sheet.rows || columns > self.sheet.columns {
            self.sheet.rows = rows.max(self.sheet.rows);
            self.sheet.columns = columns.max(self.sheet.columns);
            if self.sheet.area() > u64::from(self.bounds.cells_max) {
                return Err(self.too_many());
            }
        }
        Ok(true)
    }

    fn too_many(&self) -> SheetError {
        SheetError::new(
            "sheet.too_many_cells",
            format!(
                "the sheet has {} rows and {} columns or more, allowed {} cells in all: give a `range`, or raise `cells_max`",
                self.sheet.rows, self.sheet.columns, self.bounds.cells_max
            ),
        )
    }

    /// Ends the open row, steps over empty ones, and opens the row `next`.
    fn close(&mut self, next: u32) {
        let begins = match self.open {
            Some(_) => {
                self.end_row();
                self.row + 1
            }
            None => self.row,
        };
        if next > begins {
            Head::Empty(next - begins).write(&mut self.sheet.cells);
        }
        self.open = Some(self.sheet.cells.len());
        Head::Row(0).write(&mut self.sheet.cells);
        (self.row, self.column) = (next, 0);
    }

    fn end_row(&mut self) {
        let Some(at) = self.open.take() else { return };
        let bytes = (self.sheet.cells.len() - at - 4) as u32;
        if let Some(place) = self.sheet.cells.get_mut(at..at + 4) {
            place.copy_from_slice(&Head::Row(bytes).encoded());
        }
    }

    /// The sheet, in which only the first cell of each merged area has something in it. The rectangle holds merged areas
    /// too, unless they reach to the `edge` of what a sheet can have: a title over a whole row makes no 16,384 columns.
    pub(crate) fn finish(
        mut self,
        merged: &mut [Area],
        edge: (u32, u32),
    ) -> Result<Sheet, SheetError> {
        let area = self.bounds.area;
        let is_inside =
            |merged: &&Area| merged.rows.0 <= area.rows.1 && merged.columns.0 <= area.columns.1;
        for merged in merged.iter().filter(is_inside) {
            let (row, column) = (merged.rows.1, merged.columns.1);
            if row < edge.0 && column < edge.1 {
                self.reach(row.min(area.rows.1), column.min(area.columns.1))?;
            }
        }
        self.end_row();
        if !self.late.is_empty() {
            self.sort();
        }
        merged.sort_by_key(|area| area.rows.0);
        let origin = (area.rows.0, area.columns.0);
        if covers(&self.sheet, merged, origin) {
            let kept = kept(&self.sheet, merged, origin);
            self.sheet.cells = rows(kept);
        }
        let missing = self.sheet.rows.saturating_sub(count(&self.sheet.cells));
        if missing > 0 {
            Head::Empty(missing).write(&mut self.sheet.cells);
        }
        Ok(self.sheet)
    }

    fn sort(&mut self) {
        let mut all = Vec::new();
        for_each(&self.sheet.cells, |placed| all.push(placed));
        all.append(&mut self.late);
        // Stable: of equal places the later one stays last, and is the one that is kept.
        all.sort_by_key(|placed| (placed.row, placed.column));
        all.reverse();
        all.dedup_by_key(|placed| (placed.row, placed.column));
        all.reverse();
        self.sheet.cells = rows(all);
    }
}

/// Calls back with every cell that has something in it.
fn for_each(cells: &[u8], mut found: impl FnMut(Placed)) {
    let (mut rest, mut row) = (cells, 0);
    while let Some((head, behind)) = Head::read(rest) {
        rest = behind;
        match head {
            Head::Empty(count) => row += count,
            Head::Row(bytes) => {
                let (mut tokens, behind) =
                    rest.split_at_checked(bytes as usize).unwrap_or((rest, &[]));
                let mut column = 0;
                while let Some((token, left)) = Token::read(tokens) {
                    tokens = left;
                    if let Token::Empty(count) = token {
                        column += count;
                        continue;
                    }
                    found(Placed { row, column, token });
                    column += 1;
                }
                (rest, row) = (behind, row + 1);
            }
        }
    }
}

/// Rows that are written down.
fn count(cells: &[u8]) -> u32 {
    let (mut rest, mut count) = (cells, 0);
    while let Some((head, behind)) = Head::read(rest) {
        (rest, count) = match head {
            Head::Empty(rows) => (behind, count + rows),
            Head::Row(bytes) => (behind.get(bytes as usize..).unwrap_or_default(), count + 1),
        };
    }
    count
}

/// Cells in order, as rows.
fn rows(cells: Vec<Placed>) -> Vec<u8> {
    let mut grid = Grid::new(Bounds {
        cells_max: u32::MAX,
        area: Area::ALL,
        rows_max: u32::MAX,
    });
    for Placed { row, column, token } in cells {
        // They were within the bounds when they came, and these are wider.
        let _ = grid.put(row, column, token);
    }
    grid.end_row();
    grid.sheet.cells
}

/// Looks for merged areas by row. `origin` is where the sheet's own cells begin to count.
struct Sweep<'m> {
    merged: &'m [Area],
    next: usize,
    active: Vec<Area>,
    origin: (u32, u32),
}

impl Sweep<'_> {
    /// Whether the cell is covered by another one. Rows are asked for in order.
    fn is_covered(&mut self, placed: &Placed) -> bool {
        let (row, column) = (
            placed.row.saturating_add(self.origin.0),
            placed.column.saturating_add(self.origin.1),
        );
        while let Some(area) = self.merged.get(self.next).filter(|area| area.rows.0 <= row) {
            self.active.push(*area);
            self.next += 1;
        }
        self.active.retain(|area| area.rows.1 >= row);
        let covers =
            |area: &Area| area.holds(row, column) && (row, column) != (area.rows.0, area.columns.0);
        self.active.iter().any(covers)
    }
}

fn sweep(merged: &[Area], origin: (u32, u32)) -> Sweep<'_> {
    Sweep {
        merged,
        next: 0,
        active: Vec::new(),
        origin,
    }
}

fn covers(sheet: &Sheet, merged: &[Area], origin: (u32, u32)) -> bool {
    if merged.is_empty() {
        return false;
    }
    let (mut sweep, mut found) = (sweep(merged, origin), false);
    for_each(&sheet.cells, |placed| found |= sweep.is_covered(&placed));
    found
}

fn kept(sheet: &Sheet, merged: &[Area], origin: (u32, u32)) -> Vec<Placed> {
    let (mut sweep, mut kept) = (sweep(merged, origin), Vec::new());
    for_each(&sheet.cells, |placed| {
        if !sweep.is_covered(&placed) {
            kept.push(placed);
        }
    });
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGE: (u32, u32) = (ROWS_MAX - 1, COLUMNS_MAX - 1);

    fn bounds(cells_max: u32) -> Bounds {
        Bounds::new(cells_max, Area::ALL)
    }

    fn read(sheet: &Sheet) -> Vec<(u32, u32, f64)> {
        let mut out = Vec::new();
        for_each(&sheet.cells, |Placed { row, column, token }| {
            if let Token::Number(number) = token {
                out.push((row, column, number));
            }
        });
        out
    }

    fn filled(cells: &[(u32, u32)]) -> Grid {
        let mut grid = Grid::new(bounds(1_000));
        for (number, (row, column)) in cells.iter().enumerate() {
            grid.put(*row, *column, Token::Number(number as f64))
                .unwrap();
        }
        grid
    }

    #[test]
    fn cells_come_back_where_they_were_put() {
        let sheet = filled(&[(1, 2), (1, 3), (4, 0)])
            .finish(&mut [], EDGE)
            .unwrap();
        assert_eq!((sheet.rows, sheet.columns), (5, 4));
        assert_eq!(read(&sheet), [(1, 2, 0.0), (1, 3, 1.0), (4, 0, 2.0)]);
    }

    #[test]
    fn disorder_is_sorted_and_the_later_of_two_stands() {
        let sheet = filled(&[(4, 0), (1, 2), (4, 0), (0, 0), (1, 1), (9, 9)])
            .finish(&mut [], EDGE)
            .unwrap();
        let ordered = [
            (0, 0, 3.0),
            (1, 1, 4.0),
            (1, 2, 1.0),
            (4, 0, 2.0),
            (9, 9, 5.0),
        ];
        assert_eq!(read(&sheet), ordered);
    }

    #[test]
    fn what_a_merged_area_covers_is_empty() {
        let area = Area {
            rows: (0, 1),
            columns: (0, 1),
        };
        let sheet = filled(&[(0, 0), (0, 1), (0, 2), (1, 0), (2, 0)])
            .finish(&mut [area], EDGE)
            .unwrap();
        assert_eq!(read(&sheet), [(0, 0, 0.0), (0, 2, 2.0), (2, 0, 4.0)]);
        assert_eq!((sheet.rows, sheet.columns), (3, 3));
    }

    #[test]
    fn merged_areas_widen_the_rectangle_unless_they_are_whole_rows() {
        let area = |rows, columns| Area { rows, columns };
        let sides = |merged: &[Area]| {
            let sheet = filled(&[(1, 1)])
                .finish(&mut merged.to_vec(), EDGE)
                .unwrap();
            (sheet.rows, sheet.columns)
        };
        assert_eq!(sides(&[area((0, 3), (1, 4))]), (4, 5));
        assert_eq!(sides(&[area((0, 0), (0, EDGE.1))]), (2, 2));
        assert_eq!(sides(&[area((0, EDGE.0), (0, 0))]), (2, 2));
        let wide = filled(&[]).finish(&mut [area((0, 0), (0, 1_000))], EDGE);
        assert_eq!(wide.unwrap_err().code, "sheet.too_many_cells");
    }

    #[test]
    fn the_number_of_cells_holds_on_both_sides() {
        let mut grid = Grid::new(bounds(12));
        assert!(grid.reach(2, 3).unwrap());
        assert!(grid.reach(0, 0).unwrap());
        let error = grid.reach(3, 0).unwrap_err();
        assert_eq!(error.code, "sheet.too_many_cells");
        let mut grid = Grid::new(bounds(u32::MAX));
        assert!(grid.reach(ROWS_MAX - 1, 0).is_ok());
        assert_eq!(grid.reach(ROWS_MAX, 0).unwrap_err().code, "sheet.too_large");
        assert_eq!(
            grid.reach(0, COLUMNS_MAX).unwrap_err().code,
            "sheet.too_large"
        );
        let mut grid = Grid::new(bounds(u32::MAX));
        assert!(grid.reach(0, COLUMNS_MAX - 1).is_ok());
    }

    #[test]
    fn only_what_lies_in_the_range_is_kept() {
        let area = Area {
            rows: (1, 2),
            columns: (1, 2),
        };
        let mut grid = Grid::new(Bounds::new(4, area));
        for place in [(0, 0), (1, 1), (2, 2), (2, 3), (900, 900)] {
            grid.put(place.0, place.1, Token::Number(1.0)).unwrap();
        }
        let sheet = grid.finish(&mut [], EDGE).unwrap();
        assert_eq!((sheet.rows, sheet.columns), (2, 2));
        assert_eq!(read(&sheet), [(0, 0, 1.0), (1, 1, 1.0)]);
    }
}
