//! Services and claims: how long one takes, and how many a minute takes.
//!
//! In: both sides. Out: figures of both, in turns. Never: leaves any.
//!
//! When a virtual API server has answered that a Service is made, it is on the host: it was made there first.

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

use crate::amounts::{Amount, Amounts, Limit};
use crate::figures::Figures;
use crate::place::{CONCURRENCY, names};
use crate::stage::{DEADLINE, say};

/// From the request that makes a virtual Service to its answer.
pub(crate) const ONE: &str = "service: virtual request -> on both sides";
const ONE_BARE: &str = "service: bare host";
/// From the request that makes a virtual claim, and a pod that uses it, to its event that it is bound.
const BOUND: &str = "claim: virtual request -> bound";
const BOUND_BARE: &str = "claim: bare host";

/// How much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) samples: u32,
    pub(crate) burst: u32,
    pub(crate) claims: u32,
}

/// A side: a client, and a namespace of its API server.
pub(crate) struct Side<'a> {
    pub(crate) client: &'a Client,
    pub(crate) namespace: &'a str,
}

/// Takes turns between the sides.
pub(crate) async fn measure(
    ours: Side<'_>,
    bare: Side<'_>,
    size: Size,
    figures: &mut Figures,
    amounts: &mut Amounts,
) -> anyhow::Result<()> {
    let sides = [(&ours, ONE, BOUND), (&bare, ONE_BARE, BOUND_BARE)];
    say(&format!("{} Services, one after another", size.samples));
    for name in names("one", size.samples) {
        for (side, series, _) in sides {
            let began = Instant::now();
            side.make_service(&name).await?;
            figures.add(series, began.elapsed());
        }
    }
    figures.compare("service", ONE, ONE_BARE);
    for (side, ..) in sides {
        side.clear_services().await?;
    }
    let mut rates = [0.0; 2];
    for ((side, ..), rate) in sides.into_iter().zip(&mut rates) {
        say(&format!("{} Services at once", size.burst));
        let began = Instant::now();
        side.make_services(&names("burst", size.burst)).await?;
        *rate = f64::from(size.burst) / began.elapsed().as_secs_f64();
        side.clear_services().await?;
    }
    let [ours_rate, bare_rate] = rates;
    amounts.add(Amount {
        bare: Some(bare_rate),
        // P7: 1,000 in 5 s.
        limit: Some(Limit::AtLeast(200.0)),
        ..Amount::new(
            format!("Services made, {} at once", size.burst),
            "services/s",
            Some(ours_rate),
        )
    });
    say(&format!("{} claims, one after another", size.claims));
    for name in names("claim", size.claims) {
        for (side, _, series) in sides {
            figures.add(series, side.bind(&name).await?);
        }
    }
    if size.claims > 0 {
        figures.compare("claim", BOUND, BOUND_BARE);
    }
    Ok(())
}

impl Side<'_> {
    fn services(&self) -> Api<Service> {
        Api::namespaced(self.client.clone(), self.namespace)
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

    async fn clear_services(&self) -> anyhow::Result<()> {
        let api = self.services();
        let ours = ListParams::default().labels("vc-bench");
        let all = api.list_metadata(&ours).await?;
        let (api, params) = (&api, &DeleteParams::default());
        stream::iter(all.items.iter().map(async |service| {
            api.delete(&service.name_any(), params).await?;
            anyhow::Ok(())
        }))
        .buffer_unordered(CONCURRENCY)
        .try_collect()
        .await
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
    BTreeMap::from([("vc-bench".to_owned(), value.to_owned())])
}

fn metadata(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(labels("bare")),
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
    let mut pod = crate::place::pod(name);
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
