//! Logging in, and authenticating requests: a token in a header, or a signature over the whole request.
//!
//! The one rule: however many requests are refused together, the login is renewed once, or not at all.

use async_trait::async_trait;

use crate::http::{Answer, Request};
use domain::{Moment, ProjectId, Text};

pub mod aksk;
mod credentials;
pub mod discovery;
mod error;
mod exchange;
pub mod identity_v2;
pub mod keystone;
mod login_url;
mod passcode;
#[cfg(test)]
mod passcode_tests;
mod static_auth;
#[cfg(test)]
mod tests;
mod token;
mod token_cache;

pub use aksk::{AccessKey, Aksk, Clock, KeyScope};
pub use credentials::{Credentials, Login, Method, NameOrId, Qualified};
pub use error::{AuthError, Blame};
pub use identity_v2::{Account, AccountSecret, IdentityV2};
pub use keystone::Keystone;
pub use login_url::identity_v3;
pub use static_auth::StaticAuth;

/// The token that a request carried, by number, so that only the first refused request renews it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Generation(u64);

/// A way to authenticate requests.
#[async_trait]
pub trait Auth: Send + Sync + 'static {
    /// Adds a token or a signature to a request; logs in when there is no token, or when it expires soon.
    async fn authorize(&self, request: &mut Request) -> Result<Generation, AuthError>;

    /// The cloud refused this token with a 401: the next request gets a new one. Does nothing when it has been
    /// replaced already. An error when there is no other: the request must not be sent again.
    async fn renew(&self, refused: Generation, answer: &Answer) -> Result<(), AuthError>;
}

/// What a login returned about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The project of the login.
    pub project_id: ProjectId,
    /// Its name.
    pub project_name: Option<Text>,
    /// Name of the user.
    pub user: Option<Text>,
    /// Names of the user's roles in the project; empty where the login does not return them.
    pub roles: Vec<Text>,
    /// When the token expires, by the cloud's clock.
    pub expires_at: Option<Moment>,
    /// The services and their addresses; empty where the login service sends none.
    pub catalog: Vec<CatalogEntry>,
}

/// A service of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogEntry {
    /// `image`, …
    pub kind: String,
    /// `glance`, …
    pub name: String,
    /// Where it is.
    pub endpoints: Vec<Endpoint>,
}

/// One address of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `public`, `internal` or `admin`.
    pub interface: String,
    /// Its region.
    pub region: Option<String>,
    /// The address, as the catalog has it.
    pub url: String,
}
