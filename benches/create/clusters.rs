//! Virtual clusters that nobody uses (P3, P12).
//!
//! In: a stage. Out: the anonymous memory of each, and of all together. Never: on a host whose processes this machine
//! does not show.

use std::time::Duration;

use anyhow::ensure;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use tokio::time::sleep;
use vc::labels;

use crate::memory;
use crate::record::{Figure, Part};
use crate::stage::{Stage, say};

const ONE: &str = "idle virtual cluster, anonymous memory";
const LEAN: &str = "idle virtual cluster, --profile lean, anonymous memory";
const ALL: &str = "idle virtual clusters together, anonymous memory";

/// What is asked of the machine is measured, not what is reserved on it.
const SMALL: [&str; 5] = ["--ephemeral", "--cpu", "20m", "--memory", "64Mi"];

/// How much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) clusters: u32,
    /// How long after the last of them was made.
    pub(crate) idle: Duration,
}

/// Of clusters as they are by default, then of those that are to be small.
pub(crate) async fn measure(stage: &Stage, size: Size, part: &mut Part) -> anyhow::Result<()> {
    part.plan(Figure::new("P3", ONE, "MiB").at_most(240.0));
    // 5 GiB for 20, and as much for each of fewer.
    let bound = 5.0 * 1024.0 * f64::from(size.clusters) / 20.0;
    part.plan(Figure::new("P12", ALL, "MiB").at_most(bound));
    part.detail(ALL, format!("{} of them", size.clusters));
    let each = idle(stage, "idle", &[], size).await?;
    for memory in &each {
        part.sample(ONE, *memory);
    }
    part.sample(ALL, each.iter().sum::<f64>());
    part.remark(format!("P12 is of {} virtual clusters.", each.len()));
    let help = stage.vc(&["create", "--help"])?;
    if !help.stdout.contains("--profile ") {
        part.remark("`vc create` has no option `--profile`: the lean one of P3 is not measured.");
        return Ok(());
    }
    part.plan(Figure::new("P3", LEAN, "MiB").at_most(180.0));
    let few = Size {
        clusters: size.clusters.min(3),
        ..size
    };
    for memory in idle(stage, "lean", &["--profile", "lean"], few).await? {
        part.sample(LEAN, memory);
    }
    Ok(())
}

/// Makes them, does nothing, looks, and deletes them; MiB of each.
async fn idle(stage: &Stage, stem: &str, options: &[&str], size: Size) -> anyhow::Result<Vec<f64>> {
    let Size { clusters, idle } = size;
    let namespace = ["--namespace", stage.namespace.as_str()];
    let names: Vec<String> = (0..clusters)
        .map(|number| format!("{}-{stem}{number}", stage.run))
        .collect();
    for (name, number) in names.iter().zip(1..) {
        tokio::task::yield_now().await;
        say(&format!(
            "making idle virtual clusters: {number} of {clusters}"
        ));
        stage.vc(&[&["create", name][..], &namespace, &SMALL, options].concat())?;
    }
    say(&format!("nothing for {} s", idle.as_secs()));
    // Nothing is waited for: what is measured is a cluster after so much idleness.
    sleep(idle).await;
    let mut each = Vec::new();
    for name in &names {
        each.extend(memory_of(stage, name).await?);
    }
    for name in &names {
        tokio::task::yield_now().await;
        stage.vc(&[&["delete", name, "--yes"][..], &namespace].concat())?;
    }
    ensure!(
        !each.is_empty(),
        "their processes are not among those that this machine shows"
    );
    ensure!(
        each.len() == names.len(),
        "the processes of some are not to be seen"
    );
    Ok(each)
}

async fn memory_of(stage: &Stage, name: &str) -> anyhow::Result<Option<f64>> {
    let pods: Api<Pod> = Api::namespaced(stage.host.client.clone(), stage.namespace.as_str());
    let own = ListParams::default().labels(&format!("{}={name}", labels::CLUSTER));
    let pods = pods.list_metadata(&own).await?;
    let uids: Vec<String> = pods.items.iter().filter_map(ResourceExt::uid).collect();
    Ok(memory::anonymous_mebibytes(&uids))
}
