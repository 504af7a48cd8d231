//! View 2: members, and the images each one has access to.

pub(crate) mod act;
pub(crate) mod describe;
pub(crate) mod images_pane;
pub(crate) mod marks;
pub(crate) mod paint;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod tests;
use std::ops::RangeInclusive;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::keys::{Action, Context};
use crate::tui::overlays::share;
use crate::tui::speech::description::Description;
use crate::tui::ui::filter_line::FilterLine;
use crate::tui::ui::layout::{self, WIDE};
use crate::tui::views::members::state::ByMemberFocus;
use crate::tui::views::{FocusedList, Spot, View};
use domain::{ImageId, Scope};

/// View 2.
pub(crate) struct MembersView;

/// The panes of the Members view: the members, and beside them or below them the images that one of them reaches.
pub(crate) fn panes(main: Rect) -> [Rect; 2] {
    let panes = if main.width >= WIDE {
        Layout::horizontal([Constraint::Percentage(58), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Percentage(55), Constraint::Fill(1)])
    };
    panes.areas(main)
}

const PANES: [ByMemberFocus; 2] = [ByMemberFocus::Members, ByMemberFocus::Images];

impl View for MembersView {
    fn context(&self, app: &App) -> Context {
        match app.workspace.by_member.focus {
            ByMemberFocus::Members => Context::ByMember,
            ByMemberFocus::Images => Context::Reached,
        }
    }

    fn unavailable(&self, app: &App, here: Context, action: Action) -> Option<String> {
        let why = match (here, action) {
            (_, Action::Revoke) if app.workspace.marks.is_empty() => {
                return Some(app.nothing_marked());
            }
            (Context::ByMember, Action::Range | Action::Share)
                if app.workspace.by_member.list.rows.is_empty() =>
            {
                "No member is listed here."
            }
            (Context::Reached, Action::Range | Action::Share) if app.reached().is_none() => {
                "There is no image in this list."
            }
            _ => return None,
        };
        Some(why.to_owned())
    }

    fn act(&self, app: &mut App, here: Context, action: Action) -> Vec<Effect> {
        match (here, action) {
            (Context::ByMember, Action::Share) => share::act::open_member(app),
            (Context::Reached, Action::Share) => share::act::open_reached(app),
            (_, action) => act::act(app, action),
        }
    }

    fn step(&self, app: &mut App, action: Action) {
        act::step(app, action);
    }

    fn refresh(&self, app: &mut App, here: Context) -> Vec<Effect> {
        let images = here == Context::Reached && !app.workspace.needs_login();
        if images { act::reread(app) } else { app.log_in_or_read_again() }
    }

    fn settle(&self, app: &mut App, main: Rect) {
        app.settle_by_member(main);
    }

    fn paint(&self, app: &App, main: Rect, buffer: &mut Buffer) {
        let [members, images] = panes(main);
        paint::paint(app, members, buffer);
        images_pane::paint(app, images, buffer);
    }

    fn describe<'a>(&self, app: &'a App) -> Description<'a> {
        describe::describe(app, self.context(app))
    }

    fn filter<'a>(&self, app: &'a App) -> Option<&'a FilterLine> {
        Some(&app.workspace.by_member.filter)
    }

    fn filter_mut<'a>(&self, app: &'a mut App) -> Option<&'a mut FilterLine> {
        Some(&mut app.workspace.by_member.filter)
    }

    fn focused_list(&self, app: &App, main: Rect) -> Option<FocusedList> {
        let ([members, images], by_member) = (panes(main), &app.workspace.by_member);
        Some(match by_member.focus {
            ByMemberFocus::Members => FocusedList::new(0, members, &by_member.list.cursor),
            ByMemberFocus::Images => FocusedList::new(1, images, &by_member.reached.list.cursor),
        })
    }

    fn go(&self, app: &mut App, at: usize) {
        let by_member = &mut app.workspace.by_member;
        match by_member.focus {
            ByMemberFocus::Members => by_member.list.go(at),
            ByMemberFocus::Images => by_member.reached.list.go(at),
        }
    }

    fn has_free_corner(&self) -> bool {
        true
    }

    fn range(&self, app: &App) -> Option<RangeInclusive<usize>> {
        let by_member = &app.workspace.by_member;
        match by_member.focus {
            ByMemberFocus::Members => by_member.list.range(),
            ByMemberFocus::Images => by_member.reached.list.range(),
        }
    }

    fn begin_range(&self, app: &mut App) {
        let by_member = &mut app.workspace.by_member;
        match by_member.focus {
            ByMemberFocus::Members => by_member.list.begin_range(),
            ByMemberFocus::Images => by_member.reached.list.begin_range(),
        }
    }

    fn end_range(&self, app: &mut App) -> bool {
        let by_member = &mut app.workspace.by_member;
        [by_member.list.cursor.end(), by_member.reached.list.cursor.end()].contains(&true)
    }

    fn spot(&self, _app: &App, main: Rect, at: Position) -> Option<Spot> {
        layout::spot_in(&panes(main), at)
    }

    fn click(&self, app: &mut App, spot: Spot) {
        act::choose(app, PANES[spot.pane.min(1)], spot.row);
    }

    fn is_chosen(&self, app: &App, spot: Spot) -> bool {
        let Some(row) = spot.row else { return false };
        let by_member = &app.workspace.by_member;
        match PANES[spot.pane.min(1)] {
            ByMemberFocus::Members => by_member.list.cursor.is_on_row(row),
            ByMemberFocus::Images => by_member.reached.list.cursor.is_on_row(row),
        }
    }

    fn wheel(&self, app: &mut App, spot: Spot, action: Action) {
        let focus = PANES[spot.pane.min(1)];
        let before = std::mem::replace(&mut app.workspace.by_member.focus, focus);
        act::step(app, action);
        app.workspace.by_member.focus = before;
    }

    fn linked_image<'a>(&self, app: &'a App) -> Option<(&'a Scope, ImageId)> {
        Some((app.scope()?, app.workspace.inventory.image(app.reached()?).id.clone()))
    }
}
