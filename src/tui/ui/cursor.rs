//! A cursor in a list that may change under it. It stays on the same item, not on the same row; so does the start of
//! a range of rows, whose end is the cursor.

use std::ops::RangeInclusive;

/// Position, window and the item under the cursor.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<K> {
    /// The row.
    pub(crate) at: usize,
    /// The first row in the window.
    pub(crate) top: usize,
    /// Rows in the window, as of the last `fit`.
    pub(crate) height: usize,
    /// The item the user moved to. Kept while it is filtered out, so that it is found again.
    anchor: Option<K>,
    /// The item a range of rows starts at, while there is a range.
    from: Option<K>,
}

impl<K> Default for Cursor<K> {
    fn default() -> Self {
        Self { at: 0, top: 0, height: 1, anchor: None, from: None }
    }
}

impl<K> Cursor<K> {
    /// Whether the cursor is on this row of its window.
    pub(crate) fn is_on_row(&self, row: usize) -> bool {
        self.at == self.top + row
    }
}

impl<K: Copy + PartialEq> Cursor<K> {
    /// The item under the cursor.
    pub(crate) fn current(&self, list: &[K]) -> Option<K> {
        list.get(self.at).copied()
    }

    /// Finds its item again in a list that changed.
    pub(crate) fn find(&mut self, list: &[K]) {
        let found = self.anchor.and_then(|anchor| list.iter().position(|key| *key == anchor));
        self.at = found.unwrap_or(self.at).min(list.len().saturating_sub(1));
    }

    /// Moves the cursor to a row, or to the last one.
    pub(crate) fn go(&mut self, at: usize, list: &[K]) {
        self.at = at.min(list.len().saturating_sub(1));
        self.anchor = list.get(self.at).copied();
    }

    /// Begins a range at the cursor.
    pub(crate) fn begin(&mut self, list: &[K]) {
        self.from = self.current(list);
    }

    /// Ends the range; false if there was none.
    pub(crate) fn end(&mut self) -> bool {
        self.from.take().is_some()
    }

    /// The rows of the range; `None` without one, or while its start is not listed.
    pub(crate) fn range(&self, list: &[K]) -> Option<RangeInclusive<usize>> {
        let from = self.from?;
        let from = list.iter().position(|key| *key == from)?;
        Some(from.min(self.at)..=from.max(self.at))
    }

    /// Scrolls the row into a window of this height, and keeps the window full.
    pub(crate) fn fit(&mut self, len: usize, height: usize) {
        self.height = height.max(1);
        (self.at, self.top) = window(self.at, self.top, len, self.height);
    }

    /// The rows in the window.
    pub(crate) fn window(&self, len: usize) -> std::ops::Range<usize> {
        self.top.min(len)..(self.top + self.height).min(len)
    }
}

fn window(at: usize, top: usize, len: usize, height: usize) -> (usize, usize) {
    let at = at.min(len.saturating_sub(1));
    let lowest = (at + 1).saturating_sub(height);
    (at, top.clamp(lowest, at).min(len.saturating_sub(height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_follows_its_thing_through_sorting_and_comes_back_after_a_filter() {
        let mut cursor = Cursor::default();
        cursor.go(2, &['a', 'b', 'c']);

        cursor.find(&['c', 'b', 'a']);
        assert_eq!(cursor.at, 0);

        cursor.find(&['a', 'b']);
        assert_eq!(cursor.current(&['a', 'b']), Some('a'));

        cursor.find(&['a', 'b', 'c']);
        assert_eq!(cursor.at, 2);
    }

    #[test]
    fn a_range_goes_from_the_thing_it_began_at_to_the_cursor_either_way_round() {
        let mut cursor = Cursor::default();
        let list = ['a', 'b', 'c', 'd'];
        cursor.go(1, &list);
        assert_eq!(cursor.range(&list), None);
        cursor.begin(&list);
        cursor.go(3, &list);
        assert_eq!(cursor.range(&list), Some(1..=3));
        cursor.go(0, &list);
        assert_eq!(cursor.range(&list), Some(0..=1));

        assert_eq!(cursor.range(&['a', 'c', 'b']), Some(0..=2), "sorted anew");
        assert_eq!(cursor.range(&['a', 'c']), None, "filtered away");
        assert!(cursor.end() && !cursor.end());
    }

    #[test]
    fn the_window_holds_the_row_and_leaves_no_gap_at_the_end() {
        assert_eq!(window(5, 0, 10, 3), (5, 3));
        assert_eq!(window(1, 3, 10, 3), (1, 1));
        assert_eq!(window(9, 9, 10, 3), (9, 7));
        assert_eq!(window(4, 9, 2, 3), (1, 0));
        assert_eq!(window(0, 0, 0, 3), (0, 0));
    }
}
