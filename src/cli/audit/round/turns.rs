//! Whose turn it is: many places at once, but only one login to a cloud before one has worked.

use super::Round;
use crate::cli::audit::scope_audit::{End, ScopeAudit, Stage};
use crate::domain::Failure;
use crate::engine::{Command, SessionId};

/// Places that are logged in to or read at the same time; those that are silent do not count.
const AT_ONCE: usize = 16;

/// Logins to one cloud that may fail or be unanswered before one works. Clouds
/// lock a user out after five wrong signatures (Huawei docs) or as many wrong passwords as their operator says.
const TRIES: usize = 3;

impl Round<'_> {
    pub(super) fn set_out(&mut self) {
        self.give_up();
        while let Some(at) = self.next() {
            self.sessions += 1;
            let session = SessionId(self.sessions);
            let visit = &mut self.visits[at];
            visit.sent_code = visit.asked.one_time_code.is_some();
            visit.knew = self.by_code;
            let target = visit.asked.target();
            self.visits[at].go_on(session, Stage::Opening);
            self.engine.ask(Command::Open { session, target });
        }
    }

    fn next(&self) -> Option<usize> {
        if self.visits.iter().filter(|visit| visit.is_busy()).count() >= AT_ONCE {
            return None;
        }
        self.visits.iter().position(|visit| visit.is_waiting() && self.may_try(visit))
    }

    /// The first login to a cloud goes alone: should it be refused, ten of the kind would lock the user out.
    fn may_try(&self, visit: &ScopeAudit) -> bool {
        if self.proven.contains(&visit.asked.cloud) {
            return true;
        }
        let coded = visit.asked.one_time_code.is_some();
        if !coded && self.of_cloud(visit).any(ScopeAudit::wants_code) {
            return false;
        }
        let (under_way, failed) = self.tries(visit);
        let busy = self.of_cloud(visit).any(|visit| visit.is_opening() && visit.is_busy());
        !busy && under_way + failed < TRIES
    }

    /// Logins to the cloud of a place that are under way, and those that failed.
    fn tries(&self, visit: &ScopeAudit) -> (usize, usize) {
        let count =
            |is: fn(&ScopeAudit) -> bool| self.of_cloud(visit).filter(|visit| is(visit)).count();
        (count(ScopeAudit::is_opening), count(ScopeAudit::has_failed))
    }

    pub(super) fn of_cloud<'v>(
        &'v self,
        visit: &'v ScopeAudit,
    ) -> impl Iterator<Item = &'v ScopeAudit> {
        self.visits.iter().filter(move |other| other.asked.cloud == visit.asked.cloud)
    }

    /// Leaves the places of a cloud alone where enough logins have failed.
    fn give_up(&mut self) {
        let hopeless = |visit: &ScopeAudit| {
            let over = self.tries(visit) == (0, TRIES);
            visit.is_waiting() && over && !self.proven.contains(&visit.asked.cloud)
        };
        let hopeless: Vec<usize> =
            (0..self.visits.len()).filter(|at| hopeless(&self.visits[*at])).collect();
        for at in hopeless {
            let cloud = self.visits[at].asked.cloud.clone().unwrap_or_default();
            let why =
                format!("{TRIES} logins in other regions failed, and more could lock the user out");
            let failure = Failure::new(format!("log in to cloud {cloud}"), why)
                .with_hint("fix the cause of the failed logins, or try one region with --region");
            self.end(at, End::Closed(failure));
        }
    }
}
