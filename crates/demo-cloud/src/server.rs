//! From a connection to a service and back, with the faults in between.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Response, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, throttled};
use super::call::{Call, Service};
use super::faults::{Action, Faults};
use super::line::{Cord, Lines};
use super::requests::{Log, Recorded};
use super::world::{World, within};
use super::{glance, ims, keystone, rackspace};

/// The API gateway's cap on bodies (Huawei: 12 MB).
const LARGEST_BODY: usize = 12 * 1024 * 1024;

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) url: String,
    pub(super) faults: Faults,
    pub(super) log: Log,
    world: Mutex<World>,
    latency: Range<Duration>,
    old_glance: bool,
    stopping: CancellationToken,
}

impl Shared {
    pub(super) fn new(url: String, world: World, stopping: CancellationToken) -> Self {
        let (latency, old_glance) = (world.options.latency.clone(), world.options.old_glance);
        let (faults, log) = (Faults::default(), Log::default());
        Self { url, faults, log, world: Mutex::new(world), latency, old_glance, stopping }
    }

    /// The world, with the jobs that are due carried out.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        // A test that failed while holding the world must not take the others with it.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.settle();
        world
    }

    /// Whether the time passed; not when the cloud stopped before.
    async fn wait(&self, delay: Duration) -> bool {
        if delay.is_zero() {
            return !self.stopping.is_cancelled();
        }
        tokio::select! {
            () = tokio::time::sleep(delay) => true,
            () = self.stopping.cancelled() => false,
        }
    }
}

/// Answers until told to stop.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let stopping = shared.stopping.clone();
    let app = Router::new().fallback(handle).with_state(shared);
    // Serving on a bound listener does not fail: accept errors are waited out inside.
    let _ = axum::serve(Lines(listener), app.into_make_service_with_connect_info::<Cord>())
        .with_graceful_shutdown(stopping.cancelled_owned())
        .await;
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cord): ConnectInfo<Cord>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return Answer::empty(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    };
    let mut call = Call::new(&shared.url, parts.clone(), body);
    call.old_glance = shared.old_glance;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let entry = shared.log.open(record(&call, path));
    let (delay, action) = shared.faults.take(call.method.as_str(), path);
    if !shared.wait(delay + within(&shared.latency, &mut fastrand::Rng::new())).await {
        cord.pull();
    }
    let answer = play(&shared, &call, action.as_ref(), &cord);
    if !cord.is_pulled() {
        entry.answered(answer.status.as_u16());
    }
    match action {
        Some(Action::Cut) => cut(answer),
        _ => answer.into_response(),
    }
}

/// Asks the service, unless the fault is in the way, and spoils its answer as the fault says.
fn play(shared: &Shared, call: &Call, action: Option<&Action>, cord: &Cord) -> Answer {
    match action {
        _ if cord.is_pulled() => Answer::empty(StatusCode::SERVICE_UNAVAILABLE),
        Some(Action::DropBefore) => {
            cord.pull();
            Answer::empty(StatusCode::SERVICE_UNAVAILABLE)
        }
        Some(Action::Answer { status, headers, body }) => Answer {
            status: StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: with_id(call, headers.clone()),
            body: body.clone().into_bytes(),
        },
        Some(Action::DropAfter) => {
            let answer = ask(shared, call);
            cord.pull();
            answer
        }
        Some(Action::Set(pointer, value)) => edited(ask(shared, call), pointer, value),
        Some(Action::Delay(_) | Action::Cut) | None => ask(shared, call),
    }
}

fn ask(shared: &Shared, call: &Call) -> Answer {
    let mut world = shared.world();
    let limit = world.options.rate_limit.filter(|_| call.service != Service::Keystone);
    let over = limit.filter(|limit| !world.takes_one_more(*limit));
    let mut answer = match call.service {
        _ if over.is_some() => throttled(call, over.unwrap_or_default()),
        Service::Keystone => keystone::answer(call, &mut world),
        Service::Glance => glance::answer(call, &mut world),
        Service::Ims => ims::answer(call, &mut world),
        Service::Rackspace => rackspace::answer(call, &mut world),
    };
    answer.headers = with_id(call, answer.headers);
    answer
}

/// Adds the id under the service's name for it. Glance's 401 alone has none.
fn with_id(call: &Call, mut headers: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    let challenged = headers.iter().any(|(name, _)| *name == "www-authenticate");
    match call.service {
        Service::Ims => headers.push(("x-request-id", call.request_id.clone())),
        Service::Glance if challenged => {}
        _ => headers.push(("x-openstack-request-id", call.request_id.clone())),
    }
    headers
}

fn record(call: &Call, path: &str) -> Recorded {
    Recorded {
        method: call.method.to_string(),
        path: path.to_owned(),
        body: call.json(),
        status: None,
        token: call.headers.contains_key("x-auth-token"),
        signed: super::signature::is_signed(call),
        request_id: call.request_id.clone(),
    }
}

/// Half of the body under the length of the whole, then the end of the connection.
fn cut(answer: Answer) -> Response<Body> {
    let half = Bytes::copy_from_slice(&answer.body[..answer.body.len() / 2]);
    let length = answer.body.len();
    let pieces = futures_util::stream::unfold(Some(half), |half| async {
        if let Some(half) = half {
            return Some((Ok(half), None));
        }
        // The half is flushed only when the body makes the connection wait.
        tokio::time::sleep(Duration::from_millis(1)).await;
        Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)), None))
    });
    let mut response = Answer { body: Vec::new(), ..answer }.into_response();
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    *response.body_mut() = Body::from_stream(pieces);
    response
}

fn edited(mut answer: Answer, pointer: &str, value: &Value) -> Answer {
    let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        match (body.pointer_mut(parent), key.parse::<usize>()) {
            (Some(Value::Array(array)), Ok(at)) if at < array.len() => array[at] = value.clone(),
            (Some(Value::Object(object)), _) => {
                object.insert(key.to_owned(), value.clone());
            }
            _ => {}
        }
        answer.body = body.to_string().into_bytes();
    }
    answer
}
