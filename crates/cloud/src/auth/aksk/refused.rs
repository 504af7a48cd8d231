//! The meaning of a 401 to a signed request. Its message is hardly used: it may repeat the request.

use super::super::keystone::message;
use super::super::{AuthError, Blame};
use crate::http::{Answer, header};
use domain::Moment;
use domain::text::clean;

/// How far the clocks may differ, in seconds (Huawei docs: "API request signing guide").
const TOLERANCE: i64 = 15 * 60;

/// Reads a response that arrived at `now`, by the clock that requests are signed with.
pub(super) fn refused(answer: &Answer, now: Moment) -> AuthError {
    let message = message(&answer.body).unwrap_or_default();
    let skew = skew(answer, now).filter(|seconds| seconds.abs() > TOLERANCE).map(clocks);
    // Huawei docs: error codes of API Gateway, `APIGW.0301`.
    let says = |words: &str| message.to_ascii_lowercase().contains(words);
    let (why, hint) = match skew {
        _ if says("ak access failed to reach the limit") => (
            [Some(LOCKED.to_owned()), skew.clone()].into_iter().flatten().collect::<Vec<_>>().join("; "),
            if skew.is_some() { SET_CLOCK } else { "wait 5 minutes, and check `ak` and `sk` before trying again" },
        ),
        Some(skew) => (format!("the cloud refused the signature: {skew}"), SET_CLOCK),
        None if says("verify aksk signature fail") => (
            "the cloud refused the signature: the access key (`ak`) or the secret key (`sk`) is wrong".to_owned(),
            "check `ak` and `sk`, and `security_token` if they are temporary; the request was not repeated, because five \
             wrong signatures lock the key for 5 minutes",
        ),
        None if says("get secretkey failed") => (
            "the cloud does not know the access key (`ak`)".to_owned(),
            "check `ak`: the key may be deleted, disabled, or for another cloud",
        ),
        None => (
            match harmless(&message) {
                "" => "the cloud refused the access key without a reason".to_owned(),
                words => format!("the cloud refused the access key: {}", clean(words)),
            },
            "check `ak`, `sk`, `security_token` and `region_name`; the request was not repeated, because wrong signatures \
             lock the key",
        ),
    };
    AuthError::new(Blame::Account, why, hint).in_answer(answer)
}

const LOCKED: &str =
    "the cloud has locked the access key for 5 minutes, after too many wrong signatures";
const SET_CLOCK: &str =
    "enable NTP on this machine, wait 5 minutes and try again; the request was not repeated";

/// Seconds that this machine's clock is ahead of the cloud's, by the date of the response; negative when it is behind.
fn skew(answer: &Answer, now: Moment) -> Option<i64> {
    let date = answer.headers.get(header::DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_millisecond();
    Some(now.seconds_since(Moment(date)))
}

fn clocks(ahead: i64) -> String {
    let which = if ahead > 0 { "ahead of" } else { "behind" };
    format!(
        "this machine's clock is {} {which} the cloud's, and {} min are allowed",
        duration(ahead.unsigned_abs()),
        TOLERANCE / 60
    )
}

fn duration(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match hours {
        0 => format!("{minutes} min"),
        1..48 => format!("{hours} h {minutes} min"),
        _ => format!("{} days", hours / 24),
    }
}

/// The message without the request, which some of them repeat; and not endless.
fn harmless(message: &str) -> &str {
    let before = message.split("canonicalRequest").next().unwrap_or_default();
    let end = before.char_indices().nth(300).map_or(before.len(), |(end, _)| end);
    before.get(..end).unwrap_or_default().trim_end_matches([' ', ',', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::made;

    /// 2026-01-02T03:04:05Z.
    const THEN: Moment = Moment(1_767_323_045_000);

    fn refusal(message: &str, now: Moment) -> AuthError {
        let body = format!(r#"{{"error_msg":"{message}","error_code":"APIGW.0301"}}"#);
        let mut answer = made(401, &body);
        let date = header::HeaderValue::from_static("Fri, 02 Jan 2026 03:04:05 GMT");
        answer.headers.insert(header::DATE, date);
        refused(&answer, now)
    }

    #[test]
    fn clocks_that_differ_by_more_than_15_minutes_are_told_with_the_difference() {
        let wrong = "verify aksk signature fail";
        let at = |seconds: i64| refusal(wrong, Moment(THEN.0 + 1000 * seconds));

        assert!(at(900).why.ends_with("(`sk`) is wrong"));
        assert!(at(-900).why.ends_with("(`sk`) is wrong"));
        let said = |seconds: i64| at(seconds).to_string();
        assert!(said(961).contains("is 16 min ahead of the cloud's, and 15 min are allowed"));
        assert!(said(-3600 * 5).contains("is 5 h 0 min behind the cloud's"), "{}", said(-3600 * 5));
        assert!(said(86_400 * 3).contains("is 3 days ahead"));
        assert!(at(961).hint.unwrap().contains("enable NTP"));
    }

    #[test]
    fn each_thing_the_gateway_says_has_its_sentence() {
        for (message, expected) in [
            ("verify aksk signature fail, canonicalRequest:GET|/v2/|", "`sk`) is wrong"),
            ("Incorrect IAM authentication information: verify aksk signature fail", "is wrong"),
            ("AK access failed to reach the limit, forbidden", "locked the access key for 5 min"),
            ("Get secretKey failed", "does not know the access key"),
            ("no such thing, canonicalRequest:x", "refused the access key: no such thing"),
            ("", "without a reason"),
        ] {
            let trouble = refusal(message, THEN);
            assert!(trouble.to_string().contains(expected), "{trouble}");
            assert!(!trouble.to_string().contains("canonicalRequest"), "{trouble}");
        }
        let locked = refusal("AK access failed to reach the limit, forbidden", Moment(0));
        assert!(locked.to_string().contains("locked") && locked.to_string().contains("behind"));
    }
}
