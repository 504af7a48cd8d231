//! What a reading has found so far: events folded into an inventory.

use crate::domain::{Failure, ImageIx, Inventory, MemberList};
use crate::engine::{self, Event, ReadingId};

/// An inventory, and what could not be read.
#[derive(Debug, Default)]
pub struct Reading {
    /// Events of other readings of the session are out of date.
    pub id: ReadingId,
    /// What was found.
    pub inventory: Inventory,
    /// Why lists are not complete.
    pub failures: Vec<Failure>,
    /// Images whose members were read, and images there are.
    pub progress: (usize, usize),
    /// Images that were listed, and were not found when their turn came: deleted, or of another project since.
    pub vanished: usize,
    /// What the lists leave out, as sentences without a period.
    pub notices: Vec<String>,
}

impl Reading {
    /// Folds an event in; true when the reading has ended.
    pub fn take(&mut self, event: Event) -> bool {
        match event {
            Event::Images { images, .. } => {
                for image in images {
                    self.inventory.put_image(image);
                }
            }
            Event::Listed { reading, .. }
            | Event::Progress { reading, .. }
            | Event::ReadEnded { reading, .. }
                if reading != self.id => {}
            Event::Listed { failures, .. } => self.failures.extend(failures),
            Event::Members { image, reading, .. } => {
                if let Some(ix) = self.inventory.find(&image) {
                    self.found(ix, reading);
                }
            }
            Event::Progress { read, of, .. } => self.progress = (read, of),
            Event::Notices { notices, .. } => self.notices.extend(notices),
            Event::ReadEnded { .. } => return true,
            _ => {}
        }
        false
    }

    fn found(&mut self, ix: ImageIx, reading: engine::Reading) {
        match reading {
            engine::Reading::Members(members) => self.inventory.put_members(ix, members),
            engine::Reading::DoNotApply => self.inventory.put_list(ix, MemberList::DoNotApply),
            engine::Reading::NotFound => {
                self.inventory.remove_image(ix);
                self.vanished += 1;
            }
            engine::Reading::Failed(failure) => {
                self.inventory.put_list(ix, MemberList::Failed(failure.to_string().into()));
            }
        }
    }

    /// Why an image's members are not known, if they are not.
    pub fn unknown(&self, ix: ImageIx) -> Option<String> {
        match self.inventory.list(ix) {
            MemberList::Failed(why) => Some(why.raw().to_owned()),
            MemberList::Unread => Some("cannot read its members: it was not their turn".into()),
            MemberList::Read(_) | MemberList::DoNotApply => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Image, ImageId};
    use crate::engine::SessionId;

    const SESSION: SessionId = SessionId(1);

    fn reading(images: &[&str]) -> Reading {
        let mut reading = Reading::default();
        let images = images.iter().map(|id| Image::bare((*id).into())).collect();
        reading.take(Event::Images { session: SESSION, images });
        reading
    }

    fn members(image: &str, reading: engine::Reading) -> Event {
        Event::Members { session: SESSION, image: ImageId::from(image), reading }
    }

    #[test]
    fn what_could_not_be_read_is_unknown_and_not_none() {
        let mut reading = reading(&["a", "b", "c"]);
        let failure = Failure::new("read the members of a", "503");
        reading.take(members("a", engine::Reading::Failed(failure)));
        reading.take(members("b", engine::Reading::Members(vec![])));

        let unknown = |id: &str| reading.unknown(reading.inventory.find(&id.into()).unwrap());
        assert_eq!(unknown("a").unwrap(), "cannot read the members of a: 503");
        assert_eq!(unknown("b"), None);
        assert!(unknown("c").is_some());
    }

    #[test]
    fn an_image_that_went_meanwhile_is_no_image() {
        let mut reading = reading(&["a", "b"]);
        reading.take(members("a", engine::Reading::NotFound));
        assert_eq!((reading.inventory.image_count(), reading.vanished), (1, 1));
    }

    #[test]
    fn only_the_end_of_this_reading_ends_it() {
        let mut reading = Reading { id: ReadingId(2), ..Reading::default() };
        let end = |reading| Event::ReadEnded { session: SESSION, reading: ReadingId(reading) };
        let failures = vec![Failure::new("list", "503")];
        let listed =
            Event::Listed { session: SESSION, reading: ReadingId(1), present: None, failures };
        assert!(!reading.take(listed));
        assert_eq!(reading.failures, []);
        assert!(!reading.take(end(1)));
        assert!(reading.take(end(2)));
    }
}
