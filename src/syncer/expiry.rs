//! The end of a cluster that was made for a time.
//!
//! In: the marker, which says how long after its creation that is. Out: the marker deleted when the time is
//! over; the host's garbage collector takes what it owns, this very pod among it. Never: waits for the
//! virtual cluster, which may be what is broken.
//!
//! # Caveats
//! What nothing in the namespace can own stays: the namespace, if `vc create` made it, and the ClusterRole
//! of `--sync-nodes`. The account of this pod has no right on them; `vc prune` removes them.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::pods::parse;
use super::rest::{CONFIG_MAPS, Rest, RestError};
use crate::cluster::expires;
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// How soon a host that does not answer, or does not let us, is asked again.
const RETRY: Duration = Duration::from_secs(10);

/// Longest sleep: the timer stands still while a machine does, the time of day does not.
const NAP: Duration = Duration::from_mins(1);

/// Which cluster, and how one hears that its marker has changed.
pub(crate) struct Expiry {
    pub(crate) host: Rest,
    pub(crate) cluster: ClusterName,
    pub(crate) namespace: Namespace,
    pub(crate) changed: Arc<Notify>,
}

/// The marker, as far as it matters here.
struct Marker {
    uid: String,
    expires: Option<Timestamp>,
}

impl Expiry {
    /// Ends the cluster when its time is over. For good: that was not the end if this process goes on.
    pub(crate) async fn run(self) {
        loop {
            match self.read().await {
                Ok(Some(marker)) => self.await_end(marker).await,
                Ok(None) => self.changed.notified().await,
                Err(error) => {
                    warn!("cannot read for how long the cluster is made: {error}");
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Waits for the end or for a change of the marker; what has changed is for the next look.
    async fn await_end(&self, marker: Marker) {
        let Some(expires) = marker.expires else {
            return self.changed.notified().await;
        };
        if let Some(left) = left(expires, Timestamp::now()) {
            // Whoever has waited long enough looks again before he deletes.
            drop(timeout(left.min(NAP), self.changed.notified()).await);
            return;
        }
        info!(%expires, "the cluster's time is over: deleting it");
        let path = self.path();
        let options = json!({
            "preconditions": {"uid": marker.uid},
            "propagationPolicy": "Background",
        });
        if let Err(error) = self.host.delete(&path, &options).await {
            warn!("the cluster cannot be deleted: {error}");
        }
        sleep(RETRY).await;
    }

    async fn read(&self) -> Result<Option<Marker>, RestError> {
        let Some(text) = self.host.get(&self.path()).await? else {
            return Ok(None);
        };
        let object = parse(&text)?;
        Ok(Some(marker(&object.uid, &object.value())))
    }

    fn path(&self) -> String {
        CONFIG_MAPS.one(self.namespace.as_str(), &self.cluster.object())
    }
}

fn marker(uid: &str, object: &Value) -> Marker {
    let metadata = object.get("metadata");
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let annotation = |key| metadata?.get("annotations")?.get(key);
    let created = text(metadata.and_then(|metadata| metadata.get("creationTimestamp")));
    let ttl = text(annotation(labels::TTL_SECONDS));
    let end = |created: String, ttl: String| expires(created.parse().ok()?, &ttl);
    Marker {
        uid: uid.to_owned(),
        expires: created
            .zip(ttl)
            .and_then(|(created, ttl)| end(created, ttl)),
    }
}

/// How long it is until then; none when that is over.
fn left(expires: Timestamp, now: Timestamp) -> Option<Duration> {
    let left: Duration = expires.duration_since(now).try_into().ok()?;
    (!left.is_zero()).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_end_is_counted_from_the_creation_that_the_host_noted() {
        let object = |ttl: Value| {
            json!({"metadata": {
                "creationTimestamp": "2026-01-01T00:00:00Z", "annotations": {labels::TTL_SECONDS: ttl},
            }})
        };
        let end = |ttl| marker("u", &object(ttl)).expires;
        assert_eq!(end(json!("90")), Some(time("2026-01-01T00:01:30Z")));
        for no_number in [json!("2h"), json!("-1"), json!(""), json!(null)] {
            assert_eq!(end(no_number), None);
        }
        assert_eq!(marker("u", &json!({"metadata": {}})).expires, None);
    }

    #[test]
    fn time_is_left_until_the_very_end() {
        let end = time("2026-01-01T00:01:00Z");
        let at = |text| left(end, time(text));
        assert_eq!(at("2026-01-01T00:00:00Z"), Some(Duration::from_mins(1)));
        assert_eq!(at("2026-01-01T00:01:00Z"), None);
        assert_eq!(at("2026-01-02T00:00:00Z"), None);
    }
}
