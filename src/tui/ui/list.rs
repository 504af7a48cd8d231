//! Rows with a cursor, used by every view.

use std::ops::{Range, RangeInclusive};

use crate::tui::keys::Action;
use crate::tui::ui::cursor::Cursor;

/// Rows and the cursor among them.
#[derive(Clone, Debug)]
pub(crate) struct List<K> {
    /// The listed items, in order.
    pub(crate) rows: Vec<K>,
    pub(crate) cursor: Cursor<K>,
}

impl<K> Default for List<K> {
    fn default() -> Self {
        Self { rows: Vec::new(), cursor: Cursor::default() }
    }
}

impl<K: Copy + PartialEq> List<K> {
    /// Replaces the rows; the cursor stays on its item if that is still listed.
    pub(crate) fn set(&mut self, rows: Vec<K>) {
        self.rows = rows;
        self.find();
    }

    /// Finds the cursor's item again in rows that changed.
    pub(crate) fn find(&mut self) {
        self.cursor.find(&self.rows);
    }

    /// What the cursor is on.
    pub(crate) fn current(&self) -> Option<K> {
        self.cursor.current(&self.rows)
    }

    /// Moves the cursor to a row, or to the last one.
    pub(crate) fn go(&mut self, at: usize) {
        self.cursor.go(at, &self.rows);
    }

    /// Moves the cursor to an item; false if that is not listed.
    pub(crate) fn go_to(&mut self, thing: K) -> bool {
        let at = self.rows.iter().position(|row| *row == thing);
        if let Some(at) = at {
            self.go(at);
        }
        at.is_some()
    }

    /// Moves the cursor to a row of the window, if it has one there.
    pub(crate) fn click(&mut self, row: usize) {
        if let Some(at) = self.row_at(row) {
            self.go(at);
        }
    }

    /// Moves the cursor by a motion; other actions leave it in place.
    pub(crate) fn step(&mut self, action: Action) {
        self.go(self.stepped(action));
    }

    /// The row reached by a motion.
    pub(crate) fn stepped(&self, action: Action) -> usize {
        stepped(&self.cursor, action, self.rows.len())
    }

    /// The position of a row of the window, if it has one there.
    pub(crate) fn row_at(&self, row: usize) -> Option<usize> {
        Some(self.cursor.top + row).filter(|at| *at < self.rows.len())
    }

    /// Scrolls the cursor into a window of this height.
    pub(crate) fn fit(&mut self, height: usize) {
        self.cursor.fit(self.rows.len(), height);
    }

    /// The rows in the window.
    pub(crate) fn window(&self) -> Range<usize> {
        self.cursor.window(self.rows.len())
    }

    /// Begins a range at the cursor.
    pub(crate) fn begin_range(&mut self) {
        self.cursor.begin(&self.rows);
    }

    /// The rows of the range; `None` without a range.
    pub(crate) fn range(&self) -> Option<RangeInclusive<usize>> {
        self.cursor.range(&self.rows)
    }
}

/// The row reached by a motion, in a list of this length.
pub(crate) fn stepped<K: Copy + PartialEq>(
    cursor: &Cursor<K>,
    action: Action,
    len: usize,
) -> usize {
    let page = cursor.height.saturating_sub(1).max(1);
    let at = match action {
        Action::Up => cursor.at.saturating_sub(1),
        Action::Down => cursor.at + 1,
        Action::PageUp => cursor.at.saturating_sub(page),
        Action::PageDown => cursor.at + page,
        Action::Top => 0,
        Action::Bottom => len,
        _ => cursor.at,
    };
    at.min(len.saturating_sub(1))
}
