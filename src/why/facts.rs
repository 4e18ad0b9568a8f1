//! What is known of an object and of what it needs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::fields::{name, namespace, text, uid};
use super::report::Evidence;

/// Something of the host's, or why it was not to be seen.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen<T> {
    /// It was seen.
    Known(T),
    /// It was not, for this reason.
    Unknown(String),
}

impl<T> Seen<T> {
    /// What was seen.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(known) => Some(known),
            Self::Unknown(_) => None,
        }
    }
}

/// Where the virtual cluster is, and how its two sides are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub cluster: String,
    /// Its host namespace.
    pub host_namespace: String,
    /// What a command for the virtual cluster begins with: `kubectl --context vc-dev`.
    pub virtual_kubectl: String,
    /// What a command for the host begins with, its namespace included.
    pub host_kubectl: String,
}

/// The last lines of a container's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// UID of the pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Its last lines, the oldest first.
    pub lines: Vec<String>,
}

/// An object that a pod cannot do without and that does not exist in the virtual cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// UID of the pod.
    pub pod: String,
    /// `Secret`
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Where the pod names it: `volume `v``, `container `main``.
    pub by: String,
}

/// Everything. Objects are as the API servers give them, with their kind.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The cluster.
    pub place: Place,
    /// When this was so.
    pub now: Timestamp,
    /// The virtual object that is asked about.
    pub subject: Value,
    /// What stands between it and its pods: the ReplicaSet of a Deployment, the Services of an Ingress.
    pub between: Vec<Value>,
    /// Its virtual pods, those first that are worst off; itself, if it is one.
    pub pods: Vec<Value>,
    /// The virtual claims of the first pod; itself, if it is one.
    pub claims: Vec<Value>,
    /// Events of all these in the virtual cluster's words, the oldest first.
    pub events: Vec<Value>,
    /// The host objects of some of these, by the virtual objects' UIDs.
    pub twins: BTreeMap<String, Seen<Option<Value>>>,
    /// What the first pod lacks.
    pub missing: Vec<Missing>,
    /// The virtual node of the first pod, if it has one.
    pub node: Option<Value>,
    /// Logs of containers that have failed.
    pub logs: Vec<Log>,
    /// The control-plane pod.
    pub control_plane: Seen<Option<Value>>,
    /// What else was to be seen on the host and was not, with the reason.
    pub unseen: Vec<String>,
}

/// How many events a report shows beside what has shown the cause: one screen is to be enough.
const MOST_EVENTS: usize = 3;

impl Facts {
    /// Whether the host has an object for this one; none when nobody knows.
    pub(super) fn is_on_host(&self, object: &Value) -> Option<bool> {
        let seen = self.twins.get(uid(object))?.known()?;
        Some(seen.is_some())
    }

    /// The host object for this one, if it was seen.
    pub(super) fn twin(&self, object: &Value) -> Option<&Value> {
        self.twins.get(uid(object))?.known()?.as_ref()
    }

    /// The events about an object, the latest first.
    pub(super) fn events_of<'a>(&'a self, object: &'a Value) -> impl Iterator<Item = &'a Value> {
        let is_about = |event: &&Value| {
            let about = |field: &str| text(event, &format!("/involvedObject/{field}"));
            about("uid") == uid(object)
                || about("uid").is_empty()
                    && about("name") == name(object)
                    && about("kind") == text(object, "/kind")
        };
        self.events.iter().rev().filter(is_about)
    }

    /// The latest event about an object of one of these reasons.
    pub(super) fn event<'a>(&'a self, object: &'a Value, reasons: &[&str]) -> Option<&'a Value> {
        let mut all = self.events_of(object);
        all.find(|event| reasons.contains(&text(event, "/reason")))
    }

    /// What a finding has shown already, and the last warnings about the same object that say more; about any
    /// when it has shown nothing.
    pub(super) fn told(&self, mut shown: Vec<Evidence>) -> Vec<Evidence> {
        let whose = shown.first().map(|first| first.about.clone());
        let warnings = self.events.iter().rev();
        let warnings = warnings.filter(|event| text(event, "/type") == "Warning");
        let mut more: Vec<Evidence> = Vec::new();
        for event in warnings.map(Evidence::of_event) {
            let is_concerned = whose.as_ref().is_none_or(|whose| *whose == event.about);
            let says_more =
                |one: &Evidence| !one.message.contains(&event.message) || one.about != event.about;
            if is_concerned && more.len() < MOST_EVENTS && shown.iter().chain(&more).all(says_more)
            {
                more.push(event);
            }
        }
        more.reverse();
        shown.extend(more);
        shown
    }

    /// What was not to be seen.
    pub(super) fn unknown(&self) -> Vec<String> {
        let mut unknown: Vec<String> = Vec::new();
        let twins = self.twins.values().filter_map(|seen| match seen {
            Seen::Unknown(why) => Some(why.clone()),
            Seen::Known(_) => None,
        });
        for why in twins.chain(self.unseen.iter().cloned()) {
            if !unknown.contains(&why) {
                unknown.push(why);
            }
        }
        unknown
    }

    /// A command of `kubectl` in an object's namespace of the virtual cluster.
    pub(super) fn kubectl(&self, object: &Value, rest: &str) -> String {
        let (kubectl, namespace) = (&self.place.virtual_kubectl, namespace(object));
        format!("{kubectl} -n {namespace} {rest}")
    }

    /// The command that describes an object.
    pub(super) fn describe(&self, object: &Value) -> String {
        let kind = text(object, "/kind").to_lowercase();
        self.kubectl(object, &format!("describe {kind} {}", name(object)))
    }

    /// A command of `kubectl` in the host namespace.
    pub(super) fn host(&self, rest: &str) -> String {
        format!("{} {rest}", self.place.host_kubectl)
    }

    /// A command of `vc` about the cluster.
    pub(super) fn vc(&self, command: &str, rest: &str) -> String {
        let Place {
            cluster,
            host_namespace,
            ..
        } = &self.place;
        let command = format!("vc {command} {cluster} -n {host_namespace} {rest}");
        command.trim_end().to_owned()
    }
}
