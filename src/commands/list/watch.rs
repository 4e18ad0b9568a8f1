//! `vc list --watch`: the list, then what changes.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};

use super::{Columns, Row, none_there, table};
use crate::cli::{ListArgs, ListFormat};
use crate::cluster::{Cluster, Status};
use crate::commands::App;
use crate::host::Host;
use crate::kubeconfig::{Files, file};
use crate::names::Namespace;
use crate::wait::Changes;

/// How often the kubeconfig is read again: it says what is connected, and files have no watch that works
/// everywhere.
const FILES_PERIOD: Duration = Duration::from_secs(1);

/// Watches until it is interrupted, or nobody reads any more.
///
/// # Errors
/// As [`Changes::next`].
pub(super) async fn run(
    app: &App,
    args: &ListArgs,
    host: &Host,
    mut files: Files,
    namespaces: Option<&[Namespace]>,
) -> anyhow::Result<()> {
    let mut changes = Changes::new(host, namespaces, args.selector.as_deref());
    let mut printer = Printer::new(args.output);
    let mut ticks = interval(FILES_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known: Option<Vec<Cluster>> = None;
    loop {
        tokio::select! {
            clusters = changes.next() => {
                let mut clusters = clusters?;
                // The selector is for markers; whatever has none that matches is not meant.
                clusters.retain(|cluster| args.selector.is_none() || cluster.uid.is_some());
                if clusters.is_empty() && known.is_none() {
                    app.ui.note(&format!("{} yet", none_there(args, namespaces)));
                }
                known = Some(clusters);
            }
            _ = ticks.tick() => match file::load(&app.kubeconfig_paths()) {
                Ok(read) => files = read,
                // Somebody is just writing it; what was read last still says the most.
                Err(error) => tracing::debug!("the kubeconfig cannot be read: {error}"),
            },
        }
        let Some(clusters) = &known else { continue };
        let now = Timestamp::now();
        let rows = clusters
            .iter()
            .map(|cluster| Row::new(cluster, &files, now));
        let text = printer.changed(rows.collect(), now)?;
        if !text.is_empty() && !app.ui.more_data(&text)? {
            return Ok(());
        }
    }
}

/// What has been printed, and how.
struct Printer {
    format: ListFormat,
    columns: Columns,
    /// By namespace and name.
    printed: BTreeMap<(String, String), Row>,
}

impl Printer {
    fn new(format: ListFormat) -> Self {
        Self {
            format,
            columns: Columns::default(),
            printed: BTreeMap::new(),
        }
    }

    /// What is to be printed when these are the rows now: those that look different from before, and those
    /// that are gone as deleted.
    fn changed(&mut self, rows: Vec<Row>, now: Timestamp) -> anyhow::Result<String> {
        let rows = rows.into_iter().map(|row| (key(&row), row));
        let rows: BTreeMap<(String, String), Row> = rows.collect();
        let gone = self
            .printed
            .iter()
            .filter(|(key, _)| !rows.contains_key(*key));
        let gone = gone.map(|(_, row)| Row {
            status: Status::Deleted,
            reason: None,
            ..row.clone()
        });
        let looks_new = |key: &(String, String), row: &Row| {
            let before = self.printed.get(key);
            before.is_none_or(|before| shown(before, self.format) != shown(row, self.format))
        };
        let new = rows.iter().filter(|(key, row)| looks_new(key, row));
        let changed: Vec<Row> = gone.chain(new.map(|(_, row)| row.clone())).collect();
        self.printed = rows;
        self.print(&changed, now)
    }

    fn print(&mut self, rows: &[Row], now: Timestamp) -> anyhow::Result<String> {
        let mut text = String::new();
        match self.format {
            _ if rows.is_empty() => {}
            ListFormat::Table => text = table(rows, false, now, &mut self.columns),
            ListFormat::Wide => text = table(rows, true, now, &mut self.columns),
            ListFormat::Name => text = rows.iter().map(|row| row.reference() + "\n").collect(),
            ListFormat::Json => {
                for row in rows {
                    text += &serde_json::to_string(row)?;
                    text.push('\n');
                }
            }
            ListFormat::Yaml => {
                for row in rows {
                    text += "---\n";
                    text += &serde_saphyr::to_string(row)?;
                }
            }
        }
        Ok(text)
    }
}

fn key(row: &Row) -> (String, String) {
    (row.namespace.clone(), row.name.clone())
}

/// What of a row can be seen: only a change of that is worth a line.
fn shown(row: &Row, format: ListFormat) -> Row {
    match format {
        ListFormat::Table | ListFormat::Name => Row {
            reason: None,
            persistent: None,
            quota: None,
            isolated: None,
            context: None,
            labels: BTreeMap::new(),
            conditions: Vec::new(),
            ..row.clone()
        },
        ListFormat::Wide => Row {
            labels: BTreeMap::new(),
            conditions: Vec::new(),
            ..row.clone()
        },
        ListFormat::Json | ListFormat::Yaml => row.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::row;
    use super::*;

    fn now() -> Timestamp {
        "2026-01-10T00:00:00Z".parse().unwrap()
    }

    fn is(status: Status, reason: &str) -> Row {
        Row {
            status,
            reason: Some(reason.to_owned()),
            ..row()
        }
    }

    #[test]
    fn a_table_goes_on_below_its_header_and_in_its_columns() {
        let mut printer = Printer::new(ListFormat::Table);
        assert_eq!(printer.changed(Vec::new(), now()).unwrap(), "");
        let first = printer.changed(vec![is(Status::Degraded, "a")], now());
        assert_eq!(
            first.unwrap(),
            "NAME   NAMESPACE   STATUS     VERSION   AGE   EXPIRES   CONNECTED\n\
             dev    team-a      Degraded   v1.35.4   60s   in 119m   yes\n"
        );
        let unseen = printer.changed(vec![is(Status::Degraded, "b")], now());
        assert_eq!(unseen.unwrap(), "");
        let second = printer.changed(vec![is(Status::Running, "b")], now());
        assert_eq!(
            second.unwrap(),
            "dev    team-a      Running    v1.35.4   60s   in 119m   yes\n"
        );
        let gone = printer.changed(Vec::new(), now()).unwrap();
        assert_eq!(
            gone,
            "dev    team-a      Deleted    v1.35.4   60s   in 119m   yes\n"
        );
        assert_eq!(printer.changed(Vec::new(), now()).unwrap(), "");
    }

    #[test]
    fn columns_grow_and_stay_so() {
        let mut printer = Printer::new(ListFormat::Table);
        let named = |name: &str| Row {
            name: name.to_owned(),
            ..row()
        };
        printer.changed(vec![named("dev")], now()).unwrap();
        let longer = printer.changed(vec![named("dev"), named("development")], now());
        assert!(longer.unwrap().starts_with("development   team-a"));
        let after = printer.changed(vec![named("development")], now());
        assert!(after.unwrap().starts_with("dev           team-a"));
    }

    #[test]
    fn data_is_one_object_or_document_for_each_change() {
        let change = |format| {
            let mut printer = Printer::new(format);
            let first = printer.changed(vec![is(Status::Degraded, "a")], now());
            let second = printer.changed(vec![is(Status::Degraded, "b")], now());
            (first.unwrap(), second.unwrap())
        };
        let (first, second) = change(ListFormat::Json);
        assert_eq!((first.lines().count(), second.lines().count()), (1, 1));
        let object: serde_json::Value = serde_json::from_str(&second).unwrap();
        assert_eq!(object["reason"], "b");
        let (first, second) = change(ListFormat::Yaml);
        assert!(first.starts_with("---\nname: dev\n"), "{first}");
        assert!(second.contains("reason: b\n"), "{second}");
        let (first, second) = change(ListFormat::Name);
        assert_eq!(
            (first.as_str(), second.as_str()),
            ("virtualcluster/dev\n", "")
        );
    }
}
