//! What it takes when nothing is to be done.
//!
//! In: a host, then a virtual cluster on it. Out: memory, processor, requests, watches. Never: asks
//! for anything while it measures.

use std::time::Duration;

use kube::Client;
use tokio::time::sleep;

use crate::amounts::{Amount, Amounts, Limit};
use crate::cluster::Cluster;
use crate::requests::Requests;
use crate::stage::{Stage, say};

/// What follows a start of a cluster is over by then.
const SETTLED_AFTER: Duration = Duration::from_secs(10);

/// What a syncer could write on the host.
const SYNCED: [&str; 4] = ["pods", "secrets", "configmaps", "events"];

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
    amounts: &mut Amounts,
) -> anyhow::Result<Option<f64>> {
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
    amounts.add(Amount {
        limit: Some(Limit::AtMost(8.0)),
        ..Amount::new(
            "syncer, anonymous memory, idle",
            "MiB",
            memory.map(|kib| kib / 1024.0),
        )
    });
    let millicores = busy_after
        .zip(busy_before)
        .map(|(after, before)| (after - before) / period.as_secs_f64());
    amounts.add(Amount {
        limit: Some(Limit::AtMost(2.0)),
        ..Amount::new("syncer, processor, idle", "millicores", millicores)
    });
    host_requests(alone, host_before.as_ref(), host_after.as_ref(), amounts);
    virtual_requests(&virtual_after.since(&virtual_before), amounts);
    Ok(memory)
}

fn host_requests(
    alone: &Alone,
    before: Option<&Requests>,
    after: Option<&Requests>,
    amounts: &mut Amounts,
) {
    let asked = difference(before, after);
    let synced = |requests: &Requests| requests.written(&SYNCED);
    amounts.add(Amount {
        bare: alone.asked.as_ref().map(synced),
        limit: Some(Limit::AtMost(0.0)),
        detail: detail_of(asked.as_ref(), &SYNCED),
        ..Amount::new(
            "host, writes that could be ours, idle",
            "requests",
            asked.as_ref().map(synced),
        )
    });
    let detail = |requests: &Option<Requests>| {
        requests
            .as_ref()
            .map(Requests::writes_by_resource)
            .unwrap_or_default()
    };
    amounts.add(Amount {
        bare: alone.asked.as_ref().map(Requests::writes),
        detail: format!("{}; bare: {}", detail(&asked), detail(&alone.asked)),
        ..Amount::new(
            "host, all writes, idle",
            "requests",
            asked.as_ref().map(Requests::writes),
        )
    });
    let open = after.map(Requests::watches).zip(alone.open);
    amounts.add(Amount {
        limit: Some(Limit::AtMost(6.0)),
        detail: alone.open.map_or_else(String::new, |open| {
            format!("of one namespace, beyond the {open} that were open before")
        }),
        ..Amount::new(
            "host, watches of the syncer",
            "watches",
            open.map(|(with, without)| with - without),
        )
    });
}

fn virtual_requests(asked: &Requests, amounts: &mut Amounts) {
    let synced = [&SYNCED[..], &["pods/status", "nodes", "nodes/status"]].concat();
    amounts.add(Amount {
        limit: Some(Limit::AtMost(0.0)),
        detail: asked.written_detail(&synced),
        ..Amount::new(
            "virtual, writes that could be the syncer's, idle",
            "requests",
            Some(asked.written(&synced)),
        )
    });
    amounts.add(Amount {
        detail: asked.writes_by_resource(),
        ..Amount::new(
            "virtual, all writes, idle",
            "requests",
            Some(asked.writes()),
        )
    });
}

fn detail_of(asked: Option<&Requests>, resources: &[&str]) -> String {
    asked.map_or_else(String::new, |asked| asked.written_detail(resources))
}

/// The syncer's memory while there are so many such pods, beside what it was without any.
pub(crate) fn memory_with(
    cluster: &Cluster,
    pods: &str,
    count: u32,
    at_rest: Option<f64>,
) -> Amount {
    let memory = cluster
        .process()
        .and_then(|process| process.anonymous_kibibytes());
    let each = memory
        .zip(at_rest)
        .map(|(with, without)| (with - without) / f64::from(count));
    let detail = memory.map(|kib| format!("{:.2} MiB in all", kib / 1024.0));
    Amount {
        limit: Some(Limit::AtMost(10.0)),
        detail: detail.unwrap_or_default(),
        ..Amount::new(
            format!("syncer, memory per pod, {count} {pods}"),
            "KiB",
            each,
        )
    }
}

/// What came between two moments, if both are known.
pub(crate) fn difference(before: Option<&Requests>, after: Option<&Requests>) -> Option<Requests> {
    Some(after?.since(before?))
}
