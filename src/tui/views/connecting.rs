//! Shown while no cloud is open: starting, selecting, connecting, and why it failed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::Effect;
use crate::tui::app::log::capital;
use crate::tui::app::{App, Phase};
use crate::tui::keys::Action;
use crate::tui::keys::Context;
use crate::tui::speech::description::Description;
use crate::tui::speech::words;
use crate::tui::ui::table;
use crate::tui::ui::text;
use crate::tui::views::View;
use domain::Failure;

/// Replaces the views that need a cloud, while none is open.
pub(crate) struct Connecting;

impl View for Connecting {
    fn context(&self, _app: &App) -> Context {
        Context::Waiting
    }

    fn unavailable(&self, app: &App, _here: Context, action: Action) -> Option<String> {
        let why = match (action, &app.workspace.phase) {
            (Action::Refresh, Phase::Starting) => "Already starting.",
            (Action::Refresh, Phase::Connecting(_)) => "Already connecting.",
            (Action::Refresh, Phase::Choosing) => "No cloud is open: nothing to read again.",
            _ => return None,
        };
        Some(why.into())
    }

    fn act(&self, _app: &mut App, _here: Context, _action: Action) -> Vec<Effect> {
        vec![]
    }

    fn step(&self, _app: &mut App, _action: Action) {}

    fn settle(&self, _app: &mut App, _main: Rect) {}

    fn paint(&self, app: &App, main: Rect, buffer: &mut Buffer) {
        paint(app, main, buffer);
    }

    fn describe<'a>(&self, app: &'a App) -> Description<'a> {
        let said = paragraphs(app);
        let place: Vec<String> = said.iter().map(|(text, _)| words::unsigned(app, text)).collect();
        Description { key: place.join(" "), place, ..Description::default() }
    }
}

fn paint(app: &App, area: Rect, buffer: &mut Buffer) {
    let inner = table::pane(buffer, area, "Images", true, app.theme);
    let inner = Rect { x: inner.x + 2, width: inner.width.saturating_sub(4), ..inner };
    let mut y = inner.y + 1;
    for (text, style) in paragraphs(app) {
        for line in text::wrap(&text, usize::from(inner.width)) {
            if y < inner.bottom() {
                buffer.set_stringn(inner.x, y, &line, usize::from(inner.width), style);
                y += 1;
            }
        }
        y += 1;
    }
}

/// The text shown.
fn paragraphs(app: &App) -> Vec<(String, Style)> {
    let theme = app.theme;
    let [again, clouds, quit] =
        [Action::Refresh, Action::Clouds, Action::Quit].map(|action| app.keys.spoken(action));
    match &app.workspace.phase {
        Phase::Starting => vec![(format!("{} Starting…", app.spinner()), theme.text())],
        Phase::Choosing => vec![(
            format!(
                "No cloud is open. {clouds} shows the clouds that are configured, {quit} quits."
            ),
            theme.text(),
        )],
        Phase::Connecting(target) => {
            vec![
                (format!("{} Connecting to {}…", app.spinner(), target.label()), theme.text()),
                (format!("{clouds} chooses another cloud, {quit} quits."), theme.dim()),
            ]
        }
        Phase::NoClouds(failure) => failed(
            app,
            "No cloud can be opened",
            failure,
            &format!("{again} reads the configuration again, {quit} quits."),
        ),
        Phase::Refused(target, failure) => {
            let what = format!("{} could not be opened", target.label());
            let way_out =
                format!("{again} tries again, {clouds} chooses another cloud, {quit} quits.");
            failed(app, &what, failure, &way_out)
        }
        Phase::Open(_) => Vec::new(),
    }
}

fn failed(app: &App, what: &str, failure: &Failure, way_out: &str) -> Vec<(String, Style)> {
    let theme = app.theme;
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
