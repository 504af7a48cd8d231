//! Answers, and the forms in which the three services say no.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::call::{Call, Service};

/// What goes back, unless a fault says otherwise.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(status: StatusCode, value: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, body: value.to_string().into_bytes() }
    }

    pub(super) fn ok(value: &Value) -> Self {
        Self::json(StatusCode::OK, value)
    }

    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn html(status: StatusCode, page: String) -> Self {
        let headers = vec![("content-type", "text/html; charset=UTF-8".to_owned())];
        Self { status, headers, body: page.into_bytes() }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        if response.status() == StatusCode::NO_CONTENT {
            response.headers_mut().remove(CONTENT_TYPE);
        }
        response
    }
}

const UNVERIFIED: &str = "This server could not verify that you are authorized to access the document you \
     requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not \
     understand how to supply the credentials required.";

/// Glance's errors: JSON for `Accept: application/json` and nothing else, a page otherwise.
pub(super) fn refuse(call: &Call, status: u16, message: &str) -> Answer {
    refuse_with(call, status, &format!("{message}<br /><br />\n\n\n"), message)
}

fn refuse_with(call: &Call, status: u16, in_json: &str, in_page: &str) -> Answer {
    let status = status_of(status);
    let title = reason(status);
    let line = format!("{} {title}", status.as_u16());
    if call.header("accept") == Some("application/json") {
        return Answer::json(status, &json!({"message": in_json, "code": line, "title": title}));
    }
    Answer::html(
        status,
        format!(
            "<html>\n <head>\n  <title>{line}</title>\n </head>\n <body>\n  <h1>{line}</h1>\n  \
             {in_page}<br /><br />\n\n\n\n </body>\n</html>"
        ),
    )
}

/// 405, whose text has another tail.
pub(super) fn wrong_method(call: &Call, allow: &'static str) -> Answer {
    let message = format!("The method {} is not allowed for this resource. ", call.method);
    refuse_with(call, 405, &format!("{message}<br /><br />\n"), &message).with("allow", allow)
}

/// 404 for a path that leads nowhere.
pub(super) fn no_resource(call: &Call) -> Answer {
    refuse(call, 404, "The resource could not be found.")
}

/// 401 of an image service: Glance's own, or the API gateway's in front of IMS.
pub(super) fn unauthorized(call: &Call, why: &str) -> Answer {
    if call.service == Service::Ims {
        let (code, text) = match why {
            "expired" => ("APIGW.0307", "The token must be updated.".to_owned()),
            why => ("APIGW.0301", format!("Incorrect IAM authentication information: {why}")),
        };
        return gateway(call, 401, code, &text);
    }
    refuse(call, 401, UNVERIFIED)
        .with("www-authenticate", format!("Keystone uri=\"{}/v3\"", call.url))
}

/// An error of the API gateway.
pub(super) fn gateway(call: &Call, status: u16, code: &str, message: &str) -> Answer {
    let body = json!({"error_msg": message, "error_code": code, "request_id": call.request_id});
    Answer::json(status_of(status), &body)
}

/// Too many requests: the gateway gives no `Retry-After`, a proxy before Glance does. Rackspace
/// calls it 413, and says in the body when to come back.
pub(super) fn throttled(call: &Call, limit: usize) -> Answer {
    if call.service == Service::Ims {
        let text = format!(
            "The throttling threshold has been reached: policy user over ratelimit,limit:{limit},time:1 second"
        );
        return gateway(call, 429, "APIGW.0308", &text);
    }
    if call.service == Service::Rackspace {
        let details = format!("Only {limit} request(s) can be made every second.");
        let limit = json!({"code": 413, "message": "OverLimit Retry...", "details": details, "retryAfter": "1"});
        return Answer::json(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "overLimit": limit }));
    }
    refuse(call, 429, "Too many requests.").with("retry-after", "1")
}

/// The gateway knows no such call.
pub(super) fn no_such_api(call: &Call) -> Answer {
    gateway(
        call,
        404,
        "APIGW.0101",
        "The API does not exist or has not been published in the environment",
    )
}

/// An error of the IMS extension.
pub(super) fn ims_error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status_of(status), &json!({"error": {"message": message, "code": code}}))
}

/// An error of Keystone.
pub(super) fn keystone_error(call: &Call, status: u16, message: &str) -> Answer {
    let status = status_of(status);
    let body =
        json!({"error": {"code": status.as_u16(), "message": message, "title": reason(status)}});
    let answer = Answer::json(status, &body);
    if status == StatusCode::UNAUTHORIZED {
        return answer.with("www-authenticate", format!("Keystone uri=\"{}/v3\"", call.url));
    }
    answer
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The reason as WSGI servers write it.
fn reason(status: StatusCode) -> &'static str {
    match status.as_u16() {
        413 => "Request Entity Too Large",
        _ => status.canonical_reason().unwrap_or("Error"),
    }
}
