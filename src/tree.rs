//! The objects of a virtual cluster as a tree, each with its host object.
//!
//! In: objects of both sides. Out: a [`Forest`], and its text, for people and for programs that draw. Never: asks
//! anybody.

mod draw;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::Value;

pub use draw::{dot, mermaid, text};

use crate::labels;
use crate::why::{controller, name, state, text as field, uid};

/// The objects of a virtual cluster. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Forest {
    /// The virtual cluster.
    pub cluster: String,
    /// Its host namespace.
    pub host_namespace: String,
    /// Its namespaces that have something in them.
    pub namespaces: Vec<Grove>,
    /// The nodes that its pods are on.
    pub nodes: Vec<Ground>,
    /// What was not to be seen on the host, with the reason.
    pub unknown: Vec<String>,
}

/// One namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grove {
    /// Its name.
    pub name: String,
    /// What no other object owns.
    pub objects: Vec<Branch>,
}

/// An object, and what it owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// `Deployment`
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `1/2 ready`
    pub state: String,
    /// The object that stands for it on the host, if it has one.
    pub host: Option<Root>,
    /// The node of a pod.
    pub node: Option<String>,
    /// What it owns.
    pub children: Vec<Branch>,
}

/// A host object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Root {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: String,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ground {
    /// Its name, on both sides.
    pub name: String,
    /// `Ready`
    pub state: String,
}

/// Everything of which a tree is made. Objects have their kind.
#[derive(Debug, Clone, Default)]
pub struct Wood {
    /// Objects of the virtual cluster.
    pub objects: Vec<Value>,
    /// Objects of the host namespace.
    pub host_objects: Vec<Value>,
    /// Nodes of the virtual cluster.
    pub nodes: Vec<Value>,
}

/// Grows the tree of what is there. Host objects that are not of the cluster with this UID do not count.
pub fn grow(wood: &Wood, cluster_uid: &str) -> (Vec<Grove>, Vec<Ground>) {
    let twins: HashMap<&str, &Value> = wood
        .host_objects
        .iter()
        .filter(|twin| mark(twin, labels::CLUSTER_UID) == cluster_uid)
        .map(|twin| (mark(twin, labels::VIRTUAL_UID), twin))
        .collect();
    let known: BTreeSet<&str> = wood.objects.iter().map(uid).collect();
    let mut owned: HashMap<&str, Vec<&Value>> = HashMap::new();
    let mut free: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for object in &wood.objects {
        let maker = controller(object).map(|owner| field(owner, "/uid"));
        match maker.filter(|maker| known.contains(maker) && *maker != uid(object)) {
            Some(maker) => owned.entry(maker).or_default().push(object),
            None => free
                .entry(field(object, "/metadata/namespace"))
                .or_default()
                .push(object),
        }
    }
    let keeper = Keeper { twins, owned };
    let groves = free.into_iter().map(|(name, objects)| Grove {
        name: name.to_owned(),
        objects: keeper.branches(&objects, 0),
    });
    let groves = groves.filter(|grove| !grove.objects.is_empty()).collect();
    let used: BTreeSet<&str> = wood
        .objects
        .iter()
        .map(|object| field(object, "/spec/nodeName"))
        .collect();
    let nodes = wood.nodes.iter().filter(|node| used.contains(name(node)));
    let nodes = nodes.map(|node| Ground {
        name: name(node).to_owned(),
        state: state(node),
    });
    (groves, nodes.collect())
}

fn mark<'a>(object: &'a Value, key: &str) -> &'a str {
    let marks = object.pointer("/metadata/annotations");
    let mark = marks.and_then(|marks| marks.get(key)?.as_str());
    mark.unwrap_or_default()
}

struct Keeper<'a> {
    twins: HashMap<&'a str, &'a Value>,
    owned: HashMap<&'a str, Vec<&'a Value>>,
}

/// Owners may be made to go in circles.
const DEPTH_MAX: usize = 16;

impl Keeper<'_> {
    fn branches(&self, objects: &[&Value], depth: usize) -> Vec<Branch> {
        if depth > DEPTH_MAX {
            return Vec::new();
        }
        let mut branches: Vec<Branch> = objects
            .iter()
            .map(|object| self.branch(object, depth))
            .filter(|branch| !is_over(branch))
            .collect();
        branches.sort_by(|a, b| (rank(&a.kind), &a.name).cmp(&(rank(&b.kind), &b.name)));
        branches
    }

    fn branch(&self, object: &Value, depth: usize) -> Branch {
        let node = field(object, "/spec/nodeName");
        let owned = self.owned.get(uid(object)).map_or(&[][..], Vec::as_slice);
        Branch {
            kind: field(object, "/kind").to_owned(),
            name: name(object).to_owned(),
            state: state(object),
            host: self.twins.get(uid(object)).map(|twin| Root {
                name: name(twin).to_owned(),
                state: state(twin),
            }),
            node: (!node.is_empty()).then(|| node.to_owned()),
            children: self.branches(owned, depth + 1),
        }
    }
}

/// A ReplicaSet of an earlier revision, which is kept for going back.
fn is_over(branch: &Branch) -> bool {
    branch.kind == "ReplicaSet" && branch.state == "0/0 ready" && branch.children.is_empty()
}

/// Workloads first, then pods that nobody owns, then what they use.
fn rank(kind: &str) -> usize {
    match kind {
        "Pod" => 1,
        "Service" => 2,
        "PersistentVolumeClaim" => 3,
        _ => 0,
    }
}
