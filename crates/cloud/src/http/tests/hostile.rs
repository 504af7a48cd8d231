//! What servers, proxies and the network between can do to an answer.

use super::*;

fn long(limit: usize) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..=limit / 1024 {
        bytes.extend(format!("400\r\n{}\r\n", "x".repeat(1024)).into_bytes());
    }
    bytes
}

#[tokio::test]
async fn a_page_of_a_list_may_be_longer_than_another_answer_and_has_its_own_cap() {
    let server = Server::start(|_| Reply::Silence(long(100_000))).await;
    let client = client(|settings| {
        (settings.max_answer, settings.max_list) = (10_000, 50_000);
    });
    let get = || request(Method::GET, &server.url);

    let error = client.send(get()).await.unwrap_err();
    assert_eq!(error, HttpError::TooLong { limit: 10_000 });
    let error = client.read_list(get(), &mut Vec::new()).await.unwrap_err();
    assert_eq!(error, HttpError::TooLong { limit: 50_000 });
}

#[tokio::test]
async fn long_answers_are_in_memory_one_after_the_other() {
    let body = "x".repeat(600_000);
    let server = Server::start(move |_| json(200, &body)).await;
    let client = client(|_| ());
    let read = || get(&client, &server.url);

    let first = read().await.unwrap();
    let mut second = Box::pin(read());
    let early = tokio::time::timeout(Duration::from_millis(50), &mut second).await;
    assert!(early.is_err(), "the first is still held");
    drop(first);

    assert_eq!(second.await.unwrap().body.len(), 600_000);
}

#[tokio::test]
async fn a_list_is_taken_while_it_arrives_and_the_answer_has_no_body() {
    let body = "é".repeat(300_000);
    let sent = body.clone();
    let server = Server::start(move |_| json(200, &sent)).await;
    let mut taken = Vec::new();

    let get = request(Method::GET, &server.url);
    let answer = client(|_| ()).read_list(get, &mut taken).await.unwrap();

    assert_eq!((answer.status.as_u16(), answer.body), (200, Vec::new()));
    assert!(taken == body.as_bytes());
}

#[tokio::test]
async fn of_an_answer_that_is_no_success_a_list_takes_nothing() {
    let server = Server::start(|heard: &Heard| match heard.target.as_str() {
        "/moved" => answer(307, &["location: /list"], "moved"),
        "/list" => json(200, "[]"),
        _ => json(401, "no"),
    })
    .await;
    let client = client(|_| ());
    let mut taken = Vec::new();

    let refused = request(Method::GET, &format!("{}/refused", server.url));
    assert_eq!(client.read_list(refused, &mut taken).await.unwrap().body, b"no");
    assert!(taken.is_empty());
    let moved = request(Method::GET, &format!("{}/moved", server.url));
    client.read_list(moved, &mut taken).await.unwrap();
    assert_eq!(taken, b"[]");
}

#[tokio::test]
async fn an_answer_without_end_is_left_once_no_more_of_it_is_wanted() {
    struct Enough(usize);
    impl Intake for Enough {
        fn take(&mut self, piece: &[u8]) -> ControlFlow<()> {
            self.0 += piece.len();
            if self.0 > 5000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    let server = Server::start(|_| Reply::Silence(long(10_000))).await;
    let mut enough = Enough(0);

    let get = request(Method::GET, &server.url);
    let answer = client(|_| ()).read_list(get, &mut enough).await.unwrap();

    assert!(answer.status.is_success() && enough.0 > 5000);
}

#[tokio::test]
async fn a_refusal_with_a_page_without_end_is_still_a_refusal() {
    for status in ["403 X", "502 X"] {
        let server = Server::start(move |_| {
            let page = String::from_utf8(long(1 << 20)).unwrap();
            Reply::Silence(page.replace("200 X", status).into_bytes())
        })
        .await;

        let answer = get(&client(|_| ()), &server.url).await.unwrap();

        assert_eq!(answer.status.as_str(), &status[..3]);
        assert_eq!(answer.body.len(), 64 << 10);
    }
}

#[tokio::test]
async fn a_refusal_whose_words_are_cut_is_still_a_refusal() {
    let cut = "HTTP/1.1 403 X\r\ncontent-length: 99\r\n\r\n{\"mess";
    let server = Server::start(move |_| Reply::Cut(cut.into())).await;

    let answer = client(|_| ()).send(request(Method::DELETE, &server.url)).await.unwrap();

    assert_eq!(answer.status.as_u16(), 403);
}

#[tokio::test]
async fn an_error_of_the_server_whose_words_are_cut_is_a_lost_answer() {
    let cut = "HTTP/1.1 500 X\r\ncontent-length: 99\r\n\r\n{\"mess";
    let server = Server::start(move |_| Reply::Cut(cut.into())).await;

    let error = client(|_| ()).send(request(Method::DELETE, &server.url)).await.unwrap_err();

    assert!(matches!(error, HttpError::Lost(_)), "{error:?}");
}

#[tokio::test]
async fn a_byte_now_and_then_for_ever_ends_at_the_deadline_of_the_whole_answer() {
    let head = "HTTP/1.1 200 X\r\ncontent-length: 100000\r\n\r\n[";
    for said in ["HTTP/1.1 200 X\r\nx-slow: ", head] {
        let every = Duration::from_millis(10);
        let server = Server::start(move |_| Reply::Trickle(said.into(), every)).await;
        let client = client(|settings| {
            settings.silence = Duration::from_secs(20);
            settings.whole = Duration::from_millis(150);
        });

        let error = get(&client, &server.url).await.unwrap_err();

        assert!(
            matches!(&error, HttpError::Lost(text) if text.to_string().contains("complete")),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_shorter_than_it_says_is_lost_and_one_that_is_longer_spoils_no_other() {
    let short = Server::start(|_| {
        Reply::Silence(b"HTTP/1.1 200 X\r\ncontent-length: 50\r\n\r\n{}".to_vec())
    })
    .await;
    let impatient = client(|settings| settings.silence = Duration::from_millis(50));
    let error = get(&impatient, &short.url).await.unwrap_err();
    assert!(matches!(error, HttpError::Lost(_)), "{error:?}");

    // What is left over is there before the next request: the connection is given up.
    let long = Server::start(|_| {
        Reply::Bytes(b"HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}, \"more\": 1}".to_vec())
    })
    .await;
    let client = client(|_| ());
    for _ in 0..10 {
        match get(&client, &long.url).await {
            Ok(answer) => assert_eq!(answer.body, b"{}"),
            Err(error) => assert!(matches!(error, HttpError::Lost(_)), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn a_204_with_a_body_makes_the_next_change_take_a_connection_of_its_own() {
    let server = Server::start(|_| {
        Reply::Late(b"HTTP/1.1 204 X\r\ncontent-length: 4\r\n\r\n".into(), b"junk".into())
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
async fn a_gzip_that_is_none_is_lost() {
    let server = Server::start(|_| {
        answer(200, &["content-encoding: gzip", "content-type: application/json"], "{\"a\":1}")
    })
    .await;

    let error = get(&client(|_| ()), &server.url).await.unwrap_err();

    assert!(matches!(error, HttpError::Lost(_)), "{error:?}");
}

#[tokio::test]
async fn headers_without_end_are_lost() {
    let server = Server::start(|_| {
        let mut bytes = b"HTTP/1.1 200 X\r\n".to_vec();
        for at in 0..20_000 {
            bytes.extend(format!("x-{at}: {}\r\n", "y".repeat(100)).into_bytes());
        }
        Reply::Silence(bytes)
    })
    .await;

    let error = get(&client(|_| ()), &server.url).await.unwrap_err();

    assert!(matches!(error, HttpError::Lost(_)), "{error:?}");
}

#[tokio::test]
async fn a_server_at_an_ipv6_address_is_asked() {
    let server = Server::start_at("[::1]:0", |_| json(200, "{}")).await;
    assert!(server.url.starts_with("http://[::1]:"));

    assert_eq!(get(&client(|_| ()), &server.url).await.unwrap().body, b"{}");
    assert_eq!(server.heard()[0].header("host"), server.url.strip_prefix("http://"));
}
