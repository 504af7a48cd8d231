//! The clouds one can open.

use super::cursor::Cursor;
use crate::engine::CloudChoice;

/// What to open; `None` chooses as the command line does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) cloud: Option<String>,
    pub(crate) region: Option<String>,
}

impl Target {
    /// What a person calls it.
    pub(crate) fn label(&self) -> String {
        match (&self.cloud, &self.region) {
            (Some(cloud), Some(region)) => format!("{cloud} · {region}"),
            (Some(cloud), None) => cloud.clone(),
            (None, _) => "the default cloud".into(),
        }
    }
}

/// One line of the picker: a cloud in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) target: Target,
    /// Login and host, or why it cannot be used.
    pub(crate) about: String,
}

/// Clouds and regions, and which one the cursor is on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picker {
    pub(crate) lines: Vec<Line>,
    pub(crate) cursor: Cursor<usize>,
}

impl Picker {
    /// A line for every region of every cloud.
    pub(crate) fn new(choices: &[CloudChoice]) -> Self {
        let line = |choice: &CloudChoice, region: Option<&String>| Line {
            target: Target { cloud: Some(choice.name.clone()), region: region.cloned() },
            about: choice.about.clone(),
        };
        let lines = choices.iter().flat_map(|choice| match &*choice.regions {
            [] => vec![line(choice, None)],
            regions => regions.iter().map(|region| line(choice, Some(region))).collect(),
        });
        Self { lines: lines.collect(), cursor: Cursor::default() }
    }

    /// The positions of all lines, as a cursor wants them.
    pub(crate) fn rows(&self) -> Vec<usize> {
        (0..self.lines.len()).collect()
    }

    /// With the cursor on what is open now.
    pub(crate) fn at(mut self, open: Option<&Target>) -> Self {
        let same = |line: &Line| {
            open.is_some_and(|open| {
                line.target.cloud == open.cloud
                    && (open.region.is_none() || line.target.region == open.region)
            })
        };
        let at = self.lines.iter().position(same).unwrap_or(0);
        let rows = self.rows();
        self.cursor.go(at, &rows);
        self
    }
}
