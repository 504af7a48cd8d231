//! The screen settings of `config.toml`, checked before anything is opened.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::tui::console::Consoles;
use crate::tui::keys::custom::Keymap;
use crate::tui::notify;
use crate::tui::notify::Notify;
use crate::tui::theme::names::Themes;
use crate::tui::ui::filter::saved;
use cloud::config::{AppConfig, ConfigError};
use engine::SavedFilter;

/// Keys, colours, names, notifications, filters, addresses of consoles. They can be changed while the program runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub(crate) keys: Keymap,
    pub(crate) themes: Themes,
    pub(crate) notify: Notify,
    pub(crate) consoles: Consoles,
    /// Whether plain mode is on.
    pub(crate) plain: bool,
    /// `[filters]`, by name.
    pub(crate) filters: Vec<SavedFilter>,
    /// Names of projects, by ID.
    pub(crate) aliases: HashMap<String, String>,
}

impl Settings {
    /// Converts the settings, or returns all that is wrong with `[keys]`, `[theme]`, `[screen]`, `[filters]` and the
    /// part of `[clouds]`, by line.
    pub fn of(app: &AppConfig) -> Result<Self, Vec<ConfigError>> {
        let keys = Keymap::with(&app.section("keys"));
        let themes = Themes::with(&app.section("theme"), &app.section("clouds"));
        let aliases = app.projects.clone().into_iter().collect();
        let consoles = Consoles::with(&app.section("clouds"));
        let filters = saved::of_settings(&app.section("filters"));
        match (keys, themes, notify::with(&app.section("screen")), consoles, filters) {
            (Ok(keys), Ok(themes), Ok((notify, plain)), Ok(consoles), Ok(filters)) => {
                Ok(Self { keys, themes, notify, consoles, plain, filters, aliases })
            }
            (keys, themes, screen, consoles, filters) => {
                let all = keys.err().into_iter().chain(themes.err()).chain(screen.err());
                let all = all.chain(consoles.err()).chain(filters.err());
                let mut wrong: Vec<_> = all.flatten().collect();
                wrong.sort_by_key(|wrong| wrong.line);
                Err(wrong.iter().map(|w| app.wrong(w.line, &w.why, &w.hint)).collect())
            }
        }
    }

    /// Whether plain mode is on.
    pub fn wants_plain(&self) -> bool {
        self.plain
    }

    /// Replaces the names of projects.
    #[must_use]
    pub fn with_aliases(self, aliases: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { aliases: aliases.into_iter().collect(), ..self }
    }
}

/// The result of reloading the settings.
#[derive(Debug)]
pub struct Reread {
    /// The new settings, or everything wrong with them.
    pub outcome: Result<Settings, Vec<ConfigError>>,
    /// Whether they differ from the previous load.
    pub changed: bool,
    /// Whether `[clouds]` differs from when the program was started.
    pub clouds_changed: bool,
}

/// Reloads the settings. It may read files and is called off the event loop.
#[derive(Clone)]
pub struct Reload(Arc<dyn Fn() -> Reread + Send + Sync>);

impl Reload {
    /// Reloads with this function.
    pub fn by(read: impl Fn() -> Reread + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub(crate) fn read(&self) -> Reread {
        (self.0)()
    }
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reload")
    }
}
