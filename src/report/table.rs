//! Rows and columns, rendered as a table, CSV, JSON lines or Markdown. Hostile text and formulas are neutralized here.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::SerializeMap;
use unicode_width::UnicodeWidthStr;

use super::json;
use domain::Text;
use domain::text::clean;

/// The value of a row in a column; `None` where there is none.
pub type Cell = Option<Text>;

/// A column of rows `R`: its names, and how to get its cell from a row.
pub struct Column<R> {
    key: &'static str,
    title: &'static str,
    show: Show,
    cell: fn(&R) -> Cell,
}

/// A column by its name in CSV and JSON lines, its heading in a table, and its cells.
pub fn column<R>(
    key: &'static str,
    title: &'static str,
    show: Show,
    cell: fn(&R) -> Cell,
) -> Column<R> {
    Column { key, title, show, cell }
}

/// Whether tables and Markdown, which are for people, show a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Only CSV and JSON lines have it.
    Never,
    /// Even when all cells are empty.
    Always,
    /// Only when a row has a cell that is neither empty nor this word.
    Unless(&'static str),
}

/// Rows of one type that can be rendered in every format.
pub trait Table {
    /// What a row is made from.
    type Row;

    /// In their order in CSV.
    fn columns(&self) -> Vec<Column<Self::Row>>;

    /// Passes every row to `each`. A table and Markdown read the rows twice, the other formats once.
    fn rows(&self, each: &mut dyn FnMut(&Self::Row) -> io::Result<()>) -> io::Result<()>;

    /// What is above the table where it is read alone, like a receipt; not in CSV and JSON lines.
    fn head(&self) -> Option<Head<'_>> {
        None
    }

    /// Sentences below the table.
    fn legend(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What is above a table.
pub struct Head<'a> {
    /// Of the document.
    pub title: String,
    /// By name: who, where, when.
    pub facts: Vec<(&'static str, String)>,
    /// Tables that come first, with their titles.
    pub sections: Vec<(&'static str, &'a dyn Section)>,
    /// The title of the table itself.
    pub below: &'static str,
}

/// A table of any row above another one.
pub trait Section {
    /// See [`write_table`].
    fn write_table(&self, out: &mut dyn Write, width: Option<usize>) -> io::Result<()>;
    /// See [`write_markdown`].
    fn write_markdown(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl<T: Table> Section for T {
    fn write_table(&self, out: &mut dyn Write, width: Option<usize>) -> io::Result<()> {
        write_table(out, self, width)
    }

    fn write_markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        write_markdown(out, self)
    }
}

/// CSV with a header line. Cells are cleaned, and none begins like a formula.
pub fn write_csv(out: impl Write, table: &impl Table) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let columns = table.columns();
    csv.write_record(columns.iter().map(|column| column.key)).map_err(io_error)?;
    table.rows(&mut |row| {
        let cell = |column: &Column<_>| (column.cell)(row).as_ref().map(for_spreadsheet);
        csv.write_record(columns.iter().map(|column| cell(column).unwrap_or_default()))
            .map_err(io_error)
    })?;
    csv.flush()
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A spreadsheet takes a cell that begins like this for a formula, after blanks too.
fn for_spreadsheet(text: &Text) -> String {
    let shown = text.shown();
    let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if shown.trim_start().starts_with(formula) { format!("'{shown}") } else { shown.into_owned() }
}

/// One object per line, keys as in CSV, empty cells `null`. Text is unchanged and can be read back exactly.
pub fn write_jsonl(mut out: impl Write, table: &impl Table) -> io::Result<()> {
    let columns = table.columns();
    table.rows(&mut |row| json::write(&mut out, &Line { columns: &columns, row }))
}

struct Line<'a, R> {
    columns: &'a [Column<R>],
    row: &'a R,
}

impl<R> Serialize for Line<'_, R> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for column in self.columns {
            map.serialize_entry(column.key, &(column.cell)(self.row))?;
        }
        map.end()
    }
}

/// An aligned table, no wider than `width` where there is one.
pub fn write_table(
    out: &mut dyn Write,
    table: &impl Table,
    width: Option<usize>,
) -> io::Result<()> {
    if let Some(head) = table.head() {
        writeln!(out, "{}", clean(&head.title))?;
        let names = head.facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        for (name, fact) in &head.facts {
            writeln!(out, "  {name:names$}  {}", clean(fact))?;
        }
        for (title, section) in &head.sections {
            writeln!(out, "\n{title}")?;
            section.write_table(out, width)?;
        }
        writeln!(out, "\n{}", head.below)?;
    }
    let mut shown = shown_columns(table)?;
    match width {
        Some(width) => fit(&mut shown, width),
        None => shown.iter_mut().for_each(|(_, width)| *width = (*width).min(WIDEST)),
    }
    let cut = if width.is_some() { cut } else { whole };
    write_line(out, shown.iter().map(|(column, width)| (column.title.into(), *width)), cut)?;
    table.rows(&mut |row| {
        write_line(out, shown.iter().map(|(column, width)| (column.text(row), *width)), cut)
    })?;
    table.legend().iter().try_for_each(|sentence| writeln!(out, "{}", clean(sentence)))
}

impl<R> Column<R> {
    fn text(&self, row: &R) -> String {
        (self.cell)(row).map_or_else(|| "-".into(), |text| text.to_string())
    }
}

/// The columns that people see, each with the width of its widest cell.
fn shown_columns<T: Table>(table: &T) -> io::Result<Vec<(Column<T::Row>, usize)>> {
    let columns = table.columns().into_iter().filter(|column| column.show != Show::Never);
    let mut columns: Vec<_> =
        columns.map(|column| (column.show == Show::Always, column.title.width(), column)).collect();
    table.rows(&mut |row| {
        for (shows, width, column) in &mut columns {
            let cell = (column.cell)(row);
            *width = (*width).max(cell.as_ref().map_or(1, |text| text.shown().width()));
            let differs = |word| cell.is_some_and(|text| text.raw() != word);
            *shows |= matches!(column.show, Show::Unless(word) if differs(word));
        }
        Ok(())
    })?;
    let shown = columns.into_iter().filter(|(shows, ..)| *shows);
    Ok(shown.map(|(_, width, column)| (column, width)).collect())
}

const GAP: usize = 2;
const NARROWEST: usize = 6;
/// In a pipe a longer cell is written in full and moves the rest of its own line, not of all lines.
const WIDEST: usize = 64;

/// Narrows the widest column until the line fits, or every column is as narrow as can be read.
fn fit<R>(columns: &mut [(Column<R>, usize)], room: usize) {
    while columns.iter().map(|(_, width)| width + GAP).sum::<usize>() > room + GAP {
        match columns.iter_mut().map(|(_, width)| width).max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return,
        }
    }
}

fn write_line(
    out: &mut dyn Write,
    cells: impl Iterator<Item = (String, usize)>,
    cut: fn(&str, usize) -> Cow<'_, str>,
) -> io::Result<()> {
    let mut pending = 0;
    for (cell, width) in cells {
        let cell = cut(&cell, width);
        write!(out, "{:pending$}{cell}", "")?;
        pending = width.saturating_sub(cell.width()) + GAP;
    }
    writeln!(out)
}

fn whole(text: &str, _: usize) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// Truncates a text to `width`, with `…` at the end.
pub(crate) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if text[..next].width() >= width {
            break;
        }
        end = next;
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// A Markdown table of the columns that a table shows.
pub fn write_markdown(out: &mut dyn Write, table: &impl Table) -> io::Result<()> {
    if let Some(head) = table.head() {
        writeln!(out, "## {}\n", for_markdown(&clean(&head.title)))?;
        for (name, fact) in &head.facts {
            writeln!(out, "- {name}: {}", for_markdown(&clean(fact)))?;
        }
        for (title, section) in &head.sections {
            writeln!(out, "\n### {title}\n")?;
            section.write_markdown(out)?;
        }
        writeln!(out, "\n### {}\n", head.below)?;
    }
    let shown = shown_columns(table)?;
    let join = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    writeln!(out, "{}", join(shown.iter().map(|(column, _)| column.title.into()).collect()))?;
    writeln!(out, "{}", join(vec!["---".into(); shown.len()]))?;
    table.rows(&mut |row| {
        let cells = shown.iter().map(|(column, _)| for_markdown(&column.text(row)));
        writeln!(out, "{}", join(cells.collect()))
    })?;
    let mut legend = table.legend().into_iter();
    legend.try_for_each(|sentence| write!(out, "\n{}\n", for_markdown(&clean(&sentence))))
}

fn for_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '|' | '<' | '>' | '[' | ']' | '*' | '_' | '`' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fruit(Vec<[&'static str; 3]>);

    fn cell(text: &str) -> Cell {
        (!text.is_empty()).then(|| text.into())
    }

    impl Table for Fruit {
        type Row = [&'static str; 3];

        fn columns(&self) -> Vec<Column<Self::Row>> {
            vec![
                column("name", "NAME", Show::Always, |[name, _, _]| cell(name)),
                column("type", "TYPE", Show::Unless("plain"), |[_, kind, _]| cell(kind)),
                column("id", "ID", Show::Never, |[_, _, id]| cell(id)),
            ]
        }

        fn rows(&self, each: &mut dyn FnMut(&Self::Row) -> io::Result<()>) -> io::Result<()> {
            self.0.iter().try_for_each(each)
        }

        fn legend(&self) -> Vec<String> {
            vec!["all of it".into()]
        }
    }

    fn table(rows: Vec<[&'static str; 3]>, width: Option<usize>) -> String {
        let mut out = Vec::new();
        write_table(&mut out, &Fruit(rows), width).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_is_aligned_whatever_the_width_of_the_characters() {
        let text = table(vec![["镜像", "x", "1"], ["apple", "plain", "2"]], None);
        assert_eq!(text, "NAME   TYPE\n镜像   x\napple  plain\nall of it\n");
    }

    #[test]
    fn a_column_that_says_the_usual_everywhere_is_not_shown() {
        assert_eq!(table(vec![["a", "plain", ""], ["b", "", ""]], None), "NAME\na\nb\nall of it\n");
    }

    #[test]
    fn a_table_fits_a_terminal_and_is_not_cut_in_a_pipe() {
        let long = "a-name-that-is-much-too-long-for-this";

        let cut = table(vec![[long, "odd", ""]], Some(20));
        assert_eq!(cut.lines().nth(1).unwrap(), "a-name-that-i…  odd");
        assert!(cut.lines().all(|line| line.width() <= 20), "{cut}");
        assert!(table(vec![[long, "odd", ""]], None).contains(long));
    }

    #[test]
    fn one_very_long_cell_in_a_pipe_does_not_move_the_other_lines() {
        let long = "镜".repeat(100).leak();
        let text = table(vec![[long, "odd", ""], ["short", "odd", ""]], None);
        let lines: Vec<&str> = text.lines().collect();

        assert_eq!(lines[1], format!("{long}  odd"));
        assert_eq!(lines[2].width(), WIDEST + GAP + 3);
    }

    #[test]
    fn a_wide_character_is_not_cut_in_half() {
        assert_eq!(cut("镜像镜像", 6), "镜像…");
        assert_eq!(cut("镜像镜像", 5), "镜像…");
        assert_eq!(cut("镜像镜像", 4), "镜…");
    }

    #[test]
    fn a_table_too_narrow_for_anything_is_still_written() {
        assert!(table(vec![["abcdefghij", "klmnopqrst", ""]], Some(3)).contains("abcde…"));
    }

    #[test]
    fn csv_holds_no_formula_and_no_control_character() {
        let mut out = Vec::new();
        let rows = vec![
            ["=1+1", "+x", "@y"],
            ["\t=z", "-1", "a,\"b\""],
            ["\u{1b}[2J", "a\r\nb", "\u{202e}"],
        ];
        write_csv(&mut out, &Fruit(rows)).unwrap();

        assert_eq!(
            String::from_utf8(out).unwrap(),
            "name,type,id\n'=1+1,'+x,'@y\n' =z,'-1,\"a,\"\"b\"\"\"\n\u{fffd}[2J,a  b,\u{fffd}\n"
        );
    }

    #[test]
    fn json_lines_keep_everything() {
        let mut out = Vec::new();
        write_jsonl(&mut out, &Fruit(vec![["=\u{1b}", "", "1"]])).unwrap();

        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"name\":\"=\\u001b\",\"type\":null,\"id\":\"1\"}\n"
        );
    }

    #[test]
    fn markdown_cells_cannot_leave_their_cell() {
        let mut out = Vec::new();
        write_markdown(&mut out, &Fruit(vec![["a|b<c>", "odd", ""]])).unwrap();

        assert_eq!(
            String::from_utf8(out).unwrap(),
            "| NAME | TYPE |\n| --- | --- |\n| a\\|b\\<c\\> | odd |\n\nall of it\n"
        );
    }
}
