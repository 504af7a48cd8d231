//! Both clouds against the embedded one, in every way it can behave, and against servers that misbehave.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use super::catalog::{Wanted, image_base};
use super::*;
use crate::auth::{
    AccessKey, Aksk, Auth, AuthError, Credentials, Generation, Keystone, Method, NameOrId,
};
use crate::http::header::HeaderValue;
use crate::http::testing::{Heard, Reply, Server, answer, json};
use crate::http::{Answer, Client, Request, Transport};
use demo_cloud::options::{ImsSwitches, JobCalls, Paging, TimeFormat};
use demo_cloud::{Action, Demo, Fault, Options, PASSWORD, Route};
use domain::{ApiRequest, JobStatus, Member, MemberKind, MemberStatus, Moment, Share, Visibility};

/// A token that never changes: for servers that check none.
struct Fixed;

#[async_trait]
impl Auth for Fixed {
    async fn authorize(&self, request: &mut Request) -> Result<Generation, AuthError> {
        request.headers_mut().insert("x-auth-token", HeaderValue::from_static("t0ken-secret"));
        Ok(Generation::default())
    }

    async fn renew(&self, _: Generation, _: &Answer) -> Result<(), AuthError> {
        Ok(())
    }
}

pub(super) fn at(url: &str) -> Service {
    let http = Client::new(Transport::default()).unwrap();
    Service::new(http, Arc::new(Fixed), Base::parse(url).unwrap())
}

/// For changes that nothing stops.
pub(super) fn never() -> CancellationToken {
    CancellationToken::new()
}

fn project() -> ProjectId {
    ProjectId("p0".into())
}

fn glance_at(server: &Server) -> Glance {
    Glance::new(at(&server.url), project())
}

fn ims_at(server: &Server) -> Ims {
    Ims::new(at(&server.url), project(), Limits::BATCH)
}

async fn service(demo: &Demo, region: &str, user: &str, name: &str) -> (Service, ProjectId) {
    let http = Client::new(Transport::default()).unwrap();
    let in_default = |name: &str| NameOrId::named(name).in_domain(NameOrId::named("Default"));
    let (user, password) = (in_default(user), SecretString::from(PASSWORD));
    let method = Method::Password { user, password, passcode: None };
    let credentials = Credentials { method, project: in_default(name) };
    let keystone = Keystone::new(http.clone(), demo.url(), credentials).unwrap();
    let session = keystone.session().await.unwrap();
    let public = ["public".to_owned()];
    let wanted = Wanted {
        service_type: "image",
        service_name: None,
        interfaces: &public,
        region: Some(region),
        endpoint: None,
    };
    let base = image_base(&session.catalog, &wanted).unwrap();
    (Service::new(http, Arc::new(keystone), base), session.project_id.clone())
}

async fn glance(demo: &Demo) -> Glance {
    let (service, project) = service(demo, "RegionOne", "alice", "image-factory").await;
    Glance::new(service, project)
}

async fn ims(demo: &Demo) -> Ims {
    let (service, project) = service(demo, "eu-de", "alice", "image-factory").await;
    Ims::new(service, project, Limits::BATCH)
}

async fn started(ims: ImsSwitches) -> Demo {
    Demo::start(Options { ims, ..Options::plain(40, 10) }).await.unwrap()
}

/// Reads a list to its end, as the engine does.
pub(super) async fn all(
    cloud: &dyn ImageCloud,
    listing: Listing,
) -> Result<Vec<Image>, CloudError> {
    let (mut images, mut mark) = (Vec::new(), None);
    for _ in 0..200 {
        let page = cloud.images(listing, mark.as_ref()).await?;
        assert_eq!(page.unreadable, None);
        images.extend(page.items);
        mark = page.next;
        if mark.is_none() {
            return Ok(images);
        }
    }
    panic!("a list without end");
}

pub(super) async fn members(cloud: &dyn ImageCloud, image: &ImageId) -> Vec<Membership> {
    let page = cloud.members(image, None).await.unwrap();
    assert_eq!((page.unreadable, page.next), (None, None));
    page.items
}

pub(super) fn ids(images: &[Image]) -> BTreeSet<ImageId> {
    images.iter().map(|image| image.id.clone()).collect()
}

/// What the project owns, by the cloud's own records.
fn owned(demo: &Demo) -> BTreeSet<ImageId> {
    let world = demo.world();
    let factory = world.project("image-factory").unwrap();
    world
        .images()
        .filter(|stored| stored.image.is_owned_by(&factory))
        .map(|stored| stored.image.id.clone())
        .collect()
}

fn truth(demo: &Demo) -> BTreeSet<Share> {
    demo.world().shares()
}

// Lists.

#[tokio::test]
async fn glance_lists_own_images_page_by_page_and_hidden_ones_apart() {
    let demo = Demo::start(Options { page_max: 7, ..Options::quick() }).await.unwrap();
    let glance = glance(&demo).await;

    let mut images = all(&glance, Listing::Owned).await.unwrap();
    let hidden = all(&glance, Listing::OwnedHidden).await.unwrap();

    assert!(!hidden.is_empty() && hidden.iter().all(|image| image.hidden));
    images.extend(hidden);
    assert_eq!(ids(&images), owned(&demo));
}

#[tokio::test]
async fn ims_lists_all_own_images_whatever_its_paging_and_however_short_its_pages() {
    for paging in [Paging::PageInfo, Paging::LastId, Paging::Next] {
        for page_max in [7, 40, usize::MAX] {
            let demo = started(ImsSwitches { paging, page_max, ..ImsSwitches::default() }).await;

            let images = all(&ims(&demo).await, Listing::Owned).await.unwrap();

            assert_eq!(ids(&images), owned(&demo), "{paging:?} {page_max}");
            assert_eq!(images.len(), 40, "{paging:?} {page_max}: none twice");
        }
    }
}

#[tokio::test]
async fn ims_without_its_own_list_is_read_by_the_native_one_from_then_on() {
    let demo = started(ImsSwitches::default()).await;
    let gone = serde_json::json!({"error_code": "APIGW.0101", "error_msg": "no such API"});
    let gone = Action::json(404, &gone);
    demo.faults().add(Fault::always(Route::get("/ims/v2/cloudimages"), gone));
    let ims = ims(&demo).await;

    for _ in 0..2 {
        assert_eq!(ids(&all(&ims, Listing::Owned).await.unwrap()), owned(&demo));
    }

    let tried = demo.requests().iter().filter(|r| r.path.contains("/v2/cloudimages")).count();
    assert_eq!(tried, 1);
}

#[tokio::test]
async fn received_images_are_found_by_their_status_on_both_clouds() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let (one, project) = service(&demo, "RegionOne", "bob", "team-web").await;
    let (other, _) = service(&demo, "eu-de", "bob", "team-web").await;
    let glance = Glance::new(one, project.clone());
    let ims = Ims::new(other, project.clone(), Limits::BATCH);

    for cloud in [&glance as &dyn ImageCloud, &ims] {
        for (listing, status) in [
            (Listing::ReceivedPending, MemberStatus::Pending),
            (Listing::ReceivedAccepted, MemberStatus::Accepted),
            (Listing::ReceivedRejected, MemberStatus::Rejected),
        ] {
            let images = all(cloud, listing).await.unwrap();
            assert!(!images.is_empty() || status == MemberStatus::Rejected, "{listing:?}");
            assert!(images.iter().all(|image| !image.is_owned_by(&project)));
            for image in &images {
                let own = members(cloud, &image.id).await;
                assert_eq!(own.len(), 1, "a receiver sees itself alone");
                assert_eq!(own[0].status, status);
            }
        }
    }
}

#[tokio::test]
async fn an_image_that_was_deleted_between_two_pages_makes_the_mark_stale() {
    for code in [
        r#"{"message":"No image found with ID x<br /><br />\n\n\n","code":"400 Bad Request"}"#,
        r#"{"error":{"code":"IMG.0027","message":"the image does not exist"}}"#,
    ] {
        let server = Server::start(move |_| json(400, code)).await;
        let mark = PageMark("/v2/images?marker=x".into());
        let clouds: [&dyn ImageCloud; 1] = [&ims_at(&server)];
        for cloud in clouds {
            let error = cloud.images(Listing::Owned, Some(&mark)).await.unwrap_err();
            assert!(matches!(error, CloudError::StaleMark(_)), "{error:?}");
            let error = cloud.images(Listing::Owned, None).await.unwrap_err();
            assert!(matches!(error, CloudError::Answered(_)), "{error:?}");
        }
    }
    let server =
        Server::start(|_| json(400, r#"{"message":"No image found with ID x<br /><br />"}"#)).await;
    let mark = PageMark("/v2/images?marker=x".into());
    let error = glance_at(&server).images(Listing::Owned, Some(&mark)).await.unwrap_err();
    assert!(matches!(error, CloudError::StaleMark(_)), "{error:?}");
}

fn page(ids: &[&str], more: &str) -> String {
    let rows: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    format!(r#"{{"images":[{}]{more}}}"#, rows.join(","))
}

#[tokio::test]
async fn a_server_that_ignores_markers_is_an_error_and_not_a_loop() {
    let server = Server::start(|_| json(200, &page(&["a", "b"], ""))).await;
    let error = all(&ims_at(&server), Listing::Owned).await.unwrap_err();
    assert!(matches!(error, CloudError::Malformed { .. }), "{error:?}");

    let link = r#","next":"/v2/images?marker=a""#;
    let server = Server::start(move |_| json(200, &page(&["a"], link))).await;
    let error = all(&glance_at(&server), Listing::Owned).await.unwrap_err();
    assert!(matches!(error, CloudError::Malformed { .. }), "{error:?}");

    let info = r#","page_info":{"next_marker":"a"}"#;
    let server = Server::start(move |_| json(200, &page(&["a"], info))).await;
    let error = all(&ims_at(&server), Listing::Owned).await.unwrap_err();
    assert!(matches!(error, CloudError::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_begins_a_page_with_its_marker_is_read_to_the_end() {
    let server = Server::start(|heard| {
        let rows = match heard.target.split("marker=").nth(1) {
            None => page(&["a", "b"], ""),
            Some("b") => page(&["b", "c"], ""),
            Some(_) => page(&["c"], ""),
        };
        json(200, &rows)
    })
    .await;

    let images = all(&ims_at(&server), Listing::Owned).await.unwrap();

    assert_eq!(ids(&images), ids(&["a", "b", "c"].map(|id| Image::bare(id.into()))));
}

#[tokio::test]
async fn once_a_list_told_how_it_goes_on_its_silence_is_the_end() {
    let server = Server::start(|heard| {
        let last = heard.target.contains("marker=");
        json(200, &page(&["a"], if last { "" } else { r#","page_info":{"next_marker":"x/=+"}"# }))
    })
    .await;

    all(&ims_at(&server), Listing::Owned).await.unwrap();

    assert_eq!(server.heard().len(), 2);
    assert!(server.heard()[1].target.ends_with("&marker=x%2F%3D%2B"));
}

#[tokio::test]
async fn a_next_page_on_another_host_is_an_error_and_that_host_hears_nothing() {
    let other = Server::start(|_| json(200, &page(&[], ""))).await;
    let link = format!(r#","next":"{}/v2/images?marker=a""#, other.url);
    let server = Server::start(move |_| json(200, &page(&["a"], &link))).await;

    let error = all(&glance_at(&server), Listing::Owned).await.unwrap_err();

    assert!(error.to_string().contains(&other.url), "{error}");
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn a_prefix_stays_in_front_of_a_root_relative_next_link() {
    let server = Server::start(|heard: &Heard| {
        let more = r#","next":"/v2/images?marker=a""#;
        json(200, &page(&["a"], if heard.target.contains("marker") { "" } else { more }))
    })
    .await;
    let glance = Glance::new(at(&format!("{}/image/v2/", server.url)), project());

    all(&glance, Listing::Owned).await.unwrap();

    let expected = ["GET /image/v2/images?owner=p0&limit=1000", "GET /image/v2/images?marker=a"];
    assert_eq!(server.requests(), expected);
    assert_eq!(server.heard()[0].header("accept"), Some("application/json"));
}

#[tokio::test]
async fn one_bad_entry_is_counted_and_hides_no_other() {
    let body = r#"{"images":[{"id":"a","owner":"P-0"},7,null,{"name":"no id"},{"id":""},{"id":5},
        {"id":"b","name":{"x":1},"owner":null,"size":"12","os_hidden":"True","tags":[1]}]}"#;
    let server = Server::start(move |_| json(200, body)).await;

    let read = glance_at(&server).images(Listing::Owned, None).await.unwrap();

    let unreadable = read.unreadable.unwrap();
    assert_eq!((unreadable.count, unreadable.position), (4, 2));
    assert_eq!(unreadable.why, "is a number instead of an object");
    assert_eq!(read.items.len(), 3);
    let last = &read.items[2];
    assert_eq!((last.size, last.hidden, &last.name), (Some(12), true, &None));
    assert_eq!(last.owner, Some(project()), "it is in the list of what the project owns");
}

#[tokio::test]
async fn an_answer_without_a_list_is_an_error_never_an_empty_list() {
    for body in ["", "{}", "[]", r#"{"images":null}"#, r#"{"images":[{"id":"a"}"#, "<html>"] {
        let server = Server::start(move |_| json(200, body)).await;
        for cloud in [&glance_at(&server) as &dyn ImageCloud, &ims_at(&server)] {
            let images = cloud.images(Listing::Owned, None).await.map(|page| page.items);
            let members = cloud.members(&"a".into(), None).await.map(|page| page.items);
            assert!(matches!(images, Err(CloudError::Malformed { .. })), "{body}: {images:?}");
            assert!(matches!(members, Err(CloudError::Malformed { .. })), "{body}: {members:?}");
        }
    }
}

#[tokio::test]
async fn what_ims_says_of_an_image_is_understood_however_it_is_typed() {
    let body = r#"{"images":[{"id":"a","name":"win","owner":"p0","status":"active","visibility":"private",
        "__image_size":"1048576","size":0,"__os_version":"Windows 2019","__platform":"Windows",
        "__system__cmkid":"k1","__whole_image":"True","protected":"false","min_ram":null,
        "created_at":"2026-01-02T03:04:05Z","__support_kvm":true},
        {"id":"b","owner":"p0","__whole_image":true,"__platform":"Ubuntu","__image_size":7}]}"#;
    let server = Server::start(move |_| json(200, body)).await;

    let images = ims_at(&server).images(Listing::Owned, None).await.unwrap().items;

    let (a, b) = (&images[0], &images[1]);
    assert_eq!((a.size, a.os.clone()), (Some(1 << 20), Some("Windows 2019".into())));
    assert!(a.encrypted && a.whole && !a.protected && a.created_at.is_some());
    assert_eq!((b.size, b.os.clone(), b.whole), (Some(7), Some("Ubuntu".into()), true));
    assert_eq!(b.visibility, Visibility::Other("unknown".into()));
    assert!(ims_at(&server).members_apply(a) && ims_at(&server).members_apply(b));
}

// Members.

#[tokio::test]
async fn members_are_those_of_the_cloud_on_both_clouds() {
    let demo = started(ImsSwitches::default()).await;
    let (glance, ims) = (glance(&demo).await, ims(&demo).await);

    for cloud in [&glance as &dyn ImageCloud, &ims] {
        let mut found = BTreeSet::new();
        for image in all(cloud, Listing::Owned).await.unwrap() {
            assert!(cloud.members_apply(&image));
            for row in members(cloud, &image.id).await {
                assert!(row.created_at.is_some());
                found.insert(Share { image: image.id.clone(), member: row.member });
            }
        }
        let own = owned(&demo);
        let expected = truth(&demo).into_iter().filter(|share| own.contains(&share.image));
        assert_eq!(found, expected.collect());
    }
}

#[tokio::test]
async fn accounts_and_organisations_are_members_and_unknown_kinds_are_not_guessed() {
    let body = r#"{"members":[{"member_id":"p1","status":"accepted"},
        {"member_id":"d1","member_type":"domain","status":"accepted"},
        {"member_id":"o","urn":"organizations::a:ou:x","member_type":"Organization"},
        {"member_id":5,"status":"weird","urn":"no"},{"member_id":"x","member_type":"planet"},{}],
        "page_info":{"next_marker":"YWI=","current_count":6}}"#;
    let server = Server::start(move |_| json(200, body)).await;

    let ims = ims_at(&server);
    let read = ims.members(&"a".into(), None).await.unwrap();

    let members: Vec<Member> = read.items.iter().map(|row| row.member.clone()).collect();
    let of = |kind, id: &str| Member { kind, id: id.into() };
    assert_eq!(
        members,
        [
            of(MemberKind::Project, "p1"),
            of(MemberKind::Domain, "d1"),
            of(MemberKind::Organization, "organizations::a:ou:x"),
            of(MemberKind::Project, "5"),
        ]
    );
    assert_eq!(read.items[3].status, MemberStatus::Other("weird".into()));
    let unreadable = read.unreadable.unwrap();
    assert_eq!((unreadable.count, unreadable.position), (2, 5));
    assert_eq!(unreadable.why, "(member `x`) has the unknown `member_type` `planet`");

    let again = ims.members(&"a".into(), read.next.as_ref()).await;
    assert!(again.is_err(), "the same page again is no way on");
    assert_eq!(server.requests()[1], "GET /v1/p0/cloudimages/a/members?limit=1000&marker=YWI%3D");
}

#[tokio::test]
async fn a_page_that_says_it_has_more_than_came_and_knows_no_way_on_is_an_error() {
    for (count, is_whole) in [("2", true), ("1", true), ("3", false), ("\"3\"", false)] {
        let body = format!(
            r#"{{"members":[{{"member_id":"x"}},{{"member_id":"y"}}],"page_info":{{"current_count":{count}}}}}"#
        );
        let server = Server::start(move |_| json(200, &body)).await;
        let read = ims_at(&server).members(&"a".into(), None).await;
        assert_eq!(read.is_ok(), is_whole, "{count}: {read:?}");
    }
}

#[tokio::test]
async fn where_the_typed_member_list_is_not_there_the_native_one_is_asked_from_then_on() {
    let rows = r#"{"members":[{"member_id":"p1","status":"accepted"}]}"#;
    let gateway = r#"{"error_code":"APIGW.0101","error_msg":"no such API"}"#;
    for (status, body) in [(404, gateway), (404, "<html>no image here</html>"), (405, "")] {
        let server = Server::start(move |heard| match heard.target.as_str() {
            target if target.starts_with("/v2/") => json(200, rows),
            _ => json(status, body),
        })
        .await;
        let ims = ims_at(&server);
        for _ in 0..2 {
            assert_eq!(ims.members(&"a".into(), None).await.unwrap().items.len(), 1);
        }
        let asked: Vec<String> = server.requests();
        assert_eq!(asked.len(), 3, "{asked:?}");
        assert!(asked[0].contains("/v1/") && asked[1..].iter().all(|it| it.contains("/v2/")));
    }
}

/// IMS whose typed list is `typed`, whose native one always answers, and whose images belong to this project.
async fn ims_with(typed: (u16, &'static str), owner: &'static str) -> Server {
    Server::start(move |heard| match heard.target.as_str() {
        target if target.starts_with("/v1/") => json(typed.0, typed.1),
        target if target.ends_with("/members") => json(200, r#"{"members":[{"member_id":"p1"}]}"#),
        _ => json(200, &format!(r#"{{"id":"a","owner":"{owner}"}}"#)),
    })
    .await
}

const NO_IMAGE: (u16, &str) =
    (404, r#"{"error":{"message":"Image could not be found.","code":"IMG.0027"}}"#);

#[tokio::test]
async fn only_of_a_received_image_is_the_native_list_enough_where_the_typed_one_knows_no_image() {
    let server = ims_with(NO_IMAGE, "other").await;
    assert_eq!(ims_at(&server).members(&"a".into(), None).await.unwrap().items.len(), 1);

    let server = ims_with(NO_IMAGE, "p0").await;
    let error = ims_at(&server).members(&"a".into(), None).await.unwrap_err();
    assert!(matches!(error, CloudError::NotFound(_)), "{error:?}");
}

#[tokio::test]
async fn once_a_typed_list_came_no_other_is_believed_and_before_accounts_are_not_shown() {
    let typed = r#"{"members":[{"member_id":"d1","member_type":"domain"}]}"#;
    let server = Server::start(move |heard| match heard.target.as_str() {
        "/v1/p0/cloudimages/a/members?limit=1000" => json(200, typed),
        target if target.starts_with("/v1/") => json(404, "<html>404</html>"),
        _ => json(200, r#"{"members":[]}"#),
    })
    .await;
    let ims = ims_at(&server);
    assert!(!ims.shows(MemberKind::Domain) && ims.shows(MemberKind::Project));
    assert_eq!(ims.members(&"a".into(), None).await.unwrap().items.len(), 1);
    assert!(ims.shows(MemberKind::Domain));
    let error = ims.members(&"b".into(), None).await.unwrap_err();
    assert!(matches!(error, CloudError::Answered(_)), "{error:?}");

    let ims = ims_at(&server);
    assert_eq!(ims.members(&"b".into(), None).await.unwrap().items.len(), 0);
    assert!(!ims.shows(MemberKind::Domain), "the list that came first is the native one");
}

#[tokio::test]
async fn an_image_that_has_no_call_of_its_own_is_found_in_the_list() {
    let gateway = r#"{"error_code":"APIGW.0101","error_msg":"no such API"}"#;
    let server = Server::start(move |heard| match heard.target.as_str() {
        "/v2/cloudimages?id=a" => json(200, &page(&["a"], "")),
        "/v2/cloudimages?id=b" => json(200, &page(&[], "")),
        "/v2/cloudimages?id=c" => json(200, &page(&["a", "b"], "")),
        _ => json(404, gateway),
    })
    .await;
    let ims = ims_at(&server);

    assert_eq!(ims.image(&"a".into()).await.unwrap().id, "a".into());
    assert!(matches!(ims.image(&"b".into()).await, Err(CloudError::NotFound(_))));
    assert!(matches!(ims.image(&"c".into()).await, Err(CloudError::Malformed { .. })));
}

#[tokio::test]
async fn members_of_a_private_image_do_not_apply_and_of_no_image_are_not_found() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let glance = glance(&demo).await;
    let images = all(&glance, Listing::Owned).await.unwrap();
    let private = images.iter().find(|image| image.visibility == Visibility::Private).unwrap();
    assert!(!glance.members_apply(private));

    let error = glance.members(&private.id, None).await.unwrap_err();
    assert!(matches!(error, CloudError::MembersDoNotApply(_)), "{error:?}");
    let error = glance.members(&"no-such-image".into(), None).await.unwrap_err();
    assert!(matches!(error, CloudError::NotFound(_)), "{error:?}");
    assert!(error.request_id().is_some());
    let error = glance.image(&"no-such-image".into()).await.unwrap_err();
    assert!(matches!(error, CloudError::NotFound(_)), "{error:?}");
}

#[tokio::test]
async fn a_404_that_is_not_about_the_image_does_not_say_that_it_is_gone() {
    for body in [
        "<html><h1>404 Not Found</h1>nginx</html>",
        "",
        r#"{"error_code":"APIGW.0101","error_msg":"The API of an image does not exist"}"#,
        r#"{"message":"The resource could not be found.<br /><br />\n\n\n","code":"404 Not Found"}"#,
    ] {
        let server = Server::start(move |_| answer(404, &[], body)).await;
        let error = glance_at(&server).members(&"a".into(), None).await.unwrap_err();
        assert!(matches!(error, CloudError::Answered(_)), "{body}: {error:?}");
        let error = ims_at(&server).image(&"a".into()).await.unwrap_err();
        assert!(matches!(error, CloudError::Answered(_)), "{body}: {error:?}");
    }
}

// Revoking.

pub(super) fn batch(images: &[&ImageId], members: &[Member]) -> Batch {
    let images = images.iter().map(|id| (*id).clone()).collect();
    Batch { images, members: members.to_vec(), vault: None }
}

#[tokio::test]
async fn glance_takes_one_share_and_says_when_it_was_none() {
    let demo = started(ImsSwitches::default()).await;
    let glance = glance(&demo).await;
    let before = truth(&demo);
    let own = owned(&demo);
    let share = before.iter().find(|share| own.contains(&share.image)).unwrap();
    let one = batch(&[&share.image], std::slice::from_ref(&share.member));

    let accepted = glance.change(OperationKind::Revoke, &one, &never()).await.unwrap();

    assert!(accepted.job.is_none() && accepted.request_id.is_some());
    let gone: Vec<_> = before.difference(&truth(&demo)).cloned().collect();
    assert_eq!(gone, std::slice::from_ref(share));
    let error = glance.change(OperationKind::Revoke, &one, &never()).await.unwrap_err();
    assert!(matches!(error, CloudError::Needless(_)) && error.is_refusal(), "{error:?}");
    let nowhere = batch(&[&"no-such-image".into()], &one.members);
    let error = glance.change(OperationKind::Revoke, &nowhere, &never()).await.unwrap_err();
    assert!(matches!(error, CloudError::NotFound(_)), "{error:?}");
}

#[tokio::test]
async fn what_no_single_request_can_name_is_not_sent() {
    let server = Server::start(|_| json(204, "")).await;
    let glance = glance_at(&server);
    let two = [Member::project("x"), Member::project("y")];

    for batch in [
        batch(&[&"a".into()], &two),
        batch(&[&"a".into()], &[Member::project("..")]),
        batch(&[&".".into()], &[Member::project("x")]),
    ] {
        let error = glance.change(OperationKind::Revoke, &batch, &never()).await.unwrap_err();
        assert!(matches!(error, CloudError::NotSent(_)) && error.is_refusal(), "{error:?}");
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_batch_is_sent_exactly_as_shown_and_its_job_can_be_asked_about() {
    for (job_calls, times) in [
        (JobCalls::A, TimeFormat::Iso),
        (JobCalls::B, TimeFormat::Old),
        (JobCalls::Both, TimeFormat::Old),
    ] {
        let demo = started(ImsSwitches { job_calls, times, ..ImsSwitches::default() }).await;
        let ims = ims(&demo).await;
        let before = truth(&demo);
        let own = owned(&demo);
        let share = before.iter().find(|share| own.contains(&share.image)).unwrap();
        let one = batch(&[&share.image], std::slice::from_ref(&share.member));

        let job = ims.change(OperationKind::Revoke, &one, &never()).await.unwrap().job.unwrap();
        let report = ims.job(&job).await.unwrap();
        ims.job(&job).await.unwrap();

        assert_eq!(report.status, JobStatus::Success, "{job_calls:?}");
        assert!(report.begin_time.is_some() && report.end_time.is_some(), "{report:?}");
        assert!(report.raw.raw().contains("imsDelImageMembersJob"));
        let gone: Vec<_> = before.difference(&truth(&demo)).cloned().collect();
        assert_eq!(gone, std::slice::from_ref(share));
        let sent: Vec<_> =
            demo.requests().into_iter().filter(|request| request.method == "DELETE").collect();
        let shown = ApiRequest::of(CloudKind::Ims, OperationKind::Revoke, &one).unwrap();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].body.as_ref().unwrap().to_string(), shown.body.unwrap());
        let asked = demo.requests().iter().filter(|r| r.path.contains("/jobs/")).count();
        assert_eq!(asked, if job_calls == JobCalls::B { 1 } else { 2 }, "remembered");
    }
}

#[tokio::test]
async fn a_job_that_is_not_known_is_asked_for_by_both_calls_and_neither_is_given_up() {
    let server =
        Server::start(|_| json(404, r#"{"error":{"code":"IMG.0023","message":"no such job"}}"#))
            .await;
    let ims = ims_at(&server);

    for _ in 0..2 {
        let error = ims.job(&JobId("j".into())).await.unwrap_err();
        assert!(matches!(error, CloudError::NotFound(_)));
    }

    let pair = ["GET /v1/p0/jobs/j", "GET /v1/cloudimages/job/j"];
    assert_eq!(server.requests(), [pair, pair].concat());
}

#[tokio::test]
async fn a_failed_job_says_why_wherever_it_says_it() {
    for (body, code, reason) in [
        (r#"{"status":"FAIL","error_code":"IMG.0113","fail_reason":"no"}"#, "IMG.0113", "no"),
        (
            r#"{"status":"failed","error_code":null,"fail_reason":"",
                "entities":{"error_code":"IMG.1","error":"inside"}}"#,
            "IMG.1",
            "inside",
        ),
        (
            r#"{"status":"FAIL","entities":{"sub_jobs_result":[{"error_code":"IMG.2",
                "fail_reason":"deeper"}]}}"#,
            "IMG.2",
            "deeper",
        ),
    ] {
        let server = Server::start(move |_| json(200, body)).await;
        let report = ims_at(&server).job(&JobId("j".into())).await.unwrap();
        assert_eq!(report.status, JobStatus::Fail);
        assert_eq!(report.error_code, Some(code.into()));
        assert_eq!(report.fail_reason, Some(reason.into()));
    }
}

#[tokio::test]
async fn progress_is_a_fraction_and_an_unknown_status_is_kept() {
    for (percent, expected) in [
        ("0.4", Some(0.4)),
        ("1", Some(1.0)),
        ("\"0.2\"", Some(0.2)),
        ("40", Some(0.4)),
        ("null", None),
    ] {
        let body = format!(r#"{{"status":"PAUSED","entities":{{"process_percent":{percent}}}}}"#);
        let server = Server::start(move |_| json(200, &body)).await;
        let report = ims_at(&server).job(&JobId("j".into())).await.unwrap();
        assert_eq!(report.progress, expected);
        assert_eq!(report.status, JobStatus::Other("PAUSED".into()));
    }
    let server = Server::start(|_| json(200, "{}")).await;
    let error = ims_at(&server).job(&JobId("j".into())).await.unwrap_err();
    assert!(matches!(error, CloudError::Malformed { .. }));
}

#[tokio::test]
async fn a_200_to_a_batch_that_names_no_job_may_have_been_carried_out() {
    for body in ["", "{}", r#"{"job_id":null}"#, r#"{"job_"#] {
        let server = Server::start(move |_| json(200, body)).await;
        let one = batch(&[&"a".into()], &[Member::project("x")]);
        let error =
            ims_at(&server).change(OperationKind::Revoke, &one, &never()).await.unwrap_err();
        assert!(!error.is_refusal(), "{body}: {error:?}");
        assert_eq!(server.heard().len(), 1);
    }
}

// Trouble.

#[tokio::test]
async fn a_read_only_client_sends_no_change() {
    let server = Server::start(|_| json(200, "{}")).await;
    let http = Client::new(Transport { read_only: true, ..Transport::default() }).unwrap();
    let service = Service::new(http, Arc::new(Fixed), Base::parse(&server.url).unwrap());
    let one = batch(&[&"a".into()], &[Member::project("x")]);

    for kind in [CloudKind::Glance, CloudKind::Ims, CloudKind::Rackspace] {
        let cloud = connect(kind, service.clone(), project(), Limits::BATCH, None);
        let error = cloud.change(OperationKind::Revoke, &one, &never()).await.unwrap_err();
        assert!(matches!(error, CloudError::NotSent(_)), "{error:?}");
    }

    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn twenty_requests_with_an_ended_token_renew_it_once() {
    let demo = started(ImsSwitches::default()).await;
    let ims = ims(&demo).await;
    let image = owned(&demo).into_iter().next().unwrap();
    demo.expire_all_tokens();
    demo.forget_requests();

    let read = futures_util::future::join_all((0..20).map(|_| ims.members(&image, None))).await;

    assert!(read.iter().all(Result::is_ok));
    assert_eq!(demo.logins(), 1);
}

#[tokio::test]
async fn a_second_401_is_the_answer() {
    let server = Server::start(|_| json(401, r#"{"error":{"message":"no","code":401}}"#)).await;

    let error = glance_at(&server).image(&"a".into()).await.unwrap_err();

    assert!(matches!(error, CloudError::Unauthorized(_)));
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn a_token_that_a_gateway_repeats_is_in_no_error() {
    let server = Server::start(|_| {
        let text = "verify fail, canonicalRequest:x-auth-token:t0ken-secret|";
        json(401, &format!(r#"{{"error_msg":"{text}","error_code":"APIGW.0301"}}"#))
    })
    .await;

    let error = ims_at(&server).image(&"a".into()).await.unwrap_err();

    let shown = format!("{error} {error:?} {}", error.failure("read"));
    assert!(shown.contains("APIGW.0301") && shown.contains("x-auth-token:***"), "{shown}");
    assert!(!shown.contains("t0ken-secret"));
}

fn with_a_key(url: &str) -> Service {
    let key = AccessKey {
        access: "AKMARKER".into(),
        secret: SecretString::from("SKMARKER"),
        security_token: None,
    };
    let http = Client::new(Transport::default()).unwrap();
    let aksk = Aksk::new(http.clone(), key, Arc::new(|| Moment(0)));
    Service::new(http, Arc::new(aksk), Base::parse(url).unwrap())
}

#[tokio::test]
async fn a_401_to_a_signed_request_is_the_answer_and_nothing_is_signed_after_it() {
    let server = Server::start(|heard| match &*heard.method {
        "GET" => json(200, r#"{"id":"a"}"#),
        _ => json(401, r#"{"error_msg":"verify aksk signature fail","error_code":"APIGW.0301"}"#),
    })
    .await;
    let ims = Ims::new(with_a_key(&server.url), project(), Limits::BATCH);
    ims.image(&"a".into()).await.unwrap();

    let one = batch(&[&"a".into()], &[Member::project("x")]);
    let error = ims.change(OperationKind::Revoke, &one, &never()).await.unwrap_err();
    let later = ims.image(&"a".into()).await.unwrap_err();

    assert!(
        matches!(&error, CloudError::Login(error) if error.why.contains("(`ak`)")),
        "{error:?}"
    );
    assert!(error.is_refusal() && !error.is_transient(), "nothing was carried out");
    assert!(matches!(later, CloudError::Login(_)), "{later:?}");
    assert_eq!(server.heard().len(), 2);
    let (sent, read) = (&server.heard()[1], &server.heard()[0]);
    assert_eq!(sent.header("content-type"), Some("application/json"));
    for heard in [sent, read] {
        assert!(heard.header("authorization").unwrap().starts_with("SDK-HMAC-SHA256 Access=AK"));
        assert_eq!(heard.header("x-sdk-date"), Some("19700101T000000Z"));
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_a_refusal_and_is_not_sent_again() {
    let demo = started(ImsSwitches::default()).await;
    let ims = ims(&demo).await;
    let before = truth(&demo);
    let own = owned(&demo);
    let share = before.iter().find(|share| own.contains(&share.image)).unwrap();
    let one = batch(&[&share.image], std::slice::from_ref(&share.member));
    let route = Route::new("DELETE", "/ims/v1/cloudimages/members");
    demo.faults().add(Fault::once(route, Action::DropAfter));

    let error = ims.change(OperationKind::Revoke, &one, &never()).await.unwrap_err();

    assert!(matches!(error, CloudError::Lost(_)) && !error.is_refusal(), "{error:?}");
    let sent = demo.requests().iter().filter(|request| request.method == "DELETE").count();
    assert_eq!(sent, 1);
    assert!(!truth(&demo).contains(share));
}

#[tokio::test]
async fn no_connection_is_not_sent_and_a_page_of_a_proxy_is_no_refusal() {
    let one = batch(&[&"a".into()], &[Member::project("x")]);
    let nobody = Ims::new(at("http://127.0.0.1:1"), project(), Limits::BATCH);
    let error = nobody.change(OperationKind::Revoke, &one, &never()).await.unwrap_err();
    assert!(matches!(error, CloudError::Unreachable(_)) && error.is_refusal(), "{error:?}");

    for status in [500, 502, 503, 504] {
        let server = Server::start(move |_| answer(status, &[], "<html><b>Bad</b></html>")).await;
        let error =
            ims_at(&server).change(OperationKind::Revoke, &one, &never()).await.unwrap_err();
        assert!(!error.is_refusal() && error.is_transient(), "{error:?}");
        assert!(error.to_string().ends_with(": Bad"), "{error}");
    }
    let server =
        Server::start(|_| Reply::Cut(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{".into())).await;
    assert!(
        !ims_at(&server)
            .change(OperationKind::Revoke, &one, &never())
            .await
            .unwrap_err()
            .is_refusal()
    );
}

#[tokio::test]
async fn too_many_requests_says_when_to_come_back() {
    let seconds = |error: CloudError| match error {
        CloudError::Throttled { retry_after, .. } => retry_after,
        other => panic!("{other:?}"),
    };
    let date = "date: Sun, 22 Nov 2026 10:00:00 GMT";
    for (status, headers, body, expected) in [
        (429, vec!["retry-after: 7"], "{}", Some(7)),
        (429, vec![date, "retry-after: Sun, 22 Nov 2026 10:00:30 GMT"], "", Some(30)),
        (429, vec![date, "retry-after: Sun, 22 Nov 2026 09:00:00 GMT"], "", Some(0)),
        (429, vec!["retry-after: soon"], r#"{"error_code":"APIGW.0308","error_msg":"x"}"#, None),
        (503, vec!["retry-after: 2"], "", Some(2)),
        (413, vec![], r#"{"overLimit":{"code":413,"message":"x","retryAfter":"54"}}"#, Some(54)),
        (400, vec![], r#"{"error":{"code":"IMG.0060","message":"too many tasks"}}"#, None),
    ] {
        let server = Server::start(move |_| answer(status, &headers, body)).await;
        let error = glance_at(&server).image(&"a".into()).await.unwrap_err();
        assert_eq!(seconds(error), expected.map(Duration::from_secs), "{status} {body}");
    }
    let quota =
        r#"{"message":"Image member limit exceeded","code":"413 Request Entity Too Large"}"#;
    let server = Server::start(move |_| json(413, quota)).await;
    let error = glance_at(&server).image(&"a".into()).await.unwrap_err();
    assert!(matches!(error, CloudError::Answered(_)), "a quota is not a rate");
    assert!(error.failure("share").hint.unwrap().contains("quota"));
}

#[tokio::test]
async fn a_page_of_more_entries_than_any_cloud_sends_is_too_long_and_not_cut() {
    for list in ["images", "members"] {
        let entries = vec!["0"; 100_001].join(",");
        let body = format!("{{\"{list}\":[{entries}]}}");
        let server = Server::start(move |_| json(200, &body)).await;

        let error = match list {
            "images" => glance_at(&server).images(Listing::Owned, None).await.unwrap_err(),
            _ => glance_at(&server).members(&"i".into(), None).await.unwrap_err(),
        };

        assert!(matches!(error, CloudError::TooLong(_)), "{error:?}");
        assert!(!error.is_transient() && !error.is_refusal());
        assert!(error.failure("list").hint.unwrap().contains("never that long"));
    }
}

#[tokio::test]
async fn a_page_that_is_longer_than_it_may_be_is_told_with_what_to_do() {
    let long = format!("{{\"images\":[\"{}\"]}}", "x".repeat(100_000));
    let server = Server::start(move |_| json(200, &long)).await;
    let settings = Transport { max_list: 50_000, ..Transport::default() };
    let http = Client::new(settings).unwrap();
    let service = Service::new(http, Arc::new(Fixed), Base::parse(&server.url).unwrap());

    let glance = Glance::new(service, project());
    let error = glance.images(Listing::Owned, None).await.unwrap_err();

    assert!(matches!(error, CloudError::TooLong(_)), "{error:?}");
}

/// An answer whose body is these bytes, with headers.
fn raw(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 X\r\n{headers}\r\n\r\n").as_bytes(), body].concat()
}

#[tokio::test]
async fn a_list_that_breaks_off_after_whole_entries_is_an_error_and_never_shorter() {
    let list = r#"{"images":[{"id":"a"},{"id":"b"}]}"#;
    let chunked = format!("{:x}\r\n{list}\r\n", list.len());
    for (name, bytes) in [
        ("shorter than its length", raw("content-length: 99", list.as_bytes())),
        ("without its last chunk", raw("transfer-encoding: chunked", chunked.as_bytes())),
        ("cut within", raw("content-length: 99", &list.as_bytes()[..22])),
    ] {
        let server = Server::start(move |_| Reply::Cut(bytes.clone())).await;
        let error = glance_at(&server).images(Listing::Owned, None).await.unwrap_err();
        assert!(matches!(error, CloudError::Lost(_)), "{name}: {error:?}");
    }
    for length in 0..list.len() {
        let bytes = raw(&format!("content-length: {length}"), list.as_bytes());
        let server = Server::start(move |_| Reply::Cut(bytes.clone())).await;
        let error = glance_at(&server).images(Listing::Owned, None).await.unwrap_err();
        let ends =
            matches!(&error, CloudError::Malformed { message, .. } if message == "it is cut off");
        assert!(ends, "{length}: {error:?}");
    }
}

#[tokio::test]
async fn a_list_that_arrives_packed_is_unpacked_and_a_damaged_one_is_lost() {
    let list = r#"{"next":"/v2/images?marker=b","images":[{"id":"a","name":"é"},7]}"#;
    for damaged in [false, true] {
        let mut packed = gzip(list.as_bytes());
        let check = packed.len() - 8;
        packed[check] ^= u8::from(damaged);
        let head = format!("content-encoding: gzip\r\ncontent-length: {}", packed.len());
        let bytes = raw(&head, &packed);
        let server = Server::start(move |_| Reply::Bytes(bytes.clone())).await;
        match glance_at(&server).images(Listing::Owned, None).await {
            Ok(page) => {
                assert!(!damaged);
                assert_eq!((page.items.len(), Unreadable::count(page.unreadable.as_ref())), (1, 1));
                assert_eq!(page.items[0].name, Some("é".into()));
                assert!(page.next.is_some());
            }
            Err(error) => assert!(damaged && matches!(error, CloudError::Lost(_)), "{error:?}"),
        }
    }
}

/// Packed without being made any smaller (RFC 1952, and a stored block of RFC 1951).
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let bit = |sum: u32| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
    let byte = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| bit(sum));
    let sum = !bytes.iter().fold(u32::MAX, byte);
    let length = u16::try_from(bytes.len()).unwrap();
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    packed.extend(length.to_le_bytes().into_iter().chain((!length).to_le_bytes()));
    packed.extend(bytes);
    packed.extend(sum.to_le_bytes().into_iter().chain(u32::from(length).to_le_bytes()));
    packed
}

#[tokio::test]
async fn long_member_lists_that_are_asked_for_at_once_are_all_read() {
    let row = format!(r#"{{"member_id":"m","x":"{}"}}"#, "x".repeat(1000));
    let body = format!("{{\"members\":[{}]}}", vec![row; 600].join(","));
    let server = Server::start(move |_| json(200, &body)).await;
    let glance = glance_at(&server);

    let ids: Vec<ImageId> = (0..8).map(|n| ImageId::from(n.to_string().as_str())).collect();
    let pages = futures_util::future::join_all(ids.iter().map(|id| glance.members(id, None))).await;

    assert!(pages.iter().all(|page| page.as_ref().unwrap().items.len() == 600));
}

#[tokio::test]
async fn a_pause_of_a_year_is_told_in_words() {
    let server = Server::start(|_| answer(429, &["retry-after: 31536000"], "")).await;
    let error = glance_at(&server).images(Listing::Owned, None).await.unwrap_err();
    assert!(error.failure("list").hint.unwrap().contains("try again in a few days"));
}

#[tokio::test]
async fn lists_of_wrong_types_are_errors_or_unreadable_entries_and_never_empty() {
    for body in [
        "[]",
        "{\"images\":{}}",
        "{\"images\":\"no\"}",
        "null",
        "7",
        "{\"images\":null}",
        "\u{feff}{",
    ] {
        let server = Server::start(move |_| json(200, body)).await;
        let error = glance_at(&server).images(Listing::Owned, None).await.unwrap_err();
        assert!(matches!(error, CloudError::Malformed { .. }), "{body}: {error:?}");
    }
    let odd = "{\"images\":[null,7,\"x\",[],{},{\"id\":null},{\"id\":{}},{\"id\":\"a\",\"name\":7,\"size\":[],\"owner\":{}}],\"next\":{\"a\":1}}";
    let server = Server::start(move |_| json(200, odd)).await;
    let page = glance_at(&server).images(Listing::Owned, None).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    assert_eq!(page.unreadable.unwrap().count, 7);
}

#[tokio::test]
async fn which_api_a_cloud_speaks_is_found_by_asking() {
    let demo = started(ImsSwitches::default()).await;
    let (one, _) = service(&demo, "RegionOne", "alice", "image-factory").await;
    let (other, _) = service(&demo, "eu-de", "alice", "image-factory").await;
    assert_eq!(probe(&one).await.unwrap(), CloudKind::Glance);
    assert_eq!(probe(&other).await.unwrap(), CloudKind::Ims);

    for (status, body, expected) in [
        (300, r#"{"versions":[]}"#, CloudKind::Glance),
        (200, "<html>hello</html>", CloudKind::Glance),
        (400, r#"{"error":{"code":"IMG.0001","message":"x"}}"#, CloudKind::Ims),
    ] {
        let server = Server::start(move |_| json(status, body)).await;
        assert_eq!(probe(&at(&server.url)).await.unwrap(), expected);
    }
    let server = Server::start(|_| json(500, "{}")).await;
    assert!(probe(&at(&server.url)).await.is_err());
}

// Rights by enterprise project.

/// IMS that shows image `a` by the rights in enterprise projects, and answers `plain` to a list that names none.
async fn ims_by_enterprise_project(plain: (u16, &'static str)) -> Server {
    Server::start(move |heard| match heard.target.as_str() {
        target if target.contains("enterprise_project_id=all_granted_eps") => json(
            200,
            r#"{"images":[{"id":"a","owner":"p0","enterprise_project_id":"ep-1"}],"page_info":{}}"#,
        ),
        target if target.contains("enterprise_project_id=") => {
            json(200, r#"{"images":[],"page_info":{}}"#)
        }
        _ => json(plain.0, plain.1),
    })
    .await
}

const NOT_ALLOWED: (u16, &str) = (
    403,
    r#"{"error":{"message":"Policy doesn't allow ims:images:list to be performed.","code":"IMG.0161"}}"#,
);

#[tokio::test]
async fn a_list_that_is_refused_or_empty_is_read_by_the_rights_in_enterprise_projects_and_that_is_said()
 {
    for plain in [NOT_ALLOWED, (200, r#"{"images":[],"page_info":{}}"#)] {
        let server = ims_by_enterprise_project(plain).await;
        let ims = ims_at(&server);
        assert!(ims.notices().is_empty());

        for _ in 0..2 {
            assert_eq!(all(&ims, Listing::Owned).await.unwrap().len(), 1);
        }

        let plain = server.requests().iter().filter(|it| !it.contains("enterprise")).count();
        assert_eq!(plain, 1, "from then on only the list that shows something is requested");
        assert!(ims.notices()[0].contains("all_granted_eps"));
    }
}

#[tokio::test]
async fn an_enterprise_project_that_is_configured_is_named_in_every_list_and_said() {
    let server = ims_by_enterprise_project(NOT_ALLOWED).await;
    let ims = ims_at(&server).in_enterprise_project(Some("ep-2".into()));

    assert!(all(&ims, Listing::Owned).await.unwrap().is_empty());

    let named = |it: &String| it.contains("&enterprise_project_id=ep-2&");
    assert!(server.requests().iter().all(named), "{:?}", server.requests());
    assert!(ims.notices()[0].contains("ep-2"));
}

#[tokio::test]
async fn a_list_that_is_refused_in_every_way_blames_the_permission_to_list() {
    let server = Server::start(|_| json(NOT_ALLOWED.0, NOT_ALLOWED.1)).await;
    let ims = ims_at(&server);

    let error = all(&ims, Listing::Owned).await.unwrap_err();

    let hint = error.failure("list").hint.unwrap();
    assert!(hint.contains("ims:images:list") && hint.contains("enterprise_project_id"), "{hint}");
    assert!(!hint.contains("share"), "{hint}");
    assert!(ims.notices().is_empty());
}

#[tokio::test]
async fn a_project_without_images_stays_empty_where_enterprise_projects_are_unknown() {
    let server = Server::start(|heard| {
        if heard.target.contains("enterprise_project_id") {
            json(400, r#"{"error":{"message":"bad","code":"IMG.0005"}}"#)
        } else {
            json(200, r#"{"images":[],"page_info":{}}"#)
        }
    })
    .await;
    let ims = ims_at(&server);

    assert!(all(&ims, Listing::Owned).await.unwrap().is_empty());
    assert!(ims.notices().is_empty());
}

// Slow services.

#[tokio::test]
async fn a_gateway_that_times_out_gets_smaller_pages_from_then_on() {
    for most in [200, 50] {
        let server = Server::start(move |heard| {
            let limit = heard.target.split("limit=").nth(1).unwrap();
            match limit.split('&').next().unwrap().parse::<usize>().unwrap() {
                limit if limit > most => answer(504, &["content-type: text/html"], "<html>"),
                limit if heard.target.contains("marker=a") => {
                    json(200, &page(&["b"], &format!(r#","limit":{limit}"#)))
                }
                _ => json(200, &page(&["a"], r#","next":"/v2/images?limit=1000&marker=a""#)),
            }
        })
        .await;
        let glance = glance_at(&server);

        assert_eq!(all(&glance, Listing::Owned).await.unwrap().len(), 2);

        let requests = server.requests();
        assert!(requests[0].ends_with("limit=1000"), "{requests:?}");
        assert_eq!(requests.last().unwrap(), &format!("GET /v2/images?limit={most}&marker=a"));
        assert_eq!(requests.len(), if most == 200 { 3 } else { 4 });
    }
}

#[tokio::test]
async fn a_service_that_is_silent_gets_smaller_pages_and_the_hint_names_the_setting() {
    let server = Server::start(|_| Reply::Silence(Vec::new())).await;
    let settings = Transport { silence: Duration::from_millis(50), ..Transport::default() };
    let http = Client::new(settings).unwrap();
    let service = Service::new(http, Arc::new(Fixed), Base::parse(&server.url).unwrap());

    let error = Glance::new(service, project()).images(Listing::Owned, None).await.unwrap_err();

    let limits: Vec<String> =
        server.requests().iter().map(|it| it.rsplit_once("limit=").unwrap().1.to_owned()).collect();
    assert_eq!(limits, ["1000", "200", "50"]);
    let hint = error.failure("list").hint.unwrap();
    assert!(hint.contains("api_timeout"), "{hint}");
}

// Version documents.

/// A host whose version document at `/img` links here; images are listed under `lists` only.
async fn glance_linking_to(link: &'static str, lists: &'static [&'static str]) -> Server {
    Server::start(move |heard| {
        let host = heard.header("host").unwrap();
        if heard.target == "/img" {
            let link = link.replace("HOST", host);
            let version = format!(r#"{{"id":"v2.9","links":[{{"rel":"self","href":"{link}"}}]}}"#);
            return json(300, &format!(r#"{{"versions":[{version}]}}"#));
        }
        if lists.iter().any(|root| heard.target.starts_with(&format!("{root}/v2/images"))) {
            json(200, &page(&["a"], ""))
        } else {
            json(404, "{}")
        }
    })
    .await
}

#[tokio::test]
async fn images_are_listed_where_the_version_document_puts_them_on_the_same_host() {
    for (link, lists, expected) in [
        ("http://HOST/elsewhere/v2/", &["/img", "/elsewhere"][..], "/elsewhere"),
        ("/elsewhere/v2/", &["/elsewhere"], "/elsewhere"),
        ("http://HOST/v2/", &["/img", ""], ""),
        ("http://HOST/img/v2/", &["/img"], "/img"),
        ("http://glance.internal/elsewhere/v2/", &["/img", "/elsewhere"], "/img"),
        ("http://HOST/wrong/v2/", &["/img"], "/img"),
    ] {
        let server = glance_linking_to(link, lists).await;
        let found = locate(CloudKind::Glance, at(&format!("{}/img", server.url))).await;
        assert_eq!(found.base().to_string(), format!("{}{expected}", server.url), "{link}");
    }
}

#[tokio::test]
async fn an_address_with_a_version_is_used_as_written() {
    let server = glance_linking_to("http://HOST/elsewhere/v2/", &["/img", "/elsewhere"]).await;
    let found = locate(CloudKind::Glance, at(&format!("{}/img/v2", server.url))).await;
    assert_eq!(found.base().to_string(), format!("{}/img", server.url));
    assert!(server.requests().is_empty());
}
