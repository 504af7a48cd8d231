//! PATCH of an image, as Glance takes it: a JSON patch whose operations are all looked at before any is done.

use serde_json::Value;

use super::answer::{Answer, refuse};
use super::call::Call;
use super::glance::{Caller, not_authorized};
use super::world::StoredImage;
use domain::{Text, Visibility};

const TYPES: [&str; 2] = [
    "application/openstack-images-v2.0-json-patch",
    "application/openstack-images-v2.1-json-patch",
];
const OPERATIONS: [&str; 3] = ["add", "remove", "replace"];
const READ_ONLY: [&str; 14] = [
    "created_at",
    "updated_at",
    "status",
    "checksum",
    "size",
    "virtual_size",
    "direct_url",
    "self",
    "file",
    "schema",
    "stores",
    "id",
    "os_hash_algo",
    "os_hash_value",
];
const RESERVED: [&str; 3] = ["location", "deleted", "deleted_at"];
/// What every image has; all else are properties that somebody added.
const BASE: [&str; 10] = [
    "container_format",
    "disk_format",
    "min_disk",
    "min_ram",
    "name",
    "tags",
    "owner",
    "visibility",
    "protected",
    "os_hidden",
];
const VISIBILITIES: [&str; 4] = ["community", "public", "private", "shared"];

/// One operation, found good by itself. No value: it removes.
pub(super) struct Change {
    add: bool,
    name: String,
    value: Option<Value>,
}

/// The operations of a request.
pub(super) fn read(call: &Call) -> Result<Vec<Change>, Answer> {
    let kind = call.header("content-type").unwrap_or_default();
    if !TYPES.iter().any(|known| kind.starts_with(known)) {
        let types = TYPES.join(", ");
        let text = format!("Image PATCH expects Content-Type one of: {types}");
        return Err(refuse(call, 415, &text).with("accept-patch", types));
    }
    let Some(Value::Array(changes)) = call.json() else {
        return Err(refuse(call, 400, "Request body must be a JSON array of operation objects."));
    };
    let old = kind.starts_with(TYPES[0]);
    let change = |raw: &Value| {
        change(raw, old).map_err(|(status, text): Refusal| refuse(call, status, &text))
    };
    changes.iter().map(change).collect()
}

type Refusal = (u16, String);

fn bad<T>(text: impl Into<String>) -> Result<T, Refusal> {
    Err((400, text.into()))
}

fn change(raw: &Value, old: bool) -> Result<Change, Refusal> {
    if !raw.is_object() {
        return bad("Operations must be JSON objects.");
    }
    let (operation, pointer) = if old { in_one(raw)? } else { apart(raw)? };
    let name = name(pointer)?;
    if operation == "remove" {
        return Ok(Change { add: false, name, value: None });
    }
    let Some(value) = raw.get("value") else {
        return bad(format!("Operation \"{operation}\" requires a member named \"value\"."));
    };
    check(&name, value)?;
    Ok(Change { add: operation == "add", name, value: Some(value.clone()) })
}

/// `{"op": "replace", "path": "/name", …}`
fn apart(raw: &Value) -> Result<(&str, &str), Refusal> {
    let known = OPERATIONS.join(", ");
    let operation = match raw.get("op") {
        None => {
            return bad(format!(
                "Unable to find `op` in JSON Schema change. It must be one of the following: {known}."
            ));
        }
        Some(operation) => operation.as_str().unwrap_or_default(),
    };
    if !OPERATIONS.contains(&operation) {
        let text =
            format!("Invalid operation: `{operation}`. It must be one of the following: {known}.");
        return bad(text);
    }
    match raw["path"].as_str() {
        Some(path) => Ok((operation, path)),
        None => bad("Unable to find 'path' in JSON Schema change"),
    }
}

/// `{"replace": "/name", …}`
fn in_one(raw: &Value) -> Result<(&'static str, &str), Refusal> {
    let found = |operation: &&'static str| Some((*operation, raw.get(*operation)?.as_str()?));
    let mut found = OPERATIONS.iter().filter_map(found);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => bad(
            "Operation objects must contain exactly one member named \"add\", \"remove\", or \"replace\".",
        ),
        _ => bad(
            "Operation objects must contain only one member named \"add\", \"remove\", or \"replace\".",
        ),
    }
}

fn name(pointer: &str) -> Result<String, Refusal> {
    let Some(path) = pointer.strip_prefix('/') else {
        return bad(format!("Pointer `{pointer}` does not start with \"/\"."));
    };
    if path.contains('/') {
        return bad(format!("Invalid JSON pointer for this resource: '{pointer}'"));
    }
    Ok(path.replace("~1", "/").replace("~0", "~").trim().to_owned())
}

fn check(name: &str, value: &Value) -> Result<(), Refusal> {
    if READ_ONLY.contains(&name) {
        return Err((403, format!("Attribute '{name}' is read-only.")));
    }
    if RESERVED.contains(&name) || name.starts_with("os_glance") {
        return Err((403, format!("Attribute '{name}' is reserved.")));
    }
    let wanted = match name {
        "visibility" if !VISIBILITIES.iter().any(|known| value == known) => {
            let known = VISIBILITIES.map(|word| format!("'{word}'")).join(", ");
            format!("is not one of [{known}]")
        }
        "protected" | "os_hidden" if !value.is_boolean() => "is not of type 'boolean'".to_owned(),
        "min_disk" | "min_ram" if !value.is_u64() => "is not of type 'integer'".to_owned(),
        "tags" if !value.is_array() => "is not of type 'array'".to_owned(),
        "name" | "owner" if !value.is_string() && !value.is_null() => {
            "is not of type 'null', 'string'".to_owned()
        }
        "visibility" | "protected" | "os_hidden" | "min_disk" | "min_ram" | "tags" | "name"
        | "owner" => return Ok(()),
        _ if value.is_string() => return Ok(()),
        _ => "is not of type 'string'".to_owned(),
    };
    let shown = value.as_str().map_or_else(|| value.to_string(), |text| format!("'{text}'"));
    bad(format!("Provided object does not match schema 'image': {shown} {wanted}"))
}

/// Whether the caller may do all that to an image.
pub(super) fn allow(
    call: &Call,
    caller: &Caller,
    image: &StoredImage,
    changes: &[Change],
) -> Result<(), Answer> {
    let mut there: Vec<String> =
        image.properties.iter().map(|(name, _)| name.raw().to_owned()).collect();
    for change in changes {
        let name = &change.name;
        let is_base = BASE.contains(&name.as_str());
        let is_there = is_base || there.contains(name);
        let refusal = match &change.value {
            None if is_base || READ_ONLY.contains(&name.as_str()) => {
                Some((403, format!("Property {name} may not be removed.")))
            }
            Some(_) if name == "container_format" || name == "disk_format" => {
                Some((403, format!("Attribute {name} can be only replaced for a queued image.")))
            }
            Some(_) if name == "owner" && !caller.is_admin() => {
                Some((403, "You are not permitted to modify 'owner' on this image.".to_owned()))
            }
            Some(value) if name == "visibility" && value == "public" && !caller.is_admin() => {
                return Err(not_authorized(call, "publicize_image"));
            }
            Some(_) if change.add => None,
            _ if !is_there => Some((409, format!("Property {name} does not exist."))),
            _ => None,
        };
        if let Some((status, text)) = refusal {
            return Err(refuse(call, status, &text));
        }
        match change.value {
            None => there.retain(|other| other != name),
            Some(_) => there.push(name.clone()),
        }
    }
    Ok(())
}

/// Does it.
pub(super) fn apply(stored: &mut StoredImage, changes: &[Change]) {
    for Change { name, value, .. } in changes {
        let text = || value.as_ref().and_then(Value::as_str).map(Text::from);
        let truth = value.as_ref().and_then(Value::as_bool).unwrap_or_default();
        let number = value.as_ref().and_then(Value::as_u64).unwrap_or_default();
        match name.as_str() {
            "visibility" => stored.image.visibility = text().map_or(Visibility::Shared, Into::into),
            "name" => stored.image.name = text(),
            "protected" => stored.image.protected = truth,
            "os_hidden" => stored.image.hidden = truth,
            "owner" => stored.image.owner = text().map(domain::ProjectId),
            "min_disk" => stored.min_disk = number,
            "min_ram" => stored.min_ram = number,
            "tags" => stored.tags = tags(value.as_ref()),
            _ => property(stored, name, text()),
        }
    }
}

fn tags(list: Option<&Value>) -> Vec<Text> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(Text::from).collect()
}

fn property(stored: &mut StoredImage, name: &str, value: Option<Text>) {
    stored.properties.retain(|(other, _)| other.raw() != name);
    stored.properties.extend(value.map(|value| (name.into(), value)));
}
