//! Waiting for a control plane to come up.
//!
//! In: a host, a cluster's place. Out: that it serves, or why it does not, with evidence. Never: writes.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use futures::future::OptionFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Event as HostEvent, Pod};
use kube::api::{ListParams, LogParams};
use kube::core::PartialObjectMeta;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Resource, ResourceExt};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::{RETRY_DELAY, Silence, Target, denied};
use crate::cluster::{Diagnosis, PodState, diagnose};
use crate::error::{Failure, Kind, kind};
use crate::host::Host;
use crate::labels;
use crate::ui::Ui;

/// How often events are read for the reason of a wait. Pods are watched; events only explain, and
/// one list every two seconds is cheaper for the host than three more watches.
const EVENTS_PERIOD: Duration = Duration::from_secs(2);

/// How many events and log lines a failure shows.
const EVIDENCE_LINES: usize = 5;

/// What ends a wait for a control plane.
enum Until<P> {
    /// Its pod is ready, as far as the API server goes: who asks for credentials is not to wait for a
    /// syncer that starts again, or that needs somebody to look into the virtual cluster.
    ApiServerReady,
    /// A look at the virtual API server succeeds; it begins when the server's process does.
    Served(P),
}

/// Waits until the API server of a control-plane pod is ready; says so if that is not the case at once.
///
/// # Errors
/// As [`await_ready`].
pub async fn await_api_server(
    host: &Host,
    ui: &Ui,
    target: Target<'_>,
    deadline: Duration,
) -> anyhow::Result<()> {
    let until: Until<std::future::Pending<anyhow::Result<()>>> = Until::ApiServerReady;
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
    let mut pods = watch_pods(host, target);
    let mut markers = watch_marker(host, target);
    let mut ticks = interval(EVENTS_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset();
    let (api_server_is_enough, probe) = match until {
        Until::ApiServerReady => (true, None),
        Until::Served(probe) => (false, Some(probe)),
    };
    let mut probe = Box::pin(OptionFuture::from(probe).fuse());
    let mut watched = Watched::new(host, ui, target, last);
    loop {
        tokio::select! {
            event = pods.next() => {
                let event = event.ok_or_else(|| anyhow!("the watch on its pod ended"))?;
                let api_server_is_ready = watched.pod(event, api_server_is_enough).await?;
                if api_server_is_ready && api_server_is_enough {
                    return Ok(());
                }
            }
            event = markers.next() => {
                let event = event.ok_or_else(|| anyhow!("the watch on its marker ended"))?;
                watched.marker(event).await?;
            }
            _ = ticks.tick() => watched.explain().await?,
            Some(served) = &mut probe, if watched.api_server_started => return served,
        }
    }
}

/// What a wait has seen so far.
struct Watched<'a> {
    host: &'a Host,
    ui: &'a Ui,
    target: Target<'a>,
    last: &'a Mutex<String>,
    silence: Silence,
    has_pod: bool,
    api_server_started: bool,
    reason: String,
}

impl<'a> Watched<'a> {
    fn new(host: &'a Host, ui: &'a Ui, target: Target<'a>, last: &'a Mutex<String>) -> Self {
        Self {
            host,
            ui,
            target,
            last,
            silence: Silence::default(),
            has_pod: false,
            api_server_started: false,
            reason: "waiting for its pod".to_owned(),
        }
    }

    fn say(&self, reason: &str) {
        self.ui.reason(reason);
        reason.clone_into(&mut self.last.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes in what happened to a pod; tells whether its API server is ready now.
    async fn pod(
        &mut self,
        event: watcher::Result<Event<Pod>>,
        api_server_is_enough: bool,
    ) -> anyhow::Result<bool> {
        let pod = match event {
            Ok(Event::Apply(pod) | Event::InitApply(pod)) => pod,
            // The watch begins to ask: the host has said nothing yet.
            Ok(Event::Init) => return Ok(false),
            Ok(_) => {
                self.silence.heard();
                return Ok(false);
            }
            Err(error) => return self.failed(error).await.map(|()| false),
        };
        self.silence.heard();
        self.has_pod = true;
        let diagnosis = diagnose(&pod);
        self.api_server_started |= diagnosis.api_server_started;
        let is_enough = diagnosis.api_server_ready && api_server_is_enough;
        if diagnosis.state == PodState::Stuck && !is_enough {
            return Err(stuck(self.host, self.target, &pod, diagnosis).await.into());
        }
        self.reason = diagnosis.reason;
        self.say(&self.reason);
        Ok(diagnosis.api_server_ready)
    }

    /// Takes in what happened to the marker: without it there is nothing to wait for.
    async fn marker(
        &mut self,
        event: watcher::Result<Event<PartialObjectMeta<ConfigMap>>>,
    ) -> anyhow::Result<()> {
        match event {
            Ok(event) if is_going(&event) => Err(deleted_meanwhile(self.target).into()),
            Ok(_) => Ok(()),
            Err(error) => self.failed(error).await,
        }
    }

    /// Reads the events, for the reason of the wait. Once there is a pod, its status says more.
    async fn explain(&mut self) -> anyhow::Result<()> {
        let events = match recent_events(self.host, self.target).await {
            Ok(events) => events,
            Err(error) if kind(&error) == Kind::Unreachable => {
                self.say(&format!("{error:#}"));
                return Ok(self.silence.lasts(self.host)?);
            }
            // Events only explain: who may not read them waits without.
            Err(_) => Vec::new(),
        };
        self.silence.heard();
        let refusal = events.iter().find(|event| event.is_refusal);
        if let Some(refusal) = refusal.filter(|_| !self.has_pod) {
            return Err(refused(self.target, &refusal.text).into());
        }
        let warning = events.last().filter(|event| event.is_warning);
        match warning.filter(|_| !self.api_server_started) {
            Some(event) => self.say(&format!("{}; {}", self.reason, event.text)),
            None => self.say(&self.reason),
        }
        Ok(())
    }

    /// A watch failed; it will be tried again, unless that is futile or has been for too long.
    async fn failed(&mut self, error: watcher::Error) -> anyhow::Result<()> {
        let text = error.to_string();
        if let Some(denied) = denied(error) {
            return Err(anyhow::Error::new(denied).context("cannot watch it"));
        }
        self.say(&format!("the host does not answer: {text}"));
        self.silence.lasts(self.host)?;
        sleep(RETRY_DELAY).await;
        Ok(())
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

fn is_going<K: Resource>(event: &Event<K>) -> bool {
    match event {
        Event::Delete(_) => true,
        Event::Apply(object) | Event::InitApply(object) => {
            object.meta().deletion_timestamp.is_some()
        }
        Event::Init | Event::InitDone => false,
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

/// The last events about the cluster's control plane, oldest first.
async fn recent_events(host: &Host, target: Target<'_>) -> anyhow::Result<Vec<Explanation>> {
    let events = host_events(host, target).await?;
    let skip = events.len().saturating_sub(EVIDENCE_LINES);
    Ok(events.into_iter().skip(skip).map(explain).collect())
}

/// When an event happened last.
pub fn time_of(event: &HostEvent) -> Option<Timestamp> {
    let last = event.last_timestamp.as_ref().map(|time| time.0);
    last.or_else(|| event.event_time.as_ref().map(|time| time.0))
}

/// What the host tells of the cluster's StatefulSet, pod and volume claim, oldest first.
///
/// # Errors
/// What the host answers.
pub async fn host_events(host: &Host, target: Target<'_>) -> anyhow::Result<Vec<HostEvent>> {
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
    events.sort_by_key(time_of);
    Ok(events)
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
