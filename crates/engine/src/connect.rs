//! From the name of a cloud to a login.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use secrecy::SecretString;

use super::login::{self, LoggedIn};
use super::otp_sessions::OtpSessions;
use super::secret::{self, EntryWithSecret};
use super::{CloudChoice, MissingCredential, Target, cleartext, login_overrides};
use cloud::auth::{AuthError, Login, Session};
use cloud::clients::catalog::{self, Wanted};
use cloud::clients::{self, Base, CloudError, Directory, ImageCloud, Service};
use cloud::config::{CloudEntry, Clouds, Complaint, ConfigError, MissingSecret};
use cloud::http::{self, Ca, Client, Transport};
use domain::{CloudKind, Failure, Limits, Scope};

/// Requests at the same time where the settings do not say; a real cloud's answer takes tens of milliseconds,
/// and a small one is slowed down by itself.
const CONCURRENCY: usize = 16;

/// Who knows the configured clouds and can log in to them.
#[async_trait]
pub trait Connector: Send + Sync + 'static {
    /// The configured clouds, and the one opened when none is named.
    async fn choices(&self) -> Result<(Vec<CloudChoice>, Option<String>), Failure>;

    /// What the user should know before anything is sent.
    async fn warnings(&self, _: &Target) -> Vec<Failure> {
        Vec::new()
    }

    /// Logs in.
    async fn open(&self, target: &Target) -> Result<Connected, Refused>;
}

/// Why there is no login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub failure: Failure,
    /// What is missing, or was not good.
    pub missing: Option<MissingCredential>,
    /// What the user should know about the configuration.
    pub remarks: Vec<Failure>,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, missing: None, remarks: Vec::new() }
    }
}

impl From<ConfigError> for Refused {
    fn from(error: ConfigError) -> Self {
        Failure::from(error).into()
    }
}

/// A login that worked.
pub struct Connected {
    /// Where it is.
    pub scope: Scope,
    /// The cloud, ready for requests.
    pub cloud: Arc<dyn ImageCloud>,
    /// Who knows projects and their names.
    pub directory: Directory,
    /// Requests at the same time, at most.
    pub concurrency: usize,
    /// Regions of the image service by the catalog of the login; none where there is no catalog.
    pub regions: Vec<String>,
    /// What the user should know about the configuration although it works.
    pub remarks: Vec<Failure>,
}

/// What the command line says about which cloud, and how.
#[derive(Clone, Debug, Default)]
pub struct Preference {
    /// `--cloud`: the cloud to open when none is named.
    pub cloud: Option<String>,
    /// `--region`: the region of that cloud.
    pub region: Option<String>,
    /// `--read-only`: change nothing anywhere.
    pub read_only: bool,
}

type Loading = Shared<BoxFuture<'static, Result<Arc<Clouds>, Failure>>>;

/// The clouds of the configuration. They are loaded when first asked for, once.
#[derive(Clone)]
pub struct Configured {
    clouds: Loading,
    preference: Preference,
    otp_sessions: OtpSessions,
    typed: TypedSecrets,
}

/// The secrets that the user typed, by cloud.
#[derive(Clone, Default)]
struct TypedSecrets(Arc<Mutex<BTreeMap<String, SecretString>>>);

impl TypedSecrets {
    fn get(&self, cloud: &str) -> Option<SecretString> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(cloud).cloned()
    }

    fn keep(&self, cloud: &str, secret: &SecretString) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(cloud.to_owned(), secret.clone());
    }

    fn forget(&self, cloud: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(cloud);
    }
}

impl Configured {
    /// `clouds` reads the configuration, or starts the embedded cloud.
    pub fn new(
        clouds: impl Future<Output = Result<Clouds, Failure>> + Send + 'static,
        preference: Preference,
    ) -> Self {
        let clouds = async { clouds.await.map(Arc::new) }.boxed().shared();
        Self {
            clouds,
            preference,
            otp_sessions: OtpSessions::default(),
            typed: TypedSecrets::default(),
        }
    }

    async fn log_in(
        &self,
        entry: CloudEntry,
        new_code: bool,
        typed: Option<MissingSecret>,
    ) -> Result<Connected, Refused> {
        let what = format!("log in to cloud {}", entry.name);
        let login_in_clear = cleartext::login(&entry)?;
        let http = Client::new(transport(&entry))
            .map_err(|error| AuthError::from(error).failure(&what))?;
        let LoggedIn { auth, session, directory } =
            login::log_in_or_reuse(&entry, http.clone(), &self.otp_sessions, new_code)
                .await
                .map_err(|error| {
                    let refused = typed.filter(|_| error.refuses_secret());
                    if refused.is_some() {
                        self.typed.forget(&entry.name);
                    }
                    let code = error.asks_code().then_some(MissingCredential::Passcode);
                    Refused {
                        missing: code.or(refused.map(MissingCredential::Secret)),
                        ..error.failure(&what).into()
                    }
                })?;
        let base = image_base(&entry, &session)?;
        let images_in_clear = cleartext::images(&entry, &base.to_string())?;
        let encrypted = login_in_clear.is_none() && images_in_clear.is_none();
        let service = Service::new(http, auth, base);
        let (kind, service) = find_service(&entry, service, &what).await?;
        let base = service.base().clone();
        let (project, eps) = (session.project_id.clone(), entry.enterprise_project.clone());
        let cloud = clients::connect(kind, service, project, limits(&entry), eps);
        let concurrency = entry.settings.concurrency.unwrap_or(CONCURRENCY);
        let scope = Scope { encrypted, ..scope(&entry, &session, &base, kind) };
        let regions = catalog::image_regions(&session.catalog, &wanted(&entry));
        Ok(Connected {
            scope,
            cloud,
            directory,
            concurrency,
            regions,
            remarks: images_in_clear.into_iter().collect(),
        })
    }

    /// The cloud and the region that a target means.
    fn named<'a>(
        &'a self,
        clouds: &'a Clouds,
        target: &'a Target,
    ) -> Result<(&'a str, Option<&'a str>), Failure> {
        let default = self.default(clouds);
        let name = target.cloud.as_deref().or(default).ok_or_else(|| no_choice(clouds))?;
        let preferred = self.preference.region.as_deref().filter(|_| default == Some(name));
        Ok((name, target.region.as_deref().or(preferred)))
    }

    fn default<'a>(&'a self, clouds: &'a Clouds) -> Option<&'a str> {
        self.preference.cloud.as_deref().or_else(|| clouds.default_name())
    }
}

#[async_trait]
impl Connector for Configured {
    async fn choices(&self) -> Result<(Vec<CloudChoice>, Option<String>), Failure> {
        let clouds = self.clouds.clone().await?;
        let choices = clouds.choices().into_iter().map(|choice| CloudChoice {
            name: choice.name,
            regions: choice.regions,
            about: choice.problem.map_or(choice.about, |problem| problem.to_string()),
        });
        Ok((choices.collect(), self.default(&clouds).map(str::to_owned)))
    }

    async fn warnings(&self, target: &Target) -> Vec<Failure> {
        let mut warnings = http::proxy_warnings();
        let clouds = self.clouds.clone().await;
        let entry = clouds.ok().and_then(|clouds| {
            let (name, region) = self.named(&clouds, target).ok()?;
            // What is warned of does not depend on the secret.
            clouds.entry_given(name, region, Some(&"not given".into())).0.ok()
        });
        // An error comes again from `open`.
        warnings.extend(entry.and_then(|entry| cleartext::login(&entry).ok().flatten()));
        warnings
    }

    async fn open(&self, target: &Target) -> Result<Connected, Refused> {
        let clouds = self.clouds.clone().await?;
        let (name, region) = self.named(&clouds, target)?;
        if let Some(secret) = &target.secret {
            self.typed.keep(name, secret);
        }
        let EntryWithSecret { mut entry, remarks, typed } =
            secret::entry(&clouds, name, region, self.typed.get(name).as_ref()).await?;
        entry.settings.read_only |= self.preference.read_only;
        if let Some(project) = &target.project {
            login_overrides::set_project(&mut entry, project)?;
        }
        login_overrides::set_passcode(&mut entry, target.passcode.clone())?;
        let new_code = target.passcode.is_some();
        match self.log_in(entry, new_code, typed).await {
            Ok(mut connected) => {
                connected.remarks.splice(..0, remarks);
                Ok(connected)
            }
            Err(refused) => Err(Refused { remarks, ..refused }),
        }
    }
}

fn no_choice(clouds: &Clouds) -> Failure {
    let names: Vec<&str> = clouds.names().collect();
    Failure::new("choose a cloud", format!("several are configured: {}", names.join(", ")))
        .with_hint("use --cloud NAME or set OS_CLOUD")
}

pub(super) fn remark(complaint: &Complaint) -> Failure {
    Failure::new("use all of the configuration", complaint.why.clone())
        .with_hint(complaint.hint.clone())
}

pub(super) fn transport(entry: &CloudEntry) -> Transport {
    let standard = Transport::default();
    Transport {
        ca: entry.tls.ca.as_ref().map(|ca| Ca { path: ca.path.clone(), setting: ca.setting }),
        cert: entry.tls.cert.clone(),
        key: entry.tls.key.clone(),
        insecure: entry.tls.insecure,
        // A slow service is silent before its first byte.
        silence: entry.timeout.unwrap_or_default().max(standard.silence),
        whole: entry.timeout.unwrap_or(standard.whole),
        read_only: entry.settings.read_only,
        ..standard
    }
}

/// Which API there is, and where it is.
pub(super) async fn find_service(
    entry: &CloudEntry,
    service: Service,
    what: &str,
) -> Result<(CloudKind, Service), Failure> {
    let kind = find_kind(entry, &service, what).await?;
    Ok((kind, clients::locate(kind, service).await))
}

/// Which API there is. An access key that nothing was looked up with is tried with this one request, before many are
/// signed at the same time: five wrong signatures lock it.
async fn find_kind(
    entry: &CloudEntry,
    service: &Service,
    what: &str,
) -> Result<CloudKind, Failure> {
    let untried = match &entry.login {
        Login::AccessKey { project, .. } => project.id.is_some() && entry.endpoint.is_some(),
        _ => false,
    };
    match (entry.kind, untried) {
        (Some(kind), false) => Ok(kind),
        (known, _) => match (clients::probe(service).await, known) {
            (Err(CloudError::Login(error)), _) => Err(error.failure(what)),
            (_, Some(kind)) | (Ok(kind), None) => Ok(kind),
            (Err(error), None) => Err(unknown_kind(&error, entry)),
        },
    }
}

fn wanted(entry: &CloudEntry) -> Wanted<'_> {
    Wanted {
        service_type: &entry.service_type,
        service_name: entry.service_name.as_deref(),
        interfaces: &entry.interfaces,
        region: entry.region.as_deref(),
        endpoint: entry.endpoint.as_deref(),
    }
}

pub(super) fn image_base(entry: &CloudEntry, session: &Session) -> Result<Base, Failure> {
    catalog::image_base(&session.catalog, &wanted(entry))
        .map_err(|error| error.failure(format!("find the image service of cloud {}", entry.name)))
}

fn unknown_kind(error: &CloudError, entry: &CloudEntry) -> Failure {
    let failure = error.failure(format!("find out which image API cloud {} speaks", entry.name));
    match failure.hint {
        Some(_) => failure,
        None => {
            failure.with_hint("set `image_sharing_api: glance`, `ims` or `rackspace` in its entry")
        }
    }
}

pub(super) fn limits(entry: &CloudEntry) -> Limits {
    Limits {
        images: entry.settings.batch_images.unwrap_or(Limits::BATCH.images),
        members: entry.settings.batch_members.unwrap_or(Limits::BATCH.members),
    }
}

fn scope(entry: &CloudEntry, session: &Session, base: &Base, kind: CloudKind) -> Scope {
    Scope {
        cloud: entry.name.clone(),
        region: entry.region.clone(),
        kind,
        project_id: session.project_id.clone(),
        project_name: session.project_name.clone(),
        user: session.user.clone(),
        endpoint: base.to_string(),
        protected: entry.settings.protected,
        read_only: entry.settings.read_only,
        tls_verified: !entry.tls.insecure,
        encrypted: true,
    }
}
