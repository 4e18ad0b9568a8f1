//! Pods: the controller.
//!
//! In: the name of a virtual pod. Out: both sides in step. Every run goes the same way:
//!
//! ```text
//! observe (what both caches have) -> plan (a value) -> perform (writes)
//! ```
//!
//! A step that asks for a live read is performed first, and then all is planned again.

mod perform;
mod report;

use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::cache::Name;
use super::context::{Context, InStep};
use super::object::Object;
use super::plan::{self, HostPod, Known, Step, VirtualPod};
use super::queue::{Key, Kind, Outcome};
use super::rest::{PODS, RestError};
use super::tokens;
use super::translate::pods as translate;
use crate::labels;
use perform::Performed;

/// Annotation by which a kubelet shows a pod that it runs from a file of its own.
/// <https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>
const MIRROR: &str = "kubernetes.io/config.mirror";

/// The scheduler of a pod that names none. Ours is the host's; one of another name is somebody's own,
/// and until it has chosen a node there is nothing to do.
const DEFAULT_SCHEDULER: &str = "default-scheduler";

/// Everything that was observed of one pod.
#[derive(Debug)]
struct Observed {
    name: Name,
    virtual_pod: Option<Value>,
    host_pod: Option<Value>,
    virtual_known: Known<VirtualPod>,
    host_known: Known<HostPod>,
    /// When there are both, and the host's is ours.
    versions: Option<InStep>,
}

/// What live reads have found missing.
#[derive(Debug, Default, Clone, Copy)]
struct Confirmed {
    virtual_absent: bool,
    host_absent: bool,
}

/// Brings one pod in step.
///
/// # Errors
/// What a request ends with; the pod is looked at again then.
pub(crate) async fn reconcile(ctx: &Context, name: &Name) -> Result<Outcome, RestError> {
    let mut confirmed = Confirmed::default();
    loop {
        let found = find(ctx, name);
        if let Some(outcome) = &found.still_in_step {
            return Ok(*outcome);
        }
        let observed = observe(ctx, name, found, confirmed);
        let steps = plan::plan(&observed.virtual_known, &observed.host_known);
        match steps.first() {
            Some(Step::ConfirmVirtual) => {
                confirmed.virtual_absent = is_virtual_absent(ctx, name).await?;
                if !confirmed.virtual_absent {
                    // The watch will show it.
                    return Ok(Outcome::Failed(std::time::Duration::ZERO));
                }
            }
            Some(Step::ConfirmHost) => {
                confirmed.host_absent = is_host_absent(ctx, name).await?;
            }
            _ => {
                let compares = steps.iter().all(Step::compares);
                let performed = perform::steps(ctx, &observed, steps).await?;
                if compares {
                    note_in_step(ctx, &observed, &performed);
                }
                return Ok(performed.outcome);
            }
        }
    }
}

/// What both caches have of one pod.
struct Found {
    virtual_pod: Option<Arc<Object>>,
    host_pod: Option<Arc<Object>>,
    is_virtual_complete: bool,
    is_host_complete: bool,
    /// The watch has shown that the host pod is gone.
    is_gone: bool,
    /// Everything that the pod was made from, or is compared with, by its version; when there are both pods.
    versions: Option<InStep>,
    /// What there is to do if nothing of that has changed since all of it was looked at.
    still_in_step: Option<Outcome>,
}

fn find(ctx: &Context, name: &Name) -> Found {
    let version = |object: Option<Arc<Object>>| object.map(|object| object.resource_version);
    let host_name = ctx.host_name(name);
    let secret = tokens::secret_name(ctx, name);
    let namespace = Name::new("", &name.namespace);
    let known = ctx.known();
    let virtual_pod = known.virtual_pods.get(name);
    let host_pod = known.host_pods.get(&host_name);
    let both = virtual_pod.as_ref().zip(host_pod.as_ref());
    let versions = both.map(|(virtual_pod, host_pod)| InStep {
        virtual_pod: virtual_pod.resource_version,
        host_pod: host_pod.resource_version,
        tokens: version(known.host_secrets.get(&secret)).unwrap_or_default(),
        namespace: version(known.virtual_namespaces.get(&namespace)).unwrap_or_default(),
    });
    let noted = known.in_step.get(name);
    let still = noted.filter(|(noted, _)| versions == Some(*noted));
    let still_in_step = still.and_then(|(_, until)| match until {
        None => Some(Outcome::Done),
        Some(until) => until
            .checked_duration_since(Instant::now())
            .map(Outcome::After),
    });
    Found {
        is_virtual_complete: known.virtual_pods.is_complete(),
        is_host_complete: known.host_pods.is_complete() && known.host_secrets.is_complete(),
        is_gone: known.gone_hosts.contains(name),
        virtual_pod,
        host_pod,
        versions,
        still_in_step,
    }
}

/// Notes that a pod was in step as it was observed, or as the status that was written has made it. What was
/// written else has another version by now, so it is looked at again.
fn note_in_step(ctx: &Context, observed: &Observed, performed: &Performed) {
    let Some(mut versions) = observed.versions.filter(|_| !ctx.is_frozen()) else {
        return;
    };
    if let Some(written) = performed.virtual_version {
        versions.virtual_pod = written;
    }
    let until = match performed.outcome {
        Outcome::Done => None,
        Outcome::After(pause) => Some(Instant::now() + pause),
        Outcome::Failed(_) | Outcome::Unanswered => return,
    };
    let mut known = ctx.known();
    known
        .in_step
        .insert(observed.name.clone(), (versions, until));
}

/// Reads what both caches have.
fn observe(ctx: &Context, name: &Name, found: Found, confirmed: Confirmed) -> Observed {
    let virtual_pod = found.virtual_pod.map(|object| object.value());
    let host_pod = found.host_pod.map(|object| object.value());
    // Somebody else's may have our labels and our name: it is not there, for us.
    let host_pod = host_pod.filter(|pod| is_ours(ctx, pod));
    keep_index(ctx, name, virtual_pod.as_ref(), host_pod.as_ref());
    let virtual_known = match &virtual_pod {
        Some(pod) => Known::Present(virtual_facts(pod)),
        None if confirmed.virtual_absent => Known::Absent,
        None => unseen(found.is_virtual_complete),
    };
    let host_known = match &host_pod {
        Some(pod) => Known::Present(host_facts(pod)),
        None if confirmed.host_absent || (found.is_gone && found.is_host_complete) => Known::Absent,
        None => unseen(found.is_host_complete),
    };
    Observed {
        name: name.clone(),
        versions: found.versions.filter(|_| host_pod.is_some()),
        virtual_pod,
        host_pod,
        virtual_known,
        host_known,
    }
}

fn unseen<T>(is_complete: bool) -> Known<T> {
    if is_complete {
        Known::Unseen
    } else {
        Known::Unknown
    }
}

/// Notes what every pod uses, before anything is worked on: what no pod uses is removed from the host,
/// and after a start nothing would seem to be used.
pub(crate) fn index_all(ctx: &Context) {
    let names: Vec<Name> = ctx.known().virtual_pods.names().cloned().collect();
    for name in names {
        observe(ctx, &name, find(ctx, &name), Confirmed::default());
    }
}

/// What a pod uses is wanted on the host as long as the pod may run there. A node is in use once the
/// host has chosen it, or once the pod ran there: what a virtual pod merely names may not exist.
fn keep_index(ctx: &Context, name: &Name, virtual_pod: Option<&Value>, host_pod: Option<&Value>) {
    let is_live = |pod: &&Value| host_pod.is_some() || !has_ended(pod);
    let uses = virtual_pod.filter(is_live).map(translate::uses);
    let node = |pod: &Value| text(pod, "/spec/nodeName");
    let was_started = |pod: &&Value| pod.pointer("/status/startTime").is_some();
    let ran_on = || virtual_pod.filter(was_started).and_then(node);
    let node = virtual_pod.and(host_pod).and_then(node).or_else(ran_on);
    let node = node.as_deref();
    let key = Key {
        kind: Kind::Pod,
        name: name.clone(),
    };
    let changed = ctx.known().index.set(&key, &uses.unwrap_or_default(), node);
    for key in changed {
        ctx.queue.add(key);
    }
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    let text = value.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

pub(crate) fn deletion_grace(pod: &Value) -> Option<i64> {
    pod.pointer("/metadata/deletionTimestamp")?;
    let grace = pod.pointer("/metadata/deletionGracePeriodSeconds");
    Some(grace.and_then(Value::as_i64).unwrap_or_default())
}

pub(crate) fn has_ended(pod: &Value) -> bool {
    let phase = pod.pointer("/status/phase").and_then(Value::as_str);
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// Whether a pod only shows what a kubelet runs by itself.
pub(crate) fn is_mirror(pod: &Value) -> bool {
    let annotations = pod.pointer("/metadata/annotations");
    annotations.is_some_and(|all| all.get(MIRROR).is_some())
}

fn virtual_facts(pod: &Value) -> VirtualPod {
    let is_mirror = is_mirror(pod);
    let node = text(pod, "/spec/nodeName");
    let scheduler = text(pod, "/spec/schedulerName");
    let waits_for_scheduler =
        node.is_none() && scheduler.is_some_and(|name| name != DEFAULT_SCHEDULER);
    VirtualPod {
        uid: text(pod, "/metadata/uid").unwrap_or_default(),
        deletion_grace: deletion_grace(pod),
        was_started: pod.pointer("/status/startTime").is_some(),
        has_ended: has_ended(pod),
        is_not_ours_to_run: is_mirror || waits_for_scheduler,
        node,
    }
}

fn host_facts(pod: &Value) -> HostPod {
    HostPod {
        uid: text(pod, "/metadata/uid").unwrap_or_default(),
        virtual_uid: virtual_uid_of(pod).to_owned(),
        deletion_grace: deletion_grace(pod),
        node: text(pod, "/spec/nodeName"),
    }
}

/// Whether there really is no virtual pod of this name.
async fn is_virtual_absent(ctx: &Context, name: &Name) -> Result<bool, RestError> {
    let path = PODS.one(&name.namespace, &name.name);
    let found = ctx.virtual_cluster.get(&path).await?;
    Ok(found.is_none())
}

/// Whether there really is no host pod of ours; one whose label was taken off is taken back.
async fn is_host_absent(ctx: &Context, name: &Name) -> Result<bool, RestError> {
    let host_name = ctx.host_name(name);
    let path = PODS.one(&host_name.namespace, &host_name.name);
    let Some(text) = ctx.host.get(&path).await? else {
        return Ok(true);
    };
    let object = parse(&text)?;
    if !is_ours(ctx, &object.value()) {
        return Ok(true);
    }
    take_back(ctx, name, &object.uid).await?;
    Ok(false)
}

/// Puts our labels on a host pod of ours, so that the watch shows it; answers with the pod. One that has
/// them is not changed by it.
async fn take_back(ctx: &Context, name: &Name, uid: &str) -> Result<String, RestError> {
    let host_name = ctx.host_name(name);
    let path = PODS.one(&host_name.namespace, &host_name.name);
    let update = serde_json::json!({"metadata": {"uid": uid, "labels": {
        labels::CLUSTER: ctx.scope().cluster.as_str(),
        labels::NAMESPACE: &*name.namespace,
    }}});
    let text = ctx
        .host
        .patch(&path, super::rest::Form::MergePatch, &update)
        .await?;
    let mut known = ctx.known();
    known.gone_hosts.remove(name);
    known.host_pods.wrote(parse(&text)?);
    Ok(text)
}

/// Gives this very virtual pod another status as a whole.
///
/// # Errors
/// What the virtual API server says; that it is not found when it is gone.
pub(crate) async fn write_status(
    ctx: &Context,
    name: &Name,
    pod: &Value,
    status: &Value,
) -> Result<Arc<Object>, RestError> {
    let path = format!("{}/status", PODS.one(&name.namespace, &name.name));
    let update = serde_json::json!([
        {"op": "test", "path": "/metadata/uid", "value": pod.pointer("/metadata/uid")},
        {"op": "add", "path": "/status", "value": status},
    ]);
    let text = ctx
        .virtual_cluster
        .patch(&path, super::rest::Form::JsonPatch, &update)
        .await?;
    let written = Arc::new(parse(&text)?);
    ctx.known().virtual_pods.wrote(Arc::clone(&written));
    Ok(written)
}

/// Whether a host object carries our cluster's UID.
pub(crate) fn is_ours(ctx: &Context, object: &Value) -> bool {
    let annotations = object.pointer("/metadata/annotations");
    let uid = annotations.and_then(|all| all.get(labels::CLUSTER_UID)?.as_str());
    uid == Some(ctx.scope().uid.as_str())
}

/// UID of the virtual object that a host object was made for; empty when it says none.
pub(crate) fn virtual_uid_of(host_object: &Value) -> &str {
    let annotations = host_object.pointer("/metadata/annotations");
    let uid = annotations.and_then(|all| all.get(labels::VIRTUAL_UID)?.as_str());
    uid.unwrap_or_default()
}

/// Reads an API server's answer.
pub(crate) fn parse(text: &str) -> Result<Object, RestError> {
    Object::parse(text)
        .map_err(|error| RestError::Unreachable(format!("the answer cannot be read: {error}")))
}

/// The virtual object that a host object stands for, by its annotations; they are believed only if
/// they lead to the object's own name.
pub(crate) fn virtual_name_of(ctx: &Context, object: &Value) -> Option<Name> {
    let annotations = object.pointer("/metadata/annotations")?;
    let mark = |key: &str| annotations.get(key)?.as_str();
    if mark(labels::CLUSTER_UID)? != ctx.scope().uid {
        return None;
    }
    Some(Name::new(
        mark(labels::VIRTUAL_NAMESPACE)?,
        mark(labels::VIRTUAL_NAME)?,
    ))
}
