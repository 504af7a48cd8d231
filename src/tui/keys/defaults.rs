//! The default bindings, read once from `default.toml`.

use std::collections::HashMap;
use std::slice;
use std::sync::LazyLock;

use serde::Deserialize;
use toml::Spanned;

use crate::tui::keys::written::read;
use crate::tui::keys::{Binding, Context};

/// Empty if the file is invalid, which a test rules out.
static DEFAULTS: LazyLock<Defaults> =
    LazyLock::new(|| Defaults::parse(include_str!("default.toml")).unwrap_or_default());

#[derive(Debug, Default)]
struct Defaults {
    bindings: Vec<Binding>,
    places: HashMap<Context, Place<'static>>,
}

/// The default bindings, in the order of the list of commands.
pub(crate) fn bindings() -> &'static [Binding] {
    &DEFAULTS.bindings
}

impl Context {
    /// Its heading in the help.
    pub(crate) fn heading(self) -> &'static str {
        DEFAULTS.place(self).heading
    }

    /// Where it is, as the rest of "it works …".
    pub(crate) fn place(self) -> &'static str {
        DEFAULTS.place(self).place
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(borrow)]
    places: HashMap<String, Place<'a>>,
    groups: HashMap<String, Vec<String>>,
    #[serde(borrow)]
    keys: HashMap<String, Spanned<OneOrMany<Row<'a>>>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place<'a> {
    heading: &'a str,
    #[serde(rename = "where")]
    place: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row<'a> {
    r#in: OneOrMany<String>,
    #[serde(default)]
    keys: OneOrMany<String>,
    #[serde(default)]
    footer: &'a str,
    help: &'a str,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    fn all(&self) -> &[T] {
        match self {
            Self::One(one) => slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Defaults {
    fn parse(text: &'static str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut actions: Vec<_> = file.keys.iter().collect();
        actions.sort_by_key(|(_, rows)| rows.span().start);
        let mut bindings = Vec::new();
        for (name, rows) in actions {
            let action = name.parse().map_err(|_| format!("unknown action `{name}`"))?;
            for row in rows.get_ref().all() {
                let contexts = file.contexts(row.r#in.all())?;
                let keys = row.keys.all().iter().map(|key| read(key)).collect::<Result<_, _>>()?;
                bindings.push(Binding { contexts, keys, action, hint: row.footer, help: row.help });
            }
        }
        let places = file.places.iter().map(|(name, place)| Ok((context(name)?, *place)));
        Ok(Self { bindings, places: places.collect::<Result<_, String>>()? })
    }

    fn place(&self, context: Context) -> Place<'static> {
        self.places.get(&context).copied().unwrap_or_default()
    }
}

impl File<'_> {
    /// Places by their names and those of groups, which may hold groups themselves.
    fn contexts(&self, names: &[String]) -> Result<Vec<Context>, String> {
        let mut contexts = Vec::new();
        for name in names {
            match self.groups.get(name) {
                Some(group) => contexts.extend(self.contexts(group)?),
                None => contexts.push(context(name)?),
            }
        }
        Ok(contexts)
    }
}

fn context(name: &str) -> Result<Context, String> {
    name.parse().map_err(|_| format!("unknown place `{name}`"))
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;
    use crate::tui::keys::Action;
    use crate::tui::keys::written::written;

    #[test]
    fn the_file_of_default_bindings_is_valid() {
        let defaults = Defaults::parse(include_str!("default.toml")).unwrap();
        assert!(!defaults.bindings.is_empty());
    }

    #[test]
    fn every_action_is_bound_or_in_the_list_of_commands_and_explained() {
        for action in Action::iter() {
            let rows: Vec<_> = bindings().iter().filter(|row| row.action == action).collect();
            assert!(!rows.is_empty(), "{action:?} is missing");
            for row in rows {
                assert!(!row.contexts.is_empty() && !row.help.is_empty(), "{row:?}");
            }
        }
    }

    #[test]
    fn every_place_has_a_heading_and_says_where_it_is() {
        for context in Context::iter() {
            assert!(!context.heading().is_empty() && !context.place().is_empty(), "{context:?}");
        }
    }

    #[test]
    fn no_key_is_bound_twice_in_one_place() {
        for context in Context::iter() {
            let mut seen = Vec::new();
            for row in bindings().iter().filter(|row| row.contexts.contains(&context)) {
                for key in &row.keys {
                    assert!(!seen.contains(key), "{} twice in {context:?}", written(*key));
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn no_character_is_bound_where_text_is_typed() {
        for row in bindings().iter().filter(|row| row.contexts.iter().any(|c| c.is_typing())) {
            for (code, modifiers) in &row.keys {
                let types = matches!(code, crossterm::event::KeyCode::Char(_));
                assert!(!types || !modifiers.is_empty(), "{row:?}");
            }
        }
    }

    #[test]
    fn the_list_of_commands_begins_with_marking_and_ends_with_motions() {
        let position = |action| bindings().iter().position(|row| row.action == action).unwrap();
        assert_eq!(position(Action::Mark), 0);
        let motions = [Action::Up, Action::Down, Action::PageUp, Action::Top, Action::LastColumn];
        for motion in motions {
            let others = [Action::Revoke, Action::Export, Action::Theme, Action::Quit];
            assert!(others.iter().all(|other| position(*other) < position(motion)), "{motion:?}");
        }
    }
}
