//! The terminal of plain mode: lines are written below one another; nothing is painted, moved or queried.

use crate::tui::terminal;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{Event, EventStream};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use futures_util::{Stream, StreamExt, future};
use ratatui::layout::Size;

use crate::signals;
use crate::tui::app::App;
use crate::tui::notify::Notify;
use crate::tui::run::Screen;
use crate::tui::speech::speaker::Speaker;
use crate::tui::terminal::sequences::{Habits, PASTE_OFF, PASTE_ON};
use crate::tui::terminal::{TAKEN, give_back_on_death, write};

/// Whether bracketed paste was turned on.
static MARKS_PASTED: AtomicBool = AtomicBool::new(false);

/// The terminal while the program owns it; dropping it restores it. One per process.
#[derive(Debug)]
pub(crate) struct Lines {
    habits: Habits,
    speaker: Speaker,
}

impl Lines {
    /// Takes the terminal, so that keys are read as they are pressed.
    pub(crate) fn take(habits: Habits) -> io::Result<Self> {
        give_back_on_death()?;
        enter(habits)?;
        Ok(Self { habits, speaker: Speaker::default() })
    }

    /// The keys. Resizes and mouse events are dropped.
    pub(crate) fn keys() -> impl Stream<Item = io::Result<Event>> + Unpin {
        let heard = |event: &io::Result<Event>| {
            future::ready(!matches!(event, Ok(Event::Resize(..) | Event::Mouse(_))))
        };
        EventStream::new().filter(heard)
    }
}

impl Screen for Lines {
    /// Does nothing: printed lines stay, whatever size the terminal has.
    fn repaint(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// A page size that suits a screen reader, whatever size the terminal reports.
    fn size(&self) -> io::Result<Size> {
        Ok(Size { width: 240, height: 60 })
    }

    fn draw(&mut self, app: &App) -> io::Result<()> {
        let lines = self.speaker.hear(app);
        if lines.is_empty() {
            return Ok(());
        }
        write(&self.habits.text(&(lines.join("\r\n") + "\r\n")))
    }

    /// Without a clipboard, prints the text to be copied from there.
    fn copy(&mut self, text: &str) -> io::Result<()> {
        if !self.habits.is_dumb() {
            return write(&self.habits.copy(text));
        }
        let lines = text.lines().map(domain::text::clean);
        write(&(lines.collect::<Vec<_>>().join("\r\n") + "\r\n"))
    }

    /// Does nothing: a changed window title would be one more thing to listen to.
    fn title(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn notify(&mut self, how: Notify, text: &str) -> io::Result<()> {
        write(&self.habits.notification(how, &self.habits.text(text)))
    }

    fn suspend(&mut self) -> io::Result<()> {
        terminal::leave()?;
        signals::stop();
        self.retake()
    }

    fn retake(&mut self) -> io::Result<()> {
        enter(self.habits)?;
        self.speaker.forget_place();
        Ok(())
    }

    fn hang_up(&mut self) {
        terminal::hang_up();
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // At the end of the program an error can no longer be shown.
        let _ = terminal::leave();
    }
}

fn enter(habits: Habits) -> io::Result<()> {
    TAKEN.store(true, Ordering::Relaxed);
    terminal::IS_PLAIN.store(true, Ordering::Relaxed);
    enable_raw_mode()?;
    if !habits.is_dumb() && !MARKS_PASTED.swap(true, Ordering::Relaxed) {
        write(PASTE_ON)?;
    }
    Ok(())
}

/// Restores the terminal.
pub(crate) fn leave() -> io::Result<()> {
    let left = if MARKS_PASTED.swap(false, Ordering::Relaxed) { write(PASTE_OFF) } else { Ok(()) };
    let cooked = disable_raw_mode();
    left.and(cooked)
}
