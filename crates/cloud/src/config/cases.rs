//! What openstacksdk 4.22.0 was seen to make of 34 sets of files and variables, and what is made of them here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;
use crate::auth::{Account, AccountSecret, Credentials, Login, Method, NameOrId, Qualified};
use domain::CloudKind;

mod agreement;

const ONE: &str = r#"
clouds:
  one:
    auth: {auth_url: "http://a/v3", username: u, password: p, project_name: pr, user_domain_name: D, project_domain_name: D}
    region_name: R1
"#;

impl Clouds {
    fn entry_with_remarks(
        &self,
        name: &str,
        region: Option<&str>,
    ) -> Result<(CloudEntry, Vec<Complaint>), ConfigError> {
        let (entry, remarks) = self.entry_given(name, region, None);
        Ok((entry?, remarks))
    }
}

/// A folder with files in it, and variables.
struct World {
    dir: tempfile::TempDir,
    env: Environment,
}

impl World {
    fn new(files: &[(&str, &str)], vars: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for (name, text) in files {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let at_root = |value: &str| value.replace("$D", &root.to_string_lossy());
        let env = Environment {
            vars: vars.iter().map(|(name, value)| ((*name).into(), at_root(value))).collect(),
            cwd: root.into(),
            home: root.join("home"),
            site: vec![root.join("etc")],
        };
        Self { dir, env }
    }

    fn clouds(&self) -> Clouds {
        Clouds::load(&self.env).unwrap()
    }

    fn entry(&self) -> CloudEntry {
        let clouds = self.clouds();
        clouds.entry(clouds.default_name().unwrap(), None).unwrap()
    }

    fn error(&self) -> String {
        let error = match Clouds::load(&self.env) {
            Ok(clouds) => {
                let name = clouds.default_name().or(clouds.names().next()).unwrap().to_owned();
                clouds.entry(&name, None).unwrap_err()
            }
            Err(error) => error,
        };
        error.to_string().replace(&*self.dir.path().to_string_lossy(), "$D")
    }

    fn warnings(&self) -> Vec<String> {
        let root = self.dir.path().to_string_lossy().into_owned();
        self.clouds().warnings().iter().map(|w| w.to_string().replace(&root, "$D")).collect()
    }

    fn files(&self) -> Vec<String> {
        let root = self.dir.path().to_path_buf();
        let clouds = self.clouds();
        clouds.files().map(|f| f.strip_prefix(&root).unwrap().display().to_string()).collect()
    }
}

fn of_file(text: &str) -> World {
    World::new(&[("clouds.yaml", text)], &[])
}

fn one(from: &str, to: &str) -> World {
    assert!(ONE.contains(from));
    of_file(&ONE.replace(from, to))
}

fn one_and(lines: &str) -> World {
    of_file(&format!("{ONE}{lines}"))
}

fn shown(who: &NameOrId) -> String {
    match (&who.id, &who.name) {
        (Some(id), _) => format!("#{id}"),
        (None, Some(name)) => name.clone(),
        (None, None) => "-".into(),
    }
}

fn qualified(who: &Qualified) -> String {
    format!("{}@{}", shown(&who.own), shown(&who.domain))
}

/// Everything of a login in one line.
fn login(entry: &CloudEntry) -> String {
    match &entry.login {
        Login::Keystone { auth_url, credentials: Credentials { method, project } } => {
            match method {
                Method::Password { user, password, .. } => format!(
                    "{auth_url} {} {} {}",
                    qualified(user),
                    password.expose_secret(),
                    qualified(project)
                ),
                Method::Token(token) => {
                    format!("{auth_url} token {} {}", token.expose_secret(), qualified(project))
                }
                Method::ApplicationCredential { credential, user, secret } => {
                    let of = format!(" of {}", qualified(project));
                    let of = if project.own.is_empty() { "" } else { &of };
                    format!(
                        "{auth_url} credential {} {} {}{of}",
                        shown(credential),
                        qualified(user),
                        secret.expose_secret()
                    )
                }
                Method::Totp { .. } | Method::Session(_) => format!("{:?}", entry.login),
            }
        }
        Login::Static { .. } => format!("{:?}", entry.login),
        Login::IdentityV2 { auth_url, account: Account { username, secret, number } } => {
            let (what, secret) = match secret {
                AccountSecret::ApiKey(key) => ("API key", key),
                AccountSecret::Password(password) => ("password", password),
            };
            let number = number.as_deref().unwrap_or("-");
            format!("{auth_url} v2 {username} {what} {} {number}", secret.expose_secret())
        }
        Login::AccessKey { auth_url, key, project } => format!(
            "{} key {} {} {} {}",
            auth_url.as_deref().unwrap_or("-"),
            key.access,
            key.secret.expose_secret(),
            key.security_token.as_ref().map_or("-", |token| token.expose_secret()),
            shown(project)
        ),
    }
}

/// The method of a login at Keystone.
fn method(entry: CloudEntry) -> Method {
    let Login::Keystone { credentials, .. } = entry.login else { panic!("{:?}", entry.login) };
    credentials.method
}

const OF_ONE: &str = "http://a/v3 u@D p pr@D";

#[test]
fn the_only_cloud_of_the_current_folder_is_the_default() {
    let world = of_file(ONE);
    let entry = world.entry();

    assert_eq!((entry.name.as_str(), entry.region.as_deref()), ("one", Some("R1")));
    assert_eq!(login(&entry), OF_ONE);
    assert_eq!(entry.interfaces, ["public"]);
    assert_eq!((entry.tls, entry.timeout), (Tls::default(), None));
    assert_eq!((&*entry.service_type, entry.service_name, entry.endpoint), ("image", None, None));
    assert_eq!(world.files(), ["clouds.yaml"]);
}

#[test]
fn every_suffix_and_every_folder_is_found() {
    for file in [
        "clouds.yml",
        "clouds.json",
        "home/.config/openstack/clouds.yaml",
        "home/.config/openstack/clouds.yml",
        "etc/clouds.yaml",
    ] {
        let json = r#"{"clouds": {"one": {"auth": {"auth_url": "http://a/v3", "username": "u", "password": "p",
            "project_name": "pr", "user_domain_name": "D", "project_domain_name": "D"}}}}"#;
        let text = if file.ends_with("json") { json } else { ONE };
        let world = World::new(&[(file, text)], &[]);
        assert_eq!(login(&world.entry()), OF_ONE, "{file}");
        assert_eq!(world.files(), [file]);
    }
}

#[test]
fn xdg_config_home_replaces_the_folder_in_home_but_that_one_is_searched_too() {
    let vars = [("XDG_CONFIG_HOME", "$D/xdg")];
    let both = World::new(
        &[
            ("xdg/openstack/clouds.yaml", &ONE.replace("one", "x")),
            ("home/.config/openstack/clouds.yaml", ONE),
        ],
        &vars,
    );
    assert_eq!(both.entry().name, "x");
    assert_eq!(
        World::new(&[("home/.config/openstack/clouds.yaml", ONE)], &vars).entry().name,
        "one"
    );
}

#[test]
fn the_current_folder_wins_and_files_are_not_merged() {
    let world = World::new(
        &[("clouds.yaml", ONE), ("home/.config/openstack/clouds.yaml", &ONE.replace("one", "two"))],
        &[],
    );
    assert_eq!(world.clouds().names().collect::<Vec<_>>(), ["one"]);
}

#[test]
fn a_config_file_variable_goes_first() {
    let world = World::new(
        &[("clouds.yaml", ONE), ("x/my.yaml", &ONE.replace("one", "two"))],
        &[("OS_CLIENT_CONFIG_FILE", "x/my.yaml")],
    );
    assert_eq!(world.entry().name, "two");
}

#[test]
fn a_config_file_variable_that_names_nothing_falls_through_and_is_told() {
    let world = World::new(&[("clouds.yaml", ONE)], &[("OS_CLIENT_CONFIG_FILE", "$D/nope.yaml")]);

    assert_eq!(login(&world.entry()), OF_ONE);
    assert_eq!(
        world.warnings(),
        ["OS_CLIENT_CONFIG_FILE names $D/nope.yaml, which does not exist; \
          correct or unset it; the usual places were searched instead"]
    );
}

#[test]
fn secure_yaml_beside_a_named_file_is_not_read_and_the_remedy_says_so() {
    let files = [("x/clouds.yaml", &*ONE.replace(" password: p,", "")), ("x/secure.yaml", SECURE)];
    let named = ("OS_CLIENT_CONFIG_FILE", "$D/x/clouds.yaml");

    assert_eq!(
        World::new(&files, &[named]).error(),
        "cloud `one` in $D/x/clouds.yaml has no `auth.password`; set OS_CLIENT_SECURE_FILE to \
         $D/x/secure.yaml, which is not read while only OS_CLIENT_CONFIG_FILE is set; else set OS_PASSWORD, or set \
         `password_command` in config.toml"
    );
    let both = World::new(&files, &[named, ("OS_CLIENT_SECURE_FILE", "$D/x/secure.yaml")]);
    assert_eq!(login(&both.entry()), "http://a/v3 u@D s pr@D");
}

#[test]
fn a_secure_yaml_that_is_encrypted_or_broken_is_not_blamed_on_a_variable() {
    let clouds = ONE.replace(" password: p,", "");
    for (secure, words) in [
        ("$ANSIBLE_VAULT;1.1;AES256\n6638\n3962\n", "$D/secure.yaml is encrypted (Ansible Vault)"),
        (
            "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
            "$D/secure.yaml is encrypted, so",
        ),
        (
            "{\"data\": \"ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\", \"sops\": {\"version\": \"3\"}}",
            "$D/secure.yaml is encrypted (SOPS)",
        ),
        ("clouds: [", "is not valid YAML"),
    ] {
        let world = World::new(&[("clouds.yaml", &clouds), ("secure.yaml", secure)], &[]);
        assert!(world.warnings().join("").contains(words), "{:?}", world.warnings());
        let error = world.error();
        assert!(error.contains("set OS_PASSWORD") && !error.contains("OS_CLIENT"), "{error}");
    }
}

#[test]
fn an_error_names_the_variable_that_caused_it() {
    let error = |name: &str, value: &str| {
        World::new(&[("clouds.yaml", ONE)], &[("OS_CLOUD", "one"), (name, value)]).error()
    };
    for (name, value) in [
        ("OS_SYSTEM_SCOPE", "all"),
        ("OS_TRUST_ID", "t"),
        ("OS_AUTH_TYPE", "v3websso"),
        ("OS_AUTH_TYPE", "hunter2"),
    ] {
        let said = error(name, value);
        assert!(said.contains(name) && !said.contains("hunter2"), "{said}");
    }
}

const SECURE: &str = "clouds: {one: {auth: {password: s}}}\n";

#[test]
fn secure_yaml_is_merged_over_from_any_folder() {
    for secure in ["secure.yaml", "home/.config/openstack/secure.yml", "etc/secure.json"] {
        let world = World::new(&[("clouds.yaml", ONE), (secure, SECURE)], &[]);
        assert_eq!(login(&world.entry()), "http://a/v3 u@D s pr@D");
        assert_eq!(world.files(), ["clouds.yaml", secure]);
    }
}

#[test]
fn of_two_clouds_none_is_the_default() {
    let two = format!("{ONE}{}", ONE.replace("clouds:", "").replace("one", "two"));
    assert_eq!(of_file(&two).clouds().default_name(), None);
    let chosen = World::new(&[("clouds.yaml", &two)], &[("OS_CLOUD", "two")]);
    assert_eq!(chosen.entry().name, "two");
}

#[test]
fn a_cloud_that_does_not_exist_is_told_with_those_that_do() {
    let world = World::new(&[("clouds.yaml", ONE)], &[("OS_CLOUD", "onee")]);
    assert_eq!(
        world.error(),
        "there is no cloud `onee` (named by OS_CLOUD) in $D/clouds.yaml (did you mean `one`?); choose one of one"
    );
    assert!(matches!(world.clouds().entry("zz", None), Err(ConfigError::Unknown(_))));
}

#[test]
fn a_stray_variable_makes_no_cloud() {
    let world = World::new(&[("clouds.yaml", ONE)], &[("OS_IDENTITY_API_VERSION", "3")]);
    assert_eq!(world.clouds().names().collect::<Vec<_>>(), ["one"]);
    assert_eq!(world.entry().name, "one");
}

/// The login of cloud `one` with these variables, or why there is none.
fn beside(named: &str, vars: &[(&str, &str)]) -> Result<String, String> {
    let world = World::new(&[("clouds.yaml", NAMED)], vars);
    let clouds = world.clouds().with_named(Some(named.to_owned()));
    let entry = clouds.entry(named, None);
    entry.map(|entry| login(&entry)).map_err(|error| error.to_string())
}

const NAMED: &str = r#"
clouds:
  one:
    auth: {auth_url: "http://a/v3", username: u, password: p, project_name: pr, user_domain_name: D, project_domain_name: D}
    region_name: R1
  ids:
    auth: {auth_url: "http://a/v3", user_id: ui, password: p, project_id: pi}
  top:
    auth: {auth_url: "http://a/v3", username: u, password: p}
    user_domain_name: D
    tenant_id: ti
  nowhere:
    auth: {username: u, password: p, project_id: pi}
  fixed:
    auth_type: http_basic
    auth: {endpoint: "http://img", username: u, password: p}
"#;

#[test]
fn a_named_cloud_takes_the_variables_that_the_openstack_command_takes() {
    // Each was sent to a recorder by python-openstackclient 10.5.0 with OS_CLOUD.
    for (cloud, name, value, expected) in [
        ("one", "OS_PROJECT_NAME", "ep", "http://a/v3 u@D p ep@D"),
        ("one", "OS_PROJECT_ID", "ei", "http://a/v3 u@D p #ei@D"),
        ("one", "OS_TENANT_NAME", "et", "http://a/v3 u@D p et@D"),
        ("one", "OS_TENANT_ID", "eti", "http://a/v3 u@D p #eti@D"),
        ("one", "OS_PROJECT_NAME", "", OF_ONE),
        ("one", "OS_USERNAME", "eu", "http://a/v3 eu@D p pr@D"),
        ("one", "OS_USER_ID", "eui", "http://a/v3 #eui@D p pr@D"),
        ("one", "OS_PASSWORD", "ep", "http://a/v3 u@D ep pr@D"),
        ("one", "OS_USER_DOMAIN_NAME", "E", "http://a/v3 u@E p pr@D"),
        ("one", "OS_USER_DOMAIN_ID", "e", "http://a/v3 u@#e p pr@D"),
        ("one", "OS_PROJECT_DOMAIN_NAME", "E", "http://a/v3 u@D p pr@E"),
        ("one", "OS_DOMAIN_NAME", "E", OF_ONE),
        ("one", "OS_DOMAIN_ID", "e", "http://a/v3 u@#e p pr@#e"),
        ("one", "OS_AUTH_URL", "http://A/", OF_ONE),
        ("one", "OS_TOKEN", "t", OF_ONE),
        ("one", "OS_ENDPOINT_TYPE", "internalURL", OF_ONE),
        ("ids", "OS_PROJECT_NAME", "ep", "http://a/v3 #ui@- p #pi@-"),
        ("ids", "OS_USERNAME", "eu", "http://a/v3 #ui@- p #pi@-"),
        ("top", "OS_PROJECT_ID", "ei", "http://a/v3 u@D p #ei@-"),
        ("top", "OS_USER_DOMAIN_NAME", "E", "http://a/v3 u@E p #ti@-"),
        ("nowhere", "OS_AUTH_URL", "http://b/v3", "http://b/v3 u@#default p #pi@-"),
    ] {
        assert_eq!(beside(cloud, &[(name, value)]).as_deref(), Ok(expected), "{name} on {cloud}");
    }
    let both = [("OS_PROJECT_NAME", "a"), ("OS_TENANT_NAME", "b")];
    assert_eq!(beside("one", &both).as_deref(), Ok("http://a/v3 u@D p a@D"));
    let token = [("OS_AUTH_TYPE", "token"), ("OS_TOKEN", "t")];
    assert_eq!(beside("one", &token).as_deref(), Ok("http://a/v3 token t pr@D"));
}

#[test]
fn os_cloud_and_the_only_cloud_take_the_variables_like_a_cloud_of_the_command_line() {
    for os_cloud in ["one", ""] {
        let vars = [
            ("OS_CLOUD", os_cloud),
            ("OS_PROJECT_NAME", "ep"),
            ("OS_CACERT", "/ca.pem"),
            ("OS_CERT", "/c.pem"),
            ("OS_KEY", "/k.pem"),
            ("OS_INTERFACE", "internal"),
        ];
        let entry = World::new(&[("clouds.yaml", ONE)], &vars).entry();
        assert_eq!(login(&entry), "http://a/v3 u@D p ep@D");
        assert_eq!(entry.interfaces, ["internal"]);
        let Tls { ca, cert, key, .. } = entry.tls;
        let paths =
            [ca.map(|ca| ca.path), cert, key].map(|path| path.unwrap().display().to_string());
        assert_eq!(paths, ["/ca.pem", "/c.pem", "/k.pem"]);
    }
    let vars = [("OS_CLOUD", "one"), ("OS_CACERT", "/ca.pem"), ("OS_PASSWORD", "s")];
    let about = &World::new(&[("clouds.yaml", ONE)], &vars).clouds().choices()[0].about;
    assert_eq!(about, "password · a · with OS_PASSWORD, OS_CACERT");
}

#[test]
fn a_region_of_the_variables_is_one_of_the_clouds_and_gives_way_to_the_command_line() {
    let regions = ONE.replace("region_name: R1", "regions: [R1, R2]");
    let vars = |region| [("OS_CLOUD", "one"), ("OS_REGION_NAME", region)];
    let clouds = World::new(&[("clouds.yaml", &regions)], &vars("R2")).clouds();
    let region = |asked| clouds.entry("one", asked).unwrap().region.unwrap();
    assert_eq!((&*region(None), &*region(Some("R1"))), ("R2", "R1"));

    let unknown = World::new(&[("clouds.yaml", &regions)], &vars("R9")).error();
    assert!(
        unknown.contains("region `R9` (OS_REGION_NAME) is not one of cloud `one`"),
        "{unknown}"
    );
}

#[test]
fn variables_for_a_login_elsewhere_are_never_mixed_into_a_cloud() {
    let elsewhere = beside(
        "one",
        &[("OS_AUTH_URL", "https://u:MARKER@b:5000/v3?x"), ("OS_PASSWORD", "MARKER")],
    );
    let error = elsewhere.unwrap_err();
    assert!(
        error.contains(
            "logs in at http://a/v3, but OS_AUTH_URL is https://b:5000/v3, where the `openstack` \
             command would log in; unset OS_AUTH_URL"
        ),
        "{error}"
    );
    assert!(!error.contains("MARKER"), "{error}");
    let error = beside("fixed", &[("OS_AUTH_URL", "http://a"), ("OS_PASSWORD", "e")]).unwrap_err();
    assert!(error.contains("has no login service, but OS_AUTH_URL is http://a/"), "{error}");
    let error = beside("one", &[("OS_SERVICE_PROVIDER", "sp")]).unwrap_err();
    assert!(error.contains("OS_SERVICE_PROVIDER"), "{error}");
    // The cloud of the variables itself, and a cloud that was not named, are as before.
    let world = World::new(&[("clouds.yaml", NAMED)], &VARIABLES);
    assert_eq!(login(&world.entry()), "http://e/v3 u@D p pr@#d");
    let (entry, remarks) = world.clouds().entry_with_remarks("one", None).unwrap();
    assert_eq!((login(&entry).as_str(), remarks.len()), (OF_ONE, 0));
}

#[test]
fn variables_without_effect_on_a_cloud_are_reported() {
    let remarks = |named: &str, cloud: &str, name: &str, value: &str| {
        let world = World::new(&[("clouds.yaml", NAMED)], &[(name, value)]);
        let clouds = world.clouds().with_named(Some(named.to_owned()));
        let (_, remarks) = clouds.entry_with_remarks(cloud, None).unwrap();
        remarks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    for (named, cloud, name, value, expected) in [
        (
            "ids",
            "ids",
            "OS_PROJECT_NAME",
            "x",
            "cloud `ids` has `project_id`, and an ID goes before a name; set OS_PROJECT_ID",
        ),
        (
            "top",
            "top",
            "OS_TENANT_NAME",
            "x",
            "OS_TENANT_NAME has no effect: cloud `top` has `tenant_id`",
        ),
        ("ids", "ids", "OS_USERNAME", "x", "cloud `ids` has `user_id`"),
        ("one", "one", "OS_TOKEN", "x", "logs in with auth_type `password`; set OS_AUTH_TYPE"),
        (
            "one",
            "one",
            "OS_APPLICATION_CREDENTIAL_ID",
            "x",
            "OS_APPLICATION_CREDENTIAL_ID has no effect",
        ),
        (
            "one",
            "one",
            "OS_IDENTITY_API_VERSION",
            "2.0",
            "OS_IDENTITY_API_VERSION=2.0 has no effect",
        ),
        ("one", "one", "OS_INSECURE", "true", "does not apply OS_INSECURE to a named cloud"),
        (
            "one",
            "ids",
            "OS_PROJECT_NAME",
            "x",
            "OS_PROJECT_NAME has no effect on cloud `ids`; OS_* variables apply to the cloud",
        ),
    ] {
        let told = remarks(named, cloud, name, value);
        assert!(told.contains(expected), "{name}: {told}");
    }
    assert_eq!(remarks("one", "one", "OS_PROJECT_NAME", "x"), "");
    assert_eq!(remarks("one", "one", "OS_IDENTITY_API_VERSION", "3"), "");
    assert_eq!(remarks("one", "ids", "OS_LOG_FILE", "x"), "");
}

const VARIABLES: [(&str, &str); 6] = [
    ("OS_AUTH_URL", "http://e/v3"),
    ("OS_USERNAME", "u"),
    ("OS_PASSWORD", "p"),
    ("OS_PROJECT_NAME", "pr"),
    ("OS_USER_DOMAIN_NAME", "D"),
    ("OS_PROJECT_DOMAIN_ID", "d"),
];

fn variables(more: &[(&str, &str)]) -> World {
    World::new(&[], &[&VARIABLES, more].concat())
}

#[test]
fn variables_alone_make_a_cloud() {
    let more = [
        ("OS_REGION_NAME", "R"),
        ("OS_INTERFACE", "internal"),
        ("OS_CACERT", "/ca.pem"),
        ("OS_LOG", "x"),
    ];
    let entry = variables(&more).entry();

    assert_eq!((entry.name.as_str(), entry.region.as_deref()), ("envvars", Some("R")));
    assert_eq!(login(&entry), "http://e/v3 u@D p pr@#d");
    assert_eq!(entry.interfaces, ["internal"]);
    assert_eq!(entry.tls.ca, Some(ca("/ca.pem", "cacert")));
}

#[test]
fn variables_win_over_the_only_cloud_of_a_file_and_os_cloud_name_renames_them() {
    let more = [&VARIABLES[..], &[("OS_CLOUD_NAME", "mine")]].concat();
    let world = World::new(&[("clouds.yaml", ONE)], &more);
    assert_eq!(world.clouds().names().collect::<Vec<_>>(), ["one", "mine"]);
    assert_eq!(world.entry().name, "mine");

    let more = [&VARIABLES[..], &[("OS_CLOUD_NAME", "one")]].concat();
    assert!(World::new(&[("clouds.yaml", ONE)], &more).error().contains("OS_CLOUD_NAME"));
}

#[test]
fn old_names_of_variables_still_work() {
    let vars = [
        ("OS_AUTH_URL", "http://e/v3"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "p"),
        ("OS_TENANT_NAME", "pr"),
        ("OS_USER_DOMAIN_NAME", "D"),
        ("OS_ENDPOINT_TYPE", "internalURL"),
    ];
    let entry = World::new(&[], &vars).entry();
    assert_eq!(login(&entry), "http://e/v3 u@D p pr@#default");
    assert_eq!(entry.interfaces, ["internal"]);
}

#[test]
fn certificates_are_checked_unless_a_variable_says_otherwise() {
    assert!(variables(&[("OS_INSECURE", "true")]).entry().tls.insecure);
    assert!(variables(&[("OS_VERIFY", "False")]).entry().tls.insecure);
    assert!(!variables(&[("OS_INSECURE", "")]).entry().tls.insecure);
    assert!(!variables(&[("OS_INSECURE", "maybe")]).entry().tls.insecure);
}

#[test]
fn a_missing_variable_is_called_by_its_name() {
    let vars = [("OS_AUTH_URL", "http://e/v3"), ("OS_USERNAME", "u"), ("OS_PROJECT_NAME", "p")];
    assert_eq!(
        World::new(&[], &vars).error(),
        "the cloud of the OS_* variables has no OS_PASSWORD; set it, name a cloud of clouds.yaml with OS_CLOUD, or set \
         `password_command` in config.toml"
    );
}

#[test]
fn a_regions_values_apply_in_that_region() {
    let world = one(
        "region_name: R1",
        "regions: [R1, {name: R2, values: {interface: internal, api_timeout: 5, auth: {project_name: other}}}]",
    );
    let clouds = world.clouds();

    assert_eq!(clouds.regions("one").unwrap(), ["R1", "R2"]);
    assert_eq!(clouds.entry("one", None).unwrap().region.as_deref(), Some("R1"));
    let second = clouds.entry("one", Some("R2")).unwrap();
    assert_eq!(second.region.as_deref(), Some("R2"));
    assert_eq!(second.interfaces, ["internal"]);
    assert_eq!(second.timeout, Some(Duration::from_secs(5)));
    assert_eq!(login(&second), "http://a/v3 u@D p other@D");
    let error = clouds.entry("one", Some("r2")).unwrap_err();
    assert!(matches!(error, ConfigError::Unknown(_)));
    assert!(
        error.to_string().ends_with("(did you mean `R2`? case counts); choose one of R1, R2"),
        "{error}"
    );
}

#[test]
fn a_comma_separates_regions_as_it_used_to() {
    let clouds = one("region_name: R1", "region_name: R1,R2").clouds();
    assert_eq!(clouds.regions("one").unwrap(), ["R1", "R2"]);
}

#[test]
fn without_a_region_any_name_is_taken() {
    let clouds = one("    region_name: R1\n", "").clouds();
    assert_eq!(clouds.entry("one", None).unwrap().region, None);
    assert_eq!(clouds.entry("one", Some("X")).unwrap().region.as_deref(), Some("X"));
}

#[test]
fn a_profile_of_clouds_public_lies_below_the_cloud() {
    let world = World::new(
        &[
            (
                "clouds.yaml",
                "clouds: {one: {profile: pub, auth: {username: u, password: p, project-id: i}}}\n",
            ),
            (
                "clouds-public.yaml",
                "public-clouds: {pub: {auth: {auth_url: \"http://pub/v3\", username: x}, region_name: RP}}\n",
            ),
        ],
        &[],
    );
    let entry = world.entry();
    assert_eq!(login(&entry), "http://pub/v3 u@#default p #i@-");
    assert_eq!(entry.region.as_deref(), Some("RP"));
}

#[test]
fn otc_is_built_in_and_its_address_follows_the_region() {
    let clouds = of_file(
        "clouds: {t: {profile: otc, auth: {username: u, password: p, user_domain_name: OTC1, project_name: eu-nl_x}}}\n",
    )
    .clouds();
    assert_eq!(clouds.regions("t").unwrap(), ["eu-de", "eu-nl"]);
    let entry = clouds.entry("t", Some("eu-nl")).unwrap();
    assert_eq!(login(&entry), "https://iam.eu-nl.otc.t-systems.com/v3 u@OTC1 p eu-nl_x@OTC1");
    assert_eq!(entry.kind, Some(CloudKind::Ims));
    assert_eq!(clouds.choices()[0].about, "password · iam.eu-de.otc.t-systems.com");
}

#[test]
fn rackspace_has_its_regions_and_a_login_of_its_own() {
    let world = of_file("clouds: {one: {profile: rackspace, auth: {username: u, password: p}}}\n");
    assert_eq!(world.clouds().regions("one").unwrap(), ["DFW", "HKG", "IAD", "ORD", "SYD", "LON"]);
    let there = "https://identity.api.rackspacecloud.com/v2.0";
    assert_eq!(login(&world.entry()), format!("{there}/ v2 u password p -"));

    for (lines, expected) in [
        (
            "auth_type: rackspace_apikey, auth: {username: u, api_key: k}",
            "{there} v2 u API key k -",
        ),
        (
            "auth_type: rackspace_password, auth: {username: u, password: 007, project_id: 929418}",
            "{there} v2 u password 007 929418",
        ),
        (
            "profile: rackspace, auth: {username: u, api_key: k, tenant_name: 929418}",
            "{there}/ v2 u API key k 929418",
        ),
        (
            "auth_type: rackspace_apikey, auth: {auth_url: \"http://a/v2.0\", username: u, api_key: k}",
            "http://a/v2.0 v2 u API key k -",
        ),
        (
            "auth_type: v2password, auth: {auth_url: \"http://a/v2.0\", username: u, password: p, tenant_name: t}",
            "http://a/v2.0 v2 u password p t",
        ),
    ] {
        let world = of_file(&format!("clouds: {{one: {{{lines}}}}}\n"));
        assert_eq!(login(&world.entry()), expected.replace("{there}", there), "{lines}");
    }
}

#[test]
fn what_a_login_of_rackspace_lacks_is_named() {
    for (lines, missing) in [
        ("auth_type: rackspace_apikey, auth: {username: u}", "`auth.api_key`"),
        ("auth_type: rackspace_apikey, auth: {api_key: k}", "`auth.username`"),
        ("profile: rackspace, auth: {username: u}", "`auth.api_key`"),
        ("auth_type: v2password, auth: {username: u, password: p}", "`auth.auth_url`"),
    ] {
        let world = of_file(&format!("clouds: {{one: {{{lines}}}}}\n"));
        let error = world.error();
        assert!(error.contains(&format!("has no {missing}; add it ")), "{lines}: {error}");
    }
    let about = of_file("clouds: {one: {auth_type: rackspace_apikey}}\n").clouds().choices();
    assert_eq!(about[0].about, "rackspace_apikey · identity.api.rackspacecloud.com");
}

#[test]
fn one_domain_name_stands_for_both() {
    let world = one("user_domain_name: D, project_domain_name: D", "domain_name: X");
    assert_eq!(login(&world.entry()), "http://a/v3 u@X p pr@X");
}

#[test]
fn keys_of_auth_may_stand_at_the_top() {
    let world = of_file(
        "clouds: {one: {auth_url: \"http://a/v3\", username: u, password: p, project_name: x}}\n",
    );
    assert_eq!(login(&world.entry()), "http://a/v3 u@#default p x@#default");
}

#[test]
fn the_top_level_wins_for_the_scope_and_auth_wins_for_the_rest() {
    let world = one_and("    project_name: top\n    username: top\n    tenant_id: old\n");
    assert_eq!(login(&world.entry()), "http://a/v3 u@D p #old@D");
    let world = one_and("    tenant_name: older\n");
    assert_eq!(login(&world.entry()), OF_ONE);
}

fn ca(path: impl Into<PathBuf>, setting: &'static str) -> CaFile {
    CaFile { path: path.into(), setting }
}

#[test]
fn the_variables_of_requests_name_the_ca_where_the_entry_names_none() {
    let with = |yaml: &str, variables: &[(&str, &str)]| {
        let mut world = one_and(yaml);
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        world.env.vars.extend(variables);
        world.entry().tls
    };
    let (requests, curl) = (("REQUESTS_CA_BUNDLE", "/r.pem"), ("CURL_CA_BUNDLE", "/c.pem"));

    assert_eq!(with("", &[requests, curl]).ca, Some(ca("/r.pem", "REQUESTS_CA_BUNDLE")));
    assert_eq!(with("    verify: true\n", &[curl]).ca, Some(ca("/c.pem", "CURL_CA_BUNDLE")));
    assert_eq!(with("    cacert: /ca.pem\n", &[requests, curl]).ca, Some(ca("/ca.pem", "cacert")));
    assert_eq!(with("    verify: /v.pem\n", &[requests]).ca, Some(ca("/v.pem", "verify")));
    let off = with("    verify: false\n", &[requests]);
    assert!(off.insecure && off.ca.is_none());
    assert_eq!(with("", &[("REQUESTS_CA_BUNDLE", "")]).ca, None);
}

#[test]
fn a_certificate_or_key_in_place_of_its_path_is_an_error_that_does_not_repeat_it() {
    for key in ["cacert", "verify", "cert", "key"] {
        let text = format!("    {key}: |\n      -----BEGIN PRIVATE KEY-----\n      MARKER\n");
        let cert = if key == "key" { "    cert: /c.pem\n" } else { "" };
        let world = one_and(&format!("{text}{cert}"));
        let said = world.clouds().entry("one", None).unwrap_err().to_string();
        assert!(said.contains(&format!("set `{key}` to its path")), "{said}");
        assert!(!said.contains("MARKER"), "{said}");
    }
}

#[test]
fn certificates_and_keys_are_found_in_the_home_folder() {
    let world = one_and("    verify: false\n    cert: ~/c.pem\n    key: ~/k.pem\n");
    let home = &world.env.home;
    let tls = Tls {
        insecure: true,
        ca: None,
        cert: Some(home.join("c.pem")),
        key: Some(home.join("k.pem")),
    };
    assert_eq!(world.entry().tls, tls);

    let world = one_and("    cacert: ~/ca.pem\n");
    assert_eq!(
        world.entry().tls,
        Tls { ca: Some(ca(world.env.home.join("ca.pem"), "cacert")), ..Tls::default() }
    );

    let world = one_and("    cacert: ~/ca.pem\n    insecure: true\n");
    let (entry, remarks) = world.clouds().entry_with_remarks("one", None).unwrap();
    assert_eq!((entry.tls.insecure, entry.tls.ca), (true, None));
    assert_eq!(remarks.len(), 1);
}

#[test]
fn a_key_without_its_certificate_is_passed_over() {
    assert_eq!(one_and("    key: /k.pem\n").entry().tls, Tls::default());
}

#[test]
fn of_two_spellings_of_the_interface_the_later_layer_counts_for_images_and_the_old_one_for_all() {
    let region = "    image_endpoint_type: internalURL\n    regions: [{name: R1, values: {image_interface: admin}}]\n";
    assert_eq!(one_and(region).entry().interfaces, ["admin"]);
    let both = "    endpoint_type: internalURL\n    interface: admin\n";
    assert_eq!(one_and(both).entry().interfaces, ["internal"]);
}

#[test]
fn a_quoted_false_is_false_and_the_user_is_told() {
    let world = one_and("    verify: \"False\"\n");
    let (entry, remarks) = world.clouds().entry_with_remarks("one", None).unwrap();
    assert!(entry.tls.insecure);
    assert!(remarks[0].to_string().contains("write `verify: false` without quotes"), "{remarks:?}");

    let tls = one_and("    verify: /etc/ca.pem\n").entry().tls;
    assert_eq!(tls, Tls { ca: Some(ca("/etc/ca.pem", "verify")), ..Tls::default() });
    assert!(one_and("    verify: no\n").entry().tls.insecure);
}

#[test]
fn the_endpoint_of_images_follows_the_region_and_the_timeout_is_read() {
    let world = one_and(
        "    image_endpoint_override: \"http://img.{region_name}/v2\"\n    image_api_version: \"2\"\n    api_timeout: 7\n",
    );
    let entry = world.entry();
    assert_eq!(entry.endpoint.as_deref(), Some("http://img.R1/v2"));
    assert_eq!(entry.timeout, Some(Duration::from_secs(7)));
    let old = one_and("    image_endpoint: http://img\n    glance_timeout: 0.5\n").entry();
    assert_eq!(old.endpoint.as_deref(), Some("http://img"));
    assert_eq!(old.timeout, Some(Duration::from_millis(500)));
}

#[test]
fn what_is_said_of_images_wins_over_what_is_said_of_everything() {
    let entry = one_and(
        "    image-region-name: RI\n    interface: public\n    image_interface: [internal, public]\n    \
         image_service_type: img\n    image_service_name: glance2\n",
    )
    .entry();
    assert_eq!(entry.region.as_deref(), Some("RI"));
    assert_eq!(entry.interfaces, ["internal", "public"]);
    assert_eq!((&*entry.service_type, entry.service_name.as_deref()), ("img", Some("glance2")));
}

#[test]
fn logins_that_are_not_there_yet_say_so() {
    for auth_type in ["v3oidcpassword", "v3oauth1"] {
        let world = of_file(&format!("clouds: {{one: {{auth_type: {auth_type}}}}}\n"));
        assert_eq!(
            world.error(),
            format!(
                "cloud `one` in $D/clouds.yaml has `auth_type` `{auth_type}`, which is not supported \
                 yet; use `password`, `v3password`, `v3totp`, `v3multifactor`, `token`, `v3token`, \
                 `v3applicationcredential`, `aksk`, `rackspace_apikey`, `rackspace_password`, \
                 `v2password`, `http_basic`, `admin_token` or `none`"
            )
        );
    }
    let slip = one_and("    auth_type: v3pasword\n");
    assert!(slip.error().contains("unknown `auth_type` (did you mean `v3password`?)"));
}

#[test]
fn a_password_may_hold_braces_and_a_number_keeps_its_digits() {
    let world = one("password: p", "password: \"a{b}c\"");
    assert_eq!(login(&world.entry()), "http://a/v3 u@D a{b}c pr@D");
    for number in ["12345", "00123", "1e3", "0x10", "yes"] {
        let world = one("password: p", &format!("password: {number}"));
        assert_eq!(login(&world.entry()), format!("http://a/v3 u@D {number} pr@D"));
    }
    let world = one("project_name: pr", "project_id: 12345678901234567890123456789e12");
    assert!(login(&world.entry()).ends_with("#12345678901234567890123456789e12@D"));
}

#[test]
fn a_broken_file_is_skipped_with_a_warning() {
    let home = ("home/.config/openstack/clouds.yaml", ONE);
    let world = World::new(&[("clouds.yaml", "a: ["), home], &[]);
    assert_eq!(login(&world.entry()), OF_ONE);
    assert!(world.warnings()[0].starts_with("$D/clouds.yaml is not valid YAML at line 1"));

    let alone = of_file("a: [").error();
    assert!(
        alone.starts_with("no cloud is configured: $D/clouds.yaml is not valid YAML at line 1"),
        "{alone}"
    );
}

#[test]
fn a_file_without_clouds_is_no_cloud() {
    for text in ["x: 1\n", "", "# only a comment\n", "clouds:\n", "clouds: {}\n"] {
        let world =
            World::new(&[("clouds.yaml", text), ("home/.config/openstack/clouds.yaml", ONE)], &[]);
        assert_eq!(
            world.error(),
            "no cloud is configured: $D/clouds.yaml has no entry under `clouds:`; add one there, or try `sharelock --demo`",
            "{text:?}"
        );
    }
}

#[test]
fn without_any_file_the_places_that_were_searched_are_named() {
    assert_eq!(
        World::new(&[], &[("OS_USERNAME", "u")]).error(),
        "no cloud is configured: there is no clouds.yaml in $D, $D/home/.config/openstack, $D/etc, and OS_USERNAME is set, \
         but OS_AUTH_URL is not; write one there, or try `sharelock --demo`"
    );
}

#[test]
fn anchors_and_merge_keys_work() {
    let world = of_file(
        "x: &a {auth_url: \"http://z/v3\", username: u, password: p}\nclouds: {one: {auth: {<<: *a, project_name: q}}}\n",
    );
    assert_eq!(login(&world.entry()), "http://z/v3 u@#default p q@#default");
}

#[test]
fn an_application_credential_by_id_needs_nothing_else() {
    let world = of_file(
        "clouds: {one: {auth_type: v3applicationcredential, auth: {auth_url: \"http://a/v3\", \
         application_credential_id: 7f, application_credential_secret: s}}}\n",
    );
    assert_eq!(login(&world.entry()), "http://a/v3 credential #7f -@- s");
    assert_eq!(world.clouds().choices()[0].about, "v3applicationcredential · a");
}

#[test]
fn an_application_credential_by_name_needs_its_user() {
    let text = "clouds: {one: {auth_type: v3applicationcredential, auth: {auth_url: \"http://a/v3\", USER\
                application_credential_name: c, application_credential_secret: s}}}\n";
    let world = of_file(&text.replace("USER", "username: u, user_domain_name: D, "));
    assert_eq!(login(&world.entry()), "http://a/v3 credential c u@D s");

    let error = of_file(&text.replace("USER", "")).error();
    assert!(
        error.starts_with("cloud `one` in $D/clouds.yaml has no `auth.username`; add it, or"),
        "{error}"
    );
}

#[test]
fn a_token_needs_a_project() {
    let world = of_file(
        "clouds: {one: {auth_type: token, auth: {auth_url: \"http://a/v3\", token: t, project_id: p}}}\n",
    );
    assert_eq!(login(&world.entry()), "http://a/v3 token t #p@-");
    let world = of_file(
        "clouds: {one: {auth_type: v3token, auth: {auth_url: \"http://a/v3\", token: t}}}\n",
    );
    assert_eq!(
        world.error(),
        "cloud `one` in $D/clouds.yaml has no `auth.project_name`; add it there"
    );
}

#[test]
fn whoever_forgot_the_auth_type_is_told() {
    let world = of_file(
        "clouds: {one: {auth: {auth_url: \"http://a/v3\", application_credential_id: c, \
         application_credential_secret: s}}}\n",
    );
    assert_eq!(
        world.error(),
        "cloud `one` in $D/clouds.yaml has an application credential, but its `auth_type` is `password`; \
         add `auth_type: v3applicationcredential` beside `auth`"
    );
    let vars = [("OS_AUTH_URL", "http://e/v3"), ("OS_TOKEN", "t")];
    assert_eq!(
        World::new(&[], &vars).error(),
        "the cloud of the OS_* variables has a token, but its OS_AUTH_TYPE is `password`; \
         set OS_AUTH_TYPE to v3token"
    );
}

#[test]
fn other_scopes_than_a_project_are_refused_with_a_reason() {
    let domain = ("domain_name: X", "a domain (`domain_id` or `domain_name` without a project)");
    let (scope, shown) = ("system_scope: all", "the whole system (`auth.system_scope`)");
    let error = |shown: &str, verb: &str| {
        format!(
            "cloud `one` in $D/clouds.yaml logs in to {shown}, but images belong to projects; \
             {verb} `auth.project_name` or `auth.project_id`"
        )
    };
    let keystone = [
        "password: p",
        "password: p}, auth_type: v3password, x: {",
        "token: t}, auth_type: v3token, x: {",
        "password: p}, auth_type: v3multifactor, auth_methods: [v3password, v3totp], x: {",
        "passcode: b}, auth_type: v3totp, x: {",
    ];
    let of = |rest: &str, scope: &str| {
        of_file(&format!(
            "clouds: {{one: {{auth: {{auth_url: 'http://a', username: u, user_domain_name: D, \
             {scope}, {rest}}}}}}}"
        ))
        .error()
    };
    for rest in keystone {
        assert_eq!(of(rest, domain.0), error(domain.1, "add"), "{rest}");
        let refused = error(shown, "remove it and add");
        assert_eq!(of(rest, scope), refused, "{rest}");
        assert_eq!(of(rest, &format!("{scope}, project_name: p")), refused, "{rest}");
    }
    let credential = "application_credential_id: c, application_credential_secret: s}, \
                      auth_type: v3applicationcredential, x: {";
    assert_eq!(of(credential, scope), error(shown, "remove it and add"));
}

#[test]
fn a_one_time_code_is_asked_for_alone_or_with_the_password() {
    let of = |rest: &str| {
        of_file(&format!(
            "clouds: {{one: {{auth: {{auth_url: 'http://a', username: u, password: p, \
             project_name: pr}}, {rest}}}}}"
        ))
    };
    let both = "auth_type: v3multifactor, auth_methods:";
    for (rest, with_password, code) in [
        ("auth_type: v3totp, passcode: 012345", false, Some("012345")),
        (&*format!("{both} [v3password, v3totp]"), true, None),
        (&*format!("{both} 'v3password,v3totp', passcode: 1"), true, Some("1")),
        (&*format!("{both} v3totp"), false, None),
    ] {
        let entry = of(rest).entry();
        let Method::Totp { password, passcode, .. } = method(entry) else { panic!("{rest}") };
        assert_eq!(password.is_some(), with_password, "{rest}");
        assert_eq!(passcode.as_ref().map(ExposeSecret::expose_secret), code, "{rest}");
    }
    let entry = of(&format!("{both} [v3password]")).entry();
    assert!(matches!(method(entry), Method::Password { passcode: None, .. }));
    let error = of("auth_type: v3multifactor").error();
    assert!(error.contains("no `auth.auth_methods`; add `[v3password, v3totp]`"), "{error}");
    let error = of(&format!("{both} [v3password, v3oidcpassword]")).error();
    assert!(error.contains("has `v3oidcpassword` among its `auth_methods`"), "{error}");
}

#[test]
fn without_a_login_service_the_address_and_the_project_are_configured() {
    let of = |rest: &str| of_file(&format!("clouds: {{one: {{{rest}}}}}"));
    for (auth_type, auth, proof) in [
        ("none", "endpoint: 'http://img'", "Nothing"),
        ("null", "endpoint: 'http://img'", "Nothing"),
        ("''", "endpoint: 'http://img'", "Nothing"),
        ("http_basic", "endpoint: 'http://img', username: u, password: p", "Basic"),
        ("admin_token", "endpoint: 'http://img', token: t", "Token"),
        ("token_endpoint", "url: 'http://img', token: t", "Token"),
    ] {
        let entry = of(&format!("auth_type: {auth_type}, auth: {{{auth}}}")).entry();
        assert_eq!(entry.endpoint.as_deref(), Some("http://img"));
        let Login::Static { auth: told, project: None } = &entry.login else { panic!("{auth}") };
        assert!(format!("{told:?}").starts_with(proof), "{told:?}");
    }
    let other = "auth_type: none, image_endpoint_override: 'http://other'";
    let entry = of(&format!("{other}, auth: {{endpoint: 'http://img', project_id: p}}")).entry();
    assert_eq!(entry.endpoint.as_deref(), Some("http://other"));
    assert!(matches!(&entry.login, Login::Static { project: Some(id), .. } if id == "p"));
    for (rest, error) in [
        ("auth_type: none", "has no `auth.endpoint`; add it: the address of the image service"),
        ("auth_type: http_basic, auth: {endpoint: 'http://i'}", "has no `auth.username`"),
        ("auth_type: http_basic, auth: {endpoint: 'http://i', username: u}", "no `auth.password`"),
        ("auth_type: none, auth: {endpoint: 'http://i', project_name: p}", "`auth.project_id`"),
        (
            "auth_type: none, image_sharing_api: ims, auth: {endpoint: 'http://i'}",
            "no `auth.project",
        ),
        ("auth_type: none, auth: {endpoint: 'http://u:p@i'}", "more in its URL than host"),
        ("auth_type: none, auth: {url: 'http://u:p@i'}", "`auth.url` of cloud `one`"),
    ] {
        let told = of(rest).error();
        assert!(told.contains(error), "{told}");
    }
}

#[test]
fn every_missing_key_is_named_with_its_cloud_its_file_and_a_remedy() {
    for (gone, key, hint) in [
        ("auth_url: \"http://a/v3\", ", "auth.auth_url", "add it there"),
        ("username: u, ", "auth.username", "add it there"),
        (
            "password: p, ",
            "auth.password",
            "set OS_PASSWORD, add it to the entry or to secure.yaml, or set `password_command` in config.toml",
        ),
        ("project_name: pr, ", "auth.project_name", "add it there"),
    ] {
        let expected = format!("cloud `one` in $D/clouds.yaml has no `{key}`; {hint}");
        assert_eq!(one(gone, "").error(), expected);
    }
    for empty in ["password: ''", "password: ~", "password:"] {
        assert!(one("password: p", empty).error().contains("has no `auth.password`"));
    }
}

#[test]
fn a_wrong_value_is_named_with_its_line_and_a_remedy() {
    for (lines, expected) in [
        (
            "    interface: pubic\n",
            "`interface` of cloud `one` at $D/clouds.yaml:6 is not an interface; ",
        ),
        (
            "    api_timeout: soon\n",
            "`api_timeout` of cloud `one` at $D/clouds.yaml:6 is not a number of seconds; ",
        ),
        (
            "    api_timeout: 0\n",
            "`api_timeout` of cloud `one` at $D/clouds.yaml:6 is not a number of seconds; ",
        ),
        (
            "    image_sharing_api: imss\n",
            "`image_sharing_api` of cloud `one` at $D/clouds.yaml:6 is not a known API; ",
        ),
        (
            "    image_endpoint_override: img\n",
            "`image_endpoint_override` of cloud `one` at $D/clouds.yaml:6 is not an http address; ",
        ),
        (
            "    image_endpoint_override: \"http://{nope}\"\n",
            "`image_endpoint_override` of cloud `one` at $D/clouds.yaml:6 has a `{…}` with no value",
        ),
        (
            "    image_endpoint_override: \"http://{\"\n",
            "`image_endpoint_override` of cloud `one` at $D/clouds.yaml:6 has a brace without its other half; ",
        ),
        (
            "    image_endpoint_override: \"http://u:p@img\"\n",
            "`image_endpoint_override` of cloud `one` at $D/clouds.yaml:6 has more in its URL than host and path; ",
        ),
        (
            "    project_name: [a]\n",
            "`project_name` of cloud `one` at $D/clouds.yaml:6 is not a single value; ",
        ),
        (
            "    glance_timeout: {a: b}\n",
            "`glance_timeout` of cloud `one` at $D/clouds.yaml:6 is not a single value; ",
        ),
        ("    regions: R1\n", "`regions` of cloud `one` at $D/clouds.yaml:6 is not a list; "),
        (
            "    regions: [{values: {}}]\n",
            "`regions` of cloud `one` at $D/clouds.yaml:6 has an entry without a name; ",
        ),
        (
            "    regions: [{name: a, value: {}}]\n",
            "`regions` of cloud `one` at $D/clouds.yaml:6 has an entry with other keys",
        ),
    ] {
        let error = one_and(lines).error();
        assert!(error.starts_with(expected), "{error}");
    }
    let error = one("auth: {", "auth: [").error();
    assert!(error.contains("is not valid YAML at line 4"), "{error}");
    let error = of_file("clouds: {one: {auth: u}}").error();
    assert!(
        error.starts_with("`auth` of cloud `one` at $D/clouds.yaml:1 is not a mapping; "),
        "{error}"
    );
    let error = of_file("clouds: {one: 1}").error();
    assert!(
        error.starts_with("cloud `one` in $D/clouds.yaml ($D/clouds.yaml:1) is not a mapping; "),
        "{error}"
    );
    let error = variables(&[("OS_INTERFACE", "x")]).error();
    assert!(error.starts_with("OS_INTERFACE is not an interface; "), "{error}");
}

#[test]
fn an_address_needs_its_region() {
    let world = one("\"http://a/v3\"", "\"https://{region_name}.x/v3\"");
    assert!(login(&world.entry()).starts_with("https://R1.x/v3 "));
    let text = ONE.replace("\"http://a/v3\"", "\"https://{region_name}.x/v3\"");
    let error = of_file(&text.replace("    region_name: R1\n", "")).error();
    assert!(error.ends_with("choose a region, or add `region_name`"), "{error}");
}

#[test]
fn no_secret_is_put_into_an_address() {
    let secrets = [
        "password",
        "token",
        "application_credential_secret",
        "api_key",
        "sk",
        "security_token",
        "passcode",
    ];
    for secret in secrets {
        let world = one_and(&format!(
            "    {secret}: MARKER\n    image_endpoint_override: \"http://img/{{{secret}}}\"\n"
        ));
        assert!(!world.error().contains("MARKER"));
    }
}

#[test]
fn the_kind_is_what_the_entry_says_else_what_profile_and_host_say() {
    for (lines, auth_url, kind) in [
        ("", "http://a/v3", None),
        ("    image_sharing_api: ims\n", "http://a/v3", Some(CloudKind::Ims)),
        (
            "    image_sharing_api: glance\n",
            "https://iam.eu-de.otc.t-systems.com/v3",
            Some(CloudKind::Glance),
        ),
        ("", "https://iam.eu-de.otc.t-systems.com/v3", Some(CloudKind::Ims)),
        ("", "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3", Some(CloudKind::Ims)),
        ("", "https://iam.myhuaweicloud.com:443/v3", Some(CloudKind::Ims)),
        ("", "https://IAM.eu-west-101.myhuaweicloud.EU/v3", Some(CloudKind::Ims)),
        ("", "https://notmyhuaweicloud.com/v3", None),
        ("", "https://a/myhuaweicloud.com", None),
        ("", "https://keystone.api.sjc3.rackspacecloud.com/v3/", None),
        (
            "    image_endpoint_override: https://ims.eu-de.otc.t-systems.com\n",
            "http://a/v3",
            Some(CloudKind::Ims),
        ),
        ("    profile: my-huawei\n", "http://a/v3", Some(CloudKind::Ims)),
    ] {
        let text = format!("{ONE}{lines}").replace("http://a/v3", auth_url);
        assert_eq!(of_file(&text).entry().kind, kind, "{auth_url} {lines}");
    }
    for lines in [
        "auth: {auth_url: \"https://lon.identity.api.rackspacecloud.com/v2.0\", username: u, password: p}",
        "auth_type: rackspace_apikey, auth: {username: u, api_key: k}",
        "auth_type: rackspace_password, auth: {username: u, password: p}",
        "profile: rackspace, auth: {username: u, api_key: k}",
    ] {
        let world = of_file(&format!("clouds: {{one: {{{lines}}}}}\n"));
        assert_eq!(world.entry().kind, Some(CloudKind::Rackspace), "{lines}");
    }
}

#[test]
fn one_wrong_entry_does_not_hide_the_others() {
    let world = of_file(&format!("{ONE}  two: 5\n  three: {{auth_type: v3totp}}\n"));
    let choices = world.clouds().choices();
    let shown: Vec<_> = choices
        .iter()
        .map(|c| (c.name.as_str(), c.about.as_str(), c.regions.join(","), c.problem.is_some()))
        .collect();
    assert_eq!(
        shown,
        [
            ("one", "password · a", "R1".to_owned(), false),
            ("two", "", String::new(), true),
            ("three", "v3totp", String::new(), true),
        ]
    );
}

#[test]
fn what_looks_wrong_but_works_is_remarked_upon() {
    let world = one_and("    profile: nope\n");
    let (_, remarks) = world.clouds().entry_with_remarks("one", None).unwrap();
    assert!(
        remarks[0].why.ends_with("has the profile `nope`, which sharelock does not know"),
        "{remarks:?}"
    );

    let (entry, remarks) =
        one_and("    insecure: \"yes\"\n").clouds().entry_with_remarks("one", None).unwrap();
    assert!(!entry.tls.insecure);
    assert!(remarks[0].why.contains("`insecure` that is not `true`"), "{remarks:?}");

    let twice = one_and("    region_name: R2\n");
    assert_eq!(twice.entry().region.as_deref(), Some("R2"));
    assert_eq!(
        twice.warnings(),
        ["a key is repeated in the same mapping at $D/clouds.yaml:6; \
          remove one of them; the last one counts"]
    );
}

#[test]
fn settings_reach_their_cloud_and_a_misspelled_name_is_reported() {
    let app = AppConfig::parse(
        "[clouds.one]\nprotected = true\n[clouds.oen]\nread_only = true\n[clouds.elsewhere]\n",
        Path::new("config.toml"),
    )
    .unwrap();

    let clouds = of_file(ONE).clouds().with_settings(app.clouds, false);

    assert!(clouds.entry("one", None).unwrap().settings.protected);
    let warnings: Vec<_> = clouds.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        ["config.toml has settings for an unknown cloud `oen`; did you mean `one`?"]
    );
}

#[test]
fn the_enterprise_project_is_that_of_the_entry_else_of_the_settings_else_of_the_variable() {
    let variable = [("HW_ENTERPRISE_PROJECT_ID", "of-variable")];
    let settings = "[clouds.one]\nenterprise_project_id = \"of-settings\"\n";
    let found = |yaml: &str, settings: &str| {
        let app = AppConfig::parse(settings, Path::new("config.toml")).unwrap();
        let clouds = World::new(&[("clouds.yaml", yaml)], &variable).clouds();
        clouds
            .with_settings(app.clouds, false)
            .entry("one", None)
            .unwrap()
            .enterprise_project
            .unwrap()
    };
    let of_entry = format!("{ONE}    enterprise_project_id: of-entry\n");

    assert_eq!(found(&of_entry, settings), "of-entry");
    assert_eq!(found(ONE, settings), "of-settings");
    assert_eq!(found(ONE, ""), "of-variable");
}

#[test]
fn a_text_goes_through_the_same_code_and_the_environment_has_no_say() {
    let clouds = Clouds::from_yaml_text(ONE, "the embedded cloud").unwrap();
    assert_eq!(clouds.default_name(), Some("one"));
    assert_eq!(login(&clouds.entry("one", None).unwrap()), OF_ONE);
    assert!(clouds.files().next().is_none());

    let error = Clouds::from_yaml_text(&ONE.replace("password: p, ", ""), "the embedded cloud")
        .unwrap()
        .entry("one", None)
        .unwrap_err();
    assert!(error.to_string().contains("cloud `one` in the embedded cloud has no `auth.password`"));
    let error = Clouds::from_yaml_text("a: [", "the embedded cloud").unwrap_err();
    assert!(error.to_string().starts_with("the embedded cloud is not valid YAML"), "{error}");
}

#[test]
fn keys_with_dashes_are_the_same_keys() {
    let text = ONE.replace("auth_url", "auth-url").replace("user_domain_name", "user-domain-name");
    assert_eq!(login(&of_file(&text.replace("region_name", "region-name")).entry()), OF_ONE);
}

#[test]
fn names_from_a_file_cannot_write_to_the_terminal() {
    let world = of_file("clouds: {\"a\\e[2Jb\": {auth_type: \"x\\e[31m\"}}");
    assert!(!world.error().contains('\u{1b}'));
    assert!(!world.clouds().choices()[0].about.contains('\u{1b}'));
}

// ── access keys ──────────────────────────────────────────────────────────────────────────────────────────────────

fn keyed(lines: &str) -> World {
    of_file(&format!("clouds:\n  one:\n    auth_type: aksk\n{lines}"))
}

#[test]
fn an_access_key_and_a_region_are_all_a_login_needs() {
    for (region, iam, ims) in [
        ("cn-north-4", "iam.cn-north-4.myhuaweicloud.com", "ims.cn-north-4.myhuaweicloud.com"),
        ("eu-nl", "iam.eu-nl.otc.t-systems.com", "ims.eu-nl.otc.t-systems.com"),
    ] {
        let world = keyed(&format!("    auth: {{ak: A, sk: S}}\n    region_name: {region}\n"));
        let entry = world.entry();
        assert_eq!(login(&entry), format!("https://{iam}/v3 key A S - -"));
        assert_eq!(entry.endpoint, Some(format!("https://{ims}")));
        assert_eq!(entry.kind, Some(CloudKind::Ims));
        assert_eq!(world.clouds().choices()[0].about, format!("AK/SK · {iam}"));
    }
}

#[test]
fn an_access_key_follows_the_profile_and_the_region_chosen() {
    let clouds = keyed(
        "    profile: otc\n    auth: {access_key: A, secret_key: S, security_token: T, project_name: eu-nl_x}\n",
    )
    .clouds();
    let entry = clouds.entry("one", Some("eu-nl")).unwrap();
    assert_eq!(login(&entry), "https://iam.eu-nl.otc.t-systems.com/v3 key A S T eu-nl_x");
    assert_eq!(entry.endpoint.as_deref(), Some("https://ims.eu-nl.otc.t-systems.com"));
    assert_eq!(clouds.entry("one", None).unwrap().region.as_deref(), Some("eu-de"));
}

#[test]
fn the_region_of_an_access_key_may_stand_in_the_address_of_iam() {
    let entry =
        keyed("    auth: {ak: A, sk: S, auth_url: \"https://iam.eu-de.otc.t-systems.com/v3\"}\n")
            .entry();
    assert_eq!(entry.region.as_deref(), Some("eu-de"));
    assert_eq!(entry.endpoint.as_deref(), Some("https://ims.eu-de.otc.t-systems.com"));
}

#[test]
fn an_endpoint_that_is_written_goes_before_the_known_one_and_an_unknown_one_is_left_to_the_catalog()
{
    let lines =
        "    auth: {ak: A, sk: S, project_id: p}\n    image_endpoint_override: http://img\n";
    let entry = keyed(lines).entry();
    assert_eq!(login(&entry), "- key A S - #p");
    assert_eq!(entry.endpoint.as_deref(), Some("http://img"));

    let entry =
        keyed("    auth: {ak: A, sk: S, auth_url: \"http://k:1/v3\"}\n    region_name: R\n");
    assert_eq!(entry.entry().endpoint, None);
}

#[test]
fn what_an_access_key_lacks_is_named() {
    for (lines, expected) in [
        ("    auth: {sk: S}\n", "no `auth.ak`; add it there"),
        (
            "    auth: {ak: A}\n    region_name: eu-de\n",
            "no `auth.sk`; add it to the entry or to secure.yaml",
        ),
        ("    auth: {ak: A, sk: S}\n", "no `region_name`; add it, or use `--region`"),
        ("    auth: {ak: A, sk: S, project_id: p}\n", "no `region_name`; add it"),
        (
            "    auth: {ak: A, sk: S}\n    region_name: eu-wst-0\n",
            "no IAM address: sharelock does not know the one of region `eu-wst-0` (did you mean \
             `eu-west-0`?); set `auth.auth_url` to IAM's address, https://HOST/v3",
        ),
    ] {
        let error = keyed(lines).error();
        let whole = format!("cloud `one` in $D/clouds.yaml has {expected}");
        assert!(error.starts_with(&whole), "{error}");
    }
}

#[test]
fn the_secret_key_may_be_in_secure_yaml() {
    let files = [
        ("clouds.yaml", "clouds: {one: {auth_type: aksk, auth: {ak: A}, region_name: eu-de}}\n"),
        ("secure.yaml", "clouds: {one: {auth: {sk: S}}}\n"),
    ];
    assert!(login(&World::new(&files, &[]).entry()).ends_with("key A S - -"));
}

#[test]
fn an_access_key_needs_no_auth_type_where_there_is_no_other_login() {
    let text = "clouds: {one: {auth: {ak: A, sk: S, MORE}, region_name: eu-de}}\n";
    assert!(login(&of_file(&text.replace("MORE", "")).entry()).contains("key A S"));
    let both = "auth_url: \"http://a/v3\", username: u, password: p, project_name: x";
    assert!(login(&of_file(&text.replace("MORE", both)).entry()).contains("http://a/v3 u@"));
}

const HW: [(&str, &str); 3] =
    [("HW_ACCESS_KEY", "A"), ("HW_SECRET_KEY", "S"), ("HW_REGION_NAME", "cn-north-4")];

#[test]
fn each_family_of_variables_makes_a_cloud() {
    let here = "https://iam.cn-north-4.myhuaweicloud.com/v3 key A S";
    let hw = |more: &[(&str, &str)]| World::new(&[], &[&HW, more].concat()).entry();
    assert_eq!((hw(&[]).name.as_str(), login(&hw(&[]))), ("hw", format!("{here} - -")));
    let more = [("HW_SECURITY_TOKEN", "T"), ("HW_PROJECT_NAME", "n")];
    assert_eq!(login(&hw(&more)), format!("{here} T n"));
    let flexible = hw(&[("HW_CLOUD", "example.com"), ("HW_INSECURE", "true")]);
    assert_eq!(login(&flexible), "https://iam.cn-north-4.example.com/v3 key A S - -");
    assert_eq!(flexible.endpoint.as_deref(), Some("https://ims.cn-north-4.example.com"));
    assert!(flexible.tls.insecure);

    let otc = [("OTC_SDK_AK", "A"), ("OTC_SDK_SK", "S"), ("OTC_SDK_PROJECT_ID", "p")];
    let otc = World::new(&[], &otc).entry();
    assert_eq!(login(&otc), "https://iam.eu-de.otc.t-systems.com/v3 key A S - #p");

    let os = [("OS_ACCESS_KEY", "A"), ("OS_SECRET_KEY", "S"), ("OS_REGION_NAME", "eu-de")];
    let os = World::new(&[], &os).entry();
    assert_eq!((os.name.as_str(), os.region.as_deref()), ("envvars", Some("eu-de")));
    assert!(login(&os).contains("key A S"));
}

const SDK: [(&str, &str); 3] = [
    ("HUAWEICLOUD_SDK_AK", "A"),
    ("HUAWEICLOUD_SDK_SK", "S"),
    ("HUAWEICLOUD_SDK_REGION_ID", "cn-north-4"),
];

const CREDENTIALS: &str = "[basic]\nak = F\nsk = FS\nsecurity_token = FT\nproject_id = fp\n";

#[test]
fn the_credentials_of_the_huawei_sdk_are_read_where_its_variables_hold_no_key() {
    let files = [("home/.huaweicloud/credentials", CREDENTIALS)];
    let region = [("HUAWEICLOUD_SDK_REGION_ID", "cn-north-4")];
    let world = World::new(&files, &region);

    assert!(login(&world.entry()).ends_with("key F FS FT #fp"));
    assert_eq!(world.files(), ["home/.huaweicloud/credentials"]);
    assert!(login(&World::new(&files, &SDK).entry()).ends_with("key A S - -"));
    assert_eq!(
        World::new(&files, &[]).error(),
        "cloud `huaweicloud` of $D/home/.huaweicloud/credentials has no `region_name`; add it, or use `--region`: \
         an access key works in one region at a time"
    );
}

#[test]
fn keys_of_other_programs_never_take_the_place_of_a_cloud_of_the_file() {
    let default = |files: &[(&str, &str)], vars: &[(&str, &str)]| {
        World::new(files, vars).clouds().default_name().map(str::to_owned)
    };
    let both = [("clouds.yaml", ONE), ("home/.huaweicloud/credentials", CREDENTIALS)];

    assert_eq!(default(&both, &[]).as_deref(), Some("one"));
    assert_eq!(default(&both[..1], &HW), None, "two that were set on purpose: the user picks");
    assert_eq!(default(&[], &[&HW[..], &VARIABLES].concat()).as_deref(), Some("envvars"));
}

#[test]
fn a_cloud_of_the_file_keeps_its_name_and_the_other_one_is_told_of() {
    let world = World::new(&[("clouds.yaml", &ONE.replace("one", "hw"))], &HW);
    assert_eq!(world.clouds().names().collect::<Vec<_>>(), ["hw"]);
    assert!(
        world.warnings()[0].starts_with("the cloud of the HW_* variables would be called `hw`"),
        "{:?}",
        world.warnings()
    );
}

#[test]
fn what_a_family_of_variables_lacks_is_called_by_its_name() {
    let vars = &HW[..2];
    let error = World::new(&[], vars).error();
    assert!(error.starts_with("the cloud of the HW_* variables has no HW_REGION_NAME"), "{error}");
    let os = [("OS_ACCESS_KEY", "A"), ("OS_AUTH_TYPE", "aksk"), ("OS_REGION_NAME", "eu-de")];
    let error = World::new(&[], &os).error();
    assert!(error.starts_with("the cloud of the OS_* variables has no OS_SECRET_KEY"), "{error}");
}

#[test]
fn a_region_in_an_address_cannot_lead_to_another_host() {
    for region in ["evil.example/", "a@evil.example", "a#", "a b"] {
        let text = ONE.replace("http://a/v3", "https://iam.{region_name}.x/v3");
        let error = of_file(&text.replace("R1", &format!("'{region}'"))).error();
        assert!(
            error.contains("has a `{region_name}` that cannot be part of an address"),
            "{error}"
        );
    }
}

#[test]
fn an_access_key_is_refused_where_terraform_would_work_in_another_account() {
    let key = [("HW_ACCESS_KEY", "A"), ("HW_SECRET_KEY", "S"), ("HW_REGION_NAME", "cn-north-4")];
    for name in [
        "HW_ASSUME_ROLE_AGENCY_NAME",
        "HW_ASSUME_ROLE_DOMAIN_ID",
        "HW_AGENCY_NAME",
        "HW_DELEGATED_PROJECT",
        "HW_SHARED_CONFIG_FILE",
        "HW_PROFILE",
    ] {
        let error = World::new(&[], &[&key[..], &[(name, "x")]].concat()).error();
        let expected = format!(
            "the cloud of the HW_* variables cannot be used while {name} is set, which sharelock does not support; unset it"
        );
        assert!(error.starts_with(&expected), "{error}");
    }
    assert!(
        World::new(&[], &[&key[..], &[("HW_PROFILE", "")]].concat())
            .clouds()
            .entry("hw", None)
            .is_ok()
    );
    let os = [
        ("OS_ACCESS_KEY", "A"),
        ("OS_SECRET_KEY", "S"),
        ("OS_REGION_NAME", "eu-de"),
        ("OS_AGENCY_NAME", "x"),
    ];
    assert!(World::new(&[], &os).error().contains("while OS_AGENCY_NAME is set"));
}

#[test]
fn variables_that_make_no_cloud_are_named_where_there_is_none() {
    for (vars, expected) in [
        (
            &[("HW_USER_NAME", "u"), ("HW_USER_PASSWORD", "MARKER"), ("HW_DOMAIN_NAME", "d")][..],
            "HW_USER_NAME is set, but of such variables sharelock supports only access keys",
        ),
        (&[("HW_SHARED_CONFIG_FILE", "f"), ("HW_PROFILE", "p")], "HW_SHARED_CONFIG_FILE is set"),
        (&[("HW_ACCESS_KEY", "A")], "HW_ACCESS_KEY is set, but HW_SECRET_KEY is not"),
        (&[("OTC_SDK_SK", "MARKER")], "OTC_SDK_SK is set, but OTC_SDK_AK is not"),
    ] {
        let error = World::new(&[], vars).error();
        assert!(error.contains(expected) && !error.contains("MARKER"), "{error}");
    }
    let world = World::new(&[("clouds.yaml", ONE)], &[("HW_USER_NAME", "u")]);
    let error = world.clouds().entry("hw", None).unwrap_err().to_string();
    assert!(
        error.contains("there is no cloud `hw`") && error.contains("HW_USER_NAME is set"),
        "{error}"
    );
}

#[test]
fn a_profile_that_adds_nothing_is_the_first_reason_for_a_missing_address() {
    let of = |profile: &str| {
        of_file(&format!("clouds: {{one: {{profile: {profile}, auth: {{username: u, password: p, project_id: i}}}}}}")).error()
    };
    assert_eq!(
        of("citycluod"),
        "cloud `one` in $D/clouds.yaml has the profile `citycluod`, which sharelock does not know (did you mean \
         `citycloud`?), and no `auth.auth_url`; write `auth_url` and `region_name` into the entry, or add the \
         profile to clouds-public.yaml"
    );
    assert_eq!(
        of("'https://u:MARKER@vexxhost.com'"),
        "cloud `one` in $D/clouds.yaml has a profile that openstacksdk fetches from vexxhost.com, which sharelock \
         does not, and no `auth.auth_url`; write its `auth_url` and `region_name` into the entry"
    );
    for (profile, address) in
        [("ovh", "https://auth.cloud.ovh.net/v3"), ("vexxhost", "https://auth.vexxhost.net/v3")]
    {
        let world = of_file(&format!(
            "clouds: {{one: {{profile: {profile}, auth: {{username: u, password: p, project_name: n}}}}}}"
        ));
        let (entry, remarks) = world.clouds().entry_with_remarks("one", None).unwrap();
        assert_eq!(login(&entry), format!("{address} u@Default p n@Default"));
        assert!(remarks[0].to_string().contains("names no region"), "{remarks:?}");
        let region = world.clouds().entry_with_remarks("one", Some("GRA")).unwrap();
        assert!(region.1.is_empty());
    }
}

#[test]
fn a_missing_secret_can_be_given_and_everything_else_that_is_wrong_comes_first() {
    let logins = [
        ("auth: {auth_url: 'http://a', username: u, project_name: p}", "password", "OS_PASSWORD"),
        (
            "auth_type: v3applicationcredential, auth: {auth_url: 'http://a', application_credential_id: c}",
            "application credential secret",
            "OS_APPLICATION_CREDENTIAL_SECRET",
        ),
        ("auth_type: v3token, auth: {auth_url: 'http://a', project_id: p}", "token", "OS_TOKEN"),
        ("auth_type: rackspace_apikey, auth: {username: u}", "API key", ""),
        ("auth_type: aksk, auth: {ak: A}, region_name: eu-de", "secret key", ""),
        (
            "auth_type: http_basic, auth: {endpoint: 'http://i', username: u}",
            "password",
            "OS_PASSWORD",
        ),
        (
            "auth_type: v3multifactor, auth_methods: [v3password, v3totp], auth: {auth_url: 'http://a', username: u, project_name: p}",
            "password",
            "OS_PASSWORD",
        ),
    ];
    for (entry, word, variable) in logins {
        let clouds = of_file(&format!("clouds: {{one: {{{entry}}}}}")).clouds();
        let error = clouds.entry("one", None).unwrap_err();
        let ConfigError::NoSecret(complaint, missing) = &error else { panic!("{error}") };
        assert_eq!(missing.word(), word);
        let complaint = complaint.to_string();
        for part in [variable, "secure.yaml", "`password_command` in config.toml"] {
            assert!(complaint.contains(part), "{complaint}");
        }
        let (given, _) = clouds.entry_given("one", None, Some(&" MARKER ".into()));
        let given = given.unwrap();
        assert!(!format!("{given:?}").contains("MARKER"));
        let choice = &clouds.choices()[0];
        assert!(choice.problem.is_none());
        assert!(choice.about.ends_with(&format!(" · asks for the {word}")), "{}", choice.about);
    }
    let clouds = one(" password: p,", "").clouds();
    let given = clouds.entry_given("one", None, Some(&" s ".into())).0.unwrap();
    assert_eq!(login(&given), "http://a/v3 u@D  s  pr@D");
    let error = one(" password: p, project_name: pr,", "").error();
    assert!(error.contains("no `auth.project_name`"), "{error}");
    let with_own = one("u, password", "u, password").clouds();
    assert_eq!(login(&with_own.entry_given("one", None, Some(&"s".into())).0.unwrap()), OF_ONE);
}
