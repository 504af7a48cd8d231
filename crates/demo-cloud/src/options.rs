//! How large the cloud is, how fast, and how it decides what the documentation leaves open.

use std::ops::Range;
use std::time::Duration;

use domain::Moment;

/// What to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Images that `image-factory` owns; a few images of other projects come on top.
    pub images: usize,
    /// Images that the Rackspace account owns.
    pub account_images: usize,
    /// Distinct projects that receive those of `image-factory`.
    pub members: usize,
    /// The same seed makes the same world: ids, names, members and (given `now`) dates.
    pub seed: u64,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// How long a job takes.
    pub job_delay: Range<Duration>,
    /// How long each answer takes.
    pub latency: Range<Duration>,
    /// How long a token lives.
    pub token_ttl: Duration,
    /// The moment the world was made; `None` takes the clock's. Time goes on from there.
    pub now: Option<Moment>,
    /// The odd ones: no name, escape codes in a name, a member that is no project, hidden, queued, public, …
    /// Without them every image is active and shared.
    pub odd: bool,
    /// Members an image may have: 128 by default on Glance, 256 on OTC.
    pub member_quota: usize,
    /// The largest page of the native image lists (`api_limit_max`).
    pub page_max: usize,
    /// Requests a second that the image services take; the others are answered 429.
    pub rate_limit: Option<usize>,
    /// Glance has API 2.4: an image with members reads `private`, and there are no hidden images.
    pub old_glance: bool,
    /// How IMS behaves.
    pub ims: ImsSwitches,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            images: 128,
            account_images: 48,
            members: 214,
            seed: 1,
            port: 0,
            job_delay: Duration::from_millis(600)..Duration::from_millis(2400),
            latency: Duration::ZERO..Duration::ZERO,
            token_ttl: Duration::from_hours(24),
            now: None,
            odd: true,
            member_quota: 128,
            page_max: 1000,
            rate_limit: None,
            old_glance: false,
            ims: ImsSwitches::default(),
        }
    }
}

impl Options {
    /// For tests: so many ordinary images, so many receiving projects, jobs that end at once.
    pub fn plain(images: usize, members: usize) -> Self {
        Self { images, members, account_images: 0, odd: false, ..Self::quick() }
    }

    /// For tests: the ordinary world, with jobs that end at once.
    pub fn quick() -> Self {
        Self { job_delay: Duration::ZERO..Duration::ZERO, ..Self::default() }
    }
}

/// How IMS behaves where clouds differ or the documentation says nothing.
#[derive(Clone, Debug)]
pub struct ImsSwitches {
    /// How `GET /v2/cloudimages` says where the next page begins.
    pub paging: Paging,
    /// The largest page of `GET /v2/cloudimages`, whatever was asked for.
    pub page_max: usize,
    /// Whether `GET /v1/{project_id}/cloudimages/{image_id}/members` exists; else `APIGW.0101`.
    pub v1_members: bool,
    /// Which job calls exist.
    pub job_calls: JobCalls,
    /// How jobs write times.
    pub times: TimeFormat,
    /// What a batch delete does with a pair that is no share.
    pub non_member: NonMember,
}

impl Default for ImsSwitches {
    fn default() -> Self {
        Self {
            paging: Paging::PageInfo,
            page_max: usize::MAX,
            v1_members: true,
            job_calls: JobCalls::Both,
            times: TimeFormat::Iso,
            non_member: NonMember::Ignored,
        }
    }
}

/// How a list says where the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// `page_info.next_marker`, while there may be more.
    PageInfo,
    /// Not at all: go on from the last id until a page is empty.
    LastId,
    /// A `next` link.
    Next,
}

/// Which job calls exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobCalls {
    /// `GET /v1/{project_id}/jobs/{job_id}`.
    A,
    /// `GET /v1/cloudimages/job/{job_id}`.
    B,
    /// Both.
    Both,
}

/// How jobs write times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// `2024-11-06T06:30:00.778Z`
    Iso,
    /// `04-Jun-2015 18:11:06:586`
    Old,
}

/// What a batch delete does with a pair that is no share. Undocumented, so a client must bear all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonMember {
    /// Passes over it.
    Ignored,
    /// The job does nothing and ends `FAIL` with `IMG.0113`.
    FailsAll,
    /// The job does the rest and ends `FAIL` with `IMG.0113`.
    Partial,
}
