//! Nothing that configuration says or shows holds a secret, however broken the file is.

use std::fmt::Write;

use super::*;

const SECRET: &str = "MARKER";

/// Every key that holds a secret, at every place where it may stand.
const FULL: &str = r#"
base: &base {username: u, password: MARKER}
clouds:
  one:
    auth_type: password
    auth:
      auth_url: "https://keystone.example.com/v3"
      <<: *base
      project_name: p
    region_name: R1
    passcode: MARKER
  two:
    auth_type: v3applicationcredential
    auth:
      auth_url: https://{region_name}.example.com
      application_credential_id: c
      application_credential_secret: MARKER
    regions: [R1, {name: R2, values: {auth: {password: MARKER}}}]
  three: {auth_type: token, auth: {auth_url: "https://k", token: MARKER, project_id: p}}
  four: {auth_type: v3totp, auth: {auth_url: "https://k", username: u, project_id: p, passcode: MARKER}}
  four-b: {auth_type: v3multifactor, auth_methods: [v3password, v3totp], auth: {auth_url: "https://k", username: u, project_id: p, password: MARKER, passcode: MARKER}}
  ten: {auth_type: http_basic, auth: {endpoint: "https://i", username: u, password: MARKER}}
  eleven: {auth_type: admin_token, auth: {endpoint: "https://i", token: MARKER}}
  five: {auth: {auth_url: "https://u:MARKER@k", username: u, password: MARKER, project_id: p}}
  six: {auth_type: aksk, auth: {ak: a, sk: MARKER}, api_timeout: x}
  eight: {auth_type: rackspace_apikey, auth: {username: u, api_key: MARKER}, api_timeout: x}
  nine: {profile: rackspace, api_key: MARKER, auth: {username: u, password: MARKER}}
  seven: {auth_type: aksk, auth: {ak: a, sk: MARKER, security_token: MARKER}, region_name: eu-de}
"#;

/// All that is ever shown of a configuration.
fn shown(loaded: Result<Clouds, ConfigError>) -> String {
    let mut all = String::new();
    let clouds = match loaded {
        Ok(clouds) => clouds,
        Err(error) => {
            return format!("{error} {error:?} {}", domain::Failure::from(error.clone()));
        }
    };
    write!(all, "{clouds:?} {:?} {:?} {:?}", clouds.listed, clouds.choices(), clouds.warnings())
        .unwrap();
    for name in clouds.names() {
        for region in [None, Some("R2"), Some("nowhere")] {
            write!(all, "\n{:?}", clouds.entry_given(name, region, None)).unwrap();
        }
    }
    all
}

#[test]
fn a_file_that_is_right_shows_no_secret() {
    let all = shown(Clouds::from_yaml_text(FULL, "f"));
    assert!(all.contains("keystone.example.com") && all.contains("v3totp"), "{all}");
    assert!(!all.contains(SECRET), "{all}");
}

const BREAKS: [&str; 20] = [
    "", "[", "{", "\"", "'", "*", "&", "!", "#", "|", "\t", "\n", "\n  ", ": ", "- ", "?", "%",
    "@", "\0", "\u{feff}",
];

#[test]
fn a_file_that_is_broken_anywhere_shows_no_secret() {
    // Every third place, each with another break: all of them together take minutes, and pass.
    for (at, what) in (0..FULL.len()).step_by(3).zip(BREAKS.iter().cycle()) {
        let (before, after) = FULL.split_at(at);
        let all = shown(Clouds::from_yaml_text(&format!("{before}{what}{after}"), "f"));
        assert!(!all.contains(SECRET), "{what:?} at {at}: {all}");
    }
}

#[test]
fn a_file_that_is_cut_anywhere_shows_no_secret() {
    for at in (0..FULL.len()).step_by(5) {
        let all = shown(Clouds::from_yaml_text(&FULL[..at], "f"));
        assert!(!all.contains(SECRET), "{at}: {all}");
    }
}

#[test]
fn variables_show_no_secret() {
    let vars = [
        ("OS_AUTH_URL", "https://k"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", SECRET),
        ("OS_TOKEN", SECRET),
        ("OS_PASSCODE", SECRET),
        ("OS_API_KEY", SECRET),
        ("OS_APPLICATION_CREDENTIAL_SECRET", SECRET),
        ("OS_PROJECT_NAME", "p"),
        ("OS_ACCESS_KEY", "a"),
        ("OS_SECRET_KEY", SECRET),
        ("OS_SECURITY_TOKEN", SECRET),
        ("OS_REGION_NAME", "eu-de"),
        ("HW_ACCESS_KEY", "a"),
        ("HW_SECRET_KEY", SECRET),
        ("HUAWEICLOUD_SDK_AK", "a"),
        ("HUAWEICLOUD_SDK_SK", SECRET),
    ];
    let vars: std::collections::BTreeMap<_, _> =
        vars.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for auth_type in [
        "",
        "token",
        "v3applicationcredential",
        "v3totp",
        "v3multifactor",
        "http_basic",
        "admin_token",
        "aksk",
        "rackspace_apikey",
        "nonsense",
    ] {
        for gone in vars.keys() {
            let mut env = Environment { vars: vars.clone(), ..Environment::default() };
            env.vars.insert("OS_AUTH_TYPE".into(), auth_type.into());
            env.vars.remove(gone);
            let all = format!("{env:?} {}", shown(Clouds::load(&env)));
            assert!(!all.contains(SECRET), "{all}");
        }
    }
}
