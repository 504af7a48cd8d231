//! JSON that keeps every character and shows no terminal any of them.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use domain::text::is_hostile;

/// Writes one document and a line break.
pub fn write(mut out: impl Write, document: &impl Serialize) -> io::Result<()> {
    document.serialize(&mut Serializer::with_formatter(&mut out, Harmless))?;
    out.write_all(b"\n")
}

/// Compact, and every character that [`is_hostile`] is a `\u` escape: nothing is lost, nothing acts.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hostile(*c)) {
            CompactFormatter.write_string_fragment(out, &rest[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(out, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str =
        "a\u{1b}[31m\"\\\n\t\r\u{7f}\u{9b}2J\u{202e}\u{200b}\u{feff}\u{e0041}镜像é\u{0}";

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, &[text]).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_that_could_act_on_a_terminal_is_written() {
        let text = written(NASTY);

        assert!(text.ends_with('\n'));
        assert!(!text.trim_end_matches('\n').chars().any(is_hostile), "{text:?}");
        assert!(text.contains(r"\u001b[31m"), "{text}");
        assert!(text.contains("镜像é"), "{text}");
    }

    #[test]
    fn nothing_is_lost() {
        let read: Vec<String> = serde_json::from_str(&written(NASTY)).unwrap();
        assert_eq!(read, [NASTY]);
    }

    #[test]
    fn every_character_comes_back_and_none_is_raw_that_must_not_be() {
        let all: String = ('\0'..=char::MAX).collect();
        let text = written(&all);

        assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), [all]);
        assert!(!text.trim_end_matches('\n').chars().any(is_hostile));
    }
}
