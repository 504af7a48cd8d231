//! One-time passwords at the embedded Keystone.

use secrecy::{ExposeSecret, SecretString};

use super::*;
use crate::auth;
use crate::http::testing::{Server, json, made};
use crate::http::{Client, Method, Request, Transport, Url};
use demo_cloud::{Demo, Options, PASSWORD, codes};

fn http() -> Client {
    Client::new(Transport::default()).unwrap()
}

async fn demo() -> Demo {
    Demo::start(Options::plain(1, 1)).await.unwrap()
}

fn in_default(name: &str) -> Qualified {
    NameOrId::named(name).in_domain(NameOrId::named("Default"))
}

fn password(password: &str) -> auth::Method {
    let (user, password) = (in_default(codes::USER), SecretString::from(password));
    auth::Method::Password { user, password, passcode: None }
}

fn totp(password: Option<&str>) -> auth::Method {
    let (user, password) = (in_default(codes::USER), password.map(SecretString::from));
    auth::Method::Totp { user, password, passcode: None }
}

fn code(demo: &Demo) -> SecretString {
    codes::code_at(demo.world().now()).into()
}

fn keystone(url: &str, mut method: auth::Method, code: Option<SecretString>) -> Keystone {
    if let auth::Method::Password { passcode, .. } | auth::Method::Totp { passcode, .. } =
        &mut method
    {
        *passcode = code;
    }
    let credentials = Credentials { method, project: in_default("image-factory") };
    Keystone::new(http(), url, credentials).unwrap()
}

async fn refused(demo: &Demo, method: auth::Method, code: Option<SecretString>) -> AuthError {
    keystone(demo.url(), method, code).session().await.unwrap_err()
}

#[tokio::test]
async fn a_password_that_is_not_enough_is_followed_by_the_code() {
    let demo = demo().await;
    let session =
        keystone(demo.url(), password(PASSWORD), Some(code(&demo))).session().await.unwrap();
    assert_eq!(session.user, Some(codes::USER.into()));
    assert_eq!(demo.logins(), 2, "the password, then the code with the receipt");
}

#[tokio::test]
async fn password_and_code_go_together_where_both_are_the_login() {
    let demo = demo().await;
    let login = keystone(demo.url(), totp(Some(PASSWORD)), Some(code(&demo)));
    assert_eq!(login.session().await.unwrap().user, Some(codes::USER.into()));
    assert_eq!(demo.logins(), 1);
}

#[tokio::test]
async fn a_code_that_is_missing_or_wrong_is_asked_for_and_a_wrong_password_is_not_mistaken_for_it()
{
    let demo = demo().await;
    let wrong = || Some(SecretString::from("abcdef"));

    let missing = refused(&demo, password(PASSWORD), None).await;
    assert_eq!((missing.clone(), missing.asks_code()), (AuthError::passcode_missing(), true));
    let bad_code = refused(&demo, password(PASSWORD), wrong()).await;
    assert!(bad_code.blame == Blame::Passcode && bad_code.asks_code());
    let bad_password = refused(&demo, password("no"), Some(code(&demo))).await;
    assert!(bad_password.blame == Blame::Secret && !bad_password.asks_code());
    let either = refused(&demo, totp(Some(PASSWORD)), wrong()).await;
    assert!(either.blame == Blame::PasscodeOrSecret && either.asks_code());

    demo.forget_requests();
    assert_eq!(refused(&demo, totp(None), None).await, AuthError::passcode_missing());
    assert_eq!(demo.logins(), 0, "nothing is sent without a code");
}

#[tokio::test]
async fn a_code_alone_that_is_not_enough_says_what_is_missing() {
    let demo = demo().await;
    let error = refused(&demo, totp(None), Some(code(&demo))).await;
    assert_eq!(
        error.to_string(),
        "this user also needs password, which sharelock does not support"
    );
}

#[tokio::test]
async fn a_used_code_is_never_sent_again() {
    for together in [true, false] {
        let demo = demo().await;
        let method = if together { totp(Some(PASSWORD)) } else { password(PASSWORD) };
        let login = keystone(demo.url(), method, Some(code(&demo)));
        let request = || Request::new(Method::GET, Url::parse("http://h/").unwrap());
        let proof = login.authorize(&mut request()).await.unwrap();
        demo.forget_requests();

        login.renew(proof, &made(401, "")).await.unwrap();
        let error = login.authorize(&mut request()).await.unwrap_err();

        assert_eq!(error, AuthError::passcode_used());
        assert!(!error.asks_code());
        let sent = demo.requests();
        assert!(
            sent.iter().all(|request| !format!("{request:?}").contains("passcode")),
            "{sent:?}"
        );
    }
}

#[tokio::test]
async fn neither_code_nor_receipt_is_in_what_is_said_or_shown() {
    let server = Server::start(|request| {
        let body = r#"{"error":{"message":"you sent 246810 and MARKER"}}"#;
        if request.body.contains("246810") {
            json(500, body)
        } else {
            crate::http::testing::answer(
                401,
                &["Openstack-Auth-Receipt: RECEIPT", "Content-Type: application/json"],
                r#"{"receipt":{"methods":["password"]},"required_auth_methods":[["password","totp"]]}"#,
            )
        }
    })
    .await;
    let code = SecretString::from("246810");
    let login = keystone(&server.url, password("MARKER"), Some(code.clone()));

    let error = login.session().await.unwrap_err();

    let shown = format!("{login:?} {error} {error:?} {:?} {code:?}", error.failure("x"));
    for secret in [code.expose_secret(), "MARKER", "RECEIPT"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("you sent *** and ***"), "{shown}");
}

#[tokio::test]
async fn a_login_beside_another_ends_when_that_one_does_and_then_wants_a_new_code() {
    let demo = demo().await;
    let first = keystone(demo.url(), password(PASSWORD), Some(code(&demo)));
    let web = in_default("team-web");
    assert!(first.beside(http(), web.clone()).await.is_none(), "there is no session yet");
    let session = first.session().await.unwrap();

    let beside = first.beside(http(), web).await.unwrap();
    let other = beside.session().await.unwrap();
    assert_eq!(other.project_name, Some("team-web".into()));
    assert_eq!(other.expires_at, session.expires_at, "it lives no longer");
    assert!(first.used_a_code());

    demo.expire_all_tokens();
    let mut request = Request::new(Method::GET, Url::parse(demo.url()).unwrap());
    let generation = beside.authorize(&mut request).await.unwrap();
    beside.renew(generation, &made(401, "")).await.unwrap();
    let ended = beside.authorize(&mut request).await.unwrap_err();
    assert_eq!(ended, AuthError::passcode_used());
}
