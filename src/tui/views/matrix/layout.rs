//! The layout of the Matrix view. Names on the left and at the top stay in place while the cells scroll.

use ratatui::layout::Rect;

use crate::tui::ui::layout::inner;

/// Width of a cell: its mark, its status, and one more sign.
pub(crate) const CELL: u16 = 3;
/// Columns around the name of an image: cursor, mark, and number of shares.
const AROUND: u16 = 10;
/// Rows of the details about the cursor, below a line.
const DETAIL: u16 = 3;

/// The areas inside the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MatrixAreas {
    /// Shows how both sides are sorted: above the image names, beside the member names.
    pub(crate) corner: Rect,
    /// Names of members, written vertically.
    pub(crate) heads: Rect,
    /// Names of images.
    pub(crate) names: Rect,
    pub(crate) cells: Rect,
    /// Image, member and share under the cursor.
    pub(crate) detail: Rect,
}

impl MatrixAreas {
    /// Number of members that fit.
    pub(crate) fn columns(&self) -> usize {
        usize::from(self.cells.width / CELL)
    }

    /// Row and column in the window; `None` outside the cells.
    pub(crate) fn cell_at(&self, x: u16, y: u16) -> Option<(usize, usize)> {
        let Rect { x: left, y: top, .. } = self.cells;
        let inside = self.cells.contains((x, y).into());
        inside.then(|| (usize::from(y - top), usize::from((x - left) / CELL)))
    }

    /// Row in the window of an image name; `None` elsewhere.
    pub(crate) fn row_at(&self, x: u16, y: u16) -> Option<usize> {
        self.names.contains((x, y).into()).then(|| usize::from(y - self.names.y))
    }

    /// Column in the window of a member name; `None` elsewhere.
    pub(crate) fn column_at(&self, x: u16, y: u16) -> Option<usize> {
        self.heads.contains((x, y).into()).then(|| usize::from((x - self.heads.x) / CELL))
    }
}

/// Lays out the view; `widest` is the width of the longest name of an image, and of a member.
pub(crate) fn matrix(main: Rect, widest: (usize, usize)) -> MatrixAreas {
    let inside = inner(main);
    let name = columns(widest.0).clamp(12, (inside.width * 3 / 10).max(12));
    let left = (name + AROUND).min(inside.width);
    let most = (main.height / 3).saturating_sub(1).clamp(4, 16);
    let top = columns(widest.1).clamp(4, most);
    let height = inside.height.saturating_sub(top + DETAIL);
    let width = (inside.width - left) / CELL * CELL;
    let (x, y) = (inside.x + left, inside.y + top);
    MatrixAreas {
        corner: Rect { width: left, height: top, ..inside },
        heads: Rect { x, width, height: top, ..inside },
        names: Rect { y, width: left, height, ..inside },
        cells: Rect { x, y, width, height },
        detail: Rect { y: y + height, height: inside.bottom() - (y + height), ..inside },
    }
}

fn columns(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_useful_part_fits_the_smallest_screen() {
        let areas = matrix(Rect::new(0, 2, 80, 21), (60, 32));
        assert!(areas.columns() >= 14 && areas.cells.height >= 10, "{areas:?}");
    }

    #[test]
    fn the_parts_fill_the_frame_and_do_not_overlap() {
        for (width, height) in [(80, 18), (100, 27), (200, 57)] {
            let areas = matrix(Rect::new(0, 2, width, height), (25, 8));
            assert_eq!(areas.corner.right(), areas.heads.x);
            assert_eq!(areas.heads.bottom(), areas.cells.y);
            assert_eq!(areas.names.right(), areas.cells.x);
            assert_eq!(areas.cells.bottom(), areas.detail.y);
            assert_eq!(areas.detail.bottom(), 2 + height - 1);
            assert!(areas.cells.right() < width);
        }
    }
}
