//! The image service of OpenStack: Glance 33, API v2.18. Its image and member calls are also the native ones
//! of IMS.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use domain::{ImageId, Member, ProjectId, Text, Visibility};

use super::answer::{Answer, no_resource, refuse, unauthorized, wrong_method};
use super::call::{Call, Service};
use super::filters::Listing;
use super::identity::{Role, TokenScope};
use super::world::{StoredImage, World};
use super::{members, rackspace, signature, versions};

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
        ("GET", ["images"]) => list(call, world, &scoped(call, token, "get_images")?),
        ("GET", ["images", id]) if !id.is_empty() => {
            show(call, world, &scoped(call, token, "get_image")?, id)
        }
        (_, ["images"]) => Err(wrong_method(call, "GET")),
        (_, ["images", id]) if !id.is_empty() => Err(wrong_method(call, "GET")),
        (_, ["images", id, "members"]) => {
            let caller = scoped(call, token, members::action(call))?;
            members::collection(call, world, &caller, id)
        }
        (_, ["images", id, "members", member]) if !member.is_empty() => {
            let caller = scoped(call, token, members::action(call))?;
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

/// An image in the words of the native API. IMS calls an image `shared` only while it has members.
pub(super) fn image_body(call: &Call, stored: &StoredImage) -> Value {
    if call.service == Service::Ims {
        return super::ims::image_body(stored);
    }
    let image = &stored.image;
    let id = image.id.raw();
    let mut body = Map::new();
    for (key, value) in [
        ("id", json!(id)),
        ("name", json!(image.name.as_ref().map(Text::raw))),
        ("status", json!(image.status.as_ref().map(Text::raw))),
        ("visibility", json!(word(&image.visibility))),
        ("owner", json!(image.owner.as_ref().map(|owner| owner.0.raw()))),
        ("size", json!(image.size)),
        ("protected", json!(image.protected)),
        ("os_hidden", json!(image.hidden)),
        ("created_at", json!(image.created_at.map(|at| at.to_string()))),
        ("updated_at", json!(image.updated_at.map(|at| at.to_string()))),
        ("os_distro", json!(stored.distro)),
    ] {
        body.insert(key.into(), value);
    }
    if call.is_old() {
        rackspace::age(&mut body, stored);
    }
    Value::Object(body)
}

pub(super) fn word(visibility: &Visibility) -> String {
    Text::from(visibility.clone()).raw().to_owned()
}
