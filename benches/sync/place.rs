//! Where pods are made, and where they then are on the host: the same place, unless there is a virtual
//! cluster between.
//!
//! In: two APIs. Out: pods that no node takes, or a fake one, their status, their end. Never: a pod that would run.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures::stream::{self, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{Container, Pod, PodSpec, Toleration};
use kube::api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Resource, ResourceExt};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::mark::made_as;
use crate::sight::Sight;
use crate::stage::{DEADLINE, say};

/// Requests at once.
pub(crate) const CONCURRENCY: usize = 20;

/// The label of all that is made here, by which it is found again.
pub(crate) const LABEL: &str = "vc-bench";

/// How soon it is looked again whether pods are gone; nothing is measured then.
const PERIOD: Duration = Duration::from_secs(1);

/// Type of the condition that is set on the host.
pub(crate) const CONDITION: &str = "bench.example/Seen";

/// What is compared.
#[derive(Clone)]
pub(crate) struct Places {
    pub(crate) virtual_cluster: Place,
    pub(crate) host: Place,
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Place {
    /// Where pods are made and deleted.
    pub(crate) pods: Api<Pod>,
    /// Where they are on the host.
    pub(crate) host_pods: Api<Pod>,
    /// What takes them.
    pub(crate) nodes: Nodes,
}

/// What takes pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Nodes {
    /// No node does.
    None,
    /// Those that have this value of the label [`LABEL`], and the taint [`LABEL`].
    Fake(String),
}

impl Places {
    /// The same, where fake nodes take the pods.
    pub(crate) fn on(&self, nodes: &Nodes) -> Self {
        let mut places = self.clone();
        places.virtual_cluster.nodes = nodes.clone();
        places.host.nodes = nodes.clone();
        places
    }

    /// Deletes what is left of a measurement that failed, as far as that is possible.
    pub(crate) async fn clear(&self) {
        for place in [&self.virtual_cluster, &self.host] {
            if let Err(error) = place.clear().await {
                say(&format!("what is left stays: {error:#}"));
            }
        }
    }
}

impl Place {
    /// Watches the host for the pods of this place.
    pub(crate) async fn watch_host(&self) -> anyhow::Result<Sight<Pod>> {
        // Whether labels are kept is the product's affair.
        Sight::open(self.host_pods.clone(), "").await
    }

    /// Watches where they are made.
    pub(crate) async fn watch(&self) -> anyhow::Result<Sight<Pod>> {
        Sight::open(self.pods.clone(), LABEL).await
    }

    /// Makes one.
    pub(crate) async fn create(&self, name: &str) -> anyhow::Result<()> {
        let pod = pod(name, &self.nodes);
        self.pods.create(&PostParams::default(), &pod).await?;
        Ok(())
    }

    /// Makes many at once.
    pub(crate) async fn create_all(&self, names: &[String]) -> anyhow::Result<()> {
        each(names.iter(), |name| self.create(name)).await
    }

    /// Makes many at once; answers with when each was begun.
    pub(crate) async fn create_all_timed(
        &self,
        names: &[String],
    ) -> anyhow::Result<BTreeMap<String, Instant>> {
        let made = names.iter().map(async |name| {
            let began = Instant::now();
            self.create(name).await?;
            anyhow::Ok((name.clone(), began))
        });
        stream::iter(made)
            .buffer_unordered(CONCURRENCY)
            .try_collect()
            .await
    }

    /// Has the host say something of one, by the name that it has there.
    pub(crate) async fn set_status(&self, host_name: &str) -> anyhow::Result<()> {
        let condition = json!({"type": CONDITION, "status": "True"});
        let patch = Patch::Strategic(json!({"status": {"conditions": [condition]}}));
        let params = PatchParams::default();
        self.host_pods
            .patch_status(host_name, &params, &patch)
            .await?;
        Ok(())
    }

    /// The same of many at once.
    pub(crate) async fn set_statuses(
        &self,
        host_names: &BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        each(host_names.values(), |name| self.set_status(name)).await
    }

    /// Deletes many at once.
    pub(crate) async fn delete_all(&self, names: &[String]) -> anyhow::Result<()> {
        let params = DeleteParams::default();
        each(names.iter(), |name| async {
            match self.pods.delete(name, &params).await {
                // It was being deleted already.
                Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
                result => Ok(result.map(drop)?),
            }
        })
        .await
    }

    /// Deletes all that are there, and waits until they are gone on both sides.
    pub(crate) async fn clear(&self) -> anyhow::Result<()> {
        let ours = ListParams::default().labels(LABEL);
        let pods = self.pods.list_metadata(&ours).await?;
        let names: Vec<String> = pods.items.iter().map(ResourceExt::name_any).collect();
        self.delete_all(&names).await?;
        let mut left = usize::MAX;
        loop {
            // Where nothing more goes away, nothing will.
            let now = timeout(DEADLINE, self.fewer(left)).await;
            left = now.with_context(|| format!("waited for {left} pods to be gone"))??;
            if left == 0 {
                return Ok(());
            }
        }
    }

    /// How many pods of ours there are on both sides, as soon as there are fewer.
    async fn fewer(&self, than: usize) -> anyhow::Result<usize> {
        let ours = ListParams::default().labels(LABEL);
        loop {
            let own = self.pods.list_metadata(&ours).await?;
            let host = self.host_pods.list_metadata(&ListParams::default()).await?;
            let copies = host
                .items
                .iter()
                .filter(|pod| made_as(pod.meta()).is_some());
            let left = own.items.len().max(copies.count());
            if left < than {
                return Ok(left);
            }
            sleep(PERIOD).await;
        }
    }
}

async fn each<'a, F>(
    names: impl Iterator<Item = &'a String>,
    work: impl Fn(&'a String) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    stream::iter(names.map(work))
        .buffer_unordered(CONCURRENCY)
        .try_collect()
        .await
}

/// A pod that would not run anywhere. Like most pods it has a token of its ServiceAccount.
pub(crate) fn pod(name: &str, nodes: &Nodes) -> Pod {
    let label = |value: &str| BTreeMap::from([(LABEL.to_owned(), value.to_owned())]);
    let node = match nodes {
        Nodes::None => "no-node-has-this",
        Nodes::Fake(run) => run,
    };
    Pod {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(label("pod")),
            ..ObjectMeta::default()
        },
        spec: Some(PodSpec {
            node_selector: Some(label(node)),
            tolerations: Some(vec![Toleration {
                key: Some(LABEL.to_owned()),
                operator: Some("Exists".to_owned()),
                ..Toleration::default()
            }]),
            containers: vec![Container {
                name: "none".to_owned(),
                image: Some("vc-bench.invalid/none".to_owned()),
                ..Container::default()
            }],
            ..PodSpec::default()
        }),
        ..Pod::default()
    }
}
