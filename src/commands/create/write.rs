//! The writes of `vc create`: the marker, then all that it owns.

use anyhow::Context;
use futures::future::join_all;

use super::Prepared;
use crate::apply::{self, Mode};
use crate::claim::Claim;
use crate::cluster::{Cluster, ClusterSpec};
use crate::commands::App;
use crate::commands::render::new_pki;
use crate::error::{Failure, Kind};
use crate::labels;
use crate::pki::Pki;
use crate::preflight::NamespaceState;
use crate::render::Manifests;

/// Takes the name on the host, with the marker; returns the cluster's UID.
///
/// # Errors
/// What the host answers; that somebody else has the name now.
pub(in crate::commands) async fn take_name(
    app: &App,
    prepared: &Prepared,
) -> anyhow::Result<String> {
    let Prepared { host, plan, .. } = prepared;
    let ClusterSpec {
        name, namespace, ..
    } = &plan.spec;
    app.ui.step("[2/4] applying the manifests");
    app.ui.on_interrupt(vec![
        format!("virtual cluster `{name}` is half made in namespace `{namespace}`"),
        format!("resume with `vc create {name} -n {namespace}`, or remove it with `vc delete {name} -n {namespace}`"),
    ]);
    if plan.state == NamespaceState::Missing {
        apply::create_namespace(host, namespace).await?;
    }
    match &prepared.existing {
        Some(cluster) => take_over(cluster, prepared.claim.as_ref()),
        None => write_marker(prepared).await,
    }
}

/// Writes everything else, which the marker owns; returns the cluster's keys.
///
/// # Errors
/// What the host answers.
pub(in crate::commands) async fn write(prepared: &Prepared, uid: &str) -> anyhow::Result<Pki> {
    let host = &prepared.host;
    let (manifests, pki) = with_address(prepared, uid).await?;
    let (late, early): (Vec<_>, Vec<_>) = manifests
        .iter()
        .skip(1)
        .partition(|manifest| manifest.comes_last());
    for together in [early, late] {
        let applied = together
            .into_iter()
            .map(|manifest| apply::apply(host, manifest.value(), Mode::Store));
        // All are awaited, so that of several refusals the same one is told each time.
        let applied: anyhow::Result<Vec<_>> = join_all(applied).await.into_iter().collect();
        applied?;
    }
    Ok(pki)
}

/// Makes the Service first, whose address goes into the API server's certificate: it is what pods of
/// the virtual cluster know their API server by. Returns all manifests, owned by the marker.
async fn with_address(prepared: &Prepared, uid: &str) -> anyhow::Result<(Manifests, Pki)> {
    let mut manifests = prepared.manifests.clone();
    manifests.own(uid);
    if !prepared.has_new_pki {
        return Ok((manifests, prepared.pki.clone()));
    }
    let service = manifests
        .iter()
        .find(|manifest| manifest.kind() == "Service")
        .context("there is no Service to apply")?;
    let service = apply::apply(&prepared.host, service.value(), Mode::Store).await?;
    let addresses = service.data.pointer("/spec/clusterIPs").cloned();
    let addresses: Vec<String> = serde_json::from_value(addresses.unwrap_or_default())?;
    let spec = &prepared.plan.spec;
    let pki = new_pki(spec, &addresses)?;
    let mut manifests = crate::render::render(spec, Some(&pki))?;
    manifests.own(uid);
    Ok((manifests, pki))
}

/// Goes on with what an earlier command began; from now on it is this machine's. Returns its UID.
fn take_over(cluster: &Cluster, claim: Option<&Claim>) -> anyhow::Result<String> {
    if let (Some(claim), Some(mark)) = (claim, &cluster.begun_as) {
        claim.note(mark)?;
    }
    cluster.uid.clone().context("its marker has no UID")
}

/// Creates the marker; returns the cluster's UID. The marker is what makes the name ours, so it is
/// not applied over another.
async fn write_marker(prepared: &Prepared) -> anyhow::Result<String> {
    let Prepared {
        host,
        plan,
        manifests,
        claim,
        ..
    } = prepared;
    let taken = || {
        Failure::new(
            Kind::Exists,
            format!(
                "configmap `{}` exists in namespace `{}`",
                plan.spec.name.object(),
                plan.spec.namespace
            ),
        )
        .hint("see whether it is a virtual cluster's with `vc list`, or take another name")
    };
    let mark = claim.as_ref().map(Claim::begin).transpose()?;
    let marker = manifests
        .marker_with(labels::BEGUN_AS, &mark.unwrap_or_default())
        .context("there is no marker to write")?;
    let created = apply::create_new(host, &marker, Mode::Store)
        .await?
        .ok_or_else(taken)?;
    created
        .metadata
        .uid
        .context("the host gave the marker no UID")
}
