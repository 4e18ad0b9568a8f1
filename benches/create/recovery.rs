//! A control plane whose pod is killed (P2).
//!
//! In: a stage. Out: the time from the kill to the next pod's API server serving what users look for first. Never: a
//! cluster whose store is gone with its pod: what it would serve is not what it served.

use std::time::Instant;

use anyhow::{Context, ensure};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::api::DeleteParams;
use kube::runtime::wait::await_condition;
use kube::{Api, ResourceExt};
use tokio::time::timeout;
use vc::names::ClusterName;
use vc::pki::AdminCredential;
use vc::serving;
use vc::wait::Target;

use crate::record::{Figure, Part};
use crate::stage::{DEADLINE, Stage, ms, say};

const SERVING: &str = "control-plane pod killed -> API serving";

/// Kills it so many times.
pub(crate) async fn measure(
    stage: &Stage,
    repetitions: u32,
    part: &mut Part,
) -> anyhow::Result<()> {
    part.plan(Figure::new("P2", SERVING, "ms").at_most(5_000.0));
    let name: ClusterName = format!("{}-kill", stage.run).parse()?;
    let namespace = stage.namespace.as_str();
    stage.vc(&["create", name.as_str(), "--namespace", namespace])?;
    let target = Target {
        name: &name,
        namespace: &stage.namespace,
    };
    let admin = credential(stage, &name).await?;
    let pods: Api<Pod> = Api::namespaced(stage.host.client.clone(), namespace);
    let pod = name.pod();
    for number in 1..=repetitions {
        say(&format!(
            "killing the control-plane pod: {number} of {repetitions}"
        ));
        let old = pods.get(&pod).await?.uid().context("the pod has no UID")?;
        let began = Instant::now();
        pods.delete(&pod, &DeleteParams::default().grace_period(0))
            .await?;
        let next = await_condition(pods.clone(), &pod, |found: Option<&Pod>| {
            found.is_some_and(|pod| pod.metadata.uid.as_ref() != Some(&old) && is_running(pod))
        });
        timeout(DEADLINE, next)
            .await
            .with_context(|| format!("pod `{pod}` was not made again"))??;
        timeout(
            DEADLINE,
            serving::await_serving(&stage.host, target, &admin),
        )
        .await
        .with_context(|| format!("virtual cluster `{name}` does not serve again"))??;
        let took = began.elapsed();
        let now = pods.get(&pod).await?.uid();
        ensure!(
            now.is_some_and(|now| now != old),
            "pod `{pod}` is still the one that was killed"
        );
        part.sample(SERVING, ms(took));
    }
    stage.vc(&["delete", name.as_str(), "--yes", "--namespace", namespace])?;
    Ok(())
}

fn is_running(pod: &Pod) -> bool {
    let status = pod.status.as_ref();
    status.and_then(|status| status.phase.as_deref()) == Some("Running")
}

async fn credential(stage: &Stage, name: &ClusterName) -> anyhow::Result<AdminCredential> {
    let secrets: Api<Secret> = Api::namespaced(stage.host.client.clone(), stage.namespace.as_str());
    let secret = secrets.get(&name.kubeconfig_secret()).await?;
    Ok(AdminCredential::from_secret(
        &secret.data.unwrap_or_default(),
    )?)
}
