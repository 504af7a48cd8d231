//! One-time codes: one opens every place of the same user at the same login service, so that no second one is asked for
//! before the first has been tried.

use super::Round;
use crate::cli::audit::scope_audit::{End, ScopeAudit, Stage};
use crate::cli::exit::Stop;
use crate::domain::Failure;
use crate::engine::Asks;

impl Round<'_> {
    /// A login wants a code. It is tried once more without where one has worked elsewhere meanwhile.
    pub(super) fn wants_code(&mut self, at: usize, asks: Asks, failure: Failure) {
        let visit = &mut self.visits[at];
        let news = asks == Asks::Code && visit.knew < self.by_code;
        visit.work.stage = if news { Stage::Waiting } else { Stage::Code(asks, failure) };
    }

    /// Whose code the user is to be asked for now.
    pub(super) fn next_to_ask(&self) -> Option<usize> {
        let under_way = self.visits.iter().any(ScopeAudit::goes_with_code);
        self.visits.iter().position(ScopeAudit::wants_code).filter(|_| !under_way)
    }

    /// Events of other places wait meanwhile; their reading goes on.
    pub(super) async fn ask_code(&mut self, at: usize) -> Result<(), Stop> {
        let visit = &mut self.visits[at];
        let Stage::Code(asks, failure) = &visit.work.stage else { return Ok(()) };
        let asks = *asks;
        if !visit.codes.may_ask() || (asks != Asks::Code && visit.asked.secret.is_some()) {
            let failure = failure.clone();
            self.end(at, End::Closed(failure));
            return Ok(());
        }
        let refused = (asks == Asks::Code && visit.sent_code).then_some(failure);
        let cloud = visit.asked.cloud.as_deref();
        let asking = (&mut self.interrupts, &mut self.narrator);
        let code = visit.codes.ask(asking, asks, cloud, refused).await?;
        if let Some(code) = code {
            match asks {
                Asks::Code => visit.asked.one_time_code = Some(code),
                Asks::Secret(_) => visit.asked.secret = Some(code),
            }
            visit.work.stage = Stage::Waiting;
        } else {
            let what = format!("log in to {}", visit.place());
            let why = match asks {
                Asks::Code => "no one-time code was given".to_owned(),
                Asks::Secret(missing) => format!("no {} was given", missing.word()),
            };
            self.end(at, End::Closed(Failure::new(what, why)));
        }
        Ok(())
    }

    /// A login worked: if by a code, that may open the other places that want one.
    pub(super) fn try_by_that_code(&mut self, at: usize) {
        if !self.visits[at].sent_code {
            return;
        }
        self.by_code += 1;
        for visit in self.visits.iter_mut().filter(|visit| visit.wants_code()) {
            visit.work.stage = Stage::Waiting;
        }
    }
}
