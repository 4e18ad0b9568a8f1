//! What the syncer takes: time, processor, memory, requests; beside the host without it, in one run.
//!
//! In: the kubeconfig of a host cluster, and one of a virtual cluster of any product, or none. Out: JSON under
//! `target/bench`, for the report. Never: judges; what could not be measured is named, and no figure makes the run fail.

mod burst;
mod cluster;
mod fakes;
mod idle;
mod latency;
#[path = "../create/machine.rs"]
mod machine;
mod many;
mod mark;
#[path = "../create/memory.rs"]
mod memory;
mod place;
mod process;
#[path = "../report/record.rs"]
mod record;
mod requests;
mod restart;
mod services;
#[path = "../report/shape.rs"]
mod shape;
mod sight;
#[path = "../create/stage.rs"]
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use k8s_openapi::api::core::v1::Service;
use kube::Api;

use crate::cluster::{Cluster, Given};
use crate::fakes::Fakes;
use crate::place::Places;
use crate::record::Part;
use crate::requests::Requests;
use crate::stage::{Stage, Where, say};

/// Measures the syncer of `vc`, or that of another product, on a real host cluster
#[derive(Debug, Parser)]
struct Args {
    #[command(flatten)]
    scene: Where,

    #[command(flatten)]
    given: Given,

    /// kwok's program, which plays fake nodes; without it nothing is measured that needs them
    #[arg(long)]
    kwok: Option<PathBuf>,

    /// How many pods are made one after another
    #[arg(long, env = "VC_BENCH_SAMPLES", default_value_t = 200,
          value_parser = clap::value_parser!(u32).range(1..))]
    samples: u32,

    /// How many pods a burst has
    #[arg(long, env = "VC_BENCH_BURST", default_value_t = 200,
          value_parser = clap::value_parser!(u32).range(1..))]
    burst: u32,

    /// How many bursts there are on each side
    #[arg(long, env = "VC_BENCH_BURSTS", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(1..))]
    bursts: u32,

    /// For how long nothing is done, without and with the virtual cluster
    #[arg(long, env = "VC_BENCH_IDLE_SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u32).range(1..))]
    idle_seconds: u32,

    /// How many Services are made at once
    #[arg(long, env = "VC_BENCH_SERVICES", default_value_t = 1000,
          value_parser = clap::value_parser!(u32).range(1..))]
    services: u32,

    /// How many claims are bound one after another
    #[arg(long, env = "VC_BENCH_CLAIMS", default_value_t = 10)]
    claims: u32,

    /// How many pods a burst on fake nodes has
    #[arg(long, env = "VC_BENCH_FAKE_BURST", default_value_t = 500)]
    fake_burst: u32,

    /// How many pods are made in one virtual cluster, each timed
    #[arg(long, env = "VC_BENCH_MANY", default_value_t = 3000)]
    many: u32,

    /// How many pods are made in one virtual cluster without any error
    #[arg(long, env = "VC_BENCH_MOST", default_value_t = 10_000)]
    most: u32,

    /// How many pods there are when the syncer is killed
    #[arg(long, env = "VC_BENCH_PODS", default_value_t = 1000,
          value_parser = clap::value_parser!(u32).range(1..))]
    pods: u32,

    /// How often it is killed; the kubelet waits 10 s before the second time, then 20 s, and so on
    #[arg(long, env = "VC_BENCH_RESTARTS", default_value_t = 3,
          value_parser = clap::value_parser!(u32).range(1..))]
    restarts: u32,

    /// What `cargo bench` passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    stage::run_to_the_end(measure(&Args::parse()))
}

/// Measures everything, and leaves nothing behind, whatever happens.
async fn measure(args: &Args) -> anyhow::Result<()> {
    let stage = Stage::set(&args.scene).await?;
    let mut part = Part::new("sync", stage.machine().await);
    let fakes = args.kwok.as_deref().map(|kwok| Fakes::start(&stage, kwok));
    let fakes = match fakes.transpose() {
        Ok(fakes) => fakes,
        Err(error) => {
            part.miss("fake nodes", &format!("{error:#}"));
            None
        }
    };
    let run = Run {
        args,
        stage: &stage,
        fakes: fakes.as_ref(),
    };
    tokio::select! {
        biased;
        () = stage::interruption() => part.miss("the rest of `sync`", "interrupted"),
        result = Box::pin(run.series(&mut part)) => part.attempt("all of `sync`", result),
    }
    say("deleting everything");
    let given = args.given.clear(&stage).await;
    part.attempt("the end of the given cluster", given);
    let cleared = stage.clear().await;
    part.attempt("the end of `sync`", cleared);
    if let Some(fakes) = fakes {
        let removed = fakes.remove().await;
        part.attempt("the end of the fake nodes", removed);
    }
    part.finish()
}

/// One run.
struct Run<'a> {
    args: &'a Args,
    stage: &'a Stage,
    fakes: Option<&'a Fakes>,
}

impl Run<'_> {
    /// One after another; what fails is noted, and the next begins.
    async fn series(&self, part: &mut Part) -> anyhow::Result<()> {
        let Self { args, stage, .. } = *self;
        let host = &stage.host.client;
        if let Err(error) = Requests::read(host).await {
            part.miss("requests to the host's API server", &format!("{error:#}"));
        }
        let period = Duration::from_secs(args.idle_seconds.into());
        let alone = idle::host_alone(host, period).await;
        let cluster = Cluster::find_or_make(&args.given, stage).await?;
        part.remark(format!(
            "The virtual API server was reached {}.",
            cluster.way()
        ));
        if cluster.process().is_none() {
            part.remark("The syncer's process is not among those that this machine shows: its processor, memory and restart are not measured.");
        }
        let places = cluster.places(stage);
        let at_rest = idle::with_cluster(stage, &cluster, period, &alone, part).await;
        let at_rest = at_rest.unwrap_or_else(|error| {
            part.miss("what it takes idle", &format!("{error:#}"));
            None
        });
        self.pods_by_themselves(&cluster, &places, at_rest, part)
            .await;
        let result = Box::pin(self.services(&cluster, part)).await;
        part.attempt("Services", result);
        self.on_fake_nodes(&cluster, &places, part).await;
        let wanted = restart::Wanted {
            pods: args.pods,
            restarts: args.restarts,
            at_rest,
        };
        let result = restart::measure(stage, &cluster, &places, wanted, part);
        let result = Box::pin(result).await;
        part.attempt("restarts of the syncer", result);
        Ok(())
    }

    /// Those that no node takes.
    async fn pods_by_themselves(
        &self,
        cluster: &Cluster,
        places: &Places,
        at_rest: Option<f64>,
        part: &mut Part,
    ) {
        let Self { args, stage, .. } = *self;
        let result = Box::pin(latency::measure(places, args.samples, part)).await;
        if result.is_ok() {
            idle::memory_with(cluster, args.samples, at_rest, part);
        }
        part.attempt("one pod after another", result);
        places.clear().await;
        let size = burst::Size {
            pods: args.burst,
            rounds: args.bursts,
        };
        let result = Box::pin(burst::measure(stage, cluster, places, size, part)).await;
        cleared(places, &result).await;
        part.attempt("bursts of pods", result);
    }

    async fn services(&self, cluster: &Cluster, part: &mut Part) -> anyhow::Result<()> {
        let Self { args, stage, .. } = *self;
        let host = &stage.host.client;
        let services =
            |namespace: &str| -> Api<Service> { Api::namespaced(host.clone(), namespace) };
        let size = services::Size {
            samples: args.samples,
            burst: args.services,
            rounds: args.bursts,
            claims: args.claims,
        };
        let ours = services::Side {
            client: &cluster.client,
            namespace: "default",
            host: services(cluster.namespace.as_str()),
        };
        let bare = services::Side {
            client: host,
            namespace: stage.namespace.as_str(),
            host: services(stage.namespace.as_str()),
        };
        services::measure(ours, bare, size, part).await
    }

    async fn on_fake_nodes(&self, cluster: &Cluster, places: &Places, part: &mut Part) {
        let Self { args, .. } = *self;
        let Some(fakes) = self.fakes else {
            part.remark(
                "There are no fake nodes: P10 and the part of P7 that needs them are not measured.",
            );
            return;
        };
        let filled = fakes
            .fill(args.most.max(args.many).max(args.fake_burst))
            .await;
        if filled.is_err() {
            return part.attempt("fake nodes", filled);
        }
        let places = places.on(&fakes.nodes());
        let place = &places.virtual_cluster;
        if args.fake_burst > 0 {
            let result = many::burst(&places, args.fake_burst, args.bursts, part);
            let result = Box::pin(result).await;
            cleared(&places, &result).await;
            part.attempt("bursts on fake nodes", result);
        }
        if args.many > 0 {
            let result = Box::pin(many::timed(place, args.many, part)).await;
            cleared(&places, &result).await;
            part.attempt("thousands of pods", result);
        }
        if args.most > 0 {
            let result = Box::pin(many::without_error(cluster, place, args.most, part)).await;
            cleared(&places, &result).await;
            part.attempt("ten thousand pods", result);
        }
    }
}

/// Removes what a measurement left that failed.
async fn cleared(places: &Places, result: &anyhow::Result<()>) {
    if result.is_err() {
        places.clear().await;
    }
}
