//! Identity v3: discovery, login, projects. Texts and statuses are those of Keystone 30.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::domain::{Moment, ProjectId};

use super::answer::{Answer, keystone_error};
use super::call::Call;
use super::identity::{
    CREDENTIAL, CREDENTIAL_SECRET, Identity, PASSWORD, Project, Role, Token, TokenScope, User,
    credential_id,
};
use super::versions;
use super::world::World;

const UNAUTHORIZED: &str = "The request you have made requires authentication.";
const BAD_REQUEST: &str = "The server could not comply with the request since it is either malformed or \
     otherwise incorrect. The client is assumed to be in error.";

type Answered = Result<Answer, Answer>;

pub(super) fn answer(call: &Call, world: &mut World) -> Answer {
    let answered = match (call.method.as_str(), call.path().as_slice()) {
        ("GET", [""]) => Ok(versions::keystone(call)),
        ("GET", ["v3" | "v3.14"] | ["v3", ""]) => Ok(versions::keystone_v3(call)),
        ("POST", ["v3", "auth", "tokens"]) => log_in(call, world),
        ("GET" | "HEAD", ["v3", "auth", "tokens"]) => validate(call, world),
        ("DELETE", ["v3", "auth", "tokens"]) => revoke(call, world),
        ("GET", ["v3", "auth", "projects"]) => own_projects(call, world, "/v3/auth/projects"),
        ("GET", ["v3", "auth", "catalog"]) => catalog_of(call, world),
        ("GET", ["v3", "projects"]) => all_projects(call, world),
        ("GET", ["v3", "projects", id]) => one_project(call, world, id),
        ("GET", ["v3", "users", id, "projects"]) => projects_of(call, world, id),
        _ => Err(not_found_page()),
    };
    answered.unwrap_or_else(|refusal| refusal).with("vary", "X-Auth-Token")
}

fn not_found_page() -> Answer {
    let page = "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The \
                requested URL was not found on the server. If you entered the URL manually please check your \
                spelling and try again.</p>\n";
    Answer::html(StatusCode::NOT_FOUND, page.to_owned())
}

fn unauthorized(call: &Call) -> Answer {
    keystone_error(call, 401, UNAUTHORIZED)
}

/// The caller's token, if it is good.
fn token<'a>(call: &Call, world: &'a World) -> Result<&'a Token, Answer> {
    let text = call.header("x-auth-token").unwrap_or_default();
    world.identity.token(text, world.now()).ok_or_else(|| unauthorized(call))
}

// Logging in.

fn log_in(call: &Call, world: &mut World) -> Answered {
    let Some(body) = call.json() else {
        let text = format!("Expecting to find valid JSON in request body. {BAD_REQUEST}");
        return Err(keystone_error(call, 400, &text));
    };
    let auth = required(call, &body, "auth")?;
    let identity = required(call, auth, "identity")?;
    let methods = required(call, identity, "methods")?;
    let method = methods.get(0).and_then(Value::as_str).unwrap_or_default();
    let scope = auth.get("scope");
    let now = world.now();
    let login = match method {
        "password" => by_password(call, world, identity)?,
        "token" => by_token(call, world, identity, scope)?,
        "application_credential" => by_credential(call, world, identity, scope)?,
        _ => return Err(unauthorized(call)),
    };
    let scope = match login.scope {
        Some(scope) => scope,
        None => scope_of(call, &world.identity, &login.user, scope)?,
    };
    let ttl = i64::try_from(world.options.token_ttl.as_millis()).unwrap_or(i64::MAX);
    let expires = login.expires.unwrap_or(Moment(now.0.saturating_add(ttl)));
    let (text, token) = world.identity.issue(login.user, scope, login.methods, (now, expires));
    Ok(token_answer(call, world, StatusCode::CREATED, &text, &token))
}

/// Who logged in, and what the way of logging in already decides.
struct LogIn {
    user: User,
    methods: Vec<&'static str>,
    scope: Option<TokenScope>,
    /// A token made from a token lives no longer.
    expires: Option<Moment>,
}

fn required<'a>(call: &Call, body: &'a Value, key: &str) -> Result<&'a Value, Answer> {
    body.get(key).ok_or_else(|| {
        let text = format!(
            "'{key}' is a required property\n\nFailed validating 'required' in schema:\n    \
             {{'type': 'object', 'required': ['{key}']}}\n\nOn instance:\n    {body}"
        );
        keystone_error(call, 400, &text)
    })
}

fn by_password(call: &Call, world: &World, identity: &Value) -> Result<LogIn, Answer> {
    let password = required(call, identity, "password")?;
    let asked = required(call, password, "user")?;
    let user = named_user(call, &world.identity, asked)?.filter(|_| asked["password"] == PASSWORD);
    let user = user.cloned().ok_or_else(|| unauthorized(call))?;
    Ok(LogIn { user, methods: vec!["password"], scope: None, expires: None })
}

/// The user by id, or by name and domain.
fn named_user<'a>(
    call: &Call,
    identity: &'a Identity,
    asked: &Value,
) -> Result<Option<&'a User>, Answer> {
    if let Some(id) = asked["id"].as_str() {
        return Ok(identity.user(|user| user.id == id));
    }
    let Some(domain) = asked.get("domain") else {
        let text = format!("Expecting to find domain in user. {BAD_REQUEST}");
        return Err(keystone_error(call, 400, &text));
    };
    let name = asked["name"].as_str().unwrap_or_default();
    Ok(identity.user(|user| user.name == name).filter(|_| is_default_domain(domain)))
}

fn is_default_domain(domain: &Value) -> bool {
    domain["id"] == "default" || domain["name"] == "Default"
}

fn by_token(
    call: &Call,
    world: &World,
    identity: &Value,
    scope: Option<&Value>,
) -> Result<LogIn, Answer> {
    let text = required(call, identity, "token")?["id"].as_str().unwrap_or_default();
    let Some(token) = world.identity.token(text, world.now()) else {
        return Err(keystone_error(call, 404, "Failed to validate token"));
    };
    if token.by_credential && scope.is_some() {
        let text =
            "Using method 'token' with an application credential token is not allowed to rescope.";
        return Err(keystone_error(call, 403, text));
    }
    let mut methods = token.methods.clone();
    methods.retain(|method| *method != "token");
    methods.push("token");
    let kept = if scope.is_none() { Some(token.scope.clone()) } else { None };
    Ok(LogIn { user: token.user.clone(), methods, scope: kept, expires: Some(token.expires) })
}

fn by_credential(
    call: &Call,
    world: &World,
    identity: &Value,
    scope: Option<&Value>,
) -> Result<LogIn, Answer> {
    let asked = required(call, identity, "application_credential")?;
    if scope.is_some() {
        let text = "Error authenticating with application credential: Application credentials cannot request \
                    a scope.";
        return Err(keystone_error(call, 401, text));
    }
    let alice = world.identity.user(|user| user.name == "alice");
    let known = if let Some(id) = asked["id"].as_str() {
        id == credential_id()
    } else {
        let user = named_user(call, &world.identity, &asked["user"])?;
        asked["name"] == CREDENTIAL && user.is_some_and(|user| user.name == "alice")
    };
    let Some(user) = alice.filter(|_| known).cloned() else {
        let name = asked["id"].as_str().or(asked["name"].as_str()).unwrap_or_default();
        let text = format!("Could not find Application Credential: {name}.");
        return Err(keystone_error(call, 404, &text));
    };
    if asked["secret"] != CREDENTIAL_SECRET {
        return Err(unauthorized(call));
    }
    let scope = user.grants.first().map(|(id, role)| TokenScope::Project(id.clone(), *role));
    Ok(LogIn { user, methods: vec!["application_credential"], scope, expires: None })
}

/// What the login asks to be let into. Unknown projects and those of others are refused alike.
fn scope_of(
    call: &Call,
    identity: &Identity,
    user: &User,
    scope: Option<&Value>,
) -> Result<TokenScope, Answer> {
    let Some(scope) = scope.filter(|scope| **scope != "unscoped") else {
        return Ok(TokenScope::Unscoped);
    };
    if scope["system"]["all"] == true && user.system_admin {
        return Ok(TokenScope::System);
    }
    let asked = &scope["project"];
    let project = match (asked["id"].as_str(), asked["name"].as_str()) {
        (Some(id), _) => identity.project(&ProjectId(id.into())),
        (None, Some(name)) if is_default_domain(&asked["domain"]) => identity.project_named(name),
        _ => None,
    };
    let project = project.filter(|project| project.enabled);
    let grant = |project: &Project| user.grants.iter().find(|(id, _)| *id == project.id);
    project
        .and_then(grant)
        .map(|(id, role)| TokenScope::Project(id.clone(), *role))
        .ok_or_else(|| unauthorized(call))
}

// Tokens as they are shown.

fn token_answer(
    call: &Call,
    world: &World,
    status: StatusCode,
    text: &str,
    token: &Token,
) -> Answer {
    let body = json!({"token": token_body(call, world, token)});
    Answer::json(status, &body).with("x-subject-token", text)
}

fn token_body(call: &Call, world: &World, token: &Token) -> Value {
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
        if call.param("nocatalog").is_none() {
            body.insert("catalog".into(), versions::catalog(&call.url));
        }
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

fn validate(call: &Call, world: &World) -> Answered {
    token(call, world)?;
    let text = call.header("x-subject-token").unwrap_or_default();
    let Some(subject) = world.identity.token(text, world.now()) else {
        return Err(keystone_error(call, 404, "Failed to validate token"));
    };
    let answer = token_answer(call, world, StatusCode::OK, text, subject);
    Ok(if call.method == Method::HEAD { Answer { body: Vec::new(), ..answer } } else { answer })
}

fn revoke(call: &Call, world: &mut World) -> Answered {
    token(call, world)?;
    let text = call.header("x-subject-token").unwrap_or_default();
    let now = world.now();
    if world.identity.token(text, now).is_none() {
        return Err(keystone_error(call, 404, "Failed to validate token"));
    }
    world.identity.revoke(text, now);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

// Projects.

fn own_projects(call: &Call, world: &World, path: &str) -> Answered {
    let user = &token(call, world)?.user;
    let own = |project: &&Project| user.grants.iter().any(|(id, _)| *id == project.id);
    Ok(project_list(call, world.identity.projects().filter(own), path))
}

fn projects_of(call: &Call, world: &World, user: &str) -> Answered {
    if token(call, world)?.user.id != user {
        return Err(not_allowed(call, "list_user_projects"));
    }
    own_projects(call, world, &format!("/v3/users/{user}/projects"))
}

fn all_projects(call: &Call, world: &World) -> Answered {
    if !is_admin(token(call, world)?) {
        return Err(not_allowed(call, "list_projects"));
    }
    let name = call.param("name");
    let wanted = |project: &&Project| name.is_none_or(|name| project.name.raw() == name);
    Ok(project_list(call, world.identity.projects().filter(wanted), "/v3/projects"))
}

fn one_project(call: &Call, world: &World, id: &str) -> Answered {
    let token = token(call, world)?;
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

fn not_allowed(call: &Call, action: &str) -> Answer {
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

fn catalog_of(call: &Call, world: &World) -> Answered {
    if token(call, world)?.scope == TokenScope::Unscoped {
        return Err(not_allowed(call, "get_auth_catalog"));
    }
    let own = format!("{}/v3/auth/catalog", call.url);
    Ok(Answer::ok(&json!({"catalog": versions::catalog(&call.url), "links": {"self": own}})))
}
