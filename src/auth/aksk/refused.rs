//! What a 401 to a signed request means. The answer's words are hardly used: they may repeat the request.

use std::fmt;

use super::super::keystone::message;
use crate::domain::{Moment, Text};
use crate::http::{Answer, header};

/// How far the clocks may differ, in seconds (Huawei docs: "API request signing guide").
const TOLERANCE: i64 = 15 * 60;

/// Why a key was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyTrouble {
    /// The signature does not fit, and the clocks differ by more than the cloud allows.
    Clock {
        /// Seconds that this machine's clock is ahead of the cloud's; negative when it is behind.
        ahead: i64,
    },
    /// The signature does not fit.
    Signature,
    /// Nobody has this access key (any more).
    UnknownKey,
    /// Too many wrong signatures before this one.
    Locked {
        /// As in [`KeyTrouble::Clock`], where that may be the cause.
        ahead: Option<i64>,
    },
    /// Something else, in the cloud's words.
    Other(Text),
}

impl KeyTrouble {
    /// Reads an answer that arrived at `now`, by the clock that requests are signed with.
    pub(super) fn read(answer: &Answer, now: Moment) -> Self {
        let said = message(&answer.body).unwrap_or_default();
        let ahead = ahead(answer, now).filter(|ahead| ahead.abs() > TOLERANCE);
        // Huawei docs: error codes of API Gateway, `APIGW.0301`.
        let says = |words: &str| said.to_ascii_lowercase().contains(words);
        if says("ak access failed to reach the limit") {
            return Self::Locked { ahead };
        }
        match ahead {
            Some(ahead) => Self::Clock { ahead },
            None if says("verify aksk signature fail") => Self::Signature,
            None if says("get secretkey failed") => Self::UnknownKey,
            None => Self::Other(harmless(&said)),
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Clock { .. } | Self::Locked { ahead: Some(_) } => {
                "enable NTP on this machine, wait 5 minutes and try again; the request was not repeated"
            }
            Self::Signature => {
                "check `ak` and `sk`, and `security_token` if they are temporary; the request was not repeated, because five \
                 wrong signatures lock the key for 5 minutes"
            }
            Self::UnknownKey => {
                "check `ak`: the key may be deleted, disabled, or for another cloud"
            }
            Self::Locked { ahead: None } => {
                "wait 5 minutes, and check `ak` and `sk` before trying again"
            }
            Self::Other(_) => {
                "check `ak`, `sk`, `security_token` and `region_name`; the request was not repeated, because wrong signatures lock the key"
            }
        }
    }
}

impl fmt::Display for KeyTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock { ahead } => {
                write!(f, "the cloud refused the signature: {}", clocks(*ahead))
            }
            Self::Signature => {
                f.write_str("the cloud refused the signature: the access key (`ak`) or the secret key (`sk`) is wrong")
            }
            Self::UnknownKey => f.write_str("the cloud does not know the access key (`ak`)"),
            Self::Locked { ahead } => {
                f.write_str("the cloud has locked the access key for 5 minutes, after too many wrong signatures")?;
                ahead.map_or(Ok(()), |ahead| write!(f, "; {}", clocks(ahead)))
            }
            Self::Other(said) if said.raw().is_empty() => {
                f.write_str("the cloud refused the access key without a reason")
            }
            Self::Other(said) => write!(f, "the cloud refused the access key: {said}"),
        }
    }
}

/// How far `now` is ahead of the answer's own date, in seconds.
fn ahead(answer: &Answer, now: Moment) -> Option<i64> {
    let date = answer.headers.get(header::DATE)?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_millisecond();
    Some(now.seconds_since(Moment(date)))
}

fn clocks(ahead: i64) -> String {
    let which = if ahead > 0 { "ahead of" } else { "behind" };
    format!(
        "this machine's clock is {} {which} the cloud's, and {} min are allowed",
        spoken(ahead.unsigned_abs()),
        TOLERANCE / 60
    )
}

fn spoken(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match hours {
        0 => format!("{minutes} min"),
        1..48 => format!("{hours} h {minutes} min"),
        _ => format!("{} days", hours / 24),
    }
}

/// The words before the request is repeated in them.
fn harmless(said: &str) -> Text {
    let before = said.split("canonicalRequest").next().unwrap_or_default();
    Text::from(before.trim_end_matches([' ', ',', ':']).chars().take(300).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::made;

    /// 2026-01-02T03:04:05Z.
    const THEN: Moment = Moment(1_767_323_045_000);

    fn trouble(message: &str, now: Moment) -> KeyTrouble {
        let body = format!(r#"{{"error_msg":"{message}","error_code":"APIGW.0301"}}"#);
        let mut answer = made(401, &body);
        let date = header::HeaderValue::from_static("Fri, 02 Jan 2026 03:04:05 GMT");
        answer.headers.insert(header::DATE, date);
        KeyTrouble::read(&answer, now)
    }

    #[test]
    fn clocks_that_differ_by_more_than_15_minutes_are_told_with_the_difference() {
        let wrong = "verify aksk signature fail";
        let at = |seconds: i64| trouble(wrong, Moment(THEN.0 + 1000 * seconds));

        assert_eq!(at(900), KeyTrouble::Signature);
        assert_eq!(at(-900), KeyTrouble::Signature);
        let said = |seconds: i64| at(seconds).to_string();
        assert!(said(961).contains("is 16 min ahead of the cloud's, and 15 min are allowed"));
        assert!(said(-3600 * 5).contains("is 5 h 0 min behind the cloud's"), "{}", said(-3600 * 5));
        assert!(said(86_400 * 3).contains("is 3 days ahead"));
        assert!(at(961).hint().contains("enable NTP"));
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
            let trouble = trouble(message, THEN);
            assert!(trouble.to_string().contains(expected), "{trouble}");
            assert!(!trouble.to_string().contains("canonicalRequest"), "{trouble}");
        }
        let locked = trouble("AK access failed to reach the limit, forbidden", Moment(0));
        assert!(locked.to_string().contains("locked") && locked.to_string().contains("behind"));
    }
}
