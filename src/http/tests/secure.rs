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
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::*;

pub(super) fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/http/tests/tls").join(name)
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file(name)).unwrap()
}

/// TLS for `127.0.0.1`, offering these protocols.
pub(super) fn acceptor(wants_a_certificate: bool, protocols: &[&str]) -> TlsAcceptor {
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
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let mut config = config.with_single_cert(vec![certificate("server.pem")], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// Answers `{}` to everything, by TLS; `https://127.0.0.1:port`.
async fn server(wants_a_certificate: bool) -> String {
    let acceptor = acceptor(wants_a_certificate, &[]);
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

    assert!(matches!(&error, HttpError::Tls(text) if text.contains("nobody")), "{error:?}");
    assert!(error.is_not_sent());
    assert!(error.remedy().unwrap().contains("cacert"));
}

#[tokio::test]
async fn cacert_is_trusted_for_the_names_it_vouches_for_and_no_other() {
    let url = server(false).await;
    let with_ca = || client(|settings| settings.ca = Some(file("ca.pem")));

    assert_eq!(get(&with_ca(), &url).await.unwrap().body, b"{}");
    // A name of this machine that the certificate does not have.
    let other = url.replace("127.0.0.1", "other.localhost");
    match get(&with_ca(), &other).await.unwrap_err() {
        HttpError::Tls(text) => assert!(text.to_lowercase().contains("name"), "{text}"),
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
            settings.ca = Some(file("ca.pem"));
            settings.cert = cert.map(file);
            settings.key = key.map(file);
        })
    };

    let shown = with(Some("client.pem"), Some("client.key"));
    assert_eq!(get(&shown, &url).await.unwrap().body, b"{}");

    let error = get(&with(None, None), &url).await.unwrap_err();
    let said = format!("{error} {}", error.remedy().unwrap_or_default());
    assert!(said.contains("`cert`"), "{said}");
}
