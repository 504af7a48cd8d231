//! The built program against a cloud and a network that mean harm: it ends, with the right status and a sentence, in
//! little memory, and tells nobody else its token.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

mod support;

use support::cloud::{Ran, ran};
use support::{BIN, surroundings};

const IMAGES: usize = 12;
const TOKEN: &str = "t0ken-of-the-cloud";

/// What a server says to the path and query of a read that is no login; what is not said is the usual.
type Script = fn(&str) -> Option<Says>;

enum Says {
    /// A status line's rest, headers, a beginning, and this again and again up to 500 MB.
    Flood(&'static str, &'static str, &'static str),
    /// A status line's rest with headers, and the whole body.
    This(String, String),
}

/// A Keystone and a Glance with a few images, also as a proxy for them. Runs until the test ends.
struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&log);
                thread::spawn(move || serve(stream, script, &log));
            }
        });
        Self { port, heard }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The heads of all requests so far.
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, script: Script, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        log.lock().unwrap().push(head.clone());
        let target = head.split(' ').nth(1)?;
        // A proxy is asked with the whole address.
        let (base, path) = match target.strip_prefix("http://") {
            Some(rest) => (format!("http://{}", rest.split('/').next()?), rest.split_once('/')?.1),
            None => (format!("http://{}", host(&head)?), &target[1..]),
        };
        match script(path).unwrap_or_else(|| usual(path, &base)) {
            Says::This(head, body) => {
                let length = body.len();
                write!(stream, "HTTP/1.1 {head}content-length: {length}\r\n\r\n{body}").ok()?;
            }
            Says::Flood(head, begin, again) => {
                let length = 500 << 20;
                write!(stream, "HTTP/1.1 {head}content-length: {length}\r\n\r\n{begin}").ok()?;
                let chunk = again.repeat(64 * 1024 / again.len());
                for _ in 0..length / chunk.len() {
                    stream.write_all(chunk.as_bytes()).ok()?;
                }
                return None;
            }
        }
    }
}

fn host(head: &str) -> Option<&str> {
    let of = |line: &'_ str| line.to_ascii_lowercase().starts_with("host:");
    head.lines().find(|line| of(line))?.split_once(':').map(|(_, host)| host.trim())
}

/// Takes what SOCKS 5 says before the first request (RFC 1928); gives back the name it asks for.
fn greet(stream: &mut TcpStream) -> Option<String> {
    let ways = taken(stream, 2)?[1];
    taken(stream, ways.into())?;
    stream.write_all(&[5, 0]).ok()?;
    let asked = taken(stream, 5)?;
    assert_eq!(asked[..4], [5, 1, 0, 3], "a name, and not an address that was looked up here");
    let name = taken(stream, asked[4].into())?;
    taken(stream, 2)?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    String::from_utf8(name).ok()
}

fn taken(stream: &mut TcpStream, count: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).ok().map(|()| bytes)
}

fn usual(path: &str, base: &str) -> Says {
    if path == "v3/auth/tokens" {
        let head = format!("201 X\r\nx-subject-token: {TOKEN}\r\n");
        let body = format!(
            r#"{{"token":{{"project":{{"id":"p"}},"catalog":[{{"type":"image","endpoints":[{{"interface":"public","url":"{base}"}}]}}]}}}}"#
        );
        return Says::This(head, body);
    }
    let ok = |body: String| Says::This("200 X\r\n".into(), body);
    if path.contains("/members") {
        return ok(r#"{"members":[{"member_id":"m","status":"accepted"}]}"#.into());
    }
    let image = |n: usize| format!(r#"{{"id":"i{n}","owner":"p","visibility":"shared"}}"#);
    let hidden = path.contains("os_hidden");
    let images: Vec<String> = (0..IMAGES).filter(|_| !hidden).map(image).collect();
    ok(format!(r#"{{"images":[{}]}}"#, images.join(",")))
}

/// A home with a cloud `h` that logs in there.
fn home(auth_url: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let yaml = format!(
        "clouds:\n  h: {{image_sharing_api: glance, auth: {{auth_url: \"{auth_url}/v3\", username: u, password: \
         hunter2, project_name: p}}}}\n"
    );
    std::fs::write(home.path().join("clouds.yaml"), yaml).unwrap();
    home
}

fn audit(home: &TempDir) -> Command {
    let mut command = Command::new(BIN);
    command.args(["audit", "--format", "json", "--output", "out.json"]);
    command.env_clear().envs(surroundings(home.path())).current_dir(home.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs an audit, and tells the most memory it had, in MB.
fn measured(server: &Server) -> (Ran, u64, String) {
    let home = home(&server.url());
    let mut child = audit(&home).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(high_water(&status).unwrap_or(0));
        thread::sleep(Duration::from_millis(5));
    }
    let out = std::fs::read_to_string(home.path().join("out.json")).unwrap_or_default();
    (ran(child), most / 1024, out)
}

/// `VmHWM`, in kB.
fn high_water(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

const ENTRY: &str = r#"{"id":"x","owner":"p","member_id":"m"},"#;

#[test]
fn answers_of_500_mb_end_as_incomplete_in_less_than_100_mb_of_memory() {
    let list: Script = |path| flooded(path, "{\"images\":[", ENTRY);
    let blanks: Script = |path| flooded(path, "{\"images\":[", " ");
    let entry: Script = |path| flooded(path, "{\"images\":[\"", "[");
    let many: Script = |path| flooded(path, "{\"images\":[", &MANY);
    let names: Script = |path| flooded(path, "{\"images\":[", &NAMED);
    let page: Script = |path| flooded(path, "{\"images\":[],\"next\":\"", "x");
    let members: Script = |path| {
        path.contains("/members").then_some(Says::Flood("200 X\r\n", "{\"members\":[", ENTRY))
    };
    let refusals: Script =
        |path| path.contains("/members").then_some(Says::Flood("403 X\r\n", "[0", ",0"));
    for (script, said) in [
        (
            list,
            "cannot list the project's images: the cloud's response is too long: more than 100000",
        ),
        (
            blanks,
            "cannot list the project's images: the cloud's response is too long: more than 256 MiB",
        ),
        (entry, "the cloud's response is too long: more than 1 MiB for one entry"),
        (many, "the cloud's response is too long: more than 100000 entries on one page"),
        (names, "the cloud's response is too long: more than 32 MiB of names on one page"),
        (page, "the cloud's response is too long: more than 1 MiB beside the list"),
        (members, "cannot read the members of image i0: the cloud's response is too long"),
        (refusals, "cannot read the members of image i0: not allowed"),
    ] {
        let server = Server::start(script);
        let (ran, most, out) = measured(&server);

        let ran = ran.ended(3);
        assert!(ran.err.contains(said), "{}", ran.err);
        assert!(out.contains("\"complete\":false"), "{out}");
        assert!(most < 100, "{most} MB: {said}");
    }
}

/// What floods the list of own images.
fn flooded(path: &str, begin: &'static str, again: &'static str) -> Option<Says> {
    let is_list = path.starts_with("v2/images?") && !path.contains("os_hidden");
    is_list.then_some(Says::Flood("200 X\r\n", begin, again))
}

/// Images that are as much to keep as so many of them may be.
static MANY: LazyLock<String> =
    LazyLock::new(|| format!("{{\"id\":\"x\",\"name\":\"{}\"}},", "n".repeat(320)));

/// An image with a name that fills a piece of a flood.
static NAMED: LazyLock<String> =
    LazyLock::new(|| format!("{{\"id\":\"x\",\"name\":\"{}\"}},", "n".repeat(60_000)));

#[test]
fn a_page_of_20_mb_from_a_cloud_that_ignores_the_limit_is_read_whole() {
    let script: Script = |path| {
        (path.starts_with("v2/images?") && !path.contains("os_hidden")).then(|| {
            let tags = "x".repeat(1200);
            let image = |n: usize| {
                format!("{{\"id\":\"i{n}\",\"owner\":\"p\",\"visibility\":\"private\",\"tags\":[\"{tags}\"]}}")
            };
            let images: Vec<String> = (0..16_000).map(image).collect();
            Says::This("200 X\r\n".into(), format!("{{\"images\":[{}]}}", images.join(",\n")))
        })
    };
    let (ran, most, out) = measured(&Server::start(script));

    ran.ended(0);
    assert!(out.contains("\"complete\":true") && out.contains("\"i15999\""));
    assert_eq!(out.matches("\"visibility\":\"private\"").count(), 16_000);
    assert!(most < 60, "{most} MB");
}

#[test]
fn a_page_of_a_million_tiny_entries_is_too_long_and_not_cut() {
    let script: Script = |path| {
        let list = path.starts_with("v2/images?") && !path.contains("os_hidden");
        list.then(|| {
            let entries = vec![r#"{"id":"x"}"#; 1_000_000].join(",");
            Says::This("200 X\r\n".into(), format!("{{\"images\":[{entries}]}}"))
        })
    };
    let (ran, most, out) = measured(&Server::start(script));

    assert!(ran.ended(3).err.contains("more than 100000 entries on one page"));
    assert!(out.contains("\"complete\":false"), "{out}");
    assert!(most < 100, "{most} MB");
}

#[test]
fn a_redirect_of_a_member_list_to_another_origin_takes_no_token_there() {
    static OTHER: Mutex<String> = Mutex::new(String::new());
    let other = Server::start(|_| None);
    *OTHER.lock().unwrap() = other.url();
    let server = Server::start(|path| {
        let location = format!("302 X\r\nlocation: {}/{path}\r\n", OTHER.lock().unwrap());
        path.contains("/members").then(|| Says::This(location, String::new()))
    });
    let (ran, _, out) = measured(&server);

    assert!(ran.ended(3).err.contains("redirects to"));
    assert!(out.contains("\"complete\":false"), "{out}");
    assert!(other.heard().is_empty());
}

#[test]
fn https_goes_through_a_tunnel_of_the_proxy() {
    let proxy = Server::start(|_| None);
    let home = home("https://keystone.cloud.invalid");
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy"] {
        let mut command = audit(&home);
        ran(command.env(name, proxy.url()).spawn().unwrap()).ended(1);
    }
    let heard = proxy.heard();
    assert!(heard.len() >= 3, "{heard:?}");
    assert!(heard.iter().all(|head| head.starts_with("CONNECT keystone.cloud.invalid:443 ")));
}

#[test]
fn a_socks_proxy_is_used_and_looks_names_up_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let names = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&names);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let asked = Arc::clone(&asked);
            thread::spawn(move || {
                asked.lock().unwrap().push(greet(&mut stream)?);
                serve(stream, |_| None, &Mutex::default())
            });
        }
    });
    let home = home("http://keystone.cloud.invalid:5000");
    let through = format!("socks5h://127.0.0.1:{port}");

    ran(audit(&home).env("all_proxy", through).spawn().unwrap()).ended(0);

    let names = names.lock().unwrap();
    assert!(!names.is_empty() && names.iter().all(|name| name == "keystone.cloud.invalid"));
}

#[test]
fn a_proxy_that_cannot_be_spoken_to_is_one_line_and_nothing_goes_past_it() {
    let home = home("http://keystone.cloud.invalid:5000");
    for proxy in ["quic://me:pr0xy-secret@127.0.0.1:1", "ftp://127.0.0.1:1"] {
        let ran = ran(audit(&home).env("http_proxy", proxy).spawn().unwrap()).ended(1);
        let [warning, error] = *ran.err.lines().collect::<Vec<_>>() else { panic!("{}", ran.err) };
        assert!(warning.contains("password and token are sent in clear text"), "{warning}");
        assert!(error.contains("cannot use the proxy in `http_proxy`"), "{error}");
        assert!(!ran.err.contains("pr0xy-secret"));
    }
}

#[test]
fn a_proxy_of_the_environment_is_used_and_no_proxy_goes_past_it() {
    let proxy = Server::start(|_| None);
    let home = home("http://keystone.cloud.invalid:5000");
    let through = format!("http://me:pr0xy-secret@127.0.0.1:{}", proxy.port);
    let run = |names: &[(&str, &str)]| {
        let mut command = audit(&home);
        command.args(["--log-file", "log"]).env("SHARELOCK_LOG", "trace");
        ran(command.envs(names.iter().copied()).spawn().unwrap())
    };

    let used = run(&[("http_proxy", &through)]).ended(0);
    let heard = proxy.heard();
    assert!(heard[0].starts_with("GET http://keystone.cloud.invalid:5000/"));
    assert!(heard[1].starts_with("POST http://keystone.cloud.invalid:5000/v3/auth/tokens "));
    assert!(heard.iter().all(|head| head.to_lowercase().contains("proxy-authorization: basic ")));
    let of_names = heard.iter().filter(|head| head.contains("/projects"));
    assert_eq!(heard.len() - of_names.count(), 3 + 2 + IMAGES);

    for list in [
        "*",
        "cloud.invalid",
        ".cloud.invalid",
        "other.test, keystone.cloud.invalid",
        "keystone.cloud.invalid:5000",
        ".cloud.invalid:5000",
        "cloud.invalid.",
    ] {
        let past = run(&[("http_proxy", &through), ("no_proxy", list)]).ended(1);
        assert!(past.err.contains("cannot connect to keystone.cloud.invalid"), "{}", past.err);
    }
    assert_eq!(proxy.heard().len(), heard.len());

    let log = std::fs::read_to_string(home.path().join("log")).unwrap();
    let written = [used.out, used.err, log].concat();
    for secret in ["pr0xy-secret", "hunter2", TOKEN] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

#[test]
fn an_entry_of_no_proxy_that_is_ignored_is_a_warning_before_anything_is_sent() {
    let home = home("http://keystone.cloud.invalid:5000");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", silent.local_addr().unwrap());
    let mut command = audit(&home);
    command.env("http_proxy", proxy).env("no_proxy", "*.cloud.invalid");
    let mut program = command.spawn().unwrap();
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();

    // The proxy has answered nothing, so the login waits.
    let warning = lines.next().unwrap().unwrap();

    program.kill().unwrap();
    program.wait().unwrap();
    assert!(
        warning.contains("`no_proxy` contains `*.cloud.invalid`, which is ignored"),
        "{warning}"
    );
    assert!(warning.contains("write `.cloud.invalid`"), "{warning}");
}

#[test]
fn require_tls_refuses_a_login_in_clear_text_before_anything_is_sent() {
    let proxy = Server::start(|_| None);
    let home = home("http://keystone.cloud.invalid:5000");
    std::fs::write(home.path().join("config.toml"), "require_tls = true\n").unwrap();
    let mut command = audit(&home);
    command.env("http_proxy", format!("http://127.0.0.1:{}", proxy.port));
    command.args(["--config", "config.toml"]);

    let refused = ran(command.spawn().unwrap()).ended(1);

    assert!(refused.err.contains("`require_tls` is set in config.toml"), "{}", refused.err);
    assert!(proxy.heard().is_empty());
}

#[test]
fn a_dead_proxy_is_told_and_a_cloud_on_this_machine_goes_past_it() {
    let server = Server::start(|_| None);
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let proxy = format!("http://me:pr0xy-secret@127.0.0.1:{dead}");
    let through = |home: &TempDir| ran(audit(home).env("http_proxy", &proxy).spawn().unwrap());

    through(&home(&server.url())).ended(0);
    let told = through(&home("http://keystone.cloud.invalid:5000")).ended(1);
    let why = format!("cannot connect to the proxy 127.0.0.1:{dead}");
    assert!(told.err.contains(&why), "{}", told.err);
    assert!(!told.err.contains("pr0xy-secret"), "{}", told.err);
}
