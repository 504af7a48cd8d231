//! What logins at every identity service have in common: the request, and words about an answer that is no token.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::domain::Text;
use crate::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use crate::http::{Answer, Method, Request, Url};

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

/// What came back instead of what the service should have said.
pub(super) fn what_came(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    let html = answer.body.trim_ascii_start().starts_with(b"<");
    match html {
        true => format!("a web page (status {status})"),
        false if answer.status.is_success() => format!("status {status}, but no token"),
        false => format!("status {status}"),
    }
}

/// What stands before the login service is in trouble, or it asks to wait: its answer says nothing about the service.
pub(super) fn is_overloaded(answer: &Answer) -> bool {
    answer.status.is_server_error() || matches!(answer.status.as_u16(), 413 | 429)
}
