//! What it takes when nothing is to be done (P4, P5, P8).
//!
//! In: a host, then a virtual cluster on it. Out: memory, processor, requests, watches. Never: asks
//! for anything while it measures.

use std::time::Duration;

use kube::Client;
use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::record::{Figure, Part};
use crate::requests::Requests;
use crate::stage::{Stage, say};

/// What follows a start of a cluster is over by then.
const SETTLED_AFTER: Duration = Duration::from_secs(10);

/// What a syncer could write on the host.
const SYNCED: [&str; 4] = ["pods", "secrets", "configmaps", "events"];

const MEMORY: &str = "syncer, anonymous memory, idle";
const PROCESSOR: &str = "syncer, processor, idle";
/// By any product: of all pods of the host namespace.
const CLUSTER: &str = "virtual cluster, anonymous memory, idle";
const HOST_WRITES: &str = "host, writes that could be ours, idle";
const ALL_HOST_WRITES: &str = "host, all writes, idle";
const WATCHES: &str = "host, watches of the syncer";
const VIRTUAL_WRITES: &str = "virtual, writes that could be the syncer's, idle";
const ALL_VIRTUAL_WRITES: &str = "virtual, all writes, idle";

fn plan(part: &mut Part) {
    part.plan(Figure::new("P4", MEMORY, "MiB").at_most(8.0));
    part.plan(Figure::new("P5", PROCESSOR, "millicores").at_most(2.0));
    part.plan(Figure::new("P5", HOST_WRITES, "requests").at_most(0.0));
    part.plan(Figure::new("P5", VIRTUAL_WRITES, "requests").at_most(0.0));
    part.plan(Figure::new("P8", WATCHES, "watches").at_most(6.0));
    part.plan(Figure::new("P3", CLUSTER, "MiB").at_most(240.0));
    part.plan(Figure::new("", ALL_HOST_WRITES, "requests"));
    part.plan(Figure::new("", ALL_VIRTUAL_WRITES, "requests"));
}

/// The host without a virtual cluster.
#[derive(Debug, Default)]
pub(crate) struct Alone {
    /// Watches that are open.
    open: Option<f64>,
    /// What was asked in the time.
    asked: Option<Requests>,
}

/// Does nothing for the period.
pub(crate) async fn host_alone(host: &Client, period: Duration) -> Alone {
    say(&format!("nothing for {} s, without", period.as_secs()));
    let before = Requests::read(host).await.ok();
    sleep(period).await;
    let after = Requests::read(host).await.ok();
    Alone {
        open: after.as_ref().map(Requests::watches),
        asked: difference(before.as_ref(), after.as_ref()),
    }
}

/// Does nothing for the period; answers with the syncer's memory in KiB.
pub(crate) async fn with_cluster(
    stage: &Stage,
    cluster: &Cluster,
    period: Duration,
    alone: &Alone,
    part: &mut Part,
) -> anyhow::Result<Option<f64>> {
    plan(part);
    say(&format!("nothing for {} s, with", period.as_secs()));
    sleep(SETTLED_AFTER).await;
    let host = &stage.host.client;
    let process = cluster.process();
    let busy = || process.as_ref()?.processor_milliseconds();
    let host_before = Requests::read(host).await.ok();
    let virtual_before = Requests::read(&cluster.client).await?;
    let busy_before = busy();
    sleep(period).await;
    let busy_after = busy();
    let host_after = Requests::read(host).await.ok();
    let virtual_after = Requests::read(&cluster.client).await?;
    let memory = process
        .as_ref()
        .and_then(super::process::Process::anonymous_kibibytes);
    part.sample(MEMORY, memory.map(|kib| kib / 1024.0));
    let busy = busy_after.zip(busy_before);
    let millicores = busy.map(|(after, before)| (after - before) / period.as_secs_f64());
    part.sample(PROCESSOR, millicores);
    part.sample(CLUSTER, cluster.memory(&stage.host.client).await?);
    host_requests(alone, host_before.as_ref(), host_after.as_ref(), part);
    virtual_requests(&virtual_after.since(&virtual_before), part);
    Ok(memory)
}

fn host_requests(
    alone: &Alone,
    before: Option<&Requests>,
    after: Option<&Requests>,
    part: &mut Part,
) {
    let asked = difference(before, after);
    let asked = asked.as_ref();
    let bare = alone.asked.as_ref();
    let synced = |requests: &Requests| requests.written(&SYNCED);
    part.sample(HOST_WRITES, asked.map(synced));
    part.bare(HOST_WRITES, bare.map(synced));
    let detail = asked.map(|asked| asked.written_detail(&SYNCED));
    part.detail(HOST_WRITES, detail.unwrap_or_default());
    part.sample(ALL_HOST_WRITES, asked.map(Requests::writes));
    part.bare(ALL_HOST_WRITES, bare.map(Requests::writes));
    let detail = |asked: Option<&Requests>| asked.map(Requests::writes_by_resource);
    let (asked, bare) = (detail(asked), detail(bare));
    let detail = format!(
        "{}; bare: {}",
        asked.unwrap_or_default(),
        bare.unwrap_or_default()
    );
    part.detail(ALL_HOST_WRITES, detail);
    let open = after.map(Requests::watches).zip(alone.open);
    part.sample(WATCHES, open.map(|(with, without)| with - without));
    let detail = alone
        .open
        .map(|open| format!("of one namespace, beyond the {open} that were open before"));
    part.detail(WATCHES, detail.unwrap_or_default());
}

fn virtual_requests(asked: &Requests, part: &mut Part) {
    let synced = [&SYNCED[..], &["pods/status", "nodes", "nodes/status"]].concat();
    part.sample(VIRTUAL_WRITES, asked.written(&synced));
    part.detail(VIRTUAL_WRITES, asked.written_detail(&synced));
    part.sample(ALL_VIRTUAL_WRITES, asked.writes());
    part.detail(ALL_VIRTUAL_WRITES, asked.writes_by_resource());
}

/// The syncer's memory while there are so many pods, beside what it was without any, in KiB.
pub(crate) fn memory_with(cluster: &Cluster, count: u32, at_rest: Option<f64>, part: &mut Part) {
    let name = format!("syncer, memory per pod, {count} pods");
    part.plan(Figure::new("P4", &name, "KiB").at_most(10.0));
    let memory = cluster
        .process()
        .and_then(|process| process.anonymous_kibibytes());
    let both = memory.zip(at_rest);
    part.sample(
        &name,
        both.map(|(with, without)| (with - without) / f64::from(count)),
    );
    let detail = memory.map(|kib| format!("{:.2} MiB in all", kib / 1024.0));
    part.detail(&name, detail.unwrap_or_default());
}

/// What came between two moments, if both are known.
pub(crate) fn difference(before: Option<&Requests>, after: Option<&Requests>) -> Option<Requests> {
    Some(after?.since(before?))
}
