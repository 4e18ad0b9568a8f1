//! Waiting for what was deleted to be gone.
//!
//! In: a host, a cluster's place or a namespace. Out: that nothing is left, or exactly what is. Never: writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use futures::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace as HostNamespace, PersistentVolumeClaim, Pod, Secret, Service,
    ServiceAccount,
};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::core::PartialObjectMeta;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Resource, ResourceExt};
use tokio::time::timeout;

use super::{Silence, Target};
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::labels;
use crate::names::Namespace;
use crate::ui::Ui;

/// What is still there, by kind.
type Leftovers = Mutex<BTreeMap<String, BTreeSet<String>>>;

/// Waits until no control-plane pod is left, and so nobody who would make anything more.
///
/// # Errors
/// As [`await_gone`].
pub async fn await_control_plane_gone(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    deadline: Duration,
) -> anyhow::Result<()> {
    let selector = labels::control_plane(target.name);
    match pods_left(host, ui, target, &selector, deadline).await? {
        None => Ok(()),
        Some(left) => Err(not_gone(target, deadline, &selector, left)),
    }
}

/// Waits until no pod that this selector means is left.
///
/// # Errors
/// When the deadline passes: says which are left.
pub async fn await_pods_ended(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    selector: &str,
    deadline: Duration,
) -> anyhow::Result<()> {
    let Some(left) = pods_left(host, ui, target, selector, deadline).await? else {
        return Ok(());
    };
    let message = format!(
        "pods of virtual cluster `{}` had not ended after {}",
        target.name,
        humantime::format_duration(deadline)
    );
    let failure = with_leftovers(Failure::new(Kind::TimedOut, message), left);
    let see = format!(
        "kubectl -n {} get pods -l {selector} -o yaml",
        target.namespace
    );
    Err(failure
        .hint(format!(
            "the same command goes on; see what holds them (their grace, a node that is gone): {see}"
        ))
        .into())
}

/// Waits until no pod that this selector means is left; answers with what is when the deadline passes.
async fn pods_left(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    selector: &str,
    deadline: Duration,
) -> anyhow::Result<Option<Leftovers>> {
    let left = Leftovers::default();
    let pods = gone::<Pod>(host, ui, target, selector, &left);
    match timeout(deadline, Box::pin(pods)).await {
        Ok(result) => result.map(|()| None),
        Err(_) => Ok(Some(left)),
    }
}

/// Waits until nothing but the marker carries the cluster's label.
///
/// # Errors
/// When the deadline passes: says exactly what is left, and what holds it.
pub async fn await_gone(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    deadline: Duration,
) -> anyhow::Result<()> {
    let selector = crate::apply::everything_but_the_marker(target.name);
    await_none(host, ui, target, &selector, deadline).await
}

/// Waits until nothing carries the cluster's label, whoever deletes it.
///
/// # Errors
/// As [`await_gone`].
pub async fn await_deleted(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    deadline: Duration,
) -> anyhow::Result<()> {
    let selector = format!("{}={}", labels::CLUSTER, target.name);
    await_none(host, ui, target, &selector, deadline).await
}

async fn await_none(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    selector: &str,
    deadline: Duration,
) -> anyhow::Result<()> {
    let left = Leftovers::default();
    let all = async {
        tokio::try_join!(
            gone::<Pod>(host, ui, target, selector, &left),
            gone::<PersistentVolumeClaim>(host, ui, target, selector, &left),
            gone::<StatefulSet>(host, ui, target, selector, &left),
            gone::<Secret>(host, ui, target, selector, &left),
            gone::<ConfigMap>(host, ui, target, selector, &left),
            gone::<Service>(host, ui, target, selector, &left),
            gone::<ServiceAccount>(host, ui, target, selector, &left),
            gone::<RoleBinding>(host, ui, target, selector, &left),
            gone::<Role>(host, ui, target, selector, &left),
        )
        .map(drop)
    };
    match timeout(deadline, Box::pin(all)).await {
        Ok(result) => result,
        Err(_) => Err(not_gone(target, deadline, selector, left)),
    }
}

/// Exactly what is left.
fn not_gone(
    target: Target<'_>,
    deadline: Duration,
    selector: &str,
    left: Leftovers,
) -> anyhow::Error {
    let message = format!(
        "virtual cluster `{}` was not gone after {}",
        target.name,
        humantime::format_duration(deadline)
    );
    with_leftovers(Failure::new(Kind::TimedOut, message), left)
        .hint(format!(
            "see what holds it (finalizers, a node that is gone): kubectl -n {} get all,pvc,secret -l {selector} -o yaml",
            target.namespace
        ))
        .into()
}

fn with_leftovers(mut failure: Failure, left: Leftovers) -> Failure {
    let left = left.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (kind, names) in left {
        for name in names {
            failure = failure.detail(format!("left: {kind} `{name}`"));
        }
    }
    failure
}

/// Waits until no object of one kind carries the label.
async fn gone<K>(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    selector: &str,
    left: &Leftovers,
) -> anyhow::Result<()>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + std::fmt::Debug,
    K: serde::de::DeserializeOwned + Send + 'static,
{
    let kind = K::kind(&()).to_lowercase();
    let api: Api<PartialObjectMeta<K>> =
        Api::namespaced(host.client.clone(), target.namespace.as_str());
    let mut events = watcher(api, watcher::Config::default().labels(selector)).boxed();
    let mut silence = Silence::default();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut complete = false;
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => {
                // A watch that begins to ask, for the first time or anew, has heard nothing yet.
                if !matches!(event, Event::Init) {
                    silence.heard();
                }
                match event {
                    Event::Init => {
                        names.clear();
                        complete = false;
                    }
                    Event::InitDone => complete = true,
                    Event::InitApply(object) | Event::Apply(object) => {
                        names.insert(object.name_any());
                    }
                    Event::Delete(object) => {
                        names.remove(&object.name_any());
                    }
                }
            }
            Err(error) => {
                let attempt = || {
                    format!(
                        "cannot see whether every {kind} of virtual cluster `{}` is gone",
                        target.name
                    )
                };
                silence
                    .bear(host, error, |fatal| fatal.context(attempt()))
                    .await?;
            }
        }
        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
        left.insert(kind.clone(), names.clone());
        if complete && names.is_empty() {
            return Ok(());
        }
        if let Some(first) = left.values().flatten().next() {
            ui.reason(&format!(
                "{} left, `{first}` among them",
                left.values().map(BTreeSet::len).sum::<usize>()
            ));
        }
    }
    Err(anyhow!("the watch on {kind}s ended"))
}

/// Waits until a namespace is gone.
///
/// # Errors
/// When the deadline passes, or we may not see namespaces.
pub async fn await_namespace_gone(
    host: &Host,
    namespace: &Namespace,
    deadline: Duration,
) -> anyhow::Result<()> {
    let api: Api<PartialObjectMeta<HostNamespace>> = Api::all(host.client.clone());
    let name = namespace.as_str();
    let gone = async {
        let fields = watcher::Config::default().fields(&format!("metadata.name={name}"));
        let mut events = watcher(api, fields).boxed();
        let mut silence = Silence::default();
        let mut exists = false;
        while let Some(event) = events.next().await {
            match event {
                Ok(Event::InitApply(_) | Event::Apply(_)) => exists = true,
                Ok(Event::Delete(_)) => return Ok(()),
                Ok(Event::InitDone) if !exists => return Ok(()),
                Ok(Event::Init) => exists = false,
                Ok(Event::InitDone) => silence.heard(),
                Err(error) => silence.bear(host, error, |fatal| fatal).await?,
            }
        }
        Err(anyhow!("the watch on namespace `{name}` ended"))
    };
    match timeout(deadline, Box::pin(gone)).await {
        Ok(result) => result,
        Err(_) => Err(Failure::new(
            Kind::TimedOut,
            format!(
                "namespace `{name}` was not gone after {}",
                humantime::format_duration(deadline)
            ),
        )
        .hint(format!(
            "see what holds it: kubectl get namespace {name} -o yaml"
        ))
        .into()),
    }
}
