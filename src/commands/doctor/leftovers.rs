//! What is seen of other clusters, and of what they have left.

use std::collections::BTreeSet;
use std::fmt::Debug;

use jiff::Timestamp;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret, Service};
use kube::api::ListParams;
use kube::core::PartialObjectMeta;
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;

use super::seen::{keep, seen};
use crate::doctor::leftovers::{self, Marked, Marker};
use crate::doctor::{Finding, codes, control_plane};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::Files;
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// Clusters that were only begun, are half deleted or over, and what others have left.
pub(super) async fn findings(host: &Host, files: &Files, only: Option<&Namespace>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let clusters = find::list(host, files, &Scope::of(only), None).await;
    let clusters = keep(
        seen(&codes::CANNOT_TELL, "clusters", clusters),
        &mut findings,
    );
    let now = Timestamp::now();
    for cluster in clusters.map(|found| found.clusters).unwrap_or_default() {
        findings.extend(leftovers::others(control_plane::state(&cluster, now)));
    }
    findings.extend(orphans(host, only, None).await);
    findings
}

/// What clusters have left that are no more: of one name, or of any.
pub(super) async fn orphans(
    host: &Host,
    only: Option<&Namespace>,
    name: Option<&ClusterName>,
) -> Vec<Finding> {
    match Box::pin(look(host, only, name)).await {
        Ok(findings) => findings,
        Err(error) => match seen::<()>(&codes::CANNOT_TELL, "leftovers", Err(error)) {
            Ok(()) => Vec::new(),
            Err(finding) => vec![finding],
        },
    }
}

async fn look(
    host: &Host,
    only: Option<&Namespace>,
    name: Option<&ClusterName>,
) -> anyhow::Result<Vec<Finding>> {
    let first = Box::pin(marked(host, only, name)).await?;
    let markers = markers(host, only, name).await?;
    if leftovers::orphans(&first, &markers).is_empty() {
        return Ok(Vec::new());
    }
    // What has gone meanwhile went with its cluster.
    let again = Box::pin(marked(host, only, name)).await?;
    let left: Vec<Marked> = first
        .into_iter()
        .filter(|object| again.contains(object))
        .collect();
    Ok(leftovers::leftovers(&left, &markers))
}

fn selector(name: Option<&ClusterName>) -> String {
    match name {
        Some(name) => format!("{}={name}", labels::CLUSTER),
        None => labels::CLUSTER.to_owned(),
    }
}

/// The markers, which are listed after what they own: a cluster that is just being made has its marker first.
async fn markers(
    host: &Host,
    only: Option<&Namespace>,
    name: Option<&ClusterName>,
) -> anyhow::Result<BTreeSet<Marker>> {
    let of = format!("{},{}", selector(name), labels::MARKER);
    let all = list::<ConfigMap>(host, only, "configmaps", &of).await?;
    let markers = all.into_iter().filter_map(|marker| {
        Some(Marker {
            namespace: marker.namespace()?,
            cluster: marker.labels().get(labels::CLUSTER)?.clone(),
            uid: marker.uid()?,
        })
    });
    Ok(markers.collect())
}

async fn marked(
    host: &Host,
    only: Option<&Namespace>,
    name: Option<&ClusterName>,
) -> anyhow::Result<Vec<Marked>> {
    let of = &format!("{},!{}", selector(name), labels::MARKER);
    let (sets, pods, services, configmaps, secrets, claims) = tokio::try_join!(
        list::<StatefulSet>(host, only, "statefulsets", of),
        list::<Pod>(host, only, "pods", of),
        list::<Service>(host, only, "services", of),
        list::<ConfigMap>(host, only, "configmaps", of),
        list::<Secret>(host, only, "secrets", of),
        list::<PersistentVolumeClaim>(host, only, "persistentvolumeclaims", of),
    )?;
    let mut all = of_kind("statefulset", sets);
    all.extend(of_kind("pod", pods));
    all.extend(of_kind("service", services));
    all.extend(of_kind("configmap", configmaps));
    all.extend(of_kind("secret", secrets));
    all.extend(of_kind("persistentvolumeclaim", claims));
    Ok(all)
}

/// What is not being deleted already.
fn of_kind<K>(kind: &'static str, objects: Vec<PartialObjectMeta<K>>) -> Vec<Marked>
where
    K: Resource<DynamicType = ()>,
{
    let stay = objects
        .into_iter()
        .filter(|object| object.metadata.deletion_timestamp.is_none());
    let marked = stay.filter_map(|object| {
        let cluster = object.labels().get(labels::CLUSTER)?.clone();
        let owners = object.owner_references();
        let marker = cluster.parse().map(|name: ClusterName| name.object());
        let owner = owners
            .iter()
            .find(|owner| owner.kind == "ConfigMap" && marker.as_ref() == Ok(&owner.name));
        let told = object.annotations().get(labels::CLUSTER_UID).cloned();
        Some(Marked {
            kind,
            namespace: object.namespace()?,
            name: object.name_any(),
            cluster_uid: told.or_else(|| owner.map(|owner| owner.uid.clone())),
            cluster,
        })
    });
    marked.collect()
}

async fn list<K>(
    host: &Host,
    only: Option<&Namespace>,
    plural: &str,
    selector: &str,
) -> anyhow::Result<Vec<PartialObjectMeta<K>>>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + Debug,
    K: DeserializeOwned,
{
    let (api, place): (Api<K>, String) = match only {
        Some(namespace) => (
            Api::namespaced(host.client.clone(), namespace.as_str()),
            format!(" in namespace `{namespace}`"),
        ),
        None => (Api::all(host.client.clone()), String::new()),
    };
    let params = ListParams::default().labels(selector);
    let attempt = format!("list {plural}{place}");
    Ok(host.call(attempt, api.list_metadata(&params)).await?.items)
}
