//! `[screen]` of `config.toml`: what the end of an operation does besides its line on the screen.

use super::keymap::{Wrong, meant};
use crate::config::ScreenSetting;

/// How somebody who looks elsewhere is told that an operation has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Notify {
    #[default]
    Off,
    /// The terminal's bell.
    Bell,
    /// A notification of the desktop, shown by the terminal.
    Desktop,
}

impl Notify {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Off, "off"), (Self::Bell, "bell"), (Self::Desktop, "desktop")];

    /// From `[screen]`; or everything that is wrong with it.
    pub(super) fn with(settings: &[ScreenSetting]) -> Result<Self, Vec<Wrong>> {
        let (mut notify, mut wrong) = (Self::default(), Vec::new());
        for setting in settings {
            match Self::of(setting) {
                Ok(set) => notify = set,
                Err(why) => wrong.push(why),
            }
        }
        if wrong.is_empty() { Ok(notify) } else { Err(wrong) }
    }

    fn of(setting: &ScreenSetting) -> Result<Self, Wrong> {
        let ScreenSetting { name, value, line } = setting;
        if name != "notify" {
            let why = format!("unknown key `{name}` of [screen]{}", meant(name, ["notify"]));
            return Err(Wrong { line: *line, why, remedy: "use notify".into() });
        }
        let words = || Self::ALL.iter().map(|(_, word)| *word);
        let known = Self::ALL.iter().find(|(_, word)| word == value);
        known.map(|(notify, _)| *notify).ok_or_else(|| {
            let why = format!("unknown notification `{value}`{}", meant(value, words()));
            let remedy = format!("use one of {}", words().collect::<Vec<_>>().join(", "));
            Wrong { line: *line, why, remedy }
        })
    }
}
