//! The parts that logins to all identity services share: the request, and error messages.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use crate::http::{Answer, Method, Request, Url};
use domain::Text;

/// The request that asks for a token.
pub(super) fn post(url: &Url, body: &Value) -> Request {
    let mut request = Request::new(Method::POST, url.clone());
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(ACCEPT, json.clone());
    request.headers_mut().insert(CONTENT_TYPE, json);
    *request.body_mut() = Some(body.to_string().into());
    request
}

/// The first paragraph of a message: what follows in a validation error is the request with its password
/// (seen, Keystone 30). Secrets are blotted out besides.
pub(super) fn harmless<'a>(
    message: &str,
    secrets: impl IntoIterator<Item = &'a SecretString>,
) -> Text {
    let mut text = message.split("\n\n").next().unwrap_or_default().to_owned();
    for secret in secrets.into_iter().map(|secret| secret.expose_secret().trim()) {
        if !secret.is_empty() {
            text = text.replace(secret, "***");
        }
    }
    Text::from(text.trim().chars().take(300).collect::<String>())
}

/// What was received instead of a token, for an error.
pub(super) fn received(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    let html = answer.body.trim_ascii_start().starts_with(b"<");
    match html {
        true => format!("a web page (status {status})"),
        false if answer.status.is_success() => format!("status {status}, but no token"),
        false => format!("status {status}"),
    }
}

/// The message of an error response; `None` where the response is not one of the login service. An overloaded service,
/// or a proxy before it, may answer without a message.
pub(super) fn message(answer: &Answer, written: Option<String>) -> Option<String> {
    let is_overloaded =
        answer.status.is_server_error() || matches!(answer.status.as_u16(), 413 | 429);
    let unwritten = || is_overloaded && answer.front_error().is_none();
    written.or_else(|| unwritten().then(|| "no reason given".to_owned()))
}
