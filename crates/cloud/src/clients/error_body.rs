//! What an answer that is no success says: every envelope clouds put their errors into.

use std::time::Duration;

use serde_json::Value;

use super::{ApiError, CloudError};
use crate::http::Answer;
use domain::Text;

/// Longest message kept, in characters.
const LONGEST: usize = 300;

/// The error an answer stands for. The status decides; callers that know more look at the refusal.
pub(super) fn error(answer: &Answer) -> CloudError {
    let body = serde_json::from_slice::<Value>(&answer.body).ok();
    let refusal = refusal(answer, body.as_ref());
    let retry_after = retry_after(answer, body.as_ref());
    if asks_to_wait(&refusal, body.as_ref(), retry_after) {
        return CloudError::Throttled { refusal, retry_after };
    }
    match refusal.status {
        401 => CloudError::Unauthorized(refusal),
        403 => CloudError::Forbidden(refusal),
        404 => CloudError::NotFound(refusal),
        _ => CloudError::Answered(refusal),
    }
}

/// 413 is a quota on Glance and a rate limit on Rackspace: only one of them says when to come back.
fn asks_to_wait(refusal: &ApiError, body: Option<&Value>, after: Option<Duration>) -> bool {
    let limited = body.is_some_and(|body| body.get("overLimit").is_some());
    match refusal.status {
        429 => true,
        413 => limited || after.is_some(),
        503 => after.is_some(),
        _ => refusal.code.as_ref().is_some_and(|code| is_limit(code.raw())),
    }
}

/// The gateway's throttling (also spelt `APIG.`), and too many tasks at once.
fn is_limit(code: &str) -> bool {
    code == "IMG.0060" || (code.starts_with("APIG") && code.ends_with(".0308"))
}

fn refusal(answer: &Answer, body: Option<&Value>) -> ApiError {
    let status = answer.status.as_u16();
    let (code, message) = body.and_then(envelope).unwrap_or_else(|| (None, raw(answer)));
    let message = shortened(&without_markup(&message));
    let code = code.filter(|code| !echoes_status(code, status));
    let request_id =
        answer.request_id.clone().or_else(|| body?.get("request_id")?.as_str().map(Text::from));
    let message = if message.is_empty() { reason(answer) } else { message };
    let message = match (&answer.proxy, body) {
        (Some(proxy), None) => format!("{message} (through the proxy {proxy})"),
        _ => message,
    };
    ApiError { status, code: code.map(Text::from), message: message.into(), request_id }
}

/// Code and message, in the order that covers all known envelopes (Huawei's SDK has the same): gateway and new
/// IAM, SOAP-like, Glance and IMS; each at the top or one level down. At last a message without a code.
fn envelope(body: &Value) -> Option<(Option<String>, String)> {
    let nested = || body.as_object().into_iter().flat_map(|object| object.values());
    let levels = || std::iter::once(body).chain(nested());
    [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")]
        .iter()
        .find_map(|(code, message)| {
            levels().find_map(|level| Some((Some(word(level, code)?), word(level, message)?)))
        })
        .or_else(|| {
            let message = |level| ["message", "error_msg"].iter().find_map(|key| word(level, key));
            levels().find_map(|level| Some((None, message(level)?)))
        })
}

fn word(level: &Value, key: &str) -> Option<String> {
    match level.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The body as text, when it is in no known envelope: a page of a load balancer, or nothing.
fn raw(answer: &Answer) -> String {
    let head = &answer.body[..answer.body.len().min(16 << 10)];
    String::from_utf8_lossy(head).into_owned()
}

/// `404 Not Found` and `401` are the status again, not a code of the cloud's own.
fn echoes_status(code: &str, status: u16) -> bool {
    code.is_empty() || code.split(' ').next() == Some(status.to_string().as_str())
}

fn reason(answer: &Answer) -> String {
    answer.status.canonical_reason().unwrap_or("no reason given").to_owned()
}

fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(LONGEST).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

/// Text of a page or of a message with remains of markup: tags, heads and scripts out, entities resolved, blanks
/// collapsed. A lone `<` stays.
fn without_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(4096));
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        if let Some(end) = rest.find('>').filter(|_| tag) {
            out.push(' ');
            rest = past_unseen(rest).unwrap_or(&rest[end + 1..]);
        } else {
            out.push('<');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    resolved(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What follows an element whose content is not meant to be read.
fn past_unseen(rest: &str) -> Option<&str> {
    ["head", "script", "style"].iter().find_map(|name| {
        let opens = rest.get(1..=name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name));
        let ends = rest.as_bytes().get(1 + name.len()).is_some_and(|b| b" >\t\n".contains(b));
        let close = format!("</{name}>");
        let at = rest.to_ascii_lowercase().find(&close).filter(|_| opens && ends)?;
        Some(&rest[at + close.len()..])
    })
}

fn resolved(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

/// When to come back: by the header, or by Rackspace's body (`retryAfter`, `retryAt`).
fn retry_after(answer: &Answer, body: Option<&Value>) -> Option<Duration> {
    let in_body = || {
        let limit = body?.get("overLimit")?;
        let when = word(limit, "retryAfter").or_else(|| word(limit, "retryAt"))?;
        answer.until(&when)
    };
    answer.pause().or_else(in_body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::made as answer;

    /// Code and message that a body under a status comes to.
    fn said(status: u16, body: &str) -> (Option<String>, String) {
        let answer = answer(status, body);
        let value = serde_json::from_slice(&answer.body).ok();
        let refusal = refusal(&answer, value.as_ref());
        (refusal.code.map(|code| code.to_string()), refusal.message.to_string())
    }

    #[test]
    fn every_envelope_gives_up_its_code_and_message() {
        let html = "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  \
                    <h1>404 Not Found</h1>\n  Image x not found.<br /><br />\n</body></html>";
        let glance = r#"{"message":"Image x not found.<br /><br />\n\n\n","code":"404 Not Found","title":"Not Found"}"#;
        for (body, code, message) in [
            (r#"{"error":{"message":"gone","code":"IMG.0027"}}"#, Some("IMG.0027"), "gone"),
            (glance, None, "Image x not found."),
            (
                r#"{"error_msg":"m","error_code":"APIGW.0301","request_id":"r"}"#,
                Some("APIGW.0301"),
                "m",
            ),
            (r#"{"error":{"code":404,"message":"m","title":"Not Found"}}"#, None, "m"),
            (
                r#"{"a":{"errorCode":"X.1","errorMsg":"m"},"code":"Y","message":"n"}"#,
                Some("X.1"),
                "m",
            ),
            (r#"{"itemNotFound":{"code":404,"message":"m"}}"#, None, "m"),
            (r#"{"error":{"message":"only this"}}"#, None, "only this"),
            (html, None, "404 Not Found Image x not found."),
            ("", None, "Not Found"),
            ("plain &lt;text&gt; a < b", None, "plain <text> a < b"),
            ("<head", None, "<head"),
        ] {
            assert_eq!(said(404, body), (code.map(Into::into), message.into()), "{body}");
        }
    }

    #[test]
    fn a_long_message_is_cut_and_escape_codes_are_not_shown() {
        let (_, message) = said(500, &"x".repeat(10_000));
        assert_eq!(message.chars().count(), LONGEST + 1);
        let (_, message) = said(500, r#"{"message":"a\u001b[2Jb","code":"C\u009b"}"#);
        assert_eq!(message, "a\u{fffd}[2Jb");
    }

    #[test]
    fn a_body_tells_the_request_id_when_no_header_does() {
        let error = error(&answer(404, r#"{"error_msg":"m","error_code":"c","request_id":"r-1"}"#));
        assert_eq!(error.request_id(), Some("r-1".into()));
    }
}
