//! From `auth_url` as people write it to the address of a call of the identity service.

use super::AuthError;
use crate::http::Url;

/// A version of the Identity API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// v2.0, of Rackspace.
    Two,
    /// v3, of every other cloud.
    Three,
}

/// The root of version 3 of the identity service at an `auth_url` as people write it.
pub fn identity_v3(auth_url: &str) -> Result<Url, AuthError> {
    identity_url(auth_url, Version::Three, "")
}

/// Where Keystone publishes its version document: the `auth_url` itself, as keystoneauth reads it. The document of
/// version 2.0 does not name version 3, so that the one at the root is read instead.
pub(super) fn document_url(auth_url: &str) -> Result<Url, AuthError> {
    let mut url = identity_url(auth_url, Version::Three, "")?;
    let written = Url::parse(auth_url.trim()).map_err(AuthError::bad_url)?;
    if !written.path().starts_with(url.path()) {
        let root = url.path().trim_end_matches("/v3").to_owned();
        url.set_path(&root);
    }
    Ok(url)
}

/// Accepts the address with or without a version, trailing slashes, a path prefix (`/identity`) or the call that
/// gives tokens. Whatever version it has, the one asked for is put in its place: for Keystone `/v2.0` is taken for what
/// such entries mean today, version 3 beside it. `call` is `/auth/tokens`, …
pub(super) fn identity_url(auth_url: &str, version: Version, call: &str) -> Result<Url, AuthError> {
    let bad = |why: &str| AuthError::bad_url(why);
    let mut url = Url::parse(auth_url.trim())
        .map_err(|error| bad(&format!("is not a valid address: {error}")))?;
    if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
        return Err(bad("must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("must not contain a user or password"));
    }
    let path = url.path().trim_end_matches('/');
    let path =
        ["/auth/tokens", "/tokens"].iter().find_map(|call| path.strip_suffix(call)).unwrap_or(path);
    let path = path.trim_end_matches('/');
    let root = match path.rsplit_once('/') {
        Some((before, last)) if is_version(last) => before,
        _ => path,
    };
    let version = match version {
        Version::Two => "v2.0",
        Version::Three => "v3",
    };
    let path = format!("{}/{version}{call}", root.trim_end_matches('/'));
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// `v3`, `v3.14`, `v2.0`.
fn is_version(segment: &str) -> bool {
    let Some(number) = segment.strip_prefix('v') else { return false };
    !number.is_empty() && number.split('.').all(|part| part.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login_url(auth_url: &str) -> Result<Url, AuthError> {
        identity_url(auth_url, Version::Three, "/auth/tokens")
    }

    #[test]
    fn every_way_to_write_the_address_leads_to_the_same_one() {
        for (auth_url, expected) in [
            ("http://h:5000", "http://h:5000/v3/auth/tokens"),
            ("http://h:5000//", "http://h:5000/v3/auth/tokens"),
            ("http://h:5000/v3", "http://h:5000/v3/auth/tokens"),
            (" http://h:5000/v3/ ", "http://h:5000/v3/auth/tokens"),
            ("http://h:5000/v2.0/", "http://h:5000/v3/auth/tokens"),
            ("http://h:5000/v3/auth/tokens", "http://h:5000/v3/auth/tokens"),
            ("https://h/identity", "https://h/identity/v3/auth/tokens"),
            ("https://h/identity/v3.14/", "https://h/identity/v3/auth/tokens"),
            ("https://[::1]:5000/v3?a=b#c", "https://[::1]:5000/v3/auth/tokens"),
        ] {
            assert_eq!(login_url(auth_url).unwrap().as_str(), expected, "{auth_url}");
        }
    }

    #[test]
    fn the_version_document_is_at_the_address_as_written_but_for_version_2() {
        for (auth_url, expected) in [
            ("http://h:5000", "http://h:5000/"),
            ("http://h:5000/v3/", "http://h:5000/v3"),
            ("http://h/identity/v3/auth/tokens", "http://h/identity/v3"),
            ("http://h/identity/", "http://h/identity"),
            ("http://h/identity/v2.0", "http://h/identity"),
        ] {
            assert_eq!(document_url(auth_url).unwrap().as_str(), expected, "{auth_url}");
        }
    }

    #[test]
    fn an_identity_service_of_version_2_is_asked_in_version_2() {
        for auth_url in [
            "https://h",
            "https://h/v2.0",
            "https://h/v2.0/",
            "https://h/v2.0/tokens",
            "https://h/v3/auth/tokens",
        ] {
            let url = identity_url(auth_url, Version::Two, "/tokens").unwrap();
            assert_eq!(url.as_str(), "https://h/v2.0/tokens", "{auth_url}");
        }
    }

    #[test]
    fn what_is_no_address_is_an_error_without_its_password() {
        for auth_url in ["", "h:5000/v3", "ftp://h/v3", "https://"] {
            assert!(login_url(auth_url).unwrap_err().why.starts_with("`auth_url` "), "{auth_url}");
        }
        let error = login_url("https://u:hunter2@h/v3").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
