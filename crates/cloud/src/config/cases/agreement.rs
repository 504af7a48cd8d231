//! What generated configurations showed to differ from openstacksdk 4.22: each is read as it reads them, or is refused
//! or remarked upon in words that name the key.

use super::*;

const KEYSTONE: &str = "auth_url: 'http://a', username: u, password: p";

fn auth(keys: &str) -> World {
    of_file(&format!("clouds: {{one: {{auth: {{{KEYSTONE}, {keys}}}}}}}\n"))
}

fn auth_and_top(keys: &str, top: &str) -> World {
    of_file(&format!("clouds: {{one: {{auth: {{{KEYSTONE}, {keys}}}, {top}}}}}\n"))
}

fn remarks(world: &World) -> Vec<String> {
    let (_, remarks) = world.clouds().entry_with_remarks("one", None).unwrap();
    remarks
        .iter()
        .map(|r| r.to_string().replace(&*world.dir.path().to_string_lossy(), "$D"))
        .collect()
}

// ── the scope ───────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_empty_newer_name_clears_the_older_one() {
    for (keys, top, expected) in [
        ("tenant_id: old, project_id: '', project_name: n", "", "n@#default"),
        ("tenant_id: old, project_id: , project_name: n", "", "n@#default"),
        ("tenant_name: old, project_name: '', project_id: i", "", "#i@-"),
        ("project_id: i, project_name: n", "project_id: ''", "n@#default"),
        ("project_name: n, user_domain_id: x", "user_domain_id: ''", "n@#default"),
        ("tenant_id: old", "project_id: '', project_name: n", "n@#default"),
    ] {
        let login = login(&auth_and_top(keys, top).entry());
        assert_eq!(login, format!("http://a u@#default p {expected}"), "{keys} {top}");
    }
    for (keys, top) in [
        ("tenant_name: old, project_name: ''", ""),
        ("project_id: i", "project_id: ''"),
        ("project_id: i", "project_id:"),
    ] {
        let error = auth_and_top(keys, top).error();
        assert!(error.contains("has no `auth.project_name`"), "{keys} {top}: {error}");
    }
}

#[test]
fn an_empty_variable_clears_the_older_one_too() {
    let vars = [
        ("OS_AUTH_URL", "http://a"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "p"),
        ("OS_TENANT_ID", "old"),
        ("OS_PROJECT_ID", ""),
    ];
    let named = [&vars[..], &[("OS_PROJECT_NAME", "n")]].concat();
    assert_eq!(login(&World::new(&[], &named).entry()), "http://a u@#default p n@#default");
    let error = World::new(&[], &vars).error();
    assert!(error.contains("has no OS_PROJECT_NAME"), "{error}");
}

#[test]
fn an_empty_variable_of_the_user_or_the_token_clears_the_older_one_too() {
    let user = [("OS_USERNAME", ""), ("OS_USER_NAME", "old")];
    let error = variables(&user).error();
    assert!(error.contains("has no OS_USERNAME"), "{error}");
    let token = [("OS_AUTH_TYPE", "token"), ("OS_TOKEN", ""), ("OS_AUTH_TOKEN", "old")];
    let error = variables(&token).error();
    assert!(error.contains("has no OS_TOKEN"), "{error}");
}

#[test]
fn an_empty_variable_of_the_project_makes_no_cloud() {
    let vars = [("OS_PROJECT_ID", ""), ("OS_PROJECT_NAME", "")];
    assert_eq!(World::new(&[("clouds.yaml", ONE)], &vars).entry().name, "one");
}

#[test]
fn an_application_credential_keeps_the_project_beside_it_to_compare_it() {
    let of = |keys: &str| {
        let text = format!(
            "clouds: {{one: {{auth_type: v3applicationcredential, auth: {{auth_url: 'http://a', \
             application_credential_id: c, application_credential_secret: s, {keys}}}}}}}"
        );
        login(&of_file(&text).entry())
    };
    assert_eq!(of("project_id: i"), "http://a credential #c -@- s of #i@-");
    assert_eq!(of("project_name: n"), "http://a credential #c -@- s of n@-");
    assert_eq!(of("tenant_name: n, project_domain_name: D"), "http://a credential #c -@- s of n@D");
}

#[test]
fn a_default_domain_beside_the_name_of_a_domain_is_remarked_upon() {
    let world = auth("project_id: i, user_domain_name: ldap, default_domain_id: d");
    assert_eq!(login(&world.entry()), "http://a u@ldap p #i@-");
    assert_eq!(
        remarks(&world),
        [
            "cloud `one` in $D/clouds.yaml has both `auth.default_domain_id` and `auth.user_domain_name`; sharelock uses \
          `auth.user_domain_name`, and openstacksdk `auth.default_domain_id`; remove one of them"
        ]
    );
    let both = "project_name: n, user_domain_name: a, project_domain_name: b, default_domain_id: d";
    assert_eq!(remarks(&auth(both)).len(), 2);
    let remarks_on_both = remarks(&auth("project_name: n, domain_name: a, default_domain_id: d"));
    assert_eq!(remarks_on_both.len(), 1, "{remarks_on_both:?}");
    assert!(remarks_on_both[0].contains("`auth.domain_name`"), "{remarks_on_both:?}");
    for agreed in [
        "project_name: n, default_domain_id: d",
        "project_name: n, user_domain_id: a, project_domain_id: b, default_domain_id: d",
        "project_name: n, user_domain_name: a, project_domain_name: b, default_domain_name: d",
    ] {
        assert_eq!(remarks(&auth(agreed)), [""; 0], "{agreed}");
    }
}

#[test]
fn in_auth_the_older_name_of_the_user_goes_before_the_top_level() {
    let of = |auth: &str, top: &str| {
        let text = format!(
            "clouds: {{one: {{auth: {{auth_url: 'http://a', password: p, project_id: i, {auth}}}, {top}}}}}"
        );
        of_file(&text)
    };
    for (auth, top, user) in [
        ("user_name: old", "username: top", "old"),
        ("username: new, user_name: old", "", "new"),
        ("username: ''", "username: top", "top"),
        ("", "user_name: old", "old"),
    ] {
        assert_eq!(login(&of(auth, top).entry()), format!("http://a {user}@#default p #i@-"));
    }
    let error = of("username: '', user_name: old", "").error();
    assert!(error.contains("has no `auth.username`"), "{error}");
}

#[test]
fn a_passcode_at_the_top_level_goes_before_the_one_in_auth() {
    let world = auth_and_top("project_id: i, passcode: '1'", "auth_type: v3totp, passcode: '2'");
    let Method::Totp { passcode, .. } = method(world.entry()) else { panic!() };
    assert_eq!(passcode.as_ref().map(ExposeSecret::expose_secret), Some("2"));
}

#[test]
fn auth_plugin_has_no_effect_and_is_remarked_upon() {
    for (plugin, told) in [("", 0), ("''", 0), ("password", 0), ("v3token", 1)] {
        let world = auth_and_top("project_id: i", &format!("auth_plugin: {plugin}"));
        assert_eq!(login(&world.entry()), "http://a u@#default p #i@-", "{plugin}");
        let remarks = remarks(&world);
        assert_eq!(remarks.len(), told, "{remarks:?}");
        assert!(
            remarks.iter().all(|remark| remark.contains("use `auth_type` instead")),
            "{remarks:?}"
        );
    }
}

#[test]
fn a_trust_is_refused_for_the_right_reason() {
    for rest in [
        "auth_type: password",
        "auth_type: v3password",
        "auth_type: v3totp",
        "auth_type: v3multifactor, auth_methods: [v3password, v3totp]",
    ] {
        assert_eq!(
            auth_and_top("trust_id: t", rest).error(),
            "cloud `one` in $D/clouds.yaml logs in with a trust (`auth.trust_id`), which sharelock does not support \
             yet; use an application credential or a user of the trustor's project instead",
            "{rest}"
        );
    }
}

// ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_key_of_the_entry_inside_auth_is_an_error_that_says_where_it_belongs() {
    for (key, right) in [
        ("region_name", "region_name"),
        ("region-name", "region_name"),
        ("REGION_NAME", "region_name"),
        ("region", "region_name"),
        ("regions", "regions"),
        ("interface", "interface"),
        ("endpoint_type", "endpoint_type"),
        ("image_endpoint_override", "image_endpoint_override"),
        ("image_interface", "image_interface"),
        ("auth_type", "auth_type"),
        ("verify", "verify"),
        ("cacert", "cacert"),
        ("profile", "profile"),
        ("api_timeout", "api_timeout"),
    ] {
        let error = auth(&format!("project_id: i, {key}: x")).error();
        let shown = key.replace('-', "_");
        assert_eq!(
            error,
            format!(
                "`auth.{shown}` of cloud `one` at $D/clouds.yaml:1 is not a key of the login; move it one level up, \
                 beside `auth`, as `{right}`"
            )
        );
    }
}

#[test]
fn an_unknown_key_inside_auth_is_an_error_with_the_key_that_is_meant() {
    for (key, meant) in [
        ("project", "project_name"),
        ("tenant", "project_name"),
        ("user", "username"),
        ("PROJECT_NAME", "project_name"),
        ("OS_PROJECT_ID", "project_id"),
        ("projectname", "project_name"),
        ("passwrod", "password"),
        ("domain", "user_domain_name"),
    ] {
        let error = auth(&format!("project_id: i, {key}: x")).error();
        let expected = format!(
            "`auth.{key}` of cloud `one` at $D/clouds.yaml:1 is not a key of the login (did you mean `{meant}`?); \
             correct or remove it"
        );
        assert_eq!(error, expected);
    }
    let error = auth("project_id: i, hunter2: x").error();
    assert_eq!(
        error,
        "`auth` of cloud `one` at $D/clouds.yaml:1 has a key that no login knows; correct or remove the key in that line"
    );
}

#[test]
fn an_unknown_key_of_a_profile_or_of_secure_yaml_is_an_error_too() {
    let cloud = "clouds: {one: {profile: pub, auth: {username: u, password: p, project_id: i}}}\n";
    let public = "public-clouds: {pub: {auth: {auth_url: 'http://a', region_name: R}}}\n";
    let error = World::new(&[("clouds.yaml", cloud), ("clouds-public.yaml", public)], &[]).error();
    assert!(
        error.contains("`auth.region_name`") && error.contains("clouds-public.yaml:1"),
        "{error}"
    );
    let secure = "clouds: {one: {auth: {project: x}}}\n";
    let error = World::new(&[("clouds.yaml", ONE), ("secure.yaml", secure)], &[]).error();
    assert!(error.contains("`auth.project`") && error.contains("secure.yaml:1"), "{error}");
}

#[test]
fn the_address_of_a_service_in_auth_counts_only_without_a_login_service() {
    let error = auth("project_id: i, endpoint: 'http://img'").error();
    assert!(
        error.contains("`auth.endpoint`") && error.contains("`image_endpoint_override`"),
        "{error}"
    );
}

#[test]
fn a_key_with_a_dash_and_with_an_underscore_is_a_repeated_key() {
    let world = auth("project-name: dash, project_name: under");
    assert_eq!(login(&world.entry()), "http://a u@#default p under@#default");
    assert_eq!(
        world.warnings(),
        [
            "a key is repeated, once with `-` and once with `_`, at $D/clouds.yaml:1; remove one of them; the last one counts"
        ]
    );
    let two = format!("{ONE}{}", ONE.replace("clouds:", "").replace("one", "o-ne"));
    assert!(of_file(&two.replace("  one", "  o_ne")).warnings().is_empty());
}

#[test]
fn a_key_with_a_dash_that_openstacksdk_does_not_see_is_warned_of() {
    let world = auth_and_top("project_id: i", "endpoint-type: internal");
    assert_eq!(world.entry().interfaces, ["internal"]);
    assert_eq!(
        world.warnings(),
        [
            "openstacksdk does not see the key `endpoint-type` at $D/clouds.yaml:1, and sharelock does; write `endpoint_type`"
        ]
    );
    assert!(auth_and_top("project-id: i", "region-name: R").warnings().is_empty());
}

#[test]
fn a_second_merge_key_in_one_mapping_is_a_repeated_key_and_counts() {
    let world = auth("<<: {project_id: m1},\n <<: {project_id: m2}");
    assert_eq!(login(&world.entry()), "http://a u@#default p #m2@-");
    assert_eq!(
        world.warnings(),
        [
            "a key is repeated in the same mapping at $D/clouds.yaml:2; remove one of them; the last one counts"
        ]
    );
    let list = auth("<<: [{project_id: m1}, {project_id: m2}]");
    assert_eq!(login(&list.entry()), "http://a u@#default p #m1@-");
    assert!(list.warnings().is_empty());
}

// ── YAML tags ───────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_tag_of_yaml_does_not_leave_quotes_around_its_value() {
    for (written, id) in [
        ("!!int \"7\"", "7"),
        ("!!int '0x10'", "0x10"),
        ("!<tag:yaml.org,2002:int> \"7\"", "7"),
        ("!!float \"1.5\"", "1.5"),
        ("!!bool \"yes\"", "yes"),
        ("!!str 7", "7"),
        ("! '7'", "7"),
        ("!!timestamp 2024-01-01", "2024-01-01"),
        ("!!timestamp '2024-01-01'", "2024-01-01"),
    ] {
        let login = login(&auth(&format!("project_id: {written}")).entry());
        assert_eq!(login, format!("http://a u@#default p #{id}@-"), "{written}");
    }
}

#[test]
fn a_value_that_its_tag_does_not_fit_makes_the_file_invalid() {
    for written in
        ["!!int ten", "!!bool maybe", "!!float x", "!!map x", "!!str [a]", "!!timestamp soon"]
    {
        let error = auth(&format!("project_id: {written}")).error();
        assert!(error.contains("is not valid YAML at line 1"), "{written}: {error}");
    }
}

// ── encrypted values and placeholders ───────────────────────────────────────────────────────────────────────────

const SOPS: &str = "ENC[AES256_GCM,data:TUFSS0VS,iv:eA==,tag:eQ==,type:str]";
const VAULT: &str =
    "!vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          62313365396662343061\n";

/// An entry of each login, with its secrets.
const SECRETS: [(&str, &str); 9] = [
    ("password", "auth: {auth_url: 'http://a', username: u, project_id: i,\n"),
    ("token", "auth_type: token, auth: {auth_url: 'http://a', project_id: i,\n"),
    (
        "application_credential_secret",
        "auth_type: v3applicationcredential, auth: {auth_url: 'http://a', application_credential_id: c,\n",
    ),
    ("passcode", "auth_type: v3totp, auth: {auth_url: 'http://a', username: u, project_id: i,\n"),
    ("api_key", "auth_type: rackspace_apikey, auth: {username: u,\n"),
    ("password", "auth_type: rackspace_password, auth: {username: u,\n"),
    ("password", "auth_type: http_basic, auth: {endpoint: 'http://a', username: u,\n"),
    ("sk", "auth_type: aksk, region_name: eu-de, auth: {ak: a,\n"),
    ("security_token", "auth_type: aksk, region_name: eu-de, auth: {ak: a, sk: s,\n"),
];

#[test]
fn a_secret_that_is_encrypted_or_a_placeholder_is_never_used_whatever_the_login() {
    for (key, entry) in SECRETS {
        for (value, why) in [
            (format!("'{SOPS}'"), "is encrypted (SOPS)"),
            ("'ENC[PKCS7,TUFSS0VS]'".to_owned(), "is encrypted,"),
            ("\"$ANSIBLE_VAULT;1.1;AES256\\n6231\\n\"".to_owned(), "is encrypted (Ansible Vault)"),
            ("!vault MARKER".to_owned(), "is encrypted (Ansible Vault)"),
            ("!secret MARKER".to_owned(), "is a placeholder"),
            ("!MARKER x".to_owned(), "has an unknown YAML tag"),
            ("!MARKER".to_owned(), "has an unknown YAML tag"),
            ("!!python/name:MARKER x".to_owned(), "has an unknown YAML tag"),
            ("!!binary TUFSS0VS".to_owned(), "is marked as binary"),
            ("'${OS_MARKER}'".to_owned(), "is a placeholder"),
            ("$OS_MARKER".to_owned(), "is a placeholder"),
            ("'{{ MARKER }}'".to_owned(), "is a placeholder"),
            ("'op://MARKER/x/y'".to_owned(), "is the address of a secret"),
        ] {
            let error =
                of_file(&format!("clouds: {{one: {{{entry} {key}: {value}}}}}}}\n")).error();
            let place = format!("`auth.{key}` of cloud `one` at $D/clouds.yaml:2 {why}");
            assert!(error.starts_with(&place), "{key}: {value}: {error}");
            assert!(!error.contains("MARKER") && !error.contains("TUFSS"), "{error}");
        }
    }
}

#[test]
fn a_vault_block_is_named_with_its_line_in_every_file() {
    let clouds = format!(
        "clouds:\n  one:\n    auth:\n      auth_url: http://a\n      username: u\n      project_id: i\n      password: {VAULT}"
    );
    let error = of_file(&clouds).error();
    assert_eq!(
        error,
        "`auth.password` of cloud `one` at $D/clouds.yaml:7 is encrypted (Ansible Vault), so it is not used and nothing \
         is sent; decrypt it with `ansible-vault view`, and put the plain value into secure.yaml or a variable"
    );
    let secure = format!("clouds:\n  one:\n    auth:\n      password: {VAULT}");
    let error = World::new(&[("clouds.yaml", ONE), ("secure.yaml", &secure)], &[]).error();
    assert!(error.contains("$D/secure.yaml:4 is encrypted (Ansible Vault)"), "{error}");
    let cloud = "clouds: {one: {profile: pub, auth: {username: u, project_id: i}}}\n";
    let public = format!(
        "public-clouds:\n  pub:\n    auth:\n      auth_url: http://a\n      password: {VAULT}"
    );
    let world = World::new(&[("clouds.yaml", cloud), ("clouds-public.yaml", &public)], &[]);
    assert!(
        world.error().contains("$D/clouds-public.yaml:5 is encrypted (Ansible Vault)"),
        "{}",
        world.error()
    );
}

#[test]
fn a_plain_secret_in_secure_yaml_takes_the_place_of_an_encrypted_one() {
    let clouds = ONE.replace("password: p", "password: !vault x");
    assert_eq!(
        login(&World::new(&[("clouds.yaml", &clouds), ("secure.yaml", SECURE)], &[]).entry()),
        "http://a/v3 u@D s pr@D"
    );
}

#[test]
fn every_value_of_an_entry_may_be_encrypted_and_the_other_clouds_still_work() {
    for key in ["auth_url", "username", "project_name"] {
        let text = ONE.replace(&format!("{key}: "), &format!("{key}: \"{SOPS}\", x_{key}: "));
        let text = text.replace(&format!(", x_{key}: \"http://a/v3\""), "");
        let text =
            text.replace(&format!(", x_{key}: u,"), ",").replace(&format!(", x_{key}: pr,"), ",");
        let error = of_file(&text).error();
        assert!(
            error.starts_with(&format!(
                "`auth.{key}` of cloud `one` at $D/clouds.yaml:4 is encrypted (SOPS)"
            )),
            "{error}"
        );
    }
    let two = format!("{ONE}  two: {{auth: {{auth_url: 'http://a', password: !vault x}}}}\n");
    let clouds = of_file(&two).clouds();
    assert!(clouds.entry("one", None).is_ok());
    assert!(clouds.entry("two", None).unwrap_err().to_string().contains("is encrypted"));
}

#[test]
fn an_unknown_tag_outside_of_the_entries_makes_the_file_invalid() {
    for text in [
        format!("{ONE}x: !vault y\n"),
        format!("!x\n{}", ONE.trim_start()),
        ONE.replace("clouds:", "clouds: !x"),
    ] {
        let error = of_file(&text).error();
        assert!(
            error.starts_with("no cloud is configured: the value at $D/clouds.yaml:"),
            "{error}"
        );
    }
    let error = of_file(&ONE.replace("one:", "one: !x")).error();
    assert!(error.contains("has an unknown YAML tag"), "{error}");
}

#[test]
fn a_variable_may_be_encrypted_or_a_placeholder_too() {
    for (name, value, why) in [
        ("OS_PASSWORD", SOPS, "OS_PASSWORD is encrypted (SOPS)"),
        ("OS_PASSWORD", "${VAULT_PASSWORD}", "OS_PASSWORD is a placeholder"),
        (
            "OS_PASSWORD",
            "$ANSIBLE_VAULT;1.1;AES256\n62",
            "OS_PASSWORD is encrypted (Ansible Vault)",
        ),
        ("OS_USERNAME", "{{ user }}", "OS_USERNAME is a placeholder"),
        ("OS_PROJECT_NAME", "$OS_TENANT_NAME", "OS_PROJECT_NAME is a placeholder"),
    ] {
        let error = variables(&[(name, value)]).error();
        assert!(error.starts_with(why), "{error}");
        assert!(!error.contains(value), "{error}");
    }
    assert_eq!(variables(&[("OS_PROMPT", "${PWD}")]).entry().name, "envvars");
    let error = World::new(&[], &[HW[0], ("HW_SECRET_KEY", SOPS), HW[2]]).error();
    assert!(error.starts_with("HW_SECRET_KEY is encrypted (SOPS)"), "{error}");
}

#[test]
fn a_variable_beside_a_named_cloud_is_checked_like_a_value_of_the_file() {
    let with = |vars: &[(&str, &str)], text: &str| {
        World::new(&[("clouds.yaml", text)], &[&[("OS_CLOUD", "one")], vars].concat())
    };
    let error = with(&[("OS_PASSWORD", SOPS)], ONE).error();
    assert!(error.starts_with("OS_PASSWORD is encrypted (SOPS)"), "{error}");
    let encrypted = ONE.replace("password: p", "password: !vault x");
    assert_eq!(
        login(&with(&[("OS_PASSWORD", "plain")], &encrypted).entry()),
        "http://a/v3 u@D plain pr@D"
    );
    assert_eq!(login(&with(&[("OS_ENDPOINT", "http://img")], ONE).entry()), OF_ONE);
    let odd = format!("{ONE}    auth_type: hunter2\n");
    let world = with(&[("OS_TOKEN", "t")], &odd);
    let shown = format!("{} {:?}", world.error(), world.clouds().choices());
    assert!(!shown.contains("hunter2"), "{shown}");
}

// ── addresses and regions ───────────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_address_may_have_capitals_and_blanks_around_it() {
    for (written, address) in [
        ("'HTTP://a/v3'", "HTTP://a/v3"),
        ("' http://a/v3 '", "http://a/v3"),
        ("\"\\thttps://A:5000\\n\"", "https://A:5000"),
    ] {
        let world = one("\"http://a/v3\"", written);
        assert!(login(&world.entry()).starts_with(&format!("{address} u@")), "{written}");
        let world = one_and(&format!("    image_endpoint_override: {written}\n"));
        assert_eq!(world.entry().endpoint.as_deref(), Some(address));
    }
}

#[test]
fn what_else_an_address_holds_is_named_in_a_sentence_that_fits() {
    for (written, why) in [
        ("http://a/v3?x=1", "has a query or a fragment after its path; remove the `?` or `#`"),
        ("http://a/v3#x", "has a query or a fragment after its path; remove the `?` or `#`"),
        ("http://u:p@a/v3", "has more in its URL than host and path; move a user name"),
        ("http://a/%(project_id)s", "has a placeholder for the project"),
        ("http://a/$(project_id)s/v2", "has a placeholder for the project"),
        (
            "http://{auth[username]}/v3",
            "has a `{…}` with no value to put there; write the value itself",
        ),
        ("http://{password}/v3", "has a `{…}` with no value to put there; write the value itself"),
        (
            "http://{profile}/v3",
            "has a `{…}` with no value to put there; add `profile` beside it, or write",
        ),
        ("ftp://a", "is not an http address"),
        ("http:a", "is not an http address"),
        ("a:5000/v3", "is not an http address"),
    ] {
        for (world, key) in [
            (one("\"http://a/v3\"", &format!("'{written}'")), "auth.auth_url"),
            (
                one_and(&format!("    image_endpoint_override: '{written}'\n")),
                "image_endpoint_override",
            ),
        ] {
            let error = world.error();
            assert!(error.starts_with(&format!("`{key}` of cloud `one` at")), "{error}");
            assert!(error.contains(why), "{written}: {error}");
        }
    }
    let world = one("\"http://a/v3\"", "\"https://{interface}.a/v3\"");
    assert!(login(&world.entry()).starts_with("https://public.a/v3 "));
}

#[test]
fn an_empty_region_or_interface_is_none() {
    for regions in ["regions: [\"\"]", "regions: ''", "regions: []", "region_name: ''"] {
        let world = one("region_name: R1", regions);
        assert_eq!(world.entry().region, None, "{regions}");
        assert_eq!(world.clouds().regions("one").unwrap(), [""; 0], "{regions}");
    }
    for interface in ["interface: ''", "image_interface: ''", "endpoint_type: ''"] {
        assert_eq!(
            one_and(&format!("    {interface}\n")).entry().interfaces,
            ["public"],
            "{interface}"
        );
    }
}

// ── words that may be secrets ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn an_unknown_auth_type_is_never_repeated_for_it_may_be_a_password() {
    let world = one_and("    auth_type: hunter2-hunter2\n");
    let error = world.error();
    assert!(
        error.contains("has an unknown `auth_type` (15 characters); use `password`"),
        "{error}"
    );
    let choice = &world.clouds().choices()[0];
    assert_eq!(choice.about, "unknown auth_type · a");
    assert!(!format!("{error} {choice:?}").contains("hunter2"));
    let methods = "    auth_type: v3multifactor\n    auth_methods: [v3password, hunter2]\n";
    let error = one_and(methods).error();
    assert!(
        error.contains("has a word among its `auth_methods`") && !error.contains("hunter2"),
        "{error}"
    );
    let error = variables(&[("OS_AUTH_TYPE", "hunter2")]).error();
    assert!(error.contains("OS_AUTH_TYPE (7 characters)") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_very_long_unknown_auth_type_is_answered_at_once() {
    let long = "x".repeat(3_000_000);
    let begin = std::time::Instant::now();
    let error = one_and(&format!("    auth_type: {long}\n")).error();
    assert!(
        error.contains("3000000 characters") || error.contains("3,000,000 characters"),
        "{error}"
    );
    // Comparing it with every known name letter by letter takes minutes.
    assert!(begin.elapsed() < Duration::from_secs(20));
}
