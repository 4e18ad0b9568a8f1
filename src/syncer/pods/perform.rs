//! Performs the steps of a pod's plan.
//!
//! In: what was observed, and steps. Out: writes to both sides, and what they have answered in the
//! caches. Never: decides which steps.

use std::time::Duration;

use serde_json::{Value, json};
use tracing::debug;

use super::{Observed, parse, report, take_back, virtual_name_of};
use crate::pod_security;
use crate::sync::Known;
use crate::syncer::configs;
use crate::syncer::context::Context;
use crate::syncer::events;
use crate::syncer::nodes;
use crate::syncer::own_dns;
use crate::syncer::persistentvolumeclaims;
use crate::syncer::plan::Step;
use crate::syncer::queue::{Key, Kind, Outcome};
use crate::syncer::rest::{Form, NAMESPACES, PODS, RestError};
use crate::syncer::tokens;
use crate::syncer::translate::pods::{self as translate, Change, HostClasses, Surroundings};
use crate::syncer::translate::{Refusal, scrub};
use crate::syncer::{services, shown};

/// A host namespace that is being removed is looked at again after this long: it will not come back,
/// and this pod with it.
const NAMESPACE_GOING: Duration = Duration::from_secs(10);

/// What has come of the steps.
pub(super) struct Performed {
    pub(super) outcome: Outcome,
    /// Version of the virtual pod with the status that was written, if nothing else of it had changed.
    pub(super) virtual_version: Option<u64>,
}

impl From<Outcome> for Performed {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            virtual_version: None,
        }
    }
}

/// Performs all steps, in order.
///
/// # Errors
/// The first one. What the host refuses to change must not keep the status from coming back, so the
/// steps after it are performed all the same.
pub(super) async fn steps(
    ctx: &Context,
    observed: &Observed,
    steps: Vec<Step>,
) -> Result<Performed, RestError> {
    let mut outcome = Ok(Outcome::Done);
    let mut virtual_version = None;
    for step in steps {
        if ctx.is_frozen() {
            return Ok(Outcome::Done.into());
        }
        debug!(pod = %observed.name, ?step);
        let performed = perform(ctx, observed, step).await;
        outcome = match (outcome, performed) {
            (Err(first), _) => Err(first),
            (Ok(_), Err(error)) => Err(error),
            (Ok(earlier), Ok(next)) => {
                virtual_version = next.virtual_version.or(virtual_version);
                let is_first = earlier == Outcome::Done;
                Ok(if is_first { next.outcome } else { earlier })
            }
        };
    }
    outcome.map(|outcome| Performed {
        outcome,
        virtual_version,
    })
}

async fn perform(ctx: &Context, observed: &Observed, step: Step) -> Result<Performed, RestError> {
    let done = match step {
        Step::ConfirmVirtual | Step::ConfirmHost => Ok(()),
        Step::CreateHost => return create_host(ctx, observed).await.map(Performed::from),
        Step::KeepTokens => return keep_tokens(ctx, observed).await.map(Performed::from),
        Step::DeleteHost { uid, grace } => delete_host(ctx, observed, &uid, grace).await,
        Step::DeleteVirtual { uid, grace } => {
            if is_namespace_going(ctx).await? {
                return Ok(Outcome::After(NAMESPACE_GOING).into());
            }
            delete_virtual(ctx, observed, &uid, grace).await
        }
        Step::FinishVirtual { uid } => delete_virtual(ctx, observed, &uid, Some(0)).await,
        Step::Bind { node } => bind(ctx, observed, &node).await,
        Step::Adjust => adjust(ctx, observed).await,
        Step::Report => {
            return Ok(Performed {
                outcome: Outcome::Done,
                virtual_version: report::report(ctx, observed).await?,
            });
        }
        Step::CleanUp => clean_up(ctx, observed).await,
    };
    done.map(|()| Outcome::Done.into())
}

async fn clean_up(ctx: &Context, observed: &Observed) -> Result<(), RestError> {
    own_dns::pod_gone(ctx, &observed.name);
    tokens::remove(ctx, &observed.name).await?;
    let mut known = ctx.known();
    known.gone_hosts.remove(&observed.name);
    known.in_step.remove(&observed.name);
    Ok(())
}

/// Runs `work` with what translation has to know beside the pod.
pub(super) fn with_surroundings<T>(
    ctx: &Context,
    observed: &Observed,
    work: impl FnOnce(Surroundings<'_>) -> T,
) -> T {
    let namespace_labels = ctx.namespace_labels(&observed.name.namespace);
    work(Surroundings {
        scope: ctx.scope(),
        settings: &ctx.settings.pods,
        namespace_labels: &namespace_labels,
        service_environment: &[],
        host_classes: host_classes(ctx, observed),
    })
}

/// Which of the classes that the pod names are the host's.
fn host_classes(ctx: &Context, observed: &Observed) -> HostClasses {
    let is_shown = |kind, field: &str| {
        let spec = observed
            .virtual_pod
            .as_ref()
            .and_then(|pod| pod.get("spec"));
        let name = spec.and_then(|spec| spec.get(field)?.as_str());
        name.is_some_and(|name| shown::is_shown(ctx, kind, name))
    };
    if ctx.settings.shown.is_empty() {
        return HostClasses::default();
    }
    HostClasses {
        priority: is_shown(Known::PriorityClasses, "priorityClassName"),
        runtime: is_shown(Known::RuntimeClasses, "runtimeClassName"),
    }
}

async fn create_host(ctx: &Context, observed: &Observed) -> Result<Outcome, RestError> {
    let Some(pod) = &observed.virtual_pod else {
        return Ok(Outcome::Done);
    };
    if let Err(refusal) = check_security(ctx, pod) {
        events::refuse(ctx, "Pod", pod, &refusal).await;
        return Ok(Outcome::Done);
    }
    let links = services::environment(ctx, pod);
    let host_pod = with_surroundings(ctx, observed, |around| {
        let service_environment = &links;
        translate::to_host(
            pod,
            Surroundings {
                service_environment,
                ..around
            },
        )
    });
    let host_pod = match host_pod {
        Ok(host_pod) => host_pod,
        Err(refusal) => {
            events::refuse(ctx, "Pod", pod, &refusal).await;
            return Ok(Outcome::Done);
        }
    };
    let uses = translate::uses(pod);
    let namespace = &observed.name.namespace;
    // A scheduler says of a pod whose claim it does not know that it fits nowhere.
    persistentvolumeclaims::bring(ctx, namespace, &uses).await;
    // The rest is on its way at the same time: a node has to be chosen before a kubelet looks for it.
    let ((), renewal, created) = tokio::join!(
        configs::bring(ctx, namespace, &uses),
        tokens::ensure(ctx, pod, &host_pod.tokens),
        create(ctx, &host_pod.object),
    );
    match created.and(renewal) {
        Ok(Some(renewal)) => Ok(Outcome::After(renewal)),
        Ok(None) => Ok(Outcome::Done),
        Err(error) => {
            tell_of_refusal(ctx, pod, &error).await;
            Err(error)
        }
    }
}

/// What the profile forbids never reaches the host, whatever the virtual API server let through.
fn check_security(ctx: &Context, pod: &Value) -> Result<(), Refusal> {
    let profile = ctx.settings.pod_security;
    let violations = pod_security::violations(profile, pod);
    if violations.is_empty() {
        return Ok(());
    }
    let all: Vec<String> = violations.iter().map(ToString::to_string).collect();
    Err(Refusal {
        reason: "PodSecurity",
        message: format!(
            "the pod violates profile `{profile}` of this virtual cluster: {}",
            all.join(", ")
        ),
    })
}

async fn create(ctx: &Context, object: &Value) -> Result<(), RestError> {
    let path = PODS.all(ctx.scope().host_namespace.as_str());
    let created = ctx.host.create(&path, object).await;
    let text = match created {
        Err(error) if error.is_conflict() => taken(ctx, object, error).await?,
        other => other?,
    };
    ctx.known().host_pods.wrote(parse(&text)?);
    Ok(())
}

/// A host pod of that name exists: ours, which the watch has not shown yet, or somebody else's, which
/// is left alone.
async fn taken(ctx: &Context, object: &Value, error: RestError) -> Result<String, RestError> {
    let name = object.pointer("/metadata/name").and_then(Value::as_str);
    let path = PODS.one(
        ctx.scope().host_namespace.as_str(),
        name.unwrap_or_default(),
    );
    let Some(text) = ctx.host.get(&path).await? else {
        return Err(error);
    };
    let found = parse(&text)?;
    match virtual_name_of(ctx, &found.value()) {
        Some(name) => take_back(ctx, &name, &found.uid).await,
        None => Err(error),
    }
}

/// The host's own words, as an Event of the virtual pod.
async fn tell_of_refusal(ctx: &Context, pod: &Value, error: &RestError) {
    if !error.is_final() && !error.is_conflict() {
        return;
    }
    let refusal = Refusal {
        reason: "HostRefused",
        message: format!(
            "the host cluster refuses the pod: {}",
            scrub::scrub(error.message(), pod, ctx.scope())
        ),
    };
    events::refuse(ctx, "Pod", pod, &refusal).await;
}

async fn delete_host(
    ctx: &Context,
    observed: &Observed,
    uid: &str,
    grace: Option<i64>,
) -> Result<(), RestError> {
    let host_name = ctx.host_name(&observed.name);
    let path = PODS.one(&host_name.namespace, &host_name.name);
    let deleted = ctx.host.delete(&path, &delete_options(uid, grace)).await?;
    let Some(pod) = deleted.as_deref().map(parse).transpose()? else {
        return Ok(());
    };
    let mut known = ctx.known();
    if is_gone(&pod.value()) {
        known.host_pods.forget(&host_name, uid);
        known.gone_hosts.insert(observed.name.clone());
        drop(known);
        let name = &observed.name;
        ctx.queue
            .add(Key::new(Kind::Pod, &name.namespace, &name.name));
    } else {
        // So that it is not deleted a second time before the watch shows it.
        known.host_pods.wrote(pod);
    }
    Ok(())
}

async fn delete_virtual(
    ctx: &Context,
    observed: &Observed,
    uid: &str,
    grace: Option<i64>,
) -> Result<(), RestError> {
    let name = &observed.name;
    let path = PODS.one(&name.namespace, &name.name);
    let options = delete_options(uid, grace);
    let deleted = ctx.virtual_cluster.delete(&path, &options).await?;
    let Some(pod) = deleted.as_deref().map(parse).transpose()? else {
        return Ok(());
    };
    if is_gone(&pod.value()) {
        ctx.known().virtual_pods.forget(name, uid);
    } else {
        ctx.known().virtual_pods.wrote(pod);
        // What the watch shows now is known already, and a pod without a host pod has nobody else who would have
        // it looked at again.
        ctx.queue
            .add(Key::new(Kind::Pod, &name.namespace, &name.name));
    }
    Ok(())
}

/// Whether the answer to a deletion is the last that there is of a pod: no grace is left to it and no
/// finalizer keeps it.
fn is_gone(pod: &Value) -> bool {
    let finalizers = pod
        .pointer("/metadata/finalizers")
        .and_then(Value::as_array);
    super::deletion_grace(pod) == Some(0) && finalizers.is_none_or(Vec::is_empty)
}

fn delete_options(uid: &str, grace: Option<i64>) -> Value {
    let mut options = json!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": uid},
    });
    if let (Some(grace), Some(options)) = (grace, options.as_object_mut()) {
        options.insert("gracePeriodSeconds".to_owned(), grace.into());
    }
    options
}

/// Whether the whole host namespace is being removed: then host pods go because everything does, and
/// that is no reason to delete anything virtual.
async fn is_namespace_going(ctx: &Context) -> Result<bool, RestError> {
    let path = NAMESPACES.one("", ctx.scope().host_namespace.as_str());
    let Some(text) = ctx.host.get(&path).await? else {
        return Ok(true);
    };
    let namespace = parse(&text)?.value();
    Ok(namespace.pointer("/metadata/deletionTimestamp").is_some())
}

/// Makes the node known and tells the pod that it is there, as a scheduler does.
async fn bind(ctx: &Context, observed: &Observed, node: &str) -> Result<(), RestError> {
    nodes::ensure(ctx, node, observed.host_pod.as_ref()).await?;
    let name = &observed.name;
    let path = format!("{}/binding", PODS.one(&name.namespace, &name.name));
    let uid = observed.virtual_pod.as_ref();
    let uid = uid.and_then(|pod| pod.pointer("/metadata/uid"));
    let binding = json!({
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": &*name.name, "namespace": &*name.namespace, "uid": uid},
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    });
    match ctx.virtual_cluster.create(&path, &binding).await {
        // It is bound already, and the watch has not shown it yet.
        Err(error) if error.is_conflict() => Ok(()),
        other => other.map(drop),
    }
}

/// Brings the host pod's labels, annotations and changeable spec in step.
async fn adjust(ctx: &Context, observed: &Observed) -> Result<(), RestError> {
    let (Some(pod), Some(host_pod)) = (&observed.virtual_pod, &observed.host_pod) else {
        return Ok(());
    };
    let changes = with_surroundings(ctx, observed, |around| {
        translate::changes(pod, host_pod, around)
    });
    let changes = match changes {
        Ok(changes) if changes.is_empty() => return Ok(()),
        Ok(changes) => changes,
        Err(refusal) => {
            events::refuse(ctx, "Pod", pod, &refusal).await;
            return Ok(());
        }
    };
    if let Err(refusal) = check_security(ctx, pod) {
        events::refuse(ctx, "Pod", pod, &refusal).await;
        return Ok(());
    }
    configs::bring(ctx, &observed.name.namespace, &translate::uses(pod)).await;
    for change in changes {
        if let Err(error) = write_change(ctx, observed, change).await {
            tell_of_refusal(ctx, pod, &error).await;
            return Err(error);
        }
    }
    Ok(())
}

async fn write_change(ctx: &Context, observed: &Observed, change: Change) -> Result<(), RestError> {
    let host_name = ctx.host_name(&observed.name);
    let pod = PODS.one(&host_name.namespace, &host_name.name);
    let grants = ctx.settings.grants;
    let (path, form, mut body) = match change {
        Change::Pod(patch) => (pod, Form::MergePatch, patch),
        Change::EphemeralContainers(_) if !grants.ephemeral_containers => {
            return missing_right("patch pods/ephemeralcontainers");
        }
        Change::EphemeralContainers(patch) => (
            format!("{pod}/ephemeralcontainers"),
            Form::StrategicMergePatch,
            patch,
        ),
        Change::Resize(_) if !grants.resize => return missing_right("patch pods/resize"),
        Change::Resize(patch) => (format!("{pod}/resize"), Form::StrategicMergePatch, patch),
        Change::Status(patch) => (format!("{pod}/status"), Form::StrategicMergePatch, patch),
    };
    let uid = observed.host_pod.as_ref();
    let uid = uid.and_then(|pod| pod.pointer("/metadata/uid")).cloned();
    if let (Some(body), Some(uid)) = (body.as_object_mut(), uid) {
        let metadata = body.entry("metadata").or_insert_with(|| json!({}));
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.insert("uid".to_owned(), uid);
        }
    }
    let text = ctx.host.patch(&path, form, &body).await?;
    ctx.known().host_pods.wrote(parse(&text)?);
    Ok(())
}

fn missing_right(right: &str) -> Result<(), RestError> {
    Err(RestError::Refused {
        code: 403,
        reason: "Forbidden".to_owned(),
        message: format!(
            "this virtual cluster was created without the right to `{right}` in its host namespace"
        ),
        retry_after: None,
    })
}

async fn keep_tokens(ctx: &Context, observed: &Observed) -> Result<Outcome, RestError> {
    let Some(pod) = &observed.virtual_pod else {
        return Ok(Outcome::Done);
    };
    let renewal = tokens::ensure(ctx, pod, &translate::tokens(pod)).await?;
    Ok(renewal.map_or(Outcome::Done, Outcome::After))
}
