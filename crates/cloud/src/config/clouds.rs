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
use super::variables::{self, Variable};
use super::yaml::{Map, Node, Place, Value};
use super::{
    CloudEntry, CloudSettings, Complaint, ConfigError, Environment, PasswordCommand, families,
    files, profiles,
};

/// Every configured cloud. Nothing is checked before [`Clouds::entry`], so one wrong entry does not hide the others.
#[derive(Clone)]
pub struct Clouds {
    /// In file order; each value is the entry as it was written.
    pub(super) listed: Vec<(Source, Node)>,
    /// The vendors of `clouds-public.yaml`, which go before those built in.
    pub(super) profiles: Map,
    /// See [`Clouds::default_name`].
    pub(super) default: Option<String>,
    /// See [`Clouds::with_named`].
    named: Option<String>,
    /// For `~`, relative paths and `OS_CLOUD`.
    pub(super) env: Environment,
    /// The `clouds.yaml` in use.
    pub(super) file: Option<PathBuf>,
    /// The `secure.yaml` in use.
    pub(super) secure: Option<PathBuf>,
    /// The credentials file of the Huawei SDK, where its cloud is one of them.
    pub(super) credentials: Option<PathBuf>,
    /// See [`Clouds::warnings`].
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

/// One cloud in one region, before it is checked.
struct Found {
    layered: Layered,
    region: Option<String>,
    /// The `OS_*` variables it takes.
    variables: Vec<Variable>,
    remarks: Vec<Complaint>,
}

impl Clouds {
    /// Finds and reads the files, and adds the cloud of the `OS_*` variables and those of access keys that other
    /// programs use.
    ///
    /// Fails when there is no cloud at all, and when the cloud of the variables has the name of another.
    pub fn load(env: &Environment) -> Result<Self, ConfigError> {
        let mut clouds = Self::empty(env.clone());
        clouds.add_files();
        clouds.add_variables()?;
        clouds.add_families();
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
            let why = format!("no cloud is configured: {source} has no entry under `clouds:`");
            return Err(ConfigError::NoCloud(Complaint::new(why, "add one")));
        }
        Ok(clouds)
    }

    fn empty(env: Environment) -> Self {
        Self {
            listed: Vec::new(),
            profiles: Map::default(),
            default: None,
            named: None,
            env,
            file: None,
            secure: None,
            credentials: None,
            warnings: Vec::new(),
            settings: BTreeMap::new(),
            require_tls: false,
        }
    }

    /// The same clouds with what `config.toml` says about each of them, by name. There is a warning
    /// about a name that looks misspelled, for its `protected` would protect nothing; other names may be clouds of another folder's file.
    #[must_use]
    pub fn with_settings(mut self, settings: BTreeMap<String, CloudSettings>) -> Self {
        for name in settings.keys() {
            if self.names().any(|known| known == name) {
                continue;
            }
            if let Some(meant) = nearest(name, self.names()) {
                let why = format!("config.toml has settings for an unknown cloud `{name}`");
                self.warnings.push(Complaint::new(why, format!("did you mean `{meant}`?")));
            }
        }
        self.settings = settings;
        self
    }

    /// The same clouds where `--cloud` names one: like a cloud that `OS_CLOUD` names it takes the `OS_*` variables.
    #[must_use]
    pub fn with_named(mut self, name: Option<String>) -> Self {
        self.named = name;
        self
    }

    /// The same clouds with `require_tls` for those whose own settings do not say.
    #[must_use]
    pub fn with_require_tls(mut self, require_tls: bool) -> Self {
        self.require_tls = require_tls;
        self
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
        let about = self.layered(name, None).map(|found| {
            let variables = variables::names(&found.variables);
            let with = if variables.is_empty() { "" } else { " · with " };
            format!("{}{with}{variables}", found.layered.about())
        });
        let mut choice = Choice {
            name: name.to_owned(),
            about: about.unwrap_or_default(),
            regions: self.regions(name).unwrap_or_default(),
            problem: self.entry(name, None).err(),
        };
        if let Some(ConfigError::NoSecret(_, missing)) = &choice.problem {
            let (about, word) = (&choice.about, missing.word());
            choice.about = match self.password_command(name) {
                Some(_) => format!("{about} · {word} from password_command"),
                None => format!("{about} · asks for the {word}"),
            };
            choice.problem = None;
        }
        choice
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
        Ok(self.entry_with_remarks(name, region)?.0)
    }

    /// The same, with warnings about the entry.
    pub fn entry_with_remarks(
        &self,
        name: &str,
        region: Option<&str>,
    ) -> Result<(CloudEntry, Vec<Complaint>), ConfigError> {
        let (entry, remarks) = self.entry_given(name, region, None);
        Ok((entry?, remarks))
    }

    /// The same with the secret of the login, which is used where the entry has none. There may be warnings about an
    /// entry that cannot be used.
    pub fn entry_given(
        &self,
        name: &str,
        region: Option<&str>,
        secret: Option<&SecretString>,
    ) -> (Result<CloudEntry, ConfigError>, Vec<Complaint>) {
        let Found { mut layered, region, variables: _, mut remarks } =
            match self.layered(name, region) {
                Ok(found) => found,
                Err(error) => return (Err(error), Vec::new()),
            };
        let mut entry = self.checked(name, &layered, region.clone(), &mut remarks);
        if let Err(ConfigError::NoSecret(_, missing)) = &entry {
            let missing = *missing;
            let secret_text = secret.map_or("not given", ExposeSecret::expose_secret);
            let node = Node::text_at(secret_text, Place::of("the given secret"));
            layered.set_option(missing.key(), &node);
            let given = self.checked(name, &layered, region, &mut Vec::new());
            // Other errors come first: the user should not type a password for an entry that cannot be used.
            if secret.is_some() || given.is_err() {
                entry = given;
            }
        }
        (entry, remarks)
    }

    fn checked(
        &self,
        name: &str,
        layered: &Layered,
        region: Option<String>,
        remarks: &mut Vec<Complaint>,
    ) -> Result<CloudEntry, ConfigError> {
        if layered.auth_url().is_ok() {
            remarks.extend(layered.odd_profile(region.as_deref()));
        }
        layered.no_placeholders()?;
        layered.only_known_auth_keys()?;
        remarks.extend(layered.odd_login()?);
        let settings = self.settings_of(name);
        let (kind, kind_source) = layered.kind()?.unzip();
        let tls = layered.tls(&self.env, remarks)?;
        Ok(CloudEntry {
            name: name.to_owned(),
            region: layered.region_of_images(region)?,
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

    fn settings_of(&self, name: &str) -> CloudSettings {
        let settings = self.settings.get(name).cloned().unwrap_or_default();
        let require_tls = settings.require_tls.or(Some(self.require_tls));
        CloudSettings { require_tls, ..settings }
    }

    /// Whether a cloud takes the `OS_*` variables.
    fn takes_variables(&self, source: &Source) -> bool {
        let is_named = self.named.as_ref().or(self.default.as_ref()) == Some(&source.cloud);
        is_named && matches!(source.origin, Origin::File(_))
    }

    /// Variables that look as if this cloud took them. With `OS_AUTH_URL` they make a cloud of their own.
    fn unused_variables(&self, source: &Source) -> Option<Complaint> {
        let set = variables::applied(&self.env);
        let unused = source.origin != Origin::Variables && self.env.var("OS_AUTH_URL").is_none();
        (unused && !set.is_empty()).then(|| variables::for_another_cloud(source, &set))
    }

    fn layered(&self, name: &str, region: Option<&str>) -> Result<Found, ConfigError> {
        let (source, body) = self.body(name)?;
        let profile = self.profile(source, &body)?;
        match &source.origin {
            Origin::Family(family) => family.refuse_elsewhere(source, &self.env)?,
            Origin::Variables if body.get("access_key").is_some() => {
                families::refuse_agency(source, &self.env)?;
            }
            _ => {}
        }
        let takes = self.takes_variables(source);
        let variables = if takes { variables::applied(&self.env) } else { Vec::new() };
        let of_variable = variables::value(&variables, "region_name").filter(|_| region.is_none());
        let known = regions::known(source, &body, profile)?;
        let asked_by = if of_variable.is_some() { " (OS_REGION_NAME)" } else { "" };
        let region = regions::choose(source, known, region.or(of_variable), asked_by)?;
        let mut config = profile.cloned().unwrap_or_default();
        layers::layer(&mut config, &body);
        if let Some(Region { name, values }) = &region {
            layers::layer(&mut config, &values.without_nulls());
            config.set("region_name", Node::text_at(name, Place::of("the chosen region")));
        }
        // A region without a name is any region, as in openstacksdk.
        let region = region.filter(|region| !region.name.is_empty());
        let mut layered = Layered {
            profile_is_known: profile.is_some(),
            unread_secure: self.unread_secure(),
            source: source.clone(),
            config,
        };
        let remarks = if takes {
            layered.apply(&variables, &self.env)?
        } else {
            self.unused_variables(source).into_iter().collect()
        };
        Ok(Found { layered, region: region.map(|region| region.name), variables, remarks })
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
}
