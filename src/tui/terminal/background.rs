//! Whether the terminal's background is light or dark: what it answers to `OSC 11 ; ?`, told from what the user types.
//!
//! After the question about the colour comes one that every terminal answers (`CSI c`, device attributes): its answer is the
//! end, whether or not the first was understood. A terminal that answers neither is waited for until a deadline, and what
//! it says after that is kept away from the keys by [`Late`].

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use crate::tui::theme::Background;

/// Both questions.
pub(super) const QUESTION: &str = "\x1b]11;?\x1b\\\x1b[c";

/// What was found in the bytes of a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Whether the terminal has said all it will.
    pub(super) done: bool,
    pub(super) background: Option<Background>,
    /// Characters that were typed meanwhile.
    pub(super) typed: Vec<KeyEvent>,
}

/// Takes the bytes apart. Of keys only characters and Enter are kept.
pub(super) fn hear(bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    let text = String::from_utf8_lossy(bytes);
    let mut rest: &str = &text;
    while let Some(c) = rest.chars().next() {
        if let Some(answer) = rest.strip_prefix("\x1b]") {
            let end = answer.find(['\x07', '\x1b']);
            let Some(end) = end else { break };
            heard.background = colour(&answer[..end]).or(heard.background);
            rest = answer[end..].trim_start_matches('\x07');
            rest = rest.strip_prefix("\x1b\\").unwrap_or(rest);
        } else if let Some(answer) = rest.strip_prefix("\x1b[") {
            let end = answer.find(|c: char| ('@'..='~').contains(&c));
            let Some(end) = end else { break };
            heard.done |= answer.starts_with('?') && answer[end..].starts_with('c');
            rest = &answer[end + 1..];
        } else {
            let code = if c == '\r' { KeyCode::Enter } else { KeyCode::Char(c) };
            if c == '\r' || !c.is_control() {
                heard.typed.push(KeyEvent::from(code));
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    heard
}

/// `11;rgb:ffff/ffff/ffff`, with one to four digits each.
fn colour(answer: &str) -> Option<Background> {
    let parts = answer.strip_prefix("11;rgb:").or_else(|| answer.strip_prefix("11;rgba:"))?;
    let mut shares = parts.split('/').map(|digits| {
        let most = 16u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        (most > 0).then(|| f64::from(value) / f64::from(most))
    });
    let mut next = || shares.next().flatten();
    let (red, green, blue) = (next()?, next()?, next()?);
    // Rec. 709 luma: how light it looks.
    let light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5;
    Some(if light { Background::Light } else { Background::Dark })
}

/// Keeps an answer that comes too late away from the keys. The reader of keys takes it for Alt-], then its characters.
#[derive(Debug, Default)]
pub(super) struct Late {
    awaited: bool,
    /// What of the answer has come.
    come: Option<String>,
}

impl Late {
    /// Waits for an answer, or does not.
    pub(super) fn new(awaited: bool) -> Self {
        Self { awaited, come: None }
    }

    /// Whether this is no part of an answer.
    pub(super) fn passes(&mut self, event: &Event) -> bool {
        let Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers, .. }) = event else {
            return true;
        };
        let Some(come) = &mut self.come else {
            let begins = self.awaited && (*c, *modifiers) == (']', KeyModifiers::ALT);
            self.come = begins.then(String::new);
            return !begins;
        };
        let end = [('\\', KeyModifiers::ALT), ('g', KeyModifiers::CONTROL)];
        let ended = end.contains(&(*c, *modifiers));
        come.push(*c);
        let so_far = "11;rgb".starts_with(&*come) || come.starts_with("11;rgb");
        let part = ended || (so_far && come.len() < 40);
        if ended || !part {
            *self = Self::default();
        }
        !part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(bytes: &str) -> Heard {
        hear(bytes.as_bytes())
    }

    #[test]
    fn the_answer_tells_light_from_dark_however_it_is_written() {
        for (answer, background) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x1b\\", Background::Light),
            ("\x1b]11;rgb:ff/ff/dd\x07", Background::Light),
            ("\x1b]11;rgb:0000/2b2b/3636\x07", Background::Dark),
            ("\x1b]11;rgba:0/0/0/f\x1b\\", Background::Dark),
        ] {
            assert_eq!(heard(answer).background, Some(background), "{answer:?}");
        }
        for nothing in
            ["\x1b]11;rgb:xx/yy/zz\x07", "\x1b]11;rgb:ff/ff\x07", "\x1b]10;rgb:f/f/f\x07"]
        {
            assert_eq!(heard(nothing).background, None, "{nothing:?}");
        }
    }

    #[test]
    fn the_second_answer_is_the_end_and_what_is_typed_meanwhile_is_kept() {
        let all = heard("j\x1b]11;rgb:0/0/0\x1b\\/\x1b[?62;4cé\r");
        assert!(all.done);
        let typed: Vec<KeyCode> = all.typed.iter().map(|key| key.code).collect();
        let expected = ['j', '/', 'é'].map(KeyCode::Char);
        assert_eq!(typed, [&expected[..], &[KeyCode::Enter]].concat());
        assert!(!heard("\x1b]11;rgb:0/0/0\x07").done);
        assert!(!heard("\x1b[A").done);
        assert_eq!(heard("\x1b]11;rg"), Heard::default());
    }

    fn passed(late: &mut Late, keys: &[(char, KeyModifiers)]) -> String {
        let pass = |(c, with): &&(char, KeyModifiers)| {
            late.passes(&Event::Key(KeyEvent::new(KeyCode::Char(*c), *with)))
        };
        keys.iter().filter(pass).map(|(c, _)| *c).collect()
    }

    #[test]
    fn a_late_answer_never_reaches_the_keys() {
        for end in [('\\', KeyModifiers::ALT), ('g', KeyModifiers::CONTROL)] {
            let mut keys = vec![(']', KeyModifiers::ALT)];
            keys.extend("11;rgb:ffff/ffff/ffff".chars().map(|c| (c, KeyModifiers::NONE)));
            keys.push(end);
            keys.extend([('r', KeyModifiers::NONE), ('q', KeyModifiers::NONE)]);
            assert_eq!(passed(&mut Late::new(true), &keys), "rq");
            assert!(passed(&mut Late::new(false), &keys).contains("rgb"));
        }
    }

    #[test]
    fn keys_that_only_look_like_an_answer_are_lost_for_one_moment_at_most() {
        let mut late = Late::new(true);
        let keys = [(']', KeyModifiers::ALT), ('q', KeyModifiers::NONE), (']', KeyModifiers::ALT)];
        assert_eq!(passed(&mut late, &keys), "q]");
    }
}
