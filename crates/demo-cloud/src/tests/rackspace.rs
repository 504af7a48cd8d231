//! Identity v2.0 and Cloud Images as Rackspace's documentation has them.

use super::*;

fn key_of_user(user: &str) -> Value {
    let key = user_named(user).unwrap().api_key;
    json!({"auth": {"RAX-KSKEY:apiKeyCredentials": {"username": user, "apiKey": key}}})
}

async fn post(demo: &Demo, body: &Value) -> Response {
    client().post(format!("{}/v2.0/tokens", demo.url())).json(body).send().await.unwrap()
}

async fn account<'a>(demo: &'a Demo, user: &str) -> Caller<'a> {
    let body: Value = post(demo, &key_of_user(user)).await.json().await.unwrap();
    let token = body["access"]["token"]["id"].as_str().unwrap().to_owned();
    Caller { demo, client: client(), token }
}

async fn started(images: usize) -> Demo {
    Demo::start(Options { account_images: images, ..Options::plain(0, 0) }).await.unwrap()
}

fn own_image(demo: &Demo) -> ImageId {
    let world = demo.world();
    let owner = domain::ProjectId(ACCOUNT.into());
    let own = world.images().find(|stored| stored.image.is_owned_by(&owner)).unwrap();
    own.image.id.clone()
}

#[tokio::test]
async fn a_login_tells_token_account_and_catalog_in_the_body() {
    let demo = started(1).await;

    let body: Value = post(&demo, &key_of_user("ramona")).await.json().await.unwrap();

    let token = &body["access"]["token"];
    assert_eq!(token["tenant"], json!({"id": ACCOUNT, "name": ACCOUNT}));
    let expires = token["expires"].as_str().unwrap();
    assert!(expires.contains('.') && Moment::parse(expires).is_some(), "{expires}");
    let images = &body["access"]["serviceCatalog"][0];
    assert_eq!((&images["name"], &images["type"]), (&json!("cloudImages"), &json!("image")));
    let kept = format!("{:?}", demo.requests());
    assert!(!kept.contains(user_named("ramona").unwrap().api_key), "{kept}");
}

#[tokio::test]
async fn a_login_is_refused_in_the_words_of_its_kind() {
    let demo = started(1).await;
    let password = |user: &str, password: &str| json!({"auth": {"passwordCredentials": {"username": user, "password": password}}});
    let mut other = key_of_user("ramona");
    other["auth"]["tenantId"] = RECEIVER.into();
    for (body, status, kind) in [
        (password("ramona", PASSWORD), 200, "access"),
        (password("ramona", "x"), 401, "unauthorized"),
        (password("alice", PASSWORD), 401, "unauthorized"),
        (password("mia", PASSWORD), 401, "unauthorized"),
        (password("dora", PASSWORD), 403, "userDisabled"),
        (other, 401, "unauthorized"),
        (json!({"auth": {}}), 400, "badRequest"),
    ] {
        let answer = post(&demo, &body).await;
        let challenged = answer.headers().contains_key("www-authenticate");
        assert_eq!(answer.status(), status, "{body}");
        let answer: Value = answer.json().await.unwrap();
        assert!(answer.get(kind).is_some(), "{answer}");
        assert_eq!(challenged, answer.to_string().contains("Additional"), "{answer}");
    }
}

#[tokio::test]
async fn pages_hold_a_hundred_images_whatever_is_asked_for_and_all_of_them_read_private() {
    let demo = started(130).await;
    let ramona = account(&demo, "ramona").await;
    let path = format!("/rackspace/v2/images?owner={ACCOUNT}&limit=1000");

    let page = ramona.get(&path).await;

    let images = page["images"].as_array().unwrap();
    assert_eq!(images.len(), 100);
    assert!(page["next"].as_str().unwrap().starts_with("/v2/images?"));
    assert!(images.iter().all(|image| image["visibility"] == "private"));
    assert!(images.iter().all(|image| image.get("os_hidden").is_none()));
    let shared = ramona.get("/rackspace/v2/images?visibility=shared").await;
    let names: Vec<&Value> =
        shared["images"].as_array().unwrap().iter().map(|image| &image["name"]).collect();
    assert_eq!(names, ["rax-web-base"], "shared means: with me");
    let hidden = ramona.get("/rackspace/v2/images?os_hidden=true").await;
    assert_eq!(hidden["images"], json!([]), "taken for a property nobody has");
}

#[tokio::test]
async fn the_account_number_may_stand_in_the_path_when_it_is_one_s_own() {
    let demo = started(3).await;
    let ramona = account(&demo, "ramona").await;
    let own = format!("/rackspace/v2/{ACCOUNT}/images?owner={ACCOUNT}&limit=2");

    let page = ramona.get(&own).await;

    assert!(page["next"].as_str().unwrap().starts_with(&format!("/v2/{ACCOUNT}/images?")));
    let other = format!("/rackspace/v2/{RECEIVER}/images");
    assert_eq!(ramona.send("GET", &other, None).await.status(), 403);
}

#[tokio::test]
async fn a_change_of_members_must_say_that_it_is_json_and_be_the_owner_s() {
    let demo = started(3).await;
    let (ramona, rob) = (account(&demo, "ramona").await, account(&demo, "rob").await);
    let id = own_image(&demo);
    demo.world().edit_image(&id, |stored| stored.members.clear());
    let path = format!("/rackspace/v2/images/{}/members", id.raw());
    let url = format!("{}{path}", demo.url());

    let bare = client().post(&url).header("x-auth-token", &ramona.token).body("{}").send().await;
    assert_eq!(bare.unwrap().status(), 415);
    let body = json!({"member": RECEIVER});
    assert_eq!(rob.send("POST", &path, Some(&body)).await.status(), 404);
    assert_eq!(ramona.send("POST", &path, Some(&body)).await.status(), 200);
    assert_eq!(demo.world().members(&id).len(), 1);
    let one = format!("{path}/{RECEIVER}");
    assert_eq!(rob.send("DELETE", &one, None).await.status(), 403);
    assert_eq!(ramona.send("DELETE", &one, None).await.status(), 204);
    assert_eq!(ramona.send("DELETE", &one, None).await.status(), 404);
    assert_eq!(ramona.send("PATCH", &one, None).await.status(), 405);
}

#[test]
fn the_account_s_images_leave_the_rest_of_the_world_as_it_was() {
    let shares = |account_images| {
        let options = Options { account_images, now: Some(Moment(0)), ..Options::quick() };
        let world = World::seeded(options);
        let factory = world.project("image-factory").unwrap();
        let own = world.images().filter(|stored| stored.image.is_owned_by(&factory));
        own.cloned().collect::<Vec<_>>()
    };
    assert_eq!(shares(0), shares(48));
}
