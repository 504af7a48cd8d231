//! Certificates: whose are trusted, and showing one's own. Those in `tls/` were made for these tests alone, and the
//! key of their CA is gone.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::*;

pub(in crate::http) fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/http/tests/tls").join(name)
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file(name)).unwrap()
}

/// TLS for `127.0.0.1`, offering these protocols.
pub(super) fn acceptor(wants_a_certificate: bool, protocols: &[&str]) -> TlsAcceptor {
    acceptor_of("server", wants_a_certificate, protocols)
}

/// The same with another certificate.
fn acceptor_of(name: &str, wants_a_certificate: bool, protocols: &[&str]) -> TlsAcceptor {
    let provider = Arc::new(default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = if wants_a_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(certificate("ca.pem")).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        config.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        config.with_no_client_auth()
    };
    let key = PrivateKeyDer::from_pem_file(file(&format!("{name}.key"))).unwrap();
    let chain = vec![certificate(&format!("{name}.pem"))];
    let single = config.clone().with_single_cert(chain.clone(), key.clone_key());
    // The library refuses to serve a certificate it cannot parse.
    let mut config = single.unwrap_or_else(|_| {
        let key = default_provider().key_provider.load_private_key(key).unwrap();
        config.with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))))
    });
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// Answers `{}` to everything, by TLS; `https://127.0.0.1:port`.
async fn server(wants_a_certificate: bool) -> String {
    serve(acceptor(wants_a_certificate, &[])).await
}

async fn serve(acceptor: TlsAcceptor) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut head = [0; 4096];
                if stream.read(&mut head).await.is_ok_and(|read| read > 0) {
                    let answer = b"HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}";
                    stream.write_all(answer).await.ok();
                    stream.flush().await.ok();
                }
                std::future::pending::<()>().await;
            });
        }
    });
    format!("https://127.0.0.1:{port}")
}

#[tokio::test]
async fn a_certificate_of_an_unknown_ca_is_refused_and_the_remedy_names_cacert() {
    let url = server(false).await;

    let error = get(&client(|_| ()), &url).await.unwrap_err();

    assert!(matches!(error, HttpError::Tls(_)), "{error:?}");
    assert!(error.to_string().contains("signed by a CA that is not trusted here"), "{error}");
    assert!(error.is_not_sent());
    assert!(error.hint().unwrap().contains("cacert"));
}

#[tokio::test]
async fn cacert_is_trusted_for_the_names_it_vouches_for_and_no_other() {
    let url = server(false).await;
    let with_ca = || client(|settings| settings.ca = Some(ca("ca.pem")));

    assert_eq!(get(&with_ca(), &url).await.unwrap().body, b"{}");
    // A name of this machine that the certificate does not have.
    let other = url.replace("127.0.0.1", "other.localhost");
    match get(&with_ca(), &other).await.unwrap_err() {
        HttpError::Tls(cause) => {
            let said = cause.to_string();
            assert!(said.contains("only for localhost, 127.0.0.1"), "{said}");
            assert!(!cause.hint().unwrap().contains("verify"), "{cause:?}");
        }
        // Not every resolver knows names below localhost.
        error => assert!(matches!(error, HttpError::Unreachable(_)), "{error:?}"),
    }
}

#[tokio::test]
async fn verify_false_trusts_anybody() {
    let url = server(false).await;

    let answer = get(&client(|settings| settings.insecure = true), &url).await.unwrap();

    assert_eq!(answer.body, b"{}");
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_the_server_wants_one() {
    let url = server(true).await;
    let with = |cert: Option<&str>, key: Option<&str>| {
        client(|settings| {
            settings.ca = Some(ca("ca.pem"));
            settings.cert = cert.map(file);
            settings.key = key.map(file);
        })
    };

    let shown = with(Some("client.pem"), Some("client.key"));
    assert_eq!(get(&shown, &url).await.unwrap().body, b"{}");

    let error = get(&with(None, None), &url).await.unwrap_err();
    assert!(matches!(error, HttpError::Tls(_)), "{error:?}");
    assert!(error.to_string().ends_with("it requires a client certificate"), "{error}");
    assert!(error.hint().unwrap().starts_with("set `cert` and `key`"), "{error:?}");
    assert!(!error.hint().unwrap().contains("api_timeout"), "{error:?}");
}

pub(super) fn ca(name: &str) -> Ca {
    Ca { path: file(name), setting: "cacert" }
}

async fn with_ca(url: &str, name: &str) -> Result<Answer, HttpError> {
    get(&client(|settings| settings.ca = Some(ca(name))), url).await
}

#[tokio::test]
async fn a_self_signed_ca_certificate_is_trusted_when_cacert_contains_exactly_it() {
    let url = serve(acceptor_of("own", false, &["h2", "http/1.1"])).await;

    for same in ["own.pem", "own-trusted.pem"] {
        // The test's server speaks HTTP/1.1 only, so the handshake is what counts.
        match with_ca(&url, same).await {
            Ok(_) | Err(HttpError::Lost(_)) => {}
            error => panic!("{same}: {error:?}"),
        }
    }
    for other in ["own-other-key.pem", "ca.pem", "server.pem"] {
        let error = with_ca(&url, other).await.unwrap_err();
        assert!(matches!(error, HttpError::Tls(_)), "{other}: {error:?}");
        assert!(error.to_string().contains("CA:TRUE"), "{error}");
        assert!(error.hint().unwrap().contains("exactly this certificate"), "{error:?}");
    }
    assert!(matches!(get(&client(|_| ()), &url).await, Err(HttpError::Tls(_))));
}

#[tokio::test]
async fn a_pinned_certificate_is_trusted_for_its_own_names_and_dates_only() {
    let url = serve(acceptor_of("own-expired", false, &[])).await;
    let error = with_ca(&url, "own-expired.pem").await.unwrap_err();
    assert!(matches!(error, HttpError::Tls(_)), "{error:?}");
    assert!(error.to_string().contains("expired on 2021-01-01"), "{error}");

    let url = serve(acceptor_of("own-other-name", false, &[])).await;
    let error = with_ca(&url, "own-other-name.pem").await.unwrap_err();
    assert!(matches!(error, HttpError::Tls(_)), "{error:?}");
    assert!(error.to_string().contains("only for other.example"), "{error}");
}

#[tokio::test]
async fn a_certificate_of_version_1_is_named_and_verify_false_is_not_suggested() {
    let url = serve(acceptor_of("v1", false, &[])).await;

    let error = with_ca(&url, "v1.pem").await.unwrap_err();

    assert!(matches!(error, HttpError::Tls(_)), "{error:?}");
    assert!(error.to_string().contains("X.509 version 1"), "{error}");
    assert!(!error.hint().unwrap().contains("verify"), "{error:?}");
}

/// Answers the first bytes with these, and ends.
async fn raw(answer: &'static [u8]) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 4096];
            if stream.read(&mut hello).await.is_ok() {
                stream.write_all(answer).await.ok();
            }
        }
    });
    format!("https://{address}")
}

#[tokio::test]
async fn a_server_without_a_common_cipher_or_version_is_said_with_and_without_verification() {
    const HANDSHAKE_FAILURE: &[u8] = &[0x15, 3, 3, 0, 2, 2, 40];
    const PROTOCOL_VERSION: &[u8] = &[0x15, 3, 3, 0, 2, 2, 70];
    for (alert, words) in
        [(HANDSHAKE_FAILURE, "no common cipher suite"), (PROTOCOL_VERSION, "no common TLS version")]
    {
        let url = raw(alert).await;
        for insecure in [false, true] {
            let client = client(|settings| settings.insecure = insecure);
            let error = get(&client, &url).await.unwrap_err();
            assert!(matches!(error, HttpError::Tls(_)), "{error:?}");
            let hint = error.hint().unwrap();
            assert!(error.to_string().contains(words) && hint.contains("TLS 1.2"), "{error:?}");
            assert!(!hint.contains("verify") && !hint.contains("cacert"), "{hint}");
        }
    }
}
