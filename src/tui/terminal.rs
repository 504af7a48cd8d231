//! The terminal: taken, drawn on, suspended, given back. Nothing else writes to it while the screen is up.

use std::io::{self, Write, stdout};
use std::panic;
use std::process;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Size;
use ratatui::{DefaultTerminal, Terminal};
use rustix::process::{Signal, getpid, kill_process};

use super::model::Model;
use super::run::Screen;
use super::view::view;

/// Whether there is something to give back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while the program has it; dropping it gives it back. One per process.
pub(crate) struct Tty(DefaultTerminal);

impl Tty {
    /// Takes the terminal. From then on a panic on any thread gives it back and ends the program: what runs
    /// in the cloud is read again at the next start, and a half-alive program would draw into the shell.
    pub(crate) fn take() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let report = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                if TAKEN.load(Ordering::Relaxed) {
                    // Nothing can be done about a terminal that does not take it.
                    let _ = leave();
                    report(panic);
                    process::exit(101);
                }
                report(panic);
            }));
        });
        enter().map(Self)
    }
}

impl Screen for Tty {
    fn size(&self) -> io::Result<Size> {
        self.0.size()
    }

    /// One frame, shown whole by terminals that know how.
    fn draw(&mut self, model: &Model) -> io::Result<()> {
        execute!(stdout(), BeginSynchronizedUpdate)?;
        let drawn = self.0.draw(|frame| view(model, frame)).map(drop);
        execute!(stdout(), EndSynchronizedUpdate)?;
        drawn
    }

    /// Through the terminal itself (OSC 52), so that it works over ssh.
    fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(stdout(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Stops like any job of the shell. Where no shell could continue it, the signal does nothing and the
    /// program goes on.
    fn suspend(&mut self) -> io::Result<()> {
        leave()?;
        kill_process(getpid(), Signal::TSTP)?;
        self.retake()
    }

    /// A fresh terminal knows nothing of the screen, so it paints all of it. (`Terminal::clear` would ask the
    /// terminal for the cursor and wait.) The old one holds no guard, so nothing is given back twice.
    fn retake(&mut self) -> io::Result<()> {
        if TAKEN.load(Ordering::Relaxed) {
            leave()?;
        }
        self.0 = enter()?;
        Ok(())
    }

    fn forget(&mut self) {
        TAKEN.store(false, Ordering::Relaxed);
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // At the end of the program there is nobody left to tell.
        let _ = leave();
    }
}

fn enter() -> io::Result<DefaultTerminal> {
    TAKEN.store(true, Ordering::Relaxed);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    terminal.hide_cursor()?;
    Ok(terminal)
}

/// Gives the terminal back, once. Goes on after a failure: every step helps.
fn leave() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::Relaxed) {
        return Ok(());
    }
    let left = execute!(
        stdout(),
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        crossterm::cursor::Show
    );
    let cooked = disable_raw_mode();
    stdout().flush()?;
    left.and(cooked)
}
