//! SDK-HMAC-SHA256: what is signed, and the signature. No clock, no IO (Huawei docs: "API request signing guide"; the
//! vectors beside this file were made with `huaweicloudsdkcore` 3.1.219).

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const ALGORITHM: &str = "SDK-HMAC-SHA256";
/// The header whose value stands for the hash of the body.
const BODY_HASH: &str = "x-sdk-content-sha256";

/// The parts of a request that a signature covers.
#[derive(Clone, Debug)]
pub(super) struct Unsigned<'a> {
    pub(super) method: &'a str,
    /// As it is sent, encoded or not.
    pub(super) path: &'a str,
    /// Decoded, in any order.
    pub(super) query: Vec<(String, String)>,
    /// All of them are signed but those with `_` in their names. `host` and `x-sdk-date` must be there.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<&'a [u8]>,
}

/// A signature and what it is a signature of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    /// Query in canonical form, which is the form to send: without `?`, empty when there is none.
    pub(super) query: String,
    pub(super) canonical_request: String,
    pub(super) string_to_sign: String,
    /// Lower-case names in order.
    pub(super) names: Vec<String>,
    pub(super) signature: String,
    /// Value of the header `Authorization`.
    pub(super) authorization: String,
}

impl Unsigned<'_> {
    /// A body that is neither JSON nor BSON is not hashed, and a header must say so.
    pub(super) fn says_unsigned_payload(&self) -> Option<(&'static str, &'static str)> {
        let kind = self.header("content-type")?;
        let hashed =
            ["application/json", "application/bson"].iter().any(|known| kind.starts_with(known));
        (!hashed && self.header(BODY_HASH).is_none()).then_some((BODY_HASH, "UNSIGNED-PAYLOAD"))
    }

    /// Signs. The secret key's bytes are the HMAC key as they are.
    pub(super) fn sign(&self, access: &str, secret: &[u8]) -> Signed {
        let headers = self.canonical_headers();
        let names: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
        let signed = names.join(";");
        let lines: String =
            headers.iter().flat_map(|(name, value)| [name, ":", value, "\n"]).collect();
        let query = canonical_query(&self.query);
        let path = canonical_path(self.path);
        let canonical_request =
            [self.method, &path, &query, &lines, &signed, &self.payload()].join("\n");
        let date = self.header("x-sdk-date").unwrap_or_default();
        let hash = hex(&Sha256::digest(&canonical_request));
        let string_to_sign = [ALGORITHM, date, &hash].join("\n");
        let signature = hmac(secret, string_to_sign.as_bytes());
        let authorization =
            format!("{ALGORITHM} Access={access}, SignedHeaders={signed}, Signature={signature}");
        Signed { query, canonical_request, string_to_sign, names, signature, authorization }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn canonical_headers(&self) -> Vec<(String, &str)> {
        let signed = self.headers.iter().filter(|(name, _)| !name.contains('_'));
        let mut headers: Vec<(String, &str)> =
            signed.map(|(name, value)| (name.to_ascii_lowercase(), value.trim())).collect();
        headers.sort();
        headers
    }

    fn payload(&self) -> String {
        let body = self.body.unwrap_or_default();
        match self.header(BODY_HASH).filter(|_| !body.is_empty()) {
            Some(given) => given.to_owned(),
            None => hex(&Sha256::digest(body)),
        }
    }
}

/// Decoded once and encoded segment by segment. It ends in a slash here, whatever the address does.
fn canonical_path(path: &str) -> String {
    let decoded = decoded(path);
    let segments: Vec<String> = decoded.split(|byte| *byte == b'/').map(encoded).collect();
    let mut path = segments.join("/");
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

/// Sorted by key and value before they are encoded.
fn canonical_query(pairs: &[(String, String)]) -> String {
    let mut pairs: Vec<&(String, String)> = pairs.iter().collect();
    pairs.sort();
    let pair =
        |(key, value): &(String, String)| [encoded(key.as_bytes()), encoded(value.as_bytes())];
    pairs.into_iter().map(|one| pair(one).join("=")).collect::<Vec<_>>().join("&")
}

fn encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let byte = hex
            .and_then(|two| std::str::from_utf8(two).ok())
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match byte {
            Some(byte) if *first == b'%' => {
                out.push(byte);
                rest = &tail[2..];
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

fn hmac(key: &[u8], text: &[u8]) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(text);
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors() -> Vec<Value> {
        let file: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
        file["vectors"].as_array().unwrap().clone()
    }

    fn text(value: &Value) -> String {
        value.as_str().unwrap().to_owned()
    }

    fn pairs(value: &Value) -> Vec<(String, String)> {
        let pair = |pair: &Value| (text(&pair[0]), text(&pair[1]));
        value.as_array().unwrap().iter().map(pair).collect()
    }

    fn headers(value: &Value) -> Vec<(String, String)> {
        value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// The request of a vector, with the headers that come from the key and the place.
    fn unsigned(input: &Value) -> Unsigned<'_> {
        let mut all = headers(&input["headers"]);
        let more = [
            ("X-Project-Id", "project_id"),
            ("X-Security-Token", "security_token"),
            ("Host", "host"),
        ];
        let more = more.iter().filter_map(|(name, key)| Some((*name, input[*key].as_str()?)));
        all.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut unsigned = Unsigned {
            method: input["method"].as_str().unwrap(),
            path: input["path"].as_str().unwrap(),
            query: pairs(&input["query"]),
            headers: all,
            body: input["body"].as_str().map(str::as_bytes),
        };
        let added = unsigned.says_unsigned_payload();
        unsigned.headers.extend(added.map(|(name, value)| (name.to_owned(), value.to_owned())));
        unsigned
    }

    #[test]
    fn all_21_vectors_of_the_vendor_s_signer_are_met() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 21);
        for vector in vectors {
            let (name, input, expected) = (&vector["name"], &vector["input"], &vector["expected"]);
            let unsigned = unsigned(input);
            let key = [text(&input["access_key"]), text(&input["secret_key"])];

            let signed = unsigned.sign(&key[0], key[1].as_bytes());

            let mark = if signed.query.is_empty() { "" } else { "?" };
            let target = [unsigned.path, &signed.query].join(mark);
            let found = serde_json::json!({
                "request_target": target,
                "signed_headers": signed.names,
                "canonical_request": signed.canonical_request,
                "canonical_request_sha256": hex(&Sha256::digest(&signed.canonical_request)),
                "string_to_sign": signed.string_to_sign,
                "signature": signed.signature,
                "authorization": signed.authorization,
            });
            for (key, value) in found.as_object().unwrap() {
                assert_eq!(value, &expected[key], "{name}: {key}");
            }
            let lower = |mut all: Vec<(String, String)>| {
                // HTTP sends no blanks around a value.
                for (name, value) in &mut all {
                    *name = name.to_ascii_lowercase();
                    *value = value.trim().to_owned();
                }
                all.sort();
                all
            };
            assert_eq!(
                lower(unsigned.headers.clone()),
                lower(headers(&expected["headers_sent"])),
                "{name}"
            );
        }
    }

    #[test]
    fn the_published_example_has_its_published_signature() {
        let file: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
        let vectors = vectors();
        let example = vectors.iter().find(|v| v["name"] == file["anchor"]["vector"]).unwrap();
        let input = &example["input"];

        let signed = unsigned(input)
            .sign(&text(&input["access_key"]), text(&input["secret_key"]).as_bytes());

        assert_eq!(signed.signature, text(&file["anchor"]["signature"]));
        let hash = hex(&Sha256::digest(&signed.canonical_request));
        assert_eq!(hash, text(&file["anchor"]["canonical_request_sha256"]));
    }

    #[test]
    fn a_percent_that_begins_no_code_is_a_percent() {
        assert_eq!(canonical_path("/a%zz%2"), "/a%25zz%252/");
        assert_eq!(canonical_path(""), "/");
    }
}
