//! The one-time password of a login, which is good for one request.

use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;
use serde_json::Value;

use super::{AuthError, Blame};
use crate::http::Answer;
use crate::http::header::HeaderValue;
use domain::Text;

/// The header that carries a receipt, both ways (Keystone docs: "Multi-Factor Authentication").
pub(super) const RECEIPT: &str = "openstack-auth-receipt";

/// A one-time password, which is given out once. A renewed login finds it used: it is never sent again.
pub(super) struct Passcode(Mutex<Kept>);

enum Kept {
    Never,
    Unused(SecretString),
    Used(SecretString),
}

impl Passcode {
    pub(super) fn new(passcode: Option<SecretString>) -> Self {
        Self(Mutex::new(passcode.map_or(Kept::Never, Kept::Unused)))
    }

    /// The one-time password, for the only request that may carry it.
    pub(super) fn take(&self) -> Result<SecretString, AuthError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Kept::Never => Err(AuthError::passcode_missing()),
            Kept::Used(_) => Err(AuthError::passcode_used()),
            Kept::Unused(passcode) => {
                let passcode = passcode.clone();
                *kept = Kept::Used(passcode.clone());
                Ok(passcode)
            }
        }
    }

    /// The one that was sent, to redact it.
    pub(super) fn sent(&self) -> Option<SecretString> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Kept::Used(passcode) => Some(passcode.clone()),
            _ => None,
        }
    }
}

/// A password that was accepted, and what is missing besides.
pub(super) struct Receipt {
    /// Sent with the missing method. Marked sensitive.
    pub(super) header: HeaderValue,
    /// Whether only a one-time password is missing.
    pub(super) by_passcode: bool,
    /// The methods that the rules still require, for a sentence.
    missing: Text,
}

impl Receipt {
    /// The methods that are missing are not supported.
    pub(super) fn not_supported(&self) -> AuthError {
        AuthError::new(
            Blame::Account,
            format!("this user also needs {}, which sharelock does not support", self.missing),
            "set `auth_type: v3multifactor` with `auth_methods: [v3password, v3totp]`, or use an application credential",
        )
    }
}

/// The receipt of a 401, if there is one: header `Openstack-Auth-Receipt`, body `{"receipt": {"methods": […]},
/// "required_auth_methods": [[…], …]}` (seen, Keystone 30: the rules are beside the receipt).
pub(super) fn receipt(answer: &Answer) -> Option<Receipt> {
    if answer.status.as_u16() != 401 {
        return None;
    }
    let mut header = answer.headers.get(RECEIPT).filter(|header| !header.is_empty())?.clone();
    header.set_sensitive(true);
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let words = |list: &Value| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let done = words(&body["receipt"]["methods"]);
    let rules = [&body["required_auth_methods"], &body["receipt"]["required_auth_methods"]];
    let rules = rules.into_iter().filter_map(Value::as_array).flatten();
    let missing: Vec<Vec<String>> = rules
        .map(|rule| words(rule).into_iter().filter(|word| !done.contains(word)).collect())
        .collect();
    let by_passcode = missing.is_empty() || missing.iter().any(|rule| *rule == ["totp"]);
    let missing: Vec<String> = missing.iter().map(|rule| rule.join(" and ")).collect();
    Some(Receipt { header, by_passcode, missing: missing.join(", or ").into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::made;

    fn told(body: &str) -> Option<Receipt> {
        let mut answer = made(401, body);
        answer.headers.insert(RECEIPT, HeaderValue::from_static("gAAA"));
        receipt(&answer)
    }

    #[test]
    fn a_code_is_given_away_once() {
        let code = Passcode::new(Some("123456".into()));
        assert!(code.sent().is_none());
        assert!(code.take().is_ok());
        assert_eq!(code.take().unwrap_err(), AuthError::passcode_used());
        assert_eq!(Passcode::new(None).take().unwrap_err(), AuthError::passcode_missing());
    }

    #[test]
    fn a_receipt_tells_whether_a_code_is_all_that_is_missing() {
        let body = |rules: &str| {
            format!(r#"{{"receipt":{{"methods":["password"]}},"required_auth_methods":{rules}}}"#)
        };
        assert!(told(&body(r#"[["password","totp"]]"#)).unwrap().by_passcode);
        assert!(told(&body(r#"[["x509","password"],["totp","password"]]"#)).unwrap().by_passcode);
        let other = told(&body(r#"[["password","totp","x509"],["oauth1"]]"#)).unwrap();
        assert!(!other.by_passcode);
        assert_eq!(other.missing.raw(), "totp and x509, or oauth1");
        assert!(told("not json").unwrap().by_passcode, "a receipt without words is worth a try");
        assert!(receipt(&made(401, "{}")).is_none());
    }
}
