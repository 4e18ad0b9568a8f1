//! How long one pod takes: down to the host, and its status back up.
//!
//! In: two places. Out: figures of both, in turns; the pods stay. Never: two pods at once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::figures::Figures;
use crate::place::{Place, Places, names};
use crate::sight::{Sight, added, told};
use crate::stage::say;

/// From the request that makes a virtual pod to the event of its host pod.
pub(crate) const DOWN: &str = "pod: virtual request -> host";
/// From the same moment to the event of the virtual pod: the part that is not the syncer's.
const VIRTUAL_ALONE: &str = "pod: virtual request -> virtual";
/// From the request that makes a host pod to its event.
const DOWN_BARE: &str = "pod: bare host";
/// From the request that changes a host pod's status to the event of the virtual pod.
pub(crate) const UP: &str = "status: host request -> virtual";
/// From the same of a pod of nobody's to its own event.
const UP_BARE: &str = "status: bare host";

/// Makes so many pods in each place.
pub(crate) async fn measure(
    places: &Places,
    count: u32,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    say(&format!("{count} pods, one after another"));
    let Places {
        virtual_cluster,
        host,
    } = places;
    let mut virtual_sight = virtual_cluster.watch().await?;
    let mut copy_sight = virtual_cluster.watch_host().await?;
    let mut host_sight = host.watch_host().await?;
    let names = names("one", count);
    let mut host_names = BTreeMap::new();
    for name in &names {
        let one = std::slice::from_ref(name);
        let began = Instant::now();
        let ((), own, copy) = tokio::try_join!(
            virtual_cluster.create(name),
            virtual_sight.every("the virtual pod", one, added),
            copy_sight.every("the host pod", one, added),
        )?;
        figures.add(DOWN, copy.at - began);
        figures.add(VIRTUAL_ALONE, own.at - began);
        host_names.extend(copy.names);
        let began = Instant::now();
        let ((), made) = tokio::try_join!(
            host.create(name),
            host_sight.every("the bare pod", one, added),
        )?;
        figures.add(DOWN_BARE, made.at - began);
    }
    say(&format!("the status of {count} pods, one after another"));
    for (name, host_name) in &host_names {
        let took = status(virtual_cluster, name, host_name, &mut virtual_sight).await?;
        figures.add(UP, took);
        let took = status(host, name, name, &mut host_sight).await?;
        figures.add(UP_BARE, took);
    }
    figures.compare("pod", DOWN, DOWN_BARE);
    figures.compare("status", UP, UP_BARE);
    Ok(())
}

async fn status(
    place: &Place,
    name: &String,
    host_name: &str,
    sight: &mut Sight,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let ((), seen) = tokio::try_join!(
        place.set_status(host_name),
        sight.every("the status", std::slice::from_ref(name), told),
    )?;
    Ok(seen.at - began)
}
