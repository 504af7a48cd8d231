//! A plan for reading: `sharelock/plan/1`, and one row for each share.

use std::io;

use serde::{Serialize, Serializer};

use super::resolved::{ImageNames, Resolved};
use crate::cli::names::Names;
use crate::report::table::{Cell, Column, Show, Table, column};
use crate::report::text;
use domain::text::counted;
use domain::{ApiRequest, Batch, Failure, ImageId, Member, MemberKind, Plan, Scope, Share, Text};

/// A plan, and each of its requests as it would be sent.
pub(super) struct PlanView<'a> {
    plan: &'a Plan,
    requests: Vec<ApiRequest>,
    endpoint: &'a str,
    names: &'a ImageNames,
    projects: &'a Names,
}

impl<'a> PlanView<'a> {
    /// Fails when a request cannot be made for a batch, which would be a mistake in the program.
    pub(super) fn new(
        plan: &'a Plan,
        scope: &'a Scope,
        resolved: &'a Resolved,
    ) -> Result<Self, Failure> {
        let request = |batch| ApiRequest::of(scope.kind, plan.kind(), batch);
        let requests = plan.batches().iter().map(request).collect::<Option<Vec<_>>>();
        let requests = requests.ok_or_else(|| {
            Failure::new("plan the requests", "one of them names more than the cloud can take")
        })?;
        let Resolved { names, projects, .. } = resolved;
        Ok(Self { plan, requests, endpoint: &scope.endpoint, names, projects })
    }

    fn each(&self) -> impl Iterator<Item = (&Batch, &ApiRequest)> {
        self.plan.batches().iter().zip(&self.requests)
    }

    /// One line: how much, in how many requests, and how good that is.
    pub(super) fn summary(&self) -> String {
        let (shares, requests) = (self.plan.shares(), self.requests.len());
        let bound = match self.plan.lower_bound() {
            _ if self.plan.is_minimal() => "no plan has fewer".to_owned(),
            bound => format!("no plan has fewer than {bound}"),
        };
        format!("{} in {}; {bound}", counted(shares, "share"), counted(requests, "request"))
    }
}

#[derive(Serialize)]
struct PlanJson<R> {
    schema: &'static str,
    shares: usize,
    lower_bound: usize,
    requests: R,
}

#[derive(Serialize)]
struct RequestJson<'a> {
    method: &'a str,
    path: &'a str,
    images: Vec<&'a str>,
    members: Vec<MemberJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vault: Option<&'a str>,
}

#[derive(Serialize)]
struct MemberJson<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: MemberKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl Serialize for PlanView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let requests: Vec<_> = self.each().map(|each| self.request_json(each)).collect();
        PlanJson {
            schema: "sharelock/plan/1",
            shares: self.plan.shares(),
            lower_bound: self.plan.lower_bound(),
            requests,
        }
        .serialize(serializer)
    }
}

impl PlanView<'_> {
    fn request_json<'a>(
        &'a self,
        (batch, request): (&'a Batch, &'a ApiRequest),
    ) -> RequestJson<'a> {
        let name = |member| self.projects.now_of(member).map(Text::raw);
        let member = |member: &'a Member| {
            let (id, kind) = (member.id.raw(), member.kind);
            MemberJson { id, kind, name: name(member) }
        };
        RequestJson {
            method: request.method,
            path: &request.path,
            images: batch.images.iter().map(ImageId::raw).collect(),
            members: batch.members.iter().map(member).collect(),
            vault: batch.vault.as_ref().map(Text::raw),
        }
    }
}

/// A share of a request.
pub(super) struct PlanRow {
    number: usize,
    method: &'static str,
    path: Text,
    share: Share,
    image_name: Cell,
    member_name: Cell,
}

impl Table for PlanView<'_> {
    type Row = PlanRow;

    fn columns(&self) -> Vec<Column<PlanRow>> {
        use Show::{Always, Never, Unless};
        vec![
            column("request", "REQUEST", Always, |row| Some(row.number.to_string().into())),
            column("image_name", "IMAGE", Unless(""), |row| row.image_name.clone()),
            column("image_id", "IMAGE ID", Always, |row| Some(row.share.image.0.clone())),
            column("member_id", "MEMBER", Always, |row| Some(row.share.member.id.clone())),
            column("member_type", "TYPE", Unless("project"), |row| {
                text(row.share.member.kind.word())
            }),
            column("method", "METHOD", Never, |row| text(row.method)),
            column("path", "PATH", Never, |row| Some(row.path.clone())),
            column("member_name", "NAME", Unless(""), |row| row.member_name.clone()),
        ]
    }

    fn rows(&self, each: &mut dyn FnMut(&PlanRow) -> io::Result<()>) -> io::Result<()> {
        for (number, (batch, request)) in (1..).zip(self.each()) {
            let path = Text::from(request.path.as_str());
            for share in batch.shares() {
                each(&PlanRow {
                    number,
                    method: request.method,
                    path: path.clone(),
                    image_name: self.names.get(&share.image).cloned(),
                    member_name: self.projects.now_of(&share.member).cloned(),
                    share,
                })?;
            }
        }
        Ok(())
    }

    /// Each request for a shell, token left out.
    fn legend(&self) -> Vec<String> {
        let curl = |(number, request): (usize, &ApiRequest)| {
            format!("{number}: {}", request.curl(self.endpoint))
        };
        (1..).zip(&self.requests).map(curl).chain([self.summary()]).collect()
    }
}
