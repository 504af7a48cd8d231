//! The only file that writes to stdout and stderr, and what `--format` and `--output` mean.
//!
//! Results go to stdout or to a file, everything that is said about them to stderr.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use serde::Serialize;

use super::json;
use crate::file::{self, Destination};
use crate::report::table::{self, Table};
use crate::signals;
use domain::Failure;
use domain::text::{ascii, clean, is_utf8_locale};

/// How a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people; fits the terminal, and is not cut in a pipe
    Table,
    /// One document with a `schema`
    Json,
    /// One object per line
    Jsonl,
    /// For spreadsheets and `revoke --from`
    Csv,
    /// A table for a ticket
    Markdown,
}

/// How and where a result is written, as typed.
#[derive(Clone, Debug, clap::Args)]
pub struct OutputArgs {
    /// Format of the result
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Format,
    /// Write the result to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Where a result goes.
#[derive(Debug)]
pub struct Output {
    format: Format,
    file: Option<(PathBuf, Destination)>,
}

impl Output {
    /// Checks where the result goes, so that nothing is done whose result cannot be kept. A file keeps its content
    /// until there is a whole result.
    pub fn open(args: &OutputArgs) -> Result<Self, Failure> {
        let open = |path: &PathBuf| {
            let file = Destination::open(path).map_err(|error| cannot_write(path, &error))?;
            Ok::<_, Failure>((path.clone(), file))
        };
        if args.output.is_none() {
            check_stdout()?;
        }
        Ok(Self { format: args.format, file: args.output.as_ref().map(open).transpose()? })
    }

    /// Writes a result: the document as JSON, the table in every other format.
    pub fn write(self, document: &impl Serialize, table: &impl Table) -> Result<(), Failure> {
        let format = self.format;
        self.with_stream(|out, width| match format {
            Format::Json => json::write(out, document),
            Format::Jsonl => table::write_jsonl(out, table),
            Format::Csv => table::write_csv(out, table),
            Format::Markdown => table::write_markdown(out, table),
            Format::Table if width.is_some() && !is_utf8() => {
                let mut text = Vec::new();
                table::write_table(&mut text, table, width)?;
                out.write_all(ascii(&String::from_utf8_lossy(&text)).as_bytes())
            }
            Format::Table => table::write_table(out, table, width),
        })
    }

    /// Hands out the stream, and the width of the terminal if it is one.
    fn with_stream(
        self,
        write: impl FnOnce(&mut dyn Write, Option<usize>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let Some((path, file)) = self.file else {
            let stdout = io::stdout().lock();
            let width = stdout.is_terminal().then(terminal_width).flatten();
            return unless_nobody_reads(file::buffered(stdout, |out| write(out, width)))
                .map_err(|error| Failure::new("write the result", error.to_string()));
        };
        file.write(|out| write(out, None)).map_err(|error| cannot_write(&path, &error))
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("write {}", clean(&path.display().to_string())), error.to_string())
        .with_hint("choose another file with --output")
}

/// A reader that has seen enough (`| head`) is no failure.
fn unless_nobody_reads(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Whether stdout was closed when the program was started (`>&-`). The standard library opens `/dev/null` in its place, so
/// every write succeeds.
static STDOUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

ctor::declarative::ctor! {
    // Before `main`, and so before the standard library looks at the descriptors. Makes one system call.
    #[ctor(unsafe)]
    fn look_at_stdout() {
        let closed = rustix::io::fcntl_getfd(rustix::stdio::stdout()) == Err(Errno::BADF);
        STDOUT_WAS_CLOSED.store(closed, Ordering::Relaxed);
    }
}

fn check_stdout() -> Result<(), Failure> {
    if STDOUT_WAS_CLOSED.load(Ordering::Relaxed) {
        return Err(Failure::new("write the result", "stdout is closed")
            .with_hint("start the program with stdout open"));
    }
    Ok(())
}

/// Whether the locale can show UTF-8.
fn is_utf8() -> bool {
    static IS_UTF8: OnceLock<bool> = OnceLock::new();
    let var = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    *IS_UTF8.get_or_init(|| is_utf8_locale(var))
}

/// Text as stderr can show it.
fn on_stderr(text: &str) -> String {
    let text = clean(text);
    if io::stderr().is_terminal() && !is_utf8() { ascii(&text) } else { text }.into_owned()
}

fn terminal_width() -> Option<usize> {
    crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns)).filter(|w| *w > 0)
}

/// Writes text that was made for stdout: a completion script, a manual page, a `clouds.yaml`.
pub fn print(text: &[u8]) -> Result<(), Failure> {
    check_stdout()?;
    let mut stdout = io::stdout().lock();
    unless_nobody_reads(stdout.write_all(text).and_then(|()| stdout.flush()))
        .map_err(|error| Failure::new("write to stdout", error.to_string()))
}

/// One line about what is going on, on stderr.
pub fn say(line: impl Display) {
    // There is nowhere to report that stderr is closed.
    let _ = writeln!(io::stderr().lock(), "{}", on_stderr(&line.to_string()));
}

/// Lines of one kind that are said one by one; more are counted.
const SOME: usize = 20;

/// The first of many lines, each after `what`, and how many more there are.
pub fn say_some<T: Display>(what: &str, lines: &[T]) {
    lines.iter().take(SOME).for_each(|line| say(format_args!("{what}{line}")));
    if lines.len() > SOME {
        say(format_args!("{what}and {} more", lines.len() - SOME));
    }
}

/// The one line that says what failed, why, and what to do.
pub fn error(error: impl Display) {
    say(format_args!("error: {error}"));
}

/// Whether sharelock can prompt: stdin and stderr are a terminal.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether there is a terminal to fill and a keyboard to listen to.
pub fn can_show_a_screen() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Prints a question on stderr and reads a line from stdin, without its end; `None` at the end of input. Blocks.
pub fn ask(question: impl Display) -> io::Result<Option<String>> {
    print_question(&question)?;
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer)?;
    let line = answer.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    if let Some(length) = line.map(str::len) {
        answer.truncate(length);
    }
    Ok((read > 0).then_some(answer))
}

fn print_question(question: &impl Display) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    write!(stderr, "{} ", on_stderr(&question.to_string()))?;
    stderr.flush()
}

/// Whether stdin was a terminal that was closed since, by what came of reading from it. While a terminal is being closed
/// reading fails already, and its modes can still be read.
pub fn terminal_is_gone<T>(read: &io::Result<T>) -> bool {
    let failed = |error: &io::Error| Errno::from_io_error(error) == Some(Errno::IO);
    read.as_ref().is_err_and(failed)
        || tcgetattr(io::stdin()).is_err_and(|error| error == Errno::IO)
}

/// The prompt that is open and hides what is typed, and the terminal's modes before it.
static HIDDEN: Mutex<Option<(Termios, String)>> = Mutex::new(None);

/// While this lives, what is typed does not show on the terminal. A signal that ends the program restores the echo
/// first; after a stop (Ctrl-Z) what is typed is hidden again. One at a time.
#[derive(Debug)]
pub struct Hidden(());

impl Hidden {
    /// From now on; without a terminal nothing shows anyway. `question` is printed again after a stop. Needs a runtime.
    pub fn begin(question: &str) -> io::Result<Self> {
        static STOPS: Once = Once::new();
        signals::restore_before_death(show_input)?;
        let mut watched = Ok(());
        STOPS.call_once(|| watched = signals::around_stops(show_input, hide_input_again));
        watched?;
        if let Ok(before) = tcgetattr(io::stdin()) {
            *hidden() = Some((before, question.to_owned()));
            hide_input();
        }
        Ok(Self(()))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        show_input();
        if hidden().take().is_some() {
            // The end of the line was hidden too.
            say("");
        }
    }
}

fn hidden() -> MutexGuard<'static, Option<(Termios, String)>> {
    HIDDEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hide_input() {
    if let Some((before, _)) = &*hidden() {
        let mut without_echo = before.clone();
        without_echo.local_modes.remove(LocalModes::ECHO);
        // A terminal that does not take it is one that was closed.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &without_echo);
    }
}

fn show_input() {
    if let Some((before, _)) = &*hidden() {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
    }
}

/// Nothing to do if the modes did not change meanwhile.
fn hide_input_again() {
    let shows = |modes: Termios| modes.local_modes.contains(LocalModes::ECHO);
    if !tcgetattr(io::stdin()).is_ok_and(shows) {
        return;
    }
    hide_input();
    if let Some((_, question)) = &*hidden() {
        let _ = print_question(question);
    }
}

/// Reports progress on stderr: lines that stay, and on a terminal one line that changes.
#[derive(Debug)]
pub struct Narrator {
    live: bool,
    shown: Option<Instant>,
}

impl Default for Narrator {
    fn default() -> Self {
        let term = std::env::var_os("TERM").unwrap_or_default();
        let can_return = !term.is_empty() && term != "dumb";
        Self { live: can_return && io::stderr().is_terminal(), shown: None }
    }
}

/// The width of a terminal that does not say it.
const USUAL_WIDTH: usize = 80;

/// What fits into a width of a line.
fn fitting(line: &str, width: usize) -> Cow<'_, str> {
    let line = if width == 0 { Cow::Borrowed("") } else { table::cut(line, width) };
    if line.is_ascii() || is_utf8() { line } else { ascii(&line).into_owned().into() }
}

/// Fast enough to look alive, slow enough to cost nothing.
const BEAT: Duration = Duration::from_millis(100);

impl Narrator {
    /// A line that stays.
    pub fn say(&mut self, line: impl Display) {
        self.end_progress();
        say(line);
    }

    /// The line that changes; only on a terminal, and only so often.
    pub fn progress(&mut self, line: impl FnOnce() -> String) {
        if self.live && self.shown.is_none_or(|shown| shown.elapsed() >= BEAT) {
            let size = tcgetwinsize(io::stderr()).map_or(0, |size| usize::from(size.ws_col));
            let width = if size == 0 { USUAL_WIDTH } else { size };
            // In the last column a terminal may be on the next line already.
            let line = on_stderr(&line());
            let _ = write!(io::stderr().lock(), "\r{}\x1b[K", fitting(&line, width - 1));
            self.shown = Some(Instant::now());
        }
    }

    /// Wipes the line that changes.
    pub fn end_progress(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}
