//! Identity v2.0: `POST /v2.0/tokens`, and nothing else of it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use domain::{Moment, ProjectId};

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::identity::{PASSWORD, Role, TokenScope, User};
use super::super::world::World;
use super::accounts::{AccountUser, State, user_named};
use super::catalog;

pub(in super::super) fn log_in(call: &Call, world: &mut World) -> Result<Answer, Answer> {
    let body = call.json().ok_or_else(|| refuse("badRequest", 400, "Invalid json request body"))?;
    let auth = &body["auth"];
    let (known, by) = proven(auth)?;
    let tenant = auth["tenantId"].as_str().or(auth["tenantName"].as_str());
    if tenant.is_some_and(|tenant| tenant != known.number) {
        return Err(refuse("unauthorized", 401, "Tenant with Name/Id is not valid for User"));
    }
    let account = ProjectId(known.number.into());
    let user = User {
        id: known.number.chars().rev().collect(),
        name: known.name,
        grants: vec![(account.clone(), known.role)],
        system_admin: false,
        wants_code: false,
    };
    let now = world.now();
    let ttl = i64::try_from(world.options.token_ttl.as_millis()).unwrap_or(i64::MAX);
    let (scope, expires) = (TokenScope::Project(account, known.role), Moment(now.0 + ttl));
    let (text, _) = world.identity.issue(user, scope, vec!["password"], (now, expires));
    Ok(granted(call, known, by, &text, expires).with("date", http_date(now)))
}

/// The user, if what it sent proves it, and by which of the two ways.
fn proven(auth: &Value) -> Result<(&'static AccountUser, &'static str), Answer> {
    let key = auth.get("RAX-KSKEY:apiKeyCredentials");
    let credentials = key
        .or_else(|| auth.get("passwordCredentials"))
        .ok_or_else(|| refuse("badRequest", 400, "Invalid request. Missing credentials."))?;
    let known = credentials["username"].as_str().and_then(user_named);
    let (right, by, wrong) = match key {
        Some(_) => (
            known.filter(|user| credentials["apiKey"] == user.api_key),
            "APIKEY",
            "Username or api key is invalid.",
        ),
        None => (
            known.filter(|_| credentials["password"] == PASSWORD),
            "PASSWORD",
            "Unable to authenticate user with credentials provided.",
        ),
    };
    let user = right.ok_or_else(|| refuse("unauthorized", 401, wrong))?;
    match user.state {
        State::Disabled => {
            let text = format!("User '{}' is disabled", user.name);
            Err(refuse("userDisabled", 403, &text))
        }
        State::SecondFactor if key.is_none() => {
            let text = "Additional authentication credentials required.";
            Err(refuse("unauthorized", 401, text)
                .with("www-authenticate", "OS-MF sessionId='demo', factor='PASSCODE'"))
        }
        _ => Ok((user, by)),
    }
}

fn granted(call: &Call, user: &AccountUser, by: &str, text: &str, expires: Moment) -> Answer {
    let number = user.number;
    Answer::ok(&json!({"access": {
        "token": {"id": text, "expires": with_fraction(expires),
            "tenant": {"id": number, "name": number}, "RAX-AUTH:authenticatedBy": [by]},
        "serviceCatalog": catalog(&call.url, number),
        "user": {"id": number.chars().rev().collect::<String>(), "name": user.name,
            "roles": roles(user.role),
            "RAX-AUTH:defaultRegion": "IAD"}}}))
}

fn roles(role: Role) -> Value {
    match role {
        Role::Reader => json!([
            {"id": "2", "name": "identity:default", "description": "Default Role."},
            {"id": "10000155", "name": "cloudImages:observer", "description": "Images Observer Role."}]),
        _ => json!([{"id": "3", "name": "identity:user-admin", "description": "User Admin Role."}]),
    }
}

/// An error of the identity service: the kind is the only key.
fn refuse(kind: &str, status: u16, message: &str) -> Answer {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Answer::json(code, &json!({kind: {"code": status, "message": message}}))
}

/// `2015-11-18T18:35:45.013Z`
fn with_fraction(moment: Moment) -> String {
    formatted(moment, "%Y-%m-%dT%H:%M:%S.%3fZ")
}

fn http_date(moment: Moment) -> String {
    formatted(moment, "%a, %d %b %Y %H:%M:%S GMT")
}

fn formatted(moment: Moment, form: &str) -> String {
    jiff::Timestamp::from_millisecond(moment.0)
        .map_or_else(|_| moment.to_string(), |at| at.strftime(form).to_string())
}
