//! When a server wants to be asked again.

use std::time::Duration;

use super::{Answer, header};
use domain::Moment;

impl Answer {
    /// How long the server asks to wait (`Retry-After`: seconds or a date).
    pub fn pause(&self) -> Option<Duration> {
        self.until(self.headers.get(header::RETRY_AFTER)?.to_str().ok()?)
    }

    /// The time from this answer until then: seconds, a date of HTTP, or one as clouds write it. The server's clock counts,
    /// where it tells it.
    pub fn until(&self, when: &str) -> Option<Duration> {
        let when = when.trim();
        if let Ok(seconds) = when.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        let date = self.headers.get(header::DATE).and_then(|date| http_date(date.to_str().ok()?));
        let now = date.unwrap_or_else(clock);
        let at = http_date(when).or_else(|| Moment::parse(when.trim_end_matches("UTC")))?;
        Some(Duration::from_millis(u64::try_from(at.0 - now.0).unwrap_or(0)))
    }
}

/// A clock beyond the year 9999 gives the last moment of that year.
fn clock() -> Moment {
    let now = jiff::Timestamp::try_from(std::time::SystemTime::now());
    Moment(now.unwrap_or(jiff::Timestamp::MAX).as_millisecond())
}

/// A moment as HTTP writes it.
pub fn http_date(text: &str) -> Option<Moment> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Moment(zoned.timestamp().as_millisecond()))
}
