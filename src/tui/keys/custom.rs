//! The bindings of the user: `[keys]` of `config.toml` over the defaults.

use std::ops::Deref;

use strum::IntoEnumIterator;

use crate::tui::keys::written::{char, ctrl, in_words, read, written};
use crate::tui::keys::{Action, Binding, Context, Key, defaults};
use cloud::config::{Setting, did_you_mean};

/// The bindings in effect: the default ones, with the keys of the user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Keymap(Vec<Binding>, Hand);

/// How keys are written in sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Hand {
    #[default]
    Signs,
    /// For screen readers: most skip punctuation and do not announce capitals.
    Words,
}

impl Default for Keymap {
    fn default() -> Self {
        Self(defaults::bindings().to_vec(), Hand::default())
    }
}

impl Deref for Keymap {
    type Target = [Binding];

    fn deref(&self) -> &[Binding] {
        &self.0
    }
}

/// What is wrong with a line of `[keys]`, `[theme]` or `[screen]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) line: usize,
    pub(crate) why: String,
    pub(crate) hint: String,
}

/// Always quits, whatever the user bound.
const WAY_OUT: Key = ctrl('c');

/// Opens the list of commands by default.
const COLON: Key = char(':');

impl Keymap {
    /// The default bindings with these settings; or everything that is wrong with them.
    ///
    /// A setting without a place applies wherever the action exists, except in the prompts before closing and quitting,
    /// and where text is typed if one of its keys is a character. One with a place takes precedence.
    pub(crate) fn with(settings: &[Setting]) -> Result<Self, Vec<Wrong>> {
        let (mut map, mut wrong) = (Self::default(), Vec::new());
        let (placed, open): (Vec<_>, Vec<_>) =
            settings.iter().partition(|s| s.subsection().is_some());
        for setting in open.into_iter().chain(placed) {
            if let Err(errors) = map.apply(setting) {
                wrong.extend(errors);
            }
        }
        wrong.extend(map.conflicts(settings));
        wrong.sort_by_key(|wrong| wrong.line);
        if wrong.is_empty() { Ok(map) } else { Err(wrong) }
    }

    /// Does nothing where anything is wrong.
    fn apply(&mut self, setting: &Setting) -> Result<(), Vec<Wrong>> {
        let mut errors = Vec::new();
        let mut note = |error: Wrong| errors.push(error);
        let action = action_called(setting).map_err(&mut note).ok();
        let place = place_called(setting).map_err(&mut note).ok();
        let read = setting.values.iter().map(|text| key_called(setting, text));
        let keys: Vec<Key> = read.filter_map(|key| key.map_err(&mut note).ok()).collect();
        let (Some(action), Some(place)) = (action, place) else { return Err(errors) };
        let typed = keys.iter().copied().find(|key| is_character(*key));
        if let (Some(place), Some(key)) = (place.filter(|place| place.is_typing()), typed) {
            let why =
                format!("`{}` cannot be a key {}: it is typed there", written(key), place.place());
            note(wrong(setting, why, "choose a key that types nothing, as ctrl-x or f5"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let holds = |context: Context| match place {
            Some(place) => context == place,
            None if matches!(context, Context::Close | Context::Quit) => false,
            None => !(context.is_typing() && typed.is_some()),
        };
        if self.rebind(action, holds, &keys) {
            return Ok(());
        }
        let place = place.map_or("anywhere", Context::place);
        let why = format!("`{}` does nothing {place}", setting.name);
        Err(vec![wrong(setting, why, "take it out, or choose another place")])
    }

    /// Gives an action other keys in some places; false if it exists in none of them.
    fn rebind(&mut self, action: Action, holds: impl Fn(Context) -> bool, keys: &[Key]) -> bool {
        let mut done: Vec<Context> = Vec::new();
        for row in std::mem::take(&mut self.0) {
            // Ctrl-C quits in addition to the keys bound to quit, and is the only one where `q` closes something.
            let way_out = row.keys[..] == [WAY_OUT] && row.contexts.len() > 1;
            if row.action != action || way_out {
                self.0.push(row);
                continue;
            }
            let (mine, others): (Vec<Context>, Vec<Context>) =
                row.contexts.iter().partition(|context| holds(**context));
            let (again, first): (Vec<Context>, Vec<Context>) =
                mine.into_iter().partition(|context| done.contains(context));
            let kept: Vec<Key> = row.keys.iter().copied().filter(|key| *key == WAY_OUT).collect();
            let with = |contexts, keys| Binding { contexts, keys, ..row };
            done.extend(&first);
            let rows = [
                with(first, keys.iter().chain(&kept).copied().collect()),
                with(again, kept.clone()),
                with(others, row.keys.clone()),
            ];
            self.0.extend(rows.into_iter().filter(|row| !row.contexts.is_empty()));
        }
        !done.is_empty()
    }

    /// Keys that are bound twice in one place, reported at the setting that bound them again.
    fn conflicts(&self, settings: &[Setting]) -> Vec<Wrong> {
        let mut found: Vec<Wrong> = Vec::new();
        for context in Context::iter() {
            let rows = || self.0.iter().filter(|row| row.contexts.contains(&context));
            let keys = rows().flat_map(|row| row.keys.iter().map(|key| (*key, row.action)));
            let keys: Vec<(Key, Action)> = keys.collect();
            for (at, (key, action)) in keys.iter().enumerate() {
                let other = keys[..at].iter().find(|(k, a)| k == key && a != action);
                if let Some((_, other)) = other {
                    let told = conflict(settings, context, *key, [*action, *other]);
                    let known = |wrong: &Wrong| told.as_ref().is_some_and(|t| t.line == wrong.line);
                    if !found.iter().any(known) {
                        found.extend(told);
                    }
                }
            }
        }
        found
    }

    /// The key of an action as hints write it: where the user is, else anywhere; `:word` where it has none.
    pub(crate) fn spoken(&self, action: Action) -> String {
        let keys =
            self.0.iter().filter(|row| row.action == action).find_map(|row| row.keys.first());
        match keys {
            Some(key) => self.name(*key),
            None if self.1 == Hand::Words => format!("{} {}", in_words(COLON), action.word()),
            None => format!(":{}", action.word()),
        }
    }

    /// How a key is written in sentences.
    pub(crate) fn name(&self, key: Key) -> String {
        match self.1 {
            Hand::Signs => written(key),
            Hand::Words => in_words(key),
        }
    }

    /// Writes keys as words from now on.
    pub(crate) fn write_in_words(&mut self) {
        self.1 = Hand::Words;
    }
}

fn conflict(
    settings: &[Setting],
    context: Context,
    key: Key,
    actions: [Action; 2],
) -> Option<Wrong> {
    let brought = |setting: &&Setting| {
        let about = actions.iter().any(|action| action.word() == setting.name);
        about && setting.values.iter().any(|text| read(text) == Ok(key))
    };
    let setting = settings.iter().rev().find(brought)?;
    let other = actions.iter().find(|action| action.word() != setting.name)?.word();
    let why = format!("`{}` is already the key of `{other}` {}", written(key), context.place());
    let hint = format!("choose another key, or give `{other}` another one");
    Some(wrong(setting, why, &hint))
}

fn wrong(setting: &Setting, why: String, hint: &str) -> Wrong {
    Wrong { line: setting.line, why, hint: hint.to_owned() }
}

/// A character without modifiers other than Shift.
fn is_character((code, modifiers): Key) -> bool {
    matches!(code, crossterm::event::KeyCode::Char(_)) && modifiers.is_empty()
}

fn action_called(setting: &Setting) -> Result<Action, Wrong> {
    setting.name.parse().map_err(|_| {
        let words = Action::iter().map(Action::word);
        let why =
            format!("unknown action `{}`{}", setting.name, did_you_mean(&setting.name, words));
        wrong(setting, why, "the help (?) and the list of commands (:) name them")
    })
}

fn place_called(setting: &Setting) -> Result<Option<Context>, Wrong> {
    let Some(word) = setting.subsection() else { return Ok(None) };
    word.parse().map(Some).map_err(|_| {
        let words = || Context::iter().map(Context::word);
        let why = format!("unknown place `{word}`{}", did_you_mean(word, words()));
        let hint = format!("use one of {}", words().collect::<Vec<_>>().join(", "));
        wrong(setting, why, &hint)
    })
}

fn key_called(setting: &Setting, text: &str) -> Result<Key, Wrong> {
    let key = read(text).map_err(|why| {
        wrong(setting, format!("`{text}` is not a key: {why}"), "correct it there")
    })?;
    if key == WAY_OUT && setting.name != Action::Quit.word() {
        let why = "`ctrl-c` always quits".to_owned();
        return Err(wrong(setting, why, "choose another key"));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::tui::keys::action;

    fn set(line: usize, place: Option<&str>, action: &str, keys: &[&str]) -> Setting {
        let section = place.map_or("keys".to_owned(), |place| format!("keys.{place}"));
        let values = keys.iter().map(|key| (*key).to_owned()).collect();
        Setting { section, name: action.into(), values, line }
    }

    fn pressed(map: &Keymap, context: Context, c: char) -> Option<Action> {
        action(map, context, KeyEvent::from(KeyCode::Char(c)))
    }

    fn errors(settings: &[Setting]) -> Vec<String> {
        let wrong = Keymap::with(settings).unwrap_err();
        wrong.iter().map(|w| format!("{}: {}", w.line, w.why)).collect()
    }

    #[test]
    fn a_setting_moves_an_action_everywhere_it_exists() {
        let map =
            Keymap::with(&[set(1, None, "revoke", &["K"]), set(2, None, "undo", &[])]).unwrap();
        for place in [Context::Images, Context::Members] {
            assert_eq!(pressed(&map, place, 'K'), Some(Action::Revoke));
            assert_eq!(pressed(&map, place, 'R'), None);
        }
        assert_eq!(pressed(&map, Context::Jobs, 'u'), None);
        assert_eq!(map.spoken(Action::Revoke), "K");
        assert_eq!(map.spoken(Action::Undo), ":undo");
    }

    #[test]
    fn a_setting_with_a_place_holds_there_alone_and_goes_before_the_others() {
        let settings = [set(1, Some("jobs"), "undo", &["U"]), set(2, None, "undo", &["ctrl-u"])];
        let map = Keymap::with(&settings).unwrap();
        assert_eq!(pressed(&map, Context::Jobs, 'U'), Some(Action::Undo));
        assert_eq!(pressed(&map, Context::History, 'U'), None);
        let event = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        assert_eq!(action(&map, Context::History, event), Some(Action::Undo));
        assert_eq!(action(&map, Context::Jobs, event), None);
    }

    #[test]
    fn a_character_never_becomes_a_key_where_it_is_typed() {
        let map = Keymap::with(&[set(1, None, "down", &["n"])]).unwrap();
        assert_eq!(pressed(&map, Context::Images, 'n'), Some(Action::Down));
        assert_eq!(pressed(&map, Context::Filter, 'n'), None);
        let down = KeyEvent::from(KeyCode::Down);
        assert_eq!(action(&map, Context::Filter, down), Some(Action::Down));
        assert_eq!(
            errors(&[set(3, Some("filter-line"), "down", &["n"])]),
            ["3: `n` cannot be a key in the filter line: it is typed there"]
        );
    }

    #[test]
    fn ctrl_c_always_quits() {
        let map = Keymap::with(&[set(1, None, "quit", &["Q"])]).unwrap();
        let event = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        for context in Context::iter() {
            assert_eq!(action(&map, context, event), Some(Action::Quit), "{context:?}");
        }
        assert_eq!(pressed(&map, Context::Images, 'q'), None);
        assert_eq!(errors(&[set(1, None, "copy", &["ctrl-c"])]), ["1: `ctrl-c` always quits"]);
    }

    #[test]
    fn the_example_of_the_readme_is_understood() {
        let settings = [
            set(1, None, "revoke", &["K"]),
            set(2, None, "quit", &["q", "ctrl-q"]),
            set(3, None, "hide-jobs", &[]),
            set(4, Some("jobs"), "undo", &["U"]),
        ];
        let map = Keymap::with(&settings).unwrap();
        assert_eq!(pressed(&map, Context::Reading, 'q'), Some(Action::Back));
        assert_eq!(pressed(&map, Context::Images, 'q'), Some(Action::Quit));
    }

    #[test]
    fn every_mistake_is_told_at_once_with_its_line_and_what_was_meant() {
        let settings = [
            set(2, None, "revok", &["R"]),
            set(3, None, "share", &["ctrl-i", "hyper-x"]),
            set(4, None, "mark", &["R"]),
            set(5, Some("image"), "mark", &["m"]),
            set(6, Some("jobs"), "mark", &["m"]),
        ];
        assert_eq!(
            errors(&settings),
            [
                "2: unknown action `revok` (did you mean `revoke`?)",
                "3: `ctrl-i` is not a key: terminals cannot tell it from tab",
                "3: `hyper-x` is not a key: write one character, or ctrl-x, alt-x, f1 to f12, space, \
                 enter, esc, tab, shift-tab, up, down, left, right, home, end, page-up, page-down, insert, \
                 delete, backspace",
                "4: `R` is already the key of `revoke` in the list of images",
                "5: unknown place `image` (did you mean `images`?)",
                "6: `mark` does nothing in the Jobs view",
            ]
        );
    }

    #[test]
    fn no_place_has_the_name_of_an_action() {
        for context in Context::iter() {
            assert!(Action::iter().all(|action| action.word() != context.word()), "{context:?}");
        }
    }

    #[test]
    fn keys_can_change_places() {
        let settings = [set(1, None, "revoke", &["x"]), set(2, None, "hide-jobs", &["R"])];
        let map = Keymap::with(&settings).unwrap();
        assert_eq!(pressed(&map, Context::Images, 'x'), Some(Action::Revoke));
        assert_eq!(pressed(&map, Context::Images, 'R'), Some(Action::HideJobs));
    }
}
