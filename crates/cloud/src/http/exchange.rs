//! One exchange: send, follow a redirect where that is harmless, read the answer within its cap, log it.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, HeaderMap, LOCATION, TRANSFER_ENCODING};
use reqwest::{Method, Request, Response, StatusCode, Url};

use super::error::{Attempt, Cause};
use super::proxy::label;
use super::redaction::is_signed;
use super::tls::CLIENT_CERTIFICATE;
use super::{Answer, Client, HttpError, Intake, request_id};

/// Redirects followed in a row.
const MAX_HOPS: usize = 5;
/// Of an answer that is no success this much is kept, in bytes: its status says most, and a page without end must
/// not hide it.
const REFUSAL: usize = 64 << 10;

impl Client {
    /// `limit` is the most that an answer may be long, in bytes. `intake` takes the body of a success, and nothing of
    /// any other answer.
    pub(super) async fn exchange(
        &self,
        mut request: Request,
        limit: usize,
        intake: &mut dyn Intake,
    ) -> Result<Answer, HttpError> {
        let mut hops = 0;
        loop {
            let may_move = request.method().is_safe() && !is_signed(&request);
            let again = request.try_clone().filter(|_| may_move);
            let (url, method) = (request.url().clone(), request.method().clone());
            let answer = self.exchange_once(request, limit, intake).await?;
            let Some(location) = redirect(&answer) else { return Ok(answer) };
            hops += 1;
            match (target(&url, &location), again) {
                (Some(to), Some(mut again)) if hops <= MAX_HOPS => {
                    *again.url_mut() = to;
                    request = again;
                }
                (to, _) => {
                    tracing::debug!(%method, path = url.path(), "redirect not followed");
                    return Err(refused_redirect(answer.status, &url, to, &location));
                }
            }
        }
    }

    async fn exchange_once(
        &self,
        request: Request,
        limit: usize,
        intake: &mut dyn Intake,
    ) -> Result<Answer, HttpError> {
        let client = self.for_request(&request)?;
        let (method, url) = (request.method().clone(), request.url().clone());
        let started = Instant::now();
        let result = match client.execute(request).await {
            Ok(response) => self.read(response, limit, intake, &url, started).await,
            Err(error) => Err(self.no_answer(error, &url, started.elapsed())),
        };
        log(&method, &url, &result, started.elapsed());
        result
    }

    /// Reads the body piece by piece, so that a body without end costs no more than the cap.
    async fn read(
        &self,
        mut response: Response,
        limit: usize,
        intake: &mut dyn Intake,
        url: &Url,
        started: Instant,
    ) -> Result<Answer, HttpError> {
        let status = response.status();
        // Dropped in this order: the body first, then its room.
        let mut room = None;
        let (mut body, mut length) = (Vec::new(), 0);
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if !status.is_success() && body.len() + chunk.len() > REFUSAL => {
                    body.extend_from_slice(&chunk[..chunk.len().min(REFUSAL - body.len())]);
                    break;
                }
                Ok(Some(chunk)) if length + chunk.len() > limit => {
                    return Err(HttpError::TooLong { limit });
                }
                Ok(Some(chunk)) => {
                    length += chunk.len();
                    self.rooms().make(&mut room, length).await;
                    let to: &mut dyn Intake =
                        if status.is_success() { &mut *intake } else { &mut body };
                    if to.take(&chunk).is_break() {
                        break;
                    }
                }
                Ok(None) => break,
                // A refusal is one, whatever became of its words.
                Err(_) if status.is_client_error() => break,
                Err(error) => return Err(self.no_answer(error, url, started.elapsed())),
            }
        }
        let headers = std::mem::take(response.headers_mut());
        if says_more_than_a_204_may(status, &headers) {
            self.distrust_kept_connections();
        }
        let request_id = request_id(&headers);
        let proxy = self.proxy(url).filter(|_| url.scheme() == "http").map(|proxy| label(&proxy));
        if let (Some(proxy), StatusCode::PROXY_AUTHENTICATION_REQUIRED) = (&proxy, status) {
            let why = format!("the proxy {proxy} requires a login (407)");
            let hint = "put user and password into `http_proxy`, as http://user:password@host:port";
            return Err(HttpError::Unreachable(Cause::new(why, hint)));
        }
        Ok(Answer { status, headers, body, request_id, proxy, room })
    }

    fn no_answer(&self, error: reqwest::Error, url: &Url, after: Duration) -> HttpError {
        let proxy = self.proxy(url);
        let attempt = Attempt {
            host: &host(url),
            is_https: url.scheme() == "https",
            proxy: proxy.as_ref(),
            transport: self.settings(),
            after,
        };
        attempt.failed(error)
    }
}

impl Answer {
    /// The error, when something in front of the service answered: a proxy, or a web server that wants TLS or a client
    /// certificate. Services answer with errors in JSON.
    pub fn front_error(&self) -> Option<HttpError> {
        self.web_server_error().or_else(|| self.proxy_error())
    }

    /// What nginx and Apache answer to a request that does not fit the port.
    fn web_server_error(&self) -> Option<HttpError> {
        if self.status != StatusCode::BAD_REQUEST {
            return None;
        }
        let page = String::from_utf8_lossy(&self.body);
        let says = |words: &[&str]| words.iter().any(|words| page.contains(words));
        if says(&[
            "plain HTTP request was sent to HTTPS port",
            "plain HTTP to an SSL-enabled server",
        ]) {
            let why = "the server expects TLS on this port (400)";
            return Some(HttpError::Unreachable(Cause::new(
                why,
                "write https:// instead of http://",
            )));
        }
        says(&["No required SSL certificate was sent"]).then(|| {
            HttpError::Tls(Cause::new(
                "the server requires a client certificate (400)",
                CLIENT_CERTIFICATE,
            ))
        })
    }

    fn proxy_error(&self) -> Option<HttpError> {
        let proxy = self.proxy.as_ref()?;
        let status = self.status.as_u16();
        let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_ok();
        if !matches!(status, 403 | 502..=504) || is_json() {
            return None;
        }
        let why = format!("the proxy {proxy} answered {status}");
        Some(HttpError::Lost(Cause::new(why, PROXY)))
    }
}

const PROXY: &str =
    "check that the proxy allows and reaches this host; `no_proxy` lists hosts to reach directly";

/// Some fronts end a 204 as if it had a body (seen, uWSGI with `--http-auto-chunked`), or send one.
fn says_more_than_a_204_may(status: StatusCode, headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    status == StatusCode::NO_CONTENT && (length || headers.contains_key(TRANSFER_ENCODING))
}

/// Where an answer redirects to. 300 (a choice of versions) and 304 are answers.
fn redirect(answer: &Answer) -> Option<String> {
    use StatusCode as S;
    let codes = [
        S::MOVED_PERMANENTLY,
        S::FOUND,
        S::SEE_OTHER,
        S::TEMPORARY_REDIRECT,
        S::PERMANENT_REDIRECT,
    ];
    codes.contains(&answer.status).then(|| location(&answer.headers))
}

fn location(headers: &HeaderMap) -> String {
    headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The redirect's target, if it is within the origin that was asked.
fn target(from: &Url, location: &str) -> Option<Url> {
    let to = from.join(location).ok().filter(|_| !location.is_empty())?;
    (to.origin() == from.origin() && to.username().is_empty() && to.password().is_none())
        .then_some(to)
}

fn refused_redirect(status: StatusCode, from: &Url, to: Option<Url>, location: &str) -> HttpError {
    let to = to.or_else(|| from.join(location).ok().filter(|_| !location.is_empty()));
    HttpError::Redirected {
        status,
        from: from.origin().ascii_serialization(),
        to: to.map_or_else(
            || "nowhere".into(),
            |url| format!("{}{}", url.origin().ascii_serialization(), url.path()),
        ),
    }
}

/// Host and port, as errors name a server.
fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => url.scheme().to_owned(),
    }
}

/// The path without its query: no header, no body, nothing secret.
fn log(method: &Method, url: &Url, result: &Result<Answer, HttpError>, took: Duration) {
    let (path, ms) = (url.path(), took.as_millis());
    match result {
        Ok(answer) => {
            let id = answer.request_id.as_ref().map(ToString::to_string).unwrap_or_default();
            let status = answer.status.as_u16();
            tracing::debug!(%method, path, status, ms, request_id = id, "answered");
        }
        Err(error) => tracing::debug!(%method, path, %error, ms, "no answer"),
    }
}
