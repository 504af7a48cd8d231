//! Images, members and the time: what is true, whatever the services say.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::time::{Duration, Instant};

use domain::{
    Image, ImageId, Member, MemberStatus, Membership, Moment, ProjectId, Share, Visibility,
};

use super::identity::Identity;
use super::jobs::Jobs;
use super::keys::Locks;
use super::options::Options;
use super::rackspace::accounts;
use super::{names, seed};

/// An image as the cloud keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredImage {
    /// What both services tell about it.
    pub image: Image,
    /// Its memberships. Dormant, not gone, while the image is private.
    pub members: Vec<Membership>,
    /// The distribution, as Glance tells it.
    pub distro: &'static str,
}

impl StoredImage {
    /// An active, shared image without members.
    pub fn new(id: ImageId, name: &str, owner: &ProjectId, created: Moment) -> Self {
        let image = Image {
            name: Some(name.into()),
            owner: Some(owner.clone()),
            status: Some("active".into()),
            visibility: Visibility::Shared,
            created_at: Some(created),
            updated_at: Some(created),
            size: Some(2_361_393_152),
            ..Image::bare(id)
        };
        Self { image, members: Vec::new(), distro: "linux" }
    }

    /// The memberships in force: those of a private image are dormant, and other kinds have none.
    pub fn listed(&self) -> &[Membership] {
        if self.image.visibility == Visibility::Shared { &self.members } else { &[] }
    }

    pub(super) fn membership(&self, member: &Member) -> Option<&Membership> {
        self.members.iter().find(|membership| membership.member == *member)
    }

    pub(super) fn is_owned_by(&self, project: &ProjectId) -> bool {
        self.image.owner.as_ref() == Some(project)
    }

    fn place(&self) -> (Reverse<Option<Moment>>, ImageId) {
        (Reverse(self.image.created_at), self.image.id.clone())
    }
}

/// The cloud's clock: it starts at a given moment and goes on.
#[derive(Clone, Copy, Debug)]
struct Clock {
    base: Moment,
    started: Instant,
}

/// The truth. Tests read it, and change it behind the client's back.
#[derive(Debug)]
pub struct World {
    /// How the cloud behaves; most of it can be changed while it runs.
    pub options: Options,
    pub(super) identity: Identity,
    pub(super) jobs: Jobs,
    pub(super) locks: Locks,
    images: HashMap<ImageId, StoredImage>,
    /// Newest first: the order of every list that asks for no other.
    order: BTreeSet<(Reverse<Option<Moment>>, ImageId)>,
    clock: Clock,
    rng: fastrand::Rng,
    /// Requests taken in the current second.
    taken: (Moment, usize),
}

impl World {
    /// Makes the world its options describe.
    pub(super) fn seeded(options: Options) -> Self {
        let mut rng = fastrand::Rng::with_seed(options.seed);
        let base = options.now.unwrap_or_else(wall_clock);
        let identity = Identity::seeded(options.members, options.odd, &mut rng);
        let mut world = Self {
            identity,
            jobs: Jobs::default(),
            locks: Locks::default(),
            images: HashMap::with_capacity(options.images + 16),
            order: BTreeSet::new(),
            clock: Clock { base, started: Instant::now() },
            rng: rng.fork(),
            taken: (base, 0),
            options,
        };
        seed::images(&mut world, &mut rng);
        accounts::images(&mut world);
        world
    }

    /// What the cloud's clock shows, in milliseconds.
    pub fn now(&self) -> Moment {
        let passed = i64::try_from(self.clock.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Moment(self.clock.base.0.saturating_add(passed))
    }

    /// The clock in whole seconds, as images and members show it.
    pub(super) fn second(&self) -> Moment {
        let now = self.now().0;
        Moment(now - now.rem_euclid(1000))
    }

    /// Puts the clock forward: tokens expire, jobs come due.
    pub fn advance(&mut self, by: Duration) {
        self.clock.base.0 += i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.settle();
    }

    /// Counts a request, unless the limit of this second is reached.
    pub(super) fn takes_one_more(&mut self, limit: usize) -> bool {
        let second = self.second();
        if self.taken.0 != second {
            self.taken = (second, 0);
        }
        let takes = self.taken.1 < limit;
        self.taken.1 += usize::from(takes);
        takes
    }

    /// The id of a project, by name.
    pub fn project(&self, name: &str) -> Option<ProjectId> {
        self.identity.project_named(name).map(|project| project.id.clone())
    }

    /// Makes a project that images can be shared with.
    pub fn add_project(&mut self, name: &str) -> ProjectId {
        let id = names::hex(&mut self.rng);
        self.identity.add_project(&id, name)
    }

    /// An image.
    pub fn image(&self, id: &ImageId) -> Option<&StoredImage> {
        self.images.get(id)
    }

    /// All images, newest first.
    pub fn images(&self) -> impl Iterator<Item = &StoredImage> {
        self.order.iter().filter_map(|(_, id)| self.images.get(id))
    }

    /// The images after this one, newest first; all of them without a mark.
    pub(super) fn images_after<'a>(
        &'a self,
        mark: Option<&StoredImage>,
    ) -> Box<dyn Iterator<Item = &'a StoredImage> + 'a> {
        use std::ops::Bound::{Excluded, Unbounded};
        match mark {
            None => Box::new(self.images()),
            Some(mark) => {
                let rest = self.order.range((Excluded(mark.place()), Unbounded));
                Box::new(rest.filter_map(|(_, id)| self.images.get(id)))
            }
        }
    }

    /// Adds an image, or puts it in the place of the one with its id.
    pub fn put_image(&mut self, image: StoredImage) {
        self.remove_image(&image.image.id);
        self.order.insert(image.place());
        self.images.insert(image.image.id.clone(), image);
    }

    /// Adds an active, shared image of `image-factory` without members.
    pub fn add_image(&mut self, name: &str) -> ImageId {
        let id = ImageId(names::uuid(&mut self.rng).into());
        let owner = self.project("image-factory").unwrap_or_else(|| ProjectId("".into()));
        self.put_image(StoredImage::new(id.clone(), name, &owner, self.second()));
        id
    }

    /// Deletes an image. False if there was none.
    pub fn remove_image(&mut self, id: &ImageId) -> bool {
        let Some(image) = self.images.remove(id) else { return false };
        self.order.remove(&image.place())
    }

    /// Changes an image. False if there is none.
    pub fn edit_image(&mut self, id: &ImageId, edit: impl FnOnce(&mut StoredImage)) -> bool {
        let Some(mut image) = self.images.get(id).cloned() else { return false };
        self.remove_image(id);
        edit(&mut image);
        self.put_image(image);
        true
    }

    /// The memberships in force of an image; none if there is no such image.
    pub fn members(&self, id: &ImageId) -> &[Membership] {
        self.images.get(id).map_or(&[], StoredImage::listed)
    }

    /// Every share in force, of all owners.
    pub fn shares(&self) -> BTreeSet<Share> {
        let shares = |image: &StoredImage| {
            let id = image.image.id.clone();
            let share = move |m: &Membership| Share { image: id.clone(), member: m.member.clone() };
            image.listed().iter().map(share).collect::<Vec<_>>()
        };
        self.images.values().flat_map(shares).collect()
    }

    /// Makes somebody a member, or gives the membership another status.
    pub fn share(&mut self, id: &ImageId, member: Member, status: MemberStatus) {
        let now = self.second();
        let Some(image) = self.images.get_mut(id) else { return };
        match image.members.iter_mut().find(|membership| membership.member == member) {
            Some(membership) => {
                membership.status = status;
                membership.updated_at = Some(now);
            }
            None => image.members.push(Membership {
                member,
                status,
                created_at: Some(now),
                updated_at: Some(now),
            }),
        }
    }

    /// Ends a membership. False if there was none.
    pub fn unshare(&mut self, id: &ImageId, member: &Member) -> bool {
        let Some(image) = self.images.get_mut(id) else { return false };
        let before = image.members.len();
        image.members.retain(|membership| membership.member != *member);
        image.members.len() < before
    }

    pub(super) fn random_hex(&mut self) -> String {
        names::hex(&mut self.rng)
    }

    pub(super) fn random_delay(&mut self) -> Duration {
        within(&self.options.job_delay, &mut self.rng)
    }
}

/// A duration of the range; its start if the range is empty.
pub(super) fn within(range: &Range<Duration>, rng: &mut fastrand::Rng) -> Duration {
    let spread = range.end.saturating_sub(range.start);
    range.start + spread.mul_f64(rng.f64())
}

fn wall_clock() -> Moment {
    let now = jiff::Timestamp::try_from(std::time::SystemTime::now());
    Moment(now.unwrap_or(jiff::Timestamp::MAX).as_millisecond())
}
