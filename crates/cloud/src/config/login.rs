//! The `auth` part of a cloud: which login it asks for, and whether everything for it is there.

use secrecy::SecretString;
use serde::Deserialize;

use super::error::nearest;
use super::layers::Layered;
use super::source::Origin;
use super::yaml::{Node, Value};
use super::{Complaint, ConfigError, MissingSecret, keys};
use crate::auth::{
    Account, AccountSecret, Credentials, Login, Method, NameOrId, Qualified, StaticAuth,
};
use domain::CloudKind;

/// In the order in which an error lists them.
const SUPPORTED: &str = "\
    password v3password v3totp v3multifactor token v3token v3applicationcredential aksk rackspace_apikey \
    rackspace_password v2password http_basic admin_token none";

/// Every other `auth_type` of keystoneauth, to tell a misspelled one from one that is not supported; and
/// `token_endpoint`, the older name of `admin_token`.
const OTHERS: &str = "\
    token_endpoint v3oidcpassword v3oidcclientcredentials v3oidcauthcode v3oidcaccesstoken v3oidcdeviceauthz \
    v3websso v3oauth1 v3oauth2clientcredential v3oauth2mtlsclientcredential v3tokenlessauth v3adfspassword \
    v3samlpassword v3fedkerb v2token";

fn known_auth_types() -> impl Iterator<Item = &'static str> {
    SUPPORTED.split(' ').chain(OTHERS.split(' '))
}

fn known_auth_type(word: &str) -> Option<&'static str> {
    known_auth_types().find(|known| *known == word)
}

/// Where every customer of Rackspace logs in (Rackspace docs: Cloud Identity service access endpoint).
const RACKSPACE_IDENTITY: &str = "https://identity.api.rackspacecloud.com/v2.0";

/// `password`, `v3password`, and `v3multifactor` with the method `v3password`.
#[derive(Deserialize)]
struct PasswordOptions {
    password: SecretString,
    passcode: Option<SecretString>,
}

/// `token`, `v3token`, `admin_token`, `token_endpoint`.
#[derive(Deserialize)]
struct TokenOptions {
    token: SecretString,
}

/// `v3applicationcredential`.
#[derive(Deserialize)]
struct CredentialOptions {
    application_credential_secret: SecretString,
}

/// `http_basic`, `rackspace_password`, `v2password`.
#[derive(Deserialize)]
struct UserOptions {
    username: String,
    password: SecretString,
}

/// `rackspace_apikey`.
#[derive(Deserialize)]
struct ApiKeyOptions {
    username: String,
    api_key: SecretString,
}

impl Layered {
    /// The name of the login. An explicit null means `none`. Without a name an access key and nothing else means `aksk`.
    /// `auth_plugin`, its old spelling, has no effect, as in openstacksdk 4.22 (whose default for `auth_type` wins).
    pub(super) fn auth_type(&self) -> &str {
        match self.config.raw("auth_type").map(|node| &node.value) {
            None if self.has_only_an_access_key() => "aksk",
            None => "password",
            Some(Value::Text(text) | Value::Bool(_, text))
                if !text.is_empty() && text != "None" =>
            {
                text
            }
            Some(_) => "none",
        }
    }

    /// The same for people. Only a known name is repeated: a password may have been written there.
    pub(super) fn shown_auth_type(&self) -> &'static str {
        known_auth_type(self.auth_type()).unwrap_or("unknown auth_type")
    }

    /// Whether every request carries the same header, so that the address of the images has to be configured.
    pub(super) fn has_no_login_service(&self) -> bool {
        matches!(self.auth_type(), "none" | "http_basic" | "admin_token" | "token_endpoint")
    }

    /// Whether the name of the login says that the cloud is Rackspace.
    pub(super) fn is_login_of_rackspace(&self) -> bool {
        matches!(self.auth_type(), "rackspace_apikey" | "rackspace_password")
    }

    /// Warnings about options that have no effect, or that contradict each other.
    pub(super) fn odd_login(&self) -> Vec<Complaint> {
        let mut remarks = Vec::new();
        let shown = self.source.shown();
        let plugin = self.config.text("auth_plugin").filter(|plugin| *plugin != self.auth_type());
        if plugin.is_some() {
            let (old, new) = (self.source.key("auth_plugin"), self.source.key("auth_type"));
            let why = format!("{shown} has {old}, which has no effect");
            remarks.push(Complaint::new(why, format!("use {new} instead")));
        }
        let of: &[&str] = match (self.auth_type(), self.option("default_domain_id")) {
            ("password", Some(_)) => &["user", "project"],
            ("token", Some(_)) => &["project"],
            _ => &[],
        };
        for of in of {
            let domain = self.domain(of);
            if domain.id.is_some() || domain.name.is_none() {
                continue;
            }
            let key = format!("{of}_domain_name");
            let key = if self.option(&key).is_some() { &*key } else { "domain_name" };
            let own = self.source.key("auth.default_domain_id");
            let name = self.source.key(&format!("auth.{key}"));
            let why = format!(
                "{shown} has both {own} and {name}; sharelock uses {name}, and openstacksdk {own}"
            );
            remarks.push(Complaint::new(why, "remove one of them"));
        }
        remarks.dedup();
        remarks
    }

    /// How to log in, complete.
    pub(super) fn login(&self, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        if let Some(node) = self.config.get("auth").filter(|node| node.map().is_none()) {
            let hint = "write `auth:` and below it, indented, `auth_url`, `username`, …";
            return Err(self.source.invalid("auth", node, "is not a mapping", hint));
        }
        match self.auth_type() {
            "rackspace_apikey" => self.api_key(),
            "rackspace_password" | "v2password" => self.account_password(),
            "password" if kind == Some(CloudKind::Rackspace) => match self.option("password") {
                Some(_) => self.account_password(),
                None => self.api_key(),
            },
            "none" => self.static_login(StaticAuth::Nothing, kind),
            "http_basic" => self.http_basic(kind),
            "admin_token" | "token_endpoint" => {
                let TokenOptions { token } = self.options()?;
                self.static_login(StaticAuth::Token(token), kind)
            }
            "aksk" => self.access_key(),
            auth_type => self.keystone(auth_type, kind),
        }
    }

    fn keystone(&self, auth_type: &str, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        if !SUPPORTED.split(' ').any(|supported| supported == auth_type) {
            return Err(self.unsupported(auth_type));
        }
        self.no_other_scope()?;
        let auth_url = self.auth_url()?;
        let method = match auth_type {
            "v3totp" => self.totp(None)?,
            "v3multifactor" => self.multifactor()?,
            "token" | "v3token" => Method::Token(self.options::<TokenOptions>()?.token),
            "v3applicationcredential" => self.application_credential()?,
            _ => self.password()?,
        };
        let project = match method {
            Method::ApplicationCredential { .. } => self.project_of_credential(),
            _ => self.project(kind)?,
        };
        Ok(Login::Keystone { auth_url, credentials: Credentials { method, project } })
    }

    fn unsupported(&self, auth_type: &str) -> ConfigError {
        let key = self.source.key_or_variable("auth_type", self.config.raw("auth_type"));
        let why = if known_auth_type(auth_type).is_some() {
            format!("has {key} `{auth_type}`, which is not supported yet")
        } else {
            let hint = match nearest(auth_type, known_auth_types()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => domain::text::counted(auth_type.chars().count(), "character"),
            };
            format!("has an unknown {key} ({hint})")
        };
        let (others, last) = SUPPORTED.rsplit_once(' ').unwrap_or_default();
        self.source.wrong(why, format!("use `{}` or `{last}`", others.replace(' ', "`, `")))
    }

    fn password(&self) -> Result<Method, ConfigError> {
        if self.name_or_id("user").is_empty() || self.option("password").is_none() {
            self.not_another_login()?;
        }
        let PasswordOptions { password, passcode } = self.options()?;
        Ok(Method::Password { user: self.user()?, password, passcode })
    }

    /// A passcode in a file is rarely of use: it is valid for half a minute.
    fn totp(&self, password: Option<SecretString>) -> Result<Method, ConfigError> {
        let passcode = self.option("passcode").map(SecretString::from);
        Ok(Method::Totp { user: self.user()?, password, passcode })
    }

    /// `auth_methods` has the names that keystoneauth has for the logins.
    fn multifactor(&self) -> Result<Method, ConfigError> {
        let node = self.auth().and_then(|auth| auth.get("auth_methods"));
        let node = node.or_else(|| self.config.get("auth_methods"));
        let methods = node.map(Node::words).unwrap_or_default();
        let (mut has_password, mut has_totp) = (false, false);
        for method in methods {
            match method {
                "v3password" | "password" => has_password = true,
                "v3totp" | "totp" => has_totp = true,
                other => {
                    // Only a known name is repeated: a password may have been written there.
                    let known = known_auth_type(other).map(|known| format!("`{known}`"));
                    let shown = known.as_deref().unwrap_or("a word");
                    let why =
                        format!("has {shown} among its `auth_methods`, which is not supported");
                    return Err(self.source.wrong(why, "use `v3password`, `v3totp` or both"));
                }
            }
        }
        match (has_password, has_totp) {
            (true, true) => self.totp(Some(self.options::<PasswordOptions>()?.password)),
            (false, true) => self.totp(None),
            (true, false) => self.password(),
            _ => Err(self.source.missing("auth.auth_methods", "add `[v3password, v3totp]`")),
        }
    }

    fn application_credential(&self) -> Result<Method, ConfigError> {
        let CredentialOptions { application_credential_secret: secret } = self.options()?;
        let (credential, user) =
            (self.name_or_id("application_credential"), self.name_or_id("user"));
        if credential.is_empty() {
            return Err(self.missing("auth.application_credential_id"));
        }
        if credential.id.is_none() && user.is_empty() {
            let hint = "add it, or give `application_credential_id`: a credential's name is only \
                          unique for its user";
            return Err(self.source.missing("auth.username", hint));
        }
        Ok(Method::ApplicationCredential { credential, user: self.in_user_domain(user), secret })
    }

    fn api_key(&self) -> Result<Login, ConfigError> {
        let ApiKeyOptions { username, api_key } = self.options()?;
        self.identity_v2(username, AccountSecret::ApiKey(api_key))
    }

    fn account_password(&self) -> Result<Login, ConfigError> {
        let UserOptions { username, password } = self.options()?;
        self.identity_v2(username, AccountSecret::Password(password))
    }

    fn identity_v2(&self, username: String, secret: AccountSecret) -> Result<Login, ConfigError> {
        // The account's name is its number (Rackspace docs: "the tenant ID is the account number").
        let NameOrId { id, name } = self.name_or_id("project");
        let account = Account { username, secret, number: id.or(name) };
        Ok(Login::IdentityV2 { auth_url: self.identity_v2_url()?, account })
    }

    /// The address of the identity service: as configured, else that of Rackspace.
    pub(super) fn identity_v2_url(&self) -> Result<String, ConfigError> {
        let is_rackspace = self.kind()?.is_some_and(|(kind, _)| kind == CloudKind::Rackspace);
        if is_rackspace && self.option("auth_url").is_none() {
            return Ok(RACKSPACE_IDENTITY.to_owned());
        }
        self.auth_url()
    }

    fn http_basic(&self, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        let UserOptions { username, password } = self.options()?;
        if username.contains(':') {
            let why = "has a `:` in `auth.username`, which HTTP Basic cannot send";
            return Err(self.source.wrong(why, "correct it"));
        }
        self.static_login(StaticAuth::Basic { username, password }, kind)
    }

    fn static_login(
        &self,
        auth: StaticAuth,
        kind: Option<CloudKind>,
    ) -> Result<Login, ConfigError> {
        if self.image_endpoint()?.is_none() && self.static_endpoint()?.is_none() {
            let hint = "add it: the address of the image service, because there is no catalog without a login";
            return Err(self.source.missing("auth.endpoint", hint));
        }
        let project = match self.name_or_id("project") {
            NameOrId { id: Some(id), .. } => Some(id),
            NameOrId { name: Some(_), .. } => {
                let hint = "add it: a name cannot be resolved without a login";
                return Err(self.source.missing("auth.project_id", hint));
            }
            // IMS has the ID in its addresses.
            _ if kind == Some(CloudKind::Ims) => return Err(self.missing("auth.project_id")),
            _ => None,
        };
        Ok(Login::Static { auth, project })
    }

    /// `endpoint` of `auth`, the address of every service. `None` for logins that have a catalog.
    pub(super) fn static_endpoint(&self) -> Result<Option<String>, ConfigError> {
        for key in ["endpoint", "url"].into_iter().filter(|_| self.has_no_login_service()) {
            if let Some(address) = self.option_address(key)? {
                return Ok(Some(address));
            }
        }
        Ok(None)
    }

    /// The default login is `password`. An entry without `auth_type` that has the secret of another login needs that
    /// key, not a password.
    fn not_another_login(&self) -> Result<(), ConfigError> {
        let others = [
            (
                "application_credential_secret",
                "an application credential",
                "v3applicationcredential",
            ),
            ("token", "a token", "v3token"),
        ];
        let other = others.into_iter().find(|(secret, ..)| self.option(secret).is_some());
        let Some((_, what, auth_type)) = other else { return Ok(()) };
        let key = self.source.key("auth_type");
        let hint = match self.source.origin {
            Origin::Variables => format!("set {key} to {auth_type}"),
            _ => format!("add `auth_type: {auth_type}` beside `auth`"),
        };
        let why = format!("has {what}, but its {key} is `{}`", self.auth_type());
        Err(self.source.wrong(why, hint))
    }

    /// Keystone's address. Where it is missing, an unknown profile is the cause.
    pub(super) fn auth_url(&self) -> Result<String, ConfigError> {
        self.option_address("auth_url")?.ok_or_else(|| match self.unknown_profile() {
            Some((why, hint)) => {
                let key = self.source.key("auth.auth_url");
                self.source.wrong(format!("has {why}, and no {key}"), hint)
            }
            None => self.missing("auth.auth_url"),
        })
    }

    /// The user, who must be named, in the user's domain.
    fn user(&self) -> Result<Qualified, ConfigError> {
        let user = self.name_or_id("user");
        if user.is_empty() {
            return Err(self.missing("auth.username"));
        }
        Ok(self.in_user_domain(user))
    }

    /// The user's domain is `default` where none is given, as for the `openstack` command: a name needs one.
    fn in_user_domain(&self, user: NameOrId) -> Qualified {
        let mut domain = self.domain("user");
        if domain.is_empty() && user.id.is_none() && user.name.is_some() {
            domain = self.default_domain();
        }
        user.in_domain(domain)
    }

    /// `{of}_domain_id` and `_name`; `domain_id` and `domain_name` stand for both domains.
    fn domain(&self, of: &str) -> NameOrId {
        let own = self.name_or_id(&format!("{of}_domain"));
        let both = self.name_or_id("domain");
        NameOrId { id: own.id.or(both.id), name: own.name.or(both.name) }
    }

    fn default_domain(&self) -> NameOrId {
        let given = self.name_or_id("default_domain");
        if given.is_empty() {
            return NameOrId::identified(self.option("default_domain").unwrap_or("default"));
        }
        given
    }

    /// The project and its domain. Images belong to projects, so no other scope is of use.
    fn project(&self, kind: Option<CloudKind>) -> Result<Qualified, ConfigError> {
        let project = self.name_or_id("project");
        if project.is_empty() {
            if self.name_or_id("domain").is_empty() {
                return Err(self.missing("auth.project_name"));
            }
            let scope = "a domain (`domain_id` or `domain_name` without a project)";
            return Err(self.other_scope(scope, "add"));
        }
        let mut domain = self.domain("project");
        if domain.is_empty() && project.id.is_none() {
            domain = match kind {
                // There is no domain called default there: an account has exactly one, its own.
                Some(CloudKind::Ims) => self.domain("user"),
                _ => self.default_domain(),
            };
        }
        Ok(project.in_domain(domain))
    }

    /// The project beside an application credential, which must be the credential's own.
    fn project_of_credential(&self) -> Qualified {
        let project = self.name_or_id("project");
        let domain =
            if project.id.is_some() { NameOrId::default() } else { self.domain("project") };
        project.in_domain(domain)
    }

    /// Keystone takes one scope, and images belong to projects. An application credential has its own.
    fn no_other_scope(&self) -> Result<(), ConfigError> {
        let written = |key| {
            let (node, _) = self.option_node(key)?;
            Some(self.source.key_or_variable(&format!("auth.{key}"), Some(node)))
        };
        if let Some(key) = written("system_scope") {
            let scope = format!("the whole system ({key})");
            return Err(self.other_scope(&scope, "remove it and add"));
        }
        if let Some(key) = written("trust_id") {
            return Err(self.source.wrong(
                format!("logs in with a trust ({key}), which sharelock does not support yet"),
                "use an application credential or a user of the trustor's project instead",
            ));
        }
        Ok(())
    }

    fn other_scope(&self, scope: &str, verb: &str) -> ConfigError {
        let key = |key| self.source.key(key);
        self.source.wrong(
            format!("logs in to {scope}, but images belong to projects"),
            format!("{verb} {} or {}", key("auth.project_name"), key("auth.project_id")),
        )
    }

    fn missing(&self, key: &str) -> ConfigError {
        let hint = match self.source.origin {
            Origin::File(_) | Origin::Credentials(_) => "add it there",
            Origin::Variables => "set it, or name a cloud of clouds.yaml with OS_CLOUD",
            Origin::Family(_) => "set it",
        };
        self.source.missing(key, hint)
    }

    /// A required option is not there. A secret may be given later.
    pub(super) fn missing_option(&self, key: &str) -> ConfigError {
        let full = format!("auth.{key}");
        let Some(secret) = MissingSecret::of(key) else { return self.missing(&full) };
        let hint = match &self.source.origin {
            Origin::File(_) => {
                let variable = keys::applied().find(|applied| *applied == key);
                let variable = variable
                    .map_or(String::new(), |key| format!("set {}, ", keys::variable(key)));
                let add = match &self.unread_secure {
                    Some(unread) => format!(
                        "set OS_CLIENT_SECURE_FILE to {}, which is not read while only OS_CLIENT_CONFIG_FILE is set; else {variable}or ",
                        unread.display(),
                    ),
                    None => format!("{variable}add it to the entry or to secure.yaml, or "),
                };
                format!("{add}set `password_command` in config.toml")
            }
            Origin::Variables => {
                "set it, name a cloud of clouds.yaml with OS_CLOUD, or set `password_command` in config.toml".to_owned()
            }
            Origin::Family(_) | Origin::Credentials(_) => return self.missing(&full),
        };
        let why = format!("{} has no {}", self.source.shown(), self.source.key(&full));
        ConfigError::NoSecret(Complaint::new(why, hint), secret)
    }
}
