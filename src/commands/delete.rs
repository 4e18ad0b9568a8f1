//! `vc delete`: everything that a virtual cluster made, by its label.
//!
//! Needs neither a living control plane nor anything on this machine. The marker goes last: until
//! then `vc list` shows the cluster, and the same command ends what an interrupted one began.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use futures::future::{join_all, try_join_all};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace as HostNamespace, PersistentVolumeClaim, Pod, Secret, Service,
};
use kube::api::ListParams;
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;

use super::App;
use crate::apply;
use crate::cli::DeleteArgs;
use crate::cluster::Cluster;
use crate::config;
use crate::error::{Failure, Kind, kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::{Files, Removed, SwitchedBack, file};
use crate::labels;
use crate::names::{ClusterName, Namespace};
use crate::tunnel::registry;
use crate::wait::{self, Target};

/// Deletes the named clusters, all of them even if one cannot be deleted.
///
/// # Errors
/// When a cluster does not exist or something of it stays; the others are deleted all the same.
pub(super) async fn run(app: &App, args: DeleteArgs) -> anyhow::Result<()> {
    let timeout = config::timeout(args.timeout, &app.user_file()?)?;
    let (host, files) = app.connect().await?;
    let (clusters, missing) = if let Some(selector) = &args.selector {
        (
            selected(app, &args, &host, &files, selector).await?,
            Vec::new(),
        )
    } else if args.all {
        (all(app, &args, &host, &files).await?, Vec::new())
    } else {
        named(app, &args, &host, &files).await?
    };
    if !clusters.is_empty() && !agreed(app, &args, &host, &clusters).await? {
        return Err(Failure::new(Kind::Failed, "nothing was deleted").into());
    }
    let mut errors = missing;
    errors.extend(delete_all(app, &host, &clusters, timeout).await);
    first_of_all(app, errors)
}

/// Tells of all of several errors; the first is what the command ends with.
pub(super) fn first_of_all(app: &App, errors: Vec<anyhow::Error>) -> anyhow::Result<()> {
    let mut errors = errors.into_iter();
    let Some(first) = errors.next() else {
        return Ok(());
    };
    for error in errors {
        app.ui.report(&crate::error::report(&error));
    }
    Err(first)
}

/// The clusters that the names mean, and what is wrong with the other names.
async fn named(
    app: &App,
    args: &DeleteArgs,
    host: &Host,
    files: &Files,
) -> anyhow::Result<(Vec<Cluster>, Vec<anyhow::Error>)> {
    let scope = Scope::of(app.global.namespace.as_ref());
    let mut clusters = Vec::new();
    let mut missing = Vec::new();
    for (name, found) in find::each(host, files, &scope, &args.names).await {
        match found {
            Ok(cluster) => clusters.push(cluster),
            Err(error) if kind(&error) == Kind::NotFound => {
                forget(app, files, name, app.global.namespace.as_ref()).await?;
                if args.ignore_not_found {
                    app.ui
                        .note(&format!("virtual cluster `{name}` does not exist"));
                } else {
                    missing.push(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok((clusters, missing))
}

/// Every cluster of the namespace.
async fn all(
    app: &App,
    args: &DeleteArgs,
    host: &Host,
    files: &Files,
) -> anyhow::Result<Vec<Cluster>> {
    let namespace = app
        .global
        .namespace
        .as_ref()
        .unwrap_or(&host.context_namespace);
    if !args.yes && !app.ui.asks() {
        return Err(Failure::new(
            Kind::Usage,
            format!("`--all` would delete every virtual cluster of namespace `{namespace}`"),
        )
        .hint("pass `--yes` to mean it")
        .into());
    }
    let scope = Scope::Namespace(namespace.clone());
    let clusters = find::list(host, files, &scope, None).await?.clusters;
    if clusters.is_empty() {
        app.ui
            .note(&format!("no virtual clusters in namespace `{namespace}`"));
    }
    Ok(clusters)
}

/// The clusters whose labels match.
async fn selected(
    app: &App,
    args: &DeleteArgs,
    host: &Host,
    files: &Files,
    selector: &str,
) -> anyhow::Result<Vec<Cluster>> {
    if !args.yes && !app.ui.asks() {
        return Err(Failure::new(
            Kind::Usage,
            format!("`-l {selector}` would delete every virtual cluster that matches"),
        )
        .hint(format!(
            "see which with `vc list -l {selector}`, and pass `--yes` to mean it"
        ))
        .into());
    }
    let scope = Scope::of(app.global.namespace.as_ref());
    let clusters = find::select(host, files, &scope, selector).await?.clusters;
    if clusters.is_empty() {
        app.ui
            .note(&format!("no virtual cluster matches `{selector}`"));
    }
    Ok(clusters)
}

/// Asks, on a terminal; off it, naming a cluster is enough.
async fn agreed(
    app: &App,
    args: &DeleteArgs,
    host: &Host,
    clusters: &[Cluster],
) -> anyhow::Result<bool> {
    if args.yes || !app.ui.asks() {
        return Ok(true);
    }
    let names: Vec<String> = clusters
        .iter()
        .map(|cluster| format!("`{}` (namespace `{}`)", cluster.name, cluster.namespace))
        .collect();
    let question = format!(
        "Delete virtual cluster{} {} with all data, on {}?",
        if clusters.len() == 1 { "" } else { "s" },
        names.join(", "),
        host.describe()
    );
    app.ui.confirm(question).await
}

/// Deletes clusters side by side; returns what went wrong.
pub(super) async fn delete_all(
    app: &App,
    host: &Host,
    clusters: &[Cluster],
    timeout: Duration,
) -> Vec<anyhow::Error> {
    if clusters.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = clusters
        .iter()
        .map(|cluster| format!("`{}`", cluster.name))
        .collect();
    app.ui.step(&format!("deleting {}", names.join(", ")));
    app.ui.on_interrupt(
        clusters
            .iter()
            .map(|cluster| {
                let Cluster { name, namespace, .. } = cluster;
                format!("virtual cluster `{name}` may be half deleted: `vc delete {name} -n {namespace}` goes on")
            })
            .collect(),
    );
    let targets: Vec<Target<'_>> = clusters.iter().map(target).collect();
    let namespaces = removable_namespaces(app, host, &targets).await;
    let namespaces_gone = join_all(
        namespaces
            .iter()
            .map(|namespace| async { remove_namespace(app, host, namespace, timeout).await }),
    );
    let clusters_gone = join_all(clusters.iter().map(|cluster| async {
        let target = target(cluster);
        remove_objects(app, host, target, timeout)
            .await
            .with_context(|| format!("cannot delete virtual cluster `{}`", cluster.name))
    }));
    let (deleted, namespaces_deleted) = tokio::join!(clusters_gone, namespaces_gone);
    app.ui.finish();
    let mut errors = Vec::new();
    for (cluster, result) in clusters.iter().zip(deleted) {
        match result {
            Ok(()) => match forget_cluster(app, cluster).await {
                Ok(()) => app
                    .ui
                    .note(&format!("virtual cluster `{}` is deleted", cluster.name)),
                Err(error) => errors.push(error),
            },
            Err(error) => errors.push(error),
        }
    }
    errors.extend(namespaces_deleted.into_iter().filter_map(Result::err));
    errors
}

fn target(cluster: &Cluster) -> Target<'_> {
    Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    }
}

/// Deletes one cluster that this process made, with its namespace if that is its alone.
///
/// Unlike `vc delete` it begins with the marker: nobody has to find the cluster again, and if this process
/// is killed the host's garbage collector goes on. See decision 0020.
pub(super) async fn remove(
    app: &App,
    host: &Host,
    target: Target<'_>,
    timeout: Duration,
) -> anyhow::Result<()> {
    let targets = [target];
    let removed = remove_released(app, host, target, timeout);
    tokio::try_join!(removed, remove_namespaces(app, host, &targets, timeout))?;
    Ok(())
}

/// Deletes the namespaces of these clusters that `vc create` made and in which nothing else is.
pub(super) async fn remove_namespaces(
    app: &App,
    host: &Host,
    targets: &[Target<'_>],
    timeout: Duration,
) -> anyhow::Result<()> {
    let namespaces = removable_namespaces(app, host, targets).await;
    let gone = namespaces
        .iter()
        .map(|namespace| remove_namespace(app, host, namespace, timeout));
    try_join_all(gone).await.map(drop)
}

/// Deletes everything of one cluster that this process made, the marker first; not its namespace.
pub(super) async fn remove_released(
    app: &App,
    host: &Host,
    target: Target<'_>,
    timeout: Duration,
) -> anyhow::Result<()> {
    apply::release(host, target.namespace, target.name).await?;
    remove_objects(app, host, target, timeout).await
}

/// Deletes everything labelled, and the marker when all else is gone.
async fn remove_objects(
    app: &App,
    host: &Host,
    target: Target<'_>,
    timeout: Duration,
) -> anyhow::Result<()> {
    Box::pin(apply::delete_cluster(host, target.namespace, target.name)).await?;
    wait::await_control_plane_gone(host, &app.ui, target, timeout).await?;
    // What its syncer made until its end.
    Box::pin(apply::delete_cluster(host, target.namespace, target.name)).await?;
    wait::await_gone(host, &app.ui, target, timeout).await?;
    apply::delete_marker(host, target.namespace, target.name).await
}

/// Deletes a namespace and waits until it is gone, as far as the rights go.
///
/// # Errors
/// When it stays.
pub(super) async fn remove_namespace(
    app: &App,
    host: &Host,
    namespace: &Namespace,
    timeout: Duration,
) -> anyhow::Result<()> {
    let gone = async {
        apply::delete_namespace(host, namespace).await?;
        wait::await_namespace_gone(host, namespace, timeout).await
    };
    match gone.await {
        Err(error) if kind(&error) == Kind::Denied => {
            app.ui.warn(&format!(
                "namespace `{namespace}` was made by `vc create`, but its deletion cannot be seen to: {error:#}"
            ));
            Ok(())
        }
        result => result.with_context(|| format!("cannot delete namespace `{namespace}`")),
    }
}

/// The namespaces that `vc create` made and in which nothing else is.
///
/// They are deleted at once, beside what is in them: Kubernetes lets a namespace linger for five
/// seconds, which can just as well be these.
async fn removable_namespaces(app: &App, host: &Host, targets: &[Target<'_>]) -> Vec<Namespace> {
    let namespaces: BTreeSet<&Namespace> = targets.iter().map(|target| target.namespace).collect();
    let names: BTreeSet<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    let others = names.into_iter().collect::<Vec<_>>().join(",");
    let not_ours = format!("{} notin ({others})", labels::CLUSTER);
    let mut removable = Vec::new();
    for namespace in namespaces {
        match Box::pin(is_removable(host, namespace, &not_ours)).await {
            Ok(Removable::Yes) => removable.push(namespace.clone()),
            Ok(Removable::NotOurs) => {}
            Ok(Removable::Holds(object)) => app.ui.note(&format!(
                "namespace `{namespace}` is kept, because {object} is in it"
            )),
            // Who may not look into it need not be able to delete it.
            Err(error) if kind(&error) == Kind::Denied => {}
            Err(error) => app
                .ui
                .warn(&format!("namespace `{namespace}` is kept: {error:#}")),
        }
    }
    removable
}

/// Whether nothing is in a namespace but what Kubernetes puts there; not if we may not look.
///
/// # Errors
/// What the host answers.
pub(super) async fn is_empty(host: &Host, namespace: &Namespace) -> anyhow::Result<bool> {
    match Box::pin(is_removable(host, namespace, "")).await {
        Err(error) if kind(&error) == Kind::Denied => Ok(false),
        removable => Ok(matches!(removable?, Removable::Yes)),
    }
}

/// Whether a namespace may go with the clusters in it.
enum Removable {
    Yes,
    NotOurs,
    Holds(String),
}

async fn is_removable(
    host: &Host,
    namespace: &Namespace,
    not_ours: &str,
) -> anyhow::Result<Removable> {
    let api: Api<HostNamespace> = Api::all(host.client.clone());
    let found = host
        .call(
            format!("get namespace `{namespace}`"),
            api.get_opt(namespace.as_str()),
        )
        .await?;
    let made_by_us =
        found.is_some_and(|found| found.labels().contains_key(labels::CREATED_NAMESPACE));
    if !made_by_us {
        return Ok(Removable::NotOurs);
    }
    let (configmaps, secrets, pods, claims, services, deployments, sets) = tokio::try_join!(
        first_of::<ConfigMap>(host, namespace, not_ours),
        first_of::<Secret>(host, namespace, not_ours),
        first_of::<Pod>(host, namespace, not_ours),
        first_of::<PersistentVolumeClaim>(host, namespace, not_ours),
        first_of::<Service>(host, namespace, not_ours),
        first_of::<Deployment>(host, namespace, not_ours),
        first_of::<StatefulSet>(host, namespace, not_ours),
    )?;
    let holds = [
        deployments,
        sets,
        pods,
        claims,
        services,
        secrets,
        configmaps,
    ]
    .into_iter()
    .flatten()
    .next();
    Ok(holds.map_or(Removable::Yes, Removable::Holds))
}

/// The first object of a kind that Kubernetes did not put there by itself.
async fn first_of<K>(
    host: &Host,
    namespace: &Namespace,
    selector: &str,
) -> anyhow::Result<Option<String>>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + std::fmt::Debug,
    K: DeserializeOwned,
{
    let kind = K::kind(&()).to_lowercase();
    let api: Api<K> = Api::namespaced(host.client.clone(), namespace.as_str());
    let params = ListParams::default().labels(selector);
    let list = host
        .call(
            format!("list {kind}s in namespace `{namespace}`"),
            api.list_metadata(&params),
        )
        .await?;
    let names = list.items.iter().map(ResourceExt::name_any);
    Ok(names
        .filter(|name| !is_kubernetes_own(name))
        .map(|name| format!("{kind} `{name}`"))
        .next())
}

/// What the control plane and common add-ons put into every namespace.
fn is_kubernetes_own(name: &str) -> bool {
    matches!(
        name,
        "kube-root-ca.crt" | "istio-ca-root-cert" | "openshift-service-ca.crt"
    ) || name.starts_with("default-token-")
        || name.starts_with("default-dockercfg-")
}

/// Removes a deleted cluster from the kubeconfig, and ends its tunnel.
async fn forget_cluster(app: &App, cluster: &Cluster) -> anyhow::Result<()> {
    if let Some(uid) = &cluster.uid {
        return forget_uid(app, uid).await;
    }
    let files = file::load(&app.kubeconfig_paths())?;
    forget(app, &files, &cluster.name, Some(&cluster.namespace)).await
}

/// Removes what the kubeconfig says of clusters that are no more.
async fn forget(
    app: &App,
    files: &Files,
    name: &ClusterName,
    namespace: Option<&Namespace>,
) -> anyhow::Result<()> {
    for (_, record) in files.find(name, namespace) {
        forget_uid(app, &record.uid).await?;
    }
    Ok(())
}

/// Removes a cluster and those inside it, which went with it.
async fn forget_uid(app: &App, uid: &str) -> anyhow::Result<()> {
    let files = file::load(&app.kubeconfig_paths())?;
    for inner in files.inside(uid) {
        forget_one(app, &inner).await?;
    }
    forget_one(app, uid).await
}

async fn forget_one(app: &App, uid: &str) -> anyhow::Result<()> {
    let paths = app.kubeconfig_paths();
    let removed: Removed = file::edit(&paths, |files| Ok::<_, anyhow::Error>(files.remove(uid)))
        .await
        .context("cannot remove its context from the kubeconfig")?;
    match removed.switched_back {
        Some(SwitchedBack::To(context)) => {
            app.ui.note(&format!("context is `{context}` again"));
        }
        Some(SwitchedBack::Blank) => app.ui.warn(
            "the context that was current before no longer exists, so none is now: \
             choose one with `kubectl config use-context`",
        ),
        None => {}
    }
    if let Err(error) = registry::stop(&app.tunnels_dir()?, uid).await {
        app.ui.warn(&format!("its tunnel was not ended: {error}"));
    }
    Ok(())
}
