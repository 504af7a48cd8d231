//! The export dialog, and what there is to export: the shares in view as they are filtered and sorted, the marked ones,
//! or the receipt of an operation.

use std::collections::HashMap;
use std::sync::Arc;

use crate::tui::overlays::export::in_view::InView;
use crate::tui::views::ViewId;
use tui_input::Input;

use crate::tui::app::App;
use crate::tui::app::workspace::Workspace;
use crate::tui::export::{Access, Export, Format, Marked, Receipt, ScopeInView};
use crate::tui::ui::text::counted;
use domain::{ImageIx, MemberList, Operation, Source, Text};

/// One thing that can be exported here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) what: What,
    /// What it is and how much, in a few words.
    pub(crate) text: String,
    /// How many rows it has.
    pub(crate) rows: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The shares in view.
    View,
    /// The marked shares.
    Marks,
    /// The receipt of the operation under the cursor.
    Receipt,
}

impl What {
    /// How it can be written, the usual way first.
    pub(crate) fn formats(self) -> &'static [Format] {
        match self {
            Self::View => &[Format::Csv, Format::JsonLines, Format::Markdown],
            Self::Marks => &[Format::Csv, Format::JsonLines],
            Self::Receipt => &[Format::Markdown, Format::Csv, Format::JsonLines, Format::Json],
        }
    }
}

/// The dialog. Closing it changes nothing.
#[derive(Debug)]
pub(crate) struct ExportDialog {
    pub(crate) choices: Vec<Choice>,
    /// Which of them.
    pub(crate) choice: usize,
    pub(crate) format: Format,
    /// The file.
    pub(crate) input: Input,
    /// What is not known and will be said in the file; empty where everything is.
    pub(crate) gaps: Vec<String>,
    /// The beginning of the name it offers.
    stem: String,
    /// Why nothing was written.
    pub(crate) complaint: Option<String>,
    /// The file that is there and would be written over.
    pub(crate) over: Option<String>,
    /// The number of the writing that is going on.
    pub(crate) writing: Option<u32>,
}

impl ExportDialog {
    /// About these, which are not none.
    pub(crate) fn new(choices: Vec<Choice>, gaps: Vec<String>, stem: String) -> Self {
        let format = choices.first().map_or(Format::Csv, |choice| choice.what.formats()[0]);
        let mut dialog = Self {
            choices,
            choice: 0,
            format,
            input: Input::default(),
            gaps,
            stem,
            complaint: None,
            over: None,
            writing: None,
        };
        dialog.input = Input::new(dialog.offered(format));
        dialog
    }

    /// What is chosen.
    pub(crate) fn what(&self) -> What {
        self.choices.get(self.choice).map_or(What::View, |choice| choice.what)
    }

    /// The name that is offered for a format.
    fn offered(&self, format: Format) -> String {
        let marked = if self.what() == What::Marks { "-marked" } else { "" };
        format!("{}{marked}.{}", self.stem, format.ending())
    }

    /// The next format, or the one before.
    pub(crate) fn turn(&mut self, step: isize) {
        let formats = self.what().formats();
        let len = isize::try_from(formats.len()).unwrap_or(1);
        let at = formats.iter().position(|format| *format == self.format).unwrap_or(0);
        let next = (isize::try_from(at).unwrap_or(0) + step).rem_euclid(len);
        self.renamed(|dialog| dialog.format = formats[usize::try_from(next).unwrap_or(0)]);
    }

    /// Another of the choices.
    pub(crate) fn choose(&mut self, at: usize) {
        self.renamed(|dialog| {
            dialog.choice = at.min(dialog.choices.len().saturating_sub(1));
            let formats = dialog.what().formats();
            if !formats.contains(&dialog.format) {
                dialog.format = formats[0];
            }
        });
    }

    /// Changes something; the name follows: all of it where it is the one that was offered, else its ending.
    fn renamed(&mut self, change: impl FnOnce(&mut Self)) {
        let (offered, ending) = (self.offered(self.format), format!(".{}", self.format.ending()));
        change(self);
        let typed = self.input.value();
        let name = match typed.strip_suffix(&ending) {
            _ if typed == offered => self.offered(self.format),
            Some(stem) => format!("{stem}.{}", self.format.ending()),
            None => typed.to_owned(),
        };
        self.input = Input::new(name);
        self.changed();
    }

    /// Another file is meant.
    pub(crate) fn changed(&mut self) {
        (self.complaint, self.over) = (None, None);
    }
}

impl App {
    /// What there is to export in this view; as of the last settling.
    pub(crate) fn export_dialog(&self) -> Option<ExportDialog> {
        if matches!(self.view, ViewId::Jobs | ViewId::History) {
            let operation = self.operation_under_cursor()?;
            let shares = operation.shares.len();
            let text =
                format!("the receipt of operation {}, {}", operation.id, counted(shares, "share"));
            let open = operation
                .is_open()
                .then(|| "The operation is unfinished: this is its current state.".to_owned());
            let choice = Choice { what: What::Receipt, text, rows: shares };
            let stem = format!("sharelock-receipt-{}", named(&operation.id.0));
            return Some(ExportDialog::new(vec![choice], open.into_iter().collect(), stem));
        }
        let in_view = self.in_view();
        let (shares, images) = (in_view.shares.len(), in_view.images());
        let (shares_said, images) = (counted(shares, "share"), counted(images, "image"));
        let view = Choice {
            what: What::View,
            text: format!("{shares_said} of {images}, as filtered and sorted here"),
            rows: shares + in_view.unknown(),
        };
        let marked: usize =
            self.listed_workspaces().iter().map(|workspace| workspace.marks.len()).sum();
        let marks = Choice {
            what: What::Marks,
            text: format!(
                "what is marked: {}, as `revoke --from` reads it",
                counted(marked, "share")
            ),
            rows: marked,
        };
        let choices: Vec<Choice> =
            [view, marks].into_iter().filter(|choice| choice.rows > 0).collect();
        let gaps = self.gaps(&in_view);
        (!choices.is_empty()).then(|| ExportDialog::new(choices, gaps, self.stem()))
    }

    /// The operation under the cursor of view 4 or 5, if all of it is known.
    pub(crate) fn operation_under_cursor(&self) -> Option<&Operation> {
        if self.view == ViewId::History { self.remembered() } else { self.jobs.current() }
    }

    fn gaps(&self, in_view: &InView) -> Vec<String> {
        let workspaces = self.listed_workspaces();
        let unknown = in_view.unknown();
        let reading = workspaces.iter().any(|workspace| workspace.reading.is_some());
        let cut = workspaces.iter().any(|workspace| workspace.incomplete);
        let images = match unknown {
            0 => None,
            1 => Some(
                "The members of 1 image are not known: it is listed last, as not checked.".into(),
            ),
            n => Some(format!(
                "The members of {n} images are not known: they are listed last, as not checked."
            )),
        };
        let cut = cut.then(|| "The list of images is not complete; the file says so.".to_owned());
        let reading = reading.then(|| "It is still being read.".to_owned());
        images.into_iter().chain(cut).chain(reading).collect()
    }

    /// Where and when, for the name of a file.
    fn stem(&self) -> String {
        let place = match self.scope() {
            Some(_) if self.lists_all_scopes() => "all".to_owned(),
            Some(scope) => {
                let parts = [Some(scope.cloud.as_str()), scope.region.as_deref()];
                parts.into_iter().flatten().map(named).collect::<Vec<_>>().join("-")
            }
            None => String::new(),
        };
        format!("sharelock-{place}-{}", self.day())
    }

    fn day(&self) -> String {
        let time = jiff::Timestamp::from_millisecond(self.now.0).unwrap_or_default();
        time.to_zoned(self.zone.clone()).strftime("%Y-%m-%d").to_string()
    }

    /// Everything that is chosen, in full.
    pub(crate) fn export(&self, what: What) -> Option<Export> {
        match what {
            What::View => Some(Export::Access(self.access())),
            What::Marks => {
                let mut shares = Vec::new();
                for workspace in self.listed_workspaces() {
                    let Some(scope) = workspace.scope().cloned().map(Arc::new) else { continue };
                    shares.extend(workspace.marks.iter().map(|share| (scope.clone(), share)));
                }
                Some(Export::Marks(Marked(shares)))
            }
            What::Receipt => {
                let receipt = self.receipt(self.operation_under_cursor()?);
                Some(Export::Receipt(Box::new(receipt)))
            }
        }
    }

    fn receipt(&self, operation: &Operation) -> Receipt {
        let members = operation.shares.iter().map(|record| &record.share.member);
        let named = members.filter_map(|member| {
            Some((member.id.raw().to_owned(), self.names.of(member)?.name.clone()))
        });
        let again = self.history.again.get(&operation.id);
        Receipt {
            operation: operation.clone(),
            undone_by: self.history.undone_by(&operation.id),
            verified: again.map(|again| (again.at, again.shares.clone())),
            names: named.collect(),
        }
    }

    fn access(&self) -> Access {
        let InView { order, scopes, shares, unknown } = self.in_view();
        let mut names: HashMap<String, (Text, Source)> = HashMap::new();
        let workspaces: Vec<&Workspace> =
            scopes.iter().filter_map(|it| self.workspace_of(*it)).collect();
        for (at, _, member) in &shares {
            let member = workspaces[*at].inventory.member(*member);
            if let Some(name) = self.names.of(member)
                && !names.contains_key(member.id.raw())
            {
                names.insert(member.id.raw().to_owned(), (name.name.clone(), name.source));
            }
        }
        let read = workspaces.iter().zip(unknown).filter_map(|(workspace, unknown)| {
            let why = |ix: ImageIx| match workspace.inventory.list(ix) {
                MemberList::Failed(why) => why.raw().to_owned(),
                _ => "its members were not read yet".to_owned(),
            };
            Some(ScopeInView {
                scope: workspace.scope()?.clone(),
                inventory: workspace.inventory.clone(),
                error: workspace.list_error(),
                unknown: unknown.into_iter().map(|ix| (ix, why(ix))).collect(),
            })
        });
        let scopes = read.collect();
        Access { order, scopes, shares, names }
    }
}

/// A word as the name of a file can hold it.
fn named(word: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    word.chars().map(|c| if fits(c) { c } else { '-' }).collect()
}
