//! Styles as `config.toml` writes them: `"bold #ff5555"`, `"light-red on black"`, `"underline 208"`.

use ratatui::style::{Color, Modifier, Style};

use cloud::config::did_you_mean;

const COLOURS: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
];

/// Parses a style, or says why it is invalid.
pub(crate) fn style(text: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
            style = style.add_modifier(*modifier);
        } else if word == "on" {
            let word = words.next().ok_or("`on` needs a colour after it")?;
            style = style.bg(color(word)?);
        } else if style.fg.is_some() {
            return Err(format!(
                "`{word}` is a second colour; write `on {word}` for the background"
            ));
        } else {
            style = style.fg(color(word)?);
        }
    }
    if style == Style::new() { Err("it says nothing".into()) } else { Ok(style) }
}

/// Parses a colour, or says why it is invalid.
fn color(word: &str) -> Result<Color, String> {
    if let Some(hex) = word.strip_prefix('#') {
        return from_hex(hex).ok_or_else(|| format!("`{word}` is not a colour like #ff5555"));
    }
    if let Ok(index) = word.parse::<u8>() {
        return Ok(Color::Indexed(index));
    }
    let plain = word.replace("grey", "gray").replace('_', "-");
    let found = COLOURS.iter().find(|(name, _)| *name == plain);
    found.map(|(_, color)| *color).ok_or_else(|| {
        let known = COLOURS.iter().map(|(name, _)| *name).chain(MODIFIERS.map(|(name, _)| name));
        format!("unknown colour `{word}`{}", did_you_mean(word, known))
    })
}

fn from_hex(hex: &str) -> Option<Color> {
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(hex, 16).ok()?;
    match hex.len() {
        6 => Some(Color::from_u32(number)),
        3 => {
            let digit = |at: u32| (number >> at & 0xf) * 0x11;
            Some(Color::from_u32(digit(8) << 16 | digit(4) << 8 | digit(0)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_read_as_people_write_them() {
        let red = Style::new().fg(Color::LightRed);
        assert_eq!(style("light-red"), Ok(red));
        assert_eq!(style("bold  light_red"), Ok(red.add_modifier(Modifier::BOLD)));
        assert_eq!(style("#ff5555"), Ok(Style::new().fg(Color::Rgb(255, 0x55, 0x55))));
        assert_eq!(style("#f5a"), Ok(Style::new().fg(Color::Rgb(255, 0x55, 0xaa))));
        assert_eq!(
            style("208 on dark-grey"),
            Ok(Style::new().fg(Color::Indexed(208)).bg(Color::DarkGray))
        );
        assert_eq!(style("reverse"), Ok(Style::new().add_modifier(Modifier::REVERSED)));
    }

    #[test]
    fn what_is_no_style_says_why() {
        for (text, why) in [
            ("", "it says nothing"),
            ("purpel", "unknown colour `purpel`"),
            ("yelow", "unknown colour `yelow` (did you mean `yellow`?)"),
            ("red blue", "`blue` is a second colour; write `on blue` for the background"),
            ("red on", "`on` needs a colour after it"),
            ("#ff55", "`#ff55` is not a colour like #ff5555"),
            ("#+f5555", "`#+f5555` is not a colour like #ff5555"),
            ("256", "unknown colour `256`"),
        ] {
            assert_eq!(style(text), Err(why.to_owned()), "{text}");
        }
    }
}
