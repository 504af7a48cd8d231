//! What was asked of the cloud, for tests to look at.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// A request that arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// `GET`, …
    pub method: String,
    /// Path and query as they came, with the service's prefix: `/ims/v2/cloudimages?limit=2`.
    pub path: String,
    /// The body, if it is JSON. Passwords, secrets and tokens in it are replaced.
    pub body: Option<Value>,
    /// The status of the answer; `None` while it is being answered, and for ever if the connection was dropped.
    pub status: Option<u16>,
    /// Whether a token came along.
    pub token: bool,
    /// Whether it was signed with an access key.
    pub signed: bool,
    /// The id the answer carries.
    pub request_id: String,
}

/// How many requests are kept.
const KEPT: usize = 100_000;

#[derive(Debug, Default)]
struct Entries {
    first: usize,
    kept: VecDeque<Recorded>,
    open: usize,
    most_at_once: usize,
}

/// All requests, in order of arrival.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Entries>);

/// An entry of the log. Dropping it closes the entry, so that a request whose client went away counts as over.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    log: &'a Log,
    number: usize,
}

impl Log {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn open(&self, mut request: Recorded) -> Entry<'_> {
        if let Some(body) = &mut request.body {
            redact(body);
        }
        let mut entries = self.entries();
        if entries.kept.len() == KEPT {
            entries.kept.pop_front();
            entries.first += 1;
        }
        entries.kept.push_back(request);
        entries.open += 1;
        entries.most_at_once = entries.most_at_once.max(entries.open);
        Entry { log: self, number: entries.first + entries.kept.len() - 1 }
    }

    pub(super) fn all(&self) -> Vec<Recorded> {
        self.entries().kept.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        let mut entries = self.entries();
        entries.first += entries.kept.len();
        entries.kept.clear();
        entries.most_at_once = entries.open;
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.entries().most_at_once
    }
}

impl Entry<'_> {
    pub(super) fn answered(&self, status: u16) {
        let mut entries = self.log.entries();
        let place = self.number.checked_sub(entries.first);
        if let Some(request) = place.and_then(|place| entries.kept.get_mut(place)) {
            request.status = Some(status);
        }
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.log.entries().open -= 1;
    }
}

/// Replaces what must not be kept, wherever it stands in the body of a login.
fn redact(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                let secret = matches!(key.as_str(), "password" | "secret" | "passcode" | "apiKey");
                if (secret && inner.is_string()) || (key == "token" && inner.is_object()) {
                    *inner = Value::from("REDACTED");
                } else {
                    redact(inner);
                }
            }
        }
        Value::Array(array) => array.iter_mut().for_each(redact),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_a_login_are_not_kept() {
        let mut body = serde_json::json!({"auth": {"identity": {
            "password": {"user": {"name": "alice", "password": "s3cret"}},
            "token": {"id": "gAAAA"},
            "application_credential": {"id": "x", "secret": "s3cret"}}}});

        redact(&mut body);

        let kept = body.to_string();
        assert!(!kept.contains("s3cret") && !kept.contains("gAAAA"), "{kept}");
        assert!(kept.contains("alice"));
    }
}
