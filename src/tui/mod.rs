//! The screen. [`run()`] turns keys and engine events into messages; `update` applies a message to the `App`
//! and returns the effects for the loop; `view` paints the app. `update` and `view` never wait, read a clock or do I/O.
//!
//! ```text
//!  keys, paste, mouse ─┐                                     ┌─ draw(view(&app))
//!  engine events ──────┼─▶ Msg ─▶ update(&mut app) ─▶────────┤
//!  ticks while moving ─┘                    │                └─ nothing, when nothing changed
//!                                           ▼
//!                                    Vec<Effect> ─▶ run: command the engine, plan, copy, suspend, quit
//! ```
//!
//! A key goes from `run` to `app/input`, which finds its action in the bindings (`keys`), and on to the dialog that is open
//! (`Overlay`) or else the view that is shown (`View`).

mod app;
mod console;
mod export;
#[cfg(test)]
pub(crate) mod fixture;
mod keys;
mod notify;
mod offscreen;
mod overlays;
mod run;
mod settings;
mod speech;
mod terminal;
#[cfg(test)]
pub(crate) mod tests;
mod theme;
mod ui;
mod views;

pub use crate::tui::offscreen::Offscreen;
pub use crate::tui::run::{Left, Options, run};
pub use crate::tui::settings::{Reload, Reread, Settings};
pub use crate::tui::speech::plain_mode::Plain;
pub use crate::tui::theme::names::{Background, Surroundings};

use crate::tui::export::write;
use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;

use domain::{Limits, Marks, Moment, OperationId, OperationKind, Plan};
use engine::{Command, Event};

/// Something happened, and when.
#[derive(Debug)]
pub(crate) struct Msg {
    /// The loop's clock. The only clock the app ever sees.
    pub(crate) now: Moment,
    pub(crate) what: What,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum What {
    Key(KeyEvent),
    /// Text only, never keys.
    Paste(String),
    Mouse(MouseEvent),
    Resize(Size),
    Engine(Event),
    /// The terminal got the focus again.
    Focus,
    /// The settings were read again.
    Reloaded {
        /// Whether the user asked for it.
        asked: bool,
        reread: Box<Reread>,
    },
    /// The engine has ended: no more events come.
    EngineGone,
    /// The answer to [`Effect::Plan`].
    Planned {
        ticket: u32,
        plan: Box<Plan>,
    },
    /// The answer to [`Effect::Export`]: where the file is.
    Exported {
        ticket: u32,
        outcome: Result<String, write::Refusal>,
    },
    /// Time passed while something on the screen depends on it.
    Tick,
}

/// Something to be done, by the loop.
#[derive(Debug)]
pub(crate) enum Effect {
    Ask(Command),
    /// Plan away from the loop; comes back as [`What::Planned`] with the same ticket.
    Plan {
        ticket: u32,
        kind: OperationKind,
        /// The operation it takes back, if it is an undo.
        undoes: Option<OperationId>,
        marks: Marks,
        limits: Limits,
    },
    /// Write a file away from the loop; comes back as [`What::Exported`] with the same ticket.
    Export {
        ticket: u32,
        export: Box<export::Export>,
        format: export::Format,
        /// As it was typed.
        file: String,
        /// A file that is there may be written over.
        overwrite: bool,
    },
    /// Into the clipboard, through the terminal.
    Copy(String),
    /// What the window is called from now on.
    Title(String),
    /// Notifies a user who is looking elsewhere.
    Notify {
        how: notify::Notify,
        text: String,
    },
    /// Read the settings again; comes back as [`What::Reloaded`].
    Reload {
        asked: bool,
    },
    Suspend,
    Quit,
}
