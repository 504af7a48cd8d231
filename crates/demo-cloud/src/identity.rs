//! Projects, users and tokens.

use std::collections::{HashMap, HashSet};

use domain::{Moment, ProjectId, Text};

use super::{codes, names};

/// The password of every user: `alice` (member of `image-factory`), `bob` (member of `team-web`), `carol`
/// (member of both), `rita` (reader of `image-factory`), `admin` (admin of `admin` and of the system), `tina` (member of
/// `image-factory` and `team-web`, who has to give a one-time code as well).
pub const PASSWORD: &str = "demo";

/// Name of alice's application credential, for `image-factory`.
pub const CREDENTIAL: &str = "sharelock-demo";

/// The id of [`CREDENTIAL`].
pub fn credential_id() -> &'static str {
    "5a7e10c5a7e10c5a7e10c5a7e10c5a7e"
}

/// The secret of [`CREDENTIAL`].
pub const CREDENTIAL_SECRET: &str = "demo-credential-secret";

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name, unique in its domain.
    pub name: Text,
    /// A disabled project cannot be logged in to; it stays a member of images.
    pub enabled: bool,
}

/// What a user may do in a project. Admin implies the others, member implies reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Reader,
    Member,
    Admin,
}

impl Role {
    /// The role and what it implies, as a token lists them.
    pub(super) fn names(self) -> &'static [(&'static str, &'static str)] {
        const ALL: &[(&str, &str)] = &[
            ("4bda9e19fefc409c9511b5117ae9e824", "admin"),
            ("d33075a0e4284561a43cd73e734364f5", "member"),
            ("32bfddcd7500466d87e82509f5b79d92", "reader"),
        ];
        match self {
            Self::Admin => ALL,
            Self::Member => &ALL[1..],
            Self::Reader => &ALL[2..],
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) grants: Vec<(ProjectId, Role)>,
    pub(super) system_admin: bool,
    /// A password alone is not enough, nor is a code.
    pub(super) wants_code: bool,
}

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenScope {
    Unscoped,
    Project(ProjectId, Role),
    System,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) user: User,
    pub(super) scope: TokenScope,
    pub(super) methods: Vec<&'static str>,
    pub(super) issued: Moment,
    pub(super) expires: Moment,
    pub(super) by_credential: bool,
}

/// Who there is, and who is logged in.
#[derive(Debug, Default)]
pub struct Identity {
    projects: HashMap<ProjectId, Project>,
    /// In the order of their making.
    order: Vec<ProjectId>,
    pub(super) receivers: Vec<ProjectId>,
    users: Vec<User>,
    tokens: HashMap<String, Token>,
    lapsed: HashSet<String>,
    /// Whose login lacks something, and by which method the rest was given.
    receipts: HashMap<String, (String, &'static str)>,
}

impl Identity {
    pub(super) fn seeded(members: usize, odd: bool, rng: &mut fastrand::Rng) -> Self {
        let mut identity = Self::default();
        let mut add = |name: &str| identity.add_project(&names::hex(rng), name);
        let admin = add("admin");
        let factory = add("image-factory");
        add("platform-base");
        let web = add("team-web");
        let others: Vec<ProjectId> = (1..members).map(|n| add(&names::project(n - 1))).collect();
        identity.receivers = [web.clone()].into_iter().chain(others).take(members).collect();
        if odd && let Some(last) = identity.receivers.last().cloned() {
            identity.projects.entry(last).and_modify(|project| project.enabled = false);
        }
        let mut user = |name, grants: &[(&ProjectId, Role)]| User {
            id: names::hex(rng),
            name,
            grants: grants.iter().map(|(project, role)| ((*project).clone(), *role)).collect(),
            system_admin: name == "admin",
            wants_code: false,
        };
        identity.users = vec![
            user("alice", &[(&factory, Role::Member)]),
            user("bob", &[(&web, Role::Member)]),
            user("carol", &[(&factory, Role::Member), (&web, Role::Member)]),
            user("rita", &[(&factory, Role::Reader)]),
            user("admin", &[(&admin, Role::Admin)]),
        ];
        identity.users.push(User {
            // Not drawn: the worlds of all seeds stay as they are.
            id: "71a071a071a071a071a071a071a071a0".to_owned(),
            name: codes::USER,
            grants: vec![(factory, Role::Member), (web, Role::Member)],
            system_admin: false,
            wants_code: true,
        });
        identity
    }

    pub(super) fn add_project(&mut self, id: &str, name: &str) -> ProjectId {
        let id = ProjectId(id.into());
        self.order.push(id.clone());
        let project = Project { id: id.clone(), name: name.into(), enabled: true };
        self.projects.insert(id.clone(), project);
        id
    }

    /// All projects, in the order of their making.
    pub fn projects(&self) -> impl Iterator<Item = &Project> {
        self.order.iter().filter_map(|id| self.projects.get(id))
    }

    pub(super) fn project(&self, id: &ProjectId) -> Option<&Project> {
        self.projects.get(id)
    }

    pub(super) fn project_named(&self, name: &str) -> Option<&Project> {
        self.projects().find(|project| project.name.raw() == name)
    }

    pub(super) fn user(&self, is_it: impl Fn(&User) -> bool) -> Option<&User> {
        self.users.iter().find(|user| is_it(user))
    }

    /// Keeps a new token and gives it back with its text.
    pub(super) fn issue(
        &mut self,
        user: User,
        scope: TokenScope,
        methods: Vec<&'static str>,
        (issued, expires): (Moment, Moment),
    ) -> (String, Token) {
        let by_credential = methods.contains(&"application_credential");
        let token = Token { user, scope, methods, issued, expires, by_credential };
        let text = token_text();
        self.tokens.insert(text.clone(), token.clone());
        (text, token)
    }

    /// Keeps a login that lacks something and gives back its text.
    pub(super) fn receipt(&mut self, user: &User, method: &'static str) -> String {
        let text = token_text();
        self.receipts.insert(text.clone(), (user.id.clone(), method));
        text
    }

    /// What a user has given before, by its receipt.
    pub(super) fn given_before(&self, text: &str, user: &User) -> Option<&'static str> {
        self.receipts.get(text).filter(|(id, _)| *id == user.id).map(|(_, method)| *method)
    }

    /// A token as Keystone judges it.
    pub(super) fn token(&self, text: &str, now: Moment) -> Option<&Token> {
        let token = self.tokens.get(text)?;
        (now < token.expires).then_some(token)
    }

    /// A token as the image services judge it, and why not.
    pub(super) fn token_for_images(&self, text: &str, now: Moment) -> Result<&Token, &'static str> {
        if self.lapsed.contains(text) {
            return Err("expired");
        }
        let token = self.tokens.get(text).ok_or("decrypt token fail")?;
        if now >= token.expires {
            return Err("expired");
        }
        Ok(token)
    }

    /// Every token issued so far is refused from now on, by all services.
    pub(super) fn expire_all_tokens(&mut self) {
        self.lapsed.extend(self.tokens.drain().map(|(text, _)| text));
    }
}

/// As long as a Fernet token (183 characters), and not predictable: another demo's token is no good here.
fn token_text() -> String {
    let tail = std::iter::repeat_with(fastrand::alphanumeric).take(176);
    "gAAAAAB".chars().chain(tail).collect()
}
