//! Virtual clusters made and deleted, beside bare control planes.
//!
//! In: a stage. Out: figures. Never: lets one kind of case have all of a quiet or a busy minute: all
//! of them take turns, and each round begins with another.

use std::time::Instant;

use anyhow::ensure;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace as HostNamespace, PersistentVolumeClaim, Pod, Secret, Service,
    ServiceAccount,
};
use kube::api::ListParams;
use kube::{Api, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use vc::labels;
use vc::names::Namespace;

use crate::bare::Bare;
use crate::figures::Figures;
use crate::stage::{Stage, say};

/// What takes turns.
#[derive(Debug, Clone, Copy)]
enum Case {
    /// A bare control plane whose store is gone with its pod.
    BareEphemeral,
    /// The same by `vc`, in a namespace that exists.
    Ephemeral,
    /// The same by `vc`, with a namespace of its own.
    OwnNamespace,
    /// A bare control plane with a volume.
    BarePersistent,
    /// The same by `vc`.
    Persistent,
    /// A namespace with nothing in it: what Kubernetes takes to delete that.
    EmptyNamespace,
}

const CASES: [Case; 6] = [
    Case::BareEphemeral,
    Case::Ephemeral,
    Case::OwnNamespace,
    Case::BarePersistent,
    Case::Persistent,
    Case::EmptyNamespace,
];

/// Runs every case `repetitions` times.
pub(crate) async fn measure(
    stage: &Stage,
    repetitions: u32,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    say("warming up: the first pod of an image is slower than all others");
    run(stage, Case::BareEphemeral, &mut Figures::default()).await?;
    let mut cases = CASES;
    for round in 1..=repetitions {
        say(&format!("round {round} of {repetitions}"));
        for case in cases {
            run(stage, case, figures).await?;
        }
        cases.rotate_left(1);
    }
    figures.compare(
        "create, ephemeral",
        "vc create, ephemeral",
        "bare, ephemeral",
    );
    figures.compare(
        "create, persistent",
        "vc create, persistent",
        "bare, persistent",
    );
    Ok(())
}

async fn run(stage: &Stage, case: Case, figures: &mut Figures) -> anyhow::Result<()> {
    let ephemeral = ["--ephemeral"].as_slice();
    match case {
        Case::BareEphemeral => bare(stage, "ephemeral", ephemeral, figures).await,
        Case::BarePersistent => bare(stage, "persistent", &[], figures).await,
        Case::Ephemeral => virtual_cluster(stage, "ephemeral", ephemeral, figures).await,
        Case::Persistent => virtual_cluster(stage, "persistent", &[], figures).await,
        Case::OwnNamespace => own_namespace(stage, figures).await,
        Case::EmptyNamespace => empty_namespace(stage, figures).await,
    }
}

async fn bare(
    stage: &Stage,
    storage: &str,
    options: &[&str],
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let bare = Bare::render(stage, &format!("{}-bare", stage.run), options)?;
    figures.add(format!("bare, {storage}"), bare.create().await?);
    figures.add(format!("bare, {storage}: deleted"), bare.delete().await?);
    Ok(())
}

async fn virtual_cluster(
    stage: &Stage,
    storage: &str,
    options: &[&str],
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let name = format!("{}-vc", stage.run);
    let place = ["--namespace", stage.namespace.as_str()];
    let created = stage.vc(&[&["create", &name][..], &place, options].concat())?;
    figures.add(format!("vc create, {storage}"), created.took);
    let deleted = stage.vc(&[&["delete", &name, "--yes"][..], &place].concat())?;
    figures.add(format!("vc delete, {storage}"), deleted.took);
    ensure_nothing_left(stage, &stage.namespace, &name).await
}

async fn own_namespace(stage: &Stage, figures: &mut Figures) -> anyhow::Result<()> {
    let name = stage.own_name();
    let created = stage.vc(&["create", &name, "--ephemeral"])?;
    figures.add("vc create, ephemeral, own namespace", created.took);
    let deleted = stage.vc(&["delete", &name, "--yes"])?;
    figures.add("vc delete, ephemeral, own namespace", deleted.took);
    let namespaces: Api<HostNamespace> = Api::all(stage.host.client.clone());
    let left = namespaces.get_opt(&format!("vc-{name}")).await?;
    ensure!(left.is_none(), "`vc delete` left namespace `vc-{name}`");
    Ok(())
}

async fn empty_namespace(stage: &Stage, figures: &mut Figures) -> anyhow::Result<()> {
    let namespace: Namespace = format!("{}-empty", stage.namespace).parse()?;
    stage.make_namespace(&namespace).await?;
    let began = Instant::now();
    stage.remove_namespace(&namespace).await?;
    figures.add("empty namespace: deleted", began.elapsed());
    Ok(())
}

async fn ensure_nothing_left(stage: &Stage, place: &Namespace, name: &str) -> anyhow::Result<()> {
    let label = format!("{}={name}", labels::CLUSTER);
    tokio::try_join!(
        ensure_none::<StatefulSet>(stage, place, &label),
        ensure_none::<Pod>(stage, place, &label),
        ensure_none::<PersistentVolumeClaim>(stage, place, &label),
        ensure_none::<Secret>(stage, place, &label),
        ensure_none::<ConfigMap>(stage, place, &label),
        ensure_none::<Service>(stage, place, &label),
        ensure_none::<ServiceAccount>(stage, place, &label),
    )?;
    Ok(())
}

async fn ensure_none<K>(stage: &Stage, place: &Namespace, label: &str) -> anyhow::Result<()>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + std::fmt::Debug,
    K: DeserializeOwned,
{
    let api: Api<K> = Api::namespaced(stage.host.client.clone(), place.as_str());
    let left = api
        .list_metadata(&ListParams::default().labels(label))
        .await?;
    let names: Vec<String> = left.items.iter().map(ResourceExt::name_any).collect();
    ensure!(
        names.is_empty(),
        "`vc delete` left {} {}",
        K::plural(&()),
        names.join(", ")
    );
    Ok(())
}
