//! `vc prune`: what nobody else deletes any more.
//!
//! In: what the user may see of the host. Out: gone are the clusters whose time is over or whose deletion was
//! interrupted, the namespaces that `vc create` made and that are empty, and the ClusterRoles of clusters that
//! are no more. Never: anything whose owner may still be at work on it.

mod leftovers;

use std::time::Duration;

use jiff::Timestamp;

use self::leftovers::{Leftovers, namespaces, roles};
use super::{App, delete};
use crate::cli::PruneArgs;
use crate::cluster::Cluster;
use crate::config;
use crate::error::{Failure, Kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::Files;

/// Deletes, or prints, what can go.
///
/// # Errors
/// When something of it stays; all else is deleted all the same.
pub(super) async fn run(app: &App, args: PruneArgs) -> anyhow::Result<()> {
    let timeout = config::timeout(args.timeout, &app.user_file()?)?;
    let (host, files) = app.connect().await?;
    let clusters = clusters(app, &host, &files).await?;
    let left = Leftovers {
        namespaces: namespaces(&host, app.global.namespace.as_ref()).await?,
        roles: roles(&host, app.global.namespace.as_ref()).await?,
    };
    let lines = lines(&clusters, &left);
    if lines.is_empty() {
        app.ui.note("nothing to prune");
        return Ok(());
    }
    if args.dry_run {
        return app.ui.data(&(lines.join("\n") + "\n"));
    }
    if !args.yes && app.ui.asks() {
        let question = format!("Delete {}, on {}?", lines.join(", "), host.describe());
        if !app.ui.confirm(question).await? {
            return Err(Failure::new(Kind::Failed, "nothing was deleted").into());
        }
    }
    let mut errors = delete::delete_all(app, &host, &clusters, timeout).await;
    errors.extend(delete_leftovers(app, &host, &left, timeout).await);
    delete::first_of_all(app, errors)
}

/// The clusters that can go, as two looks have found them: a cluster that is being made may look at the
/// first as if it had lost its marker.
async fn clusters(app: &App, host: &Host, files: &Files) -> anyhow::Result<Vec<Cluster>> {
    let scope = Scope::of(app.global.namespace.as_ref());
    let now = Timestamp::now();
    let first = find::list(host, files, &scope, None).await?.clusters;
    let mut found = Vec::new();
    for cluster in first
        .into_iter()
        .filter(|cluster| why(cluster, now).is_some())
    {
        let there = Scope::Namespace(cluster.namespace.clone());
        let again = find::list(host, files, &there, Some(&cluster.name)).await?;
        let again = again.clusters.into_iter();
        found.extend(again.filter(|again| again.uid == cluster.uid && why(again, now).is_some()));
    }
    Ok(found)
}

/// Why a cluster can go, if it can.
fn why(cluster: &Cluster, now: Timestamp) -> Option<&'static str> {
    let is_over = cluster.expires.is_some_and(|expires| expires <= now);
    match (is_over, cluster.is_half_deleted) {
        (true, _) => Some("expired"),
        (_, true) => Some("half deleted"),
        _ => None,
    }
}

/// One line for each thing.
fn lines(clusters: &[Cluster], left: &Leftovers) -> Vec<String> {
    let now = Timestamp::now();
    let clusters = clusters.iter().map(|cluster| {
        let why = why(cluster, now).unwrap_or("expired");
        format!(
            "virtualcluster/{} in {} ({why})",
            cluster.name, cluster.namespace
        )
    });
    let namespaces = left.namespaces.iter();
    let namespaces = namespaces.map(|namespace| format!("namespace/{namespace} (empty)"));
    let roles = left.roles.iter();
    let roles = roles.map(|role| format!("clusterrole/{role} (its cluster is gone)"));
    clusters.chain(namespaces).chain(roles).collect()
}

async fn delete_leftovers(
    app: &App,
    host: &Host,
    left: &Leftovers,
    timeout: Duration,
) -> Vec<anyhow::Error> {
    let mut errors = Vec::new();
    for namespace in &left.namespaces {
        match delete::remove_namespace(app, host, namespace, timeout).await {
            Ok(()) => app.ui.note(&format!("namespace `{namespace}` is deleted")),
            Err(error) => errors.push(error),
        }
    }
    for role in &left.roles {
        match crate::apply::delete_cluster_role(host, role).await {
            Ok(()) => app.ui.note(&format!("clusterrole `{role}` is deleted")),
            Err(error) => errors.push(error),
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Status;

    fn cluster(expires: Option<&str>, is_half_deleted: bool) -> Cluster {
        Cluster {
            expires: expires.map(|text| text.parse().unwrap()),
            is_half_deleted,
            was_ready: false,
            ..Cluster::example(Status::Incomplete)
        }
    }

    #[test]
    fn only_what_is_over_or_half_deleted_can_go() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let why = |expires, is_half_deleted| why(&cluster(expires, is_half_deleted), now);
        // Parts of one that is just being made are missing, too.
        assert_eq!(why(None, false), None);
        assert_eq!(why(Some("2026-01-01T00:00:01Z"), false), None);
        assert_eq!(why(Some("2026-01-01T00:00:00Z"), false), Some("expired"));
        assert_eq!(
            why(Some("2026-01-01T00:00:01Z"), true),
            Some("half deleted")
        );
    }
}
