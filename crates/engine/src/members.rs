//! The members of one image, to the last page.

use super::paging::Paging;
use super::{Login, Reading, retry};
use cloud::clients::CloudError;
use domain::{Failure, Image, ImageId, Membership};

/// Reads all pages. An incomplete list is a failure: unknown, never none.
pub(super) async fn read(login: &Login, image: &ImageId) -> Reading {
    match all_pages(login, image).await {
        Ok(members) => Reading::Members(members),
        Err(Trouble::Cloud(CloudError::MembersDoNotApply(_))) => Reading::DoNotApply,
        Err(Trouble::Cloud(CloudError::NotFound(_))) => without_list(login, image).await,
        Err(Trouble::Cloud(error)) => Reading::Failed(error.failure(what(image))),
        Err(Trouble::Unreadable(why)) => Reading::Failed(Failure::new(what(image), why)),
        Err(Trouble::Loop(why)) => {
            Reading::Failed(Failure::new(what(image), format!("the member list is a loop: {why}")))
        }
    }
}

/// A member list is not found: either there is no such image, or the cloud hides its list.
async fn without_list(login: &Login, image: &ImageId) -> Reading {
    let unknown = |why: String| Reading::Failed(Failure::new(what(image), why));
    match retry::read(&login.limiter, || login.cloud.image(image)).await {
        Err(CloudError::NotFound(_)) => Reading::NotFound,
        Err(error) => Reading::Failed(error.failure(what(image))),
        Ok(Image { owner: Some(owner), .. }) if !login.scope.project_id.owns(&owner) => {
            unknown(format!("it belongs to project {owner}, and only its owner may list them"))
        }
        Ok(_) => unknown("the cloud shows the image and finds no member list of it".into()),
    }
}

fn what(image: &ImageId) -> String {
    format!("read the members of image {image}")
}

enum Trouble {
    Cloud(CloudError),
    Unreadable(String),
    Loop(String),
}

async fn all_pages(login: &Login, image: &ImageId) -> Result<Vec<Membership>, Trouble> {
    let (mut members, mut paging, mut mark) = (Vec::new(), Paging::default(), None);
    loop {
        let page = retry::read(&login.limiter, || login.cloud.members(image, mark.as_ref()))
            .await
            .map_err(Trouble::Cloud)?;
        paging.page(page.items.iter().map(|row| &row.member), page.unreadable);
        if let Some(why) = paging.unreadable() {
            return Err(Trouble::Unreadable(why));
        }
        members.extend(page.items);
        let Some(next) = page.next else { return Ok(members) };
        paging.check_next(&next).map_err(Trouble::Loop)?;
        mark = Some(next);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::limiter::Limiter;
    use cloud::auth::{AccessKey, Aksk};
    use cloud::clients::{Base, Glance, Service};
    use cloud::http::{Client, Transport};
    use domain::{CloudKind, Moment, ProjectId, Scope};
    use test_server::{Server, json};

    fn login(server: &Server) -> Login {
        let http = Client::new(Transport::default()).unwrap();
        let key =
            AccessKey { access: "AKID".into(), secret: "s3cr3t".into(), security_token: None };
        let auth = Arc::new(Aksk::new(http.clone(), key, Arc::new(|| Moment(0))));
        let service = Service::new(http, auth, Base::parse(&server.url).unwrap());
        let project_id = ProjectId("p".into());
        let scope = Scope {
            cloud: "c".into(),
            region: None,
            kind: CloudKind::Glance,
            project_id: project_id.clone(),
            project_name: None,
            user: None,
            endpoint: server.url.clone(),
            protected: false,
            read_only: false,
            tls_verified: false,
            encrypted: true,
        };
        let cloud = Arc::new(Glance::new(service, project_id));
        Login { scope, cloud, limiter: Arc::new(Limiter::new(4)) }
    }

    #[tokio::test]
    async fn pages_of_members_that_bring_nothing_new_under_ever_new_marks_end() {
        let pages = AtomicUsize::new(0);
        let server = Server::start(move |_| {
            let next = pages.fetch_add(1, Ordering::SeqCst);
            let body = format!(
                r#"{{"members":[{{"member_id":"x"}}],"next":"/v2/images/i/members?marker={next}"}}"#
            );
            json(200, &body)
        })
        .await;

        let reading = read(&login(&server), &"i".into()).await;

        let Reading::Failed(failure) = reading else { panic!("{reading:?}") };
        assert!(failure.to_string().contains("do not end"), "{failure}");
        assert_eq!(server.requests().len(), 2);
    }

    #[tokio::test]
    async fn a_list_with_an_unreadable_entry_is_a_failure_and_not_a_shorter_list() {
        for second in ["7", "{}", r#"{"member_id":null}"#] {
            let server = Server::start(move |_| {
                json(200, &format!(r#"{{"members":[{{"member_id":"x"}},{second}]}}"#))
            })
            .await;

            let reading = read(&login(&server), &"i".into()).await;

            let Reading::Failed(failure) = reading else { panic!("{second}: {reading:?}") };
            assert!(failure.to_string().contains("1 entry is unreadable: entry 2"), "{failure}");
        }
    }

    /// A server that answers with this for the image, and finds no member list.
    async fn reading_with(image: (u16, &'static str)) -> Reading {
        let server = Server::start(move |request| {
            if request.target.ends_with("/members") {
                json(404, r#"{"message":"Failed to find image i"}"#)
            } else {
                json(image.0, image.1)
            }
        })
        .await;
        read(&login(&server), &"i".into()).await
    }

    #[tokio::test]
    async fn without_a_member_list_only_an_image_that_is_not_found_itself_is_not_found() {
        assert_eq!(
            reading_with((404, r#"{"message":"Failed to find image i"}"#)).await,
            Reading::NotFound
        );
        for (image, why) in [
            ((200, r#"{"id":"i","owner":"p","visibility":"shared"}"#), "finds no member list"),
            ((200, r#"{"id":"i","owner":"q","visibility":"shared"}"#), "belongs to project q"),
            ((403, "{}"), "not allowed"),
        ] {
            let reading = reading_with(image).await;
            let Reading::Failed(failure) = &reading else { panic!("{reading:?}") };
            assert!(failure.to_string().contains(why), "{failure}");
        }
    }
}
