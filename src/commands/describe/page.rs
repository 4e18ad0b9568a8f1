//! A virtual cluster on one screen.
//!
//! In: a [`Description`] and the time. Out: text. Never: looks for anything.

use std::fmt::Display;

use jiff::Timestamp;

use super::description::{Certificate, Container, ControlPlane, Description, Happening, Part};
use crate::cluster::{ClusterSpec, Condition, Resources, Storage};
use crate::commands::list::{age, aligned, left};

/// The screen.
pub(super) fn page(description: &Description, now: Timestamp) -> String {
    let row = &description.row;
    let mut page = Page::default();
    page.line("Name", &row.name);
    page.line("Namespace", &row.namespace);
    page.line("UID", or_none(row.uid.as_ref()));
    page.line(
        "Status",
        match &row.reason {
            Some(reason) => format!("{}: {reason}", row.status),
            None => row.status.to_string(),
        },
    );
    page.line("Created", at(row.created.as_ref(), now, "-"));
    page.line("Expires", at(row.expires.as_ref(), now, "never"));
    let labels = row.labels.iter();
    let labels: Vec<String> = labels
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    page.line("Labels", or_none(words(&labels).as_ref()));
    page.line(
        "Context",
        match &row.context {
            Some(context) if row.connected => format!("{context} (current)"),
            Some(context) => context.clone(),
            None => format!(
                "none; make one with `vc connect {} -n {}`",
                row.name, row.namespace
            ),
        },
    );
    page.rows("Conditions", conditions(&row.conditions));
    match &description.spec {
        Some(spec) => page.spec(spec),
        None => page.line(
            "Made from",
            "unknown: the marker is missing or cannot be read",
        ),
    }
    if let Some(since) = &description.store_full_since {
        let since = at(Some(since), now, "");
        page.line(
            "Store",
            format!("full since {since}: writes are refused until something in it is deleted"),
        );
    }
    page.part("Control plane", &description.control_plane, |page, pod| {
        page.control_plane(pod.as_ref(), now);
    });
    page.part("Certificates", &description.certificates, |page, all| {
        page.rows("Certificates", certificates(all, now));
    });
    page.part("Pods", &description.pods, |page, phases| {
        let phases = phases
            .iter()
            .map(|(phase, count)| format!("{count} {phase}"));
        page.line("Pods", or_none(words(&phases.collect::<Vec<_>>()).as_ref()));
    });
    page.part("Events", &description.events, |page, all| {
        page.rows("Events", events(all, now));
    });
    page.0.join("\n") + "\n"
}

#[derive(Default)]
struct Page(Vec<String>);

/// Where the values begin.
const VALUES: usize = 16;

impl Page {
    fn line(&mut self, title: &str, value: impl Display) {
        let title = format!("{title}:");
        self.0.push(format!("{title:VALUES$}{value}"));
    }

    fn indent(&mut self, lines: &str) {
        self.0.extend(lines.lines().map(|line| format!("  {line}")));
    }

    /// What is known, or why it is not.
    fn part<T>(&mut self, title: &str, part: &Part<T>, known: impl FnOnce(&mut Self, &T)) {
        match part {
            Part::Known(value) => known(self, value),
            Part::Unknown { unknown } => self.line(title, format!("unknown: {unknown}")),
        }
    }

    /// A table below its title.
    fn rows(&mut self, title: &str, rows: Vec<Vec<String>>) {
        if rows.len() < 2 {
            return self.line(title, "none");
        }
        self.0.push(format!("{title}:"));
        self.indent(&aligned(rows));
    }

    fn spec(&mut self, spec: &ClusterSpec) {
        self.line("Kubernetes", spec.kubernetes_version.to_string());
        self.line("Registry", &spec.registry);
        self.line(
            "Image",
            or_none(Some(&spec.syncer_image).filter(|image| !image.is_empty())),
        );
        self.line(
            "Storage",
            match &spec.storage {
                Storage::Ephemeral => "ephemeral: gone with the pod".to_owned(),
                Storage::Persistent { class: None, size } => {
                    format!("{size}, the host's default class")
                }
                Storage::Persistent {
                    class: Some(class),
                    size,
                } => format!("{size}, class {class}"),
            },
        );
        self.line("Resources", resources(&spec.resources));
        self.line("Quota", or_none(words(&[spec.quota_words()]).as_ref()));
        self.line("Isolated", if spec.isolate { "yes" } else { "no" });
        self.line(
            "Sleeps",
            match spec.sleep_after() {
                Some(after) => format!("after {} without use", humantime::format_duration(after)),
                None => "never".to_owned(),
            },
        );
        self.line("Pod Security", spec.pod_security.name());
        self.line("Synced", or_none(words(&synced(spec)).as_ref()));
        self.line("Grants", or_none(words(&grants(spec)).as_ref()));
    }

    fn control_plane(&mut self, pod: Option<&ControlPlane>, now: Timestamp) {
        let Some(pod) = pod else {
            return self.line("Control plane", "its pod does not exist");
        };
        let phase = pod.phase.as_deref().unwrap_or("Unknown");
        let place = match &pod.node {
            Some(node) => format!("on node {node}"),
            None => "on no node yet".to_owned(),
        };
        self.line(
            "Control plane",
            format!("pod {}, {phase}, {place}", pod.pod),
        );
        self.indent(&aligned(containers(&pod.containers, now)));
    }
}

fn or_none(value: Option<&String>) -> String {
    value.map_or_else(|| "none".to_owned(), Clone::clone)
}

/// These with commas between; none when there are none.
fn words(all: &[String]) -> Option<String> {
    let all: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// A time, and how far away it is.
fn at(time: Option<&String>, now: Timestamp, never: &str) -> String {
    let Some(text) = time else {
        return never.to_owned();
    };
    let Ok(time) = text.parse::<Timestamp>() else {
        return text.clone();
    };
    if time > now {
        format!("{text} ({})", left(time, now))
    } else {
        format!("{text} ({} ago)", age(time, now))
    }
}

fn resources(resources: &Resources) -> String {
    let cpu = |millicores: u64| format!("{millicores}m CPU");
    let memory = |mebibytes: u64| format!("{mebibytes}Mi memory");
    let limits = [
        resources.cpu_limit_millicores.map(cpu),
        resources.memory_limit_mebibytes.map(memory),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    format!(
        "requests {}, {}; limits {}",
        cpu(resources.cpu_request_millicores),
        memory(resources.memory_request_mebibytes),
        or_none(words(&limits).as_ref())
    )
}

/// What is carried to the host or shown from it, beyond what always is.
fn synced(spec: &ClusterSpec) -> Vec<String> {
    let shown = [
        (spec.sync_nodes, "nodes"),
        (spec.sync_storage_classes, "storageclasses"),
    ];
    let shown = shown.into_iter().filter(|(is_shown, _)| *is_shown);
    let shown = shown.map(|(_, name)| name.to_owned());
    let sync = &spec.sync;
    let kinds = sync.kinds.iter().map(|kind| kind.name().to_owned());
    let custom = sync.custom.iter();
    let custom = custom.map(|kind| format!("{}.{}", kind.plural, kind.group));
    let imports = sync.from_host.iter().map(|import| {
        let kind = format!("{:?}", import.kind).to_lowercase();
        format!("{kind}/{} from the host", import.name)
    });
    shown.chain(kinds).chain(custom).chain(imports).collect()
}

/// What the syncer may do that not everybody can grant.
fn grants(spec: &ClusterSpec) -> Vec<String> {
    let grants = spec.grants;
    let all = [
        (grants.ephemeral_containers, "ephemeral containers"),
        (grants.resize, "resize"),
        (grants.status, "status"),
        (grants.endpoint_slices, "endpoint slices"),
        (grants.pod_metrics, "pod metrics"),
        (grants.node_metrics, "node metrics"),
    ];
    let all = all.into_iter().filter(|(is_granted, _)| *is_granted);
    all.map(|(_, name)| name.to_owned()).collect()
}

fn header<const N: usize>(titles: [&str; N]) -> Vec<String> {
    titles.map(str::to_owned).to_vec()
}

fn conditions(all: &[Condition]) -> Vec<Vec<String>> {
    let mut rows = vec![header(["CONDITION", "STATUS", "REASON", "MESSAGE"])];
    rows.extend(all.iter().map(|condition| {
        vec![
            condition.type_.to_string(),
            condition.status.to_string(),
            condition.reason.to_owned(),
            condition.message.clone().unwrap_or_default(),
        ]
    }));
    rows
}

fn containers(all: &[Container], now: Timestamp) -> Vec<Vec<String>> {
    let mut rows = vec![header([
        "CONTAINER",
        "READY",
        "STATE",
        "RESTARTS",
        "LAST END",
    ])];
    for container in all {
        let end = container.last_end.as_ref().map(|end| {
            let reason = end.reason.as_deref().unwrap_or("ended");
            let code = end.exit_code;
            let when = at(end.time.as_ref(), now, "at an unknown time");
            format!("{reason}, exit code {code}, {when}")
        });
        rows.push(vec![
            container.name.clone(),
            if container.ready { "yes" } else { "no" }.to_owned(),
            container.state.clone(),
            container.restarts.to_string(),
            end.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    rows
}

fn certificates(all: &[Certificate], now: Timestamp) -> Vec<Vec<String>> {
    let mut rows = vec![header(["CERTIFICATE", "EXPIRES"])];
    for certificate in all {
        let expires = at(certificate.expires.as_ref(), now, "unreadable");
        rows.push(vec![certificate.name.clone(), expires]);
    }
    rows
}

fn events(all: &[Happening], now: Timestamp) -> Vec<Vec<String>> {
    let mut rows = vec![header(["AGE", "TYPE", "REASON", "OBJECT", "MESSAGE"])];
    for event in all {
        let time: Option<Timestamp> = event.time.as_ref().and_then(|time| time.parse().ok());
        let times = if event.count > 1 {
            format!(" (x{})", event.count)
        } else {
            String::new()
        };
        rows.push(vec![
            time.map_or_else(|| "-".to_owned(), |time| age(time, now)),
            event.type_.clone(),
            event.reason.clone(),
            event.object.clone(),
            format!("{}{times}", event.message),
        ]);
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::description::{End, Phases};
    use super::*;
    use crate::cluster::{ConditionStatus, ConditionType, Status};
    use crate::commands::list::Row;

    fn description() -> Description {
        let spec = serde_json::json!({
            "name": "dev", "namespace": "team-a", "kubernetesVersion": "v1.35.4",
            "registry": "registry.k8s.io", "syncerImage": "vc.local/vc:1",
            "storage": {"type": "persistent", "size": "5Gi"},
            "resources": {"cpuRequestMillicores": 200, "memoryRequestMebibytes": 384,
                "memoryLimitMebibytes": 2048},
            "serviceCidrs": ["10.96.0.0/16"], "syncNodes": true,
            "sync": {"kinds": ["ingresses"], "fromHost": [{"kind": "Secret", "name": "licence"}]},
            "grants": {"resize": true}, "quota": {"requests.cpu": "10"},
        });
        let container = |name: &str, restarts, last_end| Container {
            name: name.to_owned(),
            image: String::new(),
            ready: restarts == 0,
            state: "Running".to_owned(),
            restarts,
            last_end,
        };
        let killed = End {
            reason: Some("OOMKilled".to_owned()),
            exit_code: 137,
            time: Some("2026-01-09T23:59:00Z".to_owned()),
        };
        Description {
            row: Row {
                name: "dev".to_owned(),
                namespace: "team-a".to_owned(),
                status: Status::Degraded,
                reason: Some("1/2 ready, starting syncer".to_owned()),
                kubernetes_version: Some("v1.35.4".to_owned()),
                created: Some("2026-01-09T00:00:00Z".to_owned()),
                expires: Some("2026-01-10T02:00:00Z".to_owned()),
                persistent: Some(true),
                quota: Some("cpu=10".to_owned()),
                isolated: Some(false),
                context: Some("vc-dev".to_owned()),
                connected: true,
                uid: Some("u-1".to_owned()),
                labels: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
                conditions: vec![Condition {
                    type_: ConditionType::Ready,
                    status: ConditionStatus::False,
                    reason: "Degraded",
                    message: Some("1/2 ready, starting syncer".to_owned()),
                }],
                inside: None,
            },
            spec: Some(serde_json::from_value(spec).unwrap()),
            store_full_since: Some("2026-01-09T23:50:00Z".to_owned()),
            control_plane: Part::Known(Some(ControlPlane {
                pod: "vc-dev-0".to_owned(),
                node: Some("n1".to_owned()),
                phase: Some("Running".to_owned()),
                containers: vec![
                    container("etcd", 0, None),
                    container("syncer", 2, Some(killed)),
                ],
            })),
            certificates: Part::Known(vec![Certificate {
                name: "apiserver".to_owned(),
                expires: Some("2027-01-10T00:00:00Z".to_owned()),
            }]),
            pods: Part::Known(Phases::from([
                ("Pending".to_owned(), 1),
                ("Running".to_owned(), 3),
            ])),
            events: Part::Unknown {
                unknown: "cannot list events".to_owned(),
            },
        }
    }

    fn now() -> Timestamp {
        "2026-01-10T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn everything_has_its_place_on_the_page() {
        assert_eq!(
            page(&description(), now()),
            "\
Name:           dev
Namespace:      team-a
UID:            u-1
Status:         Degraded: 1/2 ready, starting syncer
Created:        2026-01-09T00:00:00Z (24h ago)
Expires:        2026-01-10T02:00:00Z (in 120m)
Labels:         team=shop
Context:        vc-dev (current)
Conditions:
  CONDITION   STATUS   REASON     MESSAGE
  Ready       False    Degraded   1/2 ready, starting syncer
Kubernetes:     v1.35.4
Registry:       registry.k8s.io
Image:          vc.local/vc:1
Storage:        5Gi, the host's default class
Resources:      requests 200m CPU, 384Mi memory; limits 2048Mi memory
Quota:          cpu=10
Isolated:       no
Sleeps:         never
Pod Security:   baseline
Synced:         nodes, ingresses, secret/licence from the host
Grants:         resize
Store:          full since 2026-01-09T23:50:00Z (10m ago): writes are refused until something in it is deleted
Control plane:  pod vc-dev-0, Running, on node n1
  CONTAINER   READY   STATE     RESTARTS   LAST END
  etcd        yes     Running   0          -
  syncer      no      Running   2          OOMKilled, exit code 137, 2026-01-09T23:59:00Z (60s ago)
Certificates:
  CERTIFICATE   EXPIRES
  apiserver     2027-01-10T00:00:00Z (in 365d)
Pods:           1 Pending, 3 Running
Events:         unknown: cannot list events
"
        );
    }

    #[test]
    fn what_is_not_there_is_said() {
        let mut bare = description();
        bare.spec = None;
        bare.control_plane = Part::Known(None);
        bare.certificates = Part::Known(Vec::new());
        bare.pods = Part::Known(Phases::new());
        bare.events = Part::Known(Vec::new());
        bare.row.context = None;
        bare.row.expires = None;
        bare.store_full_since = None;
        let page = page(&bare, now());
        assert!(!page.contains("Store:"), "{page}");
        for line in [
            "Expires:        never",
            "Context:        none; make one with `vc connect dev -n team-a`",
            "Made from:      unknown: the marker is missing or cannot be read",
            "Control plane:  its pod does not exist",
            "Certificates:   none",
            "Pods:           none",
            "Events:         none",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
    }
}
