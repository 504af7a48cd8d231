//! The configured clouds, the default one, and each of them as a checked [`CloudEntry`].
//!
//! `clouds.yaml` is read as openstacksdk 4.22 reads it. On purpose different: there is a warning about a
//! repeated key, a skipped file and a quoted `"False"`; a number keeps its digits; `OS_*` variables make a cloud only when
//! they say where to log in, so that a stray `OS_IDENTITY_API_VERSION` does not take the place of the only cloud; and a
//! cloud that is named takes the variables that the `openstack` command takes (module `overrides`), as openstacksdk does not.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::error::{did_you_mean, nearest};
use super::layers::{self, Layered};
use super::regions::{self, Region};
use super::source::{Origin, Source};
use super::variables;
use super::yaml::{Map, Node, Place, Value};
use super::{
    CloudEntry, CloudSettings, Complaint, ConfigError, Environment, PasswordCommand, families,
    files, profiles,
};

/// Every configured cloud. Nothing is checked before [`Clouds::entry`], so one wrong entry does not hide the others.
#[derive(Clone, Default)]
pub struct Clouds {
    /// In file order; each value is the entry as it was written.
    pub(super) listed: Vec<(Source, Node)>,
    /// The vendors of `clouds-public.yaml`, which go before those built in.
    profiles: Map,
    default: Option<String>,
    named: Option<String>,
    /// For `~`, relative paths and `OS_CLOUD`.
    pub(super) env: Environment,
    /// The `clouds.yaml` in use.
    file: Option<PathBuf>,
    /// The `secure.yaml` in use.
    secure: Option<PathBuf>,
    /// The credentials file of the Huawei SDK, where its cloud is one of them.
    pub(super) credentials: Option<PathBuf>,
    pub(super) warnings: Vec<Complaint>,
    settings: BTreeMap<String, CloudSettings>,
    require_tls: bool,
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
    /// Finds and reads the files, and adds the cloud of the `OS_*` variables and those of access keys that other
    /// programs use.
    ///
    /// Fails when there is no cloud at all, and when the cloud of the variables has the name of another.
    pub fn load(env: &Environment) -> Result<Self, ConfigError> {
        let mut clouds = Self { env: env.clone(), ..Self::default() };
        clouds.add_files();
        clouds.add_variables()?;
        clouds.add_families();
        clouds.choose_default();
        if clouds.listed.is_empty() {
            return Err(clouds.no_cloud());
        }
        Ok(clouds)
    }

    /// The clouds of a text that is not a file, such as the embedded cloud's; `source` names it in errors. No variable
    /// applies.
    pub fn from_yaml_text(text: &str, source: &str) -> Result<Self, ConfigError> {
        let mut clouds = Self::default();
        let content =
            files::parse(text, source, &mut clouds.warnings).map_err(ConfigError::NoCloud)?;
        clouds.add_clouds(&content, source);
        clouds.choose_default();
        if clouds.listed.is_empty() {
            let why = format!("no cloud is configured: {source} has no entry under `clouds:`");
            return Err(ConfigError::NoCloud(Complaint::new(why, "add one")));
        }
        Ok(clouds)
    }

    /// The same clouds with what `config.toml` says about each of them, by name, and `require_tls` for those whose own
    /// settings do not say. There is a warning about a name that looks misspelled, for its `protected` would protect
    /// nothing; other names may be clouds of another folder's file.
    #[must_use]
    pub fn with_settings(
        mut self,
        settings: BTreeMap<String, CloudSettings>,
        require_tls: bool,
    ) -> Self {
        for name in settings.keys() {
            if self.names().any(|known| known == name) {
                continue;
            }
            if let Some(meant) = nearest(name, self.names()) {
                let why = format!("config.toml has settings for an unknown cloud `{name}`");
                let hint = format!("did you mean `{meant}`?");
                self.warnings.push(Complaint::new(why, hint));
            }
        }
        Self { settings, require_tls, ..self }
    }

    /// The same clouds where `--cloud` names one: like a cloud that `OS_CLOUD` names it takes the `OS_*` variables.
    #[must_use]
    pub fn with_named(self, named: Option<String>) -> Self {
        Self { named, ..self }
    }

    /// Names in file order; the cloud of the variables comes last.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|(source, _)| source.cloud.as_str())
    }

    /// The cloud to use when none is named: `OS_CLOUD`, else the cloud of the `OS_*` variables, else the only one
    /// (the one of the Huawei SDK's file only where there is no other).
    /// `None`: the user has to pick. The cloud that `OS_CLOUD` names may not exist; [`Clouds::entry`] then fails.
    pub fn default_name(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// Warnings about the files, without those about a single cloud.
    pub fn warnings(&self) -> &[Complaint] {
        &self.warnings
    }

    /// The files in use: `clouds.yaml`, `secure.yaml`, and the credentials of the Huawei SDK.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.file.iter().chain(&self.secure).chain(&self.credentials).map(PathBuf::as_path)
    }

    /// All clouds for a picker.
    pub fn choices(&self) -> Vec<Choice> {
        self.names().map(|name| self.choice(name)).collect()
    }

    fn choice(&self, name: &str) -> Choice {
        let about = self.layered(name, None).map_or(String::new(), |layered| layered.about());
        let (about, problem) = match self.entry(name, None).err() {
            Some(ConfigError::NoSecret(_, missing)) => {
                let word = missing.word();
                match self.password_command(name) {
                    Some(_) => (format!("{about} · {word} from password_command"), None),
                    None => (format!("{about} · asks for the {word}"), None),
                }
            }
            problem => (about, problem),
        };
        let regions = self.regions(name).unwrap_or_default();
        Choice { name: name.to_owned(), about, regions, problem }
    }

    /// The regions a cloud names itself or through its profile.
    pub fn regions(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        let (source, body) = self.body(name)?;
        let regions = regions::known(source, &body, self.profile(source, &body)?)?;
        let names = regions.into_iter().map(|region| region.name);
        Ok(names.filter(|name| !name.is_empty()).collect())
    }

    /// One cloud in one region (the first one, if none is given), complete and checked.
    pub fn entry(&self, name: &str, region: Option<&str>) -> Result<CloudEntry, ConfigError> {
        self.entry_given(name, region, None).0
    }

    /// The same with the secret of the login, which is used where the entry has none; and warnings about the entry, even
    /// where it cannot be used.
    pub fn entry_given(
        &self,
        name: &str,
        region: Option<&str>,
        secret: Option<&SecretString>,
    ) -> (Result<CloudEntry, ConfigError>, Vec<Complaint>) {
        let mut layered = match self.layered(name, region) {
            Ok(layered) => layered,
            Err(error) => return (Err(error), Vec::new()),
        };
        let mut warnings = std::mem::take(&mut layered.warnings);
        let mut entry = self.checked(&layered, &mut warnings);
        if let Err(ConfigError::NoSecret(_, missing)) = entry {
            let text = secret.map_or("not given", ExposeSecret::expose_secret);
            let node = Node::text_at(text, Place::of("the given secret"));
            layered.set_option(missing.key(), &node);
            let given = self.checked(&layered, &mut Vec::new());
            // Other errors come first: the user should not type a password for an entry that cannot be used.
            if secret.is_some() || given.is_err() {
                entry = given;
            }
        }
        (entry, warnings)
    }

    fn checked(
        &self,
        layered: &Layered,
        warnings: &mut Vec<Complaint>,
    ) -> Result<CloudEntry, ConfigError> {
        if layered.auth_url().is_ok() {
            warnings.extend(layered.odd_profile());
        }
        layered.no_placeholders()?;
        layered.only_known_keys()?;
        warnings.extend(layered.odd_login());
        let name = layered.source.cloud.clone();
        let settings = self.settings.get(&name).cloned().unwrap_or_default();
        let require_tls = settings.require_tls.or(Some(self.require_tls));
        let settings = CloudSettings { require_tls, ..settings };
        let (kind, kind_source) = layered.kind()?.unzip();
        let tls = layered.tls(&self.env, warnings)?;
        Ok(CloudEntry {
            name,
            region: layered.region_of_images()?,
            kind,
            kind_source,
            login: layered.login(kind)?,
            interfaces: layered.interfaces()?,
            service_type: layered.expanded("image_service_type")?.unwrap_or_else(|| "image".into()),
            service_name: layered.expanded("image_service_name")?,
            endpoint: layered.endpoint()?,
            tls,
            timeout: layered.timeout()?,
            enterprise_project: layered.enterprise_project(&settings, &self.env)?,
            settings,
        })
    }

    /// The command that prints the secret of a cloud's login.
    pub fn password_command(&self, name: &str) -> Option<&PasswordCommand> {
        self.settings.get(name)?.password_command.as_ref()
    }

    fn layered(&self, name: &str, region: Option<&str>) -> Result<Layered, ConfigError> {
        let (source, body) = self.body(name)?;
        let profile = self.profile(source, &body)?;
        families::refuse_elsewhere(source, &body, &self.env)?;
        let set = variables::applied(&self.env);
        let is_named = self.named.as_ref().or(self.default.as_ref()) == Some(&source.cloud);
        let takes_variables = is_named && matches!(source.origin, Origin::File(_));
        let asked = match variables::value(&set, "region_name") {
            Some(name) if takes_variables && region.is_none() => Some((name, " (OS_REGION_NAME)")),
            _ => region.map(|name| (name, "")),
        };
        let region = regions::choose(source, regions::known(source, &body, profile)?, asked)?;
        let mut config = profile.cloned().unwrap_or_default();
        layers::layer(&mut config, &body);
        if let Some(Region { name, values }) = &region {
            layers::layer(&mut config, &values.without_nulls());
            config.set("region_name", Node::text_at(name, Place::of("the chosen region")));
        }
        let mut layered = Layered {
            profile_is_known: profile.is_some(),
            unread_secure: self.unread_secure(),
            source: source.clone(),
            config,
            variables: String::new(),
            warnings: Vec::new(),
        };
        let with_auth_url = self.env.var("OS_AUTH_URL").is_some();
        if takes_variables {
            layered.apply(&set, &self.env)?;
        } else if !set.is_empty() && source.origin != Origin::Variables && !with_auth_url {
            // With `OS_AUTH_URL` they make a cloud of their own.
            layered.warnings.push(variables::for_another_cloud(source, &set));
        }
        Ok(layered)
    }

    fn body(&self, name: &str) -> Result<(&Source, Map), ConfigError> {
        let Some((source, node)) = self.listed.iter().find(|(source, _)| source.cloud == name)
        else {
            return Err(self.unknown(name));
        };
        match &node.value {
            Value::Map(map) => Ok((source, map.clone())),
            Value::Null => Ok((source, Map::default())),
            Value::Unusable(why) => Err(source.unusable(name, node, *why)),
            _ => Err(source.wrong(
                format!("({}) is not a mapping", node.at),
                "indent its keys below its name: `auth:`, `region_name:`, …",
            )),
        }
    }

    fn unknown(&self, name: &str) -> ConfigError {
        let by = if self.env.var("OS_CLOUD") == Some(name) { " (named by OS_CLOUD)" } else { "" };
        let file =
            self.file.as_ref().map_or("the configuration".into(), |file| file.to_string_lossy());
        let hint = did_you_mean(name, self.names());
        let names: Vec<_> = self.names().collect();
        let family = if name == "hw" || name == "huaweicloud" || name == "otc-sdk" {
            families::unusable(&self.env).map_or(String::new(), |why| format!(" ({why})"))
        } else {
            String::new()
        };
        ConfigError::Unknown(Complaint::new(
            format!("there is no cloud `{name}`{by} in {file}{hint}{family}"),
            format!("choose one of {}", names.join(", ")),
        ))
    }

    /// The profile a cloud names, from `clouds-public.yaml` or built in. An unknown one adds nothing.
    fn profile(&self, source: &Source, body: &Map) -> Result<Option<&Map>, ConfigError> {
        let Some(name) = layers::profile_name(body) else { return Ok(None) };
        let Some(node) = self.profiles.get(name).or_else(|| profiles::built_in().get(name)) else {
            return Ok(None);
        };
        node.map().map(Some).ok_or_else(|| {
            let why = format!("names a profile that is not a mapping ({})", node.at);
            source.wrong(why, "correct the profile there")
        })
    }

    /// A `secure.yaml` beside `clouds.yaml` that was not searched for there. One that was found and is invalid has its
    /// own warning.
    fn unread_secure(&self) -> Option<PathBuf> {
        self.env.var("OS_CLIENT_CONFIG_FILE")?;
        if self.env.var("OS_CLIENT_SECURE_FILE").is_some() {
            return None;
        }
        let beside = self.file.as_ref()?.with_file_name("secure.yaml");
        let folders = files::folders(&self.env);
        let is_searched = folders.iter().any(|folder| Some(&**folder) == beside.parent());
        (!is_searched && self.secure.as_ref() != Some(&beside) && beside.exists()).then_some(beside)
    }

    /// Adds `clouds.yaml` with `secure.yaml` merged over it, and the vendors of `clouds-public.yaml`.
    fn add_files(&mut self) {
        let mut find =
            |stem, variable| files::find(&self.env, stem, variable, &mut self.warnings).unzip();
        let (file, main) = find("clouds", Some("OS_CLIENT_CONFIG_FILE"));
        let (secure, over) = find("secure", Some("OS_CLIENT_SECURE_FILE"));
        let (_, public) = find("clouds-public", None);
        (self.file, self.secure) = (file, secure);
        let label = self.files().next().map(|file| file.display().to_string());
        if let Some(label) = label {
            let mut merged = main.unwrap_or_default();
            merged.overlay(over.unwrap_or_default());
            self.add_clouds(&merged, &label);
        }
        let public = public.as_ref().and_then(|content| content.get("public-clouds")?.map());
        for (name, node) in public.into_iter().flat_map(Map::iter) {
            let node = self.with_plain_keys(node);
            self.profiles.set(name, node);
        }
    }

    /// Adds every entry below `clouds:`.
    fn add_clouds(&mut self, content: &Map, label: &str) {
        let Some(node) = content.get("clouds") else { return };
        let Some(clouds) = node.map() else {
            self.warnings.push(Complaint::new(
                format!("`clouds` at {} is not a mapping", node.at),
                "write one indented entry for each cloud below `clouds:`",
            ));
            return;
        };
        for (name, node) in clouds.iter() {
            let origin = Origin::File(label.to_owned());
            let node = self.with_plain_keys(node);
            self.listed.push((Source { cloud: name.to_owned(), origin }, node));
        }
    }

    fn with_plain_keys(&mut self, node: &Node) -> Node {
        // openstacksdk 4.22 looks for these before it replaces `-` by `_`, and so does not find them.
        let unseen = ["endpoint-type", "image-endpoint-type", "auth-type"];
        let keys = node.map().into_iter().flat_map(Map::iter);
        for (key, node) in keys.filter(|(key, _)| unseen.contains(key)) {
            let why = format!(
                "openstacksdk does not see the key `{key}` at {}, and sharelock does",
                node.at
            );
            self.warnings.push(Complaint::new(why, format!("write `{}`", key.replace('-', "_"))));
        }
        let mut repeated = Vec::new();
        let node = node.with_plain_keys(&mut repeated);
        self.warnings.extend(repeated.into_iter().map(|at| {
            Complaint::new(
                format!("a key is repeated, once with `-` and once with `_`, at {at}"),
                "remove one of them; the last one counts",
            )
        }));
        node
    }

    /// Adds the cloud of the `OS_*` variables, if they say where to log in. `OS_CLOUD_NAME` renames it.
    fn add_variables(&mut self) -> Result<(), ConfigError> {
        let config = variables::cloud(&self.env);
        let keys = ["auth_url", "profile", "endpoint", "access_key"];
        if !keys.iter().any(|key| config.get(key).is_some()) {
            return Ok(());
        }
        let name = self.env.var("OS_CLOUD_NAME").unwrap_or("envvars").to_owned();
        if self.names().any(|other| other == name) {
            return Err(ConfigError::Entry(Complaint::new(
                format!(
                    "the OS_* variables make a cloud `{name}`, and there is one of that name in a file"
                ),
                "rename either (OS_CLOUD_NAME renames the first), or unset OS_AUTH_URL",
            )));
        }
        let source = Source { cloud: name, origin: Origin::Variables };
        let node = Node { value: Value::Map(config), at: Place::of("the environment") };
        self.listed.push((source, node));
        Ok(())
    }

    /// `OS_CLOUD`, else the cloud of the variables, else the only one. A credentials file that is there for another
    /// program leaves the choice as it is.
    fn choose_default(&mut self) {
        let of_variables = |(source, _): &&(Source, Node)| source.origin == Origin::Variables;
        let of_file =
            |(source, _): &&(Source, Node)| matches!(source.origin, Origin::Credentials(_));
        let meant: Vec<_> = self.listed.iter().filter(|cloud| !of_file(cloud)).collect();
        let only = match &*meant {
            [only] => Some(*only),
            [] => self.listed.first(),
            several => several.iter().copied().find(of_variables),
        };
        let asked = self.env.var("OS_CLOUD").map(str::to_owned);
        self.default = asked.or_else(|| Some(only?.0.cloud.clone()));
    }

    /// Why there is nothing: the first thing that went wrong, else an empty file, else no file at all.
    fn no_cloud(&self) -> ConfigError {
        let (why, hint) = if let Some(broken) = self.warnings.first() {
            (broken.why.clone(), &*broken.hint)
        } else if let Some(file) = &self.file {
            let why = format!("{} has no entry under `clouds:`", file.display());
            (why, "add one there, or try `sharelock --demo`")
        } else {
            (self.no_file(), "write one there, or try `sharelock --demo`")
        };
        ConfigError::NoCloud(Complaint::new(format!("no cloud is configured: {why}"), hint))
    }

    fn no_file(&self) -> String {
        let folders = files::folders(&self.env);
        let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let stray = ["OS_USERNAME", "OS_PASSWORD", "OS_TOKEN", "OS_APPLICATION_CREDENTIAL_ID"];
        let variables = match stray.into_iter().find(|name| self.env.var(name).is_some()) {
            Some(name) => format!("{name} is set, but OS_AUTH_URL is not"),
            None => {
                families::unusable(&self.env).unwrap_or_else(|| "OS_AUTH_URL is not set".to_owned())
            }
        };
        format!("there is no clouds.yaml in {}, and {variables}", folders.join(", "))
    }
}
