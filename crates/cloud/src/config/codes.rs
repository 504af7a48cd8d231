//! Logins with a one-time code (TOTP): `v3totp`, and `v3multifactor` with its `auth_methods`.

use secrecy::SecretString;

use super::ConfigError;
use super::layers::Layered;
use super::yaml::Value;
use crate::auth::{Credentials, Login, Method};
use crate::domain::CloudKind;

impl Layered {
    /// `passcode`. Written down it is rarely of use: it is good for half a minute.
    pub(super) fn passcode(&self) -> Result<Option<SecretString>, ConfigError> {
        Ok(self.scope(&["passcode"])?.map(SecretString::from))
    }

    /// A code alone.
    pub(super) fn totp(&self, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        self.one_time_code(kind, None)
    }

    /// The methods of `auth_methods`, by the names that keystoneauth has for the logins.
    pub(super) fn multifactor(&self, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        let methods = self.auth_methods()?;
        let has = |names: [&str; 2]| methods.iter().any(|method| names.contains(&&**method));
        let (password, totp) = (has(["v3password", "password"]), has(["v3totp", "totp"]));
        let known = ["v3password", "password", "v3totp", "totp"];
        if let Some(other) = methods.iter().find(|method| !known.contains(&&***method)) {
            // A password may have slipped there, so only a known name is repeated.
            let shown = super::login::KNOWN.into_iter().find(|known| known == other);
            let shown = shown.map_or("a word".to_owned(), |known| format!("`{known}`"));
            let why = format!("has {shown} among its `auth_methods`, which is not supported");
            return Err(self.subject.wrong(why, "use `v3password`, `v3totp` or both"));
        }
        if !totp {
            return self.password(kind);
        }
        if !password {
            return self.totp(kind);
        }
        let Some(password) = self.auth("password")? else {
            return Err(self.missing_secret("auth.password"));
        };
        self.one_time_code(kind, Some(SecretString::from(password)))
    }

    /// A list, or names with commas between them as the `openstack` command takes them.
    fn auth_methods(&self) -> Result<Vec<String>, ConfigError> {
        let in_auth = self.config.get("auth").and_then(|auth| auth.map()?.get("auth_methods"));
        let missing = || self.subject.missing("auth.auth_methods", "add `[v3password, v3totp]`");
        let node = in_auth.or_else(|| self.config.get("auth_methods")).ok_or_else(missing)?;
        let words = match &node.value {
            Value::List(items) => items.iter().filter_map(|item| item.text()).collect(),
            _ => node.text().unwrap_or_default().split(',').collect::<Vec<_>>(),
        };
        let words = words.into_iter().map(str::trim).filter(|word| !word.is_empty());
        let words: Vec<String> = words.map(str::to_owned).collect();
        if words.is_empty() { Err(missing()) } else { Ok(words) }
    }

    fn one_time_code(
        &self,
        kind: Option<CloudKind>,
        password: Option<SecretString>,
    ) -> Result<Login, ConfigError> {
        self.no_other_scope()?;
        let auth_url = self.auth_url()?;
        let user = self.user()?;
        if user.is_empty() {
            return Err(self.missing("auth.username"));
        }
        let project = self.project(kind)?;
        let (user, passcode) = (self.user_in_domain(user)?, self.passcode()?);
        let method = Method::Totp { user, password, passcode };
        Ok(Login::Keystone { auth_url, credentials: Credentials { method, project } })
    }
}
