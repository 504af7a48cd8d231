//! Logins to servers that answer as Rackspace's documentation shows it, and to others.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;

use super::*;
use crate::http::Method;
use crate::http::Transport;
use crate::http::testing::{Reply, Server, answer, json, made};

const SECRET: &str = "a86850deb2742ec3cb41518e26aa2d89";

const GRANTED: &str = r#"{"access":{
    "token":{"id":"t0ken","expires":"2015-11-18T18:35:45.013Z","tenant":{"id":"929418","name":"929418"},
        "RAX-AUTH:authenticatedBy":["APIKEY"]},
    "serviceCatalog":[
        {"name":"cloudImages","type":"image","endpoints":[
            {"region":"IAD","tenantId":"929418","publicURL":"https://iad.images.api.rackspacecloud.com/v2"},
            {"region":"DFW","tenantId":"929418","publicURL":"https://dfw/v2","internalURL":"https://snet-dfw/v2"},
            {"region":"ORD"}]},
        {"name":"cloudDNS","type":"rax:dns","endpoints":[{"publicURL":"https://dns/v1.0/929418"}]},
        {"name":"odd"}, 5],
    "user":{"id":"123456","name":"jsmith","roles":[],"RAX-AUTH:defaultRegion":"IAD"}}}"#;

fn account(secret: AccountSecret) -> Account {
    Account { username: "jsmith".into(), secret, number: None }
}

fn key() -> Account {
    account(AccountSecret::ApiKey(SECRET.into()))
}

fn password() -> Account {
    account(AccountSecret::Password(SECRET.into()))
}

fn identity(url: &str, account: Account) -> IdentityV2 {
    IdentityV2::new(Client::new(Transport::default()).unwrap(), url, account).unwrap()
}

async fn always(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |_| reply()).await
}

async fn refused(reply: impl Fn() -> Reply + Send + Sync + 'static) -> AuthError {
    let server = always(reply).await;
    identity(&server.url, key()).session().await.unwrap_err()
}

fn request() -> Request {
    Request::new(Method::GET, Url::parse("http://h/").unwrap())
}

#[tokio::test]
async fn a_numeric_account_and_a_null_catalog_are_read() {
    let body = r#"{"access":{"token":{"id":"t","expires":null,"tenant":{"id":929418,"name":null}},
        "serviceCatalog":null,"user":null}}"#;
    let server = always(move || json(200, body)).await;
    let session = identity(&server.url, key()).session().await.unwrap();
    assert_eq!(session.project_id.0.raw(), "929418");
    assert!(session.catalog.is_empty() && session.user.is_none());
}

#[tokio::test]
async fn an_api_key_and_a_password_are_sent_as_each_is_named() {
    let server = always(|| json(200, GRANTED)).await;
    let numbered = Account { number: Some("929418".into()), ..password() };
    for account in [key(), password(), numbered] {
        identity(&format!("{}/v2.0/", server.url), account).session().await.unwrap();
    }

    let heard = server.heard();
    let bodies: Vec<Value> = heard.iter().map(|h| serde_json::from_str(&h.body).unwrap()).collect();
    assert!(heard.iter().all(|h| h.target == "/v2.0/tokens" && h.method == "POST"));
    let passwords = json!({"username": "jsmith", "password": SECRET});
    assert_eq!(
        bodies,
        [
            json!({"auth": {"RAX-KSKEY:apiKeyCredentials": {"username": "jsmith", "apiKey": SECRET}}}),
            json!({"auth": {"passwordCredentials": passwords}}),
            json!({"auth": {"passwordCredentials": passwords, "tenantId": "929418"}}),
        ]
    );
}

#[tokio::test]
async fn the_answer_tells_account_user_and_the_addresses_of_every_region() {
    let server = always(|| json(200, GRANTED)).await;
    let identity = identity(&server.url, key());

    let session = identity.session().await.unwrap();

    assert_eq!(session.project_id, domain::ProjectId("929418".into()));
    assert_eq!(session.project_name, Some("929418".into()));
    assert_eq!(session.user, Some("jsmith".into()));
    assert_eq!(session.expires_at.unwrap().0 % 1000, 13, "the fraction is read");
    let images = &session.catalog[0];
    assert_eq!((images.kind.as_str(), images.name.as_str()), ("image", "cloudImages"));
    let shown: Vec<_> = images
        .endpoints
        .iter()
        .map(|e| (e.interface.as_str(), e.region.as_deref().unwrap(), e.url.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("public", "IAD", "https://iad.images.api.rackspacecloud.com/v2"),
            ("public", "DFW", "https://dfw/v2"),
            ("internal", "DFW", "https://snet-dfw/v2"),
        ]
    );
    assert_eq!(session.catalog[1].endpoints[0].region, None);

    let mut request = request();
    identity.authorize(&mut request).await.unwrap();
    let token = &request.headers()["x-auth-token"];
    assert!(token.is_sensitive() && token == "t0ken");
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn a_token_lasts_as_long_as_the_service_s_own_clock_says() {
    let date = "date: Wed, 18 Nov 2015 17:35:45 GMT";
    let server = always(move || answer(200, &[date], GRANTED)).await;
    let log_in = |url: String| async move { identity(&url, key()).log_in().await.unwrap() };

    let told = log_in(server.url.clone()).await;
    assert_eq!(told.lifetime, Some(std::time::Duration::from_millis(3_600_013)));

    let silent = always(|| json(200, GRANTED)).await;
    assert_eq!(log_in(silent.url.clone()).await.lifetime, None, "used until it is refused");
}

#[tokio::test]
async fn many_refused_together_log_in_again_once() {
    let logins = AtomicUsize::new(0);
    let server = always(move || {
        let number = logins.fetch_add(1, Ordering::SeqCst);
        json(200, &GRANTED.replace("t0ken", &format!("t{number}")))
    })
    .await;
    let identity = identity(&server.url, key());
    let refused = identity.authorize(&mut request()).await.unwrap();

    let (identity, no) = (&identity, &made(401, ""));
    join_all((0..9).map(|_| async move {
        identity.renew(refused, no).await.unwrap();
        let mut again = request();
        identity.authorize(&mut again).await.unwrap();
        assert_eq!(again.headers()["x-auth-token"], "t1");
    }))
    .await;

    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn a_wrong_key_is_a_sentence_and_is_not_tried_again() {
    let body = r#"{"unauthorized":{"code":401,"message":"Username or api key is invalid."}}"#;
    let server = always(move || answer(401, &["x-request-id: r-1"], body)).await;
    let identity = identity(&server.url, key());

    let error = identity.session().await.unwrap_err();
    assert!(identity.session().await.is_err());

    assert_eq!(server.heard().len(), 1, "users are locked out who try on");
    let failure = error.failure("log in").to_string();
    assert!(failure.contains("wrong username or API key"), "{failure}");
    assert!(failure.contains("check `username`, `api_key`"), "{failure}");
}

#[tokio::test]
async fn a_second_factor_and_a_disabled_user_are_told_apart_from_a_wrong_password() {
    let more = r#"{"unauthorized":{"code":401,"message":"Additional authentication credentials required."}}"#;
    let challenge = "www-authenticate: OS-MF sessionId='x-y', factor='PASSCODE'";
    for reply in [
        Box::new(move || json(401, more)) as Box<dyn Fn() -> Reply + Send + Sync>,
        Box::new(move || answer(401, &[challenge], r#"{"unauthorized":{"message":"no"}}"#)),
    ] {
        let error = refused(reply).await;
        assert!(error.why.contains("needs a second factor"), "{error:?}");
        assert!(error.hint.as_ref().unwrap().contains("rackspace_apikey"));
    }

    let disabled = r#"{"userDisabled":{"code":403,"message":"User 'jsmith' is disabled"}}"#;
    let error = refused(move || json(403, disabled)).await;
    assert!(error.why.contains("the user is disabled"), "{error:?}");
    assert!(error.to_string().contains("User 'jsmith' is disabled"), "{error}");
}

#[tokio::test]
async fn what_no_identity_service_would_say_is_told_as_that() {
    for (status, body) in
        [(200, "{}"), (200, "<html>"), (404, "<h1>no</h1>"), (404, ""), (201, "[]")]
    {
        let error = refused(move || json(status, body)).await;
        assert!(
            error.why.contains("is not an identity service v2.0"),
            "{status} {body}: {error:?}"
        );
    }
    let odd = GRANTED.replace("t0ken", "t\\u0001ken");
    let error = refused(move || json(200, &odd)).await;
    assert!(error.why.contains("is not an identity service v2.0"), "{error:?}");
}

#[tokio::test]
async fn a_token_for_no_account_or_for_another_one_is_not_used() {
    let without = GRANTED.replace("\"tenant\"", "\"other\"");
    let error = refused(move || json(200, &without)).await;
    assert!(error.why.contains("it is for no account"), "{error:?}");

    let server = always(|| json(200, GRANTED)).await;
    let other = Account { number: Some("554433".into()), ..key() };
    let error = identity(&server.url, other).session().await.unwrap_err();
    assert!(error.why.contains("for account 929418, not for"), "{error:?}");
}

#[tokio::test]
async fn too_many_logins_and_a_service_in_trouble_may_pass() {
    let over = r#"{"overLimit":{"code":413,"message":"OverLimit Retry...","retryAfter":"54"}}"#;
    for (status, body) in [(413, over), (503, ""), (500, r#"{"identityFault":{"message":"m"}}"#)] {
        let error = refused(move || json(status, body)).await;
        assert!(error.is_transient(), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn the_secret_is_in_no_text_even_when_the_service_repeats_it() {
    let body = format!(r#"{{"badRequest":{{"code":400,"message":"cannot read {SECRET}"}}}}"#);
    let server = always(move || json(400, &body)).await;
    let identity = identity(&server.url, key());

    let error = identity.session().await.unwrap_err();

    let shown = format!("{identity:?} {:?} {error} {error:?}", identity.account);
    assert!(shown.contains("cannot read ***") && !shown.contains(SECRET), "{shown}");
}
