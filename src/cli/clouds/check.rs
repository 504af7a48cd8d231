//! The diagnosis of a cloud.

use serde::Serialize;

use cloud::config::KindSource;
use domain::{Failure, Text};
use engine::diagnose::Diagnosis;

/// `check` of an entry of `sharelock/clouds/1`.
#[derive(Serialize)]
pub(super) struct Check {
    pub(super) works: bool,
    pub(super) region: Option<Text>,
    pub(super) user: Option<Text>,
    pub(super) project_id: Option<Text>,
    pub(super) project_name: Option<Text>,
    pub(super) roles: Vec<Text>,
    /// `entry`, `profile`, `host-name`, `access-key` or `probe`.
    pub(super) kind_told_by: Option<&'static str>,
    pub(super) endpoint: Option<Text>,
    pub(super) latency_ms: Option<u64>,
    /// Positive when this machine's clock is ahead.
    pub(super) clock_skew_s: Option<i64>,
    pub(super) can_list: Option<bool>,
    pub(super) can_change: Option<bool>,
    tls_verified: Option<bool>,
    troubles: Vec<Trouble>,
    remarks: Vec<Trouble>,
    /// The first trouble as a sentence.
    #[serde(skip)]
    pub(super) why: Option<Text>,
}

#[derive(Serialize)]
struct Trouble {
    what: Text,
    why: Text,
    #[serde(rename = "remedy")]
    hint: Option<Text>,
    request_id: Option<Text>,
}

impl Trouble {
    fn of(failure: &Failure) -> Self {
        Self {
            what: failure.what.as_str().into(),
            why: failure.why.clone(),
            hint: failure.hint.as_deref().map(Text::from),
            request_id: failure.request_id.clone(),
        }
    }
}

impl Check {
    pub(super) fn of(found: &Diagnosis) -> Self {
        let source = found.kind_source.map_or("probe", word);
        Self {
            works: found.works(),
            region: found.region.as_deref().map(Text::from),
            user: found.user.clone(),
            project_id: found.project_id.clone(),
            project_name: found.project_name.clone(),
            roles: found.roles.clone(),
            kind_told_by: found.kind.map(|_| source),
            endpoint: found.endpoint.as_deref().map(Text::from),
            latency_ms: found.latency.map(|took| u64::try_from(took.as_millis()).unwrap_or(0)),
            clock_skew_s: found.ahead,
            can_list: found.can_list,
            can_change: found.can_change,
            tls_verified: found.tls_verified,
            troubles: found.troubles.iter().map(Trouble::of).collect(),
            remarks: found.remarks.iter().map(Trouble::of).collect(),
            why: found.troubles.first().map(|failure| failure.to_string().into()),
        }
    }

    pub(super) fn tls(&self) -> &'static str {
        match self.tls_verified {
            _ if self.endpoint.is_none() => "?",
            Some(true) => "verified",
            Some(false) => "NOT VERIFIED",
            None => "none",
        }
    }
}

/// `?` where it is not known.
pub(super) fn yes_no(known: Option<bool>) -> &'static str {
    known.map_or("?", |yes| if yes { "yes" } else { "no" })
}

fn word(source: KindSource) -> &'static str {
    match source {
        KindSource::Entry => "entry",
        KindSource::Profile => "profile",
        KindSource::HostName => "host-name",
        KindSource::Login => "login",
    }
}
