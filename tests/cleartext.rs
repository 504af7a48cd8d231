//! An encrypted login whose catalog leads to an unencrypted image service: the built program warns, and refuses when
//! told to.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::sync::Arc;

use demo_cloud::{Options, PASSWORD};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

mod support;

use support::cloud::{Cloud, Ran, ran};

const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/cloud/src/http/tests/tls");

/// TLS in front of a port of this machine, with a self-signed certificate; its own port.
fn encrypted(runtime: &Runtime, to: String) -> u16 {
    let file = |name: &str| Path::new(CERTIFICATES).join(name);
    let certificate = CertificateDer::from_pem_file(file("own.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("own.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, to) = (acceptor.clone(), to.clone());
            tokio::spawn(async move {
                let mut near = acceptor.accept(stream).await.ok()?;
                let mut far = TcpStream::connect(to).await.ok()?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await.ok()
            });
        }
    });
    port
}

#[test]
fn a_catalog_that_leads_from_https_to_http_is_a_warning_and_require_tls_refuses_it() {
    let cloud = Cloud::start(Options::plain(3, 2));
    let runtime = Runtime::new().unwrap();
    let port = encrypted(&runtime, cloud.demo.url().strip_prefix("http://").unwrap().to_owned());
    let auth = format!(
        "auth_url: 'https://localhost:{port}/v3', username: alice, password: {PASSWORD}, user_domain_name: Default, \
         project_name: image-factory, project_domain_name: Default"
    );
    let more = format!(
        "region_name: RegionOne, image_sharing_api: glance, cacert: {CERTIFICATES}/own.pem"
    );
    cloud.file("clouds.yaml", &format!("clouds: {{lab: {{auth: {{{auth}}}, {more}}}}}"));
    let run = |args: &[&str]| -> Ran { ran(cloud.command(args).spawn().unwrap()) };
    let warning = "the token is sent in clear text";

    for command in [
        &["audit"][..],
        &["clouds", "--check"],
        &["revoke", "--dry-run", "--image", "img-00", "--project", "nobody"],
    ] {
        let ran = run(command);
        assert!(ran.err.contains(warning), "{command:?} {ran:#?}");
        assert!(ran.err.contains("image_endpoint_override"), "{command:?} {ran:#?}");
    }
    run(&["audit"]).ended(0);

    cloud.file("config.toml", "require_tls = true\n");
    cloud.demo.forget_requests();
    let refused = run(&["--config", "config.toml", "audit"]).ended(1);
    assert!(refused.err.contains("`require_tls` is set in config.toml"), "{refused:#?}");
    let requests = cloud.demo.requests();
    assert!(requests.iter().all(|request| !request.path.contains("images")), "{requests:#?}");

    cloud.file("config.toml", "require_tls = true\n[clouds.lab]\nrequire_tls = false\n");
    run(&["--config", "config.toml", "audit"]).ended(0);
}
