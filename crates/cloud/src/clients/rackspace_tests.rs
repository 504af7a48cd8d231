//! Rackspace's image service: the embedded one, and servers that answer as its documentation shows it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::tests::{all, at, batch, ids, members, never};
use super::*;
use crate::auth::{Account, AccountSecret, Auth, IdentityV2};
use crate::clients::catalog::{Wanted, image_base};
use crate::http::testing::{Reply, Server, answer, json};
use crate::http::{Client, Transport};
use demo_cloud::{ACCOUNT, Action, Demo, Fault, Options, RECEIVER, Route, user_named};
use domain::{Member, MemberStatus, Share, Visibility};

async fn started(images: usize) -> Demo {
    let plain = Options::plain(0, 0);
    Demo::start(Options { account_images: images, ..plain }).await.unwrap()
}

async fn cloud_in(demo: &Demo, region: &str, user: &str) -> Rackspace {
    let user = user_named(user).unwrap();
    let http = Client::new(Transport::default()).unwrap();
    let account = Account {
        username: user.name.into(),
        secret: AccountSecret::ApiKey(user.api_key.into()),
        number: Some(user.number.into()),
    };
    let identity = IdentityV2::new(http.clone(), demo.url(), account).unwrap();
    let session = identity.session().await.unwrap();
    let wanted = Wanted {
        service_type: "image",
        service_name: None,
        interfaces: &["public".to_owned()],
        region: Some(region),
        endpoint: None,
    };
    let base = image_base(&session.catalog, &wanted).unwrap();
    let auth: Arc<dyn Auth> = Arc::new(identity);
    Rackspace::new(Service::new(http, auth, base), session.project_id.clone())
}

async fn owner(demo: &Demo) -> Rackspace {
    cloud_in(demo, "IAD", "ramona").await
}

fn owned(demo: &Demo) -> BTreeSet<ImageId> {
    let account = ProjectId(ACCOUNT.into());
    let world = demo.world();
    let own = world.images().filter(|stored| stored.image.is_owned_by(&account));
    own.map(|stored| stored.image.id.clone()).collect()
}

fn truth(demo: &Demo) -> BTreeSet<Share> {
    let own = owned(demo);
    demo.world().shares().into_iter().filter(|share| own.contains(&share.image)).collect()
}

fn one(image: &ImageId, member: &str) -> Batch {
    batch(&[image], &[Member::project(member)])
}

fn rackspace_at(server: &Server) -> Rackspace {
    Rackspace::new(at(&server.url), ProjectId(ACCOUNT.into()))
}

async fn refused(
    reply: impl Fn() -> Reply + Send + Sync + 'static,
    kind: OperationKind,
) -> CloudError {
    let server = Server::start(move |_| reply()).await;
    rackspace_at(&server).change(kind, &one(&"a".into(), "554433"), &never()).await.unwrap_err()
}

#[tokio::test]
async fn every_own_image_is_listed_in_pages_of_a_hundred_and_asked_for_members_although_it_reads_private()
 {
    let demo = started(230).await;
    for region in ["IAD", "ORD"] {
        demo.forget_requests();
        let cloud = cloud_in(&demo, region, "ramona").await;

        let images = all(&cloud, Listing::Owned).await.unwrap();

        assert_eq!(ids(&images), owned(&demo));
        assert!(images.iter().all(|image| image.visibility == Visibility::Private));
        assert!(images.iter().all(|image| cloud.members_apply(image)));
        let lists = demo.requests().into_iter().filter(|r| r.path.contains("images?"));
        let lists: Vec<String> = lists.map(|r| r.path).collect();
        assert_eq!(lists.len(), 3, "{lists:#?}");
        assert_eq!(lists[0], format!("/rackspace/v2/images?owner={ACCOUNT}&limit=100"));
    }
}

#[tokio::test]
async fn members_are_the_accounts_an_image_is_shared_with() {
    let demo = started(30).await;
    let cloud = owner(&demo).await;
    let mut found = BTreeSet::new();
    for image in all(&cloud, Listing::Owned).await.unwrap() {
        for row in members(&cloud, &image.id).await {
            assert!(row.member.id.raw().bytes().all(|byte| byte.is_ascii_digit()), "{row:?}");
            found.insert(Share { image: image.id.clone(), member: row.member });
        }
    }
    assert!(found.len() > 20);
    assert_eq!(found, truth(&demo));
}

#[tokio::test]
async fn a_public_image_has_no_members_to_ask_for() {
    let demo = started(4).await;
    let cloud = owner(&demo).await;
    let id = owned(&demo).into_iter().next().unwrap();
    let public = |stored: &mut demo_cloud::world::StoredImage| {
        stored.image.visibility = Visibility::Public;
    };
    demo.world().edit_image(&id, public);

    assert!(!cloud.members_apply(&cloud.image(&id).await.unwrap()));
    let error = cloud.members(&id, None).await.unwrap_err();
    assert!(matches!(error, CloudError::MembersDoNotApply(_)), "{error:?}");
}

#[tokio::test]
async fn received_images_are_found_by_their_status() {
    let demo = started(4).await;
    let cloud = owner(&demo).await;
    for (listing, name) in [
        (Listing::ReceivedPending, "rax-web-canary"),
        (Listing::ReceivedAccepted, "rax-web-base"),
        (Listing::ReceivedRejected, "rax-web-legacy"),
    ] {
        let images = all(&cloud, listing).await.unwrap();
        let names: Vec<String> = images.iter().map(Image::label).collect();
        assert_eq!(names, [name], "{listing:?}");
        let rows = members(&cloud, &images[0].id).await;
        assert_eq!(rows.len(), 1, "its own row alone");
        assert_eq!(rows[0].member, Member::project(ACCOUNT));
    }
}

#[tokio::test]
async fn a_share_is_made_answered_and_taken_back_one_by_one() {
    let demo = started(4).await;
    let (owner, receiver) = (owner(&demo).await, cloud_in(&demo, "ORD", "rob").await);
    let id = demo.world().images().next().map(|stored| stored.image.id.clone()).unwrap();
    let own = owned(&demo).into_iter().find(|own| *own != id).unwrap();
    demo.world().edit_image(&own, |stored| stored.members.clear());
    let share = one(&own, RECEIVER);
    let status = || demo.world().members(&own).first().map(|row| row.status.clone());
    assert_eq!(owner.limits(), Limits::SINGLE);

    owner.change(OperationKind::Share, &share, &never()).await.unwrap();
    assert_eq!(status(), Some(MemberStatus::Pending));
    let again = owner.change(OperationKind::Share, &share, &never()).await.unwrap_err();
    assert!(matches!(again, CloudError::Needless(_)), "{again:?}");
    receiver.change(OperationKind::Accept, &share, &never()).await.unwrap();
    assert_eq!(status(), Some(MemberStatus::Accepted));
    receiver.change(OperationKind::Reject, &share, &never()).await.unwrap();
    assert_eq!(status(), Some(MemberStatus::Rejected));
    let foreign =
        receiver.change(OperationKind::Share, &one(&own, "1"), &never()).await.unwrap_err();
    assert!(matches!(foreign, CloudError::NotFound(_)), "{foreign:?}");
    let answer = owner.change(OperationKind::Accept, &share, &never()).await.unwrap_err();
    assert!(matches!(answer, CloudError::Forbidden(_)), "{answer:?}");

    let accepted = owner.change(OperationKind::Revoke, &share, &never()).await.unwrap();
    assert!(accepted.job.is_none() && accepted.request_id.is_some());
    assert_eq!(status(), None);
    let again = owner.change(OperationKind::Revoke, &share, &never()).await.unwrap_err();
    assert!(matches!(again, CloudError::Needless(_)), "{again:?}");
}

#[tokio::test]
async fn an_observer_may_look_and_not_take_away() {
    let demo = started(8).await;
    let olga = cloud_in(&demo, "IAD", "olga").await;
    assert_eq!(all(&olga, Listing::Owned).await.unwrap().len(), 8);
    let before = truth(&demo);
    let share = before.first().unwrap();

    let revoke = one(&share.image, share.member.id.raw());
    let error = olga.change(OperationKind::Revoke, &revoke, &never()).await.unwrap_err();

    assert!(matches!(error, CloudError::Forbidden(_)), "{error:?}");
    assert_eq!(truth(&demo), before);
}

#[tokio::test]
async fn a_token_that_ended_is_renewed_once_and_the_request_sent_again() {
    let demo = started(4).await;
    let cloud = owner(&demo).await;
    demo.expire_all_tokens();
    demo.forget_requests();

    assert_eq!(all(&cloud, Listing::Owned).await.unwrap().len(), 4);

    assert_eq!(demo.logins(), 1);
    let tried: Vec<Option<u16>> = demo.requests().iter().map(|r| r.status).collect();
    assert_eq!(tried, [Some(401), Some(200), Some(200)]);
}

#[tokio::test]
async fn too_many_requests_says_when_to_come_back_in_every_form_there_is() {
    let date = "date: Wed, 14 Nov 2012 21:50:58 GMT";
    for (headers, hint, expected) in [
        (vec![date], r#""retryAfter":"2012-11-14T21:51:28Z""#, Some(30)),
        (vec![date], r#""retryAt":"2012-11-14T21:51:28UTC""#, Some(30)),
        (vec![date], r#""retryAfter":"54""#, Some(54)),
        (vec![date], r#""retryAfter":54"#, Some(54)),
        (vec!["retry-after: 7"], r#""retryAfter":"54""#, Some(7)),
        (vec![date, "retry-after: Wed, 14 Nov 2012 21:51:08 GMT"], r#""a":1"#, Some(10)),
        (vec![date, "retry-after: 2012-11-14T21:51:28Z"], r#""a":1"#, Some(30)),
        (vec![date, "retry-after: soon"], r#""retryAfter":"54""#, Some(54)),
        (vec![date], r#""retryAfter":"2010-08-01T00:00:00Z""#, Some(0)),
        (vec![date], r#""retryAfter":"later""#, None),
        (vec![date], r#""retryAfter":"18446744073709551615""#, Some(u64::MAX)),
        (vec![date], r#""retryAt":"9999-12-30T00:00:00UTC""#, Some(252_049_198_142)),
    ] {
        let body = format!(
            r#"{{"overLimit":{{"code":413,"message":"OverLimit Retry...","details":"d",{hint}}}}}"#
        );
        let said = format!("{headers:?} {hint}");
        let error = refused(move || answer(413, &headers, &body), OperationKind::Revoke).await;
        let CloudError::Throttled { refusal, retry_after } = error else { panic!("{error:?}") };
        assert_eq!(retry_after, expected.map(Duration::from_secs), "{said}");
        assert_eq!(refusal.message.raw(), "OverLimit Retry...");
    }
}

#[tokio::test]
async fn a_bare_413_is_the_rate_limiter_s_but_may_be_a_quota_for_an_addition() {
    let bare = || json(413, "");
    for kind in [OperationKind::Revoke, OperationKind::Accept, OperationKind::Reject] {
        assert!(matches!(refused(bare, kind).await, CloudError::Throttled { .. }), "{kind:?}");
    }
    assert!(matches!(refused(bare, OperationKind::Share).await, CloudError::Answered(_)));
    let server = Server::start(move |_| bare()).await;
    let error = rackspace_at(&server).members(&"a".into(), None).await.unwrap_err();
    assert!(matches!(error, CloudError::Throttled { retry_after: None, .. }), "{error:?}");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let needless = |error: &CloudError| matches!(error, CloudError::Needless(_));
    for (status, body, is_needless) in [
        (404, r#"{"message":"5 not found in the member list of the image a."}"#, true),
        (404, "404 Not Found\n\nThe specified member 5 could not be found\n", true),
        (404, "404 Not Found\n\nNo image found with ID a\n", false),
        (404, r#"{"itemNotFound":{"code":404,"message":"Resource not found."}}"#, false),
        (405, "", false),
        (400, "", false),
        (403, "", false),
        (415, "", false),
    ] {
        let error = refused(move || json(status, body), OperationKind::Revoke).await;
        assert_eq!(needless(&error), is_needless, "{status} {body}: {error:?}");
        assert!(error.is_refusal(), "{status} {body}: {error:?}");
    }
    for status in [500, 503] {
        let error = refused(move || json(status, ""), OperationKind::Revoke).await;
        assert!(!error.is_refusal(), "it may have been carried out: {error:?}");
    }
    let error = refused(|| json(405, ""), OperationKind::Revoke).await;
    assert!(error.failure("revoke").to_string().contains("does not have this call"));
}

#[tokio::test]
async fn a_delete_has_no_body_and_an_addition_says_that_it_is_json() {
    let server = Server::start(|heard| match heard.method.as_str() {
        "DELETE" => answer(204, &[], ""),
        _ => json(200, "{}"),
    })
    .await;
    let share = one(&"a".into(), "554433");
    for kind in [OperationKind::Revoke, OperationKind::Share, OperationKind::Accept] {
        rackspace_at(&server).change(kind, &share, &never()).await.unwrap();
    }
    let heard = server.heard();
    assert_eq!(
        server.requests(),
        [
            "DELETE /v2/images/a/members/554433",
            "POST /v2/images/a/members",
            "PUT /v2/images/a/members/554433",
        ]
    );
    assert_eq!((heard[0].header("content-type"), heard[0].body.as_str()), (None, ""));
    assert_eq!(heard[1].header("content-type"), Some("application/json"));
    assert_eq!(heard[1].body, r#"{"member":"554433"}"#);
    assert_eq!(heard[2].body, r#"{"status":"accepted"}"#);
}

#[tokio::test]
async fn an_image_whose_list_does_not_say_whose_it_is_belongs_to_the_account_and_others_are_left_out()
 {
    let body = r#"{"images":[{"id":"a","visibility":"private"},{"id":"b","owner":"1","visibility":"public"},
        {"id":"c","owner":929418,"visibility":"private"}]}"#;
    let server = Server::start(move |_| json(200, body)).await;

    let images = rackspace_at(&server).images(Listing::Owned, None).await.unwrap().items;

    assert_eq!(ids(&images), ["a".into(), "c".into()].into());
}

#[tokio::test]
async fn faults_of_the_embedded_rate_limiter_are_those_of_rackspace() {
    let demo = started(4).await;
    let cloud = owner(&demo).await;
    demo.faults().add(Fault::once(Route::images(), Action::over_limit(("retryAfter", "54"))));
    let error = cloud.images(Listing::Owned, None).await.unwrap_err();
    let CloudError::Throttled { retry_after, .. } = error else { panic!("{error:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(54)));

    demo.world().options.rate_limit = Some(0);
    let error = cloud.images(Listing::Owned, None).await.unwrap_err();
    assert!(matches!(error, CloudError::Throttled { refusal, .. } if refusal.status == 413));
}
