//! A server for tests on a port of its own: what it heard, and whatever bytes a test wants it to answer.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test may panic")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Heard {
    /// `GET`, …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Request line and headers, lower-cased names not guaranteed.
    pub head: String,
    /// The body as text; invalid UTF-8 is replaced.
    pub body: String,
}

impl Heard {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let of = |line: &'_ str| line.split_once(':').map(|(key, _)| key.trim().to_owned());
        let line = self
            .head
            .lines()
            .skip(1)
            .find(|line| of(line).is_some_and(|key| key.eq_ignore_ascii_case(name)))?;
        line.split_once(':').map(|(_, value)| value.trim())
    }
}

/// What becomes of a connection.
pub enum Reply {
    /// These bytes; then the next request.
    Bytes(Vec<u8>),
    /// These bytes, and a moment later those; then the next request.
    Late(Vec<u8>, Vec<u8>),
    /// These bytes; then one more every so often, for ever.
    Trickle(Vec<u8>, std::time::Duration),
    /// These bytes; then the end.
    Cut(Vec<u8>),
    /// These bytes; then nothing any more.
    Silence(Vec<u8>),
}

/// An answer in JSON.
pub fn json(status: u16, body: &str) -> Reply {
    answer(status, &["content-type: application/json"], body)
}

/// An answer.
pub fn answer(status: u16, headers: &[&str], body: &str) -> Reply {
    let headers: String = headers.iter().flat_map(|line| [line, "\r\n"]).collect();
    let length = body.len();
    let whole = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}");
    Reply::Bytes(whole.into_bytes())
}

/// Runs until the test ends.
pub struct Server {
    /// `http://127.0.0.1:port`.
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    connections: Arc<AtomicUsize>,
    open: watch::Sender<usize>,
}

impl Server {
    /// Answers every request as `script` says.
    pub async fn start(script: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", script).await
    }

    /// The same at an address of this machine.
    pub async fn start_at(
        address: &str,
        script: impl Fn(&Heard) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (script, log) = (Arc::new(script), Arc::clone(&heard));
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let (open, _) = watch::channel(0);
        let opened = open.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                opened.send_modify(|open| *open += 1);
                let (script, log, opened) = (Arc::clone(&script), Arc::clone(&log), opened.clone());
                tokio::spawn(async move {
                    serve(stream, script, log).await;
                    opened.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { url, heard, connections, open }
    }

    /// Everything heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until this many connections are open at most.
    pub async fn until_open(&self, most: usize) {
        self.open.subscribe().wait_for(|open| *open <= most).await.unwrap();
    }

    /// Method and target of everything heard so far.
    pub fn requests(&self) -> Vec<String> {
        self.heard().iter().map(|heard| format!("{} {}", heard.method, heard.target)).collect()
    }
}

async fn serve<F: Fn(&Heard) -> Reply>(
    mut stream: TcpStream,
    script: Arc<F>,
    log: Arc<Mutex<Vec<Heard>>>,
) {
    let mut buffer = Vec::new();
    while let Some(heard) = hear(&mut stream, &mut buffer).await {
        log.lock().unwrap().push(heard.clone());
        let written = match script(&heard) {
            Reply::Bytes(bytes) => stream.write_all(&bytes).await,
            Reply::Late(bytes, later) => {
                let written = stream.write_all(&bytes).await;
                tokio::time::sleep(std::time::Duration::from_millis(3)).await;
                written.and(stream.write_all(&later).await)
            }
            Reply::Cut(bytes) => {
                stream.write_all(&bytes).await.ok();
                return;
            }
            Reply::Trickle(bytes, every) => {
                stream.write_all(&bytes).await.ok();
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(every).await;
                }
                return;
            }
            Reply::Silence(bytes) => {
                stream.write_all(&bytes).await.ok();
                std::future::pending().await
            }
        };
        if written.is_err() {
            return;
        }
    }
}

async fn hear(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Heard> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut words = head.split(' ');
    let (verb, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut arrived = Heard { method: verb, target, head, body: String::new() };
    let length: usize =
        arrived.header("content-length").map_or(0, |length| length.parse().unwrap());
    while buffer.len() < end + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    arrived.body = String::from_utf8_lossy(&buffer[end..end + length]).into_owned();
    buffer.drain(..end + length);
    Some(arrived)
}
