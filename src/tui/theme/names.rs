//! The available themes, and how the current one is found.

use std::collections::BTreeMap;

use ratatui::style::Style;

use crate::tui::keys::custom::Wrong;
use crate::tui::terminal::sequences::Habits;
use crate::tui::theme::depth::Depth;
use crate::tui::theme::{COLOUR_BLIND_DARK, COLOUR_BLIND_LIGHT, DARK, LIGHT, Role, Theme, written};
use cloud::config::{Setting, did_you_mean};
use domain::Scope;

/// The background of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Background {
    /// Light text on a dark background.
    #[default]
    Dark,
    /// Dark text on a light background.
    Light,
}

/// Properties of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether the user wants colours.
    pub(crate) colour: bool,
    pub(crate) depth: Depth,
    pub(crate) background: Background,
    /// Whether a terminal of this kind answers a query for its background.
    pub(crate) answers: bool,
    pub(crate) habits: Habits,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            colour: true,
            depth: Depth::default(),
            background: Background::default(),
            answers: false,
            habits: Habits::default(),
        }
    }
}

impl Surroundings {
    /// Whether the terminal has no capabilities (`TERM=dumb`).
    pub fn is_dumb(&self) -> bool {
        self.habits.is_dumb()
    }

    /// Derived from `COLORTERM`, `TERM` and `COLORFGBG` (`0;15` on a light background), and from known terminals.
    pub fn of<'a>(colour: bool, var: impl Fn(&str) -> Option<&'a str>) -> Self {
        let background = var("COLORFGBG").and_then(|pair| pair.rsplit(';').next()?.parse().ok());
        Self {
            colour,
            depth: Depth::of(var("COLORTERM"), var("TERM")),
            background: match background {
                Some(7u8 | 9..=15) => Background::Light,
                _ => Background::Dark,
            },
            // The Linux console and dumb terminals print the query on the screen.
            answers: !matches!(var("TERM"), None | Some("" | "dumb" | "linux")),
            habits: Habits::of(&var),
        }
    }
}

/// The available themes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Name {
    /// Dark or light, like the terminal.
    #[default]
    Auto,
    Dark,
    Light,
    ColourBlind,
    /// Like auto, but with the user's own colours reduced to the sixteen too.
    Sixteen,
    Plain,
}

impl Name {
    /// All themes, with names and descriptions.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Auto, "auto", "dark or light, as the terminal's background is"),
        (Self::Dark, "dark", "for a dark background, in the terminal's own colours"),
        (Self::Light, "light", "for a light background, in the terminal's own colours"),
        (Self::ColourBlind, "colour-blind", "fixed hues that stay apart for colour-blind eyes"),
        (Self::Sixteen, "sixteen", "nothing but the sixteen colours of the terminal"),
        (Self::Plain, "plain", "no colours: bold, dim and reverse"),
    ];

    /// The theme with this name; American spelling is accepted.
    pub(crate) fn called(word: &str) -> Option<Self> {
        let word = word.replace("color", "colour");
        Self::ALL.iter().find(|(_, name, _)| *name == word).map(|(theme, ..)| *theme)
    }

    pub(crate) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(name, ..)| *name == self).map_or("auto", |(_, word, _)| word)
    }

    /// The next one, wrapping around.
    pub(crate) fn next(self) -> Self {
        let at = Self::ALL.iter().position(|(name, ..)| *name == self).unwrap_or_default();
        Self::ALL[(at + 1) % Self::ALL.len()].0
    }
}

/// The user's settings: a theme, colours by role, accents of clouds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Themes {
    pub(crate) name: Name,
    own: Vec<(Role, Style)>,
    accents: BTreeMap<String, Style>,
}

impl Themes {
    /// From `[theme]` and the accents of `[clouds.NAME]`; or everything wrong with them.
    pub(crate) fn with(settings: &[Setting], clouds: &[Setting]) -> Result<Self, Vec<Wrong>> {
        let (mut themes, mut wrong) = (Self::default(), Vec::new());
        for setting in settings {
            wrong.extend(themes.apply(setting).err());
        }
        for accent in clouds.iter().filter(|setting| setting.name == "accent") {
            let cloud = accent.subsection().unwrap_or_default();
            match written::style(accent.value()) {
                Ok(style) => drop(themes.accents.insert(cloud.to_owned(), style)),
                Err(why) => wrong.push(colour_wrong(accent.line, accent.value(), &why)),
            }
        }
        wrong.sort_by_key(|wrong| wrong.line);
        if wrong.is_empty() { Ok(themes) } else { Err(wrong) }
    }

    fn apply(&mut self, setting: &Setting) -> Result<(), Wrong> {
        let (Setting { name, line, .. }, value) = (setting, setting.value());
        if name == "name" {
            self.name = Name::called(value).ok_or_else(|| {
                let words = || Name::ALL.iter().map(|(_, word, _)| *word);
                let why = format!("unknown theme `{value}`{}", did_you_mean(value, words()));
                let hint = format!("use one of {}", words().collect::<Vec<_>>().join(", "));
                Wrong { line: *line, why, hint }
            })?;
            return Ok(());
        }
        let role = Role::ALL.iter().find(|(_, word)| word == name).ok_or_else(|| {
            let words = || ["name"].into_iter().chain(Role::ALL.iter().map(|(_, word)| *word));
            let why = format!("unknown key `{name}` of [theme]{}", did_you_mean(name, words()));
            let hint = format!("use one of {}", words().collect::<Vec<_>>().join(", "));
            Wrong { line: *line, why, hint }
        })?;
        let style = written::style(value).map_err(|why| colour_wrong(*line, value, &why))?;
        self.own.push((role.0, style));
        Ok(())
    }

    /// The theme of the current scope.
    pub(crate) fn theme(&self, around: Surroundings, scope: Option<&Scope>) -> Theme {
        if !around.colour || self.name == Name::Plain {
            return Theme::plain();
        }
        let light = around.background == Background::Light;
        let inks = match self.name {
            Name::ColourBlind if light => COLOUR_BLIND_LIGHT,
            Name::ColourBlind => COLOUR_BLIND_DARK,
            Name::Light => LIGHT,
            Name::Dark => DARK,
            _ if light => LIGHT,
            _ => DARK,
        };
        let mut theme = Theme::inked(&inks);
        for (role, style) in &self.own {
            let style = theme.style(*role).patch(*style);
            theme.set(*role, style);
        }
        if let Some(accent) = self.accent(theme, scope) {
            let style = theme.style(Role::Accent).patch(accent);
            theme.set(Role::Accent, style);
        }
        let depth = if self.name == Name::Sixteen { Depth::Sixteen } else { around.depth };
        theme.styles = theme.styles.map(|style| depth.style(style));
        theme
    }

    /// The cloud's own accent, or a warning style on a protected cloud.
    fn accent(&self, theme: Theme, scope: Option<&Scope>) -> Option<Style> {
        let scope = scope?;
        let own = self.accents.get(scope.cloud.as_str()).copied();
        own.or_else(|| scope.protected.then(|| theme.warn()))
    }
}

fn colour_wrong(line: usize, value: &str, why: &str) -> Wrong {
    Wrong {
        line,
        why: format!("`{value}` is not a style: {why}"),
        hint: "write a name (red, light-blue, dark-gray, …), a number to 255 or #rrggbb, with bold, dim, \
                 italic, underline, reverse, or `on` and a colour"
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;
    use crate::tui::fixture::scope;

    fn setting(name: &str, value: &str, line: usize) -> Setting {
        Setting { section: "theme".into(), name: name.into(), values: vec![value.into()], line }
    }

    fn accent(cloud: &str, value: &str) -> Setting {
        Setting { section: format!("clouds.{cloud}"), ..setting("accent", value, 1) }
    }

    fn of(name: &str, value: &str) -> Themes {
        Themes::with(&[setting(name, value, 1)], &[]).unwrap()
    }

    fn around(colour: bool, vars: &[(&str, &'static str)]) -> Surroundings {
        let var = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        Surroundings::of(colour, var)
    }

    #[test]
    fn without_colour_nothing_brings_one_back() {
        let own = setting("bad", "red on blue", 1);
        let themes = Themes::with(&[own], &[accent(&scope().cloud, "red")]).unwrap();
        for (name, colour) in [(Name::Plain, true), (Name::ColourBlind, false)] {
            let theme =
                Themes { name, ..themes.clone() }.theme(around(colour, &[]), Some(&scope()));
            assert!(theme.styles.iter().all(|style| (style.fg, style.bg) == (None, None)));
        }
    }

    #[test]
    fn colorfgbg_tells_the_background_and_a_named_theme_needs_none() {
        let light = around(true, &[("COLORFGBG", "0;15")]);
        assert_eq!(light.background, Background::Light);
        let accent = |themes: &Themes, around| themes.theme(around, None).accent().fg;
        assert_eq!(accent(&Themes::default(), light), Some(Color::Blue));
        assert_eq!(accent(&of("name", "dark"), light), Some(Color::Cyan));
        assert_eq!(accent(&of("name", "light"), around(true, &[])), Some(Color::Blue));
    }

    #[test]
    fn colours_by_meaning_go_over_the_theme_as_far_as_the_terminal_has_them() {
        let themes = of("bad", "#ff5555");
        let bad = |vars: &[_]| themes.theme(around(true, vars), None).bad();
        assert_eq!(bad(&[("COLORTERM", "truecolor")]).fg, Some(Color::Rgb(255, 0x55, 0x55)));
        assert_eq!(bad(&[("TERM", "xterm")]).fg, Some(Color::LightRed));
        let sixteen = Themes { name: Name::Sixteen, ..themes.clone() };
        let around = around(true, &[("COLORTERM", "24bit")]);
        assert_eq!(sixteen.theme(around, None).bad().fg, Some(Color::LightRed));
    }

    #[test]
    fn a_protected_cloud_warns_by_its_frames_unless_it_has_an_accent_of_its_own() {
        let protected = Scope { protected: true, ..scope() };
        let themes = Themes::default();
        let shown = |themes: &Themes, scope: &Scope| {
            themes.theme(Surroundings::default(), Some(scope)).accent()
        };
        assert_eq!(shown(&themes, &scope()).fg, Some(Color::Cyan));
        assert_eq!(shown(&themes, &protected).fg, Some(Color::Yellow));
        let themes = Themes::with(&[], &[accent(&scope().cloud, "green")]).unwrap();
        assert_eq!(shown(&themes, &protected).fg, Some(Color::Green));
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let settings =
            [setting("name", "drak", 2), setting("goood", "red", 3), setting("bad", "rde", 4)];
        let wrong = Themes::with(&settings, &[accent("a", "#12")]).unwrap_err();
        let told: Vec<_> = wrong.iter().map(|w| format!("{}: {}", w.line, w.why)).collect();
        assert_eq!(
            told,
            [
                "1: `#12` is not a style: `#12` is not a colour like #ff5555",
                "2: unknown theme `drak` (did you mean `dark`?)",
                "3: unknown key `goood` of [theme] (did you mean `good`?)",
                "4: `rde` is not a style: unknown colour `rde` (did you mean `red`?)",
            ]
        );
    }

    #[test]
    fn american_spelling_is_understood() {
        assert_eq!(Name::called("color-blind"), Some(Name::ColourBlind));
    }
}
