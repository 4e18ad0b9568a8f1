//! Events: what the host says about host pods and claims, told on the virtual ones; and what we have to
//! say.
//!
//! In: the host's Events, our refusals. Out: Events in the virtual cluster. Never: a name of the host's
//! in them; waits for one to be written before pods go on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{debug, info};

use super::cache::Name;
use super::context::{Context, Shared};
use super::object::Object;
use super::pods::{parse, virtual_name_of, virtual_uid_of};
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

/// How long an Event of an unknown pod waits for the pod to be seen: the two come by different watches.
const EARLY: Duration = Duration::from_secs(1);

/// Pods that have gone and are remembered for what is still said of them.
const DEPARTED: usize = 256;

/// The virtual pods of host pods that have gone last, by the host pods' UIDs. A kubelet sends its Events
/// when it comes to it, the one about a pod's end often after the end.
#[derive(Debug, Default)]
pub(crate) struct Departed(VecDeque<(Box<str>, Arc<Object>)>);

impl Departed {
    /// Remembers a pod; the one that went first is forgotten for it.
    pub(crate) fn remember(&mut self, host_uid: &str, virtual_pod: Arc<Object>) {
        if self.of(host_uid).is_some() {
            return;
        }
        if self.0.len() == DEPARTED {
            self.0.pop_front();
        }
        self.0.push_back((host_uid.into(), virtual_pod));
    }

    fn of(&self, host_uid: &str) -> Option<Arc<Object>> {
        let mut all = self.0.iter().rev();
        let (_, virtual_pod) = all.find(|(uid, _)| **uid == *host_uid)?;
        Some(Arc::clone(virtual_pod))
    }
}

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
        // What is not known yet would be taken for somebody else's.
        while !ctx.known().is_complete() {
            sleep(EARLY).await;
        }
        let mut aside = VecDeque::new();
        loop {
            let due = aside.front().map_or_else(Instant::now, |(at, _)| *at);
            tokio::select! {
                event = receiver.recv() => {
                    let Some(event) = event else { return };
                    let is_known = tell(ctx, &event.value()).await;
                    if !is_known && aside.len() < BACKLOG {
                        aside.push_back((Instant::now() + EARLY, event));
                    }
                }
                () = sleep_until(due), if !aside.is_empty() => {
                    if let Some((_, event)) = aside.pop_front() {
                        tell(ctx, &event.value()).await;
                    }
                }
            }
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

/// Tells one Event; answers whether it is known what it is about.
async fn tell(ctx: &Context, event: &Value) -> bool {
    if ctx.is_frozen() {
        return true;
    }
    let kind = event
        .pointer("/involvedObject/kind")
        .and_then(Value::as_str);
    if !matches!(kind, Some(POD | CLAIM)) {
        return true;
    }
    let Some(concerned) = concerned(ctx, event) else {
        return false;
    };
    let scope = ctx.scope();
    let virtual_object = &concerned.virtual_object;
    let scrubbed = |text: &str| match &concerned.host_claim {
        None => scrub::scrub(text, virtual_object, scope),
        Some(claim) => {
            let claim = claim.value();
            let text = persistentvolumeclaims::scrubbed(text, virtual_object, &claim, scope);
            with_virtual_pods(ctx, &text)
        }
    };
    let twins = translate::Twins {
        host_name: concerned.host_name,
        host_uid: concerned.host_uid,
        virtual_object,
    };
    let Some(told) = translate::to_virtual(event, twins, scrubbed) else {
        return true;
    };
    if let Err(error) = write(ctx, &told, Repeat::AsTold).await {
        debug!("an event cannot be told: {error}");
    }
    true
}

/// Whom a host Event is about, on both sides.
struct Concerned<'a> {
    virtual_object: Value,
    host_name: &'a str,
    host_uid: &'a str,
    /// The host claim, if it is about one.
    host_claim: Option<Arc<Object>>,
}

fn concerned<'a>(ctx: &Context, event: &'a Value) -> Option<Concerned<'a>> {
    let about = |field: &str| event.pointer(&format!("/involvedObject/{field}"))?.as_str();
    let (kind, host_name, host_uid) = (about("kind")?, about("name")?, about("uid")?);
    let name = Name::new(ctx.scope().host_namespace.as_str(), host_name);
    let (virtual_object, host_claim) = match kind {
        POD => {
            let pod = departed(ctx, host_uid).or_else(|| present(ctx, &name, host_uid))?;
            (pod, None)
        }
        CLAIM => {
            let claim = ctx.known().host_claims.get(&name)?;
            let name = virtual_name_of(ctx, &claim.value())?;
            (ctx.known().virtual_claims.get(&name)?, Some(claim))
        }
        _ => return None,
    };
    Some(Concerned {
        virtual_object: with_types(virtual_object.value(), ("v1", kind)),
        host_name,
        host_uid,
        host_claim,
    })
}

fn departed(ctx: &Context, host_uid: &str) -> Option<Arc<Object>> {
    ctx.known().departed.of(host_uid)
}

fn present(ctx: &Context, host_name: &Name, host_uid: &str) -> Option<Arc<Object>> {
    let host_pod = ctx.known().host_pods.get(host_name)?;
    let value = host_pod.marks();
    let name = virtual_name_of(ctx, &value).filter(|_| *host_pod.uid == *host_uid)?;
    let virtual_pod = ctx.known().virtual_pods.get(&name)?;
    (virtual_uid_of(&value) == &*virtual_pod.uid).then_some(virtual_pod)
}

/// What the host says of a claim may name pods that wait for it.
fn with_virtual_pods(ctx: &Context, text: &str) -> String {
    let namespace = ctx.scope().host_namespace.as_str();
    let words = text.split(' ').map(|word| {
        let pod = ctx.known().host_pods.get(&Name::new(namespace, word));
        let name = pod.and_then(|pod| virtual_name_of(ctx, &pod.marks()));
        name.map_or_else(|| word.to_owned(), |name| name.name.to_string())
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The object with its kind, which items of lists lack.
fn with_types(mut object: Value, (api_version, kind): (&str, &str)) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.insert("apiVersion".to_owned(), api_version.into());
        fields.insert("kind".to_owned(), kind.into());
    }
    object
}

/// Tells why a virtual object cannot be on the host as it is.
pub(crate) async fn refuse(ctx: &Context, kind: &str, object: &Value, refusal: &Refusal) {
    refuse_any(ctx, ("v1", kind), object, refusal).await;
}

/// See [`refuse`]; of a kind that is not in the core group, by its `apiVersion` and `kind`.
pub(crate) async fn refuse_any(
    ctx: &Context,
    types: (&str, &str),
    object: &Value,
    refusal: &Refusal,
) {
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
    let event = translate::own(&with_types(object.clone(), types), notice, &now);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: usize) -> Arc<Object> {
        Arc::new(
            Object::parse(&json!({"metadata": {"name": name.to_string()}}).to_string()).unwrap(),
        )
    }

    #[test]
    fn those_that_went_last_are_remembered() {
        let mut departed = Departed::default();
        for number in 0..=DEPARTED {
            departed.remember(&number.to_string(), pod(number));
        }
        assert_eq!(departed.of("0"), None);
        assert_eq!(departed.of("1"), Some(pod(1)));
        departed.remember("1", pod(7));
        assert_eq!(departed.of("1"), Some(pod(1)));
        assert_eq!(departed.of("2"), Some(pod(2)));
    }
}
