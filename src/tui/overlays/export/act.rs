//! The export dialog: what is written, how, and to which file.

use crate::tui::Effect;
use crate::tui::app::log::{Level, capital};
use crate::tui::app::{App, availability};
use crate::tui::export::Format;
use crate::tui::export::write::Refusal;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::Acted;
use crate::tui::overlays::export::state::ExportDialog;
use crate::tui::overlays::export::state::What;
use crate::tui::speech::act::say_copied;

/// A clipboard takes so many bytes through a terminal, mostly.
const COPIED: usize = 64 * 1024;
/// The most rows an export may have.
const ROWS: usize = 2_000;

/// Asks what is to be exported, and where to.
pub(crate) fn open(app: &mut App) -> Vec<Effect> {
    app.settle();
    if let Some(dialog) = app.export_dialog() {
        app.open(dialog);
    } else {
        let text = "There is nothing in view that could be exported.";
        app.log.say(app.now, Level::Warning, text);
    }
    vec![]
}

/// Handles a key in the dialog.
pub(crate) fn act(mut dialog: Box<ExportDialog>, app: &mut App, action: Action) -> Acted {
    let mut effects = vec![];
    match action {
        Action::Back => return (None, vec![]),
        Action::Enter => effects = write(app, &mut dialog),
        Action::Copy => effects = copy(app, &mut dialog),
        Action::NextPane => dialog.turn(1),
        Action::PreviousPane => dialog.turn(-1),
        Action::Up => dialog.choose(dialog.choice.saturating_sub(1)),
        Action::Down => dialog.choose(dialog.choice + 1),
        _ => {}
    }
    (Some(dialog), effects)
}

fn write(app: &mut App, dialog: &mut ExportDialog) -> Vec<Effect> {
    let file = dialog.input.value().trim().to_owned();
    if file.is_empty() {
        dialog.complaint = Some("Type the name of a file.".into());
        return vec![];
    }
    if dialog.writing.is_some() {
        dialog.complaint = Some("It is being written.".into());
        return vec![];
    }
    let Some(export) = app.export(dialog.what()) else { return vec![] };
    app.ticket += 1;
    dialog.writing = Some(app.ticket);
    let overwrite = dialog.over.take().is_some();
    dialog.complaint = None;
    let (format, ticket, export) = (dialog.format, app.ticket, Box::new(export));
    vec![Effect::Export { ticket, export, format, file, overwrite }]
}

/// The file was written, or not.
pub(crate) fn on_exported(app: &mut App, ticket: u32, outcome: Result<String, Refusal>) {
    let waits = app.dialog::<ExportDialog>().is_some_and(|it| it.writing == Some(ticket));
    match outcome {
        Ok(path) => {
            if waits {
                app.overlay = None;
            }
            app.log.say(app.now, Level::Done, format!("Written: {path}"));
        }
        Err(refusal) => {
            let (text, over) = match refusal {
                Refusal::Failed(why) => (format!("{}.", capital(&why)), None),
                Refusal::Exists(path) => {
                    (format!("{path} is there already: Enter again writes over it."), Some(path))
                }
            };
            match app.dialog_mut::<ExportDialog>() {
                Some(dialog) if waits => {
                    (dialog.writing, dialog.over, dialog.complaint) = (None, over, Some(text));
                }
                _ if over.is_some() => {
                    let text = "Nothing was written: there is a file of that name already.";
                    app.log.say(app.now, Level::Warning, text);
                }
                _ => app.log.say(app.now, Level::Error, text),
            }
        }
    }
}

fn copy(app: &mut App, dialog: &mut ExportDialog) -> Vec<Effect> {
    match text(app, dialog) {
        Ok(text) => {
            let what = dialog.choices.get(dialog.choice).map(|it| it.text.clone());
            let what = format!("{} as {}", what.unwrap_or_default(), dialog.format.word());
            say_copied(app, &what);
            vec![Effect::Copy(text)]
        }
        Err(why) => {
            dialog.complaint = Some(why);
            vec![]
        }
    }
}

fn text(app: &App, dialog: &ExportDialog) -> Result<String, String> {
    let rows = dialog.choices.get(dialog.choice).map_or(0, |choice| choice.rows);
    let too_much = || "That is too much for a clipboard: write it to a file.".to_owned();
    if rows > ROWS {
        return Err(too_much());
    }
    let export = app.export(dialog.what());
    let text = export.map(|export| export.text(dialog.format)).unwrap_or_default();
    if text.len() > COPIED { Err(too_much()) } else { Ok(text) }
}

/// Copies the receipt of the operation under the cursor, as one attaches it to a ticket.
pub(crate) fn copy_receipt(app: &mut App, context: Context) -> Vec<Effect> {
    app.settle();
    let Some(mut dialog) = app.export_dialog().filter(|it| it.what() == What::Receipt) else {
        let text = availability::obstacle(app, context, Action::Export);
        let text = text.unwrap_or_else(|| "There is no operation in this list.".to_owned());
        app.log.say(app.now, Level::Warning, text);
        return vec![];
    };
    dialog.format = Format::Markdown;
    let effects = copy(app, &mut dialog);
    if let Some(why) = dialog.complaint {
        let key = app.keys.spoken(Action::Export);
        app.log.say(app.now, Level::Warning, format!("{why} ({key})"));
    }
    effects
}
