//! What is new since something was said last, as lines.

use crate::tui::app::App;
use crate::tui::app::log;
use crate::tui::app::log::Level;
use crate::tui::keys::Action;
use crate::tui::speech::contents::{Contents, Typed, contents, described, hints, lines as text};
use crate::tui::speech::description::Page;
use crate::tui::speech::place::Place;
use crate::tui::speech::plain_mode::Plain;
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words::unsigned;
use crate::tui::ui::text::counted;
use domain::text::clean;

/// Rows that are read at a time.
const ROWS: usize = 10;

/// Messages of a burst that are said, besides errors.
const SENTENCES: usize = 3;

/// Remembers what was said, and says the rest.
#[derive(Debug, Default)]
pub(crate) struct Speaker {
    said: Contents,
    /// The last place that lay over no other.
    ground: String,
    greeted: bool,
    /// Sentences of the log that were said.
    heard: usize,
    keys: u64,
    again: u64,
    onward: u64,
    /// How far a list was read, and where the cursor was then.
    read_to: Option<(String, usize)>,
}

impl Speaker {
    /// What is to be said now. Nothing, where nothing is new.
    pub(crate) fn hear(&mut self, app: &App) -> Vec<String> {
        let now = contents(app);
        let mut lines = Vec::new();
        if !std::mem::replace(&mut self.greeted, true) {
            lines.push(greeting(app));
        }
        let by_key = std::mem::replace(&mut self.keys, app.plain_mode.keys) != app.plain_mode.keys;
        self.status(&now, &mut lines);
        self.sentences(app, &mut lines);
        let unmarked = self.marks(&now, &mut lines);
        if let Some(row) = self.said.row.as_mut().filter(|_| unmarked) {
            // That it is not marked any more was said.
            row.mark.clear();
        }
        let asked = std::mem::replace(&mut self.again, app.plain_mode.again) != self.again;
        if asked {
            self.everything(app, now, &mut lines);
        } else {
            self.place(app, now, by_key, &mut lines);
        }
        if std::mem::replace(&mut self.onward, app.plain_mode.onward) != self.onward {
            self.read_on(app, &mut lines);
        }
        lines
            .into_iter()
            .map(|line| clean(line.trim_end()).into_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// Says where one is once more at the next time: somebody else had the terminal.
    pub(crate) fn forget_place(&mut self) {
        self.said.place = Place::default();
        self.ground.clear();
        self.said.row = None;
    }

    /// What is so wherever one is.
    fn status(&mut self, now: &Contents, lines: &mut Vec<String>) {
        if now.scope != self.said.scope {
            lines.push(now.scope.clone());
        }
        if now.reading.key != self.said.reading.key {
            lines.push(now.reading.text.clone());
        }
        let new = now
            .operations
            .iter()
            .filter(|told| self.said.operations.iter().all(|it| it.key != told.key));
        lines.extend(new.map(|told| told.text.clone()));
        (self.said.scope, self.said.reading) = (now.scope.clone(), now.reading.clone());
        self.said.operations.clone_from(&now.operations);
    }

    /// The messages since the last time: every error, the newest of the others, and how many more there are.
    fn sentences(&mut self, app: &App, lines: &mut Vec<String>) {
        let new: Vec<(Level, &str)> = app.log.since(self.heard).collect();
        let mut others = new.iter().filter(|(level, _)| *level != Level::Error).count();
        let mut left_out = (app.log.said - self.heard).saturating_sub(new.len());
        let mut said = Vec::new();
        for (level, text) in new {
            if level != Level::Error {
                others -= 1;
                if others >= SENTENCES {
                    left_out += 1;
                    continue;
                }
            }
            said.push(format!("{}{text}", level.word()));
        }
        said.dedup();
        if left_out > 0 {
            let log = app.keys.spoken(Action::Log);
            let messages = counted(left_out, "more message");
            let are = if left_out == 1 { "is" } else { "are" };
            lines.push(format!("{messages} {are} in the log, {log}."));
        }
        lines.extend(said);
        self.heard = app.log.said;
    }

    /// Says how much is marked; whether that is nothing any more.
    fn marks(&mut self, now: &Contents, lines: &mut Vec<String>) -> bool {
        if now.marks == self.said.marks {
            return false;
        }
        lines.push(if now.marks.is_empty() {
            "Nothing is marked now.".into()
        } else {
            now.marks.clone()
        });
        self.said.marks.clone_from(&now.marks);
        now.marks.is_empty()
    }

    /// The place and what is in it, as far as that is new.
    fn place(&mut self, app: &App, now: Contents, by_key: bool, lines: &mut Vec<String>) {
        let moved = now.place.key != self.said.place.key;
        if moved {
            self.arrive(app, &now, lines);
        }
        self.typing(&now, moved, lines);
        let mut told = moved;
        let filtering = now.typed.as_ref().is_some_and(|typed| typed.alone);
        // While a filter is typed, how many pass it is said with it.
        let filtered = self.said.typed.as_ref().is_some_and(|typed| typed.alone) && !filtering;
        if !filtering && (now.listing.key != self.said.listing.key || (filtered && !moved)) {
            lines.push(now.listing.text.clone());
            self.said.listing = now.listing.clone();
            (self.said.row, told) = (None, true);
        }
        if now.complaint != self.said.complaint {
            lines.push(now.complaint.clone());
        }
        self.page(app, now.page.as_ref(), lines);
        self.row(app, &now, by_key, told, lines);
        let (listing, row) = (std::mem::take(&mut self.said.listing), self.said.row.take());
        self.said = Contents { listing, row, ..now };
    }

    /// Says where one came to. A list is described when one comes to its view, unless it is only being read.
    fn arrive(&mut self, app: &App, now: &Contents, lines: &mut Vec<String>) {
        let back = !now.place.over && now.place.key == self.ground;
        let beside = now.place.is_beside(&self.said.place);
        match (back, beside) {
            (true, false) => lines.push("Back.".into()),
            (_, true) => lines.push(now.place.short.clone()),
            (false, false) => lines.extend(now.place.lines.clone()),
        }
        let read = app.workspace.reading.is_none() || app.workspace.read_at.is_some();
        if !back && !beside && !now.place.over && read {
            lines.push(now.listing.text.clone());
        }
        if !now.place.over {
            self.ground.clone_from(&now.place.key);
        }
        self.said.listing = now.listing.clone();
        self.said.row = None;
    }

    /// Says what is typed.
    fn typing(&self, now: &Contents, moved: bool, lines: &mut Vec<String>) {
        let Some(typed) = &now.typed else { return };
        let before = self.said.typed.as_ref().filter(|it| it.prompt == typed.prompt && !moved);
        let value = before.map_or("", |before| &before.value);
        if before.is_none() {
            lines.push(typed.prompt.clone());
        }
        // Who is told what is wrong with it knows that it is gone.
        let taken_away = typed.value.is_empty() && !now.complaint.is_empty();
        if value != typed.value && !taken_away {
            lines.push(echo(typed));
        }
    }

    /// Says what of a text came into its window.
    fn page(&self, app: &App, page: Option<&Page>, lines: &mut Vec<String>) {
        let Some(page) = page else { return };
        let before = self.said.page.as_ref().filter(|before| before.key == page.key);
        let new = match before {
            Some(before) if before.top == page.top => return,
            Some(before) if before.top < page.top => before.end..page.end,
            Some(before) => page.top..before.top.min(page.end),
            None => page.top..page.end,
        };
        lines.extend(text(app, new));
        let (on, end) = (Action::ReadOn, Action::Bottom);
        let [on, end] = [on, end].map(|action| app.keys.spoken(action));
        lines.push(match page.len - page.end {
            0 => "That is the end of it.".into(),
            more => format!("{more} more lines: {on} reads on, {end} reads to the end."),
        });
    }

    /// The row under the cursor. While everything is being read rows come and go, and only what the user does is said.
    fn row(
        &mut self,
        app: &App,
        now: &Contents,
        by_key: bool,
        moved: bool,
        lines: &mut Vec<String>,
    ) {
        let reading = app.workspace.reading.is_some() && !now.place.over;
        let filtering = now.typed.as_ref().is_some_and(|typed| typed.alone);
        if filtering && (now.typed != self.said.typed || !by_key) {
            return;
        }
        match (&now.row, &self.said.row) {
            (None, _) => {
                let new = moved || now.nothing != self.said.nothing || self.said.row.is_some();
                if new && !now.nothing.is_empty() && (by_key || !reading) {
                    lines.push(now.nothing.clone());
                }
                self.said.row = None;
            }
            (Some(row), None) if by_key || !reading => {
                lines.push(row.sentence());
                self.said.row = Some(row.clone());
            }
            (Some(row), Some(last)) if row.key == last.key || by_key || !reading => {
                lines.extend(row.after(last));
                self.said.row = Some(row.clone());
            }
            (Some(_), _) => {}
        }
    }

    /// Where one is, what is typed, what the cursor is on, and what can be done.
    fn everything(&mut self, app: &App, now: Contents, lines: &mut Vec<String>) {
        lines.extend([now.scope.clone()].into_iter().filter(|_| !now.place.over));
        lines.extend(now.place.lines.clone());
        lines.push(now.listing.text.clone());
        lines.extend(now.typed.as_ref().filter(|typed| !typed.value.is_empty()).map(echo));
        lines.push(now.complaint.clone());
        let row = now.row.as_ref().map(Row::in_full);
        lines.push(row.unwrap_or_else(|| now.nothing.clone()));
        lines.push(now.marks.clone());
        lines.push(hints(app));
        self.said = now;
    }

    /// Some rows more of the list, from the cursor on.
    fn read_on(&mut self, app: &App, lines: &mut Vec<String>) {
        let Some(list) = described(app).list.filter(|list| list.len > 0) else {
            lines.push("No list to read here.".into());
            return;
        };
        let here = self.position(&list);
        let from = match &self.read_to {
            Some((there, to)) if *there == here && *to < list.len => *to,
            _ => list.at.unwrap_or(0),
        };
        let to = (from + ROWS).min(list.len);
        lines.extend((from..to).filter_map(|at| list.say(at)));
        lines.push(match list.len - to {
            0 => "That is the end of the list.".into(),
            more => format!("{more} more."),
        });
        self.read_to = Some((here, to));
    }

    fn position(&self, list: &List<'_>) -> String {
        let row = self.said.row.as_ref().map(|row| &row.key);
        format!("{:?}", (&self.said.place.key, &self.said.listing.key, row, list.at))
    }
}

/// As a list of what was typed is said: what it leads to.
fn echo(typed: &Typed) -> String {
    if typed.value.is_empty() { "Nothing is typed.".into() } else { typed.echo.clone() }
}

fn greeting(app: &App) -> String {
    let why = match app.plain_mode.plain {
        Plain::Dumb => "This terminal is dumb (TERM), so it is in plain mode: ",
        _ => "Plain mode: ",
    };
    let key = |action| unsigned(app, &app.keys.spoken(action));
    format!(
        "sharelock. {why}lines instead of a screen. {} says where you are and what can be done, {} reads the list, {} lists the \
         keys, {} quits.",
        capital(&key(Action::Where)),
        key(Action::ReadOn),
        key(Action::Help),
        key(Action::Quit),
    )
}

fn capital(text: &str) -> String {
    log::capital(text)
}
