//! The plan dialog: what was planned, what it will break, and what the user has typed.

use std::collections::BTreeSet;

use tui_input::Input;

use super::{Model, Phase, Scope};
use crate::domain::{
    ApiRequest, ImageId, ImageIx, Limits, Marks, Member, MemberList, MemberStatus, Plan, Share,
    text,
};
use crate::engine::SessionId;
use crate::tui::view::cells;

/// What the dialog shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    #[default]
    Shares,
    Requests,
    Curl,
}

impl Tab {
    pub(crate) const ALL: [Self; 3] = [Self::Shares, Self::Requests, Self::Curl];

    /// Its name.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Shares => "Shares",
            Self::Requests => "Requests",
            Self::Curl => "curl",
        }
    }

    /// The one after it, or before it.
    pub(crate) fn step(self, forward: bool) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL[(at + if forward { 1 } else { 2 }) % 3]
    }
}

/// A plan on the screen. Closing it changes nothing.
#[derive(Debug)]
pub(crate) struct PlanDialog {
    pub(crate) session: SessionId,
    pub(crate) scope: Scope,
    pub(crate) plan: Plan,
    pub(crate) shares: Vec<Share>,
    pub(crate) members: usize,
    /// Sentences about what will break.
    pub(crate) warnings: Vec<String>,
    pub(crate) tab: Tab,
    pub(crate) scroll: usize,
    /// The number of shares, as typed.
    pub(crate) count: Input,
    /// The name of the cloud, as typed; asked for where the cloud is protected.
    pub(crate) cloud: Input,
    /// Whether the second answer is being typed.
    pub(crate) naming: bool,
    /// Why the last answer did not confirm.
    pub(crate) complaint: Option<String>,
    /// The lines of the tab at a width, made when first shown.
    pub(crate) lines: Option<(Tab, usize, Vec<String>)>,
}

impl PlanDialog {
    /// A dialog for a plan made in a place.
    pub(crate) fn new(model: &Model, plan: Plan) -> Option<Self> {
        let scope = model.scope()?.clone();
        let mut shares: Vec<Share> = plan.marks().iter().collect();
        // By name, as the list shows images; shares of one image stay together, in order.
        let label = |share: &Share| {
            let ix = model.inventory.find(&share.image);
            ix.map(|ix| model.inventory.image(ix).label().to_lowercase())
        };
        shares.sort_by_cached_key(|share| (label(share), share.image.clone()));
        let members: BTreeSet<&Member> = shares.iter().map(|share| &share.member).collect();
        Some(Self {
            session: model.session,
            scope,
            members: members.len(),
            warnings: warnings(model, plan.marks()),
            plan,
            shares,
            tab: Tab::default(),
            scroll: 0,
            count: Input::default(),
            cloud: Input::default(),
            naming: false,
            complaint: None,
            lines: None,
        })
    }

    /// How many rows the tab has at a width.
    pub(crate) fn len(&mut self, width: usize) -> usize {
        if self.tab == Tab::Shares {
            return self.shares.len();
        }
        let made = matches!(&self.lines, Some((tab, at, _)) if (*tab, *at) == (self.tab, width));
        if !made {
            self.lines = Some((self.tab, width, self.requests(width)));
        }
        self.lines.as_ref().map_or(0, |(_, _, lines)| lines.len())
    }

    /// The requests as text, none cut: the same that are sent.
    fn requests(&self, width: usize) -> Vec<String> {
        let kind = self.scope.kind;
        let requests = self.plan.batches().iter().map(|batch| ApiRequest::revoke(kind, batch));
        let written = requests.enumerate().map(|(at, request)| match (request, self.tab) {
            (None, _) => format!("{}. cannot be written for this cloud", at + 1),
            (Some(request), Tab::Curl) => request.curl(&self.scope.endpoint),
            (Some(request), _) => {
                let body = request.body.unwrap_or_default();
                format!("{}. {} {} {body}", at + 1, request.method, request.path)
            }
        });
        written.flat_map(|line| cells::wrap(&text::clean(&line), width)).collect()
    }

    /// Whether both answers are right, as far as they are asked for.
    pub(crate) fn check(&self) -> Result<(), String> {
        let (count, cloud) = (self.plan.shares(), &self.scope.cloud);
        if self.scope.read_only {
            return Err(format!("{cloud} is read-only: this plan cannot be carried out."));
        }
        if self.count.value().trim() != count.to_string() {
            return Err(format!(
                "Type {count}, the number of shares, to confirm. Nothing was sent."
            ));
        }
        if self.scope.protected && self.cloud.value().trim() != cloud {
            return Err(format!("{cloud} is protected: type its name too. Nothing was sent."));
        }
        Ok(())
    }
}

/// What a plan is made from, if there is something to plan.
pub(crate) fn wanted(model: &Model) -> Option<(Marks, Limits)> {
    match &model.phase {
        Phase::Open(place) if !model.marks.is_empty() => Some((model.marks.clone(), place.limits)),
        _ => None,
    }
}

/// Counts of what a careful person asks before saying yes.
#[derive(Default)]
struct Risk {
    emptied: Vec<ImageIx>,
    accepted: usize,
    hidden: usize,
    unread: usize,
    working: usize,
}

fn warnings(model: &Model, marks: &Marks) -> Vec<String> {
    let mut risk = Risk::default();
    let shown: BTreeSet<ImageIx> = model.images.visible.iter().copied().collect();
    for id in marks.images() {
        weigh(model, marks, id, &shown, &mut risk);
    }
    risk.working = marks.iter().filter(|share| model.is_in_work(share)).count();
    sentences(model, &risk)
}

fn weigh(model: &Model, marks: &Marks, id: &ImageId, shown: &BTreeSet<ImageIx>, risk: &mut Risk) {
    let marked = marks.count_of(id);
    let ix = model.inventory.find(id);
    let Some(ix) = ix.filter(|ix| matches!(model.inventory.list(*ix), MemberList::Read(_))) else {
        risk.unread += marked;
        risk.hidden += if ix.is_some_and(|ix| shown.contains(&ix)) { 0 } else { marked };
        return;
    };
    let rows = model.inventory.rows(ix);
    let is_marked = |row: &&_| {
        let row: &&crate::domain::Row = row;
        marks.contains(id, model.inventory.member(row.member))
    };
    let accepted =
        |row: &&crate::domain::Row| *model.inventory.status(row) == MemberStatus::Accepted;
    if rows.iter().filter(is_marked).count() == rows.len() {
        risk.emptied.push(ix);
    }
    risk.accepted += rows.iter().filter(is_marked).filter(accepted).count();
    let listed = |row: &&crate::domain::Row| model.images.shares.passes(&model.inventory, row);
    let in_view =
        if shown.contains(&ix) { rows.iter().filter(is_marked).filter(listed).count() } else { 0 };
    risk.hidden += marked.saturating_sub(in_view);
}

fn sentences(model: &Model, risk: &Risk) -> Vec<String> {
    let label = |ix: &ImageIx| model.inventory.image(*ix).label();
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
    if risk.working > 0 {
        out.push(format!("{} part of an operation that still runs.", shares_are(risk.working)));
    }
    out
}

fn shares_are(count: usize) -> String {
    if count == 1 { "1 share is".into() } else { format!("{count} shares are") }
}
