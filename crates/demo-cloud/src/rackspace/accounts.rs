//! Rackspace accounts: who logs in, with whom images are shared, and the images.

use fastrand::Rng;

use domain::{Member, MemberStatus, ProjectId, Visibility};

use super::super::identity::Role;
use super::super::options::Options;
use super::super::world::{StoredImage, World};
use super::super::{names, seed};

/// The account that owns images.
pub const ACCOUNT: &str = "929418";
/// An account that receives some, and shares some of its own.
pub const RECEIVER: &str = "554433";

/// A user of an account. The password is that of everybody.
#[derive(Clone, Copy, Debug)]
pub struct AccountUser {
    /// The name.
    pub name: &'static str,
    /// The account number.
    pub number: &'static str,
    /// The API key.
    pub api_key: &'static str,
    pub(super) role: Role,
    pub(super) state: State,
}

/// What stands between a user and a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ordinary,
    /// 403.
    Disabled,
    /// A password alone is not enough.
    SecondFactor,
}

/// `ramona` owns the images, `rob` receives, `olga` may only look, `dora` is disabled, `mia` has a second factor.
pub const USERS: [AccountUser; 5] = [
    user("ramona", ACCOUNT, "demo-key-of-ramona-00000000000001", Role::Member, State::Ordinary),
    user("rob", RECEIVER, "demo-key-of-rob-00000000000000002", Role::Member, State::Ordinary),
    user("olga", ACCOUNT, "demo-key-of-olga-0000000000000003", Role::Reader, State::Ordinary),
    user("dora", ACCOUNT, "demo-key-of-dora-0000000000000004", Role::Member, State::Disabled),
    user("mia", ACCOUNT, "demo-key-of-mia-00000000000000005", Role::Member, State::SecondFactor),
];

const fn user(
    name: &'static str,
    number: &'static str,
    api_key: &'static str,
    role: Role,
    state: State,
) -> AccountUser {
    AccountUser { name, number, api_key, role, state }
}

/// A user by name.
pub fn user_named(name: &str) -> Option<&'static AccountUser> {
    USERS.iter().find(|user| user.name == name)
}

/// The accounts that receive images, with names from the address book of whoever owns them.
pub(in super::super) fn receivers(options: &Options) -> Vec<(String, String)> {
    let mut rng = own_rng(options);
    let first = std::iter::once((RECEIVER.to_owned(), "team-web".to_owned()));
    let others = (0..40).map(|n| {
        // Steps wide enough that no two numbers meet.
        let number = 100_000 + n * 21_000 + rng.u64(0..20_000);
        (number.to_string(), names::project(usize::try_from(n).unwrap_or(0)))
    });
    first.chain(others).filter(|(number, _)| number != ACCOUNT).collect()
}

/// Adds the account's images to a world. Draws from a source of its own, so that the rest of the world stays as it is.
pub(in super::super) fn images(world: &mut World) {
    let (count, odd) = (world.options.account_images, world.options.odd);
    if count == 0 {
        return;
    }
    let owner = ProjectId(ACCOUNT.into());
    let all = receivers(&world.options).into_iter().map(|(number, _)| ProjectId(number.into()));
    let mut rng = own_rng(&world.options);
    let mut receivers = seed::Receivers::new(all.collect(), &mut rng);
    for n in 0..count {
        let mut image = seed::build(n, count, &owner, world.second(), &mut rng);
        let members = receivers.choose(n, seed::how_many(n, &mut rng), &mut rng);
        image.members = seed::memberships(members, &image, world.second(), &mut rng);
        if odd && n == 3 {
            (image.image.visibility, image.members) = (Visibility::Public, Vec::new());
        }
        world.put_image(image);
    }
    offers(world, &mut rng);
}

/// What the other account shares with this one.
fn offers(world: &mut World, rng: &mut Rng) {
    let (from, to) = (ProjectId(RECEIVER.into()), Member::project(ACCOUNT));
    for (name, status) in [
        ("rax-web-base", MemberStatus::Accepted),
        ("rax-web-canary", MemberStatus::Pending),
        ("rax-web-legacy", MemberStatus::Rejected),
    ] {
        let id = domain::ImageId(names::uuid(rng).into());
        world.put_image(StoredImage::new(id.clone(), name, &from, world.second()));
        world.share(&id, to.clone(), status);
    }
}

fn own_rng(options: &Options) -> Rng {
    Rng::with_seed(options.seed ^ 0x5ac5_5ac5)
}
