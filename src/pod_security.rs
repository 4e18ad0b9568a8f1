//! The Pod Security Standards: which pods may reach the host.
//!
//! In: a profile and a pod as JSON, from whoever may write to the virtual API server. Out: what the
//! profile forbids about it, in Kubernetes' own words; and the configuration that makes the virtual
//! API server forbid the same. Never: a client, a clock; a panic, whatever the JSON looks like.
//!
//! The rules are those of version `latest` in Kubernetes 1.35
//! (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>; for the fine print
//! `k8s.io/pod-security-admission/policy`, v0.35.4). The virtual API server enforces them, too, so that
//! a user hears at once; but its administrator is the tenant, who can relabel any namespace and delete
//! any webhook. So this is what counts, and where the two differ this one is stricter:
//!
//! - a field of a wrong type is a violation, not nothing;
//! - a pod for Windows keeps the baseline rules where the restricted ones do not apply to it;
//! - seccomp annotations are judged, which latest no longer does, because an old host may honour them.

mod admission;
mod baseline;
mod confinement;
mod pod;
mod restricted;
mod shape;
mod words;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

pub use admission::admission_configuration;
use pod::Pod;

/// How much of the host a pod may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Everything: a tenant with it can take over the host's nodes.
    Privileged,
    /// Nothing that is a known way out of a container; ordinary images run.
    #[default]
    Baseline,
    /// Hardened pods alone: no root, no capabilities, a seccomp profile.
    Restricted,
}

impl Profile {
    /// Every profile, the most permissive first.
    pub const ALL: [Self; 3] = [Self::Privileged, Self::Baseline, Self::Restricted];

    /// Its name, as it stands in the namespace labels of Kubernetes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Why a text is not the name of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("it is not one of `privileged`, `baseline`, `restricted`")]
pub struct UnknownProfile;

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|profile| profile.name() == text)
            .ok_or(UnknownProfile)
    }
}

/// One thing about a pod that its profile forbids.
///
/// Prints as `REASON (DETAIL)`, as it stands in the message of the API server's admission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What is forbidden, in two or three words: `host namespaces`.
    pub reason: String,
    /// Who does it: `hostNetwork=true`. It has words of the user's in it.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.reason, self.detail)
    }
}

/// One rule of the standards: what it finds wrong with a pod, if anything.
type Check = fn(&Pod<'_>) -> Option<Violation>;

/// Rules of baseline, in the order in which the API server tells of them.
const BASELINE: [Check; 14] = [
    shape::fields,
    confinement::app_armor,
    baseline::capabilities,
    baseline::host_namespaces,
    baseline::host_path_volumes,
    baseline::host_ports,
    baseline::probe_hosts,
    baseline::privileged,
    baseline::proc_mount,
    confinement::se_linux,
    confinement::seccomp_annotations,
    confinement::seccomp_baseline,
    baseline::sysctls,
    baseline::windows_host_process,
];

/// Rules of restricted: those of baseline, but for the four that it has stricter ones for, and then
/// its own.
const RESTRICTED: [Check; 17] = [
    shape::fields,
    confinement::app_armor,
    baseline::host_namespaces,
    baseline::host_ports,
    baseline::probe_hosts,
    baseline::privileged,
    confinement::se_linux,
    confinement::seccomp_annotations,
    baseline::sysctls,
    baseline::windows_host_process,
    restricted::privilege_escalation,
    restricted::capabilities,
    restricted::proc_mount,
    restricted::volume_types,
    restricted::run_as_non_root,
    restricted::run_as_user,
    confinement::seccomp_restricted,
];

/// What the profile forbids about a pod; nothing when the pod is allowed.
///
/// All three lists of containers are judged alike, ephemeral ones included: what is added to a pod
/// later is judged by giving the whole pod again.
///
/// A pod with `hostUsers: false` may be root and may unmask `/proc`, as upstream. That holds as far as
/// the host knows the field: one before Kubernetes 1.33 may drop it.
pub fn violations(profile: Profile, pod: &Value) -> Vec<Violation> {
    let checks: &[Check] = match profile {
        Profile::Privileged => return Vec::new(),
        Profile::Baseline => &BASELINE,
        Profile::Restricted => &RESTRICTED,
    };
    let pod = Pod::read(pod);
    checks.iter().filter_map(|check| check(&pod)).collect()
}

#[cfg(test)]
mod tests;
