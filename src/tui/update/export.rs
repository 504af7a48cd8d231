//! The export dialog: what is written, how, and to which file.

use super::availability;
use super::listening::say_copied;
use crate::tui::Effect;
use crate::tui::export::{Format, Refusal};
use crate::tui::keymap::{Action, Context};
use crate::tui::model::export::What;
use crate::tui::model::log::capital;
use crate::tui::model::{ExportDialog, Level, Model, Overlay};

/// A clipboard takes so many bytes through a terminal, mostly.
const COPIED: usize = 64 * 1024;
/// With more rows than this nobody tries.
const ROWS: usize = 2_000;

/// Asks what is to be exported, and where to.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.settle();
    if let Some(dialog) = model.export_dialog() {
        model.overlay = Overlay::Export(Box::new(dialog));
    } else {
        let text = "There is nothing in view that could be exported.";
        model.log.say(model.now, Level::Warning, text);
    }
    vec![]
}

/// What a key does in the dialog. What is not put back is closed.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Overlay::Export(mut dialog) = std::mem::take(&mut model.overlay) else { return vec![] };
    let mut effects = vec![];
    match action {
        Action::Back => return vec![],
        Action::Enter => effects = write(model, &mut dialog),
        Action::Copy => effects = copy(model, &mut dialog),
        Action::NextPane => dialog.turn(1),
        Action::PreviousPane => dialog.turn(-1),
        Action::Up => dialog.choose(dialog.choice.saturating_sub(1)),
        Action::Down => dialog.choose(dialog.choice + 1),
        _ => {}
    }
    model.overlay = Overlay::Export(dialog);
    effects
}

fn write(model: &mut Model, dialog: &mut ExportDialog) -> Vec<Effect> {
    let file = dialog.input.value().trim().to_owned();
    if file.is_empty() {
        dialog.complaint = Some("Type the name of a file.".into());
        return vec![];
    }
    if dialog.writing.is_some() {
        dialog.complaint = Some("It is being written.".into());
        return vec![];
    }
    let Some(export) = model.export(dialog.what(), dialog.format) else { return vec![] };
    model.ticket += 1;
    dialog.writing = Some(model.ticket);
    let overwrite = dialog.over.take().is_some();
    dialog.complaint = None;
    let (format, ticket, export) = (dialog.format, model.ticket, Box::new(export));
    vec![Effect::Export { ticket, export, format, file, overwrite }]
}

/// The file was written, or not.
pub(super) fn on_exported(model: &mut Model, ticket: u32, outcome: Result<String, Refusal>) {
    let waits = matches!(&model.overlay, Overlay::Export(it) if it.writing == Some(ticket));
    match outcome {
        Ok(path) => {
            if waits {
                model.overlay = Overlay::None;
            }
            model.log.say(model.now, Level::Done, format!("Written: {path}"));
        }
        Err(refusal) => {
            let (text, over) = match refusal {
                Refusal::Failed(why) => (format!("{}.", capital(&why)), None),
                Refusal::Exists(path) => {
                    (format!("{path} is there already: Enter again writes over it."), Some(path))
                }
            };
            match &mut model.overlay {
                Overlay::Export(dialog) if waits => {
                    (dialog.writing, dialog.over, dialog.complaint) = (None, over, Some(text));
                }
                _ if over.is_some() => {
                    let text = "Nothing was written: there is a file of that name already.";
                    model.log.say(model.now, Level::Warning, text);
                }
                _ => model.log.say(model.now, Level::Error, text),
            }
        }
    }
}

fn copy(model: &mut Model, dialog: &mut ExportDialog) -> Vec<Effect> {
    match text(model, dialog) {
        Ok(text) => {
            let what = dialog.choices.get(dialog.choice).map(|it| it.text.clone());
            let what = format!("{} as {}", what.unwrap_or_default(), dialog.format.word());
            say_copied(model, &what);
            vec![Effect::Copy(text)]
        }
        Err(why) => {
            dialog.complaint = Some(why);
            vec![]
        }
    }
}

fn text(model: &Model, dialog: &ExportDialog) -> Result<String, String> {
    let rows = dialog.choices.get(dialog.choice).map_or(0, |choice| choice.rows);
    let too_much = || "That is too much for a clipboard: write it to a file.".to_owned();
    if rows > ROWS {
        return Err(too_much());
    }
    let export = model.export(dialog.what(), dialog.format);
    let text = export.map(|export| export.text(dialog.format)).unwrap_or_default();
    if text.len() > COPIED { Err(too_much()) } else { Ok(text) }
}

/// Copies the receipt of the operation under the cursor, as one attaches it to a ticket.
pub(super) fn copy_receipt(model: &mut Model, context: Context) -> Vec<Effect> {
    model.settle();
    let Some(mut dialog) = model.export_dialog().filter(|it| it.what() == What::Receipt) else {
        let text = availability::obstacle(model, context, Action::Export);
        let text = text.unwrap_or_else(|| "There is no operation in this list.".to_owned());
        model.log.say(model.now, Level::Warning, text);
        return vec![];
    };
    dialog.format = Format::Markdown;
    let effects = copy(model, &mut dialog);
    if let Some(why) = dialog.complaint {
        let key = model.keys.spoken(Action::Export);
        model.log.say(model.now, Level::Warning, format!("{why} ({key})"));
    }
    effects
}
