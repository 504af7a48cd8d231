//! All scopes of an audit at the same time, each in a session of its own. None waits for another that is silent.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::pin::pin;

use futures_util::StreamExt;
use futures_util::future::try_join_all;
use tokio::sync::Semaphore;
use tokio::time::{Duration, Instant, sleep_until, timeout, timeout_at};

use super::AuditArgs;
use super::logins::Logins;
use super::targets::AuditTarget;
use crate::cli::exit::Stop;
use crate::cli::names::Names;
use crate::cli::output::Narrator;
use crate::cli::passcode::Prompts;
use crate::cli::reading::Reading;
use crate::cli::select::{self, Named};
use crate::cli::session;
use crate::report::access::ScopeName;
use crate::report::audit::{Filter, Found, Scope};
use domain::text::clean;
use domain::{self, Failure, ImageIx, MemberStatus, Text};
use engine::{Engine, MissingCredential, NamesEvent, Refused, Session, TaskEvents, Wanted};

/// Scopes that are logged in to or read at the same time; those that are silent do not count.
const AT_ONCE: usize = 16;

/// A scope from which nothing was heard for so long keeps no other waiting.
const SILENT: Duration = Duration::from_secs(1);

/// Regions of a catalog that one line names.
const SOME: usize = 8;

/// Where a scope is in the order of what was typed, and among the regions that one of these stands for.
type Position = (usize, usize);

/// What came of one scope.
#[derive(Debug)]
pub(super) struct ScopeAudit {
    position: Position,
    pub(super) name: ScopeName,
    /// What was read, or why the login failed.
    pub(super) outcome: Result<Read, Failure>,
}

/// What was read in one scope.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) scope: domain::Scope,
    pub(super) reading: Reading,
    /// Of projects, as far as they are known.
    pub(super) names: Names,
    /// The images that were asked for, as far as they are here.
    pub(super) named: Vec<Named>,
    /// Names that are still being looked up.
    pending: Option<TaskEvents<NamesEvent>>,
}

impl ScopeAudit {
    pub(super) fn report(&self, args: &AuditArgs) -> Scope<'_> {
        match &self.outcome {
            Ok(read) => {
                let Read { scope, reading, names, .. } = read;
                let filter = filter(reading, names, &args.project, &args.status);
                report(scope, reading, read.images(args), filter, names)
            }
            Err(failure) => Scope::failed(self.name.clone(), failure),
        }
    }
}

/// The shares with these projects and statuses; of all where none was typed.
pub(super) fn filter(
    reading: &Reading,
    names: &Names,
    projects: &[String],
    statuses: &[String],
) -> Filter {
    let members = || names.members(&reading.inventory, projects).into_iter().collect();
    let status = |word: &String| MemberStatus::from(Text::from(word.as_str()));
    Filter {
        members: (!projects.is_empty()).then(members),
        statuses: statuses.iter().map(status).collect(),
    }
}

/// The report of a scope that was read; `images` in its order.
pub(super) fn report<'a>(
    scope: &domain::Scope,
    reading: &'a Reading,
    images: Vec<ImageIx>,
    filter: Filter,
    names: &'a Names,
) -> Scope<'a> {
    let unknown = images.iter().filter_map(|ix| Some((*ix, reading.unknown(*ix)?))).collect();
    let name = |member: &_| names.with_source(member).map(|(name, source)| (name.clone(), source));
    let found = Found {
        inventory: &reading.inventory,
        notices: &reading.notices,
        images,
        unknown,
        names: Box::new(name),
        filter,
    };
    Scope::read(scope, &reading.failures, found)
}

impl Read {
    fn images(&self, args: &AuditArgs) -> Vec<ImageIx> {
        let mut images = select::in_order(&self.reading.inventory);
        if args.image.is_empty() {
            images.retain(|ix| !self.is_of_others(*ix));
        } else {
            let named: HashSet<ImageIx> =
                self.named.iter().flat_map(|it| &it.images).copied().collect();
            images.retain(|ix| named.contains(ix));
        }
        images
    }

    /// How many images an administrator sees that have nothing to do with the project.
    fn others(&self, args: &AuditArgs) -> usize {
        if !args.image.is_empty() {
            return 0;
        }
        self.reading.inventory.images().filter(|(ix, _)| self.is_of_others(*ix)).count()
    }

    fn is_of_others(&self, ix: ImageIx) -> bool {
        self.reading.inventory.is_of_others(ix, &self.scope)
    }

    /// Takes the names that come until then.
    async fn learn_names(&mut self, audit: &Audit<'_>, until: Instant) {
        let Some(pending) = &mut self.pending else { return };
        let names = &mut self.names;
        let learn = async {
            while let Some(event) = pending.next().await {
                match event {
                    NamesEvent::Names(more) => names.learn(more),
                    NamesEvent::Notice(failure) => audit.say_once(failure.to_string()),
                }
            }
        };
        if timeout_at(until, learn).await.is_ok() {
            self.pending = None;
        }
    }
}

/// A scope that is being read, or was.
struct Arrived {
    scope: domain::Scope,
    /// Where it is reported: at the first of those that lead to it.
    position: Position,
}

/// An audit under way.
pub(super) struct Audit<'a> {
    engine: &'a Engine,
    args: &'a AuditArgs,
    names: &'a Names,
    targets: &'a [AuditTarget],
    logins: Logins,
    slots: Semaphore,
    narrator: RefCell<Narrator>,
    /// Lines for after the prompt that is on the terminal.
    held_back: RefCell<Option<Vec<String>>>,
    /// Notices are shown once, not for every scope.
    shown: RefCell<HashSet<String>>,
    arrived: RefCell<Vec<Arrived>>,
    /// Clouds whose catalog was compared with the configuration.
    compared: RefCell<HashSet<Option<String>>>,
    /// How many scopes there are, and how many are done.
    scopes: Cell<usize>,
    done: Cell<usize>,
    progress: RefCell<BTreeMap<Position, (usize, usize)>>,
}

impl<'a> Audit<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        targets: &'a [AuditTarget],
        args: &'a AuditArgs,
        names: &'a Names,
    ) -> Self {
        Self {
            engine,
            args,
            names,
            targets,
            logins: Logins::default(),
            slots: Semaphore::new(AT_ONCE),
            narrator: RefCell::default(),
            held_back: RefCell::default(),
            shown: RefCell::default(),
            arrived: RefCell::default(),
            compared: RefCell::default(),
            scopes: Cell::new(targets.len()),
            done: Cell::new(0),
            progress: RefCell::default(),
        }
    }

    /// What came of every scope, in the order asked for, and whether there was more than one.
    pub(super) async fn run(&self) -> Result<(Vec<ScopeAudit>, bool), Stop> {
        let each = self.targets.iter().enumerate();
        let each = each.map(|(at, target)| self.target(at, target.clone()));
        let mut scopes: Vec<ScopeAudit> = try_join_all(each).await?.into_iter().flatten().collect();
        scopes.sort_by_key(|scope| scope.position);
        self.wait_for_names(&mut scopes).await;
        self.narrator.borrow_mut().end_progress();
        Ok((scopes, self.is_of_several()))
    }

    /// One scope; or one in each region, where only the catalog of the cloud knows these.
    async fn target(&self, at: usize, mut target: AuditTarget) -> Result<Vec<ScopeAudit>, Stop> {
        let position = (at, 0);
        if !target.every_region {
            return Ok(self.scope(position, target).await?.into_iter().collect());
        }
        let heard = Cell::new(Instant::now());
        let session = match self.in_slot(&heard, self.log_in(&mut target, &heard)).await? {
            Ok(session) => session,
            Err(failure) => return Ok(vec![self.closed(position, &target, failure)]),
        };
        let regions = session.regions().to_vec();
        if regions.is_empty() {
            let read = self.in_slot(&heard, self.read(position, session, &heard)).await?;
            return Ok(read.into_iter().collect());
        }
        self.compared.borrow_mut().insert(target.cloud.clone());
        self.scopes.update(|scopes| scopes + regions.len() - 1);
        let each = regions.into_iter().enumerate().map(|(number, region)| {
            let (cloud, region) = (target.cloud.clone(), Some(region));
            self.scope((at, number), AuditTarget { cloud, region, ..AuditTarget::default() })
        });
        Ok(try_join_all(each).await?.into_iter().flatten().collect())
    }

    /// `None` where another one reports it.
    async fn scope(
        &self,
        position: Position,
        mut target: AuditTarget,
    ) -> Result<Option<ScopeAudit>, Stop> {
        let heard = Cell::new(Instant::now());
        let work = async {
            match self.log_in(&mut target, &heard).await? {
                Ok(session) => {
                    let cloud = target.cloud.clone();
                    if self.args.all_regions && self.compared.borrow_mut().insert(cloud) {
                        self.compare(&target, session.regions());
                    }
                    self.read(position, session, &heard).await
                }
                Err(failure) => Ok(Some(self.closed(position, &target, failure))),
            }
        };
        self.in_slot(&heard, work).await
    }

    /// Does the work of a scope in one of the slots. A scope that is silent gives its slot up.
    async fn in_slot<T>(&self, heard: &Cell<Instant>, work: impl Future<Output = T>) -> T {
        let mut slot = self.slots.acquire().await.ok();
        heard.set(Instant::now());
        let mut work = pin!(work);
        loop {
            let silent_at = heard.get() + SILENT;
            let look_at = if slot.is_some() { silent_at } else { Instant::now() + SILENT };
            tokio::select! {
                done = &mut work => return done,
                () = sleep_until(look_at) => {
                    if heard.get().elapsed() >= SILENT {
                        slot = None;
                    } else if slot.is_none() {
                        slot = self.slots.try_acquire().ok();
                    }
                }
            }
        }
    }

    // ── logging in ───────────────────────────────────────────────────────────────────────────────

    /// Logs in when it is its turn, and prompts for what is missing.
    async fn log_in(
        &self,
        target: &mut AuditTarget,
        heard: &Cell<Instant>,
    ) -> Result<Result<Session, Failure>, Stop> {
        let mut prompts = Prompts::default();
        let mut prompt = match target.passcode {
            Some(_) => Some(self.logins.prompt.lock().await),
            None => None,
        };
        loop {
            let (by_code, with_code) = (self.logins.by_code(), target.passcode.is_some());
            let mut turn = match self.logins.turn(&target.cloud, with_code).await {
                Ok(turn) => turn,
                Err(failure) => return Ok(Err(failure)),
            };
            let to = target.target();
            self.notices(&self.engine.warnings(&to).await);
            let mut login = pin!(self.engine.open(to));
            let opened = if let Ok(opened) = timeout(SILENT, &mut login).await {
                opened
            } else {
                turn.is_silent();
                prompt = None;
                login.await
            };
            heard.set(Instant::now());
            let Refused { failure, missing, remarks } = match opened {
                Ok(session) => {
                    self.notices(session.remarks());
                    turn.worked(with_code);
                    return Ok(Ok(session));
                }
                Err(refused) => refused,
            };
            self.notices(&remarks);
            let Some(missing) = missing else {
                turn.failed();
                return Ok(Err(failure));
            };
            turn.prompts();
            if prompt.is_none() {
                prompt = Some(self.logins.prompt.lock().await);
            }
            if missing == MissingCredential::Passcode && self.logins.by_code() > by_code {
                prompt = None;
                continue;
            }
            if !prompts.may_ask_for(missing, target.secret.is_some()) {
                turn.failed();
                return Ok(Err(failure));
            }
            let refused = (missing == MissingCredential::Passcode && with_code).then_some(&failure);
            let given = self.ask(&mut prompts, missing, target, refused).await?;
            heard.set(Instant::now());
            match (missing, given) {
                (MissingCredential::Passcode, Some(code)) => target.passcode = Some(code),
                (MissingCredential::Secret(_), Some(secret)) => target.secret = Some(secret),
                (_, None) => {
                    turn.failed();
                    let given = match missing {
                        MissingCredential::Passcode => "one-time code",
                        MissingCredential::Secret(missing) => missing.word(),
                    };
                    let what = format!("log in to {}", target.name());
                    return Ok(Err(Failure::new(what, format!("no {given} was given"))));
                }
            }
        }
    }

    /// Prompts. Lines of other scopes wait meanwhile; their reading goes on.
    async fn ask(
        &self,
        prompts: &mut Prompts,
        missing: MissingCredential,
        target: &AuditTarget,
        refused: Option<&Failure>,
    ) -> Result<Option<secrecy::SecretString>, Stop> {
        self.narrator.borrow_mut().end_progress();
        if let Some(refused) = refused {
            self.say(refused);
        }
        self.held_back.replace(Some(Vec::new()));
        let given = prompts.ask(missing, target.cloud.as_deref()).await;
        let held_back = self.held_back.take();
        held_back.into_iter().flatten().for_each(|line| self.say(line));
        given
    }

    // ── reading ──────────────────────────────────────────────────────────────────────────────────

    /// Reads a scope, unless that is done already under another name.
    async fn read(
        &self,
        position: Position,
        session: Session,
        heard: &Cell<Instant>,
    ) -> Result<Option<ScopeAudit>, Stop> {
        let scope = session.scope();
        if !scope.tls_verified {
            let place = if self.is_of_several() { &*scope.cloud } else { "this cloud" };
            self.say_once(format!("TLS verification is off for {}", clean(place)));
        }
        let Some(number) = self.arrive(position, scope) else { return Ok(None) };
        let (mut reads, pending) = (session.read(self.wanted()), session.names());
        let mut reading = Reading::default();
        let each = |reading: &Reading| {
            heard.set(Instant::now());
            let of = reading.progress.1.max(reading.inventory.image_count());
            self.progress.borrow_mut().insert(position, (reading.progress.0, of));
            self.show_progress();
        };
        reading.read(&mut reads, each).await?;
        let named = select::named_here(&reading, &self.args.image);
        self.list_twins(number, &named);
        let images: Vec<ImageIx> = named.iter().flat_map(|named| &named.images).copied().collect();
        reading.read_members(&mut reads, &images, each).await?;
        let (position, scope) = {
            let arrived = self.arrived.borrow();
            let Arrived { scope, position } = &arrived[number];
            (*position, scope.clone())
        };
        let mut read =
            Read { scope, reading, names: self.names.clone(), named, pending: Some(pending) };
        // What has come so far.
        read.learn_names(self, Instant::now()).await;
        let name = ScopeName::of(&read.scope);
        let scope = ScopeAudit { position, name, outcome: Ok(read) };
        self.end(&scope);
        Ok(Some(scope))
    }

    fn wanted(&self) -> Wanted {
        match (self.args.received, self.args.image.is_empty()) {
            (received, true) => Wanted::All { received },
            (true, false) => Wanted::All { received: true },
            (false, false) => Wanted::ImagesOnly,
        }
    }

    /// The number of a scope that nothing else reads. What is read already is reported under the name that was asked for
    /// first.
    fn arrive(&self, position: Position, scope: &domain::Scope) -> Option<usize> {
        let mut arrived = self.arrived.borrow_mut();
        let Some(twin) = arrived.iter_mut().find(|twin| twin.scope.sees_same_images(scope)) else {
            arrived.push(Arrived { scope: scope.clone(), position });
            return Some(arrived.len() - 1);
        };
        let mut second = scope.clone();
        if position < twin.position {
            second = std::mem::replace(&mut twin.scope, second);
            twin.position = position;
        }
        let (first, second) = (ScopeName::of(&twin.scope), ScopeName::of(&second));
        self.say(format_args!(
            "{second} is {first} under another name (the same image service, project and user): read once"
        ));
        self.done.update(|done| done + 1);
        None
    }

    /// A scope without a login.
    fn closed(&self, position: Position, target: &AuditTarget, failure: Failure) -> ScopeAudit {
        let scope = ScopeAudit { position, name: target.name(), outcome: Err(failure) };
        self.end(&scope);
        scope
    }

    /// Reports in one line each what was left out, and among several scopes what was found.
    fn end(&self, scope: &ScopeAudit) {
        self.done.update(|done| done + 1);
        let place = &scope.name;
        if let Ok(read) = &scope.outcome {
            if let others @ 1.. = read.others(self.args) {
                self.say(format_args!(
                    "{place}: {others} images that an administrator sees belong to other projects and are not shared \
                     with this one: left out"
                ));
            }
            if let vanished @ 1.. = read.reading.vanished {
                self.say(format_args!(
                    "{place}: left out, because they went while members were read (deleted, or to another project): \
                     {vanished} of the images"
                ));
            }
            for notice in &read.reading.notices {
                self.say(format_args!("{place}: {notice}"));
            }
        }
        if self.is_of_several() && !self.depends_on_names(scope) {
            self.say(scope.report(self.args).summary());
        }
    }

    /// Whether what was found may change with names that are still being looked up.
    fn depends_on_names(&self, scope: &ScopeAudit) -> bool {
        let waits = scope.outcome.as_ref().is_ok_and(|read| read.pending.is_some());
        waits && !self.args.project.is_empty()
    }

    /// Names were looked up while the images were read; a scope that is slow at it is left behind.
    async fn wait_for_names(&self, scopes: &mut [ScopeAudit]) {
        let latest = Instant::now() + session::NAMES;
        for scope in scopes {
            let depends = self.depends_on_names(scope);
            if let Ok(read) = &mut scope.outcome {
                read.learn_names(self, latest).await;
            }
            if self.is_of_several() && depends {
                self.say(scope.report(self.args).summary());
            }
        }
    }

    // ── reporting ────────────────────────────────────────────────────────────────────────────────

    fn is_of_several(&self) -> bool {
        self.scopes.get() > 1
    }

    /// Everything was asked for: lists regions that the configuration leaves out.
    fn compare(&self, target: &AuditTarget, regions: &[String]) {
        let asked = |region: &&String| {
            let is = |known: &String| known.eq_ignore_ascii_case(region);
            let mut of_cloud = self.targets.iter().filter(|other| other.cloud == target.cloud);
            of_cloud.any(|other| other.region.as_ref().is_some_and(is))
        };
        let left: Vec<&str> =
            regions.iter().filter(|region| !asked(region)).map(String::as_str).collect();
        if left.is_empty() {
            return;
        }
        let more = if left.len() > SOME { ", …" } else { "" };
        let some = left[..left.len().min(SOME)].join(", ");
        let cloud = target.cloud.as_deref().unwrap_or_default();
        self.say(format_args!(
            "cloud {cloud}: its catalog has the image service in {} more regions ({some}{more}), which its entry leaves \
             out; list them under `regions:` to read them",
            left.len()
        ));
    }

    fn list_twins(&self, number: usize, named: &[Named]) {
        for twins in named.iter().filter(|named| named.images.len() > 1) {
            let (count, typed) = (twins.images.len(), &twins.typed);
            let place = || format!("{}: ", ScopeName::of(&self.arrived.borrow()[number].scope));
            let place = self.is_of_several().then(place).unwrap_or_default();
            self.say(format_args!("{place}{count} images are called `{typed}`"));
        }
    }

    fn say(&self, line: impl Display) {
        match &mut *self.held_back.borrow_mut() {
            Some(held_back) => held_back.push(line.to_string()),
            None => self.narrator.borrow_mut().say(line),
        }
    }

    fn notices(&self, failures: &[Failure]) {
        for failure in failures {
            self.say_once(failure.to_string());
        }
    }

    fn say_once(&self, line: String) {
        if self.shown.borrow_mut().insert(line.clone()) {
            self.say(line);
        }
    }

    fn show_progress(&self) {
        if self.held_back.borrow().is_some() {
            return;
        }
        self.narrator.borrow_mut().progress(|| {
            let progress = self.progress.borrow();
            let sum = |(a, b), (c, d): &(usize, usize)| (a + c, b + d);
            let (read, images) = progress.values().fold((0, 0), sum);
            let members = format!("reading members: {read} of {images} images");
            match self.scopes.get() {
                1 => members,
                scopes => format!("{} of {scopes} scopes done; {members}", self.done.get()),
            }
        });
    }
}
