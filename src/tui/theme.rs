//! The only place with colours. Every colour repeats what a sign or a word already says.
//!
//! ```text
//! theme      styles by what they mean
//!   names      the themes there are, and which of them holds: settings, surroundings, cloud
//!   written    styles as config.toml writes them
//!   depth      what a terminal with fewer colours shows instead
//! ```

pub(crate) mod depth;
pub(crate) mod names;
pub(crate) mod written;

use ratatui::style::{Color, Modifier, Style};

/// What is styled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Text,
    Dim,
    Title,
    Accent,
    Border,
    Cursor,
    FadedCursor,
    Mark,
    Good,
    Warn,
    Bad,
    Key,
}

impl Role {
    /// All roles, with their names in `[theme]`.
    pub(crate) const ALL: [(Self, &'static str); 12] = [
        (Self::Text, "text"),
        (Self::Dim, "dim"),
        (Self::Title, "title"),
        (Self::Accent, "accent"),
        (Self::Border, "border"),
        (Self::Cursor, "cursor"),
        (Self::FadedCursor, "faded-cursor"),
        (Self::Mark, "mark"),
        (Self::Good, "good"),
        (Self::Warn, "warn"),
        (Self::Bad, "bad"),
        (Self::Key, "key"),
    ];
}

/// A style for each role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Theme {
    styles: [Style; Role::ALL.len()],
}

impl Theme {
    /// No colours at all: bold, dim and reverse remain.
    fn plain() -> Self {
        let mut theme = Self::default();
        theme.set(Role::Dim, Style::new().add_modifier(Modifier::DIM));
        theme.set(Role::Border, Style::new().add_modifier(Modifier::DIM));
        theme.set(Role::Cursor, Style::new().add_modifier(Modifier::REVERSED));
        for role in
            [Role::Title, Role::Accent, Role::FadedCursor, Role::Mark, Role::Warn, Role::Bad]
        {
            theme.set(role, Style::new().add_modifier(Modifier::BOLD));
        }
        theme
    }

    /// Adds these colours to the plain theme; bold stays bold.
    fn inked(inks: &Inks) -> Self {
        let mut theme = Self::plain();
        for role in [Role::Dim, Role::Border] {
            theme.set(role, Style::new().fg(inks.dim));
        }
        // One colour for the whole row: reversed dim text would be a row of blocks.
        theme.set(Role::Cursor, Style::new().fg(Color::Reset).add_modifier(Modifier::REVERSED));
        let inked = [
            (Role::Accent, inks.accent),
            (Role::Key, inks.accent),
            (Role::Mark, inks.mark),
            (Role::Good, inks.good),
            (Role::Warn, inks.warn),
            (Role::Bad, inks.bad),
        ];
        for (role, ink) in inked {
            let style = theme.style(role).fg(ink);
            theme.set(role, style);
        }
        theme
    }

    fn set(&mut self, role: Role, style: Style) {
        self.styles[role as usize] = style;
    }

    fn style(self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// Ordinary text.
    pub(crate) fn text(self) -> Style {
        self.style(Role::Text)
    }

    /// Less important text.
    pub(crate) fn dim(self) -> Style {
        self.style(Role::Dim)
    }

    /// Headings and column names.
    pub(crate) fn title(self) -> Style {
        self.style(Role::Title)
    }

    /// The program's name, the selected tab, the border of the focused pane. On a protected cloud a warning, unless it
    /// has an accent of its own.
    pub(crate) fn accent(self) -> Style {
        self.style(Role::Accent)
    }

    /// Borders of panes without the focus.
    pub(crate) fn border(self) -> Style {
        self.style(Role::Border)
    }

    /// The row under the cursor in the focused pane.
    pub(crate) fn cursor(self) -> Style {
        self.style(Role::Cursor)
    }

    /// The row under the cursor in a pane without the focus.
    pub(crate) fn faded_cursor(self) -> Style {
        self.style(Role::FadedCursor)
    }

    /// Marks.
    pub(crate) fn mark(self) -> Style {
        self.style(Role::Mark)
    }

    /// Done and verified.
    pub(crate) fn good(self) -> Style {
        self.style(Role::Good)
    }

    /// Worth a second look.
    pub(crate) fn warn(self) -> Style {
        self.style(Role::Warn)
    }

    /// Failed, still shared, unknown.
    pub(crate) fn bad(self) -> Style {
        self.style(Role::Bad)
    }

    /// A key in a hint.
    pub(crate) fn key(self) -> Style {
        self.style(Role::Key)
    }
}

/// The colours of a theme.
struct Inks {
    dim: Color,
    accent: Color,
    mark: Color,
    good: Color,
    warn: Color,
    bad: Color,
}

/// Light text on dark, in the terminal's sixteen colours, so that the user's own scheme applies. Good and bad differ
/// in hue for colour-blind eyes too: blue and red, never green and red.
const DARK: Inks = Inks {
    dim: Color::DarkGray,
    accent: Color::Cyan,
    mark: Color::Magenta,
    good: Color::LightBlue,
    warn: Color::Yellow,
    bad: Color::LightRed,
};

/// Dark text on light, in the sixteen colours too. Yellow would be unreadable.
const LIGHT: Inks = Inks {
    dim: Color::DarkGray,
    accent: Color::Blue,
    mark: Color::Magenta,
    good: Color::Blue,
    warn: Color::Magenta,
    bad: Color::Red,
};

/// Hues that stay apart without one kind of cones, after Okabe and Ito ("Color Universal Design", 2002): fixed colours,
/// whatever the terminal's own red and blue are.
const COLOUR_BLIND_DARK: Inks = Inks {
    dim: Color::Rgb(150, 150, 150),
    accent: Color::Rgb(86, 180, 233),
    mark: Color::Rgb(204, 121, 167),
    good: Color::Rgb(86, 180, 233),
    warn: Color::Rgb(240, 228, 66),
    bad: Color::Rgb(230, 110, 20),
};

/// The same hues, dark enough for a light background.
const COLOUR_BLIND_LIGHT: Inks = Inks {
    dim: Color::Rgb(100, 100, 100),
    accent: Color::Rgb(0, 104, 163),
    mark: Color::Rgb(150, 62, 112),
    good: Color::Rgb(0, 104, 163),
    warn: Color::Rgb(122, 92, 0),
    bad: Color::Rgb(178, 70, 0),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as defined by WCAG 2.
    fn luminance(color: Color) -> f64 {
        let Color::Rgb(r, g, b) = color else { panic!("{color:?}") };
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    #[test]
    fn fixed_colours_can_be_read_on_their_background() {
        for (inks, background) in [(COLOUR_BLIND_DARK, 0.0), (COLOUR_BLIND_LIGHT, 1.0)] {
            for ink in [inks.dim, inks.accent, inks.mark, inks.good, inks.warn, inks.bad] {
                let (a, b) = (luminance(ink), background);
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{ink:?}: {contrast}");
            }
        }
    }

    /// xterm's default values for the named colours that themes use; other terminals are close to them.
    fn usual(color: Color) -> Color {
        match color {
            Color::DarkGray => Color::Rgb(127, 127, 127),
            Color::Red => Color::Rgb(205, 0, 0),
            Color::LightRed => Color::Rgb(255, 0, 0),
            Color::Yellow => Color::Rgb(205, 205, 0),
            Color::Blue => Color::Rgb(0, 0, 238),
            Color::LightBlue => Color::Rgb(92, 92, 255),
            Color::Magenta => Color::Rgb(205, 0, 205),
            Color::Cyan => Color::Rgb(0, 205, 205),
            color => color,
        }
    }

    #[test]
    fn named_colours_can_usually_be_read_on_their_background() {
        for (inks, background) in [(DARK, 0.0_f64), (LIGHT, 1.0)] {
            for ink in [inks.dim, inks.accent, inks.mark, inks.good, inks.warn, inks.bad] {
                let ink_luminance = luminance(usual(ink));
                let (more, less) = (ink_luminance.max(background), ink_luminance.min(background));
                let contrast = (more + 0.05) / (less + 0.05);
                assert!(contrast >= 3.0, "{ink:?}: {contrast}");
            }
        }
    }

    #[test]
    fn good_and_bad_stay_apart_for_colour_blind_eyes() {
        // The difference left without red or green cones: yellow against blue, and lightness (Viénot, 1999).
        let blueness = |color: Color| {
            let Color::Rgb(r, g, b) = color else { panic!("{color:?}") };
            i32::from(b) - i32::midpoint(i32::from(r), i32::from(g))
        };
        for inks in [COLOUR_BLIND_DARK, COLOUR_BLIND_LIGHT] {
            for other in [inks.warn, inks.bad] {
                assert!(blueness(inks.good) - blueness(other) > 120);
            }
        }
    }
}
