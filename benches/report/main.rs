//! One report of what the parts of the benchmark measured, and two of them side by side.
//!
//! In: JSON files. Out: a table on stdout, `target/bench/report.json`, and where it is asked for the table and the
//! plot of the documentation. Never: fails on a figure.

mod compare;
mod judge;
mod markdown;
mod plot;
mod shape;
mod statistics;
mod table;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand};
use serde::de::DeserializeOwned;

use crate::judge::Report;
use crate::shape::Part;

/// Where the parts put theirs, too.
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench");

/// The page whose table is generated, and its plot.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");
const PLOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.svg");

/// Reports what the benchmarks of `vc` measured
#[derive(Debug, Parser)]
struct Args {
    #[command(subcommand)]
    action: Action,

    /// What `cargo bench` passes to every benchmark
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes one report of the parts' files
    Merge {
        /// What the parts wrote
        #[arg(required = true)]
        parts: Vec<PathBuf>,

        /// Also write the table and the plot of docs/performance.md
        #[arg(long)]
        write: bool,
    },
    /// Tells by how much the second of two reports differs from the first
    Compare { first: PathBuf, second: PathBuf },
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A stderr that is gone is silence.
            drop(writeln!(io::stderr(), "error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    match &args.action {
        Action::Merge { parts, write } => merge(parts, *write),
        Action::Compare { first, second } => {
            let (before, after): (Report, Report) = (read(first)?, read(second)?);
            print(&compare::table(&before, &after))
        }
    }
}

fn merge(parts: &[PathBuf], write: bool) -> anyhow::Result<()> {
    let parts: Vec<Part> = parts
        .iter()
        .map(|path| read(path))
        .collect::<anyhow::Result<_>>()?;
    let report = Report::of(parts);
    ensure!(!report.figures.is_empty(), "nothing was measured");
    let file = Path::new(DIRECTORY).join("report.json");
    put(&file, &serde_json::to_string_pretty(&report)?)?;
    print(&table::text(&report))?;
    if write {
        let page = Path::new(PAGE);
        let old = std::fs::read_to_string(page)
            .with_context(|| format!("cannot read `{}`", page.display()))?;
        put(page, &markdown::within(&old, &report)?)?;
        put(Path::new(PLOT), &plot::svg(&report))?;
    }
    Ok(())
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("`{}` is not what `make bench` writes", path.display()))
}

fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Nobody reads on.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot print"),
    }
}
