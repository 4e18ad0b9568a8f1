//! The syncer's Role has nothing that is not needed: without any one verb on any one resource something that
//! somebody does inside is refused, and what is refused is just that.
//!
//! The verbs go one after the other, each of all resources at once: what is refused of one resource hides nothing
//! of another. What a syncer asks for when it starts goes together, and comes back as it is missed, because only
//! then is the next asked for.

mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Cluster, until, until_none_is_left};

/// Group of the figures of pods.
const METRICS: &str = "metrics.k8s.io";

/// When a syncer starts; the other occasions are called as the verb.
const START: &str = "start";

/// How long it may take until all that was refused is made good, beside other tests.
const PATIENCE: Duration = Duration::from_mins(2);

/// A verb on a resource of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Right {
    verb: String,
    resource: String,
    group: String,
}

type Rights = BTreeSet<Right>;

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.group.is_empty() { "" } else { "." };
        let Self {
            verb,
            resource,
            group,
        } = self;
        write!(formatter, "{verb} {resource}{dot}{group}")
    }
}

impl Right {
    fn new(verb: &str, resource: &str, group: &str) -> Self {
        Self {
            verb: verb.to_owned(),
            resource: resource.to_owned(),
            group: group.to_owned(),
        }
    }

    /// On which occasion it shows that it is missing.
    fn occasion(&self) -> &str {
        match (&*self.verb, &*self.resource) {
            ("list", _) if self.group == METRICS => "get",
            // Whoever starts notes in the marker that it is the one who writes.
            ("list" | "watch", _) | ("patch", "configmaps") => START,
            (verb, _) => verb,
        }
    }

    /// Whether a text says that it is missing: in Kubernetes' words for it, or in those on an object of a kind that
    /// is synced by option.
    fn is_missed_in(&self, text: &str) -> bool {
        let Self {
            verb,
            resource,
            group,
        } = self;
        let refused = format!("cannot {verb} resource \"{resource}\" in API group \"{group}\"");
        let unused = format!("does not let this virtual cluster use {resource}.{group}");
        text.contains(&refused) || (verb == "list" && text.contains(&unused))
    }
}

/// Every right that a text says to be missing, in Kubernetes' words.
fn refused_in(text: &str) -> Rights {
    let sentences = text.split("cannot ").skip(1);
    let right = |sentence: &str| {
        let (verb, rest) = sentence.split_once(" resource \"")?;
        let (resource, rest) = rest.split_once("\" in API group \"")?;
        let (group, _) = rest.split_once('"')?;
        Some(Right::new(verb, resource, group))
    };
    sentences.filter_map(right).collect()
}

/// The single rights of a Role's rules.
fn rights(rules: &Value) -> Rights {
    let words = |rule: &Value, field: &str| -> Vec<String> {
        let all = rule[field].as_array().expect("a list").iter();
        all.map(|word| word.as_str().expect("a word").to_owned())
            .collect()
    };
    let mut rights = Rights::new();
    for rule in rules.as_array().expect("rules") {
        for group in words(rule, "apiGroups") {
            for resource in words(rule, "resources") {
                let verbs = words(rule, "verbs").into_iter();
                rights.extend(verbs.map(|verb| Right::new(&verb, &resource, &group)));
            }
        }
    }
    rights
}

/// The rules of the Role that `vc render` prints without options. It is all that is asked for: nothing of it is
/// valid beyond the namespace.
fn rendered(cluster: &Cluster) -> Value {
    let (name, namespace) = (&cluster.name, &cluster.namespace);
    let line = format!("render {name} -n {namespace} --pki none -o json");
    let list = cluster.sandbox.vc(&line).ok().json();
    let items = list["items"].as_array().expect("a list").iter();
    let rbac: Vec<&Value> = items
        .filter(|item| {
            let group = item["apiVersion"].as_str().unwrap_or_default();
            group.starts_with("rbac.authorization.k8s.io/")
        })
        .collect();
    let kinds: Vec<&Value> = rbac.iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, ["Role", "RoleBinding"]);
    assert_eq!(rbac[0]["metadata"]["namespace"], **namespace);
    rbac[0]["rules"].clone()
}

/// A cluster whose syncer is allowed one thing less, and what has come of it.
struct Trial<'a> {
    cluster: &'a Cluster,
    /// The whole Role.
    all: Rights,
    /// What the syncer may do now.
    allowed: Rights,
    /// What it could not do so far for want of a right.
    missed: Rights,
}

impl<'a> Trial<'a> {
    fn new(cluster: &'a Cluster, all: Rights) -> Self {
        Self {
            cluster,
            allowed: all.clone(),
            all,
            missed: Rights::new(),
        }
    }

    /// Allows the syncer just this, from now on.
    fn allow(&mut self, rights: Rights) {
        let rule = |right: &Right| json!({"apiGroups": [right.group], "resources": [right.resource], "verbs": [right.verb]});
        let rules: Vec<Value> = rights.iter().map(rule).collect();
        let patch = format!("patch role vc-{} --type=merge -p", self.cluster.name);
        let patch = self.cluster.host(&patch);
        patch.arg(&json!({"rules": rules}).to_string()).ok();
        // The host's authorizer learns of a Role's change by a watch, and of the whole Role at once.
        if let Some(other) = rights.symmetric_difference(&self.allowed).next() {
            let is_to_be = rights.contains(other);
            until("the host knows the Role", || {
                self.is_allowed(other) == is_to_be
            });
        }
        self.allowed = rights;
    }

    /// Whether the syncer's account has a right, by the host's word.
    fn is_allowed(&self, right: &Right) -> bool {
        let (namespace, name) = (&self.cluster.namespace, &self.cluster.name);
        let account = format!("--as=system:serviceaccount:{namespace}:vc-{name}");
        let parts = right.resource.split_once('/');
        let (kind, part) = parts.unwrap_or((&right.resource, ""));
        let part = match part {
            "" => String::new(),
            part => format!("--subresource={part}"),
        };
        let whole = Right::new(&right.verb, kind, &right.group);
        let line = format!("auth can-i {whole} {part} {account}");
        self.cluster.host(&line).run().output() == "yes"
    }

    /// Takes in what somebody was told.
    fn hear(&mut self, text: &str) {
        // A refusal that is told in another's words has its quotes escaped.
        let text = text.replace('\\', "");
        self.missed.extend(refused_in(&text));
        let told = self.all.iter().filter(|right| right.is_missed_in(&text));
        self.missed.extend(told.cloned());
    }

    /// Takes in what the syncer's log and the Events inside say.
    fn look(&mut self) {
        let events = "get events -o jsonpath={.items[*].message}";
        let events = self.cluster.kubectl(events).run().stdout;
        let log = self.cluster.syncer_log();
        self.hear(&format!("{events}\n{log}"));
    }

    /// What of these has not been missed yet.
    fn not_missed(&self, taken: &Rights) -> Vec<String> {
        let left = taken.difference(&self.missed);
        left.map(ToString::to_string).collect()
    }

    /// Takes these away, does what takes them, and waits until each has been missed.
    fn go_without(&mut self, occasion: &str, taken: &Rights) {
        let mut allowed: Rights = self.all.difference(taken).cloned().collect();
        self.allow(allowed.clone());
        if occasion == START {
            let line = format!("delete pod vc-{}-0 --wait=false", self.cluster.name);
            self.cluster.host(&line).ok();
        } else {
            uses::of(self, occasion);
        }
        until_none_is_left("rights that nothing needs", || {
            self.look();
            let back: Rights = taken.intersection(&self.missed).cloned().collect();
            if occasion == START && !back.is_subset(&allowed) {
                allowed.extend(back);
                self.allow(allowed.clone());
            }
            self.not_missed(taken)
        });
        self.allow(self.all.clone());
    }
}

#[test]
fn without_any_one_verb_of_the_role_something_does_not_work() {
    let cluster = Cluster::create("least", "");
    let rules = rendered(&cluster);
    let role = format!("role vc-{}", cluster.name);
    assert_eq!(cluster.host_get(&role)["rules"], rules);
    let foreign = cluster.foreign();
    uses::prepare(&cluster);

    let all = rights(&rules);
    assert!(all.len() >= 60, "{all:?}");
    let mut occasions: BTreeMap<String, Rights> = BTreeMap::new();
    for right in &all {
        let occasion = occasions.entry(right.occasion().to_owned()).or_default();
        occasion.insert(right.clone());
    }
    let mut trial = Trial::new(&cluster, all);
    for (occasion, taken) in &occasions {
        trial.go_without(occasion, taken);
    }
    let never_had = trial.missed.difference(&trial.all);
    let never_had: Vec<String> = never_had.map(ToString::to_string).collect();
    assert_eq!(never_had, Vec::<String>::new(), "the Role lacks these");
    // With all of it all that was refused is made good.
    uses::await_metrics(&cluster);
    cluster.in_step_within(PATIENCE, &foreign);
}
