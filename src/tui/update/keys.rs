//! Keys and pasted text to actions. What no table knows is typed into the text input, where there is one.

use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};

use super::{
    ask, availability, browse, by_member, clouds, export, filter_line, history, jobs, link,
    listening, marks, matrix, palette, plan, range, sharing, show,
};
use crate::domain::text::is_hostile;
use crate::tui::Effect;
use crate::tui::keymap::{self, Action, Context};
use crate::tui::model::{HelpPage, Level, Model, Overlay, Phase};

/// A key was pressed.
pub(super) fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    model.listener.keys += 1;
    let said = model.log.said;
    let effects = pressed(model, key);
    let covered = !matches!(model.overlay, Overlay::None);
    let spoke = covered && model.log.said != said;
    let remark = model.log.last().filter(|_| spoke);
    model.remark = remark.map(|(level, text)| (level, text.to_owned()));
    effects
}

fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let context = keymap::context(model);
    if let Some(action) = keymap::action(&model.keys, context, key) {
        return act(model, context, action);
    }
    let typed = edit(model, |input| {
        input.handle_event(&Event::Key(key));
    });
    if !typed && !context.is_typing() {
        let text = availability::unbound(model, key);
        model.log.say(model.now, Level::Info, text);
    }
    vec![]
}

/// Text was pasted: into the text input, where there is one, and never keys.
pub(super) fn on_paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let typed = edit(model, |input| {
        for c in text.chars().filter(|c| !is_hostile(*c)) {
            input.handle(InputRequest::InsertChar(c));
        }
    });
    if !typed {
        let text = "Pasted text was ignored: it goes only where text is typed.";
        model.log.say(model.now, Level::Warning, text);
    }
    vec![]
}

/// Changes the text input with the focus; false when there is none.
fn edit(model: &mut Model, change: impl FnOnce(&mut Input)) -> bool {
    match &mut model.overlay {
        Overlay::Plan(dialog) => {
            dialog.complaint = None;
            change(if dialog.naming { &mut dialog.cloud } else { &mut dialog.count });
            true
        }
        Overlay::Code(dialog) => {
            dialog.complaint.clear();
            change(&mut dialog.input);
            true
        }
        Overlay::Share(dialog) => {
            change(&mut dialog.input);
            dialog.changed();
            true
        }
        Overlay::Export(dialog) => {
            change(&mut dialog.input);
            dialog.changed();
            true
        }
        Overlay::Palette(palette) => {
            change(&mut palette.input);
            palette.changed();
            true
        }
        Overlay::Help(page) if page.typing => {
            change(&mut page.search);
            page.scroll = 0;
            true
        }
        Overlay::None => model.filter_line_mut().is_some_and(|filter| filter.edit(change)),
        _ => false,
    }
}

/// Does what a key or a command of a place does; or says why it does nothing.
pub(super) fn act(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    model.settle();
    if !goes_with_the_hint(action) {
        model.log.end_hint();
    }
    if action == Action::Back && context.has_ranges() && range::end(model) {
        return vec![];
    }
    match availability::obstacle(model, context, action) {
        Some(_) if action == Action::Back && model.log.put_away() => vec![],
        Some(why) => {
            match action {
                Action::Back => say_softly(model, why),
                Action::Show(view) if view == model.view => say_softly(model, why),
                Action::Show(_) => model.log.say(model.now, Level::Info, why),
                _ => model.log.say(model.now, Level::Warning, why),
            }
            vec![]
        }
        None => act_freely(model, context, action),
    }
}

/// Says what nobody has to be told who sees that nothing happens: aloud to who listens, else only to the log.
fn say_softly(model: &mut Model, text: String) {
    if model.listener.listens() {
        model.log.say(model.now, Level::Info, text);
    } else {
        model.log.note(model.now, Level::Info, &text);
    }
}

/// The way back ends here.
pub(super) fn nothing_to_go_back_from(model: &mut Model) {
    let quit = model.keys.spoken(Action::Quit);
    say_softly(model, format!("There is nothing to go back from here: {quit} quits."));
}

/// Looking around and marking: the first steps. After anything else nobody has to be told them.
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

fn act_freely(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    match action {
        Action::Palette => return palette::open(model, context),
        Action::Theme => palette::set_theme(model, model.themes.name.next()),
        Action::Reload => return vec![Effect::Reload { asked: true }],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Quit => return quit(model, context),
        Action::Help => model.overlay = Overlay::Help(Box::new(HelpPage::new(context))),
        Action::Log => {
            model.log.unseen = 0;
            model.overlay = Overlay::Log { scroll: 0 };
        }
        Action::Show(view) => show(model, view),
        Action::Where => listening::say_where(model),
        Action::ReadOn => return listening::read_on(model, context),
        Action::Clouds => return clouds::pick(model),
        Action::Export => return export::open(model),
        Action::CopyReceipt => return export::copy_receipt(model, context),
        Action::Together => return browse::toggle_together(model),
        action @ (Action::SavedFilter | Action::SaveFilter | Action::ForgetFilter) => {
            return palette::open_for(model, context, action);
        }
        Action::Refresh => return refresh(model, context),
        Action::HideJobs => hide_jobs(model),
        Action::Undo if context.has_marks() => return marks::undo(model),
        Action::Range => range::toggle(model),
        Action::CopyLink => return link::copy(model),
        action if context.has_marks() && action.changes_marks() => {
            return marks::changing(model, |model| in_context(model, context, action));
        }
        action => return in_context(model, context, action),
    }
    vec![]
}

pub(super) fn in_context(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    if action == Action::Mark
        && context.has_ranges()
        && let Some(rows) = model.range()
    {
        return range::mark(model, context, rows);
    }
    match context {
        Context::Images | Context::Members => match action {
            Action::Revoke => plan::open(model),
            Action::Share => sharing::open(model),
            Action::ShowReceived => sharing::toggle_received(model),
            Action::Mark | Action::MarkAll | Action::Invert | Action::ClearMarks => {
                marks::act(model, context, action)
            }
            action => browse::act(model, action),
        },
        Context::Received => match action {
            Action::ShowReceived => sharing::toggle_received(model),
            action => sharing::act_on_received(model, action)
                .unwrap_or_else(|| browse::act(model, action)),
        },
        Context::ByMember if action == Action::Share => sharing::open_member(model),
        Context::Reached if action == Action::Share => sharing::open_reached(model),
        Context::ByMember | Context::Reached => by_member::act(model, action),
        Context::Share => sharing::act(model, action),
        Context::Export => export::act(model, action),
        Context::History => history::act(model, action),
        Context::Help => help(model, action),
        Context::Filter if matches!(model.overlay, Overlay::Help(_)) => help(model, action),
        Context::Palette => palette::act(model, action),
        Context::Filter => filter_line::act(model, action),
        Context::Matrix if action == Action::Revoke => plan::open(model),
        Context::Matrix if action == Action::Share => sharing::open_cell(model),
        Context::Matrix => matrix::act(model, action),
        Context::Jobs => jobs::act(model, action),
        Context::Plan => plan::act(model, action),
        Context::Picker => clouds::act(model, action),
        Context::Code => clouds::act_on_code(model, action),
        Context::Reading => read(model, action),
        Context::Close => clouds::act_on_close(model, action),
        Context::Quit => match action {
            Action::Enter => vec![Effect::Quit],
            _ => close(model),
        },
        Context::Waiting => vec![],
    }
}

/// Asks first while something runs; the second Ctrl-C does not ask.
fn quit(model: &mut Model, context: Context) -> Vec<Effect> {
    if model.jobs.open().next().is_none() || context == Context::Quit {
        return vec![Effect::Quit];
    }
    model.overlay = Overlay::Quit;
    vec![]
}

fn close(model: &mut Model) -> Vec<Effect> {
    model.overlay = Overlay::None;
    vec![]
}

fn refresh(model: &mut Model, context: Context) -> Vec<Effect> {
    match (&model.workspace.phase, context) {
        (_, Context::History) => history::act(model, Action::Refresh),
        (_, Context::Picker) => clouds::act(model, Action::Refresh),
        (Phase::Open(_), _) if model.workspace.needs_login() => clouds::again(model),
        (Phase::Open(_), Context::Reached) => by_member::reread(model),
        (Phase::Open(_), Context::Members) => browse::reread(model),
        (Phase::Open(_), _) => clouds::read(model),
        (Phase::Refused(..), _) => clouds::again(model),
        (Phase::NoClouds(_), _) => {
            model.workspace.phase = Phase::Starting;
            ask(crate::engine::Command::ListClouds)
        }
        _ => vec![],
    }
}

fn hide_jobs(model: &mut Model) {
    if model.jobs.open().next().is_some() {
        let text = "The jobs pane stays while something runs.";
        model.log.say(model.now, Level::Warning, text);
    } else {
        model.jobs.hidden = !model.jobs.hidden;
    }
}

/// What a key does in the help. Back goes out of the search first.
fn help(model: &mut Model, action: Action) -> Vec<Effect> {
    let Overlay::Help(page) = &mut model.overlay else { return vec![] };
    match action {
        Action::Filter => page.typing = true,
        Action::Enter => page.typing = false,
        Action::Back if page.typing || !page.search.value().is_empty() => {
            page.typing = false;
            page.search.reset();
        }
        action => return read(model, action),
    }
    vec![]
}

fn read(model: &mut Model, action: Action) -> Vec<Effect> {
    if action == Action::Back {
        return close(model);
    }
    let page = usize::from(model.size.height / 2);
    if let Some(scroll) = model.scroll() {
        *scroll = scrolled(*scroll, action, page);
    }
    model.settle_overlay();
    vec![]
}

/// Where a text stands after an action; the end is found when it is settled.
pub(super) fn scrolled(scroll: usize, action: Action, page: usize) -> usize {
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

/// The wheel over a dialog: like the keys up and down there.
pub(super) fn scroll(model: &mut Model, action: Action) {
    let context = keymap::context(model);
    if matches!(
        context,
        Context::Plan
            | Context::Share
            | Context::Picker
            | Context::Reading
            | Context::Help
            | Context::Palette
    ) {
        in_context(model, context, action);
    }
}

/// The wheel over the Jobs view.
pub(super) fn scroll_jobs(model: &mut Model, action: Action) {
    jobs::act(model, action);
}
