//! Choosing, opening, closing and reading a cloud.

use super::{ask, browse};
use crate::domain::{Failure, Limits, Scope};
use crate::engine::{self, CloudChoice, Command, SessionId, Wanted};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::log::capital;
use crate::tui::model::{Desk, Level, Model, Overlay, Phase, Picker, Progress, Target, picker};

/// After the first frame: which clouds are there; and open the one that was named.
pub(crate) fn start(model: &mut Model, named: Target) -> Vec<Effect> {
    let mut effects = ask(Command::ListClouds);
    if named != Target::default() {
        effects.extend(open(model, named));
    }
    effects
}

/// The configured clouds are known.
pub(super) fn on_clouds(
    model: &mut Model,
    choices: &[CloudChoice],
    default: Option<String>,
) -> Vec<Effect> {
    model.clouds = Picker::new(choices);
    if matches!(model.overlay, Overlay::Picker(_)) {
        pick(model);
    }
    if !matches!(model.desk.phase, Phase::Starting) {
        return vec![];
    }
    let only = match choices {
        [only] => Some(only.name.clone()),
        _ => None,
    };
    if let Some(cloud) = default.or(only) {
        return open(model, Target { cloud: Some(cloud), ..Target::default() });
    }
    model.desk.phase = Phase::Choosing;
    pick(model)
}

/// The configuration cannot be used.
pub(super) fn on_no_clouds(model: &mut Model, failure: Failure) {
    if matches!(model.desk.phase, Phase::Starting | Phase::Choosing) {
        model.log.note(model.now, Level::Error, &capital(&failure.to_string()));
        model.desk.phase = Phase::NoClouds(failure);
    } else {
        model.log.fail(model.now, &failure);
    }
}

/// Shows the picker.
pub(super) fn pick(model: &mut Model) -> Vec<Effect> {
    let picker = model.clouds.clone().with(model.desks());
    model.overlay = Overlay::Picker(picker);
    vec![]
}

/// What a key does in the picker.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Overlay::Picker(picker) = &mut model.overlay else { return vec![] };
    let rows = picker.rows();
    match action {
        Action::Back => model.overlay = Overlay::None,
        Action::Enter => {
            let chosen = picker.lines.get(picker.cursor.at).cloned();
            model.overlay = Overlay::None;
            return chosen
                .map(|picker::Line { target, .. }| open(model, target))
                .unwrap_or_default();
        }
        Action::CloseScope => {
            let session = picker.lines.get(picker.cursor.at).and_then(|line| line.session);
            let Some(session) = session else {
                let text = "That scope is not open: there is nothing to close.";
                model.log.say(model.now, Level::Info, text);
                return vec![];
            };
            let effects = close(model, session);
            pick(model);
            return effects;
        }
        action => {
            let at = browse::stepped(&picker.cursor, action, rows.len());
            picker.cursor.go(at, &rows);
        }
    }
    vec![]
}

/// Shows a scope: as it was left where it is open already, else by logging in. What was shown is put aside.
pub(super) fn open(model: &mut Model, target: Target) -> Vec<Effect> {
    if model.desk.is_of(&target) && model.desk.is_alive() {
        return vec![];
    }
    if let Some(at) = model.aside.iter().position(|desk| desk.is_of(&target)) {
        show(model, at);
        return vec![];
    }
    model.sessions += 1;
    let session = SessionId(model.sessions);
    let desk = Desk::new(session, target.clone(), Phase::Connecting(target.clone()));
    put_aside(model, desk);
    let Target { cloud, region, project } = target;
    let target = engine::Target { cloud, region, project, one_time_code: None };
    ask(Command::Open { session, target })
}

/// Shows the desk of a place; false when there is none.
pub(super) fn go_to(model: &mut Model, place: &Scope) -> bool {
    let of_place = |desk: &Desk| desk.scope().is_some_and(|scope| scope.is_same_place(place));
    if of_place(&model.desk) {
        return true;
    }
    let at = model.aside.iter().position(of_place);
    if let Some(at) = at {
        show(model, at);
    }
    at.is_some()
}

/// Shows a desk that was put aside.
fn show(model: &mut Model, at: usize) {
    let desk = model.aside.remove(at);
    put_aside(model, desk);
}

/// Puts another desk in the place of the one that is shown, which is kept if there is anything on it.
fn put_aside(model: &mut Model, desk: Desk) {
    let left = std::mem::replace(&mut model.desk, desk);
    if left.is_alive() {
        model.aside.push(left);
    }
}

/// Leaves a scope for good: the session is closed, and what was read and marked there is forgotten.
pub(super) fn close(model: &mut Model, session: SessionId) -> Vec<Effect> {
    if model.desk.session == session {
        let next = model.aside.pop();
        let next = next.unwrap_or_else(|| Desk::new(session, Target::default(), Phase::Choosing));
        model.desk = next;
    } else {
        model.aside.retain(|desk| desk.session != session);
    }
    model.history.verifying = None;
    ask(Command::Close(session))
}

/// Logged in.
pub(super) fn on_opened(model: &mut Model, scope: Scope, limits: Limits) -> Vec<Effect> {
    if let Some(name) = &scope.project_name {
        let id = scope.project_id.0.raw().to_owned();
        model.names.entry(id).or_insert_with(|| name.to_string());
    }
    model.desk.phase = Phase::Open(crate::tui::model::Place { scope, limits });
    let mut effects = ask(Command::Resume(model.desk.session));
    effects.extend(read(model));
    effects
}

/// The login failed.
pub(super) fn on_not_opened(model: &mut Model, failure: Failure) {
    let target = match &model.desk.phase {
        Phase::Connecting(target) => target.clone(),
        _ => Target::default(),
    };
    model.log.note(model.now, Level::Error, &capital(&failure.to_string()));
    model.desk.phase = Phase::Refused(target, failure);
}

/// Reads everything, again.
pub(super) fn read(model: &mut Model) -> Vec<Effect> {
    model.desk.reading = Some(Progress::default());
    model.desk.images.reading_began();
    ask(Command::Read {
        session: model.desk.session,
        wanted: Wanted::All { received: model.desk.received.read },
    })
}
