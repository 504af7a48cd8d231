//! The login with an access key (AK/SK), and the addresses that come with it.

use super::error::did_you_mean;
use super::layers::Layered;
use super::{ConfigError, huawei};
use crate::auth::{AccessKey, Login};

impl Layered {
    /// Whether there is an access key and nothing else to log in with. Clients of these clouds need no `auth_type` then.
    pub(super) fn has_only_an_access_key(&self) -> bool {
        let has = |key| self.option(key).is_some();
        has("ak") && has("sk") && !has("password") && !has("token")
    }

    /// Everything for a login with an access key.
    pub(super) fn access_key(&self) -> Result<Login, ConfigError> {
        let key: AccessKey = self.options()?;
        let project = self.name_or_id("project");
        let (auth_url, region) = (self.iam()?, self.region_of_key()?);
        let nothing_known = project.is_empty() && region.is_none();
        let address_known = self.image_endpoint()?.is_some() && project.id.is_some();
        if nothing_known || (auth_url.is_none() && !address_known) {
            return Err(match region {
                Some(region) => self.unknown_region(&region),
                None => self.no_region(),
            });
        }
        Ok(Login::AccessKey { auth_url, key, project })
    }

    /// The image service's address, where the login is by access key and no address is configured.
    pub(super) fn endpoint_of_key(&self) -> Result<Option<String>, ConfigError> {
        if self.auth_type() != "aksk" {
            return Ok(None);
        }
        let region = self.region_of_key()?;
        Ok(self.iam()?.and_then(|iam| huawei::ims(&iam, region.as_deref())))
    }

    /// The region of the images: `image_region_name`, else the one chosen, else what an access key needs.
    pub(super) fn region_of_images(&self) -> Result<Option<String>, ConfigError> {
        match self.expanded("image_region_name")? {
            None if self.auth_type() == "aksk" => self.region_of_key(),
            None => Ok(self.region().map(str::to_owned)),
            region => Ok(region),
        }
    }

    /// The region: as chosen, else the one in IAM's address.
    pub(super) fn region_of_key(&self) -> Result<Option<String>, ConfigError> {
        if let Some(chosen) = self.region() {
            return Ok(Some(chosen.to_owned()));
        }
        Ok(self.option_address("auth_url")?.and_then(|iam| huawei::region(&iam)))
    }

    /// IAM's address: as configured, else by region.
    pub(super) fn iam(&self) -> Result<Option<String>, ConfigError> {
        match self.option_address("auth_url")? {
            None => Ok(self.region_of_key()?.and_then(|region| huawei::iam(&region))),
            configured => Ok(configured),
        }
    }

    fn unknown_region(&self, region: &str) -> ConfigError {
        let hint = did_you_mean(region, huawei::regions());
        self.source.wrong(
            format!(
                "has no IAM address: sharelock does not know the one of region `{region}`{hint}"
            ),
            format!("set {} to IAM's address, https://HOST/v3", self.source.key("auth.auth_url")),
        )
    }

    fn no_region(&self) -> ConfigError {
        self.source.missing(
            "region_name",
            "add it, or use `--region`: an access key works in one region at a time",
        )
    }
}
