//! The `auth` part of a cloud: which login it asks for, and whether everything for it is there.

use secrecy::SecretString;

use super::error::nearest;
use super::layers::Layered;
use super::subject::Origin;
use super::yaml::{Node, Place, Value};
use super::{Complaint, ConfigError, MissingSecret};
use crate::auth::{Credentials, Login, Method, NameOrId, Qualified};
use crate::domain::CloudKind;

const SUPPORTED: &str = "use `password`, `v3password`, `v3totp`, `v3multifactor`, `token`, `v3token`, \
                         `v3applicationcredential`, `aksk`, `rackspace_apikey`, `rackspace_password`, \
                         `v2password`, `http_basic`, `admin_token` or `none`";

/// Every name of a login that keystoneauth or the clouds of this program know, to tell a slip from what is not there.
pub(super) const KNOWN: [&str; 29] = [
    "password",
    "token",
    "v3password",
    "v3token",
    "v3applicationcredential",
    "v3totp",
    "v3multifactor",
    "v3oidcpassword",
    "v3oidcclientcredentials",
    "v3oidcauthcode",
    "v3oidcaccesstoken",
    "v3oidcdeviceauthz",
    "v3websso",
    "v3oauth1",
    "v3oauth2clientcredential",
    "v3oauth2mtlsclientcredential",
    "v3tokenlessauth",
    "v3adfspassword",
    "v3samlpassword",
    "v3fedkerb",
    "v2password",
    "v2token",
    "http_basic",
    "none",
    "admin_token",
    "token_endpoint",
    "aksk",
    "rackspace_apikey",
    "rackspace_password",
];

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

    /// The same for people: a password may have slipped there, so only a known name is repeated.
    pub(super) fn shown_auth_type(&self) -> &'static str {
        let auth_type = self.auth_type();
        KNOWN.into_iter().find(|known| *known == auth_type).unwrap_or("unknown auth_type")
    }

    /// What has no effect although it looks as if it had, or says the same thing twice and differently.
    pub(super) fn odd_login(&self) -> Result<Vec<Complaint>, ConfigError> {
        let mut remarks = Vec::new();
        let shown = self.subject.shown();
        let plugin = self.config.text("auth_plugin").filter(|plugin| *plugin != self.auth_type());
        if plugin.is_some() {
            let (old, new) = (self.subject.key("auth_plugin"), self.subject.key("auth_type"));
            let why = format!("{shown} has {old}, which has no effect");
            remarks.push(Complaint::new(why, format!("use {new} instead")));
        }
        if let ("password" | "token", Some(_)) = (self.auth_type(), self.auth("default_domain_id")?)
        {
            let own = self.subject.key("auth.default_domain_id");
            for of in ["user", "project"] {
                let domain = self.domain(of)?;
                let is_asked_for = of == "project" || self.auth_type() == "password";
                if domain.id.is_some() || domain.name.is_none() || !is_asked_for {
                    continue;
                }
                let key = format!("{of}_domain_name");
                let key =
                    if self.scope(&[&key])?.is_some() { key } else { "domain_name".to_owned() };
                let name = self.subject.key(&format!("auth.{key}"));
                let why = format!(
                    "{shown} has both {own} and {name}; sharelock uses {name}, and openstacksdk {own}"
                );
                remarks.push(Complaint::new(why, "remove one of them"));
            }
            remarks.dedup();
        }
        Ok(remarks)
    }

    /// How to log in, complete.
    pub(super) fn login(&self, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        if let Some(node) = self.config.get("auth").filter(|node| node.map().is_none()) {
            let hint = "write `auth:` and below it, indented, `auth_url`, `username`, …";
            return Err(self.subject.invalid("auth", node, "is not a mapping", hint));
        }
        let auth_type = self.auth_type();
        match auth_type {
            "rackspace_apikey" => self.api_key(),
            "rackspace_password" | "v2password" => self.v2_password(),
            "password" if kind == Some(CloudKind::Rackspace) => self.v2_password(),
            "none" | "http_basic" | "admin_token" | "token_endpoint" => self.fixed(kind),
            "aksk" => self.access_key(),
            _ => self.keystone(auth_type, kind),
        }
    }

    fn keystone(&self, auth_type: &str, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        match auth_type {
            "password" | "v3password" => self.password(kind),
            "v3totp" => self.totp(kind),
            "v3multifactor" => self.multifactor(kind),
            "token" | "v3token" => self.token(kind),
            "v3applicationcredential" => self.application_credential(),
            other => Err(self.unsupported(other)),
        }
    }

    fn unsupported(&self, auth_type: &str) -> ConfigError {
        let variable = self.config.raw("auth_type").and_then(|node| node.at.variable());
        let key = variable.map_or_else(|| self.subject.key("auth_type"), str::to_owned);
        if KNOWN.contains(&auth_type) {
            let why = format!("has {key} `{auth_type}`, which is not supported yet");
            return self.subject.wrong(why, SUPPORTED);
        }
        let hint = match nearest(auth_type, KNOWN) {
            Some(name) => format!("did you mean `{name}`?"),
            None => crate::domain::text::counted(auth_type.chars().count(), "character"),
        };
        self.subject.wrong(format!("has an unknown {key} ({hint})"), SUPPORTED)
    }

    pub(super) fn password(&self, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        self.no_other_scope()?;
        let auth_url = self.auth_url()?;
        let user = self.user()?;
        if user == NameOrId::default() {
            self.not_another_login()?;
            return Err(self.missing("auth.username"));
        }
        let Some(password) = self.auth("password")? else {
            self.not_another_login()?;
            return Err(self.missing_secret("auth.password"));
        };
        let method = Method::Password {
            user: self.user_in_domain(user)?,
            password: SecretString::from(password),
            passcode: self.passcode()?,
        };
        let credentials = Credentials { method, project: self.project(kind)? };
        Ok(Login::Keystone { auth_url, credentials })
    }

    fn token(&self, kind: Option<CloudKind>) -> Result<Login, ConfigError> {
        self.no_other_scope()?;
        let auth_url = self.auth_url()?;
        let Some(token) = self.scope(&["auth_token", "token"])? else {
            return Err(self.missing_secret("auth.token"));
        };
        let token = SecretString::from(token);
        let (method, project) = (Method::Token(token), self.project(kind)?);
        Ok(Login::Keystone { auth_url, credentials: Credentials { method, project } })
    }

    fn application_credential(&self) -> Result<Login, ConfigError> {
        self.no_other_scope()?;
        let auth_url = self.auth_url()?;
        let credential = self.name_or_id("application_credential")?;
        if credential == NameOrId::default() {
            return Err(self.missing("auth.application_credential_id"));
        }
        let user = self.user()?;
        if credential.id.is_none() && user == NameOrId::default() {
            let hint = "add it, or give `application_credential_id`: a credential's name is only \
                          unique for its user";
            return Err(self.subject.missing("auth.username", hint));
        }
        let Some(secret) = self.auth("application_credential_secret")? else {
            return Err(self.missing_secret("auth.application_credential_secret"));
        };
        let (user, secret) = (self.user_in_domain(user)?, SecretString::from(secret));
        let method = Method::ApplicationCredential { credential, user, secret };
        // The project beside it is not asked for; it must be the credential's own.
        let project = self.project_or_none()?;
        let domain =
            if project.id.is_some() { NameOrId::default() } else { self.domain("project")? };
        let credentials = Credentials { method, project: project.in_domain(domain) };
        Ok(Login::Keystone { auth_url, credentials })
    }

    /// The login is `password` by default; whoever forgot `auth_type` is told so.
    fn not_another_login(&self) -> Result<(), ConfigError> {
        let other = if self.auth("application_credential_secret")?.is_some() {
            ("an application credential", "v3applicationcredential")
        } else if self.scope(&["auth_token", "token"])?.is_some() {
            ("a token", "v3token")
        } else {
            return Ok(());
        };
        let key = self.subject.key("auth_type");
        let (what, auth_type) = other;
        let hint = match self.subject.origin {
            Origin::Variables => format!("set {key} to {auth_type}"),
            _ => format!("add `auth_type: {auth_type}` beside `auth`"),
        };
        Err(self
            .subject
            .wrong(format!("has {what}, but its {key} is `{}`", self.auth_type()), hint))
    }

    /// Keystone's address.
    pub(super) fn auth_url(&self) -> Result<String, ConfigError> {
        match self.auth_node("auth_url")? {
            Some(found) => self.address("auth.auth_url", found),
            None => Err(match self.unknown_profile() {
                // The cause comes first.
                Some((why, hint)) => {
                    let key = self.subject.key("auth.auth_url");
                    self.subject.wrong(format!("has {why}, and no {key}"), hint)
                }
                None => self.missing("auth.auth_url"),
            }),
        }
    }

    pub(super) fn user(&self) -> Result<NameOrId, ConfigError> {
        let name = self.username()?;
        Ok(NameOrId { id: self.auth("user_id")?.map(Into::into), name: name.map(Into::into) })
    }

    /// `username`, or `user_name`, its older name.
    pub(super) fn username(&self) -> Result<Option<&str>, ConfigError> {
        self.renamed("username", "user_name")
    }

    fn name_or_id(&self, of: &str) -> Result<NameOrId, ConfigError> {
        let part = |suffix| Ok(self.auth(&format!("{of}_{suffix}"))?.map(Into::into));
        Ok(NameOrId { id: part("id")?, name: part("name")? })
    }

    /// The user's domain. Without one it is `default`, as for the `openstack` command: a name alone says nothing.
    pub(super) fn user_in_domain(&self, user: NameOrId) -> Result<Qualified, ConfigError> {
        let mut domain = self.domain("user")?;
        if domain.is_empty() && user.id.is_none() && user.name.is_some() {
            domain = self.default_domain()?;
        }
        Ok(user.in_domain(domain))
    }

    /// `{of}_domain_id` and `_name`; `domain_id` and `domain_name` fill what is missing, as one word for both.
    fn domain(&self, of: &str) -> Result<NameOrId, ConfigError> {
        let part = |suffix| {
            let own = self.scope(&[&format!("{of}_domain_{suffix}")])?;
            let both = self.scope(&[&format!("domain_{suffix}")])?;
            Ok(own.or(both).map(Into::into))
        };
        Ok(NameOrId { id: part("id")?, name: part("name")? })
    }

    fn default_domain(&self) -> Result<NameOrId, ConfigError> {
        let given = self.name_or_id("default_domain")?;
        if given != NameOrId::default() {
            return Ok(given);
        }
        let id = self.auth("default_domain")?.unwrap_or("default");
        Ok(NameOrId { id: Some(id.into()), name: None })
    }

    /// The project and its domain. Images belong to projects, so no other scope will do.
    pub(super) fn project(&self, kind: Option<CloudKind>) -> Result<Qualified, ConfigError> {
        let project = self.project_or_none()?;
        if project == NameOrId::default() {
            return Err(self.no_project()?);
        }
        let mut domain = self.domain("project")?;
        if domain == NameOrId::default() && project.id.is_none() {
            domain = match kind {
                // There is no domain called default there: an account has exactly one, its own.
                Some(CloudKind::Ims) => self.domain("user")?,
                _ => self.default_domain()?,
            };
        }
        Ok(project.in_domain(domain))
    }

    /// The project as it is written, `tenant_*` being its older name.
    pub(super) fn project_or_none(&self) -> Result<NameOrId, ConfigError> {
        let part = |old: &str, new: &str| Ok(self.scope(&[old, new])?.map(Into::into));
        Ok(NameOrId {
            id: part("tenant_id", "project_id")?,
            name: part("tenant_name", "project_name")?,
        })
    }

    fn no_project(&self) -> Result<ConfigError, ConfigError> {
        let scope = if self.scope(&["domain_id", "domain_name"])?.is_some() {
            "a domain (`domain_id` or `domain_name` without a project)"
        } else {
            return Ok(self.missing("auth.project_name"));
        };
        Ok(self.other_scope(scope, "add"))
    }

    /// Keystone takes one scope, and images belong to projects. An application credential has its own.
    pub(super) fn no_other_scope(&self) -> Result<(), ConfigError> {
        if let Some((node, _)) = self.auth_node("system_scope")? {
            let scope = match node.at.variable() {
                Some(variable) => format!("the whole system ({variable})"),
                None => "the whole system (`system_scope`)".to_owned(),
            };
            return Err(self.other_scope(&scope, "remove it and add"));
        }
        if let Some((node, _)) = self.auth_node("trust_id")? {
            let key = self.subject.key("auth.trust_id");
            let key = node.at.variable().map_or(key, str::to_owned);
            return Err(self.subject.wrong(
                format!("logs in with a trust ({key}), which sharelock does not support yet"),
                "use an application credential or a user of the trustor's project instead",
            ));
        }
        Ok(())
    }

    fn other_scope(&self, scope: &str, verb: &str) -> ConfigError {
        let key = |key| self.subject.key(key);
        self.subject.wrong(
            format!("logs in to {scope}, but images belong to projects"),
            format!("{verb} {} or {}", key("auth.project_name"), key("auth.project_id")),
        )
    }

    pub(super) fn missing(&self, key: &str) -> ConfigError {
        let hint = match self.subject.origin {
            Origin::File(_) | Origin::Credentials(_) => "add it there",
            Origin::Variables => "set it, or name a cloud of clouds.yaml with OS_CLOUD",
            Origin::Family(_) => "set it",
        };
        self.subject.missing(key, hint)
    }

    /// The secret of the login is not there. `key` is `auth.` and the key that it would have.
    pub(super) fn missing_secret(&self, key: &'static str) -> ConfigError {
        let secret = MissingSecret::of(key);
        let hint = match &self.subject.origin {
            Origin::File(_) => {
                let variable = secret.variable().map_or(String::new(), |name| format!("set {name}, "));
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
            Origin::Family(_) | Origin::Credentials(_) => return self.missing(key),
        };
        ConfigError::NoSecret(
            Complaint::new(
                format!("{} has no {}", self.subject.shown(), self.subject.key(key)),
                hint,
            ),
            secret,
        )
    }

    /// Puts a secret where [`Layered::missing_secret`] missed it.
    pub(super) fn give(&mut self, secret: MissingSecret, value: &str) {
        let node = Node::text_at(value, Place::of("the given secret"));
        match self.config.raw_mut("auth") {
            Some(Node { value: Value::Map(auth), .. }) => auth.set(secret.key(), node),
            _ => self.config.set(secret.key(), node),
        }
    }
}
