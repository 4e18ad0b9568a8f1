//! What the syncer takes: time, processor, memory, requests; beside the host without it, in one run.
//!
//! In: the kubeconfig of a host cluster. Out: a table on stdout and JSON under `target/bench`.
//! Never: judges; whether a target is met is printed, what could not be measured is named, and no
//! figure makes the run fail.

mod amounts;
mod burst;
mod cluster;
#[path = "../create/figures.rs"]
mod figures;
mod idle;
mod latency;
#[path = "../create/machine.rs"]
mod machine;
mod many;
mod place;
mod process;
mod requests;
mod restart;
mod services;
mod sight;
#[path = "../create/stage.rs"]
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::Value;

use crate::amounts::Amounts;
use crate::cluster::Cluster;
use crate::figures::{Figures, Target};
use crate::requests::Requests;
use crate::stage::{Stage, say};

/// P6, P10 and P11 of the project's targets.
const TARGETS: [Target; 4] = [
    Target {
        series: latency::DOWN,
        median: Duration::from_millis(10),
        p99: Some(Duration::from_millis(25)),
    },
    Target {
        series: latency::UP,
        median: Duration::from_millis(7),
        p99: Some(Duration::from_millis(20)),
    },
    Target {
        series: many::EACH,
        median: Duration::from_secs(5),
        p99: Some(Duration::from_secs(5)),
    },
    Target {
        series: restart::IN_STEP,
        median: Duration::from_secs(3),
        p99: None,
    },
];

/// Measures the syncer of `vc` on a real host cluster
#[derive(Debug, Parser)]
struct Args {
    /// Kubeconfig of the host cluster; it is copied, never written
    #[arg(long)]
    kubeconfig: PathBuf,

    /// Image of the syncer, which the host's nodes have
    #[arg(long)]
    image: String,

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

    /// How many pods are made in one virtual cluster
    #[arg(long, env = "VC_BENCH_MANY", default_value_t = 3000)]
    many: u32,

    /// How many pods there are when the syncer is killed
    #[arg(long, env = "VC_BENCH_PODS", default_value_t = 500,
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
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        anyhow::bail!("a TLS provider was installed already");
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(measure(args))
}

/// Measures everything, and leaves nothing behind, whatever happens.
async fn measure(args: &Args) -> anyhow::Result<()> {
    let stage = Stage::set(&args.kubeconfig, &args.image).await?;
    let machine = machine::describe(&stage).await?;
    let mut figures = Figures::new(&TARGETS);
    let mut amounts = Amounts::default();
    let measured = tokio::select! {
        measured = series(args, &stage, &mut figures, &mut amounts) => measured,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    say("deleting everything");
    stage.clear().await?;
    measured?;
    publish(&machine, &figures, &amounts)
}

async fn series(
    args: &Args,
    stage: &Stage,
    figures: &mut Figures,
    amounts: &mut Amounts,
) -> anyhow::Result<()> {
    let host = &stage.host.client;
    if let Err(error) = Requests::read(host).await {
        amounts.miss("requests to the host's API server", &format!("{error:#}"));
    }
    let period = Duration::from_secs(args.idle_seconds.into());
    let alone = idle::host_alone(host, period).await;
    let cluster = Cluster::make(stage).await?;
    amounts.remark("the virtual API server was reached", cluster.way());
    if cluster.process().is_none() {
        amounts.miss(
            "processor, memory and restart of the syncer",
            "its process is not among those that this machine shows",
        );
    }
    let at_rest = idle::with_cluster(stage, &cluster, period, &alone, amounts).await?;
    let places = cluster.places(stage);
    Box::pin(latency::measure(&places, args.samples, figures)).await?;
    amounts.add(idle::memory_with(&cluster, "pods", args.samples, at_rest));
    places.virtual_cluster.clear().await?;
    places.host.clear().await?;
    let size = burst::Size {
        pods: args.burst,
        rounds: args.bursts,
    };
    burst::measure(stage, &cluster, &places, size, figures, amounts).await?;
    let size = services::Size {
        samples: args.samples,
        burst: args.services,
        claims: args.claims,
    };
    let ours = services::Side {
        client: &cluster.client,
        namespace: "default",
    };
    let bare = services::Side {
        client: &stage.host.client,
        namespace: stage.namespace.as_str(),
    };
    Box::pin(services::measure(ours, bare, size, figures, amounts)).await?;
    let place = &places.virtual_cluster;
    Box::pin(many::measure(place, args.many, figures, amounts)).await?;
    let wanted = restart::Wanted {
        pods: args.pods,
        restarts: args.restarts,
        at_rest,
    };
    Box::pin(restart::measure(
        stage, &cluster, &places, wanted, figures, amounts,
    ))
    .await
}

fn publish(machine: &Value, figures: &Figures, amounts: &Amounts) -> anyhow::Result<()> {
    let table = format!("{}\n{}", figures.table()?, amounts.table()?);
    let mut json = figures.json(machine)?;
    if let Some(json) = json.as_object_mut() {
        json.extend(amounts.json());
    }
    figures::publish("sync", &table, &json)
}
