//! What fills the screen while no cloud is open: starting, choosing, connecting, and why it did not work.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::cells;
use super::table;
use crate::domain::Failure;
use crate::tui::keymap::Action;
use crate::tui::model::log::capital;
use crate::tui::model::{Model, Phase};

/// Paints it.
pub(crate) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) {
    let inner = table::pane(buffer, area, "Images", true, model.theme);
    let inner = Rect { x: inner.x + 2, width: inner.width.saturating_sub(4), ..inner };
    let mut y = inner.y + 1;
    for (text, style) in paragraphs(model) {
        for line in cells::wrap(&text, usize::from(inner.width)) {
            if y < inner.bottom() {
                buffer.set_stringn(inner.x, y, &line, usize::from(inner.width), style);
                y += 1;
            }
        }
        y += 1;
    }
}

/// What there is to say.
pub(crate) fn paragraphs(model: &Model) -> Vec<(String, Style)> {
    let theme = model.theme;
    let [again, clouds, quit] =
        [Action::Refresh, Action::Clouds, Action::Quit].map(|action| model.keys.spoken(action));
    match &model.workspace.phase {
        Phase::Starting => vec![(format!("{} Starting…", model.spinner()), theme.text())],
        Phase::Choosing => vec![(
            format!(
                "No cloud is open. {clouds} shows the clouds that are configured, {quit} quits."
            ),
            theme.text(),
        )],
        Phase::Connecting(target) => {
            vec![
                (format!("{} Connecting to {}…", model.spinner(), target.label()), theme.text()),
                (format!("{clouds} chooses another cloud, {quit} quits."), theme.dim()),
            ]
        }
        Phase::NoClouds(failure) => failed(
            model,
            "No cloud can be opened",
            failure,
            &format!("{again} reads the configuration again, {quit} quits."),
        ),
        Phase::Refused(target, failure) => {
            let what = format!("{} could not be opened", target.label());
            let way_out =
                format!("{again} tries again, {clouds} chooses another cloud, {quit} quits.");
            failed(model, &what, failure, &way_out)
        }
        Phase::Open(_) => Vec::new(),
    }
}

fn failed(model: &Model, what: &str, failure: &Failure, way_out: &str) -> Vec<(String, Style)> {
    let theme = model.theme;
    let why = format!("cannot {}: {}", failure.what, failure.why);
    let mut out = vec![(format!("✗ {what}."), theme.bad()), (capital(&why) + ".", theme.text())];
    if let Some(hint) = &failure.hint {
        out.push((format!("What to do: {hint}."), theme.text()));
    }
    if let Some(id) = &failure.request_id {
        out.push((format!("The cloud's id of the request: {id}"), theme.dim()));
    }
    out.push((way_out.to_owned(), theme.dim()));
    out
}
