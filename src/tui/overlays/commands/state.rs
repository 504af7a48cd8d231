//! The list of commands: what can be done here by name, with what is typed, and why the rest cannot.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::{Constraint, Layout, Rect};
use tui_input::Input;

use crate::tui::keys::{Action, Context};
use crate::tui::ui::cursor::Cursor;
use crate::tui::ui::layout;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) action: Action,
    /// The argument, where the entry is an argument of a command.
    pub(crate) argument: Option<String>,
    /// Its keys, as hints write them.
    pub(crate) keys: String,
    /// What it does.
    pub(crate) help: String,
    /// Why it does nothing here and now; `None` when it does.
    pub(crate) why_not: Option<String>,
}

impl Entry {
    /// As one types it.
    pub(crate) fn line(&self) -> String {
        match &self.argument {
            Some(argument) => format!("{} {argument}", self.action.word()),
            None => self.action.word().to_owned(),
        }
    }
}

/// The commands of one place, those that work there first.
#[derive(Clone, Debug)]
pub(crate) struct Palette {
    /// Where it was opened.
    pub(crate) here: Context,
    pub(crate) input: Input,
    /// Those that fit what is typed, best first.
    pub(crate) fitting: Vec<Entry>,
    pub(crate) cursor: Cursor<usize>,
    /// Why the last command did nothing.
    pub(crate) complaint: Option<String>,
    all: Vec<Entry>,
    /// What the commands with arguments take.
    arguments: Vec<Entry>,
    /// Which earlier line is shown, counted from the newest.
    recalled: Option<usize>,
}

impl Palette {
    /// With every command, and what some of them take.
    pub(crate) fn new(here: Context, mut all: Vec<Entry>, arguments: Vec<Entry>) -> Self {
        all.sort_by_key(|entry| entry.why_not.is_some());
        let mut palette = Self {
            here,
            input: Input::default(),
            fitting: Vec::new(),
            cursor: Cursor::default(),
            complaint: None,
            all,
            arguments,
            recalled: None,
        };
        palette.choose();
        palette
    }

    /// Prefills the input.
    pub(crate) fn typed(mut self, line: &str) -> Self {
        self.input = Input::new(line.to_owned());
        self.choose();
        self
    }

    /// Call after the input changed.
    pub(crate) fn changed(&mut self) {
        self.recalled = None;
        self.choose();
    }

    /// The command under the cursor.
    pub(crate) fn current(&self) -> Option<&Entry> {
        self.fitting.get(self.cursor.at)
    }

    /// Completes the line to the command under the cursor.
    pub(crate) fn complete(&mut self) {
        let Some(entry) = self.fitting.get(self.cursor.at) else {
            self.complaint = Some("Nothing to complete: no command fits that.".into());
            return;
        };
        let takes_more = entry.argument.is_none() && entry.action.takes().is_some();
        let line = entry.line() + if takes_more { " " } else { "" };
        self.input = Input::new(line);
        self.changed();
    }

    /// Up: in the list, and from its first row to the earlier lines.
    pub(crate) fn up(&mut self, earlier: &[String]) {
        if self.cursor.at > 0 && self.recalled.is_none() {
            return self.go(self.cursor.at - 1);
        }
        let next = self.recalled.map_or(0, |at| at + 1);
        if let Some(line) = earlier.iter().rev().nth(next) {
            self.recall(Some(next), line);
        } else if earlier.is_empty() {
            self.complaint = Some("Nothing was run from here yet.".into());
        }
    }

    /// Down: through the earlier lines back to an empty one, else in the list.
    pub(crate) fn down(&mut self, earlier: &[String]) {
        match self.recalled {
            None => self.go(self.cursor.at + 1),
            Some(0) => self.recall(None, ""),
            Some(at) => {
                let line = earlier.iter().rev().nth(at - 1).cloned().unwrap_or_default();
                self.recall(Some(at - 1), &line);
            }
        }
    }

    fn recall(&mut self, at: Option<usize>, line: &str) {
        self.input = Input::new(line.to_owned());
        self.recalled = at;
        self.choose();
    }

    /// Puts the cursor on a row.
    pub(crate) fn go(&mut self, at: usize) {
        let rows: Vec<usize> = (0..self.fitting.len()).collect();
        self.cursor.go(at, &rows);
        self.complaint = None;
    }

    fn choose(&mut self) {
        let line = self.input.value();
        self.fitting = match self.with_argument(line) {
            Some(fitting) => fitting,
            None => fitting(&self.all, line.trim()),
        };
        self.go(0);
    }

    /// After the name of a command that takes something: what it could be.
    fn with_argument(&self, line: &str) -> Option<Vec<Entry>> {
        let (word, argument) = line.trim_start().split_once(' ')?;
        let named = |entry: &&Entry| entry.action.word() == word && entry.action.takes().is_some();
        let command = self.all.iter().find(named)?;
        if command.why_not.is_some() {
            return Some(vec![command.clone()]);
        }
        let argument = argument.trim();
        if command.action.takes_anything() {
            let argument = Some(argument.to_owned()).filter(|words| !words.is_empty());
            return Some(vec![Entry { argument, ..command.clone() }]);
        }
        let of_it = self.arguments.iter().filter(|entry| entry.action == command.action);
        Some(fitting(&of_it.cloned().collect::<Vec<_>>(), argument))
    }
}

/// The parts of the list, inside its frame: what is typed, the commands, what there is to say.
pub(crate) fn parts(area: Rect) -> [Rect; 3] {
    let parts = [Constraint::Length(2), Constraint::Fill(1), Constraint::Length(2)];
    Layout::vertical(parts).areas(layout::inner(area))
}

impl Action {
    /// The allowed arguments of a command.
    pub(crate) fn takes(self) -> Option<&'static str> {
        match self {
            Self::Filter => Some("WORDS"),
            Self::Sort => Some("COLUMN"),
            Self::Clouds
            | Self::Theme
            | Self::SavedFilter
            | Self::SaveFilter
            | Self::ForgetFilter => Some("NAME"),
            _ => None,
        }
    }

    /// Whether that is any text, and not one of a list.
    pub(crate) fn takes_anything(self) -> bool {
        matches!(self, Self::Filter | Self::SaveFilter)
    }
}

/// More than any score of the matcher.
const NAME: u32 = 10_000;

/// The entries a text fits, best first: what it names exactly, then what works here.
fn fitting(entries: &[Entry], text: &str) -> Vec<Entry> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let is_other = |score: u32| score < 2 * NAME;
    let mut scored: Vec<(bool, bool, u32, &Entry)> = entries
        .iter()
        .filter_map(|entry| {
            let score = score(entry, text, &mut matcher)?;
            Some((is_other(score), entry.why_not.is_some(), u32::MAX - score, entry))
        })
        .collect();
    scored.sort_by_key(|(other, disabled, score, _)| (*other, *disabled, *score));
    scored.into_iter().map(|(.., entry)| entry.clone()).collect()
}

/// How well a text fits an entry: its key, its name by letters in order, or words of its sentence.
fn score(entry: &Entry, text: &str, matcher: &mut Matcher) -> Option<u32> {
    if text.is_empty() {
        return Some(0);
    }
    let name = entry.argument.as_deref().unwrap_or(entry.action.word());
    if name == text || entry.keys.split(' ').any(|key| key == text) {
        return Some(2 * NAME);
    }
    let mut against = |haystack: &str, kind| {
        let pattern = Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, kind);
        let mut chars = Vec::new();
        pattern.score(Utf32Str::new(haystack, &mut chars), matcher)
    };
    let by_name = against(name, AtomKind::Fuzzy).map(|score| score + NAME);
    by_name.or_else(|| against(&entry.help, AtomKind::Substring))
}
