//! One event as it is printed.
//!
//! In: events in the virtual cluster's words. Out: [`Row`]s in the order in which they happened, each once. Never:
//! asks anybody.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::why::{Side, happened, text};

/// An event. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    /// When it happened last (RFC 3339); none if it does not say.
    pub(super) time: Option<String>,
    /// Who tells it: the host, if the virtual cluster does not.
    pub(super) side: Side,
    /// Namespace of the virtual object.
    pub(super) namespace: String,
    /// `Normal` or `Warning`
    #[serde(rename = "type")]
    pub(super) type_: String,
    pub(super) reason: String,
    /// `pod/web`
    pub(super) object: String,
    pub(super) count: i64,
    pub(super) message: String,
    /// Its name in the virtual cluster, which is the same whoever tells it.
    #[serde(skip)]
    name: String,
}

/// By which an event is known that is told twice.
pub(super) type Key = (String, String, i64, Option<String>);

impl Row {
    /// Reads an event in the virtual cluster's words.
    pub(super) fn of(event: &Value, side: Side) -> Self {
        let about = |field: &str| text(event, &format!("/involvedObject/{field}"));
        let words = text(event, "/message").split_whitespace();
        let count = ["/series/count", "/count"]
            .into_iter()
            .find_map(|count| event.pointer(count)?.as_i64());
        Self {
            time: happened(event),
            side,
            namespace: text(event, "/metadata/namespace").to_owned(),
            type_: text(event, "/type").to_owned(),
            reason: text(event, "/reason").to_owned(),
            object: format!("{}/{}", about("kind").to_lowercase(), about("name")),
            count: count.unwrap_or(1),
            message: words.collect::<Vec<_>>().join(" "),
            name: text(event, "/metadata/name").to_owned(),
        }
    }

    /// See [`Key`].
    pub(super) fn key(&self) -> Key {
        let (namespace, name) = (self.namespace.clone(), self.name.clone());
        (namespace, name, self.count, self.time.clone())
    }

    /// For people.
    pub(super) fn line(&self) -> String {
        let Self {
            time,
            namespace,
            type_,
            reason,
            object,
            count,
            message,
            ..
        } = self;
        let time = time.as_deref().unwrap_or("-");
        let often = if *count > 1 {
            format!(" ({count} times)")
        } else {
            String::new()
        };
        format!("{time}  {type_:7}  {namespace}  {object}  {reason}{often}: {message}")
    }
}

/// All of them in the order in which they happened; what the virtual cluster has told is not told by the host again.
pub(super) fn merged(told: Vec<Row>, host: Vec<Row>) -> Vec<Row> {
    let name = |row: &Row| (row.namespace.clone(), row.name.clone());
    let known: BTreeSet<_> = told.iter().map(name).collect();
    let more = host.into_iter().filter(|row| !known.contains(&name(row)));
    let mut all: Vec<Row> = told.into_iter().chain(more).collect();
    all.sort_by(|a, b| (&a.time, &a.name).cmp(&(&b.time, &b.name)));
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(name: &str, time: &str, side: Side) -> Row {
        let event = json!({
            "metadata": {"name": name, "namespace": "shop"}, "type": "Warning", "reason": "BackOff",
            "message": "it\n is broken", "count": 3, "lastTimestamp": time,
            "involvedObject": {"kind": "Pod", "name": "web"},
        });
        Row::of(&event, side)
    }

    #[test]
    fn what_both_sides_tell_is_told_once_and_in_order() {
        let told = vec![
            row("b", "2026-01-01T00:00:02Z", Side::Virtual),
            row("a", "2026-01-01T00:00:01Z", Side::Virtual),
        ];
        let host = vec![
            row("b", "2026-01-01T00:00:02Z", Side::Host),
            row("c", "2026-01-01T00:00:00Z", Side::Host),
        ];
        let all = merged(told, host);
        let seen: Vec<(&str, Side)> = all
            .iter()
            .map(|row| (row.name.as_str(), row.side))
            .collect();
        assert_eq!(
            seen,
            [
                ("c", Side::Host),
                ("a", Side::Virtual),
                ("b", Side::Virtual)
            ]
        );
    }

    #[test]
    fn an_event_is_a_line_for_people_and_an_object_for_programs() {
        let row = row("a", "2026-01-01T00:00:01Z", Side::Host);
        assert_eq!(
            row.line(),
            "2026-01-01T00:00:01Z  Warning  shop  pod/web  BackOff (3 times): it is broken"
        );
        assert_eq!(
            serde_json::to_value(&row).unwrap(),
            json!({
                "time": "2026-01-01T00:00:01Z", "side": "host", "namespace": "shop", "type": "Warning",
                "reason": "BackOff", "object": "pod/web", "count": 3, "message": "it is broken",
            })
        );
    }
}
