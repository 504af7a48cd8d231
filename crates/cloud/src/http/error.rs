//! Why there is no answer, by whether the request may have been carried out.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::{StatusCode, Url};
use rustix::io::Errno;

use super::{Transport, proxy, tls};

/// A reason and, where the reason suggests one, a hint. Holds no header, body, query or password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    why: String,
    hint: Option<Cow<'static, str>>,
}

impl Cause {
    pub(super) fn new(why: impl Into<String>, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { why: why.into(), hint: Some(hint.into()) }
    }

    /// What the user can do.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The same reason as the end of a longer sentence.
    fn after(self, beginning: impl fmt::Display) -> Self {
        Self { why: format!("{beginning}{}", self.why), ..self }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl<T: Into<String>> From<T> for Cause {
    fn from(why: T) -> Self {
        Self { why: why.into(), hint: None }
    }
}

impl PartialEq<str> for Cause {
    fn eq(&self, other: &str) -> bool {
        self.why == other
    }
}

/// Why a request has no answer. No text in here holds a header, a body or a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// Not sent: only reads are allowed.
    #[error("read-only: a {0} is not sent")]
    ReadOnly(String),
    /// Not sent: a setting is wrong, such as a certificate file that cannot be read.
    #[error("{0}")]
    Settings(String),
    /// Not sent: no connection could be made.
    #[error("{0}")]
    Unreachable(Cause),
    /// Not sent: the TLS handshake failed.
    #[error("{0}")]
    Tls(Cause),
    /// Sent, and no whole answer: it may or may not have been carried out.
    #[error("{0}")]
    Lost(Cause),
    /// Answered with more than the cap.
    #[error("the answer is longer than {} MiB", .limit >> 20)]
    TooLong {
        /// The cap, in bytes.
        limit: usize,
    },
    /// Answered with a redirect that is not followed.
    #[error("{from} redirects to {to}, which is not followed")]
    Redirected {
        /// The status.
        status: StatusCode,
        /// Origin of the request.
        from: String,
        /// Where it points: another origin, or a text that is not an address.
        to: String,
    },
}

impl HttpError {
    /// Whether the request certainly did not leave.
    pub fn is_not_sent(&self) -> bool {
        matches!(self, Self::ReadOnly(_) | Self::Settings(_) | Self::Unreachable(_) | Self::Tls(_))
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Unreachable(cause) | Self::Tls(cause) | Self::Lost(cause) => cause.hint(),
            Self::ReadOnly(_) => Some("remove `--read-only` or `read_only` to allow changes"),
            Self::Redirected { .. } => {
                Some("if that address is the right one, configure it instead")
            }
            Self::TooLong { .. } => Some("check that the address is the right service's"),
            Self::Settings(_) => None,
        }
    }
}

/// A request that failed on the network, for finding the words.
pub(super) struct Attempt<'a> {
    /// Host and port.
    pub(super) host: &'a str,
    pub(super) is_https: bool,
    /// The proxy it went through.
    pub(super) proxy: Option<&'a Url>,
    pub(super) transport: &'a Transport,
    /// How long ago it was given to the network.
    pub(super) after: Duration,
}

const NETWORK: &str = "check the address and the network (DNS, VPN, firewall)";

impl Attempt<'_> {
    /// What became of the request.
    pub(super) fn failed(&self, error: reqwest::Error) -> HttpError {
        let error = error.without_url();
        if error.is_builder() {
            return HttpError::Settings(format!("{}: {}", self.host, innermost(&error)));
        }
        if let Some(limit) = io_errors(&error).find_map(open_files) {
            let cause = Cause::new(
                limit,
                "raise the limit (`ulimit -n 4096`) or work on fewer clouds at once",
            );
            return if error.is_connect() {
                HttpError::Unreachable(cause)
            } else {
                HttpError::Lost(cause)
            };
        }
        match causes(&error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            Some(tls) if error.is_connect() => self.no_tls(tls),
            Some(tls @ rustls::Error::AlertReceived(alert)) if tls::is_about_client(*alert) => {
                self.no_tls(tls)
            }
            _ if error.is_connect() => self.unreachable(&error),
            _ => self.lost(&error),
        }
    }

    fn no_tls(&self, error: &rustls::Error) -> HttpError {
        let to = self.to();
        if matches!(error, rustls::Error::InvalidMessage(_)) {
            if let Some(proxy) =
                self.proxy.filter(|proxy| proxy.scheme() == "https" && !self.is_https)
            {
                let why = format!(
                    "cannot connect to the proxy {}: it does not speak TLS",
                    proxy::label(proxy)
                );
                let hint = "write http:// before the proxy's host in the proxy variable";
                return HttpError::Unreachable(Cause::new(why, hint));
            }
            let hint = "check the port, and write http:// if it is meant to be unencrypted";
            let why = format!("cannot connect to {to}: it does not speak TLS there");
            return HttpError::Unreachable(Cause::new(why, hint));
        }
        let cause = tls::explain(error, self.transport);
        HttpError::Tls(cause.after(format_args!("no TLS connection to {to}: ")))
    }

    /// The server as the end of "cannot connect to …".
    fn to(&self) -> String {
        match self.proxy {
            Some(proxy) => format!("{} through the proxy {}", self.host, proxy::label(proxy)),
            None => self.host.to_owned(),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> HttpError {
        let (why, Some(proxy)) = (innermost(error), self.proxy) else {
            let why = format!("cannot connect to {}: {}", self.host, innermost(error));
            return HttpError::Unreachable(Cause::new(why, NETWORK));
        };
        let label = proxy::label(proxy);
        let is_tunnel = self.is_https && proxy.scheme().starts_with("http");
        let kind = io_errors(error).map(io::Error::kind).last();
        let late = matches!(
            kind,
            Some(
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::ConnectionReset
                    | io::ErrorKind::BrokenPipe
            )
        );
        HttpError::Unreachable(match kind {
            // The proxy answered, and not with a tunnel.
            None if is_tunnel && !error.is_timeout() => Cause::new(
                format!("the proxy {label} refused to connect to {} ({why})", self.host),
                "check that the proxy allows this host, and user and password in the proxy variable; or list the host \
                 in `no_proxy`",
            ),
            Some(_) if !late && !proxy.scheme().starts_with("socks") => Cause::new(
                format!("cannot connect to the proxy {label}: {why}"),
                "check the proxy variables of the environment (`https_proxy`, `http_proxy`, `no_proxy`) and the network",
            ),
            _ => Cause::new(
                format!("cannot connect to {}: {why}", self.to()),
                "check the proxy and the network; `no_proxy` lists hosts to reach directly",
            ),
        })
    }

    fn lost(&self, error: &reqwest::Error) -> HttpError {
        let (to, seconds) = (self.to(), self.after.as_secs_f32());
        let slow =
            "if the cloud is only slow, set `api_timeout` (in seconds) higher in clouds.yaml";
        if error.is_timeout() && self.after >= self.transport.whole {
            let why = format!("{to} did not complete its answer within {seconds:.0} s");
            return HttpError::Lost(Cause::new(why, slow));
        }
        if error.is_timeout() {
            let why =
                format!("{to} sent nothing for {:.0} s", self.transport.silence.as_secs_f32());
            return HttpError::Lost(Cause::new(why, slow));
        }
        let is_other = |cause: &(dyn Error + 'static)| {
            cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
        };
        if causes(error).any(is_other) {
            let why = format!("{to} does not speak HTTP on this port: {}", innermost(error));
            let hint = "check the address and its port; write https:// if the server expects TLS";
            return HttpError::Lost(Cause::new(why, hint));
        }
        let why = format!("the connection to {to} broke off: {}", innermost(error));
        HttpError::Lost(Cause::new(why, "try again; if it persists, check the network"))
    }
}

/// The last of the chain of causes: the operating system's or the TLS library's own words.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// An error and everything below it. An `io::Error` hides the error inside it from `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| below(*error))
}

fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
}

fn io_errors<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a io::Error> {
    causes(error).filter_map(|cause| cause.downcast_ref())
}

fn open_files(error: &io::Error) -> Option<&'static str> {
    match Errno::from_io_error(error)? {
        Errno::MFILE => Some("this program's limit on open files is reached"),
        Errno::NFILE => Some("this machine's limit on open files is reached"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("outer")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn an_error_inside_an_io_error_is_found_by_its_type() {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion);
        let outer = Outer(io::Error::new(io::ErrorKind::InvalidData, alert));

        assert!(causes(&outer).any(<dyn Error>::is::<rustls::Error>));
        assert!(innermost(&outer).contains("ProtocolVersion"));
    }

    #[test]
    fn too_many_open_files_is_recognised_by_its_number() {
        let outer = Outer(io::Error::from_raw_os_error(Errno::MFILE.raw_os_error()));
        assert!(io_errors(&outer).find_map(open_files).unwrap().contains("limit on open files"));
        let other = Outer(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(io_errors(&other).find_map(open_files), None);
    }
}
