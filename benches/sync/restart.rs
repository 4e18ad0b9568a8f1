//! A syncer that is killed while there are pods (P11).
//!
//! In: a virtual cluster. Out: the time until it is in step again, what it writes until then, and its
//! memory with so many pods. Never: on a host whose processes this machine does not show.

use std::time::{Duration, Instant};

use anyhow::Context;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use crate::cluster::Cluster;
use crate::idle::{difference, memory_with};
use crate::mark::names;
use crate::place::Places;
use crate::process::Process;
use crate::record::{Figure, Part};
use crate::requests::Requests;
use crate::sight::added;
use crate::stage::{DEADLINE, Stage, ms, say};

/// From its process's start to its own word that it is in step.
const IN_STEP: &str = "syncer started -> in step";
/// From the kill to the next process: the kubelet's part, which grows from time to time.
const STARTED: &str = "syncer killed -> started";

/// Of what it syncs, in one restart.
const WRITES: &str = "host, writes while the syncer starts again";
const SYNCED: [&str; 3] = ["pods", "secrets", "configmaps"];

/// How soon it is looked again.
const PERIOD: Duration = Duration::from_millis(10);

/// What it would write late is written by then.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// What is wanted of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) pods: u32,
    pub(crate) restarts: u32,
    /// Memory of the syncer without pods, in KiB.
    pub(crate) at_rest: Option<f64>,
}

/// Kills it so many times.
pub(crate) async fn measure(
    stage: &Stage,
    cluster: &Cluster,
    places: &Places,
    wanted: Wanted,
    part: &mut Part,
) -> anyhow::Result<()> {
    if cluster.process().is_none() {
        return Ok(());
    }
    part.plan(Figure::new("P11", IN_STEP, "ms").at_most(3_000.0));
    part.detail(IN_STEP, format!("with {} pods", wanted.pods));
    part.plan(Figure::new("", STARTED, "ms"));
    part.plan(Figure::new("P11", WRITES, "requests").at_most(0.0));
    let place = &places.virtual_cluster;
    say(&format!(
        "{} pods, for the syncer to be killed with",
        wanted.pods
    ));
    let names = names("kept", wanted.pods);
    let mut sight = place.watch_host().await?;
    tokio::try_join!(
        place.create_all(&names),
        sight.every("pods on the host", &names, added),
    )?;
    sleep(SETTLED_AFTER).await;
    memory_with(cluster, wanted.pods, wanted.at_rest, part);
    for number in 1..=wanted.restarts {
        say(&format!(
            "killing the syncer: {number} of {}",
            wanted.restarts
        ));
        let before = Requests::read(&stage.host.client).await.ok();
        once(stage, cluster, part).await?;
        let after = Requests::read(&stage.host.client).await.ok();
        let asked = difference(before.as_ref(), after.as_ref());
        part.sample(WRITES, asked.as_ref().map(|asked| asked.written(&SYNCED)));
        let all = asked.as_ref().map(Requests::writes_by_resource);
        part.detail(
            WRITES,
            format!(
                "{}; all, at last: {}",
                SYNCED.join(", "),
                all.unwrap_or_default()
            ),
        );
    }
    place.clear().await
}

async fn once(stage: &Stage, cluster: &Cluster, part: &mut Part) -> anyhow::Result<()> {
    let old = cluster.process().context("the syncer does not run")?;
    let pods: Api<Pod> = Api::namespaced(stage.host.client.clone(), cluster.namespace.as_str());
    let name = cluster
        .name
        .as_ref()
        .context("the cluster is not one of `vc`")?;
    let pod = name.pod();
    let killed = Instant::now();
    old.kill()?;
    let (new, started) = timeout(DEADLINE, next(cluster, &old))
        .await
        .context("the syncer was not started again")?;
    let in_step = timeout(DEADLINE, in_step(&pods, &pod, new.health_port))
        .await
        .context("the syncer did not get in step again")?;
    part.sample(STARTED, ms(started - killed));
    part.sample(IN_STEP, ms(in_step - started));
    sleep(SETTLED_AFTER).await;
    Ok(())
}

/// The process after this one, and when it was there.
async fn next(cluster: &Cluster, old: &Process) -> (Process, Instant) {
    loop {
        match cluster.process() {
            Some(process) if process != *old => return (process, Instant::now()),
            _ => sleep(PERIOD).await,
        }
    }
}

/// When it says so itself. The kubelet asks once in some seconds, which is too seldom.
async fn in_step(pods: &Api<Pod>, pod: &str, port: u16) -> Instant {
    loop {
        if let Ok(true) = ask(pods, pod, port).await {
            return Instant::now();
        }
        sleep(PERIOD).await;
    }
}

/// Asks through the host's API server: from where we are, the pod's address may not be reached.
async fn ask(pods: &Api<Pod>, pod: &str, port: u16) -> anyhow::Result<bool> {
    let mut forwarder = pods.portforward(pod, &[port]).await?;
    let mut stream = forwarder.take_stream(port).context("there is no stream")?;
    stream
        .write_all(b"GET /readyz HTTP/1.1\r\nHost: syncer\r\nConnection: close\r\n\r\n")
        .await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    Ok(answer.ends_with(b" 200"))
}
