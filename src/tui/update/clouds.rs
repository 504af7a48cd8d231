//! Choosing, opening, closing and reading a cloud.

use std::collections::HashSet;

use super::{ask, browse};
use crate::domain::{Failure, Inventory, Limits, Scope};
use crate::engine::{self, CloudChoice, Command, SessionId, Wanted};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::log::capital;
use crate::tui::model::{Images, Level, Members, Model, Overlay, Phase, Picker, Received, Target};
use crate::tui::model::{Progress, picker};
use crate::tui::view::cells::counted;

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
    if !matches!(model.phase, Phase::Starting) {
        return vec![];
    }
    let only = match choices {
        [only] => Some(only.name.clone()),
        _ => None,
    };
    if let Some(cloud) = default.or(only) {
        return open(model, Target { cloud: Some(cloud), region: None });
    }
    model.phase = Phase::Choosing;
    pick(model)
}

/// The configuration cannot be used.
pub(super) fn on_no_clouds(model: &mut Model, failure: Failure) {
    if matches!(model.phase, Phase::Starting | Phase::Choosing) {
        model.log.note(model.now, Level::Error, &capital(&failure.to_string()));
        model.phase = Phase::NoClouds(failure);
    } else {
        model.log.fail(model.now, &failure);
    }
}

/// Shows the picker.
pub(super) fn pick(model: &mut Model) -> Vec<Effect> {
    let open = match &model.phase {
        Phase::Open(place) => Some(Target {
            cloud: Some(place.scope.cloud.clone()),
            region: place.scope.region.clone(),
        }),
        Phase::Connecting(target) | Phase::Refused(target, _) => Some(target.clone()),
        _ => None,
    };
    model.overlay = Overlay::Picker(model.clouds.clone().at(open.as_ref()));
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
        action => {
            let at = browse::stepped(&picker.cursor, action, rows.len());
            picker.cursor.go(at, &rows);
        }
    }
    vec![]
}

/// Leaves what is open, and logs in elsewhere.
pub(super) fn open(model: &mut Model, target: Target) -> Vec<Effect> {
    let left = model.session;
    let was_open = matches!(model.phase, Phase::Open(_) | Phase::Connecting(_));
    if !model.marks.is_empty() {
        let text = format!("{} left behind with the cloud.", counted(model.marks.len(), "mark"));
        model.log.say(model.now, Level::Warning, text);
    }
    model.session = SessionId(left.0 + 1);
    model.inventory = Inventory::default();
    model.marks.clear();
    (model.images, model.members) = (Images::default(), Members::default());
    model.received = Received::default();
    (model.reading, model.read_at, model.vanished) = (None, None, 0);
    (model.incomplete, model.unreadable) = (false, HashSet::new());
    model.history.verifying = None;
    model.phase = Phase::Connecting(target.clone());
    let target =
        engine::Target { cloud: target.cloud, region: target.region, ..engine::Target::default() };
    let mut effects = if was_open { ask(Command::Close(left)) } else { vec![] };
    effects.extend(ask(Command::Open { session: model.session, target }));
    effects
}

/// Logged in.
pub(super) fn on_opened(model: &mut Model, scope: Scope, limits: Limits) -> Vec<Effect> {
    if let Some(name) = &scope.project_name {
        let id = scope.project_id.0.raw().to_owned();
        model.names.entry(id).or_insert_with(|| name.to_string());
    }
    model.phase = Phase::Open(crate::tui::model::Place { scope, limits });
    let mut effects = ask(Command::Resume(model.session));
    effects.extend(read(model));
    effects
}

/// The login failed.
pub(super) fn on_not_opened(model: &mut Model, failure: Failure) {
    let target = match &model.phase {
        Phase::Connecting(target) => target.clone(),
        _ => Target::default(),
    };
    model.log.note(model.now, Level::Error, &capital(&failure.to_string()));
    model.phase = Phase::Refused(target, failure);
}

/// Reads everything, again.
pub(super) fn read(model: &mut Model) -> Vec<Effect> {
    model.reading = Some(Progress::default());
    model.images.reading_began();
    ask(Command::Read {
        session: model.session,
        wanted: Wanted::All { received: model.received.read },
    })
}
