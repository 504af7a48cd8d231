//! Tokens as they are shown, checked and revoked, and the catalog they carry.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use domain::Moment;

use super::super::answer::{Answer, keystone_error};
use super::super::call::Call;
use super::super::identity::{CREDENTIAL, Role, Token, TokenScope, credential_id};
use super::super::versions;
use super::super::world::World;
use super::{Answered, caller, projects};

pub(super) fn answer(
    call: &Call,
    world: &World,
    status: StatusCode,
    text: &str,
    token: &Token,
) -> Answer {
    let body = json!({"token": body(call, world, token)});
    Answer::json(status, &body).with("x-subject-token", text)
}

fn body(call: &Call, world: &World, token: &Token) -> Value {
    let domain = json!({"id": "default", "name": "Default"});
    let user = json!({"domain": domain, "id": token.user.id, "name": token.user.name,
        "password_expires_at": null});
    let mut body = Map::new();
    body.insert("methods".into(), json!(token.methods));
    body.insert("user".into(), user);
    body.insert("audit_ids".into(), json!([&call.request_id[4..26]]));
    body.insert("expires_at".into(), json!(microseconds(token.expires)));
    body.insert("issued_at".into(), json!(microseconds(token.issued)));
    let role = match &token.scope {
        TokenScope::Unscoped => None,
        TokenScope::System => {
            body.insert("system".into(), json!({"all": true}));
            Some(Role::Admin)
        }
        TokenScope::Project(id, role) => {
            let name = world.identity.project(id).map_or("", |project| project.name.raw());
            let project = json!({"domain": domain, "id": id.0.raw(), "name": name});
            body.insert("project".into(), project);
            body.insert("is_domain".into(), json!(false));
            Some(*role)
        }
    };
    if let Some(role) = role {
        let roles = role.names().iter().map(|(id, name)| json!({"id": id, "name": name}));
        body.insert("roles".into(), roles.collect());
        body.insert("catalog".into(), versions::catalog(&call.url));
    }
    if token.by_credential {
        let credential = json!({"id": credential_id(), "name": CREDENTIAL, "restricted": true});
        body.insert("application_credential".into(), credential);
    }
    Value::Object(body)
}

/// `2026-11-23T02:46:43.000000Z`
fn microseconds(moment: Moment) -> String {
    jiff::Timestamp::from_millisecond(moment.0)
        .map_or_else(|_| moment.to_string(), |at| at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string())
}

/// A token shows itself.
pub(super) fn validate(call: &Call, world: &World) -> Answered {
    caller(call, world)?;
    let text = call.header("x-subject-token").unwrap_or_default();
    let subject = world.identity.token(text, world.now());
    let subject = subject.ok_or_else(|| keystone_error(call, 404, "Failed to validate token"))?;
    Ok(answer(call, world, StatusCode::OK, text, subject))
}

pub(super) fn catalog(call: &Call, world: &World) -> Answered {
    if caller(call, world)?.scope == TokenScope::Unscoped {
        return Err(projects::not_allowed(call, "get_auth_catalog"));
    }
    Ok(catalog_body(call))
}

pub(super) fn catalog_body(call: &Call) -> Answer {
    let own = format!("{}/v3/auth/catalog", call.url);
    Answer::ok(&json!({"catalog": versions::catalog(&call.url), "links": {"self": own}}))
}
