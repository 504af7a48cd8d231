//! Each fault does what it says.

use super::*;

fn images() -> Route {
    Route::get("/glance/v2/images$")
}

async fn list(alice: &Caller<'_>) -> reqwest::Result<Response> {
    alice.try_send("GET", "/glance/v2/images", None).await
}

#[tokio::test]
async fn an_answer_is_given_instead_and_then_no_more() {
    let demo = Demo::start(Options::plain(2, 1)).await.unwrap();
    let alice = owner(&demo).await;
    demo.faults().add(Fault::once(images(), Action::retry_after(503, 7)));

    let busy = list(&alice).await.unwrap();
    let fine = list(&alice).await.unwrap();

    assert_eq!(
        (busy.status().as_u16(), busy.headers()["retry-after"].to_str().unwrap()),
        (503, "7")
    );
    assert_eq!(fine.status(), 200);
}

#[tokio::test]
async fn a_connection_dropped_before_acting_leaves_the_world_as_it_was() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let (image, members) = crowded(&demo, 2);
    let alice = owner(&demo).await;
    let before = demo.world().shares();
    demo.faults().add(Fault::once(Route::delete("/members/"), Action::DropBefore));
    let path = format!("/glance/v2/images/{}/members/{}", image.raw(), members[0]);

    let lost = alice.try_send("DELETE", &path, None).await;

    assert!(lost.is_err());
    assert_eq!(demo.world().shares(), before);
    assert_eq!(demo.requests().last().unwrap().status, None);
}

#[tokio::test]
async fn a_connection_dropped_after_acting_leaves_the_deed_done() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let (image, members) = crowded(&demo, 2);
    let alice = owner(&demo).await;
    demo.faults().add(Fault::once(Route::batch_delete(), Action::DropAfter));
    let body = json!({"images": [image.raw()], "projects": [members[0]]});

    let lost = alice.try_send("DELETE", "/ims/v1/cloudimages/members", Some(&body)).await;

    assert!(lost.is_err());
    assert!(!demo.world().shares().contains(&pair(&image, &members[0])));
    let sent: Vec<Recorded> =
        demo.requests().into_iter().filter(|request| request.method == "DELETE").collect();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].status, sent[0].body.as_ref()), (None, Some(&body)));
}

#[tokio::test]
async fn a_cut_answer_begins_and_does_not_end() {
    let demo = Demo::start(Options::plain(9, 1)).await.unwrap();
    let alice = owner(&demo).await;
    demo.faults().add(Fault::once(images(), Action::Cut));

    let mut cut = list(&alice).await.unwrap();
    let length = cut.content_length().unwrap();
    let mut read = 0;
    let end = loop {
        match cut.chunk().await {
            Ok(Some(chunk)) => read += chunk.len() as u64,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };

    assert_eq!(cut.status(), 200);
    assert!(end.is_err());
    assert_eq!(read, length / 2);
}

#[tokio::test]
async fn a_body_can_be_spoilt_in_one_place() {
    let demo = Demo::start(Options::plain(3, 1)).await.unwrap();
    let alice = owner(&demo).await;
    for action in [
        Action::Set("/images/0/id", json!(5)),
        Action::Set("/page_info", json!({"next_marker": 7})),
        Action::Set("/images/1", json!("an image")),
    ] {
        demo.faults().add(Fault::once(images(), action));
    }

    let mut pages: Vec<Value> = Vec::new();
    for _ in 0..3 {
        pages.push(list(&alice).await.unwrap().json().await.unwrap());
    }

    assert_eq!(pages[0]["images"][0]["id"], 5);
    assert_eq!(pages[1]["page_info"]["next_marker"], 7);
    assert_eq!(pages[2]["images"][1], "an image");
}

#[tokio::test]
async fn a_delay_delays_and_the_requests_in_between_are_counted() {
    let demo = Demo::start(Options::plain(3, 1)).await.unwrap();
    let alice = owner(&demo).await;
    let delay = Duration::from_millis(300);
    demo.faults().add(Fault::always(images(), Action::Delay(delay)));
    let start = std::time::Instant::now();

    let (one, two) = tokio::join!(list(&alice), list(&alice));

    assert!(start.elapsed() >= delay);
    assert_eq!((one.unwrap().status().as_u16(), two.unwrap().status().as_u16()), (200, 200));
    assert_eq!(demo.most_at_once(), 2);
}

#[tokio::test]
async fn requests_over_the_limit_are_told_to_wait() {
    let demo = Demo::start(Options { rate_limit: Some(0), ..Options::plain(1, 1) }).await.unwrap();
    let alice = owner(&demo).await;

    let glance = alice.send("GET", "/glance/v2/images", None).await;
    let ims = alice.refused("GET", "/ims/v2/cloudimages", None).await;

    assert_eq!(
        (glance.status().as_u16(), glance.headers()["retry-after"].to_str().unwrap()),
        (429, "1")
    );
    assert_eq!(ims, (429, "APIGW.0308".to_owned()));
}

#[test]
fn the_limit_is_one_of_each_second() {
    let now = Some(domain::Moment(1_790_000_000_000));
    let mut world = World::seeded(Options { now, ..Options::plain(0, 1) });

    assert_eq!([(); 3].map(|()| world.takes_one_more(2)), [true, true, false]);
    world.advance(Duration::from_secs(1));
    assert!(world.takes_one_more(2));
}

#[tokio::test]
async fn a_stopped_cloud_answers_nobody_and_frees_its_port() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let (url, http) = (demo.url().to_owned(), client());
    assert_eq!(http.get(&url).send().await.unwrap().status(), 300);
    let port = url.rsplit(':').next().unwrap().parse().unwrap();

    demo.stop().await;

    assert!(http.get(&url).send().await.is_err());
    let again = Demo::start(Options { port, ..Options::plain(1, 1) }).await.unwrap();
    assert_eq!(again.url(), url);
}

#[tokio::test]
async fn a_dropped_cloud_does_not_answer_over_connections_that_are_open() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let (url, http) = (demo.url().to_owned(), client());
    assert_eq!(http.get(&url).send().await.unwrap().status(), 300);

    drop(demo);

    assert!(http.get(&url).send().await.is_err());
}

#[tokio::test]
async fn no_token_and_no_password_is_in_the_log() {
    let demo = Demo::start(Options::plain(1, 1)).await.unwrap();
    let alice = owner(&demo).await;
    alice.get("/v3/auth/projects").await;
    let again = json!({"auth": {"identity": {"methods": ["token"], "token": {"id": alice.token}}}});
    post_login(&demo, &again).await;

    let log = format!("{:?}", demo.requests());

    assert!(!log.contains(&alice.token) && !log.contains("\"demo\""), "{log}");
    assert_eq!(demo.requests().iter().map(|r| r.token).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(demo.logins(), 2);
}
