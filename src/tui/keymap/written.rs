//! Single keys: as the table names them, and as hints and help write them.

use crossterm::event::{KeyCode, KeyModifiers};

use super::Key;

/// A key by itself.
pub(super) const fn key(code: KeyCode) -> Key {
    (code, KeyModifiers::NONE)
}

/// A character.
pub(super) const fn char(c: char) -> Key {
    key(KeyCode::Char(c))
}

/// A key with Ctrl.
pub(super) const fn with_ctrl(code: KeyCode) -> Key {
    (code, KeyModifiers::CONTROL)
}

/// A character with Ctrl.
pub(super) const fn ctrl(c: char) -> Key {
    (KeyCode::Char(c), KeyModifiers::CONTROL)
}

/// How a key is written in hints and help.
pub(crate) fn written((code, modifiers): Key) -> String {
    match code {
        KeyCode::Char(' ') => "Space".into(),
        KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
            format!("Ctrl-{}", c.to_ascii_uppercase())
        }
        code if modifiers.contains(KeyModifiers::CONTROL) => {
            format!("Ctrl-{}", written((code, KeyModifiers::NONE)))
        }
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Up => "↑".into(),
        KeyCode::Down => "↓".into(),
        KeyCode::Left => "←".into(),
        KeyCode::Right => "→".into(),
        KeyCode::PageUp => "PgUp".into(),
        KeyCode::PageDown => "PgDn".into(),
        KeyCode::BackTab => "Shift-Tab".into(),
        other => format!("{other:?}"),
    }
}
