//! What the whole cloud does, seen by a client.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use domain::{ImageId, Member, MemberStatus, Moment, Share, Visibility};

use super::*;

mod faults;
mod ims;
mod keystone;
mod members;
mod rackspace;
mod signature;

/// A client with a token.
struct Caller<'a> {
    demo: &'a Demo,
    client: Client,
    token: String,
}

fn client() -> Client {
    Client::builder().no_proxy().tls_certs_only([]).retry(reqwest::retry::never()).build().unwrap()
}

fn password(user: &str, project: &str) -> Value {
    let domain = json!({"name": "Default"});
    json!({"auth": {
        "identity": {"methods": ["password"],
            "password": {"user": {"name": user, "domain": domain, "password": PASSWORD}}},
        "scope": {"project": {"name": project, "domain": domain}}}})
}

async fn post_login(demo: &Demo, body: &Value) -> Response {
    client().post(format!("{}/v3/auth/tokens", demo.url())).json(body).send().await.unwrap()
}

async fn log_in<'a>(demo: &'a Demo, user: &str, project: &str) -> Caller<'a> {
    let response = post_login(demo, &password(user, project)).await;
    assert_eq!(response.status(), 201);
    let token = response.headers()["x-subject-token"].to_str().unwrap().to_owned();
    Caller { demo, client: client(), token }
}

async fn owner(demo: &Demo) -> Caller<'_> {
    log_in(demo, "alice", "image-factory").await
}

impl Caller<'_> {
    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        self.try_send(method, path, body).await.unwrap()
    }

    async fn try_send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Response> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self
            .client
            .request(method, format!("{}{path}", self.demo.url()))
            .header("accept", "application/json")
            .header("x-auth-token", &self.token);
        match body {
            Some(body) => request.json(body).send().await,
            None => request.send().await,
        }
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.send("GET", path, None).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    /// Status and message of a refusal.
    async fn refused(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, String) {
        let response = self.send(method, path, body).await;
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        let text = body["message"].as_str().or(body["error"]["code"].as_str());
        let text = text.or(body["error"]["message"].as_str()).or(body["error_code"].as_str());
        (status, text.unwrap_or_default().replace("<br /><br />\n\n\n", ""))
    }

    async fn job(&self, method: &str, body: &Value) -> Value {
        let answer = self.send(method, "/ims/v1/cloudimages/members", Some(body)).await;
        assert_eq!(answer.status(), 200);
        let job: Value = answer.json().await.unwrap();
        self.get(&format!("/ims/v1/cloudimages/job/{}", job["job_id"].as_str().unwrap())).await
    }
}

fn ids(body: &Value) -> Vec<String> {
    let images = body["images"].as_array().unwrap();
    images.iter().map(|image| image["id"].as_str().unwrap().to_owned()).collect()
}

fn member_ids(body: &Value) -> BTreeSet<String> {
    let members = body["members"].as_array().unwrap();
    members.iter().map(|member| member["member_id"].as_str().unwrap().to_owned()).collect()
}

/// An image with at least so many members, and their ids.
fn crowded(demo: &Demo, members: usize) -> (ImageId, Vec<String>) {
    let world = demo.world();
    let factory = world.project("image-factory").unwrap();
    let fits = |image: &&world::StoredImage| {
        image.listed().len() >= members && image.image.owner.as_ref() == Some(&factory)
    };
    let image = world.images().find(fits).unwrap();
    let members = image.listed().iter().map(|row| row.member.id.raw().to_owned()).collect();
    (image.image.id.clone(), members)
}

fn pair(image: &ImageId, member: &str) -> Share {
    Share { image: image.clone(), member: Member::project(member) }
}

// The world.

#[tokio::test]
async fn a_seed_makes_one_world() {
    let options = || Options { now: Some(domain::Moment(1_790_000_000_000)), ..Options::quick() };
    let (one, same) =
        (Demo::start(options()).await.unwrap(), Demo::start(options()).await.unwrap());
    let other = Demo::start(Options { seed: 2, ..options() }).await.unwrap();

    let images = |demo: &Demo| demo.world().images().cloned().collect::<Vec<_>>();

    assert_eq!(images(&one), images(&same));
    assert_ne!(one.world().shares(), other.world().shares());
}

#[tokio::test]
async fn every_project_receives_something_and_one_image_has_a_crowd() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let world = demo.world();

    let receivers: BTreeSet<String> =
        world.shares().into_iter().map(|share| share.member.id.raw().to_owned()).collect();
    let most = world.images().map(|image| image.listed().len()).max();

    let projects: Vec<_> = world.identity.receivers.clone();
    assert_eq!(projects.len(), 214);
    assert!(projects.iter().all(|project| receivers.contains(project.0.raw())));
    assert_eq!(most, Some(120));
}

#[tokio::test]
async fn a_plain_world_is_all_shared_and_of_the_size_asked_for() {
    let demo = Demo::start(Options::plain(40, 10)).await.unwrap();
    let world = demo.world();
    let factory = world.project("image-factory").unwrap();

    let own: Vec<_> = world.images().filter(|image| image.is_owned_by(&factory)).collect();

    assert_eq!(own.len(), 40);
    assert!(own.iter().all(|image| image.image.visibility == Visibility::Shared));
}

#[tokio::test]
async fn the_ordinary_world_has_something_odd_of_every_kind() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let world = demo.world();
    let factory = world.project("image-factory").unwrap();
    let images: Vec<_> = world.images().filter(|image| image.is_owned_by(&factory)).collect();
    let name =
        |image: &world::StoredImage| image.image.name.as_ref().map(|name| name.raw().to_owned());
    let named =
        |test: &dyn Fn(&str) -> bool| images.iter().filter_map(|i| name(i)).any(|n| test(&n));
    let status = |wanted: &str| {
        images.iter().any(|i| i.image.status.as_ref().is_some_and(|status| status.raw() == wanted))
    };
    let is =
        |visibility: Visibility| images.iter().filter(|i| i.image.visibility == visibility).count();

    assert_eq!(images.len(), 128);
    assert!(images.iter().any(|image| image.image.name.is_none()));
    assert!(named(&|name| name.contains('\u{1b}')) && named(&|name| name.contains('\u{202e}')));
    assert!(named(&|name| name.contains('镜')) && named(&|name| name.len() > 200));
    assert_eq!(
        images.iter().filter(|i| name(i).as_deref() == Some("ubuntu-22.04-golden")).count(),
        2
    );
    assert!(status("queued") && status("deactivated"));
    assert!(images.iter().any(|i| i.image.hidden) && images.iter().any(|i| i.image.protected));
    assert!(images.iter().any(|i| i.image.encrypted) && images.iter().any(|i| i.image.whole));
    assert!(images.iter().any(|i| i.listed().is_empty() && !i.members.is_empty()), "dormant");
    assert_eq!((is(Visibility::Public), is(Visibility::Community)), (1, 1));
    assert!(is(Visibility::Shared) > 60 && is(Visibility::Private) > 20);
    let members = || images.iter().flat_map(|image| image.listed());
    assert!(members().any(|row| row.member.id == factory.0));
    assert!(members().any(|row| row.member.id.raw() == "team web (old)"));
    let of = |status| members().filter(|row| row.status == status).count();
    let accepted = of(MemberStatus::Accepted);
    assert!(
        accepted > of(MemberStatus::Pending)
            && of(MemberStatus::Pending) > of(MemberStatus::Rejected)
    );
}

#[test]
fn five_thousand_images_do_not_take_long() {
    let start = std::time::Instant::now();

    let world = World::seeded(Options { images: 5000, ..Options::default() });

    // Half a second without optimisation, on a machine that is not busy.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(world.images().count() > 5000);
}

// From login to the end.

#[tokio::test]
async fn a_share_is_revoked_on_glance() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let (image, members) = crowded(&demo, 3);
    let alice = owner(&demo).await;
    let before = demo.world().shares();
    let path = format!("/glance/v2/images/{}/members", image.raw());
    assert_eq!(member_ids(&alice.get(&path).await), members.iter().cloned().collect());

    let answer = alice.send("DELETE", &format!("{path}/{}", members[1]), None).await;

    assert_eq!(answer.status(), 204);
    let gone: Vec<Share> = before.difference(&demo.world().shares()).cloned().collect();
    assert_eq!(gone, [pair(&image, &members[1])]);
    assert!(!member_ids(&alice.get(&path).await).contains(&members[1]));
}

#[tokio::test]
async fn a_batch_is_revoked_on_ims_when_its_job_is_due() {
    let delay = Duration::from_mins(1);
    let demo = Demo::start(Options { job_delay: delay..delay, ..Options::quick() }).await.unwrap();
    let (image, members) = crowded(&demo, 3);
    let alice = owner(&demo).await;
    let before = demo.world().shares();
    let project = demo.world().project("image-factory").unwrap();
    let body = json!({"images": [image.raw()], "projects": [members[0], members[2]]});

    let job = alice.job("DELETE", &body).await;
    let poll = format!("/ims/v1/{}/jobs/{}", project.0.raw(), job["job_id"].as_str().unwrap());
    demo.world().advance(Duration::from_secs(30));
    let running = alice.get(&poll).await;
    let untouched = demo.world().shares() == before;
    demo.world().advance(Duration::from_secs(31));
    let over = alice.get(&poll).await;

    assert_eq!((job["status"].as_str(), job["end_time"].as_str()), (Some("INIT"), Some("")));
    assert_eq!(running["status"], "RUNNING");
    assert!(untouched);
    assert_eq!(over["status"], "SUCCESS");
    assert_eq!(over["entities"], json!({"results": []}));
    assert_eq!(over["job_type"], "imsDelImageMembersJob");
    let gone: BTreeSet<Share> = before.difference(&demo.world().shares()).cloned().collect();
    assert_eq!(gone, [pair(&image, &members[0]), pair(&image, &members[2])].into());
}

// Lists.

async fn walk_links(alice: &Caller<'_>, prefix: &str, first: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let page = alice.get(&format!("{prefix}{path}")).await;
        all.extend(ids(&page));
        next = page["next"].as_str().map(str::to_owned);
    }
    all
}

async fn walk_markers(alice: &Caller<'_>, limit: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    loop {
        let marker = all.last().map(|id| format!("&marker={id}")).unwrap_or_default();
        let page = alice.get(&format!("/ims/v2/cloudimages?limit={limit}{marker}")).await;
        let page = ids(&page);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn assert_each_once(seen: &[String], expected: &BTreeSet<String>) {
    assert_eq!(seen.len(), expected.len());
    assert_eq!(&seen.iter().cloned().collect::<BTreeSet<_>>(), expected);
}

fn seen_by_factory(demo: &Demo, hidden: bool) -> BTreeSet<String> {
    let world = demo.world();
    let factory = world.project("image-factory").unwrap();
    let accepted = |image: &world::StoredImage| {
        let mut rows = image.listed().iter();
        rows.any(|m| m.member.id == factory.0 && m.status == MemberStatus::Accepted)
    };
    let sees = |image: &&world::StoredImage| {
        image.is_owned_by(&factory)
            || image.image.visibility == Visibility::Public
            || accepted(image)
    };
    let images = world.images().filter(sees).filter(|image| hidden || !image.image.hidden);
    images.map(|image| image.image.id.raw().to_owned()).collect()
}

#[tokio::test]
async fn links_lead_to_every_image_once() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let alice = owner(&demo).await;

    let by_25 = walk_links(&alice, "/glance", "/v2/images").await;
    let by_7 = walk_links(&alice, "/glance", "/v2/images?limit=7").await;
    let native = walk_links(&alice, "/ims", "/v2/images?limit=64").await;

    assert_each_once(&by_25, &seen_by_factory(&demo, false));
    assert_each_once(&by_7, &seen_by_factory(&demo, false));
    assert_each_once(&native, &seen_by_factory(&demo, true));
}

#[tokio::test]
async fn every_way_of_paging_shows_every_image_once() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let alice = owner(&demo).await;
    let expected = seen_by_factory(&demo, true);

    demo.world().options.ims.paging = Paging::LastId;
    assert_each_once(&walk_markers(&alice, 17).await, &expected);
    demo.world().options.ims.paging = Paging::Next;
    let linked = walk_links(&alice, "/ims", "/v2/cloudimages?limit=17").await;
    assert_each_once(&linked, &expected);
    demo.world().options.ims.paging = Paging::PageInfo;
    let mut seen = Vec::new();
    let mut marker = String::new();
    loop {
        let page = alice.get(&format!("/ims/v2/cloudimages?limit=17{marker}")).await;
        seen.extend(ids(&page));
        match page["page_info"]["next_marker"].as_str() {
            Some(next) => marker = format!("&marker={next}"),
            None => break,
        }
    }

    assert_each_once(&seen, &expected);
}

#[tokio::test]
async fn a_page_that_is_exactly_full_has_a_next_one_that_is_empty() {
    let demo = Demo::start(Options::plain(4, 2)).await.unwrap();
    let alice = owner(&demo).await;
    let factory = demo.world().project("image-factory").unwrap();
    let owned = format!("owner={}", factory.0.raw());

    let full = alice.get(&format!("/glance/v2/images?limit=4&{owned}")).await;
    let next = full["next"].as_str().unwrap();
    let empty = alice.get(&format!("/glance{next}")).await;

    assert!(next.starts_with("/v2/images?limit=4&"), "{next}");
    assert_eq!(ids(&full).len(), 4);
    assert_eq!(ids(&empty).len(), 0);
    assert!(empty.get("next").is_none());
    assert_eq!(full["first"], empty["first"]);
}

#[tokio::test]
async fn lists_refuse_what_glance_refuses() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let alice = owner(&demo).await;
    let none = "00000000-0000-0000-0000-000000000000";

    for (query, text) in [
        ("limit=-1".to_owned(), "limit param must be positive".to_owned()),
        ("limit=x".to_owned(), "limit param must be an integer".to_owned()),
        (format!("marker={none}"), format!("No image found with ID {none}")),
        ("visibility=bogus".to_owned(), "Invalid visibility value: bogus".to_owned()),
        ("member_status=bogus".to_owned(), "Invalid status: bogus".to_owned()),
    ] {
        let refusal = alice.refused("GET", &format!("/glance/v2/images?{query}"), None).await;
        assert_eq!(refusal, (400, text));
    }
    let empty = alice.get("/glance/v2/images?limit=0").await;
    assert_eq!(
        empty,
        json!({"images": [], "first": "/v2/images?limit=0", "schema": "/v2/schemas/images"})
    );
    assert_eq!(ids(&alice.get("/glance/v2/images?fields=id").await).len(), 0);
}

#[tokio::test]
async fn a_receiver_finds_its_offers_by_their_status() {
    let demo = Demo::start(Options::plain(3, 1)).await.unwrap();
    let bob = log_in(&demo, "bob", "team-web").await;
    let web = demo.world().project("team-web").unwrap();
    let statuses = [MemberStatus::Pending, MemberStatus::Accepted, MemberStatus::Rejected];
    let factory: Vec<ImageId> = {
        let mut world = demo.world();
        statuses
            .iter()
            .map(|status| {
                let id = world.add_image("offered");
                world.share(&id, Member::project(web.0.clone()), status.clone());
                id
            })
            .collect()
    };

    for (n, status) in ["pending", "accepted", "rejected"].into_iter().enumerate() {
        for list in ["/glance/v2/images?limit=1000", "/ims/v2/cloudimages?__imagetype=shared"] {
            let list = format!("{list}&visibility=shared&member_status={status}");
            let seen = ids(&bob.get(&list).await);
            let hits: Vec<bool> =
                factory.iter().map(|id| seen.contains(&id.raw().to_owned())).collect();
            assert_eq!(hits, [n == 0, n == 1, n == 2], "{list}");
        }
    }
    let rejected = format!("/glance/v2/images/{}", factory[2].raw());
    assert_eq!(bob.get(&rejected).await["id"], factory[2].raw());
}

#[tokio::test]
async fn ims_calls_an_image_shared_only_while_it_has_members() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let alice = owner(&demo).await;
    let web = demo.world().project("team-web").unwrap();
    let image = demo.world().add_image("base");
    let path = "/ims/v2/cloudimages";

    let before = alice.get(path).await["images"][0]["visibility"].clone();
    demo.world().share(&image, Member::project(web.0), MemberStatus::Pending);
    let after = alice.get(path).await["images"][0].clone();
    let private = alice.get(&format!("{path}?visibility=private")).await;

    assert_eq!(before, "private");
    assert_eq!((&after["visibility"], &after["__imagetype"]), (&json!("shared"), &json!("shared")));
    assert_eq!(ids(&private).len(), 0);
}

#[test]
fn the_same_seed_makes_the_same_world_at_any_hour() {
    let at = |moment| Options { now: Some(Moment(moment)), ..Options::quick() };
    let shares = |moment| World::seeded(at(moment)).shares();

    assert_eq!(shares(1_795_000_000_000), shares(1_795_000_777_123));
}

#[test]
fn the_address_book_names_projects_of_this_very_world() {
    let options = Options::quick();
    let world = World::seeded(options.clone());

    let book = super::address_book(&options);

    let web = world.project("team-web").unwrap();
    assert!(book.contains(&(web.0.raw().to_owned(), "team-web".to_owned())));
    assert!(book.len() > 100);
}
