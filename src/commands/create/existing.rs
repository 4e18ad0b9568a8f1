//! What an earlier `vc create` left, and whether this one may go on with it.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;

use crate::claim::Claim;
use crate::cli::CreateArgs;
use crate::cluster::{Cluster, ClusterSpec, Status};
use crate::error::{Failure, Kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::Files;
use crate::names::Namespace;
use crate::pki::Pki;
use crate::preflight::NamespaceState;

/// A cluster that another machine began to create is left alone for this long: creating takes
/// seconds, and its keys must not be made twice.
const SOMEBODY_ELSE_PATIENCE: Duration = Duration::from_mins(1);

/// What exists under this name already, if it may be gone on with.
pub(in crate::commands) async fn existing(
    host: &Host,
    files: &Files,
    args: &CreateArgs,
    namespace: &Namespace,
    state: NamespaceState,
) -> anyhow::Result<Option<Cluster>> {
    if state == NamespaceState::Missing {
        return Ok(None);
    }
    let name = &args.name;
    let scope = Scope::Namespace(namespace.clone());
    let found = find::list(host, files, &scope, Some(name)).await?;
    let Some(cluster) = found.clusters.into_iter().next() else {
        return Ok(None);
    };
    let exists = |what: &str| {
        Failure::new(
            Kind::Exists,
            format!("it {what} in namespace `{namespace}`"),
        )
    };
    if cluster.status == Status::Deleting {
        return Err(exists("is being deleted")
            .hint(format!(
                "wait for its end with `vc delete {name} -n {namespace}`"
            ))
            .into());
    }
    if cluster.uid.is_none() {
        return Err(exists("was not deleted to the end")
            .hint(format!("vc delete {name} -n {namespace}"))
            .into());
    }
    if cluster.was_ready && !args.if_not_exists {
        return Err(exists("exists already")
            .hint(format!(
                "vc connect {name} -n {namespace}, or pass `--if-not-exists`"
            ))
            .into());
    }
    Ok(Some(cluster))
}

/// The specification that an existing cluster was made from.
pub(in crate::commands) fn stored(cluster: &Cluster) -> Result<ClusterSpec, Failure> {
    cluster.spec.clone().ok_or_else(|| {
        Failure::new(
            Kind::Failed,
            format!("its marker `{}` cannot be read", cluster.name.object()),
        )
        .hint("it may have been made by a newer `vc`: see `vc version`")
    })
}

/// Whether what an earlier command began may be gone on with.
pub(super) fn may_resume(
    cluster: &Cluster,
    wanted: &ClusterSpec,
    claim: Option<&Claim>,
    as_it_is: bool,
) -> anyhow::Result<()> {
    let stored = stored(cluster)?;
    let ours = claim.is_some_and(|claim| claim.began(cluster.begun_as.as_deref()));
    let age = cluster.created.map_or(Duration::MAX, |created| {
        Timestamp::now()
            .duration_since(created)
            .try_into()
            .unwrap_or_default()
    });
    if !ours && age < SOMEBODY_ELSE_PATIENCE {
        return Err(Failure::new(
            Kind::Exists,
            format!("somebody else began to, {} s ago", age.as_secs()),
        )
        .hint(format!(
            "see how far it is with `vc list -n {}`; after {} s the same command takes over",
            cluster.namespace,
            SOMEBODY_ELSE_PATIENCE.as_secs()
        ))
        .into());
    }
    if stored != *wanted && !as_it_is {
        return Err(
            Failure::new(Kind::Exists, "it was begun with other settings")
                .detail(format!("begun:  {}", serde_json::to_string(&stored)?))
                .detail(format!("wanted: {}", serde_json::to_string(wanted)?))
                .hint(format!(
                    "repeat the first command, or start over with `vc delete {} -n {}`",
                    cluster.name, cluster.namespace
                ))
                .into(),
        );
    }
    Ok(())
}

/// The keys and certificates that an earlier command stored, if it came that far.
pub(super) async fn stored_pki(host: &Host, spec: &ClusterSpec) -> anyhow::Result<Option<Pki>> {
    let api: Api<Secret> = Api::namespaced(host.client.clone(), spec.namespace.as_str());
    let (pki, admin) = (spec.name.pki_secret(), spec.name.kubeconfig_secret());
    let (pki, admin) = tokio::try_join!(
        host.call(format!("get secret `{pki}`"), api.get_opt(&pki)),
        host.call(format!("get secret `{admin}`"), api.get_opt(&admin)),
    )?;
    // One without the other: it stopped between the two, and nothing has used them yet.
    let (Some(pki), Some(admin)) = (pki, admin) else {
        return Ok(None);
    };
    let data = |secret: Secret| secret.data.unwrap_or_default();
    Ok(Some(Pki::from_secrets(&data(pki), &data(admin))?))
}

/// The keys and certificates of a cluster that was ready once.
pub(in crate::commands) async fn whole_pki(host: &Host, spec: &ClusterSpec) -> anyhow::Result<Pki> {
    let stored = stored_pki(host, spec).await?;
    stored.ok_or_else(|| {
        Failure::new(Kind::Failed, "its Secrets are missing")
            .hint(format!("vc delete {} -n {}", spec.name, spec.namespace))
            .into()
    })
}
