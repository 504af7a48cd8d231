//! The image service of a cloud: its API, address, interface and timeout.

use std::time::Duration;

use super::layers::{self, Layered};
use super::yaml::{Node, Value};
use super::{CloudSettings, ConfigError, Environment, KindSource};
use domain::CloudKind;

impl Layered {
    /// The API for shares: `image_sharing_api`, else derived from the profile or a host name, else unknown.
    pub(super) fn kind(&self) -> Result<Option<(CloudKind, KindSource)>, ConfigError> {
        if let Some(node) = self.config.get("image_sharing_api") {
            let kinds = [CloudKind::Glance, CloudKind::Ims, CloudKind::Rackspace];
            let kind = kinds.into_iter().find(|kind| node.text() == Some(&kind.to_string()));
            let hint = "write `glance`, `ims` or `rackspace`, or leave it out to find out";
            return kind
                .ok_or_else(|| {
                    self.source.invalid("image_sharing_api", node, "is not a known API", hint)
                })
                .map(|kind| Some((kind, KindSource::Entry)));
        }
        let profile = layers::profile_name(&self.config).unwrap_or_default().to_ascii_lowercase();
        if profile.starts_with("otc") || profile.contains("huawei") {
            return Ok(Some((CloudKind::Ims, KindSource::Profile)));
        }
        if profile.starts_with("rackspace") {
            return Ok(Some((CloudKind::Rackspace, KindSource::Profile)));
        }
        let addresses = [
            self.option("auth_url"),
            self.config.text("image_endpoint_override"),
            self.config.text("image_endpoint"),
        ];
        let by_host = addresses.into_iter().flatten().find_map(kind_of_address);
        let by_host = by_host.map(|kind| (kind, KindSource::HostName));
        // No other cloud has these logins.
        Ok(by_host.or_else(|| match self.auth_type() {
            "aksk" => Some((CloudKind::Ims, KindSource::Login)),
            _ => self.is_login_of_rackspace().then_some((CloudKind::Rackspace, KindSource::Login)),
        }))
    }

    /// The image service's address, where it is configured.
    pub(super) fn endpoint(&self) -> Result<Option<String>, ConfigError> {
        for endpoint in [self.image_endpoint()?, self.static_endpoint()?] {
            if endpoint.is_some() {
                return Ok(endpoint);
            }
        }
        self.endpoint_of_key()
    }

    /// The enterprise project whose images are listed: of the entry, of `config.toml`, of the variable that Huawei's
    /// Terraform provider takes.
    pub(super) fn enterprise_project(
        &self,
        settings: &CloudSettings,
        env: &Environment,
    ) -> Result<Option<String>, ConfigError> {
        let of_entry = self.expanded("enterprise_project_id")?;
        let of_settings = || settings.enterprise_project_id.clone();
        let of_variable = || env.var("HW_ENTERPRISE_PROJECT_ID").map(str::to_owned);
        Ok(of_entry.or_else(of_settings).or_else(of_variable))
    }

    /// `image_endpoint_override`, else `image_endpoint`.
    pub(super) fn image_endpoint(&self) -> Result<Option<String>, ConfigError> {
        let keys = ["image_endpoint_override", "image_endpoint"];
        let found = keys.into_iter().find_map(|key| Some((key, self.scalar(key)?)));
        found.map(|(key, found)| self.address(key, found)).transpose()
    }

    /// The interfaces in order of preference. `endpoint_type: internalURL` is the old spelling. An empty value is none.
    pub(super) fn interfaces(&self) -> Result<Vec<String>, ConfigError> {
        let given = |keys: [&'static str; 2]| {
            let written =
                self.config.iter().filter(|(_, node)| !node.is_null() && node.text() != Some(""));
            written.filter(move |(key, _)| keys.contains(key)).last()
        };
        // Of two spellings for images the later layer's counts; of the general ones `endpoint_type`, because
        // `interface` has a default and so is always the earlier one.
        let general = || ["endpoint_type", "interface"].iter().find_map(|key| given([key, key]));
        let Some((key, node)) = given(["image_endpoint_type", "image_interface"]).or_else(general)
        else {
            return Ok(vec!["public".to_owned()]);
        };
        match &node.value {
            Value::List(items) if !items.is_empty() => {
                items.iter().map(|item| self.interface(key, item)).collect()
            }
            _ => Ok(vec![self.interface(key, node)?]),
        }
    }

    fn interface(&self, key: &str, node: &Node) -> Result<String, ConfigError> {
        let word = node.text().unwrap_or_default().trim_end_matches("URL").to_ascii_lowercase();
        if matches!(&*word, "public" | "internal" | "admin") {
            return Ok(word);
        }
        let hint = "write `public`, `internal` or `admin`, or a list of them";
        Err(self.source.invalid(key, node, "is not an interface", hint))
    }

    /// `api_timeout` in seconds; any other `…_timeout` is an old spelling of it and wins.
    pub(super) fn timeout(&self) -> Result<Option<Duration>, ConfigError> {
        let old = |key: &str| key.ends_with("timeout") && key != "timeout" && key != "api_timeout";
        let old = self.config.iter().filter(|(key, node)| old(key) && !node.is_null()).last();
        let key = old.map_or("api_timeout", |(key, _)| key);
        let Some((node, text)) = self.scalar(key) else { return Ok(None) };
        let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
        match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
            Some(duration) => Ok(Some(duration)),
            None => Err(self.source.invalid(
                key,
                node,
                "is not a number of seconds",
                "write a number larger than 0",
            )),
        }
    }
}

/// The kind of a cloud by its host name. Rackspace's newer OpenStack clouds (`keystone.api.….rackspacecloud.com`) are plain Glance.
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
