//! Keys against the embedded cloud, which computes signatures by itself, and against servers that misbehave.

use std::sync::atomic::{AtomicI64, Ordering};

use secrecy::SecretString;

use super::*;
use crate::auth::{NameOrId, Session};
use crate::http::testing::{Server, answer, json, made};
use crate::http::{Method, Transport};
use demo_cloud::{Demo, KEYS, Key, Options, key_of};
use domain::Text;

fn http() -> Client {
    Client::new(Transport::default()).unwrap()
}

fn access_key(key: &Key) -> AccessKey {
    AccessKey {
        access: key.access.into(),
        secret: SecretString::from(key.secret),
        security_token: key.security_token.map(SecretString::from),
    }
}

fn alice() -> AccessKey {
    access_key(key_of("alice").unwrap())
}

fn wrong() -> AccessKey {
    AccessKey { secret: SecretString::from("hunter2-secret"), ..alice() }
}

fn now() -> Moment {
    Moment(jiff::Timestamp::now().as_millisecond())
}

fn aksk(key: AccessKey) -> Aksk {
    Aksk::new(http(), key, Arc::new(now))
}

async fn demo() -> Demo {
    Demo::start(Options::plain(3, 2)).await.unwrap()
}

fn region(url: &str) -> KeyScope {
    let (project, region) = (NameOrId::default(), Some("eu-de".into()));
    KeyScope { auth_url: format!("{url}/v3"), project, region, catalog: false }
}

async fn session(key: AccessKey, scope: &KeyScope) -> Result<Session, AuthError> {
    aksk(key).session(scope).await
}

/// Asks with a signature, and gives the status.
async fn ask(aksk: &Aksk, mut request: Request) -> (u16, Generation, Answer) {
    let generation = aksk.authorize(&mut request).await.unwrap();
    let answer = aksk.http.send(request).await.unwrap();
    (answer.status.as_u16(), generation, answer)
}

fn get(url: &str) -> Request {
    Request::new(Method::GET, Url::parse(url).unwrap())
}

#[tokio::test]
async fn a_project_is_found_by_its_region_or_by_its_name() {
    let demo = demo().await;
    let id = demo.world().project("image-factory").unwrap();

    let by_region = session(alice(), &region(demo.url())).await.unwrap();
    let named = KeyScope { project: NameOrId::named("image-factory"), ..region(demo.url()) };
    let by_name = session(alice(), &named).await.unwrap();

    assert_eq!((&by_region.project_id, by_region.project_name), (&id, Some("eu-de".into())));
    assert_eq!((&by_name.project_id, by_name.project_name), (&id, Some("image-factory".into())));
    assert!(by_region.catalog.is_empty());
}

#[tokio::test]
async fn a_numeric_project_is_read_and_a_row_that_is_none_hides_no_other() {
    let body = r#"{"projects":[null,{"id":5},{"id":"x","name":null},{"id":42,"name":"eu-de"}]}"#;
    let server = Server::start(move |_| json(200, body)).await;
    let scope = KeyScope { region: Some("eu-de".into()), ..region(&server.url) };
    let session = session(alice(), &scope).await.unwrap();
    assert_eq!(session.project_id.0.raw(), "42");
}

#[tokio::test]
async fn no_project_and_several_projects_are_told_apart() {
    let demo = demo().await;
    let nowhere = KeyScope { region: Some("eu-nl".into()), ..region(demo.url()) };

    let none = session(alice(), &nowhere).await.unwrap_err();
    let carol = access_key(key_of("carol").unwrap());
    let several = session(carol, &region(demo.url())).await.unwrap_err();

    assert_eq!(none.why, "this access key has no project named `eu-nl`");
    assert!(several.why.starts_with("several projects are named `eu-de`: "), "{several}");
    for name in ["image-factory", "team-web"] {
        let id = demo.world().project(name).unwrap();
        assert!(several.why.contains(id.0.raw()), "{several}");
    }
    assert!(several.hint.as_ref().unwrap().contains("project_id"));
}

#[tokio::test]
async fn a_known_project_needs_no_request_and_the_catalog_one() {
    let demo = demo().await;
    let id = demo.world().project("image-factory").unwrap();
    let project = NameOrId::identified(id.0.raw());
    let scope = KeyScope { project, ..region(demo.url()) };

    session(alice(), &scope).await.unwrap();
    assert!(demo.requests().is_empty());

    let told = session(alice(), &KeyScope { catalog: true, ..scope }).await.unwrap();
    assert!(told.catalog.iter().any(|service| service.kind == "image"));
    assert_eq!(demo.requests().len(), 1);
}

#[tokio::test]
async fn what_is_signed_is_what_is_sent_whatever_the_address_looks_like() {
    let demo = demo().await;
    let aksk = aksk(alice());
    aksk.session(&region(demo.url())).await.unwrap();
    for path in [
        "/ims/v2/cloudimages?limit=1",
        "/v2/cloudimages?limit=1",
        "/ims/v2/cloudimages?name=a+b%2Bc*'()~!%C3%A4&limit=&limit=2&A=1",
        "/ims/v2/images/a%2Fb%20c/members?",
        "/ims/v2/images/",
        "/ims/v2/images/%C3%A9",
    ] {
        let (status, _, _) = ask(&aksk, get(&format!("{}{path}", demo.url()))).await;
        assert_ne!(status, 401, "{path}");
    }
    let mut delete = get(&format!("{}/ims/v1/cloudimages/members", demo.url()));
    *delete.method_mut() = Method::DELETE;
    *delete.body_mut() = Some("{\"images\":[],\"projects\":[\"größe\"]}".into());
    let (status, _, _) = ask(&aksk, delete).await;
    assert_eq!(status, 400, "it is understood, and refused for what it says");
}

#[tokio::test]
async fn a_temporary_key_brings_its_token() {
    let demo = demo().await;
    let temporary = KEYS.iter().find(|key| key.security_token.is_some()).unwrap();

    assert!(session(access_key(temporary), &region(demo.url())).await.is_ok());

    let without = AccessKey { security_token: None, ..access_key(temporary) };
    let error = session(without, &region(demo.url())).await.unwrap_err();
    assert!(error.why.starts_with("the cloud refused the access key"), "{error}");
}

#[tokio::test]
async fn a_wrong_secret_is_sent_once_and_never_again_for_a_while() {
    let demo = demo().await;
    let aksk = aksk(wrong());

    let first = aksk.session(&region(demo.url())).await.unwrap_err();
    let second = aksk.session(&region(demo.url())).await.unwrap_err();
    let third = aksk.authorize(&mut get("http://h/")).await.unwrap_err();

    assert_eq!(demo.requests().len(), 1);
    assert!(first.why.starts_with("the cloud refused the signature"), "{first}");
    assert!(first.request_id.is_some());
    assert_eq!((&second, &third), (&first, &first));
    assert!(!first.is_transient());
}

#[tokio::test]
async fn five_wrong_signatures_lock_a_key_even_for_the_right_secret() {
    let demo = demo().await;
    for _ in 0..5 {
        session(wrong(), &region(demo.url())).await.unwrap_err();
    }

    let error = session(alice(), &region(demo.url())).await.unwrap_err();
    assert!(error.to_string().contains("locked the access key for 5 minutes"), "{error}");

    demo.world().advance(Duration::from_mins(6));
    assert!(session(alice(), &region(demo.url())).await.is_ok());
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_with_how_much() {
    let demo = demo().await;
    let off = Arc::new(AtomicI64::new(0));
    let clock = off.clone();
    let at = move || Moment(now().0 + clock.load(Ordering::SeqCst));
    let aksk = Aksk::new(http(), alice(), Arc::new(at));

    off.store(14 * 60_000, Ordering::SeqCst);
    assert!(aksk.session(&region(demo.url())).await.is_ok());

    off.store(-100 * 60_000, Ordering::SeqCst);
    let error = aksk.session(&region(demo.url())).await.unwrap_err();
    let failure = error.failure("log in").to_string();
    // The seconds that pass meanwhile may make it a minute less.
    assert!(
        failure.contains("is 1 h 40 min behind the cloud's") || failure.contains("1 h 39 min"),
        "{failure}"
    );
    assert!(failure.contains("enable NTP on this machine"), "{failure}");
}

#[tokio::test]
async fn no_secret_is_in_any_text_whatever_the_server_repeats() {
    let server = Server::start(|heard| {
        let head = heard.head.replace("\r\n", "|").replace('"', "'");
        let body = format!(r#"{{"error_msg":"what, is {head}","error_code":"APIGW.0301"}}"#);
        answer(if heard.target.contains("catalog") { 400 } else { 401 }, &[], &body)
    })
    .await;
    let key = AccessKey {
        access: "AKMARKER".into(),
        secret: SecretString::from("SKMARKER"),
        security_token: Some(SecretString::from("TOKENMARKER")),
    };
    let id = NameOrId::identified("p");
    for scope in
        [region(&server.url), KeyScope { project: id, catalog: true, ..region(&server.url) }]
    {
        let aksk = aksk(key.clone());
        let error = aksk.session(&scope).await.unwrap_err();

        let head = &server.heard().last().unwrap().head.clone();
        assert!(head.contains("TOKENMARKER") && head.contains("Access=AKMARKER"), "{head}");
        let signature = head.split("Signature=").nth(1).unwrap().lines().next().unwrap();
        let failure = error.failure("x");
        let shown = format!("{key:?} {aksk:?} {error} {error:?} {failure} {failure:?}");
        assert!(shown.contains("what, is") && shown.contains("***"), "{shown}");
        for secret in ["SKMARKER", "TOKENMARKER", signature] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!format!("{error} {failure}").contains("AKMARKER"), "{error}");
    }
}

#[tokio::test]
async fn a_signed_request_follows_no_redirect() {
    let server = Server::start(|heard| match heard.target.as_str() {
        "/elsewhere" => json(200, "{}"),
        _ => answer(307, &["location: /elsewhere"], ""),
    })
    .await;

    let error = session(alice(), &region(&server.url)).await.unwrap_err();

    assert!(error.why.contains("redirects to"), "{error:?}");
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn a_key_that_may_not_look_up_projects_is_told_what_to_set() {
    for (status, body, words) in [
        (403, r#"{"error":{"code":403,"message":"no policy","title":"Forbidden"}}"#, "no policy"),
        (200, "<html>", "is not Keystone: it answered with no list of projects"),
        (404, "<html>", "status 404"),
        (503, "", "answered 503"),
    ] {
        let server = Server::start(move |_| json(status, body)).await;
        let error = session(alice(), &region(&server.url)).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.is_transient(), status == 503);
        assert!(status != 403 || error.hint.as_ref().unwrap().contains("project_id"));
    }
}

#[tokio::test]
async fn a_refusal_is_remembered_with_the_request_it_was_about() {
    let aksk = aksk(alice());
    let mut refusal = made(401, "");
    refusal.request_id = Some(Text::from("r-1"));

    let error = aksk.renew(Generation::default(), &refusal).await.unwrap_err();

    assert_eq!(error.request_id, Some(Text::from("r-1")));
    assert_eq!(aksk.authorize(&mut get("http://h/")).await.unwrap_err(), error);
}

#[test]
fn the_date_is_written_as_the_signature_wants_it() {
    assert_eq!(date(Moment(1_767_323_045_678)), "20260102T030405Z");
}

#[test]
fn the_host_is_signed_with_its_port_where_that_is_not_the_usual_one() {
    for (url, expected) in [
        ("https://ims.eu-de.otc.t-systems.com:443/", "ims.eu-de.otc.t-systems.com"),
        ("https://[::1]:8443/", "[::1]:8443"),
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("http://127.0.0.1:443/", "127.0.0.1:443"),
    ] {
        assert_eq!(host(&Url::parse(url).unwrap()), expected);
    }
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_is_an_error_without_it() {
    let key = AccessKey { security_token: Some(SecretString::from("a\nMARKER")), ..alice() };
    let error = aksk(key).authorize(&mut get("http://h/")).await.unwrap_err();
    assert!(error.to_string().contains("`security_token`"));
    assert!(!format!("{error:?}").contains("MARKER"));
}
