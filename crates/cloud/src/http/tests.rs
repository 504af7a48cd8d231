use std::time::Duration;

use reqwest::header::HeaderValue;

use super::testing::{Heard, Reply, Server, answer, json};
use super::*;

mod hostile;
mod proxied;
pub(super) mod secure;
mod two;

fn client(change: impl FnOnce(&mut Transport)) -> Client {
    let mut settings = Transport::default();
    change(&mut settings);
    Client::new(settings).unwrap()
}

fn request(method: Method, url: &str) -> Request {
    let mut request = Request::new(method, Url::parse(url).unwrap());
    request.headers_mut().insert("x-auth-token", HeaderValue::from_static("s3cret-token"));
    request
}

async fn get(client: &Client, url: &str) -> Result<Answer, HttpError> {
    client.send(request(Method::GET, url)).await
}

#[tokio::test]
async fn an_answer_has_status_body_and_the_cloud_s_request_id() {
    let server = Server::start(|_| {
        answer(404, &["x-openstack-request-id: req-1", "content-type: application/json"], "{}")
    })
    .await;

    let answer = get(&client(|_| ()), &format!("{}/v2/images?a=b", server.url)).await.unwrap();

    assert_eq!(answer.status.as_u16(), 404);
    assert_eq!(answer.body, b"{}");
    assert_eq!(answer.request_id, Some("req-1".into()));
    let heard = &server.heard()[0];
    assert_eq!(heard.target, "/v2/images?a=b");
    assert_eq!(heard.header("user-agent"), Some(concat!("sharelock/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(heard.header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn read_only_lets_no_byte_of_a_change_out() {
    let server = Server::start(|_| json(200, "{}")).await;
    let client = client(|settings| settings.read_only = true);

    for method in [Method::DELETE, Method::POST, Method::PUT, Method::PATCH] {
        let error = client.send(request(method, &server.url)).await.unwrap_err();
        assert!(matches!(error, HttpError::ReadOnly(_)) && error.is_not_sent());
    }
    assert!(server.heard().is_empty());

    get(&client, &server.url).await.unwrap();
    client.log_in(request(Method::POST, &server.url)).await.unwrap();
    assert_eq!(server.requests(), ["GET /", "POST /"]);
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_an_error_and_the_other_origin_hears_nothing() {
    let other = Server::start(|_| json(200, "{}")).await;
    let location = format!("location: {}/steal?x=1", other.url);
    let server = Server::start(move |_| answer(302, &[&location], "")).await;

    let error = get(&client(|_| ()), &server.url).await.unwrap_err();

    let HttpError::Redirected { status, from, to } = &error else { panic!("{error:?}") };
    assert_eq!((status.as_u16(), from), (302, &server.url));
    assert_eq!(*to, format!("{}/steal", other.url));
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_for_reads_alone() {
    let server = Server::start(|heard: &Heard| match heard.target.as_str() {
        "/old" => answer(301, &["location: /new"], ""),
        _ => json(200, "[]"),
    })
    .await;
    let client = client(|_| ());
    let old = format!("{}/old", server.url);

    assert_eq!(get(&client, &old).await.unwrap().body, b"[]");
    let error = client.send(request(Method::DELETE, &old)).await.unwrap_err();

    assert!(matches!(error, HttpError::Redirected { .. }));
    assert_eq!(server.requests(), ["GET /old", "GET /new", "DELETE /old"]);
    assert_eq!(server.heard()[1].header("x-auth-token"), Some("s3cret-token"));
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let server = Server::start(|_| answer(307, &["location: /again"], "")).await;

    assert!(matches!(get(&client(|_| ()), &server.url).await, Err(HttpError::Redirected { .. })));
    assert_eq!(server.heard().len(), 6);
}

#[tokio::test]
async fn a_choice_of_versions_is_an_answer_not_a_redirect() {
    let server = Server::start(|_| answer(300, &["location: /v3/"], "{}")).await;

    assert_eq!(get(&client(|_| ()), &server.url).await.unwrap().status.as_u16(), 300);
}

#[tokio::test]
async fn an_answer_longer_than_the_cap_is_given_up_on_while_it_arrives() {
    let server = Server::start(|_| {
        let mut bytes = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        for _ in 0..100 {
            bytes.extend(format!("400\r\n{}\r\n", "x".repeat(1024)).into_bytes());
        }
        Reply::Silence(bytes)
    })
    .await;
    let client = client(|settings| settings.max_answer = 10_000);

    assert_eq!(get(&client, &server.url).await.unwrap_err(), HttpError::TooLong { limit: 10_000 });
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_huge_one_is_given_up_on() {
    // 1 MiB of zeros, gzipped.
    let server = Server::start(|_| {
        let packed = include_bytes!("tests/zeros.gz");
        let length = packed.len();
        let head =
            format!("HTTP/1.1 200 X\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n");
        Reply::Bytes([head.as_bytes(), packed].concat())
    })
    .await;

    let small = client(|settings| settings.max_answer = 100_000);
    assert!(matches!(get(&small, &server.url).await, Err(HttpError::TooLong { .. })));
    assert_eq!(get(&client(|_| ()), &server.url).await.unwrap().body.len(), 1 << 20);
}

#[tokio::test]
async fn a_cut_answer_is_lost_wherever_it_is_cut() {
    for cut in ["", "HTTP/1.1 20", "HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{\"a\":"] {
        let server = Server::start(move |_| Reply::Cut(cut.into())).await;

        let error = client(|_| ()).send(request(Method::DELETE, &server.url)).await.unwrap_err();

        assert!(matches!(error, HttpError::Lost(_)), "{cut:?}: {error:?}");
        assert_eq!(server.heard().len(), 1, "a change is never sent twice");
    }
}

#[tokio::test]
async fn silence_is_lost_before_and_within_an_answer() {
    for said in ["", "HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{"] {
        let server = Server::start(move |_| Reply::Silence(said.into())).await;
        let client = client(|settings| settings.silence = Duration::from_millis(50));

        let error = get(&client, &server.url).await.unwrap_err();

        assert!(
            matches!(&error, HttpError::Lost(text) if text.to_string().contains("sent nothing")),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_as_a_whole_is_lost() {
    let server = Server::start(|_| Reply::Silence(Vec::new())).await;
    let client = client(|settings| settings.whole = Duration::from_millis(50));

    let error = get(&client, &server.url).await.unwrap_err();

    assert!(
        matches!(&error, HttpError::Lost(text) if text.to_string().contains("complete")),
        "{error:?}"
    );
}

#[tokio::test]
async fn nobody_listening_is_unreachable_and_so_is_a_name_that_is_none() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    for url in [format!("http://127.0.0.1:{port}/"), "http://nowhere.invalid/".into()] {
        let client = client(|settings| settings.connect = Duration::from_secs(2));
        let error = get(&client, &url).await.unwrap_err();
        assert!(matches!(error, HttpError::Unreachable(_)) && error.is_not_sent(), "{error:?}");
    }
}

#[tokio::test]
async fn https_to_a_server_without_tls_says_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 X\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });

    let error = get(&client(|settings| settings.insecure = true), &url).await.unwrap_err();

    assert!(error.is_not_sent(), "{error:?}");
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
    assert!(error.hint().unwrap().contains("http://"), "{error:?}");
}

#[tokio::test]
async fn no_debug_or_error_text_shows_a_token() {
    let server =
        Server::start(|_| answer(201, &["x-subject-token: s3cret-token"], "s3cret-token")).await;
    let answer = get(&client(|_| ()), &server.url).await.unwrap();
    assert!(!format!("{answer:?}").contains("s3cret"));

    let broken = Server::start(|_| Reply::Cut(b"s3cret-token".to_vec())).await;
    let url = format!("{}/?token=s3cret-token", broken.url);
    let error = get(&client(|_| ()), &url).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[test]
fn a_certificate_file_that_cannot_be_used_is_told_before_any_request() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ca.pem");
    let try_it = || {
        let transport = Transport {
            ca: Some(Ca { path: path.clone(), setting: "cacert" }),
            ..Transport::default()
        };
        Client::new(transport).map(|_| ()).unwrap_err().to_string()
    };
    assert!(try_it().contains("cacert"), "{}", try_it());
    std::fs::write(&path, "not a certificate").unwrap();
    assert!(try_it().contains("no certificate"), "{}", try_it());
    let own = Transport { cert: Some(path.clone()), ..Transport::default() };
    let said = |own: Transport| Client::new(own).unwrap_err().to_string();
    assert!(said(own.clone()).contains("set `key` if the key has its own file"));
    let with_key = Transport { key: Some(path.clone()), ..own };
    let told = said(with_key);
    assert!(told.contains("belong together") && !told.contains("set `key`"), "{told}");
}

#[tokio::test]
async fn remains_after_a_204_are_not_taken_for_the_answer_to_the_next_change() {
    let server = Server::start(|_| {
        Reply::Late(
            b"HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n".into(),
            b"0\r\n\r\n".into(),
        )
    })
    .await;
    let client = client(|_| ());

    for _ in 0..20 {
        let answer = client.send(request(Method::DELETE, &server.url)).await.unwrap();
        assert_eq!(answer.status.as_u16(), 204);
    }

    assert_eq!(server.heard().len(), 20);
}

#[tokio::test]
async fn connections_are_kept() {
    let server = Server::start(|_| json(200, "{}")).await;
    let client = client(|_| ());

    for _ in 0..5 {
        get(&client, &server.url).await.unwrap();
    }

    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn few_connections_are_kept_when_nothing_is_sent() {
    let server = Server::start(|_| json(200, "{}")).await;
    let client = client(|_| ());

    let all = (0..16).map(|_| get(&client, &server.url));
    futures_util::future::join_all(all).await;

    assert!(server.connections() > super::client::MOST_IDLE, "they were sent at the same time");
    server.until_open(super::client::MOST_IDLE).await;
}
