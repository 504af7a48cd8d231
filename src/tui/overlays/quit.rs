//! The question before quitting while something runs.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::{Acted, Overlay, question};
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;
use crate::tui::ui::text;
use domain::Operation;
use domain::operation::{RequestRecord, RequestState, Stage};

/// The question before quitting while something runs.
#[derive(Debug)]
pub(crate) struct Quit;

impl Overlay for Quit {
    fn context(&self) -> Context {
        Context::Quit
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 72, 8)
    }

    fn act(self: Box<Self>, _app: &mut App, action: Action) -> Acted {
        (None, if action == Action::Enter { vec![Effect::Quit] } else { vec![] })
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        question::paint(
            app,
            "Quit?",
            what_would_be_lost(app),
            (Context::Quit, "quits"),
            area,
            buffer,
        );
        None
    }

    fn describe<'a>(&'a self, app: &'a App) -> Description<'a> {
        let mut lines = vec!["Quit?".to_owned()];
        lines.extend(what_would_be_lost(app));
        lines.push("y quits, Esc or n stays.".into());
        Description { key: "quit".into(), place: lines, ..Description::default() }
    }
}

/// What continues and what stops if the user quits now.
fn what_would_be_lost(app: &App) -> Vec<String> {
    let unsent: usize = app.jobs.open().map(unsent).sum();
    let running = app.jobs.open().count();
    let mut text = vec![
        format!("{} still running.", if running == 1 { "1 operation is".into() } else { format!("{running} operations are") }),
        "Requests already sent continue in the cloud, but are no longer polled or verified: read the members again to see who still has access.".into(),
    ];
    if unsent > 0 {
        text.push(format!("{} not sent yet will not be sent.", text::counted(unsent, "request")));
    }
    text
}

fn unsent(operation: &Operation) -> usize {
    let planned = |r: &&RequestRecord| r.state == RequestState::Planned;
    match operation.stage {
        Stage::Checking => 1,
        _ => operation.requests.iter().filter(planned).count(),
    }
}
