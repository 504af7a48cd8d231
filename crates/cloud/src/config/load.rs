//! Loading the clouds: files first, then variables, then choosing the default.

use super::files::{self, Found};
use super::source::{Origin, Source};
use super::yaml::{Map, Node, Place, Value};
use super::{Clouds, Complaint, ConfigError, families, variables};

impl Clouds {
    /// Adds `clouds.yaml` with `secure.yaml` merged over it, and the vendors of `clouds-public.yaml`.
    pub(super) fn add_files(&mut self) {
        let mut find = |stem, variable| files::find(&self.env, stem, variable, &mut self.warnings);
        let main = find("clouds", Some("OS_CLIENT_CONFIG_FILE"));
        let secure = find("secure", Some("OS_CLIENT_SECURE_FILE"));
        let public = find("clouds-public", None);
        self.file = main.as_ref().map(|found| found.path.clone());
        self.secure = secure.as_ref().map(|found| found.path.clone());
        let label = self.files().next().map(|file| file.display().to_string());
        if let Some(label) = label {
            let content =
                |found: Option<Found>| found.map(|found| found.content).unwrap_or_default();
            let mut merged = content(main);
            merged.overlay(content(secure));
            self.add_clouds(&merged, &label);
        }
        let public = public.as_ref().and_then(|found| found.content.get("public-clouds")?.map());
        for (name, node) in public.into_iter().flat_map(Map::iter) {
            let node = self.with_plain_keys(node);
            self.profiles.set(name, node);
        }
    }

    /// Adds every entry below `clouds:`.
    pub(super) fn add_clouds(&mut self, content: &Map, label: &str) {
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
    pub(super) fn add_variables(&mut self) -> Result<(), ConfigError> {
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
    pub(super) fn choose_default(&mut self) {
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
    pub(super) fn no_cloud(&self) -> ConfigError {
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
