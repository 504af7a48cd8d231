//! For the tests of this crate: a scripted server, and answers that were never on the wire.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
pub(crate) use test_server::{Heard, Reply, Server, answer, json};

use super::Answer;

/// An answer that was never on the wire.
pub(crate) fn made(status: u16, body: &str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: body.into(),
        request_id: None,
        proxy: None,
        room: None,
    }
}
