//! StorageClasses: those of the host that are known, shown in the virtual cluster.
//!
//! In: the name of a class; the empty name stands for the host's default. Out: a virtual class for the
//! default and for each that a host claim has shown to exist. Never: a right on StorageClasses, which are
//! not in a namespace; a class of somebody's own in the virtual cluster.
//!
//! A class that was shown once stays: nothing tells that the host has it no longer.

use std::time::Duration;

use tracing::{debug, info};

use super::cache::Name;
use super::context::{Context, DefaultClass};
use super::pods::parse;
use super::queue::{Key, Kind, Outcome};
use super::rest::{CLAIMS, Form, RestError, STORAGE_CLASSES};
use super::translate::persistentvolumeclaims::class;
use super::translate::storageclasses as translate;

/// How often the host is asked for its default. It changes about never, and the question is one request.
const DEFAULT_PERIOD: Duration = Duration::from_mins(10);

/// Brings one class in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, name: &str) -> Result<Outcome, RestError> {
    if name.is_empty() {
        return find_default(ctx).await;
    }
    let (found, is_shown, default) = {
        let known = ctx.known();
        (
            known.virtual_classes.get(&Name::new("", name)),
            known.host_classes.contains(name),
            known.default_class.clone(),
        )
    };
    if ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    let is_default = match default {
        DefaultClass::Unknown => None,
        DefaultClass::Missing => Some(false),
        DefaultClass::Named(default) => Some(default == name),
    };
    match (found.map(|found| found.value()), is_default) {
        (None, Some(true)) => make(ctx, name, true).await,
        (None, _) if is_shown => make(ctx, name, false).await,
        // As long as the default is not known, it is what it was.
        (Some(found), Some(is_default)) if translate::is_mirrored(&found) => {
            if let Some(patch) = translate::changes(&found, is_default) {
                let path = STORAGE_CLASSES.one("", name);
                let text = ctx
                    .virtual_cluster
                    .patch(&path, Form::MergePatch, &patch)
                    .await?;
                ctx.known().virtual_classes.wrote(parse(&text)?);
            }
            Ok(Outcome::Done)
        }
        _ => Ok(Outcome::Done),
    }
}

async fn make(ctx: &Context, name: &str, is_default: bool) -> Result<Outcome, RestError> {
    let wanted = translate::class(name, is_default);
    let path = STORAGE_CLASSES.all("");
    match ctx.virtual_cluster.create(&path, &wanted).await {
        // The watch will show it.
        Err(error) if error.is_conflict() => {}
        made => ctx.known().virtual_classes.wrote(parse(&made?)?),
    }
    Ok(Outcome::Done)
}

/// Asks the host for its default class, by a claim that is checked and not made.
async fn find_default(ctx: &Context) -> Result<Outcome, RestError> {
    let namespace = ctx.scope().host_namespace.as_str();
    let path = format!("{}?dryRun=All", CLAIMS.all(namespace));
    match ctx.host.create(&path, &translate::probe()).await {
        Ok(text) => set_default(ctx, class(&parse(&text)?.value())),
        // A quota or a webhook of the host: what is known stays, and nothing hangs on it.
        Err(error) => debug!(%error, "the host's default StorageClass cannot be found"),
    }
    Ok(Outcome::After(DEFAULT_PERIOD))
}

fn set_default(ctx: &Context, class: Option<&str>) {
    let default = class.map_or(DefaultClass::Missing, |class| {
        DefaultClass::Named(class.to_owned())
    });
    let mut known = ctx.known();
    if known.default_class == default {
        return;
    }
    known.default_class = default;
    let shown: Vec<Name> = known.virtual_classes.names().cloned().collect();
    drop(known);
    info!(class, "the host's default StorageClass");
    let kind = Kind::StorageClass;
    for name in shown {
        ctx.queue.add(Key { kind, name });
    }
    if let Some(class) = class {
        ctx.queue.add(Key::new(kind, "", class));
    }
}
