//! Makes the pictures of the README: plays keys against the built program on its demo cloud and writes what the
//! terminal shows as SVG.
//!
//! ```console
//! $ cargo build --release && cargo run --example pictures -- target/release/sharelock assets
//! ```

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use vt100::{Cell, Color, Parser, Screen};

const COLS: u16 = 118;
const ROWS: u16 = 32;
const CELL: (f32, f32) = (8.4, 18.0);
const FOREGROUND: &str = "#d8dad7";
const BACKGROUND: &str = "#16181a";
const PATIENCE: Duration = Duration::from_secs(30);

/// What is typed (`#`: the number the plan asks for), what is waited for after it (`!`: until it is gone), and the
/// picture taken then.
const SCENES: &[(&str, &str, Option<&str>)] = &[
    ("", " read ", None),
    ("", "!First time", None),
    ("2", "┏ Members", Some("members")),
    ("3", "by likeness", Some("matrix")),
    ("1", "┏ Images", None),
    ("jjjj jjjjjj ", "marked on 2", None),
    ("R", "Type ", Some("plan")),
    ("#\r", "RUNNING", Some("images")),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(program), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: pictures PROGRAM FOLDER".into());
    };
    std::fs::create_dir_all(&folder)?;
    let mut terminal = Terminal::run(&program)?;
    for (keys, wanted, picture) in SCENES {
        terminal.keys(&keys.replace('#', &terminal.asked_for()))?;
        terminal.until(wanted)?;
        if let Some(name) = picture {
            let svg = terminal.screen(svg);
            std::fs::write(Path::new(&folder).join(format!("{name}.svg")), svg)?;
        }
    }
    Ok(())
}

struct Terminal {
    parser: Arc<Mutex<Parser>>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
}

impl Terminal {
    fn run(program: &str) -> Result<Self, Box<dyn Error>> {
        let size = PtySize { rows: ROWS, cols: COLS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(std::fs::canonicalize(program)?);
        command.args(["--demo", "--seed", "7"]);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        let child = pair.slave.spawn_command(command)?;
        let mut output = pair.master.try_clone_reader()?;
        let keyboard = pair.master.take_writer()?;
        let parser = Arc::new(Mutex::new(Parser::new(ROWS.try_into()?, COLS.try_into()?, 0)));
        let sink = parser.clone();
        std::thread::spawn(move || {
            let _master = pair.master;
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                if let Ok(mut parser) = sink.lock() {
                    parser.process(&bytes[..count]);
                }
            }
        });
        Ok(Self { parser, keyboard, child })
    }

    fn keys(&mut self, keys: &str) -> std::io::Result<()> {
        self.keyboard.write_all(keys.as_bytes())?;
        self.keyboard.flush()
    }

    /// The number after "Type ", if there is one.
    fn asked_for(&self) -> String {
        let screen = self.screen(Screen::contents);
        let rest = screen.split("Type ").nth(1).unwrap_or_default();
        rest.chars().take_while(char::is_ascii_digit).collect()
    }

    fn until(&self, text: &str) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        let is_there = |text| self.screen(Screen::contents).contains(text);
        while text.strip_prefix('!').map_or_else(|| !is_there(text), is_there) {
            if Instant::now() > deadline {
                return Err(format!("never saw {text:?}:\n{}", self.screen(Screen::contents)));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn screen<T>(&self, look: impl FnOnce(&Screen) -> T) -> T {
        let parser = self.parser.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        look(parser.screen())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn svg(screen: &Screen) -> String {
    let (width, height) = (f32::from(COLS) * CELL.0 + 24.0, f32::from(ROWS) * CELL.1 + 24.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..ROWS {
        let mut col = 0;
        while col < COLS {
            col = run(screen, row, col, &mut out);
        }
    }
    out + "</svg>\n"
}

/// Draws the cells from `col` on that look alike; returns the column after them.
fn run(screen: &Screen, row: u16, col: u16, out: &mut String) -> u16 {
    let Some(first) = screen.cell(row, col) else { return col + 1 };
    let look = Look::of(first);
    let alike = |col: &u16| screen.cell(row, *col).is_some_and(|cell| Look::of(cell) == look);
    let end = (col..COLS).find(|col| !alike(col)).unwrap_or(COLS);
    if look.background != BACKGROUND {
        let ((x, y), width, fill) = (place(row, col), wide(end - col), &look.background);
        let height = CELL.1;
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{fill}\"/>"
        );
    }
    let mut at = col;
    while at < end {
        at = word(screen, row, at..end, &look, out);
    }
    end
}

/// Draws the first word of some cells, at its own place: no font has to be as wide as the terminal's. Returns the
/// column after it.
fn word(screen: &Screen, row: u16, cells: Range<u16>, look: &Look, out: &mut String) -> u16 {
    let blank =
        |col: u16| screen.cell(row, col).is_none_or(|cell| cell.contents().trim().is_empty());
    let wide_rest = |col: u16| screen.cell(row, col).is_some_and(Cell::is_wide_continuation);
    let Some(start) = cells.clone().find(|col| !blank(*col)) else { return cells.end };
    let end = (start..cells.end).find(|col| blank(*col) && !wide_rest(*col)).unwrap_or(cells.end);
    let text: String =
        (start..end).filter_map(|col| Some(screen.cell(row, col)?.contents())).collect();
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let ((x, y), width) = (place(row, start), wide(end - start));
    let (baseline, fill) = (y + 13.5, &look.foreground);
    let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
    let opacity = if look.dim { " opacity=\"0.6\"" } else { "" };
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{baseline:.1}\" textLength=\"{width:.1}\" fill=\"{fill}\"{weight}{opacity}>{text}</text>"
    );
    end
}

fn place(row: u16, col: u16) -> (f32, f32) {
    (wide(col) + 12.0, f32::from(row) * CELL.1 + 12.0)
}

fn wide(cells: u16) -> f32 {
    f32::from(cells) * CELL.0
}

#[derive(PartialEq)]
struct Look {
    foreground: String,
    background: String,
    bold: bool,
    dim: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let foreground = hex(cell.fgcolor(), FOREGROUND);
        let background = hex(cell.bgcolor(), BACKGROUND);
        let (foreground, background) =
            if cell.inverse() { (background, foreground) } else { (foreground, background) };
        Self { foreground, background, bold: cell.bold(), dim: cell.dim() }
    }
}

fn hex(color: Color, default: &str) -> String {
    const ANSI: [&str; 16] = [
        "#1d1f21", "#cc6666", "#a3be8c", "#f0c674", "#81a2be", "#b294bb", "#8abeb7", "#c5c8c6",
        "#666b70", "#e27878", "#b5d69a", "#ffdf94", "#9cc0e0", "#cfaede", "#a5dbd3", "#f5f7f6",
    ];
    match color {
        Color::Default => default.into(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Idx(n @ 0..16) => ANSI[usize::from(n)].into(),
        Color::Idx(n @ 16..232) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = n - 16;
            format!("#{:02x}{:02x}{:02x}", step(n / 36), step(n / 6 % 6), step(n % 6))
        }
        Color::Idx(n) => {
            let grey = 8 + (n - 232) * 10;
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}
