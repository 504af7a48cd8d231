//! Single keys: as footer and help show them, as screen readers say them, and as `config.toml` names them.
//!
//! `crokey` does not fit: it takes `R` for `r`, splits `page-up` at the dash, reads `shift-tab` as another key than
//! terminals send, and refuses `é`.

use crossterm::event::{KeyCode, KeyModifiers};

use crate::tui::keys::Key;

/// A key by itself.
pub(crate) const fn key(code: KeyCode) -> Key {
    (code, KeyModifiers::NONE)
}

/// A character.
pub(crate) const fn char(c: char) -> Key {
    key(KeyCode::Char(c))
}

/// A character with Ctrl.
pub(crate) const fn ctrl(c: char) -> Key {
    (KeyCode::Char(c), KeyModifiers::CONTROL)
}

/// The names of keys that are not characters, in `config.toml`.
const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
];

/// A key as footer and help show it.
pub(crate) fn written((code, modifiers): Key) -> String {
    let name = match code {
        KeyCode::Char(' ') => "Space".into(),
        KeyCode::Char(c) if modifiers.is_empty() => c.to_string(),
        KeyCode::Char(c) => c.to_ascii_uppercase().to_string(),
        KeyCode::Up => "↑".into(),
        KeyCode::Down => "↓".into(),
        KeyCode::Left => "←".into(),
        KeyCode::Right => "→".into(),
        KeyCode::PageUp => "PgUp".into(),
        KeyCode::PageDown => "PgDn".into(),
        KeyCode::BackTab => "Shift-Tab".into(),
        KeyCode::F(n) => format!("F{n}"),
        other => format!("{other:?}"),
    };
    let with = |modifier, prefix| if modifiers.contains(modifier) { prefix } else { "" };
    let ctrl = with(KeyModifiers::CONTROL, "Ctrl-");
    format!("{ctrl}{}{name}", with(KeyModifiers::ALT, "Alt-"))
}

/// Characters that most screen readers skip, by name.
const PUNCTUATION: &[(char, &str)] = &[
    ('.', "dot"),
    (',', "comma"),
    (':', "colon"),
    ('/', "slash"),
    ('?', "question mark"),
    ('!', "exclamation mark"),
    ('|', "bar"),
    ('-', "minus"),
    ('+', "plus"),
    ('$', "dollar"),
    ('<', "less than"),
    ('>', "greater than"),
];

/// A key in words, for screen readers.
pub(crate) fn in_words((code, modifiers): Key) -> String {
    let word = |c| PUNCTUATION.iter().find(|(sign, _)| *sign == c).map(|(_, word)| *word);
    match code {
        KeyCode::Char(c) if modifiers.is_empty() && word(c).is_some() => {
            word(c).unwrap_or_default().into()
        }
        KeyCode::Char(c) if modifiers.is_empty() && c.is_uppercase() => format!("capital {c}"),
        KeyCode::Up | KeyCode::Down | KeyCode::Left | KeyCode::Right => {
            let ctrl = if modifiers.contains(KeyModifiers::CONTROL) { "Ctrl-" } else { "" };
            format!("{ctrl}{code:?}")
        }
        KeyCode::PageUp => "Page Up".into(),
        KeyCode::PageDown => "Page Down".into(),
        _ => written((code, modifiers)),
    }
}

/// A key as `config.toml` names it: what [`read`] reads.
#[cfg(test)]
pub(crate) fn in_settings((code, modifiers): Key) -> String {
    let named = NAMED.iter().find(|(_, named)| *named == code).map(|(name, _)| (*name).to_owned());
    let name = named.unwrap_or_else(|| match code {
        KeyCode::Char(c) => c.to_string(),
        KeyCode::F(n) => format!("f{n}"),
        other => panic!("{other:?} has no name"),
    });
    let ctrl = if modifiers.contains(KeyModifiers::CONTROL) { "ctrl-" } else { "" };
    format!("{ctrl}{name}")
}

/// Parses the name of a key in `config.toml`; the error says why it is not one.
pub(crate) fn read(text: &str) -> Result<Key, String> {
    let (mut rest, mut modifiers) = (text, KeyModifiers::NONE);
    loop {
        let lower = rest.to_ascii_lowercase();
        let (prefix, modifier) = match () {
            () if lower.starts_with("ctrl-") => ("ctrl-", KeyModifiers::CONTROL),
            () if lower.starts_with("alt-") => ("alt-", KeyModifiers::ALT),
            () => break,
        };
        (rest, modifiers) = (&rest[prefix.len()..], modifiers | modifier);
    }
    let code = code(rest)?;
    match code {
        KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => is_distinct(c)?,
        _ => {}
    }
    Ok((plain(code, modifiers), modifiers))
}

fn code(name: &str) -> Result<KeyCode, String> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return match c {
            _ if c.is_control() || domain::text::is_hostile(c) => {
                Err("it is not a visible character".into())
            }
            c => Ok(KeyCode::Char(c)),
        };
    }
    let lower = name.to_ascii_lowercase();
    let function = lower.strip_prefix('f').and_then(|n| n.parse::<u8>().ok());
    if let Some(n) = function.filter(|n| (1..=12).contains(n)) {
        return Ok(KeyCode::F(n));
    }
    if let Some((_, code)) = NAMED.iter().find(|(named, _)| *named == lower) {
        return Ok(*code);
    }
    if lower.starts_with("shift-") {
        return Err("a capital is written as itself (`R`), and shift only goes with tab".into());
    }
    Err("write one character, or ctrl-x, alt-x, f1 to f12, space, enter, esc, tab, shift-tab, up, \
         down, left, right, home, end, page-up, page-down, insert, delete, backspace"
        .into())
}

/// With Ctrl a capital is the same as its small letter.
fn plain(code: KeyCode, modifiers: KeyModifiers) -> KeyCode {
    match code {
        KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
            KeyCode::Char(c.to_ascii_lowercase())
        }
        code => code,
    }
}

/// Checks that terminals send this character with Ctrl as a key of its own.
fn is_distinct(c: char) -> Result<(), String> {
    let other = match c.to_ascii_lowercase() {
        'i' => "tab",
        'm' => "enter",
        'h' => "backspace",
        '[' => "esc",
        ' ' | 'a'..='z' => return Ok(()),
        _ => return Err("with ctrl, terminals send only letters and space".into()),
    };
    Err(format!("terminals cannot tell it from {other}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_people_write_them() {
        let cases = [
            ("R", char('R'), "R"),
            ("-", char('-'), "-"),
            ("ctrl-q", ctrl('q'), "Ctrl-Q"),
            ("Ctrl-Q", ctrl('q'), "Ctrl-Q"),
            ("alt-x", (KeyCode::Char('x'), KeyModifiers::ALT), "Alt-X"),
            (
                "ctrl-alt-x",
                (KeyCode::Char('x'), KeyModifiers::ALT | KeyModifiers::CONTROL),
                "Ctrl-Alt-X",
            ),
            ("F5", key(KeyCode::F(5)), "F5"),
            ("shift-tab", key(KeyCode::BackTab), "Shift-Tab"),
            ("Space", char(' '), "Space"),
            ("ctrl-up", (KeyCode::Up, KeyModifiers::CONTROL), "Ctrl-↑"),
            ("é", char('é'), "é"),
        ];
        for (text, expected, shown) in cases {
            assert_eq!(read(text), Ok(expected), "{text}");
            assert_eq!(written(expected), shown);
        }
    }

    #[test]
    fn the_error_says_why_a_text_is_not_a_key() {
        for (text, why) in [
            ("", "write one character"),
            ("hyper-x", "write one character"),
            ("f13", "write one character"),
            ("shift-r", "a capital is written as itself"),
            ("ctrl-i", "cannot tell it from tab"),
            ("ctrl-m", "cannot tell it from enter"),
            ("ctrl-1", "only letters and space"),
            ("\u{202e}", "not a visible character"),
            ("\u{1b}", "not a visible character"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
