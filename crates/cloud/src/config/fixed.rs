//! Services without a login service: `none`, `http_basic` and `admin_token`, as keystoneauth has them.

use secrecy::SecretString;

use super::ConfigError;
use super::layers::Layered;
use crate::auth::{Login, NameOrId, StaticAuth};
use crate::domain::CloudKind;

impl Layered {
    /// Whether every request proves itself, and the address has to be configured.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.auth_type(), "none" | "http_basic" | "admin_token" | "token_endpoint")
    }

    /// Everything for such a login.
    pub(super) fn fixed(&self, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        let auth = match self.auth_type() {
            "http_basic" => self.basic()?,
            "admin_token" | "token_endpoint" => match self.scope(&["auth_token", "token"])? {
                Some(token) => StaticAuth::Token(SecretString::from(token)),
                None => return Err(self.missing_secret("auth.token")),
            },
            _ => StaticAuth::Nothing,
        };
        if self.image_endpoint()?.is_none() && self.fixed_endpoint()?.is_none() {
            let hint = "add it: the address of the image service, because there is no catalog without a login";
            return Err(self.subject.missing("auth.endpoint", hint));
        }
        Ok(Login::Static { auth, project: self.project_of_images(kind)? })
    }

    /// `endpoint` of `auth`, the address of every service. `None` for logins that are told the address.
    pub(super) fn fixed_endpoint(&self) -> Result<Option<String>, ConfigError> {
        if !self.is_fixed() {
            return Ok(None);
        }
        for key in ["endpoint", "url"] {
            if let Some(found) = self.auth_node(key)? {
                return self.address(&format!("auth.{key}"), found).map(Some);
            }
        }
        Ok(None)
    }

    fn basic(&self) -> Result<StaticAuth, ConfigError> {
        let username = self.username()?.ok_or_else(|| self.missing("auth.username"))?.to_owned();
        if username.contains(':') {
            let why = "has a `:` in `auth.username`, which HTTP Basic cannot send";
            return Err(self.subject.wrong(why, "correct it"));
        }
        let Some(password) = self.auth("password")? else {
            return Err(self.missing_secret("auth.password"));
        };
        Ok(StaticAuth::Basic { username, password: SecretString::from(password) })
    }

    /// Nobody turns a name into an id here. IMS has the id in its addresses.
    fn project_of_images(&self, kind: Option<CloudKind>) -> Result<Option<String>, ConfigError> {
        match self.project_or_none()? {
            NameOrId { id: Some(id), .. } => Ok(Some(id)),
            NameOrId { name: Some(_), .. } => Err(self
                .subject
                .missing("auth.project_id", "add it: a name cannot be resolved without a login")),
            NameOrId { .. } if kind == Some(CloudKind::Ims) => Err(self.missing("auth.project_id")),
            NameOrId { .. } => Ok(None),
        }
    }
}
