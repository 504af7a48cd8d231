//! Where the image service is, and how a path becomes an address without becoming another one.

use super::{CloudError, PageMark};
use crate::http::Url;

/// The root of an image service: without a version, query or trailing slash. May have a path prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    url: Url,
    /// `""`, or `/image`.
    prefix: String,
    /// The address was written with a version.
    versioned: bool,
}

impl Base {
    /// Takes an address as catalogs and people write it: a version at its end, also with a project after it
    /// (`/v2`, `/v2.15`, `/v2/{project}`), and slashes are left out. The error is a sentence fragment.
    pub fn parse(address: &str) -> Result<Self, String> {
        let mut url =
            Url::parse(address.trim()).map_err(|error| format!("is not an address: {error}"))?;
        if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
            return Err("must begin with http:// or https://".into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user or password".into());
        }
        let segments: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
        let recent = segments.len().saturating_sub(2);
        let version = segments.iter().skip(recent).position(|segment| is_version(segment));
        let kept = version.map_or(segments.len(), |at| recent + at);
        let prefix: String = segments[..kept].iter().flat_map(|part| ["/", part]).collect();
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(&prefix);
        Ok(Self { url, prefix, versioned: version.is_some() })
    }

    /// Where the service publishes its version document. `None` where the address names a version, which is then used as
    /// written.
    pub(super) fn document(&self) -> Option<Url> {
        (!self.versioned).then(|| self.url.clone())
    }

    /// The address of a path of the service, version included. Errors when an address cannot hold exactly this
    /// path: `/v2/images/A/members/%2E%2E` would be normalised to `/v2/images/A/`, another request altogether.
    pub(super) fn at(&self, path_and_query: &str) -> Result<Url, CloudError> {
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        let mut url = self.url.clone();
        let whole = format!("{}{path}", self.prefix);
        url.set_path(&whole);
        url.set_query(query);
        if url.path() == whole && path.starts_with('/') {
            return Ok(url);
        }
        Err(CloudError::NotSent(format!("no address can name {path}")))
    }

    /// Where a `next` link leads, as a path of the service. Glance writes `/v2/images?…` even under a prefix
    /// (seen, Glance 33: hard-coded). A link to another origin is an error, for the token goes with the request.
    pub(super) fn mark(&self, current: &str, link: &str) -> Result<PageMark, String> {
        let rooted = link.starts_with('/') && !link.starts_with("//");
        let prefixed = !self.prefix.is_empty() && link.starts_with(&format!("{}/", self.prefix));
        let url = if rooted && !prefixed {
            self.url.join(&format!("{}{link}", self.prefix))
        } else {
            let current = self.at(current).map_err(|error| error.to_string())?;
            current.join(link)
        };
        let url = url.map_err(|_| "the link to the next page is not an address".to_owned())?;
        if url.origin() != self.url.origin() {
            return Err(format!(
                "the next page is at another origin, {}, which is not followed",
                url.origin().ascii_serialization()
            ));
        }
        let path = url
            .path()
            .strip_prefix(&self.prefix)
            .filter(|path| path.starts_with('/'))
            .ok_or("the next page is outside the image service")?;
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(PageMark(format!("{path}{query}")))
    }
}

impl std::fmt::Display for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

/// `v1`, `v2`, `v2.15`.
fn is_version(segment: &str) -> bool {
    let Some(number) = segment.strip_prefix('v') else { return false };
    !number.is_empty() && number.split('.').all(|part| part.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_a_catalog_writes_the_address_leads_to_the_same_root() {
        for (address, expected) in [
            ("http://h:9292", "http://h:9292"),
            ("http://h:9292/", "http://h:9292"),
            ("http://h:9292/v2", "http://h:9292"),
            ("http://h:9292/v2/", "http://h:9292"),
            ("http://h:9292/v2.15//", "http://h:9292"),
            ("http://h:9292/v2/0123456789abcdef", "http://h:9292"),
            ("http://h:9292/v1", "http://h:9292"),
            ("https://h/image", "https://h/image"),
            ("https://h/image/v2/", "https://h/image"),
            ("https://h/v2/image/glance", "https://h/v2/image/glance"),
            ("https://[::1]:9292/v2", "https://[::1]:9292"),
            (" https://10.0.0.7/volume-v2/ ", "https://10.0.0.7/volume-v2"),
        ] {
            assert_eq!(Base::parse(address).unwrap().to_string(), expected, "{address}");
        }
    }

    #[test]
    fn an_address_with_a_password_is_refused_without_repeating_it() {
        let error = Base::parse("https://u:hunter2@h/v2").unwrap_err();
        assert!(!error.contains("hunter2"));
        assert!(Base::parse("h:9292").is_err());
    }

    #[test]
    fn a_path_that_an_address_would_change_is_not_sent() {
        let base = Base::parse("https://h/image").unwrap();
        for path in [
            "/v2/images/a/members/%2E%2E",
            "/v2/images/a/members/%2e",
            "/v2/images/a/members/..",
            "/v2/images/%2e%2E/members/b",
            "v2/images",
        ] {
            assert!(matches!(base.at(path), Err(CloudError::NotSent(_))), "{path}");
        }
        let url = base.at("/v2/images/a/members/..%2Fb%3F?limit=1").unwrap();
        assert_eq!(url.as_str(), "https://h/image/v2/images/a/members/..%2Fb%3F?limit=1");
    }

    #[test]
    fn a_next_link_stays_under_the_prefix_and_within_the_origin() {
        let base = Base::parse("https://h/image").unwrap();
        let next = |link| base.mark("/v2/images?limit=1", link);
        let expected = Ok(PageMark("/v2/images?marker=a".into()));

        for link in [
            "/v2/images?marker=a",
            "/image/v2/images?marker=a",
            "https://h/image/v2/images?marker=a",
            "https://h:443/image/v2/images?marker=a",
            "?marker=a",
            "images?marker=a",
        ] {
            assert_eq!(next(link), expected, "{link}");
        }
        for link in [
            "https://evil/image/v2/images",
            "//evil/image/v2/images",
            "http://h/image/v2/images",
            "https://h:8443/image/v2/images",
            "https://h/v2/images",
            "https://h/../etc",
        ] {
            assert!(next(link).is_err(), "{link}");
        }
    }
}
