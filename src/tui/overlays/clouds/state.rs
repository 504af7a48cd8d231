//! The clouds one can open.

use crate::tui::app::App;
use crate::tui::app::log::capital;
use crate::tui::app::workspace::Workspace;
use crate::tui::ui::cursor::Cursor;
use domain::{Failure, Project};
use engine::{CloudChoice, SessionId};

/// What to open; `None` chooses as the command line does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) cloud: Option<String>,
    pub(crate) region: Option<String>,
    /// A project other than the configured one, by id.
    pub(crate) project: Option<String>,
}

impl Target {
    /// What a person calls it.
    pub(crate) fn label(&self) -> String {
        let cloud = self.cloud.as_deref().unwrap_or("the default cloud");
        let parts = [Some(cloud), self.region.as_deref(), self.project.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

/// One line of the picker: a cloud in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) target: Target,
    /// Login and host, or why the entry cannot be used; the state of the session, if one is open.
    pub(crate) about: String,
    /// The session, where it is open.
    pub(crate) session: Option<SessionId>,
}

impl Line {
    /// A line for every region of a configured cloud.
    pub(crate) fn of_cloud(choice: &CloudChoice) -> Vec<Self> {
        let line = |region: Option<&String>| Self {
            target: Target {
                cloud: Some(choice.name.clone()),
                region: region.cloned(),
                project: None,
            },
            about: choice.about.clone(),
            session: None,
        };
        match &*choice.regions {
            [] => vec![line(None)],
            regions => regions.iter().map(|region| line(Some(region))).collect(),
        }
    }
}

/// The dialog that lists clouds and regions, or the projects of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picker {
    pub(crate) lines: Vec<Line>,
    pub(crate) cursor: Cursor<usize>,
    /// It lists the projects of this scope instead of clouds.
    pub(crate) of: Option<Of>,
    /// Why a key did nothing.
    pub(crate) note: Option<String>,
}

/// Whose projects are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Of {
    pub(crate) session: SessionId,
    /// What a person calls the cloud and region.
    pub(crate) place: String,
    /// Why nothing is listed: not answered yet, or refused.
    pub(crate) instead: Option<String>,
}

impl Picker {
    /// The clouds with the state of the scopes that are open.
    pub(crate) fn of_clouds(app: &App) -> Self {
        Self { lines: app.clouds.clone(), ..Self::default() }.with(app.workspaces())
    }

    /// The projects of an open scope, while they are asked for.
    pub(crate) fn of_projects(workspace: &Workspace) -> Self {
        let place = Target { project: None, ..workspace.place() }.label();
        let instead = Some("Asking which projects there are…".into());
        Self { of: Some(Of { session: workspace.session, place, instead }), ..Self::default() }
    }

    /// The answer came: a line for every project.
    pub(crate) fn answered(
        &mut self,
        workspace: &Workspace,
        projects: Result<Vec<Project>, Failure>,
    ) {
        let Some(of) = &mut self.of else { return };
        let projects = match projects {
            Ok(projects) => projects,
            Err(failure) => {
                of.instead = Some(capital(&failure.to_string()));
                return;
            }
        };
        of.instead =
            projects.is_empty().then(|| "The cloud lists no projects for this login.".into());
        let line = |project: &Project| Line {
            target: Target { project: Some(project.id.0.raw().to_owned()), ..workspace.place() },
            about: about(project),
            session: None,
        };
        self.lines = projects.iter().map(line).collect();
        let own = workspace.scope().map(|scope| scope.project_id.0.raw());
        let at = self.lines.iter().position(|line| line.target.project.as_deref() == own);
        self.go_to_line(at.unwrap_or(0));
    }

    /// Puts the cursor on a line, or on the last.
    pub(crate) fn go_to_line(&mut self, at: usize) {
        let rows: Vec<usize> = (0..self.lines.len()).collect();
        self.cursor.go(at.min(rows.len().saturating_sub(1)), &rows);
    }

    /// The line under the cursor.
    pub(crate) fn current(&self) -> Option<&Line> {
        self.lines.get(self.cursor.at)
    }

    /// With the state of the scopes that are open, being opened or refused, and the cursor on the one shown. A scope that
    /// is not configured so gets a line of its own.
    fn with<'a>(mut self, workspaces: impl Iterator<Item = &'a Workspace>) -> Self {
        let mut shown = None;
        for workspace in workspaces.filter(|workspace| workspace.target != Target::default()) {
            let at = self.line_of(workspace).unwrap_or_else(|| {
                let line =
                    Line { target: workspace.target.clone(), about: String::new(), session: None };
                self.lines.push(line);
                self.lines.len() - 1
            });
            if let Some(line) = self.lines.get_mut(at) {
                (line.session, line.about) = (Some(workspace.session), workspace.state());
            }
            shown = shown.or(Some(at));
        }
        self.go_to_line(shown.unwrap_or(0));
        self
    }

    /// The line of a scope. Before the login is answered, a cloud without a region is in its default one: the first.
    fn line_of(&self, workspace: &Workspace) -> Option<usize> {
        let find = |fits: &dyn Fn(&Target) -> bool| {
            self.lines.iter().position(|line| line.session.is_none() && fits(&line.target))
        };
        let place = workspace.place();
        let in_default_region = |target: &Target| {
            place.region.is_none() && Target { region: None, ..target.clone() } == place
        };
        find(&|target| workspace.is_of(target)).or_else(|| find(&in_default_region))
    }
}

fn about(project: &Project) -> String {
    let domain = project.domain.as_ref().map(|domain| format!("  domain {domain}"));
    let disabled = if project.enabled { "" } else { "  disabled" };
    format!("{}{}{disabled}", project.name, domain.unwrap_or_default())
}
