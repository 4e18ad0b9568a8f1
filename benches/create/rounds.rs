//! Virtual clusters made and deleted, beside bare control planes.
//!
//! In: a stage. Out: figures (P1). Never: lets one kind of case have all of a quiet or a busy minute: all
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
use serde_json::Value;
use vc::labels;
use vc::names::Namespace;

use crate::bare::Bare;
use crate::record::{Figure, Is, Of, Part};
use crate::stage::{Stage, ms, say};

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

const OWN_CREATED: &str = "vc create, ephemeral, own namespace";
const DELETED_EPHEMERAL: &str = "vc delete, ephemeral";
const DELETED_PERSISTENT: &str = "vc delete, persistent";
/// Beside what Kubernetes takes to delete a namespace with nothing in it.
const OWN_DELETED: &str = "vc delete, ephemeral, own namespace";

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
    part: &mut Part,
) -> anyhow::Result<()> {
    for storage in ["ephemeral", "persistent"] {
        let figure = Figure::new("P1", format!("vc create, {storage}"), "ms");
        part.plan(figure.at_most(4_500.0).bound(Of::Ratio, Is::AtMost, 1.15));
    }
    for name in [
        OWN_CREATED,
        DELETED_EPHEMERAL,
        DELETED_PERSISTENT,
        OWN_DELETED,
    ] {
        part.plan(Figure::new("", name, "ms"));
    }
    say("warming up: the first pod of an image is slower than all others");
    run(
        stage,
        Case::BareEphemeral,
        &mut Part::new("warming up", Value::Null),
    )
    .await?;
    let mut cases = CASES;
    for round in 1..=repetitions {
        say(&format!("round {round} of {repetitions}"));
        for case in cases {
            // So that an interruption is noticed: `vc` is waited for without any await.
            tokio::task::yield_now().await;
            run(stage, case, part).await?;
        }
        cases.rotate_left(1);
    }
    Ok(())
}

async fn run(stage: &Stage, case: Case, part: &mut Part) -> anyhow::Result<()> {
    let ephemeral = ["--ephemeral"].as_slice();
    match case {
        Case::BareEphemeral => bare(stage, "ephemeral", ephemeral, part).await,
        Case::BarePersistent => bare(stage, "persistent", &[], part).await,
        Case::Ephemeral => virtual_cluster(stage, "ephemeral", ephemeral, part).await,
        Case::Persistent => virtual_cluster(stage, "persistent", &[], part).await,
        Case::OwnNamespace => own_namespace(stage, part).await,
        Case::EmptyNamespace => empty_namespace(stage, part).await,
    }
}

async fn bare(
    stage: &Stage,
    storage: &str,
    options: &[&str],
    part: &mut Part,
) -> anyhow::Result<()> {
    let bare = Bare::render(stage, &format!("{}-bare", stage.run), options)?;
    part.bare(&format!("vc create, {storage}"), ms(bare.create().await?));
    part.bare(&format!("vc delete, {storage}"), ms(bare.delete().await?));
    Ok(())
}

async fn virtual_cluster(
    stage: &Stage,
    storage: &str,
    options: &[&str],
    part: &mut Part,
) -> anyhow::Result<()> {
    let name = format!("{}-vc", stage.run);
    let place = ["--namespace", stage.namespace.as_str()];
    let created = stage.vc(&[&["create", &name][..], &place, options].concat())?;
    part.sample(&format!("vc create, {storage}"), ms(created.took));
    let deleted = stage.vc(&[&["delete", &name, "--yes"][..], &place].concat())?;
    part.sample(&format!("vc delete, {storage}"), ms(deleted.took));
    ensure_nothing_left(stage, &stage.namespace, &name).await
}

async fn own_namespace(stage: &Stage, part: &mut Part) -> anyhow::Result<()> {
    let name = stage.own_name();
    let created = stage.vc(&["create", &name, "--ephemeral"])?;
    part.sample(OWN_CREATED, ms(created.took));
    let deleted = stage.vc(&["delete", &name, "--yes"])?;
    part.sample(OWN_DELETED, ms(deleted.took));
    let namespaces: Api<HostNamespace> = Api::all(stage.host.client.clone());
    let left = namespaces.get_opt(&format!("vc-{name}")).await?;
    ensure!(left.is_none(), "`vc delete` left namespace `vc-{name}`");
    Ok(())
}

async fn empty_namespace(stage: &Stage, part: &mut Part) -> anyhow::Result<()> {
    let namespace: Namespace = format!("{}-empty", stage.namespace).parse()?;
    stage.make_namespace(&namespace).await?;
    let began = Instant::now();
    stage.remove_namespace(&namespace).await?;
    part.bare(OWN_DELETED, ms(began.elapsed()));
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
