//! Room for long answers: one at a time is read or in memory, so that many of them at once need no more than one does.
//! Of a list that is what it may keep, and one entry; up to 256 answers may be on their way.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// An answer is long beyond this. In bytes.
const LONG: usize = 256 << 10;

/// The place for the one long answer of a client.
#[derive(Debug)]
pub(super) struct Rooms(Arc<Semaphore>);

/// The place, taken until this is dropped.
#[derive(Clone, Debug)]
pub(super) struct Room {
    _taken: Arc<OwnedSemaphorePermit>,
}

impl Default for Rooms {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Rooms {
    /// Waits for room once a body has grown long; the server waits meanwhile, for nothing more is read from it.
    pub(super) async fn make(&self, room: &mut Option<Room>, length: usize) {
        if room.is_some() || length <= LONG {
            return;
        }
        // Only a closed semaphore gives none, and nobody closes this one.
        let permit = Arc::clone(&self.0).acquire_owned().await.ok();
        *room = permit.map(|permit| Room { _taken: Arc::new(permit) });
    }
}
