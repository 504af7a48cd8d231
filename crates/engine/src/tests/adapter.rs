//! Commands and events of the screen.

use super::*;
use crate::adapter::drive;

const SESSION: SessionId = SessionId(1);

async fn open(cloud: &Arc<Cloud>) -> Handle {
    let mut engine = drive(Engine::new(Arc::new(Fixed(cloud.clone())), PollTimes::default(), None));
    engine.send(Command::Open { session: SESSION, target: Target::default() });
    assert!(matches!(engine.events.recv().await, Some(Event::Opened { .. })));
    engine
}

/// Every command that names a session, for one that is not open.
fn for_nowhere(cloud: &Cloud) -> Vec<Command> {
    let session = SessionId(99);
    let operation = Operation::new(
        OperationId("1".into()),
        OperationKind::Revoke,
        scope(cloud),
        &marks(&["ax"]),
        Moment(0),
    );
    let wanted = Wanted::ImagesOnly;
    vec![
        Command::ListProjects(session),
        Command::LookUpNames(session),
        Command::Read { session, reading: ReadingId(1), wanted },
        Command::Reread { session, images: vec!["a".into()] },
        Command::Verify { session, operation: Box::new(operation) },
        Command::Resume(session),
        Command::CarryOut { session, plan: confirmed(cloud, &["ax"]) },
    ]
}

#[tokio::test(start_paused = true)]
async fn every_command_for_a_session_that_is_not_open_is_answered() {
    let cloud = Arc::new(Cloud::new(Script::AtOnce, &[("a", "x")]));
    let mut engine = open(&cloud).await;
    for command in for_nowhere(&cloud) {
        let asked = format!("{command:?}");
        engine.send(command);
        let failure = match engine.events.recv().await.unwrap() {
            Event::NotOpen { failure, .. } | Event::NotStarted { failure, .. } => failure,
            Event::Resuming { mut failures, .. } => failures.remove(0),
            other => panic!("{asked}: {other:?}"),
        };
        assert!(failure.to_string().contains("the session is not open"), "{failure}");
    }
    // Nothing was read yet, so no members can be read again.
    engine.send(Command::Reread { session: SESSION, images: vec!["a".into()] });
    assert!(matches!(engine.events.recv().await, Some(Event::NotOpen { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_closed_while_it_is_being_opened_is_never_open() {
    let cloud = Arc::new(Cloud::new(Script::AtOnce, &[("a", "x")]));
    let mut engine = open(&cloud).await;
    let session = SessionId(2);
    engine.send(Command::Open { session, target: Target::default() });
    engine.send(Command::Close(session));
    tokio::time::sleep(Duration::from_secs(1)).await;

    engine.send(Command::ListProjects(session));
    assert!(matches!(engine.events.recv().await, Some(Event::NotOpen { .. })));
}

#[tokio::test(start_paused = true)]
async fn events_of_a_reading_carry_its_id_and_a_replaced_one_says_no_end() {
    let mut cloud = Cloud::new(Script::AtOnce, &[("a", "x"), ("b", "")]);
    cloud.pages = vec![(vec!["a", "b"], None)];
    cloud.wire.lag = Duration::from_secs(1);
    let cloud = Arc::new(cloud);
    let mut engine = open(&cloud).await;
    for reading in [1, 2] {
        let (reading, wanted) = (ReadingId(reading), Wanted::All { received: false });
        engine.send(Command::Read { session: SESSION, reading, wanted });
        // Until the first is in the middle of its members.
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
    let mut ended = Vec::new();
    let quiet = Duration::from_mins(1);
    while let Ok(Some(event)) = tokio::time::timeout(quiet, engine.events.recv()).await {
        if let Event::ReadEnded { reading, .. } = event {
            ended.push(reading);
        }
    }
    assert_eq!(ended, [ReadingId(2)]);
}
