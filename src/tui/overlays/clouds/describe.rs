//! What plain mode says of the list of clouds or projects.

use crate::tui::app::workspace::Workspace;
use crate::tui::app::{App, Phase};
use crate::tui::overlays::clouds::paint;
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::speech::description::Description;
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::ui::text::counted;
use domain::text::clean;

/// What is listed.
pub(crate) fn describe<'a>(app: &'a App, dialog: &'a Picker) -> Description<'a> {
    let lines = counted(dialog.lines.len(), if dialog.of.is_some() { "project" } else { "place" });
    let listed = match &dialog.of {
        Some(of) => format!(
            "Projects of {}: {lines}. Enter switches to one, Esc goes back.",
            clean(&of.place)
        ),
        None => format!(
            "Clouds and regions: {lines}. Enter opens one, Space opens it beside, Esc closes."
        ),
    };
    // What was requested came, or could not be listed.
    let of = dialog.of.as_ref().map(|of| (of.session, dialog.lines.len()));
    Description {
        key: format!("picker {of:?}"),
        complaint: dialog.note.clone().unwrap_or_default(),
        nothing: paint::nothing(dialog).unwrap_or_default().to_owned(),
        ..Description::of_list(listed, list(app, dialog))
    }
}

/// The clouds, or the projects of one.
fn list<'a>(app: &'a App, dialog: &'a Picker) -> List<'a> {
    List::new(dialog.lines.len(), dialog.cursor.at, |at| {
        let line = dialog.lines.get(at)?;
        let text =
            |text: Option<&String>| text.map(|it| clean(it).into_owned()).unwrap_or_default();
        let about = clean(&line.about).replace(" · ", ", ").replace("✗ ", "");
        if dialog.of.is_some() {
            let id = text(line.target.project.as_ref());
            let shown = app.scope().is_some_and(|scope| scope.project_id.0.to_string() == id);
            let row = Row::new(id.clone(), about).fact(format!("id {id}"));
            return Some(row.marked(if shown { "shown now" } else { "" }));
        }
        let name = words::listed([
            text(line.target.cloud.as_ref()),
            text(line.target.region.as_ref()),
            paint::project(app, line),
        ]);
        let open = app.workspaces().any(|workspace: &Workspace| {
            Some(workspace.session) == line.session && matches!(workspace.phase, Phase::Open(_))
        });
        let state = match line.session == Some(app.workspace.session) {
            true => "shown now",
            false if open => "open",
            false => "",
        };
        Some(Row::new(format!("{:?}", line.target), name).fact(about).marked(state))
    })
}
