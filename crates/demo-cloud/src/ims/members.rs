//! Member lists with types and pages: `/v1/{project_id}/cloudimages/{image_id}/members`, where it exists.

use serde_json::{Value, json};

use domain::{MemberKind, Membership};

use super::super::answer::{Answer, ims_error};
use super::super::call::Call;
use super::super::glance::{Answered, Caller, visible};
use super::super::members;
use super::super::world::World;
use super::no_image;

pub(super) fn page(call: &Call, world: &World, caller: &Caller, id: &str) -> Answered {
    let image = visible(world, caller, id).ok_or_else(|| no_image(id))?;
    let bad = |text: &str| ims_error(400, "IMG.0001", text);
    let limit: usize = match call.param("limit") {
        None => 500,
        Some(text) => match text.parse() {
            Ok(limit @ 1..=1000) => limit,
            _ => return Err(bad("limit must be from 1 to 1000")),
        },
    };
    let from = match call.param("marker") {
        None => 0,
        Some(marker) => read_marker(marker).ok_or_else(|| bad("marker is not valid"))?,
    };
    let all: Vec<_> = members::rows(image, caller).collect();
    let rows: Vec<Value> = all.iter().skip(from).take(limit).map(|row| typed(id, row)).collect();
    let mut page_info = json!({"current_count": rows.len()});
    if from + rows.len() < all.len() {
        page_info["next_marker"] = marker(from + rows.len()).into();
    }
    Ok(Answer::ok(
        &json!({"members": rows, "schema": "/v2/schemas/members", "page_info": page_info}),
    ))
}

fn typed(image: &str, row: &Membership) -> Value {
    let mut body = members::body(image, row);
    body["member_type"] = row.member.kind.word().into();
    if row.member.kind == MemberKind::Organization {
        body["urn"] = row.member.id.raw().into();
    }
    body
}

/// Base64 as documented, with characters in it that must be escaped in a query.
fn marker(at: usize) -> String {
    format!("bTo+/{at}==")
}

fn read_marker(marker: &str) -> Option<usize> {
    marker.strip_prefix("bTo+/")?.strip_suffix("==")?.parse().ok()
}
