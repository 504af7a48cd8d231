//! The credentials of a login, complete and checked; and the request body for Keystone.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::{AccessKey, Account, StaticAuth};

/// How to log in to a cloud. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum Login {
    /// Keystone v3.
    Keystone {
        /// Keystone's address, as configured.
        auth_url: String,
        /// Who logs in, and to which project.
        credentials: Credentials,
    },
    /// Identity v2.0, as Rackspace has it.
    IdentityV2 {
        /// The identity service's address, as configured or known.
        auth_url: String,
        /// Who logs in, and to which account.
        account: Account,
    },
    /// Every request is signed with an access key (AK/SK).
    AccessKey {
        /// IAM's address: as configured, or known by region. `None` where it is not needed.
        auth_url: Option<String>,
        /// The key.
        key: AccessKey,
        /// The project; neither ID nor name: the one that is named like the region.
        project: NameOrId,
    },
    /// There is no login service: every request carries the same header, or none. The image service's address is
    /// configured.
    Static {
        /// What every request carries.
        auth: StaticAuth,
        /// The ID of the project whose images are the user's own; `None`: all images are.
        project: Option<String>,
    },
}

impl Login {
    /// The address of the login service, where there is one and it is known.
    pub fn auth_url(&self) -> Option<&str> {
        match self {
            Self::Keystone { auth_url, .. } | Self::IdentityV2 { auth_url, .. } => Some(auth_url),
            Self::AccessKey { auth_url, .. } => auth_url.as_deref(),
            Self::Static { .. } => None,
        }
    }
}

/// A name or an ID, as OpenStack takes either. The ID wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameOrId {
    /// The ID.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
}

impl NameOrId {
    /// By name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { id: None, name: Some(name.into()) }
    }

    /// By ID.
    pub fn identified(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), name: None }
    }

    /// Whether neither is given.
    pub fn is_empty(&self) -> bool {
        self.id.is_none() && self.name.is_none()
    }

    /// The same in a domain.
    #[must_use]
    pub fn in_domain(self, domain: Self) -> Qualified {
        Qualified { own: self, domain }
    }

    /// `{"id": …}` or `{"name": …}`.
    fn json(&self) -> Map<String, Value> {
        let pair = match (&self.id, &self.name) {
            (Some(id), _) => Some(("id", id)),
            (None, Some(name)) => Some(("name", name)),
            (None, None) => None,
        };
        pair.into_iter().map(|(key, value)| (key.to_owned(), value.clone().into())).collect()
    }
}

/// A user or a project, with its domain: a name is unique only there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qualified {
    /// The user or project itself.
    pub own: NameOrId,
    /// Its domain.
    pub domain: NameOrId,
}

impl Qualified {
    /// `{"id": …}` or `{"name": …, "domain": …}`: an ID needs no domain.
    fn json(&self) -> Map<String, Value> {
        let mut object = self.own.json();
        if self.own.id.is_none() && !self.domain.is_empty() {
            object.insert("domain".into(), self.domain.json().into());
        }
        object
    }
}

/// Who logs in to Keystone v3, and to which project. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who.
    pub method: Method,
    /// The project; empty: the one of the token or application credential.
    pub project: Qualified,
}

/// How a user logs in to Keystone v3.
#[derive(Clone, Debug)]
pub enum Method {
    /// User and password.
    Password {
        /// The user.
        user: Qualified,
        /// The password.
        password: SecretString,
        /// A one-time password, sent when Keystone asks for it.
        passcode: Option<SecretString>,
    },
    /// A one-time password (TOTP), alone or together with the password, in one request: `v3totp`, `v3multifactor`, and
    /// the only way on Huawei's IAM (Huawei docs: "Obtaining a User Token Through Password and Virtual MFA").
    Totp {
        /// The user.
        user: Qualified,
        /// The password, where it is one of the methods.
        password: Option<SecretString>,
        /// The one-time password; `None`: the user has to be asked.
        passcode: Option<SecretString>,
    },
    /// An existing token. It cannot be renewed.
    Token(SecretString),
    /// The token of a valid session, exchanged for one of another project: the one-time password that opened it is not
    /// needed again. The new token expires when that session does.
    Session(SecretString),
    /// An application credential. It carries its own project: to ask for one is an error (seen, Keystone 30), so that
    /// [`Credentials::project`] is compared with it.
    ApplicationCredential {
        /// Its ID, or its name together with the user.
        credential: NameOrId,
        /// The user, needed when the credential is given by name.
        user: Qualified,
        /// Its secret.
        secret: SecretString,
    },
}

impl Method {
    /// The user, where the method names one.
    pub fn user(&self) -> Option<&Qualified> {
        match self {
            Self::Password { user, .. } | Self::Totp { user, .. } => Some(user),
            Self::Token(_) | Self::Session(_) | Self::ApplicationCredential { .. } => None,
        }
    }

    /// The one-time password, where there is one.
    pub fn passcode(&self) -> Option<&SecretString> {
        match self {
            Self::Password { passcode, .. } | Self::Totp { passcode, .. } => passcode.as_ref(),
            Self::Token(_) | Self::Session(_) | Self::ApplicationCredential { .. } => None,
        }
    }

    /// The secret that is not a one-time password.
    pub(super) fn secret(&self) -> Option<&SecretString> {
        match self {
            Self::Password { password, .. } => Some(password),
            Self::Totp { password, .. } => password.as_ref(),
            Self::Token(token) | Self::Session(token) => Some(token),
            Self::ApplicationCredential { secret, .. } => Some(secret),
        }
    }

    fn identity(&self, passcode: Option<&SecretString>) -> Value {
        match self {
            Self::Password { user, password, .. } => {
                let user = with("password", password.expose_secret(), user);
                json!({ "methods": ["password"], "password": user })
            }
            Self::Totp { user, password, .. } => {
                let mut identity = json!({ "methods": [] });
                let password = password.as_ref().map(ExposeSecret::expose_secret);
                let passcode = passcode.map(|passcode| passcode.expose_secret().trim());
                let methods = [("password", "password", password), ("totp", "passcode", passcode)];
                for (method, key, secret) in methods {
                    let Some(secret) = secret else { continue };
                    identity[method] = with(key, secret, user);
                    identity["methods"].as_array_mut().into_iter().for_each(|methods| {
                        methods.push(method.into());
                    });
                }
                identity
            }
            Self::Token(token) | Self::Session(token) => {
                json!({ "methods": ["token"], "token": { "id": token.expose_secret() } })
            }
            Self::ApplicationCredential { credential, user, secret } => {
                let mut object = credential.json();
                object.insert("secret".into(), secret.expose_secret().into());
                if credential.id.is_none() {
                    object.insert("user".into(), user.json().into());
                }
                json!({ "methods": ["application_credential"], "application_credential": object })
            }
        }
    }
}

impl Credentials {
    /// The project to ask for, where there is one.
    pub(super) fn scope(&self) -> Option<&Qualified> {
        let own = matches!(self.method, Method::ApplicationCredential { .. });
        Some(&self.project).filter(|project| !own && !project.own.is_empty())
    }

    /// The body of `POST /v3/auth/tokens`. It holds the secret, and the one-time password where that is the method.
    pub(super) fn body(&self, passcode: Option<&SecretString>) -> Value {
        self.scoped(&self.method.identity(passcode))
    }

    /// The body of the request that adds a one-time password to a password that was accepted. `None`: the method is not
    /// a password.
    pub(super) fn second_body(&self, passcode: &SecretString) -> Option<Value> {
        let Method::Password { user, .. } = &self.method else { return None };
        let user = with("passcode", passcode.expose_secret().trim(), user);
        Some(self.scoped(&json!({ "methods": ["totp"], "totp": user })))
    }

    fn scoped(&self, identity: &Value) -> Value {
        let mut auth = json!({ "identity": identity });
        if let Some(project) = self.scope() {
            auth["scope"] = json!({ "project": project.json() });
        }
        json!({ "auth": auth })
    }
}

/// `{"user": {…, key: secret}}`
fn with(key: &str, secret: &str, user: &Qualified) -> Value {
    let mut user = user.json();
    user.insert(key.into(), secret.into());
    json!({ "user": user })
}
