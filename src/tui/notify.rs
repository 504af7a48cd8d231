//! `[screen]` of `config.toml`: what the end of an operation does besides its line on the screen, and what the screen is.

use crate::tui::keys::custom::Wrong;
use cloud::config::{Setting, did_you_mean};

/// How to notify the user that an operation has finished.
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

    fn of(setting: &Setting) -> Result<Self, Wrong> {
        let value = setting.value();
        let words = || Self::ALL.iter().map(|(_, word)| *word);
        let known = Self::ALL.iter().find(|(_, word)| *word == value);
        known.map(|(notify, _)| *notify).ok_or_else(|| {
            let why = format!("unknown notification `{value}`{}", did_you_mean(value, words()));
            let hint = format!("use one of {}", words().collect::<Vec<_>>().join(", "));
            Wrong { line: setting.line, why, hint }
        })
    }
}

/// From `[screen]`: notifications, and whether it is wanted as lines of text; or everything that is wrong with it.
pub(crate) fn with(settings: &[Setting]) -> Result<(Notify, bool), Vec<Wrong>> {
    let (mut notify, mut plain, mut wrong) = (Notify::default(), false, Vec::new());
    for setting in settings {
        let applied = match setting.name.as_str() {
            "notify" => Notify::of(setting).map(|set| notify = set),
            "plain" => {
                plain = setting.value() == "true";
                Ok(())
            }
            _ => Err(unknown(setting)),
        };
        wrong.extend(applied.err());
    }
    if wrong.is_empty() { Ok((notify, plain)) } else { Err(wrong) }
}

fn unknown(Setting { name, line, .. }: &Setting) -> Wrong {
    let why =
        format!("unknown key `{name}` of [screen]{}", did_you_mean(name, ["notify", "plain"]));
    Wrong { line: *line, why, hint: "use notify or plain".into() }
}
