//! How long one pod takes: down to the host, and its status back up (P6).
//!
//! In: two places. Out: figures of both, in turns; the pods stay. Never: two pods at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;

use crate::mark::names;
use crate::place::{Place, Places};
use crate::record::{Figure, Is, Of, Part};
use crate::sight::{Sight, added, told};
use crate::stage::{ms, say};

/// From the request that makes a virtual pod to the event of its host pod; bare: of a host pod to its event.
const DOWN: &str = "pod: virtual request -> host";
/// From the same moment to the event of the virtual pod: the part that is not the syncer's.
const VIRTUAL_ALONE: &str = "pod: virtual request -> virtual";
/// From the request that changes a host pod's status to the event of the virtual pod; bare: to its own event.
const UP: &str = "status: host request -> virtual";

/// Makes so many pods in each place.
pub(crate) async fn measure(places: &Places, count: u32, part: &mut Part) -> anyhow::Result<()> {
    let down = Figure::new("P6", DOWN, "ms").at_most(10.0);
    part.plan(down.bound(Of::P99, Is::AtMost, 25.0));
    let up = Figure::new("P6", UP, "ms").at_most(7.0);
    part.plan(up.bound(Of::P99, Is::AtMost, 20.0));
    part.plan(Figure::new("", VIRTUAL_ALONE, "ms"));
    say(&format!("{count} pods, one after another"));
    let Places {
        virtual_cluster,
        host,
    } = places;
    let mut virtual_sight = virtual_cluster.watch().await?;
    let mut copy_sight = virtual_cluster.watch_host().await?;
    let mut host_sight = host.watch_host().await?;
    let mut host_names = BTreeMap::new();
    for name in &names("one", count) {
        let one = std::slice::from_ref(name);
        let began = Instant::now();
        let ((), own, copy) = tokio::try_join!(
            virtual_cluster.create(name),
            virtual_sight.every("the virtual pod", one, added),
            copy_sight.every("the host pod", one, added),
        )?;
        part.sample(DOWN, ms(copy.at - began));
        part.sample(VIRTUAL_ALONE, ms(own.at - began));
        host_names.extend(copy.names);
        let began = Instant::now();
        let ((), made) = tokio::try_join!(
            host.create(name),
            host_sight.every("the bare pod", one, added),
        )?;
        part.bare(DOWN, ms(made.at - began));
    }
    say(&format!("the status of {count} pods, one after another"));
    for (name, host_name) in &host_names {
        let took = status(virtual_cluster, name, host_name, &mut virtual_sight).await?;
        part.sample(UP, ms(took));
        let took = status(host, name, name, &mut host_sight).await?;
        part.bare(UP, ms(took));
    }
    Ok(())
}

async fn status(
    place: &Place,
    name: &String,
    host_name: &str,
    sight: &mut Sight<Pod>,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let ((), seen) = tokio::try_join!(
        place.set_status(host_name),
        sight.every("the status", std::slice::from_ref(name), told),
    )?;
    Ok(seen.at - began)
}
