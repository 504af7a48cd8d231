//! From a configured login to a proof of identity that works.

use std::sync::Arc;

use crate::auth::{
    AccessKey, Account, AccountSecret, Aksk, Auth, AuthError, Credentials, IdentityV2, Keystone,
    NameOrId, Place, Session,
};
use crate::config::{self, CloudEntry, Login};
use crate::http::Client;

/// Logs in. An access key is only tried where something has to be looked up.
pub(super) async fn prove(
    entry: &CloudEntry,
    http: Client,
) -> Result<(Arc<dyn Auth>, Session), AuthError> {
    match &entry.login {
        Login::Password { auth_url, user, user_domain, password, project, project_domain } => {
            let credentials = Credentials::Password {
                user: either(user),
                user_domain: either(user_domain),
                password: password.clone(),
                project: either(project),
                project_domain: either(project_domain),
            };
            keystone(http, auth_url, credentials).await
        }
        Login::Token { auth_url, token, project, project_domain } => {
            let credentials = Credentials::Token {
                token: token.clone(),
                project: either(project),
                project_domain: either(project_domain),
            };
            keystone(http, auth_url, credentials).await
        }
        Login::ApplicationCredential { auth_url, credential, user, user_domain, secret } => {
            let credentials = Credentials::ApplicationCredential {
                credential: either(credential),
                user: either(user),
                user_domain: either(user_domain),
                secret: secret.clone(),
            };
            keystone(http, auth_url, credentials).await
        }
        Login::IdentityV2 { auth_url, username, secret, account } => {
            let secret = match secret {
                config::AccountSecret::ApiKey(key) => AccountSecret::ApiKey(key.clone()),
                config::AccountSecret::Password(word) => AccountSecret::Password(word.clone()),
            };
            let account = Account { username: username.clone(), secret, number: account.clone() };
            let identity = IdentityV2::new(http, auth_url, account)?;
            let session = identity.session().await?;
            Ok((Arc::new(identity), Session::clone(&session)))
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
            let aksk = Aksk::new(http, key, Arc::new(super::now));
            let session = aksk.session(&place).await?;
            Ok((Arc::new(aksk), session))
        }
    }
}

async fn keystone(
    http: Client,
    auth_url: &str,
    credentials: Credentials,
) -> Result<(Arc<dyn Auth>, Session), AuthError> {
    let keystone = Keystone::new(http, auth_url, credentials)?;
    let session = keystone.session().await?;
    Ok((Arc::new(keystone), Session::clone(&session)))
}

fn either(configured: &config::NameOrId) -> NameOrId {
    NameOrId { id: configured.id.clone(), name: configured.name.clone() }
}
