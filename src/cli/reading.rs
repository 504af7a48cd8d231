//! What a reading has found so far.

use std::collections::HashSet;

use futures_util::StreamExt;

use super::session::ended;
use domain::{Failure, ImageId, ImageIx, Inventory, MemberList};
use engine::{self, ReadEvent, Reads};

/// An inventory, and what could not be read.
#[derive(Debug, Default)]
pub struct Reading {
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
    /// Takes everything up to the end; `each` sees it after every event.
    pub async fn read(
        &mut self,
        reads: &mut Reads,
        mut each: impl FnMut(&Self),
    ) -> Result<(), Failure> {
        while !self.take(reads.next().await.ok_or_else(ended)?)? {
            each(self);
        }
        Ok(())
    }

    /// Reads the members of images that are not read yet.
    pub async fn read_members(
        &mut self,
        reads: &mut Reads,
        images: &[ImageIx],
        mut each: impl FnMut(&Self),
    ) -> Result<(), Failure> {
        let unread = |ix: &&ImageIx| *self.inventory.list(**ix) == MemberList::Unread;
        let id = |ix: &ImageIx| self.inventory.image(*ix).id.clone();
        let mut left: HashSet<ImageId> = images.iter().filter(unread).map(id).collect();
        reads.control().reread(left.iter().cloned().collect());
        while !left.is_empty() {
            let event = reads.next().await.ok_or_else(ended)?;
            if let ReadEvent::Members { image, .. } = &event {
                left.remove(image);
            }
            self.take(event)?;
            each(self);
        }
        Ok(())
    }

    /// Takes an event; true when the reading has ended.
    fn take(&mut self, event: ReadEvent) -> Result<bool, Failure> {
        match event {
            ReadEvent::Images(images) => {
                for image in images {
                    self.inventory.put_image(image);
                }
            }
            ReadEvent::Listed { failures, .. } => self.failures.extend(failures),
            ReadEvent::Members { image, reading } => {
                if let Some(ix) = self.inventory.find(&image) {
                    self.found(ix, reading);
                }
            }
            ReadEvent::Progress { read, of } => self.progress = (read, of),
            ReadEvent::Notices(notices) => self.notices.extend(notices),
            // The lists that failed say so themselves.
            ReadEvent::SessionEnded(_) => {}
            ReadEvent::Ended => return Ok(true),
            ReadEvent::Failed(failure) => return Err(failure),
        }
        Ok(false)
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
            MemberList::Unread => Some("its members were not read".into()),
            MemberList::Read(_) | MemberList::DoNotApply => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Image;

    fn reading(images: &[&str]) -> Reading {
        let mut reading = Reading::default();
        let images = images.iter().map(|id| Image::bare((*id).into())).collect();
        reading.take(ReadEvent::Images(images)).unwrap();
        reading
    }

    fn members(image: &str, reading: engine::Reading) -> ReadEvent {
        ReadEvent::Members { image: ImageId::from(image), reading }
    }

    #[test]
    fn what_could_not_be_read_is_unknown_and_not_none() {
        let mut reading = reading(&["a", "b", "c"]);
        let failure = Failure::new("read the members of a", "503");
        reading.take(members("a", engine::Reading::Failed(failure))).unwrap();
        reading.take(members("b", engine::Reading::Members(vec![]))).unwrap();

        let unknown = |id: &str| reading.unknown(reading.inventory.find(&id.into()).unwrap());
        assert_eq!(unknown("a").unwrap(), "cannot read the members of a: 503");
        assert_eq!(unknown("b"), None);
        assert!(unknown("c").is_some());
    }

    #[test]
    fn an_image_that_went_meanwhile_is_no_image() {
        let mut reading = reading(&["a", "b"]);
        reading.take(members("a", engine::Reading::NotFound)).unwrap();
        assert_eq!((reading.inventory.image_count(), reading.vanished), (1, 1));
    }

    #[test]
    fn a_reader_that_failed_ends_the_command_with_status_1_and_the_reason() {
        let failure = Failure::new("finish what was asked for", "a task failed");

        let failure = Reading::default().take(ReadEvent::Failed(failure)).unwrap_err();

        let stop = crate::cli::Stop::from(failure);
        assert_eq!(stop.exit() as i32, 1);
        assert!(stop.to_string().contains("a task failed"), "{stop}");
    }
}
