//! The plan dialog in plain mode.

use crate::tui::app::App;
use crate::tui::overlays::plan::paint;
use crate::tui::overlays::plan::state::{PlanDialog, Tab};
use crate::tui::speech::contents::Typed;
use crate::tui::speech::description::Description;
use crate::tui::speech::row::{List, Row};
use crate::tui::speech::words;
use crate::tui::ui::text::counted;

/// A width no line exceeds, which turns wrapping off.
const UNBROKEN: usize = usize::MAX / 4;

/// The plan, and the input that confirms it.
pub(crate) fn describe<'a>(app: &'a App, dialog: &'a PlanDialog) -> Description<'a> {
    let (prompt, input) = paint::prompt(dialog);
    let typed = Typed {
        value: input.value().to_owned(),
        prompt: if dialog.naming { prompt } else { String::new() },
        echo: format!("Typed: {}.", input.value()),
        alone: false,
    };
    Description {
        key: "plan".into(),
        place: in_full(dialog),
        list: Some(list(app, dialog)),
        listing: (format!("{:?}", dialog.tab), tab(dialog)),
        typed: Some(typed),
        complaint: dialog.complaint.clone().unwrap_or_default(),
        ..Description::default()
    }
}

/// The whole plan: action, scope, counts, warnings, and how to continue.
fn in_full(dialog: &PlanDialog) -> Vec<String> {
    let (scope, kind) = (&dialog.scope, dialog.plan.kind());
    let mut lines = vec![
        format!("Plan: {} on {}.", paint::title(&dialog.plan), words::place(scope)),
        paint::facts(dialog).replace(" · ", ", ") + ".",
    ];
    lines.extend(dialog.warnings.iter().map(|warning| format!("Warning: {warning}")));
    if !scope.tls_verified {
        lines.push("Warning: TLS verification is off for this cloud.".into());
    }
    if !scope.encrypted {
        lines.push("Warning: the connection to this cloud is not encrypted (http://).".into());
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

/// The contents of the current tab.
fn tab(dialog: &PlanDialog) -> String {
    match dialog.tab {
        Tab::Shares => format!("The shares: {}.", dialog.shares.len()),
        Tab::Requests => format!("The requests: {}.", dialog.plan.batches().len()),
        Tab::Curl => "The requests as commands for a shell, without the token.".into(),
    }
}

/// The shares, or the lines of the requests.
fn list<'a>(app: &'a App, dialog: &'a PlanDialog) -> List<'a> {
    if dialog.tab != Tab::Shares {
        return List::of_lines(dialog.requests(UNBROKEN));
    }
    List::looked_at(dialog.shares.len(), |at| {
        let share = dialog.shares.get(at)?;
        let [image, id, _, status] = paint::row(app, share).map(|(text, _)| text);
        let row = Row::new(id, format!("{image}, {}", words::member(app, &share.member)));
        Some(row.fact(status.replace('?', "status not known")))
    })
}
