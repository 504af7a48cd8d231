//! Reading a scope: every list to its last page, and the members of every image, those on the screen first.
//!
//! One task owns the queue and all requests under way, so there is nothing to lock and one order of events.

use std::collections::{HashMap, HashSet, VecDeque};

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;

use super::{Event, Ids, Login, Reading, SessionId, Wanted, members, patience};
use crate::cloud::{CloudError, Listing, Page, PageMark, RECEIVED};
use crate::domain::{Failure, Image, ImageId};

/// What the screen asks of a reading that is going on.
#[derive(Debug)]
pub(super) enum Order {
    /// Read these first.
    LookAt(Ids),
    /// Read these again.
    Reread(Ids),
}

/// A list that changes under the reader is begun anew this often.
const RESTARTS: usize = 3;

/// More images than this are no list but a server that never ends one; 100 000 are what a large cloud has.
const MOST: usize = 200_000;

pub(super) struct Reader {
    session: SessionId,
    login: Login,
    events: mpsc::Sender<Event>,
    orders: mpsc::UnboundedReceiver<Order>,
    lists: FuturesUnordered<BoxFuture<'static, Turned>>,
    reads: FuturesUnordered<BoxFuture<'static, (ImageId, Reading)>>,
    queue: Queue,
    images: HashSet<ImageId>,
    failures: Vec<Failure>,
    /// Notices that were sent.
    notices: Vec<String>,
    read: usize,
}

/// A page that came, or did not.
struct Turned {
    walk: Walk,
    page: Result<Page<Image>, CloudError>,
}

/// The way through one list.
struct Walk {
    listing: Listing,
    mark: Option<PageMark>,
    marks: HashSet<PageMark>,
    seen: HashSet<ImageId>,
    /// Pages so far.
    pages: usize,
    /// Pages since the last image of this list.
    barren: usize,
    restarts: usize,
}

/// Beyond [`MOST_BARREN`] pages, a page is expected to bring this many images: pages of a hundred and more are asked for,
/// and no cloud is known that gives fewer than 25.
const FULL_ENOUGH: usize = 10;

/// So many pages in a row without any image of a list are taken for a list that does not end.
const MOST_BARREN: usize = 1000;

impl Walk {
    fn begin(listing: Listing, restarts: usize) -> Self {
        let (marks, seen) = (HashSet::new(), HashSet::new());
        Self { listing, mark: None, marks, seen, pages: 0, barren: 0, restarts }
    }

    /// Whether a page leads on. One that repeats images does not. One without images of this list may: Glance mixes
    /// own images among received ones, by the thousand where a project has that many (seen, Glance 33).
    fn advances(&mut self, images: &[Image]) -> bool {
        self.pages += 1;
        let before = self.seen.len();
        self.seen.extend(images.iter().map(|image| image.id.clone()));
        self.barren = if images.is_empty() { self.barren + 1 } else { 0 };
        self.seen.len() > before || (images.is_empty() && self.barren < MOST_BARREN)
    }

    /// Why this is no list that ends, if it is none.
    fn endless(&self) -> Option<String> {
        if self.seen.len() >= MOST {
            return Some(format!("it does not end: there are more than {MOST} images"));
        }
        let thin = self.pages > MOST_BARREN + self.seen.len() / FULL_ENOUGH;
        thin.then(|| {
            format!("it does not end: {} pages with {} images", self.pages, self.seen.len())
        })
    }
}

impl Reader {
    pub(super) fn new(
        session: SessionId,
        login: Login,
        events: mpsc::Sender<Event>,
        orders: mpsc::UnboundedReceiver<Order>,
    ) -> Self {
        Self {
            session,
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

    /// Reads what is wanted, says that it ended, and goes on taking orders until it is cancelled.
    pub(super) async fn run(mut self, wanted: Wanted) {
        self.queue.eager = !matches!(wanted, Wanted::ImagesOnly | Wanted::ReceivedOnly);
        match wanted {
            Wanted::These(ids) => self.read_these(ids).await,
            Wanted::All { received } => self.begin_lists(self.login.cloud.listings(received)),
            Wanted::ImagesOnly => self.begin_lists(self.login.cloud.listings(false)),
            Wanted::ReceivedOnly => self.begin_lists(RECEIVED.to_vec()),
        }
        let mut ended = false;
        loop {
            self.fill();
            if !ended && self.is_idle() {
                ended = true;
                self.say_progress().await;
                self.say_notices().await;
                self.say(Event::ReadEnded { session: self.session }).await;
            }
            tokio::select! {
                Some(turned) = self.lists.next() => self.turned(turned).await,
                Some((image, reading)) = self.reads.next() => self.found(image, reading).await,
                order = self.orders.recv() => match order {
                    Some(order) => self.take(order),
                    None => return,
                },
            }
        }
    }

    fn begin_lists(&mut self, listings: Vec<Listing>) {
        for listing in listings {
            self.turn(Walk::begin(listing, 0));
        }
    }

    /// Named images are asked for one by one: no list is read for them.
    async fn read_these(&mut self, ids: Ids) {
        let login = self.login.clone();
        let ask = |id: ImageId| {
            let login = &login;
            async move {
                let image = patience::read(&login.pace, || login.cloud.image(&id)).await;
                (id, image)
            }
        };
        let mut answers = futures_util::stream::iter(ids).map(ask).buffered(login.pace.limit());
        let mut images = Vec::new();
        while let Some((id, answer)) = answers.next().await {
            match answer {
                Ok(image) => images.push(image),
                Err(error) => self.failures.push(error.failure(format!("read image {id}"))),
            }
        }
        self.arrived(images).await;
        self.say_listed().await;
    }

    /// Asks for the next page of a list.
    fn turn(&mut self, walk: Walk) {
        let login = self.login.clone();
        let turn = async move {
            let request = || login.cloud.images(walk.listing, walk.mark.as_ref());
            let page = patience::read(&login.pace, request).await;
            Turned { walk, page }
        };
        self.lists.push(turn.boxed());
    }

    async fn turned(&mut self, Turned { walk, page }: Turned) {
        match page {
            Ok(page) => self.page(walk, page).await,
            Err(CloudError::StaleMark(_)) if walk.restarts < RESTARTS => {
                self.turn(Walk::begin(walk.listing, walk.restarts + 1));
            }
            Err(error) => {
                let failure = not_listed(walk.listing, &error);
                if matches!(&error, CloudError::Login(login) if !login.is_transient()) {
                    let (session, failure) = (self.session, failure.clone());
                    self.say(Event::SessionEnded { session, failure }).await;
                }
                self.failures.push(failure);
            }
        }
        if self.lists.is_empty() {
            self.say_listed().await;
        }
    }

    async fn page(&mut self, mut walk: Walk, page: Page<Image>) {
        if page.unreadable > 0 {
            let why = format!("{} entries of the list make no sense", page.unreadable);
            self.failures.push(Failure::new(what(walk.listing), why));
        }
        let advances = walk.advances(&page.items);
        self.arrived(self.belonging(walk.listing, page.items)).await;
        let Some(next) = page.next else { return };
        if !advances || !walk.marks.insert(next.clone()) {
            let endless = Failure::new(what(walk.listing), "its pages repeat and do not end");
            return self.failures.push(endless);
        }
        if let Some(why) = walk.endless() {
            return self.failures.push(Failure::new(what(walk.listing), why));
        }
        walk.mark = Some(next);
        self.turn(walk);
    }

    /// The images that belong in a list. A cloud may ignore the owner it is asked for, and may leave the
    /// owner out of an answer that was asked for by owner.
    fn belonging(&self, listing: Listing, images: Vec<Image>) -> Vec<Image> {
        let own = &self.login.scope.project_id;
        let wants_own = matches!(listing, Listing::Owned | Listing::OwnedHidden);
        let images = images.into_iter().map(|mut image| {
            if wants_own && image.owner.is_none() && own.is_known() {
                image.owner = Some(own.clone());
            }
            image
        });
        images.filter(|image| image.is_owned_by(own) == wants_own).collect()
    }

    async fn arrived(&mut self, mut images: Vec<Image>) {
        images.retain(|image| self.images.insert(image.id.clone()));
        if images.is_empty() {
            return;
        }
        for image in &images {
            self.queue.add(image.id.clone(), self.login.cloud.members_apply(image));
        }
        let without = |image: &&Image| !self.login.cloud.members_apply(image);
        let dormant: Ids = images.iter().filter(without).map(|image| image.id.clone()).collect();
        self.say(Event::Images { session: self.session, images }).await;
        for image in dormant {
            self.found(image, Reading::DoNotApply).await;
        }
        self.say_progress().await;
    }

    /// Starts as many reads as the pace allows.
    fn fill(&mut self) {
        while self.reads.len() < self.login.pace.limit() {
            let Some(image) = self.queue.take() else { return };
            let login = self.login.clone();
            let read = async move {
                let reading = members::read(&login, &image).await;
                (image, reading)
            };
            self.reads.push(read.boxed());
        }
    }

    async fn found(&mut self, image: ImageId, reading: Reading) {
        self.read += 1;
        self.queue.done(&image);
        self.say_notices().await;
        self.say(Event::Members { session: self.session, image, reading }).await;
        if self.read.is_multiple_of(16) {
            self.say_progress().await;
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::LookAt(images) => self.queue.prefer(images),
            Order::Reread(images) => self.queue.again(images),
        }
    }

    fn is_idle(&self) -> bool {
        self.lists.is_empty() && self.reads.is_empty() && self.queue.is_empty()
    }

    async fn say_listed(&mut self) {
        let failures = std::mem::take(&mut self.failures);
        let complete = failures.is_empty();
        let present = complete.then(|| self.images.iter().cloned().collect());
        self.say(Event::Listed { session: self.session, present, failures }).await;
    }

    async fn say_notices(&mut self) {
        let mut notices = self.login.cloud.notices();
        notices.retain(|notice| !self.notices.contains(notice));
        if !notices.is_empty() {
            self.notices.extend_from_slice(&notices);
            self.say(Event::Notices { session: self.session, notices }).await;
        }
    }

    async fn say_progress(&mut self) {
        let of = self.images.len().max(self.read);
        self.say(Event::Progress { session: self.session, read: self.read, of }).await;
    }

    async fn say(&mut self, event: Event) {
        // Fails only when nobody listens any more, and then this task is about to be cancelled.
        let _ = self.events.send(event).await;
    }
}

/// A list that is not there is a wrong address, not an image that went.
fn not_listed(listing: Listing, error: &CloudError) -> Failure {
    let failure = error.failure(what(listing));
    match error.refusal() {
        Some(refusal) if refusal.status == 404 => Failure {
            why: format!("the cloud answered 404: {}", refusal.said()).into(),
            ..failure.with_remedy(
                "this address has no such list: check the region, and `image_endpoint_override` if it is set",
            )
        },
        _ => failure,
    }
}

fn what(listing: Listing) -> &'static str {
    match listing {
        Listing::Owned => "list the project's images",
        Listing::OwnedHidden => "list the project's hidden images",
        Listing::ReceivedPending => "list the images that wait to be accepted",
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
    /// Not asked for yet; may stand in either line, or in none when nothing is eager.
    Waiting,
    /// Being read.
    Reading,
    /// Being read, and to be read again after that: the answer may be older than the wish.
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
    fn without_haste_only_images_looked_at_are_read() {
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

    /// How many pages a list of pages of this size is followed for; `None` when it ends by itself first.
    fn given_up_after(size: usize, pages: usize) -> Option<usize> {
        let mut walk = Walk::begin(Listing::Owned, 0);
        (1..=pages).find(|page| {
            let image = |at| Image::bare(format!("{page}-{at}").as_str().into());
            let images: Vec<Image> = (0..size).map(image).collect();
            assert!(walk.advances(&images));
            walk.endless().is_some()
        })
    }

    #[test]
    fn a_list_of_nearly_empty_pages_is_given_up_and_a_long_one_of_small_pages_is_not() {
        assert_eq!(given_up_after(1, 5000), Some(1112));
        assert_eq!(given_up_after(25, 4000), None, "100 000 images, 25 a page");
        assert_eq!(given_up_after(1000, 500), Some(200));
    }
}
