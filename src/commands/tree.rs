//! `vc tree`: what is in a virtual cluster, and what stands for it on the host.

use anyhow::Context;
use futures::future::try_join_all;

use super::App;
use super::inside::Inside;
use crate::cli::{InsideArgs, TreeArgs, TreeFormat};
use crate::kinds::{self, Kind as ObjectKind};
use crate::labels;
use crate::names::Namespace;
use crate::tree::{self, Forest, Wood};
use crate::why::Seen;

/// What is in a tree.
static KINDS: [&ObjectKind; 9] = [
    &kinds::DEPLOYMENT,
    &kinds::REPLICA_SET,
    &kinds::STATEFUL_SET,
    &kinds::DAEMON_SET,
    &kinds::CRON_JOB,
    &kinds::JOB,
    &kinds::POD,
    &kinds::SERVICE,
    &kinds::CLAIM,
];

/// Those that have a host object.
static CARRIED: [&ObjectKind; 3] = [&kinds::POD, &kinds::SERVICE, &kinds::CLAIM];

/// Prints it.
///
/// # Errors
/// When the cluster does not exist, or one of both sides does not answer. What we may not see of the host says so.
pub(super) async fn run(app: &App, args: &TreeArgs) -> anyhow::Result<()> {
    let forest = forest(app, args)
        .await
        .context("cannot show what is in the virtual cluster")?;
    if let (Some(namespace), true) = (&args.namespace.0, forest.namespaces.is_empty()) {
        app.ui.note(&format!(
            "nothing is in namespace `{namespace}` of virtual cluster `{}`; its namespaces: `kubectl get namespaces`",
            forest.cluster
        ));
    }
    app.ui.data(&match args.output {
        None => tree::text(&forest),
        Some(TreeFormat::Json) => format!("{}\n", serde_json::to_string_pretty(&forest)?),
        Some(TreeFormat::Mermaid) => tree::mermaid(&forest),
        Some(TreeFormat::Dot) => tree::dot(&forest),
    })
}

async fn forest(app: &App, args: &TreeArgs) -> anyhow::Result<Forest> {
    let inside = InsideArgs {
        cluster: args.cluster.clone(),
        namespace: args.namespace.clone(),
    };
    let inside = Inside::open(app, &inside).await?;
    let namespace = args.namespace.0.as_ref().map(Namespace::as_str);
    let lists = KINDS.map(|kind| inside.list(kind, namespace, ""));
    let selector = labels::workloads(&inside.cluster.name);
    let selector = selector.replace('=', "%3D").replace(',', "%2C");
    let query = format!("?labelSelector={selector}");
    let host = CARRIED.map(|kind| inside.host_list(kind, &query));
    let (objects, host, nodes) =
        tokio::try_join!(try_join_all(lists), try_join_all(host), inside.nodes())?;
    let mut unknown = Vec::new();
    let mut host_objects = Vec::new();
    for seen in host {
        match seen {
            Seen::Known(mut objects) => host_objects.append(&mut objects),
            Seen::Unknown(why) => unknown.push(why),
        }
    }
    let wood = Wood {
        objects: objects.concat(),
        host_objects,
        nodes,
    };
    let (namespaces, nodes) = tree::grow(&wood, &inside.scope.uid);
    Ok(Forest {
        cluster: inside.cluster.name.to_string(),
        host_namespace: inside.cluster.namespace.to_string(),
        namespaces,
        nodes,
        unknown,
    })
}
