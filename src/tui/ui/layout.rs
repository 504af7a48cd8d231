//! From the size of the terminal to areas. View, paging and mouse read the same areas.

use crate::tui::views;
use ratatui::layout::{Constraint, Layout, Margin, Position, Rect, Size};

use crate::tui::app::{App, Overlay};
use crate::tui::views::ViewId;

/// The smallest screen that works.
pub(crate) const SMALLEST: Size = Size { width: 80, height: 24 };

/// From this width on, members stand beside the images.
pub(crate) const WIDE: u16 = 100;

/// The parts of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Areas {
    pub(crate) header: Rect,
    pub(crate) tabs: Rect,
    /// Between tabs and jobs pane.
    pub(crate) main: Rect,
    /// The jobs pane; empty when there is none.
    pub(crate) jobs: Rect,
    pub(crate) footer: Rect,
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
    Some(Areas { header, tabs, main, jobs, footer })
}

fn jobs_height(app: &App) -> u16 {
    let running = app.jobs.open().next().is_some();
    let shown = match app.view {
        ViewId::Images | ViewId::Members | ViewId::Matrix => running || !app.jobs.hidden,
        // What has ended stands in the list.
        ViewId::History => running,
        ViewId::Jobs => false,
    };
    let most = if app.size.height < 30 { 3 } else { 5 };
    match app.jobs.operations.len() {
        0 => 0,
        _ if !shown => 0,
        count => 2 + u16::try_from(count).unwrap_or(most).min(most),
    }
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
    Tab(ViewId),
    /// In the view that fills the screen.
    View(views::Spot),
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
    app.shown_view().spot(app, areas.main, at).map_or(Spot::Nothing, Spot::View)
}

/// The pane of several that a point is in, and the row of its list.
pub(crate) fn spot_in(panes: &[Rect], at: Position) -> Option<views::Spot> {
    let pane = panes.iter().position(|pane| pane.contains(at))?;
    Some(views::Spot { pane, row: row_at(panes[pane], at.y), column: None })
}

/// A row in the window of a list in a pane: under the frame and the headings.
pub(crate) fn row_in(pane: Rect, row: usize) -> Rect {
    let row = u16::try_from(row).unwrap_or(u16::MAX);
    Rect { y: pane.y.saturating_add(2).saturating_add(row), height: 1, ..pane }
}

fn row_at(pane: Rect, y: u16) -> Option<usize> {
    let first = pane.y + 2;
    (y >= first && y < first + rows(pane)).then(|| usize::from(y - first))
}

/// The tabs stand from the second column on, two blanks apart.
fn tab_at(x: u16) -> Option<ViewId> {
    let mut left = 1;
    for &(view, _, name) in ViewId::ALL {
        let width = u16::try_from(name.len()).unwrap_or(0) + 2;
        if (left..left + width).contains(&x) {
            return Some(view);
        }
        left += width + 2;
    }
    None
}
