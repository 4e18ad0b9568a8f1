//! Services (P7) and claims: how long one takes, and how many a second takes.
//!
//! In: both sides. Out: figures of both, in turns. Never: leaves any.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::StreamExt;
use futures::stream::{self, TryStreamExt};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimVolumeSource, Pod,
    Service, ServicePort, ServiceSpec, Volume, VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::api::{DeleteParams, ListParams, ObjectMeta, PostParams, WatchEvent, WatchParams};
use kube::{Api, Client, ResourceExt};
use tokio::time::timeout;

use crate::mark::names;
use crate::place::{CONCURRENCY, LABEL, Nodes};
use crate::record::{Figure, Is, Of, Part};
use crate::sight::{Sight, added, deleted};
use crate::stage::{DEADLINE, ms, say};

/// From the request that makes a virtual Service to its event on the host; bare: of a host Service to its event.
const ONE: &str = "service: virtual request -> host";
/// From the request that makes a virtual claim, and a pod that uses it, to its event that it is bound.
const BOUND: &str = "claim: virtual request -> bound";
const BURST: &str = "Services made, on the host";

/// How much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) samples: u32,
    pub(crate) burst: u32,
    pub(crate) rounds: u32,
    pub(crate) claims: u32,
}

/// A side: a client, a namespace of its API server, and where its Services then are on the host.
pub(crate) struct Side<'a> {
    pub(crate) client: &'a Client,
    pub(crate) namespace: &'a str,
    pub(crate) host: Api<Service>,
}

/// Takes turns between the sides.
pub(crate) async fn measure(
    ours: Side<'_>,
    bare: Side<'_>,
    size: Size,
    part: &mut Part,
) -> anyhow::Result<()> {
    part.plan(Figure::new("", ONE, "ms"));
    // P7: 1,000 in 5 s.
    part.plan(Figure::new("P7", BURST, "services/s").bound(Of::Median, Is::AtLeast, 200.0));
    part.detail(BURST, format!("{} at once", size.burst));
    say(&format!("{} Services, one after another", size.samples));
    for name in names("one", size.samples) {
        part.sample(ONE, ours.make_one(&name).await?);
        part.bare(ONE, bare.make_one(&name).await?);
    }
    ours.clear_services().await?;
    bare.clear_services().await?;
    for round in 1..=size.rounds {
        say(&format!(
            "{} Services at once: round {round} of {}",
            size.burst, size.rounds
        ));
        let names = names(&format!("burst{round}"), size.burst);
        part.sample(BURST, ours.burst(&names).await?);
        part.bare(BURST, bare.burst(&names).await?);
    }
    if size.claims == 0 {
        return Ok(());
    }
    part.plan(Figure::new("", BOUND, "ms"));
    say(&format!("{} claims, one after another", size.claims));
    for name in names("claim", size.claims) {
        part.sample(BOUND, ms(ours.bind(&name).await?));
        part.bare(BOUND, ms(bare.bind(&name).await?));
    }
    Ok(())
}

impl Side<'_> {
    fn services(&self) -> Api<Service> {
        Api::namespaced(self.client.clone(), self.namespace)
    }

    /// Milliseconds until one is on the host.
    async fn make_one(&self, name: &str) -> anyhow::Result<f64> {
        let mut sight = Sight::open(self.host.clone(), "").await?;
        let one = [name.to_owned()];
        let began = Instant::now();
        let ((), seen) = tokio::try_join!(
            self.make_service(name),
            sight.every("the Service on the host", &one, added),
        )?;
        Ok(ms(seen.at - began))
    }

    /// How many a second, until all are on the host; deletes them.
    async fn burst(&self, names: &[String]) -> anyhow::Result<f64> {
        let mut sight = Sight::open(self.host.clone(), "").await?;
        let began = Instant::now();
        let ((), seen) = tokio::try_join!(
            self.make_services(names),
            sight.every("Services on the host", names, added),
        )?;
        let seconds = (seen.at - began).as_secs_f64();
        self.clear_services().await?;
        Ok(f64::from(u32::try_from(names.len())?) / seconds)
    }

    async fn make_service(&self, name: &str) -> anyhow::Result<()> {
        let params = PostParams::default();
        self.services().create(&params, &service(name)).await?;
        Ok(())
    }

    async fn make_services(&self, names: &[String]) -> anyhow::Result<()> {
        stream::iter(names.iter().map(|name| self.make_service(name)))
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await
    }

    /// Deletes all that are there, and waits until they are gone from the host.
    async fn clear_services(&self) -> anyhow::Result<()> {
        let mut sight = Sight::open(self.host.clone(), "").await?;
        let api = self.services();
        let ours = ListParams::default().labels(LABEL);
        let all = api.list_metadata(&ours).await?;
        let names: Vec<String> = all.items.iter().map(ResourceExt::name_any).collect();
        let (api, params) = (&api, &DeleteParams::default());
        let deletions = stream::iter(names.iter().map(async |name| {
            api.delete(name, params).await?;
            anyhow::Ok(())
        }));
        tokio::try_join!(
            deletions.buffer_unordered(CONCURRENCY).try_collect::<()>(),
            sight.every("Services to be gone from the host", &names, deleted),
        )?;
        Ok(())
    }

    /// Makes a claim with a pod that uses it, waits until it is bound, and deletes both.
    async fn bind(&self, name: &str) -> anyhow::Result<Duration> {
        let claims: Api<PersistentVolumeClaim> =
            Api::namespaced(self.client.clone(), self.namespace);
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), self.namespace);
        let now = claims
            .list_metadata(&ListParams::default().limit(1))
            .await?;
        let version = now.metadata.resource_version.unwrap_or_default();
        let one = WatchParams::default().fields(&format!("metadata.name={name}"));
        let mut events = claims.watch(&one, &version).await?.boxed();
        let params = PostParams::default();
        let (claim, user) = (claim(name), user(name));
        let began = Instant::now();
        tokio::try_join!(claims.create(&params, &claim), pods.create(&params, &user),)?;
        let is_bound = |claim: &PersistentVolumeClaim| {
            let status = claim.status.as_ref();
            status.and_then(|status| status.phase.as_deref()) == Some("Bound")
        };
        let bound = async {
            while let Some(event) = events.next().await.transpose()? {
                if let WatchEvent::Modified(claim) = &event
                    && is_bound(claim)
                {
                    return Ok(began.elapsed());
                }
            }
            anyhow::bail!("the watch ended")
        };
        let took = timeout(DEADLINE, bound).await;
        let took = took.with_context(|| format!("waited until claim `{name}` is bound"))??;
        let at_once = DeleteParams::default().grace_period(0);
        pods.delete(name, &at_once).await?;
        claims.delete(name, &DeleteParams::default()).await?;
        Ok(took)
    }
}

fn labels(value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(LABEL.to_owned(), value.to_owned())])
}

fn metadata(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(labels("bench")),
        ..ObjectMeta::default()
    }
}

fn service(name: &str) -> Service {
    Service {
        metadata: metadata(name),
        spec: Some(ServiceSpec {
            selector: Some(labels("nobody")),
            ports: Some(vec![ServicePort {
                port: 80,
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn claim(name: &str) -> PersistentVolumeClaim {
    let storage = BTreeMap::from([("storage".to_owned(), Quantity("1Mi".to_owned()))]);
    PersistentVolumeClaim {
        metadata: metadata(name),
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            resources: Some(VolumeResourceRequirements {
                requests: Some(storage),
                ..VolumeResourceRequirements::default()
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    }
}

/// A pod that gets a node, and whose image nobody has: that is enough for a volume.
fn user(name: &str) -> Pod {
    let mut pod = crate::place::pod(name, &Nodes::None);
    pod.metadata.labels = Some(labels("claim"));
    if let Some(spec) = &mut pod.spec {
        spec.node_selector = None;
        spec.volumes = Some(vec![Volume {
            name: "data".to_owned(),
            persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
                claim_name: name.to_owned(),
                ..PersistentVolumeClaimVolumeSource::default()
            }),
            ..Volume::default()
        }]);
        for container in &mut spec.containers {
            container.image_pull_policy = Some("Never".to_owned());
        }
    }
    pod
}
