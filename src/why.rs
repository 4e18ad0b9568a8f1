//! Why an object of a virtual cluster is not as it should be.
//!
//! In: [`Facts`], what both sides say of the object and of what it needs. Out: a [`Report`]: the chain from the
//! virtual object to the host's node, the cause, what shows it, and the next command. Never: asks anybody.
//!
//! What is not known is no reason for anything: each rule goes by what it has seen.

mod chain;
mod claims;
mod containers;
mod facts;
mod fields;
mod ingresses;
mod pods;
pub mod references;
mod refused;
mod report;
mod services;
#[cfg(test)]
mod tests;
mod workloads;

pub use chain::state;
pub use facts::{Facts, Log, Missing, Place, Seen};
pub use fields::{controller, items, name, text, uid};
pub use ingresses::backends;
pub use pods::order;
pub use report::{Cause, Evidence, Link, Named, Reason, Report, Side, happened};

use serde_json::Value;

use report::Finding;

/// Says what the facts show of their subject.
pub fn diagnose(facts: &Facts) -> Report {
    let finding = find(facts, &facts.subject);
    let evidence = if finding.is_fine {
        finding.evidence
    } else {
        facts.told(finding.evidence)
    };
    let mut next = finding.next;
    if next.is_empty() && !finding.is_fine {
        next.push(facts.describe(&facts.subject));
    }
    Report {
        cluster: facts.place.cluster.clone(),
        host_namespace: facts.place.host_namespace.clone(),
        object: Named::of(&facts.subject),
        healthy: finding.is_fine,
        chain: chain::chain(facts),
        cause: Cause {
            reason: finding.reason,
            message: finding.message,
        },
        evidence,
        next,
        unknown: facts.unknown(),
    }
}

fn find(facts: &Facts, object: &Value) -> Finding {
    match text(object, "/kind") {
        "Pod" => pods::find(facts, object),
        "PersistentVolumeClaim" => claims::find(facts, object),
        "Service" => services::find(facts, object),
        "Ingress" => ingresses::find(facts, object),
        _ => workloads::find(facts, object),
    }
}
