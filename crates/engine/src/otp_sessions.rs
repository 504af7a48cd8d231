//! Logins that a one-time code opened. Other regions and projects of the same login service are opened by their tokens, so
//! that the code is asked for once.

use std::sync::{Arc, Mutex, PoisonError};

use cloud::auth::{self, AuthError, Blame, Keystone, Login, Qualified};
use cloud::config::{CloudEntry, Tls};
use cloud::http::Client;
use domain::CloudKind;

/// Those of one run of the program.
#[derive(Clone, Default)]
pub(super) struct OtpSessions(Arc<Mutex<Vec<OtpSession>>>);

#[derive(Clone)]
struct OtpSession {
    identity: Identity,
    project: Qualified,
    keystone: Arc<Keystone>,
}

/// Whose login it is, and with whom. A token goes to nobody whose certificate is checked in another way.
#[derive(Clone, PartialEq)]
struct Identity {
    auth_url: String,
    user: Qualified,
    tls: Tls,
}

impl OtpSessions {
    /// Remembers a login, if a code was used for it.
    pub(super) fn remember(&self, entry: &CloudEntry, keystone: &Arc<Keystone>) {
        if keystone.used_a_code() {
            self.add(entry, keystone);
        }
    }

    fn add(&self, entry: &CloudEntry, keystone: &Arc<Keystone>) {
        let Some((identity, project)) = identity_and_project(entry) else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.identity != identity || one.project != project);
        all.push(OtpSession { identity, project, keystone: Arc::clone(keystone) });
    }

    fn of(&self, identity: &Identity) -> Vec<OtpSession> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().rev().filter(|one| one.identity == *identity).cloned().collect()
    }

    /// The login of the project asked for, or one that is made from another's token. `None` where there is none, or
    /// the login service makes none: then a code is needed.
    pub(super) async fn find(
        &self,
        entry: &CloudEntry,
        http: &Client,
    ) -> Result<Option<Arc<Keystone>>, AuthError> {
        let Some((identity, project)) = identity_and_project(entry) else { return Ok(None) };
        let others = self.of(&identity);
        for one in &others {
            let session = one.keystone.holds().await;
            let id = |id: &String| session.as_ref().is_some_and(|s| s.project_id.0.raw() == id);
            if session.is_some()
                && (one.project == project || project.own.id.as_ref().is_some_and(id))
            {
                return Ok(Some(Arc::clone(&one.keystone)));
            }
        }
        for one in others {
            let beside = one.keystone.beside(http.clone(), project.clone()).await;
            let Some(beside) = beside else { continue };
            match beside.session().await {
                Ok(_) => {
                    let beside = Arc::new(beside);
                    self.add(entry, &beside);
                    return Ok(Some(beside));
                }
                Err(error) if needs_a_code(&error, entry.kind) => {
                    tracing::info!(%error, "a login is not exchanged");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// Huawei's IAM documents the exchange for federated users alone, so that a refusal there says nothing about the project.
fn needs_a_code(error: &AuthError, kind: Option<CloudKind>) -> bool {
    match error.blame {
        Blame::Session => true,
        Blame::Project => kind.is_some_and(CloudKind::logs_in_to_iam),
        Blame::Service { status, .. } => (400..500).contains(&status) && status != 429,
        _ => false,
    }
}

fn identity_and_project(entry: &CloudEntry) -> Option<(Identity, Qualified)> {
    let Login::Keystone { auth_url, credentials } = &entry.login else { return None };
    let auth_url = auth::identity_v3(auth_url).ok()?.to_string();
    let (user, tls) = (credentials.method.user()?.clone(), entry.tls.clone());
    Some((Identity { auth_url, user, tls }, credentials.project.clone()))
}
