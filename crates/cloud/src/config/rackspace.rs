//! The login of Rackspace: an API key or a password for an identity service v2.0.

use secrecy::SecretString;

use super::ConfigError;
use super::layers::Layered;
use crate::auth::{Account, AccountSecret, Login, NameOrId};
use crate::domain::CloudKind;

/// Where everybody logs in (Rackspace docs: Cloud Identity service access endpoint).
const IDENTITY: &str = "https://identity.api.rackspacecloud.com/v2.0";

impl Layered {
    /// Whether the name of the login says that the cloud is Rackspace.
    pub(super) fn is_login_of_rackspace(&self) -> bool {
        matches!(self.auth_type(), "rackspace_apikey" | "rackspace_password")
    }

    /// Everything for a login with an API key.
    pub(super) fn api_key(&self) -> Result<Login, ConfigError> {
        let Some(key) = self.auth("api_key")? else {
            return Err(self.missing_secret("auth.api_key"));
        };
        self.identity_v2(AccountSecret::ApiKey(SecretString::from(key)))
    }

    /// Everything for a login with a password. Who names no login and has an API key alone means that.
    pub(super) fn v2_password(&self) -> Result<Login, ConfigError> {
        match self.auth("password")? {
            Some(password) => {
                self.identity_v2(AccountSecret::Password(SecretString::from(password)))
            }
            None if self.auth_type() == "password" => self.api_key(),
            None => Err(self.missing_secret("auth.password")),
        }
    }

    /// Where one logs in: as configured, else where Rackspace has it.
    pub(super) fn identity_v2_url(&self) -> Result<String, ConfigError> {
        let known = self.kind()?.is_some_and(|(kind, _)| kind == CloudKind::Rackspace);
        if known && self.auth_node("auth_url")?.is_none() {
            return Ok(IDENTITY.to_owned());
        }
        self.auth_url()
    }

    fn identity_v2(&self, secret: AccountSecret) -> Result<Login, ConfigError> {
        let username = self.username()?.ok_or_else(|| self.missing("auth.username"))?.to_owned();
        let (auth_url, number) = (self.identity_v2_url()?, self.account()?);
        Ok(Login::IdentityV2 { auth_url, account: Account { username, secret, number } })
    }

    /// The account number. Its name is the same number (Rackspace docs: "the tenant ID is the account number").
    fn account(&self) -> Result<Option<String>, ConfigError> {
        let NameOrId { id, name } = self.project_or_none()?;
        Ok(id.or(name))
    }
}
