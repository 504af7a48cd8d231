//! Certificates: read and checked when the client is made, so that a wrong file is reported before any request; and what an
//! error of TLS means.

use std::path::Path;
use std::sync::Arc;

use reqwest::{ClientBuilder, Identity};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription as Alert, CertificateError, ClientConfig, Error};

use super::error::Cause;
use super::verify::{Verifier, is_ca, webpki_error};
use super::{Ca, HttpError, Transport, bundle};

/// What the files of a [`Transport`] hold.
#[derive(Clone)]
pub(super) enum Certificates {
    /// Servers are checked against the system's certificates, or not at all.
    System { own: Option<Identity> },
    /// Servers are checked against those of a setting. Holds the client's own certificate as well.
    Custom(Box<ClientConfig>),
}

impl Certificates {
    pub(super) fn read(transport: &Transport) -> Result<Self, HttpError> {
        let ca = transport.ca.as_ref().filter(|_| !transport.insecure);
        let own = match &transport.cert {
            Some(cert) => Some((own(cert, transport.key.as_deref())?, cert)),
            None => None,
        };
        match (ca, own) {
            (None, None) => Ok(Self::System { own: None }),
            (None, Some((pem, cert))) => {
                let own =
                    Identity::from_pem(&pem).map_err(|_| no_own(cert, transport.key.as_deref()))?;
                Ok(Self::System { own: Some(own) })
            }
            (Some(ca), own) => custom(
                ca,
                transport.key.as_deref(),
                own.as_ref().map(|(pem, cert)| (&**pem, cert.as_path())),
            )
            .map(|config| Self::Custom(Box::new(config))),
        }
    }

    /// The builder with these certificates.
    pub(super) fn apply(&self, builder: ClientBuilder, insecure: bool) -> ClientBuilder {
        match self {
            Self::Custom(config) => builder.tls_backend_preconfigured(ClientConfig::clone(config)),
            Self::System { own } => {
                let builder = builder.tls_danger_accept_invalid_certs(insecure);
                match own {
                    Some(own) => builder.identity(own.clone()),
                    None => builder,
                }
            }
        }
    }
}

fn custom(
    ca: &Ca,
    key_file: Option<&Path>,
    own: Option<(&[u8], &Path)>,
) -> Result<ClientConfig, HttpError> {
    let failed = |error: &dyn std::fmt::Display| {
        HttpError::Settings(format!("cannot use `{}` {}: {error}", ca.setting, ca.path.display()))
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier =
        Verifier::new(bundle::read(ca)?, Arc::clone(&provider)).map_err(|e| failed(&e))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some((pem, path)) => {
            let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            let chain = chain
                .ok()
                .filter(|chain| !chain.is_empty())
                .ok_or_else(|| no_own(path, key_file))?;
            let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| no_own(path, key_file))?;
            builder.with_client_auth_cert(chain, key).map_err(|_| no_own(path, key_file))?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The client's certificate and its key.
fn own(cert: &Path, key: Option<&Path>) -> Result<Vec<u8>, HttpError> {
    let mut pem = file("cert", cert)?;
    if let Some(key) = key {
        pem.push(b'\n');
        pem.extend(file("key", key)?);
    }
    Ok(pem)
}

fn no_own(cert: &Path, key: Option<&Path>) -> HttpError {
    let why = match key {
        Some(key) => format!(
            "it and `key` {} are not a certificate and its unencrypted key: check that they belong together",
            key.display()
        ),
        None => "it does not contain a certificate with its unencrypted key (set `key` if the key has its own file)"
            .to_owned(),
    };
    wrong("cert", cert, &why)
}

fn file(setting: &str, path: &Path) -> Result<Vec<u8>, HttpError> {
    std::fs::read(path).map_err(|error| wrong(setting, path, &error.to_string()))
}

fn wrong(setting: &str, path: &Path, why: &str) -> HttpError {
    let path = path.to_string_lossy();
    let path = domain::text::clean(&path);
    HttpError::Settings(format!("cannot use `{setting}` {path}: {why}"))
}

/// What an error of TLS means, as the rest of a sentence about the server, and what to do about it.
pub(super) fn explain(error: &Error, transport: &Transport) -> Cause {
    match error {
        Error::InvalidCertificate(error) => explain_certificate(error, transport),
        Error::AlertReceived(alert) => explain_alert(*alert, transport),
        Error::PeerIncompatible(_) => {
            Cause::new(format!("no common TLS version or cipher suite ({error})"), SUPPORTED)
        }
        Error::NoCertificatesPresented => {
            Cause::new("it has no certificate", "the server needs a TLS certificate")
        }
        _ => Cause::new(
            format!("TLS failed: {error}"),
            "check that the address is right, and what is in front of it (proxy, firewall)",
        ),
    }
}

const SUPPORTED: &str =
    "the server must support TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM or ChaCha20-Poly1305";
pub(super) const CLIENT_CERTIFICATE: &str =
    "set `cert` and `key` in clouds.yaml to your client certificate and its key";

fn explain_certificate(error: &CertificateError, transport: &Transport) -> Cause {
    use CertificateError as E;
    const RENEW: &str = "renew the server's certificate";
    match error {
        E::Expired | E::ExpiredContext { .. } => {
            let since = match error {
                E::ExpiredContext { not_after, .. } => format!(" on {}", date(not_after.as_secs())),
                _ => String::new(),
            };
            let hint = "renew the server's certificate; if it is not expired, correct this machine's clock";
            Cause::new(format!("its certificate expired{since}"), hint)
        }
        E::NotValidYet | E::NotValidYetContext { .. } => {
            let until = match error {
                E::NotValidYetContext { not_before, .. } => {
                    format!(" until {}", date(not_before.as_secs()))
                }
                _ => String::new(),
            };
            Cause::new(
                format!("its certificate is not valid yet{until}"),
                "correct this machine's clock",
            )
        }
        E::UnknownIssuer => {
            let hint = match &transport.ca {
                Some(ca) => format!(
                    "`{}` is {}, which does not contain that CA: add the CA's certificate to it",
                    ca.setting,
                    ca.path.display()
                ),
                None => "set `cacert` in clouds.yaml to a file with the CA's certificate".into(),
            };
            Cause::new(
                "its certificate is signed by a CA that is not trusted here (UnknownIssuer)",
                hint,
            )
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => {
            let names = match error {
                E::NotValidForNameContext { presented, .. } => names(presented),
                _ => String::new(),
            };
            let why = format!("its certificate is not valid for this host name{names}");
            Cause::new(
                why,
                "use a host name from the certificate in clouds.yaml, or get a certificate with this name",
            )
        }
        E::Revoked => Cause::new("its certificate is revoked", RENEW),
        E::BadSignature => Cause::new(
            "its certificate has an invalid signature",
            "check that `cacert` is the current certificate of that CA",
        ),
        E::BadEncoding => Cause::new("its certificate is malformed", RENEW),
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => Cause::new(
            "its certificate is not meant for servers (extended key usage)",
            "the server needs a certificate for `serverAuth`",
        ),
        _ if is_ca(error) => Cause::new(
            "its own certificate is that of a CA (`CA:TRUE`, as `openssl req -x509` makes them)",
            "set `cacert` to a file with exactly this certificate, or let the CA sign one for the server",
        ),
        _ => match webpki_error(error) {
            Some(webpki::Error::UnsupportedCertVersion) => Cause::new(
                "its certificate is X.509 version 1, which has no host names and is not supported",
                "the server needs a version 3 certificate with its name as a subject alternative name",
            ),
            Some(other) => Cause::new(format!("its certificate is not accepted: {other}"), RENEW),
            None => Cause::new(format!("its certificate is not accepted: {error}"), RENEW),
        },
    }
}

fn explain_alert(alert: Alert, transport: &Transport) -> Cause {
    let has_own = transport.cert.is_some();
    match alert {
        Alert::ProtocolVersion | Alert::InsufficientSecurity => {
            Cause::new(format!("no common TLS version or cipher suite ({alert:?})"), SUPPORTED)
        }
        // Below TLS 1.3 a missing client certificate is the same alert.
        Alert::HandshakeFailure if !has_own => Cause::new(
            "no common cipher suite, or it requires a client certificate (HandshakeFailure)",
            format!("{SUPPORTED}; for a client certificate set `cert` and `key` in clouds.yaml"),
        ),
        Alert::HandshakeFailure => Cause::new(
            "no common cipher suite, or it refused the client certificate (HandshakeFailure)",
            SUPPORTED,
        ),
        Alert::CertificateRequired => {
            Cause::new("it requires a client certificate", CLIENT_CERTIFICATE)
        }
        Alert::UnrecognisedName => Cause::new(
            "it does not serve this host name (UnrecognisedName)",
            "use the host name under which the service is published",
        ),
        alert if is_about_client(alert) && has_own => Cause::new(
            format!("it refused the client certificate ({alert:?})"),
            "check `cert` and `key` in clouds.yaml: the server must trust the CA that signed it, and it must not be expired",
        ),
        alert if is_about_client(alert) => {
            Cause::new(format!("it requires a client certificate ({alert:?})"), CLIENT_CERTIFICATE)
        }
        alert => Cause::new(
            format!("it ended the TLS handshake ({alert:?})"),
            "look at the server's log, or ask its administrator",
        ),
    }
}

/// Alerts that are sent about the certificate of the other side. In TLS 1.3 they arrive after the handshake.
pub(super) fn is_about_client(alert: Alert) -> bool {
    matches!(
        alert,
        Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
    )
}

fn date(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok().and_then(|at| jiff::Timestamp::from_second(at).ok());
    at.map_or_else(|| "an unknown date".into(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// The names a certificate has. Other people's text, and there may be hundreds.
fn names(presented: &[String]) -> String {
    let shown: Vec<&str> = presented.iter().take(4).map(|name| plain(name)).collect();
    match presented.len() {
        0 => ": it has none (no subject alternative name)".into(),
        of => {
            let more = if of > shown.len() { ", …" } else { "" };
            format!(", only for {}{more}", domain::text::clean(&shown.join(", ")))
        }
    }
}

/// `DnsName("example.com")` as rustls has it, without its type.
fn plain(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.map_or(name, |inner| inner.trim_matches('"'))
}
