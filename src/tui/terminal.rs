//! The terminal: taken, drawn on, suspended, restored. Nothing else writes to it while the screen is up.

pub(crate) mod background;
pub(crate) mod linked;
pub(crate) mod plain;
pub(crate) mod sequences;

use std::io;
use std::io::{ErrorKind, IsTerminal, Stdout, Write, stdin, stdout};
use std::panic;
use std::process;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture, EventStream,
};
use crossterm::execute;
use crossterm::style::{Attribute, Print, SetAttribute};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

use crate::signals;
use crate::tui::app::App;
use crate::tui::app::frame::view;
use crate::tui::notify::Notify;
use crate::tui::run::Screen;
use crate::tui::theme::names::Background;
use crate::tui::ui::links;

use crate::tui::terminal::background::{Heard, Keys};
use crate::tui::terminal::linked::Linked;

use crate::tui::terminal::sequences::Habits;

/// How long to wait for a terminal that may not know the query. One that does answers within a few milliseconds.
const DEADLINE: Duration = Duration::from_millis(100);

/// Whether the terminal has to be restored.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether it was taken for plain mode.
static IS_PLAIN: AtomicBool = AtomicBool::new(false);

/// Whether the window's own title was saved.
static TITLED: AtomicBool = AtomicBool::new(false);

/// The terminal while the program owns it; dropping it restores it. One per process.
#[derive(Debug)]
pub(crate) struct Tty {
    terminal: Terminal<CrosstermBackend<Out>>,
    habits: Habits,
    /// Whether the screen has to be cleared before the next frame.
    stale: bool,
    /// The links on the screen.
    linked: Linked,
    /// The window title; empty until it is set.
    title: String,
}

impl Tty {
    /// Takes the terminal.
    pub(crate) fn take(habits: Habits) -> io::Result<Self> {
        give_back_on_death()?;
        Ok(Self {
            terminal: enter()?,
            habits,
            stale: false,
            linked: Linked::default(),
            title: String::new(),
        })
    }

    /// Queries the terminal for its background, once and before any key is read from it. Returns the answer, if it
    /// arrives in time, and the keys: those typed meanwhile first, and never a part of an answer.
    pub(crate) fn ask_background() -> io::Result<(Option<Background>, Keys<EventStream>)> {
        if !(stdin().is_terminal() && stdout().is_terminal()) {
            return Ok((None, Keys::new(EventStream::new())));
        }
        let heard = ask()?;
        Ok((heard.background, Keys::after(heard, EventStream::new())))
    }

    /// The keys of a terminal that was not queried.
    pub(crate) fn keys() -> EventStream {
        EventStream::new()
    }
}

impl Tty {
    /// The frame, then its links: a ratatui cell cannot hold a link, and a sequence in its text would count as text.
    fn frame(&mut self, app: &App) -> io::Result<()> {
        let mut typing = None;
        let drawn = self.terminal.draw(|frame| {
            typing = view(app, frame);
            self.habits.fit(frame.buffer_mut());
        })?;
        if !self.habits.links() {
            return Ok(());
        }
        let links = links::links(app, drawn.buffer);
        let lost = self.linked.lost(&links, drawn.buffer);
        self.linked.write(links, &lost, self.terminal.backend_mut(), &mut Out, typing)
    }
}

/// From now on a panic on any thread and a deadly signal restore the terminal before they end the program: what runs
/// in the cloud is read again at the next start, and a half-alive program would write into the shell.
fn give_back_on_death() -> io::Result<()> {
    static HOOK: Once = Once::new();
    signals::restore_before_death(|| drop(leave()))?;
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if TAKEN.load(Ordering::Relaxed) {
                // An error of the terminal cannot be handled here.
                let _ = leave();
                report(panic);
                process::exit(101);
            }
            report(panic);
        }));
    });
    Ok(())
}

/// Sends the query and reads until the answer has arrived, or the deadline.
fn ask() -> io::Result<Heard> {
    let (input, until) = (stdin(), Instant::now() + DEADLINE);
    write(background::QUESTION)?;
    let (mut bytes, mut piece) = (Vec::new(), [0; 256]);
    loop {
        let heard = background::hear(&bytes);
        let left = until.saturating_duration_since(Instant::now());
        if heard.done || left.is_zero() {
            return Ok(heard);
        }
        let timeout = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&input, PollFlags::IN)], Some(&timeout)) {
            // The loop handles signals.
            Err(rustix::io::Errno::INTR) | Ok(0) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => match rustix::io::read(&input, &mut piece) {
                Ok(0) | Err(_) => return Ok(heard),
                Ok(read) => bytes.extend_from_slice(&piece[..read]),
            },
        }
    }
}

impl Screen for Tty {
    fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// One frame, shown at once by terminals with synchronized updates.
    fn draw(&mut self, app: &App) -> io::Result<()> {
        execute!(Out, BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.stale) {
            execute!(Out, SetAttribute(Attribute::Reset), Clear(ClearType::All))?;
            self.terminal.show_cursor()?;
            self.terminal = fresh()?;
            self.linked = Linked::default();
        }
        let drawn = self.frame(app);
        execute!(Out, EndSynchronizedUpdate)?;
        drawn
    }

    fn repaint(&mut self) -> io::Result<()> {
        self.stale = true;
        Ok(())
    }

    /// Copies through the terminal itself (OSC 52), so that it works over ssh.
    fn copy(&mut self, text: &str) -> io::Result<()> {
        write(&self.habits.copy(text))
    }

    fn title(&mut self, text: &str) -> io::Result<()> {
        text.clone_into(&mut self.title);
        let Some(title) = self.habits.title(&self.habits.text(text)) else { return Ok(()) };
        if !TITLED.swap(true, Ordering::Relaxed) {
            write(sequences::TITLE_ASIDE)?;
        }
        write(&title)
    }

    fn notify(&mut self, how: Notify, text: &str) -> io::Result<()> {
        write(&self.habits.notification(how, &self.habits.text(text)))
    }

    /// Stops like any job of the shell. If no shell could continue it, the signal does nothing and the
    /// program goes on.
    fn suspend(&mut self) -> io::Result<()> {
        leave()?;
        signals::stop();
        self.retake()
    }

    /// The old terminal holds no guard, so nothing is restored twice.
    fn retake(&mut self) -> io::Result<()> {
        if TAKEN.load(Ordering::Relaxed) {
            leave()?;
        }
        self.terminal.show_cursor()?;
        self.terminal = enter()?;
        self.linked = Linked::default();
        match std::mem::take(&mut self.title) {
            title if title.is_empty() => Ok(()),
            title => self.title(&title),
        }
    }

    fn hang_up(&mut self) {
        hang_up();
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // At the end of the program an error can no longer be shown.
        let _ = self.terminal.show_cursor();
        let _ = leave();
    }
}

/// Whether output to the terminal has ended.
static SILENT: AtomicBool = AtomicBool::new(false);

/// The way to the terminal: stdout, until the first write that fails. A `Terminal` that is dropped with the cursor hidden
/// shows it, and panics where that fails and stderr is closed too: show the cursor before dropping one.
#[derive(Debug)]
struct Out;

fn unless_silent(
    write: impl FnOnce(&mut Stdout) -> io::Result<usize>,
    all: usize,
) -> io::Result<usize> {
    if SILENT.load(Ordering::Relaxed) {
        return Ok(all);
    }
    let written = write(&mut stdout());
    if written.as_ref().is_err_and(|error| error.kind() != ErrorKind::Interrupted) {
        SILENT.store(true, Ordering::Relaxed);
    }
    written
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_silent(|stdout| stdout.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_silent(|stdout| stdout.flush().map(|()| 0), 0).map(drop)
    }
}

/// Restores the terminal if it still exists and this program is in its foreground: a write to a terminal that another
/// program has would suspend this one forever.
fn hang_up() {
    if tcgetpgrp(stdin()).is_ok_and(|foreground| foreground == getpgrp()) {
        // The program ends next.
        let _ = leave();
    }
    TAKEN.store(false, Ordering::Relaxed);
    SILENT.store(true, Ordering::Relaxed);
}

fn write(sequence: &str) -> io::Result<()> {
    Out.write_all(sequence.as_bytes())?;
    Out.flush()
}

fn enter() -> io::Result<Terminal<CrosstermBackend<Out>>> {
    TAKEN.store(true, Ordering::Relaxed);
    enable_raw_mode()?;
    execute!(
        Out,
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableMouseCapture,
        EnableFocusChange
    )?;
    fresh()
}

/// A terminal without a known screen, which paints all of it. (`Terminal::clear` would query the terminal for the
/// cursor and wait.) The screen has to be empty: blanks in the first frame are not written.
fn fresh() -> io::Result<Terminal<CrosstermBackend<Out>>> {
    let mut terminal = Terminal::new(CrosstermBackend::new(Out))?;
    terminal.hide_cursor()?;
    Ok(terminal)
}

/// Restores the terminal, once. Continues after a failure: every step helps.
fn leave() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::Relaxed) {
        return Ok(());
    }
    if IS_PLAIN.load(Ordering::Relaxed) {
        return plain::leave();
    }
    let left = execute!(
        stdout(),
        EndSynchronizedUpdate,
        DisableFocusChange,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        crossterm::cursor::Show,
        Print(if TITLED.swap(false, Ordering::Relaxed) { sequences::TITLE_BACK } else { "" })
    );
    let cooked = disable_raw_mode();
    stdout().flush()?;
    left.and(cooked)
}
