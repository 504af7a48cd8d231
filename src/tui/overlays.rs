//! Dialogs that lie over the views: a folder or file each, with its state, keys, painting and description.

pub(crate) mod close;
pub(crate) mod clouds;
pub(crate) mod commands;
pub(crate) mod export;
pub(crate) mod help;
pub(crate) mod log;
pub(crate) mod pages;
pub(crate) mod passcode;
pub(crate) mod plan;
pub(crate) mod question;
pub(crate) mod quit;
pub(crate) mod request;
pub(crate) mod share;

use std::any::Any;
use std::fmt::Debug;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::speech::description::Description;
use crate::tui::ui::layout;

/// The dialog that is open after an action, and what is to be done. `None` closes it, or leaves another one that the
/// action opened.
pub(crate) type Acted = (Option<Box<dyn Overlay>>, Vec<Effect>);

/// A dialog over the view. Never two at once.
pub(crate) trait Overlay: Any + Debug + Send {
    /// Where its keys are looked up.
    fn context(&self) -> Context;

    /// Where it lies on a screen of this size.
    fn area(&self, whole: Rect) -> Rect;

    /// Keeps its window inside what it lists, when it lies here.
    fn settle(&mut self, _app: &App, _area: Rect) {}

    /// Why an action does nothing in it now; `None` when it does something.
    fn unavailable(&self, _app: &App, _action: Action) -> Option<String> {
        None
    }

    /// Does what a key does in it. Meanwhile no dialog is open.
    fn act(self: Box<Self>, app: &mut App, action: Action) -> Acted;

    /// Paints it and returns the position of the text cursor.
    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position>;

    /// The text input with the focus.
    fn input(&mut self) -> Option<&mut Input> {
        None
    }

    /// The text input was changed.
    fn edited(&mut self) {}

    /// Whether it waits for something and shows that with a spinner.
    fn is_busy(&self) -> bool {
        false
    }

    /// Whether the wheel does what the keys up and down do.
    fn scrolls(&self) -> bool {
        false
    }

    /// The row of its list at a point of the screen, where the mouse chooses rows.
    fn row_at(&self, _area: Rect, _at: Position) -> Option<usize> {
        None
    }

    /// The row that the mouse can open.
    fn row(&self) -> Option<usize> {
        None
    }

    /// The mouse chose a row.
    fn go(&mut self, _row: usize) {}

    /// The description for plain mode.
    fn describe<'a>(&'a self, app: &'a App) -> Description<'a>;
}

impl App {
    /// Opens a dialog, in place of the one that is open.
    pub(crate) fn open(&mut self, dialog: impl Overlay) {
        self.overlay = Some(Box::new(dialog));
    }

    /// The dialog that is open, where it is of this type.
    pub(crate) fn dialog<T: Overlay>(&self) -> Option<&T> {
        let dialog: &dyn Any = self.overlay.as_deref()?;
        dialog.downcast_ref()
    }

    /// The same, to be changed.
    pub(crate) fn dialog_mut<T: Overlay>(&mut self) -> Option<&mut T> {
        let dialog: &mut dyn Any = self.overlay.as_deref_mut()?;
        dialog.downcast_mut()
    }

    /// All of the screen.
    pub(crate) fn screen(&self) -> Rect {
        Rect::new(0, 0, self.size.width, self.size.height)
    }

    /// Keeps the window of the dialog inside its list or text.
    pub(crate) fn settle_overlay(&mut self) {
        if layout::areas(self).is_none() {
            return;
        }
        if let Some(mut dialog) = self.overlay.take() {
            let area = dialog.area(self.screen());
            dialog.settle(self, area);
            self.overlay = Some(dialog);
        }
    }
}

/// Does what a key does in the dialog that is open.
pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(dialog) = app.overlay.take() else { return vec![] };
    let (open, effects) = dialog.act(app, action);
    if open.is_some() {
        app.overlay = open;
        app.settle_overlay();
    }
    effects
}
