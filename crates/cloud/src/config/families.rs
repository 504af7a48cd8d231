//! Access keys as other clients of these clouds have them: variables of Terraform and of the vendors' SDKs, and the
//! files of the Huawei SDK. Each makes a cloud of its own.

use super::source::{Origin, Source};
use super::yaml::{Map, Node, Place, Value};
use super::{Clouds, Complaint, ConfigError, Environment, files};

/// Variables that belong together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Family {
    /// What the cloud is called.
    cloud: &'static str,
    /// `HW_*`
    pub(super) shown: &'static str,
    /// Each variable with its key; access key and secret key first.
    variables: &'static [(&'static str, &'static str)],
    /// The profile below them.
    profile: Option<&'static str>,
    /// Beginnings of variables that send other programs to another account or project, or to a login that is not
    /// supported.
    unsupported: &'static [&'static str],
}

/// The provider `huaweicloud` of Terraform.
static TERRAFORM: Family = Family {
    cloud: "hw",
    shown: "HW_*",
    variables: &[
        ("HW_ACCESS_KEY", "ak"),
        ("HW_SECRET_KEY", "sk"),
        ("HW_SECURITY_TOKEN", "security_token"),
        ("HW_REGION_NAME", "region_name"),
        ("HW_PROJECT_ID", "project_id"),
        ("HW_PROJECT_NAME", "project_name"),
        ("HW_AUTH_URL", "auth_url"),
        ("HW_INSECURE", "insecure"),
    ],
    profile: None,
    unsupported: &[
        "HW_ASSUME_ROLE_",
        "HW_AGENCY_",
        "HW_DELEGATED_PROJECT",
        "HW_SHARED_CONFIG_FILE",
        "HW_PROFILE",
    ],
};

/// The SDKs of Huawei Cloud.
static SDK: Family = Family {
    cloud: "huaweicloud",
    shown: "HUAWEICLOUD_SDK_*",
    variables: &[
        ("HUAWEICLOUD_SDK_AK", "ak"),
        ("HUAWEICLOUD_SDK_SK", "sk"),
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "security_token"),
        ("HUAWEICLOUD_SDK_REGION_ID", "region_name"),
        ("HUAWEICLOUD_SDK_PROJECT_ID", "project_id"),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "auth_url"),
    ],
    profile: None,
    unsupported: &[],
};

/// The samples of Open Telekom Cloud's signing SDKs.
static OTC: Family = Family {
    cloud: "otc-sdk",
    shown: "OTC_SDK_*",
    variables: &[("OTC_SDK_AK", "ak"), ("OTC_SDK_SK", "sk"), ("OTC_SDK_PROJECT_ID", "project_id")],
    profile: Some("otc"),
    unsupported: &[],
};

static FAMILIES: [&Family; 3] = [&TERRAFORM, &SDK, &OTC];

impl Family {
    /// The variable for a key, as the user spells it.
    pub(super) fn variable(&self, key: &str) -> Option<&'static str> {
        self.variables.iter().find(|(_, of)| *of == key).map(|(name, _)| *name)
    }

    /// The keys that are set.
    fn cloud(&self, env: &Environment) -> Map {
        let set = self.variables.iter().filter_map(|(name, key)| Some((*key, env.var(name)?)));
        let set = set.chain(self.profile.map(|profile| ("profile", profile)));
        set.map(|(key, value)| (key.to_owned(), Node::of_environment(value))).collect()
    }
}

/// Refuses an access key where a variable is set that sends other programs to another account or project.
pub(super) fn refuse_elsewhere(
    source: &Source,
    config: &Map,
    env: &Environment,
) -> Result<(), ConfigError> {
    let unsupported = match source.origin {
        Origin::Family(family) => family.unsupported,
        // Of the Terraform provider of Open Telekom Cloud.
        Origin::Variables if config.get("access_key").is_some() => {
            &["OS_AGENCY_", "OS_DELEGATED_PROJECT"]
        }
        _ => return Ok(()),
    };
    let is_unsupported = |name: &str| unsupported.iter().any(|start| name.starts_with(start));
    let set = env.vars.iter().find(|(name, value)| !value.is_empty() && is_unsupported(name));
    let Some((name, _)) = set else { return Ok(()) };
    Err(source.wrong(
        format!("cannot be used while {name} is set, which sharelock does not support"),
        "unset it to work in the access key's own account, or write that account's cloud into clouds.yaml",
    ))
}

/// Why variables of Huawei Cloud that are set make no cloud.
pub(super) fn unusable(env: &Environment) -> Option<String> {
    let set = |names: &[&'static str]| names.iter().copied().find(|name| env.var(name).is_some());
    for family in FAMILIES {
        let [(access, _), (secret, _), ..] = family.variables else { continue };
        for (one, other) in [(access, secret), (secret, access)] {
            if set(&[one]).is_some() && set(&[other]).is_none() {
                return Some(format!("{one} is set, but {other} is not"));
            }
        }
    }
    let other = set(&[
        "HW_USER_NAME",
        "HW_USER_PASSWORD",
        "HW_DOMAIN_NAME",
        "HW_AUTH_TOKEN",
        "HW_SHARED_CONFIG_FILE",
        "HW_PROFILE",
        "HW_ASSUME_ROLE_AGENCY_NAME",
        "HUAWEICLOUD_SDK_IDP_ID",
    ])?;
    Some(format!(
        "{other} is set, but of such variables sharelock supports only access keys (HW_ACCESS_KEY with HW_SECRET_KEY)"
    ))
}

impl Clouds {
    /// Adds a cloud for each family whose access key and secret key are set, and the one of the SDK's file.
    pub(super) fn add_families(&mut self) {
        for family in FAMILIES {
            let mut config = family.cloud(&self.env);
            if family == &TERRAFORM && config.get("auth_url").is_none() {
                config.extend(terraform_address(&self.env));
            }
            if is_complete(&config) {
                self.add_keyed(family.cloud, Origin::Family(family), config);
            } else if family == &SDK {
                self.add_credentials(config);
            }
        }
    }

    /// `~/.huaweicloud/credentials`, section `[basic]`. Variables go before it.
    fn add_credentials(&mut self, variables: Map) {
        let path = match self.env.var("HUAWEICLOUD_SDK_CREDENTIALS_FILE") {
            Some(named) => self.env.path(named),
            None => self.env.home.join(".huaweicloud/credentials"),
        };
        if !path.exists() {
            return;
        }
        let text = match files::text(&path) {
            Ok(text) => text,
            Err(complaint) => return self.warnings.push(complaint),
        };
        let label = path.display().to_string();
        let known = ["ak", "sk", "security_token", "project_id", "iam_endpoint"];
        let written = basic(&text).filter(|(key, _)| known.contains(key)).map(|(key, value)| {
            let key = if key == "iam_endpoint" { "auth_url" } else { key };
            (key.to_owned(), Node::text_at(value, Place::of(&label)))
        });
        let mut config: Map = written.collect();
        if is_complete(&config) {
            config.extend(variables.into_iter().filter(|(key, _)| !["ak", "sk"].contains(&&**key)));
            self.add_keyed(SDK.cloud, Origin::Credentials(label), config);
            self.credentials = Some(path);
        }
    }

    fn add_keyed(&mut self, name: &str, origin: Origin, config: Map) {
        let source = Source { cloud: name.to_owned(), origin };
        if self.names().any(|other| other == name) {
            let why = format!(
                "{} would be called `{name}`, and there is another one of that name",
                source.shown()
            );
            self.warnings.push(Complaint::new(why, "rename the other one, which is used instead"));
            return;
        }
        let at = Place::of("the environment");
        self.listed.push((source, Node { value: Value::Map(config), at }));
    }
}

fn is_complete(config: &Map) -> bool {
    config.get("ak").is_some() && config.get("sk").is_some()
}

/// `HW_CLOUD` is the domain of a relative of Huawei Cloud: `iam.{region}.` goes before it.
fn terraform_address(env: &Environment) -> Option<(String, Node)> {
    let address = format!("https://iam.{{region_name}}.{}/v3", env.var("HW_CLOUD")?);
    Some(("auth_url".to_owned(), Node::of_environment(&address)))
}

/// Keys and values of the section `[basic]` of an INI file.
fn basic(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    lines
        .scan("", |section, line| {
            if line.starts_with('[') {
                *section = line.trim_matches(['[', ']', ' ']);
            }
            Some((*section, line))
        })
        .filter(|(section, line)| *section == "basic" && !line.starts_with(['#', ';', '[']))
        .filter_map(|(_, line)| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
        .filter(|(_, value)| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_ini_file_only_the_basic_section_is_read() {
        let text =
            "; c\n[global]\nak = no\n[basic]\n# sk = no\nak = A \nsk=b=c/d==\nproject_id =\n";
        assert_eq!(basic(text).collect::<Vec<_>>(), [("ak", "A"), ("sk", "b=c/d==")]);
    }
}
