//! Events as a table, those of the host under virtual names.
//!
//! In: Events, and the host objects of one virtual cluster. Out: text. Never: an Event about anybody else's
//! object; the host namespace has other tenants.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::labels;

/// What host objects are called in the virtual cluster.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The namespace that all of them are in on the host.
    namespace: String,
    /// By kind and name on the host: `default/web-0`; `control-plane/vc-dev-0` of the cluster's own.
    of: BTreeMap<(String, String), String>,
}

impl Names {
    /// None yet, of objects in this host namespace.
    pub(super) fn of_namespace(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            ..Self::default()
        }
    }

    /// Notes what a host object of the cluster stands for.
    pub(super) fn note(&mut self, kind: &str, metadata: &ObjectMeta) {
        let host = metadata.name.clone().unwrap_or_default();
        let mark = |key| metadata.annotations.as_ref()?.get(key);
        let name = match (mark(labels::VIRTUAL_NAMESPACE), mark(labels::VIRTUAL_NAME)) {
            (Some(namespace), Some(name)) => format!("{namespace}/{name}"),
            _ => format!("control-plane/{host}"),
        };
        self.of.insert((kind.to_owned(), host), name);
    }

    /// `pod default/web-0`; none when the Event is not about one of the cluster's objects.
    pub(super) fn of(&self, event: &Event) -> Option<String> {
        let about = &event.involved_object;
        let (kind, name) = (about.kind.clone()?, about.name.clone()?);
        let found = self.of.get(&(kind.clone(), name))?;
        Some(format!("{} {found}", kind.to_lowercase()))
    }

    /// The Event with virtual names in its message.
    pub(super) fn scrub(&self, mut event: Event) -> Event {
        let mut names: Vec<(&String, &String)> = self
            .of
            .iter()
            .map(|((_, host), name)| (host, name))
            .collect();
        // Of two names of which one begins as the other, the longer is meant.
        names.sort_by_key(|(host, _)| std::cmp::Reverse(host.len()));
        if let Some(message) = &mut event.message {
            for (host, name) in names.iter().filter(|(_, name)| is_virtual(name)) {
                *message = message
                    .replace(&format!("{}/{host}", self.namespace), name)
                    .replace(host.as_str(), name);
            }
        }
        event
    }
}

fn is_virtual(name: &str) -> bool {
    !name.starts_with("control-plane/")
}

/// `pod default/web-0`, of an Event of the virtual cluster itself.
pub(super) fn own_name(event: &Event) -> String {
    let about = &event.involved_object;
    let kind = about.kind.clone().unwrap_or_default().to_lowercase();
    let name = about.name.clone().unwrap_or_default();
    match &about.namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

/// One line for each Event that has a name, the earliest first.
pub(super) fn table(events: &[Event], name: impl Fn(&Event) -> Option<String>) -> String {
    let mut rows: Vec<(Option<Timestamp>, &Event, String)> = events
        .iter()
        .filter_map(|event| Some((last_seen(event), event, name(event)?)))
        .collect();
    rows.sort_by_key(|(seen, ..)| *seen);
    let mut text = String::new();
    for (seen, event, name) in rows {
        let seen = seen.map_or_else(
            || "-".to_owned(),
            |seen| seen.strftime("%FT%TZ").to_string(),
        );
        let kind = event.type_.as_deref().unwrap_or("-");
        let reason = event.reason.as_deref().unwrap_or("-");
        let message = event.message.as_deref().unwrap_or_default();
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let count = event.count.filter(|count| *count > 1);
        let count = count.map_or_else(String::new, |count| format!(" (x{count})"));
        // A String takes what it is given.
        let _ = writeln!(
            text,
            "{seen}  {kind:<7}  {reason:<24}  {name}  {message}{count}"
        );
    }
    text
}

fn last_seen(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref();
    let series = series.and_then(|series| series.last_observed_time.as_ref());
    let times = [
        series.map(|time| time.0),
        event.last_timestamp.as_ref().map(|time| time.0),
        event.event_time.as_ref().map(|time| time.0),
        event.first_timestamp.as_ref().map(|time| time.0),
        event
            .metadata
            .creation_timestamp
            .as_ref()
            .map(|time| time.0),
    ];
    times.into_iter().flatten().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::{Value, json};

    fn metadata(name: &str, marks: &Value) -> ObjectMeta {
        let pod: Pod =
            serde_json::from_value(json!({"metadata": {"name": name, "annotations": marks}}))
                .unwrap();
        pod.metadata
    }

    fn event(kind: &str, name: &str, message: &str, seen: &str) -> Event {
        serde_json::from_value(json!({
            "metadata": {"name": "e"}, "type": "Warning", "reason": "Failed", "count": 2,
            "involvedObject": {"kind": kind, "name": name, "namespace": "team-a"},
            "message": message, "lastTimestamp": seen,
        }))
        .unwrap()
    }

    #[test]
    fn host_events_are_told_under_virtual_names_and_those_of_others_are_not() {
        let mut names = Names::of_namespace("team-a");
        let marks = json!({
            "vc.internal/name": "web-0", "vc.internal/virtual-namespace": "shop",
        });
        names.note("Pod", &metadata("web-0-x-abc", &marks));
        names.note("Pod", &metadata("vc-dev-0", &json!({})));
        let events = [
            event("Pod", "vc-dev-0", "pulled", "2026-01-01T00:00:02Z"),
            event(
                "Pod",
                "web-0-x-abc",
                "team-a/web-0-x-abc: web-0-x-abc is\n late",
                "2026-01-01T00:00:01Z",
            ),
            event("Pod", "somebody-else", "hello", "2026-01-01T00:00:00Z"),
            event("Service", "web-0-x-abc", "hello", "2026-01-01T00:00:00Z"),
        ];
        let events = events.map(|event| names.scrub(event));
        let table = table(&events, |event| names.of(event));
        assert_eq!(
            table,
            "2026-01-01T00:00:01Z  Warning  Failed                    pod shop/web-0  shop/web-0: shop/web-0 is late (x2)\n\
             2026-01-01T00:00:02Z  Warning  Failed                    pod control-plane/vc-dev-0  pulled (x2)\n"
        );
    }

    #[test]
    fn events_of_the_cluster_have_the_names_they_have() {
        let events = [event("Pod", "web", "m", "2026-01-01T00:00:01Z")];
        let table = table(&events, |event| Some(own_name(event)));
        assert!(table.contains("  pod team-a/web  m (x2)\n"), "{table}");
    }
}
