//! Why a pod cannot be on the host, in the words of who wrote it.
//!
//! In: where something stands in the virtual pod. Out: the Refusal that names it. Never: a name of the
//! host.

use super::super::Refusal;

/// A volume, for what it is or for something in it.
pub(super) fn volume(name: &str, why: &str) -> Refusal {
    Refusal {
        reason: "UnsupportedVolume",
        message: format!("volume `{name}`: {why}"),
    }
}

/// An environment variable or where variables are taken from.
pub(super) fn environment(container: &str, why: &str) -> Refusal {
    Refusal {
        reason: "UnsupportedEnvironment",
        message: format!("container `{container}`: {why}"),
    }
}

/// A claim of a device by dynamic resource allocation.
pub(super) fn resource_claim(field: &str) -> Refusal {
    Refusal {
        reason: "UnsupportedResourceClaim",
        message: format!("{field}: ResourceClaims do not exist in a virtual cluster yet"),
    }
}

/// A rule about where pods may be that has no equal on the host.
pub(super) fn affinity(field: &str, why: &str) -> Refusal {
    Refusal {
        reason: "UnsupportedAffinity",
        message: format!("{field}: {why}"),
    }
}
