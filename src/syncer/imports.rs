//! Single objects of the host namespace that are shown: the controller.
//!
//! In: which one. Out: the virtual object, as the host's is. Never: one of somebody's own in the virtual cluster;
//! anything towards the host.
//!
//! Who may write in the virtual cluster may change one, and it becomes as it was.

use std::sync::Arc;

use serde_json::Value;
use tracing::warn;

use super::cache::Name;
use super::context::{Context, Shared};
use super::events;
use super::feed::{self, Watching};
use super::pods::parse;
use super::queue::{Key, Kind, Outcome};
use super::rest::{CONFIG_MAPS, Resource, Rest, RestError, SECRETS, SERVICES};
use super::tokens::set_uid;
use super::translate::imports::{self as translate, Step};
use super::translate::{Refusal, is_mirrored};
use super::watch::{Seen, Watch};
use crate::sync::{Import, ImportKind};

fn resource(kind: ImportKind) -> Resource {
    match kind {
        ImportKind::ConfigMap => CONFIG_MAPS,
        ImportKind::Secret => SECRETS,
        ImportKind::Service => SERVICES,
    }
}

/// A watch for each, of that object alone.
pub(crate) fn watches(ctx: &Shared) -> Vec<Watching> {
    let imports = (0..=u8::MAX).zip(&ctx.settings.imports);
    imports
        .map(|(index, import)| -> Watching {
            let watch = Watch {
                rest: Rest::clone(&ctx.host),
                what: "a host object that is shown",
                path: resource(import.kind).all(ctx.scope().host_namespace.as_str()),
                selector: format!("fieldSelector=metadata.name%3D{}", import.name),
                metadata_only: false,
            };
            let ctx = Arc::clone(ctx);
            Box::pin(watch.run(move |seen| self::seen(&ctx, index, seen)))
        })
        .collect()
}

fn seen(ctx: &Context, index: u8, seen: Seen) {
    let is_whole = matches!(seen, Seen::ListEnds(_));
    let mut known = ctx.known();
    let Some(cache) = known.imports.get_mut(usize::from(index)) else {
        return;
    };
    let changed = feed::taken(cache, seen);
    drop(known);
    if is_whole || !changed.is_empty() {
        look_at_one(ctx, index);
    }
}

fn look_at_one(ctx: &Context, index: u8) {
    ctx.queue.add(Key::new(Kind::Import(index), "", ""));
}

/// A virtual object was seen: perhaps it is one of these.
pub(crate) fn look_at(ctx: &Context, kind: Kind, name: &Name) {
    let is_it = |import: &Import| {
        let of = match import.kind {
            ImportKind::ConfigMap => Kind::ConfigMap,
            ImportKind::Secret => Kind::Secret,
            ImportKind::Service => Kind::Service,
        };
        of == kind && *name.namespace == *import.namespace && *name.name == *import.virtual_name()
    };
    for (index, import) in (0..=u8::MAX).zip(&ctx.settings.imports) {
        if is_it(import) {
            look_at_one(ctx, index);
        }
    }
}

/// Whether a virtual Service stands for one of the host's.
pub(crate) fn is_service(ctx: &Context, namespace: &str, name: &str) -> bool {
    let mut imports = ctx.settings.imports.iter();
    imports.any(|import| {
        import.kind == ImportKind::Service
            && import.namespace == namespace
            && import.virtual_name() == name
    })
}

/// Brings one in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, index: u8) -> Result<Outcome, RestError> {
    let place = usize::from(index);
    let import = ctx.settings.imports.get(place);
    let Some(import) = import.filter(|_| !ctx.is_frozen()) else {
        return Ok(Outcome::Done);
    };
    let host = {
        let known = ctx.known();
        let cache = known.imports.get(place).filter(|cache| cache.is_complete());
        let Some(cache) = cache else {
            return Ok(Outcome::Done);
        };
        let name = Name::new(ctx.scope().host_namespace.as_str(), &import.name);
        cache.get(&name).map(|object| object.value())
    };
    let wanted = host
        .as_ref()
        .and_then(|host| translate::to_virtual(import, host));
    if host.is_some() && wanted.is_none() {
        warn!(
            service = import.name,
            "has no address of its own, so it cannot be shown"
        );
    }
    let path = resource(import.kind).one(&import.namespace, import.virtual_name());
    let found = ctx.virtual_cluster.get(&path).await?;
    let found = found.map(|text| parse(&text)).transpose()?;
    let found = found.map(|found| (found.uid.to_string(), found.value()));
    match (wanted, found) {
        (None, None) => {}
        (Some(wanted), None) => create(ctx, import, &wanted).await?,
        (wanted, Some((_, found))) if !is_mirrored(&found) => {
            if wanted.is_some() {
                tell_of_another(ctx, import, &found).await;
            }
        }
        (None, Some((uid, _))) => delete(ctx, &path, &uid).await?,
        (Some(mut wanted), Some((uid, found))) => match translate::step(&wanted, &found) {
            Step::Keep => {}
            Step::Replace => {
                set_uid(&mut wanted, uid);
                ctx.virtual_cluster.replace(&path, &wanted).await?;
            }
            Step::Renew => {
                delete(ctx, &path, &uid).await?;
                create(ctx, import, &wanted).await?;
            }
        },
    }
    Ok(Outcome::Done)
}

async fn create(ctx: &Context, import: &Import, wanted: &Value) -> Result<(), RestError> {
    let path = resource(import.kind).all(&import.namespace);
    ctx.virtual_cluster.create(&path, wanted).await.map(drop)
}

async fn delete(ctx: &Context, path: &str, uid: &str) -> Result<(), RestError> {
    ctx.virtual_cluster.delete_this(path, uid).await.map(drop)
}

async fn tell_of_another(ctx: &Context, import: &Import, found: &Value) {
    let kind = match import.kind {
        ImportKind::ConfigMap => "ConfigMap",
        ImportKind::Secret => "Secret",
        ImportKind::Service => "Service",
    };
    let refusal = Refusal {
        reason: "NotShown",
        message: format!(
            "a {kind} of the host cluster was to be shown under this name: delete this one to get it"
        ),
    };
    events::refuse(ctx, kind, found, &refusal).await;
}
