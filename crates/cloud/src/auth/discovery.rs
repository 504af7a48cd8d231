//! Version documents: what Keystone and Glance say about themselves at an address without a version.

use serde_json::Value;

use crate::http::Url;

/// A version of an API, as a version document lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiVersion {
    /// The 3 of `v3.14`.
    pub major: u16,
    /// The 14 of `v3.14`; 0 for `v3`.
    pub minor: u16,
    /// The `self` link, as written.
    link: Option<String>,
}

/// The versions in a document. All three forms are read: Glance's `{"versions": […]}`, Keystone's
/// `{"versions": {"values": […]}}`, and the `{"version": {…}}` of an address with a version. `None` for anything else.
pub fn versions(document: &[u8]) -> Option<Vec<ApiVersion>> {
    let document: Value = serde_json::from_slice(document).ok()?;
    let list = match (document.get("versions"), document.get("version")) {
        (Some(Value::Array(list)), _) => list.as_slice(),
        (Some(Value::Object(object)), _) => object.get("values")?.as_array()?.as_slice(),
        (_, Some(one @ Value::Object(_))) => std::slice::from_ref(one),
        _ => return None,
    };
    Some(list.iter().filter_map(version).collect())
}

/// The address of the newest version with this major number, from a document that was read at `document`. `None` where
/// no link leads to the same origin: documents behind a proxy often name an internal host, and credentials never go
/// where only a document points.
pub fn address(versions: &[ApiVersion], major: u16, document: &Url) -> Option<Url> {
    let of_major = versions.iter().filter(|version| version.major == major);
    let newest = of_major.max_by_key(|version| version.minor)?;
    let mut base = document.clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", document.path()));
    }
    let mut url = base.join(newest.link.as_deref()?).ok()?;
    let is_safe =
        url.origin() == document.origin() && url.username().is_empty() && url.password().is_none();
    url.set_query(None);
    url.set_fragment(None);
    is_safe.then_some(url)
}

fn version(entry: &Value) -> Option<ApiVersion> {
    let number = entry.get("id")?.as_str()?.strip_prefix('v')?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    let links = entry.get("links").and_then(Value::as_array).into_iter().flatten();
    let mut links = links.filter(|link| link.get("rel").and_then(Value::as_str) == Some("self"));
    let link = links.find_map(|link| link.get("href")?.as_str()).map(str::to_owned);
    Some(ApiVersion { major: major.parse().ok()?, minor: minor.parse().ok()?, link })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address_in(document: &str, major: u16, at: &str) -> Option<String> {
        let versions = versions(document.as_bytes())?;
        address(&versions, major, &Url::parse(at).unwrap()).map(|url| url.to_string())
    }

    #[test]
    fn every_form_of_the_document_leads_to_the_newest_version_asked_for() {
        let link = |path: &str| format!(r#"[{{"rel":"self","href":"http://h:5000{path}"}}]"#);
        let (three, two) = (link("/identity/v3/"), link("/v2.0/"));
        for document in [
            format!(
                r#"{{"versions":{{"values":[{{"id":"v3.14","links":{three}}},{{"id":"v2.0","links":{two}}}]}}}}"#
            ),
            format!(
                r#"{{"versions":[{{"id":"v2.0","links":{two}}},{{"id":"v3.0","links":{two}}},{{"id":"v3.9","links":{three}}}]}}"#
            ),
            format!(r#"{{"version":{{"id":"v3.14","links":{three}}}}}"#),
            r#"{"version":{"id":"v3","links":[{"rel":"self","href":"identity/v3/"}]}}"#.into(),
        ] {
            let found = address_in(&document, 3, "http://h:5000");
            assert_eq!(found.as_deref(), Some("http://h:5000/identity/v3/"), "{document}");
        }
    }

    #[test]
    fn a_link_to_another_origin_is_not_followed() {
        for href in
            ["http://other/v3", "https://h/v3", "http://h:8080/v3", "//other/v3", "http://u:p@h/v3"]
        {
            let document = format!(
                r#"{{"version":{{"id":"v3","links":[{{"rel":"self","href":"{href}"}}]}}}}"#
            );
            assert_eq!(address_in(&document, 3, "http://h/"), None, "{href}");
        }
    }

    #[test]
    fn anything_else_is_no_version_document() {
        for text in ["", "<html>", "[]", "{}", r#"{"versions":7}"#, r#"{"versions":{"x":1}}"#] {
            assert_eq!(versions(text.as_bytes()), None, "{text}");
        }
        let odd = br#"{"versions":[{"id":"x"},{"id":7},{},{"id":"v2.4"}]}"#;
        let read = versions(odd).unwrap();
        assert_eq!(read, [ApiVersion { major: 2, minor: 4, link: None }]);
    }
}
