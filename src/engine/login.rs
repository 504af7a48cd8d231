//! From a configured login to a proof of identity that works.

use std::sync::Arc;

use secrecy::SecretString;

use super::otp_sessions::OtpSessions;
use super::retry;
use super::target::{ACCOUNT, CREDENTIAL, FIXED};
use crate::auth::{
    self, AccessKey, Account, AccountSecret, Aksk, Auth, AuthError, Credentials, Fixed, IdentityV2,
    Keystone, NameOrId, Place, Session,
};
use crate::cloud::{Base, Directory, Service};
use crate::config::{self, CloudEntry, Login, Proof};
use crate::http::Client;

/// A login that worked.
pub(super) struct Proven {
    pub(super) auth: Arc<dyn Auth>,
    pub(super) session: Session,
    /// Who knows projects.
    pub(super) directory: Directory,
}

/// Logs in, or goes on with a login that a one-time code opened. A code that was given just now is meant for a new one.
pub(super) async fn prove_or_go_on(
    entry: &CloudEntry,
    http: Client,
    opened: &OtpSessions,
    new_code: bool,
) -> Result<Proven, AuthError> {
    let (Login::Password { auth_url, code, .. } | Login::OneTimeCode { auth_url, code, .. }) =
        &entry.login
    else {
        return prove_patiently(entry, &http).await;
    };
    let held = if new_code { None } else { opened.find(entry, &http).await? };
    let keystone = match held {
        Some(keystone) => keystone,
        None => Arc::new(unused(&http, auth_url, &entry.login, code.as_ref())?),
    };
    let prove = || proven(http.clone(), Arc::clone(&keystone));
    let proven = if code.is_some() { prove().await? } else { retry::log_in(prove).await? };
    opened.keep(entry, &keystone);
    Ok(proven)
}

/// Logs in, and waits for a login service that is too busy. A one-time code is never sent twice: it may be spent.
pub(super) async fn prove_patiently(
    entry: &CloudEntry,
    http: &Client,
) -> Result<Proven, AuthError> {
    match &entry.login {
        Login::Password { code: Some(_), .. } | Login::OneTimeCode { .. } => {
            prove(entry, http.clone()).await
        }
        _ => retry::log_in(|| prove(entry, http.clone())).await,
    }
}

/// Logs in. An access key is only tried where something has to be looked up.
pub(super) async fn prove(entry: &CloudEntry, http: Client) -> Result<Proven, AuthError> {
    match &entry.login {
        Login::Password { auth_url, code, .. } | Login::OneTimeCode { auth_url, code, .. } => {
            keystone(http, auth_url, &entry.login, code.as_ref()).await
        }
        Login::Token { auth_url, .. } => keystone(http, auth_url, &entry.login, None).await,
        Login::ApplicationCredential { auth_url, .. } => {
            let mut proven = keystone(http, auth_url, &entry.login, None).await?;
            proven.directory = proven.directory.bound(CREDENTIAL);
            Ok(proven)
        }
        Login::IdentityV2 { auth_url, username, secret, account } => {
            let secret = match secret {
                config::AccountSecret::ApiKey(key) => AccountSecret::ApiKey(key.clone()),
                config::AccountSecret::Password(word) => AccountSecret::Password(word.clone()),
            };
            let account = Account { username: username.clone(), secret, number: account.clone() };
            identity_v2(http, auth_url, account).await
        }
        Login::AccessKey { auth_url, access, secret, security_token, project } => {
            let key = AccessKey {
                access: access.clone(),
                secret: secret.clone(),
                security_token: security_token.clone(),
            };
            let place = Place {
                auth_url: auth_url.clone().unwrap_or_default(),
                project: either(project),
                region: entry.region.clone(),
                catalog: entry.endpoint.is_none(),
            };
            access_key(http, key, &place).await
        }
        Login::Fixed { proof, project } => Ok(fixed(proof, project.as_deref())),
    }
}

/// What Keystone is told; `None` for logins elsewhere.
fn credentials(login: &Login) -> Option<Credentials> {
    Some(match login {
        Login::Password { user, user_domain, password, project, project_domain, .. } => {
            Credentials::Password {
                user: either(user),
                user_domain: either(user_domain),
                password: password.clone(),
                project: either(project),
                project_domain: either(project_domain),
            }
        }
        Login::OneTimeCode { user, user_domain, password, project, project_domain, .. } => {
            Credentials::OneTimeCode {
                user: either(user),
                user_domain: either(user_domain),
                password: password.clone(),
                project: either(project),
                project_domain: either(project_domain),
            }
        }
        Login::Token { token, project, project_domain, .. } => Credentials::Token {
            token: token.clone(),
            project: either(project),
            project_domain: either(project_domain),
        },
        Login::ApplicationCredential {
            credential,
            user,
            user_domain,
            secret,
            project,
            project_domain,
            ..
        } => Credentials::ApplicationCredential {
            credential: either(credential),
            user: either(user),
            user_domain: either(user_domain),
            secret: secret.clone(),
            project: either(project),
            project_domain: either(project_domain),
        },
        Login::IdentityV2 { .. } | Login::AccessKey { .. } | Login::Fixed { .. } => return None,
    })
}

async fn keystone(
    http: Client,
    auth_url: &str,
    login: &Login,
    code: Option<&SecretString>,
) -> Result<Proven, AuthError> {
    let keystone = unused(&http, auth_url, login, code)?;
    proven(http, Arc::new(keystone)).await
}

/// A login that has not happened yet.
fn unused(
    http: &Client,
    auth_url: &str,
    login: &Login,
    code: Option<&SecretString>,
) -> Result<Keystone, AuthError> {
    let credentials = credentials(login)
        .ok_or_else(|| AuthError::bad_url("is for a login that Keystone does not know"))?;
    Ok(Keystone::new(http.clone(), auth_url, credentials)?.with_code(code.cloned()))
}

async fn proven(http: Client, keystone: Arc<Keystone>) -> Result<Proven, AuthError> {
    let session = Session::clone(&*keystone.session().await?);
    let base = Base::parse(keystone.root().as_str()).map_err(AuthError::bad_url)?;
    let auth: Arc<dyn Auth> = keystone;
    let directory = Directory::keystone(Service::new(http, auth.clone(), base));
    Ok(Proven { auth, session, directory })
}

async fn identity_v2(http: Client, auth_url: &str, account: Account) -> Result<Proven, AuthError> {
    let identity = IdentityV2::new(http, auth_url, account)?;
    let session = Session::clone(&*identity.session().await?);
    Ok(Proven { auth: Arc::new(identity), session, directory: Directory::none(ACCOUNT) })
}

async fn access_key(http: Client, key: AccessKey, place: &Place) -> Result<Proven, AuthError> {
    let aksk = Aksk::new(http.clone(), key, Arc::new(super::now));
    let session = aksk.session(place).await?;
    let auth: Arc<dyn Auth> = Arc::new(aksk);
    let directory = if place.auth_url.is_empty() {
        Directory::none("the address of IAM is not known; set `auth_url` under `auth:`")
    } else {
        Directory::signed(Service::new(http, auth.clone(), identity(&place.auth_url)?))
    };
    Ok(Proven { auth, session, directory })
}

fn fixed(proof: &Proof, project: Option<&str>) -> Proven {
    let auth = match proof.clone() {
        Proof::Nothing => Fixed::Nothing,
        Proof::Basic { username, password } => Fixed::Basic { username, password },
        Proof::Token(token) => Fixed::Token(token),
    };
    let session = auth.session(project);
    Proven { auth: Arc::new(auth), session, directory: Directory::none(FIXED) }
}

/// The root of the login service.
fn identity(auth_url: &str) -> Result<Base, AuthError> {
    Base::parse(auth::identity_v3(auth_url)?.as_str()).map_err(AuthError::bad_url)
}

pub(super) fn either(configured: &config::NameOrId) -> NameOrId {
    NameOrId { id: configured.id.clone(), name: configured.name.clone() }
}
