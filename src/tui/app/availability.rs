//! Why an action does nothing here and now. The keys and the list of commands say the same.

#[cfg(test)]
mod tests;

use crossterm::event::KeyCode;
use strum::IntoEnumIterator;

use crate::tui::app::link;
use crate::tui::app::workspace::Login;
use crate::tui::app::{App, Phase};
use crate::tui::keys;
use crate::tui::keys::{Action, Context};
use crate::tui::ui::filter_line::FilterLine;

/// Why an action of this place does nothing now; `None` when it does something, or says itself why not.
pub(crate) fn obstacle(app: &App, here: Context, action: Action) -> Option<String> {
    let keys = &app.keys;
    let why = match (here, action) {
        (_, Action::CopyLink) => return link::obstacle(app),
        (_, action) if action.view() == Some(app.view) && app.overlay.is_none() => {
            "That view is shown already."
        }
        (_, Action::ViewMembers | Action::ViewMatrix)
            if !matches!(app.workspace.phase, Phase::Open(_)) =>
        {
            "No cloud is open: no images to show. Views 4 and 5 work without one."
        }
        (_, Action::HideJobs) if app.jobs.operations.is_empty() => {
            "No jobs pane to hide: no operations yet."
        }
        (_, Action::SavedFilter) if app.saved.all().next().is_none() => {
            "No filter is saved: `:save-filter NAME` saves the one that is set, and [filters] in config.toml names more."
        }
        (_, Action::SaveFilter) if !app.filter_line().is_some_and(FilterLine::is_set) => {
            return Some(format!("No filter is set: {} sets one.", keys.spoken(Action::Filter)));
        }
        (_, Action::ForgetFilter) if app.saved.kept().is_empty() => "No filter was saved here.",
        (_, Action::Refresh)
            if app.workspace.login == Login::Renewing
                && !matches!(here, Context::History | Context::Picker) =>
        {
            "Already logging in."
        }
        _ => {
            let dialog = app.overlay.as_ref().filter(|dialog| dialog.context() == here);
            if let Some(dialog) = dialog {
                return dialog.unavailable(app, action);
            }
            let view = app.shown_view();
            return if here == view.context(app) {
                view.unavailable(app, here, action)
            } else {
                None
            };
        }
    };
    Some(why.to_owned())
}

/// Where an action works, when it does not here.
pub(crate) fn elsewhere(app: &App, action: Action) -> String {
    let rows = app.keys.iter().filter(|row| row.action == action);
    let mut places: Vec<&str> = Vec::new();
    for context in rows.flat_map(|row| row.contexts.iter()) {
        if !places.contains(&context.place()) {
            places.push(context.place());
        }
    }
    places.truncate(3);
    format!("Not here: it works {}.", places.join(", "))
}

/// What is to be said about a key that means nothing here.
pub(crate) fn unbound(app: &App, key: crossterm::event::KeyEvent) -> String {
    let written = app.keys.name((key.code, key.modifiers));
    let help = app.keys.spoken(Action::Help);
    let elsewhere_it_means = Context::iter().find_map(|context| {
        let action = keys::action(&app.keys, context, key)?;
        Some((action, context.place()))
            .filter(|_| !context.is_typing())
            .filter(|_| !matches!(context, Context::Close | Context::Quit))
    });
    match elsewhere_it_means {
        Some((action, place)) => {
            format!(
                "{written} is `{}`, {place}. {help} lists the keys of this place.",
                action.word()
            )
        }
        None if is_of_another_script(key.code) => format!(
            "{written} is not bound here. Keys are Latin letters: switch the keyboard layout, or bind {written} in \
             `[keys]`. {help} lists all keys."
        ),
        None => format!("{written} is not bound here. {help} lists all keys."),
    }
}

/// Whether the keyboard may have another layout than the user thinks.
fn is_of_another_script(key: KeyCode) -> bool {
    matches!(key, KeyCode::Char(c) if c.is_alphabetic() && !c.is_ascii())
}

impl App {
    /// What is to be done before something can be revoked.
    pub(crate) fn nothing_marked(&self) -> String {
        let mark = self.keys.spoken(Action::Mark);
        format!("Nothing is marked: {mark} marks a share, or all shares of an image.")
    }
}
