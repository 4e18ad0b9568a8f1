//! The status of a virtual pod, from its host pod.
//!
//! In: what was observed of both. Out: the status, written where it differs. Never: a change of anything else.

use serde_json::Value;
use tracing::info;

use super::perform::with_surroundings;
use super::{Observed, write_status};
use crate::syncer::context::Context;
use crate::syncer::nodes;
use crate::syncer::own_dns;
use crate::syncer::queue::{Key, Kind};
use crate::syncer::rest::RestError;
use crate::syncer::translate::pods as translate;

/// Brings the virtual pod's status in step; answers with the version of the virtual pod with the
/// status that was written, if nothing else of it had changed.
pub(super) async fn report(ctx: &Context, observed: &Observed) -> Result<Option<u64>, RestError> {
    let (Some(pod), Some(host_pod)) = (&observed.virtual_pod, &observed.host_pod) else {
        return Ok(None);
    };
    let status = with_surroundings(ctx, observed, |around| {
        translate::status(pod, host_pod, around)
    });
    own_dns::pod(ctx, &observed.name, pod, &status);
    if pod.get("status") == Some(&status) || !status.is_object() {
        return Ok(None);
    }
    let name = &observed.name;
    match write_status(ctx, name, pod, &status).await {
        Ok(written) => {
            if let Some(node) = host_pod.pointer("/spec/nodeName").and_then(Value::as_str) {
                nodes::learn(ctx, node, host_pod);
            }
            let is_same = is_same_but_for_status(pod, &status, &written.value());
            Ok(is_same.then_some(written.resource_version))
        }
        Err(error) if error.is_not_found() => {
            info!(pod = %name, "gone before its status came");
            ctx.queue
                .add(Key::new(Kind::Pod, &name.namespace, &name.name));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Whether a pod as an API server has it now is the one that was observed, with the status that was written.
/// Somebody else may have changed it in between.
fn is_same_but_for_status(observed: &Value, status: &Value, now: &Value) -> bool {
    fn metadata(pod: &Value) -> impl Iterator<Item = (&String, &Value)> {
        let metadata = pod.get("metadata").and_then(Value::as_object);
        let fields = metadata.into_iter().flatten();
        fields.filter(|(field, _)| *field != "resourceVersion")
    }
    // An API server writes the fields in the same order each time.
    now.get("status") == Some(status)
        && now.get("spec") == observed.get("spec")
        && metadata(now).eq(metadata(observed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_somebody_else_has_changed_beside_a_status_is_seen() {
        let status = json!({"phase": "Running"});
        let pod = |version: &str, labels: Value, status: &Value| json!({"metadata": {"labels": labels, "resourceVersion": version}, "spec": {"a": 1}, "status": status});
        let observed = pod("1", json!({"a": "1"}), &json!({}));
        let is_same = |now: &Value| is_same_but_for_status(&observed, &status, now);
        assert!(is_same(&pod("5", json!({"a": "1"}), &status)));
        assert!(!is_same(&pod("5", json!({"a": "2"}), &status)));
        assert!(!is_same(&pod(
            "5",
            json!({"a": "1"}),
            &json!({"phase": "Failed"})
        )));
        let mut other = pod("5", json!({"a": "1"}), &status);
        other["spec"]["a"] = json!(2);
        assert!(!is_same(&other));
    }
}
