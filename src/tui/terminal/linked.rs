//! Links on the screen (OSC 8): the linked cells of a frame are written once more, between the start and the end of
//! a link. A former link is written once more without one, because the frame alone changes only cells whose
//! text or style differs.

use std::io;
use std::io::Write;

use ratatui::backend::Backend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;

use crate::tui::terminal::sequences;
use crate::tui::ui::links::Link;

/// The links last written.
#[derive(Debug, Default)]
pub(crate) struct Linked(Vec<Link>);

impl Linked {
    /// Cells that are links on the screen and will not be, as they look in the frame.
    pub(crate) fn lost(&self, links: &[Link], buffer: &Buffer) -> Vec<(Position, Cell)> {
        let gone = self.0.iter().filter(|link| !links.contains(link));
        let places = gone.flat_map(|link| link.cells.iter().map(|(at, _)| *at));
        places.filter_map(|at| Some((at, buffer.cell(at)?.clone()))).collect()
    }

    /// Writes the links of the frame on the screen if they differ from those of the frame before, and leaves the cursor
    /// at the text input. Backend and sequences share one output.
    pub(crate) fn write<B: Backend<Error = io::Error>>(
        &mut self,
        links: Vec<Link>,
        lost: &[(Position, Cell)],
        cells: &mut B,
        out: &mut impl Write,
        typing: Option<Position>,
    ) -> io::Result<()> {
        if self.0 == links {
            return Ok(());
        }
        draw(cells, lost)?;
        for link in &links {
            out.write_all(sequences::link(&link.to).as_bytes())?;
            draw(cells, &link.cells)?;
            out.write_all(sequences::link("").as_bytes())?;
        }
        out.flush()?;
        self.0 = links;
        typing.map_or(Ok(()), |at| cells.set_cursor_position(at))
    }
}

fn draw<B: Backend<Error = io::Error>>(
    backend: &mut B,
    cells: &[(Position, Cell)],
) -> io::Result<()> {
    if cells.is_empty() {
        return Ok(());
    }
    backend.draw(cells.iter().map(|(at, cell)| (at.x, at.y, cell)))?;
    backend.flush()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use ratatui::backend::CrosstermBackend;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Rc<RefCell<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn buffer(text: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
        buffer.set_string(0, 0, text, Style::new());
        buffer
    }

    fn link(buffer: &Buffer, to: &str) -> Link {
        let at = |x| Position::new(x, 0);
        let cells = (2..4).map(|x| (at(x), buffer[at(x)].clone())).collect();
        Link { to: to.into(), cells }
    }

    /// The output for a frame.
    fn written(linked: &mut Linked, links: Vec<Link>, buffer: &Buffer) -> String {
        let mut paper = Paper::default();
        let lost = linked.lost(&links, buffer);
        let mut backend = CrosstermBackend::new(paper.clone());
        linked.write(links, &lost, &mut backend, &mut paper, None).unwrap();
        let bytes = paper.0.borrow().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_link_is_written_once_around_its_cells_and_taken_away_when_it_is_none_any_more() {
        let (mut linked, frame) = (Linked::default(), buffer("a bc d"));
        let first = written(&mut linked, vec![link(&frame, "https://x/1")], &frame);
        let begin = "\x1b]8;;https://x/1\x1b\\";
        let end = "\x1b]8;;\x1b\\";
        assert!(first.starts_with(begin) && first.ends_with(end), "{first:?}");
        assert!(first.contains("\x1b[1;3H") && first.contains("bc"), "{first:?}");
        assert_eq!(written(&mut linked, vec![link(&frame, "https://x/1")], &frame), "");

        let other = written(&mut linked, vec![link(&frame, "https://x/2")], &frame);
        assert_eq!(other.matches("bc").count(), 2, "plain, then as the other link: {other:?}");
        let gone = written(&mut linked, vec![], &frame);
        assert!(gone.contains("bc") && !gone.contains("\x1b]8"), "{gone:?}");
    }
}
