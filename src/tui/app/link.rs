//! The address of the image under the cursor in the cloud's console.

use crate::domain::{ImageId, Scope};
use crate::tui::Effect;
use crate::tui::app::log::Level;
use crate::tui::app::{App, View};
use crate::tui::views::jobs::state::JobFocus;

/// Copies it.
pub(crate) fn copy(app: &mut App) -> Vec<Effect> {
    app.settle();
    let found = image(app).and_then(|(scope, image)| app.consoles.address(scope, &image));
    let Some(address) = found else { return vec![] };
    let text = format!("Copied {address} (if the terminal allows it).");
    app.log.say(app.now, Level::Done, text);
    vec![Effect::Copy(address)]
}

/// Why there is none.
pub(crate) fn obstacle(app: &App) -> Option<String> {
    let Some((scope, image)) = image(app) else {
        return Some(match app.view {
            View::Jobs => "A share has to be under the cursor, in the pane of the shares.".into(),
            _ => "There is no image here.".into(),
        });
    };
    let cloud = crate::domain::text::clean(&scope.cloud);
    if !app.consoles.knows(&scope.cloud) {
        return Some(format!(
            "The console of {cloud} is not known: write `console = \"https://…/{{image}}\"` into [clouds.{cloud}] of config.toml."
        ));
    }
    let known = app.consoles.address(scope, &image).is_some();
    (!known).then(|| format!("The console of {cloud} has no address for this image: its region is not known, or its id is none."))
}

/// The image one looks at, and where it is.
fn image(app: &App) -> Option<(&Scope, ImageId)> {
    if app.view == View::Jobs {
        let at = app.jobs.shares.get(app.jobs.share.at)?;
        let operation = app.jobs.current().filter(|_| app.jobs.focus == JobFocus::Shares)?;
        return Some((&operation.scope, operation.shares.get(*at)?.share.image.clone()));
    }
    let matrix = &app.workspace.matrix;
    let ix = match app.view {
        View::Images => app.image(),
        View::Members => app.reached(),
        View::Matrix => matrix.row.current(&matrix.rows),
        View::Jobs | View::History => None,
    };
    Some((app.scope()?, app.workspace.inventory.image(ix?).id.clone()))
}
