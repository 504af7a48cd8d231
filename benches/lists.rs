//! What one long page of images costs an audit: the most memory the program had, and how long it took. Beside this
//! program another one is measured in the same run, such as one of before a change:
//!
//! `cargo bench --bench lists -- target/before/sharelock`

#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Images of a page: 15 and 100 MB of them, and what a page has that was asked for.
const PAGES: [usize; 4] = [1, 4_000, 12_000, 80_000];

fn main() {
    let others = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let programs: Vec<String> =
        [env!("CARGO_BIN_EXE_sharelock").into()].into_iter().chain(others).collect();
    println!(
        "{:>8} {:>8} {:>8} {:>8} {:>7}  program",
        "images", "page MB", "peak MB", "seconds", "status"
    );
    for images in PAGES {
        for program in &programs {
            measure(program, images);
        }
    }
}

fn measure(program: &str, images: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let page = page(images);
    let length = page.len();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let page = page.clone();
            thread::spawn(move || serve(&stream, port, &page));
        }
    });
    let home = home(port);
    let begun = Instant::now();
    let mut audit = Command::new(program);
    audit.args(["audit", "--format", "json", "--output", "out.json"]).current_dir(home.path());
    audit.env_clear().env("HOME", home.path());
    audit.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut audit = audit.spawn().expect("a program");
    let (status, mut most) = (format!("/proc/{}/status", audit.id()), 0);
    let ended = loop {
        if let Some(ended) = audit.try_wait().expect("a child") {
            break ended;
        }
        most = most.max(high_water(&status).unwrap_or(0));
        thread::sleep(Duration::from_millis(2));
    };
    let (megabytes, seconds) = (length as f64 / 1e6, begun.elapsed().as_secs_f64());
    let (peak, code) = (most as f64 / 1e3, ended.code().unwrap_or(-1));
    println!("{images:>8} {megabytes:>8.1} {peak:>8.1} {seconds:>8.2} {code:>7}  {program}");
}

/// `VmHWM`, in kB.
fn high_water(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Images that have no members to be asked for, with about as many properties as a cloud's have.
fn page(images: usize) -> String {
    let properties: String = (0..20)
        .map(|n| format!(r#","hw_property_{n}":"a value of some length, number {n}""#))
        .collect();
    let image = |n: usize| {
        format!(
            r#"{{"id":"{n:08}-aaaa-bbbb-cccc-0123456789ab","name":"image-{n}","owner":"p","status":"active","visibility":"private","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","size":123456789,"os_distro":"ubuntu","tags":[]{properties}}}"#
        )
    };
    let all: Vec<String> = (0..images).map(image).collect();
    format!(r#"{{"images":[{}],"first":"/v2/images"}}"#, all.join(","))
}

fn home(port: u16) -> TempDir {
    let home = TempDir::new().expect("a temporary directory");
    let clouds = format!(
        "clouds:\n  b: {{image_sharing_api: glance, auth: {{auth_url: \"http://127.0.0.1:{port}/v3\", username: u, \
         password: x, project_name: p}}}}\n"
    );
    std::fs::write(home.path().join("clouds.yaml"), clouds).expect("a disk with room");
    home
}

/// A Keystone, and a Glance whose list of own images is the page.
fn serve(mut stream: &TcpStream, port: u16, page: &str) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let length = head.to_lowercase();
        let length = length.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        reader.by_ref().take(length).read_to_end(&mut Vec::new()).ok()?;
        let path = head.split(' ').nth(1)?;
        let token = format!(
            r#"{{"token":{{"project":{{"id":"p"}},"catalog":[{{"type":"image","endpoints":[{{"interface":"public","url":"http://127.0.0.1:{port}"}}]}}]}}}}"#
        );
        let (status, body) = match path {
            "/v3/auth/tokens" => ("201 X\r\nx-subject-token: t", token.as_str()),
            path if path.starts_with("/v2/images?") && !path.contains("os_hidden") => {
                ("200 X", page)
            }
            path if path.starts_with("/v2/images?") => ("200 X", r#"{"images":[]}"#),
            _ => ("404 X", "{}"),
        };
        let length = body.len();
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").ok()?;
    }
}
