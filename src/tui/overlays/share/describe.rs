//! The sharing dialog in plain mode.

use crate::tui::overlays::share::state::{About, ShareDialog};
use crate::tui::speech::contents::Typed;
use crate::tui::speech::description::Description;
use crate::tui::speech::row::{List, Row};
use domain::text::clean;

/// The question and the text input.
pub(crate) fn describe(dialog: &ShareDialog) -> Description<'_> {
    let asked = match dialog.about {
        About::Image(_) => {
            format!("Share {} with more members. Type ids or names of projects.", dialog.label)
        }
        About::Member(_) => {
            format!("Share more images with {}. Type ids or names of images.", dialog.label)
        }
    };
    let keys = "Tab takes the one under the cursor, Ctrl-O reads those that fit, Enter shows the plan; nothing is sent \
                before it is confirmed. Esc closes.";
    let value = dialog.input.value();
    let typed = Typed {
        value: value.to_owned(),
        echo: format!("Typed: {value}. {} fit.", dialog.offers.len()),
        ..Typed::default()
    };
    Description {
        key: "share".into(),
        place: vec![asked, keys.into()],
        typed: Some(typed),
        complaint: dialog.complaint.clone().unwrap_or_default(),
        nothing: nothing_fits(dialog).into(),
        ..Description::of_list(String::new(), offers(dialog))
    }
}

/// The sentence shown when no suggestion fits.
pub(crate) fn nothing_fits(dialog: &ShareDialog) -> &'static str {
    match dialog.about {
        About::Image(_) => "No project that was seen here fits; an id can be typed in full.",
        About::Member(_) => "No image fits that can be shared with it and is not yet.",
    }
}

/// The suggestions: members or images.
fn offers(dialog: &ShareDialog) -> List<'_> {
    List::new(dialog.offers.len(), dialog.cursor.at, |at| {
        let (id, name) = dialog.offers.get(at)?;
        let name = name.as_ref().map(|name| format!("{}, ", clean(name))).unwrap_or_default();
        Some(Row::new(id.clone(), format!("{name}{}", clean(id))))
    })
}
