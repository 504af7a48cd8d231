//! One request as the services read it.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use serde_json::Value;

/// Which service a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Keystone,
    Glance,
    Ims,
    Rackspace,
}

/// A request, without its service's prefix.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) service: Service,
    pub(super) method: Method,
    /// The path as it came, with its service's prefix, decoded and split. A signature covers it.
    pub(super) whole: Vec<String>,
    /// Decoded as a whole before it is split, as WSGI does it: `%2F` in a member id makes a segment.
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// `http://127.0.0.1:PORT`
    pub(super) url: String,
    pub(super) request_id: String,
    /// Glance has an API before 2.5.
    pub(super) old_glance: bool,
}

impl Call {
    pub(super) fn new(url: &str, parts: axum::http::request::Parts, body: Bytes) -> Self {
        let (service, path) = service_of(parts.uri.path());
        let id = super::names::uuid(&mut fastrand::Rng::new());
        let request_id =
            if service == Service::Ims { id.replace('-', "") } else { format!("req-{id}") };
        let split = |path: String| -> Vec<String> {
            path.trim_start_matches('/').split('/').map(str::to_owned).collect()
        };
        let whole = split(percent_decode(parts.uri.path()));
        let path = percent_decode(path);
        let query = parts.uri.query().unwrap_or_default();
        Self {
            service,
            method: parts.method,
            whole,
            segments: split(path),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers,
            body,
            url: url.to_owned(),
            request_id,
            old_glance: false,
        }
    }

    /// Whether the image service has an API before 2.5, where an image with members reads `private`.
    pub(super) fn is_old(&self) -> bool {
        self.service == Service::Rackspace || (self.service == Service::Glance && self.old_glance)
    }

    /// The path for matching: `["v2", "images"]`.
    pub(super) fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A query parameter; of several the last one wins.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `None` when it is none.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

fn service_of(path: &str) -> (Service, &str) {
    for (prefix, service) in
        [("/glance", Service::Glance), ("/ims", Service::Ims), ("/rackspace", Service::Rackspace)]
    {
        if let Some(rest) = path.strip_prefix(prefix)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return (service, rest);
        }
    }
    // Huawei's SDK drops the path of an endpoint; Keystone has nothing here.
    let bare_ims = path.starts_with("/v1/") || path.starts_with("/v2/");
    (if bare_ims { Service::Ims } else { Service::Keystone }, path)
}

fn percent_decode(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_before_it_is_split() {
        assert_eq!(percent_decode("/a%2Fb%20c%zz%"), "/a/b c%zz%");
    }

    #[test]
    fn a_prefix_is_a_whole_segment() {
        assert_eq!(service_of("/ims/v2/images"), (Service::Ims, "/v2/images"));
        assert_eq!(service_of("/imsx"), (Service::Keystone, "/imsx"));
        assert_eq!(service_of("/v2/images"), (Service::Ims, "/v2/images"));
        assert_eq!(service_of("/v2.0/tokens"), (Service::Keystone, "/v2.0/tokens"));
        assert_eq!(service_of("/glance"), (Service::Glance, ""));
    }
}
