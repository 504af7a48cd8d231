//! The help: every key and what it does, with a search.

pub(crate) mod paint;
pub(crate) mod state;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::help::state::HelpPage;
use crate::tui::overlays::pages::Text;
use crate::tui::overlays::{Acted, Overlay, pages};
use crate::tui::speech::contents::Typed;
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;
use crate::tui::ui::text::Line;

impl Overlay for HelpPage {
    fn context(&self) -> Context {
        if self.typing { Context::Filter } else { Context::Help }
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 96, u16::MAX)
    }

    fn settle(&mut self, app: &App, area: Rect) {
        self.scroll = pages::settled(app, self, self.scroll, area);
    }

    fn unavailable(&self, _app: &App, action: Action) -> Option<String> {
        (self.typing && matches!(action, Action::Earlier | Action::Later))
            .then(|| "The search of the help keeps no earlier words.".to_owned())
    }

    /// Back goes out of the search first.
    fn act(mut self: Box<Self>, app: &mut App, action: Action) -> Acted {
        match action {
            Action::Filter => self.typing = true,
            Action::Enter => self.typing = false,
            Action::Back if self.typing || !self.search.value().is_empty() => {
                self.typing = false;
                self.search.reset();
            }
            Action::Back => return (None, vec![]),
            action => self.scroll = pages::turned(app, self.scroll, action),
        }
        (Some(self), vec![])
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        pages::paint(app, self, self.scroll, area, buffer);
        paint::cursor(self, area)
    }

    fn input(&mut self) -> Option<&mut Input> {
        self.typing.then_some(&mut self.search)
    }

    fn edited(&mut self) {
        self.scroll = 0;
    }

    fn scrolls(&self) -> bool {
        !self.typing
    }

    fn describe<'a>(&'a self, app: &'a App) -> Description<'a> {
        let value = self.search.value().to_owned();
        let typed = self.typing.then(|| Typed {
            value: value.clone(),
            prompt: "Search the help: type words; Enter keeps it, Esc restores it.".into(),
            echo: format!("{value}."),
            alone: true,
        });
        Description {
            key: "help".into(),
            place: vec!["Help: the keys. Esc closes it.".into()],
            typed,
            ..pages::described(app, self, value, self.scroll, self.area(app.screen()))
        }
    }
}

impl Text for HelpPage {
    fn title(&self, _app: &App) -> String {
        paint::title(self)
    }

    fn lines(&self, app: &App, width: usize) -> Vec<Line> {
        paint::lines(app, self, width)
    }
}
