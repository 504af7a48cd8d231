//! Reading a scope: every list to its last page, and the members of every image, those on the screen first.
//!
//! One task owns the queue and all requests under way, so there is nothing to lock and one order of events.

use std::collections::{HashMap, HashSet, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::sync::mpsc;

use super::paging::Paging;
use super::tasks::TaskEvents;
use super::{Ids, Login, Reading, Wanted, members, retry};
use cloud::clients::{CloudError, Listing, Page, PageMark, RECEIVED};
use domain::{Failure, Image, ImageId};

/// What a reading reports on its way.
#[derive(Clone, Debug)]
pub enum ReadEvent {
    /// A page of images arrived.
    Images(Vec<Image>),
    /// Every list has been read. Images not among them are gone from the cloud.
    Listed {
        /// Every image of this reading; `None` when a list is incomplete, so nothing is known to be gone.
        present: Option<Vec<ImageId>>,
        /// Why a list is incomplete.
        failures: Vec<Failure>,
    },
    /// The members of an image were read, or could not be.
    Members {
        /// The image.
        image: ImageId,
        /// What was found.
        reading: Reading,
    },
    /// How far the reading of members is.
    Progress {
        /// Images whose members were read.
        read: usize,
        /// Images whose members are to be read, as far as known.
        of: usize,
    },
    /// What the lists leave out, as sentences without a period, each sent once. Comes before the members or the end that
    /// it is about.
    Notices(Vec<String>),
    /// The login was refused while reading. Only a new session reads again.
    SessionEnded(Failure),
    /// Everything that was asked for has been read, or could not be. The stream stays open for [`ReadControl`].
    Ended,
    /// The reader panicked, which is a bug. The last event.
    Failed(Failure),
}

/// A reading under way: a stream of [`ReadEvent`]. Dropping it cancels the reading.
#[derive(Debug)]
pub struct Reads {
    events: TaskEvents<ReadEvent>,
    orders: ReadControl,
}

impl Reads {
    pub(super) fn new(events: TaskEvents<ReadEvent>, orders: mpsc::UnboundedSender<Order>) -> Self {
        Self { events, orders: ReadControl(orders) }
    }

    /// A way to order what is read next.
    pub fn control(&self) -> ReadControl {
        self.orders.clone()
    }
}

impl Stream for Reads {
    type Item = ReadEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ReadEvent>> {
        self.events.poll_next_unpin(cx)
    }
}

/// Says what a reading reads next. Nothing happens once the reading is over.
#[derive(Clone, Debug)]
pub struct ReadControl(mpsc::UnboundedSender<Order>);

impl ReadControl {
    /// Reads the members of these images before others, most wanted first. Images already read in this reading are not
    /// read again.
    pub fn prioritize(&self, images: Vec<ImageId>) {
        let _ = self.0.send(Order::Prioritize(images));
    }

    /// Reads the members of these images again, now.
    pub fn reread(&self, images: Vec<ImageId>) {
        let _ = self.0.send(Order::Reread(images));
    }
}

#[derive(Debug)]
pub(super) enum Order {
    Prioritize(Ids),
    Reread(Ids),
}

/// How often a list that changes while it is read is restarted.
const RESTARTS: usize = 3;

pub(super) struct Reader {
    login: Login,
    events: mpsc::Sender<ReadEvent>,
    orders: mpsc::UnboundedReceiver<Order>,
    lists: FuturesUnordered<BoxFuture<'static, PageRead>>,
    reads: FuturesUnordered<BoxFuture<'static, (ImageId, Reading)>>,
    queue: Queue,
    images: HashSet<ImageId>,
    failures: Vec<Failure>,
    /// Notices that were sent already.
    notices: Vec<String>,
    read: usize,
}

/// A page, or why there is none.
struct PageRead {
    cursor: Cursor,
    page: Result<Page<Image>, CloudError>,
}

/// How far one list is read.
struct Cursor {
    listing: Listing,
    mark: Option<PageMark>,
    paging: Paging,
    restarts: usize,
}

impl Cursor {
    fn begin(listing: Listing, restarts: usize) -> Self {
        Self { listing, mark: None, paging: Paging::default(), restarts }
    }
}

impl Reader {
    pub(super) fn new(
        login: Login,
        events: mpsc::Sender<ReadEvent>,
        orders: mpsc::UnboundedReceiver<Order>,
    ) -> Self {
        Self {
            login,
            events,
            orders,
            lists: FuturesUnordered::new(),
            reads: FuturesUnordered::new(),
            queue: Queue::default(),
            images: HashSet::new(),
            failures: Vec::new(),
            notices: Vec::new(),
            read: 0,
        }
    }

    /// Reads what is wanted, reports the end, and goes on taking orders until it is cancelled.
    pub(super) async fn run(mut self, wanted: Wanted) {
        self.queue.eager = !matches!(wanted, Wanted::ImagesOnly | Wanted::ReceivedOnly);
        match wanted {
            Wanted::These(ids) => self.read_named(ids).await,
            Wanted::All { received } => self.start_lists(self.login.cloud.listings(received)),
            Wanted::ImagesOnly => self.start_lists(self.login.cloud.listings(false)),
            Wanted::ReceivedOnly => self.start_lists(RECEIVED.to_vec()),
        }
        let mut ended = false;
        loop {
            self.start_reads();
            if !ended && self.is_idle() {
                ended = true;
                self.send_progress().await;
                self.send_notices().await;
                self.send(ReadEvent::Ended).await;
            }
            tokio::select! {
                Some(on_page) = self.lists.next() => self.on_page(on_page).await,
                Some((image, reading)) = self.reads.next() => self.on_members(image, reading).await,
                order = self.orders.recv() => match order {
                    Some(order) => self.on_order(order),
                    None => return,
                },
            }
        }
    }

    fn start_lists(&mut self, listings: Vec<Listing>) {
        for listing in listings {
            self.request_page(Cursor::begin(listing, 0));
        }
    }

    /// Named images are requested one by one: no list is read for them.
    async fn read_named(&mut self, ids: Ids) {
        let login = self.login.clone();
        let ask = |id: ImageId| {
            let login = &login;
            async move {
                let image = retry::read(&login.limiter, || login.cloud.image(&id)).await;
                (id, image)
            }
        };
        let mut answers = futures_util::stream::iter(ids).map(ask).buffered(login.limiter.max());
        let mut images = Vec::new();
        while let Some((id, answer)) = answers.next().await {
            match answer {
                Ok(image) => images.push(image),
                Err(error) => self.failures.push(error.failure(format!("read image {id}"))),
            }
        }
        self.on_images(images).await;
        self.send_listed().await;
    }

    /// Requests the next page of a list.
    fn request_page(&mut self, cursor: Cursor) {
        let login = self.login.clone();
        let request_page = async move {
            let request = || login.cloud.images(cursor.listing, cursor.mark.as_ref());
            let page = retry::read(&login.limiter, request).await;
            PageRead { cursor, page }
        };
        self.lists.push(request_page.boxed());
    }

    async fn on_page(&mut self, PageRead { cursor, page }: PageRead) {
        match page {
            Ok(page) => self.page(cursor, page).await,
            Err(CloudError::StaleMark(_)) if cursor.restarts < RESTARTS => {
                self.request_page(Cursor::begin(cursor.listing, cursor.restarts + 1));
            }
            Err(error) => {
                let failure = not_listed(cursor.listing, &error);
                if matches!(&error, CloudError::Login(login) if !login.is_transient()) {
                    self.send(ReadEvent::SessionEnded(failure.clone())).await;
                }
                self.failures.push(failure);
                self.failures.extend(unreadable(&cursor));
            }
        }
        if self.lists.is_empty() {
            self.send_listed().await;
        }
    }

    async fn page(&mut self, mut cursor: Cursor, page: Page<Image>) {
        cursor.paging.page(page.items.iter().map(|image| &image.id), page.unreadable);
        self.on_images(page.items).await;
        match page.next.map(|next| cursor.paging.check_next(&next).map(|()| next)) {
            Some(Ok(next)) => {
                cursor.mark = Some(next);
                return self.request_page(cursor);
            }
            Some(Err(why)) => self.failures.push(Failure::new(what(cursor.listing), why)),
            None => {}
        }
        self.failures.extend(unreadable(&cursor));
    }

    async fn on_images(&mut self, mut images: Vec<Image>) {
        images.retain(|image| self.images.insert(image.id.clone()));
        if images.is_empty() {
            return;
        }
        for image in &images {
            self.queue.add(image.id.clone(), self.login.cloud.members_apply(image));
        }
        let without = |image: &&Image| !self.login.cloud.members_apply(image);
        let dormant: Ids = images.iter().filter(without).map(|image| image.id.clone()).collect();
        self.send(ReadEvent::Images(images)).await;
        for image in dormant {
            self.on_members(image, Reading::DoNotApply).await;
        }
        self.send_progress().await;
    }

    /// Starts as many reads as may be sent now, and no more: what is looked at next must not wait behind others.
    fn start_reads(&mut self) {
        while self.reads.len() < self.login.limiter.limit() {
            let Some(image) = self.queue.take() else { return };
            let login = self.login.clone();
            let read = async move {
                let reading = members::read(&login, &image).await;
                (image, reading)
            };
            self.reads.push(read.boxed());
        }
    }

    async fn on_members(&mut self, image: ImageId, reading: Reading) {
        self.read += 1;
        self.queue.done(&image);
        self.send_notices().await;
        self.send(ReadEvent::Members { image, reading }).await;
        if self.read.is_multiple_of(16) {
            self.send_progress().await;
        }
    }

    fn on_order(&mut self, order: Order) {
        match order {
            Order::Prioritize(images) => self.queue.prefer(images),
            Order::Reread(images) => self.queue.again(images),
        }
    }

    fn is_idle(&self) -> bool {
        self.lists.is_empty() && self.reads.is_empty() && self.queue.is_empty()
    }

    async fn send_listed(&mut self) {
        let failures = std::mem::take(&mut self.failures);
        let complete = failures.is_empty();
        let present = complete.then(|| self.images.iter().cloned().collect());
        self.send(ReadEvent::Listed { present, failures }).await;
    }

    async fn send_notices(&mut self) {
        let mut notices = self.login.cloud.notices();
        notices.retain(|notice| !self.notices.contains(notice));
        if !notices.is_empty() {
            self.notices.extend_from_slice(&notices);
            self.send(ReadEvent::Notices(notices)).await;
        }
    }

    async fn send_progress(&mut self) {
        let of = self.images.len().max(self.read);
        self.send(ReadEvent::Progress { read: self.read, of }).await;
    }

    async fn send(&mut self, event: ReadEvent) {
        // Fails only when the stream was dropped, and then this task is about to be cancelled.
        let _ = self.events.send(event).await;
    }
}

/// A list that is not found means a wrong address, not a deleted image.
fn not_listed(listing: Listing, error: &CloudError) -> Failure {
    let failure = error.failure(what(listing));
    match error.refusal() {
        Some(refusal) if refusal.status == 404 => Failure {
            why: format!("the cloud answered 404: {}", refusal.said()).into(),
            ..failure.with_hint(
                "this address has no such list: check the region, and `image_endpoint_override` if it is set",
            )
        },
        _ => failure,
    }
}

/// A list with unreadable entries is incomplete. Reported once a list, for all its pages.
fn unreadable(cursor: &Cursor) -> Option<Failure> {
    cursor.paging.unreadable().map(|why| Failure::new(what(cursor.listing), why))
}

fn what(listing: Listing) -> &'static str {
    match listing {
        Listing::Owned => "list the project's images",
        Listing::OwnedHidden => "list the project's hidden images",
        Listing::ReceivedPending => "list the pending images",
        Listing::ReceivedAccepted => "list the accepted images",
        Listing::ReceivedRejected => "list the rejected images",
    }
}

/// Images whose members are to be read: those looked at first, the others in order of arrival.
#[derive(Default)]
struct Queue {
    /// Every image is read, looked at or not.
    eager: bool,
    known: HashMap<ImageId, Wait>,
    urgent: VecDeque<ImageId>,
    later: VecDeque<ImageId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// Not requested yet; in either queue, or in none when nothing is eager.
    Waiting,
    /// Being read.
    Reading,
    /// Being read, and to be read again after that: the answer may be older than the order.
    ReadingStale,
    /// Read.
    Done,
}

impl Queue {
    fn add(&mut self, image: ImageId, members_apply: bool) {
        if self.eager && members_apply {
            self.later.push_back(image.clone());
        }
        self.known.insert(image, if members_apply { Wait::Waiting } else { Wait::Done });
    }

    fn prefer(&mut self, images: Ids) {
        for image in images.into_iter().rev() {
            if self.known.get(&image) == Some(&Wait::Waiting) {
                self.urgent.push_front(image);
            }
        }
    }

    fn again(&mut self, images: Ids) {
        for image in images.into_iter().rev() {
            let wait = match self.known.get(&image) {
                Some(Wait::Reading | Wait::ReadingStale) => Wait::ReadingStale,
                _ => Wait::Waiting,
            };
            self.known.insert(image.clone(), wait);
            if wait == Wait::Waiting {
                self.urgent.push_front(image);
            }
        }
    }

    fn take(&mut self) -> Option<ImageId> {
        while let Some(image) = self.urgent.pop_front().or_else(|| self.later.pop_front()) {
            if let Some(wait @ Wait::Waiting) = self.known.get_mut(&image) {
                *wait = Wait::Reading;
                return Some(image);
            }
        }
        None
    }

    fn done(&mut self, image: &ImageId) {
        if self.known.insert(image.clone(), Wait::Done) == Some(Wait::ReadingStale) {
            self.again(vec![image.clone()]);
        }
    }

    fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.later.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(eager: bool, images: &[&str]) -> Queue {
        let mut queue = Queue { eager, ..Queue::default() };
        for id in images {
            queue.add((*id).into(), true);
        }
        queue
    }

    fn drain(queue: &mut Queue) -> String {
        std::iter::from_fn(|| queue.take()).map(|id| id.to_string()).collect()
    }

    #[test]
    fn images_on_the_screen_are_read_first_and_every_image_once() {
        let mut queue = queue(true, &["a", "b", "c", "d"]);
        queue.prefer(vec!["c".into(), "b".into()]);
        queue.prefer(vec!["d".into(), "c".into()]);

        assert_eq!(drain(&mut queue), "dcba");
    }

    #[test]
    fn not_eager_only_images_looked_at_are_read() {
        let mut queue = queue(false, &["a", "b"]);
        assert_eq!(drain(&mut queue), "");

        queue.prefer(vec!["b".into()]);
        assert_eq!(drain(&mut queue), "b");
    }

    #[test]
    fn an_image_that_is_read_is_not_read_again_because_it_is_looked_at() {
        let mut queue = queue(true, &["a"]);
        drain(&mut queue);
        queue.done(&"a".into());
        queue.prefer(vec!["a".into()]);
        assert_eq!(drain(&mut queue), "");

        queue.again(vec!["a".into()]);
        assert_eq!(drain(&mut queue), "a");
    }

    #[test]
    fn a_wish_to_read_again_during_a_reading_is_a_second_reading() {
        let mut queue = queue(true, &["a"]);
        drain(&mut queue);
        queue.again(vec!["a".into()]);
        assert_eq!(drain(&mut queue), "");

        queue.done(&"a".into());
        assert_eq!(drain(&mut queue), "a");
    }
}
