//! How fast `vc` is, beside what the host does without it, in one run.
//!
//! In: the kubeconfig of a host cluster. Out: a table on stdout and JSON under `target/bench`.
//! Never: judges; whether a target is met is printed, and no figure makes the run fail. A run that
//! could not measure something does fail.

mod bare;
mod commands;
mod figures;
mod machine;
mod rounds;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::figures::Figures;
use crate::stage::Stage;

/// Measures `vc` on a real host cluster
#[derive(Debug, Parser)]
struct Args {
    /// Kubeconfig of the host cluster; it is copied, never written
    #[arg(long)]
    kubeconfig: PathBuf,

    /// The kubectl to measure `vc list` beside
    #[arg(long)]
    kubectl: PathBuf,

    /// Image of the syncer, which the host's nodes have
    #[arg(long)]
    image: String,

    /// How often each virtual cluster is made and deleted
    #[arg(long, env = "VC_BENCH_REPETITIONS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..))]
    repetitions: u32,

    /// How often each command that takes milliseconds is run
    #[arg(long, env = "VC_BENCH_COMMAND_REPETITIONS", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..))]
    command_repetitions: u32,

    /// What `cargo bench` passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stage::say(&format!("error: {error:#}"));
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
    let measured = tokio::select! {
        measured = series(args, &stage) => measured,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    stage.clear().await?;
    measured?.publish(&machine)
}

async fn series(args: &Args, stage: &Stage) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    rounds::measure(stage, args.repetitions, &mut figures).await?;
    commands::measure(stage, &args.kubectl, args.command_repetitions, &mut figures)?;
    Ok(figures)
}
