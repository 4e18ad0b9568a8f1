//! What is seen of one cluster.

use jiff::Timestamp;

use super::leftovers;
use super::seen::{keep, seen};
use crate::cluster::{Cluster, Status};
use crate::commands::App;
use crate::commands::describe::{certificate_files, pods};
use crate::doctor::control_plane::{self, Certificate};
use crate::doctor::{Finding, codes};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::Files;
use crate::labels;
use crate::names::{ClusterName, Namespace};
use crate::pki;
use crate::wait::{self, Target};

/// Where a cluster is, and what is wrong with it.
///
/// # Errors
/// When it does not exist, or there are several of that name.
pub(super) async fn findings(
    app: &App,
    host: &Host,
    files: &Files,
    name: &ClusterName,
) -> anyhow::Result<(Namespace, Vec<Finding>)> {
    let scope = Scope::of(app.global.namespace.as_ref());
    let cluster = find::one(host, files, &scope, name).await?;
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    let now = Timestamp::now();
    let mut findings = control_plane::state(&cluster, now);
    let pod = pods(host, target, &labels::control_plane(name)).await;
    if let Some(pods) = keep(seen(&codes::CANNOT_TELL, "pods", pod), &mut findings) {
        let pod = pods.first();
        let refusal = match pod {
            None if control_plane::is_to_run(&cluster) => {
                refusal(host, target, &mut findings).await
            }
            _ => None,
        };
        findings.extend(control_plane::pod(&cluster, pod, refusal.as_deref()));
    }
    let is_whole = !matches!(cluster.status, Status::Incomplete | Status::Deleting);
    if is_whole {
        findings.extend(certificates(host, target, &cluster, now).await);
    }
    let left = leftovers::orphans(host, Some(&cluster.namespace), Some(name)).await;
    findings.extend(left);
    Ok((cluster.namespace, findings))
}

/// Why the host makes no pod, in its own words.
async fn refusal(host: &Host, target: Target<'_>, findings: &mut Vec<Finding>) -> Option<String> {
    let events = seen(
        &codes::CANNOT_TELL,
        "events",
        wait::host_events(host, target).await,
    );
    let events = keep(events, findings)?;
    let mut events = events.into_iter().rev();
    let refusal = events.find(|event| event.reason.as_deref() == Some("FailedCreate"))?;
    refusal.message
}

async fn certificates(
    host: &Host,
    target: Target<'_>,
    cluster: &Cluster,
    now: Timestamp,
) -> Vec<Finding> {
    let files = certificate_files(host, target).await;
    let files = match seen(&codes::NO_SECRETS, "secrets", files) {
        Ok(files) => files,
        Err(finding) => return vec![finding],
    };
    let all = files.into_iter().filter_map(|(name, pem)| {
        Some(Certificate {
            expires: pki::expires(&pem)?,
            // Authorities are not renewed.
            renew_at: pki::renew_at(&pem).filter(|_| !name.ends_with("ca")),
            name,
        })
    });
    let all: Vec<Certificate> = all.collect();
    control_plane::certificates(cluster, &all, now)
}
