//! The log: everything that was said, the newest first.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::pages::Line;
use crate::tui::overlays::{Acted, Overlay, pages};
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;
use crate::tui::ui::text;

/// What the log is called.
const TITLE: &str = "Log ─ newest first";

/// The log, open at a line.
#[derive(Debug, Default)]
pub(crate) struct LogPage {
    scroll: usize,
}

/// Opens it: nothing in it is unseen any more.
pub(crate) fn open(app: &mut App) {
    app.log.unseen = 0;
    app.open(LogPage::default());
}

impl Overlay for LogPage {
    fn context(&self) -> Context {
        Context::Reading
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 120, u16::MAX)
    }

    fn settle(&mut self, app: &App, area: Rect) {
        self.scroll = pages::settled(app, self, self.scroll, area);
    }

    fn act(mut self: Box<Self>, app: &mut App, action: Action) -> Acted {
        if action == Action::Back {
            return (None, vec![]);
        }
        self.scroll = pages::turned(app, self.scroll, action);
        (Some(self), vec![])
    }

    fn scrolls(&self) -> bool {
        true
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        pages::paint(app, self, TITLE, self.scroll, area, buffer);
        None
    }

    fn describe(&self, app: &App) -> Description<'_> {
        let key = TITLE.replace(" ─ ", ", ");
        let lines = vec![format!("{key}. Esc closes it.")];
        let page = Some(pages::page(app, self, TITLE.into(), self.scroll));
        Description { key, place: lines, page, ..Description::default() }
    }

    fn text(&self, app: &App, width: usize) -> Vec<Line> {
        let theme = app.theme;
        let mut out = Vec::new();
        for entry in app.log.entries() {
            let style = match entry.level {
                Level::Info | Level::Done => theme.text(),
                Level::Warning => theme.warn(),
                Level::Error => theme.bad(),
            };
            let sign = if app.plain_mode.is_on() {
                entry.level.word().to_owned()
            } else {
                format!("{} ", entry.level.sign())
            };
            let times =
                if entry.times > 1 { format!(" ({} times)", entry.times) } else { String::new() };
            let text = format!("{} {sign}{}{times}", app.clock(entry.at), entry.text);
            out.extend(text::wrap(&text, width).into_iter().map(|line| (line, style)));
        }
        if out.is_empty() {
            out.push(("Nothing has been said yet.".into(), theme.dim()));
        }
        out
    }
}
