//! Thousands of pods in one virtual cluster (P10).
//!
//! In: a place. Out: how long each pod took to be on the host, when all are made as fast as the virtual API server
//! takes them. Never: leaves pods.

use crate::amounts::{Amount, Amounts};
use crate::figures::Figures;
use crate::place::{Place, names};
use crate::sight::added;
use crate::stage::say;

/// From the request that makes one of many virtual pods to the event of its host pod.
pub(crate) const EACH: &str = "pod among thousands: virtual request -> host";

/// Makes so many.
pub(crate) async fn measure(
    place: &Place,
    count: u32,
    figures: &mut Figures,
    amounts: &mut Amounts,
) -> anyhow::Result<()> {
    if count == 0 {
        return Ok(());
    }
    say(&format!("{count} pods in one virtual cluster"));
    let mut sight = place.watch_host().await?;
    let names = names("many", count);
    let (began, seen) = tokio::try_join!(
        place.create_all_timed(&names),
        sight.every("pods on the host", &names, added),
    )?;
    for (name, began) in &began {
        if let Some(at) = seen.times.get(name) {
            figures.add(EACH, at.saturating_duration_since(*began));
        }
    }
    let first = began.values().min().copied();
    let whole = first.map(|first| seen.at.saturating_duration_since(first));
    amounts.add(Amount::new(
        format!("host pods made, {count} pods in all"),
        "pods/s",
        whole.map(|whole| f64::from(count) / whole.as_secs_f64()),
    ));
    place.clear().await
}
