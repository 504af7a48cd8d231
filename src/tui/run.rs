//! The loop: waits for something to happen, folds it into the model, draws when something changed.
//!
//! The first change is drawn at once, a burst at most once a frame, and nothing at all while nothing happens.
//! Drawing stands before the `select!`, so no order of its branches can starve it.

use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use crossterm::event::{Event as Input, KeyEventKind};
use futures_util::{Stream, StreamExt};
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{self, Receiver, UnboundedSender};
use tokio::time::sleep_until;

use super::model::{Model, Target};
use super::notify::Notify;
use super::terminal::{Lines, Tty};
use super::update::{start, update};
use super::{Effect, Msg, Plain, Reload, Settings, Surroundings, What};
use crate::domain::{Moment, OperationId, Plan};
use crate::engine::{Command, Event};

/// At most sixty frames a second.
const FRAME: Duration = Duration::from_millis(16);

/// Events of the engine taken before the model is looked at again.
const GULP: usize = 4096;

/// What the screen is started with.
#[derive(Debug, Default)]
pub struct Options {
    /// Opened at once, without a question.
    pub cloud: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Keys, colours, names of projects.
    pub settings: Settings,
    /// How they are read again; without it they are not.
    pub reload: Option<Reload>,
    /// What is known about the terminal.
    pub around: Surroundings,
    /// Whether the first steps are to be told.
    pub welcome: bool,
    /// Whether it is lines of text instead.
    pub plain: Plain,
}

/// What the loop needs of a terminal.
pub(crate) trait Screen {
    fn size(&self) -> io::Result<Size>;
    fn draw(&mut self, model: &Model) -> io::Result<()>;
    /// Nothing is known any more of what is on the screen: the next frame paints all of it.
    fn repaint(&mut self) -> io::Result<()>;
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// Calls the window this.
    fn title(&mut self, text: &str) -> io::Result<()>;
    /// Tells somebody who looks elsewhere.
    fn notify(&mut self, how: Notify, text: &str) -> io::Result<()>;
    /// Gives the terminal back, stops the process, and takes it again when continued.
    fn suspend(&mut self) -> io::Result<()>;
    /// Takes the terminal again after somebody else may have used it.
    fn retake(&mut self) -> io::Result<()>;
    /// The terminal is gone: it is not to be touched any more.
    fn forget(&mut self);
}

/// What comes from outside the program besides keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// Told to end.
    End,
    /// The terminal was closed. Touching it from then on would stop the program for ever.
    HangUp,
    /// Continued after a stop.
    Continue,
}

/// Runs until the user quits, the terminal goes away, or a signal ends it. However it ends, the terminal is
/// given back first. The first frame is drawn before the engine is asked for anything. What comes back are the operations
/// that were not at their end, if there is still somebody to tell.
pub async fn run(
    commands: UnboundedSender<Command>,
    events: &mut Receiver<Event>,
    options: Options,
) -> anyhow::Result<Vec<OperationId>> {
    const SET_UP: &str = "cannot set up the terminal";
    let outside = outside().context("cannot listen for signals")?;
    let quit = commands.clone();
    if options.plain != Plain::No {
        let mut lines = Lines::take(options.around.habits).context(SET_UP)?;
        let ended = turn(&mut lines, Lines::keys(), outside, commands, events, options).await;
        let _ = quit.send(Command::Quit);
        return ended;
    }
    let mut tty = Tty::take(options.around.habits).context(SET_UP)?;
    let ended = if options.around.colour && options.around.answers {
        on_its_background(&mut tty, outside, commands, events, options).await
    } else {
        turn(&mut tty, Tty::keys(), outside, commands, events, options).await
    };
    // Before the terminal is given back: that may take a while, and nothing may be sent after a quit.
    let _ = quit.send(Command::Quit);
    drop(tty);
    ended
}

/// The loop after the terminal was asked for its background. The first frame stands before the question, so that a terminal
/// that does not answer keeps nobody waiting for it.
async fn on_its_background(
    tty: &mut Tty,
    outside: Receiver<Outside>,
    commands: UnboundedSender<Command>,
    events: &mut Receiver<Event>,
    mut options: Options,
) -> anyhow::Result<Vec<OperationId>> {
    let settings = options.settings.clone();
    tty.draw(&Model::new(now(), tty.size()?, settings, options.around, TimeZone::system()))?;
    let (background, keys) =
        Tty::ask_background().context("cannot ask the terminal for its background")?;
    options.around.background = background.unwrap_or(options.around.background);
    turn(tty, keys, outside, commands, events, options).await
}

/// The signals, as a channel that never closes.
fn outside() -> io::Result<Receiver<Outside>> {
    let (sender, receiver) = mpsc::channel(4);
    let kinds = [
        (SignalKind::terminate(), Outside::End),
        (SignalKind::interrupt(), Outside::End),
        (SignalKind::hangup(), Outside::HangUp),
        (SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()), Outside::Continue),
    ];
    for (kind, meaning) in kinds {
        let (mut signals, sender) = (signal(kind)?, sender.clone());
        tokio::spawn(async move {
            while signals.recv().await.is_some() && sender.send(meaning).await.is_ok() {}
        });
    }
    Ok(receiver)
}

/// The loop itself: everything it knows of the world is in its arguments, so tests drive it.
pub(crate) async fn turn(
    screen: &mut impl Screen,
    mut input: impl Stream<Item = io::Result<Input>> + Unpin,
    mut outside: Receiver<Outside>,
    commands: UnboundedSender<Command>,
    events: &mut Receiver<Event>,
    options: Options,
) -> anyhow::Result<Vec<OperationId>> {
    let Options { cloud, region, mut settings, reload, around, welcome, plain } = options;
    if plain != Plain::No {
        settings.keys.write_in_words();
    }
    let mut model = Model::new(now(), screen.size()?, settings, around, TimeZone::system());
    model.listener.plain = plain;
    if welcome {
        model.welcome();
    }
    let (answers, mut planned) = mpsc::unbounded_channel();
    let mut hands = Hands { commands, answers, reload };
    screen.draw(&model)?;
    for effect in start(&mut model, Target { cloud, region, project: None }) {
        hands.perform(screen, effect)?;
    }
    let (mut dirty, mut engine_lives) = (true, true);
    let mut next_frame = Instant::now() + FRAME;
    loop {
        if dirty && Instant::now() >= next_frame {
            let began = Instant::now();
            for effect in model.settle_and_look().into_iter().chain(model.retitle()) {
                hands.perform(screen, effect)?;
            }
            screen.draw(&model)?;
            // Half of the time at least is for keys, however long a frame of a huge list takes.
            next_frame = Instant::now() + FRAME.max(began.elapsed());
            dirty = false;
        }
        let tick = model.next_tick().map(|millis| Instant::now() + Duration::from_millis(millis));
        let what = tokio::select! {
            biased;
            told = outside.recv() => match told {
                Some(Outside::Continue) => {
                    screen.retake()?;
                    hands.perform(screen, Effect::Reload { asked: false })?;
                    Some(What::Resize(screen.size()?))
                }
                Some(Outside::HangUp) => {
                    screen.forget();
                    return Ok(Vec::new());
                }
                Some(Outside::End) | None => return Ok(model.open_operations()),
            },
            event = input.next() => match event {
                Some(event) => from_terminal(event.context("cannot read from the terminal")?),
                None => return Ok(model.open_operations()),
            },
            Some(answer) = planned.recv() => Some(answer),
            event = events.recv(), if engine_lives => {
                engine_lives = event.is_some();
                Some(event.map_or(What::EngineGone, What::Engine))
            }
            () = sleep_until(next_frame.into()), if dirty => None,
            () = sleep_until(tick.unwrap_or(next_frame).into()), if tick.is_some() && !dirty => Some(What::Tick),
        };
        let Some(what) = what else { continue };
        if matches!(what, What::Resize(_)) {
            // Even to the size it had: whoever changed it may have wiped the screen.
            screen.repaint()?;
        }
        dirty = true;
        let mut effects = update(&mut model, Msg { now: now(), what });
        drain(&mut model, events, &mut effects);
        for effect in effects {
            if matches!(effect, Effect::Quit) {
                return Ok(model.open_operations());
            }
            hands.perform(screen, effect)?;
        }
    }
}

/// Takes what the engine has ready, so that a burst of events is one frame.
fn drain(model: &mut Model, events: &mut Receiver<Event>, effects: &mut Vec<Effect>) {
    for _ in 0..GULP {
        let Ok(event) = events.try_recv() else { return };
        effects.extend(update(model, Msg { now: now(), what: What::Engine(event) }));
    }
}

/// Does what `update` asks for.
struct Hands {
    commands: UnboundedSender<Command>,
    answers: UnboundedSender<What>,
    reload: Option<Reload>,
}

impl Hands {
    fn perform(&mut self, screen: &mut impl Screen, effect: Effect) -> io::Result<()> {
        match effect {
            // An engine that is gone says so by closing its events.
            Effect::Ask(command) => drop(self.commands.send(command)),
            Effect::Plan { ticket, kind, undoes, marks, limits } => {
                let answers = self.answers.clone();
                tokio::task::spawn_blocking(move || {
                    let plan = Plan::cover(kind, marks, limits).undoing(undoes);
                    let plan = Box::new(plan);
                    // Nobody waits any more when the screen is closed.
                    drop(answers.send(What::Planned { ticket, plan }));
                });
            }
            Effect::Reload { asked } => {
                let (reload, answers) = (self.reload.clone(), self.answers.clone());
                tokio::task::spawn_blocking(move || {
                    let Some(reread) = reload.map(|reload| Box::new(reload.read())) else { return };
                    drop(answers.send(What::Reloaded { asked, reread }));
                });
            }
            Effect::Export { ticket, export, format, file, overwrite } => {
                let answers = self.answers.clone();
                tokio::task::spawn_blocking(move || {
                    let outcome = super::export::write(&export, format, &file, overwrite);
                    drop(answers.send(What::Exported { ticket, outcome }));
                });
            }
            Effect::Copy(text) => screen.copy(&text)?,
            Effect::Notify { how, text } => screen.notify(how, &text)?,
            Effect::Title(text) => screen.title(&text)?,
            Effect::Suspend => screen.suspend()?,
            Effect::Quit => {}
        }
        Ok(())
    }
}

fn from_terminal(event: Input) -> Option<What> {
    match event {
        Input::Key(key) if key.kind != KeyEventKind::Release => Some(What::Key(key)),
        Input::Paste(text) => Some(What::Paste(text)),
        Input::Mouse(event) => Some(What::Mouse(event)),
        Input::FocusGained => Some(What::Focus),
        Input::Resize(width, height) => Some(What::Resize(Size { width, height })),
        _ => None,
    }
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
