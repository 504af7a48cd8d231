//! Untrusted text: names, IDs, statuses and messages from a cloud.
//!
//! [`Text`] keeps the received text for requests and JSON ([`Text::raw`]). `Display` and `Debug` sanitize it, so the easy way
//! to show it is the safe one.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthChar;

/// An untrusted string. Cheap to clone; `Display` sanitizes it, [`Text::raw`] gives the original.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(Arc<str>);

impl Text {
    /// The original string. For requests, comparisons and JSON, never for a terminal.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The sanitized string: see [`clean`].
    pub fn shown(&self) -> Cow<'_, str> {
        clean(&self.0)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.shown(), f)
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self(raw.into())
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        Self(raw.into())
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Sanitizes a string for a terminal: every character that could move the cursor, start an escape sequence, change the
/// direction of the text or be invisible becomes `�`; line breaks and tabs become spaces.
pub fn clean(raw: &str) -> Cow<'_, str> {
    if !raw.chars().any(is_hostile) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.chars().map(harmless).collect())
}

/// Whether the locale uses UTF-8 (POSIX: the first of `LC_ALL`, `LC_CTYPE` and
/// `LANG` that is not empty; the locale `C` without any).
pub fn is_utf8_locale(var: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| var(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Converts a text to ASCII of the same width: box drawing and symbols to similar characters, others to `?`.
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().flat_map(|c| {
        let sign = if c.is_ascii() { c } else { ascii_sign(c) };
        std::iter::repeat_n(sign, c.width().unwrap_or(1))
    });
    Cow::Owned(replaced.collect())
}

fn ascii_sign(c: char) -> char {
    match c {
        '─' | '━' | '═' | '–' | '—' => '-',
        '│' | '┃' | '║' => '|',
        '\u{2500}'..='\u{257f}' | '✓' => '+',
        '●' | '•' => '*',
        '◐' => '%',
        '◌' | '○' => 'o',
        '✗' | '×' => 'x',
        '⚠' => '!',
        '▌' | '▸' | '▶' | '›' | '→' => '>',
        '←' | '‹' => '<',
        '▲' | '↑' => '^',
        '▼' | '↓' => 'v',
        '■' | '▪' | '█' | '▓' => '#',
        '░' | '·' => '.',
        '…' => '~',
        '⟳' => '@',
        // Spinners.
        '\u{2800}'..='\u{28ff}' => ['|', '/', '-', '\\'][u32::from(c) as usize % 4],
        _ => '?',
    }
}

/// A count with its word: `1 share`, `2 shares`.
pub fn counted(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn harmless(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_hostile(c) => '\u{fffd}',
        c => c,
    }
}

/// Whether a character must not reach a terminal or a report: control characters (C0, DEL, C1), line and paragraph
/// separators, bidirectional controls, zero-width characters and tags.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn an_escape_sequence_is_shown_without_its_escape() {
        let name = Text::from("red\u{1b}[31m\u{9b}2J");

        assert_eq!(name.to_string(), "red\u{fffd}[31m\u{fffd}2J");
        assert_eq!(name.raw(), "red\u{1b}[31m\u{9b}2J");
    }

    #[test]
    fn debug_is_as_harmless_as_display() {
        assert_eq!(format!("{:?}", Text::from("a\u{202e}b")), "\"a\u{fffd}b\"");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(clean("镜像 ubuntu-22.04 é"), Cow::Borrowed(_)));
    }

    #[test]
    fn line_breaks_become_blanks() {
        assert_eq!(clean("a\r\nb\tc"), "a  b c");
    }

    #[test]
    fn display_honours_width() {
        assert_eq!(format!("[{:>5}]", Text::from("ab")), "[   ab]");
    }

    #[test]
    fn text_in_ascii_is_as_wide_as_before_and_signs_stay_apart() {
        for (text, shown) in [
            ("┌─ a · b ─┐", "+- a . b -+"),
            ("● ◐ ◌ ✓ ✗ ⚠", "* % o + x !"),
            ("名前", "????"),
            ("e\u{301}té…", "et?~"),
            ("plain", "plain"),
        ] {
            assert_eq!(ascii(text), shown);
            assert_eq!(ascii(text).width(), text.width());
        }
    }

    #[test]
    fn the_first_variable_that_is_set_decides_whether_the_locale_is_utf_8() {
        let is = |vars: &[(&str, &str)]| {
            is_utf8_locale(|name| {
                let found = vars.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(is(&[("LANG", "C.UTF-8")]));
        assert!(is(&[("LANG", "C"), ("LC_CTYPE", "UTF-8")]));
        assert!(is(&[("LC_ALL", ""), ("LANG", "de_DE.utf8@euro")]));
        assert!(!is(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]));
        assert!(!is(&[("LANG", "en_US.ISO-8859-1")]));
        assert!(!is(&[]));
    }
}
