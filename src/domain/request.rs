//! Requests that change something, as data. What the plan dialog and `--dry-run` show is this, and what a
//! cloud sends is this: the two cannot differ.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Batch, CloudKind, MemberKind};

/// A request to the image service: relative to its endpoint, token left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// `DELETE`, …
    pub method: &'static str,
    /// Path from the root of the image service, version included, percent-encoded.
    pub path: String,
    /// JSON body, exactly as it is sent.
    pub body: Option<String>,
}

/// Body of the batch calls (IMS API reference, "Deleting Image Sharing Members"). Empty lists are left out: older clouds know `projects` alone.
#[derive(Serialize)]
struct BatchBody<'a> {
    images: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    projects: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    domains: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organizations: Vec<&'a str>,
}

impl ApiRequest {
    /// The request that takes a batch away. On clouds without batches that is the batch's only share, and
    /// `None` when the batch holds more than one: no single request can name them.
    pub fn revoke(kind: CloudKind, batch: &Batch) -> Option<Self> {
        match kind {
            CloudKind::Ims => Some(Self::batch("DELETE", batch)),
            CloudKind::Glance | CloudKind::Rackspace => match (&*batch.images, &*batch.members) {
                ([image], [member]) => Some(Self {
                    method: "DELETE",
                    path: format!(
                        "/v2/images/{}/members/{}",
                        segment(image.raw()),
                        segment(member.id.raw())
                    ),
                    body: None,
                }),
                _ => None,
            },
        }
    }

    fn batch(method: &'static str, batch: &Batch) -> Self {
        let of = |kind| {
            batch.members.iter().filter(move |m| m.kind == kind).map(|m| m.id.raw()).collect()
        };
        let body = BatchBody {
            images: batch.images.iter().map(super::ImageId::raw).collect(),
            projects: of(MemberKind::Project),
            domains: of(MemberKind::Domain),
            organizations: of(MemberKind::Organization),
        };
        Self {
            method,
            path: "/v1/cloudimages/members".into(),
            body: serde_json::to_string(&body).ok(),
        }
    }

    /// The same request for a shell. The token is a variable the user sets: `$OS_TOKEN`.
    pub fn curl(&self, endpoint: &str) -> String {
        let mut line = format!("curl -X {} -H \"X-Auth-Token: $OS_TOKEN\"", self.method);
        if let Some(body) = &self.body {
            line.push_str(" -H 'Content-Type: application/json' -d ");
            line.push_str(&quoted(body));
        }
        line + " " + &quoted(&format!("{}{}", endpoint.trim_end_matches('/'), self.path))
    }
}

/// One segment of a path: everything but unreserved characters percent-encoded, so an id can neither leave
/// its segment nor end the path.
pub fn segment(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for byte in raw.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(byte as char),
            b'.' if raw.bytes().any(|b| b != b'.') => out.push('.'),
            // Writing to a string cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::super::{Member, Text};
    use super::*;

    fn batch(images: &[&str], members: &[Member]) -> Batch {
        Batch { images: images.iter().map(|i| (*i).into()).collect(), members: members.to_vec() }
    }

    #[test]
    fn a_batch_names_projects_accounts_and_organisations_apart() {
        let account = Member { kind: MemberKind::Domain, id: Text::from("d1") };
        let request = ApiRequest::revoke(
            CloudKind::Ims,
            &batch(&["a", "b"], &[Member::project("p1"), account]),
        );

        let request = request.unwrap();
        assert_eq!((request.method, &*request.path), ("DELETE", "/v1/cloudimages/members"));
        assert_eq!(
            request.body.unwrap(),
            r#"{"images":["a","b"],"projects":["p1"],"domains":["d1"]}"#
        );
    }

    #[test]
    fn a_cloud_without_batches_gets_no_request_for_two_shares() {
        let two = batch(&["a"], &[Member::project("p1"), Member::project("p2")]);
        assert_eq!(ApiRequest::revoke(CloudKind::Glance, &two), None);
    }

    #[test]
    fn a_member_id_cannot_leave_its_path_segment() {
        let nasty = batch(&["a"], &[Member::project("../x?y#z%")]);
        let request = ApiRequest::revoke(CloudKind::Glance, &nasty).unwrap();
        assert_eq!(request.path, "/v2/images/a/members/..%2Fx%3Fy%23z%25");
        assert_eq!(segment(".."), "%2E%2E");
    }

    #[test]
    fn the_curl_line_survives_a_quote_and_shows_no_token() {
        let request = ApiRequest {
            method: "DELETE",
            path: "/p".into(),
            body: Some("{\"a\":\"it's\"}".into()),
        };
        assert_eq!(
            request.curl("https://ims/"),
            "curl -X DELETE -H \"X-Auth-Token: $OS_TOKEN\" -H 'Content-Type: application/json' \
             -d '{\"a\":\"it'\\''s\"}' 'https://ims/p'"
        );
    }
}
