//! The syncer: makes a virtual cluster's pods exist on the host, and brings their status back.
//!
//! In: the marker of a virtual cluster on the host, and both API servers. Out: both sides in step, for
//! as long as it runs. Never: the command line, the terminal.
//!
//! ```text
//! watch event -feed-> key in the queue -KIND::reconcile-> observe (caches)
//!     -translate (pure)-> wanted object -plan (pure)-> steps -perform-> host API
//!                                     host status -translate-> virtual API
//! ```

mod admission;
pub(crate) mod cache;
mod certificates;
mod client;
mod configs;
mod context;
mod endpointslices;
mod events;
mod expiry;
mod feed;
mod figures;
mod health;
mod imports;
mod lead;
mod loopback;
mod metrics;
mod nodes;
pub(crate) mod object;
mod own_dns;
mod own_kubelet;
mod persistentvolumeclaims;
mod persistentvolumes;
mod plain;
mod plan;
mod pods;
mod queue;
mod renewal;
mod rest;
mod resume;
mod services;
mod shown;
mod sleep;
mod space;
mod start;
mod storageclasses;
mod synced;
mod tokens;
pub mod translate;
mod usage;
mod watch;

pub use start::{Options, run};

use context::{Context, Shared};
use queue::{Key, Kind, Outcome};
use rest::RestError;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tracing::{debug, warn};

/// Keys that are worked on at once. Most of the time of each is waiting for an API server, and an API
/// server takes hundreds of requests at once; more than this brings no more throughput on two cores,
/// and every one may hold an object of 1.5 MiB.
const WORKERS: usize = 32;

/// Works on the queue, for good.
async fn work(ctx: &Shared) {
    let mut workers: JoinSet<()> = (0..WORKERS).map(|_| worker(Arc::clone(ctx))).collect();
    workers.join_next().await;
}

async fn worker(ctx: Shared) {
    loop {
        let key = ctx.queue.next().await;
        let (result, has_written) = figures::noting_writes(reconcile(&ctx, &key)).await;
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(error) => {
                log(&key, &error);
                if !error.is_conflict() {
                    ctx.counters.failed();
                }
                match error {
                    RestError::Unreachable(_) => Outcome::Unanswered,
                    RestError::Refused { retry_after, .. } => {
                        Outcome::Failed(retry_after.unwrap_or(Duration::ZERO))
                    }
                }
            }
        };
        let took = ctx.queue.done(&key, outcome);
        if let Some(took) = took.filter(|_| has_written) {
            ctx.counters.written(took);
        }
    }
}

async fn reconcile(ctx: &Context, key: &Key) -> Result<Outcome, RestError> {
    match key.kind {
        Kind::Pod => Box::pin(pods::reconcile(ctx, &key.name)).await,
        Kind::ConfigMap | Kind::Secret => Box::pin(configs::reconcile(ctx, key)).await,
        Kind::Node => Box::pin(nodes::reconcile(ctx, &key.name.name)).await,
        Kind::PersistentVolumeClaim => {
            Box::pin(persistentvolumeclaims::reconcile(ctx, &key.name)).await
        }
        Kind::PersistentVolume => Box::pin(persistentvolumes::reconcile(ctx, &key.name.name)).await,
        Kind::StorageClass => Box::pin(storageclasses::reconcile(ctx, &key.name.name)).await,
        Kind::Service => Box::pin(services::reconcile(ctx, key)).await,
        Kind::EndpointSlice => Box::pin(endpointslices::reconcile(ctx, &key.name)).await,
        Kind::Synced(index) => Box::pin(synced::reconcile(ctx, index, &key.name)).await,
        Kind::Shown(index) => Box::pin(shown::reconcile(ctx, index, &key.name.name)).await,
        Kind::Import(index) => Box::pin(imports::reconcile(ctx, index)).await,
        Kind::Webhook => Box::pin(admission::keep(ctx)).await,
        Kind::Metrics => Box::pin(metrics::keep(ctx)).await,
    }
}

/// A conflict is the ordinary end of having acted on what was known a moment ago.
fn log(key: &Key, error: &RestError) {
    if error.is_conflict() {
        debug!(%key, %error, "out of date, trying again");
    } else {
        warn!(%key, %error, "cannot be brought in step, trying again");
    }
}
