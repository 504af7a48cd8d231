//! View 4: operations of this session, their requests and shares.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod paint;
pub(crate) mod pane;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod timeline;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::speech::description::Description;
use crate::tui::ui::layout::{self, WIDE};
use crate::tui::views::history;
use crate::tui::views::jobs::state::JobFocus;
use crate::tui::views::{FocusedList, Spot, View};
use domain::{ImageId, Scope};

/// The Jobs view.
pub(crate) struct JobsView;

/// The panes of the Jobs view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct JobAreas {
    pub(crate) operations: Rect,
    pub(crate) requests: Rect,
    pub(crate) shares: Rect,
    /// State, reason and IDs of the selected request.
    pub(crate) detail: Rect,
}

/// The panes of the Jobs view.
pub(crate) fn panes(main: Rect, operations: usize) -> JobAreas {
    let most = (main.height * 3 / 10).max(4);
    // Without operations a sentence of up to three lines takes their place.
    let rows = if operations == 0 { 3 } else { operations };
    let listed = u16::try_from(rows).unwrap_or(most).saturating_add(3).min(most);
    let [operations, rest] =
        Layout::vertical([Constraint::Length(listed), Constraint::Fill(1)]).areas(main);
    let [left, right] = if main.width >= WIDE {
        Layout::horizontal([Constraint::Percentage(54), Constraint::Fill(1)]).areas(rest)
    } else {
        Layout::vertical([Constraint::Percentage(60), Constraint::Fill(1)]).areas(rest)
    };
    let detail = if main.height < 26 { 3 } else { 4 };
    let [requests, detail] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(detail)]).areas(left);
    JobAreas { operations, requests, detail, shares: right }
}

impl JobAreas {
    fn lists(&self) -> [Rect; 3] {
        [self.operations, self.requests, self.shares]
    }
}

const PANES: [JobFocus; 3] = [JobFocus::Operations, JobFocus::Requests, JobFocus::Shares];

impl View for JobsView {
    fn context(&self, _app: &App) -> Context {
        Context::Jobs
    }

    fn unavailable(&self, app: &App, _here: Context, action: Action) -> Option<String> {
        let asks = matches!(
            action,
            Action::Enter
                | Action::StopSending
                | Action::PlanRemaining
                | Action::Undo
                | Action::Copy
                | Action::CopyReceipt
                | Action::Export
        );
        let Some(operation) = app.jobs.current() else {
            let none = "No operations in this session.";
            return asks.then(|| none.to_owned());
        };
        match action {
            Action::StopSending => act::not_to_stop(operation),
            Action::PlanRemaining => act::not_to_plan(operation),
            Action::Undo => history::act::not_to_undo(operation),
            _ => None,
        }
    }

    fn act(&self, app: &mut App, _here: Context, action: Action) -> Vec<Effect> {
        act::act(app, action)
    }

    fn step(&self, app: &mut App, action: Action) {
        act::act(app, action);
    }

    fn settle(&self, app: &mut App, main: Rect) {
        app.jobs.settle(&panes(main, app.jobs.operations.len()));
    }

    fn shows_jobs_pane(&self, _app: &App) -> bool {
        false
    }

    fn paint(&self, app: &App, main: Rect, buffer: &mut Buffer) {
        paint::paint(app, main, buffer);
    }

    fn describe<'a>(&self, app: &'a App) -> Description<'a> {
        describe::describe(app)
    }

    fn focused_list(&self, app: &App, main: Rect) -> Option<FocusedList> {
        app.jobs.current()?;
        let panes = panes(main, app.jobs.operations.len());
        Some(match app.jobs.focus {
            JobFocus::Operations => FocusedList::new(0, panes.operations, &app.jobs.cursor),
            JobFocus::Requests => FocusedList::new(1, panes.requests, &app.jobs.request),
            JobFocus::Shares => FocusedList::new(2, panes.shares, &app.jobs.share),
        })
    }

    fn spot(&self, app: &App, main: Rect, at: Position) -> Option<Spot> {
        layout::spot_in(&panes(main, app.jobs.operations.len()).lists(), at)
    }

    fn click(&self, app: &mut App, spot: Spot) {
        act::choose(app, PANES[spot.pane.min(2)], spot.row);
    }

    fn is_selected(&self, app: &App, spot: Spot) -> bool {
        let Some(row) = spot.row else { return false };
        match PANES[spot.pane.min(2)] {
            JobFocus::Operations => app.jobs.cursor.is_on_row(row),
            JobFocus::Requests => app.jobs.request.is_on_row(row),
            JobFocus::Shares => app.jobs.share.is_on_row(row),
        }
    }

    fn wheel(&self, app: &mut App, _spot: Spot, action: Action) {
        act::act(app, action);
    }

    /// The image of the share under the cursor.
    fn linked_image<'a>(&self, app: &'a App) -> Option<(&'a Scope, ImageId)> {
        let at = app.jobs.shares.get(app.jobs.share.at)?;
        let operation = app.jobs.current().filter(|_| app.jobs.focus == JobFocus::Shares)?;
        Some((&operation.scope, operation.shares.get(*at)?.share.image.clone()))
    }
}
