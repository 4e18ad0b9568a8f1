//! Kinds of objects that are synced because somebody asked for them, described as data.
//!
//! In: names of kinds that are known here, descriptions of others. Out: where each kind is kept, which of
//! its fields name other objects, which right it takes. Never: an object.
//!
//! A kind with a description and nothing else is carried by `syncer::translate::synced`: its content to the
//! host with every name in it translated, its status back.

pub mod path;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use path::Path;

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
struct Entry {
    known: Known,
    names: &'static [&'static str],
    group: &'static str,
    kind: &'static str,
    rule: Rule,
}

/// What the syncer does with what it carries to the host.
const CARRY: &[&str] = &["get", "list", "watch", "create", "patch", "delete"];
/// What it does with what it shows.
const SHOW: &[&str] = &["list", "watch"];

const fn rule(verbs: &'static [&'static str], resources: &'static [&'static str]) -> Rule {
    Rule { verbs, resources }
}

static ENTRIES: [Entry; 8] = [
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

    fn entry(self) -> &'static Entry {
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
    fn fields(self) -> (Fields, &'static [&'static str]) {
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
type Fields = &'static [(&'static str, &'static str)];

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

/// A kind of objects, all in namespaces, that is carried to the host as it is described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Described {
    /// `cert-manager.io`
    pub group: String,
    /// `v1`
    pub version: String,
    /// `Certificate`
    pub kind: String,
    /// `certificates`
    pub plural: String,
    /// Fields that name another object of the same namespace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Fields that select pods of the same namespace by their labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<Path>,
    /// Fields that the host does not get.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave_out: Vec<Path>,
    /// Whether the host's status is the virtual object's.
    #[serde(default = "yes")]
    pub status: bool,
}

/// A field that names another object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Where the name is.
    pub path: Path,
    /// The kind of what it names. A Secret or ConfigMap is brought to the host with it.
    pub kind: String,
}

fn yes() -> bool {
    true
}

impl Described {
    /// `/apis/cert-manager.io/v1`
    pub fn root(&self) -> String {
        format!("/apis/{}/{}", self.group, self.version)
    }

    /// `cert-manager.io/v1`
    pub fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// Why it cannot be meant so; none when it can.
    fn fault(&self) -> Option<String> {
        let has_domain = self.group.contains('.') || self.group == "policy";
        if !has_domain || !is_dns_name(&self.group) {
            return Some(format!(
                "`group: {}` is not the group of a custom resource, such as `example.com`",
                self.group
            ));
        }
        if [&self.version, &self.plural]
            .iter()
            .any(|name| name.contains('.') || !is_dns_name(name))
        {
            return Some("`version` and `plural` are names such as `v1` and `widgets`".to_owned());
        }
        let is_kind = self
            .kind
            .starts_with(|first: char| first.is_ascii_uppercase())
            && self.kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (!is_kind).then(|| format!("`kind: {}` is not a kind, such as `Widget`", self.kind))
    }
}

/// An object of the host namespace that the virtual cluster gets, to be read only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Import {
    /// What it is.
    pub kind: ImportKind,
    /// Its name on the host.
    pub name: String,
    /// Its namespace in the virtual cluster.
    #[serde(default = "default_namespace")]
    pub namespace: String,
    /// Its name in the virtual cluster; the same when absent.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub renamed: Option<String>,
}

fn default_namespace() -> String {
    "default".to_owned()
}

/// Kinds of which single objects may come from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ImportKind {
    /// With its content.
    ConfigMap,
    /// With its content.
    Secret,
    /// With its address.
    Service,
}

impl Import {
    /// Its name in the virtual cluster.
    pub fn virtual_name(&self) -> &str {
        self.renamed.as_deref().unwrap_or(&self.name)
    }

    /// Why it cannot be meant so; none when it can.
    fn fault(&self) -> Option<String> {
        let names = [
            &self.name,
            &self.namespace,
            self.renamed.as_ref().unwrap_or(&self.name),
        ];
        let wrong = names.into_iter().find(|name| !is_dns_name(name))?;
        Some(format!("`{wrong}` is not a name"))
    }
}

/// Lower-case labels with points between them.
fn is_dns_name(text: &str) -> bool {
    let may = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(may);
    text.split('.').all(is_label)
}

/// What was said about kinds to sync; the rights decide the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Asked for by name.
    pub kinds: Vec<Known>,
    /// Not wanted, whatever the rights are.
    pub without: Vec<Known>,
    /// Described.
    pub custom: Vec<Described>,
    /// Single objects of the host.
    pub from_host: Vec<Import>,
}

impl Wish {
    /// What is synced, when `is_granted` tells of a kind whether whoever asks has the right to it. Kinds that
    /// were asked for are synced in any case: whether that may be is for preflight to say.
    pub fn resolve(&self, is_granted: impl Fn(Known) -> bool) -> Sync {
        let is_default = |kind: &Known| BY_DEFAULT.contains(kind) && is_granted(*kind);
        let is_wanted = |kind: &Known| self.kinds.contains(kind) || is_default(kind);
        let is_left = |kind: &Known| !self.without.contains(kind);
        Sync {
            kinds: Known::all().filter(is_wanted).filter(is_left).collect(),
            custom: self.custom.clone(),
            from_host: self.from_host.clone(),
        }
    }

    /// Why it cannot be meant; none when it can.
    pub fn fault(&self) -> Option<String> {
        if let Some(kind) = self.kinds.iter().find(|kind| self.without.contains(kind)) {
            return Some(format!("`{kind}` is both asked for and not wanted"));
        }
        let mut imports = self.from_host.iter();
        if let Some(fault) = imports.find_map(Import::fault) {
            return Some(format!("`fromHost`: {fault}"));
        }
        let mut custom = self.custom.iter();
        custom.find_map(|kind| {
            let name = format!("{}.{}", kind.plural, kind.group);
            kind.fault().map(|fault| format!("`{name}`: {fault}"))
        })
    }
}

/// Kinds that are synced in a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sync {
    /// Those that are known here.
    pub kinds: Vec<Known>,
    /// Those that are described.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<Described>,
    /// Objects of the host namespace that are shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from_host: Vec<Import>,
}

/// A kind that is carried to the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// What is in it.
    pub described: Described,
    /// How what no description can say is done; none when it says everything.
    pub known: Option<Known>,
}

impl Sync {
    /// Whether nothing is synced.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.custom.is_empty() && self.from_host.is_empty()
    }

    /// What is carried to the host. A description of a kind that is known adds to what is known of it.
    pub fn carried(&self) -> Vec<Carried> {
        let known = self.kinds.iter().filter(|kind| !kind.is_shown());
        let mut all: Vec<Carried> = known
            .map(|&known| Carried {
                described: known.describe(),
                known: Some(known),
            })
            .collect();
        for more in &self.custom {
            let is_same = |carried: &&mut Carried| {
                let described = &carried.described;
                (&described.group, &described.plural) == (&more.group, &more.plural)
            };
            match all.iter_mut().find(is_same) {
                Some(Carried { described, .. }) => {
                    described.references.extend(more.references.iter().cloned());
                    described.selectors.extend(more.selectors.iter().cloned());
                    described.leave_out.extend(more.leave_out.iter().cloned());
                }
                None => all.push(Carried {
                    described: more.clone(),
                    known: None,
                }),
            }
        }
        all
    }

    /// What of the host is shown.
    pub fn shown(&self) -> impl Iterator<Item = Known> {
        self.kinds.iter().copied().filter(|kind| kind.is_shown())
    }

    /// What the syncer needs in the host namespace, as (verbs, group, plural).
    pub fn rights(&self) -> Vec<(&'static [&'static str], String, String)> {
        let carried = self.carried().into_iter();
        carried
            .map(|carried| {
                let Described { group, plural, .. } = carried.described;
                (CARRY, group, plural)
            })
            .collect()
    }
}
