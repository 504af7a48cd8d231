//! The `OS_*` variables: as a cloud of their own, and over a cloud of a file. The cloud that `--cloud` or `OS_CLOUD`
//! names, or that is the only one, takes those that the `openstack` command takes (python-openstackclient 10.5 with
//! osc-lib 4.7: `shell.py`, `api/auth.py`, `*/client.py`; compared on the wire), so both work in the same project.

use url::Url;

use super::keys;
use super::layers::Layered;
use super::source::Source;
use super::yaml::{Map, Node, Place};
use super::{Complaint, ConfigError, Environment};

/// The `OS_*` variables as the keys of a cloud, without those that choose between clouds.
pub(super) fn cloud(env: &Environment) -> Map {
    const CHOOSING: [&str; 4] =
        ["OS_CLOUD", "OS_CLOUD_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"];
    // Empty, these clear their older names: `OS_PROJECT_ID= OS_TENANT_ID=old`.
    const CLEARING: [&str; 4] = ["OS_PROJECT_ID", "OS_PROJECT_NAME", "OS_TOKEN", "OS_USERNAME"];
    let of_others = |key: &str| ["TEST", "STD", "LOG"].iter().any(|prefix| key.starts_with(prefix));
    let named = env.vars.iter().filter(|(name, value)| {
        !CHOOSING.contains(&&***name) && (!value.is_empty() || CLEARING.contains(&&***name))
    });
    named
        .filter_map(|(name, value)| Some((name.strip_prefix("OS_")?, value)))
        .filter(|(key, _)| !of_others(key))
        .map(|(key, value)| (key.to_ascii_lowercase(), Node::of_environment(value)))
        .collect()
}

/// A variable that is set, and the key it is for.
#[derive(Clone)]
pub(super) struct Variable {
    name: String,
    key: &'static str,
    value: String,
}

/// Those that apply to a named cloud. `OS_TENANT_*` count where `OS_PROJECT_*` are not set.
pub(super) fn applied(env: &Environment) -> Vec<Variable> {
    let set = keys::applied().filter_map(|key| {
        let tenant = keys::older(key).filter(|older| older.starts_with("tenant_"));
        [Some(key), tenant].into_iter().flatten().map(keys::variable).find_map(|name| {
            let value = env.var(&name)?.to_owned();
            Some(Variable { name, key, value })
        })
    });
    set.collect()
}

fn find<'a>(variables: &'a [Variable], key: &str) -> Option<&'a Variable> {
    variables.iter().find(|variable| variable.key == key)
}

/// The value for a key.
pub(super) fn value<'a>(variables: &'a [Variable], key: &str) -> Option<&'a str> {
    find(variables, key).map(|variable| &*variable.value)
}

fn names(variables: &[Variable]) -> String {
    variables.iter().map(|variable| &*variable.name).collect::<Vec<_>>().join(", ")
}

impl Layered {
    /// Applies the variables, and warns about those that have no effect. Fails when they are for a login at another
    /// address: then they, and the password among them, belong to another cloud.
    pub(super) fn apply(
        &mut self,
        variables: &[Variable],
        env: &Environment,
    ) -> Result<(), ConfigError> {
        if env.var("OS_SERVICE_PROVIDER").is_some() {
            return Err(self.source.wrong(
                "cannot be used with OS_SERVICE_PROVIDER: Keystone-to-Keystone federation is not supported",
                "unset it, or configure the other cloud directly",
            ));
        }
        let own_address = match value(variables, "auth_url") {
            Some(address) => self.is_own_address(address)?,
            None => false,
        };
        for Variable { name, key, value } in variables {
            let node = Node::text_at(value, Place::of(name));
            match *key {
                "region_name" => {}
                "auth_url" if own_address => {}
                key if keys::is_of_entry(key) => self.config.set(key, node),
                key => self.set_option(key, &node),
            }
        }
        self.variables = names(variables);
        self.warnings = self.without_effect(variables, env);
        Ok(())
    }

    /// Whether `OS_AUTH_URL` is the address of the login. An error where that is another one; false where it has none.
    fn is_own_address(&self, variable: &str) -> Result<bool, ConfigError> {
        let own = self.login_address();
        let at = match &own {
            Some(own) if root(own) == root(variable) => return Ok(true),
            None if !self.has_no_login_service() => return Ok(false),
            Some(own) => format!("logs in at {}", shown(own)),
            None => "has no login service".to_owned(),
        };
        Err(self.source.wrong(
            format!(
                "{at}, but OS_AUTH_URL is {}, where the `openstack` command would log in",
                shown(variable)
            ),
            "unset OS_AUTH_URL and the OS_* variables that belong to it, or leave out --cloud and \
             OS_CLOUD to use them",
        ))
    }

    fn without_effect(&self, variables: &[Variable], env: &Environment) -> Vec<Complaint> {
        let cloud = &self.source.cloud;
        let mut warnings = Vec::new();
        let has = |key: &&str| {
            let mut layers = self.auth().into_iter().chain([&self.config]);
            layers.any(|map| map.text(key).is_some())
        };
        let mut warn = |why: String, hint: &str| warnings.push(Complaint::new(why, hint));
        for (name, id) in [
            ("project_name", "project_id"),
            ("username", "user_id"),
            ("project_domain_name", "project_domain_id"),
            ("user_domain_name", "user_domain_id"),
        ] {
            let written = [Some(id), keys::older(id)].into_iter().flatten().find(has);
            let id_is_set = find(variables, id).is_some();
            if let (Some(written), Some(variable), false) =
                (written, find(variables, name), id_is_set)
            {
                let why = "and an ID goes before a name";
                warn(
                    format!(
                        "{} has no effect: cloud `{cloud}` has `{written}`, {why}",
                        variable.name
                    ),
                    &format!("set {} instead, or unset it", keys::variable(id)),
                );
            }
        }
        let auth_type = self.auth_type();
        for (key, is_used) in [
            ("application_credential_id", auth_type == "v3applicationcredential"),
            ("token", auth_type.contains("token")),
        ] {
            if let (Some(Variable { name, .. }), false) = (find(variables, key), is_used) {
                let shown = self.shown_auth_type();
                warn(
                    format!(
                        "{name} has no effect: cloud `{cloud}` logs in with auth_type `{shown}`"
                    ),
                    "set OS_AUTH_TYPE as well, or unset it",
                );
            }
        }
        if let Some(version) = env.var("OS_IDENTITY_API_VERSION").filter(|v| v.starts_with('2')) {
            warn(
                format!("OS_IDENTITY_API_VERSION={version} has no effect on cloud `{cloud}`"),
                "unset it: sharelock uses version 3 of Keystone",
            );
        }
        let others = keys::not_applied().map(keys::variable);
        let others: Vec<String> = others.filter(|name| env.var(name).is_some()).collect();
        if !others.is_empty() {
            warn(
                format!(
                    "the `openstack` command does not apply {} to a named cloud, and neither does \
                     sharelock: no effect on cloud `{cloud}`",
                    others.join(", ")
                ),
                "write it into the cloud's entry, or unset it",
            );
        }
        warnings
    }
}

/// A warning about variables that have no effect on a cloud, because it is not the one they apply to.
pub(super) fn for_another_cloud(source: &Source, variables: &[Variable]) -> Complaint {
    Complaint::new(
        format!("{} has no effect on cloud `{}`", names(variables), source.cloud),
        "OS_* variables apply to the cloud of clouds.yaml that --cloud or OS_CLOUD names",
    )
}

/// The address without its version and last slash.
fn root(address: &str) -> String {
    let shown = shown(address);
    let path = shown.trim_end_matches('/');
    let path = ["/v3", "/v2.0"].iter().find_map(|v| path.strip_suffix(v)).unwrap_or(path);
    path.trim_end_matches('/').to_owned()
}

/// The address without anything that could be secret.
fn shown(address: &str) -> String {
    let Ok(url) = Url::parse(address.trim()) else { return "not an address".to_owned() };
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}
