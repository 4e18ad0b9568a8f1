//! Which virtual clusters there are, and which one a name means.
//!
//! In: a host, the kubeconfig files, what was typed. Out: [`Cluster`]s. Never: writes.

use std::collections::BTreeSet;

use futures::future::{join_all, try_join_all};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::ListParams;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;

use crate::cluster::{Cluster, HostObjects, find_clusters};
use crate::error::{Failure, Kind, kind};
use crate::host::Host;
use crate::kubeconfig::Files;
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In this namespace.
    Namespace(Namespace),
    /// In every namespace.
    All,
    /// In every namespace if that is allowed; else in those that we know of.
    Anywhere,
}

impl Scope {
    /// `-n` means that namespace; without it, anywhere.
    pub fn of(namespace: Option<&Namespace>) -> Self {
        namespace.map_or(Self::Anywhere, |namespace| {
            Self::Namespace(namespace.clone())
        })
    }
}

/// What was found, and where.
#[derive(Debug)]
pub struct Found {
    /// The clusters, sorted by namespace and name.
    pub clusters: Vec<Cluster>,
    /// The namespaces that were looked into; none means all.
    pub namespaces: Option<Vec<Namespace>>,
}

/// Lists virtual clusters; `name` narrows the search to one name.
///
/// # Errors
/// What the host answers.
pub async fn list(
    host: &Host,
    files: &Files,
    scope: &Scope,
    name: Option<&ClusterName>,
) -> anyhow::Result<Found> {
    match scope {
        Scope::Namespace(namespace) => list_in(host, std::slice::from_ref(namespace), name).await,
        Scope::All => list_all(host, name).await,
        Scope::Anywhere => match list_all(host, name).await {
            Err(error) if kind(&error) == Kind::Denied => {
                list_in(host, &known_namespaces(host, files), name).await
            }
            found => found,
        },
    }
}

/// Lists the virtual clusters whose labels match a selector, in kubectl's words. One without a marker has no
/// labels.
///
/// # Errors
/// What the host answers; that it cannot read the selector.
pub async fn select(
    host: &Host,
    files: &Files,
    scope: &Scope,
    selector: &str,
) -> anyhow::Result<Found> {
    let mut found = list(host, files, scope, None).await?;
    let selector = format!("{},{},{selector}", labels::CLUSTER, labels::MARKER);
    let matching = match &found.namespaces {
        None => list_kind::<ConfigMap>(host, None, "configmaps", &selector).await,
        Some(namespaces) => {
            let lists = namespaces.iter().map(|namespace| {
                list_kind::<ConfigMap>(host, Some(namespace), "configmaps", &selector)
            });
            try_join_all(lists).await.map(|lists| lists.concat())
        }
    };
    let matching = matching.map_err(|error| {
        let is_unreadable = matches!(
            error.downcast_ref(),
            Some(kube::Error::Api(status)) if status.code == 400
        );
        if is_unreadable {
            return Failure::new(Kind::Usage, "the host cannot read the selector")
                .because(error)
                .hint("write it as `team=shop,stage!=prod`")
                .into();
        }
        error
    })?;
    let uids: BTreeSet<Option<String>> = matching
        .into_iter()
        .map(|marker| marker.metadata.uid)
        .collect();
    found
        .clusters
        .retain(|cluster| cluster.uid.is_some() && uids.contains(&cluster.uid));
    Ok(found)
}

/// Finds what each of several names means, all at once; a name that was typed twice is one.
pub async fn each<'a>(
    host: &Host,
    files: &Files,
    scope: &Scope,
    names: &'a [ClusterName],
) -> Vec<(&'a ClusterName, anyhow::Result<Cluster>)> {
    let names: BTreeSet<&ClusterName> = names.iter().collect();
    let searches = names.into_iter().map(async |name| {
        let found = one(host, files, scope, name).await;
        (name, found)
    });
    join_all(searches).await
}

/// Finds the one virtual cluster that a name means.
///
/// # Errors
/// When there is none, or more than one.
pub async fn one(
    host: &Host,
    files: &Files,
    scope: &Scope,
    name: &ClusterName,
) -> anyhow::Result<Cluster> {
    let found = list(host, files, scope, Some(name)).await?;
    let mut clusters = found.clusters.into_iter();
    match (clusters.next(), clusters.next()) {
        (Some(cluster), None) => Ok(cluster),
        (None, _) => Err(not_found(host, name, found.namespaces.as_deref()).into()),
        (Some(first), Some(second)) => {
            let rest = clusters.map(|cluster| cluster.namespace);
            let namespaces: Vec<String> = [first.namespace, second.namespace]
                .into_iter()
                .chain(rest)
                .map(String::from)
                .collect();
            Err(Failure::new(
                Kind::Usage,
                format!("virtual cluster `{name}` exists in several namespaces"),
            )
            .detail(format!("namespaces: {}", namespaces.join(", ")))
            .hint("say which one with `-n NAMESPACE`")
            .into())
        }
    }
}

fn not_found(host: &Host, name: &ClusterName, namespaces: Option<&[Namespace]>) -> Failure {
    let place = match namespaces {
        None => host.describe(),
        Some(namespaces) => {
            let names: Vec<String> = namespaces.iter().map(|name| format!("`{name}`")).collect();
            format!("namespace {} of {}", names.join(", "), host.describe())
        }
    };
    Failure::new(
        Kind::NotFound,
        format!("virtual cluster `{name}` does not exist in {place}"),
    )
    .hint("see which there are with `vc list`")
}

/// The namespaces to look into when we may not look everywhere: the context's own, and those of the
/// clusters that the kubeconfig knows.
fn known_namespaces(host: &Host, files: &Files) -> Vec<Namespace> {
    let recorded = files
        .records()
        .into_iter()
        .map(|(_, record)| record.namespace);
    let all: BTreeSet<Namespace> = recorded.chain([host.context_namespace.clone()]).collect();
    all.into_iter().collect()
}

async fn list_all(host: &Host, name: Option<&ClusterName>) -> anyhow::Result<Found> {
    Ok(Found {
        clusters: find_clusters(&objects(host, None, name).await?),
        namespaces: None,
    })
}

async fn list_in(
    host: &Host,
    namespaces: &[Namespace],
    name: Option<&ClusterName>,
) -> anyhow::Result<Found> {
    // A namespace that we lost the rights to hides what is in it, but not what is in the others.
    let several = namespaces.len() > 1;
    let searches = namespaces.iter().map(|namespace| async move {
        match objects(host, Some(namespace), name).await {
            Err(error) if several && kind(&error) == Kind::Denied => Ok(HostObjects::default()),
            found => found,
        }
    });
    let found = try_join_all(searches).await?;
    Ok(Found {
        clusters: found.iter().flat_map(find_clusters).collect(),
        namespaces: Some(namespaces.to_vec()),
    })
}

async fn objects(
    host: &Host,
    namespace: Option<&Namespace>,
    name: Option<&ClusterName>,
) -> anyhow::Result<HostObjects> {
    let of_cluster = match name {
        Some(name) => format!("{}={name}", labels::CLUSTER),
        None => labels::CLUSTER.to_owned(),
    };
    let marker = format!("{of_cluster},{}", labels::MARKER);
    let control_plane = format!(
        "{of_cluster},{}={}",
        labels::COMPONENT,
        labels::CONTROL_PLANE
    );
    // All are awaited, so that of several refusals the same one is told each time.
    let (markers, stateful_sets, pods) = tokio::join!(
        list_kind::<ConfigMap>(host, namespace, "configmaps", &marker),
        // Workloads of the virtual clusters reach the host as pods: these are control planes alone.
        list_kind::<StatefulSet>(host, namespace, "statefulsets", &of_cluster),
        list_kind::<Pod>(host, namespace, "pods", &control_plane),
    );
    Ok(HostObjects {
        markers: markers?,
        stateful_sets: stateful_sets?,
        pods: pods?,
    })
}

async fn list_kind<K>(
    host: &Host,
    namespace: Option<&Namespace>,
    plural: &str,
    selector: &str,
) -> anyhow::Result<Vec<K>>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + std::fmt::Debug,
    K: DeserializeOwned,
{
    let (api, place): (Api<K>, String) = match namespace {
        Some(namespace) => (
            Api::namespaced(host.client.clone(), namespace.as_str()),
            format!(" in namespace `{namespace}`"),
        ),
        None => (Api::all(host.client.clone()), String::new()),
    };
    let params = ListParams::default().labels(selector);
    let list = host
        .call(format!("list {plural}{place}"), api.list(&params))
        .await?;
    Ok(list.items)
}
