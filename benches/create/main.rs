//! How fast `vc` is, beside what the host does without it, in one run; how large it is, and what idle virtual clusters
//! take.
//!
//! In: the kubeconfig of a host cluster. Out: JSON under `target/bench`, for the report. Never: judges; no figure makes
//! the run fail. A run that could not measure something does fail, with what it could measure written.

mod bare;
mod binary;
mod clusters;
mod commands;
mod machine;
mod memory;
#[path = "../report/record.rs"]
mod record;
mod recovery;
mod rounds;
#[path = "../report/shape.rs"]
mod shape;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::record::Part;
use crate::stage::{Stage, Where};

/// Measures `vc` on a real host cluster
#[derive(Debug, Parser)]
struct Args {
    #[command(flatten)]
    scene: Where,

    /// The kubectl to measure `vc list` beside
    #[arg(long)]
    kubectl: PathBuf,

    /// How often each virtual cluster is made and deleted
    #[arg(long, env = "VC_BENCH_REPETITIONS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..))]
    repetitions: u32,

    /// How often each command that takes milliseconds is run
    #[arg(long, env = "VC_BENCH_COMMAND_REPETITIONS", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..))]
    command_repetitions: u32,

    /// How many virtual clusters there are at once, idle
    #[arg(long, env = "VC_BENCH_CLUSTERS", default_value_t = 20)]
    clusters: u32,

    /// For how long they are idle before their memory is looked at
    #[arg(long, env = "VC_BENCH_IDLE_SECONDS", default_value_t = 60)]
    idle_seconds: u32,

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
    let mut part = Part::new("create", stage.machine().await);
    tokio::select! {
        biased;
        () = stage::interruption() => part.miss("the rest of `create`", "interrupted"),
        () = series(args, &stage, &mut part) => {}
    }
    let cleared = stage.clear().await;
    part.attempt("the end of `create`", cleared);
    part.finish()
}

/// One after another; what fails is noted, and the next begins.
async fn series(args: &Args, stage: &Stage, part: &mut Part) {
    let result = binary::measure(stage, part);
    part.attempt("the size of the program", result);
    let result = Box::pin(rounds::measure(stage, args.repetitions, part)).await;
    part.attempt("making and deleting", result);
    tokio::task::yield_now().await;
    let result = commands::measure(stage, &args.kubectl, args.command_repetitions, part);
    part.attempt("commands", result);
    tokio::task::yield_now().await;
    let result = Box::pin(recovery::measure(stage, args.repetitions, part)).await;
    part.attempt("a control plane that is killed", result);
    if args.clusters > 0 {
        tokio::task::yield_now().await;
        let size = clusters::Size {
            clusters: args.clusters,
            idle: Duration::from_secs(args.idle_seconds.into()),
        };
        let result = Box::pin(clusters::measure(stage, size, part)).await;
        part.attempt("idle virtual clusters", result);
    }
}
