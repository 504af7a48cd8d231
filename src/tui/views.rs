//! The five views. Each is a folder: its state, what its keys do, painting, its description for plain mode, and tests.
//!
//! The rest of the screen uses a view through [`View`] only. A new view is a folder, a line in [`ViewId`] and its
//! bindings.

pub(crate) mod connecting;
pub(crate) mod history;
pub(crate) mod images;
pub(crate) mod jobs;
pub(crate) mod matrix;
pub(crate) mod members;

use std::ops::RangeInclusive;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::Effect;
use crate::tui::app::{App, Phase};
use crate::tui::keys::{Action, Context};
use crate::tui::speech::description::Description;
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::filter::Filter;
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::layout;
use crate::tui::ui::links::Place;
use domain::{ImageId, Scope};

/// Which view fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ViewId {
    #[default]
    Images,
    Members,
    Matrix,
    Jobs,
    History,
}

impl ViewId {
    /// All views, with their keys and names.
    pub(crate) const ALL: &[(Self, char, &str)] = &[
        (Self::Images, '1', "Images"),
        (Self::Members, '2', "Members"),
        (Self::Matrix, '3', "Matrix"),
        (Self::Jobs, '4', "Jobs"),
        (Self::History, '5', "History"),
    ];

    /// The implementation of the view.
    pub(crate) fn view(self) -> &'static dyn View {
        match self {
            Self::Images => &images::ImagesView,
            Self::Members => &members::MembersView,
            Self::Matrix => &matrix::MatrixView,
            Self::Jobs => &jobs::JobsView,
            Self::History => &history::HistoryView,
        }
    }

    /// Whether it shows data of a cloud, which has to be open.
    pub(crate) fn needs_cloud(self) -> bool {
        matches!(self, Self::Images | Self::Members | Self::Matrix)
    }
}

/// A position in a view, for the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Index of the pane in its view.
    pub(crate) pane: usize,
    /// The row in the window of the pane, if the mouse is on one.
    pub(crate) row: Option<usize>,
    /// The column; only in the matrix.
    pub(crate) column: Option<usize>,
}

/// The list with the focus, as it is on the screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FocusedList {
    /// The pane, as in [`Spot::pane`].
    pub(crate) pane: usize,
    /// The area of the pane, including its frame.
    pub(crate) area: Rect,
    /// Position of the cursor in the list.
    pub(crate) at: usize,
    /// The first row in the window.
    pub(crate) top: usize,
}

impl FocusedList {
    /// A list in a pane.
    pub(crate) fn new<K>(pane: usize, area: Rect, cursor: &Cursor<K>) -> Self {
        Self { pane, area, at: cursor.at, top: cursor.top }
    }
}

/// The content between tabs and footer. `main` is that area.
pub(crate) trait View: Sync {
    /// The context whose bindings apply: that of the focused pane.
    fn context(&self, app: &App) -> Context;

    /// Why an action is unavailable; `None` if it works, or explains itself why it does not.
    fn unavailable(&self, app: &App, here: Context, action: Action) -> Option<String>;

    /// Handles a key.
    fn act(&self, app: &mut App, here: Context, action: Action) -> Vec<Effect>;

    /// Moves the cursor of the focused pane.
    fn step(&self, app: &mut App, action: Action);

    /// Reloads the data shown.
    fn refresh(&self, app: &mut App, _here: Context) -> Vec<Effect> {
        app.log_in_or_read_again()
    }

    /// Updates everything derived, before a frame.
    fn settle(&self, app: &mut App, main: Rect);

    /// Whether the jobs pane is below it when there are operations.
    fn shows_jobs_pane(&self, app: &App) -> bool {
        !app.jobs.hidden || app.jobs.open().next().is_some()
    }

    /// Paints the view.
    fn paint(&self, app: &App, main: Rect, buffer: &mut Buffer);

    /// The description for plain mode.
    fn describe<'a>(&self, app: &'a App) -> Description<'a>;

    /// The filter of its list; `None` without one.
    fn filter<'a>(&self, _app: &'a App) -> Option<&'a FilterLine> {
        None
    }

    /// Mutable access to the same filter.
    fn filter_mut<'a>(&self, _app: &'a mut App) -> Option<&'a mut FilterLine> {
        None
    }

    /// A warning about the filter being typed.
    fn filter_complaint(&self, typed: &str) -> Option<String> {
        Filter::complaint(typed)
    }

    /// The list with the focus; `None` without one.
    fn focused_list(&self, _app: &App, _main: Rect) -> Option<FocusedList> {
        None
    }

    /// Moves the cursor of that list to a row, or to the last one.
    fn go(&self, _app: &mut App, _at: usize) {}

    /// The area of the row under the cursor, which must not be covered.
    fn cursor_row(&self, app: &App, main: Rect) -> Option<Rect> {
        let FocusedList { area, at, top, .. } = self.focused_list(app, main)?;
        Some(layout::row_in(area, at.saturating_sub(top)))
    }

    /// Whether toasts may cover the lower right corner.
    fn has_free_corner(&self) -> bool {
        false
    }

    /// The rows of the range in the list with the focus; `None` without a range.
    fn range(&self, _app: &App) -> Option<RangeInclusive<usize>> {
        None
    }

    /// Begins a range at the cursor.
    fn begin_range(&self, _app: &mut App) {}

    /// Ends the ranges of its lists; false if there was none.
    fn end_range(&self, _app: &mut App) -> bool {
        false
    }

    /// The target at a point of the screen.
    fn spot(&self, _app: &App, _main: Rect, _at: Position) -> Option<Spot> {
        None
    }

    /// Handles a click: moves the cursor there.
    fn click(&self, _app: &mut App, _spot: Spot) {}

    /// Whether the cursor is on the row at this spot; false below the last row.
    fn is_selected(&self, _app: &App, _spot: Spot) -> bool {
        false
    }

    /// Handles the mouse wheel over a pane, focused or not.
    fn wheel(&self, _app: &mut App, _spot: Spot, _action: Action) {}

    /// Handles dragging to a point, except for ranges of rows.
    fn drag(&self, _app: &mut App, _main: Rect, _to: Position) {}

    /// The image under the cursor and its scope, for its console address.
    fn linked_image<'a>(&self, _app: &'a App) -> Option<(&'a Scope, ImageId)> {
        None
    }

    /// Texts of the frame that link to the cloud's console.
    fn links<'a>(&self, _app: &'a App, _main: Rect) -> Vec<Place<'a>> {
        Vec::new()
    }
}

impl App {
    /// The current view, or the one that explains why it is empty.
    pub(crate) fn shown_view(&self) -> &'static dyn View {
        match self.workspace.phase {
            Phase::Open(_) => self.view.view(),
            _ if self.view.needs_cloud() => &connecting::Connecting,
            _ => self.view.view(),
        }
    }

    /// The filter of the list shown; `None` if the view has none.
    pub(crate) fn filter_line(&self) -> Option<&FilterLine> {
        self.shown_view().filter(self)
    }

    /// Mutable access to the same filter.
    pub(crate) fn filter_line_mut(&mut self) -> Option<&mut FilterLine> {
        self.shown_view().filter_mut(self)
    }

    /// The rows of the range in the list with the focus; `None` without a range.
    pub(crate) fn range(&self) -> Option<RangeInclusive<usize>> {
        self.shown_view().range(self)
    }

    /// Ends the range in every list; false if there was none.
    pub(crate) fn end_range(&mut self) -> bool {
        let ended = ViewId::ALL.iter().map(|(view, ..)| view.view().end_range(self));
        // Ends every one of them, not only the first.
        ended.fold(false, |any, ended| any | ended)
    }
}
