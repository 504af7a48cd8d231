//! Where the row under the cursor is on the screen: nothing may stand over it.

use ratatui::layout::Rect;

use crate::tui::app::{App, Focus, Phase, View};
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::layout::{Areas, by_member, history, jobs};
use crate::tui::views::history::state::HistoryFocus;
use crate::tui::views::jobs::state::JobFocus;
use crate::tui::views::matrix::layout;
use crate::tui::views::members::state::ByMemberFocus;

/// The row under the cursor of the pane with the focus; `None` where there is no list.
pub(crate) fn cursor_row(app: &App, areas: &Areas) -> Option<Rect> {
    let (workspace, main) = (&app.workspace, areas.main);
    let open = matches!(workspace.phase, Phase::Open(_));
    match app.view {
        View::Jobs => job_row(app, main),
        View::History if app.history.focus == HistoryFocus::Operations => {
            Some(row(history(main, app.history.visible.len())[0], &app.history.cursor))
        }
        View::Images if open && app.focus == Focus::Members => {
            Some(row(areas.members, &workspace.members.cursor))
        }
        View::Images if open => Some(match &app.together {
            Some(together) => row(areas.images, &together.cursor),
            None => row(areas.images, &workspace.images.cursor),
        }),
        View::Members if open => {
            let [list, pane] = by_member(main);
            Some(match workspace.by_member.focus {
                ByMemberFocus::Members => row(list, &workspace.by_member.cursor),
                ByMemberFocus::Images => row(pane, &workspace.by_member.reached.cursor),
            })
        }
        View::Matrix if open => {
            let names = layout::matrix(main, workspace.matrix.facts.widest).names;
            let y = names.y + below(&workspace.matrix.row);
            Some(Rect { y, height: 1, ..main })
        }
        _ => None,
    }
}

fn job_row(app: &App, main: Rect) -> Option<Rect> {
    let panes = jobs(main, app.jobs.operations.len());
    app.jobs.current()?;
    Some(match app.jobs.focus {
        JobFocus::Operations => row(panes.operations, &app.jobs.cursor),
        JobFocus::Requests => row(panes.requests, &app.jobs.request),
        JobFocus::Shares => row(panes.shares, &app.jobs.share),
    })
}

/// Under the frame and the headings.
fn row<K>(pane: Rect, cursor: &Cursor<K>) -> Rect {
    Rect { y: pane.y + 2 + below(cursor), height: 1, ..pane }
}

fn below<K>(cursor: &Cursor<K>) -> u16 {
    u16::try_from(cursor.at.saturating_sub(cursor.top)).unwrap_or(u16::MAX)
}
