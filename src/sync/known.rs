//! Kinds that are known here: their names, what is in them, which right they take.
//!
//! In: a name as `kubectl` takes it. Out: a [`Known`], and its description. Never: more about a kind than its names
//! and fields; what no description can say is with the translation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Described, Path, Reference};
use crate::render::rbac::Rule;

/// A kind that is known here. The first four are carried to the host, the others are shown from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// `networking.k8s.io`
    Ingresses,
    /// `networking.k8s.io`
    NetworkPolicies,
    /// `policy`
    PodDisruptionBudgets,
    /// `snapshot.storage.k8s.io`, whose definition is not part of Kubernetes.
    VolumeSnapshots,
    /// `networking.k8s.io`
    IngressClasses,
    /// `scheduling.k8s.io`
    PriorityClasses,
    /// `node.k8s.io`
    RuntimeClasses,
    /// `snapshot.storage.k8s.io`
    VolumeSnapshotClasses,
}

/// What is written down of each [`Known`]: its names, the shorter ones that `kubectl` takes too, and where
/// it is kept.
pub(super) struct Entry {
    pub(super) known: Known,
    names: &'static [&'static str],
    group: &'static str,
    kind: &'static str,
    rule: Rule,
}

/// What the syncer does with what it carries to the host.
pub(super) const CARRY: &[&str] = &["get", "list", "watch", "create", "patch", "delete"];
/// What it does with what it shows.
const SHOW: &[&str] = &["list", "watch"];

const fn rule(verbs: &'static [&'static str], resources: &'static [&'static str]) -> Rule {
    Rule { verbs, resources }
}

pub(super) static ENTRIES: [Entry; 8] = [
    Entry {
        known: Known::Ingresses,
        names: &["ingresses", "ingress", "ing"],
        group: "networking.k8s.io",
        kind: "Ingress",
        rule: rule(CARRY, &["ingresses.networking.k8s.io"]),
    },
    Entry {
        known: Known::NetworkPolicies,
        names: &["networkpolicies", "networkpolicy", "netpol"],
        group: "networking.k8s.io",
        kind: "NetworkPolicy",
        rule: rule(CARRY, &["networkpolicies.networking.k8s.io"]),
    },
    Entry {
        known: Known::PodDisruptionBudgets,
        names: &["poddisruptionbudgets", "poddisruptionbudget", "pdb"],
        group: "policy",
        kind: "PodDisruptionBudget",
        rule: rule(CARRY, &["poddisruptionbudgets.policy"]),
    },
    Entry {
        known: Known::VolumeSnapshots,
        names: &["volumesnapshots", "volumesnapshot", "vs"],
        group: "snapshot.storage.k8s.io",
        kind: "VolumeSnapshot",
        rule: rule(CARRY, &["volumesnapshots.snapshot.storage.k8s.io"]),
    },
    Entry {
        known: Known::IngressClasses,
        names: &["ingressclasses", "ingressclass"],
        group: "networking.k8s.io",
        kind: "IngressClass",
        rule: rule(SHOW, &["ingressclasses.networking.k8s.io"]),
    },
    Entry {
        known: Known::PriorityClasses,
        names: &["priorityclasses", "priorityclass", "pc"],
        group: "scheduling.k8s.io",
        kind: "PriorityClass",
        rule: rule(SHOW, &["priorityclasses.scheduling.k8s.io"]),
    },
    Entry {
        known: Known::RuntimeClasses,
        names: &["runtimeclasses", "runtimeclass"],
        group: "node.k8s.io",
        kind: "RuntimeClass",
        rule: rule(SHOW, &["runtimeclasses.node.k8s.io"]),
    },
    Entry {
        known: Known::VolumeSnapshotClasses,
        names: &["volumesnapshotclasses", "volumesnapshotclass", "vsclass"],
        group: "snapshot.storage.k8s.io",
        kind: "VolumeSnapshotClass",
        rule: rule(SHOW, &["volumesnapshotclasses.snapshot.storage.k8s.io"]),
    },
];

/// Kinds that are carried without being asked for, where whoever creates the cluster has the right: it is
/// part of Kubernetes' own namespaced `admin` role.
pub const BY_DEFAULT: [Known; 3] = [
    Known::Ingresses,
    Known::NetworkPolicies,
    Known::PodDisruptionBudgets,
];

impl Known {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        ENTRIES.iter().map(|entry| entry.known)
    }

    /// `ingresses`.
    pub fn name(self) -> &'static str {
        self.entry().names.first().copied().unwrap_or_default()
    }

    /// Shorter names that `kubectl` takes, too.
    pub fn aliases(self) -> &'static [&'static str] {
        self.entry().names.get(1..).unwrap_or_default()
    }

    /// Whether the host's are shown in the virtual cluster, and nothing is carried to the host. These are in
    /// no namespace, so the right on them takes a ClusterRole.
    pub fn is_shown(self) -> bool {
        self.entry().rule.verbs == SHOW
    }

    /// What the syncer needs for it on the host.
    pub fn rule(self) -> Rule {
        self.entry().rule
    }

    pub(super) fn entry(self) -> &'static Entry {
        // There is one for each, as a test shows.
        let mut entries = ENTRIES.iter();
        entries
            .find(|entry| entry.known == self)
            .unwrap_or(&ENTRIES[0])
    }

    /// Where it is kept and what it is called; for those that are carried, also what is in it.
    pub fn describe(self) -> Described {
        let entry = self.entry();
        let (references, leave_out) = self.fields();
        let path = |text: &&str| Path::known(text);
        Described {
            group: entry.group.to_owned(),
            version: "v1".to_owned(),
            kind: entry.kind.to_owned(),
            plural: self.name().to_owned(),
            references: references
                .iter()
                .map(|(field, kind)| Reference {
                    path: Path::known(field),
                    kind: (*kind).to_owned(),
                })
                .collect(),
            selectors: Vec::new(),
            leave_out: leave_out.iter().map(path).collect(),
            status: !matches!(self, Self::NetworkPolicies | Self::PodDisruptionBudgets),
        }
    }

    /// Fields that name other objects, and fields that the host does not get.
    pub(super) fn fields(self) -> (Fields, &'static [&'static str]) {
        match self {
            Self::Ingresses => (INGRESS, INGRESS_LEFT_OUT),
            // A snapshot that somebody has made by hand, of which volume ever, is the host's.
            Self::VolumeSnapshots => (
                &[(
                    "spec.source.persistentVolumeClaimName",
                    "PersistentVolumeClaim",
                )],
                &["spec.source.volumeSnapshotContentName"],
            ),
            _ => (&[], &[]),
        }
    }
}

/// Fields, and the kind of what each names.
pub(super) type Fields = &'static [(&'static str, &'static str)];

/// Names in an Ingress: of its own, and those in annotations of controllers that are widely used. The value
/// of one in an annotation may be `NAMESPACE/NAME`.
/// <https://kubernetes.io/docs/concepts/services-networking/ingress/>
const INGRESS: Fields = &[
    ("spec.defaultBackend.service.name", "Service"),
    (
        "spec.rules[*].http.paths[*].backend.service.name",
        "Service",
    ),
    ("spec.tls[*].secretName", "Secret"),
    // ingress-nginx, docs/user-guide/nginx-configuration/annotations.md
    (
        r#"metadata.annotations["nginx.ingress.kubernetes.io/auth-secret"]"#,
        "Secret",
    ),
    (
        r#"metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]"#,
        "Secret",
    ),
    (
        r#"metadata.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]"#,
        "Secret",
    ),
    (
        r#"metadata.annotations["nginx.ingress.kubernetes.io/custom-headers"]"#,
        "ConfigMap",
    ),
    (
        r#"metadata.annotations["nginx.ingress.kubernetes.io/auth-proxy-set-headers"]"#,
        "ConfigMap",
    ),
    (
        r#"metadata.annotations["nginx.ingress.kubernetes.io/fastcgi-params-configmap"]"#,
        "ConfigMap",
    ),
    (
        r#"metadata.annotations["nginx.ingress.kubernetes.io/default-backend"]"#,
        "Service",
    ),
    // HAProxy Ingress, docs/content/en/docs/configuration/keys.md
    (
        r#"metadata.annotations["haproxy-ingress.github.io/auth-secret"]"#,
        "Secret",
    ),
    (
        r#"metadata.annotations["haproxy-ingress.github.io/auth-tls-secret"]"#,
        "Secret",
    ),
    (
        r#"metadata.annotations["haproxy-ingress.github.io/secure-crt-secret"]"#,
        "Secret",
    ),
    (
        r#"metadata.annotations["haproxy-ingress.github.io/secure-verify-ca-secret"]"#,
        "Secret",
    ),
    // NGINX Inc., docs/content/configuration/ingress-resources/advanced-configuration-with-annotations.md
    (
        r#"metadata.annotations["nginx.org/basic-auth-secret"]"#,
        "Secret",
    ),
    (r#"metadata.annotations["nginx.com/jwt-key"]"#, "Secret"),
];

/// A backend that is an object of any kind: what it names is the host's.
const INGRESS_LEFT_OUT: &[&str] = &[
    "spec.defaultBackend.resource",
    "spec.rules[*].http.paths[*].backend.resource",
];

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Known {
    type Err = String;

    /// Takes every name that `kubectl` takes.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut entries = ENTRIES.iter();
        let found = entries.find(|entry| entry.names.contains(&text));
        found.map(|entry| entry.known).ok_or_else(|| {
            let names: Vec<&str> = Self::all().map(Self::name).collect();
            format!("it is none of {}", names.join(", "))
        })
    }
}
