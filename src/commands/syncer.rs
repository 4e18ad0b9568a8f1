//! `vc syncer`: the syncer, in the control-plane pod.

use super::App;
use crate::cli::SyncerArgs;
use crate::error::{Failure, Kind};
use crate::syncer::{self, Options};

/// Runs until it is told to end.
///
/// # Errors
/// When a part of it ends; the kubelet starts it again.
pub(super) async fn run(app: &App, args: SyncerArgs) -> anyhow::Result<()> {
    let namespace = app.global.namespace.clone().ok_or_else(|| {
        Failure::new(Kind::Usage, "the syncer has to be told its host namespace")
            .hint("pass `--namespace NAMESPACE`")
    })?;
    Box::pin(syncer::run(Options {
        name: args.name,
        namespace,
        keys: args.keys,
        store: args.store,
        audit_log: args.audit_log,
        health_port: args.health_port,
        dns_port: args.dns_port,
        pod_uid: args.pod_uid,
        node_name: args.node_name,
        node_addresses: args.node_addresses,
        pod_ip: args.pod_ip,
    }))
    .await
}
