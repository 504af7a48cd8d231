//! What one logs in with, and the request body that says so.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

/// A name or an id, as Keystone takes either. The id wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameOrId {
    /// The id.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
}

impl NameOrId {
    /// By name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { id: None, name: Some(name.into()) }
    }

    /// By id.
    pub fn identified(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), name: None }
    }

    /// Whether neither is given.
    pub fn is_empty(&self) -> bool {
        self.id.is_none() && self.name.is_none()
    }

    /// `{"id": …}` or `{"name": …, "domain": …}`: an id needs no domain.
    fn in_domain(&self, domain: &Self) -> Map<String, Value> {
        let mut object = self.alone();
        if self.id.is_none() && !domain.is_empty() {
            object.insert("domain".into(), domain.alone().into());
        }
        object
    }

    fn alone(&self) -> Map<String, Value> {
        let pair = match (&self.id, &self.name) {
            (Some(id), _) => Some(("id", id)),
            (None, Some(name)) => Some(("name", name)),
            (None, None) => None,
        };
        pair.into_iter().map(|(key, value)| (key.to_owned(), value.clone().into())).collect()
    }
}

/// How to log in to Keystone v3. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// User and password.
    Password {
        /// Who.
        user: NameOrId,
        /// The user's domain.
        user_domain: NameOrId,
        /// The password.
        password: SecretString,
        /// The project.
        project: NameOrId,
        /// The project's domain.
        project_domain: NameOrId,
    },
    /// A one-time code (TOTP), alone or together with the password, in one request: `v3totp`, `v3multifactor`, and
    /// the only way on Huawei's IAM (Huawei docs: "Obtaining a User Token Through Password and Virtual MFA").
    OneTimeCode {
        /// Who.
        user: NameOrId,
        /// The user's domain.
        user_domain: NameOrId,
        /// The password, where it is asked for as well.
        password: Option<SecretString>,
        /// The project.
        project: NameOrId,
        /// The project's domain.
        project_domain: NameOrId,
    },
    /// A token one has. It cannot be renewed.
    Token {
        /// The token.
        token: SecretString,
        /// The project; none: the one the token is scoped to.
        project: NameOrId,
        /// The project's domain.
        project_domain: NameOrId,
    },
    /// The token of a login that holds, exchanged for one of another project: what a one-time code opened is not asked
    /// for again. It ends when that login ends.
    Held {
        /// The token of that login.
        token: SecretString,
        /// The project.
        project: NameOrId,
        /// The project's domain.
        project_domain: NameOrId,
    },
    /// An application credential. It carries its own scope; to ask for one is an error (seen, Keystone 30).
    ApplicationCredential {
        /// Its id, or its name together with the user.
        credential: NameOrId,
        /// The user, needed when the credential is given by name.
        user: NameOrId,
        /// The user's domain.
        user_domain: NameOrId,
        /// Its secret.
        secret: SecretString,
        /// The project it has to be of; empty: any.
        project: NameOrId,
        /// The domain of that project; empty: any.
        project_domain: NameOrId,
    },
}

impl Credentials {
    /// The one secret among them, to keep it out of texts. The one-time code is not theirs.
    pub(super) fn secret(&self) -> Option<&SecretString> {
        match self {
            Self::Password { password, .. } => Some(password),
            Self::OneTimeCode { password, .. } => password.as_ref(),
            Self::Token { token, .. } | Self::Held { token, .. } => Some(token),
            Self::ApplicationCredential { secret, .. } => Some(secret),
        }
    }

    /// The project asked for, where the credentials name one.
    pub(super) fn project(&self) -> Option<&NameOrId> {
        match self {
            Self::Password { project, .. }
            | Self::OneTimeCode { project, .. }
            | Self::Token { project, .. }
            | Self::Held { project, .. } => Some(project).filter(|project| !project.is_empty()),
            Self::ApplicationCredential { .. } => None,
        }
    }

    /// The body of `POST /v3/auth/tokens`. It holds the secret, and the code where the credentials are one.
    pub(super) fn body(&self, code: Option<&SecretString>) -> Value {
        self.scoped(&self.identity(code))
    }

    /// The body of the request that adds a one-time code to a password that was accepted. `None`: these credentials
    /// are not a user's password.
    pub(super) fn second_body(&self, code: &SecretString) -> Option<Value> {
        let Self::Password { user, user_domain, .. } = self else { return None };
        let user = with_code(user.in_domain(user_domain), code);
        Some(self.scoped(&json!({ "methods": ["totp"], "totp": { "user": user } })))
    }

    fn scoped(&self, identity: &Value) -> Value {
        let mut auth = json!({ "identity": identity });
        if let Some(scope) = self.scope() {
            auth["scope"] = scope;
        }
        json!({ "auth": auth })
    }

    fn identity(&self, code: Option<&SecretString>) -> Value {
        match self {
            Self::Password { user, user_domain, password, .. } => {
                let mut user = user.in_domain(user_domain);
                user.insert("password".into(), password.expose_secret().into());
                json!({ "methods": ["password"], "password": { "user": user } })
            }
            Self::OneTimeCode { user, user_domain, password, .. } => {
                let user = user.in_domain(user_domain);
                let mut identity = json!({ "methods": [] });
                let mut add = |method: &str, user: Map<String, Value>| {
                    identity["methods"].as_array_mut().into_iter().for_each(|all| {
                        all.push(method.into());
                    });
                    identity[method] = json!({ "user": user });
                };
                if let Some(password) = password {
                    let mut user = user.clone();
                    user.insert("password".into(), password.expose_secret().into());
                    add("password", user);
                }
                if let Some(code) = code {
                    add("totp", with_code(user, code));
                }
                identity
            }
            Self::Token { token, .. } | Self::Held { token, .. } => {
                json!({ "methods": ["token"], "token": { "id": token.expose_secret() } })
            }
            Self::ApplicationCredential { credential, user, user_domain, secret, .. } => {
                let mut object = credential.alone();
                object.insert("secret".into(), secret.expose_secret().into());
                if credential.id.is_none() {
                    object.insert("user".into(), user.in_domain(user_domain).into());
                }
                json!({ "methods": ["application_credential"], "application_credential": object })
            }
        }
    }

    fn scope(&self) -> Option<Value> {
        match self {
            Self::Password { project, project_domain, .. }
            | Self::OneTimeCode { project, project_domain, .. }
            | Self::Token { project, project_domain, .. }
            | Self::Held { project, project_domain, .. } => (!project.is_empty())
                .then(|| json!({ "project": project.in_domain(project_domain) })),
            Self::ApplicationCredential { .. } => None,
        }
    }
}

fn with_code(mut user: Map<String, Value>, code: &SecretString) -> Map<String, Value> {
    user.insert("passcode".into(), code.expose_secret().trim().into());
    user
}
