//! Where the row under the cursor is on the screen: nothing may stand over it.

use ratatui::layout::Rect;

use super::{Areas, by_member, history, jobs, matrix};
use crate::tui::model::by_member::ByMemberFocus;
use crate::tui::model::cursor::Cursor;
use crate::tui::model::history::HistoryFocus;
use crate::tui::model::jobs::JobFocus;
use crate::tui::model::{Focus, Model, Phase, View};

/// The row under the cursor of the pane with the focus; `None` where there is no list.
pub(crate) fn cursor_row(model: &Model, areas: &Areas) -> Option<Rect> {
    let (workspace, main) = (&model.workspace, areas.main);
    let open = matches!(workspace.phase, Phase::Open(_));
    match model.view {
        View::Jobs => job_row(model, main),
        View::History if model.history.focus == HistoryFocus::Operations => {
            Some(row(history(main, model.history.visible.len())[0], &model.history.cursor))
        }
        View::Images if open && model.focus == Focus::Members => {
            Some(row(areas.members, &workspace.members.cursor))
        }
        View::Images if open => Some(match &model.together {
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
            let names = matrix(main, workspace.matrix.facts.widest).names;
            let y = names.y + below(&workspace.matrix.row);
            Some(Rect { y, height: 1, ..main })
        }
        _ => None,
    }
}

fn job_row(model: &Model, main: Rect) -> Option<Rect> {
    let panes = jobs(main, model.jobs.operations.len());
    model.jobs.current()?;
    Some(match model.jobs.focus {
        JobFocus::Operations => row(panes.operations, &model.jobs.cursor),
        JobFocus::Requests => row(panes.requests, &model.jobs.request),
        JobFocus::Shares => row(panes.shares, &model.jobs.share),
    })
}

/// Under the frame and the headings.
fn row<K>(pane: Rect, cursor: &Cursor<K>) -> Rect {
    Rect { y: pane.y + 2 + below(cursor), height: 1, ..pane }
}

fn below<K>(cursor: &Cursor<K>) -> u16 {
    u16::try_from(cursor.at.saturating_sub(cursor.top)).unwrap_or(u16::MAX)
}
