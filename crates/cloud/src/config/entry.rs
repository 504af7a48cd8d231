//! The checked value: one cloud in one region.

use std::path::PathBuf;
use std::time::Duration;

use crate::auth::Login;
use domain::CloudKind;

/// One cloud in one region, fully resolved: nothing downstream looks at files or variables.
#[derive(Clone, Debug)]
pub struct CloudEntry {
    /// Its name in `clouds.yaml`.
    pub name: String,
    /// The region chosen; `None` takes the first match of the catalog.
    pub region: Option<String>,
    /// `image_sharing_api`, else derived from the profile or a host name, else `None`: probe.
    pub kind: Option<CloudKind>,
    /// Where the kind comes from.
    pub kind_source: Option<KindSource>,
    /// How to log in.
    pub login: Login,
    /// Interfaces in order of preference: `public`, `internal`, `admin`.
    pub interfaces: Vec<String>,
    /// `image_service_type`; `image` by default.
    pub service_type: String,
    /// `image_service_name`, where given.
    pub service_name: Option<String>,
    /// `image_endpoint_override`: used instead of the catalog.
    pub endpoint: Option<String>,
    /// Certificates.
    pub tls: Tls,
    /// `api_timeout`: the deadline of a whole answer.
    pub timeout: Option<Duration>,
    /// The enterprise project whose images IMS lists: `enterprise_project_id` of the entry or of `config.toml`, else
    /// `HW_ENTERPRISE_PROJECT_ID`. `None`: all that the user may see.
    pub enterprise_project: Option<String>,
    /// From `config.toml`.
    pub settings: CloudSettings,
}

/// How the API of a cloud is known without a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindSource {
    /// `image_sharing_api`.
    Entry,
    /// The vendor's profile.
    Profile,
    /// The host name of an address.
    HostName,
    /// The login, which only one kind of cloud has: an access key, or identity v2.0 of Rackspace.
    Login,
}

/// How certificates are checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// `verify: false` or `insecure: true` is set.
    pub insecure: bool,
    /// `cacert`, `verify`, or a variable for it.
    pub ca: Option<CaFile>,
    /// `cert`: the client's certificate.
    pub cert: Option<PathBuf>,
    /// `key`: its key, where it is not in the same file.
    pub key: Option<PathBuf>,
}

/// A file or folder of CA certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaFile {
    /// Where it is.
    pub path: PathBuf,
    /// The key or variable that names it, for messages.
    pub setting: &'static str,
}

/// `[clouds.NAME]` of `config.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudSettings {
    /// Nothing may be changed on this cloud.
    pub read_only: bool,
    /// Its name must be typed to confirm.
    pub protected: bool,
    /// Connections that are not encrypted are refused; `None`: as for all clouds.
    pub require_tls: Option<bool>,
    /// Requests at the same time, at most; 16 by default.
    pub concurrency: Option<usize>,
    /// Prints the secret of the login, where neither file nor variable has it.
    pub password_command: Option<PasswordCommand>,
    /// Images in one batch, at most.
    pub batch_images: Option<usize>,
    /// Members in one batch, at most.
    pub batch_members: Option<usize>,
    /// See [`CloudEntry::enterprise_project`].
    pub enterprise_project_id: Option<String>,
}

/// A program and its arguments, run without a shell; never empty. `Debug` shows only the program.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordCommand(pub Vec<String>);

impl PasswordCommand {
    /// The program.
    pub fn program(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }
}

impl std::fmt::Debug for PasswordCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PasswordCommand({:?})", self.program())
    }
}
