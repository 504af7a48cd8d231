//! From the size of the terminal to areas. View, paging and mouse read the same areas.

pub(crate) mod row;

use ratatui::layout::{Constraint, Layout, Margin, Position, Rect, Size};

use crate::tui::app::{App, Focus, Overlay, Phase, View};
use crate::tui::views::history::state::HistoryFocus;
use crate::tui::views::members::state::ByMemberFocus;

use crate::tui::views::matrix::layout::matrix;

/// The smallest screen that works.
pub(crate) const SMALLEST: Size = Size { width: 80, height: 24 };

/// From this width on, members stand beside the images.
const WIDE: u16 = 100;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Areas {
    pub(crate) header: Rect,
    pub(crate) tabs: Rect,
    /// Between tabs and jobs pane.
    pub(crate) main: Rect,
    /// The two panes of the Images view.
    pub(crate) images: Rect,
    pub(crate) members: Rect,
    /// The jobs pane; empty when there is none.
    pub(crate) jobs: Rect,
    pub(crate) footer: Rect,
}

/// The panes of the Jobs view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct JobAreas {
    pub(crate) operations: Rect,
    pub(crate) requests: Rect,
    pub(crate) shares: Rect,
    /// State, reason and ids of the chosen request.
    pub(crate) detail: Rect,
}

/// Where everything is; `None` when the terminal is too small for anything.
pub(crate) fn areas(app: &App) -> Option<Areas> {
    let Size { width, height } = app.size;
    if width < SMALLEST.width || height < SMALLEST.height {
        return None;
    }
    let rows = [
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(jobs_height(app)),
        Constraint::Length(1),
    ];
    let [header, tabs, main, jobs, footer] =
        Layout::vertical(rows).areas(Rect::new(0, 0, width, height));
    let panes = if width >= WIDE {
        Layout::horizontal([Constraint::Percentage(54), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Percentage(55), Constraint::Fill(1)])
    };
    let [images, members] = panes.areas(main);
    Some(Areas { header, tabs, main, images, members, jobs, footer })
}

fn jobs_height(app: &App) -> u16 {
    let running = app.jobs.open().next().is_some();
    let shown = match app.view {
        View::Images | View::Members | View::Matrix => running || !app.jobs.hidden,
        // What has ended stands in the list.
        View::History => running,
        View::Jobs => false,
    };
    let most = if app.size.height < 30 { 3 } else { 5 };
    match app.jobs.operations.len() {
        0 => 0,
        _ if !shown => 0,
        count => 2 + u16::try_from(count).unwrap_or(most).min(most),
    }
}

/// The panes of the Jobs view.
pub(crate) fn jobs(main: Rect, operations: usize) -> JobAreas {
    let most = (main.height * 3 / 10).max(4);
    // A sentence of up to three lines says so where there are none.
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

/// The panes of the History view: the list, and beside it or below it the receipt.
pub(crate) fn history(main: Rect, operations: usize) -> [Rect; 2] {
    if main.width >= WIDE {
        return Layout::horizontal([Constraint::Percentage(54), Constraint::Fill(1)]).areas(main);
    }
    let most = main.height / 2;
    let listed = u16::try_from(operations.max(3)).unwrap_or(most).saturating_add(3).min(most);
    Layout::vertical([Constraint::Length(listed), Constraint::Fill(1)]).areas(main)
}

/// The panes of the Members view: the members, and beside them or below them the images that one of them reaches.
pub(crate) fn by_member(main: Rect) -> [Rect; 2] {
    let panes = if main.width >= WIDE {
        Layout::horizontal([Constraint::Percentage(58), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Percentage(55), Constraint::Fill(1)])
    };
    panes.areas(main)
}

/// Rows of a list inside a frame, under its line of headings.
pub(crate) fn rows(pane: Rect) -> u16 {
    pane.height.saturating_sub(3)
}

/// Inside a frame.
pub(crate) fn inner(pane: Rect) -> Rect {
    pane.inner(Margin::new(1, 1))
}

/// Where an overlay lies.
pub(crate) fn overlay(app: &App) -> Rect {
    let whole = Rect::new(0, 0, app.size.width, app.size.height);
    match &app.overlay {
        Overlay::None => Rect::default(),
        Overlay::Planning { .. } => centered(whole, 50, 5),
        Overlay::Close(_) | Overlay::Quit => centered(whole, 72, 8),
        Overlay::Picker(picker) => {
            let rows = u16::try_from(picker.lines.len()).unwrap_or(u16::MAX).saturating_add(5);
            centered(whole, 96, rows.max(6))
        }
        Overlay::Code(_) => centered(whole, 72, 9),
        Overlay::Share(_) => centered(whole, 90, 18),
        Overlay::Export(_) => centered(whole, 90, 13),
        Overlay::Palette(_) => centered(whole, 110, 24),
        Overlay::Help(_) => centered(whole, 96, u16::MAX),
        Overlay::Log { .. } | Overlay::Request { .. } | Overlay::Plan(_) => {
            centered(whole, 120, u16::MAX)
        }
    }
}

/// In the middle, never over the edge: two rows and columns of what is below stay in sight.
fn centered(whole: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(whole.width - 4), height.min(whole.height - 4));
    Rect::new((whole.width - width) / 2, (whole.height - height) / 2, width, height)
}

/// The parts of the plan dialog, inside its frame: summary and warnings, tabs, list, answer.
pub(crate) fn plan(area: Rect, warnings: u16) -> [Rect; 4] {
    let parts = [
        Constraint::Length(2 + warnings),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(3),
    ];
    Layout::vertical(parts).areas(inner(area))
}

/// The parts of the share dialog, inside its frame: what is typed, who could be meant, what there is to say.
pub(crate) fn share(area: Rect) -> [Rect; 3] {
    let parts = [Constraint::Length(2), Constraint::Fill(1), Constraint::Length(2)];
    Layout::vertical(parts).areas(inner(area))
}

/// The parts of the list of commands, inside its frame: what is typed, the commands, what there is to say.
pub(crate) fn palette(area: Rect) -> [Rect; 3] {
    let parts = [Constraint::Length(2), Constraint::Fill(1), Constraint::Length(2)];
    Layout::vertical(parts).areas(inner(area))
}

/// What a point of the screen belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// A tab of the second line.
    Tab(View),
    /// A list in the Images view; with the row in its window, where it is on one.
    Browse(Focus, Option<usize>),
    /// A list in the Members view, and the row in its window.
    ByMember(ByMemberFocus, Option<usize>),
    /// The Matrix view: row and column in the window; on a name only one of them.
    Matrix(Option<usize>, Option<usize>),
    /// A pane of the History view, and the row of its list.
    History(HistoryFocus, Option<usize>),
    /// A pane of the Jobs view: its number, and the row.
    Jobs(usize, Option<usize>),
    /// The jobs pane under the views.
    JobsPane,
    /// A row in the window of the list of clouds or projects that lies over the view.
    Picker(usize),
    Nothing,
}

/// Finds what lies under the mouse.
pub(crate) fn spot(app: &App, x: u16, y: u16) -> Spot {
    let Some(areas) = areas(app) else { return Spot::Nothing };
    let at = Position::from((x, y));
    if areas.tabs.contains(at) {
        return tab_at(x).map_or(Spot::Nothing, Spot::Tab);
    }
    if areas.jobs.contains(at) {
        return Spot::JobsPane;
    }
    if app.view == View::Jobs {
        let panes = jobs(areas.main, app.jobs.operations.len());
        let lists = [panes.operations, panes.requests, panes.shares];
        let hit = lists.iter().position(|pane| pane.contains(at));
        return hit.map_or(Spot::Nothing, |pane| Spot::Jobs(pane, row_at(lists[pane], y)));
    }
    if app.view == View::History {
        let [list, receipt] = history(areas.main, app.history.visible.len());
        return match () {
            () if list.contains(at) => Spot::History(HistoryFocus::Operations, row_at(list, y)),
            () if receipt.contains(at) => Spot::History(HistoryFocus::Receipt, None),
            () => Spot::Nothing,
        };
    }
    if app.view == View::Matrix {
        return matrix_spot(app, areas.main, x, y);
    }
    match &app.workspace.phase {
        Phase::Open(_) if app.view == View::Members => in_members_view(areas.main, at),
        Phase::Open(_) if areas.images.contains(at) => {
            Spot::Browse(Focus::Images, row_at(areas.images, y))
        }
        Phase::Open(_) if areas.members.contains(at) => {
            Spot::Browse(Focus::Members, row_at(areas.members, y))
        }
        _ => Spot::Nothing,
    }
}

fn in_members_view(main: Rect, at: Position) -> Spot {
    let [members, images] = by_member(main);
    match () {
        () if members.contains(at) => Spot::ByMember(ByMemberFocus::Members, row_at(members, at.y)),
        () if images.contains(at) => Spot::ByMember(ByMemberFocus::Images, row_at(images, at.y)),
        () => Spot::Nothing,
    }
}

fn matrix_spot(app: &App, main: Rect, x: u16, y: u16) -> Spot {
    let areas = matrix(main, app.workspace.matrix.facts.widest);
    match (&app.workspace.phase, areas.cell_at(x, y)) {
        (Phase::Open(_), Some((row, column))) => Spot::Matrix(Some(row), Some(column)),
        (Phase::Open(_), None) if main.contains((x, y).into()) => {
            Spot::Matrix(areas.row_at(x, y), areas.column_at(x, y))
        }
        _ => Spot::Nothing,
    }
}

fn row_at(pane: Rect, y: u16) -> Option<usize> {
    let first = pane.y + 2;
    (y >= first && y < first + rows(pane)).then(|| usize::from(y - first))
}

/// The tabs stand from the second column on, two blanks apart.
fn tab_at(x: u16) -> Option<View> {
    let mut left = 1;
    for &(view, _, name) in View::ALL {
        let width = u16::try_from(name.len()).unwrap_or(0) + 2;
        if (left..left + width).contains(&x) {
            return Some(view);
        }
        left += width + 2;
    }
    None
}
