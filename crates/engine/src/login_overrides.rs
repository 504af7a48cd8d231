//! Overrides of a configured login: the project, and the one-time password.

use secrecy::SecretString;

use cloud::auth::{Login, Method, NameOrId};
use cloud::config::CloudEntry;
use domain::{CloudKind, Failure};

/// Why an application credential cannot switch projects.
pub(super) const CREDENTIAL: &str = "an application credential carries its own project";
/// Why a Rackspace login cannot switch projects.
pub(super) const ACCOUNT: &str = "an account of Rackspace is one project";
/// Why a login without a login service cannot switch projects.
pub(super) const FIXED: &str = "without a login service there are no other projects";

/// Takes another project, by id or name, instead of the configured one.
pub(super) fn set_project(entry: &mut CloudEntry, project: &str) -> Result<(), Failure> {
    let refuse = |why: &str, hint: &str| {
        let what = format!("switch cloud {} to project {project}", entry.name);
        Err(Failure::new(what, why).with_hint(hint))
    };
    match &mut entry.login {
        Login::Keystone { credentials, .. } => match credentials.method {
            Method::ApplicationCredential { .. } => {
                return refuse(CREDENTIAL, "make one in the other project, or use a password");
            }
            _ => credentials.project.own = named(project),
        },
        Login::AccessKey { project: configured, .. } => *configured = named(project),
        Login::IdentityV2 { .. } => {
            return refuse(ACCOUNT, "add a cloud for the other account");
        }
        Login::Static { .. } => return refuse(FIXED, "set `project_id` under `auth:`"),
    }
    Ok(())
}

/// Keystone makes ids of 32 hexadecimal digits; anything else is taken for a name.
fn named(project: &str) -> NameOrId {
    let plain = project.replace('-', "");
    let is_id = plain.len() == 32 && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    let given = Some(project.to_owned());
    if is_id { NameOrId { id: given, name: None } } else { NameOrId { id: None, name: given } }
}

/// Puts a code into a login that can use one. Huawei's IAM takes it together with the password, or not at all, and wants
/// the id of the user with it (Huawei docs: "Obtaining a User Token Through Password and Virtual MFA").
pub(super) fn set_passcode(
    entry: &mut CloudEntry,
    given: Option<SecretString>,
) -> Result<(), Failure> {
    let Login::Keystone { credentials, .. } = &mut entry.login else { return Ok(()) };
    let method = &mut credentials.method;
    if let Method::Password { passcode, .. } | Method::Totp { passcode, .. } = method {
        *passcode = given.or(passcode.take());
    }
    if !entry.kind.is_some_and(CloudKind::logs_in_to_iam) {
        return Ok(());
    }
    if let Method::Password { user, password, passcode: passcode @ Some(_) } = method {
        let (user, password) = (user.clone(), Some(password.clone()));
        *method = Method::Totp { user, password, passcode: passcode.take() };
    }
    match method {
        Method::Totp { user, .. } if user.own.id.is_none() => {
            let what = format!("log in to cloud {} with a one-time code", entry.name);
            Err(Failure::new(what, "IAM takes one only with the id of the user")
                .with_hint("set `user_id` under `auth:`"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloud::config::Clouds;

    fn entry(auth: &str) -> CloudEntry {
        let yaml = format!("clouds: {{one: {{{auth}}}}}");
        Clouds::from_yaml_text(&yaml, "test").unwrap().entry("one", None).unwrap()
    }

    fn method(entry: CloudEntry) -> Method {
        let Login::Keystone { credentials, .. } = entry.login else { panic!("{entry:?}") };
        credentials.method
    }

    const PASSWORD: &str =
        "auth: {auth_url: 'http://k', username: u, password: p, project_name: p}";

    #[test]
    fn thirty_two_hexadecimal_digits_are_an_id_and_all_else_is_a_name() {
        let hex = "0A1b2c3d4e5f60718293a4b5c6d7e8f9";
        assert_eq!(named(hex).id.as_deref(), Some(hex));
        assert_eq!(named("team-web").name.as_deref(), Some("team-web"));
    }

    #[test]
    fn who_cannot_switch_is_told_why() {
        set_project(&mut entry(PASSWORD), "web").unwrap();
        let credential = "auth_type: v3applicationcredential, auth: {auth_url: 'http://k', \
                          application_credential_id: c, application_credential_secret: s}";
        let account = "auth_type: rackspace_apikey, auth: {username: u, api_key: k}";
        let none = "auth_type: none, auth: {endpoint: 'http://g'}";
        for (auth, why) in
            [(credential, "carries its own"), (account, "one project"), (none, "no other projects")]
        {
            let error = set_project(&mut entry(auth), "web").unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn on_ims_the_code_goes_with_the_password_and_the_id_of_the_user() {
        let code = || Some(SecretString::from("123456"));
        let mut glance = entry(PASSWORD);
        set_passcode(&mut glance, code()).unwrap();
        assert!(matches!(method(glance), Method::Password { passcode: Some(_), .. }));

        let mut by_name = entry(&format!("image_sharing_api: ims, {PASSWORD}"));
        set_passcode(&mut by_name, None).unwrap();
        let error = set_passcode(&mut by_name, code()).unwrap_err().to_string();
        assert!(error.contains("user_id") && !error.contains("123456"), "{error}");

        let mut by_id =
            entry(&format!("image_sharing_api: ims, {}", PASSWORD.replace("username", "user_id")));
        set_passcode(&mut by_id, code()).unwrap();
        assert!(matches!(method(by_id), Method::Totp { password: Some(_), .. }));
    }
}
