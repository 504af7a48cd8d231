//! The loop itself, with a terminal made of a buffer and a user made of a channel.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use futures_util::stream;
use ratatui::layout::Size;
use tokio::sync::mpsc;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::signals::Shutdown;
use crate::tui::app::App;
use crate::tui::fixture::{FIRST_READING, choice, images, scope, screen};
use crate::tui::notify::Notify;
use crate::tui::run::{Left, Options, Outside, Screen, turn};
use domain::Limits;
use engine::{Command, Event};

/// What was done to the terminal.
#[derive(Debug, Default)]
struct Seen {
    frames: usize,
    last: String,
    repainted: usize,
    copied: Vec<String>,
    titles: Vec<String>,
    notified: Vec<String>,
    suspended: usize,
    retaken: usize,
    hung_up: bool,
    /// What drawing fails with.
    fails: Option<fn() -> io::Error>,
}

struct Paper(Arc<Mutex<Seen>>);

impl Screen for Paper {
    fn size(&self) -> io::Result<Size> {
        Ok(Size { width: 100, height: 30 })
    }

    fn draw(&mut self, app: &App) -> io::Result<()> {
        let mut seen = self.0.lock().unwrap();
        if let Some(fails) = seen.fails {
            return Err(fails());
        }
        seen.frames += 1;
        seen.last = screen(app);
        Ok(())
    }

    fn repaint(&mut self) -> io::Result<()> {
        self.0.lock().unwrap().repainted += 1;
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap().copied.push(text.into());
        Ok(())
    }

    fn title(&mut self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap().titles.push(text.into());
        Ok(())
    }

    fn notify(&mut self, _: Notify, text: &str) -> io::Result<()> {
        self.0.lock().unwrap().notified.push(text.into());
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.0.lock().unwrap().suspended += 1;
        Ok(())
    }

    fn retake(&mut self) -> io::Result<()> {
        self.0.lock().unwrap().retaken += 1;
        Ok(())
    }

    fn hang_up(&mut self) {
        self.0.lock().unwrap().hung_up = true;
    }
}

/// A program that runs, and everything around it.
struct Play {
    seen: Arc<Mutex<Seen>>,
    keys: UnboundedSender<io::Result<Input>>,
    outside: Sender<Outside>,
    events: Sender<Event>,
    commands: UnboundedReceiver<Command>,
    ended: JoinHandle<anyhow::Result<Left>>,
}

fn play() -> Play {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let (keys, typed) = mpsc::unbounded_channel();
    let input = stream::unfold(typed, |mut typed: UnboundedReceiver<_>| async move {
        Some((typed.recv().await?, typed))
    });
    let (outside, mut told): (_, Receiver<Outside>) = mpsc::channel(4);
    let (sender, commands) = mpsc::unbounded_channel();
    let (events, mut happened) = mpsc::channel(10_000);
    let mut paper = Paper(seen.clone());
    let ended = tokio::spawn(async move {
        let mut input = Box::pin(input);
        turn(&mut paper, &mut input, &mut told, sender, &mut happened, Options::default()).await
    });
    Play { seen, keys, outside, events, commands, ended }
}

const TIMEOUT: Duration = Duration::from_secs(20);

impl Play {
    fn press(&self, keys: &str) {
        for c in keys.chars() {
            self.keys.send(Ok(Input::Key(KeyEvent::from(KeyCode::Char(c))))).unwrap();
        }
    }

    /// The next command of the program.
    async fn asked(&mut self) -> Command {
        timeout(TIMEOUT, self.commands.recv()).await.unwrap().unwrap()
    }

    async fn until(&self, what: &str, wanted: impl Fn(&Seen) -> bool) {
        let seen = async {
            while !wanted(&self.seen.lock().unwrap()) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let came = timeout(TIMEOUT, seen).await;
        assert!(came.is_ok(), "never saw {what}: {}", self.seen.lock().unwrap().last);
    }

    /// Lets it log in and see its images; takes the commands up to there.
    async fn open(&mut self) {
        assert!(matches!(self.asked().await, Command::ListClouds));
        let choices = vec![choice("lab", &[])];
        self.events.send(Event::Clouds { choices, default: None }).await.unwrap();
        let Command::Open { session, .. } = self.asked().await else { panic!("not opened") };
        let opened = Event::Opened { session, scope: scope(), limits: Limits::BATCH };
        self.events.send(opened).await.unwrap();
        assert!(matches!(self.asked().await, Command::Resume(_)));
        assert!(matches!(self.asked().await, Command::Read { .. }));
        assert!(matches!(self.asked().await, Command::LookUpNames(_)));
        assert!(matches!(self.asked().await, Command::ListFilters));
        self.events.send(Event::Images { session, images: images() }).await.unwrap();
        self.until("the images", |seen| seen.last.contains("ubuntu-22.04-golden")).await;
        self.events.send(Event::ReadEnded { session, reading: FIRST_READING }).await.unwrap();
        self.until("the end of the reading", |seen| seen.last.contains("read ")).await;
    }

    async fn end(self) -> Seen {
        self.left().await.1
    }

    /// How the screen was left, and what was done to the terminal.
    async fn left(self) -> (Left, Seen) {
        let left = timeout(TIMEOUT, self.ended).await.unwrap().unwrap().unwrap();
        drop(self.keys);
        (left, Arc::try_unwrap(self.seen).unwrap().into_inner().unwrap())
    }
}

#[tokio::test]
async fn the_first_frame_comes_before_anything_is_asked() {
    let mut play = play();
    assert!(matches!(play.asked().await, Command::ListClouds));
    assert!(play.seen.lock().unwrap().frames >= 1);
    play.press("q");
    assert!(play.end().await.last.contains("Starting"));
}

#[tokio::test]
async fn nothing_is_drawn_while_nothing_happens() {
    let mut play = play();
    play.open().await;
    // A screen that ticks never has a whole half second without a frame.
    let rest = async {
        let frames = || play.seen.lock().unwrap().frames;
        loop {
            let before = frames();
            tokio::time::sleep(Duration::from_millis(500)).await;
            if frames() == before {
                break;
            }
        }
    };
    timeout(TIMEOUT, rest).await.unwrap();
    play.press("q");
    play.end().await;
}

#[tokio::test]
async fn the_window_is_called_what_is_open_once_per_change() {
    let mut play = play();
    play.open().await;
    play.press("jjjj2345");
    play.press("q");
    let titles = play.end().await.titles;
    let place = "sharelock · otc-prod · eu-de · ";
    assert!(titles.last().unwrap().starts_with(place), "{titles:?}");
    assert!(titles.windows(2).all(|pair| pair[0] != pair[1]), "{titles:?}");
}

#[tokio::test]
async fn a_burst_of_keys_is_a_few_frames_and_no_key_is_lost() {
    let mut play = play();
    play.open().await;
    let before = play.seen.lock().unwrap().frames;
    play.press(&"j".repeat(2000));
    play.press(&"k".repeat(2000));
    play.press("jy");
    play.until("the copy", |seen| !seen.copied.is_empty()).await;
    play.press("q");
    let seen = play.end().await;
    assert!(seen.frames - before < 400, "{} frames for 4000 keys", seen.frames - before);
}

#[tokio::test]
async fn a_burst_of_events_is_a_few_frames() {
    let mut play = play();
    play.open().await;
    let before = play.seen.lock().unwrap().frames;
    for n in 0..5000 {
        let failure = domain::Failure::new("do it", format!("{n} of them"));
        play.events.send(Event::Notice(failure)).await.unwrap();
    }
    play.until("the last", |seen| seen.last.contains("4999 of them")).await;
    play.press("q");
    let frames = play.end().await.frames - before;
    assert!(frames < 1000, "{frames} frames for 5000 events");
}

#[tokio::test]
async fn a_signal_closes_the_screen_and_a_closed_terminal_is_given_up() {
    for shutdown in Shutdown::ALL {
        let play = play();
        play.outside.send(Outside::Shutdown(shutdown)).await.unwrap();
        let (left, seen) = play.left().await;
        assert_eq!(left.shutdown, Some(shutdown));
        assert_eq!(seen.hung_up, shutdown == Shutdown::HangUp);
    }
}

#[tokio::test]
async fn a_terminal_that_fails_as_closed_ones_do_was_closed() {
    let closed = || io::Error::from(rustix::io::Errno::IO);
    let playing = play();
    playing.keys.send(Err(closed())).unwrap();
    let (left, seen) = playing.left().await;
    assert_eq!((left.shutdown, seen.hung_up), (Some(Shutdown::HangUp), true));

    let playing = play();
    playing.until("a frame", |seen| seen.frames > 0).await;
    playing.seen.lock().unwrap().fails = Some(closed);
    playing.press("?");
    let (left, seen) = playing.left().await;
    assert_eq!((left.shutdown, seen.hung_up), (Some(Shutdown::HangUp), true));
}

#[tokio::test]
async fn the_program_ends_when_there_is_no_input_any_more() {
    let mut play = play();
    let (other, _) = mpsc::unbounded_channel();
    drop(std::mem::replace(&mut play.keys, other));
    play.end().await;
}

#[tokio::test]
async fn a_continued_program_takes_the_terminal_again() {
    let play = play();
    play.outside.send(Outside::Continue).await.unwrap();
    play.until("the terminal taken", |seen| seen.retaken == 1).await;
    play.press("q");
    play.end().await;
}

#[tokio::test]
async fn every_resize_paints_all_anew_even_to_the_size_it_was() {
    let play = play();
    for times in 1..=2 {
        play.keys.send(Ok(Input::Resize(100, 30))).unwrap();
        play.until("the screen painted", |seen| seen.repainted == times).await;
    }
    play.press("q");
    play.end().await;
}

#[tokio::test]
async fn ctrl_z_suspends() {
    let play = play();
    let key = KeyEvent::new(KeyCode::Char('z'), crossterm::event::KeyModifiers::CONTROL);
    play.keys.send(Ok(Input::Key(key))).unwrap();
    play.until("the suspension", |seen| seen.suspended == 1).await;
    play.press("q");
    play.end().await;
}

#[tokio::test]
async fn an_engine_that_ends_does_not_end_the_screen() {
    let mut play = play();
    play.open().await;
    let (other, _) = mpsc::channel(1);
    drop(std::mem::replace(&mut play.events, other));
    play.until("the notice", |seen| seen.last.contains("has ended")).await;
    play.press("q");
    play.end().await;
}

#[tokio::test]
async fn an_export_is_written_away_from_the_loop_and_its_path_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out.csv");
    let mut play = play();
    play.open().await;
    play.press("e");
    play.until("the dialog", |seen| seen.last.contains("Format:")).await;
    let empties = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
    play.keys.send(Ok(Input::Key(empties))).unwrap();
    play.press(&file.display().to_string());
    play.keys.send(Ok(Input::Key(KeyEvent::from(KeyCode::Enter)))).unwrap();
    play.until("the path", |seen| seen.last.contains("Written: /")).await;

    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.starts_with("cloud,region,project_id,"), "{written}");
    assert!(written.contains("its members were not read yet"), "{written}");
    play.outside.send(Outside::Shutdown(Shutdown::Terminate)).await.unwrap();
    play.end().await;
}
