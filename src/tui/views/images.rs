//! View 1: images, and the members of the one under the cursor.

pub(crate) mod act;
pub(crate) mod all_scopes;
pub(crate) mod describe;
pub(crate) mod disambiguation;
pub(crate) mod members_pane;
pub(crate) mod paint;
pub(crate) mod sort;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod welcome;
use std::ops::RangeInclusive;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};

use crate::tui::Effect;
use crate::tui::app::{App, Focus, marks};
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::{plan, share};
use crate::tui::speech::description::Description;
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::layout::{self, WIDE};
use crate::tui::ui::links::Place;
use crate::tui::views::{FocusedList, Spot, View};
use domain::{ImageId, Scope};

/// The Images view.
pub(crate) struct ImagesView;

/// The list of images, and the members of one beside or below it.
pub(crate) fn panes(main: Rect) -> [Rect; 2] {
    let panes = if main.width >= WIDE {
        Layout::horizontal([Constraint::Percentage(54), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Percentage(55), Constraint::Fill(1)])
    };
    panes.areas(main)
}

const PANES: [Focus; 2] = [Focus::Images, Focus::Members];

impl View for ImagesView {
    fn context(&self, app: &App) -> Context {
        match app.focus {
            _ if app.workspace.received.shown => Context::Received,
            Focus::Images => Context::Images,
            Focus::Members => Context::Members,
        }
    }

    fn unavailable(&self, app: &App, here: Context, action: Action) -> Option<String> {
        act::unavailable(app, here, action)
    }

    fn act(&self, app: &mut App, here: Context, action: Action) -> Vec<Effect> {
        match (here, action) {
            (_, Action::ShowReceived) => share::act::toggle_received(app),
            (Context::Received, action) => {
                share::act::act_on_received(app, action).unwrap_or_else(|| act::act(app, action))
            }
            (_, Action::Revoke) => plan::act::open(app),
            (_, Action::Share) => share::act::open(app),
            (_, Action::Mark | Action::MarkAll | Action::Invert | Action::ClearMarks) => {
                marks::act(app, here, action)
            }
            (_, action) => act::act(app, action),
        }
    }

    fn step(&self, app: &mut App, action: Action) {
        act::step(app, action);
    }

    fn refresh(&self, app: &mut App, here: Context) -> Vec<Effect> {
        let members = here == Context::Members && !app.workspace.needs_login();
        if members { act::reread(app) } else { app.log_in_or_read_again() }
    }

    fn settle(&self, app: &mut App, main: Rect) {
        let [images, members] = panes(main).map(|pane| usize::from(layout::rows(pane)));
        if app.lists_all_scopes() {
            app.settle_all_scopes(images);
        } else {
            app.workspace.settle_images(&app.names, images);
        }
        app.settle_members(members);
    }

    fn paint(&self, app: &App, main: Rect, buffer: &mut Buffer) {
        let [images, members] = panes(main);
        paint::paint(app, images, buffer);
        members_pane::paint(app, members, buffer);
    }

    fn describe<'a>(&self, app: &'a App) -> Description<'a> {
        describe::describe(app, self.context(app))
    }

    fn filter<'a>(&self, app: &'a App) -> Option<&'a FilterLine> {
        Some(&app.workspace.images.filter)
    }

    fn filter_mut<'a>(&self, app: &'a mut App) -> Option<&'a mut FilterLine> {
        Some(&mut app.workspace.images.filter)
    }

    fn focused_list(&self, app: &App, main: Rect) -> Option<FocusedList> {
        let [images, members] = panes(main);
        Some(match (app.focus, &app.all_scopes) {
            (Focus::Members, _) => {
                FocusedList::new(1, members, &app.workspace.members_pane.list.cursor)
            }
            (_, Some(all_scopes)) => FocusedList::new(0, images, &all_scopes.list.cursor),
            _ => FocusedList::new(0, images, &app.workspace.images.list.cursor),
        })
    }

    fn go(&self, app: &mut App, at: usize) {
        match (app.focus, &mut app.all_scopes) {
            (Focus::Members, _) => app.go_to_member(at),
            (_, Some(all_scopes)) => all_scopes.list.go(at),
            _ => {
                let images = &mut app.workspace.images;
                images.list.go(at);
            }
        }
    }

    fn has_free_corner(&self) -> bool {
        true
    }

    fn range(&self, app: &App) -> Option<RangeInclusive<usize>> {
        let (images, members) = (&app.workspace.images, &app.workspace.members_pane);
        match (app.focus, &app.all_scopes) {
            (Focus::Members, _) => members.list.range(),
            (_, Some(all_scopes)) => all_scopes.list.range(),
            _ => images.list.range(),
        }
    }

    fn begin_range(&self, app: &mut App) {
        let (images, members) = (&mut app.workspace.images, &mut app.workspace.members_pane);
        match (app.focus, &mut app.all_scopes) {
            (Focus::Members, _) => members.list.begin_range(),
            (_, Some(all_scopes)) => all_scopes.list.begin_range(),
            _ => images.list.begin_range(),
        }
    }

    fn end_range(&self, app: &mut App) -> bool {
        let all_scopes =
            app.all_scopes.as_mut().is_some_and(|all_scopes| all_scopes.list.cursor.end());
        let (images, members) = (&mut app.workspace.images, &mut app.workspace.members_pane);
        [all_scopes, images.list.cursor.end(), members.list.cursor.end()].contains(&true)
    }

    fn spot(&self, _app: &App, main: Rect, at: Position) -> Option<Spot> {
        layout::spot_in(&panes(main), at)
    }

    fn click(&self, app: &mut App, spot: Spot) {
        app.focus = PANES[spot.pane.min(1)];
        if let Some(row) = spot.row {
            act::choose(app, row);
        }
    }

    fn is_selected(&self, app: &App, spot: Spot) -> bool {
        let Some(row) = spot.row else { return false };
        match (PANES[spot.pane.min(1)], &app.all_scopes) {
            (Focus::Members, _) => app.workspace.members_pane.list.cursor.is_on_row(row),
            (_, Some(all_scopes)) => all_scopes.list.cursor.is_on_row(row),
            _ => app.workspace.images.list.cursor.is_on_row(row),
        }
    }

    fn wheel(&self, app: &mut App, spot: Spot, action: Action) {
        if matches!(action, Action::Up | Action::Down) {
            let before = std::mem::replace(&mut app.focus, PANES[spot.pane.min(1)]);
            act::step(app, action);
            app.focus = before;
        }
    }

    fn linked_image<'a>(&self, app: &'a App) -> Option<(&'a Scope, ImageId)> {
        Some((app.scope()?, app.workspace.inventory.image(app.image()?).id.clone()))
    }

    /// The image in the title of its members.
    fn links<'a>(&self, app: &'a App, main: Rect) -> Vec<Place<'a>> {
        let [_, pane] = panes(main);
        let titled = members_pane::titled(app, pane.width).zip(app.scope());
        let link = titled.map(|((ix, text), scope)| {
            let line = Rect { x: pane.x + 2, width: pane.width - 4, height: 1, ..pane };
            Place { line, text, scope, image: &app.workspace.inventory.image(ix).id }
        });
        link.into_iter().collect()
    }
}
