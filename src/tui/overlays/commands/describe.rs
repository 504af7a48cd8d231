//! What plain mode says of the list of commands.

use crate::tui::app::App;
use crate::tui::keys::Binding;
use crate::tui::overlays::commands::state::{Entry, Palette};
use crate::tui::speech::contents::Typed;
use crate::tui::speech::description::Description;
use crate::tui::speech::row::{List, Row};
use crate::tui::ui::text::counted;
use domain::text::clean;

/// The question and the text input.
pub(crate) fn describe<'a>(app: &'a App, dialog: &'a Palette) -> Description<'a> {
    let works = dialog.fitting.iter().filter(|entry| entry.why_not.is_none()).count();
    let asked = format!(
        "Commands: {works} can be done here. Type letters of one; Up and Down choose, Ctrl-O reads the list, Tab completes, \
         Enter runs it, Esc closes."
    );
    let value = dialog.input.value();
    let echo = format!("{value}: {}.", counted(dialog.fitting.len(), "command"));
    Description {
        key: "palette".into(),
        typed: Some(Typed { value: value.to_owned(), echo, ..Typed::default() }),
        complaint: dialog.complaint.clone().unwrap_or_default(),
        nothing: "No command fits that.".into(),
        ..Description::of_list(asked, commands(app, dialog))
    }
}

/// Those that fit.
fn commands<'a>(app: &'a App, dialog: &'a Palette) -> List<'a> {
    List::new(dialog.fitting.len(), dialog.cursor.at, |at| {
        Some(command(app, dialog, dialog.fitting.get(at)?))
    })
}

fn command(app: &App, dialog: &Palette, entry: &Entry) -> Row {
    let takes = entry.action.takes().filter(|_| entry.argument.is_none());
    let takes = takes.map(|takes| format!(" with {}", takes.to_lowercase())).unwrap_or_default();
    let name = format!("{}{takes}", clean(&entry.line()));
    let here = |row: &&Binding| row.action == entry.action && row.contexts.contains(&dialog.here);
    let keys = app.keys.iter().filter(here).flat_map(|row| row.keys.iter());
    let keys: Vec<String> = keys.map(|key| app.keys.name(*key)).collect();
    let key = if keys.is_empty() || entry.argument.is_some() {
        String::new()
    } else {
        format!("key {}", keys.join(" or "))
    };
    let row = Row::new(entry.line(), name).fact(key).fact(clean(&entry.help));
    entry.why_not.as_ref().map_or(row.clone(), |why| row.fact(clean(why)))
}
