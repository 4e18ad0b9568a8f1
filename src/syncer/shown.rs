//! Kinds of the whole host cluster that are shown because of an option: the controller of all of them.
//!
//! In: which kind, a name. Out: a virtual object for each of the host's, as it is but for what only the host
//! can use. Never: one of somebody's own in the virtual cluster.

use std::sync::Arc;

use serde_json::Value;

use super::cache::{Cache, Name};
use super::context::{Context, Shared};
use super::feed::{self, Watching};
use super::pods::parse;
use super::queue::{Key, Kind, Outcome};
use super::rest::{Form, Resource, Rest, RestError};
use super::translate::{is_mirrored, shown as translate};
use super::watch::{Seen, Watch};
use crate::sync::{Known, Sync};

/// A kind that is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) kind: Known,
    resource: Resource,
}

/// What is known of a kind.
#[derive(Debug, Default)]
pub(crate) struct ShownSides {
    pub(crate) virtual_side: Cache,
    host_side: Cache,
}

/// What is shown, with where it is kept.
pub(crate) fn of(sync: &Sync) -> Vec<Shown> {
    let shown = sync.shown();
    shown
        .map(|kind| {
            let described = kind.describe();
            Shown {
                kind,
                resource: Resource::leaked(described.root(), described.plural),
            }
        })
        .collect()
}

/// The watches of every kind, two for each.
pub(crate) fn watches(ctx: &Shared) -> Vec<Watching> {
    let mut all: Vec<Watching> = Vec::new();
    for (index, shown) in (0..=u8::MAX).zip(&ctx.settings.shown) {
        for is_virtual in [true, false] {
            let rest = if is_virtual {
                &ctx.virtual_cluster
            } else {
                &ctx.host
            };
            let watch = Watch {
                rest: Rest::clone(rest),
                what: "objects of the host that are shown by option",
                path: shown.resource.all(""),
                selector: String::new(),
                metadata_only: false,
            };
            let ctx = Arc::clone(ctx);
            all.push(Box::pin(watch.run(move |seen| {
                self::seen(&ctx, index, is_virtual, seen);
            })));
        }
    }
    all
}

fn seen(ctx: &Context, index: u8, is_virtual: bool, seen: Seen) {
    let is_whole = matches!(seen, Seen::ListEnds(_));
    let mut known = ctx.known();
    let Some(sides) = known.shown.get_mut(usize::from(index)) else {
        return;
    };
    let cache = if is_virtual {
        &mut sides.virtual_side
    } else {
        &mut sides.host_side
    };
    let changed = feed::taken(cache, seen);
    let mut names: Vec<Name> = Vec::new();
    if is_whole {
        names.extend(sides.virtual_side.names().cloned());
        names.extend(sides.host_side.names().cloned());
    }
    drop(known);
    names.extend(
        changed
            .iter()
            .map(|(object, _)| Name::new("", &object.name)),
    );
    let kind = Kind::Shown(index);
    for name in names {
        ctx.queue.add(Key { kind, name });
    }
}

/// Brings one in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, index: u8, name: &str) -> Result<Outcome, RestError> {
    let place = usize::from(index);
    let Some(shown) = ctx.settings.shown.get(place).filter(|_| !ctx.is_frozen()) else {
        return Ok(Outcome::Done);
    };
    let (wanted, found) = {
        let known = ctx.known();
        let Some(sides) = known.shown.get(place) else {
            return Ok(Outcome::Done);
        };
        if !sides.virtual_side.is_complete() || !sides.host_side.is_complete() {
            return Ok(Outcome::Done);
        }
        let key = Name::new("", name);
        let value = |cache: &Cache| cache.get(&key).map(|object| object.value());
        let wanted = value(&sides.host_side);
        let wanted = wanted.map(|host| translate::of_host(shown.kind, &host));
        (wanted, value(&sides.virtual_side))
    };
    let path = shown.resource.one("", name);
    let delete = async |found: &Value| {
        ctx.virtual_cluster
            .delete_this(&path, found.pointer("/metadata/uid"))
            .await
    };
    let written = match (wanted, found) {
        (Some(wanted), None) => {
            let made = ctx
                .virtual_cluster
                .create(&shown.resource.all(""), &wanted)
                .await;
            match made {
                // The watch will show it.
                Err(error) if error.is_conflict() => None,
                made => Some(made?),
            }
        }
        (wanted, Some(found)) if is_mirrored(&found) => match wanted {
            None => delete(&found).await.map(|_| None)?,
            Some(wanted) => match translate::changes(&wanted, &found) {
                None => None,
                Some(update) => {
                    let form = Form::MergePatch;
                    match ctx.virtual_cluster.patch(&path, form, &update).await {
                        // What cannot be changed is made anew, when the watch has shown that it is gone.
                        Err(error) if error.is_final() => delete(&found).await.map(|_| None)?,
                        changed => Some(changed?),
                    }
                }
            },
        },
        _ => None,
    };
    if let Some(text) = written
        && let Some(sides) = ctx.known().shown.get_mut(place)
    {
        sides.virtual_side.wrote(parse(&text)?);
    }
    Ok(Outcome::Done)
}

/// Whether it is known which classes a pod may name. The others are of no concern to pods, and a host need not
/// know all of their kinds.
pub(crate) fn are_complete_for_pods(shown: &[Shown], sides: &[ShownSides]) -> bool {
    let of_pods = [Known::PriorityClasses, Known::RuntimeClasses];
    let mut both = shown.iter().zip(sides);
    both.all(|(shown, sides)| {
        !of_pods.contains(&shown.kind)
            || (sides.virtual_side.is_complete() && sides.host_side.is_complete())
    })
}

/// Whether the host's object of this kind and name is shown, so that the name means it on both sides.
pub(crate) fn is_shown(ctx: &Context, kind: Known, name: &str) -> bool {
    let known = ctx.known();
    let mut sides = ctx.settings.shown.iter().zip(&known.shown);
    let Some((_, sides)) = sides.find(|(shown, _)| shown.kind == kind) else {
        return false;
    };
    let name = Name::new("", name);
    let found = sides.virtual_side.get(&name);
    sides.host_side.get(&name).is_some() && found.is_some_and(|found| is_mirrored(&found.value()))
}
