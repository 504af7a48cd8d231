//! Keeping what proves identity out of answers, and signed requests where they were meant to go.

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::Value;

use super::Answer;

/// The values of a request that prove who asks: token, signature, access key, temporary token.
///
/// Gateways are known to repeat the headers of a request they refuse (`canonicalRequest:…`); these values must not
/// get into an error's text.
#[derive(Clone)]
pub struct Redaction(Vec<String>);

impl Redaction {
    /// Those of a request that is about to be sent.
    pub fn of(request: &Request) -> Self {
        let headers = request.headers();
        let whole =
            ["x-auth-token", "x-security-token"].into_iter().filter_map(|name| text(headers, name));
        let parts = text(headers, AUTHORIZATION.as_str()).map(parts).unwrap_or_default();
        let all = whole.chain(parts).map(str::to_owned);
        Self(all.filter(|proof| !proof.is_empty()).collect())
    }

    /// Puts `***` in their place in the body. JSON is read for it, for it may spell them in other ways.
    pub fn redact(&self, answer: &mut Answer) {
        if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
            if self.blot_out_value(&mut body) {
                answer.body = body.to_string().into_bytes();
            }
            return;
        }
        let text = String::from_utf8_lossy(&answer.body);
        if let Some(blotted) = self.blotted(&text) {
            answer.body = blotted.into_bytes();
        }
    }

    fn blot_out_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.blotted(text) {
                Some(blotted) => {
                    *text = blotted;
                    true
                }
                None => false,
            },
            Value::Array(items) => {
                items.iter_mut().fold(false, |any, item| self.blot_out_value(item) | any)
            }
            Value::Object(object) => {
                object.values_mut().fold(false, |any, item| self.blot_out_value(item) | any)
            }
            _ => false,
        }
    }

    /// The text without them; `None` when it holds none.
    fn blotted(&self, text: &str) -> Option<String> {
        let mut out = text.to_owned();
        for proof in &self.0 {
            out = out.replace(proof.as_str(), "***");
        }
        (out != text).then_some(out)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What is secret in `SDK-HMAC-SHA256 Access=AK, SignedHeaders=a;b, Signature=…`, or in `Basic …`.
fn parts(authorization: &str) -> Vec<&str> {
    let Some((_, rest)) = authorization.split_once(' ') else { return vec![authorization] };
    rest.split(',').filter_map(part).collect()
}

fn part(part: &str) -> Option<&str> {
    let part = part.trim();
    let named = ["Access=", "Signature="].iter().find_map(|name| part.strip_prefix(name));
    (!part.starts_with("SignedHeaders=")).then_some(named.unwrap_or(part))
}

/// Whether a request is good for one address alone: the signature covers path and query, so it is not redirected.
pub(super) fn is_signed(request: &Request) -> bool {
    request.headers().contains_key("x-sdk-date")
}

#[cfg(test)]
mod tests {
    use reqwest::{Method, Url};

    use super::super::testing::made;
    use super::*;

    fn signed() -> Request {
        let mut request = Request::new(Method::GET, Url::parse("http://h/").unwrap());
        let headers = request.headers_mut();
        headers.insert("x-security-token", "to/ken=".parse().unwrap());
        let authorization = "SDK-HMAC-SHA256 Access=AKID, SignedHeaders=host, Signature=5166";
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        request
    }

    #[test]
    fn a_refusal_that_repeats_the_request_keeps_none_of_its_proofs() {
        let proofs = Redaction::of(&signed());
        for body in [
            r#"{"error_msg":"fail, canonicalRequest:GET|host|x-security-token:to/ken=|AKID 5166"}"#,
            r#"{"a":["to\/ken\u003d"],"b":{"c":"AKID|5166"}}"#,
            "<p>Access=AKID, SignedHeaders=host, Signature=5166 to/ken=",
        ] {
            let mut answer = made(401, body);
            proofs.redact(&mut answer);
            let left = String::from_utf8(answer.body).unwrap();
            assert!(left.contains("***"), "{left}");
            for proof in ["to/ken", "to\\/ken", "AKID", "5166"] {
                assert!(!left.contains(proof), "{left}");
            }
        }
    }

    #[test]
    fn an_answer_without_proofs_stays_as_it_is_to_the_byte() {
        let mut answer = made(404, "{ \"a\":\t1 }");
        Redaction::of(&signed()).redact(&mut answer);
        assert_eq!(answer.body, b"{ \"a\":\t1 }");
    }

    #[test]
    fn a_password_of_http_basic_is_a_proof_too() {
        let mut request = Request::new(Method::GET, Url::parse("http://h/").unwrap());
        request.headers_mut().insert(AUTHORIZATION, "Basic dTpw".parse().unwrap());
        let mut answer = made(401, "you sent Basic dTpw");
        Redaction::of(&request).redact(&mut answer);
        assert_eq!(answer.body, b"you sent Basic ***");
    }
}
