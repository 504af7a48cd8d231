//! Whether the terminal's background is light or dark: its response to `OSC 11 ; ?`, separated from the user's keys.
//!
//! The colour query is followed by one that every terminal answers (`CSI c`, device attributes). Its answer marks the
//! end, whether or not the first was understood. If a terminal answers neither, waiting ends at a deadline, and an
//! answer that comes after it, whole or in pieces, is kept away from the keys by [`Keys`].

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep, timeout_at};

use crate::tui::theme::names::Background;

/// Both queries.
pub(crate) const QUESTION: &str = "\x1b]11;?\x1b\\\x1b[c";

/// What the bytes of a terminal contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Whether the terminal has sent its last answer.
    pub(crate) done: bool,
    pub(crate) background: Option<Background>,
    /// Keys pressed meanwhile.
    pub(crate) typed: Vec<KeyEvent>,
    /// The beginning of an answer whose rest has not arrived yet.
    pub(crate) rest: String,
}

/// Separates keys from answers. Of keys that are escape sequences, only those with Alt are kept.
pub(crate) fn hear(bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    let text = String::from_utf8_lossy(bytes);
    let mut rest: &str = &text;
    while let Some(c) = rest.chars().next() {
        if let Some(answer) = rest.strip_prefix("\x1b]") {
            let Some((body, after)) = string_and_rest(answer) else { break };
            heard.background = colour(body).or(heard.background);
            rest = after;
        } else if let Some(answer) = rest.strip_prefix("\x1b[") {
            let end = answer.find(|c: char| ('@'..='~').contains(&c));
            let Some(end) = end else { break };
            heard.done |= answer.starts_with('?') && answer[end..].starts_with('c');
            rest = &answer[end + 1..];
        } else if rest == "\x1b" {
            break;
        } else if let Some(key) = rest.strip_prefix('\x1b') {
            let c = key.chars().next().unwrap_or_default();
            heard.typed.push(KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT));
            rest = &key[c.len_utf8()..];
        } else {
            heard.typed.extend(key_of(c));
            rest = &rest[c.len_utf8()..];
        }
    }
    rest.clone_into(&mut heard.rest);
    heard
}

/// Splits at the end of a control string: `BEL`, or `ST` whole.
fn string_and_rest(answer: &str) -> Option<(&str, &str)> {
    let (body, end) = answer.split_at(answer.find(['\x07', '\x1b'])?);
    let after = end.strip_prefix('\x07').or_else(|| end.strip_prefix("\x1b\\"))?;
    Some((body, after))
}

/// The key behind a character, as crossterm reads it.
fn key_of(c: char) -> Option<KeyEvent> {
    let control = |c: u8| KeyEvent::new(KeyCode::Char(c.into()), KeyModifiers::CONTROL);
    match u8::try_from(c) {
        Ok(b'\r') => Some(KeyCode::Enter.into()),
        Ok(b'\t') => Some(KeyCode::Tab.into()),
        Ok(0x7f) => Some(KeyCode::Backspace.into()),
        Ok(0x1b) => Some(KeyCode::Esc.into()),
        Ok(c @ 0x01..=0x1a) => Some(control(c - 1 + b'a')),
        Ok(0x00..=0x1f) => None,
        _ => Some(KeyCode::Char(c).into()),
    }
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

/// How long keys that may be the beginning of an answer are held back.
const HOLD: Duration = Duration::from_secs(1);

/// How long to wait for the rest of a started answer before it counts as cut off.
const REST: Duration = Duration::from_secs(10);

/// How long after the query Esc may be the beginning of an answer.
const ESC_MAY_ANSWER: Duration = Duration::from_secs(10);

/// How long after the query a quick quit waits for the answer, so that it does not land in the shell.
const DRAIN: Duration = Duration::from_secs(2);

const DRAIN_STEP: Duration = Duration::from_millis(20);

/// Maximum length of an answer, in bytes.
const LONGEST: usize = 64;

/// How soon after one half of the answer the other must follow: they are sent together.
const TOGETHER: Duration = Duration::from_millis(500);

/// The keys of a queried terminal, without late answers. crossterm takes those for keys: an answer that
/// is read whole begins with Alt-], one whose first byte arrived alone with Esc and ].
#[derive(Debug)]
pub(crate) struct Keys<S> {
    events: S,
    ready: VecDeque<io::Result<Event>>,
    late: Late,
    /// When held keys are released.
    hold: Option<Pin<Box<Sleep>>>,
}

impl<S: Stream<Item = io::Result<Event>> + Unpin> Keys<S> {
    /// Keys of a terminal that was not queried.
    pub(crate) fn new(events: S) -> Self {
        Self { events, ready: VecDeque::new(), late: Late::default(), hold: None }
    }

    /// Keys after the first read, which found this.
    pub(crate) fn after(heard: Heard, events: S) -> Self {
        let now = Instant::now();
        let mut keys = Self::new(events);
        keys.late = Late::after(&heard, now);
        keys.ready.extend(heard.typed.into_iter().map(|key| Ok(Event::Key(key))));
        for key in heard.rest.chars().filter_map(key_of) {
            keys.sort_out(Event::Key(key));
        }
        keys
    }

    /// Waits briefly for an outstanding answer, and drops what is typed meanwhile.
    pub(crate) async fn drain(&mut self) {
        while let Some(until) = self.late.awaited_until() {
            // An answer yields no key, so its end is polled.
            match timeout_at(until.min(Instant::now() + DRAIN_STEP), self.next()).await {
                Ok(Some(Ok(_))) | Err(_) => {}
                Ok(_) => return,
            }
        }
    }

    fn sort_out(&mut self, event: Event) {
        let passed = self.late.take(event, Instant::now());
        self.ready.extend(passed.into_iter().map(Ok));
        self.hold = self.late.hold().map(|time| Box::pin(sleep(time)));
    }
}

impl<S: Stream<Item = io::Result<Event>> + Unpin> Stream for Keys<S> {
    type Item = io::Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Poll::Ready(Some(event));
            }
            match self.events.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(event))) => {
                    self.sort_out(event);
                    continue;
                }
                Poll::Ready(other) => return Poll::Ready(other),
                Poll::Pending => {}
            }
            match &mut self.hold {
                Some(hold) => ready!(hold.as_mut().poll(context)),
                None => return Poll::Pending,
            }
            self.hold = None;
            let passed = self.late.give_up();
            self.ready.extend(passed.into_iter().map(Ok));
        }
    }
}

/// Separates keys from late answers.
#[derive(Debug, Default)]
struct Late {
    colour: bool,
    end: bool,
    /// Until when Esc may be the beginning of an answer, and until when a quit waits for one.
    esc_until: Option<Instant>,
    drain_until: Option<Instant>,
    /// Keys that may be part of an answer, with the bytes they came from.
    held: VecDeque<(Event, String)>,
}

/// How bytes match an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    No,
    /// They may be the beginning of one.
    Maybe,
    /// Certainly the beginning of one.
    Begun,
    Colour,
    End,
}

impl Late {
    fn after(heard: &Heard, now: Instant) -> Self {
        let mut late = Self {
            colour: heard.background.is_none(),
            end: !heard.done,
            esc_until: Some(now + ESC_MAY_ANSWER),
            drain_until: Some(now + DRAIN),
            held: VecDeque::new(),
        };
        if heard.done || heard.background.is_some() {
            late.expect_soon(now);
        }
        late
    }

    /// The other half of the answer comes soon or never.
    fn expect_soon(&mut self, now: Instant) {
        for until in [&mut self.esc_until, &mut self.drain_until] {
            *until = until.map(|until| until.min(now + TOGETHER));
        }
    }

    /// Until when a quit waits for an answer; `None` if none is outstanding.
    fn awaited_until(&self) -> Option<Instant> {
        let until = self.drain_until.filter(|until| *until > Instant::now());
        until.filter(|_| self.colour || self.end)
    }

    /// The events that are certainly keys, in order.
    fn take(&mut self, event: Event, now: Instant) -> Vec<Event> {
        if !self.colour && !self.end {
            return vec![event];
        }
        if !matches!(event, Event::Key(_)) {
            return vec![event];
        }
        let Some(bytes) = bytes_of(&event) else {
            let mut passed = self.give_up();
            passed.push(event);
            return passed;
        };
        if bytes == "\x1b" && self.held.is_empty() && self.esc_until.is_none_or(|until| until < now)
        {
            return vec![event];
        }
        let begun = self.judge() == Answer::Begun;
        self.held.push_back((event, bytes));
        if begun && self.judge() == Answer::No {
            // The answer was cut off. None of it is a key.
            self.held.drain(..self.held.len() - 1);
        }
        let mut passed = Vec::new();
        while !self.held.is_empty() {
            match self.judge() {
                Answer::No => passed.extend(self.held.pop_front().map(|(event, _)| event)),
                Answer::Maybe | Answer::Begun => return passed,
                complete => {
                    self.colour &= complete != Answer::Colour;
                    self.end &= complete != Answer::End;
                    self.held.clear();
                    self.expect_soon(now);
                }
            }
        }
        passed
    }

    /// How long held keys stay held.
    fn hold(&self) -> Option<Duration> {
        match self.judge() {
            Answer::Begun => Some(REST),
            _ if self.held.is_empty() => None,
            _ => Some(HOLD),
        }
    }

    /// Nothing more has arrived, so what looked like an answer was keys.
    fn give_up(&mut self) -> Vec<Event> {
        let begun = self.judge() == Answer::Begun;
        let held = std::mem::take(&mut self.held);
        held.into_iter().map(|(event, _)| event).filter(|_| !begun).collect()
    }

    fn judge(&self) -> Answer {
        let text: String = self.held.iter().map(|(_, bytes)| bytes.as_str()).collect();
        answer(&text)
    }
}

/// The first byte may already have been taken for a key.
fn answer(text: &str) -> Answer {
    const COLOUR: &str = "]11;";
    let text_after_esc = text.strip_prefix('\x1b').unwrap_or(text);
    if text.len() > LONGEST {
        return Answer::No;
    }
    if let Some(body) = text_after_esc.strip_prefix(COLOUR) {
        return match body.find(|c: char| !c.is_ascii_graphic()) {
            None => Answer::Begun,
            Some(end) if matches!(&body[end..], "\x07" | "\x1b\\") => Answer::Colour,
            Some(end) if &body[end..] == "\x1b" => Answer::Begun,
            Some(_) => Answer::No,
        };
    }
    if let Some(body) = text_after_esc.strip_prefix("[?") {
        let is_number = |c: char| c.is_ascii_digit() || c == ';';
        return match body.trim_start_matches(is_number) {
            "" if body.is_empty() => Answer::Maybe,
            "" => Answer::Begun,
            "c" if body.len() > 1 => Answer::End,
            _ => Answer::No,
        };
    }
    let may_become = |answer: &str| answer.starts_with(text_after_esc);
    let is_some = !text.is_empty();
    if is_some && (may_become(COLOUR) || may_become("[?")) { Answer::Maybe } else { Answer::No }
}

/// The bytes behind a key of crossterm, if they can be part of an answer.
fn bytes_of(event: &Event) -> Option<String> {
    let Event::Key(KeyEvent { code, modifiers, .. }) = event else { return None };
    match (*code, *modifiers) {
        (KeyCode::Esc, KeyModifiers::NONE) => Some("\x1b".into()),
        (KeyCode::Char(c), KeyModifiers::NONE | KeyModifiers::SHIFT) => Some(c.into()),
        (KeyCode::Char(c), KeyModifiers::ALT) => Some(format!("\x1b{c}")),
        (KeyCode::Char('g'), KeyModifiers::CONTROL) => Some("\x07".into()),
        _ => None,
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
        assert_eq!(heard("\x1b]11;rg").background, None);
    }

    #[test]
    fn keys_with_control_and_alt_are_kept_and_the_beginning_of_an_answer_is_left_over() {
        let all = heard("\u{3}\u{1b}x\t\u{1b}]11;rgb:ff");
        let expected = [
            KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL),
            KeyEvent::new(KeyCode::Char('x'), KeyModifiers::ALT),
            KeyEvent::from(KeyCode::Tab),
        ];
        assert_eq!((all.typed, all.rest.as_str()), (expected.to_vec(), "\u{1b}]11;rgb:ff"));
        for rest in ["\u{1b}", "\u{1b}[", "\u{1b}[?62;4", "\u{1b}]11;rgb:0/0/0\u{1b}"] {
            assert_eq!(heard(rest).rest, rest);
        }
    }

    /// The events that crossterm makes of bytes read at once.
    fn events(bytes: &str) -> Vec<Event> {
        let (mut rest, mut events) = (bytes, Vec::new());
        while let Some(c) = rest.chars().next() {
            let (key, length) = match rest.strip_prefix('\u{1b}').and_then(|key| key.chars().next())
            {
                Some(key) => {
                    (KeyEvent::new(KeyCode::Char(key), KeyModifiers::ALT), 1 + key.len_utf8())
                }
                None => (key_of(c).unwrap(), c.len_utf8()),
            };
            events.push(Event::Key(key));
            rest = &rest[length..];
        }
        events
    }

    /// A queried terminal that sends these pieces with a pause after each; returns the keys that get through.
    async fn keys_of(first: Heard, pieces: &[&str], pause: Duration) -> Vec<KeyEvent> {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        let sent = futures_util::stream::unfold(receiver, |mut receiver| async move {
            Some((receiver.recv().await?, receiver))
        });
        let mut keys = Keys::after(first, Box::pin(sent));
        let pieces: Vec<String> = pieces.iter().map(ToString::to_string).collect();
        tokio::spawn(async move {
            for piece in pieces {
                for event in events(&piece) {
                    sender.send(Ok(event)).unwrap();
                }
                sleep(pause).await;
            }
            sleep(REST * 2).await;
        });
        let mut passed = Vec::new();
        while let Some(event) = keys.next().await {
            let Ok(Event::Key(key)) = event else { panic!("{event:?}") };
            passed.push(key);
        }
        passed
    }

    const COLOUR: &str = "\u{1b}]11;rgb:ffff/ffff/ffff";
    const PAUSE: Duration = Duration::from_millis(400);

    #[tokio::test(start_paused = true)]
    async fn a_late_answer_never_acts_as_keys_wherever_it_is_split() {
        for end in ["\u{7}", "\u{1b}\\"] {
            let answer = format!("{COLOUR}{end}");
            for at in 0..answer.len() {
                let (first, second) = answer.split_at(at);
                let passed = keys_of(Heard::default(), &[first, second], PAUSE).await;
                assert_eq!(passed, [], "{first:?} {second:?}");
            }
            let bytes: Vec<&str> = answer.split("").filter(|byte| !byte.is_empty()).collect();
            assert_eq!(keys_of(Heard::default(), &bytes, PAUSE).await, []);
        }
        let attributes = "\u{1b}[?62;4c";
        for at in 1..attributes.len() {
            let (first, second) = attributes.split_at(at);
            assert_eq!(keys_of(Heard::default(), &[first, second], PAUSE).await, []);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_rest_of_an_answer_that_began_in_time_never_acts_as_keys() {
        let answer = format!("{COLOUR}\u{1b}\\");
        for at in 1..answer.len() {
            let (first, second) = answer.split_at(at);
            assert_eq!(keys_of(heard(first), &[second], PAUSE).await, [], "{first:?}");
        }
        // A program in between answered the end, the terminal behind it the colour.
        let first = heard("\u{1b}[?62c");
        assert!(first.done);
        assert_eq!(keys_of(first, &["\u{1b}", "]11;rgb:0/0/0\u{7}"], PAUSE).await, []);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_around_a_late_answer_are_kept_in_their_order() {
        let pieces = ["j", "\u{1b}", "]11;rgb:0/0/0\u{7}rq", "\u{1b}", "x"];
        let passed = keys_of(Heard::default(), &pieces, PAUSE).await;
        let codes: Vec<KeyCode> = passed.iter().map(|key| key.code).collect();
        let [j, r, q, x] = ['j', 'r', 'q', 'x'].map(KeyCode::Char);
        assert_eq!(codes, [j, r, q, KeyCode::Esc, x]);
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_only_look_like_an_answer_are_held_for_a_moment_and_none_is_lost() {
        let slowly = HOLD + PAUSE;
        for (pieces, pause) in [
            (&["\u{1b}"][..], slowly),
            (&["]", "1"], slowly),
            (&["]", "q"], PAUSE),
            (&["\u{1b}", "\u{1b}", "]", "1", "x"], PAUSE),
            (&["[", "?"], slowly),
            (&["\u{1b}]"], slowly),
        ] {
            let typed: Vec<KeyEvent> = pieces
                .iter()
                .flat_map(|piece| events(piece))
                .filter_map(|event| event.as_key_event())
                .collect();
            assert_eq!(keys_of(Heard::default(), pieces, pause).await, typed, "{pieces:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_answer_and_after_a_while_esc_is_a_key_at_once() {
        let esc = || Event::Key(KeyCode::Esc.into());
        let answered = heard("\u{1b}]11;rgb:0/0/0\u{7}\u{1b}[?62c");
        let now = Instant::now();
        assert_eq!(Late::after(&answered, now).take(esc(), now), [esc()]);
        let mut silent = Late::after(&Heard::default(), now);
        assert_eq!(silent.take(esc(), now), []);
        silent.give_up();
        let later = now + ESC_MAY_ANSWER + PAUSE;
        assert_eq!(silent.take(esc(), later), [esc()]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quick_quit_waits_for_the_answer_and_not_for_ever() {
        let began = Instant::now();
        let answer = format!("{COLOUR}\u{7}");
        let arrives = futures_util::stream::iter(events(&answer).into_iter().map(Ok));
        let late = futures_util::stream::once(async move { sleep(PAUSE).await });
        let sent = late.flat_map(move |()| arrives.clone()).chain(futures_util::stream::pending());
        let mut keys = Keys::after(Heard::default(), Box::pin(sent));
        keys.drain().await;
        assert!(
            began.elapsed() >= PAUSE && began.elapsed() <= PAUSE + TOGETHER + DRAIN_STEP,
            "{:?}",
            began.elapsed()
        );

        let began = Instant::now();
        let silent = futures_util::stream::pending();
        let mut keys = Keys::after(Heard::default(), silent);
        keys.drain().await;
        let waited = began.elapsed();
        assert!(waited >= DRAIN && waited <= DRAIN + DRAIN_STEP, "{waited:?}");
        keys.drain().await;
        assert_eq!(began.elapsed(), waited);
        assert_eq!(
            Keys::after(heard(&format!("{answer}\u{1b}[?62c")), keys).late.awaited_until(),
            None
        );
    }
}
