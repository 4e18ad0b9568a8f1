//! Many pods at once, from their making to their end.
//!
//! In: two places. Out: the rate, and what one pod costs in requests and processor time. Never: leaves
//! pods.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::amounts::{Amount, Amounts, Limit};
use crate::cluster::Cluster;
use crate::figures::Figures;
use crate::idle::difference;
use crate::place::{Place, Places, names};
use crate::requests::Requests;
use crate::sight::{Sight, added, deleted, told};
use crate::stage::{Stage, say};

/// What follows the last deletion, such as that of the tokens, is over by then.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// How much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) pods: u32,
    pub(crate) rounds: u32,
}

/// One side of the comparison.
struct Side<'a> {
    series: String,
    place: &'a Place,
    own: Sight,
    host: Sight,
    /// Over all rounds.
    spent: Spent,
}

/// None of what cannot be known.
struct Spent {
    requests: Option<Requests>,
    processor_milliseconds: Option<f64>,
}

/// Takes turns between the sides.
pub(crate) async fn measure(
    stage: &Stage,
    cluster: &Cluster,
    places: &Places,
    size: Size,
    figures: &mut Figures,
    amounts: &mut Amounts,
) -> anyhow::Result<()> {
    let Size { pods, rounds } = size;
    let mut ours = Side::new(
        format!("{pods} pods: virtual -> host"),
        &places.virtual_cluster,
    )
    .await?;
    let mut bare = Side::new(format!("{pods} pods: bare host"), &places.host).await?;
    for round in 1..=rounds {
        say(&format!("{pods} pods at once: round {round} of {rounds}"));
        for side in [&mut ours, &mut bare] {
            side.round(
                stage,
                cluster,
                &names(&format!("burst{round}"), pods),
                figures,
            )
            .await?;
        }
    }
    let rate = |side: &Side<'_>| {
        figures
            .median(&side.series)
            .map(|median| f64::from(pods) / median.as_secs_f64())
    };
    amounts.add(Amount {
        bare: Some(rate(&bare)?),
        limit: Some(Limit::AtLeast(150.0)),
        ..Amount::new(
            format!("host pods made, {pods} at once"),
            "pods/s",
            Some(rate(&ours)?),
        )
    });
    let count = f64::from(pods) * f64::from(rounds);
    amounts.add(Amount {
        limit: Some(Limit::AtMost(1.5)),
        detail: "made, one status, deleted".to_owned(),
        ..Amount::new(
            "syncer, processor per pod",
            "ms",
            ours.spent.processor_milliseconds.map(|spent| spent / count),
        )
    });
    requests_per_pod(&ours.spent, &bare.spent, count, amounts);
    Ok(())
}

impl<'a> Side<'a> {
    async fn new(series: String, place: &'a Place) -> anyhow::Result<Self> {
        Ok(Self {
            series,
            place,
            own: place.watch().await?,
            host: place.watch_host().await?,
            spent: Spent {
                requests: Some(Requests::default()),
                processor_milliseconds: Some(0.0),
            },
        })
    }

    /// One burst, and what it took of the host and of the syncer.
    async fn round(
        &mut self,
        stage: &Stage,
        cluster: &Cluster,
        names: &[String],
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        let process = cluster.process();
        let busy = || process.as_ref()?.processor_milliseconds();
        let before = Requests::read(&stage.host.client).await.ok();
        let busy_before = busy();
        let took = self.burst(names).await?;
        figures.add(self.series.clone(), took);
        sleep(SETTLED_AFTER).await;
        let busy_after = busy();
        let after = Requests::read(&stage.host.client).await.ok();
        let Spent {
            requests,
            processor_milliseconds,
        } = &mut self.spent;
        let asked = difference(before.as_ref(), after.as_ref());
        *requests = requests.take().zip(asked).map(|(mut sum, asked)| {
            sum.add(&asked);
            sum
        });
        let worked = busy_after.zip(busy_before);
        *processor_milliseconds = processor_milliseconds
            .zip(worked)
            .map(|(sum, (after, before))| sum + after - before);
        Ok(())
    }

    /// Answers with the time until the last pod was on the host.
    async fn burst(&mut self, names: &[String]) -> anyhow::Result<Duration> {
        let Self {
            place, own, host, ..
        } = self;
        let began = Instant::now();
        let ((), made) = tokio::try_join!(
            place.create_all(names),
            host.every("pods on the host", names, added),
        )?;
        tokio::try_join!(
            place.set_statuses(&made.names),
            own.every("their status", names, told),
        )?;
        tokio::try_join!(
            place.delete_all(names),
            host.every("pods to be gone from the host", names, deleted),
            own.every("pods to be gone", names, deleted),
        )?;
        Ok(made.at - began)
    }
}

/// Resource, what is done to it, by which verbs, and how often it should be for one pod.
const PER_POD: [(&str, &str, &[&str], Option<f64>); 8] = [
    ("pods", "created", &["POST"], Some(1.0)),
    (
        "pods",
        "deleted",
        &["DELETE", "DELETECOLLECTION"],
        Some(1.0),
    ),
    ("pods", "changed", &["PUT", "PATCH", "APPLY"], Some(0.0)),
    ("pods", "read", &["GET", "LIST"], Some(0.0)),
    ("secrets", "created", &["POST"], None),
    ("secrets", "deleted", &["DELETE", "DELETECOLLECTION"], None),
    ("secrets", "changed", &["PUT", "PATCH", "APPLY"], None),
    ("secrets", "read", &["GET", "LIST"], None),
];

fn requests_per_pod(ours: &Spent, bare: &Spent, count: f64, amounts: &mut Amounts) {
    for (resource, done, verbs, limit) in PER_POD {
        let each = |spent: &Spent| {
            let requests = spent.requests.as_ref()?;
            Some(requests.count(&[resource], verbs) / count)
        };
        let refused = ours.requests.as_ref();
        let refused = refused.map_or(0.0, |requests| requests.refused(&[resource], verbs));
        amounts.add(Amount {
            bare: each(bare),
            limit: limit.map(Limit::AtMost),
            detail: match refused {
                0.0 => String::new(),
                refused => format!("{refused} of all were answered with an error"),
            },
            ..Amount::new(
                format!("host, {resource} {done}, per pod"),
                "requests",
                each(ours),
            )
        });
    }
}
