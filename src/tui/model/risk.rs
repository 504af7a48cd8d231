//! What a careful person asks before saying yes to a plan.

use std::collections::BTreeSet;

use super::{Desk, Model, Scope, View};
use crate::domain::{
    ImageId, ImageIx, Marks, MemberList, MemberStatus, OperationKind, Plan, sharing,
};

/// Counts of what a careful person asks before saying yes.
#[derive(Default)]
struct Risk {
    emptied: Vec<ImageIx>,
    accepted: usize,
    hidden: usize,
    unread: usize,
}

/// The warnings of a plan, a sentence each.
pub(crate) fn warnings(model: &Model, scope: &Scope, plan: &Plan) -> Vec<String> {
    let marks = plan.marks();
    let mut out = match plan.kind() {
        OperationKind::Revoke => of_revoking(model, marks),
        OperationKind::Share => of_sharing(model, scope, plan),
        OperationKind::Accept => Vec::new(),
        OperationKind::Reject => vec![
            "Rejecting hides an image from the project's own list; it takes no access away.".into(),
        ],
    };
    let working = marks.iter().filter(|share| model.is_in_work(share)).count();
    if working > 0 {
        out.push(format!("{} part of an operation that still runs.", shares_are(working)));
    }
    out
}

/// What would be refused is told here; nothing is sent for it.
fn of_sharing(model: &Model, scope: &Scope, plan: &Plan) -> Vec<String> {
    let (cloud, own) = (scope.kind, &scope.project_id);
    let mut out = BTreeSet::new();
    for id in plan.marks().images() {
        let Some(image) = model.desk.inventory.find(id).map(|ix| model.desk.inventory.image(ix))
        else {
            continue;
        };
        let obstacle =
            sharing::image_obstacle(cloud, own, image).map(|why| why + "; nothing is sent for it");
        let said = obstacle.or_else(|| sharing::image_doubt(cloud, image).map(Into::into));
        out.extend(said.map(|said| format!("{}: {said}.", image.label())));
    }
    for share in plan.marks().iter() {
        let member = &share.member;
        let obstacle = sharing::member_obstacle(cloud, own, member)
            .map(|why| why + "; nothing is sent for it");
        let said = obstacle.or_else(|| sharing::member_doubt(cloud, member).map(Into::into));
        out.extend(said.map(|said| format!("{}: {said}.", member.id)));
    }
    let undone = plan.undoes().map(|_| {
        "Members come back as pending: each must accept again to see the image in its list.".into()
    });
    undone.into_iter().chain(out).collect()
}

fn of_revoking(model: &Model, marks: &Marks) -> Vec<String> {
    let mut risk = Risk::default();
    let shown = match model.view {
        View::Matrix => &model.desk.matrix.rows,
        _ => &model.desk.images.visible,
    };
    let shown: BTreeSet<ImageIx> = shown.iter().copied().collect();
    for id in marks.images() {
        weigh(model, marks, id, &shown, &mut risk);
    }
    sentences(model, &risk)
}

fn weigh(model: &Model, marks: &Marks, id: &ImageId, shown: &BTreeSet<ImageIx>, risk: &mut Risk) {
    let marked = marks.count_of(id);
    let ix = model.desk.inventory.find(id);
    let Some(ix) = ix.filter(|ix| matches!(model.desk.inventory.list(*ix), MemberList::Read(_)))
    else {
        risk.unread += marked;
        risk.hidden += if ix.is_some_and(|ix| shown.contains(&ix)) { 0 } else { marked };
        return;
    };
    let rows = model.desk.inventory.rows(ix);
    let is_marked = |row: &&_| {
        let row: &&crate::domain::Row = row;
        marks.contains(id, model.desk.inventory.member(row.member))
    };
    let accepted =
        |row: &&crate::domain::Row| *model.desk.inventory.status(row) == MemberStatus::Accepted;
    if rows.iter().filter(is_marked).count() == rows.len() {
        risk.emptied.push(ix);
    }
    risk.accepted += rows.iter().filter(is_marked).filter(accepted).count();
    let listed = |row: &&crate::domain::Row| is_listed(model, ix, row);
    let in_view =
        if shown.contains(&ix) { rows.iter().filter(is_marked).filter(listed).count() } else { 0 };
    risk.hidden += marked.saturating_sub(in_view);
}

/// Whether the filter of the view lets a share of a listed image through.
fn is_listed(model: &Model, ix: ImageIx, row: &crate::domain::Row) -> bool {
    let Desk { inventory, marks, matrix, images, .. } = &model.desk;
    match model.view {
        View::Matrix => matrix.passes(inventory, marks, inventory.image(ix), row),
        _ => images.shares.passes(inventory, row),
    }
}

fn sentences(model: &Model, risk: &Risk) -> Vec<String> {
    let label = |ix: &ImageIx| model.desk.inventory.image(*ix).label();
    let mut out = Vec::new();
    if risk.hidden > 0 {
        out.push(format!("{} not in view: the filter hides them.", shares_are(risk.hidden)));
    }
    if risk.accepted > 0 {
        out.push(format!(
            "{} accepted: somebody may be using the image.",
            shares_are(risk.accepted)
        ));
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
