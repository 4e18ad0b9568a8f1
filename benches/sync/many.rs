//! Thousands of pods in one virtual cluster (P10), and bursts on fake nodes (P7).
//!
//! In: places, whose pods fake nodes take. Out: how long each pod took, when all are made as fast as the API server takes
//! them. Never: leaves pods.

use anyhow::ensure;

use crate::cluster::Cluster;
use crate::mark::names;
use crate::place::{Place, Places};
use crate::record::{Figure, Is, Of, Part};
use crate::sight::{added, running};
use crate::stage::{ms, say};

/// Pods of a burst on fake nodes.
const BURST: &str = "pods on fake nodes, request -> virtual status Running";

/// So many at once, made until they run, on both sides in turns.
pub(crate) async fn burst(
    places: &Places,
    count: u32,
    rounds: u32,
    part: &mut Part,
) -> anyhow::Result<()> {
    part.plan(Figure::new("P7", BURST, "pods/s").bound(Of::Median, Is::AtLeast, 45.0));
    part.detail(BURST, format!("{count} at once"));
    for round in 1..=rounds {
        say(&format!(
            "{count} pods on fake nodes: round {round} of {rounds}"
        ));
        let names = names(&format!("fake{round}"), count);
        let ours = until_running(&places.virtual_cluster, &names).await?;
        part.sample(BURST, ours);
        let bare = until_running(&places.host, &names).await?;
        part.bare(BURST, bare);
    }
    Ok(())
}

/// Pods a second.
async fn until_running(place: &Place, names: &[String]) -> anyhow::Result<f64> {
    let mut sight = place.watch().await?;
    let (began, seen) = tokio::try_join!(
        place.create_all_timed(names),
        sight.every("pods to run", names, running),
    )?;
    let first = began.values().min().copied().unwrap_or(seen.at);
    place.clear().await?;
    let count = u32::try_from(names.len())?;
    Ok(f64::from(count) / seen.at.saturating_duration_since(first).as_secs_f64())
}

/// Makes so many, whose times are counted.
pub(crate) async fn timed(place: &Place, count: u32, part: &mut Part) -> anyhow::Result<()> {
    let each = format!("one of {count} pods: virtual request -> host");
    let whole = format!("one of {count} pods: virtual request -> virtual status Running");
    let figure = Figure::new("P10", &each, "ms");
    part.plan(figure.bound(Of::P99, Is::AtMost, 5_000.0));
    part.plan(Figure::new("", &whole, "ms"));
    say(&format!("{count} pods in one virtual cluster"));
    let mut host = place.watch_host().await?;
    let mut own = place.watch().await?;
    let names = names("many", count);
    let (began, copied, ran) = tokio::try_join!(
        place.create_all_timed(&names),
        host.every("pods on the host", &names, added),
        own.every("pods to run", &names, running),
    )?;
    for (name, began) in &began {
        let since = |at: &std::time::Instant| ms(at.saturating_duration_since(*began));
        part.sample(&each, copied.times.get(name).map(since));
        part.sample(&whole, ran.times.get(name).map(since));
    }
    place.clear().await
}

/// Makes so many, where only what goes wrong is counted.
pub(crate) async fn without_error(
    cluster: &Cluster,
    place: &Place,
    count: u32,
    part: &mut Part,
) -> anyhow::Result<()> {
    let errors = format!("{count} pods in one virtual cluster, made and deleted: errors");
    part.plan(Figure::new("P10", &errors, "errors").at_most(0.0));
    let before = cluster.process();
    let failed = made_and_deleted(place, count).await;
    if let Err(error) = &failed {
        part.remark(format!("{count} pods: {error:#}"));
    }
    let restarted = cluster.process() != before;
    part.sample(
        &errors,
        f64::from(u8::from(failed.is_err()) + u8::from(restarted)),
    );
    ensure!(!restarted, "the syncer was started again");
    failed
}

async fn made_and_deleted(place: &Place, count: u32) -> anyhow::Result<()> {
    say(&format!("{count} pods in one virtual cluster"));
    let mut own = place.watch().await?;
    let names = names("most", count);
    tokio::try_join!(
        place.create_all(&names),
        own.every("pods to run", &names, running),
    )?;
    say("deleting them");
    place.clear().await
}
