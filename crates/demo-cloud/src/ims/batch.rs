//! The batches of IMS: images × members, checked at once, carried out by a job.

use serde_json::{Value, json};

use domain::{ImageId, Member, MemberKind, MemberStatus, ProjectId, Share, Text, Visibility};

use super::super::answer::{Answer, ims_error};
use super::super::call::Call;
use super::super::glance::{Answered, Caller, visible};
use super::super::jobs::Work;
use super::super::world::{StoredImage, World};
use super::no_image;

/// Tenants per full-ECS image.
const WHOLE_IMAGE_QUOTA: usize = 10;

/// The vault that every project has: full-ECS images are accepted into it.
pub const VAULT: &str = "5e7d2b1c-93a4-4c0f-8a46-d1f0be36c9a2";

/// `POST` and `DELETE /v1/cloudimages/members`.
pub(super) fn change(call: &Call, world: &mut World, caller: &Caller, work: Work) -> Answered {
    let body = body(call)?;
    let images = images(&body)?;
    let members = members(&body)?;
    may_share(caller)?;
    for image in &images {
        own_image(world, caller, image, &work)?;
        for member in &members {
            target(world, caller, image, member, &work)?;
        }
        if work == Work::Add {
            quota(world, image, members.len())?;
        }
    }
    let pair =
        |image: &ImageId, member: &Member| Share { image: image.clone(), member: member.clone() };
    let pairs = images
        .iter()
        .flat_map(|image| members.iter().map(move |member| pair(image, member)))
        .collect();
    Ok(accepted(world, caller, work, pairs))
}

/// `PUT /v1/cloudimages/members`: the receiver answers.
pub(super) fn answer_shares(call: &Call, world: &mut World, caller: &Caller) -> Answered {
    let body = body(call)?;
    let images = images(&body)?;
    let status = match body["status"].as_str() {
        Some(known @ ("accepted" | "rejected")) => MemberStatus::from(Text::from(known)),
        _ => return Err(bad("status must be accepted or rejected")),
    };
    if body["project_id"] != caller.project.0.raw() {
        return Err(ims_error(400, "IMG.0030", "The project ID and the token do not match."));
    }
    may_share(caller)?;
    let itself = Member::project(caller.project.0.clone());
    for id in &images {
        let image = visible(world, caller, id.raw()).ok_or_else(|| no_image(id.raw()))?;
        if !image.listed().iter().any(|row| row.member == itself) {
            return Err(ims_error(
                403,
                "IMG.0161",
                "You do not have the permission to update the member.",
            ));
        }
        if image.image.whole && status == MemberStatus::Accepted && body["vault_id"] != VAULT {
            return Err(ims_error(400, "IMG.0184", "The vault does not exist."));
        }
    }
    let pairs = images.into_iter().map(|image| Share { image, member: itself.clone() }).collect();
    Ok(accepted(world, caller, Work::Answer(status), pairs))
}

fn accepted(world: &mut World, caller: &Caller, work: Work, pairs: Vec<Share>) -> Answer {
    let id = world.accept_job(&caller.project, work, pairs);
    Answer::ok(&json!({"job_id": id}))
}

fn bad(text: &str) -> Answer {
    ims_error(400, "IMG.0001", text)
}

fn body(call: &Call) -> Result<Value, Answer> {
    if call.body.is_empty() {
        return Err(ims_error(400, "IMG.0007", "The request body is empty."));
    }
    match call.json() {
        Some(body @ Value::Object(_)) => Ok(body),
        _ => Err(bad("The request message is not a valid JSON object.")),
    }
}

/// A list of texts; empty if it is not there.
fn texts<'a>(body: &'a Value, key: &str) -> Result<Vec<&'a str>, Answer> {
    let list = match &body[key] {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) => list.iter().map(Value::as_str).collect::<Option<Vec<_>>>(),
        _ => None,
    };
    list.ok_or_else(|| bad(&format!("{key} must be a list of strings")))
}

fn images(body: &Value) -> Result<Vec<ImageId>, Answer> {
    let images = texts(body, "images")?;
    if images.is_empty() {
        return Err(bad("images must not be empty"));
    }
    Ok(images.into_iter().map(ImageId::from).collect())
}

fn members(body: &Value) -> Result<Vec<Member>, Answer> {
    let kinds = [
        ("projects", MemberKind::Project),
        ("domains", MemberKind::Domain),
        ("organizations", MemberKind::Organization),
    ];
    let mut members = Vec::new();
    for (key, kind) in kinds {
        members.extend(texts(body, key)?.into_iter().map(|id| Member { kind, id: id.into() }));
    }
    if members.is_empty() {
        return Err(bad("at least one of projects, domains and organizations must be given"));
    }
    Ok(members)
}

fn may_share(caller: &Caller) -> Result<(), Answer> {
    if caller.may_change() {
        return Ok(());
    }
    Err(ims_error(403, "IMG.0026", "Policy doesn't allow ims:images:share to be performed."))
}

/// The image, if it may be shared by the caller.
fn own_image(world: &World, caller: &Caller, id: &ImageId, work: &Work) -> Result<(), Answer> {
    let image = visible(world, caller, id.raw()).ok_or_else(|| no_image(id.raw()))?;
    let refuse = |code, text: &str| Err(ims_error(400, code, &format!("{text} [{}].", id.raw())));
    if image.image.visibility == Visibility::Public {
        return refuse("IMG.0089", "The public image cannot be shared");
    }
    if !image.is_owned_by(&caller.project) {
        return refuse("IMG.0106", "The image belongs to another tenant");
    }
    let active = image.image.status.as_ref().is_some_and(|status| status.raw() == "active");
    match work {
        Work::Add if !active => refuse("IMG.0046", "The image is not available"),
        Work::Add if image.image.encrypted => {
            refuse("IMG.0098", "The encrypted image cannot be shared")
        }
        _ => Ok(()),
    }
}

/// The member: of the right form, of this region, and not oneself. A removal may name whoever is a member.
fn target(
    world: &World,
    caller: &Caller,
    image: &ImageId,
    member: &Member,
    work: &Work,
) -> Result<(), Answer> {
    let id = member.id.raw();
    let known = world.members(image).iter().any(|row| row.member == *member);
    if member.kind != MemberKind::Project || (known && *work == Work::Remove) {
        return Ok(());
    }
    if caller.project.0.raw() == id {
        return Err(ims_error(400, "IMG.0076", "The image cannot be shared with yourself."));
    }
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if id.len() != 32 || !id.chars().all(hex) {
        return Err(ims_error(400, "IMG.0067", &format!("The project ID {id} is invalid.")));
    }
    if *work == Work::Add && world.identity.project(&ProjectId(id.into())).is_none() {
        let text = format!("The tenant {id} cannot be found in the region.");
        return Err(ims_error(400, "IMG.0108", &text));
    }
    Ok(())
}

fn quota(world: &World, id: &ImageId, more: usize) -> Result<(), Answer> {
    let whole = world.image(id).is_some_and(|image| image.image.whole);
    let quota = if whole { WHOLE_IMAGE_QUOTA } else { world.options.member_quota };
    let now = world.image(id).map_or(0, |image: &StoredImage| image.listed().len());
    if now + more > quota {
        let text =
            format!("The number of tenants of image {} exceeds the quota {quota}.", id.raw());
        return Err(ims_error(400, "IMG.0088", &text));
    }
    Ok(())
}
