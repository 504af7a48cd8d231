//! Member calls of Glance: who is answered what.

use super::*;

const FORBIDDEN: &str = "You are not authorized to complete";

/// An image of `image-factory` shared with `team-web` and one more, and everybody who could ask.
struct Cast<'a> {
    owner: Caller<'a>,
    reader: Caller<'a>,
    consumer: Caller<'a>,
    admin: Caller<'a>,
    image: ImageId,
    path: String,
    web: String,
    other: String,
}

async fn cast(demo: &Demo) -> Cast<'_> {
    let (image, web, other) = {
        let mut world = demo.world();
        let image = world.add_image("base");
        let web = world.project("team-web").unwrap();
        let other = world.add_project("other");
        for member in [&web, &other] {
            world.share(&image, Member::project(member.0.clone()), MemberStatus::Pending);
        }
        (image, web.0.raw().to_owned(), other.0.raw().to_owned())
    };
    Cast {
        owner: owner(demo).await,
        reader: log_in(demo, "rita", "image-factory").await,
        consumer: log_in(demo, "bob", "team-web").await,
        admin: log_in(demo, "admin", "admin").await,
        path: format!("/glance/v2/images/{}/members", image.raw()),
        image,
        web,
        other,
    }
}

impl Cast<'_> {
    fn not_listed(&self, member: &str) -> (u16, String) {
        (404, format!("{member} not found in the member list of the image {}.", self.image.raw()))
    }

    fn row(&self, member: &str) -> String {
        format!("{}/{member}", self.path)
    }
}

fn forbidden(action: &str) -> (u16, String) {
    (403, format!("{FORBIDDEN} {action} action."))
}

#[tokio::test]
async fn a_member_sees_its_own_row_and_a_stranger_sees_nothing() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let both: BTreeSet<String> = [cast.web.clone(), cast.other.clone()].into();

    assert_eq!(member_ids(&cast.owner.get(&cast.path).await), both);
    assert_eq!(member_ids(&cast.reader.get(&cast.path).await), both);
    assert_eq!(member_ids(&cast.admin.get(&format!("{}?limit=1&marker=x", cast.path)).await), both);
    assert_eq!(member_ids(&cast.consumer.get(&cast.path).await), [cast.web.clone()].into());
    demo.world().unshare(&cast.image, &Member::project(cast.web.as_str()));
    let stranger = cast.consumer.refused("GET", &cast.path, None).await;
    assert_eq!(stranger, (404, format!("Image {} not found.", cast.image.raw())));
    let unknown = cast.owner.refused("GET", "/glance/v2/images/zzz/members", None).await;
    assert_eq!(unknown, (404, "Image zzz not found.".to_owned()));
}

#[tokio::test]
async fn only_shared_images_have_members() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let id = cast.image.raw();

    for visibility in [Visibility::Private, Visibility::Public, Visibility::Community] {
        demo.world().edit_image(&cast.image, |stored| stored.image.visibility = visibility.clone());
        let list = cast.owner.refused("GET", &cast.path, None).await;
        let text = "Only shared images have members.";
        assert_eq!(list, (403, format!("Not allowed to list members for image {id}: {text}")));
        let add = cast.owner.refused("POST", &cast.path, Some(&json!({"member": "x"}))).await;
        assert_eq!(add, (403, format!("Not allowed to create members for image {id}.")));
        let delete = cast.owner.refused("DELETE", &cast.row(&cast.web), None).await;
        assert_eq!(delete, (403, format!("Not allowed to delete members for image {id}.")));
    }
}

#[tokio::test]
async fn a_private_image_that_is_shared_again_has_its_members_back() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let becomes = |visibility: Visibility| {
        demo.world().edit_image(&cast.image, |stored| stored.image.visibility = visibility)
    };

    becomes(Visibility::Private);
    assert!(demo.world().shares().is_empty());
    becomes(Visibility::Shared);

    assert_eq!(demo.world().shares().len(), 2);
}

#[tokio::test]
async fn adding_answers_as_glance_does() {
    let demo = Demo::start(Options { member_quota: 4, ..Options::plain(0, 1) }).await.unwrap();
    let cast = cast(&demo).await;
    let add = async |member: Value| cast.owner.refused("POST", &cast.path, Some(&member)).await;

    let added = cast.owner.send("POST", &cast.path, Some(&json!({"member": "any text"}))).await;
    assert_eq!(added.status(), 200);
    let row: Value = added.json().await.unwrap();
    assert_eq!((&row["member_id"], &row["status"]), (&json!("any text"), &json!("pending")));
    let more = cast.owner.send("POST", &cast.path, Some(&json!({"member": "more text"}))).await;
    assert_eq!(more.status(), 200);

    let id = cast.image.raw();
    let limit =
        "The limit has been exceeded on the number of allowed image members for this image.";
    for (member, status, text) in [
        (
            json!({"member": "more"}),
            413,
            format!(
                "Image member limit exceeded for image {id}: {limit} Attempted: 5, Maximum: 4:"
            ),
        ),
        (json!({"member": ""}), 400, "Member can't be empty".to_owned()),
        (json!({}), 400, "Member to be added not specified".to_owned()),
    ] {
        assert_eq!(add(member).await, (status, text));
    }
    demo.world().options.member_quota = 128;
    let again = add(json!({"member": cast.web})).await;
    assert_eq!(again, (409, format!("Member {} is duplicated for image {id}", cast.web)));
    let member = json!({"member": "x2"});
    for caller in [&cast.reader, &cast.consumer] {
        assert_eq!(
            caller.refused("POST", &cast.path, Some(&member)).await,
            forbidden("add_member")
        );
    }
    let none = cast.owner.refused("POST", &cast.path, None).await;
    assert_eq!(none, (400, "Body expected in request.".to_owned()));
}

#[tokio::test]
async fn only_the_member_itself_answers_an_offer() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let (accept, maybe) = (json!({"status": "accepted"}), json!({"status": "maybe"}));
    let own = cast.row(&cast.web);

    assert_eq!(cast.owner.refused("PUT", &own, Some(&accept)).await, forbidden("modify_member"));
    let other = cast.consumer.refused("PUT", &cast.row(&cast.other), Some(&accept)).await;
    assert_eq!(other, cast.not_listed(&cast.other));
    let bad = cast.consumer.refused("PUT", &own, Some(&maybe)).await;
    let text = "Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\".";
    assert_eq!(bad, (400, text.to_owned()));
    let missing = cast.consumer.refused("PUT", &own, Some(&json!({}))).await;
    assert_eq!(missing, (400, "Status not specified".to_owned()));
    for status in ["accepted", "accepted", "rejected", "pending"] {
        let answer = cast.consumer.send("PUT", &own, Some(&json!({"status": status}))).await;
        assert_eq!(answer.json::<Value>().await.unwrap()["status"], status);
    }
}

#[tokio::test]
async fn deleting_answers_as_glance_does() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let own = cast.row(&cast.web);
    let body = json!({"x": 1});

    assert_eq!(
        cast.owner.refused("DELETE", &cast.row("nobody"), None).await,
        cast.not_listed("nobody")
    );
    assert_eq!(cast.consumer.refused("DELETE", &own, None).await, forbidden("delete_member"));
    assert_eq!(cast.reader.refused("DELETE", &own, None).await, forbidden("delete_member"));
    let other = cast.row(&cast.other);
    assert_eq!(cast.consumer.refused("DELETE", &other, None).await, cast.not_listed(&cast.other));
    let with_body = cast.owner.refused("DELETE", &own, Some(&body)).await;
    assert_eq!(with_body, (400, "A body is not expected with this request.".to_owned()));
    assert_eq!(demo.world().shares().len(), 2);

    let deleted = cast.owner.send("DELETE", &own, None).await;
    assert_eq!(deleted.status(), 204);
    assert_eq!(deleted.bytes().await.unwrap().len(), 0);
    assert_eq!(cast.owner.refused("DELETE", &own, None).await, cast.not_listed(&cast.web));
    assert_eq!(cast.admin.send("DELETE", &other, None).await.status(), 204);
    assert!(demo.world().shares().is_empty());
}

#[tokio::test]
async fn an_id_with_a_slash_can_be_added_and_not_removed() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;

    let added = cast.owner.send("POST", &cast.path, Some(&json!({"member": "a/b c"}))).await;
    let removed = cast.owner.refused("DELETE", &cast.row("a%2Fb%20c"), None).await;

    assert_eq!(added.status(), 200);
    assert_eq!(removed, (404, "The resource could not be found.".to_owned()));
}

#[tokio::test]
async fn errors_are_a_page_unless_json_alone_is_accepted() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;

    for accept in ["*/*", "text/html", "application/json, */*"] {
        let request = cast.owner.client.delete(format!("{}{}", demo.url(), cast.row("nobody")));
        let request = request.header("x-auth-token", &cast.owner.token).header("accept", accept);
        let page = request.send().await.unwrap();
        assert_eq!(page.headers()["content-type"], "text/html; charset=UTF-8");
        let (_, text) = cast.not_listed("nobody");
        assert_eq!(
            page.text().await.unwrap(),
            format!(
                "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  \
                 {text}<br /><br />\n\n\n\n </body>\n</html>"
            )
        );
    }
}

#[tokio::test]
async fn other_methods_and_slashes_lead_nowhere() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;

    let patch = cast.owner.send("PATCH", &cast.path, Some(&json!({}))).await;
    let post = cast.owner.send("POST", &cast.row(&cast.web), Some(&json!({}))).await;

    assert_eq!(
        (patch.status().as_u16(), patch.headers()["allow"].to_str().unwrap()),
        (405, "GET, POST")
    );
    assert_eq!(
        (post.status().as_u16(), post.headers()["allow"].to_str().unwrap()),
        (405, "PUT, DELETE")
    );
    for path in
        [format!("{}/", cast.path), "/glance/v2/images/".into(), "/glance/v2/nothing".into()]
    {
        let lost = cast.owner.refused("GET", &path, None).await;
        assert_eq!(lost, (404, "The resource could not be found.".to_owned()), "{path}");
    }
    assert_eq!(cast.owner.send("GET", "/glance/v1/images", None).await.status(), 300);
}
