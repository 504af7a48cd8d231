//! Filters for operations and their shares.

use super::HistoryArgs;
use crate::cli::exit::Stop;
use crate::cli::names::Names;
use domain::operation::ShareRecord;
use domain::{ImageId, Moment, Operation, OperationKind, Outcome};
use engine::Filter;

/// The filters that were typed.
#[derive(Debug)]
pub(super) struct HistoryFilter {
    pub(super) filter: Filter,
    /// The outcome as typed.
    word: Option<String>,
}

impl HistoryFilter {
    pub(super) fn new(args: &HistoryArgs, names: &Names, now: Moment) -> Result<Self, Stop> {
        let kind = args.kind.as_deref().map(kind_of).transpose()?;
        let (implied, outcome) = match args.outcome.as_deref() {
            Some(word) => outcome_of(word).map(|(kind, outcome)| (kind, Some(outcome)))?,
            None => (None, None),
        };
        if let (Some(kind), Some(implied), Some(word)) = (kind, implied, &args.outcome)
            && kind != implied
        {
            return Err(Stop::Usage(format!(
                "`--outcome {word}` applies to {implied} operations, not to {kind}"
            )));
        }
        let filter = Filter {
            kind: kind.or(implied),
            outcome,
            images: args.image.iter().map(|id| ImageId(id.as_str().into())).collect(),
            members: args.member.iter().flat_map(|typed| names.ids_or_reported(typed)).collect(),
            since: args.since.as_deref().map(|typed| since(typed, now)).transpose()?,
            ..Filter::default()
        };
        Ok(Self { filter, word: args.outcome.clone() })
    }

    pub(super) fn matches(&self, record: &ShareRecord) -> bool {
        let Filter { images, members, outcome, .. } = &self.filter;
        (images.is_empty() || images.contains(&record.share.image))
            && (members.is_empty() || members.contains(&record.share.member.id))
            && (outcome.is_none() || *outcome == record.outcome)
    }

    /// Refuses an outcome that no share of this operation can have.
    pub(super) fn check(&self, operation: &Operation) -> Result<(), Stop> {
        match (self.filter.kind, &self.word) {
            (Some(kind), Some(word)) if kind != operation.kind => Err(Stop::Usage(format!(
                "operation {} is a {}: none of its shares can have the outcome {word}",
                operation.id, operation.kind
            ))),
            _ => Ok(()),
        }
    }
}

fn kind_of(word: &str) -> Result<OperationKind, Stop> {
    OperationKind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| {
        let words = OperationKind::ALL.map(OperationKind::word).join(", ");
        Stop::Usage(format!("`{word}` is not a kind of operation; use one of {words}"))
    })
}

/// The outcome, and the kind of operation whose word it is; `None` where all kinds have it.
fn outcome_of(word: &str) -> Result<(Option<OperationKind>, Outcome), Stop> {
    let fits = |kind| Outcome::from_word(word, kind).map(|outcome| (kind, outcome));
    let mut found = OperationKind::ALL.into_iter().filter_map(fits);
    match (found.next(), found.next()) {
        (Some((_, outcome)), Some(_)) => Ok((None, outcome)),
        (Some((kind, outcome)), None) => Ok((Some(kind), outcome)),
        (None, _) => {
            let all = OperationKind::ALL
                .into_iter()
                .flat_map(|kind| Outcome::ALL.map(|outcome| outcome.word(kind)));
            let mut words: Vec<&str> = all.collect();
            words.dedup();
            let words: Vec<&str> = words.into_iter().filter(|word| *word != "unknown").collect();
            let words = words.join(", ");
            Err(Stop::Usage(format!("`{word}` is not an outcome; use one of {words}, unknown")))
        }
    }
}

/// A date, a time, or an age.
fn since(typed: &str, now: Moment) -> Result<Moment, Stop> {
    let date = || typed.parse::<jiff::civil::Date>().ok()?.in_tz("UTC").ok();
    let date = || date().map(|day| Moment(day.timestamp().as_millisecond()));
    let found = age(typed).map(|age| Moment(now.0.saturating_sub(age)));
    found.or_else(date).or_else(|| Moment::parse(typed)).ok_or_else(|| {
        let like = "a date like 2026-11-01, a time like 2026-11-01T10:00:00Z or an age like 7d";
        Stop::Usage(format!("`{typed}` is not a time: use {like}"))
    })
}

fn age(typed: &str) -> Option<i64> {
    let unit = typed.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let count: u32 = typed[..typed.len() - 1].parse().ok()?;
    Some(i64::from(count) * seconds * 1000)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    const NOW: Moment = Moment(1_800_000_000_000);

    fn parse(line: &str) -> Result<HistoryFilter, String> {
        let line = format!("sharelock history {line}");
        let cli = Cli::try_parse_from(line.split_whitespace()).map_err(|e| e.to_string())?;
        let Some(Command::History(args)) = cli.command else { panic!("{line}") };
        HistoryFilter::new(&args, &Names::default(), NOW).map_err(|stop| stop.to_string())
    }

    #[test]
    fn an_outcome_means_the_kind_whose_word_it_is() {
        let filter = parse("--outcome still-shared").unwrap().filter;
        assert_eq!(filter.kind, Some(OperationKind::Revoke));
        assert_eq!(filter.outcome, Some(Outcome::Failed));

        let filter = parse("--outcome unknown").unwrap().filter;
        assert_eq!((filter.kind, filter.outcome), (None, Some(Outcome::Unknown)));
    }

    #[test]
    fn a_wrong_word_is_refused_with_the_words_that_exist() {
        assert!(parse("--outcome gone").unwrap_err().contains("still-shared"));
        assert!(parse("--kind steal").unwrap_err().contains("revoke, share, accept, reject"));
        let error = parse("--kind share --outcome revoked").unwrap_err();
        assert_eq!(error, "`--outcome revoked` applies to revoke operations, not to share");
        for line in ["--verify", "1a --kind share", "1a --limit 4", "--limit 0"] {
            parse(line).unwrap_err();
        }
    }

    #[test]
    fn a_time_is_a_date_a_time_or_an_age() {
        let since = |text: &str| parse(&format!("--since {text}")).unwrap().filter.since.unwrap();
        assert_eq!(since("2h"), Moment(NOW.0 - 7_200_000));
        assert_eq!(since("1w"), Moment(NOW.0 - 7 * 86_400_000));
        assert_eq!(since("2026-11-01").to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(since("2026-11-01T10:00:00Z").to_string(), "2026-11-01T10:00:00Z");
        assert!(parse("--since yesterday").unwrap_err().contains("is not a time"));
        assert!(parse("--since é").unwrap_err().contains("is not a time"));
    }
}
