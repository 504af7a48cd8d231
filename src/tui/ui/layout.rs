//! Divides the terminal into areas. Painting, paging and mouse use the same areas.

use crate::tui::views;
use ratatui::layout::{Constraint, Layout, Margin, Position, Rect, Size};

use crate::tui::app::App;
use crate::tui::views::ViewId;

/// The smallest usable screen.
pub(crate) const SMALLEST: Size = Size { width: 80, height: 24 };

/// From this width on, members are beside the images, otherwise below.
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

/// The areas of the screen; `None` when the terminal is too small.
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
    let shown = app.view.view().shows_jobs_pane(app);
    let most = if app.size.height < 30 { 3 } else { 5 };
    match app.jobs.operations.len() {
        0 => 0,
        _ if !shown => 0,
        count => 2 + u16::try_from(count).unwrap_or(most).min(most),
    }
}

/// Number of list rows inside a frame, below the headings.
pub(crate) fn rows(pane: Rect) -> u16 {
    pane.height.saturating_sub(3)
}

/// The area inside a frame.
pub(crate) fn inner(pane: Rect) -> Rect {
    pane.inner(Margin::new(1, 1))
}

/// The target of a point on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// A tab of the second line.
    Tab(ViewId),
    /// In the current view.
    View(views::Spot),
    /// The jobs pane under the views.
    JobsPane,
    /// A row of the list in the dialog over the view.
    Dialog(usize),
    Nothing,
}

/// The target under the mouse.
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

/// The pane that contains a point, and the row of its list.
pub(crate) fn spot_in(panes: &[Rect], at: Position) -> Option<views::Spot> {
    let pane = panes.iter().position(|pane| pane.contains(at))?;
    Some(views::Spot { pane, row: row_at(panes[pane], at.y), column: None })
}

/// The area of a row of a pane's window: inside the frame, below the headings.
pub(crate) fn row_in(pane: Rect, row: usize) -> Rect {
    let row = u16::try_from(row).unwrap_or(u16::MAX);
    Rect { y: pane.y.saturating_add(2).saturating_add(row), height: 1, ..pane }
}

fn row_at(pane: Rect, y: u16) -> Option<usize> {
    let first = pane.y + 2;
    (y >= first && y < first + rows(pane)).then(|| usize::from(y - first))
}

/// The tabs start in the second column, two blanks apart.
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
