//! Events: what the host says about host pods and claims, told on the virtual ones; and what we have to
//! say.
//!
//! In: the host's Events, our refusals. Out: Events in the virtual cluster. Never: a name of the host's
//! in them; waits for one to be written before pods go on.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tracing::{debug, info};

use super::cache::Name;
use super::context::{Context, Known, Shared};
use super::object::Object;
use super::pods::{parse, virtual_name_of};
use super::rest::{EVENTS, Form, RestError};
use super::translate::events::{self as translate, Notice, Severity};
use super::translate::{Refusal, persistentvolumeclaims, scrub};
use super::watch::{Seen, Watch};

/// Events that wait to be told. They are told one after the other, some hundred in a second; of a
/// flood, what does not fit is left out, as an API server would after an hour.
const BACKLOG: usize = 4096;

/// After a start, what happened longer ago than this, in seconds, was told by our predecessor.
const OLD_SECONDS: i64 = 60;

const POD: &str = "Pod";
const CLAIM: &str = "PersistentVolumeClaim";

/// Tells the host's Events, for good.
pub(crate) async fn run(ctx: &Shared) {
    let (sender, mut receiver) = mpsc::channel::<Object>(BACKLOG);
    let watch = Watch {
        rest: ctx.host.clone(),
        what: "host events",
        path: EVENTS.all(ctx.scope().host_namespace.as_str()),
        // Of pods and claims; a selector cannot say "or", and in a namespace there is little else.
        selector: String::new(),
        metadata_only: false,
    };
    let since = Timestamp::now() - OLD_SECONDS.seconds();
    let seeing = watch.run(|seen| {
        let event = match seen {
            Seen::Listed(event) if happened(&event.value()).is_none_or(|at| at >= since) => event,
            Seen::Changed(event) => event,
            _ => return,
        };
        if sender.try_send(event).is_err() {
            debug!("too many events at once: one is left out");
        }
    });
    let telling = async {
        while let Some(event) = receiver.recv().await {
            tell(ctx, &event.value()).await;
        }
    };
    tokio::join!(seeing, telling);
}

/// When an Event happened last.
fn happened(event: &Value) -> Option<Timestamp> {
    let moments = [
        "/series/lastObservedTime",
        "/lastTimestamp",
        "/eventTime",
        "/metadata/creationTimestamp",
    ];
    moments
        .into_iter()
        .find_map(|pointer| event.pointer(pointer)?.as_str()?.parse().ok())
}

async fn tell(ctx: &Context, event: &Value) {
    if ctx.is_frozen() {
        return;
    }
    let Some(Concerned {
        virtual_object,
        host_object,
    }) = concerned(ctx, event)
    else {
        return;
    };
    let scope = ctx.scope();
    let is_pod = virtual_object.get("kind").and_then(Value::as_str) == Some(POD);
    let scrubbed = |text: &str| {
        if is_pod {
            scrub::scrub(text, &virtual_object, scope)
        } else {
            let text = persistentvolumeclaims::scrubbed(
                text,
                &virtual_object,
                &host_object.value(),
                scope,
            );
            with_virtual_pods(ctx, &text)
        }
    };
    let twins = translate::Twins {
        host_name: &host_object.name,
        host_uid: &host_object.uid,
        virtual_object: &virtual_object,
    };
    let Some(told) = translate::to_virtual(event, twins, scrubbed) else {
        return;
    };
    if let Err(error) = write(ctx, &told, Repeat::AsTold).await {
        debug!("an event cannot be told: {error}");
    }
}

/// Whom a host Event is about, on both sides.
struct Concerned {
    virtual_object: Value,
    host_object: Arc<Object>,
}

fn concerned(ctx: &Context, event: &Value) -> Option<Concerned> {
    let about = |field: &str| event.pointer(&format!("/involvedObject/{field}"))?.as_str();
    let host_name = Name::new(ctx.scope().host_namespace.as_str(), about("name")?);
    let kind = about("kind")?;
    let of = |known: &Known, side: Side, name: &Name| match (kind, side) {
        (POD, Side::Host) => known.host_pods.get(name),
        (POD, Side::Virtual) => known.virtual_pods.get(name),
        (CLAIM, Side::Host) => known.host_claims.get(name),
        (CLAIM, Side::Virtual) => known.virtual_claims.get(name),
        _ => None,
    };
    let host_object = of(&ctx.known(), Side::Host, &host_name)?;
    let name = virtual_name_of(ctx, &host_object.value())?;
    let virtual_object = of(&ctx.known(), Side::Virtual, &name)?;
    Some(Concerned {
        virtual_object: with_types(virtual_object.value(), kind),
        host_object,
    })
}

enum Side {
    Virtual,
    Host,
}

/// What the host says of a claim may name pods that wait for it.
fn with_virtual_pods(ctx: &Context, text: &str) -> String {
    let namespace = ctx.scope().host_namespace.as_str();
    let words = text.split(' ').map(|word| {
        let pod = ctx.known().host_pods.get(&Name::new(namespace, word));
        let name = pod.and_then(|pod| virtual_name_of(ctx, &pod.value()));
        name.map_or_else(|| word.to_owned(), |name| name.name.to_string())
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The object with its kind, which items of lists lack.
fn with_types(mut object: Value, kind: &str) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.insert("apiVersion".to_owned(), "v1".into());
        fields.insert("kind".to_owned(), kind.into());
    }
    object
}

/// Tells why a virtual object cannot be on the host as it is.
pub(crate) async fn refuse(ctx: &Context, kind: &str, object: &Value, refusal: &Refusal) {
    let name = |field: &str| {
        object
            .pointer(&format!("/metadata/{field}"))
            .and_then(Value::as_str)
    };
    info!(
        namespace = name("namespace"),
        name = name("name"),
        reason = refusal.reason,
        "refused: {}",
        refusal.message
    );
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let notice = Notice {
        severity: Severity::Warning,
        reason: refusal.reason,
        message: &refusal.message,
    };
    let event = translate::own(&with_types(object.clone(), kind), notice, &now);
    if let Err(error) = write(ctx, &event, Repeat::Counted).await {
        debug!("an event cannot be told: {error}");
    }
}

/// What becomes of an Event that is there already.
enum Repeat {
    /// It becomes as the new one is.
    AsTold,
    /// It has happened once more.
    Counted,
}

async fn write(ctx: &Context, event: &Value, repeat: Repeat) -> Result<(), RestError> {
    let text = |field: &str| {
        let text = event.pointer(&format!("/metadata/{field}"));
        text.and_then(Value::as_str).unwrap_or_default()
    };
    let (namespace, name) = (text("namespace"), text("name"));
    let created = ctx
        .virtual_cluster
        .create(&EVENTS.all(namespace), event)
        .await;
    match created {
        Err(error) if error.is_conflict() => {}
        other => return other.map(drop),
    }
    let path = EVENTS.one(namespace, name);
    let update = match repeat {
        Repeat::AsTold => json!({
            "message": event.get("message"),
            "count": event.get("count"),
            "lastTimestamp": event.get("lastTimestamp"),
            "series": event.get("series"),
        }),
        Repeat::Counted => {
            let found = ctx.virtual_cluster.get(&path).await?.unwrap_or_default();
            let found = parse(&found)?.value();
            let count = found.get("count").and_then(Value::as_i64).unwrap_or(1);
            json!({"count": count + 1, "lastTimestamp": event.get("lastTimestamp")})
        }
    };
    ctx.virtual_cluster
        .patch(&path, Form::MergePatch, &update)
        .await?;
    Ok(())
}
