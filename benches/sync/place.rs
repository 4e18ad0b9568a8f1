//! Where pods are made, and where they then are on the host: the same place, unless there is a virtual
//! cluster between.
//!
//! In: two APIs. Out: pods that no node takes, their status, their end. Never: a pod that would run.

use std::collections::BTreeMap;
use std::time::Instant;

use futures::stream::{self, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{Container, Pod, PodSpec, PodStatus};
use kube::api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::json;
use vc::labels;

use crate::sight::{Sight, deleted};

/// Requests at once.
pub(crate) const CONCURRENCY: usize = 20;

/// Type of the condition that is set on the host.
const CONDITION: &str = "bench.example/Seen";

/// What is compared.
pub(crate) struct Places {
    pub(crate) virtual_cluster: Place,
    pub(crate) host: Place,
}

/// See the module.
pub(crate) struct Place {
    /// Where pods are made and deleted.
    pub(crate) pods: Api<Pod>,
    /// Where they are on the host.
    pub(crate) host_pods: Api<Pod>,
    /// What they are known by there.
    pub(crate) host_selector: String,
}

impl Place {
    /// Watches the host for the pods of this place.
    pub(crate) async fn watch_host(&self) -> anyhow::Result<Sight> {
        Sight::open(self.host_pods.clone(), &self.host_selector).await
    }

    /// Watches where they are made.
    pub(crate) async fn watch(&self) -> anyhow::Result<Sight> {
        Sight::open(self.pods.clone(), "vc-bench").await
    }

    /// Makes one.
    pub(crate) async fn create(&self, name: &str) -> anyhow::Result<()> {
        self.pods.create(&PostParams::default(), &pod(name)).await?;
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
            self.pods.delete(name, &params).await?;
            Ok(())
        })
        .await
    }

    /// Deletes all that are there, and waits until they are gone from the host.
    pub(crate) async fn clear(&self) -> anyhow::Result<()> {
        let mut sight = self.watch_host().await?;
        let all = ListParams::default().labels("vc-bench");
        let pods = self.pods.list_metadata(&all).await?;
        let names: Vec<String> = pods.items.iter().map(ResourceExt::name_any).collect();
        tokio::try_join!(
            self.delete_all(&names),
            sight.every("pods to be gone from the host", &names, deleted),
        )?;
        Ok(())
    }
}

/// Names of pods that are made together.
pub(crate) fn names(stem: &str, count: u32) -> Vec<String> {
    (0..count)
        .map(|number| format!("{stem}-{number}"))
        .collect()
}

/// The name under which a pod was made.
pub(crate) fn made_as(pod: &Pod) -> String {
    let mark = pod.annotations().get(labels::VIRTUAL_NAME);
    mark.cloned().unwrap_or_else(|| pod.name_any())
}

/// Whether its status has what [`Place::set_status`] writes.
pub(crate) fn has_condition(status: &PodStatus) -> bool {
    let conditions = status.conditions.as_deref().unwrap_or_default();
    conditions
        .iter()
        .any(|condition| condition.type_ == CONDITION)
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

/// A pod that no node takes. Like most pods it has a token of its ServiceAccount.
pub(crate) fn pod(name: &str) -> Pod {
    let label = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    Pod {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(label("vc-bench", "bare")),
            ..ObjectMeta::default()
        },
        spec: Some(PodSpec {
            node_selector: Some(label("vc-bench", "no-node-has-this")),
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
