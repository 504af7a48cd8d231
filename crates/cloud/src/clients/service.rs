//! The image service as a place requests go to: address, proof, one renewal of it, and what a status means.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::base::Base;
use super::list_stream::{ListStream, Listed, Row};
use super::{CloudError, error_body};
use crate::auth::{Auth, Generation};
use crate::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use crate::http::{Answer, Client, HttpError, Intake, Method, Redaction, Request, Url};
use domain::ApiRequest;

/// Where requests go and who sends them. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    http: Client,
    auth: Arc<dyn Auth>,
    base: Base,
    not_covered: Arc<NotCovered>,
    /// Entries of a page, at most.
    page_limit: Arc<AtomicUsize>,
}

/// Calls that were refused with 401 right after the login was renewed, and which login that was. It is not renewed again
/// for them: an application credential whose access rules lack a call gets 401 for it with every token.
#[derive(Default)]
struct NotCovered(Mutex<HashMap<String, Generation>>);

impl NotCovered {
    fn is_known(&self, call: &str, login: Generation) -> bool {
        self.calls().get(call) == Some(&login)
    }

    fn add(&self, call: String, login: Generation) {
        self.calls().insert(call, login);
    }

    fn remove(&self, call: &str) {
        self.calls().remove(call);
    }

    fn calls(&self) -> std::sync::MutexGuard<'_, HashMap<String, Generation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What access rules tell apart: the method and the path, whatever its IDs are.
fn call_of(request: &Request) -> String {
    const WORDS: [&str; 12] = [
        "v1",
        "v2",
        "v3",
        "images",
        "cloudimages",
        "members",
        "jobs",
        "job",
        "quota",
        "auth",
        "projects",
        "schemas",
    ];
    let segments = request.url().path().split('/').filter(|segment| !segment.is_empty());
    let path: Vec<&str> =
        segments.map(|part| if WORDS.contains(&part) { part } else { "*" }).collect();
    format!("{} /{}", request.method(), path.join("/"))
}

/// Where the body of a success goes: to who reads a list, else into the answer.
type Into<'a> = Option<&'a mut dyn Intake>;

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("base", &self.base.to_string()).finish_non_exhaustive()
    }
}

impl Service {
    /// The service at `base`.
    pub fn new(http: Client, auth: Arc<dyn Auth>, base: Base) -> Self {
        Self {
            http,
            auth,
            base,
            not_covered: Arc::default(),
            page_limit: Arc::new(usize::MAX.into()),
        }
    }

    /// The same service at another address of its host.
    pub(super) fn moved_to(&self, base: Base) -> Self {
        Self { base, ..self.clone() }
    }

    /// Its address.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// How many entries a page may have, at most, because larger ones took too long.
    pub(super) fn page_limit(&self) -> usize {
        self.page_limit.load(Ordering::Relaxed)
    }

    /// Requests no larger pages from now on.
    pub(super) fn limit_pages(&self, most: usize) {
        self.page_limit.fetch_min(most, Ordering::Relaxed);
    }

    /// Reads a path of the service; a status that is no success is an error.
    pub(super) async fn get(&self, path_and_query: &str) -> Result<Answer, CloudError> {
        let url = self.base.at(path_and_query)?;
        succeeded(self.read(None, Request::new(Method::GET, url)).await?)
    }

    /// Reads a page of a list while it arrives, for it may be long; the answer has no body.
    pub(super) async fn get_list<T: Row, E: DeserializeOwned>(
        &self,
        path_and_query: &str,
    ) -> Result<(Answer, Listed<T, E>), CloudError> {
        let request = Request::new(Method::GET, self.base.at(path_and_query)?);
        let mut list = ListStream::new();
        let answer = succeeded(self.read(Some(&mut list), request).await?)?;
        listed(list, answer)
    }

    /// The same, and a 401 is an answer like any other: what is nice to know must not end a login that others need.
    pub(super) async fn get_list_as_it_is<T: Row, E: DeserializeOwned>(
        &self,
        path_and_query: &str,
    ) -> Result<(Answer, Listed<T, E>), CloudError> {
        let mut request = Request::new(Method::GET, self.base.at(path_and_query)?);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let mut list = ListStream::new();
        let never = CancellationToken::new();
        let (answer, _) = self.send_once(&mut Some(&mut list), request, &never).await?;
        let answer = succeeded(answer)?;
        listed(list, answer)
    }

    /// Reads a document about versions, which services answer with 300 at their root. Needs no login, so that a 401
    /// renews none.
    pub(super) async fn version_document(&self, url: Url) -> Result<Answer, CloudError> {
        let mut request = Request::new(Method::GET, url);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let never = CancellationToken::new();
        let (answer, _) = self.send_once(&mut None, request, &never).await?;
        if answer.status.as_u16() == 300 { Ok(answer) } else { succeeded(answer) }
    }

    /// Sends a change exactly as it was shown. Sent once; after a 401, which says that it was not carried out,
    /// once more with a new proof. Neither leaves once `stop` is cancelled, and a login that they wait for is given up.
    pub(super) async fn change(
        &self,
        shown: &ApiRequest,
        stop: &CancellationToken,
    ) -> Result<Answer, CloudError> {
        let method = Method::from_bytes(shown.method.as_bytes())
            .map_err(|_| CloudError::NotSent(format!("no method {}", shown.method)))?;
        let mut request = Request::new(method, self.base.at(&shown.path)?);
        if let Some(body) = &shown.body {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            *request.body_mut() = Some(body.clone().into());
        }
        succeeded(self.send_to(None, request, stop).await?)
    }

    async fn read(&self, into: Into<'_>, request: Request) -> Result<Answer, CloudError> {
        self.send_to(into, request, &CancellationToken::new()).await
    }

    /// A 401 renews the login once, and the second response counts, also for the same call later on. Where the login
    /// cannot be renewed, it says why, and nothing is sent again.
    async fn send_to(
        &self,
        mut into: Into<'_>,
        mut request: Request,
        stop: &CancellationToken,
    ) -> Result<Answer, CloudError> {
        // Glance answers in JSON to exactly this (seen, Glance 33: `application/json, */*` gets HTML).
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let again = request.try_clone();
        let (answer, login) = self.send_once(&mut into, request, stop).await?;
        let Some(mut again) = again.filter(|_| answer.status.as_u16() == 401) else {
            return Ok(answer);
        };
        let call = call_of(&again);
        if self.not_covered.is_known(&call, login) {
            return Ok(answer);
        }
        let renewal = stop.run_until_cancelled(self.auth.renew(login, &answer));
        renewal.await.ok_or(CloudError::StoppedAfterRefusal)??;
        let login = self.authorize(&mut again, stop).await.map_err(CloudError::after_refusal)?;
        // Before the response, for others send the same call with this login meanwhile.
        self.not_covered.add(call.clone(), login);
        let answer = self.send_authorized(&mut into, again, stop).await;
        if !matches!(&answer, Ok(answer) if answer.status.as_u16() == 401) {
            self.not_covered.remove(&call);
        }
        answer.map_err(CloudError::after_refusal)
    }

    async fn authorize(
        &self,
        request: &mut Request,
        stop: &CancellationToken,
    ) -> Result<Generation, CloudError> {
        let login = stop.run_until_cancelled(self.auth.authorize(request));
        Ok(login.await.ok_or(CloudError::Stopped)??)
    }

    async fn send_once(
        &self,
        into: &mut Into<'_>,
        mut request: Request,
        stop: &CancellationToken,
    ) -> Result<(Answer, Generation), CloudError> {
        let login = self.authorize(&mut request, stop).await?;
        Ok((self.send_authorized(into, request, stop).await?, login))
    }

    async fn send_authorized(
        &self,
        into: &mut Into<'_>,
        request: Request,
        stop: &CancellationToken,
    ) -> Result<Answer, CloudError> {
        let proofs = Redaction::of(&request);
        // The last look before the HTTP client, which looks again while it waits for a connection.
        if stop.is_cancelled() {
            return Err(CloudError::Stopped);
        }
        let mut answer = match into {
            Some(intake) => self.http.read_list(request, *intake).await?,
            // Without a connection it has not left yet, so a stop is still in time.
            None => match self.http.send_unless_stopped(request, stop).await {
                Err(HttpError::Unreachable(_)) if stop.is_cancelled() => {
                    return Err(CloudError::Stopped);
                }
                answer => answer?,
            },
        };
        if !answer.status.is_success() {
            proofs.redact(&mut answer);
        }
        Ok(answer)
    }
}

fn succeeded(answer: Answer) -> Result<Answer, CloudError> {
    if answer.status.is_success() { Ok(answer) } else { Err(error_body::error(&answer)) }
}

fn listed<T: Row, E: DeserializeOwned>(
    list: ListStream<T, E>,
    answer: Answer,
) -> Result<(Answer, Listed<T, E>), CloudError> {
    match list.end() {
        Ok(listed) => Ok((answer, listed)),
        Err(trouble) => Err(trouble.of(&answer)),
    }
}

/// The body as JSON of a known shape. Text of the body does not get into the error.
pub(super) fn json<T: DeserializeOwned>(answer: &Answer) -> Result<T, CloudError> {
    serde_json::from_slice(&answer.body).map_err(|error| malformed(answer, &json_trouble(&error)))
}

pub(super) fn json_trouble(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => "it is cut off".into(),
        serde_json::error::Category::Data => "it has an unexpected structure".into(),
        _ => no_json(error.line(), error.column()),
    }
}

pub(super) fn no_json(line: usize, column: usize) -> String {
    format!("it is not JSON (line {line}, column {column})")
}

pub(super) fn malformed(answer: &Answer, message: &str) -> CloudError {
    CloudError::Malformed { message: message.to_owned(), request_id: answer.request_id.clone() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::auth::AuthError;
    use crate::http::Transport;
    use crate::http::testing::{Server, json};

    /// A login service that takes as long as the test wants: each login and each renewal needs a permit.
    struct Slow {
        logins: Arc<Semaphore>,
        renewals: Arc<Semaphore>,
    }

    #[async_trait]
    impl Auth for Slow {
        async fn authorize(&self, _: &mut Request) -> Result<Generation, AuthError> {
            self.logins.acquire().await.unwrap().forget();
            Ok(Generation::default())
        }

        async fn renew(&self, _: Generation, _: &Answer) -> Result<(), AuthError> {
            self.renewals.acquire().await.unwrap().forget();
            Ok(())
        }
    }

    struct Waiting {
        server: Server,
        logins: Arc<Semaphore>,
        renewals: Arc<Semaphore>,
        stop: CancellationToken,
        change: tokio::task::JoinHandle<Result<Answer, CloudError>>,
    }

    /// A change under way at a server that answers 401 to everything, with so many logins and renewals to be had.
    async fn waiting(logins: usize, renewals: usize) -> Waiting {
        let server = Server::start(|_| json(401, "{}")).await;
        let logins = Arc::new(Semaphore::new(logins));
        let renewals = Arc::new(Semaphore::new(renewals));
        let auth = Arc::new(Slow { logins: logins.clone(), renewals: renewals.clone() });
        let http = Client::new(Transport::default()).unwrap();
        let service = Service::new(http, auth, Base::parse(&server.url).unwrap());
        let stop = CancellationToken::new();
        let change = tokio::spawn({
            let stop = stop.clone();
            let shown =
                ApiRequest { method: "DELETE", path: "/v2/images/i/members/m".into(), body: None };
            async move { service.change(&shown, &stop).await }
        });
        Waiting { server, logins, renewals, stop, change }
    }

    #[tokio::test]
    async fn a_change_stopped_while_it_waits_for_the_login_does_not_leave() {
        let Waiting { server, logins, stop, change, .. } = waiting(0, 0).await;
        stop.cancel();
        logins.add_permits(1);

        let ended = change.await.unwrap();

        assert!(matches!(ended, Err(CloudError::Stopped)), "{ended:?}");
        assert_eq!(server.requests().len(), 0);
    }

    #[tokio::test]
    async fn a_change_refused_with_401_and_stopped_while_the_login_is_renewed_does_not_leave_again()
    {
        for logins in [1, 2] {
            let Waiting { server, renewals, stop, change, .. } = waiting(logins, 0).await;
            while server.requests().is_empty() {
                tokio::task::yield_now().await;
            }
            stop.cancel();
            renewals.add_permits(1);

            let ended = change.await.unwrap();

            assert!(matches!(ended, Err(CloudError::StoppedAfterRefusal)), "{ended:?}");
            assert_eq!(server.requests().len(), 1);
        }
    }

    /// A front that speaks TLS takes long for a handshake, and kept connections are in use meanwhile.
    #[tokio::test]
    async fn a_change_stopped_while_it_waits_for_a_connection_does_not_leave() {
        let front = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", front.local_addr().unwrap());
        let logins = Arc::new(Semaphore::new(1));
        let auth = Arc::new(Slow { logins, renewals: Arc::new(Semaphore::new(0)) });
        let patient = Duration::from_mins(10);
        let transport = Transport { connect: patient, whole: patient, ..Transport::default() };
        let http = Client::new(transport).unwrap();
        let service = Service::new(http, auth, Base::parse(&url).unwrap());
        let stop = CancellationToken::new();
        let shown = ApiRequest { method: "DELETE", path: "/v2/i".into(), body: None };
        let accept_and_stop = async {
            let (connection, _) = front.accept().await.unwrap();
            stop.cancel();
            connection
        };
        let both = async { tokio::join!(service.change(&shown, &stop), accept_and_stop) };

        let ended = tokio::time::timeout(Duration::from_mins(1), both).await;

        let (ended, _connection) = ended.unwrap();
        assert!(matches!(ended, Err(CloudError::Stopped)), "{ended:?}");
    }

    #[tokio::test]
    async fn a_change_that_is_not_stopped_is_sent_once_more_after_a_renewal() {
        let Waiting { server, change, .. } = waiting(2, 1).await;
        let ended = change.await.unwrap();
        assert!(matches!(ended, Err(CloudError::Unauthorized(_))), "{ended:?}");
        assert_eq!(server.requests().len(), 2);
    }
}
