//! Who else is in a host namespace.
//!
//! In: a host, a namespace. Out: nothing, or why a virtual cluster does not go together with what is there.
//! Never: counts what of a namespace is used; the host's admission does.

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::ListParams;
use kube::{Api, ResourceExt};

use super::NamespaceState;
use crate::cluster::ClusterSpec;
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// Checks that nobody's quota would count somebody else's: a ResourceQuota is about a whole namespace.
///
/// # Errors
/// When another virtual cluster there has a quota; or when this one is to have one and is not alone.
pub async fn neighbours(
    host: &Host,
    name: &ClusterName,
    namespace: &Namespace,
    state: NamespaceState,
    wants_quota: bool,
) -> anyhow::Result<()> {
    if state == NamespaceState::Missing {
        return Ok(());
    }
    let markers: Api<ConfigMap> = Api::namespaced(host.client.clone(), namespace.as_str());
    let which = ListParams::default().labels(labels::MARKER);
    let markers = host
        .call(
            format!("list configmaps in namespace `{namespace}`"),
            markers.list(&which),
        )
        .await?;
    let others = markers.items.iter().filter_map(|marker| {
        let other = marker.labels().get(labels::CLUSTER)?;
        (other != name.as_str()).then_some((other, marker))
    });
    for (other, marker) in others {
        if has_quota(marker) {
            let message = format!(
                "namespace `{namespace}` has the quota of virtual cluster `{other}`, which would count this one, too"
            );
            return Err(failure(message).into());
        }
        if wants_quota {
            let message = format!(
                "a quota counts everything in a namespace, and virtual cluster `{other}` is in `{namespace}`, too"
            );
            return Err(failure(message).into());
        }
    }
    if wants_quota && let Some(pod) = foreign_pod(host, name, namespace).await? {
        let message = format!(
            "a quota counts everything in a namespace, and pod `{pod}` is in `{namespace}`, too"
        );
        return Err(failure(message).into());
    }
    Ok(())
}

fn failure(message: String) -> Failure {
    Failure::new(Kind::Preflight, message).hint("take a namespace of its own with `-n NAMESPACE`")
}

fn has_quota(marker: &ConfigMap) -> bool {
    ClusterSpec::of_marker(marker).is_some_and(|spec| !spec.quota.is_empty())
}

async fn foreign_pod(
    host: &Host,
    name: &ClusterName,
    namespace: &Namespace,
) -> anyhow::Result<Option<String>> {
    let pods: Api<Pod> = Api::namespaced(host.client.clone(), namespace.as_str());
    let not_ours = format!("{} notin ({name})", labels::CLUSTER);
    let which = ListParams::default().labels(&not_ours).limit(1);
    let found = host
        .call(
            format!("list pods in namespace `{namespace}`"),
            pods.list_metadata(&which),
        )
        .await?;
    Ok(found.items.first().map(ResourceExt::name_any))
}
