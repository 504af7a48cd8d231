//! Messages to the user: the newest as toasts for a moment, all of them in the log.
//!
//! The time of a toast is that in which it was to be seen: under a dialog none of it passes.

use std::collections::VecDeque;

use domain::{Failure, Moment};

/// How serious it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Good to know.
    Info,
    /// Succeeded.
    Done,
    /// Worth a second look.
    Warning,
    /// Something failed.
    Error,
}

impl Level {
    /// Its sign.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Info => "›",
            Self::Done => "✓",
            Self::Warning => "⚠",
            Self::Error => "✗",
        }
    }

    /// It as a word before a sentence; nothing where there is nothing to be said.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Info => "",
            Self::Done => "Done: ",
            Self::Warning => "Warning: ",
            Self::Error => "Error: ",
        }
    }

    /// How long a toast of it stays, in milliseconds.
    fn stay(self) -> i64 {
        match self {
            Self::Info | Self::Done => 4_000,
            Self::Warning => 7_000,
            Self::Error => 12_000,
        }
    }
}

/// One sentence.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Moment,
    pub(crate) level: Level,
    pub(crate) text: String,
    /// How often it was said in a row.
    pub(crate) times: usize,
}

#[derive(Clone, Debug)]
struct Toast {
    level: Level,
    text: String,
    /// Milliseconds in which it is still to be seen.
    left: i64,
    /// The hint at the first start, gone after the first actions.
    hint: bool,
}

/// Everything said. The oldest go when there are too many.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    toasts: VecDeque<Toast>,
    /// What was said to the user, with the value of `said` then, for plain mode.
    recent: VecDeque<(usize, Level, String)>,
    /// Up to when the time of the toasts is counted.
    counted: Option<Moment>,
    /// Errors since the log was last looked at.
    pub(crate) unseen: usize,
    /// How often something was said to the user.
    pub(crate) said: usize,
    /// The scope that is spoken of, when it is not the one on the screen.
    pub(crate) elsewhere: Option<String>,
}

impl Log {
    const ENTRIES: usize = 1000;
    const TOASTS: usize = 3;

    /// Says something: as a toast and in the log.
    pub(crate) fn say(&mut self, now: Moment, level: Level, text: impl Into<String>) {
        let toast = Toast { level, text: text.into(), left: level.stay(), hint: false };
        self.show(now, toast);
    }

    /// Tells the first steps for so many milliseconds, or until they are made.
    pub(crate) fn hint(&mut self, now: Moment, text: String, left: i64) {
        self.show(now, Toast { level: Level::Info, text, left, hint: true });
    }

    fn show(&mut self, now: Moment, mut toast: Toast) {
        self.said += 1;
        toast.text = self.placed(toast.text);
        self.recent.push_back((self.said, toast.level, toast.text.clone()));
        if self.recent.len() > Self::ENTRIES {
            self.recent.pop_front();
        }
        self.keep(now, toast.level, &toast.text);
        if self.toasts.is_empty() {
            self.counted = Some(now);
        }
        self.toasts.retain(|shown| shown.text != toast.text);
        self.toasts.push_back(toast);
        while self.toasts.len() > Self::TOASTS {
            self.toasts.pop_front();
        }
    }

    /// Says what failed.
    pub(crate) fn fail(&mut self, now: Moment, failure: &Failure) {
        self.say(now, Level::Error, capital(&failure.to_string()));
    }

    /// Only into the log.
    pub(crate) fn note(&mut self, now: Moment, level: Level, text: &str) {
        let text = self.placed(text.to_owned());
        self.keep(now, level, &text);
    }

    fn placed(&self, text: String) -> String {
        match &self.elsewhere {
            Some(scope) => format!("{scope}: {text}"),
            None => text,
        }
    }

    fn keep(&mut self, now: Moment, level: Level, text: &str) {
        self.unseen += usize::from(level == Level::Error);
        match self.entries.back_mut() {
            Some(last) if last.text == text => (last.times, last.at) = (last.times + 1, now),
            _ => self.entries.push_back(Entry { at: now, level, text: text.to_owned(), times: 1 }),
        }
        if self.entries.len() > Self::ENTRIES {
            self.entries.pop_front();
        }
    }

    /// Counts the time until now, and takes away the toasts whose time is over. What lay under something was not seen.
    pub(crate) fn pass(&mut self, now: Moment, in_sight: bool) {
        let passed = self.counted.replace(now).map_or(0, |before| now.0 - before.0);
        if in_sight {
            self.toasts.iter_mut().for_each(|toast| toast.left -= passed.max(0));
            self.toasts.retain(|toast| toast.left > 0);
        }
    }

    /// Takes all toasts away; false when there was none.
    pub(crate) fn dismiss(&mut self) -> bool {
        !std::mem::take(&mut self.toasts).is_empty()
    }

    /// The first steps were made.
    pub(crate) fn end_hint(&mut self) {
        self.toasts.retain(|toast| !toast.hint);
    }

    /// Milliseconds until the next toast has to go.
    pub(crate) fn next_expiry(&self, now: Moment) -> Option<u64> {
        let left = self.toasts.iter().map(|toast| toast.left).min()?;
        let passed = self.counted.map_or(0, |counted| now.0 - counted.0);
        Some(u64::try_from(left - passed).unwrap_or(0).max(1))
    }

    /// The toasts, oldest first.
    pub(crate) fn toasts(&self) -> impl Iterator<Item = (Level, &str)> {
        self.toasts.iter().map(|toast| (toast.level, toast.text.as_str()))
    }

    /// The messages after so many, in order; the oldest are dropped when there are too many.
    pub(crate) fn since(&self, said: usize) -> impl Iterator<Item = (Level, &str)> {
        let new = self.recent.iter().filter(move |(number, ..)| *number > said);
        new.map(|(_, level, text)| (*level, text.as_str()))
    }

    /// The sentence said last.
    pub(crate) fn last(&self) -> Option<(Level, &str)> {
        self.entries.back().map(|entry| (entry.level, entry.text.as_str()))
    }

    /// Every sentence, newest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev()
    }
}

/// A failure's fragment as the beginning of a sentence.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toasts_go_by_time_and_the_log_keeps_them() {
        let mut log = Log::default();
        log.say(Moment(0), Level::Info, "marked");
        log.pass(Moment(1000), true);
        log.fail(Moment(1000), &Failure::new("read the members of a", "no answer"));

        assert_eq!(log.next_expiry(Moment(1000)), Some(3000));
        log.pass(Moment(4000), true);

        assert_eq!(log.toasts().count(), 1);
        let texts: Vec<_> = log.entries().map(|entry| &*entry.text).collect();
        assert_eq!(texts, ["Cannot read the members of a: no answer", "marked"]);
        assert_eq!(log.unseen, 1);
    }

    #[test]
    fn a_toast_is_seen_for_its_own_time_in_all_however_often_it_is_covered() {
        let mut log = Log::default();
        log.say(Moment(0), Level::Info, "marked");
        for dialog in 1..=3 {
            log.pass(Moment(dialog * 10_000 - 9_000), true);
            assert_eq!(log.toasts().count(), 1, "seen for {dialog} s");
            log.pass(Moment(dialog * 10_000), false);
        }
        assert_eq!(log.next_expiry(Moment(30_000)), Some(1000));
        log.pass(Moment(31_000), true);
        assert_eq!(log.toasts().count(), 0);
    }

    #[test]
    fn a_sentence_said_again_is_counted_not_repeated() {
        let mut log = Log::default();
        (0..5).for_each(|at| log.say(Moment(at), Level::Warning, "read-only"));

        assert_eq!(log.entries().map(|entry| entry.times).collect::<Vec<_>>(), [5]);
        assert_eq!(log.toasts().count(), 1);
    }
}
