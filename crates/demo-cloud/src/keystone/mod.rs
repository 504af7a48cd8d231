//! Identity v3: discovery, login, projects. Texts and statuses are those of Keystone 30.

use axum::http::StatusCode;

use super::answer::{Answer, keystone_error};
use super::call::Call;
use super::identity::Token;
use super::world::World;
use super::{rackspace, signature, versions};

mod login;
mod projects;
mod tokens;

type Answered = Result<Answer, Answer>;

pub(super) fn answer(call: &Call, world: &mut World) -> Answer {
    let answered = match (call.method.as_str(), call.path().as_slice()) {
        ("GET", [""]) => Ok(versions::keystone(call)),
        ("GET", ["v3" | "v3.14"] | ["v3", ""]) => Ok(versions::keystone_v3(call)),
        ("POST", ["v3", "auth", "tokens"]) => login::log_in(call, world),
        ("GET", ["v3", "auth", "tokens"]) => tokens::validate(call, world),
        ("POST", ["v2.0", "tokens"]) => rackspace::log_in(call, world),
        ("GET", ["v3", "auth", "projects"]) => projects::own(call, world, "/v3/auth/projects"),
        ("GET", ["v3", "auth", "catalog"]) if signature::is_signed(call) => {
            signature::signer(call, world).map(|_| tokens::catalog_body(call))
        }
        ("GET", ["v3", "auth", "catalog"]) => tokens::catalog(call, world),
        ("GET", ["v3", "projects"]) if signature::is_signed(call) => projects::of_key(call, world),
        ("GET", ["v3", "projects"]) => projects::all(call, world),
        ("GET", ["v3", "projects", id]) => projects::one(call, world, id),
        ("GET", ["v3", "users", id, "projects"]) => projects::of_user(call, world, id),
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
    keystone_error(call, 401, "The request you have made requires authentication.")
}

/// The caller's token, if it is good.
fn caller<'a>(call: &Call, world: &'a World) -> Result<&'a Token, Answer> {
    let text = call.header("x-auth-token").unwrap_or_default();
    world.identity.token(text, world.now()).ok_or_else(|| unauthorized(call))
}
