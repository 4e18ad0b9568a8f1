//! Objects of kinds that are synced by option: the controller of all of them.
//!
//! In: which kind, the name of a virtual object. Out: its host object in step, and the host's status on the
//! virtual side. Never: a host object that is not ours; a write for what a host has only filled in.
//!
//! What these kinds are like is data, in [`crate::sync`]. The virtual side is watched, the host from when there
//! is something to watch: a kind that nobody uses costs the host one list.

mod watches;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

pub(crate) use watches::{keys, watches};

use super::cache::{Cache, Name};
use super::context::Context;
use super::events;
use super::pods::{is_ours, parse};
use super::queue::Outcome;
use super::rest::{Form, Resource, RestError};
use super::services::of_this_one;
use super::translate::synced as translate;
use super::translate::{Refusal, hides_host};
use crate::sync::{Carried, Sync};

/// A kind that is carried to the host.
#[derive(Debug, Clone)]
pub(crate) struct Synced {
    pub(crate) carried: Carried,
    pub(crate) resource: Resource,
    /// Told when there is something to watch on the host.
    in_use: Arc<Notify>,
}

/// What is known of a kind.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    virtual_side: Cache,
    host_side: Cache,
    /// Why the host cannot be watched.
    refused: Option<String>,
    /// What was last told about each.
    told: HashMap<Name, String>,
    /// For each that the host does not take as it is wanted: what was wanted and what came of it. Writing the
    /// same again would bring the same.
    settled: HashMap<Name, (u64, u64)>,
}

impl Sides {
    /// Whether it is known of every ConfigMap and Secret whether one of these uses it.
    pub(crate) fn shows_uses(&self) -> bool {
        self.virtual_side.is_complete()
    }
}

/// What is carried, with where it is kept.
pub(crate) fn of(sync: &Sync) -> Vec<Synced> {
    let carried = sync.carried().into_iter();
    carried
        .map(|carried| Synced {
            resource: Resource::leaked(carried.described.root(), carried.described.plural.clone()),
            carried,
            in_use: Arc::new(Notify::new()),
        })
        .collect()
}

/// What was observed of one.
struct Observed {
    object: Option<Value>,
    host: Option<Value>,
    /// Why the host's side is not known; none when it is.
    refused: Option<String>,
    is_complete: bool,
}

/// One object, and all that is needed to work on it.
#[derive(Clone, Copy)]
struct Work<'a> {
    ctx: &'a Context,
    index: usize,
    synced: &'a Synced,
    name: &'a Name,
}

/// Brings one in step.
///
/// # Errors
/// What a request ends with.
pub(crate) async fn reconcile(ctx: &Context, index: u8, name: &Name) -> Result<Outcome, RestError> {
    let index = usize::from(index);
    let Some(synced) = ctx.settings.synced.get(index).filter(|_| !ctx.is_frozen()) else {
        return Ok(Outcome::Done);
    };
    let work = Work {
        ctx,
        index,
        synced,
        name,
    };
    let observed = work.observe();
    let object = observed.object.as_ref();
    if object.is_some() {
        synced.in_use.notify_one();
    }
    if let (Some(object), Some(why)) = (object, &observed.refused) {
        work.tell(object, "HostRefused", why).await;
    }
    if !observed.is_complete {
        return Ok(Outcome::Done);
    }
    let is_going = |object: &&Value| object.pointer("/metadata/deletionTimestamp").is_some();
    match (object, observed.host) {
        (None, None) => {
            work.forget();
            Ok(Outcome::Done)
        }
        (None, Some(host)) => work.remove_orphan(&host).await,
        // Its finalizers are its own, here and there.
        (Some(object), Some(host)) if is_going(&object) => work.delete(&host).await,
        (Some(object), None) if is_going(&object) => Ok(Outcome::Done),
        (Some(object), host) => work.bring(object, host).await,
    }
}

impl Work<'_> {
    fn observe(self) -> Observed {
        let Self { ctx, name, .. } = self;
        let known = ctx.known();
        let Some(sides) = known.synced.get(self.index) else {
            return Observed {
                object: None,
                host: None,
                refused: None,
                is_complete: false,
            };
        };
        let host = sides.host_side.get(&ctx.host_name(name));
        let host = host.map(|host| host.value());
        Observed {
            object: sides.virtual_side.get(name).map(|object| object.value()),
            // Somebody else's may have our labels and our name: it is not there, for us.
            host: host.filter(|host| is_ours(ctx, host)),
            refused: sides.refused.clone(),
            is_complete: sides.virtual_side.is_complete() && sides.host_side.is_complete(),
        }
    }

    /// Makes or changes the host object, and brings its status back.
    async fn bring(self, object: &Value, host: Option<Value>) -> Result<Outcome, RestError> {
        let system_labels = self.ctx.namespace_labels("kube-system").into();
        let around = translate::Surroundings {
            scope: self.ctx.scope(),
            system_labels: &system_labels,
        };
        let Some(wanted) = translate::to_host(&self.synced.carried, object, around) else {
            return Ok(Outcome::Done);
        };
        if !wanted.left_out.is_empty() {
            let fields = wanted.left_out.join(", ");
            let why = format!(
                "the host cluster does not get {fields}: it would name what is not this virtual cluster's"
            );
            self.tell(object, "FieldsLeftOut", &why).await;
        }
        let host = match host {
            Some(host) if host.pointer("/metadata/deletionTimestamp").is_some() => {
                // It is made again when it is gone.
                return Ok(Outcome::Done);
            }
            Some(host) => self.change(object, &wanted.object, host).await?,
            None => self.create(object, &wanted.object).await?,
        };
        self.report(object, &host).await?;
        Ok(Outcome::Done)
    }

    async fn create(self, object: &Value, wanted: &Value) -> Result<Value, RestError> {
        let host_name = self.ctx.host_name(self.name);
        let path = self.synced.resource.all(&host_name.namespace);
        let error = match self.ctx.host.create(&path, wanted).await {
            Ok(text) => return self.remember(&text),
            Err(error) => error,
        };
        if error.is_conflict() {
            let path = self
                .synced
                .resource
                .one(&host_name.namespace, &host_name.name);
            if let Some(text) = self.ctx.host.get(&path).await?
                && let found = parse(&text)?.value()
                && is_ours(self.ctx, &found)
            {
                // Ours, and out of the watch's sight.
                return self.change(object, wanted, found).await;
            }
        }
        self.tell_of_refusal(object, &error).await;
        Err(error)
    }

    /// Writes what differs; answers with the host object as it is then.
    async fn change(self, object: &Value, wanted: &Value, host: Value) -> Result<Value, RestError> {
        let Some(mut update) = translate::changes(wanted, &host) else {
            return Ok(host);
        };
        if self.is_settled(wanted, &host) {
            return Ok(host);
        }
        of_this_one(&mut update, &host, &["uid"]);
        let host_name = self.ctx.host_name(self.name);
        let path = self
            .synced
            .resource
            .one(&host_name.namespace, &host_name.name);
        match self.ctx.host.patch(&path, Form::MergePatch, &update).await {
            Ok(text) => {
                let host = self.remember(&text)?;
                if translate::changes(wanted, &host).is_some() {
                    self.settle(wanted, &host);
                }
                Ok(host)
            }
            Err(error) => {
                self.tell_of_refusal(object, &error).await;
                Err(error)
            }
        }
    }

    /// Whether this was written before, and the host made of it what it is.
    fn is_settled(self, wanted: &Value, host: &Value) -> bool {
        let known = self.ctx.known();
        let sides = known.synced.get(self.index);
        let settled = sides.and_then(|sides| sides.settled.get(self.name));
        settled == Some(&(hash(wanted), hash(host)))
    }

    fn settle(self, wanted: &Value, host: &Value) {
        if let Some(sides) = self.ctx.known().synced.get_mut(self.index) {
            let came_of_it = (hash(wanted), hash(host));
            sides.settled.insert(self.name.clone(), came_of_it);
        }
    }

    /// Brings the virtual status in step.
    async fn report(self, object: &Value, host: &Value) -> Result<(), RestError> {
        let Self {
            ctx, name, synced, ..
        } = self;
        let status = translate::status(&synced.carried, object, host, ctx.scope());
        let Some(mut update) = status else {
            return Ok(());
        };
        of_this_one(&mut update, object, &["uid"]);
        let path = synced.resource.one(&name.namespace, &name.name);
        let of_status = format!("{path}/status");
        let form = Form::MergePatch;
        let mut written = ctx.virtual_cluster.patch(&of_status, form, &update).await;
        if written.as_ref().is_err_and(RestError::is_not_found) {
            // A kind whose definition says nothing of a status has it among its other fields.
            written = ctx.virtual_cluster.patch(&path, form, &update).await;
        }
        let object = parse(&written?)?;
        if let Some(sides) = ctx.known().synced.get_mut(self.index) {
            sides.virtual_side.wrote(object);
        }
        Ok(())
    }

    /// Removes the host object of a virtual one that is gone.
    async fn remove_orphan(self, host: &Value) -> Result<Outcome, RestError> {
        let path = self
            .synced
            .resource
            .one(&self.name.namespace, &self.name.name);
        if self.ctx.virtual_cluster.get(&path).await?.is_some() {
            // The watch will show it.
            return Ok(Outcome::Failed(Duration::ZERO));
        }
        self.delete(host).await
    }

    async fn delete(self, host: &Value) -> Result<Outcome, RestError> {
        let host_name = self.ctx.host_name(self.name);
        let path = self
            .synced
            .resource
            .one(&host_name.namespace, &host_name.name);
        let answer = self
            .ctx
            .host
            .delete_this(&path, host.pointer("/metadata/uid"))
            .await?;
        // An object with finalizers stays for a while, and is told as it is then.
        match answer.map(|text| parse(&text)) {
            Some(Ok(object)) if object.value().pointer("/metadata/finalizers").is_some() => {}
            _ => {
                let uid = host.pointer("/metadata/uid").and_then(Value::as_str);
                if let Some(sides) = self.ctx.known().synced.get_mut(self.index) {
                    sides.host_side.forget(&host_name, uid.unwrap_or_default());
                }
            }
        }
        self.forget();
        Ok(Outcome::Done)
    }

    fn forget(self) {
        if let Some(sides) = self.ctx.known().synced.get_mut(self.index) {
            sides.told.remove(self.name);
            sides.settled.remove(self.name);
        }
    }

    /// Takes a host object that was written into the cache.
    fn remember(self, text: &str) -> Result<Value, RestError> {
        let object = parse(text)?;
        let value = object.value();
        if let Some(sides) = self.ctx.known().synced.get_mut(self.index) {
            sides.host_side.wrote(object);
        }
        Ok(value)
    }

    async fn tell_of_refusal(self, object: &Value, error: &RestError) {
        if !error.is_final() && !error.is_conflict() && !error.is_not_found() {
            return;
        }
        let why = hides_host(error.message(), object, self.ctx.scope());
        let kind = &self.synced.carried.described.kind;
        let why = format!("the host cluster refuses the {kind}: {why}");
        self.tell(object, "HostRefused", &why).await;
    }

    /// Tells something on the virtual object, unless it was the last thing that was told.
    async fn tell(self, object: &Value, reason: &'static str, why: &str) {
        let before = self.ctx.known().synced.get_mut(self.index).map(|sides| {
            let told = sides.told.insert(self.name.clone(), why.to_owned());
            told.as_deref() == Some(why)
        });
        if before != Some(false) {
            return;
        }
        let described = &self.synced.carried.described;
        let refusal = Refusal {
            reason,
            message: why.to_owned(),
        };
        let types = (&*described.api_version(), &*described.kind);
        events::refuse_any(self.ctx, types, object, &refusal).await;
    }
}

/// Of what an object says, whatever version it is.
fn hash(object: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (field, value) in object.as_object().into_iter().flatten() {
        if !matches!(field.as_str(), "metadata" | "status") {
            (field, value.to_string()).hash(&mut hasher);
        }
    }
    for field in ["labels", "annotations"] {
        let value = object.pointer(&format!("/metadata/{field}"));
        value.map(Value::to_string).hash(&mut hasher);
    }
    hasher.finish()
}
