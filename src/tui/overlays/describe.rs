//! What lies over a view: what a dialog asks, what it lists, what is typed.

use crate::domain::text::clean;
use crate::engine::SessionId;
use crate::tui::app::workspace::Workspace;
use crate::tui::app::{App, Phase};
use crate::tui::keys::Binding;
use crate::tui::overlays::clouds::state::Picker;
use crate::tui::overlays::commands::state::Entry;
use crate::tui::overlays::commands::state::Palette;
use crate::tui::overlays::export::state::ExportDialog;
use crate::tui::overlays::passcode::state::CodeDialog;
use crate::tui::overlays::plan::state::PlanDialog;
use crate::tui::overlays::plan::state::Tab;
use crate::tui::overlays::share::state::About;
use crate::tui::overlays::share::state::ShareDialog;
use crate::tui::overlays::{clouds, pages, plan};
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::ui::text::counted;

/// Wider than any line.
const UNBROKEN: usize = usize::MAX / 4;

// ── the plan ─────────────────────────────────────────────────────────────────────────────────────

/// The plan in full: what it does where, how much, what breaks, and how one goes on.
pub(crate) fn plan(dialog: &PlanDialog) -> Vec<String> {
    let (scope, kind) = (&dialog.scope, dialog.plan.kind());
    let mut lines = vec![
        format!("Plan: {} on {}.", plan::paint::title(&dialog.plan), words::place(scope)),
        plan::paint::facts(dialog).replace(" · ", ", ") + ".",
    ];
    lines.extend(dialog.warnings.iter().map(|warning| format!("Careful: {warning}")));
    if !scope.tls_verified {
        lines.push("Careful: TLS verification is off for this cloud.".into());
    }
    if !scope.encrypted {
        lines.push("Careful: the connection to this cloud is not encrypted (http://).".into());
    }
    lines.push("Ctrl-O reads the shares, Tab turns to the requests and to curl.".into());
    if scope.read_only {
        lines.push(format!(
            "{} is read-only: this plan cannot be carried out. Esc closes it.",
            scope.cloud
        ));
    } else {
        let number = dialog.plan.shares();
        lines.push(format!(
            "Type {number} and Enter to {kind} {}; Esc leaves everything as it is.",
            counted(number, "share")
        ));
    }
    lines
}

/// What its tab lists.
pub(crate) fn tab(dialog: &PlanDialog) -> String {
    match dialog.tab {
        Tab::Shares => format!("The shares: {}.", dialog.shares.len()),
        Tab::Requests => format!("The requests: {}.", dialog.plan.batches().len()),
        Tab::Curl => "The requests as commands for a shell, without the token.".into(),
    }
}

/// The shares, or the requests themselves.
pub(crate) fn listed_in_plan<'a>(app: &'a App, dialog: &'a PlanDialog) -> List<'a> {
    if dialog.tab != Tab::Shares {
        return List::of_lines(dialog.requests(UNBROKEN));
    }
    List::looked_at(dialog.shares.len(), |at| {
        let share = dialog.shares.get(at)?;
        let [image, id, _, status] = plan::paint::row(app, share).map(|(text, _)| text);
        let row = Row::new(id, format!("{image}, {}", words::member(app, &share.member)));
        Some(row.fact(status.replace('?', "status not known")))
    })
}

// ── with whom to share ───────────────────────────────────────────────────────────────────────────

/// What is asked.
pub(crate) fn share(dialog: &ShareDialog) -> Vec<String> {
    vec![
        match dialog.about {
            About::Image(_) => {
                format!("Share {} with more members. Type ids or names of projects.", dialog.label)
            }
            About::Member(_) => {
                format!("Share more images with {}. Type ids or names of images.", dialog.label)
            }
        },
        "Tab takes the one under the cursor, Ctrl-O reads those that fit, Enter shows the plan; nothing is sent before it \
         is confirmed. Esc closes."
            .into(),
    ]
}

/// The sentence where nothing could be meant.
pub(crate) fn nothing_fits(dialog: &ShareDialog) -> &'static str {
    match dialog.about {
        About::Image(_) => "No project that was seen here fits; an id can be typed in full.",
        About::Member(_) => "No image fits that can be shared with it and is not yet.",
    }
}

/// Who, or what, could be meant.
pub(crate) fn offers(dialog: &ShareDialog) -> List<'_> {
    List::new(dialog.offers.len(), dialog.cursor.at, |at| {
        let (id, name) = dialog.offers.get(at)?;
        let name = name.as_ref().map(|name| format!("{}, ", clean(name))).unwrap_or_default();
        Some(Row::new(id.clone(), format!("{name}{}", clean(id))))
    })
}

// ── what is exported ─────────────────────────────────────────────────────────────────────────────

/// What is asked.
pub(crate) fn export(dialog: &ExportDialog) -> Vec<String> {
    let mut lines = vec![
        "Export. Up and Down choose what, Tab the format; type the name of the file. Enter writes it, and never over one \
         that is there unasked; Ctrl-Y copies, Esc closes."
            .to_owned(),
        format_of_export(dialog),
    ];
    lines.extend(dialog.gaps.iter().map(|gap| format!("Careful: {}", clean(gap))));
    lines
}

/// The format that is chosen.
pub(crate) fn format_of_export(dialog: &ExportDialog) -> String {
    format!("Format: {}.", dialog.format.word())
}

/// What can be exported here.
pub(crate) fn exports(dialog: &ExportDialog) -> List<'_> {
    List::new(dialog.choices.len(), dialog.choice, |at| {
        let choice = dialog.choices.get(at)?;
        Some(Row::new(at.to_string(), clean(&choice.text)))
    })
}

// ── clouds and projects ──────────────────────────────────────────────────────────────────────────

/// What is listed.
pub(crate) fn picker(dialog: &Picker) -> Vec<String> {
    let lines = counted(dialog.lines.len(), if dialog.of.is_some() { "project" } else { "place" });
    vec![match &dialog.of {
        Some(of) => format!(
            "Projects of {}: {lines}. Enter switches to one, Esc goes back.",
            clean(&of.place)
        ),
        None => format!(
            "Clouds and regions: {lines}. Enter opens one, Space opens it beside, Esc closes."
        ),
    }]
}

/// The clouds, or the projects of one.
pub(crate) fn picked<'a>(app: &'a App, dialog: &'a Picker) -> List<'a> {
    List::new(dialog.lines.len(), dialog.cursor.at, |at| {
        let line = dialog.lines.get(at)?;
        let text =
            |text: Option<&String>| text.map(|it| clean(it).into_owned()).unwrap_or_default();
        let about = clean(&line.about).replace(" · ", ", ").replace("✗ ", "");
        if dialog.of.is_some() {
            let id = text(line.target.project.as_ref());
            let shown = app.scope().is_some_and(|scope| scope.project_id.0.to_string() == id);
            let row = Row::new(id.clone(), about).fact(format!("id {id}"));
            return Some(row.marked(if shown { "shown now" } else { "" }));
        }
        let name = words::listed([
            text(line.target.cloud.as_ref()),
            text(line.target.region.as_ref()),
            clouds::paint::project(app, line),
        ]);
        let open = app.workspaces().any(|workspace: &Workspace| {
            Some(workspace.session) == line.session && matches!(workspace.phase, Phase::Open(_))
        });
        let state = match line.session == Some(app.workspace.session) {
            true => "shown now",
            false if open => "open",
            false => "",
        };
        Some(Row::new(format!("{:?}", line.target), name).fact(about).marked(state))
    })
}

// ── commands ─────────────────────────────────────────────────────────────────────────────────────

/// What is asked.
pub(crate) fn palette(dialog: &Palette) -> Vec<String> {
    let works = dialog.fitting.iter().filter(|entry| entry.why_not.is_none()).count();
    vec![format!(
        "Commands: {works} can be done here. Type letters of one; Up and Down choose, Ctrl-O reads the list, Tab completes, \
         Enter runs it, Esc closes."
    )]
}

/// Those that fit.
pub(crate) fn commands<'a>(app: &'a App, dialog: &'a Palette) -> List<'a> {
    List::new(dialog.fitting.len(), dialog.cursor.at, |at| {
        Some(command(app, dialog, dialog.fitting.get(at)?))
    })
}

fn command(app: &App, dialog: &Palette, entry: &Entry) -> Row {
    let takes = entry.action.takes().filter(|_| entry.argument.is_none());
    let takes = takes.map(|takes| format!(" with {}", takes.to_lowercase())).unwrap_or_default();
    let name = format!("{}{takes}", clean(&entry.line()));
    let here = |row: &&Binding| row.action == entry.action && row.contexts.contains(&dialog.here);
    let keys = app.keys.iter().filter(here).flat_map(|row| row.keys.iter());
    let keys: Vec<String> = keys.map(|key| app.keys.name(*key)).collect();
    let key = if keys.is_empty() || entry.argument.is_some() {
        String::new()
    } else {
        format!("key {}", keys.join(" or "))
    };
    let row = Row::new(entry.line(), name).fact(key).fact(clean(&entry.help));
    entry.why_not.as_ref().map_or(row.clone(), |why| row.fact(clean(why)))
}

// ── questions ────────────────────────────────────────────────────────────────────────────────────

/// What is asked. The code itself is never said.
pub(crate) fn code(dialog: &CodeDialog) -> Vec<String> {
    vec![
        format!("Log in to {}: {}.", dialog.place, dialog.why.trim_end_matches('.')),
        format!(
            "Type the {}. Enter logs in with it, Esc does not. It is stored nowhere.",
            dialog.word()
        ),
    ]
}

/// What goes on and what stops when one quits now.
pub(crate) fn quit(app: &App) -> Vec<String> {
    let mut lines = vec!["Quit?".to_owned()];
    lines.extend(pages::at_stake(app));
    lines.push("y quits, Esc or n stays.".into());
    lines
}

/// What is lost and what goes on when a scope is closed now.
pub(crate) fn close(app: &App, session: SessionId) -> Vec<String> {
    let (title, text) = pages::lost_by_closing(app, session);
    let answers = "y closes it, Esc or n stays.".into();
    [title].into_iter().chain(text).chain([answers]).collect()
}
