//! What the watches of kinds that are synced by option show.
//!
//! In: both sides of each kind. Out: caches that keep up, what uses which ConfigMap and Secret, and keys of what
//! may be out of step.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::super::cache::{Cache, Name};
use super::super::context::{Context, Shared};
use super::super::feed::{self, Watching, host_key, percent_encoded};
use super::super::object::Object;
use super::super::queue::{Key, Kind};
use super::super::rest::{Rest, RestError};
use super::super::translate::synced as translate;
use super::super::watch::{Seen, Watch, jittered};
use super::{Sides, Synced};
use crate::labels;

/// How often a kind that one side does not know is looked for.
const MISSING_PERIOD: Duration = Duration::from_secs(10);

/// How soon a host that does not answer is asked again.
const UNANSWERED_PERIOD: Duration = Duration::from_secs(1);

/// The watches of every kind, two for each.
pub(crate) fn watches(ctx: &Shared) -> Vec<Watching> {
    let mut all: Vec<Watching> = Vec::new();
    for (place, synced) in ctx.settings.synced.iter().enumerate() {
        // There are a dozen.
        let index = u8::try_from(place).unwrap_or(u8::MAX);
        all.push(Box::pin(watch_virtual(
            Arc::clone(ctx),
            index,
            synced.clone(),
        )));
        all.push(Box::pin(watch_host(Arc::clone(ctx), index, synced.clone())));
    }
    all
}

/// Everything that is known of these kinds.
pub(crate) fn keys(ctx: &Context) -> Vec<Key> {
    let known = ctx.known();
    let mut keys = Vec::new();
    for (index, sides) in (0..=u8::MAX).zip(&known.synced) {
        let kind = Kind::Synced(index);
        let virtual_names = sides.virtual_side.names().cloned();
        keys.extend(virtual_names.map(|name| Key { kind, name }));
        let hosts = sides.host_side.objects();
        keys.extend(hosts.filter_map(|object| host_key(ctx, kind, object)));
    }
    keys
}

async fn watch_virtual(ctx: Shared, index: u8, synced: Synced) {
    let watch = Watch {
        rest: ctx.virtual_cluster.clone(),
        what: "virtual objects that are synced by option",
        path: synced.resource.all(""),
        selector: String::new(),
        metadata_only: false,
    };
    loop {
        if let Ok(Some(_)) = first(&watch).await {
            break;
        }
        // Nobody has defined the kind, so nothing of it is there.
        seen_virtual(&ctx, index, &synced, Seen::ListBegins);
        seen_virtual(&ctx, index, &synced, Seen::ListEnds(0));
        sleep(jittered(MISSING_PERIOD)).await;
    }
    watch
        .run(move |seen| seen_virtual(&ctx, index, &synced, seen))
        .await;
}

/// A page of one object; none when there is no such kind.
async fn first(watch: &Watch) -> Result<Option<Value>, RestError> {
    let path = format!("{}?limit=1&{}", watch.path, watch.selector);
    let text = watch.rest.get(&path).await?;
    Ok(text.map(|text| serde_json::from_str(&text).unwrap_or_default()))
}

async fn watch_host(ctx: Shared, index: u8, synced: Synced) {
    let cluster = ctx.scope().cluster.as_str();
    let ours = format!("{}={cluster},{}", labels::CLUSTER, labels::NAMESPACE);
    let watch = Watch {
        rest: Rest::clone(&ctx.host),
        what: "host objects that are synced by option",
        path: synced.resource.all(ctx.scope().host_namespace.as_str()),
        selector: format!("labelSelector={}", percent_encoded(&ours)),
        metadata_only: false,
    };
    let list = loop {
        let described = &synced.carried.described;
        let name = format!("{}.{}", described.plural, described.group);
        let why = match first(&watch).await {
            Ok(Some(list)) => break list,
            Ok(None) => format!("the host cluster has no {name}"),
            Err(error) if error.is_final() => {
                format!("the host cluster does not let this virtual cluster use {name}")
            }
            Err(_) => {
                sleep(jittered(UNANSWERED_PERIOD)).await;
                continue;
            }
        };
        let is_new = ctx
            .known()
            .synced
            .get_mut(usize::from(index))
            .is_some_and(|sides| sides.refused.replace(why.clone()).as_deref() != Some(&why));
        if is_new {
            look_at_all(&ctx, index);
        }
        sleep(jittered(MISSING_PERIOD)).await;
    };
    if let Some(sides) = ctx.known().synced.get_mut(usize::from(index)) {
        sides.refused = None;
    }
    if list
        .get("items")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty)
    {
        // Nothing of ours can come to be there but by us, and then the watch begins with a list.
        seen_host(&ctx, index, Seen::ListBegins);
        seen_host(&ctx, index, Seen::ListEnds(0));
        synced.in_use.notified().await;
    }
    watch.run(move |seen| seen_host(&ctx, index, seen)).await;
}

fn look_at_all(ctx: &Context, index: u8) {
    for key in keys(ctx) {
        if key.kind == Kind::Synced(index) {
            ctx.queue.add(key);
        }
    }
}

/// Takes in what was seen, and looks at everything after a list.
fn take(
    ctx: &Context,
    index: u8,
    seen: Seen,
    cache: impl Fn(&mut Sides) -> &mut Cache,
) -> Vec<(Arc<Object>, bool)> {
    let is_whole = matches!(seen, Seen::ListEnds(_));
    let mut known = ctx.known();
    let Some(sides) = known.synced.get_mut(usize::from(index)) else {
        return Vec::new();
    };
    let was_complete = cache(sides).is_complete();
    let changed = feed::taken(cache(sides), seen);
    drop(known);
    if is_whole {
        look_at_all(ctx, index);
        if !was_complete {
            // What is not used by these was not known not to be.
            feed::look_at_everything(ctx);
        }
    }
    changed
}

fn seen_virtual(ctx: &Context, index: u8, synced: &Synced, seen: Seen) {
    for (object, is_there) in take(ctx, index, seen, |sides| &mut sides.virtual_side) {
        let key = Key {
            kind: Kind::Synced(index),
            name: Name::new(&object.namespace, &object.name),
        };
        let uses = is_there.then(|| translate::uses(&synced.carried, &object.value()));
        let changed = ctx.known().index.set(&key, &uses.unwrap_or_default(), None);
        for key in changed.into_iter().chain([key]) {
            ctx.queue.add(key);
        }
    }
}

fn seen_host(ctx: &Context, index: u8, seen: Seen) {
    for (object, _) in take(ctx, index, seen, |sides| &mut sides.host_side) {
        if let Some(key) = host_key(ctx, Kind::Synced(index), &object) {
            ctx.queue.add(key);
        }
    }
}
