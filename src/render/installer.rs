//! What whoever makes, uses and deletes virtual clusters has to be allowed on the host.
//!
//! In: which of the options that take rights are wanted. Out: the rights, one by one, and the Role that gives
//! them. Never: whether somebody has them; `preflight` asks the host for the same list.

use std::collections::BTreeMap;

use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::rbac::{self, RBAC_GROUP, Rule};
use super::{Manifest, Manifests, RenderError};
use crate::cluster::{Grants, Shown};
use crate::names::Namespace;
use crate::sync::{self, Sync};

/// What the command line does in the host namespace itself, as (verbs, group, resource). What it gives to the
/// syncer comes on top: nobody can grant what he has not himself.
///
/// `vc delete` lists and watches all that it has deleted, until it is gone; `get` is for `vc diff` and `vc apply`, of
/// StatefulSets for `vc pause` and `vc resume`, too. `vc upgrade` runs commands in the store's container by the
/// `pods/exec` that is the syncer's. Everything here is part of Kubernetes' own namespaced `admin` role.
const RIGHTS: [(&[&str], &str, &str); 11] = [
    (&MADE_AND_DELETED, "", "configmaps"),
    (
        &["get", "create", "patch", "deletecollection"],
        "",
        "secrets",
    ),
    (&MADE_AND_DELETED, "", "serviceaccounts"),
    (
        &["get", "create", "patch", "deletecollection"],
        "",
        "services",
    ),
    (&MADE_AND_DELETED, RBAC_GROUP, "roles"),
    (&MADE_AND_DELETED, RBAC_GROUP, "rolebindings"),
    (&MADE_AND_DELETED, "apps", "statefulsets"),
    (&["list", "watch", "create", "deletecollection"], "", "pods"),
    (&["get", "create"], "", "pods/portforward"),
    (
        &["list", "create", "deletecollection"],
        "",
        "persistentvolumeclaims",
    ),
    (&["list"], "", "events"),
];

/// What is made, and seen to be gone.
const MADE_AND_DELETED: [&str; 6] = [
    "get",
    "list",
    "watch",
    "create",
    "patch",
    "deletecollection",
];

/// One verb on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// `get`
    pub verb: String,
    /// `apps`; empty for the core group.
    pub group: String,
    /// `statefulsets`, `pods/log`.
    pub resource: String,
}

impl Right {
    fn new(verb: &str, group: &str, resource: &str) -> Self {
        Self {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
        }
    }
}

/// The options that take rights.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What of the host is shown as it is.
    pub shown: &'a Shown,
    /// Which kinds are synced.
    pub sync: &'a Sync,
    /// Whether there is a quota.
    pub has_quota: bool,
    /// Whether NetworkPolicies isolate the cluster.
    pub is_isolated: bool,
    /// Whether the cluster pauses itself.
    pub sleeps: bool,
}

/// What it takes in the host namespace, each right once.
pub fn in_namespace(wanted: &Wanted<'_>) -> Vec<Right> {
    let ours = RIGHTS.iter().flat_map(|(verbs, group, resource)| {
        let verbs = verbs.iter();
        verbs.map(|verb| Right::new(verb, group, resource))
    });
    let given = rbac::RULES.iter().flat_map(of_rule);
    let quota: &[&str] = &["resourcequotas", "limitranges"];
    let quota = quota.iter().filter(|_| wanted.has_quota);
    let policies = wanted.is_isolated.then_some("networkpolicies");
    let bounds = quota.map(|resource| ("", *resource)).chain(
        policies
            .into_iter()
            .map(|resource| ("networking.k8s.io", resource)),
    );
    let bounds = bounds.flat_map(|(group, resource)| {
        // `vc apply` compares, and takes one away that is no longer wanted.
        ["get", "create", "patch", "delete", "deletecollection"]
            .map(|verb| Right::new(verb, group, resource))
    });
    let sleep = wanted.sleeps.then(|| of_rule(&rbac::SLEEP));
    let sleep = sleep.into_iter().flatten();
    let asked_for = synced(wanted.sync).into_iter().chain(bounds).chain(sleep);
    once(ours.chain(given).chain(asked_for))
}

/// What a cluster can do without, and has if its maker has it: `kubectl debug`, resizing in place, readiness gates,
/// Services without a selector, `kubectl top`, and the kinds that are synced by default.
pub fn optional() -> Vec<Right> {
    let grants = rbac::grants(Grants::default());
    let grants = grants.iter().flat_map(|(_, rule)| of_rule(rule));
    let by_default = sync::BY_DEFAULT.map(|kind| Sync {
        kinds: vec![kind],
        ..Sync::default()
    });
    let by_default = by_default.iter().flat_map(synced);
    once(grants.chain(by_default))
}

/// What it takes to sync kinds.
pub fn synced(sync: &Sync) -> Vec<Right> {
    let rights = sync.rights().into_iter();
    let rights = rights.flat_map(|(verbs, group, plural)| {
        let verbs = verbs.iter();
        verbs.map(move |verb| Right::new(verb, &group, &plural))
    });
    rights.collect()
}

/// What it takes in the whole host cluster, to show the host as it is; nothing where nobody asked for it.
pub fn cluster_wide(shown: &Shown) -> Vec<Right> {
    if !shown.is_any() {
        return Vec::new();
    }
    let wide = rbac::cluster_wide(shown);
    let given = wide.iter().flat_map(of_rule);
    let written = ["clusterroles", "clusterrolebindings"]
        .into_iter()
        .flat_map(|resource| {
            ["get", "create", "patch", "delete"].map(|verb| Right::new(verb, RBAC_GROUP, resource))
        });
    given.chain(written).collect()
}

/// The rights that a rule gives, one by one.
pub fn of_rule(rule: &Rule) -> Vec<Right> {
    let (resources, group) = rule.resources_and_group();
    let each = resources.iter().flat_map(|resource| {
        let verbs = rule.verbs.iter();
        verbs.map(move |verb| Right::new(verb, group, resource))
    });
    each.collect()
}

fn once(rights: impl Iterator<Item = Right>) -> Vec<Right> {
    let mut all: Vec<Right> = Vec::new();
    for right in rights {
        if !all.contains(&right) {
            all.push(right);
        }
    }
    all
}

/// Who is to have the rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// `--user`
    User(String),
    /// `--group`
    Group(String),
    /// `--serviceaccount NAMESPACE:NAME`
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl Holder {
    fn subject(&self) -> Subject {
        let of_group = |kind: &str, name: &str| Subject {
            api_group: Some(RBAC_GROUP.to_owned()),
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: None,
        };
        match self {
            Self::User(name) => of_group("User", name),
            Self::Group(name) => of_group("Group", name),
            Self::ServiceAccount { namespace, name } => Subject {
                api_group: None,
                kind: "ServiceAccount".to_owned(),
                name: name.clone(),
                namespace: Some(namespace.clone()),
            },
        }
    }
}

/// Name of the roles and their bindings.
const NAME: &str = "vc-create";

/// The Role that gives the rights in a namespace, a ClusterRole for those in the whole host, and who has them.
///
/// Without a namespace whoever applies them says where.
///
/// # Errors
/// Only by a fault of ours.
pub fn roles(
    namespace: Option<&Namespace>,
    in_namespace: &[Right],
    in_cluster: &[Right],
    holders: &[Holder],
) -> Result<Manifests, RenderError> {
    let subjects: Vec<Subject> = holders.iter().map(Holder::subject).collect();
    let is_bound = !subjects.is_empty();
    let role_ref = |kind: &str, name: &str| RoleRef {
        api_group: RBAC_GROUP.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
    };
    let metadata = ObjectMeta {
        name: Some(NAME.to_owned()),
        namespace: namespace.map(Namespace::to_string),
        ..ObjectMeta::default()
    };
    let mut objects = vec![Manifest::new(&Role {
        metadata: metadata.clone(),
        rules: Some(rules(in_namespace)),
    })?];
    if is_bound {
        objects.push(Manifest::new(&RoleBinding {
            metadata: metadata.clone(),
            role_ref: role_ref("Role", NAME),
            subjects: Some(subjects.clone()),
        })?);
    }
    if !in_cluster.is_empty() {
        let metadata = ObjectMeta {
            namespace: None,
            ..metadata
        };
        objects.push(Manifest::new(&ClusterRole {
            metadata: metadata.clone(),
            rules: Some(rules(in_cluster)),
            ..ClusterRole::default()
        })?);
        if is_bound {
            objects.push(Manifest::new(&ClusterRoleBinding {
                metadata,
                role_ref: role_ref("ClusterRole", NAME),
                subjects: Some(subjects),
            })?);
        }
    }
    Ok(Manifests::new(objects))
}

/// Rights as rules: one for the resources of a group on which the verbs are the same.
fn rules(rights: &[Right]) -> Vec<PolicyRule> {
    let mut verbs: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for right in rights {
        let key = (right.group.as_str(), right.resource.as_str());
        let all = verbs.entry(key).or_default();
        if !all.contains(&right.verb.as_str()) {
            all.push(&right.verb);
        }
    }
    let mut resources: BTreeMap<(&str, Vec<&str>), Vec<String>> = BTreeMap::new();
    for ((group, resource), mut verbs) in verbs {
        verbs.sort_unstable();
        let same = resources.entry((group, verbs)).or_default();
        same.push(resource.to_owned());
    }
    let rules = resources
        .into_iter()
        .map(|((group, verbs), resources)| PolicyRule {
            api_groups: Some(vec![group.to_owned()]),
            resources: Some(resources),
            verbs: verbs.into_iter().map(str::to_owned).collect(),
            ..PolicyRule::default()
        });
    rules.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted<'a>(shown: &'a Shown, sync: &'a Sync) -> Wanted<'a> {
        Wanted {
            shown,
            sync,
            has_quota: false,
            is_isolated: false,
            sleeps: false,
        }
    }

    #[test]
    fn the_role_gives_each_right_and_no_other() {
        let (shown, sync) = (Shown::default(), Sync::default());
        let mut rights = in_namespace(&wanted(&shown, &sync));
        let mut given = Vec::new();
        for rule in rules(&rights) {
            for group in rule.api_groups.iter().flatten() {
                for resource in rule.resources.iter().flatten() {
                    let verbs = rule.verbs.iter();
                    given.extend(verbs.map(|verb| Right::new(verb, group, resource)));
                }
            }
        }
        let key = |right: &Right| format!("{} {} {}", right.group, right.resource, right.verb);
        rights.sort_by_key(key);
        given.sort_by_key(key);
        assert_eq!(given, rights);
    }

    #[test]
    fn options_take_more_rights() {
        let (shown, sync) = (Shown::default(), Sync::default());
        let least = in_namespace(&wanted(&shown, &sync));
        let more = in_namespace(&Wanted {
            has_quota: true,
            is_isolated: true,
            sleeps: true,
            ..wanted(&shown, &sync)
        });
        let added: Vec<&Right> = more.iter().filter(|right| !least.contains(right)).collect();
        assert_eq!(added.len(), 3 * 5 + 2, "{added:?}");
        assert_eq!(cluster_wide(&shown), []);
        let nodes = Shown {
            nodes: true,
            ..Shown::default()
        };
        assert!(cluster_wide(&nodes).contains(&Right::new("watch", "", "nodes")));
    }

    #[test]
    fn what_a_cluster_can_do_without_is_not_among_the_least() {
        let (shown, sync) = (Shown::default(), Sync::default());
        let least = in_namespace(&wanted(&shown, &sync));
        let optional = optional();
        assert!(optional.iter().all(|right| !least.contains(right)));
        assert!(optional.contains(&Right::new("patch", "", "pods/resize")));
    }
}
