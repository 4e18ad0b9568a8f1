//! Objects on the host that carry the mark of a cluster that is no more.
//!
//! In: the marked objects of namespaces, and the markers there. Out: findings. Never: deletes one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, codes};
use crate::labels;

/// An object with our mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marked {
    /// `pod`
    pub kind: &'static str,
    /// Its host namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The name of its cluster.
    pub cluster: String,
    /// UID of its cluster's marker, if it tells.
    pub cluster_uid: Option<String>,
}

/// A marker: a cluster that is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marker {
    /// Its namespace.
    pub namespace: String,
    /// Name of the cluster.
    pub cluster: String,
    /// Its UID.
    pub uid: String,
}

/// The objects whose cluster is gone. One that does not tell a UID goes by the cluster's name.
pub fn orphans<'a>(objects: &'a [Marked], markers: &BTreeSet<Marker>) -> Vec<&'a Marked> {
    let is_orphan = |object: &&Marked| {
        !markers.iter().any(|marker| {
            let is_there = marker.namespace == object.namespace && marker.cluster == object.cluster;
            let uid = object.cluster_uid.as_ref();
            is_there && uid.is_none_or(|uid| *uid == marker.uid)
        })
    };
    objects.iter().filter(is_orphan).collect()
}

/// Kinds that are looked at, as kubectl takes them.
const KINDS: &str = "statefulsets,pods,services,configmaps,secrets,persistentvolumeclaims";

/// How many objects of a cluster are named.
const NAMED: usize = 3;

/// One finding for each cluster that has left something.
pub fn leftovers(objects: &[Marked], markers: &BTreeSet<Marker>) -> Vec<Finding> {
    let mut by_cluster: BTreeMap<(&str, &str), BTreeSet<&Marked>> = BTreeMap::new();
    for object in orphans(objects, markers) {
        let key = (object.namespace.as_str(), object.cluster.as_str());
        by_cluster.entry(key).or_default().insert(object);
    }
    let findings = by_cluster.into_iter().map(|((namespace, cluster), left)| {
        let named = left.iter().take(NAMED);
        let named: Vec<String> = named.map(|one| format!("{}/{}", one.kind, one.name)).collect();
        let more = left.len().saturating_sub(NAMED);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let message = format!(
            "virtual cluster `{cluster}` is gone from namespace `{namespace}`, and has left {}{more}",
            named.join(", ")
        );
        // Another cluster of that name has objects with the same label.
        let is_taken = markers
            .iter()
            .any(|marker| marker.namespace == namespace && marker.cluster == cluster);
        let all: Vec<String> = left.iter().map(|one| format!("{}/{}", one.kind, one.name)).collect();
        let fix = if is_taken {
            format!("kubectl -n {namespace} delete {}", all.join(" "))
        } else {
            format!("kubectl -n {namespace} delete {KINDS} -l {}={cluster}", labels::CLUSTER)
        };
        Finding::new(&codes::LEFTOVER, format!("virtualcluster/{cluster}"), message).fix(fix)
    });
    findings.collect()
}

/// What is told of clusters that somebody has not asked about, by what their state says: that they are not whole.
pub fn others(states: Vec<Finding>) -> Vec<Finding> {
    let not_whole = [
        codes::HALF_MADE.id,
        codes::NO_MARKER.id,
        codes::HALF_DELETED.id,
        codes::EXPIRED.id,
    ];
    let states = states.into_iter();
    let others = states.filter(|finding| not_whole.contains(&finding.code));
    others
        .map(|finding| Finding {
            fix: finding.fix,
            ..Finding::new(&codes::NOT_WHOLE, finding.object, finding.message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(name: &str, cluster: &str, uid: Option<&str>) -> Marked {
        Marked {
            kind: "pod",
            namespace: "team-a".to_owned(),
            name: name.to_owned(),
            cluster: cluster.to_owned(),
            cluster_uid: uid.map(str::to_owned),
        }
    }

    fn markers() -> BTreeSet<Marker> {
        let marker = Marker {
            namespace: "team-a".to_owned(),
            cluster: "dev".to_owned(),
            uid: "u-1".to_owned(),
        };
        [marker].into()
    }

    #[test]
    fn what_belongs_to_a_cluster_that_is_there_is_left_alone() {
        let objects = [marked("a", "dev", Some("u-1")), marked("b", "dev", None)];
        assert_eq!(leftovers(&objects, &markers()), []);
    }

    #[test]
    fn what_an_earlier_cluster_has_left_is_told() {
        let objects = [
            marked("a", "dev", Some("u-0")),
            marked("b", "old", None),
            marked("c", "old", Some("u-2")),
        ];
        let found = leftovers(&objects, &markers());
        let fixes: Vec<&str> = found.iter().filter_map(|one| one.fix.as_deref()).collect();
        assert_eq!(
            fixes,
            [
                "kubectl -n team-a delete pod/a",
                "kubectl -n team-a delete statefulsets,pods,services,configmaps,secrets,persistentvolumeclaims \
                 -l vc.internal/cluster=old",
            ]
        );
        assert!(found[1].message.ends_with("has left pod/b, pod/c"));
    }

    #[test]
    fn what_is_wrong_with_another_cluster_is_no_error() {
        let half = Finding::new(&codes::HALF_MADE, "virtualcluster/a", "m").fix("f");
        let paused = Finding::new(&codes::PAUSED, "virtualcluster/b", "m");
        let told = others(vec![half, paused]);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].code, told[0].is_error()), ("VC402", false));
        assert_eq!(told[0].fix.as_deref(), Some("f"));
    }
}
