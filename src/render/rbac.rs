//! Who the control plane and its pods are on the host, and what the syncer may do there.
//!
//! In: a [`ClusterSpec`]. Out: ServiceAccounts, one Role, its RoleBinding. Never: a right outside of
//! the host namespace, but those that are asked for by options of their own.

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

use super::metadata;
use crate::cluster::{ClusterSpec, Grants, Shown};

pub(super) const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// One rule: verbs on resources of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// `get`, `list`, …
    pub verbs: &'static [&'static str],
    /// `pods`, `pods/log`, …; with a group that is not the core group as `endpointslices.discovery.k8s.io`.
    pub resources: &'static [&'static str],
}

/// What the syncer always needs. All of it is part of Kubernetes' own namespaced `admin` role, so that
/// an administrator of a namespace can grant it.
///
/// - pods: made, changed and removed for virtual ones; watched for their status; read before one is
///   taken for missing.
/// - pods/log, exec, attach, portforward: what the virtual API server asks its kubelets for. Up to
///   Kubernetes 1.34 a WebSocket needs `get`, from then on `create` as well.
/// - configmaps, secrets: what pods use. They are watched, by our label, so that one that somebody
///   deletes comes back. One of the ConfigMaps is the marker, which goes when the cluster's time is over.
///   Whoever may create pods may read every Secret of the namespace by mounting it, so this adds no power:
///   <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation>
/// - persistentvolumeclaims: made, grown and removed for virtual ones, watched for their status; one is
///   read before it is taken for missing. No right on PersistentVolumes or StorageClasses, which are not
///   in a namespace.
/// - events: told on the virtual pods and claims.
/// - namespaces: only our own, to tell its removal from that of single pods.
/// - services: made, changed and removed for virtual ones; watched for what the host gives them. One by
///   one, to learn the address of the cluster's own.
pub const RULES: [Rule; 9] = [
    Rule {
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
        resources: &["pods"],
    },
    Rule {
        verbs: &["get"],
        resources: &["pods/log"],
    },
    Rule {
        verbs: &["get", "create"],
        resources: &["pods/exec", "pods/attach", "pods/portforward"],
    },
    Rule {
        verbs: &[
            "get", "list", "watch", "create", "update", "patch", "delete",
        ],
        resources: &["configmaps"],
    },
    Rule {
        verbs: &["get", "list", "watch", "create", "update", "delete"],
        resources: &["secrets"],
    },
    Rule {
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
        resources: &["persistentvolumeclaims"],
    },
    Rule {
        verbs: &["list", "watch"],
        resources: &["events"],
    },
    Rule {
        verbs: &["get"],
        resources: &["namespaces"],
    },
    Rule {
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
        resources: &["services"],
    },
];

/// What the syncer needs for more, as (whether it is granted, rule).
///
/// Writing EndpointSlices is no longer part of Kubernetes' `admin` and `edit` roles:
/// <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#write-access-for-endpoints>
pub fn grants(grants: Grants) -> [(bool, Rule); 5] {
    let patch = |resources| Rule {
        verbs: &["patch"],
        resources,
    };
    [
        (
            grants.ephemeral_containers,
            patch(&["pods/ephemeralcontainers"]),
        ),
        (grants.resize, patch(&["pods/resize"])),
        (grants.status, patch(&["pods/status"])),
        (grants.endpoint_slices, ENDPOINT_SLICES),
        (grants.pod_metrics, POD_METRICS),
    ]
}

/// For Services without a selector; see [`grants`].
pub const ENDPOINT_SLICES: Rule = Rule {
    verbs: &["get", "list", "create", "patch", "delete"],
    resources: &["endpointslices.discovery.k8s.io"],
};

/// For what the cluster's pods use; see [`grants`].
pub const POD_METRICS: Rule = Rule {
    verbs: &["get", "list"],
    resources: &["pods.metrics.k8s.io"],
};

/// For what the host's nodes use, where they are shown as they are.
pub const NODE_METRICS: Rule = Rule {
    verbs: &["get", "list"],
    resources: &["nodes.metrics.k8s.io"],
};

/// For a cluster that pauses itself: how many pods its control plane has, and nothing else of it.
pub const SLEEP: Rule = Rule {
    verbs: &["get", "patch"],
    resources: &["statefulsets/scale.apps"],
};

/// What the syncer needs in the whole host cluster to show its nodes as they are.
pub const NODE_RULE: Rule = Rule {
    verbs: &["list", "watch"],
    resources: &["nodes"],
};

/// What the syncer needs in the whole host cluster to show its StorageClasses as they are.
pub const STORAGE_CLASS_RULE: Rule = Rule {
    verbs: &["list", "watch"],
    resources: &["storageclasses.storage.k8s.io"],
};

/// What the syncer needs in the whole host cluster.
pub fn cluster_wide(shown: &Shown) -> Vec<Rule> {
    let nodes = shown.nodes.then_some(NODE_RULE);
    let classes = shown.storage_classes.then_some(STORAGE_CLASS_RULE);
    let kinds = shown.kinds.iter().map(|kind| kind.rule());
    nodes.into_iter().chain(classes).chain(kinds).collect()
}

/// The syncer's account. Its token is mounted in the syncer's container alone.
pub(super) fn service_account(spec: &ClusterSpec) -> ServiceAccount {
    account(spec, spec.name.object())
}

/// The account of the cluster's pods: without rights, so that they do not run as `default`, to which
/// somebody may have given some. No token of it is mounted anywhere.
pub(super) fn workload_account(spec: &ClusterSpec) -> ServiceAccount {
    account(spec, spec.name.workload_account())
}

fn account(spec: &ClusterSpec, name: String) -> ServiceAccount {
    ServiceAccount {
        metadata: metadata(spec, name),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}

/// What the syncer may do.
pub(super) fn role(spec: &ClusterSpec) -> Role {
    let granted = grants(spec.grants)
        .into_iter()
        .filter_map(|(is_granted, rule)| is_granted.then_some(rule));
    let rules = RULES.into_iter().chain(granted);
    let rules = rules.map(policy_rule).chain(synced(spec));
    let rules = rules.chain(spec.sleep_after_seconds.map(|_| sleep(spec)));
    Role {
        metadata: metadata(spec, spec.name.object()),
        rules: Some(rules.collect()),
    }
}

/// What it may do with kinds that are synced by option.
fn synced(spec: &ClusterSpec) -> impl Iterator<Item = PolicyRule> {
    let rights = spec.sync.rights().into_iter();
    rights.map(|(verbs, group, plural)| PolicyRule {
        api_groups: Some(vec![group]),
        resources: Some(vec![plural]),
        verbs: verbs.iter().map(|&verb| verb.to_owned()).collect(),
        ..PolicyRule::default()
    })
}

/// What it may do with its own StatefulSet, and no other.
fn sleep(spec: &ClusterSpec) -> PolicyRule {
    PolicyRule {
        resource_names: Some(vec![spec.name.object()]),
        ..policy_rule(SLEEP)
    }
}

impl Rule {
    /// The rule's resources without their group, and that.
    pub fn resources_and_group(&self) -> (Vec<&'static str>, &'static str) {
        let split = |name: &'static str| name.split_once('.').unwrap_or((name, ""));
        let group = self.resources.first().map_or("", |&name| split(name).1);
        let resources = self.resources.iter().map(|&name| split(name).0);
        (resources.collect(), group)
    }
}

fn policy_rule(rule: Rule) -> PolicyRule {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let (resources, group) = rule.resources_and_group();
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(owned(&resources)),
        verbs: owned(rule.verbs),
        ..PolicyRule::default()
    }
}

/// Gives the role to the syncer's account.
pub(super) fn role_binding(spec: &ClusterSpec) -> RoleBinding {
    RoleBinding {
        metadata: metadata(spec, spec.name.object()),
        role_ref: reference("Role", spec.name.object()),
        subjects: Some(vec![syncer(spec)]),
    }
}

/// What the syncer may do in the whole host cluster.
pub(super) fn cluster_role(spec: &ClusterSpec) -> ClusterRole {
    let with_metrics = spec.sync_nodes && spec.grants.node_metrics;
    let metrics = with_metrics.then_some(NODE_METRICS);
    let rules = cluster_wide(&spec.shown()).into_iter().chain(metrics);
    ClusterRole {
        metadata: cluster_wide_metadata(spec),
        rules: Some(rules.map(policy_rule).collect()),
        ..ClusterRole::default()
    }
}

/// Gives the cluster role to the syncer's account.
pub(super) fn cluster_role_binding(spec: &ClusterSpec) -> ClusterRoleBinding {
    let name = spec.name.cluster_wide(&spec.namespace);
    ClusterRoleBinding {
        metadata: cluster_wide_metadata(spec),
        role_ref: reference("ClusterRole", name),
        subjects: Some(vec![syncer(spec)]),
    }
}

/// Nothing namespaced can own these: `vc delete` removes them by name.
fn cluster_wide_metadata(spec: &ClusterSpec) -> ObjectMeta {
    ObjectMeta {
        namespace: None,
        ..metadata(spec, spec.name.cluster_wide(&spec.namespace))
    }
}

fn reference(kind: &str, name: String) -> RoleRef {
    RoleRef {
        api_group: RBAC_GROUP.to_owned(),
        kind: kind.to_owned(),
        name,
    }
}

fn syncer(spec: &ClusterSpec) -> Subject {
    Subject {
        kind: "ServiceAccount".to_owned(),
        name: spec.name.object(),
        namespace: Some(spec.namespace.to_string()),
        ..Subject::default()
    }
}
