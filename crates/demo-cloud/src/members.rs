//! Member calls of the native API: the rows of the table of what Glance 33 answers to whom.

use axum::http::StatusCode;
use serde_json::{Value, json};

use domain::{ImageId, Member, MemberKind, MemberStatus, Membership, Text, Visibility};

use super::answer::{Answer, refuse, wrong_method};
use super::call::{Call, Service};
use super::glance::{Answered, Caller, not_authorized, visible};
use super::world::{StoredImage, World};

/// The policy's name for a call.
pub(super) fn action(call: &Call) -> &'static str {
    match call.method.as_str() {
        "POST" => "add_member",
        "PUT" => "modify_member",
        "DELETE" => "delete_member",
        _ => "get_members",
    }
}

/// `/v2/images/{id}/members`
pub(super) fn collection(call: &Call, world: &mut World, caller: &Caller, id: &str) -> Answered {
    match call.method.as_str() {
        "GET" => list(call, world, caller, id),
        "POST" => add(call, world, caller, id),
        _ => Err(wrong_method(call, "GET, POST")),
    }
}

/// `/v2/images/{id}/members/{member}`
pub(super) fn one(
    call: &Call,
    world: &mut World,
    caller: &Caller,
    id: &str,
    member: &str,
) -> Answered {
    match call.method.as_str() {
        "PUT" => answer_share(call, world, caller, id, member),
        "DELETE" => remove(call, world, caller, id, member),
        _ => Err(wrong_method(call, "PUT, DELETE")),
    }
}

fn image<'a>(
    call: &Call,
    world: &'a World,
    caller: &Caller,
    id: &str,
) -> Result<&'a StoredImage, Answer> {
    visible(world, caller, id).ok_or_else(|| refuse(call, 404, &format!("Image {id} not found.")))
}

/// Whether the image is of a kind that has members. On IMS and on Rackspace all are that are not public: neither
/// knows community images.
fn shareable(call: &Call, image: &StoredImage, deed: &str) -> Result<(), Answer> {
    let visibility = &image.image.visibility;
    if call.is_old() {
        return match visibility {
            Visibility::Public => Err(refuse(call, 403, "Public images do not have members.")),
            _ => Ok(()),
        };
    }
    let not_public = call.service == Service::Ims && *visibility != Visibility::Public;
    if *visibility == Visibility::Shared || not_public {
        return Ok(());
    }
    let text = format!("Not allowed to {deed} members for image {}", image.image.id.raw());
    let tail = if deed == "list" { ": Only shared images have members." } else { "." };
    Err(refuse(call, 403, &format!("{text}{tail}")))
}

/// The rows a caller sees: the owner all of them, a member its own.
pub(super) fn rows<'a>(
    image: &'a StoredImage,
    caller: &Caller,
) -> impl Iterator<Item = &'a Membership> {
    let all = caller.is_admin() || image.is_owned_by(&caller.project);
    let itself = Member::project(caller.project.0.clone());
    image.listed().iter().filter(move |row| all || row.member == itself)
}

fn row<'a>(
    call: &Call,
    image: &'a StoredImage,
    caller: &Caller,
    member: &str,
) -> Result<&'a Membership, Answer> {
    rows(image, caller).find(|row| row.member.id.raw() == member).ok_or_else(|| {
        let id = image.image.id.raw();
        let text = format!("{member} not found in the member list of the image {id}.");
        refuse(call, 404, &text)
    })
}

fn list(call: &Call, world: &World, caller: &Caller, id: &str) -> Answered {
    let image = image(call, world, caller, id)?;
    shareable(call, image, "list")?;
    let members: Vec<Value> = rows(image, caller).map(|row| body(id, row)).collect();
    Ok(Answer::ok(&json!({"members": members, "schema": "/v2/schemas/members"})))
}

/// A row as it is shown.
pub(super) fn body(image: &str, row: &Membership) -> Value {
    let mut body = json!({
        "member_id": row.member.id.raw(),
        "image_id": image,
        "status": Text::from(row.status.clone()).raw(),
        "created_at": row.created_at.map(|at| at.to_string()),
        "updated_at": row.updated_at.map(|at| at.to_string()),
        "schema": "/v2/schemas/member",
    });
    if row.member.kind != MemberKind::Project {
        body["member_type"] = row.member.kind.word().into();
    }
    body
}

fn add(call: &Call, world: &mut World, caller: &Caller, id: &str) -> Answered {
    let member = member_to_add(call)?;
    let stored = image(call, world, caller, id)?;
    shareable(call, stored, "create")?;
    let owner = stored.is_owned_by(&caller.project) && caller.may_change();
    if !owner && call.service == Service::Rackspace && !stored.is_owned_by(&caller.project) {
        return Err(refuse(call, 404, &format!("Image {id} not found.")));
    }
    if !owner && !caller.is_admin() {
        return Err(not_authorized(call, "add_member"));
    }
    quota(call, stored, world.options.member_quota)?;
    let new = Member::project(member.as_str());
    if stored.membership(&new).is_some() && stored.image.visibility == Visibility::Shared {
        return Err(refuse(call, 409, &format!("Member {member} is duplicated for image {id}")));
    }
    let id = ImageId(id.into());
    if call.service != Service::Glance || call.is_old() {
        world.edit_image(&id, |stored| stored.image.visibility = Visibility::Shared);
    }
    world.share(&id, new.clone(), MemberStatus::Pending);
    let row = world.members(&id).iter().find(|row| row.member == new);
    Ok(Answer::ok(&row.map_or(Value::Null, |row| body(id.raw(), row))))
}

fn quota(call: &Call, image: &StoredImage, quota: usize) -> Result<(), Answer> {
    let attempted = image.listed().len() + 1;
    if attempted <= quota {
        return Ok(());
    }
    let id = image.image.id.raw();
    let text = format!(
        "Image member limit exceeded for image {id}: The limit has been exceeded on the number of allowed image \
         members for this image. Attempted: {attempted}, Maximum: {quota}:"
    );
    Err(refuse(call, 413, &text))
}

fn member_to_add(call: &Call) -> Result<String, Answer> {
    let body = call.json().ok_or_else(|| refuse(call, 400, "Body expected in request."))?;
    match body["member"].as_str() {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        Some(_) => Err(refuse(call, 400, "Member can't be empty")),
        None => Err(refuse(call, 400, "Member to be added not specified")),
    }
}

fn answer_share(
    call: &Call,
    world: &mut World,
    caller: &Caller,
    id: &str,
    member: &str,
) -> Answered {
    let status = status_asked(call)?;
    let stored = image(call, world, caller, id)?;
    shareable(call, stored, "update")?;
    row(call, stored, caller, member)?;
    let itself = caller.project.0.raw() == member && caller.may_change();
    if !itself && !caller.is_admin() {
        return Err(not_authorized(call, "modify_member"));
    }
    if !matches!(status.as_str(), "pending" | "accepted" | "rejected") {
        let text = "Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\".";
        return Err(refuse(call, 400, text));
    }
    let (id, member) = (ImageId(id.into()), Member::project(member));
    world.share(&id, member.clone(), MemberStatus::from(Text::from(status)));
    let row = world.members(&id).iter().find(|row| row.member == member);
    Ok(Answer::ok(&row.map_or(Value::Null, |row| body(id.raw(), row))))
}

fn status_asked(call: &Call) -> Result<String, Answer> {
    let status = call.json().and_then(|body| body["status"].as_str().map(str::to_owned));
    status.ok_or_else(|| refuse(call, 400, "Status not specified"))
}

fn remove(call: &Call, world: &mut World, caller: &Caller, id: &str, member: &str) -> Answered {
    if !call.body.is_empty() {
        return Err(refuse(call, 400, "A body is not expected with this request."));
    }
    let stored = image(call, world, caller, id)?;
    shareable(call, stored, "delete")?;
    let gone = row(call, stored, caller, member)?.member.clone();
    let owner = stored.is_owned_by(&caller.project) && caller.may_change();
    if !owner && !caller.is_admin() {
        return Err(not_authorized(call, "delete_member"));
    }
    world.unshare(&ImageId(id.into()), &gone);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
