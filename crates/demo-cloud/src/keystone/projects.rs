//! Who may see which projects.

use serde_json::{Value, json};

use domain::ProjectId;

use super::super::answer::{Answer, keystone_error};
use super::super::call::Call;
use super::super::identity::{Project, Role, Token, TokenScope};
use super::super::signature;
use super::super::world::World;
use super::{Answered, caller};

pub(super) fn own(call: &Call, world: &World, path: &str) -> Answered {
    let user = &caller(call, world)?.user;
    let is_own = |project: &&Project| user.grants.iter().any(|(id, _)| *id == project.id);
    Ok(project_list(call, world.identity.projects().filter(is_own), path))
}

pub(super) fn of_user(call: &Call, world: &World, user: &str) -> Answered {
    if caller(call, world)?.user.id != user {
        return Err(not_allowed(call, "list_user_projects"));
    }
    own(call, world, &format!("/v3/users/{user}/projects"))
}

pub(super) fn all(call: &Call, world: &World) -> Answered {
    if !is_admin(caller(call, world)?) {
        return Err(not_allowed(call, "list_projects"));
    }
    let name = call.param("name");
    let wanted = |project: &&Project| name.is_none_or(|name| project.name.raw() == name);
    Ok(project_list(call, world.identity.projects().filter(wanted), "/v3/projects"))
}

/// The projects of an access key. On Huawei Cloud a project is called as its region is, so those of the caller
/// answer to that name too.
pub(super) fn of_key(call: &Call, world: &mut World) -> Answered {
    let user = signature::signer(call, world)?.user;
    let own = user.grants.iter().filter_map(|(id, _)| world.identity.project(id));
    let bodies = own.filter_map(|project| match call.param("name") {
        Some("eu-de") => {
            let mut body = project_body(call, project);
            body["name"] = "eu-de".into();
            Some(body)
        }
        Some(name) if name != project.name.raw() => None,
        _ => Some(project_body(call, project)),
    });
    let (bodies, own): (Vec<Value>, _) = (bodies.collect(), format!("{}/v3/projects", call.url));
    Ok(Answer::ok(
        &json!({"projects": bodies, "links": {"next": null, "self": own, "previous": null}}),
    ))
}

pub(super) fn one(call: &Call, world: &World, id: &str) -> Answered {
    let token = caller(call, world)?;
    let asked = ProjectId(id.into());
    let own = matches!(&token.scope, TokenScope::Project(own, _) if *own == asked);
    if !own && !is_admin(token) {
        return Err(not_allowed(call, "get_project"));
    }
    match world.identity.project(&asked) {
        Some(project) => Ok(Answer::ok(&json!({"project": project_body(call, project)}))),
        None => Err(keystone_error(call, 404, &format!("Could not find project: {id}."))),
    }
}

fn is_admin(token: &Token) -> bool {
    matches!(token.scope, TokenScope::System | TokenScope::Project(_, Role::Admin))
}

pub(super) fn not_allowed(call: &Call, action: &str) -> Answer {
    let text =
        format!("You are not authorized to perform the requested action: identity:{action}.");
    keystone_error(call, 403, &text)
}

fn project_list<'a>(
    call: &Call,
    projects: impl Iterator<Item = &'a Project>,
    path: &str,
) -> Answer {
    let projects: Vec<Value> = projects.map(|project| project_body(call, project)).collect();
    let own = format!("{}{path}", call.url);
    Answer::ok(
        &json!({"projects": projects, "links": {"next": null, "self": own, "previous": null}}),
    )
}

fn project_body(call: &Call, project: &Project) -> Value {
    let id = project.id.0.raw();
    json!({"id": id, "name": project.name.raw(), "domain_id": "default", "description": "",
        "enabled": project.enabled, "parent_id": "default", "is_domain": false, "tags": [], "options": {},
        "links": {"self": format!("{}/v3/projects/{id}", call.url)}})
}
