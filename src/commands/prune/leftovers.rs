//! What a cluster that deleted itself has left, because nothing in its namespace may own or delete it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace as HostNamespace};
use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use kube::api::ListParams;
use kube::{Api, ResourceExt};

use crate::commands::delete;
use crate::error::{Kind, kind};
use crate::host::Host;
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// A namespace is made a moment before what is to be in it: one that is younger may be somebody's who is at
/// work.
const YOUNG: SignedDuration = SignedDuration::from_mins(1);

/// What was found.
pub(super) struct Leftovers {
    /// Empty ones that `vc create` made.
    pub(super) namespaces: Vec<Namespace>,
    /// Names of ClusterRoles and their bindings.
    pub(super) roles: Vec<String>,
}

/// The namespaces that `vc create` made and in which nothing is; none if we may not look.
pub(super) async fn namespaces(
    host: &Host,
    only: Option<&Namespace>,
) -> anyhow::Result<Vec<Namespace>> {
    let api: Api<HostNamespace> = Api::all(host.client.clone());
    let ours = ListParams::default().labels(labels::CREATED_NAMESPACE);
    let found = host.call("list namespaces", api.list(&ours)).await;
    let mut empty = Vec::new();
    for namespace in unless_denied(found.map(|list| list.items))? {
        let metadata = &namespace.metadata;
        let created = metadata.creation_timestamp.as_ref().map(|time| time.0);
        let is_young = created.is_none_or(|time| Timestamp::now().duration_since(time) < YOUNG);
        let name: Namespace = namespace.name_any().parse()?;
        let is_going = metadata.deletion_timestamp.is_some();
        if is_young || is_going || only.is_some_and(|only| *only != name) {
            continue;
        }
        if delete::is_empty(host, &name).await? {
            empty.push(name);
        }
    }
    Ok(empty)
}

/// The ClusterRoles of clusters that are no more; none if we may not look.
pub(super) async fn roles(host: &Host, only: Option<&Namespace>) -> anyhow::Result<Vec<String>> {
    let api: Api<ClusterRoleBinding> = Api::all(host.client.clone());
    let ours = format!(
        "{},{}={}",
        labels::CLUSTER,
        labels::MANAGED_BY,
        labels::MANAGER
    );
    let ours = ListParams::default().labels(&ours);
    let found = host.call("list clusterrolebindings", api.list(&ours)).await;
    let mut gone = BTreeSet::new();
    for binding in unless_denied(found.map(|list| list.items))? {
        let Some((name, namespace)) = cluster_of(&binding) else {
            continue;
        };
        if only.is_some_and(|only| *only != namespace) {
            continue;
        }
        let markers: Api<ConfigMap> = Api::namespaced(host.client.clone(), namespace.as_str());
        let marker = name.object();
        let attempt = format!("get configmap `{marker}` in namespace `{namespace}`");
        let found = host.call(attempt, markers.get_metadata_opt(&marker)).await;
        match found {
            Ok(None) => drop(gone.insert(binding.name_any())),
            // The marker is made before the role: what has one is in use.
            Ok(Some(_)) => {}
            Err(error) if kind(&error) == Kind::Denied => {}
            Err(error) => return Err(error),
        }
    }
    Ok(gone.into_iter().collect())
}

/// Whose syncer a binding is for, if it has the name that we give.
fn cluster_of(binding: &ClusterRoleBinding) -> Option<(ClusterName, Namespace)> {
    let name: ClusterName = binding.labels().get(labels::CLUSTER)?.parse().ok()?;
    let subject = binding.subjects.as_ref()?.first()?;
    let namespace: Namespace = subject.namespace.as_ref()?.parse().ok()?;
    let is_ours =
        subject.name == name.object() && binding.name_any() == name.cluster_wide(&namespace);
    is_ours.then_some((name, namespace))
}

fn unless_denied<T>(found: anyhow::Result<Vec<T>>) -> anyhow::Result<Vec<T>> {
    match found {
        Err(error) if kind(&error) == Kind::Denied => Ok(Vec::new()),
        found => found,
    }
}
