//! The built program in a terminal that is not there: its screen as text, its keys as a string. And the embedded
//! cloud for it, in [`cloud`].

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(dead_code, reason = "no test uses all of it")]
#![expect(unreachable_pub, reason = "a module of each test, not of one crate")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::Signal;

pub mod cloud;

/// The built program.
pub const BIN: &str = env!("CARGO_BIN_EXE_sharelock");

/// Long, because the machine may be busy; no test waits for it to pass.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// A terminal with a program in it.
pub struct Screen {
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    shown: Arc<Mutex<Shown>>,
    reader: Option<JoinHandle<()>>,
    /// Set when the terminal is closed.
    closed: Arc<AtomicBool>,
    /// The terminal's modes before the program was started.
    modes: String,
}

struct Shown {
    terminal: vt100::Parser,
    /// Everything that was ever written to the terminal.
    raw: Vec<u8>,
}

impl Shown {
    fn cells(&self) -> Vec<Vec<String>> {
        let screen = self.terminal.screen();
        let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
        let cell = |row, column| match screen.cell(row, column) {
            Some(cell) if cell.is_wide_continuation() => String::new(),
            Some(cell) if cell.has_contents() => cell.contents().to_owned(),
            _ => " ".to_owned(),
        };
        (0..rows).map(|row| (0..columns).map(|column| cell(row, column)).collect()).collect()
    }
}

impl Screen {
    /// Starts a program in a terminal of this many columns and rows, with a home of its own.
    pub fn run(program: &str, args: &[&str], size: (u16, u16), home: &Path) -> Self {
        Self::run_with(program, args, size, home, &[])
    }

    /// The same, with more variables in its environment.
    pub fn run_with(
        program: &str,
        args: &[&str],
        (columns, rows): (u16, u16),
        home: &Path,
        vars: &[(&str, &str)],
    ) -> Self {
        let pty = native_pty_system().openpty(size(columns, rows)).unwrap();
        let modes = modes(&*pty.master);
        let mut command = command(program, args, home);
        for (name, value) in vars {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let terminal = vt100::Parser::new(non_zero(rows), non_zero(columns), 0);
        let shown = Arc::new(Mutex::new(Shown { terminal, raw: Vec::new() }));
        let output = pty.master.try_clone_reader().unwrap();
        let closed = Arc::new(AtomicBool::new(false));
        let reader = Some(thread::spawn({
            let (shown, closed) = (shown.clone(), closed.clone());
            move || follow(output, &shown, &closed)
        }));
        let keyboard = Some(pty.master.take_writer().unwrap());
        Self { master: Some(pty.master), keyboard, child, shown, reader, closed, modes }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap()
    }

    /// What is on the screen, a line each.
    pub fn contents(&self) -> String {
        self.shown().terminal.screen().contents()
    }

    /// Whether the program has taken the screen.
    pub fn alternate(&self) -> bool {
        self.shown().terminal.screen().alternate_screen()
    }

    /// Everything that was written to the terminal so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shown().raw.clone()
    }

    /// Types.
    pub fn type_keys(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// What stands in each cell, when the last frame that was begun is there whole (synchronized output).
    pub fn frame(&self) -> Option<Vec<Vec<String>>> {
        let shown = self.shown();
        let last = |end: &[u8]| shown.raw.windows(end.len()).rposition(|bytes| bytes == end);
        (last(b"\x1b[?2026h") < last(b"\x1b[?2026l")).then(|| shown.cells())
    }

    /// What stands in each cell, by rows. In the right half of a wide character nothing does.
    pub fn cells(&self) -> Vec<Vec<String>> {
        self.shown().cells()
    }

    /// Wipes the screen, as a terminal multiplexer may.
    pub fn wipe(&mut self) {
        self.shown().terminal.process(b"\x1b[2J");
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        // What the program writes for the new size waits until the screen has it.
        let mut shown = self.shown();
        self.master.as_ref().unwrap().resize(size(columns, rows)).unwrap();
        shown.terminal.screen_mut().set_size(non_zero(rows), non_zero(columns));
    }

    /// Waits for the screen to become what the test wants, and shows it when it does not.
    #[track_caller]
    pub fn until(&self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + TIMEOUT;
        while !wanted(self) {
            assert!(
                Instant::now() < deadline,
                "never saw {what}; the screen is\n{}",
                self.contents()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until nothing is wrong any more, and says what it was when that does not come.
    #[track_caller]
    pub fn until_right(&self, what: &str, wrong: impl Fn(&Self) -> Option<String>) {
        let deadline = Instant::now() + TIMEOUT;
        while let Some(reason) = wrong(self) {
            assert!(
                Instant::now() < deadline,
                "never saw {what}: {reason}; the screen is\n{}",
                self.contents()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for a text to be on the screen.
    #[track_caller]
    pub fn until_text(&self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// Waits for a text to be gone from the screen.
    #[track_caller]
    pub fn until_no_text(&self, text: &str) {
        self.until(&format!("the end of {text}"), |screen| !screen.contents().contains(text));
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends the program a signal, as `kill` does.
    pub fn kill(&self, signal: &str) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Whether the terminal's modes are those from before the program.
    pub fn is_restored(&self) -> bool {
        self.master.as_deref().is_some_and(|master| modes(master) == self.modes)
    }

    /// Closes the terminal, as closing its window does. `provoke` makes the program write something.
    pub fn hang_up(&mut self, provoke: impl FnOnce(&mut Self)) {
        self.closed.store(true, Ordering::SeqCst);
        provoke(self);
        self.reader.take().unwrap().join().unwrap();
        // The keyboard types an end of line when it is dropped. The program must not read that before the terminal is gone.
        self.kill("-STOP");
        self.until("the program stopped", Self::is_stopped);
        (self.keyboard, self.master) = (None, None);
        self.kill("-CONT");
    }

    fn is_stopped(&self) -> bool {
        let pid = self.pid().to_string();
        let ps = Command::new("ps").args(["-o", "state=", "-p", &pid]).output().unwrap();
        ps.stdout.trim_ascii().starts_with(b"T")
    }

    /// Waits for the end of the program and for its last words to be on the screen. 1 when a signal ended it.
    #[track_caller]
    pub fn exit_code(&mut self) -> u32 {
        self.exit_status().exit_code()
    }

    /// The same, with the signal that ended it.
    #[track_caller]
    pub fn exit_status(&mut self) -> ExitStatus {
        let deadline = Instant::now() + TIMEOUT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "it did not end; the screen is\n{}",
                self.contents()
            );
            thread::sleep(Duration::from_millis(10));
        };
        // The last bytes may still be in the pipe.
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        status
    }
}

impl Drop for Screen {
    /// Leaves no process behind, whatever the test did.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        (self.keyboard, self.master) = (None, None);
    }
}

/// An environment in which nothing of the machine's own configuration is found.
fn command(program: &str, args: &[&str], home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(args);
    command.env_clear();
    for (name, value) in surroundings(home) {
        command.env(name, value);
    }
    command.cwd(home);
    command
}

/// Lets programs that the tests start receive the signals that this process was started to ignore, as in a background
/// job or under `nohup`: a program keeps ignoring those, and a handler here is not inherited.
fn receive_ignored_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        for signal in [Signal::HUP, Signal::INT].map(Signal::as_raw) {
            if mask & (1 << (signal - 1)) != 0 {
                signal_hook::flag::register(signal, Arc::default()).unwrap();
            }
        }
    });
}

/// The environment of every program a test starts.
pub fn surroundings(home: &Path) -> Vec<(&'static str, String)> {
    receive_ignored_signals();
    let home = home.to_str().unwrap().to_owned();
    vec![
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("TERM", "xterm-256color".into()),
        ("LANG", "C.UTF-8".into()),
        ("HOME", home),
    ]
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn non_zero(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

fn modes(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

fn follow(mut output: Box<dyn Read + Send>, shown: &Mutex<Shown>, closed: &AtomicBool) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = output.read(&mut bytes) {
        if closed.load(Ordering::SeqCst) {
            return;
        }
        let mut shown = shown.lock().unwrap();
        shown.terminal.process(&bytes[..count]);
        shown.raw.extend_from_slice(&bytes[..count]);
    }
}
