//! The command line's only writer to the host.
//!
//! In: rendered manifests. Out: objects on the host. Never: decides what they say.
//!
//! # Guarantees
//! The marker is made with a plain create, so of two that come at once one is told that it exists.
//! Everything else is applied, so an interrupted run can be repeated.

mod pausing;
mod store;

use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, Namespace as HostNamespace, PersistentVolumeClaim, Pod, ResourceQuota,
    Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use kube::api::{
    ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams,
    PostParams, Preconditions,
};
use kube::{Api, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub use pausing::{mark_paused, scale, stop_pod};
pub use store::{in_store, note_upgrade};

use crate::cluster::ClusterSpec;
use crate::error::{Kind, kind};
use crate::host::Host;
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// How long a control-plane pod that is deleted for good may take to end, in seconds.
///
/// Nothing it could still write is kept, so it is given just the time to close its connections.
const DELETE_GRACE_SECONDS: u32 = 1;

/// Whether the host stores what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Store,
    /// It only checks it, with its admission.
    DryRun,
}

/// Applies one manifest by server-side apply; returns the object as the host has it.
///
/// # Errors
/// What the host answers.
pub async fn apply(host: &Host, manifest: &Value, mode: Mode) -> anyhow::Result<DynamicObject> {
    let object: DynamicObject = serde_json::from_value(manifest.clone())?;
    let name = object.metadata.name.clone().unwrap_or_default();
    let (api, kind) = api_of(host, &object);
    let mut params = PatchParams::apply(labels::FIELD_MANAGER).force();
    params.dry_run = mode == Mode::DryRun;
    host.call(
        format!("apply {kind} `{name}`"),
        api.patch(&name, &params, &Patch::Apply(&object)),
    )
    .await
}

/// Reads an object that a manifest is about; none when there is none.
///
/// # Errors
/// What the host answers.
pub async fn read(host: &Host, manifest: &Value) -> anyhow::Result<Option<DynamicObject>> {
    let object: DynamicObject = serde_json::from_value(manifest.clone())?;
    let name = object.metadata.name.clone().unwrap_or_default();
    let (api, kind) = api_of(host, &object);
    host.call(format!("get {kind} `{name}`"), api.get_opt(&name))
        .await
}

/// Deletes an object as it was read, and no other that has its name since; one that is gone is no error.
///
/// # Errors
/// What the host answers.
pub async fn delete(host: &Host, object: &DynamicObject) -> anyhow::Result<()> {
    let name = object.metadata.name.clone().unwrap_or_default();
    let (api, kind) = api_of(host, object);
    let uid = object.metadata.uid.clone();
    delete_this(host, &api, &kind, &name, uid).await
}

/// Starts the end of the object that has this UID; one that is gone, or another of its name, is left alone.
async fn delete_this<K>(
    host: &Host,
    api: &Api<K>,
    word: &str,
    name: &str,
    uid: Option<String>,
) -> anyhow::Result<()>
where
    K: Clone + DeserializeOwned + std::fmt::Debug,
{
    let how = DeleteParams {
        preconditions: Some(Preconditions {
            uid,
            resource_version: None,
        }),
        ..DeleteParams::background()
    };
    let deleted = host
        .call(format!("delete {word} `{name}`"), api.delete(name, &how))
        .await;
    match deleted {
        Err(error) if kind(&error) == Kind::NotFound || is_conflict(&error) => Ok(()),
        deleted => deleted.map(drop),
    }
}

fn is_conflict(error: &anyhow::Error) -> bool {
    let answer = error.downcast_ref::<kube::Error>();
    matches!(answer, Some(kube::Error::Api(status)) if status.code == 409)
}

/// Creates one object; `None` when one of that name exists already.
///
/// # Errors
/// What else the host answers.
pub async fn create_new(
    host: &Host,
    manifest: &Value,
    mode: Mode,
) -> anyhow::Result<Option<DynamicObject>> {
    let object: DynamicObject = serde_json::from_value(manifest.clone())?;
    let name = object.metadata.name.clone().unwrap_or_default();
    let (api, kind) = api_of(host, &object);
    let params = PostParams {
        dry_run: mode == Mode::DryRun,
        field_manager: Some(labels::FIELD_MANAGER.to_owned()),
    };
    let verb = match mode {
        Mode::Store => "create",
        Mode::DryRun => "check",
    };
    let created = host
        .call(
            format!("{verb} {kind} `{name}`"),
            api.create(&params, &object),
        )
        .await;
    match created {
        Ok(object) => Ok(Some(object)),
        Err(error) if is_already_exists(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Has the host check a new object with its admission, and returns it with the defaults filled in.
///
/// # Errors
/// What the host's admission says against it.
pub async fn dry_run<K>(host: &Host, namespace: &Namespace, object: &K) -> kube::Result<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + std::fmt::Debug,
    K: Serialize + DeserializeOwned,
{
    let params = PostParams {
        dry_run: true,
        field_manager: Some(labels::FIELD_MANAGER.to_owned()),
    };
    let api: Api<K> = Api::namespaced(host.client.clone(), namespace.as_str());
    api.create(&params, object).await
}

/// Creates a namespace and marks it as ours to remove.
///
/// # Errors
/// What the host answers.
pub async fn create_namespace(host: &Host, namespace: &Namespace) -> anyhow::Result<()> {
    let manifest = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": namespace.as_str(),
            "labels": {
                labels::MANAGED_BY: labels::MANAGER,
                labels::CREATED_NAMESPACE: "true",
            },
        },
    });
    create_new(host, &manifest, Mode::Store).await?;
    Ok(())
}

/// Notes on the marker that the cluster has been ready.
///
/// # Errors
/// What the host answers.
pub async fn mark_ready(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
) -> anyhow::Result<()> {
    annotate_marker(host, namespace, name, labels::READY_SINCE)
        .await
        .map(drop)
}

/// Writes on the marker how long after its creation the cluster is to delete itself.
///
/// # Errors
/// What the host answers.
pub async fn set_ttl(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
    ttl: Duration,
) -> anyhow::Result<()> {
    let ttl = ttl.as_secs().to_string();
    annotate(host, namespace, name, labels::TTL_SECONDS, Some(&ttl))
        .await
        .map(drop)
}

/// Writes the present time to an annotation of the marker; returns the marker.
async fn annotate_marker(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
    annotation: &str,
) -> anyhow::Result<ConfigMap> {
    let now = jiff::Timestamp::now().to_string();
    annotate(host, namespace, name, annotation, Some(&now)).await
}

/// Writes an annotation of the marker, or takes it away; returns the marker.
async fn annotate(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
    annotation: &str,
    text: Option<&str>,
) -> anyhow::Result<ConfigMap> {
    let api: Api<ConfigMap> = Api::namespaced(host.client.clone(), namespace.as_str());
    let patch = json!({"metadata": {"annotations": {annotation: text}}});
    let params = PatchParams {
        field_manager: Some(labels::FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let marker = name.object();
    host.call(
        format!("annotate configmap `{marker}`"),
        api.patch(&marker, &params, &Patch::Merge(&patch)),
    )
    .await
}

/// Deletes what a cluster that shows the host's nodes has outside of its namespace.
async fn delete_cluster_wide(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
    marker: &ConfigMap,
) -> anyhow::Result<()> {
    if !ClusterSpec::of_marker(marker).is_some_and(|spec| spec.shown().is_any()) {
        return Ok(());
    }
    delete_cluster_role(host, &name.cluster_wide(namespace)).await
}

/// Deletes a ClusterRole of ours with its binding, which has the same name.
///
/// # Errors
/// What the host answers; what is not there is not an error.
pub async fn delete_cluster_role(host: &Host, object: &str) -> anyhow::Result<()> {
    let bindings: Api<ClusterRoleBinding> = Api::all(host.client.clone());
    let roles: Api<ClusterRole> = Api::all(host.client.clone());
    let how = DeleteParams::background();
    let (binding, role) = tokio::join!(
        host.call(
            format!("delete clusterrolebinding `{object}`"),
            bindings.delete(object, &how),
        ),
        host.call(
            format!("delete clusterrole `{object}`"),
            roles.delete(object, &how),
        ),
    );
    for deleted in [binding.map(drop), role.map(drop)] {
        match deleted {
            Err(error) if kind(&error) != Kind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Starts the deletion of everything that carries the cluster's label but the marker; does not wait
/// for its end.
///
/// The marker is told first, so that nobody takes what is left for a cluster. The StatefulSet goes
/// before its pod, or it would make another.
///
/// # Errors
/// What the host answers; what is not there is not an error.
pub async fn delete_cluster(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
) -> anyhow::Result<()> {
    match annotate_marker(host, namespace, name, labels::DELETING_SINCE).await {
        Err(error) if kind(&error) != Kind::NotFound => return Err(error),
        Err(_) => {}
        Ok(marker) => delete_cluster_wide(host, namespace, name, &marker).await?,
    }
    let namespace = namespace.as_str();
    let background = DeleteParams::background();
    let all = ListParams::default().labels(&everything_but_the_marker(name));
    delete_labelled::<StatefulSet>(host, namespace, "statefulsets", &all, &background).await?;
    let soon = DeleteParams {
        grace_period_seconds: Some(DELETE_GRACE_SECONDS),
        ..DeleteParams::background()
    };
    tokio::try_join!(
        delete_labelled::<Pod>(host, namespace, "pods", &all, &soon),
        delete_labelled::<PersistentVolumeClaim>(
            host,
            namespace,
            "persistentvolumeclaims",
            &all,
            &background
        ),
        delete_labelled::<Secret>(host, namespace, "secrets", &all, &background),
        delete_labelled::<Service>(host, namespace, "services", &all, &background),
        delete_labelled::<ServiceAccount>(host, namespace, "serviceaccounts", &all, &background),
        delete_labelled::<RoleBinding>(host, namespace, "rolebindings", &all, &background),
        delete_labelled::<Role>(host, namespace, "roles", &all, &background),
        delete_labelled::<ConfigMap>(host, namespace, "configmaps", &all, &background),
    )?;
    Ok(())
}

/// Deletes what bounds the cluster, now that there is nothing left to bound. The marker owns it, so who may not
/// delete it leaves that to the host.
async fn delete_bounds(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
) -> anyhow::Result<()> {
    let api: Api<ConfigMap> = Api::namespaced(host.client.clone(), namespace.as_str());
    let marker = name.object();
    let attempt = format!("get configmap `{marker}`");
    let marker = host.call(attempt, api.get_opt(&marker)).await?;
    let Some(spec) = marker.as_ref().and_then(ClusterSpec::of_marker) else {
        return Ok(());
    };
    let namespace = namespace.as_str();
    let all = ListParams::default().labels(&everything_but_the_marker(name));
    let how = DeleteParams::background();
    let quota = async {
        if spec.quota.is_empty() {
            return Ok(());
        }
        delete_labelled::<ResourceQuota>(host, namespace, "resourcequotas", &all, &how).await?;
        delete_labelled::<LimitRange>(host, namespace, "limitranges", &all, &how).await
    };
    let policies = async {
        if !spec.isolate {
            return Ok(());
        }
        delete_labelled::<NetworkPolicy>(host, namespace, "networkpolicies", &all, &how).await
    };
    let (quota, policies) = tokio::join!(quota, policies);
    for deleted in [quota, policies] {
        match deleted {
            Err(error) if kind(&error) != Kind::Denied => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Deletes what bounded the cluster, and the marker: the cluster is no more.
///
/// # Errors
/// What the host answers; what is not there is not an error.
pub async fn delete_marker(
    host: &Host,
    namespace: &Namespace,
    name: &ClusterName,
) -> anyhow::Result<()> {
    delete_bounds(host, namespace, name).await?;
    let which = format!("{}={name},{}", labels::CLUSTER, labels::MARKER);
    let markers = ListParams::default().labels(&which);
    let how = DeleteParams::background();
    delete_labelled::<ConfigMap>(host, namespace.as_str(), "configmaps", &markers, &how).await
}

/// Deletes a cluster so that its end needs nobody: first what nothing owns, then the marker, so that the
/// host's garbage collector takes all that it owns. Does not wait for that.
///
/// # Errors
/// What the host answers; what is not there is not an error.
pub async fn release(host: &Host, namespace: &Namespace, name: &ClusterName) -> anyhow::Result<()> {
    let api: Api<ConfigMap> = Api::namespaced(host.client.clone(), namespace.as_str());
    let marker = name.object();
    let found = host
        .call(format!("get configmap `{marker}`"), api.get_opt(&marker))
        .await?;
    if let Some(found) = found {
        delete_cluster_wide(host, namespace, name, &found).await?;
    }
    delete_marker(host, namespace, name).await
}

/// Selects what belongs to a cluster, but for the marker.
pub fn everything_but_the_marker(name: &ClusterName) -> String {
    format!("{}={name},!{}", labels::CLUSTER, labels::MARKER)
}

/// Starts the deletion of a namespace; one that is gone already is not an error.
///
/// # Errors
/// What the host answers.
pub async fn delete_namespace(host: &Host, namespace: &Namespace) -> anyhow::Result<()> {
    let api: Api<HostNamespace> = Api::all(host.client.clone());
    let deleted = host
        .call(
            format!("delete namespace `{namespace}`"),
            api.delete(namespace.as_str(), &DeleteParams::default()),
        )
        .await;
    match deleted {
        Err(error) if kind(&error) != Kind::NotFound => Err(error),
        _ => Ok(()),
    }
}

async fn delete_labelled<K>(
    host: &Host,
    namespace: &str,
    plural: &str,
    which: &ListParams,
    how: &DeleteParams,
) -> anyhow::Result<()>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + std::fmt::Debug,
    K: DeserializeOwned,
{
    let api: Api<K> = Api::namespaced(host.client.clone(), namespace);
    let attempt = format!("delete {plural} in namespace `{namespace}`");
    let deleted = host.call(attempt, api.delete_collection(how, which)).await;
    match deleted {
        Err(error) if kind(&error) != Kind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn is_already_exists(error: &anyhow::Error) -> bool {
    let answer = error.downcast_ref::<kube::Error>();
    matches!(answer, Some(kube::Error::Api(status)) if status.reason == "AlreadyExists")
}

/// The API for an object's kind, and the kind's name. Our kinds all have regular plurals.
fn api_of(host: &Host, object: &DynamicObject) -> (Api<DynamicObject>, String) {
    let types = object.types.clone().unwrap_or_default();
    let (group, version) = types
        .api_version
        .split_once('/')
        .unwrap_or(("", &types.api_version));
    let kind = GroupVersionKind::gvk(group, version, &types.kind);
    let resource = ApiResource::from_gvk(&kind);
    let client = host.client.clone();
    let api = match &object.metadata.namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, &resource),
        None => Api::all_with(client, &resource),
    };
    (api, types.kind.to_lowercase())
}
