//! The dialog shown while a plan is being computed.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Position, Rect};

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::{Acted, Overlay};
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;
use crate::tui::ui::text::counted;
use crate::tui::ui::{table, text};
use domain::OperationKind;
use engine::SessionId;

/// From this many shares on, planning is slow enough to be announced.
const LONG: usize = 1000;

/// A plan being computed, for the scope of a session.
#[derive(Debug)]
pub(crate) struct Planning {
    pub(crate) session: SessionId,
    pub(crate) kind: OperationKind,
    pub(crate) ticket: u32,
    pub(crate) shares: usize,
}

impl Overlay for Planning {
    fn context(&self) -> Context {
        Context::Plan
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 50, 5)
    }

    fn act(self: Box<Self>, app: &mut App, action: Action) -> Acted {
        if action == Action::Back {
            return (None, vec![]);
        }
        app.log.say(app.now, Level::Info, "The plan is still being made.");
        (Some(self), vec![])
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        let inner = table::dialog(buffer, area, self.kind.title(), app.theme);
        let text = format!("{} Planning {}…", app.spinner(), counted(self.shares, "share"));
        let line = Rect { y: inner.y + 1, height: 1, ..inner };
        text::put(buffer, line, &text, app.theme.text(), Alignment::Center);
        None
    }

    fn is_busy(&self) -> bool {
        true
    }

    /// A small plan is ready before an announcement could be heard.
    fn describe<'a>(&'a self, _app: &'a App) -> Description<'a> {
        let long = self.shares > LONG;
        let line = long.then(|| format!("Planning {}.", counted(self.shares, "share")));
        let key = format!("planning {}", self.ticket);
        Description { key, place: line.into_iter().collect(), ..Description::default() }
    }
}
