//! The first two lines: scope and counts; tabs and marks.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;

use crate::tui::app::workspace::{Login, Workspace};
use crate::tui::app::{App, Phase};
use crate::tui::keys::Action;
use crate::tui::ui::{table, text};
use crate::tui::views::ViewId;
use domain::{Marks, Scope};

/// Program, scope, signs, counts, progress; tabs and marks. Counts that do not fit in the first line go
/// between tabs and marks.
pub(crate) fn paint(app: &App, header: Rect, tabs: Rect, buffer: &mut Buffer) {
    let theme = app.theme;
    let signs = signs(app);
    // Warnings always fit: the name of the scope is shortened instead.
    let taken = 13 + signs.iter().map(|sign| text::width(sign) + 2).sum::<usize>();
    let place = place(app);
    let place = text::cut(&place, usize::from(header.width).saturating_sub(taken));
    let mut pieces: Vec<(&str, Style)> =
        vec![(" ", theme.text()), ("sharelock", theme.accent()), ("  ", theme.text())];
    pieces.push((&place, theme.title()));
    for sign in &signs {
        pieces.extend([("  ", theme.text()), (sign, theme.warn())]);
    }
    table::pieces(buffer, header, &pieces);

    let left: usize = pieces.iter().map(|(text, _)| text::width(text)).sum();
    let room = usize::from(header.width).saturating_sub(left + 3);
    let (counts, state) = (counts(app), state(app));
    let all_scopes = counts.first().map(|counts| format!("{counts}   {state}"));
    let whole = all_scopes.filter(|text| text::width(text) <= room);
    let right = Rect { width: header.width - 1, ..header };
    let shown = whole.as_ref().unwrap_or(&state);
    if text::width(shown) <= room {
        text::put(buffer, right, shown, theme.text(), Alignment::Right);
    }
    let below = if whole.is_some() { Vec::new() } else { counts };
    paint_tabs(app, tabs, &below, buffer);
}

fn place(app: &App) -> String {
    match &app.workspace.phase {
        Phase::Starting => String::new(),
        Phase::NoClouds(_) | Phase::Choosing => "no cloud".into(),
        Phase::Connecting(target) | Phase::Refused(target, _) => target.label(),
        Phase::Open(place) if app.lists_all_scopes() => {
            format!(
                "{} ▸ {}",
                text::counted(app.open_workspaces().len(), "scope"),
                name(&place.scope)
            )
        }
        Phase::Open(place) => name(&place.scope),
    }
}

/// The title of the window: the program and the scope.
pub(crate) fn title(app: &App) -> String {
    match &app.workspace.phase {
        Phase::Starting | Phase::NoClouds(_) | Phase::Choosing => "sharelock".into(),
        _ => format!("sharelock · {}", place(app)),
    }
}

/// Cloud, region and project, as shown in titles.
pub(crate) fn name(scope: &Scope) -> String {
    let project = scope.project_name.as_ref().unwrap_or(&scope.project_id.0);
    let region = scope.region.as_ref().map(|region| format!("{region} · ")).unwrap_or_default();
    format!("{} · {region}{project}", scope.cloud)
}

fn signs(app: &App) -> Vec<&'static str> {
    let Some(scope) = app.scope() else { return Vec::new() };
    let all = [
        (!scope.encrypted, "⚠ not encrypted"),
        (!scope.tls_verified, "⚠ TLS unverified"),
        (scope.read_only, "⚠ read-only"),
        (scope.protected, "⚠ protected"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, sign)| sign).collect()
}

/// The counts in several lengths, the longest first.
fn counts(app: &App) -> Vec<String> {
    let Phase::Open(_) = app.workspace.phase else { return Vec::new() };
    let workspaces = app.listed_workspaces();
    let sum = |count: fn(&Workspace) -> usize| {
        workspaces.iter().map(|workspace| count(workspace)).sum::<usize>()
    };
    let own =
        |workspace: &Workspace| workspace.inventory.image_count() - workspace.images.received.0;
    let images = text::counted(sum(own), "image");
    let shares =
        |workspace: &Workspace| workspace.inventory.share_count() - workspace.images.received.1;
    let shares = text::counted(sum(shares), "share");
    if app.workspace.received.shown {
        let received = text::count(app.workspace.images.received.0);
        return vec![format!("{images} · {received} received"), format!("{received} received")];
    }
    // A project may be a member in several scopes, so the numbers cannot be added up.
    let members = match &*workspaces {
        [workspace] => vec![format!(
            "{images} · {shares} · {}",
            text::counted(workspace.inventory.member_count(), "member")
        )],
        _ => vec![],
    };
    members.into_iter().chain([format!("{images} · {shares}"), images]).collect()
}

fn state(app: &App) -> String {
    match app.workspace.login {
        Login::Valid => {}
        Login::Renewing => return format!("{} logging in", app.spinner()),
        Login::Ended(_) => {
            return format!("✗ session ended ({} logs in)", app.keys.spoken(Action::Refresh));
        }
    }
    match (&app.workspace.reading, app.workspace.read_at) {
        (Some(progress), _) if progress.of > 0 => {
            format!(
                "{} {} of {}",
                app.spinner(),
                text::count(progress.read),
                text::count(progress.of)
            )
        }
        (Some(_), _) => format!("{} reading", app.spinner()),
        (None, Some(at)) => format!("read {}", app.clock(at)),
        (None, None) => String::new(),
    }
}

fn paint_tabs(app: &App, area: Rect, counts: &[String], buffer: &mut Buffer) {
    let theme = app.theme;
    let is_open = matches!(app.workspace.phase, Phase::Open(_));
    let labels: Vec<(String, Style)> = ViewId::ALL
        .iter()
        .map(|&(view, number, name)| {
            let style = match view {
                _ if view == app.view => theme.accent(),
                _ if is_open || matches!(view, ViewId::Members | ViewId::Matrix) => theme.dim(),
                // The other views need a cloud.
                _ => theme.text(),
            };
            (format!("{number} {name}"), style)
        })
        .collect();
    let mut pieces = vec![(" ", theme.text())];
    for (label, style) in &labels {
        pieces.extend([(label.as_str(), *style), ("  ", theme.text())]);
    }
    let left: usize = pieces.iter().map(|(text, _)| text::width(text)).sum();
    let (text, errors) = notes(app, usize::from(area.width).saturating_sub(left + 1));
    let room = usize::from(area.width).saturating_sub(left + text::width(&text) + 4);
    if let Some(counts) = counts.iter().find(|counts| text::width(counts) <= room) {
        pieces.extend([("  ", theme.text()), (counts.as_str(), theme.text())]);
    }
    table::pieces(buffer, area, &pieces);
    let left = u16::try_from(left).unwrap_or(area.width).min(area.width - 1);
    let right = Rect { x: area.x + left, width: area.width - 1 - left, ..area };
    text::put(buffer, right, &text, theme.mark(), Alignment::Right);
    // Errors precede the marks, in the error colour.
    let width = u16::try_from(text::width(&text)).unwrap_or(right.width).min(right.width);
    let errors = u16::try_from(errors).unwrap_or(width).min(width);
    buffer.set_style(Rect { x: right.right() - width, width: errors, ..right }, theme.bad());
}

/// New errors and marks, shortened to fit; and how many columns the errors take.
fn notes(app: &App, room: usize) -> (String, usize) {
    let marked: Vec<&Marks> =
        app.listed_workspaces().into_iter().map(|workspace| &workspace.marks).collect();
    let shares: usize = marked.iter().map(|marks| marks.len()).sum();
    let images = marked.iter().map(|marks| marks.images().len()).sum();
    let key = app.keys.spoken(Action::Log);
    let errors = |count| text::counted(count, "error");
    let unseen = match app.log.unseen {
        0 => [String::new(), String::new(), String::new()],
        count => [
            format!("{} in the log ({key})", text::counted(count, "new error")),
            format!("{} ({key})", errors(count)),
            errors(count),
        ],
    };
    let many = text::count(shares);
    let on = format!("● {many} marked on {}", text::counted(images, "image"));
    let told = if shares == 0 {
        unseen.map(|unseen| (text::width(&unseen), unseen)).to_vec()
    } else {
        let [long, short, least] = unseen;
        let marked = format!("● {many} marked");
        let all = [(long, &on), (short.clone(), &on), (short, &marked), (least, &marked)];
        all.map(|(unseen, marked)| (text::width(&unseen), both(&unseen, marked))).to_vec()
    };
    let least = told.last().cloned().unwrap_or_default();
    let fits = told.into_iter().find(|(_, text)| text::width(text) <= room);
    let (errors, text) = fits.unwrap_or(least);
    (text, errors)
}

fn both(unseen: &str, marked: &str) -> String {
    format!("{unseen}{}{marked}", if unseen.is_empty() { "" } else { "   " })
}
