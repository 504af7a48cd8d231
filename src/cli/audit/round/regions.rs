//! Regions that only the catalog of a cloud tells.

use super::Round;
use crate::cli::audit::scope_audit::{ScopeAudit, Stage};
use crate::cli::audit::targets::AuditTarget;
use crate::engine::Command;

/// Regions of a catalog that one line names.
const SOME: usize = 8;

impl Round<'_> {
    pub(super) fn told_regions(&mut self, at: usize, regions: &[String]) {
        let visit = &mut self.visits[at];
        if !matches!(visit.work.stage, Stage::Asking) {
            return self.compare(at, regions);
        }
        if let (true, Some(scope)) = (regions.is_empty(), visit.scope.take()) {
            return self.arrived(at, scope);
        }
        self.engine.ask(Command::Close(visit.work.session));
        let cloud = visit.asked.cloud.clone();
        let names = self.names;
        let of = |region: &String| {
            let region = Some(region.clone());
            ScopeAudit::new(
                AuditTarget { cloud: cloud.clone(), region, ..AuditTarget::default() },
                names,
            )
        };
        let visits: Vec<ScopeAudit> = regions.iter().map(of).collect();
        self.visits.splice(at..=at, visits);
        self.compared.insert(cloud);
    }

    /// Everything was asked for: regions that the configuration leaves out are told.
    fn compare(&mut self, at: usize, regions: &[String]) {
        let visit = &self.visits[at];
        let asked = |region: &&String| {
            let is = |known: &String| known.eq_ignore_ascii_case(region);
            self.of_cloud(visit).any(|visit| visit.asked.region.as_ref().is_some_and(is))
        };
        let left: Vec<&str> =
            regions.iter().filter(|region| !asked(region)).map(String::as_str).collect();
        if left.is_empty() {
            return;
        }
        let more = if left.len() > SOME { ", …" } else { "" };
        let some = left[..left.len().min(SOME)].join(", ");
        let cloud = visit.asked.cloud.clone().unwrap_or_default();
        self.narrator.say(format_args!(
            "cloud {cloud}: its catalog has the image service in {} more regions ({some}{more}), which its entry leaves \
             out; list them under `regions:` to read them",
            left.len()
        ));
    }
}
