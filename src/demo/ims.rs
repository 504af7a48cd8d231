//! The image service of Huawei Cloud and Open Telekom Cloud: its own image list, member lists with types, and
//! jobs. The native calls are Glance's; the batches are in [`super::batch`].

use serde_json::{Map, Value, json};

use crate::domain::{Moment, Text, Visibility};

use super::answer::{Answer, gateway, ims_error, no_such_api, unauthorized};
use super::batch;
use super::call::Call;
use super::filters::{Listing, digest};
use super::glance::{self, Answered, Caller, link, visible};
use super::identity::TokenScope;
use super::jobs::{Job, Work};
use super::members;
use super::options::{JobCalls, Paging, TimeFormat};
use super::versions;
use super::world::{StoredImage, World};

pub(super) fn answer(call: &Call, world: &mut World) -> Answer {
    let segments = call.segments.clone();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let answered = match (call.method.as_str(), path.as_slice()) {
        ("GET", [""]) => Ok(versions::image(call, axum::http::StatusCode::MULTIPLE_CHOICES)),
        ("GET", ["versions"]) => Ok(versions::image(call, axum::http::StatusCode::OK)),
        (_, ["v1", ..]) | ("GET", ["v2", "cloudimages"]) => extension(call, world, &path),
        (_, ["v2", "images" | "schemas", rest @ ..])
            if !rest.is_empty() || call.method == "GET" =>
        {
            glance::native(call, world, &path[1..])
        }
        _ => Err(no_such_api(call)),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

fn extension(call: &Call, world: &mut World, path: &[&str]) -> Answered {
    let caller = caller(call, world)?;
    match (call.method.as_str(), path) {
        ("GET", ["v2", "cloudimages"]) => list(call, world, &caller),
        ("POST", ["v1", "cloudimages", "members"]) => {
            batch::change(call, world, &caller, Work::Add)
        }
        ("DELETE", ["v1", "cloudimages", "members"]) => {
            batch::change(call, world, &caller, Work::Remove)
        }
        ("PUT", ["v1", "cloudimages", "members"]) => batch::answer_shares(call, world, &caller),
        ("GET", ["v1", "cloudimages", "quota"]) => Ok(quota(world, &caller)),
        ("GET", ["v1", "cloudimages", "job", id]) if world.options.ims.job_calls != JobCalls::A => {
            job(call, world, &caller, id, false)
        }
        ("GET", ["v1", project, "jobs", id]) if world.options.ims.job_calls != JobCalls::B => {
            own_project(&caller, project)?;
            job(call, world, &caller, id, true)
        }
        ("GET", ["v1", project, "cloudimages", id, "members"]) if world.options.ims.v1_members => {
            own_project(&caller, project)?;
            member_page(call, world, &caller, id)
        }
        ("GET", ["v1", project, "cloudimages", id, "members", member])
            if world.options.ims.v1_members =>
        {
            own_project(&caller, project)?;
            one_member(world, &caller, id, member)
        }
        _ => Err(no_such_api(call)),
    }
}

fn caller(call: &Call, world: &mut World) -> Result<Caller, Answer> {
    match glance::logged_in(call, world)? {
        TokenScope::Project(project, role) => Ok(Caller { project, role }),
        TokenScope::Unscoped | TokenScope::System => {
            Err(unauthorized(call, "the token is not scoped to a project"))
        }
    }
}

fn own_project(caller: &Caller, project: &str) -> Result<(), Answer> {
    if caller.project.0.raw() == project {
        return Ok(());
    }
    Err(ims_error(400, "IMG.0030", "The project ID and the token do not match."))
}

// Images.

/// The word of IMS: `shared` while it has members, on both sides.
pub(super) fn visibility(image: &StoredImage) -> &'static str {
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
pub(super) fn is_filter(key: &str) -> bool {
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
pub(super) fn passes(image: &StoredImage, key: &str, value: &str) -> bool {
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
pub(super) fn image_body(stored: &StoredImage) -> Value {
    let image = &stored.image;
    let id = image.id.raw();
    let os = image.os.as_ref().map_or("Other", |os| os.raw());
    let platform = os.split(' ').next().unwrap_or("Other");
    let windows = platform == "Windows";
    let kind = if image.whole { "FusionCompute" } else { image_kind(os) };
    let time = |at: Option<Moment>| at.map(|at| at.to_string());
    let mut body = json!({
        "schema": "/v2/schemas/image",
        "min_disk": 40,
        "created_at": time(image.created_at),
        "container_format": "bare",
        "file": format!("/v2/images/{id}/file"),
        "updated_at": time(image.updated_at),
        "protected": image.protected,
        "checksum": digest(id, 1),
        "id": id,
        "min_ram": 0,
        "max_ram": "0",
        "status": image.status.as_ref().map(Text::raw),
        "visibility": visibility(stored),
        "owner": image.owner.as_ref().map(|owner| owner.0.raw()),
        "size": 0,
        "virtual_size": null,
        "disk_format": "zvhd2",
        "self": format!("/v2/images/{id}"),
        "tags": stored.tags.iter().map(Text::raw).collect::<Vec<_>>(),
        "active_at": time(image.created_at),
        "enterprise_project_id": "0",
        "virtual_env_type": kind,
        "__imagetype": image_type(stored),
        "__image_source_type": "uds",
        "__image_size": image.size.unwrap_or(0).to_string(),
        "__isregistered": "true",
        "__os_type": if windows { "Windows" } else { "Linux" },
        "__os_version": format!("{os} 64bit"),
        "__os_bit": "64",
        "__platform": platform,
        "__originalimagename": "",
        "__description": "",
        "__support_kvm": "true",
        "__system_support_market": false,
    });
    if let Value::Object(body) = &mut body {
        complete(body, stored);
    }
    body
}

fn image_kind(os: &str) -> &'static str {
    if os == "Data" { "DataImage" } else { "FusionCompute" }
}

fn complete(body: &mut Map<String, Value>, stored: &StoredImage) {
    let image = &stored.image;
    if let Some(name) = &image.name {
        body.insert("name".into(), name.raw().into());
    }
    if image.whole {
        body.insert("__whole_image".into(), "true".into());
        body.insert("__backup_id".into(), digest(image.id.raw(), 1).into());
    }
    if image.encrypted {
        body.insert("__system__cmkid".into(), image.id.raw().into());
    }
    for (key, value) in &stored.properties {
        body.insert(key.raw().to_owned(), value.raw().into());
    }
}

fn list(call: &Call, world: &World, caller: &Caller) -> Answered {
    let bad = |text: &str| ims_error(400, "IMG.0001", text);
    let limit = match call.param("limit") {
        None => 500,
        Some(text) => text.parse().map_err(|_| bad("limit must be a positive integer"))?,
    };
    let limit = std::cmp::min(limit, world.options.ims.page_max);
    let mut listing = Listing::read(call, caller).map_err(|text| bad(&text))?;
    if let Some(marker) = call.param("marker") {
        let image = visible(world, caller, marker);
        let image = image.ok_or_else(|| {
            ims_error(400, "IMG.0027", &format!("Image [{marker}] could not be found."))
        })?;
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

// Members.

fn member_page(call: &Call, world: &World, caller: &Caller, id: &str) -> Answered {
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

fn one_member(world: &World, caller: &Caller, id: &str, member: &str) -> Answered {
    let image = visible(world, caller, id).ok_or_else(|| no_image(id))?;
    let row = members::rows(image, caller).find(|row| row.member.id.raw() == member);
    row.map(|row| Answer::ok(&typed(id, row)))
        .ok_or_else(|| ims_error(400, "IMG.0114", "Failed to query the tenant."))
}

fn typed(image: &str, row: &crate::domain::Membership) -> Value {
    let mut body = members::body(image, row);
    body["member_type"] = row.member.kind.word().into();
    if row.member.kind == crate::domain::MemberKind::Organization {
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

pub(super) fn no_image(id: &str) -> Answer {
    ims_error(400, "IMG.0027", &format!("Image [{id}] could not be found."))
}

fn quota(world: &World, caller: &Caller) -> Answer {
    let own = world.images().filter(|image| image.is_owned_by(&caller.project));
    let used = own.count();
    let quota = used.max(50);
    Answer::ok(&json!({"quotas": {"resources": [
        {"type": "image", "used": used, "quota": quota, "min": 0, "max": 1000},
        {"type": "image_member", "used": 0, "quota": world.options.member_quota, "min": 0, "max": 1000},
    ]}}))
}

// Jobs.

fn job(call: &Call, world: &World, caller: &Caller, id: &str, a: bool) -> Answered {
    let job = world.job(id).filter(|job| job.project == caller.project);
    let Some(job) = job else {
        return Err(ims_error(400, "IMG.0023", &format!("Failed to query the job {id}.")));
    };
    if call.method != "GET" {
        return Err(gateway(call, 405, "APIGW.0501", "The method is not allowed"));
    }
    let time = |at| write_time(world.options.ims.times, at);
    let error = job.error.as_ref().filter(|_| job.is_over());
    let body = json!({
        "status": job.status(world.now()),
        "entities": if a { entities_a(job) } else { entities_b(job) },
        "job_id": job.id,
        "job_type": job.work.job_type(),
        "begin_time": time(job.begun),
        "end_time": if job.is_over() { time(job.due) } else { String::new() },
        "error_code": error.map(|(code, _)| code),
        "fail_reason": error.map(|(_, reason)| reason),
    });
    Ok(Answer::ok(&body))
}

/// Nothing per image for a removal, as published: the client has to read the members again.
fn entities_a(job: &Job) -> Value {
    if !job.is_over() || job.work == Work::Remove {
        return json!({"results": []});
    }
    let mut images: Vec<&str> = job.pairs.iter().map(|pair| pair.image.raw()).collect();
    images.dedup();
    let status = if job.error.is_some() { "fail" } else { "success" };
    let result = |image: &&str| json!({"image_id": image, "status": status});
    json!({"results": images.iter().map(result).collect::<Vec<_>>()})
}

fn entities_b(job: &Job) -> Value {
    let part = if job.is_over() { json!(1) } else { json!(0.4) };
    json!({"process_percent": part, "current_task": ""})
}

fn write_time(format: TimeFormat, at: Moment) -> String {
    let format = match format {
        TimeFormat::Iso => "%Y-%m-%dT%H:%M:%S.%3fZ",
        TimeFormat::Old => "%d-%b-%Y %H:%M:%S:%3f",
    };
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| Text::from(at.to_string()).raw().to_owned(),
        |at| at.strftime(format).to_string(),
    )
}
