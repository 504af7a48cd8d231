//! The layers of one cloud put together: profile < its entry < its region's values. Then questions to the result.

use std::path::PathBuf;
use std::time::Duration;

use super::nearest::nearest;
use super::yaml::{Map, Node, Value};
use super::{Complaint, ConfigError};

/// Which cloud an error is about, and where it was configured.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Its name.
    pub cloud: String,
    /// Where it stands.
    pub origin: Origin,
}

/// Where a cloud was configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A file, by the name that errors use.
    File(String),
    /// `OS_*` variables.
    Variables,
}

impl Subject {
    /// How the user spells a key of this cloud: `auth.password` in a file, `OS_PASSWORD` as a variable.
    pub(super) fn key(&self, key: &str) -> String {
        match self.origin {
            Origin::File(_) => format!("`{key}`"),
            Origin::Variables => {
                format!("OS_{}", key.trim_start_matches("auth.").to_uppercase())
            }
        }
    }

    /// "cloud `alpha` in /home/x/clouds.yaml", or "the cloud of the OS_* variables".
    pub(super) fn shown(&self) -> String {
        match &self.origin {
            Origin::File(file) => format!("cloud `{}` in {file}", self.cloud),
            Origin::Variables => "the cloud of the OS_* variables".to_owned(),
        }
    }

    /// Something is wrong with the entry as a whole.
    pub(super) fn wrong(&self, why: impl AsRef<str>, remedy: impl AsRef<str>) -> ConfigError {
        let why = format!("{} {}", self.shown(), why.as_ref());
        ConfigError::Entry(Complaint::new(why, remedy))
    }

    /// A key that must be there is not.
    pub(super) fn missing(&self, key: &str, remedy: impl AsRef<str>) -> ConfigError {
        self.wrong(format!("has no {}", self.key(key)), remedy)
    }

    /// The value of a key cannot be used.
    pub(super) fn invalid(
        &self,
        key: &str,
        node: &Node,
        why: &str,
        remedy: impl AsRef<str>,
    ) -> ConfigError {
        let why = match self.origin {
            Origin::File(_) => {
                format!("{} of cloud `{}` at {} {why}", self.key(key), self.cloud, node.at)
            }
            Origin::Variables => format!("{} {why}", self.key(key)),
        };
        ConfigError::Entry(Complaint::new(why, remedy))
    }
}

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

/// A region and what is different there.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// Its name.
    pub name: String,
    /// Keys that apply there.
    pub values: Map,
}

/// The regions a layer names: `regions`, else `region_name` (where a comma separates several, an old spelling).
pub(super) fn regions(subject: &Subject, config: &Map) -> Result<Vec<Region>, ConfigError> {
    if let Some(node) = config.get("regions") {
        let Value::List(items) = &node.value else {
            return Err(subject.invalid(
                "regions",
                node,
                "is not a list",
                "write `regions: [NAME, …]`",
            ));
        };
        return items.iter().map(|item| region(subject, item)).collect();
    }
    let Some(node) = config.get("region_name") else { return Ok(Vec::new()) };
    let names: Vec<&str> = match &node.value {
        Value::List(items) => items.iter().filter_map(Node::text).collect(),
        _ => node.text().unwrap_or_default().split(',').collect(),
    };
    let written = names.into_iter().map(str::trim).filter(|name| !name.is_empty());
    Ok(written.map(|name| Region { name: name.to_owned(), values: Map::default() }).collect())
}

fn region(subject: &Subject, item: &Node) -> Result<Region, ConfigError> {
    let wrong = |why| {
        subject.invalid(
            "regions",
            item,
            why,
            "write a name, or `{name: NAME, values: {KEY: VALUE}}`",
        )
    };
    if let Some(name) = item.text() {
        return Ok(Region { name: name.to_owned(), values: Map::default() });
    }
    let map =
        item.map().ok_or_else(|| wrong("has an entry that is neither a name nor a mapping"))?;
    let name = map.text("name").ok_or_else(|| wrong("has an entry without a name"))?;
    if map.iter().any(|(key, _)| key != "name" && key != "values") {
        return Err(wrong("has an entry with other keys than `name` and `values`"));
    }
    let values = match map.get("values") {
        None => Map::default(),
        Some(node) => {
            node.map().cloned().ok_or_else(|| wrong("has `values` that are no mapping"))?
        }
    };
    Ok(Region { name: name.to_owned(), values })
}

/// Picks the region that was asked for, else the first.
pub(super) fn choose_region(
    subject: &Subject,
    regions: Vec<Region>,
    asked: Option<&str>,
) -> Result<Option<Region>, ConfigError> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return Ok(regions.into_iter().next());
    };
    if regions.is_empty() {
        return Ok(Some(Region { name: asked.to_owned(), values: Map::default() }));
    }
    let names: Vec<String> = regions.iter().map(|region| region.name.clone()).collect();
    regions.into_iter().find(|region| region.name == asked).map(Some).ok_or_else(|| {
        let meant = names.iter().find(|name| name.eq_ignore_ascii_case(asked));
        let meant =
            meant.map(String::as_str).or_else(|| nearest(asked, names.iter().map(String::as_str)));
        let hint =
            meant.map_or(String::new(), |name| format!(" (did you mean `{name}`? case counts)"));
        ConfigError::Unknown(Complaint::new(
            format!("region `{asked}` is not one of {}{hint}", subject.shown()),
            format!("choose one of {}", names.join(", ")),
        ))
    })
}

/// One cloud in one region with all layers in place.
#[derive(Clone, Debug)]
pub(super) struct Layered {
    /// What it is called in errors.
    pub subject: Subject,
    /// Every key.
    pub config: Map,
    /// A `secure.yaml` beside the file that was not read, for the remedy of a missing password.
    pub unread_secure: Option<PathBuf>,
}

impl Layered {
    /// Where a key is: at the top level, with its node.
    fn scalar(&self, key: &str) -> Result<Option<(&Node, &str)>, ConfigError> {
        let Some(node) = self.config.get(key) else { return Ok(None) };
        self.scalar_of(key, node)
    }

    fn scalar_of<'a>(
        &self,
        key: &str,
        node: &'a Node,
    ) -> Result<Option<(&'a Node, &'a str)>, ConfigError> {
        match &node.value {
            Value::List(_) | Value::Map(_) => {
                Err(self.subject.invalid(key, node, "is not a single value", "write one value"))
            }
            _ => Ok(node.text().filter(|text| !text.is_empty()).map(|text| (node, text))),
        }
    }

    /// An option of the login: in `auth`, else at the top level.
    pub(super) fn auth(&self, key: &str) -> Result<Option<&str>, ConfigError> {
        Ok(self.auth_node(key)?.map(|(_, text)| text))
    }

    /// The same with its node, for errors.
    pub(super) fn auth_node(&self, key: &str) -> Result<Option<(&Node, &str)>, ConfigError> {
        if let Some(node) = self.auth_map().and_then(|auth| auth.get(key))
            && let Some(found) = self.scalar_of(&format!("auth.{key}"), node)?
        {
            return Ok(Some(found));
        }
        self.scalar(key)
    }

    /// An option of the scope, which has an older name: the newer name wins over the older, and for the same name
    /// the top level wins over `auth` (it may come from a variable). The oldest name comes first.
    pub(super) fn scope(&self, keys: &[&str]) -> Result<Option<&str>, ConfigError> {
        let mut winner = None;
        for key in keys {
            if let Some(node) = self.auth_map().and_then(|auth| auth.get(key)) {
                winner = self.scalar_of(&format!("auth.{key}"), node)?.or(winner);
            }
            winner = self.scalar(key)?.or(winner);
        }
        Ok(winner.map(|(_, text)| text))
    }

    fn auth_map(&self) -> Option<&Map> {
        self.config.get("auth").and_then(Node::map)
    }

    /// The text of a top-level key with its `{…}` filled in.
    pub(super) fn expanded(&self, key: &str) -> Result<Option<String>, ConfigError> {
        self.scalar(key)?.map(|(node, text)| self.expand(key, node, text)).transpose()
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
                return Err(self.subject.invalid(
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
        let filling = match name {
            "password" | "token" | "auth_token" => None,
            name if name.contains("secret") => None,
            name => self.config.text(name),
        };
        filling.ok_or_else(|| {
            let remedy = match name {
                "region_name" => "choose a region, or add `region_name`".to_owned(),
                _ => format!("add `{name}` beside it, or write the address out"),
            };
            self.subject.invalid(key, node, "has a `{…}` with no value to put there", remedy)
        })
    }

    /// An address of a service: expanded, `http` or `https`, with a host and without a password.
    pub(super) fn address(&self, key: &str, found: (&Node, &str)) -> Result<String, ConfigError> {
        let (node, text) = found;
        let address = self.expand(key, node, text)?;
        let wrong = |why: &str, remedy: &str| Err(self.subject.invalid(key, node, why, remedy));
        let Ok(url) = url::Url::parse(&address) else {
            return wrong("is not a URL", "write it as https://HOST/PATH");
        };
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return wrong("is not an http address", "write it as https://HOST/PATH");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong(
                "has a user name or password inside the URL",
                "move them to `auth.username` and `auth.password`",
            );
        }
        Ok(address)
    }

    /// `image_endpoint_override`, else `image_endpoint`.
    pub(super) fn image_endpoint(&self) -> Result<Option<String>, ConfigError> {
        for key in ["image_endpoint_override", "image_endpoint"] {
            if let Some(found) = self.scalar(key)? {
                return self.address(key, found).map(Some);
            }
        }
        Ok(None)
    }

    /// The interfaces in order of preference. `endpoint_type: internalURL` is the old spelling.
    pub(super) fn interfaces(&self) -> Result<Vec<String>, ConfigError> {
        let keys = ["image_endpoint_type", "image_interface", "endpoint_type", "interface"];
        let Some((key, node)) = keys.into_iter().find_map(|key| Some((key, self.config.get(key)?)))
        else {
            return Ok(vec!["public".to_owned()]);
        };
        let one = |node: &Node| {
            let word = node.text().unwrap_or_default().trim_end_matches("URL").to_ascii_lowercase();
            match word.as_str() {
                "public" | "internal" | "admin" => Ok(word),
                _ => Err(self.subject.invalid(
                    key,
                    node,
                    "is not an interface",
                    "write `public`, `internal` or `admin`, or a list of them",
                )),
            }
        };
        match &node.value {
            Value::List(items) if !items.is_empty() => items.iter().map(one).collect(),
            _ => Ok(vec![one(node)?]),
        }
    }

    /// `api_timeout` in seconds; any other `…_timeout` is an old spelling of it and wins.
    pub(super) fn timeout(&self) -> Result<Option<Duration>, ConfigError> {
        let old = |key: &str| key.ends_with("timeout") && key != "timeout" && key != "api_timeout";
        let old = self.config.iter().filter(|(key, node)| old(key) && !node.is_null()).last();
        let key = old.map_or("api_timeout", |(key, _)| key);
        let Some((node, text)) = self.scalar(key)? else { return Ok(None) };
        let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
        match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
            Some(duration) => Ok(Some(duration)),
            None => Err(self.subject.invalid(
                key,
                node,
                "is not a number of seconds",
                "write a number larger than 0",
            )),
        }
    }

    /// How certificates are checked; remarks are for the user. `insecure` wins over `verify`, which may also be the
    /// path of a CA file.
    pub(super) fn tls(
        &self,
        env: &super::Environment,
        remarks: &mut Vec<Complaint>,
    ) -> Result<super::Tls, ConfigError> {
        let insecure = self.insecure(remarks)?;
        let (verify, bundle) = self.verify(remarks)?;
        let path = |text: String| env.path(&text);
        let ca: Option<PathBuf> = self.expanded("cacert")?.or(bundle).map(path);
        let insecure = insecure || !verify;
        if insecure && ca.is_some() {
            remarks.push(Complaint::new(
                format!(
                    "{} names a `cacert` and also turns verification off",
                    self.subject.shown()
                ),
                "remove `insecure` or `verify: false`; certificates are not checked as it is",
            ));
        }
        Ok(super::Tls {
            insecure,
            ca: ca.filter(|_| !insecure),
            cert: self.expanded("cert")?.map(path),
            key: self.expanded("key")?.map(path),
        })
    }

    /// Only `true` counts, as in openstacksdk: in doubt certificates are checked.
    fn insecure(&self, remarks: &mut Vec<Complaint>) -> Result<bool, ConfigError> {
        let Some((node, text)) = self.scalar("insecure")? else { return Ok(false) };
        match node.value {
            Value::Bool(value, _) => Ok(value),
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ => {
                if matches!(word(text), Some(true)) {
                    remarks.push(Complaint::new(
                        format!(
                            "{} has {} that is not `true`",
                            self.subject.shown(),
                            self.subject.key("insecure")
                        ),
                        "write `true`; certificates are checked as it is",
                    ));
                }
                Ok(false)
            }
        }
    }

    /// Whether to check, or against which file. A quoted `"False"` means false here and is remarked upon, for
    /// openstacksdk takes it for the path of a CA file and then fails.
    fn verify(&self, remarks: &mut Vec<Complaint>) -> Result<(bool, Option<String>), ConfigError> {
        let Some((node, text)) = self.scalar("verify")? else { return Ok((true, None)) };
        match (&node.value, word(text)) {
            (Value::Bool(value, _), _) => Ok((*value, None)),
            (_, None) => Ok((true, self.expanded("verify")?)),
            (_, Some(value)) => {
                if self.subject.origin != Origin::Variables {
                    remarks.push(Complaint::new(
                        format!("`verify` of cloud `{}` at {} is text and was taken as {value}", self.subject.cloud, node.at),
                        format!("write `verify: {value}` without quotes; openstacksdk takes the text for the path of a CA file"),
                    ));
                }
                Ok((value, None))
            }
        }
    }
}

/// A truth value spelled as text.
fn word(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}
