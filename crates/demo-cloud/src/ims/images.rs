//! Images in the words of IMS, and its own list of them.

use serde_json::{Map, Value, json};

use domain::{Moment, Text, Visibility};

use super::super::answer::{Answer, ims_error};
use super::super::call::Call;
use super::super::filters::Listing;
use super::super::glance::{Answered, Caller, link, visible};
use super::super::options::Paging;
use super::super::world::{StoredImage, World};
use super::no_image;

/// The word of IMS: `shared` while it has members, on both sides.
pub(crate) fn visibility(image: &StoredImage) -> &'static str {
    match image.image.visibility {
        Visibility::Public => "public",
        _ if image.listed().is_empty() => "private",
        _ => "shared",
    }
}

fn image_type(image: &StoredImage) -> &'static str {
    match visibility(image) {
        "public" => "gold",
        other => other,
    }
}

/// Filters that IMS has on top of the native ones.
pub(crate) fn is_filter(key: &str) -> bool {
    key.starts_with("__")
        || matches!(
            key,
            "virtual_env_type"
                | "enterprise_project_id"
                | "architecture"
                | "flavor_id"
                | "min_disk"
                | "min_ram"
        )
}

/// Whether an image passes one of them.
pub(crate) fn passes(image: &StoredImage, key: &str, value: &str) -> bool {
    match key {
        "__imagetype" => image_type(image) == value,
        "__isregistered" => value.eq_ignore_ascii_case("true"),
        "enterprise_project_id" => matches!(value, "0" | "all_granted_eps"),
        "__whole_image" => image.image.whole == value.eq_ignore_ascii_case("true"),
        _ => image_body(image).get(key).is_some_and(|shown| {
            shown.as_str().map_or_else(|| shown.to_string(), str::to_owned) == value
        }),
    }
}

/// An image in the words of IMS: text where one would expect booleans and numbers.
pub(crate) fn image_body(stored: &StoredImage) -> Value {
    let image = &stored.image;
    let id = image.id.raw();
    let os = image.os.as_ref().map_or("Other", |os| os.raw());
    let platform = os.split(' ').next().unwrap_or("Other");
    let time = |at: Option<Moment>| at.map(|at| at.to_string());
    let mut body = json!({
        "id": id,
        "created_at": time(image.created_at),
        "updated_at": time(image.updated_at),
        "protected": image.protected,
        "status": image.status.as_ref().map(Text::raw),
        "visibility": visibility(stored),
        "owner": image.owner.as_ref().map(|owner| owner.0.raw()),
        "min_disk": 40,
        "min_ram": 0,
        "size": 0,
        "enterprise_project_id": "0",
        "virtual_env_type": "FusionCompute",
        "__imagetype": image_type(stored),
        "__image_size": image.size.unwrap_or(0).to_string(),
        "__isregistered": "true",
        "__os_type": if platform == "Windows" { "Windows" } else { "Linux" },
        "__os_version": format!("{os} 64bit"),
        "__os_bit": "64",
        "__platform": platform,
    });
    if let Value::Object(body) = &mut body {
        complete(body, stored);
    }
    body
}

fn complete(body: &mut Map<String, Value>, stored: &StoredImage) {
    let image = &stored.image;
    if let Some(name) = &image.name {
        body.insert("name".into(), name.raw().into());
    }
    if image.whole {
        body.insert("__whole_image".into(), "true".into());
    }
    if image.encrypted {
        body.insert("__system__cmkid".into(), image.id.raw().into());
    }
}

pub(super) fn list(call: &Call, world: &World, caller: &Caller) -> Answered {
    let bad = |text: &str| ims_error(400, "IMG.0001", text);
    let limit = match call.param("limit") {
        None => 500,
        Some(text) => text.parse().map_err(|_| bad("limit must be a positive integer"))?,
    };
    let limit = std::cmp::min(limit, world.options.ims.page_max);
    let mut listing = Listing::read(call, caller).map_err(|text| bad(&text))?;
    if let Some(marker) = call.param("marker") {
        let image = visible(world, caller, marker);
        let image = image.ok_or_else(|| no_image(marker))?;
        listing.start_after(image);
    }
    let page = listing.page(world, limit);
    let mut body = Map::new();
    body.insert("images".into(), page.iter().map(|image| image_body(image)).collect());
    if let Some(last) = page.last().filter(|_| page.len() == limit) {
        let last = last.image.id.raw();
        match world.options.ims.paging {
            Paging::PageInfo => body.insert("page_info".into(), json!({"next_marker": last})),
            Paging::Next => body.insert("next".into(), link(call, Some(last)).into()),
            Paging::LastId => None,
        };
    }
    Ok(Answer::ok(&Value::Object(body)))
}
