//! Connections that are not encrypted: what goes over them in clear text, and whether the settings refuse that.

use cloud::auth::{Login, StaticAuth};
use cloud::config::CloudEntry;
use cloud::http::{Url, is_loopback};
use domain::Failure;

/// Checks the address of the login, before anything is sent to it. A warning when it is not encrypted, an error when
/// `require_tls` is set.
pub(super) fn login(entry: &CloudEntry) -> Result<Option<Failure>, Failure> {
    let Some(url) = login_address(entry) else { return Ok(None) };
    if url.scheme() != "http" || is_loopback(&url) {
        return Ok(None);
    }
    let exposed = match &entry.login {
        // Not a login: see `images`.
        Login::Static { .. } => return Ok(None),
        Login::AccessKey { .. } => "signed requests",
        _ => "password and token",
    };
    let host = host(&url);
    let why =
        format!("the login at {host} is not encrypted (http://): {exposed} are sent in clear text");
    let hint = "use https in `auth_url`";
    judge(entry, &format!("log in to cloud {}", entry.name), why, hint)
}

/// Checks the address of the image service in the same way, before the token is sent to it. Loopback is fine unless
/// the login is encrypted and the catalog leads from there to an unencrypted address.
pub(super) fn images(entry: &CloudEntry, endpoint: &str) -> Result<Option<Failure>, Failure> {
    let Ok(url) = Url::parse(endpoint) else { return Ok(None) };
    if url.scheme() != "http" {
        return Ok(None);
    }
    let is_downgrade =
        entry.endpoint.is_none() && login_address(entry).is_some_and(|url| url.scheme() == "https");
    if is_loopback(&url) && !is_downgrade {
        return Ok(None);
    }
    let host = host(&url);
    let (from, hint) = if entry.endpoint.is_some() {
        ("", "use https in `image_endpoint_override`")
    } else {
        (
            " by the catalog",
            "set `image_endpoint_override` to its https address, or ask the cloud's administrator to correct the catalog",
        )
    };
    let exposed = match &entry.login {
        Login::Static { auth: StaticAuth::Nothing, .. } | Login::AccessKey { .. } => "",
        Login::Static { auth: StaticAuth::Basic { .. }, .. } => {
            ": the password is sent in clear text"
        }
        _ => ": the token is sent in clear text",
    };
    let why = format!("image requests go unencrypted to http://{host}{from}{exposed}");
    judge(entry, &format!("use the image service of cloud {}", entry.name), why, hint)
}

fn judge(
    entry: &CloudEntry,
    what: &str,
    why: String,
    hint: &str,
) -> Result<Option<Failure>, Failure> {
    if entry.settings.require_tls == Some(true) {
        let why = format!("{why}, and `require_tls` is set in config.toml");
        return Err(Failure::new(what, why).with_hint(hint));
    }
    Ok(Some(Failure::warning(why).with_hint(hint)))
}

fn login_address(entry: &CloudEntry) -> Option<Url> {
    let address = match &entry.login {
        Login::Static { .. } => entry.endpoint.as_deref(),
        login => login.auth_url(),
    };
    Url::parse(address?.trim()).ok()
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloud::config::Clouds;

    fn entry(auth_url: &str, more: &str, require_tls: Option<bool>) -> CloudEntry {
        let auth = "username: u, password: p, project_name: pr";
        let yaml = format!("clouds: {{one: {{auth: {{auth_url: '{auth_url}', {auth}}}{more}}}}}");
        let mut entry = Clouds::from_yaml_text(&yaml, "test").unwrap().entry("one", None).unwrap();
        entry.settings.require_tls = require_tls;
        entry
    }

    #[test]
    fn a_login_without_encryption_is_a_warning_and_loopback_is_fine() {
        for (url, expected) in [
            ("https://k.example/v3", false),
            ("http://127.0.0.1:5000/v3", false),
            ("http://[::1]:5000", false),
            ("http://localhost:5000", false),
            ("http://k.example:5000/v3", true),
            ("http://10.0.0.1", true),
        ] {
            let warning = login(&entry(url, "", None)).unwrap();
            assert_eq!(warning.is_some(), expected, "{url}: {warning:?}");
            let refused = login(&entry(url, "", Some(true)));
            assert_eq!(refused.is_err(), expected, "{url}: {refused:?}");
        }
        let warning = login(&entry("http://k.example:5000/v3", "", None)).unwrap().unwrap();
        assert_eq!(
            warning.to_string(),
            "the login at k.example:5000 is not encrypted (http://): password and token are sent in clear text; use \
             https in `auth_url`"
        );
    }

    #[test]
    fn images_without_encryption_are_a_warning_on_loopback_too_where_the_login_was_encrypted() {
        let (tls, clear) = ("https://k.example/v3", "http://127.0.0.1:5000/v3");
        let own = |url: &str| format!(", image_endpoint_override: '{url}'");
        for (auth_url, more, endpoint, expected) in [
            (tls, String::new(), "https://g.example", false),
            (tls, String::new(), "http://g.example", true),
            (tls, String::new(), "http://127.0.0.1:9292", true),
            (tls, own("http://127.0.0.1:9292"), "http://127.0.0.1:9292", false),
            (tls, own("http://g.example"), "http://g.example", true),
            (clear, String::new(), "http://127.0.0.1:9292", false),
            (clear, String::new(), "http://g.example", true),
        ] {
            let warning = images(&entry(auth_url, &more, None), endpoint).unwrap();
            assert_eq!(warning.is_some(), expected, "{auth_url} {endpoint}: {warning:?}");
            let refused = images(&entry(auth_url, &more, Some(true)), endpoint);
            assert_eq!(refused.is_err(), expected, "{auth_url} {endpoint}");
            if let Err(failure) = refused {
                assert!(failure.to_string().contains("`require_tls`"), "{failure}");
            }
        }
    }
}
