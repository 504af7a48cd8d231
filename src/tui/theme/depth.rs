//! Reduces colours to the nearest that the terminal has.

use ratatui::style::{Color, Style};

/// The number of colours a terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Depth {
    /// The colours every terminal has, which users may redefine.
    #[default]
    Sixteen,
    /// Also a cube of 6 × 6 × 6, and greys.
    Indexed,
    True,
}

impl Depth {
    /// Derived from `COLORTERM` and `TERM`.
    pub(crate) fn of(colorterm: Option<&str>, term: Option<&str>) -> Self {
        let term = term.unwrap_or_default();
        match colorterm {
            Some("truecolor" | "24bit") => Self::True,
            _ if term.ends_with("-direct") => Self::True,
            _ if term.contains("256color") => Self::Indexed,
            _ => Self::Sixteen,
        }
    }

    /// Reduces a style to the terminal's colours.
    pub(crate) fn style(self, style: Style) -> Style {
        let reduced = |color: Option<Color>| color.map(|color| self.color(color));
        Style { fg: reduced(style.fg), bg: reduced(style.bg), ..style }
    }

    fn color(self, color: Color) -> Color {
        match (self, color) {
            (Self::Indexed, Color::Rgb(r, g, b)) => {
                let cube = (16..=255).min_by_key(|n| distance(indexed(*n), (r, g, b)));
                cube.map_or(color, Color::Indexed)
            }
            (Self::Sixteen, Color::Rgb(r, g, b)) => sixteen((r, g, b)),
            (Self::Sixteen, Color::Indexed(n)) => sixteen(indexed(n)),
            _ => color,
        }
    }
}

type Rgb = (u8, u8, u8);

fn sixteen(wanted: Rgb) -> Color {
    let nearest = SIXTEEN.iter().min_by_key(|(_, rgb)| distance(*rgb, wanted));
    nearest.map_or(Color::Reset, |(color, _)| *color)
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    // The eye sees green best and blue least.
    3 * square(a.0, b.0) + 4 * square(a.1, b.1) + 2 * square(a.2, b.2)
}

/// xterm's colours by number: sixteen, the cube, greys.
fn indexed(n: u8) -> Rgb {
    let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match n {
        0..16 => SIXTEEN[usize::from(n)].1,
        16..232 => {
            let n = n - 16;
            (step(n / 36), step(n / 6 % 6), step(n % 6))
        }
        232.. => {
            let grey = 8 + 10 * (n - 232);
            (grey, grey, grey)
        }
    }
}

/// xterm's defaults; the user's own values are unknown.
const SIXTEEN: [(Color, Rgb); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (205, 0, 0)),
    (Color::Green, (0, 205, 0)),
    (Color::Yellow, (205, 205, 0)),
    (Color::Blue, (0, 0, 238)),
    (Color::Magenta, (205, 0, 205)),
    (Color::Cyan, (0, 205, 205)),
    (Color::Gray, (229, 229, 229)),
    (Color::DarkGray, (127, 127, 127)),
    (Color::LightRed, (255, 85, 85)),
    (Color::LightGreen, (85, 255, 85)),
    (Color::LightYellow, (255, 255, 85)),
    (Color::LightBlue, (92, 92, 255)),
    (Color::LightMagenta, (255, 85, 255)),
    (Color::LightCyan, (85, 255, 255)),
    (Color::White, (255, 255, 255)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surroundings_tell_how_many_colours_there_are() {
        assert_eq!(Depth::of(Some("truecolor"), Some("xterm-256color")), Depth::True);
        assert_eq!(Depth::of(None, Some("screen-256color")), Depth::Indexed);
        assert_eq!(Depth::of(None, Some("linux")), Depth::Sixteen);
        assert_eq!(Depth::of(None, None), Depth::Sixteen);
    }

    #[test]
    fn a_colour_becomes_the_nearest_the_terminal_has() {
        let color = |depth: Depth, color| depth.style(Style::new().fg(color)).fg;
        let pink = Color::Rgb(0xff, 0x55, 0x55);
        assert_eq!(color(Depth::True, pink), Some(pink));
        assert_eq!(color(Depth::Indexed, pink), Some(Color::Indexed(203)));
        assert_eq!(color(Depth::Sixteen, pink), Some(Color::LightRed));
        assert_eq!(color(Depth::Sixteen, Color::Indexed(231)), Some(Color::White));
        assert_eq!(color(Depth::Sixteen, Color::Cyan), Some(Color::Cyan));
    }
}
