//! The screen without a terminal: for benchmarks and pictures.

use crossterm::event::KeyEvent;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

use crate::tui::app::update::update;
use crate::tui::app::{App, Phase, Place};
use crate::tui::{Msg, Settings, Surroundings, What, app};
use domain::{Limits, Moment, Scope};
use engine::{Event, SessionId};

/// A screen with one open scope. No cloud is contacted: events come from the caller.
#[derive(Debug)]
pub struct Offscreen {
    app: App,
    terminal: Terminal<TestBackend>,
}

impl Offscreen {
    /// The session that events have to name.
    pub const SESSION: SessionId = SessionId(0);

    /// An empty screen of this many columns and rows.
    pub fn open(scope: Scope, limits: Limits, width: u16, height: u16) -> Self {
        let size = Size { width, height };
        let mut app =
            App::new(Moment(0), size, Settings::default(), Surroundings::default(), TimeZone::UTC);
        app.workspace.phase = Phase::Open(Place { scope, limits });
        let Ok(terminal) = Terminal::new(TestBackend::new(width, height));
        Self { app, terminal }
    }

    /// Something happened in the engine.
    pub fn event(&mut self, event: Event) {
        self.update(What::Engine(event));
    }

    /// A key was pressed.
    pub fn press(&mut self, key: KeyEvent) {
        self.update(What::Key(key));
    }

    fn update(&mut self, what: What) {
        let now = self.app.now;
        update(&mut self.app, Msg { now, what });
    }

    /// Brings everything up to date and paints it, as the program does before every frame.
    pub fn frame(&mut self) -> &Buffer {
        self.app.settle();
        let Ok(_) = self.terminal.draw(|frame| {
            app::frame::view(&self.app, frame);
        });
        self.terminal.backend().buffer()
    }
}
