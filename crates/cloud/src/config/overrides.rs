//! `OS_*` variables over a cloud of a file. The cloud that `--cloud` or `OS_CLOUD` names, or that is the only one,
//! takes those that the `openstack` command takes (python-openstackclient 10.5 with osc-lib 4.7: `shell.py`,
//! `api/auth.py`, `*/client.py`; compared on the wire), so that both work in the same project.

use url::Url;

use super::layers::Layered;
use super::login_keys::with_variable;
use super::source::Source;
use super::yaml::{Map, Node, Place, Value};
use super::{Complaint, ConfigError, Environment};

/// Keys of the top level.
const TOP: [&str; 6] = ["auth_type", "cacert", "cert", "interface", "key", "region_name"];

/// Keys whose variables configure the cloud of the variables, but that the `openstack` command does not apply to a named
/// cloud.
fn not_applied() -> impl Iterator<Item = &'static str> {
    "\
     api_timeout auth_plugin auth_token endpoint_type image_endpoint image_endpoint_override image_endpoint_type \
     image_interface image_region_name image_sharing_api insecure verify"
    .split_ascii_whitespace()
}

/// A variable that is set, and the key it is for.
#[derive(Clone)]
pub(super) struct Variable {
    name: String,
    key: &'static str,
    value: String,
}

/// Those that the `openstack` command applies. `OS_TENANT_*` count where `OS_PROJECT_*` are not set.
pub(super) fn applied(env: &Environment) -> Vec<Variable> {
    let keys = with_variable().chain(TOP);
    let set = keys.filter_map(|key| {
        let tenant = key.strip_prefix("project_").filter(|rest| ["id", "name"].contains(rest));
        let tenant = tenant.map(|rest| format!("tenant_{rest}"));
        [Some(key.to_owned()), tenant].into_iter().flatten().find_map(|spelled| {
            let name = format!("OS_{}", spelled.to_uppercase());
            let value = env.var(&name)?.to_owned();
            Some(Variable { name, key, value })
        })
    });
    set.collect()
}

/// The value for a key.
pub(super) fn value<'a>(variables: &'a [Variable], key: &str) -> Option<&'a str> {
    variables.iter().find(|variable| variable.key == key).map(|variable| &*variable.value)
}

/// The names in one line.
pub(super) fn names(variables: &[Variable]) -> String {
    variables.iter().map(|variable| &*variable.name).collect::<Vec<_>>().join(", ")
}

/// Applies the variables to a cloud. Fails when they are for a login at another address: then they, and the password
/// among them, belong to another cloud.
pub(super) fn apply(layered: &mut Layered, variables: &[Variable]) -> Result<(), ConfigError> {
    let mut elsewhere = vec!["region_name"];
    if let Some(address) = value(variables, "auth_url") {
        elsewhere.extend(layered.same_address(address)?.then_some("auth_url"));
    }
    for Variable { name, key, value } in variables.iter().filter(|v| !elsewhere.contains(&v.key)) {
        let node = Node::text_at(value, Place::of(name));
        layered.config.set(key, node.clone());
        if TOP.contains(key) {
            continue;
        }
        match layered.config.raw_mut("auth") {
            Some(Node { value: Value::Map(auth), .. }) => auth.set(key, node),
            // Whatever else `auth` is gets its own error.
            Some(Node {
                value: Value::Text(_) | Value::Bool(..) | Value::List(_) | Value::Unusable(_),
                ..
            }) => {}
            Some(Node { value: Value::Null, .. }) | None => {
                let value = Value::Map([((*key).to_owned(), node)].into_iter().collect::<Map>());
                layered.config.set("auth", Node { value, at: Place::of(name) });
            }
        }
    }
    Ok(())
}

impl Layered {
    /// Refuses `OS_AUTH_URL` where it is another address than the cloud's own. False: the cloud has none of its own.
    fn same_address(&self, variable: &str) -> Result<bool, ConfigError> {
        let own = self.login_address();
        match &own {
            Some(own) if root(own) == root(variable) => return Ok(true),
            None if !self.has_no_login_service() => return Ok(false),
            _ => {}
        }
        let at = match own {
            Some(own) => format!("logs in at {}", shown(&own)),
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

    /// Warnings about variables that have no effect.
    pub(super) fn remarks_on_variables(
        &self,
        before: &Map,
        variables: &[Variable],
        env: &Environment,
    ) -> Vec<Complaint> {
        let is_set = |key: &str| value(variables, key).is_some();
        let in_file = |key: &str| {
            before.text(key).is_some()
                || before
                    .get("auth")
                    .and_then(Node::map)
                    .is_some_and(|auth| auth.text(key).is_some())
        };
        let cloud = &self.source.cloud;
        let mut remarks = Vec::new();
        for (id, old_id, name) in [
            ("project_id", "tenant_id", "project_name"),
            ("user_id", "user_id", "username"),
            ("project_domain_id", "project_domain_id", "project_domain_name"),
            ("user_domain_id", "user_domain_id", "user_domain_name"),
        ] {
            let written = [id, old_id].into_iter().find(|key| in_file(key));
            let variable = variables.iter().find(|variable| variable.key == name);
            if let (Some(written), Some(variable), false) = (written, variable, is_set(id)) {
                remarks.push(Complaint::new(
                    format!(
                        "{} has no effect: cloud `{cloud}` has `{written}`, and an ID goes before a name",
                        variable.name
                    ),
                    format!("set OS_{} instead, or unset it", id.to_uppercase()),
                ));
            }
        }
        let auth_type = self.auth_type();
        let unused = |key: &str| match key {
            "token" => !auth_type.contains("token"),
            "application_credential_id" => auth_type != "v3applicationcredential",
            _ => false,
        };
        for variable in variables.iter().filter(|variable| unused(variable.key)) {
            remarks.push(Complaint::new(
                format!(
                    "{} has no effect: cloud `{cloud}` logs in with auth_type `{}`",
                    variable.name,
                    self.shown_auth_type()
                ),
                "set OS_AUTH_TYPE as well, or unset it",
            ));
        }
        if let Some(version) = env.var("OS_IDENTITY_API_VERSION").filter(|v| v.starts_with('2')) {
            remarks.push(Complaint::new(
                format!("OS_IDENTITY_API_VERSION={version} has no effect on cloud `{cloud}`"),
                "unset it: sharelock uses version 3 of Keystone",
            ));
        }
        let others = not_applied().map(|key| format!("OS_{}", key.to_uppercase()));
        let others: Vec<String> = others.filter(|name| env.var(name).is_some()).collect();
        if !others.is_empty() {
            remarks.push(Complaint::new(
                format!(
                    "the `openstack` command does not apply {} to a named cloud, and neither does \
                     sharelock: no effect on cloud `{cloud}`",
                    others.join(", ")
                ),
                "write it into the cloud's entry, or unset it",
            ));
        }
        remarks
    }
}

/// With `OS_SERVICE_PROVIDER` the `openstack` command works in another cloud than the one it logs in to.
pub(super) fn no_service_provider(source: &Source, env: &Environment) -> Result<(), ConfigError> {
    match env.var("OS_SERVICE_PROVIDER") {
        None => Ok(()),
        Some(_) => Err(source.wrong(
            "cannot be used with OS_SERVICE_PROVIDER: Keystone-to-Keystone federation is not supported",
            "unset it, or configure the other cloud directly",
        )),
    }
}

/// A remark about variables that have no effect on a cloud, because it is not the one they apply to.
pub(super) fn remark_of_no_effect(source: &Source, variables: &[Variable]) -> Complaint {
    Complaint::new(
        format!("{} has no effect on cloud `{}`", names(variables), source.cloud),
        "OS_* variables apply to the cloud of clouds.yaml that --cloud or OS_CLOUD names",
    )
}

/// The address without what makes no difference: version, last slash, case of the host, a user before the host.
fn root(address: &str) -> String {
    let trimmed = address.trim();
    let address = Url::parse(trimmed).map_or_else(
        |_| trimmed.to_owned(),
        |mut url| {
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            url.to_string()
        },
    );
    let path = address.trim_end_matches('/');
    let path = ["/v3", "/v2.0"].iter().find_map(|v| path.strip_suffix(v)).unwrap_or(path);
    path.trim_end_matches('/').to_owned()
}

/// The address without anything that could be secret.
fn shown(address: &str) -> String {
    let Ok(url) = Url::parse(address.trim()) else { return "not an address".to_owned() };
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}
