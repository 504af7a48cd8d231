//! Keys and pasted text to actions. What no table knows is typed into the text input, where there is one.

use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use crate::tui::Effect;
use crate::tui::app::log::Level;
use crate::tui::app::update::{ask, show};
use crate::tui::app::{App, Phase};
use crate::tui::app::{availability, link, mark_range, marks};
use crate::tui::keys;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays;
use crate::tui::overlays::help::state::HelpPage;
use crate::tui::overlays::quit::Quit;
use crate::tui::overlays::{clouds, commands, export, log};
use crate::tui::speech;
use crate::tui::ui::filter_line;
use crate::tui::views::images;
use domain::text::is_hostile;

/// A key was pressed.
pub(crate) fn on_key(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    app.plain_mode.keys += 1;
    let said = app.log.said;
    let effects = pressed(app, key);
    let covered = app.overlay.is_some();
    let spoke = covered && app.log.said != said;
    let remark = app.log.last().filter(|_| spoke);
    app.remark = remark.map(|(level, text)| (level, text.to_owned()));
    effects
}

fn pressed(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let context = keys::context(app);
    if let Some(action) = keys::action(&app.keys, context, key) {
        return act(app, context, action);
    }
    let typed = edit(app, |input| {
        input.handle_event(&Event::Key(key));
    });
    if !typed && !context.is_typing() {
        let text = availability::unbound(app, key);
        app.log.say(app.now, Level::Info, text);
    }
    vec![]
}

/// Text was pasted: into the text input, where there is one, and never keys.
pub(crate) fn on_paste(app: &mut App, text: &str) -> Vec<Effect> {
    let typed = edit(app, |input| {
        for c in text.chars().filter(|c| !is_hostile(*c)) {
            input.handle(InputRequest::InsertChar(c));
        }
    });
    if !typed {
        let text = "Pasted text was ignored: it goes only where text is typed.";
        app.log.say(app.now, Level::Warning, text);
    }
    vec![]
}

/// Changes the text input with the focus; false when there is none.
fn edit(app: &mut App, change: impl FnOnce(&mut Input)) -> bool {
    let Some(dialog) = &mut app.overlay else {
        return app.filter_line_mut().is_some_and(|filter| filter.edit(change));
    };
    let Some(input) = dialog.input() else { return false };
    change(input);
    dialog.edited();
    true
}

/// Does what a key or a command of a place does; or says why it does nothing.
pub(crate) fn act(app: &mut App, context: Context, action: Action) -> Vec<Effect> {
    app.settle();
    if !goes_with_the_hint(action) {
        app.log.end_hint();
    }
    if action == Action::Back && context.has_ranges() && mark_range::end(app) {
        return vec![];
    }
    match availability::obstacle(app, context, action) {
        Some(_) if action == Action::Back && app.log.dismiss() => vec![],
        Some(why) => {
            match action {
                Action::Back => notify_quietly(app, why),
                action if action.view() == Some(app.view) => notify_quietly(app, why),
                action if action.view().is_some() => app.log.say(app.now, Level::Info, why),
                _ => app.log.say(app.now, Level::Warning, why),
            }
            vec![]
        }
        None => act_freely(app, context, action),
    }
}

/// Reports that a key did nothing: as a message in plain mode, otherwise only in the log.
fn notify_quietly(app: &mut App, text: String) {
    if app.plain_mode.is_on() {
        app.log.say(app.now, Level::Info, text);
    } else {
        app.log.note(app.now, Level::Info, &text);
    }
}

/// The way back ends here.
pub(crate) fn nothing_to_go_back_from(app: &mut App) {
    let quit = app.keys.spoken(Action::Quit);
    notify_quietly(app, format!("Nothing to go back to: {quit} quits."));
}

/// Moving and marking: after any other action the hint for first-time users goes.
fn goes_with_the_hint(action: Action) -> bool {
    use Action::{
        Bottom, Down, FirstColumn, LastColumn, Left, Mark, NextPane, PageDown, PageLeft, PageRight,
        PageUp, PreviousPane, Right, Top, Up,
    };
    matches!(
        action,
        Up | Down | Top | Bottom | PageUp | PageDown | Left | Right | PageLeft | PageRight
    ) || matches!(action, FirstColumn | LastColumn | NextPane | PreviousPane | Mark)
}

fn act_freely(app: &mut App, context: Context, action: Action) -> Vec<Effect> {
    if let Some(view) = action.view() {
        show(app, view);
        return vec![];
    }
    match action {
        Action::Palette => commands::act::open(app, context),
        Action::Theme => commands::act::set_theme(app, app.themes.name.next()),
        Action::Reload => return vec![Effect::Reload { asked: true }],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return quit(app, context),
        Action::Help => app.open(HelpPage::new(context)),
        Action::Log => log::open(app),
        Action::Where => speech::act::say_where(app),
        Action::ReadOn => return speech::act::read_on(app, context),
        Action::Clouds => clouds::act::pick(app),
        Action::Export => return export::act::open(app),
        Action::CopyReceipt => return export::act::copy_receipt(app, context),
        Action::Together => return images::act::toggle_all_scopes(app),
        action @ (Action::SavedFilter | Action::SaveFilter | Action::ForgetFilter) => {
            commands::act::open_for(app, context, action);
        }
        Action::Refresh => return refresh(app, context),
        Action::HideJobs => hide_jobs(app),
        Action::Undo if context.has_marks() => return marks::undo(app),
        Action::Range => mark_range::toggle(app),
        Action::CopyLink => return link::copy(app),
        action if context.has_marks() && action.changes_marks() => {
            return marks::changing(app, |app| in_context(app, context, action));
        }
        action => return in_context(app, context, action),
    }
    vec![]
}

pub(crate) fn in_context(app: &mut App, context: Context, action: Action) -> Vec<Effect> {
    if app.overlay.is_some() {
        return overlays::act(app, action);
    }
    if action == Action::Mark
        && context.has_ranges()
        && let Some(rows) = app.range()
    {
        return mark_range::mark(app, context, rows);
    }
    match context {
        Context::Images
        | Context::Members
        | Context::Received
        | Context::ByMember
        | Context::Reached
        | Context::Matrix
        | Context::Jobs
        | Context::History
        | Context::Waiting => app.shown_view().act(app, context, action),
        Context::Filter => filter_line::act::act(app, action),
        // A dialog that the list of commands has replaced.
        _ => vec![],
    }
}

/// Asks first while something runs; the second Ctrl-C does not ask.
fn quit(app: &mut App, context: Context) -> Vec<Effect> {
    if app.jobs.open().next().is_none() || context == Context::Quit {
        return vec![Effect::Quit];
    }
    app.open(Quit);
    vec![]
}

fn refresh(app: &mut App, context: Context) -> Vec<Effect> {
    match app.overlay {
        Some(_) => overlays::act(app, Action::Refresh),
        None => app.shown_view().refresh(app, context),
    }
}

impl App {
    /// Reads again what is open; logs in again where that is what is missing.
    pub(crate) fn log_in_or_read_again(&mut self) -> Vec<Effect> {
        match &self.workspace.phase {
            Phase::Open(_) if self.workspace.needs_login() => clouds::act::again(self),
            Phase::Open(_) => clouds::act::read(self),
            Phase::Refused(..) => clouds::act::again(self),
            Phase::NoClouds(_) => {
                self.workspace.phase = Phase::Starting;
                ask(engine::Command::ListClouds)
            }
            _ => vec![],
        }
    }
}

fn hide_jobs(app: &mut App) {
    if app.jobs.open().next().is_some() {
        let text = "The jobs pane stays while operations run.";
        app.log.say(app.now, Level::Warning, text);
    } else {
        app.jobs.hidden = !app.jobs.hidden;
    }
}

/// The scroll position of a text after an action; `settle` limits it to the end.
pub(crate) fn scrolled(scroll: usize, action: Action, page: usize) -> usize {
    match action {
        Action::Up => scroll.saturating_sub(1),
        Action::Down => scroll.saturating_add(1),
        Action::PageUp => scroll.saturating_sub(page),
        Action::PageDown => scroll.saturating_add(page),
        Action::Top => 0,
        Action::Bottom => usize::MAX,
        _ => scroll,
    }
}
