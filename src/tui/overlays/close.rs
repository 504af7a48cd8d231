//! The question before a scope with marks or running operations is closed.

#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::overlays::{Acted, Overlay, clouds, question};
use crate::tui::speech::description::Description;
use crate::tui::ui::dialog::centered;
use crate::tui::ui::text;
use engine::SessionId;

/// "Close this scope?"
#[derive(Debug)]
pub(crate) struct Close(pub(crate) SessionId);

impl Overlay for Close {
    fn context(&self) -> Context {
        Context::Close
    }

    fn area(&self, whole: Rect) -> Rect {
        centered(whole, 72, 8)
    }

    /// Both answers lead back to the list of clouds.
    fn act(self: Box<Self>, app: &mut App, action: Action) -> Acted {
        let Self(session) = *self;
        let effects =
            if action == Action::Enter { clouds::act::close(app, session) } else { vec![] };
        let mut picker = Picker::of_clouds(app);
        let at = picker.lines.iter().position(|line| line.session == Some(session));
        if let Some(at) = at {
            picker.go_to_line(at);
        }
        (Some(Box::new(picker)), effects)
    }

    fn paint(&self, app: &App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        let (title, text) = lost(app, self.0);
        question::paint(app, &title, text, (Context::Close, "closes it"), area, buffer);
        None
    }

    fn describe<'a>(&'a self, app: &'a App) -> Description<'a> {
        let (title, text) = lost(app, self.0);
        let answers = "y closes it, Esc or n stays.".into();
        let lines = [title].into_iter().chain(text).chain([answers]).collect();
        Description { key: "close".into(), place: lines, ..Description::default() }
    }
}

/// The question before a scope is closed, and what there is to lose, in sentences.
fn lost(app: &App, session: SessionId) -> (String, Vec<String>) {
    let Some(workspace) = app.workspace_of(session) else { return (String::new(), Vec::new()) };
    let mut text = Vec::new();
    let marks = text::counted(workspace.marks.len(), "mark");
    let images = text::counted(workspace.marks.images().len(), "image");
    match workspace.marks.len() {
        0 => {}
        1 => text.push(format!("{marks} on {images} is lost.")),
        _ => text.push(format!("{marks} on {images} are lost.")),
    }
    match workspace.received.chosen.len() {
        0 => {}
        chosen => text
            .push(format!("The selection of {} is lost.", text::counted(chosen, "received image"))),
    }
    match app.running_at(workspace).count() {
        0 => {}
        1 => {
            text.push(
                "1 operation is still running. It continues, and its end is announced.".into(),
            );
        }
        many => text.push(format!(
            "{} are still running. They go on, and their ends are announced.",
            text::counted(many, "operation")
        )),
    }
    (format!("Close {}?", workspace.label()), text)
}
