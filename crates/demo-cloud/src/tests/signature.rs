//! What the gateway makes of signatures, with requests signed by hand.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// A request for the first page of images, by one who can sign.
struct Attempt {
    key: &'static Key,
    secret: &'static str,
    /// Seconds the date is off.
    off: i64,
    /// What is signed and sent.
    query: (&'static str, &'static str),
    body: (&'static str, &'static str),
    project: Option<String>,
    names: &'static str,
}

impl Attempt {
    fn of(user: &str) -> Self {
        let key = key_of(user).unwrap();
        let query = ("limit=1", "limit=1");
        let (off, body, project) = (0, ("", ""), None);
        Self { key, secret: key.secret, off, query, body, project, names: "host;x-sdk-date" }
    }

    async fn send(&self, demo: &Demo) -> (u16, String) {
        let host = demo.url().trim_start_matches("http://").to_owned();
        let at = jiff::Timestamp::now();
        let at = at.checked_add(jiff::SignedDuration::from_secs(self.off)).unwrap();
        let date = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let headers: String = self
            .names
            .split(';')
            .map(|name| match name {
                "host" => format!("host:{host}\n"),
                "x-project-id" => format!("x-project-id:{}\n", self.project.as_deref().unwrap()),
                _ => format!("x-sdk-date:{date}\n"),
            })
            .collect::<Vec<_>>()
            .concat();
        let canonical = format!(
            "GET\n/ims/v2/cloudimages/\n{}\n{headers}\n{}\n{}",
            self.query.0,
            self.names,
            hex(&Sha256::digest(self.body.0))
        );
        let text = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(canonical)));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let signature = hex(&mac.finalize().into_bytes());
        let (access, names) = (self.key.access, self.names);
        let proof = format!(
            "SDK-HMAC-SHA256 Access={access}, SignedHeaders={names}, Signature={signature}"
        );
        let url = format!("{}/ims/v2/cloudimages?{}", demo.url(), self.query.1);
        let mut request = client().get(url).header("x-sdk-date", date);
        request = request.header("authorization", proof).body(self.body.1);
        if let Some(project) = &self.project {
            request = request.header("x-project-id", project);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

async fn demo() -> Demo {
    Demo::start(Options::plain(2, 2)).await.unwrap()
}

#[tokio::test]
async fn a_right_signature_is_as_good_as_a_token() {
    let demo = demo().await;
    let (status, body) = Attempt::of("alice").send(&demo).await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"images\":[{"), "{body}");
}

#[tokio::test]
async fn whatever_is_changed_after_signing_is_refused_with_what_was_understood() {
    let demo = demo().await;
    let right = || Attempt::of("alice");
    for wrong in [
        Attempt { secret: "wrong", ..right() },
        Attempt { query: ("limit=1", "limit=2"), ..right() },
        Attempt { body: ("", "{}"), ..right() },
    ] {
        let (status, body) = wrong.send(&demo).await;
        assert_eq!(status, 401, "{body}");
        let words = "verify aksk signature fail, canonicalRequest:GET|/ims/v2/cloudimages/|limit=";
        assert!(body.contains("APIGW.0301") && body.contains(words), "{body}");
    }
    for names in ["x-sdk-date", "host", "x-sdk-date;host"] {
        let (status, body) = Attempt { names, ..right() }.send(&demo).await;
        assert_eq!(status, 401, "{body}");
        demo.world().locks.right(right().key);
    }
}

#[tokio::test]
async fn a_date_may_be_a_quarter_of_an_hour_off_and_no_more() {
    let demo = demo().await;
    for (off, expected) in [(-890, 200), (890, 200), (-910, 401), (910, 401)] {
        let (status, body) = Attempt { off, ..Attempt::of("alice") }.send(&demo).await;
        assert_eq!(status, expected, "{off}: {body}");
    }
}

#[tokio::test]
async fn five_wrong_signatures_in_a_row_lock_the_key_and_nobody_else_s() {
    let demo = demo().await;
    let wrong = || Attempt { secret: "wrong", ..Attempt::of("alice") };
    for _ in 0..4 {
        wrong().send(&demo).await;
    }
    assert_eq!(Attempt::of("alice").send(&demo).await.0, 200, "four are forgotten");
    for _ in 0..5 {
        wrong().send(&demo).await;
    }

    let (status, body) = Attempt::of("alice").send(&demo).await;

    assert_eq!(status, 401);
    assert!(body.contains("AK access failed to reach the limit, forbidden"), "{body}");
    assert_eq!(Attempt::of("bob").send(&demo).await.0, 200);
}

#[tokio::test]
async fn the_project_of_the_header_must_be_one_of_the_user_s() {
    let demo = demo().await;
    let id = |name: &str| demo.world().project(name).unwrap().0.raw().to_owned();
    let (factory, web) = (id("image-factory"), id("team-web"));
    for (project, expected) in [(factory, 200), (web, 403)] {
        let names = "host;x-project-id;x-sdk-date";
        let project = Some(project);
        let attempt = Attempt { project, names, ..Attempt::of("alice") };
        assert_eq!(attempt.send(&demo).await.0, expected);
    }
}
