//! One request on the wire: the client, its deadlines and caps, read-only, and what came back.
//!
//! Its one rule: a request is sent once. Nothing here repeats, renews or waits; the only second request is a
//! redirect of a read within one origin, and never one of a signed request.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use domain::Text;
use memory_budget::Room;

mod bundle;
mod client;
mod error;
mod exchange;
mod memory_budget;
mod proxy;
mod redaction;
mod retry_after;
mod stop;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tls;
mod verify;

pub use client::{Client, is_loopback};
pub use error::{Cause, HttpError};
pub use proxy::warnings as proxy_warnings;
pub use redaction::Redaction;
pub use reqwest::{Method, Request, Url, header};
pub use retry_after::http_date;

/// CA certificates to trust instead of the system's.
#[derive(Clone, Debug)]
pub struct Ca {
    /// A PEM file, or a folder of them.
    pub path: PathBuf,
    /// The setting or variable that names it, for messages.
    pub setting: &'static str,
}

/// How to talk to one cloud.
#[derive(Clone, Debug)]
pub struct Transport {
    /// CA certificates to trust instead of the system's.
    pub ca: Option<Ca>,
    /// The client's own certificate (PEM).
    pub cert: Option<PathBuf>,
    /// The certificate's key (PEM); `None` when it is in the same file.
    pub key: Option<PathBuf>,
    /// TLS verification is off.
    pub insecure: bool,
    /// Deadline for making a connection.
    pub connect: Duration,
    /// Deadline for silence: nothing arrives for so long.
    pub silence: Duration,
    /// Deadline for the whole answer.
    pub whole: Duration,
    /// An answer longer than this, after decompression, is an error. In bytes.
    pub max_answer: usize,
    /// The same for a page of a list.
    pub max_list: usize,
    /// Refuse everything but reads and the login.
    pub read_only: bool,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            ca: None,
            cert: None,
            key: None,
            insecure: false,
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            whole: Duration::from_mins(2),
            max_answer: 2 << 20,
            max_list: 256 << 20,
            read_only: false,
        }
    }
}

/// A complete answer, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Its headers. They may hold a token: never log them.
    pub headers: HeaderMap,
    /// The body, decompressed; nothing where something else took it.
    pub body: Vec<u8>,
    /// The cloud's id of the request, where a header told it.
    pub request_id: Option<Text>,
    /// Host and port of the proxy that may have answered instead of the service: only without TLS.
    pub proxy: Option<String>,
    /// Held by a long answer for as long as it is in memory.
    #[expect(dead_code, reason = "held, never looked at")]
    room: Option<Room>,
}

/// Takes the body of a success while it arrives, so that it need not be in memory as a whole.
pub trait Intake: Send {
    /// Takes the next piece, decompressed. It may end anywhere. A break means that no more of it is wanted.
    fn take(&mut self, piece: &[u8]) -> ControlFlow<()>;
}

impl Intake for Vec<u8> {
    fn take(&mut self, piece: &[u8]) -> ControlFlow<()> {
        self.extend_from_slice(piece);
        ControlFlow::Continue(())
    }
}

impl std::fmt::Debug for Answer {
    /// Neither headers nor body: a login's answer holds a token in them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// Headers that carry the cloud's id of a request: OpenStack, Huawei's gateway, old Nova-like services, IAM.
const REQUEST_ID_HEADERS: [&str; 4] =
    ["x-openstack-request-id", "x-request-id", "x-compute-request-id", "x-iam-trace-id"];

/// The cloud's id of a request, cut to what a person would copy.
fn request_id(headers: &HeaderMap) -> Option<Text> {
    REQUEST_ID_HEADERS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::trim)
        .find(|id| !id.is_empty())
        .map(|id| Text::from(id.chars().take(128).collect::<String>()))
}
