//! Where the keys lead in a grid, and the block of cells they span. Pure: rows and columns are
//! numbers here; which row or field they mean is known elsewhere.

/// A cell by row and column, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    pub row: usize,
    pub column: usize,
}

/// A rectangle of cells, all ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub top: usize,
    pub left: usize,
    pub bottom: usize,
    pub right: usize,
}

impl Block {
    /// The cells between two corners.
    pub fn between(one: At, other: At) -> Self {
        Self {
            top: one.row.min(other.row),
            left: one.column.min(other.column),
            bottom: one.row.max(other.row),
            right: one.column.max(other.column),
        }
    }

    pub const fn rows(self) -> usize {
        self.bottom - self.top + 1
    }

    pub const fn columns(self) -> usize {
        self.right - self.left + 1
    }

    pub const fn is_one_cell(self) -> bool {
        self.rows() == 1 && self.columns() == 1
    }

    pub const fn has_row(self, row: usize) -> bool {
        row >= self.top && row <= self.bottom
    }
}

/// How much of a grid there is.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    pub rows: usize,
    pub columns: usize,
    /// Rows of one page.
    pub page: usize,
}

/// Where a key leads; `None` when it is no key of moving. Nothing wraps.
pub fn moved(key: &str, control: bool, at: At, extent: Extent) -> Option<At> {
    let (last_row, last_column) = (extent.rows.saturating_sub(1), extent.columns.saturating_sub(1));
    let At { row, column } = at;
    let (row, column) = match (key, control) {
        ("ArrowUp", false) => (row.saturating_sub(1), column),
        ("ArrowDown", false) => (row + 1, column),
        ("ArrowLeft", false) => (row, column.saturating_sub(1)),
        ("ArrowRight", false) => (row, column + 1),
        ("ArrowUp", true) => (0, column),
        ("ArrowDown", true) => (last_row, column),
        ("ArrowLeft", true) | ("Home", false) => (row, 0),
        ("ArrowRight", true) | ("End", false) => (row, last_column),
        ("Home", true) => (0, 0),
        ("End", true) => (last_row, last_column),
        ("PageUp", _) => (row.saturating_sub(extent.page), column),
        ("PageDown", _) => (row + extent.page, column),
        _ => return None,
    };
    Some(At { row: row.min(last_row), column: column.min(last_column) })
}

/// The next cell, line by line, that `open` accepts: where Enter and Tab lead after an entry.
/// `None` at the end of the grid.
pub fn next(at: At, back: bool, extent: Extent, open: impl Fn(At) -> bool) -> Option<At> {
    let At { mut row, mut column } = at;
    for _ in 0..=extent.columns {
        if back {
            if column == 0 {
                row = row.checked_sub(1)?;
                column = extent.columns;
            }
            column = column.checked_sub(1)?;
        } else {
            column += 1;
            if column >= extent.columns {
                row += 1;
                column = 0;
            }
            if row >= extent.rows {
                return None;
            }
        }
        let at = At { row, column };
        if open(at) {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { rows: 10, columns: 4, page: 5 };

    fn at(row: usize, column: usize) -> At {
        At { row, column }
    }

    #[test]
    fn a_block_is_the_same_from_whichever_corner_it_is_drawn() {
        let block = Block { top: 1, left: 0, bottom: 3, right: 2 };
        for (one, other) in [(at(1, 0), at(3, 2)), (at(3, 2), at(1, 0)), (at(1, 2), at(3, 0)), (at(3, 0), at(1, 2))] {
            assert_eq!(Block::between(one, other), block);
        }
        assert_eq!((block.rows(), block.columns()), (3, 3));
        assert!(Block::between(at(2, 2), at(2, 2)).is_one_cell());
        assert!(block.has_row(3) && !block.has_row(4));
    }

    #[test]
    fn keys_lead_as_in_every_grid_and_never_out_of_it() {
        for (key, control, from, to) in [
            ("ArrowRight", false, at(0, 3), at(0, 3)),
            ("ArrowDown", false, at(9, 1), at(9, 1)),
            ("Home", false, at(4, 3), at(4, 0)),
            ("End", false, at(4, 0), at(4, 3)),
            ("Home", true, at(4, 3), at(0, 0)),
            ("End", true, at(4, 0), at(9, 3)),
            ("PageDown", false, at(6, 2), at(9, 2)),
            ("PageUp", false, at(6, 2), at(1, 2)),
            ("ArrowUp", true, at(6, 2), at(0, 2)),
        ] {
            assert_eq!(moved(key, control, from, EXTENT), Some(to), "{key} from {from:?}");
        }
        assert_eq!(moved("a", false, at(0, 0), EXTENT), None);
        // An empty grid has nowhere to go, and must not panic on the way.
        let empty = Extent { rows: 0, columns: 0, page: 5 };
        assert_eq!(moved("End", true, at(0, 0), empty), Some(at(0, 0)));
    }

    #[test]
    fn entry_runs_on_in_the_next_row_and_skips_what_cannot_be_typed() {
        let typed = |at: At| at.column != 0 && at.column != 2;
        assert_eq!(next(at(0, 1), false, EXTENT, typed), Some(at(0, 3)));
        assert_eq!(next(at(0, 3), false, EXTENT, typed), Some(at(1, 1)));
        assert_eq!(next(at(9, 3), false, EXTENT, typed), None);
        assert_eq!(next(at(1, 1), true, EXTENT, typed), Some(at(0, 3)));
        assert_eq!(next(at(0, 1), true, EXTENT, typed), None);
        assert_eq!(next(at(0, 1), false, EXTENT, |_| false), None);
    }
}
