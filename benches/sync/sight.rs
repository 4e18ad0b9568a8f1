//! A watch of pods, and the moments at which it shows something.
//!
//! In: an API and a selector. Out: when each of some pods was seen to be as wanted, by this process's
//! clock. Never: lists again in between, so that nobody's requests are counted for our own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Context, bail};
use futures::StreamExt;
use futures::stream::BoxStream;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::{Api, ResourceExt};
use tokio::time::timeout;

use crate::place::{has_condition, made_as};
use crate::stage::DEADLINE;

/// See the module.
pub(crate) struct Sight {
    api: Api<Pod>,
    params: WatchParams,
    /// Of the last event.
    version: String,
    events: BoxStream<'static, kube::Result<WatchEvent<Pod>>>,
}

/// That all was seen.
pub(crate) struct Seen {
    /// When the last of it was.
    pub(crate) at: Instant,
    /// The names of the pods here, by those under which they were made.
    pub(crate) names: BTreeMap<String, String>,
    /// When each was, by those names.
    pub(crate) times: BTreeMap<String, Instant>,
}

impl Sight {
    /// Watches from now on.
    pub(crate) async fn open(api: Api<Pod>, selector: &str) -> anyhow::Result<Self> {
        let now = api.list_metadata(&ListParams::default().limit(1)).await?;
        let version = now
            .metadata
            .resource_version
            .context("a list of pods has no version")?;
        let params = WatchParams::default().labels(selector);
        let events = api.watch(&params, &version).await?.boxed();
        Ok(Self {
            api,
            params,
            version,
            events,
        })
    }

    /// Waits until each of these pods was in an event of this kind.
    pub(crate) async fn every(
        &mut self,
        attempt: &str,
        names: &[String],
        is_it: fn(&WatchEvent<Pod>) -> bool,
    ) -> anyhow::Result<Seen> {
        let mut missing: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let mut seen = Seen {
            at: Instant::now(),
            names: BTreeMap::new(),
            times: BTreeMap::new(),
        };
        while !missing.is_empty() {
            let event = timeout(DEADLINE, self.next()).await.with_context(|| {
                format!("waited for {attempt}: {} are missing", missing.len())
            })??;
            let at = Instant::now();
            let (WatchEvent::Added(pod) | WatchEvent::Modified(pod) | WatchEvent::Deleted(pod)) =
                &event
            else {
                continue;
            };
            let made_as = made_as(pod);
            if is_it(&event) && missing.remove(made_as.as_str()) {
                seen.at = at;
                seen.times.insert(made_as.clone(), at);
                seen.names.insert(made_as, pod.name_any());
            }
        }
        Ok(seen)
    }

    /// The next event; a watch that its server has ended is gone on with.
    async fn next(&mut self) -> anyhow::Result<WatchEvent<Pod>> {
        loop {
            match self.events.next().await.transpose()? {
                None => {
                    let events = self.api.watch(&self.params, &self.version).await?;
                    self.events = events.boxed();
                }
                Some(WatchEvent::Error(status)) => bail!("the watch ended: {}", status.message),
                Some(event) => {
                    if let WatchEvent::Added(pod)
                    | WatchEvent::Modified(pod)
                    | WatchEvent::Deleted(pod) = &event
                    {
                        self.version = pod.resource_version().unwrap_or_default();
                    }
                    return Ok(event);
                }
            }
        }
    }
}

pub(crate) fn added(event: &WatchEvent<Pod>) -> bool {
    matches!(event, WatchEvent::Added(_))
}

pub(crate) fn deleted(event: &WatchEvent<Pod>) -> bool {
    matches!(event, WatchEvent::Deleted(_))
}

pub(crate) fn told(event: &WatchEvent<Pod>) -> bool {
    matches!(event, WatchEvent::Modified(pod) if pod.status.as_ref().is_some_and(has_condition))
}
