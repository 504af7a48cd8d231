//! The state of one scope. It is kept while another one is shown.

use crate::tui::ui::header;
use std::collections::HashSet;

use crate::tui::app::{Phase, Progress};
use crate::tui::overlays::clouds::state::Target;
use crate::tui::ui::text::{count, counted};
use crate::tui::views::images::state::{Images, MembersPane, Received};
use crate::tui::views::matrix::state::Matrix;
use crate::tui::views::members::state::{Jump, MemberTable};
use domain::{Failure, ImageIx, Inventory, Limits, Marks, Moment, Scope, Share};
use engine::{MissingCredential, ReadingId, SessionId};

/// The login of an open scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Login {
    #[default]
    Valid,
    /// It was refused while reading, and why.
    Ended(Failure),
    /// The user asked for a new one, which is on its way.
    Renewing,
}

/// One session and everything read and selected in it: shown, or in the background with its cursor, filter and marks.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The session that is open or being opened.
    pub(crate) session: SessionId,
    /// What it was opened as.
    pub(crate) target: Target,
    pub(crate) phase: Phase,
    pub(crate) login: Login,
    /// What the login lacked: a one-time code or a password.
    pub(crate) missing: Option<MissingCredential>,
    pub(crate) inventory: Inventory,
    pub(crate) marks: Marks,
    /// The shares whose marks the last keys changed, the newest key at the end.
    changes: Vec<Vec<Share>>,
    /// The same for the key that is being handled.
    changing: Option<Vec<Share>>,
    pub(crate) images: Images,
    pub(crate) members_pane: MembersPane,
    pub(crate) matrix: Matrix,
    pub(crate) received: Received,
    pub(crate) member_table: MemberTable,
    /// The way from one view into another, for the way back.
    pub(crate) jump: Option<Jump>,
    pub(crate) reading: Option<Progress>,
    /// The last reading that was asked for: events of earlier ones are out of date.
    pub(crate) reading_id: ReadingId,
    /// When the last complete reading ended.
    pub(crate) read_at: Option<Moment>,
    /// A list of images could not be read completely: there may be more than are shown.
    pub(crate) incomplete: bool,
    /// Images whose members could not be read.
    pub(crate) unreadable: HashSet<ImageIx>,
    /// Marks that went because their shares went, since the last notice.
    pub(crate) vanished: usize,
}

impl Workspace {
    /// An empty one.
    pub(crate) fn new(session: SessionId, target: Target, phase: Phase) -> Self {
        Self {
            session,
            target,
            phase,
            login: Login::default(),
            missing: None,
            inventory: Inventory::default(),
            marks: Marks::default(),
            changes: Vec::new(),
            changing: None,
            images: Images::default(),
            members_pane: MembersPane::default(),
            matrix: Matrix::default(),
            received: Received::default(),
            member_table: MemberTable::default(),
            jump: None,
            reading: None,
            reading_id: ReadingId::default(),
            read_at: None,
            incomplete: false,
            unreadable: HashSet::new(),
            vanished: 0,
        }
    }

    /// One that no session belongs to, so that no event of the engine reaches it.
    pub(crate) fn without_session(phase: Phase) -> Self {
        Self::new(SessionId(0), Target::default(), phase)
    }

    /// Names the cloud of a target that has only a region: the default one.
    pub(crate) fn call_default(&mut self, default: &str) {
        if self.target == Target::default() {
            return;
        }
        self.target.cloud.get_or_insert_with(|| default.to_owned());
        if let Phase::Connecting(target) | Phase::Refused(target, _) = &mut self.phase {
            target.cloud.get_or_insert_with(|| default.to_owned());
        }
    }

    /// The open scope; `None` before the login.
    pub(crate) fn scope(&self) -> Option<&Scope> {
        match &self.phase {
            Phase::Open(place) => Some(&place.scope),
            _ => None,
        }
    }

    /// The limits of one request; `None` before the login.
    pub(crate) fn limits(&self) -> Option<Limits> {
        match &self.phase {
            Phase::Open(place) => Some(place.limits),
            _ => None,
        }
    }

    /// Whether there is a session that is open or being opened.
    pub(crate) fn is_alive(&self) -> bool {
        matches!(self.phase, Phase::Open(_) | Phase::Connecting(_))
    }

    /// Whether it waits for the user to ask for another login.
    pub(crate) fn needs_login(&self) -> bool {
        self.is_refused() || matches!(self.login, Login::Ended(_))
    }

    /// Whether the login failed. It is not repeated unless the user asks for it.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.phase, Phase::Refused(..))
    }

    /// Whether it waits for something that moves on the screen.
    pub(crate) fn is_busy(&self) -> bool {
        self.reading.is_some()
            || self.login == Login::Renewing
            || matches!(self.phase, Phase::Starting | Phase::Connecting(_))
    }

    /// Where it is, as another login there names it.
    pub(crate) fn place(&self) -> Target {
        match self.scope() {
            Some(Scope { cloud, region, .. }) => Target {
                cloud: Some(cloud.clone()),
                region: region.clone(),
                project: self.target.project.clone(),
            },
            None => self.target.clone(),
        }
    }

    /// Whether it was opened as this.
    pub(crate) fn is_of(&self, target: &Target) -> bool {
        let place = self.place();
        let own = self.scope().map(|scope| scope.project_id.0.raw());
        self.target == *target
            || (place.cloud == target.cloud
                && (target.region.is_none() || place.region == target.region)
                && (place.project == target.project
                    || (target.project.is_some() && own == target.project.as_deref())))
    }

    /// What a person calls it: cloud, region and project as far as they are known.
    pub(crate) fn label(&self) -> String {
        match self.scope() {
            Some(scope) => header::name(scope),
            None => self.target.label(),
        }
    }

    /// Marks a share.
    pub(crate) fn mark(&mut self, share: Share) {
        if self.marks.insert(share.clone()) {
            self.record(share);
        }
    }

    /// Removes the mark of a share.
    pub(crate) fn unmark(&mut self, share: &Share) {
        if self.marks.remove(share) {
            self.record(share.clone());
        }
    }

    /// Marks a share, or removes its mark.
    pub(crate) fn toggle_mark(&mut self, share: Share) {
        self.marks.toggle(share.clone());
        self.record(share);
    }

    /// Removes all marks; how many there were.
    pub(crate) fn clear_marks(&mut self) -> usize {
        let marks = std::mem::take(&mut self.marks);
        if let Some(changing) = &mut self.changing {
            changing.extend(marks.iter());
        }
        marks.len()
    }

    fn record(&mut self, share: Share) {
        if let Some(changing) = &mut self.changing {
            changing.push(share);
        }
    }

    /// From here on the marks are changed by one key.
    pub(crate) fn begin_change(&mut self) {
        self.changing = Some(Vec::new());
    }

    /// The key was handled: what it changed can be undone. The oldest changes are dropped when they are too many.
    pub(crate) fn end_change(&mut self) {
        const CHANGES: usize = 100;
        const SHARES: usize = 2_000_000;
        let change = self.changing.take().unwrap_or_default();
        if change.is_empty() {
            return;
        }
        self.changes.push(change);
        let mut shares: usize = self.changes.iter().map(Vec::len).sum();
        while self.changes.len() > CHANGES || (shares > SHARES && self.changes.len() > 1) {
            shares -= self.changes.remove(0).len();
        }
    }

    /// Takes the last change of the marks back, and says how many shares it was about; `None` when there was none.
    /// A share that is not there any more is not marked again.
    pub(crate) fn unmark_by_key(&mut self) -> Option<usize> {
        let mut undone = 0;
        for share in self.changes.pop()? {
            if self.marks.contains(&share.image, &share.member) || self.has(&share) {
                self.marks.toggle(share);
                undone += 1;
            }
        }
        Some(undone)
    }

    fn has(&self, share: &Share) -> bool {
        let (image, member) =
            (self.inventory.find(&share.image), self.inventory.find_member(&share.member));
        image
            .zip(member)
            .is_some_and(|(image, member)| self.inventory.row_of(image, member).is_some())
    }

    /// Its state, in one line.
    pub(crate) fn state(&self) -> String {
        match &self.phase {
            Phase::Open(_) => {}
            Phase::Refused(_, failure) => return format!("✗ login failed: {}", failure.why),
            _ => return "connecting".into(),
        }
        if let Login::Ended(failure) = &self.login {
            return format!("✗ session ended: {}", failure.why);
        }
        let (received, _) = self.images.received;
        let images = counted(self.inventory.image_count() - received, "image");
        let marks = match self.marks.len() {
            0 => String::new(),
            marks => format!(" · {} marked", count(marks)),
        };
        let reading = if self.reading.is_some() { " · reading" } else { "" };
        format!("{images}{marks}{reading}")
    }
}
