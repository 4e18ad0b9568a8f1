//! `vc render`: the manifests that `create` would apply, for review and GitOps.

use jiff::Timestamp;

use super::App;
use crate::cli::{ManifestFormat, PkiChoice, RenderArgs};
use crate::cluster::{ClusterSpec, Grants, Storage};
use crate::config::{self, SpecOptions};
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::names::{ClusterName, KubernetesVersion, Namespace};
use crate::pki::{Pki, PkiRequest, RandomKeys};
use crate::preflight::{self, NamespaceState};
use crate::render::{Manifests, gitops, render};
use crate::sync::Known;

/// Prints the manifests. The host is asked only for what the options leave open.
///
/// # Errors
/// When the host is needed and does not answer, or the options cannot be meant.
pub(super) async fn run(app: &App, args: &RenderArgs) -> anyhow::Result<()> {
    check_pki(args)?;
    let options = config::spec_options(&args.spec, &app.files(&args.spec)?)?;
    let namespace = namespace_of(app, &args.name);
    let spec = if let Some(spec) = spec_without_host(&args.name, &options, &namespace)? {
        spec
    } else {
        let (host, _) = app.connect().await?;
        let state = preflight::namespace_state(&host, &namespace).await?;
        let (spec, warning) = Box::pin(spec_with_host(
            &host, &args.name, &options, &namespace, state, None,
        ))
        .await?;
        if let Some(warning) = warning {
            app.ui.warn(&warning);
        }
        spec
    };
    let pki = match args.pki {
        PkiChoice::New => Some(new_pki(&spec, &[])?),
        PkiChoice::None => None,
    };
    let mut manifests = render(&spec, pki.as_ref())?;
    if let Some(pki) = &pki {
        if let Some(namespace) = &args.argocd {
            manifests.add(gitops::argocd(&spec, pki, namespace)?);
        }
        if let Some(namespace) = &args.flux {
            manifests.add(gitops::flux(&spec, pki, namespace)?);
        }
    }
    print(app, &manifests, args.output)
}

/// What is for Argo CD and Flux are credentials, and `--pki=none` is for those who want none printed.
fn check_pki(args: &RenderArgs) -> Result<(), Failure> {
    let flag = match (&args.argocd, &args.flux) {
        (Some(_), _) => "--argocd",
        (None, Some(_)) => "--flux",
        (None, None) => return Ok(()),
    };
    match args.pki {
        PkiChoice::New => Ok(()),
        PkiChoice::None => Err(Failure::new(
            Kind::Usage,
            format!("`{flag}` adds a Secret, and `--pki=none` leaves Secrets out"),
        )
        .hint(format!(
            "leave out one of them; beside the cluster, Flux can be told of the Secret that it has anyway: \
             `secretRef: {{name: {}, key: config}}`",
            args.name.kubeconfig_secret()
        ))),
    }
}

/// Prints manifests on stdout.
pub(super) fn print(
    app: &App,
    manifests: &Manifests,
    format: ManifestFormat,
) -> anyhow::Result<()> {
    let text = match format {
        ManifestFormat::Yaml => manifests.to_yaml()?,
        ManifestFormat::Json => format!("{:#}\n", manifests.to_list()),
    };
    app.ui.data(&text)
}

/// The host namespace: the one named, or the cluster's own.
pub(super) fn namespace_of(app: &App, name: &ClusterName) -> Namespace {
    let named = app.global.namespace.clone();
    named.unwrap_or_else(|| name.default_namespace())
}

/// New keys and certificates; `addresses` are those of the cluster's Service, as far as it exists.
pub(super) fn new_pki(spec: &ClusterSpec, addresses: &[String]) -> anyhow::Result<Pki> {
    let request = PkiRequest {
        name: &spec.name,
        namespace: &spec.namespace,
        service_cidrs: &spec.service_cidrs,
        server_names: addresses,
        leaf_life: spec.certificate_life(),
        now: Timestamp::now(),
    };
    Ok(Pki::generate(&request, &mut RandomKeys)?)
}

/// The specification, when the options say everything that the host would be asked for.
fn spec_without_host(
    name: &ClusterName,
    options: &SpecOptions,
    namespace: &Namespace,
) -> Result<Option<ClusterSpec>, Failure> {
    let storage = match (&options.storage.class, options.storage.is_ephemeral()) {
        (_, true) => Storage::Ephemeral,
        (Some(class), false) => Storage::Persistent {
            class: Some(class.clone()),
            size: options.storage.size().to_owned(),
        },
        (None, false) => return Ok(None),
    };
    let Some(kubernetes_version) = options.kubernetes_version else {
        return Ok(None);
    };
    if options.service_cidrs.is_empty() {
        return Ok(None);
    }
    let side = HostSide {
        kubernetes_version,
        service_cidrs: options.service_cidrs.clone(),
        storage,
        // Nobody was asked for rights.
        grants: Grants::default(),
        may_sync: Vec::new(),
        restored_store: None,
    };
    let image = options.images.syncer_image()?.to_owned();
    check_sleep(spec_of(name, namespace, options, image, side)).map(Some)
}

/// What the host decides of a specification.
pub(super) struct HostSide {
    pub(super) kubernetes_version: KubernetesVersion,
    pub(super) service_cidrs: Vec<String>,
    pub(super) storage: Storage,
    pub(super) grants: Grants,
    /// Kinds that are synced by default, of those that we may let the syncer sync.
    pub(super) may_sync: Vec<Known>,
    /// Which restored store the cluster goes on with.
    pub(super) restored_store: Option<String>,
}

/// What the options and the host say, as one.
pub(super) fn spec_of(
    name: &ClusterName,
    namespace: &Namespace,
    options: &SpecOptions,
    syncer_image: String,
    side: HostSide,
) -> ClusterSpec {
    ClusterSpec {
        name: name.clone(),
        namespace: namespace.clone(),
        kubernetes_version: side.kubernetes_version,
        registry: options.images.registry.clone(),
        syncer_image,
        storage: side.storage,
        resources: options.resources.clone(),
        service_cidrs: side.service_cidrs,
        grants: side.grants,
        pod_security: options.pod_security,
        sync_nodes: options.shown.nodes,
        sync_storage_classes: options.shown.storage_classes,
        sync: options.sync.resolve(|kind| side.may_sync.contains(&kind)),
        quota: options.quota.clone(),
        isolate: options.isolate,
        certificate_life_seconds: options.certificate_life.map(|life| life.as_secs()),
        restored_store: side.restored_store,
        sleep_after_seconds: options.sleep_after.map(|time| time.as_secs()),
    }
}

/// That a cluster that is to pause itself has a store that outlives its pod.
fn check_sleep(spec: ClusterSpec) -> Result<ClusterSpec, Failure> {
    if spec.sleep_after_seconds.is_none() || spec.storage != Storage::Ephemeral {
        return Ok(spec);
    }
    let message = format!(
        "virtual cluster `{}` is ephemeral and cannot pause itself: its store, and all that is in the cluster, would \
         be lost with its pod",
        spec.name
    );
    Err(Failure::new(Kind::Usage, message).hint(
        "leave out `--sleep-after`, or keep the store: without `--ephemeral`, and with `--storage-class` where the host \
         has no default; `--ttl` ends an ephemeral cluster",
    ))
}

/// The specification, and what the user should know about it.
///
/// A namespace that does not exist yet cannot be asked about; `default` stands in for it. What is open is as in
/// `stored`, what a cluster was made from, where there is one; such a cluster loses no right because somebody with
/// fewer asks.
pub(super) async fn spec_with_host(
    host: &Host,
    name: &ClusterName,
    options: &SpecOptions,
    namespace: &Namespace,
    state: NamespaceState,
    stored: Option<&ClusterSpec>,
) -> anyhow::Result<(ClusterSpec, Option<String>)> {
    let syncer_image = options.images.syncer_image()?.to_owned();
    let stand_in: Namespace = "default".parse()?;
    let asked = match state {
        NamespaceState::Exists => namespace,
        NamespaceState::Missing => &stand_in,
    };
    let version = async {
        match (options.kubernetes_version, stored) {
            (Some(version), _) => Ok(version),
            (None, Some(stored)) => Ok(stored.kubernetes_version),
            (None, None) => preflight::version(host).await,
        }
    };
    let service_cidrs = async {
        match stored {
            _ if !options.service_cidrs.is_empty() => Ok(options.service_cidrs.clone()),
            Some(stored) => Ok(stored.service_cidrs.clone()),
            None => preflight::service_cidrs(host, asked).await,
        }
    };
    let storage = async {
        match stored {
            Some(stored) => Ok((options.storage.over(&stored.storage), None)),
            None => preflight::storage(host, asked, &options.storage).await,
        }
    };
    let grants = async { anyhow::Ok(preflight::grants(host, asked, &options.shown).await) };
    let (kubernetes_version, service_cidrs, (storage, warning), (grants, may_sync)) =
        tokio::try_join!(version, service_cidrs, storage, grants)?;
    let had = |kind: &Known| stored.is_some_and(|stored| stored.sync.kinds.contains(kind));
    let grants = stored.map_or(grants, |stored| grants.and_those(stored.grants));
    let may_sync = Known::all()
        .filter(|kind| may_sync.contains(kind) || had(kind))
        .collect();
    let side = HostSide {
        kubernetes_version,
        service_cidrs,
        storage,
        grants,
        may_sync,
        restored_store: stored.and_then(|stored| stored.restored_store.clone()),
    };
    let spec = spec_of(name, namespace, options, syncer_image, side);
    Ok((check_sleep(spec)?, warning))
}
