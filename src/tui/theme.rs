//! The only file with colours. Every colour repeats what a sign or a word already says.

use ratatui::style::{Color, Modifier, Style};

/// Which colours the terminal can show well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// Light text on a dark background.
    #[default]
    Dark,
    /// Dark text on a light background.
    Light,
    /// No colours at all (`NO_COLOR`): bold, dim and reverse remain.
    Plain,
}

/// Styles by what they mean. Only the sixteen colours of the terminal are used, so the user's own scheme
/// applies; good and bad differ in hue for colour-blind eyes (blue and red, never green and red).
#[derive(Clone, Copy, Debug, Default)]
pub struct Theme {
    palette: Palette,
}

#[expect(clippy::unused_self, reason = "callers need not know which styles depend on the palette")]
impl Theme {
    /// A theme for a palette.
    pub fn new(palette: Palette) -> Self {
        Self { palette }
    }

    /// Chooses by `NO_COLOR` (any text but an empty one) and `COLORFGBG` (`0;15` on a light background).
    pub fn from_environment(no_color: Option<&str>, color_fg_bg: Option<&str>) -> Self {
        let background = color_fg_bg.and_then(|pair| pair.rsplit(';').next()?.parse::<u8>().ok());
        Self::new(match (no_color, background) {
            (Some(text), _) if !text.is_empty() => Palette::Plain,
            (_, Some(7 | 9..=15)) => Palette::Light,
            _ => Palette::Dark,
        })
    }

    fn ink(self, dark: Color, light: Color) -> Style {
        match self.palette {
            Palette::Dark => Style::new().fg(dark),
            Palette::Light => Style::new().fg(light),
            Palette::Plain => Style::new(),
        }
    }

    /// Ordinary text.
    pub(crate) fn text(self) -> Style {
        Style::new()
    }

    /// What matters less.
    pub(crate) fn dim(self) -> Style {
        self.ink(Color::DarkGray, Color::DarkGray).patch(match self.palette {
            Palette::Plain => Style::new().add_modifier(Modifier::DIM),
            _ => Style::new(),
        })
    }

    /// Headings, names of columns.
    pub(crate) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The program's name, the chosen tab, the frame with the focus.
    pub(crate) fn accent(self) -> Style {
        self.ink(Color::Cyan, Color::Blue).add_modifier(Modifier::BOLD)
    }

    /// Frames without the focus.
    pub(crate) fn border(self) -> Style {
        self.dim()
    }

    /// The row under the cursor, in the pane with the focus.
    pub(crate) fn cursor(self) -> Style {
        // One colour for the whole row: reversed dim text would be a row of blocks.
        let ink = if self.palette == Palette::Plain {
            Style::new()
        } else {
            Style::new().fg(Color::Reset)
        };
        ink.add_modifier(Modifier::REVERSED)
    }

    /// The row under the cursor of a pane without the focus.
    pub(crate) fn faded_cursor(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Marks.
    pub(crate) fn mark(self) -> Style {
        self.ink(Color::Magenta, Color::Magenta).add_modifier(Modifier::BOLD)
    }

    /// Done and verified.
    pub(crate) fn good(self) -> Style {
        self.ink(Color::LightBlue, Color::Blue)
    }

    /// Worth a second look.
    pub(crate) fn warn(self) -> Style {
        self.ink(Color::Yellow, Color::Magenta).add_modifier(Modifier::BOLD)
    }

    /// Failed, still shared, unknown.
    pub(crate) fn bad(self) -> Style {
        self.ink(Color::LightRed, Color::Red).add_modifier(Modifier::BOLD)
    }

    /// A key in a hint.
    pub(crate) fn key(self) -> Style {
        self.ink(Color::Cyan, Color::Blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_color_wins_over_everything_and_leaves_no_colour() {
        let theme = Theme::from_environment(Some("1"), Some("0;15"));
        for style in [theme.bad(), theme.dim(), theme.mark(), theme.accent(), theme.cursor()] {
            assert_eq!((style.fg, style.bg), (None, None));
        }
    }

    #[test]
    fn an_empty_no_color_means_nothing() {
        assert_eq!(Theme::from_environment(Some(""), None).palette, Palette::Dark);
        assert_eq!(Theme::from_environment(None, Some("0;15")).palette, Palette::Light);
    }
}
