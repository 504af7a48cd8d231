//! Keys of the filter line that are not typed: the same in every view that has one.

use super::{browse, by_member, history, matrix};
use crate::tui::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::{Level, Model, View};

/// Keeps the line, leaves it, brings back an earlier one; everything else moves in the list.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Earlier | Action::Later => recall(model, action),
        Action::Enter => {
            model.remember_filter();
            if let Some(filter) = model.filter_line_mut() {
                filter.keep();
            }
        }
        Action::Back => {
            if let Some(filter) = model.filter_line_mut() {
                filter.leave();
            }
        }
        action => match model.view {
            View::Images | View::Jobs => browse::step(model, action),
            View::Members => by_member::step(model, action),
            View::Matrix => matrix::step(model, action),
            View::History => history::step(model, action),
        },
    }
    vec![]
}

fn recall(model: &mut Model, action: Action) {
    let filters = std::mem::take(&mut model.filters);
    let found = model.filter_line_mut().is_some_and(|line| match action {
        Action::Earlier => line.recall_earlier(&filters),
        _ => line.recall_later(&filters),
    });
    model.filters = filters;
    if !found {
        let which = if action == Action::Earlier { "earlier" } else { "later" };
        model.log.say(model.now, Level::Info, format!("There is no {which} filter."));
    }
}
