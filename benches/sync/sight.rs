//! A watch, and the moments at which it shows something.
//!
//! In: an API and a selector. Out: when each of some objects was seen to be as wanted, by this process's
//! clock. Never: lists again in between, so that nobody's requests are counted for our own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::{Context, bail};
use futures::StreamExt;
use futures::stream::BoxStream;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::mark::made_as;
use crate::place::CONDITION;
use crate::stage::DEADLINE;

/// See the module.
pub(crate) struct Sight<K> {
    api: Api<K>,
    params: WatchParams,
    /// Of the last event.
    version: String,
    events: BoxStream<'static, kube::Result<WatchEvent<K>>>,
}

/// That all was seen.
pub(crate) struct Seen {
    /// When the last of it was.
    pub(crate) at: Instant,
    /// The names of the objects here, by those under which they were made.
    pub(crate) names: BTreeMap<String, String>,
    /// When each was, by those names.
    pub(crate) times: BTreeMap<String, Instant>,
}

impl<K> Sight<K>
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned + Send + 'static,
{
    /// Watches from now on.
    pub(crate) async fn open(api: Api<K>, selector: &str) -> anyhow::Result<Self> {
        let now = api.list_metadata(&ListParams::default().limit(1)).await?;
        let version = now
            .metadata
            .resource_version
            .context("a list has no version")?;
        let params = WatchParams::default().labels(selector);
        let events = api.watch(&params, &version).await?.boxed();
        Ok(Self {
            api,
            params,
            version,
            events,
        })
    }

    /// Waits until each of these was in an event of this kind.
    pub(crate) async fn every(
        &mut self,
        attempt: &str,
        names: &[String],
        is_it: fn(&WatchEvent<K>) -> bool,
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
            let (WatchEvent::Added(object)
            | WatchEvent::Modified(object)
            | WatchEvent::Deleted(object)) = &event
            else {
                continue;
            };
            let Some(made_as) = made_as(object.meta()) else {
                continue;
            };
            if is_it(&event) && missing.remove(made_as) {
                seen.at = at;
                seen.times.insert(made_as.to_owned(), at);
                seen.names.insert(made_as.to_owned(), object.name_any());
            }
        }
        Ok(seen)
    }

    /// The next event; a watch that its server has ended is gone on with.
    async fn next(&mut self) -> anyhow::Result<WatchEvent<K>> {
        loop {
            match self.events.next().await.transpose()? {
                None => {
                    let events = self.api.watch(&self.params, &self.version).await?;
                    self.events = events.boxed();
                }
                Some(WatchEvent::Error(status)) => bail!("the watch ended: {}", status.message),
                Some(event) => {
                    if let WatchEvent::Added(object)
                    | WatchEvent::Modified(object)
                    | WatchEvent::Deleted(object) = &event
                    {
                        self.version = object.resource_version().unwrap_or_default();
                    }
                    return Ok(event);
                }
            }
        }
    }
}

pub(crate) fn added<K>(event: &WatchEvent<K>) -> bool {
    matches!(event, WatchEvent::Added(_))
}

pub(crate) fn deleted<K>(event: &WatchEvent<K>) -> bool {
    matches!(event, WatchEvent::Deleted(_))
}

pub(crate) fn told(event: &WatchEvent<Pod>) -> bool {
    matches!(event, WatchEvent::Modified(pod) if has_condition(pod))
}

/// Whether its status has what [`crate::place::Place::set_status`] writes.
fn has_condition(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_deref());
    let mut conditions = conditions.unwrap_or_default().iter();
    conditions.any(|condition| condition.type_ == CONDITION)
}

pub(crate) fn running(event: &WatchEvent<Pod>) -> bool {
    let (WatchEvent::Added(pod) | WatchEvent::Modified(pod)) = event else {
        return false;
    };
    let status = pod.status.as_ref();
    status.and_then(|status| status.phase.as_deref()) == Some("Running")
}
