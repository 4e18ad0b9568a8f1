//! Nodes that take pods and run nothing: kwok plays them against the host's API server.
//!
//! In: the host, and kwok's program. Out: nodes that are ready. Never: takes anybody else's pods: the nodes have a taint,
//! and kwok looks after these nodes alone.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use k8s_openapi::api::core::v1::Node;
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::runtime::wait::await_condition;
use serde_json::json;
use tokio::time::timeout;

use crate::place::{LABEL, Nodes};
use crate::record::DIRECTORY;
use crate::stage::{DEADLINE, Stage, say};

/// Pods for which one node has room.
const ROOM: u32 = 2_500;

/// The nodes, while they are there.
pub(crate) struct Fakes {
    nodes: Api<Node>,
    selector: String,
    run: String,
    kwok: Child,
}

impl Fakes {
    /// Starts kwok; its log goes beside the figures.
    pub(crate) fn start(stage: &Stage, kwok: &Path) -> anyhow::Result<Self> {
        let nodes: Api<Node> = Api::all(stage.host.client.clone());
        let selector = format!("{LABEL}={}", stage.run);
        std::fs::create_dir_all(DIRECTORY)?;
        let log = Path::new(DIRECTORY).join("kwok.log");
        let log = std::fs::File::create(&log)
            .with_context(|| format!("cannot write `{}`", log.display()))?;
        let kwok = Command::new(kwok)
            .arg(format!("--kubeconfig={}", stage.kubeconfig().display()))
            .args(["--manage-all-nodes=false", "--server-address=127.0.0.1:0"])
            // Addresses for benchmarks, <https://www.rfc-editor.org/rfc/rfc2544>: more than there are pods.
            .args(["--cidr=198.18.0.0/15", "--v=ERROR"])
            .arg(format!("--manage-nodes-with-label-selector={selector}"))
            // An interruption is not for it: pods that are deleted then need it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start `{}`", kwok.display()))?;
        Ok(Self {
            nodes,
            selector,
            run: stage.run.clone(),
            kwok,
        })
    }

    /// Makes nodes for so many pods.
    pub(crate) async fn fill(&self, pods: u32) -> anyhow::Result<()> {
        say("making fake nodes");
        for number in 0..pods.div_ceil(ROOM) {
            self.add(&format!("{LABEL}-{}-{number}", self.run)).await?;
        }
        Ok(())
    }

    /// What pods have to want.
    pub(crate) fn nodes(&self) -> Nodes {
        Nodes::Fake(self.run.clone())
    }

    async fn add(&self, name: &str) -> anyhow::Result<()> {
        let room = json!({"cpu": "10k", "memory": "100Ti", "pods": ROOM.to_string()});
        let node = serde_json::from_value(json!({
            "metadata": {"name": name, "labels": {LABEL: self.run, "kubernetes.io/hostname": name}},
            "spec": {"taints": [{"key": LABEL, "value": self.run, "effect": "NoSchedule"}]},
            "status": {"allocatable": room, "capacity": room},
        }))?;
        self.nodes.create(&PostParams::default(), &node).await?;
        let ready = await_condition(self.nodes.clone(), name, |found: Option<&Node>| {
            found.is_some_and(is_ready)
        });
        timeout(DEADLINE, ready).await.with_context(|| {
            format!("fake node `{name}` is not ready; see target/bench/kwok.log")
        })??;
        Ok(())
    }

    /// Deletes them, and ends kwok.
    pub(crate) async fn remove(mut self) -> anyhow::Result<()> {
        let ours = ListParams::default().labels(&self.selector);
        let deleted = self
            .nodes
            .delete_collection(&DeleteParams::default(), &ours)
            .await;
        self.kwok.kill()?;
        self.kwok.wait()?;
        deleted
            .map(drop)
            .context("the fake nodes cannot be deleted")
    }
}

fn is_ready(node: &Node) -> bool {
    let status = node.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_deref());
    let mut conditions = conditions.unwrap_or_default().iter();
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
