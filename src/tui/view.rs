//! Paints the model. Reads, never writes; one file per pane and dialog.

pub(crate) mod by_member;
pub(crate) mod cells;
mod code;
mod export;
mod footer;
pub(crate) mod header;
mod help;
pub(crate) mod history;
pub(crate) mod images;
pub(crate) mod jobs;
mod jobs_pane;
mod links;
pub(crate) mod matrix;
pub(crate) mod members;
pub(crate) mod pages;
mod palette;
pub(crate) mod picker;
pub(crate) mod plan;
pub(crate) mod reached;
mod receipt;
mod request;
mod sharing;
mod table;
mod toasts;
pub(crate) mod waiting;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Position, Rect, Size};

pub(crate) use by_member::label as member_label;
pub(crate) use header::{name as scope_name, title};
pub(crate) use links::{Link, links};
pub(crate) use plan::list_size as plan_list_size;
pub(crate) use receipt::lines as receipt_lines;

use super::layout::{self, Areas, SMALLEST};
use super::model::{Model, Overlay, Phase, View};

/// One frame. The cursor of the terminal is where text is typed, and nowhere else; the answer is where that is.
pub(crate) fn view(model: &Model, frame: &mut Frame) -> Option<Position> {
    let typing = paint(model, frame.area(), frame.buffer_mut());
    if let Some(typing) = typing {
        frame.set_cursor_position(typing);
    }
    typing
}

fn paint(model: &Model, whole: Rect, buffer: &mut Buffer) -> Option<Position> {
    let same = whole.as_size() == model.size;
    let Some(areas) = layout::areas(model).filter(|_| same) else {
        too_small(model, whole, buffer);
        return None;
    };
    header::paint(model, areas.header, areas.tabs, buffer);
    main(model, &areas, buffer);
    if !areas.jobs.is_empty() {
        jobs_pane::paint(model, areas.jobs, buffer);
    }
    let typing = footer::paint(model, areas.footer, buffer);
    match model.overlay {
        Overlay::None => toasts::paint(model, &areas, buffer),
        _ => return overlay(model, buffer),
    }
    typing
}

fn main(model: &Model, areas: &Areas, buffer: &mut Buffer) {
    match (&model.workspace.phase, model.view) {
        (_, View::Jobs) => jobs::paint(model, areas.main, buffer),
        (_, View::History) => history::paint(model, areas.main, buffer),
        (Phase::Open(_), View::Images) => {
            images::paint(model, areas.images, buffer);
            members::paint(model, areas.members, buffer);
        }
        (Phase::Open(_), View::Members) => {
            let [list, pane] = layout::by_member(areas.main);
            by_member::paint(model, list, buffer);
            reached::paint(model, pane, buffer);
        }
        (Phase::Open(_), View::Matrix) => matrix::paint(model, areas.main, buffer),
        (_, View::Images | View::Members | View::Matrix) => {
            waiting::paint(model, areas.main, buffer);
        }
    }
}

fn overlay(model: &Model, buffer: &mut Buffer) -> Option<Position> {
    let area = layout::overlay(model);
    match &model.overlay {
        Overlay::None => {}
        Overlay::Planning { kind, shares, .. } => {
            plan::planning(model, *kind, *shares, area, buffer);
        }
        Overlay::Plan(dialog) => return Some(plan::paint(model, dialog, area, buffer)),
        Overlay::Share(dialog) => return Some(sharing::paint(model, dialog, area, buffer)),
        Overlay::Export(dialog) => return Some(export::paint(model, dialog, area, buffer)),
        Overlay::Picker(picker) => picker::paint(model, picker, area, buffer),
        Overlay::Code(dialog) => return Some(code::paint(model, dialog, area, buffer)),
        Overlay::Close(session) => pages::close(model, *session, area, buffer),
        Overlay::Quit => pages::quit(model, area, buffer),
        Overlay::Palette(palette) => return Some(palette::paint(model, palette, area, buffer)),
        Overlay::Help(page) => {
            pages::paint(model, page.scroll, area, buffer);
            return help::cursor(page, area);
        }
        Overlay::Log { scroll } | Overlay::Request { scroll, .. } => {
            pages::paint(model, *scroll, area, buffer);
        }
    }
    None
}

fn too_small(model: &Model, whole: Rect, buffer: &mut Buffer) {
    let Size { width, height } = SMALLEST;
    let text = format!(
        "sharelock needs {width} columns and {height} rows; this terminal has {} by {}. Make it larger, or q to quit.",
        whole.width, whole.height
    );
    let lines = cells::wrap(&text, usize::from(whole.width));
    for (line, y) in lines.iter().zip(whole.top()..whole.bottom()) {
        let row = Rect { y, height: 1, ..whole };
        cells::put(buffer, row, line, model.theme.text(), Alignment::Left);
    }
}
