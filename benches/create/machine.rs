//! On what it was measured: figures travel badly without this.
//!
//! In: the host's version. Out: a JSON object. Never: anything that names a person or a machine.

use std::process::Command;

use anyhow::Context;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Describes the machine, the host cluster and the commit.
pub(crate) fn describe(kubernetes: Option<&str>) -> Value {
    let cores = std::thread::available_parallelism();
    json!({
        "began": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "commit": commit(),
        "vcVersion": env!("CARGO_PKG_VERSION"),
        "kubernetesVersion": kubernetes,
        "cores": cores.map(std::num::NonZero::get).ok(),
        "memoryMebibytes": memory().map(|kibibytes| kibibytes / 1024),
        "os": std::env::consts::OS,
        "arch": std::env::consts::ARCH,
        "kernel": line_of("/proc/sys/kernel/osrelease"),
        "processor": field_of("/proc/cpuinfo", "model name"),
        // Others at work on the machine make every figure worse.
        "loadAverageBefore": line_of("/proc/loadavg"),
    })
}

/// The commit that is measured; `-dirty` when it is not quite that.
fn commit() -> Option<String> {
    let described = Command::new("git")
        .args([
            "describe",
            "--always",
            "--abbrev=40",
            "--exclude=*",
            "--dirty",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .ok()?;
    let text = String::from_utf8(described.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn memory() -> Option<u64> {
    let text = field_of("/proc/meminfo", "MemTotal")?;
    text.split_whitespace().next()?.parse().ok()
}

fn line_of(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{path}`"))
        .ok()?;
    Some(text.lines().next()?.to_owned())
}

/// What follows `NAME:` in a file of such lines.
fn field_of(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let (_, value) = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(field, _)| field.trim() == name)?;
    Some(value.trim().to_owned())
}
