//! HTTP/2, where the server offers it (RFC 9113): frames by hand, for a server that behaves has no way to break off.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::secure::{acceptor, ca};
use super::*;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
/// The flag: of a settings or ping frame, that it answers one; of others, that they end the stream.
const END: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:status: 200` in the table that every header compression begins with (RFC 7541, appendix A).
const STATUS_200: &[u8] = &[0x88];
const REFUSED_STREAM: u32 = 7;
const INTERNAL_ERROR: u32 = 2;

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// `{}`.
    Answered,
    /// The stream is reset before any answer, with this code.
    Reset(u32),
    /// The stream is reset within the answer.
    Cut,
    /// The connection is given up, and the server claims that it carried nothing out.
    GoneAway,
}

/// What a server has heard.
#[derive(Default)]
struct Heard {
    requests: AtomicUsize,
    connections: AtomicUsize,
    protocols: Mutex<Vec<Option<String>>>,
}

/// Does with each request, by its number from 0, what the script says; `https://127.0.0.1:port`.
async fn server(script: impl Fn(usize) -> Fate + Copy + Send + 'static) -> (String, Arc<Heard>) {
    let acceptor = acceptor(false, &["h2", "http/1.1"]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let heard = Arc::new(Heard::default());
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.ok()?;
                let protocol = stream.get_ref().1.alpn_protocol();
                let protocol = protocol.map(|name| String::from_utf8_lossy(name).into_owned());
                log.protocols.lock().unwrap().push(protocol);
                log.connections.fetch_add(1, Ordering::SeqCst);
                serve(stream, script, &log).await
            });
        }
    });
    (url, heard)
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    script: impl Fn(usize) -> Fate,
    log: &Heard,
) -> Option<()> {
    let mut preface = [0; PREFACE.len()];
    stream.read_exact(&mut preface).await.ok()?;
    assert_eq!(preface, PREFACE);
    write(&mut stream, SETTINGS, 0, 0, &[]).await?;
    loop {
        let (kind, flags, number, payload) = read(&mut stream).await?;
        let is_answer = flags & END != 0;
        match kind {
            SETTINGS | PING if !is_answer => {
                let echo = if kind == PING { &*payload } else { &[] };
                write(&mut stream, kind, END, 0, echo).await?;
            }
            HEADERS | DATA if is_answer => {
                let request = log.requests.fetch_add(1, Ordering::SeqCst);
                meet(&mut stream, script(request), number).await?;
            }
            _ => {}
        }
    }
}

/// `None` when the connection is to end.
async fn meet(stream: &mut (impl AsyncWrite + Unpin), fate: Fate, number: u32) -> Option<()> {
    match fate {
        Fate::Answered => {
            write(stream, HEADERS, END_HEADERS, number, STATUS_200).await?;
            write(stream, DATA, END, number, b"{}").await
        }
        Fate::Reset(code) => write(stream, RESET, 0, number, &code.to_be_bytes()).await,
        Fate::Cut => {
            write(stream, HEADERS, END_HEADERS, number, STATUS_200).await?;
            write(stream, DATA, 0, number, b"{").await?;
            write(stream, RESET, 0, number, &INTERNAL_ERROR.to_be_bytes()).await
        }
        Fate::GoneAway => {
            write(stream, GOAWAY, 0, 0, &[0; 8]).await?;
            stream.shutdown().await.ok();
            None
        }
    }
}

async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    kind: u8,
    flags: u8,
    number: u32,
    payload: &[u8],
) -> Option<()> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &number.to_be_bytes()].concat();
    stream.write_all(&[&head, payload].concat()).await.ok()?;
    stream.flush().await.ok()
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<(u8, u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).await.ok()?;
    let number = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
    Some((head[3], head[4], number, payload))
}

fn trusting() -> Client {
    client(|settings| settings.ca = Some(ca("ca.pem")))
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered_and_one_connection_is_enough() {
    let (url, heard) = server(|_| Fate::Answered).await;
    let client = trusting();
    assert_eq!(get(&client, &url).await.unwrap().body, b"{}");

    let others = (0..20).map(|_| get(&client, &url));
    let answers = futures_util::future::join_all(others).await;

    assert!(answers.into_iter().all(|answer| answer.unwrap().body == b"{}"));
    assert_eq!(heard.requests.load(Ordering::SeqCst), 21);
    assert_eq!(*heard.protocols.lock().unwrap(), [Some("h2".to_owned())]);
}

#[tokio::test]
async fn a_read_that_is_broken_off_is_lost_and_the_next_one_is_answered() {
    for fate in
        [Fate::Reset(INTERNAL_ERROR), Fate::Reset(REFUSED_STREAM), Fate::Cut, Fate::GoneAway]
    {
        let (url, heard) = server(move |n| if n == 0 { fate } else { Fate::Answered }).await;
        let client = trusting();

        let error = get(&client, &url).await.unwrap_err();

        assert!(matches!(error, HttpError::Lost(_)), "{fate:?}: {error:?}");
        assert_eq!(get(&client, &url).await.unwrap().body, b"{}", "{fate:?}");
        assert_eq!(heard.requests.load(Ordering::SeqCst), 2);
    }
}

/// Even one that the server says it did not carry out: whether that is true is found out by reading.
#[tokio::test]
async fn a_change_that_is_broken_off_is_lost_and_not_sent_again() {
    for fate in
        [Fate::Reset(INTERNAL_ERROR), Fate::Reset(REFUSED_STREAM), Fate::Cut, Fate::GoneAway]
    {
        for used in [false, true] {
            let (url, heard) =
                server(move |n| if used && n == 0 { Fate::Answered } else { fate }).await;
            let client = trusting();
            if used {
                get(&client, &url).await.unwrap();
            }
            let mut change = request(Method::DELETE, &url);
            *change.body_mut() = Some("{}".into());

            let error = client.send(change).await.unwrap_err();

            assert!(matches!(error, HttpError::Lost(_)), "{fate:?}: {error:?}");
            assert_eq!(heard.requests.load(Ordering::SeqCst), 1 + usize::from(used), "{fate:?}");
            assert_eq!(heard.connections.load(Ordering::SeqCst), 1);
        }
    }
}
