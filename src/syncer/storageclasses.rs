//! StorageClasses: those of the host that are known, shown in the virtual cluster.
//!
//! In: the name of a class; the empty name stands for the host's default. Out: a virtual class for the
//! default and for each that a host claim has shown to exist; with the right to read them, for every class
//! of the host, as it is. Never: a class of somebody's own in the virtual cluster.
//!
//! Without the right, a class that was shown once stays: nothing tells that the host has it no longer.

use std::time::Duration;

use serde_json::Value;
use tracing::{debug, info};

use super::cache::Name;
use super::context::{Context, DefaultClass};
use super::pods::parse;
use super::queue::{Key, Kind, Outcome};
use super::rest::{CLAIMS, Form, RestError, STORAGE_CLASSES};
use super::translate::persistentvolumeclaims::class;
use super::translate::{is_mirrored, storageclasses as translate};

/// How often the host is asked for its default. It changes about never, and the question is one request.
const DEFAULT_PERIOD: Duration = Duration::from_mins(10);

/// Brings one class in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, name: &str) -> Result<Outcome, RestError> {
    if ctx.is_frozen() {
        return Ok(Outcome::Done);
    }
    let wanted = match (ctx.settings.sync_storage_classes, name) {
        (true, "") => return Ok(Outcome::Done),
        (false, "") => return find_default(ctx).await,
        (true, _) => of_host(ctx, name),
        (false, _) => of_claims(ctx, name),
    };
    let found = ctx.known().virtual_classes.get(&Name::new("", name));
    let found = found.map(|found| found.value());
    match (wanted, found) {
        (Wanted::Class(wanted), None) => make(ctx, &wanted).await?,
        (wanted, Some(found)) if is_mirrored(&found) => match wanted {
            Wanted::Class(wanted) => change(ctx, name, &wanted, &found).await?,
            Wanted::Nothing => delete(ctx, name, &found).await?,
            Wanted::Unknown => {}
        },
        _ => {}
    }
    Ok(Outcome::Done)
}

/// What there should be of a class.
enum Wanted {
    /// As it is.
    Unknown,
    Nothing,
    Class(Value),
}

/// What the host has, where it may be read.
fn of_host(ctx: &Context, name: &str) -> Wanted {
    let known = ctx.known();
    if !known.host_storage_classes.is_complete() {
        return Wanted::Unknown;
    }
    match known.host_storage_classes.get(&Name::new("", name)) {
        Some(class) => Wanted::Class(translate::of_host(&class.value())),
        None => Wanted::Nothing,
    }
}

/// What the host's claims tell.
fn of_claims(ctx: &Context, name: &str) -> Wanted {
    let known = ctx.known();
    let is_shown = known.virtual_classes.get(&Name::new("", name)).is_some();
    let is_known = is_shown || known.host_classes.contains(name);
    let is_default = match &known.default_class {
        // As long as the default is not known, it is what it was.
        DefaultClass::Unknown if is_shown => return Wanted::Unknown,
        DefaultClass::Named(default) => default == name,
        DefaultClass::Unknown | DefaultClass::Missing => false,
    };
    if is_default || is_known {
        Wanted::Class(translate::class(name, is_default))
    } else {
        Wanted::Unknown
    }
}

async fn change(ctx: &Context, name: &str, wanted: &Value, found: &Value) -> Result<(), RestError> {
    // Without the right to read them, what was read once is better than what is made up.
    if ctx.settings.sync_storage_classes && translate::is_another(wanted, found) {
        delete(ctx, name, found).await?;
        return make(ctx, wanted).await;
    }
    let Some(update) = translate::changes(wanted, found) else {
        return Ok(());
    };
    let path = STORAGE_CLASSES.one("", name);
    let text = ctx
        .virtual_cluster
        .patch(&path, Form::MergePatch, &update)
        .await?;
    ctx.known().virtual_classes.wrote(parse(&text)?);
    Ok(())
}

async fn delete(ctx: &Context, name: &str, found: &Value) -> Result<(), RestError> {
    let path = STORAGE_CLASSES.one("", name);
    ctx.virtual_cluster
        .delete_this(&path, found.pointer("/metadata/uid"))
        .await
        .map(drop)
}

async fn make(ctx: &Context, wanted: &Value) -> Result<(), RestError> {
    let path = STORAGE_CLASSES.all("");
    match ctx.virtual_cluster.create(&path, wanted).await {
        // The watch will show it.
        Err(error) if error.is_conflict() => {}
        made => ctx.known().virtual_classes.wrote(parse(&made?)?),
    }
    Ok(())
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
