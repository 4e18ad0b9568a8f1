//! What `vc apply` and `vc diff` share: the cluster as it is on the host beside the one that is wanted.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use futures::future::join_all;
use kube::api::DynamicObject;
use serde_json::Value;

use super::App;
use super::create;
use super::render::{namespace_of, spec_with_host};
use crate::apply::{self, Mode};
use crate::change::{KUBERNETES_VERSION, difference, fixed};
use crate::cli::{ChangeArgs, CreateArgs};
use crate::cluster::{Cluster, ClusterSpec, Status};
use crate::config;
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::labels;
use crate::names::{ClusterName, Label};
use crate::pki::Pki;
use crate::preflight;
use crate::render::{Manifest, Manifests};

/// An object whose state on the host is not the one that is wanted.
pub(super) struct Changed {
    /// `ConfigMap/vc-dev`.
    pub(super) title: String,
    /// As the host has it.
    pub(super) is: Option<DynamicObject>,
    /// As it is to be applied; none when it is to go.
    pub(super) manifest: Option<Manifest>,
    /// The lines by which the two differ.
    pub(super) difference: String,
}

/// What the marker says besides the specification.
pub(super) struct Mark {
    /// The labels that users gave the cluster.
    pub(super) labels: Vec<Label>,
    /// How long after its creation the cluster is to delete itself.
    pub(super) ttl: Option<Duration>,
}

/// What is to be done about a cluster that exists.
pub(super) struct Change {
    pub(super) host: Host,
    pub(super) cluster: Cluster,
    pub(super) pki: Pki,
    /// How long to wait until it is ready again.
    pub(super) timeout: Duration,
    /// In the order of application; what is to go comes last.
    pub(super) changed: Vec<Changed>,
}

/// What an existing cluster comes to.
pub(super) enum Found {
    /// There is none, or one that was never ready: it is to be created.
    Nothing(Box<CreateArgs>),
    /// There is one.
    Cluster(Box<Change>),
}

/// Looks at what there is, and compares it with what is wanted; writes nothing.
///
/// # Errors
/// When what is wanted cannot be had in place, the host does not take it, or rights are missing.
pub(super) async fn find(
    app: &App,
    args: &ChangeArgs,
    timeout: Option<Duration>,
    no_wait: bool,
) -> anyhow::Result<Found> {
    let create = create_args(args, timeout, no_wait);
    let file = app.files(&args.spec)?;
    let options = config::spec_options(&args.spec, &file)?;
    let ttl = config::ttl(args.mark.ttl, &file)?;
    let labels = config::labels(&args.mark.labels, &file)?;
    let wait_at_most = config::timeout(timeout, &file)?;
    let (host, files) = app.connect().await?;
    let namespace = namespace_of(app, &args.name);
    let state = preflight::namespace_state(&host, &namespace).await?;
    let existing = create::existing(&host, &files, &create, &namespace, state).await?;
    let Some(cluster) = existing.filter(|cluster| cluster.was_ready) else {
        return Ok(Found::Nothing(Box::new(create)));
    };
    let stored = create::stored(&cluster)?;
    preflight::rights(&host, &namespace, state, &options).await?;
    let wants_quota = !options.quota.is_empty();
    preflight::neighbours(&host, &args.name, &namespace, state, wants_quota).await?;
    let (spec, _) = Box::pin(spec_with_host(
        &host,
        &args.name,
        &options,
        &namespace,
        state,
        Some(&stored),
    ))
    .await?;
    check_fixed(&cluster, &stored, &spec)?;
    let pki = create::whole_pki(&host, &stored).await?;
    let mark = Mark { labels, ttl };
    let changed = between(&host, &cluster, (&stored, &spec), &mark, &pki).await?;
    Ok(Found::Cluster(Box::new(Change {
        host,
        cluster,
        pki,
        timeout: wait_at_most,
        changed,
    })))
}

/// What is other when a cluster that was made from the first of two specifications is to be as the second says.
///
/// # Errors
/// What the host answers; that it does not take something.
pub(super) async fn between(
    host: &Host,
    cluster: &Cluster,
    (stored, wanted): (&ClusterSpec, &ClusterSpec),
    mark: &Mark,
    pki: &Pki,
) -> anyhow::Result<Vec<Changed>> {
    // What is in the Secrets stays; the syncer renews some of it.
    let rendered = |spec| anyhow::Ok(crate::render::render(spec, Some(pki))?.without("Secret"));
    let mut wanted = rendered(wanted)?;
    wanted.mark(&mark.labels, mark.ttl);
    wanted.own(cluster.uid.as_deref().context("its marker has no UID")?);
    if cluster.status == Status::Paused {
        wanted.scale_to_nothing();
    }
    compare(host, &cluster.name, wanted, &rendered(stored)?).await
}

/// As `vc create --if-not-exists`, but that no context becomes the current one.
fn create_args(args: &ChangeArgs, timeout: Option<Duration>, no_wait: bool) -> CreateArgs {
    CreateArgs {
        name: args.name.clone(),
        spec: args.spec.clone(),
        context_name: None,
        switch: Some(false),
        no_wake: false,
        timeout,
        mark: args.mark.clone(),
        no_wait,
        if_not_exists: true,
        rollback_on_failure: false,
        dry_run: None,
        output: None,
    }
}

fn check_fixed(
    cluster: &Cluster,
    stored: &ClusterSpec,
    wanted: &ClusterSpec,
) -> Result<(), Failure> {
    let fixed = fixed(stored, wanted);
    if fixed.is_empty() {
        return Ok(());
    }
    let message = "this cannot be changed in a cluster that exists";
    let is_version_alone = matches!(fixed.as_slice(), [it] if it.setting == KUBERNETES_VERSION);
    let failure = fixed
        .iter()
        .fold(Failure::new(Kind::Failed, message), |failure, it| {
            failure.detail(format!(
                "{} is {}, not {}: {}",
                it.setting, it.is, it.wanted, it.why
            ))
        });
    let Cluster {
        name, namespace, ..
    } = cluster;
    if is_version_alone {
        let version = wanted.kubernetes_version;
        return Err(failure.hint(format!(
            "vc upgrade {name} -n {namespace} --kubernetes-version {version}"
        )));
    }
    Err(failure.hint(format!(
        "leave it as it is, or create another cluster; `vc get {name} -n {namespace} -o yaml` shows this one"
    )))
}

/// Everything that is not as it is wanted, by the word of the host, which stores nothing of it.
async fn compare(
    host: &Host,
    name: &ClusterName,
    wanted: Manifests,
    stored: &Manifests,
) -> anyhow::Result<Vec<Changed>> {
    let key = |manifest: &Manifest| (manifest.kind(), manifest.name().to_owned());
    let keys: BTreeSet<_> = wanted.iter().map(key).collect();
    let gone = stored.iter().filter(|old| !keys.contains(&key(old)));
    let gone = join_all(gone.map(|old| going(host, name, old))).await;
    let kept = join_all(wanted.into_iter().map(|new| compared(host, name, new))).await;
    let all: anyhow::Result<Vec<Option<Changed>>> = kept.into_iter().chain(gone).collect();
    Ok(all?.into_iter().flatten().collect())
}

fn title(manifest: &Manifest) -> String {
    format!("{}/{}", manifest.kind(), manifest.name())
}

/// One that is to be there.
async fn compared(
    host: &Host,
    name: &ClusterName,
    manifest: Manifest,
) -> anyhow::Result<Option<Changed>> {
    let is = apply::read(host, manifest.value()).await?;
    if let Some(is) = is.as_ref().filter(|is| !is_ours(is, name)) {
        let message = format!("{} exists, and is not this cluster's", title(&manifest));
        let namespace = is.metadata.namespace.as_deref().unwrap_or_default();
        return Err(Failure::new(Kind::Exists, message)
            .hint(format!(
                "look at it with `kubectl -n {namespace} describe {}`",
                title(&manifest)
            ))
            .into());
    }
    let wanted = apply::apply(host, manifest.value(), Mode::DryRun).await?;
    let (before, after) = (is.as_ref().map(value).transpose()?, value(&wanted)?);
    let difference = difference(&title(&manifest), before.as_ref(), Some(&after));
    Ok((!difference.is_empty()).then(|| Changed {
        title: title(&manifest),
        is,
        manifest: Some(manifest),
        difference,
    }))
}

/// One that was there and is no longer wanted.
async fn going(
    host: &Host,
    name: &ClusterName,
    manifest: &Manifest,
) -> anyhow::Result<Option<Changed>> {
    let is = apply::read(host, manifest.value()).await?;
    let Some(is) = is.filter(|is| is_ours(is, name)) else {
        return Ok(None);
    };
    let difference = difference(&title(manifest), Some(&value(&is)?), None);
    Ok(Some(Changed {
        title: title(manifest),
        is: Some(is),
        manifest: None,
        difference,
    }))
}

fn is_ours(object: &DynamicObject, name: &ClusterName) -> bool {
    let labels = object.metadata.labels.as_ref();
    labels
        .and_then(|labels| labels.get(labels::CLUSTER))
        .map(String::as_str)
        == Some(name.as_str())
}

fn value(object: &DynamicObject) -> serde_json::Result<Value> {
    serde_json::to_value(object)
}

/// Everything that a cluster would be made of that is not there yet.
pub(super) fn all_new(manifests: &Manifests) -> String {
    manifests
        .iter()
        .map(|manifest| difference(&title(manifest), None, Some(manifest.value())))
        .collect()
}
