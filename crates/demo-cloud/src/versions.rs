//! What the services tell before anybody logged in: versions, schemas, and the catalog that leads to them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Call, Service};

fn identity_v3(call: &Call) -> Value {
    json!({"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": format!("{}/v3/", call.url)}],
        "media-types": [{"base": "application/json",
            "type": "application/vnd.openstack.identity-v3+json"}]})
}

/// `GET /`: 300, as Keystone does.
pub(super) fn keystone(call: &Call) -> Answer {
    let body = json!({"versions": {"values": [identity_v3(call)]}});
    Answer::json(StatusCode::MULTIPLE_CHOICES, &body).with("location", format!("{}/v3/", call.url))
}

/// `GET /v3`
pub(super) fn keystone_v3(call: &Call) -> Answer {
    Answer::ok(&json!({"version": identity_v3(call)}))
}

/// The image service's versions.
pub(super) fn image(call: &Call, status: StatusCode) -> Answer {
    let prefix = if call.service == Service::Ims { "ims" } else { "glance" };
    let href = format!("{}/{prefix}/v2/", call.url);
    let newest = if call.is_old() { 4 } else { 18 };
    let version = |minor: u8| {
        let status = if minor == newest { "CURRENT" } else { "SUPPORTED" };
        json!({"id": format!("v2.{minor}"), "status": status, "links": [{"rel": "self", "href": href}]})
    };
    let versions: Vec<Value> =
        (0..=newest).rev().filter(|minor| *minor != 10).map(version).collect();
    Answer::json(status, &json!({"versions": versions}))
}

/// Identity and image in both regions. Image addresses carry no version.
pub(super) fn catalog(url: &str) -> Value {
    let image = |region| match region {
        "eu-de" => format!("{url}/ims"),
        _ => format!("{url}/glance"),
    };
    let mut identities = Vec::new();
    let mut images = Vec::new();
    for region in ["eu-de", "RegionOne"] {
        for interface in ["public", "internal", "admin"] {
            identities.push(endpoint(region, interface, &format!("{url}/v3"), 'a'));
            images.push(endpoint(region, interface, &image(region), 'b'));
        }
    }
    json!([
        {"endpoints": identities, "id": "1c36e77cc240454386036eaf8d2f6826", "type": "identity", "name": "keystone"},
        {"endpoints": images, "id": "b2ac18fe4c1349089c7eaee291f50847", "type": "image", "name": "glance"},
    ])
}

fn endpoint(region: &str, interface: &str, url: &str, kind: char) -> Value {
    let id = format!("{kind}{:0>31x}", region.len() * 16 + interface.len());
    json!({"id": id, "interface": interface, "region_id": region, "url": url, "region": region})
}
