//! Rows and columns, written as a table, CSV, JSON lines or Markdown: one row type for all of them.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::SerializeMap;
use unicode_width::UnicodeWidthStr;

use super::json;
use domain::Text;
use domain::text::clean;

/// What stands in one place of a sheet; `None` where there is nothing to say.
pub type Cell = Option<Text>;

/// A column of a sheet.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in CSV and JSON lines.
    pub key: &'static str,
    /// Its heading in a table.
    pub title: &'static str,
    /// Whether a table shows it.
    pub table: InTable,
}

/// Whether a table, which is for people, shows a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InTable {
    /// Never: programs get it.
    No,
    /// Always.
    Yes,
    /// Only when a row holds something that is neither nothing nor this word.
    Unless(&'static str),
}

/// Something that can be listed.
pub trait Sheet {
    /// The columns, the same for every row.
    fn columns(&self) -> &[Column];

    /// Hands every row to `each`, always the same rows in the same order; a table asks twice.
    fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()>;

    /// What stands above a table that is read alone, like a receipt; not in CSV and JSON lines.
    fn head(&self) -> Option<Head<'_>> {
        None
    }

    /// Sentences under a table.
    fn legend(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What stands above a table.
pub struct Head<'a> {
    /// What this is.
    pub title: String,
    /// By name: who, where, when.
    pub facts: Vec<(&'static str, String)>,
    /// Tables that come first, with their titles.
    pub sheets: Vec<(&'static str, &'a dyn Sheet)>,
    /// The title of the table itself.
    pub below: &'static str,
}

/// CSV with a header line. Cells are cleaned, and none begins like a formula.
pub fn write_csv(out: impl Write, sheet: &dyn Sheet) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(sheet.columns().iter().map(|column| column.key)).map_err(io_error)?;
    sheet.rows(&mut |cells| {
        let shown = |cell: &Cell| cell.as_ref().map(for_spreadsheet).unwrap_or_default();
        csv.write_record(cells.iter().map(shown)).map_err(io_error)
    })?;
    csv.flush()
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// A spreadsheet takes a cell that begins so for a formula, after blanks too.
fn for_spreadsheet(text: &Text) -> String {
    let shown = text.shown();
    let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if shown.trim_start().starts_with(formula) { format!("'{shown}") } else { shown.into_owned() }
}

/// An object a line, keys as in CSV, absent cells `null`. Nothing is changed, so this can be read back exactly.
pub fn write_jsonl(mut out: impl Write, sheet: &dyn Sheet) -> io::Result<()> {
    let columns = sheet.columns();
    sheet.rows(&mut |cells| json::write(&mut out, &Line { columns, cells }))
}

struct Line<'a> {
    columns: &'a [Column],
    cells: &'a [Cell],
}

impl Serialize for Line<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            map.serialize_entry(column.key, &cell.as_ref().map(Text::raw))?;
        }
        map.end()
    }
}

/// A table, aligned; no wider than `width` where there is one.
pub fn write_table(
    mut out: &mut dyn Write,
    sheet: &dyn Sheet,
    width: Option<usize>,
) -> io::Result<()> {
    if let Some(head) = sheet.head() {
        writeln!(out, "{}", clean(&head.title))?;
        let names = head.facts.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        for (name, fact) in &head.facts {
            writeln!(out, "  {name:names$}  {}", clean(fact))?;
        }
        for (title, sheet) in &head.sheets {
            writeln!(out, "\n{title}")?;
            write_table(out, *sheet, width)?;
        }
        writeln!(out, "\n{}", head.below)?;
    }
    let mut widths = column_widths(sheet)?;
    match width {
        Some(width) => fit(&mut widths, width),
        None => widths.iter_mut().for_each(|width| *width = (*width).min(WIDEST)),
    }
    let cut = if width.is_some() { cut } else { whole };
    let titles = sheet.columns().iter().map(|column| Cow::Borrowed(column.title));
    write_line(&mut out, titles, &widths, cut)?;
    sheet.rows(&mut |cells| write_line(&mut out, cells.iter().map(shown), &widths, cut))?;
    sheet.legend().iter().try_for_each(|sentence| writeln!(out, "{}", clean(sentence)))
}

/// The widest cell of each column; 0 for a column the table does not show.
fn column_widths(sheet: &dyn Sheet) -> io::Result<Vec<usize>> {
    let columns = sheet.columns();
    let mut widths: Vec<_> = columns.iter().map(|column| column.title.width()).collect();
    let mut wanted: Vec<_> = columns.iter().map(|column| column.table == InTable::Yes).collect();
    sheet.rows(&mut |cells| {
        for (at, cell) in cells.iter().enumerate() {
            widths[at] = widths[at].max(shown(cell).width());
            let says = |word| cell.as_ref().is_some_and(|text| text.raw() != word);
            wanted[at] |= matches!(columns[at].table, InTable::Unless(word) if says(word));
        }
        Ok(())
    })?;
    Ok(widths.into_iter().zip(wanted).map(|(width, show)| if show { width } else { 0 }).collect())
}

const GAP: usize = 2;
const NARROWEST: usize = 6;
/// In a pipe a longer cell is written in full and moves the rest of its own line, not of all lines.
const WIDEST: usize = 64;

/// Takes from the widest column until the line fits, or every column is as narrow as can be read.
fn fit(widths: &mut [usize], room: usize) {
    let line = |widths: &[usize]| widths.iter().filter(|w| **w > 0).map(|w| w + GAP).sum::<usize>();
    while line(widths) > room + GAP {
        match widths.iter_mut().max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return,
        }
    }
}

fn shown(cell: &Cell) -> Cow<'_, str> {
    cell.as_ref().map_or(Cow::Borrowed("-"), Text::shown)
}

fn write_line<'a>(
    out: &mut impl Write,
    cells: impl Iterator<Item = Cow<'a, str>>,
    widths: &[usize],
    cut: fn(&str, usize) -> Cow<'_, str>,
) -> io::Result<()> {
    let mut pending = 0;
    for (cell, &width) in cells.zip(widths).filter(|(_, width)| **width > 0) {
        let cell = cut(&cell, width);
        write!(out, "{:pending$}{cell}", "")?;
        pending = width.saturating_sub(cell.width()) + GAP;
    }
    writeln!(out)
}

fn whole(text: &str, _: usize) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// The beginning of a text, with `…` where something is missing.
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
pub fn write_markdown(mut out: &mut dyn Write, sheet: &dyn Sheet) -> io::Result<()> {
    if let Some(head) = sheet.head() {
        writeln!(out, "## {}\n", for_markdown(&clean(&head.title)))?;
        for (name, fact) in &head.facts {
            writeln!(out, "- {name}: {}", for_markdown(&clean(fact)))?;
        }
        for (title, sheet) in &head.sheets {
            writeln!(out, "\n### {title}\n")?;
            write_markdown(out, *sheet)?;
        }
        writeln!(out, "\n### {}\n", head.below)?;
    }
    let shows: Vec<bool> = column_widths(sheet)?.iter().map(|width| *width > 0).collect();
    let titles = sheet.columns().iter().map(|column| Cow::Borrowed(column.title));
    markdown_line(&mut out, titles, &shows)?;
    markdown_line(&mut out, shows.iter().map(|_| Cow::Borrowed("---")), &shows)?;
    sheet.rows(&mut |cells| {
        let escaped = cells.iter().map(|cell| Cow::Owned(for_markdown(&shown(cell))));
        markdown_line(&mut out, escaped, &shows)
    })?;
    sheet
        .legend()
        .iter()
        .try_for_each(|sentence| write!(out, "\n{}\n", for_markdown(&clean(sentence))))
}

fn markdown_line<'a>(
    out: &mut impl Write,
    cells: impl Iterator<Item = Cow<'a, str>>,
    shows: &[bool],
) -> io::Result<()> {
    let cells: Vec<_> = cells.zip(shows).filter(|(_, show)| **show).map(|(cell, _)| cell).collect();
    writeln!(out, "| {} |", cells.join(" | "))
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

    const COLUMNS: &[Column] = &[
        Column { key: "name", title: "NAME", table: InTable::Yes },
        Column { key: "type", title: "TYPE", table: InTable::Unless("plain") },
        Column { key: "id", title: "ID", table: InTable::No },
    ];

    impl Sheet for Fruit {
        fn columns(&self) -> &[Column] {
            COLUMNS
        }

        fn rows(&self, each: &mut dyn FnMut(&[Cell]) -> io::Result<()>) -> io::Result<()> {
            let cell = |text: &&str| (!text.is_empty()).then(|| Text::from(*text));
            self.0.iter().try_for_each(|row| each(&row.iter().map(cell).collect::<Vec<_>>()))
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
