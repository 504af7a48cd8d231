//! The images of a new world: families built again and again over three years, shared the way images are.

use fastrand::Rng;

use domain::{ImageId, Member, MemberStatus, Membership, Moment, ProjectId, Visibility};

use super::names::{self, FAMILIES, Family};
use super::world::{StoredImage, World};

const DAY: i64 = 86_400_000;

/// Fills the world.
pub(super) fn images(world: &mut World, rng: &mut Rng) {
    let Some(factory) = world.project("image-factory") else { return };
    let (count, odd) = (world.options.images, world.options.odd);
    let mut receivers = Receivers::new(world.identity.receivers.clone(), rng);
    for n in 0..count {
        let mut image = build(n, count, &factory, world.second(), rng);
        if !odd || is_shared(n, rng) {
            let members = receivers.choose(n, how_many(n, rng), rng);
            image.members = memberships(members, &image, world.second(), rng);
        } else {
            image.image.visibility = Visibility::Private;
        }
        if odd {
            make_odd(n, &mut image, &factory);
        }
        world.put_image(image);
    }
    if count > 0 {
        others(world, rng);
    }
}

/// The odd ones are among the first; of the others some are private, as on every cloud.
fn is_shared(n: usize, rng: &mut Rng) -> bool {
    n < 24 || rng.f32() < 0.7
}

pub(super) fn build(
    n: usize,
    count: usize,
    owner: &ProjectId,
    now: Moment,
    rng: &mut Rng,
) -> StoredImage {
    let family = FAMILIES[n % FAMILIES.len()];
    // Newest first, the dates denser towards today.
    let part = i64::try_from(n * 1000 / count).unwrap_or(0);
    let age = part * part / 1000 * (3 * 365 * DAY / 1000) + rng.i64(3_600_000..20 * DAY);
    let created = second(now.0 - age);
    let mut image = StoredImage::new(
        ImageId(names::uuid(rng).into()),
        &build_name(family, n, created),
        owner,
        created,
    );
    image.image.os = Some(family.os.into());
    image.image.size = Some(family.gigabytes * 1_073_741_824 + rng.u64(0..900_000_000));
    image.distro = family.distro;
    image
}

/// `k8s-node-1.31-2026w45`; the first of each family has the plain name, as the one to use.
fn build_name(family: Family, n: usize, created: Moment) -> String {
    let name = family.name;
    let Ok(date) = jiff::Timestamp::from_millisecond(created.0) else { return name.to_owned() };
    let date = date.to_zoned(jiff::tz::TimeZone::UTC).date();
    let week = date.iso_week_date();
    match n / FAMILIES.len() {
        0 => name.to_owned(),
        _ if family.name.starts_with("k8s") => format!("{name}-{}w{:02}", week.year(), week.week()),
        round if round > 64 => format!("{name}-{}-{round}", date.strftime("%Y%m%d")),
        _ => format!("{name}-{}", date.strftime("%Y%m%d")),
    }
}

/// Most images have a few members, some have many, one has a crowd.
pub(super) fn how_many(n: usize, rng: &mut Rng) -> usize {
    match n {
        6 => 120,
        n if n % 26 == 0 => 24,
        n if n % 9 == 2 => rng.usize(8..16),
        // The odd ones.
        7..24 => rng.usize(1..5),
        _ => [0, 0, 1, 1, 1, 2, 2, 3][rng.usize(0..8)],
    }
}

/// Who receives: each family has its circle, so images of a family share members, and everybody gets something.
pub(super) struct Receivers {
    all: Vec<ProjectId>,
    circles: Vec<Vec<ProjectId>>,
    next: usize,
}

impl Receivers {
    pub(super) fn new(all: Vec<ProjectId>, rng: &mut Rng) -> Self {
        let circle = |_| {
            let mut circle = all.clone();
            rng.shuffle(&mut circle);
            circle.truncate(40);
            circle
        };
        let circles = (0..FAMILIES.len()).map(circle).collect();
        Self { all, circles, next: 0 }
    }

    pub(super) fn choose(&mut self, n: usize, count: usize, rng: &mut Rng) -> Vec<ProjectId> {
        let count = count.min(self.all.len());
        let circle = &self.circles[n % FAMILIES.len()];
        let mut chosen: Vec<ProjectId> = Vec::with_capacity(count);
        while chosen.len() < count {
            let in_turn = count > 40 || chosen.len() % 3 == 2 || chosen.len() >= circle.len() / 2;
            let project = if in_turn {
                self.next += 1;
                self.all[self.next % self.all.len()].clone()
            } else {
                // The front of the circle is used most.
                circle[rng.usize(0..circle.len()).min(rng.usize(0..circle.len()))].clone()
            };
            if !chosen.contains(&project) {
                chosen.push(project);
            }
        }
        chosen
    }
}

pub(super) fn memberships(
    members: Vec<ProjectId>,
    image: &StoredImage,
    now: Moment,
    rng: &mut Rng,
) -> Vec<Membership> {
    let born = image.image.created_at.unwrap_or(now).0;
    let membership = |project: ProjectId| {
        let created = born + within(rng.f64(), (now.0 - born).min(90 * DAY));
        let (status, answered) = match rng.u8(0..100) {
            0..60 => (MemberStatus::Accepted, true),
            60..88 => (MemberStatus::Pending, false),
            _ => (MemberStatus::Rejected, true),
        };
        let wait = within(rng.f64(), (now.0 - created).min(9 * DAY));
        let updated = if answered { created + wait } else { created };
        Membership {
            member: Member::project(project.0),
            status,
            created_at: Some(second(created)),
            updated_at: Some(second(updated)),
        }
    };
    members.into_iter().map(membership).collect()
}

/// A part of a span. The number of draws must not depend on the span, or the same seed would make another world
/// a second later.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a few years in ms"
)]
fn within(part: f64, span: i64) -> i64 {
    (part * span as f64) as i64
}

fn second(milliseconds: i64) -> Moment {
    Moment(milliseconds - milliseconds.rem_euclid(1000))
}

/// What a client has to bear. Each is an ordinary image with one thing changed.
fn make_odd(n: usize, stored: &mut StoredImage, factory: &ProjectId) {
    let image = &mut stored.image;
    match n {
        3 => image.visibility = Visibility::Public,
        5 => image.visibility = Visibility::Community,
        7 => image.name = None,
        8 => stored.members.push(typo(image.created_at)),
        9 => image.protected = true,
        10 => image.hidden = true,
        11 => image.name = Some("nightly\u{1b}[31m\u{1b}]0;owned\u{7} build".into()),
        12 => image.name = Some("gnp.\u{202e}lautriv-\u{2066}tpircs\u{2069}".into()),
        13 => image.name = Some("黄金镜像 — 生产环境 (zh)".into()),
        14 => image.name = Some(format!("golden-{}", "very-long-name-".repeat(16)).into()),
        15 => image.name = Some("ubuntu-22.04-golden".into()),
        17 => image.encrypted = true,
        19 => image.whole = true,
        20 => image.status = Some("queued".into()),
        21 => image.status = Some("deactivated".into()),
        // Shared once, private now: the memberships sleep.
        22 => image.visibility = Visibility::Private,
        23 => stored.members.push(own(factory, image.created_at)),
        _ => {}
    }
    if n == 19 {
        stored.members.truncate(4);
    }
    if n == 20 {
        stored.image.size = None;
    }
}

/// Somebody typed a name where an id belongs; Glance takes anything.
fn typo(at: Option<Moment>) -> Membership {
    let member = Member::project("team web (old)");
    Membership { member, status: MemberStatus::Pending, created_at: at, updated_at: at }
}

fn own(factory: &ProjectId, at: Option<Moment>) -> Membership {
    let member = Member::project(factory.0.clone());
    Membership { member, status: MemberStatus::Pending, created_at: at, updated_at: at }
}

/// Images of other projects: what everybody may use, and what `team-web` shares with `image-factory` and others.
fn others(world: &mut World, rng: &mut Rng) {
    let project = |name: &str| world.project(name);
    let (Some(base), Some(web), Some(factory)) =
        (project("platform-base"), project("team-web"), project("image-factory"))
    else {
        return;
    };
    let now = world.second();
    let mut put = |name: &str, owner: &ProjectId, visibility, to: &[(&ProjectId, MemberStatus)]| {
        let created = second(now.0 - rng.i64(10 * DAY..700 * DAY));
        let id = ImageId(names::uuid(rng).into());
        let mut image = StoredImage::new(id, name, owner, created);
        image.image.visibility = visibility;
        image.members = to
            .iter()
            .map(|(project, status)| Membership {
                member: Member::project(project.0.clone()),
                status: status.clone(),
                created_at: Some(created),
                updated_at: Some(created),
            })
            .collect();
        world.put_image(image);
    };
    put("Standard_Ubuntu_24.04_latest", &base, Visibility::Public, &[]);
    put("Standard_Debian_12_latest", &base, Visibility::Public, &[]);
    put("Community_Alpine_3.20", &base, Visibility::Community, &[]);
    put("web-frontend-base", &web, Visibility::Shared, &[(&factory, MemberStatus::Accepted)]);
    put("web-frontend-canary", &web, Visibility::Shared, &[(&factory, MemberStatus::Pending)]);
    put("web-legacy-php", &web, Visibility::Shared, &[(&factory, MemberStatus::Rejected)]);
    put("web-build-cache", &web, Visibility::Private, &[]);
    put(
        "base-hardening-kit",
        &base,
        Visibility::Shared,
        &[(&factory, MemberStatus::Accepted), (&web, MemberStatus::Pending)],
    );
}
