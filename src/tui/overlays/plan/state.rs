//! The plan dialog: the plan, its warnings, and the user's input.

use std::collections::HashSet;

use ratatui::layout::{Constraint, Layout, Rect};
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::overlays::plan::risk;
use crate::tui::ui;
use crate::tui::ui::layout;
use domain::Scope;
use domain::{ApiRequest, ImageId, Member, Plan, Share, text};
use engine::SessionId;

/// A tab of the dialog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    #[default]
    Shares,
    Requests,
    Curl,
}

impl Tab {
    pub(crate) const ALL: [Self; 3] = [Self::Shares, Self::Requests, Self::Curl];

    /// The name of the tab.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Shares => "Shares",
            Self::Requests => "Requests",
            Self::Curl => "curl",
        }
    }

    /// The next or previous tab.
    pub(crate) fn step(self, forward: bool) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL[(at + if forward { 1 } else { 2 }) % 3]
    }
}

/// A plan waiting for confirmation. Closing it changes nothing.
#[derive(Debug)]
pub(crate) struct PlanDialog {
    pub(crate) session: SessionId,
    pub(crate) scope: Scope,
    pub(crate) plan: Plan,
    pub(crate) shares: Vec<Share>,
    pub(crate) members: usize,
    /// Columns of the longest ID prefix that distinguishes images of the same name.
    pub(crate) short_id: usize,
    /// The warnings, one sentence each.
    pub(crate) warnings: Vec<String>,
    pub(crate) tab: Tab,
    pub(crate) scroll: usize,
    /// The number of shares, as typed.
    pub(crate) count: Input,
    /// The name of the cloud, as typed; only requested for a protected cloud.
    pub(crate) cloud: Input,
    /// Whether the second answer (the name of the cloud) has the focus.
    pub(crate) naming: bool,
    /// Why the last answer did not confirm.
    pub(crate) complaint: Option<String>,
    /// The lines of a tab at a width, computed when first shown.
    pub(crate) lines: Option<(Tab, usize, Vec<String>)>,
}

impl PlanDialog {
    /// A dialog for a plan of the current scope; `None` without one.
    pub(crate) fn new(app: &App, plan: Plan) -> Option<Self> {
        let scope = app.scope()?.clone();
        let marks = plan.marks();
        // Sorted by name, like the list of images; shares of one image stay together, in order.
        let mut images: Vec<&ImageId> = marks.images().collect();
        images.sort_by_cached_key(|id| {
            let ix = app.workspace.inventory.find(id);
            (ix.map(|ix| app.workspace.inventory.image(ix).label().to_lowercase()), *id)
        });
        let share =
            |id: &ImageId, member: &Member| Share { image: id.clone(), member: member.clone() };
        let shares: Vec<Share> = images
            .iter()
            .flat_map(|id| marks.of_image(id).map(|member| share(id, member)))
            .collect();
        let told = |id: &&ImageId| app.workspace.short_id(app.workspace.inventory.find(id)?);
        let short_id = images.iter().filter_map(told).map(ui::text::width).max().unwrap_or(0);
        let members: HashSet<&Member> = shares.iter().map(|share| &share.member).collect();
        Some(Self {
            session: app.workspace.session,
            members: members.len(),
            short_id,
            warnings: risk::warnings(app, &scope, &plan),
            scope,
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

    /// The warnings, wrapped to this width.
    pub(crate) fn warning_lines(&self, width: u16) -> Vec<String> {
        let width = usize::from(width.saturating_sub(4));
        let lines = |warning: &String| ui::text::wrap(&format!("⚠ {warning}"), width);
        self.warnings.iter().flat_map(lines).collect()
    }

    /// Number of rows and width of the list when the dialog has this area.
    pub(crate) fn list_size(&self, area: Rect) -> (usize, usize) {
        let [_, _, list, _] = parts(area, &self.warning_lines(area.width));
        let headings = u16::from(self.tab == Tab::Shares);
        (
            usize::from(list.height.saturating_sub(headings)),
            usize::from(list.width.saturating_sub(3)),
        )
    }

    /// Number of rows of the tab at a width.
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

    /// Every request as a shell command, without the token.
    pub(crate) fn curl(&self) -> Vec<String> {
        let (cloud, kind) = (self.scope.kind, self.plan.kind());
        let requests = self.plan.batches().iter().filter_map(|it| ApiRequest::of(cloud, kind, it));
        requests
            .map(|request| text::clean(&request.curl(&self.scope.endpoint)).into_owned())
            .collect()
    }

    /// The requests as text, not truncated: exactly those that are sent.
    pub(crate) fn requests(&self, width: usize) -> Vec<String> {
        let (cloud, kind) = (self.scope.kind, self.plan.kind());
        let batches = self.plan.batches().iter();
        let requests = batches.map(|batch| ApiRequest::of(cloud, kind, batch));
        let written = requests.enumerate().map(|(at, request)| match (request, self.tab) {
            (None, _) => format!("{}. cannot be written for this cloud", at + 1),
            (Some(request), Tab::Curl) => request.curl(&self.scope.endpoint),
            (Some(request), _) => {
                let body = request.body.unwrap_or_default();
                format!("{}. {} {} {body}", at + 1, request.method, request.path)
            }
        });
        written.flat_map(|line| ui::text::wrap(&text::clean(&line), width)).collect()
    }

    /// Whether every required answer is correct.
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

/// The parts of the dialog, inside its frame: summary and warnings, tabs, list, answer.
pub(crate) fn parts(area: Rect, warnings: &[String]) -> [Rect; 4] {
    let warnings = u16::try_from(warnings.len()).unwrap_or(u16::MAX).min(7);
    let parts = [
        Constraint::Length(2 + warnings),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(3),
    ];
    Layout::vertical(parts).areas(layout::inner(area))
}
