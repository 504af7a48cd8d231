//! The five views. Each is a folder: its state, what its keys do, painting, its description for plain mode, and tests.
//!
//! The rest of the screen talks to a view through [`View`] only. A new view is a folder, a line in [`ViewId`] and its
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
    /// All of them, with their keys and names.
    pub(crate) const ALL: &[(Self, char, &str)] = &[
        (Self::Images, '1', "Images"),
        (Self::Members, '2', "Members"),
        (Self::Matrix, '3', "Matrix"),
        (Self::Jobs, '4', "Jobs"),
        (Self::History, '5', "History"),
    ];

    /// The view itself.
    pub(crate) fn view(self) -> &'static dyn View {
        match self {
            Self::Images => &images::ImagesView,
            Self::Members => &members::MembersView,
            Self::Matrix => &matrix::MatrixView,
            Self::Jobs => &jobs::JobsView,
            Self::History => &history::HistoryView,
        }
    }

    /// Whether it shows what is read from a cloud, so that one has to be open.
    pub(crate) fn needs_cloud(self) -> bool {
        matches!(self, Self::Images | Self::Members | Self::Matrix)
    }
}

/// A place in a view, for the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The pane, counted by the view.
    pub(crate) pane: usize,
    /// The row in the window of the pane, where the mouse is on one.
    pub(crate) row: Option<usize>,
    /// The column, in the matrix.
    pub(crate) column: Option<usize>,
}

/// The list that the keys go to, as it is on the screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FocusedList {
    /// The pane, as in [`Spot::pane`].
    pub(crate) pane: usize,
    /// Where the pane is, with its frame.
    pub(crate) area: Rect,
    /// The row of the cursor.
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

/// What fills the screen between tabs and footer. `main` is that area.
pub(crate) trait View: Sync {
    /// Which bindings apply: those of the pane with the focus.
    fn context(&self, app: &App) -> Context;

    /// Why an action does nothing here and now; `None` when it does something, or says itself why not.
    fn unavailable(&self, app: &App, here: Context, action: Action) -> Option<String>;

    /// Does what a key does here.
    fn act(&self, app: &mut App, here: Context, action: Action) -> Vec<Effect>;

    /// Moves the cursor of the pane with the focus.
    fn step(&self, app: &mut App, action: Action);

    /// Reads again what is shown.
    fn refresh(&self, app: &mut App, _here: Context) -> Vec<Effect> {
        app.log_in_or_read_again()
    }

    /// Brings everything derived up to date, before a frame.
    fn settle(&self, app: &mut App, main: Rect);

    /// Whether the jobs pane is below it when there are operations.
    fn shows_jobs_pane(&self, app: &App) -> bool {
        !app.jobs.hidden || app.jobs.open().next().is_some()
    }

    /// Paints it.
    fn paint(&self, app: &App, main: Rect, buffer: &mut Buffer);

    /// What plain mode says of it.
    fn describe<'a>(&self, app: &'a App) -> Description<'a>;

    /// The filter of its list, where it has one.
    fn filter<'a>(&self, _app: &'a App) -> Option<&'a FilterLine> {
        None
    }

    /// The same, to change it.
    fn filter_mut<'a>(&self, _app: &'a mut App) -> Option<&'a mut FilterLine> {
        None
    }

    /// What is wrong with a filter that is being typed.
    fn filter_complaint(&self, typed: &str) -> Option<String> {
        Filter::complaint(typed)
    }

    /// The list with the focus; `None` where there is none.
    fn focused_list(&self, _app: &App, _main: Rect) -> Option<FocusedList> {
        None
    }

    /// Puts the cursor of that list on a row, or on its last one.
    fn go(&self, _app: &mut App, _at: usize) {}

    /// Where the row under the cursor is on the screen: nothing may cover it.
    fn cursor_row(&self, app: &App, main: Rect) -> Option<Rect> {
        let FocusedList { area, at, top, .. } = self.focused_list(app, main)?;
        Some(layout::row_in(area, at.saturating_sub(top)))
    }

    /// Whether messages may cover the lower right corner.
    fn has_free_corner(&self) -> bool {
        false
    }

    /// The rows of the range in the list with the focus, while there is one.
    fn range(&self, _app: &App) -> Option<RangeInclusive<usize>> {
        None
    }

    /// Begins a range at the cursor.
    fn begin_range(&self, _app: &mut App) {}

    /// Ends the ranges of its lists; false when there was none.
    fn end_range(&self, _app: &mut App) -> bool {
        false
    }

    /// What is at a point of the screen.
    fn spot(&self, _app: &App, _main: Rect, _at: Position) -> Option<Spot> {
        None
    }

    /// A click: puts the cursor there.
    fn click(&self, _app: &mut App, _spot: Spot) {}

    /// Whether the cursor is on the row at this spot. Below the last row it never is.
    fn is_selected(&self, _app: &App, _spot: Spot) -> bool {
        false
    }

    /// The wheel over a pane, with the focus or not.
    fn wheel(&self, _app: &mut App, _spot: Spot, _action: Action) {}

    /// Dragging to a point, where that is not a range of rows.
    fn drag(&self, _app: &mut App, _main: Rect, _to: Position) {}

    /// The image under the cursor and where it is, for its address in the console of the cloud.
    fn linked_image<'a>(&self, _app: &'a App) -> Option<(&'a Scope, ImageId)> {
        None
    }

    /// Texts of the frame that lead to the console of the cloud.
    fn links<'a>(&self, _app: &'a App, _main: Rect) -> Vec<Place<'a>> {
        Vec::new()
    }
}

impl App {
    /// What fills the screen: the view, or why there is nothing to show in it.
    pub(crate) fn shown_view(&self) -> &'static dyn View {
        match self.workspace.phase {
            Phase::Open(_) => self.view.view(),
            _ if self.view.needs_cloud() => &connecting::Connecting,
            _ => self.view.view(),
        }
    }

    /// The filter of the list that is shown; `None` where a view has none.
    pub(crate) fn filter_line(&self) -> Option<&FilterLine> {
        self.shown_view().filter(self)
    }

    /// The same, to change it.
    pub(crate) fn filter_line_mut(&mut self) -> Option<&mut FilterLine> {
        self.shown_view().filter_mut(self)
    }

    /// The rows of the range in the list with the focus, while there is one.
    pub(crate) fn range(&self) -> Option<RangeInclusive<usize>> {
        self.shown_view().range(self)
    }

    /// Ends the range, in whatever list it is; false when there was none.
    pub(crate) fn end_range(&mut self) -> bool {
        let ended = ViewId::ALL.iter().map(|(view, ..)| view.view().end_range(self));
        // Every one of them, not only up to the first.
        ended.fold(false, |any, ended| any | ended)
    }
}
