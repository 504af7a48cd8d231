//! The event loop: waits for an event, applies it to the app, and redraws after a change.
//!
//! The first change is drawn immediately, a burst at most once a frame, and nothing while idle.
//! Drawing comes before the `select!`, so no order of its branches can starve it.

#[cfg(test)]
mod tests;

use crate::tui::export::write;
use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use crossterm::event::{Event as Input, KeyEventKind};
use futures_util::{Stream, StreamExt};
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::sync::mpsc::{Receiver, UnboundedSender};
use tokio::time::sleep_until;

use crate::signals::Shutdown;
use crate::tui::app::App;
use crate::tui::app::update::update;
use crate::tui::notify::Notify;
use crate::tui::overlays::clouds::act::start;
use crate::tui::overlays::clouds::state::Target;
use crate::tui::terminal::Tty;
use crate::tui::terminal::plain::Lines;
use crate::tui::{Effect, Msg, Plain, Reload, Settings, Surroundings, What};
use domain::{Moment, OperationId, Plan};
use engine::{Command, Event};

/// Frame interval: at most sixty frames a second.
const FRAME: Duration = Duration::from_millis(16);

/// Maximum number of engine events handled before the next frame.
const GULP: usize = 4096;

/// Options the screen starts with.
#[derive(Debug, Default)]
pub struct Options {
    /// The cloud to open at once, without a question.
    pub cloud: Option<String>,
    /// The region to open in that cloud.
    pub region: Option<String>,
    /// Keys, colours and names of projects, among others.
    pub settings: Settings,
    /// How to reload the settings; without it they are not reloaded.
    pub reload: Option<Reload>,
    /// Properties of the terminal.
    pub around: Surroundings,
    /// Whether to show the first-start hint.
    pub welcome: bool,
    /// Whether plain mode replaces the screen.
    pub plain: Plain,
}

/// The operations of a terminal that the loop needs.
pub(crate) trait Screen {
    fn size(&self) -> io::Result<Size>;
    fn draw(&mut self, app: &App) -> io::Result<()>;
    /// Discards what is known about the screen: the next frame repaints all of it.
    fn repaint(&mut self) -> io::Result<()>;
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// Sets the window title.
    fn title(&mut self, text: &str) -> io::Result<()>;
    /// Notifies a user who is looking elsewhere.
    fn notify(&mut self, how: Notify, text: &str) -> io::Result<()>;
    /// Restores the terminal, stops the process, and takes the terminal again when continued.
    fn suspend(&mut self) -> io::Result<()>;
    /// Takes the terminal again after another program may have used it.
    fn retake(&mut self) -> io::Result<()>;
    /// The terminal was closed. Restores it if it still exists, as after `kill -HUP`, and otherwise never touches it
    /// again: that could suspend the program forever.
    fn hang_up(&mut self);
}

/// Events from outside the program, other than keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// A signal to shut down.
    Shutdown(Shutdown),
    /// Continued after a stop.
    Continue,
}

/// How the event loop ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Unfinished operations, if the screen still shows messages.
    pub unfinished: Vec<OperationId>,
    /// The signal that ended the loop; `None` if the user quit.
    pub shutdown: Option<Shutdown>,
}

/// Runs until the user quits, the terminal is closed, or a signal ends it. In every case the terminal is restored
/// first. The first frame is drawn before the engine gets a command.
pub async fn run(
    commands: UnboundedSender<Command>,
    events: &mut Receiver<Event>,
    options: Options,
) -> anyhow::Result<Left> {
    const SET_UP: &str = "cannot set up the terminal";
    let mut outside = outside().context("cannot listen for signals")?;
    if options.plain != Plain::No {
        let mut lines = Lines::take(options.around.habits).context(SET_UP)?;
        let mut keys = Lines::keys();
        return turn(&mut lines, &mut keys, &mut outside, commands, events, options).await;
    }
    let mut tty = Tty::take(options.around.habits).context(SET_UP)?;
    let asks = options.around.colour && options.around.answers;
    let left = if asks {
        on_its_background(&mut tty, &mut outside, commands, events, options).await
    } else {
        turn(&mut tty, &mut Tty::keys(), &mut outside, commands, events, options).await
    };
    drop(tty);
    left
}

/// The loop after the terminal was queried for its background. The first frame is drawn before that, so a terminal
/// that does not answer causes no visible delay.
async fn on_its_background(
    tty: &mut Tty,
    outside: &mut Receiver<Outside>,
    commands: UnboundedSender<Command>,
    events: &mut Receiver<Event>,
    mut options: Options,
) -> anyhow::Result<Left> {
    let settings = options.settings.clone();
    let app = App::new(now(), tty.size()?, settings, options.around, TimeZone::system());
    if let Err(error) = tty.draw(&app) {
        return hung_up(tty, error.into());
    }
    let (background, mut keys) =
        Tty::ask_background().context("cannot ask the terminal for its background")?;
    options.around.background = background.unwrap_or(options.around.background);
    let left = turn(tty, &mut keys, outside, commands, events, options).await;
    if left.as_ref().is_ok_and(|left| left.shutdown != Some(Shutdown::HangUp)) {
        keys.drain().await;
    }
    left
}

/// The signals, as a channel that never closes.
fn outside() -> io::Result<Receiver<Outside>> {
    let (sender, receiver) = mpsc::channel(4);
    let forward = |mut signals: Signal, meaning| {
        let sender = sender.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() && sender.send(meaning).await.is_ok() {}
        });
    };
    for shutdown in Shutdown::ALL {
        if let Some(signals) = shutdown.listen()? {
            forward(signals, Outside::Shutdown(shutdown));
        }
    }
    let goes_on = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
    forward(signal(goes_on)?, Outside::Continue);
    Ok(receiver)
}

/// The loop itself: all its inputs are arguments, so tests can drive it. If the terminal fails the way closed ones
/// do, it counts as closed; the signal follows.
pub(crate) async fn turn(
    screen: &mut impl Screen,
    input: &mut (impl Stream<Item = io::Result<Input>> + Unpin),
    outside: &mut Receiver<Outside>,
    commands: UnboundedSender<Command>,
    events: &mut Receiver<Event>,
    options: Options,
) -> anyhow::Result<Left> {
    let quit = commands.clone();
    let left = turn_until_closed(screen, input, outside, commands, events, options).await;
    // Before the terminal is restored: that may take a while, and nothing may be sent after a quit.
    let _ = quit.send(Command::Quit);
    left.or_else(|error| hung_up(screen, error))
}

/// Classifies a failure of the terminal.
fn hung_up(screen: &mut impl Screen, error: anyhow::Error) -> anyhow::Result<Left> {
    let of_a_closed_terminal = |cause: &(dyn std::error::Error + 'static)| {
        let error = cause.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
        error == Some(rustix::io::Errno::IO.raw_os_error())
    };
    if !error.chain().any(of_a_closed_terminal) {
        return Err(error);
    }
    screen.hang_up();
    Ok(Left { unfinished: Vec::new(), shutdown: Some(Shutdown::HangUp) })
}

async fn turn_until_closed(
    screen: &mut impl Screen,
    input: &mut (impl Stream<Item = io::Result<Input>> + Unpin),
    outside: &mut Receiver<Outside>,
    commands: UnboundedSender<Command>,
    events: &mut Receiver<Event>,
    options: Options,
) -> anyhow::Result<Left> {
    let Options { cloud, region, mut settings, reload, around, welcome, plain } = options;
    if plain != Plain::No {
        settings.keys.write_in_words();
    }
    let mut app = App::new(now(), screen.size()?, settings, around, TimeZone::system());
    app.plain_mode.plain = plain;
    if welcome {
        app.welcome();
    }
    let (answers, mut planned) = mpsc::unbounded_channel();
    let mut hands = Hands { commands, answers, reload };
    screen.draw(&app)?;
    for effect in start(&mut app, Target { cloud, region, project: None }) {
        hands.perform(screen, effect)?;
    }
    let (mut dirty, mut engine_lives) = (true, true);
    let mut next_frame = Instant::now() + FRAME;
    loop {
        if dirty && Instant::now() >= next_frame {
            let began = Instant::now();
            for effect in app.settle_and_request().into_iter().chain(app.retitle()) {
                hands.perform(screen, effect)?;
            }
            screen.draw(&app)?;
            // At least half of the time goes to keys, however long a frame of a huge list takes.
            next_frame = Instant::now() + FRAME.max(began.elapsed());
            dirty = false;
        }
        let tick = app.next_tick().map(|millis| Instant::now() + Duration::from_millis(millis));
        let what = tokio::select! {
            biased;
            told = outside.recv() => match told {
                Some(Outside::Continue) => {
                    screen.retake()?;
                    hands.perform(screen, Effect::Reload { asked: false })?;
                    Some(What::Resize(screen.size()?))
                }
                Some(Outside::Shutdown(Shutdown::HangUp)) => {
                    screen.hang_up();
                    return Ok(left(&app, Some(Shutdown::HangUp)));
                }
                Some(Outside::Shutdown(shutdown)) => return Ok(left(&app, Some(shutdown))),
                None => return Ok(left(&app, None)),
            },
            event = input.next() => match event {
                Some(event) => from_terminal(event.context("cannot read from the terminal")?),
                None => return Ok(left(&app, None)),
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
            // Even when resized to its old size: whoever resized it may have cleared the screen.
            screen.repaint()?;
        }
        dirty = true;
        let mut effects = update(&mut app, Msg { now: now(), what });
        drain(&mut app, events, &mut effects);
        for effect in effects {
            if matches!(effect, Effect::Quit) {
                return Ok(left(&app, None));
            }
            hands.perform(screen, effect)?;
        }
    }
}

fn left(app: &App, shutdown: Option<Shutdown>) -> Left {
    Left { unfinished: app.open_operations(), shutdown }
}

/// Takes the events that are ready, so that a burst becomes one frame.
fn drain(app: &mut App, events: &mut Receiver<Event>, effects: &mut Vec<Effect>) {
    for _ in 0..GULP {
        let Ok(event) = events.try_recv() else { return };
        effects.extend(update(app, Msg { now: now(), what: What::Engine(event) }));
    }
}

/// Carries out the effects of `update`.
struct Hands {
    commands: UnboundedSender<Command>,
    answers: UnboundedSender<What>,
    reload: Option<Reload>,
}

impl Hands {
    fn perform(&mut self, screen: &mut impl Screen, effect: Effect) -> io::Result<()> {
        match effect {
            // If the engine is gone, its closed event channel shows it.
            Effect::Ask(command) => drop(self.commands.send(command)),
            Effect::Plan { ticket, kind, undoes, marks, limits } => {
                let answers = self.answers.clone();
                tokio::task::spawn_blocking(move || {
                    let plan = Plan::cover(kind, marks, limits).undoing(undoes);
                    let plan = Box::new(plan);
                    // Nothing receives the answer once the screen is closed.
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
                    let outcome = write::write(&export, format, &file, overwrite);
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
