//! The address of the image under the cursor in the cloud's console.

use crate::domain::{ImageId, Scope};
use crate::tui::Effect;
use crate::tui::model::jobs::JobFocus;
use crate::tui::model::{Level, Model, View};

/// Copies it.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    model.settle();
    let found = image(model).and_then(|(scope, image)| model.consoles.address(scope, &image));
    let Some(address) = found else { return vec![] };
    let text = format!("Copied {address} (if the terminal allows it).");
    model.log.say(model.now, Level::Done, text);
    vec![Effect::Copy(address)]
}

/// Why there is none.
pub(super) fn obstacle(model: &Model) -> Option<String> {
    let Some((scope, image)) = image(model) else {
        return Some(match model.view {
            View::Jobs => "A share has to be under the cursor, in the pane of the shares.".into(),
            _ => "There is no image here.".into(),
        });
    };
    let cloud = crate::domain::text::clean(&scope.cloud);
    if !model.consoles.knows(&scope.cloud) {
        return Some(format!(
            "The console of {cloud} is not known: write `console = \"https://…/{{image}}\"` into [clouds.{cloud}] of config.toml."
        ));
    }
    let known = model.consoles.address(scope, &image).is_some();
    (!known).then(|| format!("The console of {cloud} has no address for this image: its region is not known, or its id is none."))
}

/// The image one looks at, and where it is.
fn image(model: &Model) -> Option<(&Scope, ImageId)> {
    if model.view == View::Jobs {
        let at = model.jobs.shares.get(model.jobs.share.at)?;
        let operation = model.jobs.current().filter(|_| model.jobs.focus == JobFocus::Shares)?;
        return Some((&operation.scope, operation.shares.get(*at)?.share.image.clone()));
    }
    let matrix = &model.workspace.matrix;
    let ix = match model.view {
        View::Images => model.image(),
        View::Members => model.reached(),
        View::Matrix => matrix.row.current(&matrix.rows),
        View::Jobs | View::History => None,
    };
    Some((model.scope()?, model.workspace.inventory.image(ix?).id.clone()))
}
