//! Change requests as data. The plan dialog and `--dry-run` show them and the cloud clients send them, so the two cannot
//! differ.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;

use super::{Batch, CloudKind, ImageId, Member, MemberKind, MemberStatus, OperationKind};

/// The batch calls of IMS.
const BATCH: &str = "/v1/cloudimages/members";

/// A request to the image service: relative to its endpoint, without the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// The HTTP method.
    pub method: &'static str,
    /// Path from the root of the image service, version included, percent-encoded.
    pub path: String,
    /// JSON body, exactly as it is sent.
    pub body: Option<String>,
}

/// Body of the batch calls (IMS API reference, "Adding Image Members", "Deleting Image Sharing Members"). Empty lists are omitted: older
/// clouds know only `projects`.
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
    /// The request for every share of a batch. `None` if no single request can name them: a batch of several shares on a
    /// cloud without batch calls, or an answer for any member but the project itself.
    pub fn of(cloud: CloudKind, kind: OperationKind, batch: &Batch) -> Option<Self> {
        match (cloud, kind.status()) {
            (CloudKind::Ims, None) => Some(Self::batch(kind, batch)),
            (CloudKind::Ims, Some(status)) => Self::batch_answer(&status, batch),
            (CloudKind::Glance | CloudKind::Rackspace, _) => {
                let ([image], [member]) = (&*batch.images, &*batch.members) else { return None };
                Some(Self::single(kind, image, member))
            }
        }
    }

    /// Glance v2, "Sharing".
    fn single(kind: OperationKind, image: &ImageId, member: &Member) -> Self {
        let members = format!("/v2/images/{}/members", segment(image.raw()));
        let one = || format!("{members}/{}", segment(member.id.raw()));
        let (method, path, body) = match kind.status() {
            Some(status) => ("PUT", one(), Some(json!({ "status": status }))),
            None if kind == OperationKind::Revoke => ("DELETE", one(), None),
            None => ("POST", members, Some(json!({ "member": member.id.raw() }))),
        };
        Self { method, path, body: body.map(|body| body.to_string()) }
    }

    /// IMS API reference, "Updating the Image Member Status": a project answers for itself.
    fn batch_answer(status: &MemberStatus, batch: &Batch) -> Option<Self> {
        let [Member { kind: MemberKind::Project, id }] = &*batch.members else { return None };
        let images: Vec<&str> = batch.images.iter().map(ImageId::raw).collect();
        let mut body = json!({ "images": images, "project_id": id.raw(), "status": status });
        if let Some(vault) = &batch.vault {
            body["vault_id"] = vault.raw().into();
        }
        Some(Self { method: "PUT", path: BATCH.into(), body: Some(body.to_string()) })
    }

    fn batch(kind: OperationKind, batch: &Batch) -> Self {
        let of = |kind| {
            batch.members.iter().filter(move |m| m.kind == kind).map(|m| m.id.raw()).collect()
        };
        let body = BatchBody {
            images: batch.images.iter().map(ImageId::raw).collect(),
            projects: of(MemberKind::Project),
            domains: of(MemberKind::Domain),
            organizations: of(MemberKind::Organization),
        };
        let method = if kind == OperationKind::Revoke { "DELETE" } else { "POST" };
        Self { method, path: BATCH.into(), body: serde_json::to_string(&body).ok() }
    }

    /// The request as a shell command. The user provides the token in `$OS_TOKEN`.
    pub fn curl(&self, endpoint: &str) -> String {
        let mut line = format!("curl -X {} -H \"X-Auth-Token: $OS_TOKEN\"", self.method);
        if let Some(body) = &self.body {
            line.push_str(" -H 'Content-Type: application/json' -d ");
            line.push_str(&quoted(body));
        }
        line + " " + &quoted(&format!("{}{}", endpoint.trim_end_matches('/'), self.path))
    }
}

/// Percent-encodes one path segment: everything but unreserved characters, so an ID cannot leave its segment or end the
/// path.
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
    use super::super::Text;
    use super::*;

    fn batch(images: &[&str], members: &[Member]) -> Batch {
        let images = images.iter().map(|i| (*i).into()).collect();
        Batch { images, members: members.to_vec(), vault: None }
    }

    #[test]
    fn a_batch_names_projects_accounts_and_organisations_apart() {
        let account = Member { kind: MemberKind::Domain, id: Text::from("d1") };
        let request = ApiRequest::of(
            CloudKind::Ims,
            OperationKind::Revoke,
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
        assert_eq!(ApiRequest::of(CloudKind::Glance, OperationKind::Revoke, &two), None);
    }

    #[test]
    fn sharing_and_answering_are_said_as_each_cloud_wants_it() {
        let (one, two) =
            (batch(&["a"], &[Member::project("p")]), batch(&["a", "b"], &[Member::project("p")]));
        let said = |cloud, kind, batch: &Batch| {
            let ApiRequest { method, path, body } = ApiRequest::of(cloud, kind, batch).unwrap();
            format!("{method} {path} {}", body.unwrap())
        };
        let (glance, ims) = (CloudKind::Glance, CloudKind::Ims);
        assert_eq!(
            said(glance, OperationKind::Share, &one),
            r#"POST /v2/images/a/members {"member":"p"}"#
        );
        assert_eq!(
            said(glance, OperationKind::Reject, &one),
            r#"PUT /v2/images/a/members/p {"status":"rejected"}"#
        );
        assert_eq!(
            said(ims, OperationKind::Share, &two),
            r#"POST /v1/cloudimages/members {"images":["a","b"],"projects":["p"]}"#
        );
        assert_eq!(
            said(ims, OperationKind::Accept, &two),
            r#"PUT /v1/cloudimages/members {"images":["a","b"],"project_id":"p","status":"accepted"}"#
        );
    }

    #[test]
    fn a_vault_goes_with_the_answer_on_ims_alone() {
        let vault = Some("v".into());
        let batch = Batch { vault, ..batch(&["a"], &[Member::project("p")]) };
        let said =
            |cloud, kind| ApiRequest::of(cloud, kind, &batch).unwrap().body.unwrap_or_default();
        assert_eq!(
            said(CloudKind::Ims, OperationKind::Accept),
            r#"{"images":["a"],"project_id":"p","status":"accepted","vault_id":"v"}"#
        );
        assert_eq!(said(CloudKind::Glance, OperationKind::Accept), r#"{"status":"accepted"}"#);
    }

    #[test]
    fn nobody_answers_for_two_projects_or_for_an_account() {
        let account = Member { kind: MemberKind::Domain, id: Text::from("d") };
        for members in [vec![Member::project("p"), Member::project("q")], vec![account]] {
            let request =
                ApiRequest::of(CloudKind::Ims, OperationKind::Accept, &batch(&["a"], &members));
            assert_eq!(request, None);
        }
    }

    #[test]
    fn a_member_id_cannot_leave_its_path_segment() {
        let nasty = batch(&["a"], &[Member::project("../x?y#z%")]);
        let request = ApiRequest::of(CloudKind::Glance, OperationKind::Revoke, &nasty).unwrap();
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
