//! Why there is no answer, told by whether the request may have been carried out.

use std::error::Error as _;
use std::time::Duration;

use reqwest::StatusCode;

/// What to do when a server's certificate is not trusted.
pub const CERTIFICATES: &str = "check the host's name and this machine's clock, set `cacert` in clouds.yaml to the file of the CA that signed the server's \
    certificate, or `verify: false` to trust anybody";

/// Why a request has no answer. No text in here holds a header, a body or a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// Not sent: only reads are allowed.
    #[error("read-only: a {0} is not sent")]
    ReadOnly(String),
    /// Not sent: a setting makes no sense, such as a certificate file that cannot be read.
    #[error("{0}")]
    Settings(String),
    /// Not sent: no connection could be made.
    #[error("{0}")]
    Unreachable(String),
    /// Not sent: the server's certificate or its TLS is not acceptable.
    #[error("{0}")]
    Tls(String),
    /// Sent, and no whole answer: it may or may not have been carried out.
    #[error("{0}")]
    Lost(String),
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
        /// Origin that was asked.
        from: String,
        /// Where it points: another origin, or a text that is no address.
        to: String,
    },
}

impl HttpError {
    /// Whether the request certainly did not leave.
    pub fn is_not_sent(&self) -> bool {
        matches!(self, Self::ReadOnly(_) | Self::Settings(_) | Self::Unreachable(_) | Self::Tls(_))
    }

    /// What the user can do about it.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::ReadOnly(_) => {
                Some("leave out `--read-only` and `read_only` to change something")
            }
            Self::Tls(_) => Some(CERTIFICATES),
            Self::Unreachable(_) => Some("check the address, the network and the proxy settings"),
            Self::Redirected { .. } => {
                Some("configure the address it redirects to, if it is right")
            }
            Self::Lost(_) => Some(
                "try again in a while; check the network and the proxy settings, and set `api_timeout` higher where \
                 the cloud is only slow",
            ),
            Self::TooLong { .. } => {
                Some("check the address: no service of the cloud says that much at once")
            }
            Self::Settings(_) => None,
        }
    }

    /// What became of a request to `host` that was given to the network `after` ago.
    pub(super) fn from_network(
        error: reqwest::Error,
        host: &str,
        after: Duration,
        whole: Duration,
    ) -> Self {
        let error = error.without_url();
        let cause = innermost(&error);
        if error.is_builder() {
            return Self::Settings(format!("{host}: {cause}"));
        }
        if error.is_connect() && cause.contains("corrupt message") {
            let why = "it does not speak TLS there (http:// instead of https://?)";
            return Self::Unreachable(format!("no connection to {host}: {why}"));
        }
        if error.is_connect() && is_tls(&error) {
            return Self::Tls(format!("no trusted connection to {host}: {}", explained(&cause)));
        }
        if error.is_connect() {
            return Self::Unreachable(format!("no connection to {host}: {cause}"));
        }
        let seconds = after.as_secs_f32();
        if error.is_timeout() && after >= whole {
            return Self::Lost(format!("{host} did not complete its answer in {seconds:.0} s"));
        }
        if error.is_timeout() {
            return Self::Lost(format!("{host} fell silent (gave up after {seconds:.0} s)"));
        }
        Self::Lost(format!("{host} broke off: {}", explained(&cause)))
    }
}

/// The last of the chain of causes: the operating system's or the TLS library's own words.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}

/// Whether TLS is the matter. The library's error type is not in reach, so its words are asked.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if ["certificate", "received fatal alert", "peer is incompatible", "peer misbehaved"]
            .iter()
            .any(|word| text.contains(word))
        {
            return true;
        }
        source = cause.source();
    }
    false
}

/// The TLS library's words, with an explanation for those that say too little.
fn explained(cause: &str) -> String {
    if cause.contains("UnknownIssuer") {
        return "its certificate is signed by nobody this machine trusts (UnknownIssuer)".into();
    }
    if cause.contains("not valid after") || cause.ends_with("certificate: Expired") {
        return format!("its certificate has expired, by this machine's clock ({cause})");
    }
    if cause.contains("not valid before") || cause.ends_with("certificate: NotValidYet") {
        return format!("its certificate is not valid yet, by this machine's clock ({cause})");
    }
    if cause.contains("CaUsedAsEndEntity") {
        return "it shows the certificate of a CA (`CA:TRUE`, as `openssl req -x509` makes them) as its own, which is not \
                accepted, named by `cacert` or not: it needs one that is signed by that CA and is none itself"
            .into();
    }
    if cause.contains("CertificateRequired") {
        return "it wants a client certificate: set `cert` and `key` in clouds.yaml".into();
    }
    cause.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_of_a_ca_is_told_in_words_with_what_is_needed_instead() {
        let cause = "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))";
        let told = explained(cause);
        assert!(told.contains("CA:TRUE") && told.contains("signed by that CA"), "{told}");
        assert!(!told.contains("OtherError"), "{told}");
    }
}
