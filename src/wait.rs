//! Named conditions with deadlines.
//!
//! In: a host and what is waited for. Out: that it came to be, or why it did not, with evidence.
//! Never: writes.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use futures::future::OptionFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{
    ConfigMap, Event as HostEvent, Namespace as HostNamespace, PersistentVolumeClaim, Pod, Secret,
    Service, ServiceAccount,
};
use kube::api::{ListParams, LogParams};
use kube::core::PartialObjectMeta;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Resource, ResourceExt};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::cluster::{Diagnosis, PodState, diagnose};
use crate::error::{Failure, Kind, kind_of_kube};
use crate::host::Host;
use crate::labels;
use crate::names::{ClusterName, Namespace};
use crate::ui::Ui;

/// How often events are read for the reason of a wait. Pods are watched; events only explain, and
/// one list every two seconds is cheaper for the host than three more watches.
const EVENTS_PERIOD: Duration = Duration::from_secs(2);

/// A watch that failed is tried again after this long; long enough to cost a struggling host nothing.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// A host that does not answer for this long is given up, whatever the deadline.
const HOST_PATIENCE: Duration = Duration::from_secs(30);

/// How many events and log lines a failure shows.
const EVIDENCE_LINES: usize = 5;

/// Which virtual cluster is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its name.
    pub name: &'a ClusterName,
    /// Its host namespace.
    pub namespace: &'a Namespace,
}

/// What ends a wait for a control plane.
enum Until<P> {
    /// Its pod is ready.
    PodReady,
    /// A look at the virtual API server succeeds; it begins when the server's process does.
    Served(P),
}

/// Waits until a control-plane pod is ready; says so if that is not the case at once.
///
/// # Errors
/// As [`await_ready`].
pub async fn await_pod_ready(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    deadline: Duration,
) -> anyhow::Result<()> {
    let until: Until<std::future::Pending<anyhow::Result<()>>> = Until::PodReady;
    await_until(host, ui, target, deadline, until).await
}

/// Waits until a control plane serves.
///
/// `probe` talks to the virtual API server and ends when that is usable; it is started when the API
/// server's process is.
///
/// # Errors
/// When the deadline passes, the pod gets stuck, the cluster is deleted meanwhile, or the host is gone.
pub async fn await_ready<P>(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    deadline: Duration,
    probe: P,
) -> anyhow::Result<()>
where
    P: Future<Output = anyhow::Result<()>>,
{
    await_until(host, ui, target, deadline, Until::Served(probe)).await
}

async fn await_until<P>(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    deadline: Duration,
    until: Until<P>,
) -> anyhow::Result<()>
where
    P: Future<Output = anyhow::Result<()>>,
{
    let last = Mutex::new("nothing was seen of its pod".to_owned());
    // On the heap: what it keeps between two events would make every caller's future large.
    let ready = Box::pin(ready(host, ui, target, &last, until));
    if let Ok(result) = timeout(deadline, ready).await {
        return result;
    }
    let last = last.into_inner().unwrap_or_else(PoisonError::into_inner);
    Err(timed_out(host, target, deadline, &last).await.into())
}

async fn timed_out(host: &Host, target: Target<'_>, deadline: Duration, last: &str) -> Failure {
    let pod = target.name.pod();
    let message = format!(
        "virtual cluster `{}` was not ready after {}",
        target.name,
        humantime::format_duration(deadline)
    );
    let mut failure = Failure::new(Kind::TimedOut, message).detail(format!("pod `{pod}`: {last}"));
    for event in recent_events(host, target).await.unwrap_or_default() {
        failure = failure.detail(event.text);
    }
    failure.hint(format!(
        "it was kept, and the same command goes on waiting; look at it with \
         `kubectl -n {} describe pod {pod}`",
        target.namespace
    ))
}

/// The wait without its deadline; `last` is kept up to date for whoever has one.
async fn ready<P>(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    last: &Mutex<String>,
    until: Until<P>,
) -> anyhow::Result<()>
where
    P: Future<Output = anyhow::Result<()>>,
{
    let say = |reason: &str| {
        ui.reason(reason);
        reason.clone_into(&mut last.lock().unwrap_or_else(PoisonError::into_inner));
    };
    let mut pods = watch_pods(host, target);
    let mut markers = watch_marker(host, target);
    let mut ticks = interval(EVENTS_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset();
    let (pod_ready_is_enough, probe) = match until {
        Until::PodReady => (true, None),
        Until::Served(probe) => (false, Some(probe)),
    };
    let mut probe = Box::pin(OptionFuture::from(probe).fuse());
    let mut started = false;
    let mut silence = Silence::default();
    let mut reason = String::new();
    loop {
        tokio::select! {
            event = pods.next() => match event {
                Some(Ok(Event::Apply(pod) | Event::InitApply(pod))) => {
                    silence.heard();
                    let diagnosis = diagnose(&pod);
                    started |= diagnosis.api_server_started;
                    match diagnosis.state {
                        PodState::Stuck => {
                            return Err(stuck(host, target, &pod, diagnosis).await.into());
                        }
                        PodState::Ready if pod_ready_is_enough => return Ok(()),
                        PodState::Ready | PodState::Starting => {}
                    }
                    reason = diagnosis.reason;
                    say(&reason);
                }
                Some(Ok(_)) => silence.heard(),
                Some(Err(error)) => {
                    say(&format!("the host does not answer: {error}"));
                    silence.lasts(host)?;
                    sleep(RETRY_DELAY).await;
                }
                None => return Err(anyhow!("the watch on its pod ended")),
            },
            event = markers.next() => {
                if is_going(event.as_ref()) {
                    return Err(deleted_meanwhile(target).into());
                }
                if matches!(event, Some(Err(_))) {
                    silence.lasts(host)?;
                    sleep(RETRY_DELAY).await;
                }
            }
            _ = ticks.tick() => {
                let events = recent_events(host, target).await.unwrap_or_default();
                if let Some(refusal) = events.iter().find(|event| event.is_refusal && !started) {
                    return Err(refused(target, &refusal.text).into());
                }
                match events.last().filter(|event| event.is_warning && !started) {
                    Some(event) => say(&format!("{reason}; {}", event.text)),
                    None => say(&reason),
                }
            }
            Some(served) = &mut probe, if started => return served,
        }
    }
}

/// How long the host has not answered.
#[derive(Debug, Default)]
struct Silence(Option<Instant>);

impl Silence {
    fn heard(&mut self) {
        self.0 = None;
    }

    fn lasts(&mut self, host: &Host) -> Result<(), Failure> {
        let since = *self.0.get_or_insert_with(Instant::now);
        if since.elapsed() < HOST_PATIENCE {
            return Ok(());
        }
        let seconds = HOST_PATIENCE.as_secs();
        let message = format!(
            "the host cluster at {} has not answered for {seconds} s",
            host.server
        );
        Err(Failure::new(Kind::Unreachable, message).hint(host.how_to_check()))
    }
}

fn watch_pods(host: &Host, target: Target<'_>) -> BoxStream<'static, watcher::Result<Event<Pod>>> {
    let api: Api<Pod> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let selector = labels::control_plane(target.name);
    watcher(api, watcher::Config::default().labels(&selector)).boxed()
}

fn watch_marker(
    host: &Host,
    target: Target<'_>,
) -> BoxStream<'static, watcher::Result<Event<PartialObjectMeta<ConfigMap>>>> {
    let api = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let selector = format!("metadata.name={}", target.name.object());
    watcher(api, watcher::Config::default().fields(&selector)).boxed()
}

fn is_going<K: Resource>(event: Option<&watcher::Result<Event<K>>>) -> bool {
    match event {
        Some(Ok(Event::Delete(_))) => true,
        Some(Ok(Event::Apply(object) | Event::InitApply(object))) => {
            object.meta().deletion_timestamp.is_some()
        }
        _ => false,
    }
}

fn deleted_meanwhile(target: Target<'_>) -> Failure {
    Failure::new(
        Kind::Failed,
        format!(
            "virtual cluster `{}` was deleted from namespace `{}` while it was waited for",
            target.name, target.namespace
        ),
    )
    .hint(format!("vc create {} -n {}", target.name, target.namespace))
}

fn refused(target: Target<'_>, text: &str) -> Failure {
    Failure::new(
        Kind::Failed,
        format!(
            "the host refuses the pod of virtual cluster `{}`",
            target.name
        ),
    )
    .detail(text)
    .hint(format!(
        "it was kept; look at it with `kubectl -n {} describe statefulset {}`",
        target.namespace,
        target.name.object()
    ))
}

/// Tells why a pod will not become ready, with what its container said last.
async fn stuck(host: &Host, target: Target<'_>, pod: &Pod, diagnosis: Diagnosis) -> Failure {
    let pod = pod.name_any();
    let message = format!("virtual cluster `{}` cannot become ready", target.name);
    let mut failure =
        Failure::new(Kind::Failed, message).detail(format!("pod `{pod}`: {}", diagnosis.reason));
    if let Some(container) = &diagnosis.ended_container {
        let api: Api<Pod> = Api::namespaced(host.client.clone(), target.namespace.as_str());
        let params = LogParams {
            container: Some(container.clone()),
            previous: true,
            tail_lines: i64::try_from(EVIDENCE_LINES).ok(),
            ..LogParams::default()
        };
        let log = host.call("read the log", api.logs(&pod, &params)).await;
        for line in log.unwrap_or_default().lines() {
            failure = failure.detail(format!("{container}: {line}"));
        }
    }
    failure.hint(format!(
        "it was kept; look at it with `kubectl -n {} describe pod {pod}`, or start over with \
         `vc delete {} -n {}`",
        target.namespace, target.name, target.namespace
    ))
}

/// An event of the host, as a person reads it.
#[derive(Debug)]
struct Explanation {
    text: String,
    is_warning: bool,
    /// The StatefulSet controller may not make the pod: quota, Pod Security, a webhook.
    is_refusal: bool,
}

/// The last events about the cluster's StatefulSet, pod and volume claim, oldest first.
async fn recent_events(host: &Host, target: Target<'_>) -> anyhow::Result<Vec<Explanation>> {
    let api: Api<HostEvent> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let pod = target.name.pod();
    let about = [target.name.object(), format!("data-{pod}"), pod];
    let lists = about.map(|name| {
        let params = ListParams::default().fields(&format!("involvedObject.name={name}"));
        let api = api.clone();
        async move { api.list(&params).await }
    });
    let lists = host
        .call("list events", futures::future::try_join_all(lists))
        .await?;
    let mut events: Vec<HostEvent> = lists.into_iter().flatten().collect();
    events.sort_by_key(|event| {
        event
            .last_timestamp
            .as_ref()
            .map(|time| time.0)
            .or_else(|| event.event_time.as_ref().map(|time| time.0))
    });
    let skip = events.len().saturating_sub(EVIDENCE_LINES);
    Ok(events.into_iter().skip(skip).map(explain).collect())
}

fn explain(event: HostEvent) -> Explanation {
    let object = event.involved_object;
    let kind = object.kind.unwrap_or_default();
    let reason = event.reason.unwrap_or_default();
    Explanation {
        is_warning: event.type_.as_deref() == Some("Warning"),
        is_refusal: kind == "StatefulSet" && reason == "FailedCreate",
        text: format!(
            "{} `{}`: {reason}: {}",
            kind.to_lowercase(),
            object.name.unwrap_or_default(),
            event.message.unwrap_or_default().trim()
        ),
    }
}

/// What is still there, by kind.
type Leftovers = Mutex<BTreeMap<String, BTreeSet<String>>>;

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
    let left = Leftovers::default();
    let selector = crate::apply::everything_but_the_marker(target.name);
    let all = async {
        tokio::try_join!(
            gone::<Pod>(host, ui, target, &selector, &left),
            gone::<PersistentVolumeClaim>(host, ui, target, &selector, &left),
            gone::<StatefulSet>(host, ui, target, &selector, &left),
            gone::<Secret>(host, ui, target, &selector, &left),
            gone::<ConfigMap>(host, ui, target, &selector, &left),
            gone::<Service>(host, ui, target, &selector, &left),
            gone::<ServiceAccount>(host, ui, target, &selector, &left),
        )
        .map(drop)
    };
    if let Ok(result) = timeout(deadline, Box::pin(all)).await {
        return result;
    }
    let mut failure = Failure::new(
        Kind::TimedOut,
        format!(
            "virtual cluster `{}` was not gone after {}",
            target.name,
            humantime::format_duration(deadline)
        ),
    );
    let left = left.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (kind, names) in left {
        for name in names {
            failure = failure.detail(format!("left: {kind} `{name}`"));
        }
    }
    Err(failure
        .hint(format!(
            "see what holds it (finalizers, a node that is gone): kubectl -n {} get all,pvc,secret -l {selector} -o yaml",
            target.namespace
        ))
        .into())
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
                silence.heard();
                match event {
                    Event::Init => names.clear(),
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
                if let Some(fatal) = denied(error) {
                    return Err(anyhow::Error::new(fatal).context(format!(
                        "cannot see whether every {kind} of virtual cluster `{}` is gone",
                        target.name
                    )));
                }
                silence.lasts(host)?;
                sleep(RETRY_DELAY).await;
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

/// The client's error, when asking again cannot help: we may not look.
fn denied(error: watcher::Error) -> Option<kube::Error> {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => {
            (kind_of_kube(&error) == Some(Kind::Denied)).then_some(error)
        }
        _ => None,
    }
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
                Err(error) => {
                    if let Some(fatal) = denied(error) {
                        return Err(anyhow::Error::new(fatal));
                    }
                    silence.lasts(host)?;
                    sleep(RETRY_DELAY).await;
                }
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
