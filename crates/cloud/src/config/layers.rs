//! The layers of one cloud put together: profile < its entry < its region's values. Then lookups in the result.

use std::path::PathBuf;

use super::error::did_you_mean;
use super::source::Source;
use super::yaml::{Map, Node, Value};
use super::{Complaint, ConfigError, huawei, profiles};
use domain::text::clean;

/// Puts `over` on `base` as openstacksdk does: `auth` key by key, everything else replaced.
pub(super) fn layer(base: &mut Map, over: &Map) {
    for (key, node) in over.iter() {
        match (key, base.raw_mut(key), &node.value) {
            ("auth", Some(Node { value: Value::Map(old), .. }), Value::Map(new)) => {
                for (key, node) in new.iter() {
                    old.set(key, node.clone());
                }
            }
            // An empty `auth:` adds nothing to what the profile says.
            ("auth", Some(_), Value::Null) => {}
            _ => base.set(key, node.clone()),
        }
    }
}

/// One cloud in one region with all layers in place.
#[derive(Clone, Debug)]
pub(super) struct Layered {
    /// What it is called in errors.
    pub source: Source,
    /// Every key.
    pub config: Map,
    /// False when it names an unknown profile, and when it names none.
    pub profile_is_known: bool,
    /// The names of the `OS_*` variables that it takes.
    pub variables: String,
    /// Warnings so far.
    pub warnings: Vec<Complaint>,
    /// A `secure.yaml` beside the file that was not read, for the hint of a missing password.
    pub unread_secure: Option<PathBuf>,
}

impl Layered {
    /// Login and host in one line, as in `password · keystone.example.com`.
    pub(super) fn about(&self) -> String {
        let (login, url) = match self.shown_auth_type() {
            "aksk" => ("AK/SK", self.login_address()),
            other if self.has_no_login_service() => (other, self.endpoint().ok().flatten()),
            other => (other, self.login_address()),
        };
        let url = url.and_then(|url| url::Url::parse(&url).ok());
        let host = url.as_ref().and_then(url::Url::host_str);
        let host = host.map_or(String::new(), |host| format!(" · {host}"));
        let with = if self.variables.is_empty() { "" } else { " · with " };
        clean(&format!("{login}{host}{with}{}", self.variables)).into_owned()
    }

    /// The address of the login, where it is known.
    pub(super) fn login_address(&self) -> Option<String> {
        match self.auth_type() {
            "aksk" => self.iam().ok().flatten(),
            _ if self.is_login_of_rackspace() => self.identity_v2_url().ok(),
            _ if self.has_no_login_service() => None,
            _ => self.auth_url().ok(),
        }
    }

    /// A warning about a profile that is unknown or has no region.
    pub(super) fn odd_profile(&self) -> Option<Complaint> {
        let name = profile_name(&self.config)?;
        let shown = self.source.shown();
        if let Some((why, hint)) = self.unknown_profile() {
            return Some(Complaint::new(format!("{shown} has {why}"), hint));
        }
        let no_region = self.region().is_none() && ["ovh", "vexxhost"].contains(&name);
        no_region.then(|| {
            let why = "names no region, and sharelock does not know those of";
            let hint = "add `region_name`; the first region of the catalog is used";
            Complaint::new(format!("{shown} {why} `{name}`"), hint)
        })
    }

    /// The region chosen. One without a name is any region, as in openstacksdk.
    pub(super) fn region(&self) -> Option<&str> {
        self.config.text("region_name")
    }

    /// What is wrong with the profile, and what to do.
    pub(super) fn unknown_profile(&self) -> Option<(String, String)> {
        let name = profile_name(&self.config).filter(|_| !self.profile_is_known)?;
        if let Some(host) = url::Url::parse(name).ok().as_ref().and_then(url::Url::host_str) {
            return Some((
                format!(
                    "a profile that openstacksdk fetches from {host}, which sharelock does not"
                ),
                "write its `auth_url` and `region_name` into the entry".to_owned(),
            ));
        }
        let hint = did_you_mean(name, profiles::built_in().iter().map(|(name, _)| name));
        Some((
            format!("the profile `{name}`, which sharelock does not know{hint}"),
            "write `auth_url` and `region_name` into the entry, or add the profile to clouds-public.yaml".to_owned(),
        ))
    }

    /// The text of a top-level key with its `{…}` filled in.
    pub(super) fn expanded(&self, key: &str) -> Result<Option<String>, ConfigError> {
        self.scalar(key).map(|(node, text)| self.expand(key, node, text)).transpose()
    }

    /// Fills in `{region_name}` and the like from the top level. `{{` and `}}` stand for a brace.
    pub(super) fn expand(&self, key: &str, node: &Node, text: &str) -> Result<String, ConfigError> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            out.push_str(before);
            if brace.starts_with("{{") || brace.starts_with("}}") {
                out.push_str(&brace[..1]);
                rest = &brace[2..];
                continue;
            }
            let Some((name, after)) = brace.strip_prefix('{').and_then(|b| b.split_once('}'))
            else {
                return Err(self.source.invalid(
                    key,
                    node,
                    "has a brace without its other half",
                    "write `{{` or `}}` for a brace that is meant as one",
                ));
            };
            out.push_str(self.filling(key, node, name)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn filling(&self, key: &str, node: &Node, name: &str) -> Result<&str, ConfigError> {
        // Nothing secret may end up in an address.
        let parts = ["password", "passcode", "token", "secret", "api_key"];
        let is_secret = name == "sk" || parts.iter().any(|part| name.contains(part));
        let is_default = name == "interface" && self.config.raw(name).is_none();
        let filling = self.config.text(name).or(is_default.then_some("public"));
        let filling = filling.filter(|_| !is_secret);
        // An address is made of it: a region must not move the host.
        if name == "region_name" && filling.is_some_and(|name| !huawei::is_region(name)) {
            let hint = "correct `region_name`, or write the address out";
            let why = "has a `{region_name}` that cannot be part of an address";
            return Err(self.source.invalid(key, node, why, hint));
        }
        filling.ok_or_else(|| {
            let hint = match name {
                "region_name" => "choose a region, or add `region_name`".to_owned(),
                _ if self.config.raw(name).is_none() && is_plain_key(name) && !is_secret => {
                    format!("add `{name}` beside it, or write the value itself")
                }
                _ => "write the value itself".to_owned(),
            };
            self.source.invalid(key, node, "has a `{…}` with no value to put there", hint)
        })
    }

    /// An address of a service: expanded, `http` or `https`, and nothing but scheme, host and path. Anything else in
    /// such a URL is most often a password, and addresses are shown.
    pub(super) fn address(&self, key: &str, found: (&Node, &str)) -> Result<String, ConfigError> {
        let (node, text) = found;
        let wrong = |why, hint| Err(self.source.invalid(key, node, why, hint));
        if ["%(", "$("].iter().any(|open| text.contains(open)) {
            return wrong(
                "has a placeholder for the project, as in `%(project_id)s`, which is not filled in",
                "write the address without it: the address of the image service has no project in it",
            );
        }
        let address = self.expand(key, node, text.trim())?.trim().to_owned();
        if address.contains('@') {
            return wrong(
                "has more in its URL than host and path",
                "move a user name and a password to `auth.username` and `auth.password`",
            );
        }
        if address.contains(['?', '#']) {
            return wrong(
                "has a query or a fragment after its path",
                "remove the `?` or `#` and what follows",
            );
        }
        let http = url::Url::parse(&address)
            .is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host());
        if !http || !address.contains("://") {
            return wrong("is not an http address", "write it as https://HOST/PATH");
        }
        Ok(address)
    }
}

/// A name that a key beside the address may have: `{auth[username]}` has none.
fn is_plain_key(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `profile`, or `cloud`, its old spelling.
pub(super) fn profile_name(config: &Map) -> Option<&str> {
    config.text("profile").or(config.text("cloud"))
}
