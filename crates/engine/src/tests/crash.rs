//! The program is killed at every place there is, and the next one finds out what became of each share.

use std::path::Path;

use futures_util::FutureExt;
use tempfile::TempDir;

use super::*;
use domain::operation::Stage;

/// The last one is no share any more.
const PAIRS: [&str; 5] = ["ax", "ay", "bx", "cw", "cz"];

fn cloud(script: Script) -> Arc<Cloud> {
    let mut cloud = Cloud::new(script, &[("a", "xyz"), ("b", "xyz"), ("c", "wx")]);
    // Two batches name image a, so the second waits for the first.
    cloud.limits = Limits { images: 2, members: 1 };
    Arc::new(cloud)
}

fn singles() -> Arc<Cloud> {
    Arc::new(Cloud::new(Script::AtOnce, &[("a", "xyz"), ("b", "xyz"), ("c", "wx")]).singles())
}

/// Memory where there is such a place: the tests wait for nothing but the disk.
fn place() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap()
}

fn journal(place: &TempDir) -> Journal {
    Journal::open(&place.path().join("sharelock.db")).unwrap()
}

/// Runs in a runtime of its own, which is then dropped with everything in it: the next thing each task would do
/// is not done any more.
fn live<F: Future>(life: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(life)
}

/// Where a life ends early.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// After so many questions and answers passed the wire.
    Wire(usize),
    /// After so many events.
    Events(usize),
}

/// Goes on until the cut; true if there is a receipt before that, or nothing to do.
async fn until_cut(cloud: &Cloud, start: impl Future<Output = Option<Running>>, cut: Cut) -> bool {
    // Several things may have been cut in an earlier life, and one notice of it was taken.
    let _ = cloud.wire.was_cut.notified().now_or_never();
    cloud.wire.cut_after(if let Cut::Wire(more) = cut { more } else { usize::MAX });
    if matches!(cut, Cut::Events(0)) {
        return false;
    }
    let run = async {
        let Some(mut running) = start.await else { return true };
        for seen in 1.. {
            if matches!(cut, Cut::Events(most) if seen == most) {
                return false;
            }
            if let OperationEvent::Step(step) = running.next().await.unwrap()
                && step.makes_receipt()
            {
                return true;
            }
        }
        false
    };
    tokio::select! {
        biased; // A cut ends everything, also what has just happened.
        () = cloud.wire.was_cut.notified() => false,
        finished = run => finished,
    }
}

/// A first life that revokes; true when it was not cut.
fn revoke_until(cloud: &Arc<Cloud>, place: &TempDir, cut: Cut) -> bool {
    live(async {
        let (_engine, session) = open_with(cloud, Some(journal(place))).await;
        let start = async { Some(session.carry_out(confirmed(cloud, &PAIRS)).await.unwrap()) };
        until_cut(cloud, start, cut).await
    })
}

/// A later life that resumes; true when it was not cut.
fn resume_until(cloud: &Arc<Cloud>, place: &TempDir, cut: Cut) -> bool {
    live(async {
        let (_engine, session) = open_with(cloud, Some(journal(place))).await;
        let start = async { session.resume(None).await.0.pop() };
        until_cut(cloud, start, cut).await
    })
}

/// A last life, and the operation by its events; `None` when there was nothing to resume.
fn resume(cloud: &Arc<Cloud>, place: &TempDir) -> Option<Operation> {
    cloud.wire.cut_after(usize::MAX);
    live(async {
        let (engine, session) = open_with(cloud, Some(journal(place))).await;
        let (mut resumed, failures) = session.resume(None).await;
        assert!(failures.is_empty(), "{failures:?}");
        let mut running = resumed.pop()?;
        while running.operation.is_open() {
            receipt(&mut running).await;
        }
        engine.shut_down(Duration::from_mins(1)).await;
        Some(running.operation)
    })
}

fn only_operation(place: &TempDir) -> Option<Operation> {
    let journal = journal(place);
    assert!(journal.unfinished().unwrap().0.is_empty(), "something is unfinished");
    let mut list = journal.list(&Filter::default(), None, 9).unwrap().0;
    assert!(list.len() < 2);
    list.pop().map(|summary| journal.load(&summary.id).unwrap().unwrap())
}

/// Everything that must be true when all lives are over.
fn assert_true(cloud: &Cloud, place: &TempDir, context: &dyn std::fmt::Debug) {
    let sent = cloud.sent.lock().unwrap();
    let named: Vec<Share> = sent.iter().flat_map(|b| b.shares().collect::<Vec<_>>()).collect();
    let once: Marks = named.iter().cloned().collect();
    assert_eq!(once.len(), named.len(), "{context:?}: a share was named twice");
    assert!(named.iter().all(|s| marks(&PAIRS).contains(&s.image, &s.member)), "{context:?}");
    let left = cloud.left();
    for unmarked in ["az", "by", "bz", "cx"] {
        assert!(left.contains(&unmarked.to_string()), "{context:?}: {unmarked} is gone");
    }
    let Some(operation) = only_operation(place) else {
        return assert!(named.is_empty(), "{context:?}: sent and not written down");
    };
    for (pair, outcome) in outcomes(&operation) {
        let share = marks(&[&*pair]).iter().next().unwrap();
        let expected = match (left.contains(&pair), once.contains(&share.image, &share.member)) {
            (true, _) => Outcome::Failed,
            (false, true) => Outcome::Done,
            (false, false) => Outcome::Needless,
        };
        assert_eq!(outcome, expected, "{context:?}: {pair}");
    }
}

/// Kills the first life at every place, and the second one too at every `second`-th.
fn killed_everywhere(new: impl Fn() -> Arc<Cloud>, cut: fn(usize) -> Cut, second: usize) {
    for first in 0.. {
        let (cloud, place) = (new(), place());
        let finished = revoke_until(&cloud, &place, cut(first));
        let sent = cloud.sent.lock().unwrap().len();
        let resumed = resume(&cloud, &place);
        assert_eq!(cloud.sent.lock().unwrap().len(), sent, "something was sent again");
        assert!(!(finished && resumed.is_some()), "it was over");
        assert_true(&cloud, &place, &cut(first));
        if let Some(reported) = resumed {
            let written = only_operation(&place).unwrap();
            assert_eq!(
                outcomes(&reported),
                outcomes(&written),
                "what was reported is what was written"
            );
        }
        if finished {
            assert!(first > 10, "killed in only {first} places");
            return;
        }
        if first % second == 0 {
            killed_twice(&new, first, cut);
        }
    }
}

fn killed_twice(new: impl Fn() -> Arc<Cloud>, first: usize, cut: fn(usize) -> Cut) {
    for second in 0.. {
        let (cloud, place) = (new(), place());
        revoke_until(&cloud, &place, cut(first));
        let finished = resume_until(&cloud, &place, cut(second));
        resume(&cloud, &place);
        assert_true(&cloud, &place, &(cut(first), cut(second)));
        if finished {
            return;
        }
    }
}

#[test]
fn killed_anywhere_on_a_cloud_with_jobs_every_receipt_is_true() {
    let new = || cloud(Script::Job(&["INIT", "RUNNING", "SUCCESS"]));
    killed_everywhere(new, Cut::Wire, 4);
    killed_everywhere(new, Cut::Events, 8);
}

#[test]
fn killed_anywhere_on_a_cloud_without_jobs_every_receipt_is_true() {
    killed_everywhere(singles, Cut::Wire, 4);
    killed_everywhere(singles, Cut::Events, 8);
}

#[test]
fn killed_anywhere_while_jobs_fail_or_do_half_every_receipt_is_true() {
    killed_everywhere(|| cloud(Script::Job(&["RUNNING", "FAIL"])), Cut::Wire, 99);
    killed_everywhere(|| cloud(Script::JobLeaving(&["RUNNING", "SUCCESS"], "y")), Cut::Wire, 99);
    killed_everywhere(|| cloud(Script::Job(&["404"])), Cut::Wire, 99);
}

#[test]
fn killed_anywhere_while_answers_are_lost_every_receipt_is_true() {
    killed_everywhere(|| cloud(Script::LostAfter), Cut::Wire, 99);
    killed_everywhere(|| cloud(Script::LostBefore), Cut::Wire, 99);
    // The next program waits for the effect as well.
    let late = Duration::from_secs(50);
    killed_everywhere(move || cloud(Script::LostLate(late)), Cut::Wire, 99);
    killed_everywhere(|| cloud(Script::Refuse(403)), Cut::Wire, 99);
}

#[test]
fn a_job_that_outlived_the_limit_is_polled_by_the_next_program_which_completes_the_receipt() {
    let mut words = vec!["RUNNING"; 60];
    words.push("SUCCESS");
    let words: &'static [&'static str] = words.leak();
    let new =
        || Arc::new(Cloud::new(Script::Job(words), &[("a", "xyz"), ("b", "xyz"), ("c", "wx")]));
    let (cloud, place) = (new(), place());
    assert!(revoke_until(&cloud, &place, Cut::Wire(usize::MAX)));
    assert_eq!(cloud.left().len(), 8, "the jobs run still");

    let operation = resume(&cloud, &place).unwrap();

    assert_eq!(operation.count(Outcome::Done), 4);
    assert_true(&cloud, &place, &"watched");
    assert!(resume(&cloud, &place).is_none());
}

#[test]
fn an_operation_that_a_living_program_follows_is_not_taken_up() {
    let (cloud, place) = (cloud(Script::Job(&["RUNNING", "RUNNING", "SUCCESS"])), place());
    live(async {
        let (_first, session) = open_with(&cloud, Some(journal(&place))).await;
        let mut running = session.carry_out(confirmed(&cloud, &PAIRS)).await.unwrap();

        let (second, other) = open_with(&cloud, Some(journal(&place))).await;
        let (unfinished, _) = second.unfinished().await.unwrap();
        assert_eq!(unfinished[0].followed_by, Some(std::process::id()));
        assert!(other.resume(None).await.0.is_empty());

        receipt(&mut running).await;
        assert_eq!(running.operation.count(Outcome::Done), 4);
    });
}

#[test]
fn an_operation_of_another_project_waits_for_a_login_there() {
    let (cloud, place) = (cloud(Script::AtOnce), place());
    let elsewhere = Scope { project_id: ProjectId("another".into()), ..scope(&cloud) };
    let operation = Operation::new(
        OperationId("1".into()),
        domain::OperationKind::Revoke,
        elsewhere,
        &marks(&PAIRS),
        Moment(0),
    );
    journal(&place).begin(&operation).unwrap();

    assert!(resume(&cloud, &place).is_none());
    assert_eq!(journal(&place).unfinished().unwrap().0.len(), 1);
}

/// Revokes with a disk that is full after so many writes. Gives the operation, and whether it was reported.
fn revoke_with_room(
    cloud: &Arc<Cloud>,
    place: &TempDir,
    writes: usize,
) -> Result<(Operation, bool), Failure> {
    live(async {
        let journal = journal(place).with_room_for(writes);
        let (_engine, session) = open_with(cloud, Some(journal)).await;
        let mut running = session.carry_out(confirmed(cloud, &PAIRS)).await?;
        let mut reported = false;
        while running.operation.stage != Stage::Finished {
            match running.next().await.unwrap() {
                OperationEvent::NotRecorded(_) => reported = true,
                OperationEvent::Step(step) => running.operation.apply(step),
                _ => {}
            }
        }
        Ok((running.operation, reported))
    })
}

#[test]
fn nothing_is_sent_when_the_journal_cannot_be_opened() {
    let (cloud, place) = (singles(), place());
    let path = place.path().join("sharelock.db");
    std::fs::write(&path, "a diary, and no database").unwrap();
    live(async {
        let connector = Arc::new(Fixed(cloud.clone()));
        let engine = Engine::new(connector, PollTimes::default(), Some(path));
        let session = engine.open(Target::default()).await.unwrap();
        let failure = session.carry_out(confirmed(&cloud, &PAIRS)).await.unwrap_err();
        assert!(failure.to_string().contains("is damaged"), "{failure}");
    });
    assert!(cloud.sent.lock().unwrap().is_empty());
    assert!(cloud.reads.lock().unwrap().is_empty());
}

#[test]
fn nothing_is_sent_that_cannot_be_written_down() {
    for new in [|| cloud(Script::Job(&["RUNNING", "SUCCESS"])), singles] {
        for writes in 0.. {
            let (cloud, place) = (new(), place());
            let (operation, reported) = match revoke_with_room(&cloud, &place, writes) {
                Ok(done) => done,
                Err(failure) => {
                    assert_eq!(writes, 0);
                    assert!(failure.to_string().contains("no room left"), "{failure}");
                    assert!(cloud.sent.lock().unwrap().is_empty());
                    continue;
                }
            };
            let id = operation.id.clone();
            let written = journal(&place).load(&id).unwrap().unwrap();
            let known = |r: &domain::operation::RequestRecord| r.state != RequestState::Planned;
            let known = written.requests.iter().filter(|r| known(r)).count();
            assert!(cloud.sent.lock().unwrap().len() <= known, "sent and not written down");
            if !reported {
                assert!(writes > 3);
                assert_eq!(written.shares, operation.shares);
                break;
            }
            resume(&cloud, &place);
            assert_true(&cloud, &place, &writes);
            let truth = outcomes(&only_operation(&place).unwrap());
            for ((pair, reported), (_, found)) in outcomes(&operation).into_iter().zip(truth) {
                assert_eq!(reported.is_success(), found.is_success(), "{writes}: {pair}");
            }
        }
    }
}

#[test]
fn two_programs_that_revoke_the_same_shares_at_the_same_time_each_say_so() {
    let (cloud, place) = (cloud(Script::Job(&["RUNNING", "RUNNING", "SUCCESS"])), place());
    live(async {
        let (_first, one) = open_with(&cloud, Some(journal(&place))).await;
        let (_second, two) = open_with(&cloud, Some(journal(&place))).await;
        let plan = || confirmed(&cloud, &["ax", "bx"]);
        let mut programs =
            [one.carry_out(plan()).await.unwrap(), two.carry_out(plan()).await.unwrap()];
        let ids = programs.each_ref().map(|program| program.operation.id.clone());
        for (program, other) in programs.iter_mut().zip(ids.iter().rev()) {
            let mut notices = Vec::new();
            loop {
                match program.next().await.unwrap() {
                    OperationEvent::Notice(notice) => notices.push(notice.to_string()),
                    OperationEvent::Step(step) if step.makes_receipt() => break,
                    _ => {}
                }
            }
            let expected = format!(
                "cannot determine which operation changed 2 shares: operation {other} names them too and ran at the same \
                 time"
            );
            assert_eq!(notices, [expected]);
        }
    });
}
