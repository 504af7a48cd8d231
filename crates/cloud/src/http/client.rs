//! The client: one for all requests to one cloud, so that connections are kept.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Method, Request, Url, redirect, retry};
use tokio_util::sync::CancellationToken;

use super::memory_budget::Rooms;
use super::proxy::Proxies;
use super::stop::{StoppableConnector, until};
use super::tls::Certificates;
use super::{Answer, HttpError, Intake, Transport};

/// Connections kept to a host while nothing is sent. Fifty open scopes must not reach a usual limit of open files.
pub(super) const MOST_IDLE: usize = 4;
/// How long they are kept.
const IDLE: Duration = Duration::from_secs(20);

/// Sends requests, each once. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    settings: Transport,
    certificates: Certificates,
    proxies: Proxies,
    /// Made when first needed, for reading the system's certificates takes a while: see [`Inner::place`].
    clients: [OnceLock<reqwest::Client>; 4],
    /// The cloud was seen to send more after an answer than belongs to it: a kept connection may hold remains that
    /// would be taken for the next answer.
    distrusted: AtomicBool,
    rooms: Rooms,
}

impl Inner {
    /// `http://` on this machine goes past every proxy and needs no certificates; a fresh connection is one that
    /// nothing was sent on before.
    fn place(&self, local: bool, fresh: bool) -> &OnceLock<reqwest::Client> {
        &self.clients[usize::from(local) + 2 * usize::from(fresh)]
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Client").field(&self.0.settings).finish()
    }
}

impl Client {
    /// A client. Errors when a certificate file cannot be used.
    pub fn new(settings: Transport) -> Result<Self, HttpError> {
        Self::with_proxies(settings, Proxies::of_process())
    }

    pub(super) fn with_proxies(settings: Transport, proxies: Proxies) -> Result<Self, HttpError> {
        let certificates = Certificates::read(&settings)?;
        let (clients, distrusted) = (Default::default(), AtomicBool::new(false));
        let rooms = Rooms::default();
        Ok(Self(Arc::new(Inner { settings, certificates, proxies, clients, distrusted, rooms })))
    }

    /// Sends a request and reads the whole answer. Refuses everything but GET and HEAD when read-only. A redirect
    /// of a read within the same origin is followed; any other is an error.
    pub async fn send(&self, request: Request) -> Result<Answer, HttpError> {
        self.allow(&request)?;
        self.whole(request).await
    }

    /// As [`Client::send`]. When `stop` is cancelled while the request waits for a connection, it does not leave:
    /// [`HttpError::Unreachable`]. Once it has a connection, its answer is awaited.
    pub async fn send_unless_stopped(
        &self,
        request: Request,
        stop: &CancellationToken,
    ) -> Result<Answer, HttpError> {
        until(stop, self.send(request)).await
    }

    /// Reads a page of a list, which may be longer than other answers: what a success says goes to `intake`, and is
    /// whole unless this is an error or `intake` wanted no more.
    pub async fn read_list(
        &self,
        request: Request,
        intake: &mut dyn Intake,
    ) -> Result<Answer, HttpError> {
        self.allow(&request)?;
        self.exchange(request, self.0.settings.max_list, intake).await
    }

    /// Sends a login: a POST that changes nothing, and so is allowed when read-only. For `auth` alone.
    pub async fn log_in(&self, request: Request) -> Result<Answer, HttpError> {
        self.whole(request).await
    }

    async fn whole(&self, request: Request) -> Result<Answer, HttpError> {
        let mut body = Vec::new();
        let answer = self.exchange(request, self.0.settings.max_answer, &mut body).await?;
        Ok(if answer.status.is_success() { Answer { body, ..answer } } else { answer })
    }

    fn allow(&self, request: &Request) -> Result<(), HttpError> {
        if self.0.settings.read_only && ![Method::GET, Method::HEAD].contains(request.method()) {
            return Err(HttpError::ReadOnly(request.method().to_string()));
        }
        Ok(())
    }

    pub(super) fn rooms(&self) -> &Rooms {
        &self.0.rooms
    }

    pub(super) fn settings(&self) -> &Transport {
        &self.0.settings
    }

    /// The client for a request. Reads may use any connection, for they are repeated; a change whose answer was
    /// the remains of another would count as lost.
    pub(super) fn for_request(&self, request: &Request) -> Result<&reqwest::Client, HttpError> {
        let url = request.url();
        let local = url.scheme() == "http" && is_loopback(url);
        if !local {
            self.0.proxies.route(url)?;
        }
        let fresh = !request.method().is_safe() && self.0.distrusted.load(Ordering::Relaxed);
        let place = self.0.place(local, fresh);
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let client = if local {
            built(self.builder(fresh).no_proxy().tls_certs_only([]))?
        } else {
            self.build_remote(fresh)?
        };
        Ok(place.get_or_init(|| client))
    }

    /// From now on no change uses a connection that was used before.
    pub(super) fn distrust_kept_connections(&self) {
        if !self.0.distrusted.swap(true, Ordering::Relaxed) {
            tracing::warn!("the cloud sends bodies with 204: changes get a connection each");
        }
    }

    /// The proxy for an address, once [`Client::for_request`] has found it usable.
    pub(super) fn proxy(&self, url: &Url) -> Option<Url> {
        let local = url.scheme() == "http" && is_loopback(url);
        if local { None } else { self.0.proxies.route(url).ok().flatten() }
    }

    /// Makes the library ask [`Proxies`] for every address. On macOS the system's settings apply where no variable is set.
    fn through_proxies(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        if self.0.proxies.is_empty() {
            return if cfg!(target_os = "macos") { builder } else { builder.no_proxy() };
        }
        let proxies = self.0.proxies.clone();
        // An unusable proxy was an error before: see `for_request`.
        builder.proxy(reqwest::Proxy::custom(move |url| proxies.route(url).ok().flatten()))
    }

    fn build_remote(&self, fresh: bool) -> Result<reqwest::Client, HttpError> {
        let builder = || self.through_proxies(self.builder(fresh));
        let settings = &self.0.settings;
        let built = built(self.0.certificates.apply(builder(), settings.insecure));
        match &self.0.certificates {
            Certificates::System { .. } if !settings.insecure => built.or_else(|error| {
                tracing::warn!(%error, "cannot use this machine's CA certificates: install them or set `cacert`");
                self::built(builder().tls_certs_only([]))
            }),
            _ => built,
        }
    }

    fn builder(&self, fresh: bool) -> reqwest::ClientBuilder {
        let settings = &self.0.settings;
        reqwest::Client::builder()
            .user_agent(concat!("sharelock/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .connector_layer(tower_layer::layer_fn(StoppableConnector))
            .connect_timeout(settings.connect.min(settings.whole))
            .read_timeout(settings.silence)
            .timeout(settings.whole)
            .pool_max_idle_per_host(if fresh { 0 } else { MOST_IDLE })
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
    }
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, HttpError> {
    builder.build().map_err(|error| {
        HttpError::Settings(format!("cannot set up TLS: {}", super::error::innermost(&error)))
    })
}

/// Loopback by address, or the name that always means it.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
