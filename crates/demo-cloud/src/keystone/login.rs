//! Logging in: by password, one-time code, token and application credential.

use axum::http::StatusCode;
use serde_json::{Value, json};

use domain::{Moment, ProjectId};

use super::super::answer::{Answer, keystone_error};
use super::super::call::Call;
use super::super::codes;
use super::super::identity::{
    CREDENTIAL, CREDENTIAL_SECRET, Identity, PASSWORD, Project, TokenScope, User, credential_id,
};
use super::super::world::World;
use super::{Answered, tokens, unauthorized};

const BAD_REQUEST: &str = "The server could not comply with the request since it is either malformed or \
     otherwise incorrect. The client is assumed to be in error.";

pub(super) fn log_in(call: &Call, world: &mut World) -> Answered {
    let Some(body) = call.json() else {
        let text = format!("Expecting to find valid JSON in request body. {BAD_REQUEST}");
        return Err(keystone_error(call, 400, &text));
    };
    let auth = required(call, &body, "auth")?;
    let identity = required(call, auth, "identity")?;
    let methods = required(call, identity, "methods")?;
    let methods = methods.as_array().into_iter().flatten().filter_map(Value::as_str);
    let scope = auth.get("scope");
    let now = world.now();
    let mut login = None;
    for method in methods {
        let one = match method {
            "password" => by_password(call, world, identity)?,
            "totp" => by_code(call, world, identity)?,
            "token" => by_token(call, world, identity, scope)?,
            "application_credential" => by_credential(call, world, identity, scope)?,
            _ => return Err(unauthorized(call)),
        };
        login = Some(together(call, login, one)?);
    }
    let mut login = login.ok_or_else(|| unauthorized(call))?;
    check_factors(call, world, &mut login)?;
    let scope = match login.scope {
        Some(scope) => scope,
        None => scope_of(call, &world.identity, &login.user, scope)?,
    };
    let ttl = i64::try_from(world.options.token_ttl.as_millis()).unwrap_or(i64::MAX);
    let expires = login.expires.unwrap_or(Moment(now.0.saturating_add(ttl)));
    let (text, token) = world.identity.issue(login.user, scope, login.methods, (now, expires));
    Ok(tokens::answer(call, world, StatusCode::CREATED, &text, &token))
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

fn by_code(call: &Call, world: &World, identity: &Value) -> Result<LogIn, Answer> {
    let asked = required(call, required(call, identity, "totp")?, "user")?;
    let good = asked["passcode"].as_str().is_some_and(|code| codes::is_good(code, world.now()));
    let user = named_user(call, &world.identity, asked)?.filter(|user| good && user.wants_code);
    let user = user.cloned().ok_or_else(|| unauthorized(call))?;
    Ok(LogIn { user, methods: vec!["totp"], scope: None, expires: None })
}

/// Several methods of one request, of one user.
fn together(call: &Call, before: Option<LogIn>, mut one: LogIn) -> Result<LogIn, Answer> {
    let Some(before) = before else { return Ok(one) };
    if before.user.id != one.user.id {
        return Err(unauthorized(call));
    }
    one.methods.splice(0..0, before.methods);
    Ok(one)
}

/// Password and code are both wanted of some; who gave one gets a receipt for it.
fn check_factors(call: &Call, world: &mut World, login: &mut LogIn) -> Result<(), Answer> {
    if let Some(receipt) = call.header("openstack-auth-receipt") {
        let before = world.identity.given_before(receipt, &login.user);
        login.methods.push(before.ok_or_else(|| unauthorized(call))?);
    }
    let single = match login.methods.as_slice() {
        [method @ ("password" | "totp")] if login.user.wants_code => *method,
        _ => return Ok(()),
    };
    let text = world.identity.receipt(&login.user, single);
    let (user, now) = (&login.user, world.now());
    let domain = json!({"id": "default", "name": "Default"});
    let body = json!({
        "receipt": {"methods": [single], "expires_at": Moment(now.0 + 300_000).to_string(),
            "issued_at": now.to_string(), "user": {"domain": domain, "id": user.id, "name": user.name}},
        "required_auth_methods": [["password", "totp"]]});
    Err(Answer::json(StatusCode::UNAUTHORIZED, &body).with("openstack-auth-receipt", &text))
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
