//! Rackspace: identity v2.0, and Cloud Images, which is Glance as it was before 2017 (Rackspace docs: Cloud Identity
//! API v2.0, Cloud Images API v2; "seen" nowhere).

use serde_json::{Map, Value, json};

use domain::Visibility;

use super::answer::{Answer, no_resource, refuse};
use super::call::Call;
use super::glance;
use super::identity::TokenScope;
use super::world::{StoredImage, World};

pub mod accounts;
mod login;

pub(super) use login::log_in;

/// The largest page of an image list.
pub(super) const PAGE_MAX: usize = 100;

/// Everything below `/rackspace`: Glance's calls, also with the account number after the version.
pub(super) fn answer(call: &Call, world: &mut World) -> Answer {
    let path = call.path();
    let (number, rest) = match path.as_slice() {
        ["v2", number, rest @ ..] if is_number(number) => (Some(*number), rest),
        ["v2", rest @ ..] => (None, rest),
        _ => return no_resource(call),
    };
    if let Some(refusal) = wrong_account(call, world, number).or_else(|| wrong_type(call)) {
        return refusal;
    }
    glance::native(call, world, rest).unwrap_or_else(|refusal| refusal)
}

fn is_number(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn wrong_account(call: &Call, world: &mut World, number: Option<&str>) -> Option<Answer> {
    let number = number?;
    match glance::logged_in(call, world) {
        Err(refusal) => Some(refusal),
        Ok(TokenScope::Project(own, _)) if own.0.raw() == number => None,
        Ok(_) => Some(refuse(call, 403, "You are not authorized for this tenant.")),
    }
}

/// 415 to a change of members that is not said to be JSON.
fn wrong_type(call: &Call) -> Option<Answer> {
    let members = call.segments.iter().any(|segment| segment == "members");
    let json = call.header("content-type").unwrap_or_default().starts_with("application/json");
    let body = ["POST", "PUT"].contains(&call.method.as_str());
    (members && body && !json).then(|| refuse(call, 415, "Unsupported Content-Type"))
}

/// What an image is called: whether it has members does not show.
pub(super) fn visibility(stored: &StoredImage) -> &'static str {
    if stored.image.visibility == Visibility::Public { "public" } else { "private" }
}

/// Makes an image's description as old as the service is.
pub(super) fn age(body: &mut Map<String, Value>, stored: &StoredImage) {
    for young in ["os_hidden", "os_hash_algo", "os_hash_value", "virtual_size"] {
        body.shift_remove(young);
    }
    body.insert("visibility".into(), visibility(stored).into());
}

/// Two regions of the image service: one address without the account number, one with it; and another service.
fn catalog(url: &str, number: &str) -> Value {
    let endpoint =
        |region: &str, url: String| json!({"region": region, "tenantId": number, "publicURL": url});
    json!([
        {"name": "cloudImages", "type": "image", "endpoints": [
            endpoint("IAD", format!("{url}/rackspace/v2")),
            endpoint("ORD", format!("{url}/rackspace/v2/{number}")),
        ]},
        {"name": "cloudServersOpenStack", "type": "compute", "endpoints": [
            endpoint("DFW", format!("{url}/compute/v2/{number}")),
        ]},
    ])
}
