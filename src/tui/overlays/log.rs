//! The log: everything that was said, the newest first.

use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::overlays::pages::{Reader, Text};
use crate::tui::ui::text;
use crate::tui::ui::text::Line;

/// What was said, as a text.
#[derive(Debug)]
struct LogPage;

/// Opens it: nothing in it is unseen any more.
pub(crate) fn open(app: &mut App) {
    app.log.unseen = 0;
    app.open(Reader::new(LogPage));
}

impl Text for LogPage {
    fn title(&self, _app: &App) -> String {
        "Log ─ newest first".into()
    }

    fn lines(&self, app: &App, width: usize) -> Vec<Line> {
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
