//! What a check of a cloud found, for programs and for people.

use serde::Serialize;

use super::super::sheet::{Cell, Column, InTable};
use cloud::config::KindSource;
use domain::{Failure, Text};
use engine::diagnose::Diagnosis;

/// `check` of an entry of `sharelock/clouds/1`.
#[derive(Serialize)]
pub(super) struct Check {
    works: bool,
    region: Option<Text>,
    user: Option<Text>,
    project_id: Option<Text>,
    project_name: Option<Text>,
    roles: Vec<Text>,
    /// `entry`, `profile`, `host-name`, `access-key` or `probe`.
    kind_told_by: Option<&'static str>,
    endpoint: Option<Text>,
    latency_ms: Option<u64>,
    /// Positive when this machine's clock is ahead.
    clock_skew_s: Option<i64>,
    can_list: Option<bool>,
    can_change: Option<bool>,
    tls_verified: Option<bool>,
    troubles: Vec<Trouble>,
    remarks: Vec<Trouble>,
    /// The first trouble as a sentence.
    #[serde(skip)]
    why: Option<Text>,
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
        let told = found.kind_source.map_or("probe", word);
        Self {
            works: found.works(),
            region: found.region.as_deref().map(Text::from),
            user: found.user.clone(),
            project_id: found.project_id.clone(),
            project_name: found.project_name.clone(),
            roles: found.roles.clone(),
            kind_told_by: found.kind.map(|_| told),
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

    /// The cells of a row that begins with those of the entry.
    pub(super) fn cells(&self, entry: Vec<Cell>) -> Vec<Cell> {
        let [name, kind, login, regions, settings, error]: [Cell; 6] =
            entry.try_into().unwrap_or_default();
        let region = self.region.clone().or(regions);
        let why = self.why.clone();
        vec![
            name,
            Some(if self.works { "yes" } else { "no" }.into()),
            kind,
            self.kind_told_by.map(Text::from),
            login,
            self.user.clone(),
            self.project_name.clone().or_else(|| self.project_id.clone()),
            self.project_id.clone(),
            region,
            self.endpoint.clone(),
            self.latency_ms.map(|ms| ms.to_string().into()),
            self.clock_skew_s.map(|seconds| seconds.to_string().into()),
            Some(answer(self.can_list)),
            Some(answer(self.can_change)),
            (!self.roles.is_empty()).then(|| joined(&self.roles)),
            Some(if self.endpoint.is_some() { tls(self.tls_verified) } else { "?" }.into()),
            settings,
            why.or(error),
        ]
    }
}

fn joined(roles: &[Text]) -> Text {
    roles.iter().map(Text::raw).collect::<Vec<_>>().join(" ").into()
}

fn answer(known: Option<bool>) -> Text {
    match known {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    }
    .into()
}

fn tls(verified: Option<bool>) -> &'static str {
    match verified {
        Some(true) => "verified",
        Some(false) => "NOT VERIFIED",
        None => "none",
    }
}

fn word(told_by: KindSource) -> &'static str {
    match told_by {
        KindSource::Entry => "entry",
        KindSource::Profile => "profile",
        KindSource::HostName => "host-name",
        KindSource::Login => "login",
    }
}

pub(super) const COLUMNS: &[Column] = &[
    Column { key: "name", title: "CLOUD", table: InTable::Yes },
    Column { key: "works", title: "WORKS", table: InTable::Yes },
    Column { key: "kind", title: "API", table: InTable::Yes },
    Column { key: "kind_told_by", title: "TOLD BY", table: InTable::Yes },
    Column { key: "login", title: "LOGIN", table: InTable::Yes },
    Column { key: "user", title: "USER", table: InTable::Unless("") },
    Column { key: "project", title: "PROJECT", table: InTable::Unless("") },
    Column { key: "project_id", title: "PROJECT ID", table: InTable::No },
    Column { key: "region", title: "REGION", table: InTable::Unless("") },
    Column { key: "endpoint", title: "ENDPOINT", table: InTable::Unless("") },
    Column { key: "latency_ms", title: "MS", table: InTable::Unless("") },
    Column { key: "clock_skew_s", title: "CLOCK", table: InTable::Unless("0") },
    Column { key: "can_list", title: "LIST", table: InTable::Yes },
    Column { key: "can_change", title: "CHANGE", table: InTable::Yes },
    Column { key: "roles", title: "ROLES", table: InTable::No },
    Column { key: "tls", title: "TLS", table: InTable::Yes },
    Column { key: "settings", title: "SETTINGS", table: InTable::Unless("") },
    Column { key: "error", title: "WHY NOT", table: InTable::Unless("") },
];
