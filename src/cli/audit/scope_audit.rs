//! One place of an audit: how far the login and the reading there are.

use std::collections::HashSet;

use tokio::time::{Duration, Instant};

use super::AuditArgs;
use super::report::{Place, Scope, Wish};
use super::targets::AuditTarget;
use crate::cli::names::Names;
use crate::cli::passcode::Codes;
use crate::cli::reading::Reading;
use crate::cli::select::{self, Named};
use crate::domain::{self, Failure, ImageId, ImageIx, MemberList};
use crate::engine::{Asks, Event, SessionId};

/// A place of which nothing was heard for so long keeps no other waiting.
pub(super) const SILENT: Duration = Duration::from_secs(1);

/// A place of an audit.
#[derive(Debug)]
pub(super) struct ScopeAudit {
    /// What was asked for.
    pub(super) asked: AuditTarget,
    /// Where that led, once it is known.
    pub(super) scope: Option<domain::Scope>,
    /// How often the user was asked for a one-time code.
    pub(super) codes: Codes,
    /// Whether the last login went with one.
    pub(super) sent_code: bool,
    /// How many logins had been opened by codes when the last one began.
    pub(super) knew: usize,
    pub(super) work: Work,
}

/// What is going on in a session, and what came of it.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) session: SessionId,
    pub(super) stage: Stage,
    pub(super) reading: Reading,
    /// Of projects, as far as they are known.
    pub(super) names: Names,
    /// The images that were asked for, as far as they are here.
    pub(super) named: Vec<Named>,
    /// Images that were asked for and whose members are still to come.
    left: HashSet<ImageId>,
    heard: Instant,
}

#[derive(Debug)]
pub(super) enum Stage {
    /// Not begun.
    Waiting,
    /// Logging in.
    Opening,
    /// The login asks for a one-time code or a password, and the user is to be asked, unless another's opens this one
    /// too.
    Code(Asks, Failure),
    /// Logged in, to be told which regions there are.
    Asking,
    /// Reading the lists, and all members unless images were named.
    Listing,
    /// Reading the members of named images.
    Members,
    Ended(End),
}

#[derive(Debug)]
pub(super) enum End {
    Read,
    /// One could not log in.
    Closed(Failure),
    /// Another place of the audit is the same one.
    ReadElsewhere,
}

impl ScopeAudit {
    /// `names` are the user's aliases.
    pub(super) fn new(asked: AuditTarget, names: &Names) -> Self {
        let work = Work {
            session: SessionId(0),
            stage: Stage::Waiting,
            reading: Reading::default(),
            names: names.clone(),
            named: Vec::new(),
            left: HashSet::new(),
            heard: Instant::now(),
        };
        Self { asked, scope: None, codes: Codes::default(), sent_code: false, knew: 0, work }
    }

    /// Where it is, as far as that is known.
    pub(super) fn place(&self) -> Place {
        self.scope.as_ref().map_or_else(|| Place::asked(&self.asked), Place::of)
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.work.stage, Stage::Waiting)
    }

    pub(super) fn is_opening(&self) -> bool {
        matches!(self.work.stage, Stage::Opening)
    }

    pub(super) fn wants_code(&self) -> bool {
        matches!(self.work.stage, Stage::Code(..))
    }

    /// Whether a code is about to be sent or on its way; one that nothing is heard of keeps no other waiting.
    pub(super) fn goes_with_code(&self) -> bool {
        let waits = self.is_waiting() && self.asked.one_time_code.is_some();
        waits || (self.is_opening() && self.sent_code && self.is_busy())
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.work.stage, Stage::Ended(_))
    }

    pub(super) fn has_failed(&self) -> bool {
        matches!(self.work.stage, Stage::Ended(End::Closed(_)))
    }

    /// Whether something was heard from it just now: one that is silent keeps no other waiting.
    pub(super) fn is_busy(&self) -> bool {
        !self.is_waiting() && !self.has_ended() && self.work.heard.elapsed() < SILENT
    }

    /// Takes the first or next step.
    pub(super) fn go_on(&mut self, session: SessionId, stage: Stage) {
        self.work.session = session;
        self.work.stage = stage;
        self.work.heard = Instant::now();
    }

    /// Folds an event of the reading in; true when what was asked for last has been read.
    pub(super) fn take(&mut self, event: Event) -> bool {
        let work = &mut self.work;
        work.heard = Instant::now();
        if let Event::Members { image, .. } = &event {
            work.left.remove(image);
        }
        let listed = work.reading.take(event);
        match work.stage {
            Stage::Listing => listed,
            Stage::Members => work.left.is_empty(),
            _ => false,
        }
    }

    /// Finds what was named among what was listed, and tells whose members are still to be read.
    pub(super) fn choose(&mut self, typed: &[String]) -> Vec<ImageId> {
        let Work { named, left, reading, .. } = &mut self.work;
        *named = select::named_here(reading, typed);
        let unread = |ix: &&ImageIx| *reading.inventory.list(**ix) == MemberList::Unread;
        let chosen = named.iter().flat_map(|named| &named.images).filter(unread);
        let mut images: Vec<ImageId> =
            chosen.map(|ix| reading.inventory.image(*ix).id.clone()).collect();
        images.retain(|image| left.insert(image.clone()));
        images
    }

    /// How many images an administrator sees that are no business of the project's.
    pub(super) fn others(&self, args: &AuditArgs) -> usize {
        let inventory = &self.work.reading.inventory;
        if args.image.is_empty() {
            inventory.images().filter(|(ix, _)| self.is_of_others(*ix)).count()
        } else {
            0
        }
    }

    fn is_of_others(&self, ix: ImageIx) -> bool {
        let others = |scope| self.work.reading.inventory.is_of_others(ix, scope);
        self.scope.as_ref().is_some_and(others)
    }

    /// What is reported about it; nothing while it goes on, and where another one tells it.
    pub(super) fn report(&self, args: &AuditArgs) -> Option<Scope<'_>> {
        let Work { reading, names, .. } = &self.work;
        match &self.work.stage {
            Stage::Ended(End::Read) => {
                let wish = Wish::new(reading, names, &args.project, &args.status);
                Some(Scope::read(self.place(), reading, self.images(args), wish, names))
            }
            Stage::Ended(End::Closed(failure)) => Some(Scope::closed(self.place(), failure)),
            _ => None,
        }
    }

    fn images(&self, args: &AuditArgs) -> Vec<ImageIx> {
        let mut images = select::in_order(&self.work.reading.inventory);
        if args.image.is_empty() {
            images.retain(|ix| !self.is_of_others(*ix));
        } else {
            let chosen = self.work.named.iter().flat_map(|named| &named.images);
            let chosen: HashSet<ImageIx> = chosen.copied().collect();
            images.retain(|ix| chosen.contains(ix));
        }
        images
    }
}
