//! Logins that ask for a code or for nothing, switching projects, and names of projects, over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use cloud::config::Clouds;
use demo_cloud::{
    Action, CREDENTIAL_SECRET, Demo, Fault, Options, PASSWORD, Route, codes, identity, key_of,
};
use domain::{Failure, Project, Source};
use engine::{
    self, Configured, Engine, MissingCredential, NamesEvent, PollTimes, Preference, ReadEvent,
    Refused, Session, Target, Wanted,
};
use futures_util::StreamExt;
use secrecy::SecretString;
use serde_json::Value;
use support::cloud::Cloud;
use support::{BIN, Screen};
use test_server::Server;

fn engine(yaml: &str) -> Engine {
    let clouds = Clouds::from_yaml_text(yaml, "test").map_err(Failure::from);
    let connector = Configured::new(async { clouds }, Preference::default());
    Engine::new(Arc::new(connector), PollTimes::default(), None)
}

/// The error says whether the login needs a passcode.
async fn open(engine: &Engine, target: Target) -> Result<Session, (Failure, bool)> {
    let refused =
        |Refused { failure, missing, .. }| (failure, missing == Some(MissingCredential::Passcode));
    engine.open(target).await.map_err(refused)
}

async fn projects(session: &Session) -> Result<Vec<Project>, Failure> {
    Ok(session.projects().await?.projects)
}

fn entry(url: &str, user: &str, api: &str) -> String {
    format!(
        "clouds:\n  one: {{auth: {{auth_url: \"{url}/v3\", username: {user}, password: {PASSWORD}, \
         user_domain_name: Default, project_domain_name: Default, project_name: image-factory}}, \
         image_sharing_api: {api}}}\n"
    )
}

fn code(demo: &Demo) -> SecretString {
    codes::code_at(demo.world().now()).into()
}

async fn demo() -> Demo {
    Demo::start(Options::plain(3, 3)).await.unwrap()
}

// ── projects ─────────────────────────────────────────────────────────────────────────────────────────

#[tokio::test]
async fn a_login_switches_to_another_project_by_id_or_name() {
    let demo = demo().await;
    let engine = engine(&entry(demo.url(), "carol", "glance"));
    let session = open(&engine, Target::default()).await.unwrap();
    let projects = projects(&session).await.unwrap();

    let names: Vec<&str> = projects.iter().map(|project| project.name.raw()).collect();
    assert_eq!(names, ["image-factory", "team-web"]);
    let web = &projects[1];
    for project in [web.id.0.raw(), "team-web"] {
        let project = Some(project.to_owned());
        let session = open(&engine, Target { project, ..Target::default() }).await.unwrap();
        assert_eq!(session.scope().project_id, web.id);
    }
    let project = Some("admin".to_owned());
    let (failure, needs_passcode) =
        open(&engine, Target { project, ..Target::default() }).await.unwrap_err();
    assert!(
        failure.to_string().contains("no access to the project") && !needs_passcode,
        "{failure}"
    );
}

#[tokio::test]
async fn an_access_key_lists_its_projects_with_signed_requests() {
    let demo = demo().await;
    let key = key_of("alice").unwrap();
    let engine = engine(&format!("clouds:\n{}", demo.key_entry("one", key)));
    let session = open(&engine, Target::default()).await.unwrap();
    demo.forget_requests();

    let projects = projects(&session).await.unwrap();

    assert!(projects.iter().any(|project| project.name.raw() == "image-factory"), "{projects:?}");
    assert!(demo.requests().iter().all(|request| request.signed), "{:?}", demo.requests());
}

#[tokio::test]
async fn a_login_that_cannot_switch_projects_says_why() {
    let demo = demo().await;
    let credential = format!(
        "clouds:\n  one: {{auth_type: v3applicationcredential, auth: {{auth_url: \"{}/v3\", \
         application_credential_id: \"{}\", application_credential_secret: {CREDENTIAL_SECRET}}}, \
         image_sharing_api: glance}}\n",
        demo.url(),
        identity::credential_id()
    );
    let ramona = demo_cloud::user_named("ramona").unwrap();
    let account = format!("clouds:\n{}", demo.account_entry("one", ramona));
    for (yaml, why) in [(credential, "carries its own project"), (account, "is one project")] {
        let engine = engine(&yaml);
        let session = open(&engine, Target::default()).await.unwrap();
        let failure = projects(&session).await.unwrap_err();
        assert!(failure.to_string().contains(why), "{failure}");
    }
}

// ── codes ────────────────────────────────────────────────────────────────────────────────────────────

#[tokio::test]
async fn a_login_that_lacks_a_code_says_so_and_works_with_one() {
    let demo = demo().await;
    let engine = engine(&entry(demo.url(), codes::USER, "glance"));
    let with = |code: Option<SecretString>| Target { passcode: code, ..Target::default() };

    let (failure, needs_passcode) = open(&engine, with(None)).await.unwrap_err();
    assert!(needs_passcode && failure.to_string().contains("--otp CODE"), "{failure}");
    let (failure, needs_passcode) = open(&engine, with(Some("nonsense".into()))).await.unwrap_err();
    assert!(needs_passcode && !failure.to_string().contains("nonsense"), "{failure}");
    let session = open(&engine, with(Some(code(&demo)))).await.unwrap();
    assert_eq!(session.scope().user.clone().unwrap().raw(), codes::USER);
}

#[tokio::test]
async fn on_ims_password_and_code_are_one_request() {
    let demo = demo().await;
    let yaml = entry(demo.url(), codes::USER, "ims");
    let (failure, _) = {
        let passcode = Some(code(&demo));
        let target = Target { passcode, ..Target::default() };
        open(&engine(&yaml), target).await.unwrap_err()
    };
    assert!(failure.to_string().contains("set `user_id`"), "{failure}");
    assert_eq!(demo.logins(), 0);

    let id = "71a071a071a071a071a071a071a071a0";
    let yaml = yaml.replace(&format!("username: {}", codes::USER), &format!("user_id: {id}"));
    let target = Target { passcode: Some(code(&demo)), ..Target::default() };
    open(&engine(&yaml), target).await.unwrap();
    assert_eq!(demo.logins(), 1);
}

// ── one code for many ────────────────────────────────────────────────────────────────────────────────

/// Tina's login, which wants a code, with both regions.
fn coded(url: &str) -> String {
    entry(url, codes::USER, "glance")
        .replace("image_sharing_api", "regions: [RegionOne, eu-de], image_sharing_api")
}

fn at(region: &str, project: Option<&str>, passcode: Option<SecretString>) -> Target {
    let (region, project) = (Some(region.to_owned()), project.map(str::to_owned));
    Target { region, project, passcode, ..Target::default() }
}

#[tokio::test]
async fn a_code_opens_other_regions_and_projects_of_the_same_login_service() {
    let demo = demo().await;
    let engine = engine(&coded(demo.url()));
    open(&engine, at("RegionOne", None, Some(code(&demo)))).await.unwrap();
    assert_eq!(demo.logins(), 2, "the password, then the code");

    let other = open(&engine, at("eu-de", None, None)).await.unwrap();
    assert_eq!((demo.logins(), other.scope().region.as_deref()), (2, Some("eu-de")));
    let web = demo.world().project("team-web").unwrap();
    for project in ["team-web", web.0.raw(), "team-web"] {
        let session = open(&engine, at("RegionOne", Some(project), None)).await.unwrap();
        assert_eq!(session.scope().project_id, web);
        assert_eq!(demo.logins(), 3, "one exchange");
    }
    let mut reads = other.read(Wanted::All { received: false });
    loop {
        match reads.next().await.unwrap() {
            ReadEvent::Listed { failures, .. } => assert!(failures.is_empty(), "{failures:?}"),
            ReadEvent::Ended => break,
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_exchanged_or_has_expired_needs_a_new_passcode() {
    let refused = serde_json::json!({"error": {"code": 403, "title": "Forbidden",
        "message": "You are not authorized to perform the requested action: rescope a scoped token."}});
    for ended in [false, true] {
        let demo = demo().await;
        let engine = engine(&coded(demo.url()));
        open(&engine, at("RegionOne", None, Some(code(&demo)))).await.unwrap();
        if ended {
            demo.expire_all_tokens();
        } else {
            demo.faults().add(Fault::once(Route::login(), Action::json(403, &refused)));
        }

        let web = |code| at("RegionOne", Some("team-web"), code);
        let (failure, needs_passcode) = open(&engine, web(None)).await.unwrap_err();
        assert!(needs_passcode, "{failure}");
        let session = open(&engine, web(Some(code(&demo)))).await.unwrap();
        assert_eq!(session.scope().project_name.clone().unwrap().raw(), "team-web");
    }
}

#[tokio::test]
async fn a_project_that_a_good_login_is_not_let_into_is_told_apart_from_a_wrong_login() {
    let demo = demo().await;
    let engine = engine(&coded(demo.url()));
    open(&engine, at("RegionOne", None, Some(code(&demo)))).await.unwrap();
    let (failure, needs_passcode) =
        open(&engine, at("RegionOne", Some("admin"), None)).await.unwrap_err();
    assert!(!needs_passcode);
    assert!(failure.to_string().contains("the login works, but not for this project"), "{failure}");
}

#[tokio::test]
async fn a_login_without_a_passcode_logs_in_for_each_session() {
    let demo = demo().await;
    let engine = engine(&entry(demo.url(), "carol", "glance"));
    for number in 1..=2 {
        open(&engine, Target::default()).await.unwrap();
        assert_eq!(demo.logins(), number);
    }
}

/// Two entries of one user at one Keystone, and one with two regions.
fn many_codes(cloud: &Cloud) {
    let web = coded(cloud.demo.url()).replace("one:", "two:").replace("image-factory", "team-web");
    cloud.file("clouds.yaml", &(coded(cloud.demo.url()) + web.trim_start_matches("clouds:\n")));
}

#[test]
fn an_audit_of_many_places_needs_one_code() {
    let cloud = small();
    many_codes(&cloud);
    let code = codes::code_at(cloud.demo.world().now());
    let mut args = vec!["audit", "--all-clouds", "--all-regions", "--format", "json"];
    args.extend(["--otp", &code]);
    let ran = support::cloud::ran(cloud.command(&args).spawn().unwrap()).ended(0);
    assert_eq!(ran.json()["scopes"].as_array().unwrap().len(), 4, "{}", ran.err);
}

#[test]
fn an_audit_of_many_places_asks_for_one_code() {
    let cloud = small();
    many_codes(&cloud);
    let args = ["audit", "--all-clouds", "--all-regions"];
    let mut screen = Screen::run(BIN, &args, (140, 50), cloud.home.path());
    screen.until_text("One-time code for ");
    let code = codes::code_at(cloud.demo.world().now());
    screen.type_keys(&format!("{code}\r"));
    assert_eq!(screen.exit_code(), 0, "{}", screen.contents());
    assert_eq!(screen.contents().matches("One-time code").count(), 1, "{}", screen.contents());
}

fn code_cloud(cloud: &Cloud) {
    cloud.file("clouds.yaml", &format!("clouds:\n{}", cloud.demo.code_entry("code")));
}

fn small() -> Cloud {
    Cloud::start(Options::plain(4, 4))
}

#[test]
fn the_command_line_takes_a_code_and_tells_when_there_is_none() {
    let cloud = small();
    code_cloud(&cloud);

    let ran = cloud.run("code", &["audit"]).ended(1);
    assert!(ran.err.contains("one-time password (TOTP)"), "{}", ran.err);
    let code = codes::code_at(cloud.demo.world().now());
    let ran = cloud.run("code", &["audit", "--otp", &code, "--log-file", "log"]).ended(0);
    assert!(ran.err.contains("code · RegionOne"), "{}", ran.err);
    let check = cloud.run("code", &["clouds", "--check"]).ended(1);
    assert!(check.err.contains("--otp CODE"), "{}", check.err);
    let code = codes::code_at(cloud.demo.world().now());
    cloud.run("code", &["clouds", "--check", "--otp", &code]).ended(0);
    let log = std::fs::read_to_string(cloud.home.path().join("log")).unwrap();
    assert!(!log.contains(&code) && !ran.err.contains(&code), "{log}");
}

#[test]
fn on_a_terminal_a_code_is_asked_for_and_does_not_show() {
    for command in ["audit", "revoke"] {
        let cloud = small();
        code_cloud(&cloud);
        let share = cloud.truth().first().unwrap().clone();
        let (image, member) = (share.image.to_string(), share.member.id.to_string());
        let mut args = vec!["--cloud", "code", command, "--image", &image, "--project", &member];
        if command == "revoke" {
            args.push("--dry-run");
        }
        let mut screen = Screen::run(BIN, &args, (140, 40), cloud.home.path());
        screen.until_text("One-time code for code:");
        screen.type_keys("000\r");
        screen.until_text("the one-time password was refused");
        let code = codes::code_at(cloud.demo.world().now());
        screen.type_keys(&format!("{code}\r"));
        assert_eq!(screen.exit_code(), 0, "{}", screen.contents());
        assert!(!screen.contents().contains(&code), "{}", screen.contents());
    }
}

// ── no login ─────────────────────────────────────────────────────────────────────────────────────────

/// A Glance without Keystone: one image of project `p` with a member, one of project `q`.
async fn glance(authorization: Option<&'static str>) -> Server {
    let image = |id: &str, owner: &str| {
        format!(
            r#"{{"id":"{id}","name":"{id}","owner":"{owner}","visibility":"shared","status":"active"}}"#
        )
    };
    Server::start(move |request| {
        if request.header("authorization") != authorization
            || request.header("x-auth-token").is_some()
        {
            return test_server::json(401, "");
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let body = match path {
            "/v2/images" if query.contains("os_hidden") => r#"{"images":[]}"#.to_owned(),
            "/v2/images" if query.contains("owner=p") => {
                format!(r#"{{"images":[{}]}}"#, image("a", "p"))
            }
            "/v2/images" => format!(r#"{{"images":[{},{}]}}"#, image("a", "p"), image("b", "q")),
            path if path.ends_with("/members") => {
                r#"{"members":[{"member_id":"m","status":"accepted"}]}"#.to_owned()
            }
            _ => return test_server::json(404, ""),
        };
        test_server::json(200, &body)
    })
    .await
}

/// What an audit with this `auth` says, by the built program.
async fn audit(auth: String) -> (Option<i32>, Value, String) {
    tokio::task::spawn_blocking(move || {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("clouds.yaml"), format!("clouds: {{one: {{{auth}}}}}"))
            .unwrap();
        let mut command = std::process::Command::new(BIN);
        command.args(["audit", "--format", "json"]).env_clear().current_dir(home.path());
        let ran = command.envs(support::surroundings(home.path())).output().unwrap();
        let stderr = String::from_utf8(ran.stderr).unwrap();
        (ran.status.code(), serde_json::from_slice(&ran.stdout).unwrap(), stderr)
    })
    .await
    .unwrap()
}

fn images(audit: &Value) -> String {
    let images = audit["scopes"][0]["images"].as_array().unwrap();
    let of = |image: &Value| {
        format!("{}@{} ", image["id"].as_str().unwrap(), image["owner"].as_str().unwrap())
    };
    images.iter().map(of).collect()
}

#[tokio::test]
async fn without_a_login_every_image_is_ones_own_unless_the_project_is_named() {
    let glance = glance(None).await;
    let url = &glance.url;
    let (status, all, stderr) =
        audit(format!("auth_type: none, auth: {{endpoint: '{url}'}}")).await;
    assert_eq!((status, images(&all).as_str()), (Some(0), "a@p b@q "), "{stderr}");
    let named =
        format!("auth_type: none, image_endpoint_override: '{url}/v2', auth: {{project_id: p}}");
    let (status, own, _) = audit(named).await;
    assert_eq!((status, images(&own).as_str()), (Some(0), "a@p "));
}

#[tokio::test]
async fn http_basic_goes_with_every_request_and_a_refusal_shows_no_secret() {
    // `u:MARKER`
    let glance = glance(Some("Basic dTpNQVJLRVI=")).await;
    let url = &glance.url;
    let auth = |password: &str| {
        format!(
            "auth_type: http_basic, auth: {{endpoint: '{url}', username: u, password: {password}}}"
        )
    };
    let (status, found, _) = audit(auth("MARKER")).await;
    assert_eq!((status, images(&found).as_str()), (Some(0), "a@p b@q "));
    let (status, found, stderr) = audit(auth("HUNTER2")).await;
    assert_eq!(status, Some(1), "{stderr}");
    assert!(stderr.contains("the service refused the user name or the password"), "{stderr}");
    assert!(!format!("{found}{stderr}").contains("HUNTER2"));
}

// ── names ────────────────────────────────────────────────────────────────────────────────────────────

/// A cloud where `carol` sees `team-web`, which images are shared with, without any alias.
fn named() -> Cloud {
    let cloud = Cloud::start(Options::plain(8, 4));
    let yaml = entry(cloud.demo.url(), "carol", "glance");
    cloud.file("clouds.yaml", &yaml.replace("api: glance", "api: glance, region_name: RegionOne"));
    cloud
}

fn members_named(audit: &Value, name: &str) -> usize {
    let images = audit["scopes"][0]["images"].as_array().unwrap();
    let members = images.iter().flat_map(|image| image["members"].as_array().unwrap());
    members.filter(|member| member["name"] == name).count()
}

#[test]
fn names_of_projects_come_from_keystone_and_then_from_memory() {
    let cloud = named();
    let web = cloud.demo.world().project("team-web").unwrap();
    let shares = cloud.truth().iter().filter(|share| share.member.id == web.0).count();
    assert!(shares > 0);

    let found = cloud.run("one", &["audit", "--format", "json", "--no-journal"]).ended(0).json();
    assert_eq!(members_named(&found, "team-web"), shares);
    let told = cloud.run("one", &["audit", "--project", "team-web", "--format", "json"]).ended(0);
    assert_eq!(members_named(&told.json(), "team-web"), shares);
    let table = cloud.run("one", &["audit", "--project", "team-web"]).ended(0);
    assert!(table.out.contains("=team-web"), "{}", table.out);
    assert!(table.out.contains("= the cloud's name"), "{}", table.out);

    let forbidden = serde_json::json!({"error": {"code": 403, "message": "no"}});
    for path in ["/v3/projects", "/v3/auth/projects"] {
        cloud.demo.faults().add(Fault::always(Route::get(path), Action::json(403, &forbidden)));
    }
    let table = cloud.run("one", &["audit", "--project", "team-web"]).ended(0);
    assert!(table.out.contains("~team-web"), "{}", table.out);
    let found = cloud.run("one", &["audit", "--format", "json", "--no-journal"]).ended(0).json();
    assert_eq!(members_named(&found, "team-web"), 0, "nothing was remembered");
}

#[test]
fn an_audit_does_not_wait_long_for_names() {
    let cloud = named();
    for path in ["/v3/projects", "/v3/auth/projects"] {
        let slow = Action::Delay(Duration::from_mins(1));
        cloud.demo.faults().add(Fault::always(Route::get(path), slow));
    }
    let begun = std::time::Instant::now();
    cloud.run("one", &["audit"]).ended(0);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_name_that_is_known_comes_with_its_source() {
    let demo = demo().await;
    let engine = engine(&entry(demo.url(), "admin", "glance").replace("image-factory", "admin"));
    let session = open(&engine, Target::default()).await.unwrap();
    let mut all = Vec::new();
    let mut names = session.names();
    while let Some(event) = names.next().await {
        if let NamesEvent::Names(names) = event {
            all.extend(names);
        }
    }
    assert!(
        all.iter().any(|name| name.name.raw() == "team-web" && name.source == Source::Keystone)
    );
    assert!(all.len() > 4, "an administrator sees all projects: {all:?}");
}

// ── a login service in trouble ───────────────────────────────────────────────────────────────────

#[test]
fn a_login_service_that_asks_to_wait_is_asked_again_and_one_that_refuses_is_not() {
    let cloud = small();
    let logins = || cloud.demo.requests().iter().filter(|r| r.path == "/v3/auth/tokens").count();
    cloud.demo.faults().add(Fault::once(Route::login(), Action::retry_after(429, 1)));
    cloud.run("demo-ims", &["audit"]).ended(0);
    assert_eq!(logins(), 2);

    cloud.demo.forget_requests();
    let busy = Action::retry_after(429, 3600);
    cloud.demo.faults().add(Fault::once(Route::login(), busy));
    let ran = cloud.run("demo-ims", &["audit"]).ended(1);
    assert!(ran.err.contains("429"), "{}", ran.err);
    cloud.demo.faults().add(Fault::once(Route::login(), Action::json(401, &serde_json::json!({}))));
    cloud.run("demo-ims", &["audit"]).ended(1);
    assert_eq!(logins(), 2, "one try each");
}
