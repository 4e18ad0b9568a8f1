//! Kinds of objects as `kubectl` takes them, and where an API server keeps them.
//!
//! In: `pod/web`. Out: a [`Reference`]. Never: asks a server which kinds there are.

use std::fmt;
use std::str::FromStr;

/// A kind of objects that are in namespaces.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// `Deployment`
    pub kind: &'static str,
    /// `deployments`
    pub plural: &'static str,
    /// `/apis/apps/v1`
    root: &'static str,
    /// What it may be called besides its plural.
    names: &'static [&'static str],
    /// Whether `vc why` can say something about it.
    is_explained: bool,
}

macro_rules! kinds {
    ($($constant:ident: $kind:literal $plural:literal $root:literal $names:expr, $explained:literal;)*) => {
        $(#[doc = $kind] pub static $constant: Kind = Kind {
            kind: $kind, plural: $plural, root: $root, names: $names, is_explained: $explained,
        };)*

        /// All that are known here.
        pub static ALL: &[&Kind] = &[$(&$constant),*];
    };
}

kinds! {
    POD: "Pod" "pods" "/api/v1" &["pod", "po"], true;
    CLAIM: "PersistentVolumeClaim" "persistentvolumeclaims" "/api/v1" &["persistentvolumeclaim", "pvc"], true;
    SERVICE: "Service" "services" "/api/v1" &["service", "svc"], true;
    INGRESS: "Ingress" "ingresses" "/apis/networking.k8s.io/v1" &["ingress", "ing"], true;
    DEPLOYMENT: "Deployment" "deployments" "/apis/apps/v1" &["deployment", "deploy"], true;
    REPLICA_SET: "ReplicaSet" "replicasets" "/apis/apps/v1" &["replicaset", "rs"], true;
    STATEFUL_SET: "StatefulSet" "statefulsets" "/apis/apps/v1" &["statefulset", "sts"], true;
    DAEMON_SET: "DaemonSet" "daemonsets" "/apis/apps/v1" &["daemonset", "ds"], true;
    JOB: "Job" "jobs" "/apis/batch/v1" &["job"], true;
    CRON_JOB: "CronJob" "cronjobs" "/apis/batch/v1" &["cronjob", "cj"], false;
    CONFIG_MAP: "ConfigMap" "configmaps" "/api/v1" &["configmap", "cm"], false;
    SECRET: "Secret" "secrets" "/api/v1" &["secret"], false;
    EVENT: "Event" "events" "/api/v1" &["event", "ev"], false;
    QUOTA: "ResourceQuota" "resourcequotas" "/api/v1" &["resourcequota", "quota"], false;
    ENDPOINT_SLICE: "EndpointSlice" "endpointslices" "/apis/discovery.k8s.io/v1" &["endpointslice"], false;
    NETWORK_POLICY: "NetworkPolicy" "networkpolicies" "/apis/networking.k8s.io/v1" &["networkpolicy", "netpol"], false;
    DISRUPTION_BUDGET: "PodDisruptionBudget" "poddisruptionbudgets" "/apis/policy/v1" &["poddisruptionbudget", "pdb"], false;
    SNAPSHOT: "VolumeSnapshot" "volumesnapshots" "/apis/snapshot.storage.k8s.io/v1" &["volumesnapshot", "vs"], false;
}

impl Kind {
    /// `/apis/apps/v1`, below which the objects are.
    pub fn root(&self) -> &'static str {
        self.root
    }

    /// Where all of a namespace are; of every namespace when it is none.
    pub fn all(&self, namespace: Option<&str>) -> String {
        match namespace {
            Some(namespace) => format!("{}/namespaces/{namespace}/{}", self.root, self.plural),
            None => format!("{}/{}", self.root, self.plural),
        }
    }

    /// Where one is.
    pub fn one(&self, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.all(Some(namespace)))
    }

    /// `apps/v1`
    pub fn api_version(&self) -> &'static str {
        let root = self.root.strip_prefix("/apis/");
        root.unwrap_or_else(|| self.root.trim_start_matches("/api/"))
    }

    /// `deployment`, as a person writes it before a name.
    pub fn word(&self) -> String {
        self.kind.to_lowercase()
    }

    /// The kind of this word: `deploy`, `deployments`, `Deployment`, `deployment.apps`.
    pub fn named(word: &str) -> Option<&'static Self> {
        let word = word.to_lowercase();
        let (name, group) = word.split_once('.').unwrap_or((&word, ""));
        ALL.iter().copied().find(|kind| {
            let is_named = kind.plural == name || kind.names.contains(&name);
            let of_group = kind.api_version().split_once('/');
            is_named && (group.is_empty() || of_group.is_some_and(|(found, _)| found == group))
        })
    }
}

/// An object by its kind and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What it is.
    pub kind: &'static Kind,
    /// Its name.
    pub name: String,
}

/// Reads `KIND/NAME` of a kind that `vc why` can say something about.
///
/// # Errors
/// When it is not of that form, or the kind is another.
pub fn explained(text: &str) -> Result<Reference, String> {
    reference(text, |kind| kind.is_explained)
}

/// An object of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostReference {
    /// Of a kind that is known here.
    Known(Reference),
    /// Of a custom resource.
    Other {
        /// `certificates`
        plural: String,
        /// `cert-manager.io`
        group: String,
        /// Its name.
        name: String,
    },
}

impl HostReference {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(known) => &known.name,
            Self::Other { name, .. } => name,
        }
    }

    /// `pods`
    pub fn plural(&self) -> &str {
        match self {
            Self::Known(known) => known.kind.plural,
            Self::Other { plural, .. } => plural,
        }
    }

    /// `pod`, `certificates.cert-manager.io`
    pub fn word(&self) -> String {
        match self {
            Self::Known(known) => known.kind.word(),
            Self::Other { plural, group, .. } => format!("{plural}.{group}"),
        }
    }
}

impl fmt::Display for HostReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.word(), self.name())
    }
}

impl FromStr for HostReference {
    type Err = String;

    /// Reads `POD`, `KIND/NAME` or `PLURAL.GROUP/NAME`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = if text.contains('/') {
            text.to_owned()
        } else {
            format!("pod/{text}")
        };
        let (kind, name) = text.split_once('/').unwrap_or_default();
        match kind.split_once('.') {
            Some((plural, group)) if Kind::named(kind).is_none() => {
                let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                let is_plural = !plural.is_empty() && plural.chars().all(is_word);
                if !is_plural || !is_name(group) || !is_name(name) {
                    return Err("write it as PLURAL.GROUP/NAME".to_owned());
                }
                Ok(Self::Other {
                    plural: plural.to_owned(),
                    group: group.to_owned(),
                    name: name.to_owned(),
                })
            }
            _ => reference(&text, |_| true).map(Self::Known),
        }
    }
}

fn reference(text: &str, may_be: impl Fn(&Kind) -> bool) -> Result<Reference, String> {
    let Some((kind, name)) = text.split_once('/') else {
        return Err("write it as KIND/NAME, such as `pod/web`".to_owned());
    };
    let Some(kind) = Kind::named(kind).filter(|kind| may_be(kind)) else {
        let all = ALL.iter().filter(|kind| may_be(kind));
        let all: Vec<String> = all.map(|kind| kind.word()).collect();
        return Err(format!("`{kind}` is none of {}", all.join(", ")));
    };
    if !is_name(name) {
        return Err(format!("`{name}` is not the name of an object"));
    }
    let name = name.to_owned();
    Ok(Reference { kind, name })
}

/// Whether it may stand in a path: an RFC 1123 subdomain, or what is as harmless.
fn is_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_goes_by_all_of_kubectls_names() {
        for word in [
            "deploy",
            "deployment",
            "deployments",
            "Deployment",
            "deployments.apps",
        ] {
            assert_eq!(Kind::named(word).unwrap().plural, "deployments", "{word}");
        }
        for word in ["", "deployments.batch", "pods.apps", "widgets"] {
            assert_eq!(Kind::named(word), None, "{word}");
        }
    }

    #[test]
    fn an_object_is_named_by_kind_and_name() {
        let found = explained("po/web").unwrap();
        assert_eq!((found.kind.kind, found.name.as_str()), ("Pod", "web"));
        assert_eq!(POD.one("shop", "web"), "/api/v1/namespaces/shop/pods/web");
        assert_eq!(DEPLOYMENT.all(None), "/apis/apps/v1/deployments");
        assert_eq!((POD.api_version(), JOB.api_version()), ("v1", "batch/v1"));
        let host = |text: &str| text.parse::<HostReference>().map(|found| found.to_string());
        assert_eq!(host("web-shop-dev"), Ok("pod/web-shop-dev".to_owned()));
        assert_eq!(host("cm/a"), Ok("configmap/a".to_owned()));
        let custom = "certificates.cert-manager.io/a";
        assert_eq!(host(custom), Ok(custom.to_owned()));
        for wrong in [
            "",
            "widget/a",
            "a/b/c",
            "w.example.com/",
            "../x.y/a",
            "w./a",
        ] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
        for wrong in ["web", "pod/", "pod/../x", "pod/a/b", "secret/x", "widget/x"] {
            assert!(explained(wrong).is_err(), "{wrong}");
        }
    }
}
