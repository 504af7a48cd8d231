//! Times and ages. There is no clock here: "now" is always an argument.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z. `Display` is RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// Parses the two formats that clouds send: RFC 3339, with or without a fraction, a zone or the `T`; and
    /// `04-Jun-2015 18:11:06:586` of old IMS jobs. A time without a zone is UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let zoned = text.parse::<jiff::Timestamp>().ok();
        let civil = || text.parse::<jiff::civil::DateTime>().ok();
        let old = || jiff::civil::DateTime::strptime("%d-%b-%Y %H:%M:%S", text.get(..20)?).ok();
        let fraction = |text: &str| text.get(21..24).and_then(|ms| ms.parse().ok()).unwrap_or(0);
        if let Some(timestamp) = zoned {
            return Some(Self(timestamp.as_millisecond()));
        }
        let (civil, extra) = match civil() {
            Some(civil) => (civil, 0),
            None => (old()?, fraction(text)),
        };
        let timestamp = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Some(Self(timestamp.as_millisecond() + extra))
    }

    /// Whole seconds since `earlier`, rounded down; negative if `earlier` is later.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1000)
    }

    /// The age at `now`, in two or three characters: `12s 5m 3h 9d 7w 2y`.
    pub fn age(self, now: Self) -> String {
        let seconds = now.seconds_since(self).max(0);
        let (minute, hour, day) = (60, 3600, 86_400);
        match seconds {
            s if s < minute => format!("{s}s"),
            s if s < hour => format!("{}m", s / minute),
            s if s < 2 * day => format!("{}h", s / hour),
            s if s < 100 * day => format!("{}d", s / day),
            s if s < 365 * day => format!("{}w", s / (7 * day)),
            s => format!("{}y", s / (365 * day)),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(timestamp) => fmt::Display::fmt(&timestamp, f),
            Err(_) => write!(f, "@{}ms", self.0),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_a_cloud_sends_is_the_same_moment() {
        let expected = Some(Moment(1_433_441_466_000));
        for text in [
            "2015-06-04T18:11:06Z",
            "2015-06-04T18:11:06.000Z",
            "2015-06-04T18:11:06",
            "2015-06-04 18:11:06",
            "04-Jun-2015 18:11:06:000",
        ] {
            assert_eq!(Moment::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn milliseconds_of_the_old_form_are_kept() {
        assert_eq!(Moment::parse("04-Jun-2015 18:11:06:586"), Some(Moment(1_433_441_466_586)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        assert_eq!(Moment::parse(""), None);
        assert_eq!(Moment::parse("yesterday"), None);
    }

    #[test]
    fn a_moment_without_fraction_is_shown_as_the_cloud_sent_it() {
        assert_eq!(Moment(1_433_441_466_000).to_string(), "2015-06-04T18:11:06Z");
    }

    #[test]
    fn ages_take_at_most_three_characters() {
        let now = Moment(100_000 * 86_400_000);
        for (seconds, shown) in
            [(5, "5s"), (90, "1m"), (7200, "2h"), (3 * 86_400, "3d"), (200 * 86_400, "28w")]
        {
            assert_eq!(Moment(now.0 - seconds * 1000).age(now), shown);
        }
        assert_eq!(Moment(now.0 + 5000).age(now), "0s");
    }
}
