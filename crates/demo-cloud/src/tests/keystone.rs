//! Login, renewal, and who may see which projects.

use super::*;

const UNAUTHORIZED: &str = "The request you have made requires authentication.";

async fn refusal(demo: &Demo, body: &Value) -> (u16, String) {
    let response = post_login(demo, body).await;
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], status);
    (status, body["error"]["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_login_gives_a_token_a_scope_and_a_catalog_for_each_region() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();

    let response = post_login(&demo, &password("alice", "image-factory")).await;
    let token = response.headers()["x-subject-token"].clone();
    let body: Value = response.json().await.unwrap();

    assert_eq!(token.len(), 183);
    assert_eq!(body["token"]["project"]["name"], "image-factory");
    assert_eq!(body["token"]["roles"][0]["name"], "member");
    let image = &body["token"]["catalog"][1];
    assert_eq!(image["type"], "image");
    let url = |region: &str| {
        let endpoints = image["endpoints"].as_array().unwrap();
        let is_it = |e: &&Value| e["region"] == region && e["interface"] == "public";
        endpoints.iter().find(is_it).unwrap()["url"].as_str().unwrap().to_owned()
    };
    assert_eq!(url("eu-de"), format!("{}/ims", demo.url()));
    assert_eq!(url("RegionOne"), format!("{}/glance", demo.url()));
}

#[tokio::test]
async fn wrong_password_unknown_project_and_foreign_project_are_refused_alike() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let mut wrong = password("alice", "image-factory");
    wrong["auth"]["identity"]["password"]["user"]["password"] = json!("nope");

    for body in
        [wrong, password("alice", "nowhere"), password("alice", "team-web"), password("eve", "x")]
    {
        assert_eq!(refusal(&demo, &body).await, (401, UNAUTHORIZED.to_owned()));
    }
}

#[tokio::test]
async fn malformed_logins_are_told_so() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();

    let broken =
        client().post(format!("{}/v3/auth/tokens", demo.url())).body("{").send().await.unwrap();
    let (status, missing) = refusal(&demo, &json!({"auth": {}})).await;

    assert_eq!(broken.status(), 400);
    assert_eq!(
        broken.json::<Value>().await.unwrap()["error"]["message"],
        "Expecting to find valid JSON in request body. The server could not comply with the request since it \
         is either malformed or otherwise incorrect. The client is assumed to be in error."
    );
    assert_eq!(status, 400);
    assert!(
        missing.starts_with("'identity' is a required property\n\nFailed validating"),
        "{missing}"
    );
}

fn credential(body: &Value) -> Value {
    json!({"auth": {"identity": {"methods": ["application_credential"], "application_credential": body}}})
}

#[tokio::test]
async fn an_application_credential_logs_in_by_id_and_by_name() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let user = json!({"name": "alice", "domain": {"name": "Default"}});
    let by_id = json!({"id": identity::credential_id(), "secret": CREDENTIAL_SECRET});
    let by_name = json!({"name": CREDENTIAL, "user": user, "secret": CREDENTIAL_SECRET});

    for body in [by_id, by_name] {
        let response = post_login(&demo, &credential(&body)).await;
        assert_eq!(response.status(), 201);
        let token: Value = response.json().await.unwrap();
        assert_eq!(token["token"]["project"]["name"], "image-factory");
        assert_eq!(token["token"]["application_credential"]["restricted"], true);
    }
}

#[tokio::test]
async fn application_credentials_fail_as_they_do_on_keystone() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let id = identity::credential_id();
    let mut scoped = credential(&json!({"id": id, "secret": CREDENTIAL_SECRET}));
    scoped["auth"]["scope"] =
        json!({"project": {"name": "image-factory", "domain": {"id": "default"}}});

    let unknown = refusal(&demo, &credential(&json!({"id": "0f", "secret": "x"}))).await;
    let secret = refusal(&demo, &credential(&json!({"id": id, "secret": "x"}))).await;
    let scoped = refusal(&demo, &scoped).await;

    assert_eq!(unknown, (404, "Could not find Application Credential: 0f.".to_owned()));
    assert_eq!(secret, (401, UNAUTHORIZED.to_owned()));
    assert_eq!(scoped.0, 401);
    assert!(scoped.1.ends_with("Application credentials cannot request a scope."));
}

#[tokio::test]
async fn a_token_can_be_exchanged_for_another_scope_and_lives_no_longer() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let carol = log_in(&demo, "carol", "image-factory").await;
    let exchange = |token: &str| {
        json!({"auth": {"identity": {"methods": ["token"], "token": {"id": token}},
            "scope": {"project": {"name": "team-web", "domain": {"name": "Default"}}}}})
    };
    demo.world().advance(Duration::from_hours(1));

    let response = post_login(&demo, &exchange(&carol.token)).await;
    let body: Value = response.json().await.unwrap();
    demo.world().advance(Duration::from_hours(24));
    let expired = refusal(&demo, &exchange(&carol.token)).await;

    assert_eq!(body["token"]["project"]["name"], "team-web");
    assert_eq!(body["token"]["methods"], json!(["password", "token"]));
    let time = |key: &str| domain::Moment::parse(body["token"][key].as_str().unwrap()).unwrap();
    assert_eq!(time("expires_at").seconds_since(time("issued_at")) / 60, 23 * 60 - 1);
    assert_eq!(expired.0, 404);
}

#[tokio::test]
async fn expired_tokens_are_refused_in_the_words_of_each_service() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let alice = owner(&demo).await;

    demo.expire_all_tokens();
    let glance = alice.send("GET", "/glance/v2/images", None).await;
    let ims = alice.refused("GET", "/ims/v2/cloudimages", None).await;
    let keystone = alice.send("GET", "/v3/auth/projects", None).await;

    assert_eq!(glance.status(), 401);
    let keystone_at = format!("Keystone uri=\"{}/v3\"", demo.url());
    assert_eq!(glance.headers()["www-authenticate"].to_str().unwrap(), keystone_at);
    assert!(!glance.headers().contains_key("x-openstack-request-id"));
    assert_eq!(ims, (401, "APIGW.0307".to_owned()));
    assert_eq!(keystone.status(), 401);
    assert_eq!(owner(&demo).await.send("GET", "/glance/v2/images", None).await.status(), 200);
}

#[tokio::test]
async fn only_an_admin_can_name_other_projects() {
    let demo = Demo::start(Options::plain(1, 9)).await.unwrap();
    let alice = owner(&demo).await;
    let admin = log_in(&demo, "admin", "admin").await;
    let (factory, web) = {
        let world = demo.world();
        (world.project("image-factory").unwrap(), world.project("team-web").unwrap())
    };
    let project = |id: &str| format!("/v3/projects/{id}");

    let own = alice.get(&project(factory.0.raw())).await;
    let mine = alice.get("/v3/auth/projects").await;

    assert_eq!(own["project"]["name"], "image-factory");
    assert_eq!(mine["projects"].as_array().unwrap().len(), 1);
    let foreign = alice.send("GET", &project(web.0.raw()), None).await;
    assert_eq!(foreign.status(), 403);
    assert_eq!(alice.send("GET", "/v3/projects", None).await.status(), 403);
    assert_eq!(admin.get(&project(web.0.raw())).await["project"]["name"], "team-web");
    assert_eq!(admin.get("/v3/projects").await["projects"].as_array().unwrap().len(), 12);
    assert_eq!(admin.send("GET", &project("0"), None).await.status(), 404);
}

#[tokio::test]
async fn a_token_without_a_project_lists_projects_and_no_images() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let mut body = password("carol", "");
    body["auth"].as_object_mut().unwrap().remove("scope");

    let response = post_login(&demo, &body).await;
    let token = response.headers()["x-subject-token"].to_str().unwrap().to_owned();
    let unscoped: Value = response.json().await.unwrap();
    let carol = Caller { demo: &demo, client: client(), token };

    assert!(unscoped["token"].get("catalog").is_none());
    assert_eq!(carol.get("/v3/auth/projects").await["projects"].as_array().unwrap().len(), 2);
    assert_eq!(
        carol.refused("GET", "/glance/v2/images", None).await,
        (403, "You are not authorized to complete get_images action.".to_owned())
    );
}

#[tokio::test]
async fn versions_are_told_without_a_login() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let get =
        async |path: &str| client().get(format!("{}{path}", demo.url())).send().await.unwrap();

    let root = get("/").await;
    let glance = get("/glance").await;

    assert_eq!(root.status(), 300);
    assert_eq!(root.headers()["location"].to_str().unwrap(), format!("{}/v3/", demo.url()));
    assert_eq!(get("/v3").await.json::<Value>().await.unwrap()["version"]["id"], "v3.14");
    assert_eq!(glance.status(), 300);
    let current = glance.json::<Value>().await.unwrap()["versions"][0].clone();
    assert_eq!((&current["id"], &current["status"]), (&json!("v2.18"), &json!("CURRENT")));
    assert_eq!(get("/v2.0").await.status(), 404);
    assert_eq!(get("/glance/v2").await.status(), 401);
}
