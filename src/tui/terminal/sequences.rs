//! Everything written to a terminal besides frames, as text; and how it passes through a multiplexer.

use std::borrow::Cow;

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use ratatui::buffer::Buffer;

use crate::tui::notify::Notify;
use domain::text::{ascii, clean, is_utf8_locale};

/// The string terminator (`ST`).
const END: &str = "\x1b\\";

/// Another terminator, for old terminals and for GNU screen's passthrough.
const BELL: &str = "\x07";

/// Saves the window's title (xterm, "window manipulation": `CSI 22 ; 0 t`), for [`TITLE_BACK`].
pub(crate) const TITLE_ASIDE: &str = "\x1b[22;0t";

/// Restores the saved window title.
pub(crate) const TITLE_BACK: &str = "\x1b[23;0t";

/// Turns bracketed paste (`DECSET 2004`) on, and off.
pub(crate) const PASTE_ON: &str = "\x1b[?2004h";
pub(crate) const PASTE_OFF: &str = "\x1b[?2004l";

/// The multiplexer between the program and the user's terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Between {
    #[default]
    Nothing,
    Tmux,
    GnuScreen,
}

/// How to make the terminal show a desktop notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Desktop {
    /// OSC 9.
    #[default]
    Iterm2,
    /// OSC 777.
    Rxvt,
}

/// Capabilities of a terminal, derived from its environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent abilities of a terminal")]
pub(crate) struct Habits {
    between: Between,
    /// Whether it has window titles and can save the old one.
    titles: bool,
    /// Whether it supports links; some other terminals would show the sequence.
    links: bool,
    desktop: Desktop,
    /// Whether it supports no sequences at all.
    dumb: bool,
    /// Whether its locale lacks UTF-8.
    ascii: bool,
}

impl Habits {
    /// Derived from `TERM`, `VTE_VERSION`, `TMUX`, `STY` and the locale.
    pub(crate) fn of<'a>(var: impl Fn(&str) -> Option<&'a str>) -> Self {
        let set = |name: &str| var(name).is_some_and(|value| !value.is_empty());
        let between = match () {
            () if set("TMUX") => Between::Tmux,
            () if set("STY") => Between::GnuScreen,
            () => Between::Nothing,
        };
        // The Linux console has no titles, and GNU screen could not restore the old one.
        let titles = !matches!(var("TERM"), None | Some("" | "dumb" | "linux"))
            && between != Between::GnuScreen;
        let is_rxvt = var("TERM").is_some_and(|term| term.starts_with("rxvt"));
        let desktop = if set("VTE_VERSION") || is_rxvt { Desktop::Rxvt } else { Desktop::Iterm2 };
        let dumb = var("TERM") == Some("dumb");
        let ascii = !is_utf8_locale(|name| var(name).map(str::to_owned));
        Self { between, titles, links: has_links(&var, between), desktop, dumb, ascii }
    }

    /// Whether links can be written (OSC 8).
    pub(crate) fn links(self) -> bool {
        self.links
    }

    /// The text, reduced to ASCII if the terminal needs it.
    pub(crate) fn text(self, text: &str) -> Cow<'_, str> {
        if self.ascii { ascii(text) } else { text.into() }
    }

    /// Reduces a frame to ASCII if the terminal needs it.
    pub(crate) fn fit(self, frame: &mut Buffer) {
        if !self.ascii {
            return;
        }
        for cell in &mut frame.content {
            if !cell.symbol().is_ascii() {
                let shown = ascii(cell.symbol()).into_owned();
                cell.set_symbol(&shown);
            }
        }
    }

    /// Whether only plain text may be written.
    pub(crate) fn is_dumb(self) -> bool {
        self.dumb
    }

    /// Notifies a user who is looking elsewhere; empty if notifications are off. Only one sequence is written, as
    /// some terminals (`foot`, `WezTerm`) support both and would show the notification twice.
    pub(crate) fn notification(self, how: Notify, text: &str) -> String {
        let text = clean(text);
        match how {
            Notify::Off => String::new(),
            // tmux and GNU screen pass a bell on as configured.
            Notify::Bell => BELL.to_owned(),
            Notify::Desktop if self.dumb => BELL.to_owned(),
            // A semicolon would start another argument.
            Notify::Desktop if self.desktop == Desktop::Rxvt => {
                let text = text.replace(';', ",");
                self.through(&format!("\x1b]777;notify;sharelock;{text}{END}"))
            }
            // The prefix keeps it from being a ConEmu command (`9;4;…`).
            Notify::Desktop => self.through(&format!("\x1b]9;sharelock: {text}{END}")),
        }
    }

    /// Sets the window title (OSC 2); `None` if it could not be restored. tmux shows it as the title of its pane.
    pub(crate) fn title(self, text: &str) -> Option<String> {
        self.titles.then(|| format!("\x1b]2;{}{END}", clean(text)))
    }

    /// Puts a text into the clipboard (OSC 52). tmux gets it twice, itself and passed through: it takes the first with
    /// `set-clipboard on` and lets the second pass with `allow-passthrough on`; neither is the default everywhere.
    pub(crate) fn copy(self, text: &str) -> String {
        let mut plain = String::new();
        // Writing into a `String` cannot fail.
        let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain);
        match self.between {
            Between::Tmux => self.through(&plain) + &plain,
            _ => self.through(&plain),
        }
    }

    /// Wraps a sequence for the terminal behind tmux (manual: `allow-passthrough`) or GNU screen (manual:
    /// "Device Control String").
    fn through(self, sequence: &str) -> String {
        match self.between {
            Between::Nothing => sequence.to_owned(),
            Between::Tmux => format!("\x1bPtmux;{}{END}", sequence.replace('\x1b', "\x1b\x1b")),
            Between::GnuScreen => through_gnu_screen(sequence),
        }
    }
}

/// Whether a terminal is known to support links. `FORCE_HYPERLINK` overrides the guess: `0` is no, anything else yes.
fn has_links<'a>(var: &impl Fn(&str) -> Option<&'a str>, between: Between) -> bool {
    let (term, program) =
        (var("TERM").unwrap_or_default(), var("TERM_PROGRAM").unwrap_or_default());
    if matches!(term, "" | "dumb" | "linux") || between == Between::GnuScreen {
        return false;
    }
    if let Some(forced) = var("FORCE_HYPERLINK") {
        return forced != "0";
    }
    let number = |name: &str| var(name).and_then(|value| value.parse::<u32>().ok()).unwrap_or(0);
    if between == Between::Tmux {
        // From 3.4 on tmux supports links, and passes them on if the outer terminal does.
        let version = var("TERM_PROGRAM_VERSION").unwrap_or_default();
        let version = version.trim_end_matches(|c: char| c.is_ascii_lowercase()).parse::<f32>();
        return program == "tmux" && version.is_ok_and(|version| version >= 3.4);
    }
    let terms = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "wezterm"];
    let programs = ["iTerm.app", "WezTerm", "ghostty", "vscode", "mintty", "rio"];
    terms.contains(&term)
        || programs.contains(&program)
        || number("VTE_VERSION") >= 5000
        || number("KONSOLE_VERSION") >= 201_200
        || ["KITTY_WINDOW_ID", "WT_SESSION", "ALACRITTY_WINDOW_ID"]
            .iter()
            .any(|name| var(name).is_some())
}

/// Starts a hyperlink to this address; without one, ends it. Only plain ASCII is accepted as an address.
pub(crate) fn link(to: &str) -> String {
    let to = if to.bytes().all(|byte| byte.is_ascii_graphic()) { to } else { "" };
    format!("\x1b]8;;{to}{END}")
}

/// GNU screen ends its passthrough at the first `ST`, so the sequence inside ends with a bell. It drops strings over
/// 767 bytes (`MAXSTR` in its source), so they are sent in pieces with fewer characters than fit at four bytes each.
fn through_gnu_screen(sequence: &str) -> String {
    const PIECE: usize = 160;
    let inside: Vec<char> = sequence.replace(END, BELL).chars().collect();
    let pieces = inside.chunks(PIECE);
    pieces
        .flat_map(|piece| "\x1bP".chars().chain(piece.iter().copied()).chain(END.chars()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn habits(vars: &[(&str, &'static str)]) -> Habits {
        Habits::of(|name| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| *value))
    }

    const TMUX: (&str, &str) = ("TMUX", "/tmp/tmux-1000/default,42,0");
    const STY: (&str, &str) = ("STY", "42.pts-1.host");

    #[test]
    fn a_terminal_of_its_own_gets_what_is_copied_as_it_is() {
        for vars in [&[][..], &[("TMUX", ""), ("STY", "")]] {
            assert_eq!(habits(vars).copy("id-1"), "\x1b]52;c;aWQtMQ==\x1b\\");
        }
    }

    #[test]
    fn tmux_gets_what_is_copied_and_lets_it_through() {
        let plain = "\x1b]52;c;aWQtMQ==\x1b\\";
        let wrapped = "\x1bPtmux;\x1b\x1b]52;c;aWQtMQ==\x1b\x1b\\\x1b\\";
        assert_eq!(habits(&[TMUX, STY]).copy("id-1"), format!("{wrapped}{plain}"));
    }

    #[test]
    fn gnu_screen_lets_what_is_copied_through() {
        assert_eq!(habits(&[STY]).copy("id-1"), "\x1bP\x1b]52;c;aWQtMQ==\x07\x1b\\");
    }

    #[test]
    fn links_are_written_to_terminals_that_are_known_to_have_them() {
        let xterm = ("TERM", "xterm-256color");
        for vars in [
            &[("TERM", "xterm-kitty")][..],
            &[xterm, ("VTE_VERSION", "7600")],
            &[xterm, ("TERM_PROGRAM", "WezTerm")],
            &[xterm, TMUX, ("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.5a")],
            &[xterm, ("FORCE_HYPERLINK", "1")],
        ] {
            assert!(habits(vars).links(), "{vars:?}");
        }
        for vars in [
            &[][..],
            &[xterm],
            &[xterm, ("VTE_VERSION", "4601")],
            &[("TERM", "dumb"), ("FORCE_HYPERLINK", "1")],
            &[("TERM", "xterm-kitty"), ("FORCE_HYPERLINK", "0")],
            &[("TERM", "xterm-kitty"), STY],
            &[xterm, TMUX, ("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.3a")],
        ] {
            assert!(!habits(vars).links(), "{vars:?}");
        }
    }

    #[test]
    fn nothing_in_a_link_can_end_it() {
        assert_eq!(link("https://x/%1B"), "\x1b]8;;https://x/%1B\x1b\\");
        for hostile in
            ["https://x/\x1b\\\x1b[31m", "https://x/\u{7}", "https://x/é", "https://x/ y"]
        {
            assert_eq!(link(hostile), "\x1b]8;;\x1b\\");
        }
    }

    #[test]
    fn a_title_is_one_sequence_whatever_stands_in_it() {
        let xterm = habits(&[("TERM", "xterm-256color")]);
        assert_eq!(xterm.title("a · b").unwrap(), "\x1b]2;a · b\x1b\\");
        let hostile = xterm.title("a\x1b\\\x07\u{9c}\u{202e}b").unwrap();
        assert_eq!(hostile, "\x1b]2;a\u{fffd}\\\u{fffd}\u{fffd}\u{fffd}b\x1b\\");
    }

    #[test]
    fn there_is_no_title_where_none_is_shown_or_the_old_one_would_be_lost() {
        let xterm = ("TERM", "xterm");
        assert!(habits(&[xterm, TMUX]).title("a").is_some());
        for vars in [&[][..], &[("TERM", "linux")], &[("TERM", "dumb")], &[xterm, STY]] {
            assert_eq!(habits(vars).title("a"), None, "{vars:?}");
        }
    }

    #[test]
    fn a_notification_is_written_in_the_one_way_the_terminal_knows() {
        let text = "4;1: done; \x1b\\\x07";
        let kitty = habits(&[("TERM", "xterm-kitty")]);
        let nine = "\x1b]9;sharelock: 4;1: done; \u{fffd}\\\u{fffd}\x1b\\";
        assert_eq!(kitty.notification(Notify::Desktop, text), nine);
        for vars in [("TERM", "rxvt-unicode-256color"), ("VTE_VERSION", "7600")] {
            let rxvt = "\x1b]777;notify;sharelock;4,1: done, \u{fffd}\\\u{fffd}\x1b\\";
            assert_eq!(habits(&[vars]).notification(Notify::Desktop, text), rxvt);
        }
    }

    #[test]
    fn a_notification_goes_through_tmux_and_gnu_screen_and_a_bell_needs_not() {
        let desktop = |vars| habits(vars).notification(Notify::Desktop, "done");
        let through = "\x1bPtmux;\x1b\x1b]9;sharelock: done\x1b\x1b\\\x1b\\";
        assert_eq!(desktop(&[TMUX]), through);
        assert_eq!(desktop(&[STY]), "\x1bP\x1b]9;sharelock: done\x07\x1b\\");
        assert_eq!(habits(&[TMUX]).notification(Notify::Bell, "done"), "\x07");
        assert_eq!(habits(&[TMUX]).notification(Notify::Off, "done"), "");
    }

    #[test]
    fn gnu_screen_gets_long_texts_in_pieces_that_lose_nothing() {
        let plain = Habits::default().copy(&"0123456789".repeat(300)).replace(END, BELL);
        let wrapped = habits(&[STY]).copy(&"0123456789".repeat(300));
        let pieces: Vec<&str> = wrapped.split_terminator(END).collect();
        assert!(pieces.len() > 5);
        assert!(pieces.iter().all(|piece| piece.starts_with("\x1bP") && piece.len() < 700));
        assert_eq!(pieces.iter().map(|piece| &piece[2..]).collect::<String>(), plain);
    }
}
