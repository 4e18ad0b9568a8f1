//! `vc upgrade`: another Kubernetes release for a virtual cluster, after its store was saved; and the way back.
//!
//! The marker notes how far it is, so that whatever interrupts it, the same command goes on. See decision 0029.

mod rollback;

use std::time::{Duration, Instant};

use anyhow::Context;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, ResourceExt};

use super::change::{self, Change, Mark};
use super::pause::check_whole;
use super::{App, apply as writing, create};
use crate::apply;
use crate::cli::UpgradeArgs;
use crate::cluster::{Cluster, ClusterSpec, Status, Storage};
use crate::config::{self, ImageOptions};
use crate::error::{Failure, Kind, kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::labels;
use crate::names::{KubernetesVersion, Label};
use crate::render::snapshot;
use crate::upgrade::{Plan, Refusal, Snapshot, State, Upgrade, plan, store_bytes};
use crate::wait::{self, Target};

/// What is in the way is told after this long, whatever the timeout: the store's container starts in seconds.
const STORE_DEADLINE: Duration = Duration::from_mins(1);

/// Gives the cluster another release, or takes that back.
///
/// # Errors
/// When the rules or something that was begun forbid it (nothing was written), the store cannot be saved (nothing
/// else was written), or the control plane does not become ready in time.
pub(super) async fn run(app: &App, args: UpgradeArgs) -> anyhow::Result<()> {
    let name = &args.name;
    let attempt = if args.rollback {
        "take back the upgrade of"
    } else {
        "upgrade"
    };
    Box::pin(upgrade(app, &args))
        .await
        .with_context(|| format!("cannot {attempt} virtual cluster `{name}`"))
}

async fn upgrade(app: &App, args: &UpgradeArgs) -> anyhow::Result<()> {
    let file = app.user_file()?;
    let timeout = config::timeout(args.timeout, &file)?;
    let (host, files) = app.connect().await?;
    let scope = Scope::of(app.global.namespace.as_ref());
    let cluster = find::one(&host, &files, &scope, &args.name).await?;
    check_whole(&cluster)?;
    let stored = create::stored(&cluster)?;
    let noted = Noted::read(&host, &cluster).await?;
    let work = Work {
        app,
        began: Instant::now(),
        host,
        cluster,
        stored,
        noted,
        images: config::image_options(None, args.image.as_deref(), &file),
        timeout,
    };
    match args.kubernetes_version {
        Some(to) => Box::pin(work.forwards(to)).await,
        None => Box::pin(work.back(args)).await,
    }
}

/// What the marker says besides the specification.
struct Noted {
    upgrade: Option<Upgrade>,
    ttl: Option<Duration>,
}

impl Noted {
    async fn read(host: &Host, cluster: &Cluster) -> anyhow::Result<Self> {
        let object = cluster.name.object();
        let api: Api<ConfigMap> = Api::namespaced(host.client.clone(), cluster.namespace.as_str());
        let attempt = format!("get configmap `{object}`");
        let marker = host.call(attempt, api.get(&object)).await?;
        let annotations = marker.annotations();
        let upgrade = annotations.get(labels::UPGRADE);
        let upgrade = upgrade.map(|text| serde_json::from_str(text)).transpose();
        let upgrade = upgrade.with_context(|| {
            format!(
                "annotation `{}` of configmap `{object}` in namespace `{}` cannot be read",
                labels::UPGRADE,
                cluster.namespace
            )
        })?;
        let ttl = annotations.get(labels::TTL_SECONDS);
        let ttl = ttl.and_then(|seconds| seconds.parse().ok());
        Ok(Self {
            upgrade,
            ttl: ttl.map(Duration::from_secs),
        })
    }
}

/// One run of the command.
struct Work<'a> {
    app: &'a App,
    began: Instant,
    host: Host,
    cluster: Cluster,
    stored: ClusterSpec,
    noted: Noted,
    images: ImageOptions,
    timeout: Duration,
}

impl Work<'_> {
    fn target(&self) -> Target<'_> {
        Target {
            name: &self.cluster.name,
            namespace: &self.cluster.namespace,
        }
    }

    /// `dev -n team-a`
    fn place(&self) -> String {
        let Cluster {
            name, namespace, ..
        } = &self.cluster;
        format!("{name} -n {namespace}")
    }

    async fn forwards(&self, to: KubernetesVersion) -> anyhow::Result<()> {
        let Self { app, cluster, .. } = self;
        let from = self.stored.kubernetes_version;
        let plan = plan(from, to, self.noted.upgrade.as_ref());
        let begun = match plan.map_err(|refusal| self.refused(&refusal))? {
            Plan::Nothing => {
                app.ui.note(&format!(
                    "virtual cluster `{}` has Kubernetes {to}: nothing to do",
                    cluster.name
                ));
                return Ok(());
            }
            Plan::Begin => None,
            Plan::GoOn(upgrade) => Some(upgrade),
        };
        self.check_store()?;
        app.ui.step("comparing with the host");
        let wanted = ClusterSpec {
            kubernetes_version: to,
            syncer_image: self.images.syncer_image()?.to_owned(),
            restored_store: None,
            ..self.stored.clone()
        };
        let change = self.change(&wanted).await?;
        let mut upgrade = match begun {
            Some(upgrade) => upgrade,
            None => self.begin(to).await?,
        };
        app.ui.on_interrupt(vec![
            format!("virtual cluster `{}` is upgraded in part", cluster.name),
            format!(
                "the same command goes on, and `vc upgrade {} --rollback` goes back",
                self.place()
            ),
        ]);
        let ready = self.bring_about(&change, to).await;
        ready.map_err(|error| self.stays_in_part(error))?;
        upgrade.state = State::Done;
        apply::note_upgrade(&self.host, self.target(), Some(&upgrade)).await?;
        app.ui.finish();
        let seconds = self.began.elapsed().as_secs_f64();
        app.ui.note(&format!(
            "virtual cluster `{}` has Kubernetes {to}, and is ready again after {seconds:.1} s; \
             `vc upgrade {} --rollback` goes back to {} and the store of {}",
            cluster.name,
            self.place(),
            upgrade.from,
            upgrade.saved_at
        ));
        Ok(())
    }

    /// With the command that is the way out.
    fn refused(&self, refusal: &Refusal) -> Failure {
        let place = self.place();
        let hint = match refusal {
            Refusal::Skips { step, .. } => {
                format!(
                    "vc upgrade {place} --kubernetes-version {step}.0, or a later patch release of it"
                )
            }
            Refusal::Older { .. } if self.noted.upgrade.is_some() => format!(
                "go back to the release and the store before the last upgrade with `vc upgrade {place} --rollback`"
            ),
            Refusal::Older { to, .. } => format!(
                "only an upgrade can be gone back from, with `--rollback`, to the store as it was before; \
                 make another cluster with `vc create NAME --kubernetes-version {to}`"
            ),
            Refusal::OtherUnderWay { to, .. } => format!(
                "go on with `vc upgrade {place} --kubernetes-version {to}`, or back with `vc upgrade {place} --rollback`"
            ),
            Refusal::GoingBack { .. } => format!("vc upgrade {place} --rollback"),
        };
        Failure::new(Kind::Failed, refusal.to_string()).hint(hint)
    }

    /// That the store outlives the pod, and can be spoken to.
    fn check_store(&self) -> Result<(), Failure> {
        let place = self.place();
        if self.stored.storage == Storage::Ephemeral {
            let message = "it is ephemeral: its store, and all that is in the cluster, would be lost with its pod";
            return Err(Failure::new(Kind::Failed, message).hint(format!(
                "begin anew: `vc delete {place}`, then create it with that release"
            )));
        }
        if !self.cluster.was_ready {
            let message = "it has not been ready yet: there is nothing to save";
            return Err(
                Failure::new(Kind::Failed, message).hint(format!("first `vc create {place}`"))
            );
        }
        if self.cluster.status == Status::Paused {
            let message = "it is paused, and its store is saved while it runs";
            return Err(
                Failure::new(Kind::Failed, message).hint(format!("first `vc resume {place}`"))
            );
        }
        Ok(())
    }

    /// What would be other on the host, which has checked it.
    async fn change(&self, wanted: &ClusterSpec) -> anyhow::Result<Change> {
        let pki = create::whole_pki(&self.host, &self.stored).await?;
        let user_labels = self.cluster.labels.iter();
        let user_labels =
            user_labels.filter_map(|(key, value)| format!("{key}={value}").parse().ok());
        let mark = Mark {
            labels: user_labels.collect::<Vec<Label>>(),
            ttl: self.noted.ttl,
        };
        let specs = (&self.stored, wanted);
        let changed = change::between(&self.host, &self.cluster, specs, &mark, &pki).await?;
        Ok(Change {
            host: self.host.clone(),
            cluster: self.cluster.clone(),
            pki,
            timeout: self.timeout,
            changed,
        })
    }

    /// Saves the store, and notes that.
    async fn begin(&self, to: KubernetesVersion) -> anyhow::Result<Upgrade> {
        self.app.ui.step("[1/3] saving the store");
        let cannot = "cannot save its store; nothing was changed";
        let snapshot = self.save().await.context(cannot)?;
        let upgrade = Upgrade {
            from: self.stored.kubernetes_version,
            to,
            saved_at: now_to_the_second(),
            snapshot,
            state: State::UnderWay,
        };
        apply::note_upgrade(&self.host, self.target(), Some(&upgrade)).await?;
        Ok(upgrade)
    }

    async fn save(&self) -> anyhow::Result<Snapshot> {
        self.await_store().await?;
        self.check_room(self.store_bytes().await?)?;
        self.in_store(snapshot::save_command()).await?;
        self.snapshot().await
    }

    async fn await_store(&self) -> anyhow::Result<()> {
        let deadline = self.timeout.min(STORE_DEADLINE);
        wait::await_store(&self.host, self.target(), deadline).await
    }

    async fn in_store(&self, command: Vec<String>) -> anyhow::Result<String> {
        apply::in_store(&self.host, self.target(), command, self.timeout).await
    }

    /// What is saved, once it is known to be sound.
    async fn snapshot(&self) -> anyhow::Result<Snapshot> {
        let said = self.in_store(snapshot::status_command()).await?;
        Snapshot::parse(&said)
            .with_context(|| format!("its snapshot is not sound: {}", said.trim()))
    }

    async fn store_bytes(&self) -> anyhow::Result<u64> {
        let said = self.in_store(snapshot::size_command()).await?;
        store_bytes(&said).with_context(|| format!("its size cannot be read: {}", said.trim()))
    }

    /// That a copy of a store of this size and what is restored of it fit into the volume.
    fn check_room(&self, bytes: u64) -> Result<(), Failure> {
        if snapshot::has_room(&self.stored, bytes) {
            return Ok(());
        }
        let mebibytes = bytes >> 20;
        let message =
            format!("its store of {mebibytes} MiB and two copies of it do not fit into its volume");
        let Cluster {
            name, namespace, ..
        } = &self.cluster;
        Err(Failure::new(Kind::Failed, message).hint(format!(
            "delete what is not needed, and some minutes later make the store smaller with \
             `kubectl -n {namespace} exec {} -c {} -- etcdctl --endpoints={} defrag`",
            name.pod(),
            snapshot::CONTAINER,
            snapshot::ENDPOINT,
        )))
    }

    /// Writes what is other, and waits until the control plane is another, and ready.
    async fn bring_about(&self, change: &Change, version: KubernetesVersion) -> anyhow::Result<()> {
        self.app
            .ui
            .step(&format!("[2/3] applying Kubernetes {version}"));
        let generation = match writing::write(&self.host, &change.changed).await? {
            Some(generation) => generation,
            None => self.generation().await?,
        };
        self.app.ui.step("[3/3] waiting for the control plane");
        writing::settle(self.app, change, generation).await
    }

    /// That of the StatefulSet, which an earlier run has written.
    async fn generation(&self) -> anyhow::Result<i64> {
        let object = self.cluster.name.object();
        let api: Api<StatefulSet> =
            Api::namespaced(self.host.client.clone(), self.cluster.namespace.as_str());
        let attempt = format!("get statefulset `{object}`");
        let set = self.host.call(attempt, api.get(&object)).await?;
        Ok(set.metadata.generation.unwrap_or_default())
    }

    /// What to do about an upgrade that has not come to its end.
    fn stays_in_part(&self, error: anyhow::Error) -> anyhow::Error {
        let place = self.place();
        Failure::new(kind(&error), "its upgrade has not come to its end")
            .because(error)
            .hint(format!(
                "the same command goes on; `vc upgrade {place} --rollback` goes back to the release and the store \
                 before; look at it with `kubectl -n {} describe pod {}`",
                self.cluster.namespace,
                self.cluster.name.pod()
            ))
            .into()
    }
}

fn now_to_the_second() -> String {
    let now = Timestamp::now();
    let second = Timestamp::from_second(now.as_second());
    second.unwrap_or(now).to_string()
}
