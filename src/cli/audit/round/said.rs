//! What stderr is told while a round is on its way.

use super::Round;
use crate::cli::audit::scope_audit::ScopeAudit;

impl Round<'_> {
    pub(super) fn say_once(&mut self, line: String) {
        if !self.said.contains(&line) {
            self.narrator.say(&line);
            self.said.insert(line);
        }
    }

    pub(super) fn tell_twins(&mut self, at: usize) {
        for several in self.visits[at].work.named.iter().filter(|named| named.images.len() > 1) {
            let (count, typed) = (several.images.len(), &several.typed);
            let several = self.visits.len() > 1;
            let place = several.then(|| format!("{}: ", self.visits[at].place()));
            let place = place.unwrap_or_default();
            self.narrator.say(format_args!("{place}{count} images are called `{typed}`"));
        }
    }

    pub(super) fn tell_progress(&mut self) {
        let visits = &self.visits;
        self.narrator.progress(|| {
            let of = |visit: &ScopeAudit| {
                let reading = &visit.work.reading;
                (reading.progress.0, reading.progress.1.max(reading.inventory.image_count()))
            };
            let sum = |(a, b), (c, d)| (a + c, b + d);
            let (read, images) = visits.iter().map(of).fold((0, 0), sum);
            let members = format!("reading members: {read} of {images} images");
            let ended = visits.iter().filter(|visit| visit.has_ended()).count();
            match visits.len() {
                1 => members,
                scopes => format!("{ended} of {scopes} scopes done; {members}"),
            }
        });
    }
}
