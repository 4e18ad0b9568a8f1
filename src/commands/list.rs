//! `vc list`: which virtual clusters there are, and in what state.

mod watch;

use std::collections::BTreeMap;

use comfy_table::{ColumnConstraint, Table, Width, presets::NOTHING};
use jiff::Timestamp;
use serde::Serialize;

use super::App;
use crate::cli::{GlobalArgs, ListArgs, ListFormat};
use crate::cluster::{Cluster, ClusterSpec, Condition, Status, Storage};
use crate::find::{self, Found, Scope};
use crate::host::Host;
use crate::kubeconfig::Files;
use crate::names::Namespace;

/// Lists them.
///
/// # Errors
/// What the host answers, or that we may not look everywhere with `-A`.
pub(super) async fn run(app: &App, args: &ListArgs) -> anyhow::Result<()> {
    let (host, files) = app.connect().await?;
    let selector = args.selector.as_deref();
    let found = find_meant(app, &host, &files, args.all_namespaces, selector).await?;
    if args.watch {
        return watch::run(app, args, &host, files, found.namespaces.as_deref()).await;
    }
    let mut rows = Vec::new();
    let now = Timestamp::now();
    for cluster in &found.clusters {
        rows.push(Row::new(cluster, &files, now));
        // Its name alone would be taken for one of this host; a selector selects those of this host.
        if args.output != ListFormat::Name && args.selector.is_none() {
            rows.extend(Box::pin(inside(app, &files, cluster, &[])).await);
        }
    }
    app.ui.data(&text(&rows, args.output, now)?)?;
    if rows.is_empty() && matches!(args.output, ListFormat::Table | ListFormat::Wide) {
        let none = none_there(args, found.namespaces.as_deref());
        app.ui
            .note(&format!("{none}: make one with `vc create NAME`"));
    }
    Ok(())
}

/// The clusters that `-n`, `-A` and `-l` mean.
pub(super) async fn find_meant(
    app: &App,
    host: &Host,
    files: &Files,
    all_namespaces: bool,
    selector: Option<&str>,
) -> anyhow::Result<Found> {
    let scope = if all_namespaces {
        Scope::All
    } else {
        Scope::of(app.global.namespace.as_ref())
    };
    match selector {
        None => find::list(host, files, &scope, None).await,
        Some(selector) => find::select(host, files, &scope, selector).await,
    }
}

/// That there are none, and where.
fn none_there(args: &ListArgs, namespaces: Option<&[Namespace]>) -> String {
    let place = match namespaces {
        None => String::new(),
        Some(namespaces) => {
            let names: Vec<String> = namespaces.iter().map(|name| format!("`{name}`")).collect();
            format!(" in namespace {}", names.join(", "))
        }
    };
    let matching = args.selector.as_ref();
    let matching = matching.map_or_else(String::new, |selector| format!(" match `{selector}`"));
    format!("no virtual clusters{place}{matching}")
}

/// The clusters inside a cluster, at any depth, as far as the kubeconfig knows that there are some: to look
/// into every cluster would take a connection to each.
async fn inside(app: &App, files: &Files, outer: &Cluster, path: &[String]) -> Vec<Row> {
    let uid = outer.uid.as_deref().unwrap_or_default();
    let Some(context) = files.context_of(uid) else {
        return Vec::new();
    };
    if files.inside(uid).is_empty() || path.len() == DEPTH_MAX {
        return Vec::new();
    }
    let global = GlobalArgs {
        context: Some(context),
        nested: true,
        namespace: None,
        ..app.global.clone()
    };
    let found = async {
        let host = Host::connect(&global, &app.environment, files).await?;
        find::list(&host, files, &Scope::of(None), None).await
    };
    let found = match found.await {
        Ok(found) => found,
        Err(error) => {
            let name = &outer.name;
            app.ui
                .warn(&format!("cannot look into `{name}`: {error:#}"));
            return Vec::new();
        }
    };
    let path: Vec<String> = path
        .iter()
        .cloned()
        .chain([outer.name.to_string()])
        .collect();
    let mut rows = Vec::new();
    for cluster in &found.clusters {
        rows.push(Row {
            inside: Some(path.join("/")),
            ..Row::new(cluster, files, Timestamp::now())
        });
        rows.extend(Box::pin(inside(app, files, cluster, &path)).await);
    }
    rows
}

/// A kubeconfig may be made to go in circles.
const DEPTH_MAX: usize = 8;

/// One virtual cluster as `-o json` and `-o yaml` show it. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) status: Status,
    pub(super) reason: Option<String>,
    pub(super) kubernetes_version: Option<String>,
    pub(super) created: Option<String>,
    pub(super) expires: Option<String>,
    pub(super) persistent: Option<bool>,
    /// As it is typed.
    pub(super) quota: Option<String>,
    pub(super) isolated: Option<bool>,
    pub(super) context: Option<String>,
    pub(super) connected: bool,
    pub(super) uid: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
    /// All that there are, whether met or not.
    pub(super) conditions: Vec<Condition>,
    /// The virtual clusters that it is in, the outermost first, as `OUTER/INNER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inside: Option<String>,
}

impl Row {
    /// What is found on the host, joined with what the kubeconfig knows.
    pub(super) fn new(cluster: &Cluster, files: &Files, now: Timestamp) -> Self {
        let context = files
            .records()
            .into_iter()
            .find(|(_, record)| Some(&record.uid) == cluster.uid.as_ref())
            .map(|(context, _)| context);
        let spec = cluster.spec.as_ref();
        Self {
            name: cluster.name.to_string(),
            namespace: cluster.namespace.to_string(),
            status: cluster.status,
            reason: cluster.reason.clone(),
            kubernetes_version: spec.map(|spec| spec.kubernetes_version.to_string()),
            created: cluster.created.map(|time| time.to_string()),
            expires: cluster.expires.map(|time| time.to_string()),
            persistent: spec.map(|spec| spec.storage != Storage::Ephemeral),
            quota: spec
                .map(ClusterSpec::quota_words)
                .filter(|words| !words.is_empty()),
            isolated: spec.map(|spec| spec.isolate),
            connected: context.is_some() && context.as_deref() == files.current_context(),
            context,
            uid: cluster.uid.clone(),
            labels: cluster.labels.clone(),
            conditions: cluster.conditions(now),
            inside: None,
        }
    }

    /// Its name, with its place in the tree before it.
    fn indented_name(&self) -> String {
        match &self.inside {
            None => self.name.clone(),
            Some(path) => format!("{}└ {}", "  ".repeat(path.matches('/').count()), self.name),
        }
    }

    /// `-o name`.
    pub(super) fn reference(&self) -> String {
        format!("virtualcluster/{}", self.name)
    }
}

/// One cluster as `vc get` prints it.
pub(super) fn text_of_one(row: &Row, format: ListFormat, now: Timestamp) -> anyhow::Result<String> {
    Ok(match format {
        ListFormat::Json => format!("{}\n", serde_json::to_string_pretty(row)?),
        ListFormat::Yaml => serde_saphyr::to_string(row)?,
        _ => text(std::slice::from_ref(row), format, now)?,
    })
}

fn text(rows: &[Row], format: ListFormat, now: Timestamp) -> anyhow::Result<String> {
    Ok(match format {
        ListFormat::Json => format!("{}\n", serde_json::to_string_pretty(rows)?),
        ListFormat::Yaml => serde_saphyr::to_string(&rows)?,
        ListFormat::Name => rows.iter().map(|row| row.reference() + "\n").collect(),
        ListFormat::Table | ListFormat::Wide if rows.is_empty() => String::new(),
        ListFormat::Table => table(rows, false, now, &mut Columns::default()),
        ListFormat::Wide => table(rows, true, now, &mut Columns::default()),
    })
}

/// The columns of a table that is printed bit by bit.
#[derive(Debug, Default)]
struct Columns {
    /// How wide each has been so far; none before the header.
    widths: Vec<u16>,
}

/// Blanks between two columns.
const GAP: u16 = 3;

impl Columns {
    /// Lines of these cells; columns stay as wide as they have been.
    fn lines(&mut self, rows: Vec<Vec<String>>) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING);
        table.add_rows(rows);
        let last = table.column_count().saturating_sub(1);
        let content = table.column_max_content_widths();
        self.widths.resize(content.len(), 0);
        let widths = self.widths.iter_mut().zip(content);
        for (index, ((width, content), column)) in widths.zip(table.column_iter_mut()).enumerate() {
            *width = content.max(*width);
            let gap = if index == last { 0 } else { GAP };
            column.set_padding((0, gap));
            let width = Width::Fixed(width.saturating_add(gap));
            column.set_constraint(ColumnConstraint::LowerBoundary(width));
        }
        let lines: Vec<String> = table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        lines.join("\n") + "\n"
    }
}

/// A table of these cells, the first row of which is the header.
pub(super) fn aligned(rows: Vec<Vec<String>>) -> String {
    Columns::default().lines(rows)
}

const HEADER: [&str; 7] = [
    "NAME",
    "NAMESPACE",
    "STATUS",
    "VERSION",
    "AGE",
    "EXPIRES",
    "CONNECTED",
];

/// What a wide table has more of.
const WIDE_HEADER: [&str; 5] = ["CONTEXT", "STORAGE", "QUOTA", "ISOLATED", "REASON"];

/// The rows, below a header if they are the first.
fn table(rows: &[Row], wide: bool, now: Timestamp, columns: &mut Columns) -> String {
    let mut lines = Vec::new();
    if columns.widths.is_empty() {
        let more = WIDE_HEADER.iter().filter(|_| wide);
        let header = HEADER.iter().chain(more);
        lines.push(header.map(|&title| title.to_owned()).collect());
    }
    lines.extend(rows.iter().map(|row| cells(row, wide, now)));
    columns.lines(lines)
}

fn cells(row: &Row, wide: bool, now: Timestamp) -> Vec<String> {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let time = |text: &Option<String>| text.as_ref()?.parse().ok();
    let dash = || "-".to_owned();
    let mut cells = vec![
        row.indented_name(),
        row.namespace.clone(),
        row.status.to_string(),
        or_dash(&row.kubernetes_version),
        time(&row.created).map_or_else(dash, |created| age(created, now)),
        time(&row.expires).map_or_else(dash, |expires| left(expires, now)),
        if row.connected { "yes" } else { "no" }.to_owned(),
    ];
    if wide {
        let storage = match row.persistent {
            Some(true) => "persistent",
            Some(false) => "ephemeral",
            None => "-",
        };
        cells.extend([
            or_dash(&row.context),
            storage.to_owned(),
            or_dash(&row.quota),
            row.isolated
                .map_or("-", |isolated| if isolated { "yes" } else { "no" })
                .to_owned(),
            or_dash(&row.reason),
        ]);
    }
    cells
}

/// How much is left until then.
pub(super) fn left(expires: Timestamp, now: Timestamp) -> String {
    if expires <= now {
        return "expired".to_owned();
    }
    format!("in {}", age(now, expires))
}

/// The age as kubectl prints it: the two largest units at most, one when it is two digits long.
/// Source: `HumanDuration` in k8s.io/apimachinery/pkg/util/duration.
pub(super) fn age(created: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(created.as_second()).max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let pair = |large: i64, large_unit: &str, small: i64, small_unit: &str| {
        if small == 0 {
            format!("{large}{large_unit}")
        } else {
            format!("{large}{large_unit}{small}{small_unit}")
        }
    };
    match (seconds, minutes, hours, days) {
        (0..120, ..) => format!("{seconds}s"),
        (_, 0..10, ..) => pair(minutes, "m", seconds % 60, "s"),
        (_, 10..180, ..) => format!("{minutes}m"),
        (_, _, 0..8, _) => pair(hours, "h", minutes % 60, "m"),
        (_, _, 8..48, _) => format!("{hours}h"),
        (_, _, _, 0..8) => pair(days, "d", hours % 24, "h"),
        _ => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_as_kubectl_s_do() {
        let now: Timestamp = "2026-01-10T00:00:00Z".parse().unwrap();
        let ago = |seconds: i64| {
            age(
                Timestamp::from_second(now.as_second() - seconds).unwrap(),
                now,
            )
        };
        assert_eq!(ago(0), "0s");
        assert_eq!(ago(119), "119s");
        assert_eq!(ago(120), "2m");
        assert_eq!(ago(125), "2m5s");
        assert_eq!(ago(600), "10m");
        assert_eq!(ago(3 * 3_600), "3h");
        assert_eq!(ago(3 * 3_600 + 60), "3h1m");
        assert_eq!(ago(9 * 3_600), "9h");
        assert_eq!(ago(50 * 3_600), "2d2h");
        assert_eq!(ago(9 * 86_400), "9d");
        assert_eq!(ago(-5), "0s");
    }

    pub(super) fn row() -> Row {
        Row {
            name: "dev".to_owned(),
            namespace: "team-a".to_owned(),
            status: Status::Degraded,
            reason: Some("its pod does not exist".to_owned()),
            kubernetes_version: Some("v1.35.4".to_owned()),
            created: Some("2026-01-09T23:59:00Z".to_owned()),
            expires: Some("2026-01-10T01:59:00Z".to_owned()),
            persistent: Some(true),
            quota: Some("pods=50,cpu=10".to_owned()),
            isolated: Some(true),
            context: Some("vc-dev".to_owned()),
            connected: true,
            uid: Some("u-1".to_owned()),
            labels: BTreeMap::new(),
            conditions: Vec::new(),
            inside: None,
        }
    }

    #[test]
    fn a_list_is_printed_in_every_form() {
        let now: Timestamp = "2026-01-10T00:00:00Z".parse().unwrap();
        let print = |format| text(&[row()], format, now).unwrap();
        assert_eq!(
            print(ListFormat::Table),
            "NAME   NAMESPACE   STATUS     VERSION   AGE   EXPIRES   CONNECTED\n\
             dev    team-a      Degraded   v1.35.4   60s   in 119m   yes\n"
        );
        assert_eq!(
            print(ListFormat::Wide),
            "NAME   NAMESPACE   STATUS     VERSION   AGE   EXPIRES   CONNECTED   CONTEXT   STORAGE      QUOTA            ISOLATED   REASON\n\
             dev    team-a      Degraded   v1.35.4   60s   in 119m   yes         vc-dev    persistent   pods=50,cpu=10   yes        its pod does not exist\n"
        );
        assert_eq!(print(ListFormat::Name), "virtualcluster/dev\n");
        let json: serde_json::Value = serde_json::from_str(&print(ListFormat::Json)).unwrap();
        assert_eq!(json[0]["kubernetesVersion"], "v1.35.4");
        assert_eq!(json[0]["status"], "Degraded");
        assert!(print(ListFormat::Yaml).contains("namespace: team-a\n"));
    }

    #[test]
    fn clusters_inside_clusters_are_a_tree() {
        let now: Timestamp = "2026-01-10T00:00:00Z".parse().unwrap();
        let inside = |path: Option<&str>| Row {
            inside: path.map(str::to_owned),
            ..row()
        };
        let rows = [inside(None), inside(Some("dev")), inside(Some("dev/dev"))];
        let table = text(&rows, ListFormat::Table, now).unwrap();
        let names: Vec<&str> = table
            .lines()
            .map(|line| line.split("team-a").next().unwrap())
            .collect();
        assert_eq!(names[1..], ["dev       ", "└ dev     ", "  └ dev   "]);
        let json = text(&rows, ListFormat::Json, now).unwrap();
        assert!(json.contains("\"inside\": \"dev/dev\""), "{json}");
    }

    #[test]
    fn what_is_left_of_a_life_is_told_until_it_is_over() {
        let now: Timestamp = "2026-01-10T00:00:00Z".parse().unwrap();
        let expires = |time: Option<&str>| Row {
            expires: time.map(str::to_owned),
            ..row()
        };
        let rows = [
            expires(None),
            expires(Some("2026-01-10T00:00:01Z")),
            expires(Some("2026-01-10T00:00:00Z")),
        ];
        let table = text(&rows, ListFormat::Table, now).unwrap();
        let cells: Vec<&str> = table
            .lines()
            .skip(1)
            .map(|line| line.split("60s").nth(1).unwrap().trim())
            .collect();
        assert_eq!(cells, ["-         yes", "in 1s     yes", "expired   yes"]);
    }

    #[test]
    fn an_empty_list_is_still_data() {
        let now: Timestamp = "2026-01-10T00:00:00Z".parse().unwrap();
        assert_eq!(text(&[], ListFormat::Json, now).unwrap(), "[]\n");
        assert_eq!(text(&[], ListFormat::Name, now).unwrap(), "");
        assert_eq!(text(&[], ListFormat::Table, now).unwrap(), "");
    }
}
