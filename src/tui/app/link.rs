//! The address of the image under the cursor in the cloud's console.

#[cfg(test)]
mod tests;

use crate::tui::Effect;
use crate::tui::app::App;
use crate::tui::app::log::Level;
use crate::tui::views::ViewId;

/// Copies it.
pub(crate) fn copy(app: &mut App) -> Vec<Effect> {
    app.settle();
    let found = app
        .shown_view()
        .linked_image(app)
        .and_then(|(scope, image)| app.consoles.address(scope, &image));
    let Some(address) = found else { return vec![] };
    let text = format!("Copied {address} (if the terminal allows it).");
    app.log.say(app.now, Level::Done, text);
    vec![Effect::Copy(address)]
}

/// Why there is none.
pub(crate) fn obstacle(app: &App) -> Option<String> {
    let Some((scope, image)) = app.shown_view().linked_image(app) else {
        return Some(match app.view {
            ViewId::Jobs => "A share has to be under the cursor, in the pane of the shares.".into(),
            _ => "There is no image here.".into(),
        });
    };
    let cloud = domain::text::clean(&scope.cloud);
    if !app.consoles.knows(&scope.cloud) {
        return Some(format!(
            "The console of {cloud} is not known: write `console = \"https://…/{{image}}\"` into [clouds.{cloud}] of config.toml."
        ));
    }
    let known = app.consoles.address(scope, &image).is_some();
    (!known).then(|| format!("The console of {cloud} has no address for this image: its region is not known, or its id is none."))
}
