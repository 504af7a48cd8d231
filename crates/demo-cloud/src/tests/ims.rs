//! Batches, jobs and the switches of IMS.

use super::*;

/// Two images, each shared with the same two projects; `image-factory` is logged in.
struct Cast<'a> {
    demo: &'a Demo,
    alice: Caller<'a>,
    images: Vec<ImageId>,
    members: Vec<String>,
}

async fn cast(demo: &Demo) -> Cast<'_> {
    let (images, members) = {
        let mut world = demo.world();
        let images = vec![world.add_image("one"), world.add_image("two")];
        let web = world.project("team-web").unwrap();
        let members = [web, world.add_project("other")];
        for (image, member) in images.iter().flat_map(|i| members.iter().map(move |m| (i, m))) {
            world.share(image, Member::project(member.0.clone()), MemberStatus::Accepted);
        }
        (images, members.iter().map(|member| member.0.raw().to_owned()).collect())
    };
    Cast { demo, alice: owner(demo).await, images, members }
}

impl Cast<'_> {
    fn all(&self) -> Value {
        let images: Vec<&str> = self.images.iter().map(ImageId::raw).collect();
        json!({"images": images, "projects": self.members})
    }

    fn stranger(&self) -> Value {
        json!({"images": [self.images[0].raw()], "projects": [self.members[0], "0".repeat(32)]})
    }

    fn shares(&self) -> usize {
        self.demo.world().shares().len()
    }

    async fn refused(&self, method: &str, body: &Value) -> (u16, String) {
        let answer = self.alice.send(method, "/ims/v1/cloudimages/members", Some(body)).await;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }
}

#[tokio::test]
async fn a_batch_is_the_full_cross_product() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;

    let job = cast.alice.job("DELETE", &cast.all()).await;

    assert_eq!(job["status"], "SUCCESS");
    assert_eq!(cast.shares(), 0);
    let job = cast.alice.job("POST", &cast.all()).await;
    assert_eq!((job["status"].as_str(), cast.shares()), (Some("SUCCESS"), 4));
    let pending = |row: &domain::Membership| row.status == MemberStatus::Pending;
    assert!(demo.world().members(&cast.images[0]).iter().all(pending));
}

#[tokio::test]
async fn a_pair_that_is_no_share_is_ignored_or_fails_by_switch() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;

    for (switch, status, left) in [
        (NonMember::FailsAll, "FAIL", 4),
        (NonMember::Partial, "FAIL", 3),
        (NonMember::Ignored, "SUCCESS", 3),
    ] {
        demo.world().options.ims.non_member = switch;
        let job = cast.alice.job("DELETE", &cast.stranger()).await;
        assert_eq!((job["status"].as_str(), cast.shares()), (Some(status), left), "{switch:?}");
        let code = if status == "FAIL" { json!("IMG.0113") } else { Value::Null };
        assert_eq!(job["error_code"], code);
    }
}

#[tokio::test]
async fn jobs_go_as_their_script_says() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let kept = pair(&cast.images[1], &cast.members[0]);
    let scripts = [
        (JobScript::fails("IMG.0061", "unknown system error"), "FAIL", 4),
        (JobScript::leaves_all(), "SUCCESS", 4),
        (JobScript::stuck(), "RUNNING", 4),
        (JobScript::leaves([kept.clone()]), "SUCCESS", 1),
    ];

    for (script, status, left) in scripts {
        demo.world().script_job(script.clone());
        let job = cast.alice.job("DELETE", &cast.all()).await;
        assert_eq!((job["status"].as_str(), cast.shares()), (Some(status), left), "{script:?}");
    }

    assert_eq!(demo.world().shares(), [kept].into());
}

#[tokio::test]
async fn what_one_may_not_do_is_refused_with_its_code() {
    let demo = Demo::start(Options { member_quota: 3, ..Options::plain(0, 1) }).await.unwrap();
    let cast = cast(&demo).await;
    let (image, member) = (cast.images[0].raw(), cast.members[0].as_str());
    let (public, queued, secret, factory) = {
        let mut world = demo.world();
        let public = world.add_image("public");
        world.edit_image(&public, |stored| stored.image.visibility = Visibility::Public);
        let queued = world.add_image("queued");
        world.edit_image(&queued, |stored| stored.image.status = Some("queued".into()));
        let secret = world.add_image("secret");
        world.edit_image(&secret, |stored| stored.image.encrypted = true);
        (public, queued, secret, world.project("image-factory").unwrap())
    };
    let request = |image: &str, member: &str| json!({"images": [image], "projects": [member]});

    for (method, body, code) in [
        ("DELETE", json!({"projects": [member]}), "IMG.0001"),
        ("DELETE", json!({"images": [image]}), "IMG.0001"),
        ("DELETE", json!({"images": image, "projects": [member]}), "IMG.0001"),
        ("DELETE", request("nope", member), "IMG.0027"),
        ("DELETE", request(image, "team-web"), "IMG.0067"),
        ("DELETE", request(public.raw(), member), "IMG.0089"),
        ("POST", request(image, factory.0.raw()), "IMG.0076"),
        ("POST", request(image, &"0".repeat(32)), "IMG.0108"),
        ("POST", request(queued.raw(), member), "IMG.0046"),
        ("POST", request(secret.raw(), member), "IMG.0098"),
        ("POST", json!({"images": [image], "projects": cast.members}), "IMG.0088"),
        ("PUT", json!({"images": [image], "project_id": member, "status": "accepted"}), "IMG.0030"),
        ("PUT", json!({"images": [image], "project_id": member, "status": "pending"}), "IMG.0001"),
    ] {
        assert_eq!(cast.refused(method, &body).await, (400, code.to_owned()), "{method} {body}");
    }
    let owner = json!({"images": [image], "project_id": factory.0.raw(), "status": "accepted"});
    assert_eq!(cast.refused("PUT", &owner).await, (403, "IMG.0161".to_owned()));
    let empty = cast.alice.refused("DELETE", "/ims/v1/cloudimages/members", None).await;
    assert_eq!(empty, (400, "IMG.0007".to_owned()));
    assert_eq!(cast.shares(), 4);
    assert!(demo.world().jobs().is_empty());
}

#[tokio::test]
async fn a_reader_and_a_receiver_cannot_revoke() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let path = "/ims/v1/cloudimages/members";
    let rita = log_in(&demo, "rita", "image-factory").await;
    let bob = log_in(&demo, "bob", "team-web").await;

    assert_eq!(rita.refused("DELETE", path, Some(&cast.all())).await, (403, "IMG.0026".to_owned()));
    assert_eq!(bob.refused("DELETE", path, Some(&cast.all())).await, (400, "IMG.0106".to_owned()));
    assert_eq!(cast.shares(), 4);
}

#[tokio::test]
async fn a_receiver_answers_by_batch() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let bob = log_in(&demo, "bob", "team-web").await;
    let body = json!({"images": [cast.images[0].raw()], "project_id": cast.members[0], "status": "rejected"});

    let job = bob.job("PUT", &body).await;

    assert_eq!(job["job_type"], "imsUpdateImageMembersJob");
    let world = demo.world();
    let statuses: Vec<_> =
        world.members(&cast.images[0]).iter().map(|row| row.status.clone()).collect();
    assert_eq!(statuses, [MemberStatus::Rejected, MemberStatus::Accepted]);
}

#[tokio::test]
async fn accounts_and_organisations_are_members_of_their_own_kind() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let (image, project) = (cast.images[0].raw(), demo.world().project("image-factory").unwrap());
    let urn = "organizations::acc:ou:o-1/ou-2";
    let add = json!({"images": [image], "domains": ["acc1"], "organizations": [urn]});

    cast.alice.job("POST", &add).await;
    let path = format!("/ims/v1/{}/cloudimages/{image}/members", project.0.raw());
    let listed = cast.alice.get(&path).await;
    let wrong = json!({"images": [image], "projects": ["acc1"]});
    let refused = cast.refused("DELETE", &wrong).await;
    cast.alice.job("DELETE", &json!({"images": [image], "domains": ["acc1"]})).await;

    let rows = listed["members"].as_array().unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| row["member_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["project", "project", "domain", "organization"]);
    assert_eq!(rows[3]["urn"], urn);
    assert_eq!(refused.1, "IMG.0067");
    let domain = Member { kind: domain::MemberKind::Domain, id: "acc1".into() };
    assert!(!demo.world().members(&cast.images[0]).iter().any(|row| row.member == domain));
}

#[tokio::test]
async fn typed_member_lists_are_paged_by_markers_that_must_be_escaped() {
    let demo = Demo::start(Options::quick()).await.unwrap();
    let (image, members) = crowded(&demo, 100);
    let (alice, project) = (owner(&demo).await, demo.world().project("image-factory").unwrap());
    let path = format!("/ims/v1/{}/cloudimages/{}/members", project.0.raw(), image.raw());
    let mut seen = Vec::new();
    let mut marker = String::new();

    loop {
        let page = alice.get(&format!("{path}?limit=50{marker}")).await;
        assert_eq!(page["page_info"]["current_count"], page["members"].as_array().unwrap().len());
        seen.extend(page["members"].as_array().unwrap().iter().map(|m| m["member_id"].clone()));
        let Some(next) = page["page_info"]["next_marker"].as_str() else { break };
        let escaped: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        assert_ne!(escaped, next);
        marker = format!("&marker={escaped}");
    }

    assert_eq!(seen.len(), 120);
    assert_eq!(seen, members);
}

#[tokio::test]
async fn calls_that_a_cloud_lacks_are_unknown_to_its_gateway() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let project = demo.world().project("image-factory").unwrap().0.raw().to_owned();
    let job = cast.alice.job("DELETE", &cast.all()).await;
    let id = job["job_id"].as_str().unwrap();
    let (a, b) = (format!("/ims/v1/{project}/jobs/{id}"), format!("/ims/v1/cloudimages/job/{id}"));
    let members = format!("/ims/v1/{project}/cloudimages/{}/members", cast.images[0].raw());
    let unknown = (404, "APIGW.0101".to_owned());

    demo.world().options.ims.job_calls = JobCalls::A;
    assert_eq!(cast.alice.get(&a).await["status"], "SUCCESS");
    assert_eq!(cast.alice.refused("GET", &b, None).await, unknown);
    demo.world().options.ims.job_calls = JobCalls::B;
    assert_eq!(cast.alice.refused("GET", &a, None).await, unknown);
    assert_eq!(
        cast.alice.get(&b).await["entities"],
        json!({"process_percent": 1, "current_task": ""})
    );
    demo.world().options.ims.v1_members = false;
    assert_eq!(cast.alice.refused("GET", &members, None).await, unknown);
    assert_eq!(cast.alice.refused("GET", "/ims/v1/cloudimages/job/0", None).await.1, "IMG.0023");
}

#[tokio::test]
async fn both_ways_of_writing_a_jobs_time_are_the_same_moment() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();
    let cast = cast(&demo).await;
    let job = cast.alice.job("DELETE", &cast.all()).await;
    demo.world().options.ims.times = TimeFormat::Old;

    let old = cast
        .alice
        .get(&format!("/ims/v1/cloudimages/job/{}", job["job_id"].as_str().unwrap()))
        .await;

    let time = |job: &Value| job["begin_time"].as_str().unwrap().to_owned();
    assert_ne!(time(&job), time(&old));
    let moment = |text: &str| domain::Moment::parse(text).unwrap();
    assert_eq!(moment(&time(&job)), moment(&time(&old)));
}

#[tokio::test]
async fn the_gateway_asks_for_a_token_in_its_own_words() {
    let demo = Demo::start(Options::plain(0, 1)).await.unwrap();

    let none = client().get(format!("{}/ims/v2/cloudimages", demo.url())).send().await.unwrap();

    assert_eq!(none.status(), 401);
    let id = none.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: Value = none.json().await.unwrap();
    assert_eq!(body["error_code"], "APIGW.0301");
    assert_eq!(body["request_id"], id.as_str());
}
