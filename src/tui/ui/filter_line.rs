//! The filter of one list: the current line, and the same line while it is typed. Typing, accepting and
//! cancelling work the same for every list.

pub(crate) mod act;

use tui_input::Input;

use crate::tui::app::App;
use crate::tui::ui::filter::Filter;

/// Maximum number of remembered filter lines.
const EARLIER: usize = 50;

/// What a list is filtered by.
#[derive(Debug, Default)]
pub(crate) struct FilterLine {
    line: String,
    parsed: Filter,
    typing: Option<Typing>,
    /// Whether the line has changed since `take_change`.
    changed: bool,
}

/// A filter line while it is typed. It applies after every key.
#[derive(Debug)]
struct Typing {
    input: Input,
    /// The line before typing began.
    before: String,
    /// Which earlier line is shown, counted from the newest.
    recalled: Option<usize>,
}

impl FilterLine {
    /// The line as it was typed.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// The parsed line.
    pub(crate) fn parsed(&self) -> &Filter {
        &self.parsed
    }

    /// Whether the line is not blank.
    pub(crate) fn is_set(&self) -> bool {
        !self.line.trim().is_empty()
    }

    /// Sanitized for a title; `None` without a filter.
    pub(crate) fn label(&self) -> Option<String> {
        self.is_set().then(|| format!("/{}", domain::text::clean(self.line.trim())))
    }

    /// The input, while the line is typed.
    pub(crate) fn typing(&self) -> Option<&Input> {
        self.typing.as_ref().map(|typing| &typing.input)
    }

    /// Whether the line has changed since the last call.
    pub(crate) fn take_change(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Filters by this line from now on.
    pub(crate) fn set(&mut self, line: &str) {
        if self.line != line {
            line.clone_into(&mut self.line);
            self.parsed = Filter::parse(line);
            self.changed = true;
        }
    }

    /// Begins typing, at the end of the current line.
    pub(crate) fn open(&mut self) {
        let before = self.line.clone();
        self.typing = Some(Typing { input: Input::new(before.clone()), before, recalled: None });
    }

    /// Edits the input; false unless typing.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Input)) -> bool {
        let Some(typing) = &mut self.typing else { return false };
        change(&mut typing.input);
        typing.recalled = None;
        let line = typing.input.value().to_owned();
        self.set(&line);
        true
    }

    /// Ends typing and keeps the line.
    pub(crate) fn keep(&mut self) {
        self.typing = None;
    }

    /// Ends typing and restores the line from before.
    pub(crate) fn leave(&mut self) {
        if let Some(typing) = self.typing.take() {
            self.set(&typing.before);
        }
    }

    /// Recalls the previous of the earlier lines; false if there is none.
    pub(crate) fn recall_earlier(&mut self, earlier: &[String]) -> bool {
        let Some(typing) = &mut self.typing else { return false };
        // The newest may be the line typed already.
        let from = typing.recalled.map_or(0, |at| at + 1);
        let mut older = earlier.iter().rev().enumerate().skip(from);
        let Some((at, line)) = older.find(|(_, line)| **line != self.line) else { return false };
        self.show(Some(at), &line.clone());
        true
    }

    /// Recalls the next line, and at last the one from before typing; false if that is shown.
    pub(crate) fn recall_later(&mut self, earlier: &[String]) -> bool {
        let Some(Typing { recalled: Some(at), before, .. }) = &self.typing else { return false };
        let later = at.checked_sub(1).and_then(|at| Some((at, earlier.iter().rev().nth(at)?)));
        match later.map(|(at, line)| (Some(at), line.clone())) {
            Some((at, line)) => self.show(at, &line),
            None => self.show(None, &before.clone()),
        }
        true
    }

    fn show(&mut self, recalled: Option<usize>, line: &str) {
        if let Some(typing) = &mut self.typing {
            typing.input = Input::new(line.to_owned());
            typing.recalled = recalled;
        }
        self.set(line);
    }

    /// Takes over the typing from another list with the same filter.
    pub(crate) fn type_on(&mut self, other: &mut Self) {
        self.typing = other.typing.take();
    }
}

impl App {
    /// Adds the current line to the earlier ones.
    pub(crate) fn remember_filter(&mut self) {
        let Some(filter) = self.filter_line().filter(|filter| filter.is_set()) else { return };
        let line = filter.line().trim().to_owned();
        self.filters.retain(|earlier| *earlier != line);
        self.filters.push(line);
        if self.filters.len() > EARLIER {
            self.filters.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use tui_input::InputRequest;

    use super::*;

    fn typed(filter: &mut FilterLine, text: &str) {
        for c in text.chars() {
            filter.edit(|input| {
                input.handle(InputRequest::InsertChar(c));
            });
        }
    }

    fn shown(filter: &FilterLine) -> (&str, Option<&str>) {
        (filter.line(), filter.typing().map(Input::value))
    }

    #[test]
    fn typing_goes_on_where_the_line_ends_and_leaving_restores_it() {
        let mut filter = FilterLine::default();
        filter.open();
        typed(&mut filter, "gol");
        filter.keep();
        assert_eq!(shown(&filter), ("gol", None));

        filter.open();
        typed(&mut filter, "den");
        assert_eq!(shown(&filter), ("golden", Some("golden")));
        filter.leave();
        assert_eq!(shown(&filter), ("gol", None));
    }

    #[test]
    fn a_change_is_told_once_and_the_same_line_is_none() {
        let mut filter = FilterLine::default();
        filter.set("a");
        assert!(filter.take_change());
        assert!(!filter.take_change());
        filter.set("a");
        assert!(!filter.take_change());
        filter.open();
        typed(&mut filter, "b");
        filter.leave();
        assert!(filter.take_change());
    }

    #[test]
    fn earlier_lines_come_back_newest_first_and_the_line_set_before_last() {
        let earlier = ["one".to_owned(), "two".to_owned(), "set".to_owned()];
        let mut filter = FilterLine::default();
        filter.set("set");
        filter.open();

        assert!(filter.recall_earlier(&earlier));
        assert_eq!(shown(&filter), ("two", Some("two")), "what is set is not shown again");
        assert!(filter.recall_earlier(&earlier));
        assert!(!filter.recall_earlier(&earlier));
        assert_eq!(shown(&filter), ("one", Some("one")));
        assert!(filter.recall_later(&earlier));
        assert!(filter.recall_later(&earlier));
        assert_eq!(shown(&filter), ("set", Some("set")));
        assert!(filter.recall_later(&earlier));
        assert!(!filter.recall_later(&earlier));
        filter.leave();
        assert_eq!(shown(&filter), ("set", None));
    }

    #[test]
    fn nothing_is_typed_or_recalled_into_a_line_that_is_not_open() {
        let mut filter = FilterLine::default();
        assert!(!filter.edit(|_| ()));
        assert!(!filter.recall_earlier(&["one".to_owned()]));
        assert!(!filter.recall_later(&["one".to_owned()]));
        filter.leave();
        assert_eq!(shown(&filter), ("", None));
    }
}
