//! Whose turn it is to log in: many scopes at once, but only one login to a cloud before one has worked.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use tokio::sync::{Mutex, Notify};

use domain::Failure;

/// Logins to one cloud that may fail or be unanswered before one works. Clouds
/// lock a user out after five wrong signatures (Huawei docs) or as many wrong passwords as their operator says.
const TRIES: usize = 3;

type Cloud = Option<String>;

/// The logins of an audit.
#[derive(Debug, Default)]
pub(super) struct Logins {
    clouds: RefCell<BTreeMap<Cloud, Gate>>,
    changed: Notify,
    /// How many logins were opened by one-time codes. One opens every scope of the same user at the same login service,
    /// so no second one is asked for before the first has been tried.
    by_code: Cell<usize>,
    /// Held while the user is prompted, and until the login with what was typed is answered or silent.
    pub(super) prompt: Mutex<()>,
}

/// The logins to one cloud.
#[derive(Debug, Default)]
struct Gate {
    /// One has worked.
    proven: bool,
    failed: usize,
    opening: usize,
    /// Of those under way, how many were silent for a while: they keep no other waiting.
    silent: usize,
    /// Logins that wait for what the user types.
    prompting: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Opening,
    Silent,
    Prompting,
}

/// A login that may begin, or is under way.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    logins: &'a Logins,
    cloud: Cloud,
    state: State,
}

impl Logins {
    /// Waits until a login may begin: the first login to a cloud goes alone, for if it is refused, ten of the kind would
    /// lock the user out. An error when enough of them have failed.
    pub(super) async fn turn(&self, cloud: &Cloud, with_code: bool) -> Result<Turn<'_>, Failure> {
        loop {
            let changed = self.changed.notified();
            {
                let mut clouds = self.clouds.borrow_mut();
                let gate = clouds.entry(cloud.clone()).or_default();
                if gate.opening == 0 && gate.failed >= TRIES && !gate.proven {
                    return Err(too_many(cloud));
                }
                if gate.admits(with_code) {
                    gate.opening += 1;
                    let (cloud, state) = (cloud.clone(), State::Opening);
                    return Ok(Turn { logins: self, cloud, state });
                }
            }
            changed.await;
        }
    }

    /// How many logins were opened by one-time codes so far.
    pub(super) fn by_code(&self) -> usize {
        self.by_code.get()
    }
}

impl Gate {
    fn admits(&self, with_code: bool) -> bool {
        let busy = self.opening > self.silent;
        let may_try = !busy && self.opening + self.failed < TRIES;
        self.proven || (may_try && (with_code || self.prompting == 0))
    }

    fn count(&mut self, state: State) -> &mut usize {
        match state {
            State::Opening => &mut self.opening,
            State::Silent => &mut self.silent,
            State::Prompting => &mut self.prompting,
        }
    }
}

impl Turn<'_> {
    fn change(&mut self, change: impl FnOnce(&mut Gate)) {
        let mut clouds = self.logins.clouds.borrow_mut();
        change(clouds.entry(self.cloud.clone()).or_default());
        self.logins.changed.notify_waiters();
    }

    /// Nothing was heard for a while: others go on.
    pub(super) fn is_silent(&mut self) {
        self.state = State::Silent;
        self.change(|gate| gate.silent += 1);
    }

    /// It waits for what the user types.
    pub(super) fn prompts(&mut self) {
        let before = self.state;
        self.state = State::Prompting;
        self.change(|gate| {
            gate.release(before);
            gate.prompting += 1;
        });
    }

    /// It worked; by a code, that may open the other scopes that want one.
    pub(super) fn worked(mut self, by_code: bool) {
        self.logins.by_code.update(|count| count + usize::from(by_code));
        self.change(|gate| gate.proven = true);
    }

    /// It was refused.
    pub(super) fn failed(mut self) {
        self.change(|gate| gate.failed += 1);
    }
}

impl Gate {
    fn release(&mut self, state: State) {
        *self.count(state) -= 1;
        if state == State::Silent {
            self.opening -= 1;
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let state = self.state;
        self.change(|gate| gate.release(state));
    }
}

fn too_many(cloud: &Cloud) -> Failure {
    let cloud = cloud.clone().unwrap_or_default();
    let why = format!("{TRIES} logins in other regions failed, and more could lock the user out");
    Failure::new(format!("log in to cloud {cloud}"), why)
        .with_hint("fix the cause of the failed logins, or try one region with --region")
}
