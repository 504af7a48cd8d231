//! Signals that end or stop the program, whichever part of it is running.
//!
//! `SIGHUP`, `SIGINT` and `SIGTERM` ask it to shut down; whoever runs listens for them and ends in order. The others
//! end it at once, as they do in every program, but not before the terminal has its modes back.

use std::future;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use rustix::process::Signal;
use signal_hook::low_level;
use tokio::signal::unix::{self, SignalKind, signal};

/// A signal that asks the program to shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// The terminal was closed (`SIGHUP`).
    HangUp,
    /// Ctrl-C (`SIGINT`).
    Interrupt,
    /// `kill`, or the end of a service or a job (`SIGTERM`).
    Terminate,
}

impl Shutdown {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::HangUp, Self::Interrupt, Self::Terminate];

    fn signal(self) -> Signal {
        match self {
            Self::HangUp => Signal::HUP,
            Self::Interrupt => Signal::INT,
            Self::Terminate => Signal::TERM,
        }
    }

    /// Listens from now on. `None` when the program was started with this signal ignored, as `nohup` does: it stays
    /// ignored.
    pub fn listen(self) -> io::Result<Option<unix::Signal>> {
        if is_ignored(self.signal()) {
            return Ok(None);
        }
        listen(self.signal()).map(Some)
    }
}

/// All shutdown signals.
#[derive(Debug)]
pub struct Shutdowns([Option<unix::Signal>; 3]);

impl Shutdowns {
    /// Listens from now on.
    pub fn listen() -> io::Result<Self> {
        let [hang_up, interrupt, terminate] = Shutdown::ALL.map(Shutdown::listen);
        Ok(Self([hang_up?, interrupt?, terminate?]))
    }

    /// Returns at the next one.
    pub async fn next(&mut self) -> Shutdown {
        let Self([hang_up, interrupt, terminate]) = self;
        tokio::select! {
            () = next_of(hang_up) => Shutdown::HangUp,
            () = next_of(interrupt) => Shutdown::Interrupt,
            () = next_of(terminate) => Shutdown::Terminate,
        }
    }
}

async fn next_of(signal: &mut Option<unix::Signal>) {
    let Some(signal) = signal else { return future::pending().await };
    if signal.recv().await.is_none() {
        future::pending::<()>().await;
    }
}

fn listen(kind: Signal) -> io::Result<unix::Signal> {
    signal(SignalKind::from_raw(kind.as_raw()))
}

/// Whether the signal was ignored when the program started. Other systems than Linux do not say.
fn is_ignored(signal: Signal) -> bool {
    let status = if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/self/status").unwrap_or_default()
    } else {
        String::new()
    };
    ignores(&status, signal.as_raw())
}

/// proc(5): `SigIgn` is a mask in hexadecimal, bit 0 is signal 1.
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let bit = u32::try_from(signal - 1).ok().and_then(|shift| 1_u64.checked_shl(shift));
    bit.is_some_and(|bit| mask & bit != 0)
}

/// Lets writes beyond the limit for file sizes (`ulimit -f`) fail instead of ending the program.
pub fn survive_file_size_limit() -> io::Result<()> {
    // The handler stays when the listener is dropped.
    listen(Signal::XFSZ).map(drop)
}

// ── the terminal's modes ─────────────────────────────────────────────────────────────────────────────

/// Signals that end a program unless it handles them and that people or systems send.
const DEADLY: [Signal; 8] = [
    Signal::QUIT,
    Signal::ABORT,
    Signal::USR1,
    Signal::USR2,
    Signal::ALARM,
    Signal::VTALARM,
    Signal::PROF,
    Signal::XCPU,
];

static RESTORE: Mutex<Vec<fn()>> = Mutex::new(Vec::new());

/// From now on `restore` runs before one of the other deadly signals ends the program; needs a runtime. It may run at
/// any moment, on another thread.
pub fn restore_before_death(restore: fn()) -> io::Result<()> {
    static WATCH: Once = Once::new();
    {
        let mut known = RESTORE.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.iter().any(|it| std::ptr::fn_addr_eq(*it, restore)) {
            known.push(restore);
        }
    }
    let mut result = Ok(());
    WATCH.call_once(|| result = DEADLY.into_iter().try_for_each(watch));
    result
}

fn watch(deadly: Signal) -> io::Result<()> {
    if is_ignored(deadly) {
        return Ok(());
    }
    let mut signals = listen(deadly)?;
    tokio::spawn(async move {
        if signals.recv().await.is_some() {
            for restore in RESTORE.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                restore();
            }
            // It does not return, for the signal is one that ends the program.
            let _ = low_level::emulate_default_handler(deadly.as_raw());
        }
    });
    Ok(())
}

/// Runs `on_stop` when the user stops the program (Ctrl-Z), then stops it; runs `on_continue` when it goes on. Needs a
/// runtime; both may run at any moment, on another thread.
pub fn around_stops(on_stop: fn(), on_continue: fn()) -> io::Result<()> {
    HANDLES_STOPS.store(true, Ordering::Relaxed);
    let (mut stops, mut continues) = (listen(Signal::TSTP)?, listen(Signal::CONT)?);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                stopped = stops.recv() => match stopped {
                    Some(()) => {
                        on_stop();
                        stop();
                        on_continue();
                    }
                    None => return,
                },
                _ = continues.recv() => on_continue(),
            }
        }
    });
    Ok(())
}

/// Whether `SIGTSTP` does not stop the program any more.
static HANDLES_STOPS: AtomicBool = AtomicBool::new(false);

/// Stops this process until it is continued, like Ctrl-Z. Where no shell could continue it, the system lets the signal
/// do nothing (POSIX: orphaned process group), unlike `SIGSTOP`.
pub fn stop() {
    // The signal for reading in the background is never handled and stops a program in the same way.
    let signal = if HANDLES_STOPS.load(Ordering::Relaxed) { Signal::TTIN } else { Signal::TSTP };
    // Sent to this thread, so it takes effect before the call returns.
    let _ = low_level::raise(signal.as_raw());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_was_ignored_at_the_start_is_recognized_by_its_bit() {
        let status = "Name:\tsharelock\nSigBlk:\tffffffffffffffff\nSigIgn:\t0000000000001001\n";
        assert!(ignores(status, Signal::HUP.as_raw()));
        assert!(ignores(status, Signal::PIPE.as_raw()));
        assert!(!ignores(status, Signal::TERM.as_raw()));
        assert!(!ignores("", Signal::HUP.as_raw()));
        assert!(!ignores("SigIgn:\tnonsense", Signal::HUP.as_raw()));
        assert!(!ignores(status, 0));
    }
}
