//! Jobs of IMS: accepted at once, carried out when they are due. `INIT`, `RUNNING`, then `SUCCESS` or `FAIL`.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use domain::{ImageId, Member, MemberStatus, Moment, ProjectId, Share, Visibility};

use super::options::NonMember;
use super::world::World;

/// How the next job goes, if it should not simply do its work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobScript {
    leaves: Leaves,
    fails: Option<(String, String)>,
    stuck: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Leaves {
    #[default]
    Nothing,
    All,
    These(Vec<Share>),
}

impl JobScript {
    /// Ends `FAIL` with this code and reason, with nothing done.
    pub fn fails(code: &str, reason: &str) -> Self {
        let fails = Some((code.to_owned(), reason.to_owned()));
        Self { leaves: Leaves::All, fails, ..Self::default() }
    }

    /// Stays `RUNNING` for ever and does nothing.
    pub fn stuck() -> Self {
        Self { stuck: true, leaves: Leaves::All, ..Self::default() }
    }

    /// Stays `RUNNING` for ever, although everything was done when it was due.
    pub fn stuck_but_done() -> Self {
        Self { stuck: true, ..Self::default() }
    }

    /// Says `SUCCESS` and leaves these shares as they are.
    pub fn leaves(shares: impl IntoIterator<Item = Share>) -> Self {
        Self { leaves: Leaves::These(shares.into_iter().collect()), ..Self::default() }
    }

    /// Says `SUCCESS` and does nothing.
    pub fn leaves_all() -> Self {
        Self { leaves: Leaves::All, ..Self::default() }
    }
}

/// What a job does to every pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Add,
    Remove,
    Answer(MemberStatus),
}

impl Work {
    pub(super) fn job_type(&self) -> &'static str {
        match self {
            Self::Add => "imsAddImageMembersJob",
            Self::Remove => "imsDelImageMembersJob",
            Self::Answer(_) => "imsUpdateImageMembersJob",
        }
    }
}

/// A job that was accepted.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id, 32 hex digits.
    pub id: String,
    /// What it is to do, in the order it is done.
    pub pairs: Vec<Share>,
    /// How many of them it has done something about.
    pub done: usize,
    /// Code and reason, once it has failed.
    pub error: Option<(String, String)>,
    pub(super) project: ProjectId,
    pub(super) work: Work,
    pub(super) begun: Moment,
    pub(super) due: Moment,
    pub(super) settled: bool,
    pub(super) script: JobScript,
}

impl Job {
    /// The status word at this moment.
    pub(super) fn status(&self, now: Moment) -> &'static str {
        match &self.error {
            _ if self.settled && self.script.stuck => "RUNNING",
            Some(_) => "FAIL",
            None if self.settled => "SUCCESS",
            None if now.0 - self.begun.0 < (self.due.0 - self.begun.0) / 4 => "INIT",
            None => "RUNNING",
        }
    }

    /// Whether the status will not change any more.
    pub(super) fn is_over(&self) -> bool {
        self.settled && !self.script.stuck
    }
}

/// The jobs that were accepted, and how the next ones go.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    all: HashMap<String, Job>,
    order: Vec<String>,
    waiting: Vec<String>,
    scripts: VecDeque<JobScript>,
    every: Option<JobScript>,
}

impl World {
    /// The next job goes like this; several scripts are for as many jobs, in turn.
    pub fn script_job(&mut self, script: JobScript) {
        self.jobs.scripts.push_back(script);
    }

    /// Every job that has no script of its own goes like this; `None` for the ordinary way.
    pub fn script_every_job(&mut self, script: Option<JobScript>) {
        self.jobs.every = script;
    }

    /// All jobs, in the order they were accepted.
    pub fn jobs(&self) -> Vec<&Job> {
        self.jobs.order.iter().filter_map(|id| self.jobs.all.get(id)).collect()
    }

    pub(super) fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.all.get(id)
    }

    pub(super) fn accept_job(
        &mut self,
        project: &ProjectId,
        work: Work,
        pairs: Vec<Share>,
    ) -> String {
        let id = format!("ff808081{}", &self.random_hex()[8..]);
        let script = self.jobs.scripts.pop_front().or_else(|| self.jobs.every.clone());
        let begun = self.now();
        let job = Job {
            id: id.clone(),
            pairs,
            done: 0,
            error: None,
            project: project.clone(),
            work,
            begun,
            due: later(begun, self.random_delay()),
            settled: false,
            script: script.unwrap_or_default(),
        };
        self.jobs.all.insert(id.clone(), job);
        self.jobs.order.push(id.clone());
        self.jobs.waiting.push(id.clone());
        id
    }

    /// Carries out the jobs that are due, in the order of their time.
    pub(super) fn settle(&mut self) {
        let now = self.now();
        let due = |jobs: &Jobs, id: &String| jobs.all.get(id).map(|job| job.due);
        let waiting = std::mem::take(&mut self.jobs.waiting);
        let (mut ready, waiting) =
            waiting.into_iter().partition::<Vec<_>, _>(|id| due(&self.jobs, id) <= Some(now));
        self.jobs.waiting = waiting;
        ready.sort_by_key(|id| due(&self.jobs, id));
        for id in ready {
            if let Some(job) = self.jobs.all.remove(&id) {
                let job = self.carry_out(job);
                self.jobs.all.insert(id, job);
            }
        }
    }

    fn carry_out(&mut self, mut job: Job) -> Job {
        job.settled = true;
        job.error.clone_from(&job.script.fails);
        let strangers = self.strangers(&job);
        if let (Some(stranger), None) = (strangers.first(), &job.error) {
            job.error = Some(("IMG.0113".into(), not_a_tenant(stranger)));
            if self.options.ims.non_member == NonMember::FailsAll {
                return job;
            }
        }
        for pair in &job.pairs {
            let left = match &job.script.leaves {
                Leaves::Nothing => false,
                Leaves::All => true,
                Leaves::These(shares) => shares.contains(pair),
            };
            if !left && self.do_pair(&job.work, pair) {
                job.done += 1;
            }
        }
        job
    }

    /// Pairs to remove that are no shares, if that is an error here.
    fn strangers(&self, job: &Job) -> Vec<Share> {
        if job.work != Work::Remove || self.options.ims.non_member == NonMember::Ignored {
            return Vec::new();
        }
        job.pairs.iter().filter(|pair| !self.is_share(&pair.image, &pair.member)).cloned().collect()
    }

    fn is_share(&self, image: &ImageId, member: &Member) -> bool {
        self.members(image).iter().any(|membership| membership.member == *member)
    }

    fn do_pair(&mut self, work: &Work, pair: &Share) -> bool {
        match work {
            Work::Remove => {
                self.is_share(&pair.image, &pair.member) && self.unshare(&pair.image, &pair.member)
            }
            Work::Add if self.is_share(&pair.image, &pair.member) => false,
            Work::Add => {
                self.edit_image(&pair.image, |image| image.image.visibility = Visibility::Shared);
                self.share(&pair.image, pair.member.clone(), MemberStatus::Pending);
                true
            }
            Work::Answer(status) => {
                let is_share = self.is_share(&pair.image, &pair.member);
                if is_share {
                    self.share(&pair.image, pair.member.clone(), status.clone());
                }
                is_share
            }
        }
    }
}

fn not_a_tenant(pair: &Share) -> String {
    let (member, image) = (pair.member.id.raw(), pair.image.raw());
    format!("Failed to delete the tenant: {member} is not a member of image {image}.")
}

fn later(moment: Moment, by: Duration) -> Moment {
    Moment(moment.0 + i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}
