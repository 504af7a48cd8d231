//! Asking before anything is sent.

use super::plan::PlanView;
use super::resolved::Resolved;
use crate::cli::exit::Stop;
use crate::cli::output;
use crate::cli::prompt;
use crate::cli::session::Session;
use domain::{Confirmed, Failure, OperationKind, Plan, Share};

/// The plan for everything that was resolved, agreed to: by `--yes`, or by the number of shares typed, and on a
/// protected cloud its name.
pub(super) async fn confirm(
    session: &Session,
    resolved: &Resolved,
    yes: bool,
) -> Result<Confirmed, Stop> {
    let plan = resolved.plan(resolved.marks.clone(), session.limits()).await?;
    let answer =
        if yes { plan.shares().to_string() } else { ask(session, resolved, &plan).await? };
    plan.confirm(&answer).map_err(|_| declined(resolved.kind))
}

fn declined(kind: OperationKind) -> Stop {
    Failure::new(kind.word(), "it was not confirmed; nothing was sent").into()
}

/// Shows what would happen, and gives the answer back.
async fn ask(session: &Session, resolved: &Resolved, plan: &Plan) -> Result<String, Stop> {
    let (scope, kind) = (session.scope(), resolved.kind);
    let now = resolved.plan(resolved.to_send(), session.limits()).await?;
    let line = |share: Share| {
        let name =
            resolved.names.get(&share.image).map(|name| format!("{name}  ")).unwrap_or_default();
        let member = resolved
            .projects
            .now_of(&share.member)
            .map(|name| format!("  {name}"))
            .unwrap_or_default();
        format!("{name}{}  {}{member}", share.image, share.member.id)
    };
    output::say_some("  ", &now.marks().iter().map(line).collect::<Vec<_>>());
    let view = PlanView::new(&now, scope, resolved)?;
    output::say(format_args!("on {}: {}", scope.label(), view.summary()));
    let question = format!("Type {} to {kind} them in {}:", plan.shares(), scope.label());
    let answer = answer(kind, question).await?;
    if scope.protected {
        let question = format!("Type the cloud's name, {}, too:", scope.cloud);
        if self::answer(kind, question).await? != scope.cloud {
            return Err(declined(kind));
        }
    }
    Ok(answer)
}

async fn answer(kind: OperationKind, question: String) -> Result<String, Stop> {
    let line = prompt::line(question).await?;
    line.ok_or_else(|| declined(kind))
}
