//! Logins to the embedded Keystone, and to servers that are none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use secrecy::SecretString;

use super::*;
use crate::auth;
use crate::http::testing::{Server, answer, json, made};
use crate::http::{Client, Method, Transport, Url};
use demo_cloud::{CREDENTIAL, CREDENTIAL_SECRET, Demo, Options, PASSWORD, identity};

fn http() -> Client {
    Client::new(Transport::default()).unwrap()
}

fn alice(password: &str) -> Credentials {
    let in_default = |name: &str| NameOrId::named(name).in_domain(NameOrId::named("Default"));
    let (user, password) = (in_default("alice"), SecretString::from(password));
    Credentials {
        method: auth::Method::Password { user, password, passcode: None },
        project: in_default("image-factory"),
    }
}

fn credential(id: &str, secret: &str) -> Credentials {
    Credentials {
        method: auth::Method::ApplicationCredential {
            credential: NameOrId::identified(id),
            user: Qualified::default(),
            secret: SecretString::from(secret),
        },
        project: Qualified::default(),
    }
}

fn keystone(url: &str, credentials: Credentials) -> Keystone {
    Keystone::new(http(), url, credentials).unwrap()
}

async fn demo() -> Demo {
    Demo::start(Options::plain(1, 1)).await.unwrap()
}

async fn refused(url: &str, credentials: Credentials) -> AuthError {
    keystone(url, credentials).session().await.unwrap_err()
}

fn request() -> Request {
    Request::new(Method::GET, Url::parse("http://h/").unwrap())
}

/// The token a request would carry.
async fn token(keystone: &Keystone) -> String {
    let mut request = request();
    keystone.authorize(&mut request).await.unwrap();
    let value = &request.headers()["x-auth-token"];
    assert!(value.is_sensitive());
    value.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_password_logs_in_and_tells_who_one_is_and_where_the_images_are() {
    let demo = demo().await;

    let session = keystone(demo.url(), alice(PASSWORD)).session().await.unwrap();

    let project = demo.world().project("image-factory").unwrap();
    assert_eq!(session.project_id, project);
    assert_eq!(session.project_name, Some("image-factory".into()));
    assert_eq!(session.user, Some("alice".into()));
    assert!(session.expires_at.is_some());
    assert!(session.catalog.iter().any(|service| service.kind == "image"));
}

#[tokio::test]
async fn an_application_credential_logs_in_by_id_and_by_name() {
    let demo = demo().await;
    for (credential, user) in [
        (NameOrId::identified(identity::credential_id()), NameOrId::default()),
        (NameOrId::named(CREDENTIAL), NameOrId::named("alice")),
    ] {
        let credentials = Credentials {
            method: auth::Method::ApplicationCredential {
                credential,
                user: user.in_domain(NameOrId::named("Default")),
                secret: SecretString::from(CREDENTIAL_SECRET),
            },
            project: Qualified::default(),
        };
        let session = keystone(demo.url(), credentials).session().await.unwrap();
        assert_eq!(session.project_name, Some("image-factory".into()));
    }
}

#[tokio::test]
async fn a_project_beside_an_application_credential_must_be_its_own() {
    let demo = demo().await;
    let with = |project: NameOrId, domain: NameOrId| Credentials {
        project: project.in_domain(domain),
        ..credential(identity::credential_id(), CREDENTIAL_SECRET)
    };
    let (own, any) = (NameOrId::named("image-factory"), NameOrId::default);
    let session = keystone(demo.url(), with(own.clone(), any())).session().await.unwrap();
    let id = NameOrId::identified(session.project_id.0.raw());
    for (project, domain) in [(id, any()), (own.clone(), NameOrId::named("Default"))] {
        assert!(keystone(demo.url(), with(project, domain)).session().await.is_ok());
    }
    for (project, domain) in [
        (NameOrId::named("team-web"), any()),
        (NameOrId::identified("0123456789abcdef0123456789abcdef"), any()),
        (own, NameOrId::named("ldap")),
    ] {
        let error = refused(demo.url(), with(project, domain)).await;
        assert!(error.why.contains("belongs to project image-factory"), "{error}");
        assert!(error.hint.as_ref().unwrap().contains("project_name"));
    }
}

fn with_token(token: &str, project: NameOrId) -> Credentials {
    Credentials {
        method: auth::Method::Token(SecretString::from(token)),
        project: project.in_domain(NameOrId::named("Default")),
    }
}

#[tokio::test]
async fn a_token_is_exchanged_for_the_project_or_used_as_it_is() {
    let demo = demo().await;
    let own = token(&keystone(demo.url(), alice(PASSWORD))).await;

    let exchanged = keystone(demo.url(), with_token(&own, NameOrId::named("image-factory")));
    let as_it_is = keystone(demo.url(), with_token(&own, NameOrId::default()));

    assert_ne!(token(&exchanged).await, own);
    assert_eq!(token(&as_it_is).await, own);
    let name = as_it_is.session().await.unwrap().project_name.clone();
    assert_eq!(name, Some("image-factory".into()));
}

#[tokio::test]
async fn a_token_that_ended_cannot_renew_itself_and_says_so() {
    let demo = demo().await;
    let own = token(&keystone(demo.url(), alice(PASSWORD))).await;
    let held = keystone(demo.url(), with_token(&own, NameOrId::default()));
    let generation = held.authorize(&mut request()).await.unwrap();

    demo.expire_all_tokens();
    held.renew(generation, &made(401, "")).await.unwrap();

    let ended = |error: &AuthError| error.why.starts_with("the token is not valid");
    assert!(ended(&held.authorize(&mut request()).await.unwrap_err()));
    let project = NameOrId::named("image-factory");
    assert!(ended(&refused(demo.url(), with_token(&own, project)).await));
}

#[tokio::test]
async fn a_refused_login_lists_what_keystone_does_not_tell_apart() {
    let demo = demo().await;
    let error = refused(demo.url(), alice("hunter2")).await;

    assert!(error.blame == Blame::Secret, "{error:?}");
    let failure = error.failure("log in").to_string();
    for words in
        ["wrong password", "unknown or disabled user", "no access to the project", "clouds.yaml"]
    {
        assert!(failure.contains(words), "{failure}");
    }
}

#[tokio::test]
async fn an_unknown_application_credential_is_told_from_a_wrong_secret() {
    let demo = demo().await;
    let unknown = refused(demo.url(), credential("nobody", "x")).await;
    let wrong = refused(demo.url(), credential(identity::credential_id(), "x")).await;

    assert!(unknown.why.contains("does not exist (404)"), "{unknown:?}");
    assert!(wrong.why.contains("the secret of the application credential is wrong"), "{wrong:?}");
    assert!(wrong.hint.as_ref().unwrap().contains("application_credential_secret"), "{wrong:?}");
}

#[tokio::test]
async fn a_login_without_a_project_is_refused_with_a_sentence() {
    for (scope, words) in [
        ("", "no scope"),
        (r#","system":{"all":true}"#, "whole system"),
        (r#","domain":{"id":"d"}"#, "a domain"),
    ] {
        let body = format!(r#"{{"token":{{"methods":["password"]{scope}}}}}"#);
        let server = Server::start(move |_| answer(201, &["x-subject-token: t0k"], &body)).await;

        let error = refused(&server.url, alice("x")).await;

        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint.as_ref().unwrap().contains("project_name"));
    }
}

#[tokio::test]
async fn what_is_not_keystone_is_named() {
    for (status, body, words) in [
        (200, "<html>Welcome</html>", "a web page"),
        (200, "{}", "no token"),
        (201, r#"{"token":{"project":{"id":"p"}}}"#, "no token"),
        (404, "<h1>Not Found</h1>", "status 404"),
        (405, "", "status 405"),
        (300, r#"{"versions":{}}"#, "status 300"),
    ] {
        let server = Server::start(move |_| answer(status, &[], body)).await;
        let error = refused(&server.url, alice("x")).await;
        assert!(error.why.contains("is not Keystone") && error.why.contains(words), "{error}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn trouble_in_front_of_keystone_may_pass() {
    let server = Server::start(|_| answer(502, &[], "<html>Bad Gateway</html>")).await;
    assert!(refused(&server.url, alice("x")).await.is_transient());

    let error = refused("http://127.0.0.1:1", alice("x")).await;
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_login_that_is_redirected_goes_nowhere_else() {
    let other = Server::start(|_| json(201, "{}")).await;
    let location = format!("location: {}/v3/auth/tokens", other.url);
    let server = Server::start(move |_| answer(307, &[&location], "")).await;

    let error = refused(&server.url, alice("hunter2")).await;

    assert!(error.to_string().contains(&other.url), "{error}");
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn a_password_is_in_no_debug_and_no_error_even_if_the_server_repeats_it() {
    let credentials = alice("hunter2");
    assert!(!format!("{credentials:?}").contains("hunter2"));
    let server = Server::start(|heard| {
        let message = format!("hunter2 is wrong\\n\\nOn instance: {}", heard.body.len());
        json(400, &format!(r#"{{"error":{{"message":"{message}","code":400}}}}"#))
    })
    .await;
    let keystone = keystone(&server.url, credentials);

    let error = keystone.session().await.unwrap_err();

    assert!(server.heard().last().unwrap().body.contains("hunter2"));
    let failure = error.failure("log in");
    let shown = format!("{keystone:?} {error} {error:?} {failure} {failure:?}");
    assert!(shown.contains("*** is wrong") && !shown.contains("hunter2"), "{shown}");
    assert!(!shown.contains("On instance"));
}

#[tokio::test]
async fn many_first_requests_make_one_login() {
    let demo = demo().await;
    let keystone = keystone(demo.url(), alice(PASSWORD));

    let tokens = join_all((0..20).map(|_| token(&keystone))).await;

    assert_eq!(demo.logins(), 1);
    assert!(tokens.iter().all(|token| *token == tokens[0]));
}

#[tokio::test]
async fn many_requests_with_a_wrong_password_are_one_wrong_login() {
    let demo = demo().await;
    let keystone = keystone(demo.url(), alice("hunter2"));

    let errors = join_all((0..20).map(|_| keystone.session())).await;
    let later = keystone.session().await;

    assert!(errors.iter().chain([&later]).all(Result::is_err));
    assert_eq!(demo.logins(), 1, "clouds lock out who tries on");
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_however_many_were_refused() {
    let demo = demo().await;
    let keystone = keystone(demo.url(), alice(PASSWORD));
    let generation = keystone.authorize(&mut request()).await.unwrap();

    let renewed = join_all((0..20).map(|_| async {
        keystone.renew(generation, &made(401, "")).await.unwrap();
        token(&keystone).await
    }))
    .await;

    assert_eq!(demo.logins(), 2);
    assert!(renewed.iter().all(|token| *token == renewed[0]));
}

/// A Keystone whose tokens live so long; it counts them. After `good` logins it fails with 503.
async fn short_lived(seconds: u32, good: usize) -> Server {
    let count = Arc::new(AtomicUsize::new(0));
    Server::start(move |heard| {
        if heard.method == "GET" {
            return json(404, "{}");
        }
        let number = count.fetch_add(1, Ordering::SeqCst);
        if number >= good {
            return json(503, "{}");
        }
        let body = format!(
            r#"{{"token":{{"project":{{"id":"p"}},"issued_at":"2020-01-01T00:00:00Z",
                "expires_at":"2020-01-01T00:{:02}:{:02}Z"}}}}"#,
            seconds / 60,
            seconds % 60
        );
        answer(201, &[&format!("x-subject-token: t{number}")], &body)
    })
    .await
}

#[tokio::test]
async fn a_token_is_kept_while_it_is_fresh_whatever_this_machine_s_clock_says() {
    let server = short_lived(600, 9).await;
    let keystone = keystone(&server.url, alice("x"));

    assert_eq!((token(&keystone).await, token(&keystone).await), ("t0".into(), "t0".into()));
}

#[tokio::test]
async fn a_token_that_lives_shorter_than_the_margin_is_used_all_the_same() {
    let server = short_lived(60, 9).await;
    let keystone = keystone(&server.url, alice("x"));

    assert_eq!((token(&keystone).await, token(&keystone).await), ("t0".into(), "t0".into()));
}

#[tokio::test]
async fn a_password_that_has_expired_is_told_in_keystone_s_words_and_not_as_a_wrong_one() {
    let words = "The password is expired and needs to be changed for user: 4f2a.";
    let server = Server::start(move |_| {
        json(401, &format!(r#"{{"error":{{"code":401,"message":"{words}"}}}}"#))
    })
    .await;
    let error = refused(&server.url, alice("hunter2")).await;
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.hint.as_ref().unwrap().contains("change an expired password"));
}

const TOKEN: &str = r#"{"token":{"project":{"id":"p"},"catalog":null}}"#;

/// A Keystone whose version document, wherever it is read, links here.
async fn keystone_linking_to(link: &'static str) -> Server {
    Server::start(move |heard| match heard.method.as_str() {
        "POST" => answer(201, &["x-subject-token: t"], TOKEN),
        _ => json(300, &link.replace("HOST", heard.header("host").unwrap())),
    })
    .await
}

async fn requests_of_a_login(server: &Server, path: &str) -> Vec<String> {
    let keystone = keystone(&format!("{}{path}", server.url), alice(PASSWORD));
    keystone.session().await.unwrap();
    keystone.session().await.unwrap();
    server.requests()
}

#[tokio::test]
async fn the_login_goes_where_the_version_document_puts_version_3_on_the_same_host() {
    let server = keystone_linking_to(
        r#"{"versions":{"values":[{"id":"v3.14","links":[{"rel":"self","href":"http://HOST/identity/v3/"}]}]}}"#,
    )
    .await;
    for path in ["", "/", "/v3", "/v2.0"] {
        let requests = requests_of_a_login(&server, path).await;
        let last = &requests[requests.len() - 2..];
        let document = if path == "/v3" { "GET /v3" } else { "GET /" };
        assert_eq!(last, [document, "POST /identity/v3/auth/tokens"], "{path}");
    }
    assert_eq!(server.requests().len(), 8, "the document is read once a login");
}

#[tokio::test]
async fn a_version_document_of_no_use_leaves_the_address_as_configured() {
    for document in [
        r#"{"version":{"id":"v3.14","links":[{"rel":"self","href":"http://keystone.internal/v3/"}]}}"#,
        r#"{"version":{"id":"v3.14","links":[{"rel":"self","href":"https://HOST/v3/"}]}}"#,
        r#"{"versions":[{"id":"v2.0","links":[{"rel":"self","href":"http://HOST/v2.0/"}]}]}"#,
        "<html>",
    ] {
        let server = keystone_linking_to(document).await;
        let requests = requests_of_a_login(&server, "/main").await;
        assert_eq!(requests, ["GET /main", "POST /main/v3/auth/tokens"], "{document}");
    }
}
