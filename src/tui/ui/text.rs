//! Text in cells: measured as displayed, truncated with `…`, wrapped at blanks.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A line of a text in its style.
pub(crate) type Line = (String, Style);

/// Width of a text, in columns.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text, truncated with `…` if it is wider than this.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.width() <= most {
        return Cow::Borrowed(text);
    }
    let (head, _) = split(text, most.saturating_sub(1));
    if most == 0 { Cow::Borrowed("") } else { Cow::Owned(format!("{head}…")) }
}

/// Wraps the text to this width, at blanks and after commas where possible.
pub(crate) fn wrap(text: &str, most: usize) -> Vec<String> {
    let (mut rest, most) = (text.trim_end(), most.max(2));
    let mut lines = Vec::new();
    while rest.width() > most {
        let (head, tail) = split(rest, most);
        let gap = head.rfind([' ', ',']).filter(|at| head[..*at].width() * 2 > most);
        let (line, next) = match gap {
            _ if tail.starts_with(' ') => (head, tail),
            Some(at) if head[at..].starts_with(',') => rest.split_at(at + 1),
            Some(at) => rest.split_at(at),
            None => (head, tail),
        };
        lines.push(line.trim_end().to_owned());
        rest = next.trim_start();
    }
    lines.push(rest.to_owned());
    lines
}

fn split(text: &str, most: usize) -> (&str, &str) {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > most
    });
    text.split_at(end.map_or(text.len(), |(at, _)| at))
}

/// Writes a text into one line of an area, truncated and aligned.
pub(crate) fn put(buffer: &mut Buffer, area: Rect, text: &str, style: Style, alignment: Alignment) {
    if area.is_empty() {
        return;
    }
    let text = cut(text, usize::from(area.width));
    let free = area.width.saturating_sub(u16::try_from(text.width()).unwrap_or(area.width));
    let indent = match alignment {
        Alignment::Left => 0,
        Alignment::Center => free / 2,
        Alignment::Right => free,
    };
    let room = usize::from(area.width - indent);
    buffer.set_stringn(area.x + indent, area.y, &text, room, style);
}

/// A count with groups of three: `3 142`.
pub(crate) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 share`, `2 shares`.
pub(crate) fn counted(n: usize, word: &str) -> String {
    format!("{} {word}{}", count(n), if n == 1 { "" } else { "s" })
}

/// Divides a width between an ID and the name beside it: names come first, because an ID has 32 characters in
/// most clouds and is recognized by its first few.
pub(crate) fn id_and_name(room: u16) -> (u16, u16) {
    const ID: u16 = 32;
    const SHORT: u16 = 9;
    const NAME: u16 = 20;
    let id = room.saturating_sub(NAME).clamp(SHORT, ID);
    (id, room.saturating_sub(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_room_is_the_names_and_a_long_one_shows_the_whole_id() {
        assert_eq!(id_and_name(25), (9, 16));
        assert_eq!(id_and_name(45), (25, 20));
        assert_eq!(id_and_name(80), (32, 48));
        assert_eq!(id_and_name(4), (9, 0));
    }

    #[test]
    fn a_wide_character_is_never_cut_in_half() {
        assert_eq!(cut("镜像镜像", 8), "镜像镜像");
        assert_eq!(cut("镜像镜像", 7), "镜像镜…");
        assert_eq!(cut("镜像镜像", 6), "镜像…");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("镜像镜像", 5), ["镜像", "镜像"]);
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(3142), "3 142");
        assert_eq!(count(100), "100");
        assert_eq!(counted(1, "share"), "1 share");
        assert_eq!(counted(1000, "share"), "1 000 shares");
    }
}
