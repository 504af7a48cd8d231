//! The image service of OpenStack: Glance 33, API v2.18. Its image and member calls are also the native ones
//! of IMS.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use domain::{ImageId, Member, ProjectId, Text, Visibility};

use super::answer::{Answer, no_resource, refuse, unauthorized, wrong_method};
use super::call::{Call, Service};
use super::filters::{self, Listing};
use super::identity::{Role, TokenScope};
use super::world::{StoredImage, World};
use super::{members, patch, rackspace, signature, versions};

pub(super) type Answered = Result<Answer, Answer>;

/// Who is asking, as far as images are concerned.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) project: ProjectId,
    pub(super) role: Role,
}

impl Caller {
    pub(super) fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    pub(super) fn may_change(&self) -> bool {
        self.role >= Role::Member
    }

    /// Sees the image when asking for it by id: a member does, whatever its status.
    pub(super) fn sees(&self, image: &StoredImage) -> bool {
        let open = matches!(image.image.visibility, Visibility::Public | Visibility::Community);
        let itself = Member::project(self.project.0.clone());
        let member = image.listed().iter().any(|membership| membership.member == itself);
        self.is_admin() || open || member || image.is_owned_by(&self.project)
    }
}

pub(super) fn answer(call: &Call, world: &mut World) -> Answer {
    let path = call.path();
    match path.as_slice() {
        [""] => versions::image(call, StatusCode::MULTIPLE_CHOICES),
        ["versions"] => versions::image(call, StatusCode::OK),
        ["healthcheck"] => Answer::ok(&json!({"detailed": false, "reasons": ["OK"]})),
        [version, rest @ ..] if is_v2(version) => {
            native(call, world, rest).unwrap_or_else(|refusal| refusal)
        }
        _ => versions::image(call, StatusCode::MULTIPLE_CHOICES),
    }
}

/// Any minor version of 2 is a good prefix.
pub(super) fn is_v2(segment: &str) -> bool {
    segment == "v2" || segment.starts_with("v2.")
}

/// Everything below `/v2`.
pub(super) fn native(call: &Call, world: &mut World, path: &[&str]) -> Answered {
    let token = logged_in(call, world)?;
    match (call.method.as_str(), path) {
        ("GET", []) => {
            let prefix = if call.service == Service::Ims { "ims" } else { "glance" };
            let location = format!("{}/{prefix}/v2/", call.url);
            Ok(Answer::empty(StatusCode::FOUND).with("location", location))
        }
        ("GET", ["schemas", name]) => versions::schema(name).ok_or_else(|| no_resource(call)),
        ("GET", ["images"]) => list(call, world, &scoped(call, token, "get_images")?),
        ("GET", ["images", id]) if !id.is_empty() => {
            show(call, world, &scoped(call, token, "get_image")?, id)
        }
        ("PATCH", ["images", id]) => change(call, world, &scoped(call, token, "modify_image")?, id),
        ("DELETE", ["images", id]) => {
            delete(call, world, &scoped(call, token, "delete_image")?, id)
        }
        (_, ["images"]) => Err(wrong_method(call, "GET, POST")),
        (_, ["images", id]) if !id.is_empty() => Err(wrong_method(call, "GET, PATCH, DELETE")),
        (_, ["images", id, "members"]) => {
            let caller = scoped(call, token, members::action(call, None))?;
            members::collection(call, world, &caller, id)
        }
        (_, ["images", id, "members", member]) if !member.is_empty() => {
            let caller = scoped(call, token, members::action(call, Some(member)))?;
            members::one(call, world, &caller, id, member)
        }
        _ => Err(no_resource(call)),
    }
}

/// The scope of the caller's token or signature.
pub(super) fn logged_in(call: &Call, world: &mut World) -> Result<TokenScope, Answer> {
    if call.service == Service::Ims && signature::is_signed(call) {
        return signature::signer(call, world).map(|signer| signer.scope);
    }
    let now = world.now();
    let Some(text) = call.header("x-auth-token") else {
        return Err(unauthorized(call, "x-auth-token not found"));
    };
    let token = world.identity.token_for_images(text, now);
    token.map(|token| token.scope.clone()).map_err(|why| unauthorized(call, why))
}

/// A caller in a project; tokens without one may do nothing with images.
pub(super) fn scoped(call: &Call, scope: TokenScope, action: &str) -> Result<Caller, Answer> {
    match scope {
        TokenScope::Project(project, role) => Ok(Caller { project, role }),
        TokenScope::Unscoped | TokenScope::System => Err(not_authorized(call, action)),
    }
}

pub(super) fn not_authorized(call: &Call, action: &str) -> Answer {
    refuse(call, 403, &format!("You are not authorized to complete {action} action."))
}

fn list(call: &Call, world: &World, caller: &Caller) -> Answered {
    let page_max = match call.service {
        Service::Rackspace => rackspace::PAGE_MAX.min(world.options.page_max),
        _ => world.options.page_max,
    };
    let default = 25.min(page_max);
    let limit = match call.param("limit") {
        None => default,
        Some(text) => match text.parse::<i64>() {
            Err(_) => return Err(refuse(call, 400, "limit param must be an integer")),
            Ok(limit) => usize::try_from(limit)
                .map_err(|_| refuse(call, 400, "limit param must be positive"))?
                .min(page_max),
        },
    };
    let mut listing = Listing::read(call, caller).map_err(|text| refuse(call, 400, &text))?;
    if let Some(marker) = call.param("marker") {
        let image = visible(world, caller, marker);
        let image =
            image.ok_or_else(|| refuse(call, 400, &format!("No image found with ID {marker}")))?;
        listing.start_after(image);
    }
    let page = listing.page(world, limit);
    let mut body = Map::new();
    body.insert("images".into(), page.iter().map(|image| image_body(call, image)).collect());
    body.insert("first".into(), link(call, None).into());
    body.insert("schema".into(), "/v2/schemas/images".into());
    if let Some(last) = page.last().filter(|_| page.len() == limit) {
        body.insert("next".into(), link(call, Some(last.image.id.raw())).into());
    }
    Ok(Answer::ok(&Value::Object(body)))
}

/// The list's own address with another marker: root-relative, without the service's prefix, as the real one.
pub(super) fn link(call: &Call, marker: Option<&str>) -> String {
    let mut query: Vec<(&str, &str)> = Vec::new();
    for (key, value) in &call.query {
        match query.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => query.push((key, value)),
        }
    }
    match (query.iter_mut().find(|(key, _)| *key == "marker"), marker) {
        (Some((_, old)), Some(marker)) => *old = marker,
        (None, Some(marker)) => query.push(("marker", marker)),
        (_, None) => query.retain(|(key, _)| *key != "marker"),
    }
    let path = format!("/{}", call.segments.join("/"));
    if query.is_empty() {
        return path;
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{path}?{query}")
}

/// An image the caller may see, by id.
pub(super) fn visible<'a>(world: &'a World, caller: &Caller, id: &str) -> Option<&'a StoredImage> {
    world.image(&ImageId(id.into())).filter(|image| caller.sees(image))
}

fn show(call: &Call, world: &World, caller: &Caller, id: &str) -> Answered {
    match visible(world, caller, id) {
        Some(image) => Ok(Answer::ok(&image_body(call, image))),
        None => Err(refuse(call, 404, &format!("No image found with ID {id}"))),
    }
}

fn change(call: &Call, world: &mut World, caller: &Caller, id: &str) -> Answered {
    let changes = patch::read(call)?;
    let image = owned(call, world, caller, id, "modify_image")?;
    patch::allow(call, caller, image, &changes)?;
    let id = ImageId(id.into());
    world.edit_image(&id, |stored| patch::apply(stored, &changes));
    match world.image(&id) {
        Some(image) => Ok(Answer::ok(&image_body(call, image))),
        None => Err(no_resource(call)),
    }
}

fn delete(call: &Call, world: &mut World, caller: &Caller, id: &str) -> Answered {
    let image = owned(call, world, caller, id, "delete_image")?;
    if image.image.protected {
        let text = format!("Image {id} is protected and cannot be deleted.");
        return Err(refuse(call, 403, &text));
    }
    world.remove_image(&ImageId(id.into()));
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// An image the caller may change.
fn owned<'a>(
    call: &Call,
    world: &'a World,
    caller: &Caller,
    id: &str,
    action: &str,
) -> Result<&'a StoredImage, Answer> {
    let image = visible(world, caller, id)
        .ok_or_else(|| refuse(call, 404, &format!("Failed to find image {id}")))?;
    let owner = image.is_owned_by(&caller.project) && caller.may_change();
    if owner || caller.is_admin() { Ok(image) } else { Err(not_authorized(call, action)) }
}

/// An image in the words of the native API. IMS calls an image `shared` only while it has members.
pub(super) fn image_body(call: &Call, stored: &StoredImage) -> Value {
    if call.service == Service::Ims {
        return super::ims::image_body(stored);
    }
    let image = &stored.image;
    let id = image.id.raw();
    let made = image.status.as_ref().is_none_or(|status| status.raw() != "queued");
    let sum = |sum: String| if made { Value::from(sum) } else { Value::Null };
    let mut body = Map::new();
    for (key, value) in &stored.properties {
        body.insert(key.raw().to_owned(), value.raw().into());
    }
    let Value::Object(rest) = json!({
        "name": image.name.as_ref().map(Text::raw),
        "disk_format": stored.disk_format,
        "container_format": "bare",
        "visibility": word(&image.visibility),
        "size": image.size,
        "virtual_size": image.size.map(|size| size.next_multiple_of(1 << 30)),
        "status": image.status.as_ref().map(Text::raw),
        "checksum": sum(filters::digest(id, 1)),
        "protected": image.protected,
        "min_ram": stored.min_ram,
        "min_disk": stored.min_disk,
        "owner": image.owner.as_ref().map(|owner| owner.0.raw()),
        "os_hidden": image.hidden,
        "os_hash_algo": sum("sha512".to_owned()),
        "os_hash_value": sum(filters::digest(id, 4)),
        "id": id,
        "created_at": image.created_at.map(|at| at.to_string()),
        "updated_at": image.updated_at.map(|at| at.to_string()),
        "tags": stored.tags.iter().map(Text::raw).collect::<Vec<_>>(),
        "self": format!("/v2/images/{id}"),
        "file": format!("/v2/images/{id}/file"),
        "schema": "/v2/schemas/image",
    }) else {
        return Value::Null;
    };
    body.extend(rest);
    if call.is_old() {
        rackspace::age(&mut body, stored);
    }
    Value::Object(body)
}

pub(super) fn word(visibility: &Visibility) -> String {
    Text::from(visibility.clone()).raw().to_owned()
}
