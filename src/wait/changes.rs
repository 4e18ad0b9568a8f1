//! Watching which virtual clusters there are, and in what state.
//!
//! In: a host, where to look. Out: all clusters, whenever something about one of them has changed. Never: writes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, anyhow};
use futures::stream::{BoxStream, SelectAll, select_all};
use futures::{Stream, StreamExt};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, sleep_until};

use super::{RETRY_DELAY, Silence, denied};
use crate::cluster::{Cluster, HostObjects, find_clusters};
use crate::host::Host;
use crate::labels;
use crate::names::Namespace;

/// What one change does to several objects is told by several watches, one after the other; what comes within
/// this time is taken in together, so that nobody is told of a half of it.
const SETTLE: Duration = Duration::from_millis(200);

/// One kind's watch in one place.
type Source = usize;

/// One object of a kind that tells of clusters.
#[derive(Debug, Clone)]
enum Object {
    Marker(Box<ConfigMap>),
    StatefulSet(Box<StatefulSet>),
    Pod(Box<Pod>),
}

impl Object {
    fn uid(&self) -> String {
        let uid = match self {
            Self::Marker(object) => object.uid(),
            Self::StatefulSet(object) => object.uid(),
            Self::Pod(object) => object.uid(),
        };
        uid.unwrap_or_default()
    }
}

/// What one watch told.
enum Told {
    Begins,
    Has(Object),
    Lost(Object),
    Complete,
    /// It is tried again.
    Failed,
    /// We may not look; this watch is over.
    Denied(kube::Error),
}

/// Watches over virtual clusters.
pub struct Changes<'a> {
    host: &'a Host,
    told: SelectAll<BoxStream<'static, (Source, Told)>>,
    sources: Vec<Seen>,
    silence: Silence,
    /// A place to which we lost the rights is passed over as long as there are others.
    passes_over: bool,
    /// How many watches are not over.
    watched: usize,
    /// When what was taken in is to be told.
    due: Option<Instant>,
}

/// What one watch has seen.
struct Seen {
    /// What is watched, in words.
    what: String,
    objects: BTreeMap<String, Object>,
    /// What is listed anew, until that is complete: what is gone meanwhile is told by its absence.
    listed: BTreeMap<String, Object>,
    is_listing: bool,
    /// Whether it has been listed once.
    is_known: bool,
}

impl<'a> Changes<'a> {
    /// Begins to watch in these namespaces, or everywhere; a selector, in kubectl's words, narrows it to the
    /// clusters whose labels match.
    pub fn new(host: &'a Host, namespaces: Option<&[Namespace]>, selector: Option<&str>) -> Self {
        let of_cluster = labels::CLUSTER;
        let marker = format!("{of_cluster},{}", labels::MARKER);
        let marker = selector.map_or(marker.clone(), |selector| format!("{marker},{selector}"));
        let pods = format!(
            "{of_cluster},{}={}",
            labels::COMPONENT,
            labels::CONTROL_PLANE
        );
        let places: Vec<Option<&Namespace>> = match namespaces {
            None => vec![None],
            Some(namespaces) => namespaces.iter().map(Some).collect(),
        };
        let mut sources = Vec::new();
        let mut streams = Vec::new();
        for place in &places {
            let mut add = |plural: &str, stream: BoxStream<'static, Told>| {
                let source = sources.len();
                let at = place.map_or_else(String::new, |name| format!(" in namespace `{name}`"));
                sources.push(Seen {
                    what: format!("{plural}{at}"),
                    objects: BTreeMap::new(),
                    listed: BTreeMap::new(),
                    is_listing: true,
                    is_known: false,
                });
                streams.push(stream.map(move |told| (source, told)).boxed());
            };
            add(
                "configmaps",
                watch(host, *place, &marker, |object| {
                    Object::Marker(Box::new(object))
                }),
            );
            add(
                "statefulsets",
                watch(host, *place, of_cluster, |object| {
                    Object::StatefulSet(Box::new(object))
                }),
            );
            add(
                "pods",
                watch(host, *place, &pods, |object| Object::Pod(Box::new(object))),
            );
        }
        Self {
            host,
            watched: sources.len(),
            passes_over: places.len() > 1,
            told: select_all(streams),
            sources,
            silence: Silence::default(),
            due: None,
        }
    }

    /// Waits for the next change; all clusters, sorted by namespace and name. The first change is that they are
    /// known at all. Whoever stops waiting and begins anew misses nothing.
    ///
    /// # Errors
    /// When we may not look, or the host has not answered for too long.
    pub async fn next(&mut self) -> anyhow::Result<Vec<Cluster>> {
        loop {
            let is_known = self.sources.iter().all(|seen| seen.is_known);
            let due = self.due.filter(|_| is_known);
            tokio::select! {
                told = self.told.next() => {
                    let (source, told) = told.ok_or_else(|| anyhow!("the watch ended"))?;
                    self.take_in(source, told)?;
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.due = None;
                    return Ok(self.clusters());
                }
            }
        }
    }

    fn take_in(&mut self, source: Source, told: Told) -> anyhow::Result<()> {
        let Some(seen) = self.sources.get_mut(source) else {
            return Ok(());
        };
        match told {
            Told::Begins => {
                // The watch begins to ask: the host has said nothing yet.
                seen.listed.clear();
                seen.is_listing = true;
                return Ok(());
            }
            Told::Has(object) if seen.is_listing => {
                seen.listed.insert(object.uid(), object);
            }
            Told::Has(object) => {
                seen.objects.insert(object.uid(), object);
            }
            Told::Lost(object) => {
                seen.objects.remove(&object.uid());
            }
            Told::Complete => {
                seen.objects = std::mem::take(&mut seen.listed);
                seen.is_listing = false;
                seen.is_known = true;
            }
            Told::Failed => return Ok(self.silence.lasts(self.host)?),
            Told::Denied(error) => {
                seen.objects.clear();
                seen.is_known = true;
                self.watched = self.watched.saturating_sub(1);
                if !self.passes_over || self.watched == 0 {
                    return Err(error).context(format!("cannot watch {}", seen.what));
                }
            }
        }
        self.silence.heard();
        self.due.get_or_insert_with(|| Instant::now() + SETTLE);
        Ok(())
    }

    fn clusters(&self) -> Vec<Cluster> {
        let mut objects = HostObjects::default();
        for object in self.sources.iter().flat_map(|seen| seen.objects.values()) {
            match object.clone() {
                Object::Marker(marker) => objects.markers.push(*marker),
                Object::StatefulSet(set) => objects.stateful_sets.push(*set),
                Object::Pod(pod) => objects.pods.push(*pod),
            }
        }
        find_clusters(&objects)
    }
}

fn watch<K>(
    host: &Host,
    place: Option<&Namespace>,
    selector: &str,
    object: fn(K) -> Object,
) -> BoxStream<'static, Told>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + std::fmt::Debug,
    K: DeserializeOwned + Send + 'static,
{
    let client = host.client.clone();
    let api: Api<K> = match place {
        Some(namespace) => Api::namespaced(client, namespace.as_str()),
        None => Api::all(client),
    };
    told(
        watcher(api, watcher::Config::default().labels(selector)),
        object,
    )
    .boxed()
}

/// The events of one kind in one form; a failure is told, and tried again after a while.
fn told<K: 'static>(
    events: impl Stream<Item = watcher::Result<Event<K>>>,
    object: fn(K) -> Object,
) -> impl Stream<Item = Told> {
    let told = events.then(move |event| async move {
        match event {
            Ok(Event::Init) => Told::Begins,
            Ok(Event::InitApply(found) | Event::Apply(found)) => Told::Has(object(found)),
            Ok(Event::Delete(found)) => Told::Lost(object(found)),
            Ok(Event::InitDone) => Told::Complete,
            Err(error) => {
                if let Some(error) = denied(error) {
                    return Told::Denied(error);
                }
                sleep(RETRY_DELAY).await;
                Told::Failed
            }
        }
    });
    told.scan(false, |is_over, told| {
        let last = std::mem::replace(is_over, matches!(told, Told::Denied(_)));
        std::future::ready((!last).then_some(told))
    })
}
