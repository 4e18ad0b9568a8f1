//! Many pods at once that no node takes, from their making to their end (P7, P8, P9).
//!
//! In: two places. Out: the rate, and what one pod costs in requests and processor time. Never: leaves
//! pods.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::idle::difference;
use crate::mark::names;
use crate::place::{Place, Places};
use crate::record::{Figure, Is, Of, Part};
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
    place: &'a Place,
    own: Sight<Pod>,
    host: Sight<Pod>,
    /// Over all rounds.
    spent: Spent,
}

/// None of what cannot be known.
struct Spent {
    requests: Option<Requests>,
    processor_milliseconds: Option<f64>,
}

const RATE: &str = "host pods made, that no node takes";
const PROCESSOR: &str = "syncer, processor per pod";

/// Takes turns between the sides.
pub(crate) async fn measure(
    stage: &Stage,
    cluster: &Cluster,
    places: &Places,
    size: Size,
    part: &mut Part,
) -> anyhow::Result<()> {
    let Size { pods, rounds } = size;
    part.plan(Figure::new("P7", RATE, "pods/s").bound(Of::Median, Is::AtLeast, 150.0));
    part.detail(RATE, format!("{pods} at once"));
    let mut ours = Side::new(&places.virtual_cluster).await?;
    let mut bare = Side::new(&places.host).await?;
    for round in 1..=rounds {
        say(&format!("{pods} pods at once: round {round} of {rounds}"));
        let names = names(&format!("burst{round}"), pods);
        let rate = |took: Duration| f64::from(pods) / took.as_secs_f64();
        let took = ours.round(stage, cluster, &names).await?;
        part.sample(RATE, rate(took));
        let took = bare.round(stage, cluster, &names).await?;
        part.bare(RATE, rate(took));
    }
    let count = f64::from(pods) * f64::from(rounds);
    part.plan(Figure::new("P9", PROCESSOR, "ms").at_most(1.5));
    part.detail(PROCESSOR, "made, one status, deleted");
    let spent = ours.spent.processor_milliseconds;
    part.sample(PROCESSOR, spent.map(|spent| spent / count));
    requests_per_pod(&ours.spent, &bare.spent, count, part);
    Ok(())
}

impl<'a> Side<'a> {
    async fn new(place: &'a Place) -> anyhow::Result<Self> {
        Ok(Self {
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
    ) -> anyhow::Result<Duration> {
        let process = cluster.process();
        let busy = || process.as_ref()?.processor_milliseconds();
        let before = Requests::read(&stage.host.client).await.ok();
        let busy_before = busy();
        let took = self.burst(names).await?;
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
        Ok(took)
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

fn requests_per_pod(ours: &Spent, bare: &Spent, count: f64, part: &mut Part) {
    for (resource, done, verbs, limit) in PER_POD {
        let name = format!("host, {resource} {done}, per pod");
        let figure = Figure::new("P8", &name, "requests");
        part.plan(match limit {
            Some(limit) => figure.at_most(limit),
            None => figure,
        });
        let each = |spent: &Spent| {
            let requests = spent.requests.as_ref()?;
            Some(requests.count(&[resource], verbs) / count)
        };
        part.sample(&name, each(ours));
        part.bare(&name, each(bare));
        let refused = ours.requests.as_ref();
        let refused = refused.map_or(0.0, |requests| requests.refused(&[resource], verbs));
        if refused > 0.0 {
            part.detail(
                &name,
                format!("{refused} of all were answered with an error"),
            );
        }
    }
}
