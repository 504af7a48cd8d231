//! Rows with a cursor, as every view has them.

use std::ops::{Range, RangeInclusive};

use crate::tui::keys::Action;
use crate::tui::ui::cursor::Cursor;

/// The rows that are listed, and the cursor in them.
#[derive(Clone, Debug)]
pub(crate) struct List<K> {
    /// What is listed, in order.
    pub(crate) rows: Vec<K>,
    pub(crate) cursor: Cursor<K>,
}

impl<K> Default for List<K> {
    fn default() -> Self {
        Self { rows: Vec::new(), cursor: Cursor::default() }
    }
}

impl<K: Copy + PartialEq> List<K> {
    /// Lists other rows; the cursor stays on its thing where that is still listed.
    pub(crate) fn set(&mut self, rows: Vec<K>) {
        self.rows = rows;
        self.find();
    }

    /// Finds the thing of the cursor again in rows that changed.
    pub(crate) fn find(&mut self) {
        self.cursor.find(&self.rows);
    }

    /// What the cursor is on.
    pub(crate) fn current(&self) -> Option<K> {
        self.cursor.current(&self.rows)
    }

    /// Puts the cursor on a row, or on the last one.
    pub(crate) fn go(&mut self, at: usize) {
        self.cursor.go(at, &self.rows);
    }

    /// Puts the cursor on a thing; false where that is not listed.
    pub(crate) fn go_to(&mut self, thing: K) -> bool {
        let at = self.rows.iter().position(|row| *row == thing);
        if let Some(at) = at {
            self.go(at);
        }
        at.is_some()
    }

    /// Puts the cursor on a row of the window, where there is one.
    pub(crate) fn click(&mut self, row: usize) {
        if let Some(at) = self.row_at(row) {
            self.go(at);
        }
    }

    /// Moves the cursor as a motion says; other actions leave it.
    pub(crate) fn step(&mut self, action: Action) {
        self.go(self.stepped(action));
    }

    /// The row after a motion.
    pub(crate) fn stepped(&self, action: Action) -> usize {
        stepped(&self.cursor, action, self.rows.len())
    }

    /// The row at a place of the window, where there is one.
    pub(crate) fn row_at(&self, row: usize) -> Option<usize> {
        Some(self.cursor.top + row).filter(|at| *at < self.rows.len())
    }

    /// Keeps the cursor in a window of this height.
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

    /// The rows of the range, while there is one.
    pub(crate) fn range(&self) -> Option<RangeInclusive<usize>> {
        self.cursor.range(&self.rows)
    }
}

/// The row after a motion, in a list of so many rows.
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
