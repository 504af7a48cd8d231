//! Asks for a one-time password, or the password of a login.

pub(crate) mod paint;
pub(crate) mod state;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::passcode::state::CodeDialog;
use crate::tui::overlays::{Acted, Overlay, clouds};
use crate::tui::speech::contents::Typed;
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;
use crate::tui::ui::text::counted;

impl Overlay for CodeDialog {
    fn context(&self) -> Context {
        Context::Code
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 72, 9)
    }

    /// A closed dialog is forgotten, with what was typed.
    fn act(mut self: Box<Self>, app: &mut App, action: Action) -> Acted {
        match (action, self.code()) {
            (Action::Back, _) => return (None, vec![]),
            (Action::Enter, Ok(code)) => {
                return (None, clouds::act::answer(app, self.missing, code));
            }
            (Action::Enter, Err(complaint)) => self.complaint = complaint,
            _ => {}
        }
        (Some(self), vec![])
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        Some(paint::paint(app, self, area, buffer))
    }

    fn input(&mut self) -> Option<&mut Input> {
        Some(&mut self.input)
    }

    fn edited(&mut self) {
        self.complaint.clear();
    }

    /// The code itself is never said, and remembered nowhere.
    fn describe<'a>(&'a self, _app: &'a App) -> Description<'a> {
        let length = self.input.value().chars().count();
        let typed = Typed {
            value: if length == 0 { String::new() } else { length.to_string() },
            echo: format!("{} typed.", counted(length, "character")),
            ..Typed::default()
        };
        let lines = vec![
            format!("Log in to {}: {}.", self.place, self.why.trim_end_matches('.')),
            format!(
                "Type the {}. Enter logs in with it, Esc does not. It is stored nowhere.",
                self.word()
            ),
        ];
        Description {
            key: "code".into(),
            place: lines,
            typed: Some(typed),
            complaint: self.complaint.clone(),
            ..Description::default()
        }
    }
}
