//! The list of images.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};

use super::cells;
use super::table::{self, Cell, Column, Table, Under};
use crate::domain::{Image, ImageIx, MemberList, MemberStatus};
use crate::tui::keymap::Action;
use crate::tui::model::browse::Sort;
use crate::tui::model::{Focus, Model};

/// Paints the window of the list.
pub(crate) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) {
    let images = &model.desk.images;
    let focused = model.focus == Focus::Images;
    let inner = table::pane(buffer, area, &title(model), focused, model.theme);
    let columns = columns(model, area.width);
    let table = Table::new(buffer, inner, &columns, model.theme);
    let window = images.cursor.window(images.visible.len());
    for (at, ix) in images.visible[window.clone()].iter().enumerate() {
        let under = match window.start + at == images.cursor.at {
            false => Under::Not,
            true if focused => Under::Cursor,
            true => Under::FadedCursor,
        };
        table.row(buffer, at, &row(model, *ix, columns.len()), under);
    }
    table::thumb(buffer, area, &window, images.visible.len());
    if images.visible.is_empty() {
        table.say(buffer, &nothing(model), model.theme.text());
    }
}

fn title(model: &Model) -> String {
    let images = &model.desk.images;
    let (listed, all) = (images.visible.len(), images.all);
    let name = if model.desk.received.shown { "Received images" } else { "Images" };
    let parts = [
        Some(name.to_owned()),
        images.is_filtered().then(|| format!("{} of {}", cells::count(listed), cells::count(all))),
        model.desk.incomplete.then(|| "⚠ list incomplete".to_owned()),
        (!model.desk.unreadable.is_empty() && images.undecided == 0)
            .then(|| format!("! {} unreadable", cells::count(model.desk.unreadable.len()))),
        (images.undecided > 0)
            .then(|| format!("{} with members unknown", cells::count(images.undecided))),
        images.only_marked.then(|| "only marked".to_owned()),
        (!images.line.trim().is_empty())
            .then(|| format!("/{}", crate::domain::text::clean(&images.line))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ─ ")
}

fn columns(model: &Model, width: u16) -> Vec<Column> {
    let heading = |sort: Sort| {
        let images = &model.desk.images;
        // Names and ages begin with the least, counts with the most.
        let rising = matches!(sort, Sort::Name | Sort::Age) != images.reversed;
        let arrow = match images.sort == sort {
            false => "",
            true if rising => "▲",
            true => "▼",
        };
        format!("{}{arrow}", sort.word())
    };
    let mut columns = vec![
        Column::left("", Constraint::Length(1)),
        Column::left(&heading(Sort::Name), Constraint::Fill(1)),
    ];
    if model.desk.received.shown {
        columns.push(Column::left("answer", Constraint::Length(10)));
        columns.push(Column::left("from", Constraint::Length(14)));
    } else {
        columns.push(Column::right(&heading(Sort::Members), 8));
        columns.push(Column::right(&heading(Sort::Marked), 7));
    }
    columns.push(Column::right(&heading(Sort::Age), 4));
    let more = [("visibility", 10, 70), ("status", 11, 86), ("id", 9, 96), ("os", 8, 110)];
    columns.extend(
        more.iter()
            .filter(|(_, _, from)| width >= *from)
            .map(|(title, own, _)| Column::left(title, Constraint::Length(*own))),
    );
    columns
}

fn row(model: &Model, ix: ImageIx, columns: usize) -> Vec<Cell> {
    let (theme, image) = (model.theme, model.desk.inventory.image(ix));
    let [sign, first, second] =
        if model.desk.received.shown { received(model, ix) } else { own(model, ix) };
    let age = image.created_at.map(|created| created.age(model.now)).unwrap_or_default();
    let mut cells = vec![sign, (image.label(), theme.text()), first, second, (age, theme.dim())];
    cells.extend(more(image).into_iter().map(|text| (text, theme.dim())));
    cells.truncate(columns);
    cells
}

/// Sign, answer and owner of a received image.
fn received(model: &Model, ix: ImageIx) -> [Cell; 3] {
    let (theme, image) = (model.theme, model.desk.inventory.image(ix));
    let sign = if model.desk.received.chosen.contains(&image.id) { "●" } else { " " };
    let answer = match model.own_status(ix) {
        Some(MemberStatus::Pending) => ("pending".to_owned(), theme.warn()),
        Some(status) => (status.to_string(), theme.text()),
        None if matches!(model.desk.inventory.list(ix), MemberList::Read(_)) => {
            ("?".to_owned(), theme.warn())
        }
        None => members(model, ix),
    };
    let owner = image.owner.as_ref().map(|owner| {
        let name = model.names.get(owner.0.raw());
        name.map_or_else(|| owner.to_string(), |name| crate::domain::text::clean(name).into_owned())
    });
    [(sign.to_owned(), theme.mark()), answer, (owner.unwrap_or_default(), theme.dim())]
}

/// Sign, members and marks of an own image.
fn own(model: &Model, ix: ImageIx) -> [Cell; 3] {
    let (theme, image) = (model.theme, model.desk.inventory.image(ix));
    let marked = model.desk.marks.count_of(&image.id);
    let all = model.desk.inventory.rows(ix).len();
    let sign = match marked {
        0 => " ",
        some if some >= all => "●",
        _ => "◐",
    };
    let marks = if marked == 0 { String::new() } else { cells::count(marked) };
    [(sign.to_owned(), theme.mark()), members(model, ix), (marks, theme.mark())]
}

fn more(image: &Image) -> [String; 4] {
    let text =
        |text: Option<&crate::domain::Text>| text.map(ToString::to_string).unwrap_or_default();
    [
        image.visibility.to_string(),
        text(image.status.as_ref()),
        image.id.to_string(),
        text(image.os.as_ref()),
    ]
}

/// How many members, or why that is not known. `12/24` where the filter lets through a part.
fn members(model: &Model, ix: ImageIx) -> Cell {
    let theme = model.theme;
    match model.desk.inventory.list(ix) {
        MemberList::Unread if model.desk.reading.is_some() => ("⟳ ?".into(), theme.dim()),
        MemberList::Unread => ("?".into(), theme.warn()),
        MemberList::DoNotApply => ("–".into(), theme.dim()),
        MemberList::Failed(_) => ("!".into(), theme.bad()),
        MemberList::Read(rows) if model.desk.images.shares.is_open() => {
            (cells::count(rows.len()), if rows.is_empty() { theme.dim() } else { theme.text() })
        }
        MemberList::Read(rows) => {
            let shares = &model.desk.images.shares;
            let passing =
                rows.iter().filter(|row| shares.passes(&model.desk.inventory, row)).count();
            (format!("{passing}/{}", rows.len()), theme.text())
        }
    }
}

fn nothing(model: &Model) -> String {
    let key = |action| model.keys.spoken(action);
    if model.desk.images.is_filtered() && model.desk.images.all > 0 {
        return format!("No image passes the filter. {} takes it away.", key(Action::Back));
    }
    let again = key(Action::Refresh);
    match model.desk.reading {
        Some(_) => format!("{} Reading the images…", model.spinner()),
        None if model.desk.received.shown => {
            let own = key(Action::ShowReceived);
            format!(
                "Nobody shares an image with this project. {own} lists its own; {again} reads again."
            )
        }
        None => format!("There are no images here that this project owns. {again} reads again."),
    }
}
