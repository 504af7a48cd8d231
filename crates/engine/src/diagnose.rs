//! What works at a configured cloud, found out with a login and one light request. Nothing is changed, and no right to
//! change is tried.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::task::JoinHandle;

use super::connect::{find_service, image_base, transport};
use super::login::{self, LoggedIn};
use super::{cleartext, login_overrides, now, secret};
use cloud::auth::{AuthError, Credentials, Login, Method, Session};
use cloud::clients::{self, CloudError, Look, Service};
use cloud::config::{CloudEntry, Clouds, KindSource};
use cloud::http::Client;
use domain::{CloudKind, Failure, Moment, Text};

/// A cloud that takes longer than this is told as one that does not answer. Each cloud has its own.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Clocks that differ by more are told. In seconds.
const MAX_SKEW_SECONDS: i64 = 60;

/// What was found out about one cloud. What was not reached is `None` or empty.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// Its name in the configuration.
    pub cloud: String,
    /// The region.
    pub region: Option<String>,
    /// Name of the user.
    pub user: Option<Text>,
    /// Id of the project.
    pub project_id: Option<Text>,
    /// Its name.
    pub project_name: Option<Text>,
    /// Names of the user's roles there.
    pub roles: Vec<Text>,
    /// Which API it speaks.
    pub kind: Option<CloudKind>,
    /// What told it; `None` with a kind: the cloud itself, when it was asked.
    pub kind_source: Option<KindSource>,
    /// Root of the image service.
    pub endpoint: Option<String>,
    /// How long a list of one image took.
    pub latency: Option<Duration>,
    /// Seconds that this machine's clock is ahead of the cloud's; negative when it is behind. Within a second the
    /// cloud's answer does not tell.
    pub ahead: Option<i64>,
    /// Whether images can be listed.
    pub can_list: Option<bool>,
    /// Whether shares can be changed, as far as the roles tell.
    pub can_change: Option<bool>,
    /// Whether the service's certificate is checked; `None` where nothing is encrypted.
    pub tls_verified: Option<bool>,
    /// Why it does not work.
    pub troubles: Vec<Failure>,
    /// What the user should know although it works.
    pub remarks: Vec<Failure>,
}

impl Diagnosis {
    /// Whether one can log in and list images.
    pub fn works(&self) -> bool {
        self.troubles.is_empty()
    }
}

/// Looks at these clouds, all at once; the answers are in the order of the names. `region` is that of every one,
/// where given; `code` is a one-time code, which is for one cloud alone.
pub async fn check(
    clouds: Clouds,
    names: Vec<String>,
    region: Option<String>,
    read_only: bool,
    code: Option<SecretString>,
    deadline: Duration,
) -> Vec<Diagnosis> {
    let clouds = Arc::new(clouds);
    let start = |name: String| {
        let (clouds, region, code) = (Arc::clone(&clouds), region.clone(), code.clone());
        let of = name.clone();
        // A task each: reading certificates for one must not count as another's latency.
        let task = tokio::spawn(async move {
            check_one(&clouds, &name, region.as_deref(), read_only, code, deadline).await
        });
        (of, task)
    };
    let running: Vec<_> = names.into_iter().map(start).collect();
    let mut found = Vec::new();
    for (name, task) in running {
        found.push(ended(name, task).await);
    }
    found
}

async fn ended(name: String, task: JoinHandle<Diagnosis>) -> Diagnosis {
    task.await.unwrap_or_else(|error| {
        let trouble = Failure::new(format!("check cloud {name}"), error.to_string());
        Diagnosis { cloud: name, troubles: vec![trouble], ..Diagnosis::default() }
    })
}

async fn check_one(
    clouds: &Clouds,
    name: &str,
    region: Option<&str>,
    read_only: bool,
    code: Option<SecretString>,
    deadline: Duration,
) -> Diagnosis {
    let mut found = Diagnosis { cloud: name.to_owned(), ..Diagnosis::default() };
    let mut entry = match secret::entry(clouds, name, region, None).await {
        Ok(ready) => {
            found.remarks = ready.remarks;
            ready.entry
        }
        Err(refused) => {
            found.remarks = refused.remarks;
            found.troubles.push(refused.failure);
            return found;
        }
    };
    entry.settings.read_only |= read_only;
    if let Err(failure) = login_overrides::set_passcode(&mut entry, code) {
        found.troubles.push(failure);
        return found;
    }
    let looked = tokio::time::timeout(deadline, found.run(&entry)).await;
    match looked {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => found.troubles.push(failure),
        Err(_) => found.troubles.push(out_of_time(name, deadline)),
    }
    found
}

fn out_of_time(name: &str, deadline: Duration) -> Failure {
    let why = format!("it has not answered everything within {} s", deadline.as_secs_f32());
    Failure::new(format!("check cloud {name}"), why)
        .with_hint("check the address, the network and the proxy settings")
}

impl Diagnosis {
    /// Writes down what it finds on the way, so that what was found stays when something fails later.
    async fn run(&mut self, entry: &CloudEntry) -> Result<(), Failure> {
        let what = format!("log in to cloud {}", entry.name);
        self.region.clone_from(&entry.region);
        (self.kind, self.kind_source) = (entry.kind, entry.kind_source);
        self.warn_of_tls(entry);
        self.remarks.extend(cleartext::login(entry)?);
        let http =
            Client::new(transport(entry)).map_err(|error| AuthError::from(error).failure(&what))?;
        let LoggedIn { auth, session, .. } =
            login::log_in_with_retries(entry, &http).await.map_err(|error| error.failure(&what))?;
        self.logged_in(&session);
        let base = image_base(entry, &session)?;
        let endpoint = base.to_string();
        self.remarks.extend(cleartext::images(entry, &endpoint)?);
        self.tls_verified = endpoint.starts_with("https:").then_some(!entry.tls.insecure);
        self.endpoint = Some(endpoint);
        let service = Service::new(http, auth, base);
        let (kind, service) = find_service(entry, service, &what).await?;
        self.endpoint = Some(service.base().to_string());
        self.kind = Some(kind);
        self.list(entry, &service, kind).await?;
        self.check_permissions(entry, kind);
        Ok(())
    }

    fn logged_in(&mut self, session: &Session) {
        self.user.clone_from(&session.user);
        self.project_id = Some(session.project_id.0.clone());
        self.project_name.clone_from(&session.project_name);
        self.roles.clone_from(&session.roles);
    }

    async fn list(
        &mut self,
        entry: &CloudEntry,
        service: &Service,
        kind: CloudKind,
    ) -> Result<(), Failure> {
        match clients::look(service, kind).await {
            Ok(look) => {
                self.can_list = Some(true);
                self.timed(look);
                Ok(())
            }
            Err(error) => {
                self.can_list = matches!(error, CloudError::Forbidden(_)).then_some(false);
                Err(error.failure(format!("list the images of cloud {}", entry.name)))
            }
        }
    }

    fn timed(&mut self, look: Look) {
        self.latency = Some(look.took);
        self.ahead = look.date.map(|date| ahead(now(), look.took, date));
        if let Some(ahead) = self.ahead.filter(|ahead| ahead.abs() > MAX_SKEW_SECONDS) {
            let which = if ahead > 0 { "ahead of" } else { "behind" };
            let why = format!("clock skew: this machine is {} s {which} the cloud", ahead.abs());
            let hint = "enable NTP; signed requests are refused beyond 15 min";
            self.remarks.push(Failure::warning(why).with_hint(hint));
        }
    }

    fn warn_of_tls(&mut self, entry: &CloudEntry) {
        if entry.tls.insecure {
            let why = "TLS verification is off for this cloud";
            let hint = "set `cacert` to the file of its CA and remove `verify: false`";
            self.remarks.push(Failure::warning(why).with_hint(hint));
        }
    }

    fn check_permissions(&mut self, entry: &CloudEntry, kind: CloudKind) {
        let allowed = clients::may_change(kind, &self.roles);
        self.can_change = if entry.settings.read_only { Some(false) } else { allowed };
        if allowed == Some(false) {
            let (why, hint) = clients::missing_role(kind);
            self.remarks.push(Failure::new("change shares", why).with_hint(hint));
        }
        if entry.settings.read_only {
            let hint = "leave out `--read-only` and `read_only` to change something";
            let why = "it is set to read-only";
            self.remarks.push(Failure::new("change shares", why).with_hint(hint));
        }
        let is_token = |credentials: &Credentials| matches!(credentials.method, Method::Token(_));
        if matches!(&entry.login, Login::Keystone { credentials, .. } if is_token(credentials)) {
            let why = "it is a token, which cannot renew itself";
            let hint = "use a password or an application credential for long work";
            self.remarks.push(Failure::new("keep the login", why).with_hint(hint));
        }
    }
}

/// Seconds that a clock saying `now` at the end of a request is ahead of one that said `date` in its middle. Dates have
/// no fraction, so half a second is taken.
fn ahead(now: Moment, took: Duration, date: Moment) -> i64 {
    let middle = now.0 - i64::try_from(took.as_millis() / 2).unwrap_or(0);
    let difference = middle - (date.0 + 500);
    if difference.abs() <= 1000 { 0 } else { difference / 1000 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_server::{Reply, Server, json};

    #[tokio::test]
    async fn a_cloud_that_never_answers_is_told_at_its_deadline_and_delays_no_other() {
        let silent = Server::start(|_| Reply::Silence(Vec::new())).await;
        let quick = Server::start(|_| json(401, r#"{"error":{"message":"no"}}"#)).await;
        let auth = "username: u, password: hunter2, project_name: p";
        let entry =
            |name: &str, url: &str| format!("  {name}: {{auth: {{auth_url: {url}/v3, {auth}}}}}\n");
        let yaml =
            format!("clouds:\n{}{}", entry("silent", &silent.url), entry("quick", &quick.url));
        let clouds = Clouds::from_yaml_text(&yaml, "test").unwrap();
        let names = vec!["silent".to_owned(), "quick".to_owned()];

        let deadline = Duration::from_millis(300);
        let found = check(clouds, names, None, false, None, deadline).await;

        assert_eq!(found[0].cloud, "silent");
        assert!(found[0].troubles[0].to_string().contains("within 0.3 s"), "{found:?}");
        assert!(found[1].troubles[0].to_string().contains("refused"), "{found:?}");
        assert!(!format!("{found:?}").contains("hunter2"));
    }

    #[test]
    fn clocks_are_compared_in_the_middle_of_the_request() {
        let date = Moment(1_000_000);
        let took = Duration::from_secs(4);
        let at = |seconds: i64| ahead(Moment(date.0 + 500 + 2000 + 1000 * seconds), took, date);
        assert_eq!((at(0), at(1), at(-1)), (0, 0, 0));
        assert_eq!((at(90), at(-3600)), (90, -3600));
    }
}
