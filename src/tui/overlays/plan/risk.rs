//! The warnings of a plan.

use std::collections::{BTreeSet, HashSet};

use crate::tui::app::App;
use crate::tui::views::ViewId;
use domain::Scope;
use domain::{
    ImageId, ImageIx, Marks, Member, MemberList, MemberStatus, OperationKind, Plan, Row, sharing,
};

/// Counts behind the warnings of a plan.
#[derive(Default)]
struct Risk {
    emptied: Vec<ImageIx>,
    accepted: usize,
    hidden: usize,
    unread: usize,
}

/// The warnings of a plan, one sentence each.
pub(crate) fn warnings(app: &App, scope: &Scope, plan: &Plan) -> Vec<String> {
    let marks = plan.marks();
    let mut out = match plan.kind() {
        OperationKind::Revoke => of_revoking(app, marks),
        OperationKind::Share => of_sharing(app, scope, plan),
        OperationKind::Accept => Vec::new(),
        OperationKind::Reject => vec![
            "Rejecting hides an image from the project's own list; it takes no access away.".into(),
        ],
    };
    let running = app.running_in(&app.workspace);
    let working = match running.len() {
        0 => 0,
        _ => marks.iter().filter(|share| running.names(share)).count(),
    };
    if working > 0 {
        out.push(format!("{} part of an operation that still runs.", shares_are(working)));
    }
    out
}

/// Lists the shares that the cloud would refuse; nothing is sent for them.
fn of_sharing(app: &App, scope: &Scope, plan: &Plan) -> Vec<String> {
    let (cloud, own) = (scope.kind, &scope.project_id);
    let mut out = BTreeSet::new();
    for id in plan.marks().images() {
        let Some(image) =
            app.workspace.inventory.find(id).map(|ix| app.workspace.inventory.image(ix))
        else {
            continue;
        };
        let obstacle = sharing::why_image_is_unshareable(cloud, own, image)
            .map(|why| why + "; nothing is sent for it");
        let said = obstacle.or_else(|| sharing::image_warning(cloud, image).map(Into::into));
        out.extend(said.map(|said| format!("{}: {said}.", image.label())));
    }
    for share in plan.marks().iter() {
        let member = &share.member;
        let obstacle = sharing::why_member_is_unshareable(cloud, own, member)
            .map(|why| why + "; nothing is sent for it");
        let said = obstacle.or_else(|| sharing::member_warning(cloud, member).map(Into::into));
        out.extend(said.map(|said| format!("{}: {said}.", member.id)));
    }
    let undone = plan.undoes().map(|_| {
        "Members come back as pending: each must accept again to see the image in its list.".into()
    });
    undone.into_iter().chain(out).collect()
}

fn of_revoking(app: &App, marks: &Marks) -> Vec<String> {
    let mut risk = Risk::default();
    let shown = match app.view {
        ViewId::Matrix => &app.workspace.matrix.rows,
        _ => &app.workspace.images.list.rows,
    };
    let shown: HashSet<ImageIx> = shown.iter().copied().collect();
    let shown = Shown { app, images: shown };
    for id in marks.images() {
        weigh(&shown, marks, id, &mut risk);
    }
    sentences(app, &risk)
}

/// The shares in view while the user decides.
struct Shown<'a> {
    app: &'a App,
    /// Images listed in the Images view, or in the matrix.
    images: HashSet<ImageIx>,
}

impl Shown<'_> {
    /// Whether the filter of the current view lets a share through.
    fn share(&self, image: ImageIx, row: &Row) -> bool {
        let workspace = &self.app.workspace;
        match self.app.view {
            ViewId::Members => workspace.member_table.shows(image, row),
            ViewId::Matrix => self.images.contains(&image) && workspace.shows_in_matrix(image, row),
            _ => {
                self.images.contains(&image)
                    && workspace.images.shares.passes(&workspace.inventory, row)
            }
        }
    }

    /// Whether an image with unknown members is listed; the Members view always reports such images.
    fn unread(&self, image: Option<ImageIx>) -> bool {
        self.app.view == ViewId::Members || image.is_some_and(|image| self.images.contains(&image))
    }
}

fn weigh(shown: &Shown<'_>, marks: &Marks, id: &ImageId, risk: &mut Risk) {
    let app = shown.app;
    let marked = marks.count_of(id);
    let ix = app.workspace.inventory.find(id);
    let Some(ix) = ix.filter(|ix| matches!(app.workspace.inventory.list(*ix), MemberList::Read(_)))
    else {
        risk.unread += marked;
        risk.hidden += if shown.unread(ix) { 0 } else { marked };
        return;
    };
    let inventory = &app.workspace.inventory;
    let rows = inventory.rows(ix);
    let own: HashSet<&Member> = marks.of_image(id).collect();
    let (mut listed, mut in_view) = (0, 0);
    for row in rows.iter().filter(|row| own.contains(inventory.member(row.member))) {
        listed += 1;
        in_view += usize::from(shown.share(ix, row));
        risk.accepted += usize::from(*inventory.status(row) == MemberStatus::Accepted);
    }
    if listed == rows.len() {
        risk.emptied.push(ix);
    }
    risk.hidden += marked.saturating_sub(in_view);
}

fn sentences(app: &App, risk: &Risk) -> Vec<String> {
    let label = |ix: &ImageIx| app.workspace.label_of(*ix);
    let mut out = Vec::new();
    if risk.hidden > 0 {
        out.push(format!("{} not in view: the filter hides them.", shares_are(risk.hidden)));
    }
    if risk.accepted > 0 {
        out.push(format!("{} accepted: the image may be in use.", shares_are(risk.accepted)));
    }
    match &*risk.emptied {
        [] => {}
        [one] => out.push(format!("{} loses its last member.", label(one))),
        [first, rest @ ..] => out.push(format!(
            "{} images lose their last member: {} and {} more.",
            risk.emptied.len(),
            label(first),
            rest.len()
        )),
    }
    if risk.unread > 0 {
        out.push(format!(
            "{} on images whose members are not known right now; they are read before anything is sent.",
            shares_are(risk.unread)
        ));
    }
    out
}

fn shares_are(count: usize) -> String {
    if count == 1 { "1 share is".into() } else { format!("{count} shares are") }
}
