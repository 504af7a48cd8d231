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
use crate::tui::views::members::state::MembersFocus;
use crate::tui::views::{FocusedList, Spot, View};
use domain::{ImageId, Scope};

/// The Members view.
pub(crate) struct MembersView;

/// The panes of the Members view: the members, and the images of one beside or below them.
pub(crate) fn panes(main: Rect) -> [Rect; 2] {
    let panes = if main.width >= WIDE {
        Layout::horizontal([Constraint::Percentage(58), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Percentage(55), Constraint::Fill(1)])
    };
    panes.areas(main)
}

const PANES: [MembersFocus; 2] = [MembersFocus::Members, MembersFocus::Images];

impl View for MembersView {
    fn context(&self, app: &App) -> Context {
        match app.workspace.member_table.focus {
            MembersFocus::Members => Context::ByMember,
            MembersFocus::Images => Context::Reached,
        }
    }

    fn unavailable(&self, app: &App, here: Context, action: Action) -> Option<String> {
        let why = match (here, action) {
            (_, Action::Revoke) if app.workspace.marks.is_empty() => {
                return Some(app.nothing_marked());
            }
            (Context::ByMember, Action::Range | Action::Share)
                if app.workspace.member_table.list.rows.is_empty() =>
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
        app.settle_member_list(main);
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
        Some(&app.workspace.member_table.filter)
    }

    fn filter_mut<'a>(&self, app: &'a mut App) -> Option<&'a mut FilterLine> {
        Some(&mut app.workspace.member_table.filter)
    }

    fn focused_list(&self, app: &App, main: Rect) -> Option<FocusedList> {
        let ([members, images], member_table) = (panes(main), &app.workspace.member_table);
        Some(match member_table.focus {
            MembersFocus::Members => FocusedList::new(0, members, &member_table.list.cursor),
            MembersFocus::Images => FocusedList::new(1, images, &member_table.reached.list.cursor),
        })
    }

    fn go(&self, app: &mut App, at: usize) {
        let member_table = &mut app.workspace.member_table;
        match member_table.focus {
            MembersFocus::Members => member_table.list.go(at),
            MembersFocus::Images => member_table.reached.list.go(at),
        }
    }

    fn has_free_corner(&self) -> bool {
        true
    }

    fn range(&self, app: &App) -> Option<RangeInclusive<usize>> {
        let member_table = &app.workspace.member_table;
        match member_table.focus {
            MembersFocus::Members => member_table.list.range(),
            MembersFocus::Images => member_table.reached.list.range(),
        }
    }

    fn begin_range(&self, app: &mut App) {
        let member_table = &mut app.workspace.member_table;
        match member_table.focus {
            MembersFocus::Members => member_table.list.begin_range(),
            MembersFocus::Images => member_table.reached.list.begin_range(),
        }
    }

    fn end_range(&self, app: &mut App) -> bool {
        let member_table = &mut app.workspace.member_table;
        [member_table.list.cursor.end(), member_table.reached.list.cursor.end()].contains(&true)
    }

    fn spot(&self, _app: &App, main: Rect, at: Position) -> Option<Spot> {
        layout::spot_in(&panes(main), at)
    }

    fn click(&self, app: &mut App, spot: Spot) {
        act::choose(app, PANES[spot.pane.min(1)], spot.row);
    }

    fn is_selected(&self, app: &App, spot: Spot) -> bool {
        let Some(row) = spot.row else { return false };
        let member_table = &app.workspace.member_table;
        match PANES[spot.pane.min(1)] {
            MembersFocus::Members => member_table.list.cursor.is_on_row(row),
            MembersFocus::Images => member_table.reached.list.cursor.is_on_row(row),
        }
    }

    fn wheel(&self, app: &mut App, spot: Spot, action: Action) {
        let focus = PANES[spot.pane.min(1)];
        let before = std::mem::replace(&mut app.workspace.member_table.focus, focus);
        act::step(app, action);
        app.workspace.member_table.focus = before;
    }

    fn linked_image<'a>(&self, app: &'a App) -> Option<(&'a Scope, ImageId)> {
        Some((app.scope()?, app.workspace.inventory.image(app.reached()?).id.clone()))
    }
}
