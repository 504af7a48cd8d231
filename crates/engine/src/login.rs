//! From a configured login to a proof of identity that works.

use std::sync::Arc;

use super::login_overrides::{ACCOUNT, CREDENTIAL, FIXED};
use super::otp_sessions::OtpSessions;
use super::retry;
use cloud::auth::{
    self, AccessKey, Aksk, Auth, AuthError, IdentityV2, KeyScope, Keystone, Login, Method, Session,
};
use cloud::clients::{Base, Directory, Service};
use cloud::config::CloudEntry;
use cloud::http::Client;

/// A login that worked.
pub(super) struct LoggedIn {
    pub(super) auth: Arc<dyn Auth>,
    pub(super) session: Session,
    /// Who knows projects.
    pub(super) directory: Directory,
}

/// Logs in, or uses a session that a one-time password opened. A passcode that was given just now is meant for a new one.
pub(super) async fn log_in_or_reuse(
    entry: &CloudEntry,
    http: Client,
    otp_sessions: &OtpSessions,
    new_code: bool,
) -> Result<LoggedIn, AuthError> {
    let Login::Keystone { auth_url, credentials } = &entry.login else {
        return log_in_with_retries(entry, &http).await;
    };
    let held = if new_code { None } else { otp_sessions.find(entry, &http).await? };
    let keystone = match held {
        Some(keystone) => keystone,
        None => Arc::new(Keystone::new(http.clone(), auth_url, credentials.clone())?),
    };
    let log_in_once = || keystone_session(http.clone(), Arc::clone(&keystone), &credentials.method);
    let has_passcode = credentials.method.passcode().is_some();
    let logged_in =
        if has_passcode { log_in_once().await? } else { retry::log_in(log_in_once).await? };
    otp_sessions.remember(entry, &keystone);
    Ok(logged_in)
}

/// Logs in, and waits for a login service that is too busy. A one-time password is never sent twice: it may be used.
pub(super) async fn log_in_with_retries(
    entry: &CloudEntry,
    http: &Client,
) -> Result<LoggedIn, AuthError> {
    match &entry.login {
        Login::Keystone { credentials, .. } if credentials.method.passcode().is_some() => {
            log_in_once(entry, http.clone()).await
        }
        _ => retry::log_in(|| log_in_once(entry, http.clone())).await,
    }
}

/// Logs in. An access key is only tried where something has to be looked up.
pub(super) async fn log_in_once(entry: &CloudEntry, http: Client) -> Result<LoggedIn, AuthError> {
    match &entry.login {
        Login::Keystone { auth_url, credentials } => {
            let keystone = Keystone::new(http.clone(), auth_url, credentials.clone())?;
            keystone_session(http, Arc::new(keystone), &credentials.method).await
        }
        Login::IdentityV2 { auth_url, account } => {
            let identity = IdentityV2::new(http, auth_url, account.clone())?;
            let session = Session::clone(&*identity.session().await?);
            Ok(LoggedIn { auth: Arc::new(identity), session, directory: Directory::none(ACCOUNT) })
        }
        Login::AccessKey { auth_url, key, project } => {
            let scope = KeyScope {
                auth_url: auth_url.clone().unwrap_or_default(),
                project: project.clone(),
                region: entry.region.clone(),
                catalog: entry.endpoint.is_none(),
            };
            access_key(http, key.clone(), &scope).await
        }
        Login::Static { auth, project } => {
            let session = auth.session(project.as_deref());
            let directory = Directory::none(FIXED);
            Ok(LoggedIn { auth: Arc::new(auth.clone()), session, directory })
        }
    }
}

async fn keystone_session(
    http: Client,
    keystone: Arc<Keystone>,
    method: &Method,
) -> Result<LoggedIn, AuthError> {
    let session = Session::clone(&*keystone.session().await?);
    let base = Base::parse(keystone.root().as_str()).map_err(AuthError::bad_url)?;
    let auth: Arc<dyn Auth> = keystone;
    let directory = Directory::keystone(Service::new(http, auth.clone(), base));
    let directory = match method {
        Method::ApplicationCredential { .. } => directory.bound(CREDENTIAL),
        _ => directory,
    };
    Ok(LoggedIn { auth, session, directory })
}

async fn access_key(http: Client, key: AccessKey, scope: &KeyScope) -> Result<LoggedIn, AuthError> {
    let aksk = Aksk::new(http.clone(), key, Arc::new(super::now));
    let session = aksk.session(scope).await?;
    let auth: Arc<dyn Auth> = Arc::new(aksk);
    let directory = if scope.auth_url.is_empty() {
        Directory::none("the address of IAM is not known; set `auth_url` under `auth:`")
    } else {
        Directory::signed(Service::new(http, auth.clone(), identity(&scope.auth_url)?))
    };
    Ok(LoggedIn { auth, session, directory })
}

/// The root of the login service.
fn identity(auth_url: &str) -> Result<Base, AuthError> {
    Base::parse(auth::identity_v3(auth_url)?.as_str()).map_err(AuthError::bad_url)
}
