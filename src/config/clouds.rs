//! Which clouds there are, which one is meant, and each of them as a checked [`CloudEntry`].
//!
//! `clouds.yaml` is read as openstacksdk 4.22 reads it. On purpose different: a repeated key, a file that is skipped
//! and a quoted `"False"` are told to the user; a number keeps its digits; and `OS_*` variables make a cloud only when
//! they say where to log in, so that a stray `OS_IDENTITY_API_VERSION` does not take the place of the only cloud.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::files::{self, Found};
use super::layers::{self, Layered, Origin, Region, Subject};
use super::nearest::nearest;
use super::yaml::{Map, Node, Place, Value};
use super::{CloudEntry, CloudSettings, Complaint, ConfigError, Environment, profiles};
use crate::domain::CloudKind;

/// Every configured cloud. Nothing is checked before [`Clouds::entry`], so one wrong entry does not hide the others.
#[derive(Clone)]
pub struct Clouds {
    listed: Vec<(Subject, Node)>,
    profiles: Map,
    default: Option<String>,
    asked_by_variable: bool,
    env: Environment,
    file: Option<PathBuf>,
    secure: Option<PathBuf>,
    unread_secure: Option<PathBuf>,
    settings: BTreeMap<String, CloudSettings>,
    warnings: Vec<Complaint>,
}

impl fmt::Debug for Clouds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clouds")
            .field("names", &self.names().collect::<Vec<_>>())
            .field("default", &self.default)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// A cloud as a picker shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// One line: login and host, as in `password · keystone.example.com`.
    pub about: String,
    /// Its regions; none when any region of its catalog will do.
    pub regions: Vec<String>,
    /// Why it cannot be used, if it cannot.
    pub problem: Option<ConfigError>,
}

impl Clouds {
    /// Finds and reads the files, and adds the cloud of the `OS_*` variables.
    ///
    /// Fails when there is no cloud at all, and when the cloud of the variables has the name of another.
    pub fn load(env: &Environment) -> Result<Self, ConfigError> {
        let mut warnings = Vec::new();
        let mut find = |stem, variable| files::find(env, stem, variable, &mut warnings);
        let main = find("clouds", Some("OS_CLIENT_CONFIG_FILE"));
        let secure = find("secure", Some("OS_CLIENT_SECURE_FILE"));
        let public = find("clouds-public", None);
        let mut clouds = Self::empty(env.clone());
        clouds.add_files(main, secure);
        clouds.warnings = warnings;
        clouds.add_public(public);
        clouds.add_variables()?;
        clouds.choose_default();
        if clouds.listed.is_empty() {
            return Err(clouds.no_cloud());
        }
        Ok(clouds)
    }

    /// The clouds of a text that is not a file, such as the embedded cloud's; `source` names it in errors. The
    /// environment has no say in it.
    pub fn from_yaml_text(text: &str, source: &str) -> Result<Self, ConfigError> {
        let mut clouds = Self::empty(Environment::default());
        let content =
            files::parse(text, source, &mut clouds.warnings).map_err(ConfigError::NoCloud)?;
        clouds.add_clouds(&content, source);
        clouds.choose_default();
        if clouds.listed.is_empty() {
            let why = format!("{source} has no entry under `clouds:`");
            return Err(ConfigError::NoCloud(Complaint::new(why, "add one")));
        }
        Ok(clouds)
    }

    /// The same clouds with what `config.toml` says about each of them, by name.
    #[must_use]
    pub fn with_settings(mut self, settings: BTreeMap<String, CloudSettings>) -> Self {
        self.settings = settings;
        self
    }

    /// Names in file order; the cloud of the variables comes last.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|(subject, _)| subject.cloud.as_str())
    }

    /// The cloud to use when none is asked for: `OS_CLOUD`, else the cloud of the `OS_*` variables, else the only one.
    /// `None`: the user has to pick. What `OS_CLOUD` names need not exist; [`Clouds::entry`] says so.
    pub fn default_name(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// What was skipped or looks wrong in the files, without anything that is about one cloud alone.
    pub fn warnings(&self) -> &[Complaint] {
        &self.warnings
    }

    /// The files in use: `clouds.yaml` and `secure.yaml`.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.file.iter().chain(&self.secure).map(PathBuf::as_path)
    }

    /// All clouds for a picker.
    pub fn choices(&self) -> Vec<Choice> {
        self.names().map(|name| self.choice(name)).collect()
    }

    fn choice(&self, name: &str) -> Choice {
        let layered = self.layered(name, None);
        let host = |layered: &Layered| {
            let url = url::Url::parse(&layered.auth_url().ok()?).ok()?;
            url.host_str().map(str::to_owned)
        };
        let about = layered.as_ref().map_or(String::new(), |(layered, _)| match host(layered) {
            Some(host) => format!("{} · {host}", layered.auth_type()),
            None => layered.auth_type().to_owned(),
        });
        Choice {
            name: name.to_owned(),
            about: crate::domain::text::clean(&about).into_owned(),
            regions: self.regions(name).unwrap_or_default(),
            problem: self.entry(name, None).err(),
        }
    }

    /// The regions a cloud names itself or through its profile.
    pub fn regions(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        let (subject, body) = self.body(name)?;
        let profile = self.profile(subject, &body)?;
        let regions = known_regions(subject, &body, profile.as_ref())?;
        Ok(regions.into_iter().map(|region| region.name).collect())
    }

    /// One cloud in one region (the first one, if none is asked for), complete and checked.
    pub fn entry(&self, name: &str, region: Option<&str>) -> Result<CloudEntry, ConfigError> {
        Ok(self.entry_with_remarks(name, region)?.0)
    }

    /// The same, with what the user should know about this entry although it can be used.
    pub fn entry_with_remarks(
        &self,
        name: &str,
        region: Option<&str>,
    ) -> Result<(CloudEntry, Vec<Complaint>), ConfigError> {
        let mut remarks = Vec::new();
        let (layered, region) = self.layered(name, region)?;
        let kind = layered.kind()?;
        let entry = CloudEntry {
            name: name.to_owned(),
            region: layered.expanded("image_region_name")?.or(region),
            kind,
            login: layered.login(kind)?,
            interfaces: layered.interfaces()?,
            service_type: layered.expanded("image_service_type")?.unwrap_or_else(|| "image".into()),
            service_name: layered.expanded("image_service_name")?,
            endpoint: layered.image_endpoint()?,
            tls: layered.tls(&self.env, &mut remarks)?,
            timeout: layered.timeout()?,
            settings: self.settings.get(name).cloned().unwrap_or_default(),
        };
        Ok((entry, remarks))
    }

    fn layered(
        &self,
        name: &str,
        region: Option<&str>,
    ) -> Result<(Layered, Option<String>), ConfigError> {
        let (subject, body) = self.body(name)?;
        let profile = self.profile(subject, &body)?;
        let regions = known_regions(subject, &body, profile.as_ref())?;
        let region = layers::choose_region(subject, regions, region)?;
        let mut config = profile.unwrap_or_default();
        layers::layer(&mut config, &body);
        if let Some(Region { values, .. }) = &region {
            let set = values.iter().filter(|(_, node)| !node.is_null());
            layers::layer(
                &mut config,
                &set.map(|(key, node)| (key.to_owned(), node.clone())).collect(),
            );
        }
        let region = region.map(|region| region.name);
        if let Some(name) = &region {
            let at = Place { file: "the chosen region".into(), line: None };
            config.set("region_name", Node { value: Value::Text(name.clone()), at });
        }
        let unread_secure = self.unread_secure.clone();
        Ok((Layered { subject: subject.clone(), config, unread_secure }, region))
    }

    fn body(&self, name: &str) -> Result<(&Subject, Map), ConfigError> {
        let Some((subject, node)) = self.listed.iter().find(|(subject, _)| subject.cloud == name)
        else {
            return Err(self.unknown(name));
        };
        match &node.value {
            Value::Map(map) => Ok((subject, map.clone())),
            Value::Null => Ok((subject, Map::default())),
            _ => Err(subject.wrong(
                format!("({}) is not a mapping", node.at),
                "indent its keys below its name: `auth:`, `region_name:`, …",
            )),
        }
    }

    fn unknown(&self, name: &str) -> ConfigError {
        let by = if self.asked_by_variable && self.default.as_deref() == Some(name) {
            " (named by OS_CLOUD)"
        } else {
            ""
        };
        let file =
            self.file.as_ref().map_or("the configuration".into(), |file| file.to_string_lossy());
        let hint = nearest(name, self.names())
            .map_or(String::new(), |meant| format!(" (did you mean `{meant}`?)"));
        let names: Vec<_> = self.names().collect();
        ConfigError::Unknown(Complaint::new(
            format!("there is no cloud `{name}`{by} in {file}{hint}"),
            format!("choose one of {}", names.join(", ")),
        ))
    }

    /// The vendor a cloud names, from `clouds-public.yaml` or built in. One that nobody knows adds nothing.
    fn profile(&self, subject: &Subject, body: &Map) -> Result<Option<Map>, ConfigError> {
        let Some(name) = profile_name(body)
            .filter(|name| *name != subject.cloud || subject.origin != Origin::Variables)
        else {
            return Ok(None);
        };
        match self.profiles.get(name).map(|node| (node, node.map())) {
            Some((_, Some(map))) => Ok(Some(map.clone())),
            Some((node, None)) => Err(subject.wrong(
                format!("has the profile `{name}`, which is not a mapping ({})", node.at),
                "correct it there",
            )),
            None => Ok(None),
        }
    }

    fn empty(env: Environment) -> Self {
        Self {
            listed: Vec::new(),
            profiles: profiles::built_in(),
            default: None,
            asked_by_variable: false,
            env,
            file: None,
            secure: None,
            unread_secure: None,
            settings: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    fn add_files(&mut self, main: Option<Found>, secure: Option<Found>) {
        let label = [&main, &secure].into_iter().flatten().next().map(|found| found.path.clone());
        self.file = main.as_ref().map(|found| found.path.clone());
        self.secure = secure.as_ref().map(|found| found.path.clone());
        self.unread_secure = self.file.as_ref().map(|file| file.with_file_name("secure.yaml"));
        self.unread_secure = self
            .unread_secure
            .take()
            .filter(|path| path.exists() && self.secure.as_ref() != Some(path));
        let mut content = main.map(|found| found.content).unwrap_or_default();
        content.overlay(secure.map(|found| found.content).unwrap_or_default());
        if let Some(label) = label {
            self.add_clouds(&content, &label.to_string_lossy());
        }
    }

    fn add_clouds(&mut self, content: &Map, label: &str) {
        match content.get("clouds").map(|node| (node, node.map())) {
            Some((_, Some(clouds))) => {
                for (name, node) in clouds.iter() {
                    let subject =
                        Subject { cloud: name.to_owned(), origin: Origin::File(label.to_owned()) };
                    self.listed.push((subject, node.with_plain_keys()));
                }
            }
            Some((node, None)) => self.warnings.push(Complaint::new(
                format!("`clouds` at {} is not a mapping", node.at),
                "write one indented entry for each cloud below `clouds:`",
            )),
            None => {}
        }
    }

    fn add_public(&mut self, public: Option<Found>) {
        let Some(Found { content, .. }) = public else { return };
        if let Some(clouds) = content.get("public-clouds").and_then(Node::map) {
            for (name, node) in clouds.iter() {
                self.profiles.set(name, node.with_plain_keys());
            }
        }
    }

    /// The cloud of the `OS_*` variables. `OS_CLOUD_NAME` renames it.
    fn add_variables(&mut self) -> Result<(), ConfigError> {
        let config = variables(&self.env);
        if !["auth_url", "profile", "endpoint"].iter().any(|key| config.get(key).is_some()) {
            return Ok(());
        }
        let name = self.env.var("OS_CLOUD_NAME").unwrap_or("envvars").to_owned();
        if self.names().any(|other| other == name) {
            return Err(ConfigError::Entry(Complaint::new(
                format!(
                    "the OS_* variables make a cloud called `{name}`, and a file has one of that name too"
                ),
                "rename one of them (OS_CLOUD_NAME renames the first), or unset OS_AUTH_URL",
            )));
        }
        let at = Place { file: "the environment".into(), line: None };
        let subject = Subject { cloud: name, origin: Origin::Variables };
        self.listed.push((subject, Node { value: Value::Map(config), at }));
        Ok(())
    }

    fn choose_default(&mut self) {
        let variables = self.listed.iter().find(|(subject, _)| subject.origin == Origin::Variables);
        let asked = self.env.var("OS_CLOUD").map(str::to_owned);
        self.asked_by_variable = asked.is_some();
        self.default = asked.or(variables.map(|(subject, _)| subject.cloud.clone()));
        if let ([(only, _)], None) = (&*self.listed, &self.default) {
            self.default = Some(only.cloud.clone());
        }
    }

    fn no_cloud(&self) -> ConfigError {
        if let Some(broken) = self.warnings.first() {
            return ConfigError::NoCloud(Complaint::new(
                format!("no cloud is configured: {}", broken.why),
                &broken.remedy,
            ));
        }
        let remedy = "add one there, or try `sharelock --demo`";
        if let Some(file) = &self.file {
            let why =
                format!("no cloud is configured: {} has no entry under `clouds:`", file.display());
            return ConfigError::NoCloud(Complaint::new(why, remedy));
        }
        let folders: Vec<_> =
            files::folders(&self.env).iter().map(|folder| folder.display().to_string()).collect();
        let stray = ["OS_USERNAME", "OS_PASSWORD", "OS_TOKEN", "OS_APPLICATION_CREDENTIAL_ID"];
        let variables = match stray.into_iter().find(|name| self.env.var(name).is_some()) {
            Some(name) => format!("{name} is set, but OS_AUTH_URL is not"),
            None => "OS_AUTH_URL is not set".to_owned(),
        };
        ConfigError::NoCloud(Complaint::new(
            format!(
                "no cloud is configured: there is no clouds.yaml in {}, and {variables}",
                folders.join(", ")
            ),
            "write one there, or try `sharelock --demo`",
        ))
    }
}

impl Layered {
    /// Which API shares images: `image_sharing_api`, else what the profile or a host name says, else unknown.
    fn kind(&self) -> Result<Option<CloudKind>, ConfigError> {
        if let Some(node) = self.config.get("image_sharing_api") {
            let kinds = [CloudKind::Glance, CloudKind::Ims, CloudKind::Rackspace];
            let kind = kinds.into_iter().find(|kind| node.text() == Some(&kind.to_string()));
            let remedy = "write `glance`, `ims` or `rackspace`, or leave it out to find out";
            return kind
                .ok_or_else(|| {
                    self.subject.invalid("image_sharing_api", node, "is not a known API", remedy)
                })
                .map(Some);
        }
        let profile = profile_name(&self.config).unwrap_or_default().to_ascii_lowercase();
        if profile.starts_with("otc") || profile.contains("huawei") {
            return Ok(Some(CloudKind::Ims));
        }
        if profile.starts_with("rackspace") {
            return Ok(Some(CloudKind::Rackspace));
        }
        let addresses = [
            self.auth_node("auth_url")?.map(|(_, text)| text),
            self.config.text("image_endpoint_override"),
        ];
        Ok(addresses.into_iter().flatten().find_map(kind_of_address))
    }
}

/// What a host name says. Rackspace's newer OpenStack clouds (`keystone.api.….rackspacecloud.com`) are plain Glance.
fn kind_of_address(address: &str) -> Option<CloudKind> {
    let host = address.split("://").last()?.split(['/', ':', '?']).next()?.to_ascii_lowercase();
    let under = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if ["myhuaweicloud.com", "myhuaweicloud.eu", "otc.t-systems.com"].into_iter().any(under) {
        return Some(CloudKind::Ims);
    }
    ["identity.api.rackspacecloud.com", "images.api.rackspacecloud.com"]
        .into_iter()
        .any(under)
        .then_some(CloudKind::Rackspace)
}

/// `profile`, or `cloud`, its old spelling.
fn profile_name(config: &Map) -> Option<&str> {
    config.text("profile").or(config.text("cloud"))
}

fn known_regions(
    subject: &Subject,
    body: &Map,
    profile: Option<&Map>,
) -> Result<Vec<Region>, ConfigError> {
    let own = layers::regions(subject, body)?;
    match profile {
        Some(profile) if own.is_empty() => layers::regions(subject, profile),
        _ => Ok(own),
    }
}

/// The `OS_*` variables as the keys of a cloud, without those that choose between clouds.
fn variables(env: &Environment) -> Map {
    const CHOOSING: [&str; 4] =
        ["OS_CLOUD", "OS_CLOUD_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE"];
    let of_others = |key: &str| ["TEST", "STD", "LOG"].iter().any(|prefix| key.starts_with(prefix));
    let named =
        env.vars.iter().filter(|(name, value)| !CHOOSING.contains(&&***name) && !value.is_empty());
    named
        .filter_map(|(name, value)| Some((name.strip_prefix("OS_")?, value)))
        .filter(|(key, _)| !of_others(key))
        .map(|(key, value)| {
            let at = Place { file: "the environment".into(), line: None };
            (key.to_ascii_lowercase(), Node { value: Value::Text(value.clone()), at })
        })
        .collect()
}
