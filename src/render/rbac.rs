//! Who the control plane is on the host.
//!
//! In: a [`ClusterSpec`]. Out: its ServiceAccount. Never: a right; the control plane has none.

use k8s_openapi::api::core::v1::ServiceAccount;

use super::metadata;
use crate::cluster::ClusterSpec;

/// An account without rights, so that the pod does not run as `default`, to which somebody may
/// have given some. No token of it is mounted anywhere.
pub(super) fn service_account(spec: &ClusterSpec) -> ServiceAccount {
    ServiceAccount {
        metadata: metadata(spec, spec.name.object()),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}
