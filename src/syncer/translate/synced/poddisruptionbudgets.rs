//! PodDisruptionBudgets, as a host can count them.
//!
//! A budget in percent, or of pods that may be missing, is reckoned from the size of the Deployment or
//! StatefulSet that owns the pods (`getExpectedPodCount` in k8s.io/kubernetes/pkg/controller/disruption),
//! which is in the virtual cluster alone. So the host gets a plain number: what the virtual cluster's own
//! controller has reckoned. Its status stays the virtual controller's.
//! <https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors>

use serde_json::{Map, Value};

use super::super::Scope;
use super::super::json::{at, text};
use super::super::selectors::{self, Reach};
use super::leave_out_others;

/// Fields that mean the same on both sides, when the number is one.
const KNOWN: [&str; 4] = [
    "selector",
    "minAvailable",
    "maxUnavailable",
    "unhealthyPodEvictionPolicy",
];

/// Translates a budget; none as long as the virtual controller has not looked at it.
pub(super) fn translate(
    spec: &mut Map<String, Value>,
    budget: &Value,
    scope: &Scope,
    left_out: &mut Vec<String>,
) -> Option<()> {
    let status = &budget["status"];
    let generation = at(budget, &["metadata", "generation"]);
    let healthy = status["desiredHealthy"].as_i64();
    let healthy = healthy.filter(|_| status["observedGeneration"] == *generation)?;
    leave_out_others(spec, &KNOWN, left_out);
    spec.shift_remove("maxUnavailable");
    spec.insert("minAvailable".to_owned(), healthy.into());
    let namespace = text(&budget["metadata"], "namespace");
    if let Some(selector) = spec.get_mut("selector") {
        selectors::to_host(selector, &Reach::own(namespace), scope);
    }
    Some(())
}
