//! Everything the screen remembers between two messages.

pub(crate) mod availability;
pub(crate) mod engine_events;
pub(crate) mod frame;
pub(crate) mod input;
pub(crate) mod link;
pub(crate) mod log;
pub(crate) mod mark_range;
pub(crate) mod marks;
pub(crate) mod mouse;
pub(crate) mod names;
pub(crate) mod reload;
pub(crate) mod update;
pub(crate) mod workspace;

use crate::tui::ui::header;
use std::collections::HashMap;

use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::tui::Effect;
use crate::tui::console::Consoles;
use crate::tui::keys::custom::Keymap;
use crate::tui::notify::Notify;
use crate::tui::settings::Settings;
use crate::tui::theme::Theme;
use crate::tui::theme::names::{Surroundings, Themes};
use crate::tui::ui::filter::saved::Saved;
use crate::tui::ui::layout;
use crate::tui::ui::layout::Spot;
use crate::tui::views::ViewId;
use domain::{
    Failure, ImageIx, Limits, MemberIx, Moment, Operation, OperationId, Row, Scope, Share,
};
use engine::SessionId;

use crate::tui::app::log::Level;
use crate::tui::app::log::Log;
use crate::tui::app::names::Names;
use crate::tui::app::workspace::Workspace;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::clouds::state::Line;
use crate::tui::overlays::clouds::state::Target;
use crate::tui::speech::plain_mode::PlainMode;
use crate::tui::views::history::state::History;
use crate::tui::views::images::all_scopes::AllScopes;
use crate::tui::views::jobs::state::Jobs;

/// Which pane of the Images view the keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Focus {
    #[default]
    Images,
    Members,
}

/// How far the way into a cloud is.
#[derive(Clone, Debug)]
pub(crate) enum Phase {
    /// Nothing is known, not even which clouds there are.
    Starting,
    /// The configuration cannot be used.
    NoClouds(Failure),
    /// The user is to choose a cloud.
    Choosing,
    /// Logging in.
    Connecting(Target),
    /// The login failed.
    Refused(Target, Failure),
    /// Logged in.
    Open(Place),
}

/// An open scope.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) scope: Scope,
    pub(crate) limits: Limits,
}

/// How far the reading of a cloud is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) read: usize,
    pub(crate) of: usize,
}

/// Operations without a receipt, in one scope.
pub(crate) struct Running<'a>(Vec<&'a Operation>);

impl<'a> Running<'a> {
    /// These.
    pub(crate) fn new(operations: impl Iterator<Item = &'a Operation>) -> Self {
        Self(operations.collect())
    }

    /// Whether one of them names a share.
    pub(crate) fn names(&self, share: &Share) -> bool {
        self.0.iter().any(|operation| {
            operation.shares.binary_search_by(|record| record.share.cmp(share)).is_ok()
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Everything the screen shows.
#[derive(Debug)]
pub(crate) struct App {
    /// The time of the last message.
    pub(crate) now: Moment,
    pub(crate) size: Size,
    pub(crate) zone: TimeZone,
    /// The theme of what is shown: made of the next two, once a frame.
    pub(crate) theme: Theme,
    pub(crate) themes: Themes,
    pub(crate) around: Surroundings,
    pub(crate) keys: Keymap,
    pub(crate) notify: Notify,
    /// Where the pages of clouds show an image.
    pub(crate) consoles: Consoles,
    pub(crate) names: Names,
    /// The regions of the configured clouds.
    pub(crate) clouds: Vec<Line>,
    /// The scope that is shown.
    pub(crate) workspace: Workspace,
    /// Scopes that are open and not shown, the one left last at the end.
    pub(crate) background: Vec<Workspace>,
    /// The images of all open scopes are listed, not those of one.
    pub(crate) all_scopes: Option<AllScopes>,
    /// Counts the sessions that were opened.
    pub(crate) sessions: u32,
    /// Closed sessions and the names of their scopes, for messages that arrive late.
    pub(crate) closed: HashMap<SessionId, String>,
    pub(crate) view: ViewId,
    pub(crate) focus: Focus,
    /// The dialog over the view.
    pub(crate) overlay: Option<Box<dyn Overlay>>,
    pub(crate) jobs: Jobs,
    pub(crate) history: History,
    pub(crate) log: Log,
    /// What the last key made the program say while something lay over the toasts.
    pub(crate) remark: Option<(Level, String)>,
    /// Commands that were run from the palette, the latest last.
    pub(crate) commands: Vec<String>,
    pub(crate) plain_mode: PlainMode,
    /// Filters that were kept, whatever they filtered, the latest last.
    pub(crate) filters: Vec<String>,
    /// Filters with a name.
    pub(crate) saved: Saved,
    /// Counts plans asked for, so that an answer that comes too late is known.
    pub(crate) ticket: u32,
    /// What was clicked last and is chosen since, and when.
    pub(crate) clicked: Option<(Moment, Spot)>,
    /// Where the button of the mouse went down, while it is.
    pub(crate) pressed: Option<Spot>,
    /// What the window was called last.
    title: String,
}

impl App {
    /// The app of the first frame.
    pub(crate) fn new(
        now: Moment,
        size: Size,
        settings: Settings,
        around: Surroundings,
        zone: TimeZone,
    ) -> Self {
        let Settings { keys, themes, notify, consoles, filters, aliases, .. } = settings;
        Self {
            now,
            size,
            zone,
            theme: themes.theme(around, None),
            themes,
            around,
            keys,
            notify,
            consoles,
            names: Names::of_aliases(aliases),
            clouds: Vec::new(),
            workspace: Workspace::without_session(Phase::Starting),
            background: Vec::new(),
            all_scopes: None,
            sessions: 0,
            closed: HashMap::new(),
            view: ViewId::default(),
            focus: Focus::default(),
            overlay: None,
            jobs: Jobs::default(),
            history: History::default(),
            log: Log::default(),
            remark: None,
            commands: Vec::new(),
            plain_mode: PlainMode::default(),
            filters: Vec::new(),
            saved: Saved::of(filters),
            ticket: 0,
            clicked: None,
            pressed: None,
            title: String::new(),
        }
    }

    /// The open scope; `None` before the login.
    pub(crate) fn scope(&self) -> Option<&Scope> {
        self.workspace.scope()
    }

    /// The workspace of a session, to be changed.
    pub(crate) fn workspace_mut(&mut self, session: SessionId) -> Option<&mut Workspace> {
        self.every_workspace().find(|workspace| workspace.session == session)
    }

    /// Every workspace, first the one that is shown.
    pub(crate) fn workspaces(&self) -> impl Iterator<Item = &Workspace> {
        std::iter::once(&self.workspace).chain(&self.background)
    }

    /// The same, to be changed.
    pub(crate) fn every_workspace(&mut self) -> impl Iterator<Item = &mut Workspace> {
        std::iter::once(&mut self.workspace).chain(&mut self.background)
    }

    /// Brings everything derived up to date, before every frame, and asks the engine for what has come into view.
    pub(crate) fn settle_and_request(&mut self) -> Vec<Effect> {
        self.settle();
        let mut effects = self.prioritize_visible();
        effects.extend(self.request_history());
        effects
    }

    /// Sets the window title when it has changed.
    pub(crate) fn retitle(&mut self) -> Option<Effect> {
        let title = header::title(self);
        (title != self.title).then(|| {
            self.title.clone_from(&title);
            Effect::Title(title)
        })
    }

    /// Brings everything derived up to date, before a frame or a key that needs it, however many messages came in
    /// between.
    pub(crate) fn settle(&mut self) {
        self.theme = self.themes.theme(self.around, self.workspace.scope());
        let Some(areas) = layout::areas(self) else { return };
        // Those that are not shown as well, as far as what is shown depends on them.
        for (view, ..) in ViewId::ALL {
            view.view().settle(self, areas.main);
        }
        self.settle_overlay();
    }

    /// The image under the cursor.
    pub(crate) fn image(&self) -> Option<ImageIx> {
        self.workspace.images.list.current()
    }

    /// The share under the cursor of the members pane.
    pub(crate) fn row(&self) -> Option<(ImageIx, &Row)> {
        let ix = self.workspace.members_pane.of?;
        let at = *self
            .workspace
            .members_pane
            .list
            .rows
            .get(self.workspace.members_pane.list.cursor.at)?;
        Some((ix, self.workspace.inventory.rows(ix).get(at)?))
    }

    /// What a member is called, or its id; safe to show.
    pub(crate) fn member_label(&self, ix: MemberIx) -> String {
        let member = self.workspace.inventory.member(ix);
        let name = self.names.of(member).map(|name| name.name.to_string());
        name.unwrap_or_else(|| member.id.to_string())
    }

    /// Operations that have no receipt yet.
    pub(crate) fn open_operations(&self) -> Vec<OperationId> {
        self.jobs.open().map(|operation| operation.id.clone()).collect()
    }

    /// The sessions that are open in a scope, under whatever name.
    pub(crate) fn sessions_at(&self, place: &Scope) -> Vec<SessionId> {
        let there = |workspace: &&Workspace| {
            workspace.scope().is_some_and(|scope| scope.is_same_scope(place))
        };
        self.workspaces().filter(there).map(|workspace| workspace.session).collect()
    }

    /// An id that no session had.
    pub(crate) fn next_session(&mut self) -> SessionId {
        self.sessions += 1;
        SessionId(self.sessions)
    }

    /// The session of a target: open, being opened, or with a failed login.
    pub(crate) fn session_of(&self, target: &Target) -> Option<SessionId> {
        let of_target = |workspace: &&Workspace| {
            let place = workspace.place();
            workspace.is_of(target)
                || place.region.is_none()
                    && self.is_default_region(target)
                    && Target { region: None, ..target.clone() } == place
        };
        let mut workspaces =
            self.workspaces().filter(|workspace| workspace.is_alive() || workspace.is_refused());
        workspaces.find(of_target).map(|workspace| workspace.session)
    }

    /// Whether the login to a cloud failed in another region and no scope of it is open: it is the same login, and too
    /// many refused ones lock the user out.
    pub(crate) fn is_refused_elsewhere(&self, target: &Target) -> bool {
        let of_cloud =
            || self.workspaces().filter(|workspace| workspace.place().cloud == target.cloud);
        of_cloud().any(|workspace| workspace.is_refused() && workspace.target.project.is_none())
            && !of_cloud().any(|workspace| workspace.scope().is_some())
    }

    /// Whether a target names the region that its cloud has by default.
    fn is_default_region(&self, target: &Target) -> bool {
        let mut of_cloud = self.clouds.iter().filter(|line| line.target.cloud == target.cloud);
        of_cloud.next().is_some_and(|line| line.target.region == target.region)
    }

    /// Whether closing a scope loses marks or leaves operations running.
    pub(crate) fn is_at_work(&self, workspace: &Workspace) -> bool {
        !workspace.marks.is_empty()
            || !workspace.received.chosen.is_empty()
            || self.running_at(workspace).next().is_some()
    }

    /// The operations in a workspace's scope that have no receipt yet.
    pub(crate) fn running_at(&self, workspace: &Workspace) -> impl Iterator<Item = &Operation> {
        let here =
            |it: &&Operation| workspace.scope().is_some_and(|own| own.is_same_scope(&it.scope));
        self.jobs.open().filter(here)
    }

    /// The operations in a workspace's scope that have no receipt yet, to look shares up in.
    pub(crate) fn running_in(&self, workspace: &Workspace) -> Running<'_> {
        Running::new(self.running_at(workspace))
    }

    /// When the next tick is due, in milliseconds; `None` when nothing on the screen depends on time.
    pub(crate) fn next_tick(&self) -> Option<u64> {
        const SPINNER: u64 = 120;
        let spinning = self.workspaces().any(Workspace::is_busy)
            || self.jobs.open().next().is_some()
            || self.history.verifying.is_some()
            || self.overlay.as_ref().is_some_and(|dialog| dialog.is_busy());
        if spinning {
            return Some(SPINNER);
        }
        let covered = self.overlay.is_some();
        self.log.next_expiry(self.now).filter(|_| !covered)
    }

    /// The spinner of this moment.
    pub(crate) fn spinner(&self) -> &'static str {
        const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
        let at = self.now.0.div_euclid(120).rem_euclid(10);
        FRAMES[usize::try_from(at).unwrap_or_default()]
    }

    /// A moment as a clock on the wall shows it.
    pub(crate) fn clock(&self, moment: Moment) -> String {
        match jiff::Timestamp::from_millisecond(moment.0) {
            Ok(time) => time.to_zoned(self.zone.clone()).strftime("%H:%M").to_string(),
            Err(_) => "--:--".into(),
        }
    }
}
