//! What goes wrong, as data: on which requests, how often, and how.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// A fault: on these requests, so often, this happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Which requests.
    pub on: Route,
    /// How often.
    pub times: Times,
    /// What happens.
    pub action: Action,
}

impl Fault {
    /// Happens to every request of the route.
    pub fn always(on: Route, action: Action) -> Self {
        Self { on, times: Times::Always, action }
    }

    /// Happens to the next request of the route.
    pub fn once(on: Route, action: Action) -> Self {
        Self::next(1, on, action)
    }

    /// Happens to the next so many requests of the route.
    pub fn next(times: usize, on: Route, action: Action) -> Self {
        Self { on, times: Times::Next(times), action }
    }

    /// Happens to one request of the route: the first is 1.
    pub fn nth(number: usize, on: Route, action: Action) -> Self {
        Self { on, times: Times::Nth(number), action }
    }
}

/// Requests by method and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    method: Option<String>,
    path: String,
}

impl Route {
    /// A method and a piece of the path, with the service's prefix: `("GET", "/ims/v2/cloudimages")`. `*` stands
    /// for anything; a piece that ends in `$` ends where the path ends; a piece with `?` is compared with path and
    /// query, others with the path alone.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: Some(method.to_owned()), path: path.to_owned() }
    }

    /// [`Route::new`] with `GET`.
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// [`Route::new`] with `POST`.
    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    /// [`Route::new`] with `DELETE`.
    pub fn delete(path: &str) -> Self {
        Self::new("DELETE", path)
    }

    /// Any method.
    pub fn any(path: &str) -> Self {
        Self { method: None, path: path.to_owned() }
    }

    /// A login.
    pub fn login() -> Self {
        Self::post("/v3/auth/tokens$")
    }

    /// Lists of images, of both services.
    pub fn images() -> Self {
        Self::get("/v2/*images$")
    }

    /// Lists of members, of both services.
    pub fn members() -> Self {
        Self::get("images/*/members$")
    }

    /// The batch delete of IMS.
    pub fn batch_delete() -> Self {
        Self::delete("/v1/cloudimages/members$")
    }

    /// Questions about jobs, by both calls.
    pub fn jobs() -> Self {
        Self::get("/v1/*job*/")
    }

    fn matches(&self, method: &str, path_and_query: &str) -> bool {
        let with_query = self.path.contains('?');
        let path = match path_and_query.split_once('?') {
            Some((path, _)) if !with_query => path,
            _ => path_and_query,
        };
        self.method.as_deref().is_none_or(|wanted| wanted == method) && holds(&self.path, path)
    }
}

/// Whether the pieces between the stars stand in the text in their order; a last `$` nails the end.
fn holds(pattern: &str, text: &str) -> bool {
    let (pattern, nailed) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut pieces: Vec<&str> = pattern.split('*').collect();
    let last = if nailed { pieces.pop() } else { None };
    let mut rest = text;
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    last.is_none_or(|last| rest.ends_with(last))
}

/// How often a fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The next so many.
    Next(usize),
    /// Every one.
    Always,
    /// Only this one, counted from 1.
    Nth(usize),
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// This answer, and nothing is done.
    Answer {
        /// Status.
        status: u16,
        /// Headers.
        headers: Vec<(&'static str, String)>,
        /// Body.
        body: String,
    },
    /// The answer comes later; other faults may follow.
    Delay(Duration),
    /// The connection is closed without an answer, and nothing is done.
    DropBefore,
    /// It is done, and the connection is closed without an answer.
    DropAfter,
    /// It is done, and the connection is closed in the middle of the answer's body.
    Cut,
    /// It is done, and something in the answer is another value (JSON pointer; the last name may be new).
    Set(&'static str, Value),
}

impl Action {
    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self::Answer { status, headers, body: body.to_string() }
    }

    /// 429 of the API gateway, without `Retry-After`.
    pub fn throttled() -> Self {
        Self::json(
            429,
            &serde_json::json!({"error_msg": "The throttling threshold has been reached: policy user over \
                ratelimit,limit:5,time:1 second", "error_code": "APIGW.0308", "request_id": "demo-throttled"}),
        )
    }

    /// 413 of Rackspace's rate limiter: `("retryAfter", "54")`, `("retryAfter", "2010-08-01T00:00:00Z")`, or
    /// `("retryAt", "2012-11-14T21:51:28UTC")`.
    pub fn over_limit((key, when): (&str, &str)) -> Self {
        let limit = serde_json::json!({"code": 413, "message": "OverLimit Retry...",
            "details": "Error Details...", key: when});
        Self::json(413, &serde_json::json!({ "overLimit": limit }))
    }

    /// A status with `Retry-After` in seconds.
    pub fn retry_after(status: u16, seconds: u32) -> Self {
        let headers = vec![("retry-after", seconds.to_string())];
        Self::Answer { status, headers, body: String::new() }
    }
}

#[derive(Debug)]
struct Live {
    fault: Fault,
    seen: usize,
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Live>>);

impl Faults {
    fn live(&self) -> MutexGuard<'_, Vec<Live>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a fault. Of several that fit a request, delays add up and then the one added first happens.
    pub fn add(&self, fault: Fault) {
        self.live().push(Live { fault, seen: 0 });
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.live().clear();
    }

    /// What happens to a request: how long it waits, and what else.
    pub(super) fn take(&self, method: &str, path_and_query: &str) -> (Duration, Option<Action>) {
        let mut delay = Duration::ZERO;
        let mut happens = None;
        for live in self.live().iter_mut() {
            let is_delay = matches!(live.fault.action, Action::Delay(_));
            if (happens.is_some() && !is_delay) || !live.fault.on.matches(method, path_and_query) {
                continue;
            }
            live.seen += 1;
            let now = match live.fault.times {
                Times::Always => true,
                Times::Next(times) => live.seen <= times,
                Times::Nth(number) => live.seen == number,
            };
            match &live.fault.action {
                _ if !now => {}
                Action::Delay(more) => delay += *more,
                action => happens = Some(action.clone()),
            }
        }
        (delay, happens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_a_method_and_a_piece_of_the_path() {
        let members = Route::members();

        assert!(members.matches("GET", "/glance/v2/images/7f/members?limit=1"));
        assert!(members.matches("GET", "/ims/v1/p/cloudimages/7f/members"));
        assert!(!members.matches("GET", "/glance/v2/images/7f/members/9c"));
        assert!(!members.matches("POST", "/glance/v2/images/7f/members"));
        assert!(Route::images().matches("GET", "/ims/v2/cloudimages?limit=2"));
        assert!(!Route::images().matches("GET", "/glance/v2/images/7f"));
        assert!(Route::get("images?*marker=").matches("GET", "/ims/v2/images?limit=2&marker=7"));
        assert!(Route::jobs().matches("GET", "/ims/v1/cloudimages/job/1"));
        assert!(Route::jobs().matches("GET", "/ims/v1/p/jobs/1"));
    }

    #[test]
    fn a_fault_happens_as_often_as_it_says() {
        let faults = Faults::default();
        faults.add(Fault::next(2, Route::any("/a"), Action::DropBefore));
        faults.add(Fault::nth(2, Route::any("/b"), Action::Cut));

        let happens = |path| faults.take("GET", path).1;

        assert_eq!(
            [happens("/a"), happens("/a"), happens("/a")].map(|a| a.is_some()),
            [true, true, false]
        );
        assert_eq!(
            [happens("/b"), happens("/b"), happens("/b")].map(|a| a.is_some()),
            [false, true, false]
        );
    }

    #[test]
    fn delays_add_up_with_what_else_happens() {
        let faults = Faults::default();
        faults.add(Fault::always(Route::any("/a"), Action::Delay(Duration::from_secs(1))));
        faults.add(Fault::always(Route::any("/a"), Action::DropAfter));
        faults.add(Fault::always(Route::any("/"), Action::Delay(Duration::from_secs(2))));

        assert_eq!(faults.take("GET", "/a"), (Duration::from_secs(3), Some(Action::DropAfter)));
    }
}
