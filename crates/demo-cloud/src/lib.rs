//! The embedded cloud: Keystone, Glance, IMS and Rackspace over one world, real HTTP on loopback, scripted faults.
//!
//! It plays the demo and it is the double of every test, so it enforces what the real services enforce, in
//! their words. The services share one port: Keystone at `/`, Glance (region `RegionOne`) under `/glance`,
//! IMS (region `eu-de`) under `/ims`, and at `/v1` and `/v2` for SDKs that drop the path of an endpoint. Both image services show the same images; what the one revokes is gone
//! in the other. Rackspace's identity service is at `/v2.0`, its images under `/rackspace`; they belong to an account of its own.

use std::io;
use std::sync::{Arc, MutexGuard};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

mod answer;
mod call;
pub mod codes;
pub mod faults;
mod filters;
mod glance;
pub mod identity;
mod ims;
pub mod jobs;
pub mod keys;
mod keystone;
mod line;
mod members;
mod names;
pub mod options;
pub mod rackspace;
pub mod requests;
mod seed;
mod server;
mod signature;
mod versions;
pub mod world;

#[cfg(test)]
mod tests;

pub use faults::{Action, Fault, Faults, Route, Times};
pub use identity::{CREDENTIAL, CREDENTIAL_SECRET, PASSWORD};
pub use ims::VAULT;
pub use jobs::JobScript;
pub use keys::{KEYS, Key, key_of};
pub use options::{ImsSwitches, JobCalls, NonMember, Options, Paging, TimeFormat};
pub use rackspace::accounts::{ACCOUNT, AccountUser, RECEIVER, user_named};
pub use requests::Recorded;
pub use world::World;

use server::Shared;

/// What an operator of the embedded cloud would have in the address book: names by project id. One project in
/// nine is in nobody's.
pub fn address_book(options: &Options) -> Vec<(String, String)> {
    let mut rng = fastrand::Rng::with_seed(options.seed);
    let identity = identity::Identity::seeded(options.members, options.odd, &mut rng);
    let of = |project: &identity::Project| {
        (project.id.0.raw().to_owned(), project.name.raw().to_owned())
    };
    let known = |(n, _): &(usize, _)| n % 9 != 4;
    let projects = identity.projects().map(of).enumerate().filter(known);
    let accounts = rackspace::accounts::receivers(options).into_iter().enumerate().filter(known);
    projects.chain(accounts).map(|(_, entry)| entry).collect()
}

/// A running cloud. Dropping it stops it: connections that are open are cut at their next request.
#[derive(Debug)]
pub struct Demo {
    shared: Arc<Shared>,
    serving: Option<JoinHandle<()>>,
    stopping: CancellationToken,
}

impl Demo {
    /// Makes the world, away from the async threads, and then listens on `127.0.0.1`.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let world = tokio::task::spawn_blocking(move || World::seeded(options))
            .await
            .map_err(io::Error::other)?;
        let stopping = CancellationToken::new();
        let shared = Arc::new(Shared::new(url, world, stopping.clone()));
        let serving = tokio::spawn(server::serve(listener, shared.clone()));
        Ok(Self { shared, serving: Some(serving), stopping })
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// A `clouds.yaml` for it: `demo-ims` and `demo-glance` own the images, `demo-ims-web` and
    /// `demo-glance-web` are the project `team-web`, which received some; `demo-ims-aksk` is the first with an
    /// access key; `demo-rackspace` is an account with an API key. The first is the default.
    pub fn clouds_yaml(&self) -> String {
        let clouds = [
            ("demo-ims", "eu-de", "ims", "alice", "image-factory"),
            ("demo-ims-web", "eu-de", "ims", "bob", "team-web"),
            ("demo-glance", "RegionOne", "glance", "alice", "image-factory"),
            ("demo-glance-web", "RegionOne", "glance", "bob", "team-web"),
        ];
        let mut yaml = format!("# Full-ECS images are accepted into the vault {VAULT}.\nclouds:\n");
        for (name, region, api, user, project) in clouds {
            yaml.push_str(&self.cloud_entry(name, region, api, user, project));
        }
        yaml.extend(key_of("alice").map(|key| self.key_entry("demo-ims-aksk", key)));
        yaml.extend(user_named("ramona").map(|user| self.account_entry("demo-rackspace", user)));
        yaml
    }

    /// An entry of `clouds.yaml` that logs in to Rackspace with an API key.
    pub fn account_entry(&self, name: &str, user: &AccountUser) -> String {
        let AccountUser { name: username, api_key, .. } = user;
        format!(
            "  {name}:\n    auth_type: rackspace_apikey\n    auth:\n      auth_url: {}/v2.0\n      \
             username: {username}\n      api_key: {api_key}\n    regions: [IAD, ORD]\n    \
             image_sharing_api: rackspace\n",
            self.url()
        )
    }

    /// An entry of `clouds.yaml` for the user who has to give a one-time code, at Glance; [`codes::SECRET`] makes it.
    pub fn code_entry(&self, name: &str) -> String {
        self.cloud_entry(name, "RegionOne", "glance", codes::USER, "image-factory")
    }

    fn cloud_entry(
        &self,
        name: &str,
        region: &str,
        api: &str,
        user: &str,
        project: &str,
    ) -> String {
        let url = self.url();
        format!(
            "  {name}:\n    auth:\n      auth_url: {url}/v3\n      username: {user}\n      \
             password: {PASSWORD}\n      user_domain_name: Default\n      project_name: {project}\n      \
             project_domain_name: Default\n    region_name: {region}\n    image_sharing_api: {api}\n"
        )
    }

    /// An entry of `clouds.yaml` that logs in to IMS with a key. Its project is called as the region is.
    pub fn key_entry(&self, name: &str, key: &Key) -> String {
        let Key { access, secret, .. } = key;
        let token = key.security_token.map(|token| format!("      security_token: {token}\n"));
        format!(
            "  {name}:\n    auth_type: aksk\n    auth:\n      auth_url: {}/v3\n      ak: {access}\n      \
             sk: {secret}\n{}    region_name: eu-de\n    image_sharing_api: ims\n",
            self.url(),
            token.unwrap_or_default()
        )
    }

    /// The world, with jobs that are due carried out. Holding it stops the cloud: do not hold it over an
    /// `await`.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world()
    }

    /// The script of what goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Every request so far, in the order of arrival (the last 100 000 of them).
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.log.all()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.shared.log.clear();
    }

    /// How many logins were asked for, since the requests were last forgotten.
    pub fn logins(&self) -> usize {
        let paths = ["/v3/auth/tokens", "/v2.0/tokens"];
        let login =
            |r: &Recorded| r.method == "POST" && paths.iter().any(|path| r.path.starts_with(path));
        self.requests().iter().filter(|request| login(request)).count()
    }

    /// The most requests that were being answered at the same time.
    pub fn most_at_once(&self) -> usize {
        self.shared.log.most_at_once()
    }

    /// Every token issued so far is refused from now on, by all services.
    pub fn expire_all_tokens(&self) {
        self.world().identity.expire_all_tokens();
    }

    /// Stops and waits until the port is free.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        if let Some(serving) = self.serving.take() {
            let _ = serving.await;
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}
