//! `vc apply`: creates a virtual cluster, or changes one in place.
//!
//! Everything is looked at, and the host asked to check it, before the first write. What was interrupted goes on
//! with the same command.

use std::time::Instant;

use anyhow::Context;
use futures::future::join_all;
use kube::api::DynamicObject;

use super::App;
use super::change::{self, Change, Changed, Found};
use super::{connect, create};
use crate::apply::{self, Mode};
use crate::cli::ApplyArgs;
use crate::cluster::{Cluster, Status, Storage};
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::render::Manifest;
use crate::serving;
use crate::wait::{self, Target};

/// Creates the cluster, or makes it as it is wanted.
///
/// # Errors
/// When a check fails (nothing was written), the host refuses something, or the cluster does not become ready in
/// time.
pub(super) async fn run(app: &App, args: ApplyArgs) -> anyhow::Result<()> {
    let name = args.change.name.clone();
    Box::pin(apply(app, &args))
        .await
        .with_context(|| format!("cannot apply virtual cluster `{name}`"))
}

async fn apply(app: &App, args: &ApplyArgs) -> anyhow::Result<()> {
    let began = Instant::now();
    app.ui.step("comparing with the host");
    let found = change::find(app, &args.change, args.timeout, args.no_wait).await?;
    let change = match found {
        Found::Nothing(args) => return create::run(app, *args).await,
        Found::Cluster(change) => change,
    };
    let Change {
        host,
        cluster,
        changed,
        ..
    } = &*change;
    let Cluster {
        name, namespace, ..
    } = cluster;
    if changed.is_empty() {
        app.ui.finish();
        app.ui
            .note(&format!("virtual cluster `{name}` is as it is wanted"));
        return Ok(());
    }
    check_store(cluster, changed)?;
    app.ui.step("[1/2] applying what is other");
    app.ui.on_interrupt(vec![
        format!("virtual cluster `{name}` may be changed in part"),
        "the same command goes on".to_owned(),
    ]);
    let restarts = write(host, changed).await?;
    let titles: Vec<&str> = changed.iter().map(|it| it.title.as_str()).collect();
    let titles = titles.join(", ");
    let end = match (cluster.status, restarts) {
        (Status::Paused, _) => ", and stays paused".to_owned(),
        (_, Some(generation)) if !args.no_wait => {
            app.ui.step("[2/2] waiting for the control plane");
            settle(app, &change, generation).await?;
            let seconds = began.elapsed().as_secs_f64();
            format!(", and ready again after {seconds:.1} s")
        }
        (_, Some(_)) => {
            format!(": wait for its control plane with `vc wait {name} -n {namespace}`")
        }
        (_, None) => String::new(),
    };
    app.ui.finish();
    app.ui.note(&format!(
        "virtual cluster `{name}` is changed ({titles}){end}"
    ));
    Ok(())
}

/// That the store outlives the pod, if that is to be another.
fn check_store(cluster: &Cluster, changed: &[Changed]) -> Result<(), Failure> {
    let storage = cluster.spec.as_ref().map(|spec| &spec.storage);
    let mut kinds = changed.iter().filter_map(|it| it.manifest.as_ref());
    let restarts = kinds.any(|manifest| manifest.kind() == "StatefulSet");
    if !restarts || storage != Some(&Storage::Ephemeral) {
        return Ok(());
    }
    let Cluster {
        name, namespace, ..
    } = cluster;
    let message = "its control plane would have to start again, and it is ephemeral: \
                   its store, and all that is in the cluster, would be lost";
    Err(Failure::new(Kind::Failed, message).hint(format!(
        "see what would change with `vc diff {name} -n {namespace}`; to begin anew, `vc delete {name} -n {namespace}` first"
    )))
}

/// Writes what is other; answers with the generation of the StatefulSet, if its pod is to be another.
pub(super) async fn write(host: &Host, changed: &[Changed]) -> anyhow::Result<Option<i64>> {
    let (late, early): (Vec<_>, Vec<_>) = changed
        .iter()
        .partition(|it| it.manifest.as_ref().is_some_and(Manifest::comes_last));
    let mut restarts = None;
    for together in [early, late] {
        let written: Vec<_> = join_all(together.into_iter().map(|it| write_one(host, it))).await;
        // All are awaited, so that of several refusals the same one is told each time.
        let written: anyhow::Result<Vec<Option<i64>>> = written.into_iter().collect();
        restarts = restarts.or(written?.into_iter().flatten().next());
    }
    Ok(restarts)
}

async fn write_one(host: &Host, changed: &Changed) -> anyhow::Result<Option<i64>> {
    let generation = |object: &DynamicObject| object.metadata.generation.unwrap_or_default();
    match (&changed.manifest, &changed.is) {
        (Some(manifest), is) => {
            let written = apply::apply(host, manifest.value(), Mode::Store).await?;
            let before = is.as_ref().map(generation);
            let is_other = manifest.kind() == "StatefulSet" && before != Some(generation(&written));
            Ok(is_other.then(|| generation(&written)))
        }
        (None, Some(is)) => apply::delete(host, is).await.map(|()| None),
        (None, None) => Ok(None),
    }
}

/// Waits until the control plane is another, and ready.
pub(super) async fn settle(app: &App, change: &Change, generation: i64) -> anyhow::Result<()> {
    let Change {
        host,
        cluster,
        pki,
        timeout,
        ..
    } = change;
    let began = Instant::now();
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    wait::await_replaced(host, target, generation, *timeout).await?;
    let admin = pki.admin_credential();
    let probe = serving::await_serving(host, target, &admin);
    let left = timeout.saturating_sub(began.elapsed());
    wait::await_ready(host, &app.ui, target, left, probe).await?;
    connect::note_ready(host, target).await
}
