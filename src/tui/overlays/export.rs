//! Exporting what is in view to a file.

pub(crate) mod act;
pub(crate) mod in_view;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::export::state::ExportDialog;
use crate::tui::overlays::{Acted, Overlay};
use crate::tui::speech::contents::Typed;
use crate::tui::speech::description::Description;
use crate::tui::speech::row::{List, Row};
use crate::tui::ui::dialog::centered;
use domain::text::clean;

impl Overlay for ExportDialog {
    fn context(&self) -> Context {
        Context::Export
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 90, 13)
    }

    fn act(self: Box<Self>, app: &mut App, action: Action) -> Acted {
        act::act(self, app, action)
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        Some(paint::paint(app, self, area, buffer))
    }

    fn input(&mut self) -> Option<&mut Input> {
        Some(&mut self.input)
    }

    fn edited(&mut self) {
        self.changed();
    }

    fn describe<'a>(&'a self, _app: &'a App) -> Description<'a> {
        let format = format!("Format: {}.", self.format.word());
        let keys = "Export. Up and Down choose what, Tab the format; type the name of the file. Enter writes it, and never \
                    over one that is there unasked; Ctrl-Y copies, Esc closes.";
        let gaps = self.gaps.iter().map(|gap| format!("Warning: {}", clean(gap)));
        let choices = List::new(self.choices.len(), self.choice, |at| {
            let choice = self.choices.get(at)?;
            Some(Row::new(at.to_string(), clean(&choice.text)))
        });
        let value = self.input.value();
        let echo = format!("File: {value}.");
        Description {
            key: "export".into(),
            place: [keys.to_owned(), format.clone()].into_iter().chain(gaps).collect(),
            listing: (format.clone(), format),
            typed: Some(Typed { value: value.to_owned(), echo, ..Typed::default() }),
            complaint: self.complaint.clone().unwrap_or_default(),
            ..Description::of_list(String::new(), choices)
        }
    }
}
