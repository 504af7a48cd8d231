//! The image service of Huawei Cloud and Open Telekom Cloud: its own image list, member lists with types, and
//! jobs. The native calls are Glance's; the batches are in [`batch`].

use serde_json::json;

use super::answer::{Answer, ims_error, no_such_api, unauthorized};
use super::call::Call;
use super::glance::{self, Answered, Caller};
use super::identity::TokenScope;
use super::jobs::Work;
use super::options::JobCalls;
use super::versions;
use super::world::World;

use jobs::AskedBy;

mod batch;
mod images;
mod jobs;
mod members;

pub use batch::VAULT;
pub(super) use images::{image_body, is_filter, passes, visibility};

pub(super) fn answer(call: &Call, world: &mut World) -> Answer {
    let segments = call.segments.clone();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let answered = match (call.method.as_str(), path.as_slice()) {
        ("GET", [""]) => Ok(versions::image(call, axum::http::StatusCode::MULTIPLE_CHOICES)),
        ("GET", ["versions"]) => Ok(versions::image(call, axum::http::StatusCode::OK)),
        (_, ["v1", ..]) | ("GET", ["v2", "cloudimages"]) => extension(call, world, &path),
        (_, ["v2", "images", rest @ ..]) if !rest.is_empty() || call.method == "GET" => {
            glance::native(call, world, &path[1..])
        }
        _ => Err(no_such_api(call)),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

fn extension(call: &Call, world: &mut World, path: &[&str]) -> Answered {
    let caller = caller(call, world)?;
    match (call.method.as_str(), path) {
        ("GET", ["v2", "cloudimages"]) => images::list(call, world, &caller),
        ("POST", ["v1", "cloudimages", "members"]) => {
            batch::change(call, world, &caller, Work::Add)
        }
        ("DELETE", ["v1", "cloudimages", "members"]) => {
            batch::change(call, world, &caller, Work::Remove)
        }
        ("PUT", ["v1", "cloudimages", "members"]) => batch::answer_shares(call, world, &caller),
        ("GET", ["v1", "cloudimages", "quota"]) => Ok(quota(world, &caller)),
        ("GET", ["v1", "cloudimages", "job", id]) if world.options.ims.job_calls != JobCalls::A => {
            jobs::show(world, &caller, id, AskedBy::B)
        }
        ("GET", ["v1", project, "jobs", id]) if world.options.ims.job_calls != JobCalls::B => {
            own_project(&caller, project)?;
            jobs::show(world, &caller, id, AskedBy::A)
        }
        ("GET", ["v1", project, "cloudimages", id, "members"]) if world.options.ims.v1_members => {
            own_project(&caller, project)?;
            members::page(call, world, &caller, id)
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
