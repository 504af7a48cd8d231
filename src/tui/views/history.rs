//! View 5: past operations and their receipts.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod paint;
pub(crate) mod receipt;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::speech::description::Description;
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::layout::{self, WIDE};
use crate::tui::ui::links::Place;
use crate::tui::views::history::state::HistoryFocus;
use crate::tui::views::jobs;
use crate::tui::views::{FocusedList, Spot, View};

/// The History view.
pub(crate) struct HistoryView;

/// The panes of the History view: the list, and the receipt beside or below it.
pub(crate) fn panes(main: Rect, operations: usize) -> [Rect; 2] {
    if main.width >= WIDE {
        return Layout::horizontal([Constraint::Percentage(54), Constraint::Fill(1)]).areas(main);
    }
    let most = main.height / 2;
    let listed = u16::try_from(operations.max(3)).unwrap_or(most).saturating_add(3).min(most);
    Layout::vertical([Constraint::Length(listed), Constraint::Fill(1)]).areas(main)
}

const PANES: [HistoryFocus; 2] = [HistoryFocus::Operations, HistoryFocus::Receipt];

impl View for HistoryView {
    fn context(&self, _app: &App) -> Context {
        Context::History
    }

    fn unavailable(&self, app: &App, _here: Context, action: Action) -> Option<String> {
        let in_receipt = app.history.focus == HistoryFocus::Receipt;
        match action {
            Action::Left if !in_receipt => {
                return Some("This is the list of operations already.".into());
            }
            Action::Enter if in_receipt => {
                return Some("This is the receipt already: up and down scroll it.".into());
            }
            _ => {}
        }
        let whole = matches!(
            action,
            Action::Verify
                | Action::Undo
                | Action::PlanRemaining
                | Action::Export
                | Action::CopyReceipt
        );
        let asks = whole || matches!(action, Action::Enter | Action::Copy);
        if !asks {
            return None;
        }
        if app.history.current().is_none() {
            return Some("There is no operation in this list.".into());
        }
        match app.remembered() {
            None if whole => Some("The operation is still being read from the journal.".into()),
            Some(operation) if action == Action::Undo => act::not_to_undo(operation),
            Some(operation) if action == Action::PlanRemaining => jobs::act::not_to_plan(operation),
            _ => None,
        }
    }

    fn act(&self, app: &mut App, _here: Context, action: Action) -> Vec<Effect> {
        act::act(app, action)
    }

    fn step(&self, app: &mut App, action: Action) {
        act::step(app, action);
    }

    fn refresh(&self, app: &mut App, _here: Context) -> Vec<Effect> {
        act::act(app, Action::Refresh)
    }

    fn settle(&self, app: &mut App, main: Rect) {
        app.settle_history(main);
    }

    /// Finished operations are in the list.
    fn shows_jobs_pane(&self, app: &App) -> bool {
        app.jobs.open().next().is_some()
    }

    fn paint(&self, app: &App, main: Rect, buffer: &mut Buffer) {
        paint::paint(app, main, buffer);
    }

    fn describe<'a>(&self, app: &'a App) -> Description<'a> {
        describe::describe(app)
    }

    fn filter<'a>(&self, app: &'a App) -> Option<&'a FilterLine> {
        Some(&app.history.filter)
    }

    fn filter_mut<'a>(&self, app: &'a mut App) -> Option<&'a mut FilterLine> {
        Some(&mut app.history.filter)
    }

    /// Operations are filtered by words only, and any text is valid.
    fn filter_complaint(&self, _typed: &str) -> Option<String> {
        None
    }

    fn focused_list(&self, app: &App, main: Rect) -> Option<FocusedList> {
        let [list, _] = panes(main, app.history.list.rows.len());
        let operations = app.history.focus == HistoryFocus::Operations;
        operations.then(|| FocusedList::new(0, list, &app.history.list.cursor))
    }

    fn spot(&self, app: &App, main: Rect, at: Position) -> Option<Spot> {
        let spot = layout::spot_in(&panes(main, app.history.list.rows.len()), at)?;
        // The receipt is a text without selectable rows.
        Some(Spot { row: spot.row.filter(|_| spot.pane == 0), ..spot })
    }

    fn click(&self, app: &mut App, spot: Spot) {
        let history = &mut app.history;
        history.focus = PANES[spot.pane.min(1)];
        if let Some(row) = spot.row {
            history.list.click(row);
        }
    }

    fn is_selected(&self, app: &App, spot: Spot) -> bool {
        spot.row.is_some_and(|row| app.history.list.cursor.is_on_row(row))
    }

    fn wheel(&self, app: &mut App, spot: Spot, action: Action) {
        let before = std::mem::replace(&mut app.history.focus, PANES[spot.pane.min(1)]);
        act::step(app, action);
        app.history.focus = before;
    }

    /// Every image of the receipt whose ID has its own line.
    fn links<'a>(&self, app: &'a App, main: Rect) -> Vec<Place<'a>> {
        let Some(operation) = app.remembered() else { return Vec::new() };
        let [_, pane] = panes(main, app.history.list.rows.len());
        let inner = layout::inner(pane);
        let lines = app.history.lines.iter().skip(app.history.scroll);
        let place = |(y, (line, _)): (u16, &(String, _))| {
            let text = line.trim();
            let mut shares = operation.shares.iter();
            let image = &shares.find(|record| record.share.image.to_string() == text)?.share.image;
            let line = Rect { y, height: 1, ..inner };
            Some(Place { line, text: text.to_owned(), scope: &operation.scope, image })
        };
        (inner.top()..inner.bottom()).zip(lines).filter_map(place).collect()
    }
}
