//! The way back: the snapshot is restored beside the present store, and takes its place when the pod is replaced by
//! one of the release before.

use anyhow::Context;
use jiff::Timestamp;

use super::Work;
use crate::apply;
use crate::cli::UpgradeArgs;
use crate::cluster::ClusterSpec;
use crate::error::{Failure, Kind, kind};
use crate::render::snapshot;
use crate::upgrade::{State, Upgrade};

impl Work<'_> {
    /// Takes the last upgrade back, if that is meant.
    ///
    /// # Errors
    /// When there is none, the snapshot is not the one that was taken, or the control plane does not become ready.
    pub(super) async fn back(&self, args: &UpgradeArgs) -> anyhow::Result<()> {
        let Some(noted) = &self.noted.upgrade else {
            let message = "no upgrade of it is noted that could be taken back";
            return Err(Failure::new(Kind::Failed, message)
                .hint(format!(
                    "see what it is with `vc describe {}`",
                    self.place()
                ))
                .into());
        };
        self.check_store()?;
        if !self.agreed(args, noted).await? {
            return Err(Failure::new(Kind::Failed, "nothing was changed").into());
        }
        self.app.ui.step("comparing with the host");
        let store = match &noted.state {
            State::GoingBack(store) => store.clone(),
            State::UnderWay | State::Done => Timestamp::now().as_second().to_string(),
        };
        let wanted = ClusterSpec {
            kubernetes_version: noted.from,
            syncer_image: self.images.syncer_image()?.to_owned(),
            restored_store: Some(store.clone()),
            ..self.stored.clone()
        };
        let change = self.change(&wanted).await?;
        if !matches!(noted.state, State::GoingBack(_)) {
            self.restore(noted, store).await?;
        }
        self.app.ui.on_interrupt(vec![
            format!(
                "the upgrade of virtual cluster `{}` is taken back in part",
                self.cluster.name
            ),
            "the same command goes on".to_owned(),
        ]);
        let ready = self.bring_about(&change, noted.from).await;
        ready.map_err(|error| self.stays_between(error))?;
        apply::note_upgrade(&self.host, self.target(), None).await?;
        self.app.ui.finish();
        let seconds = self.began.elapsed().as_secs_f64();
        self.app.ui.note(&format!(
            "virtual cluster `{}` has Kubernetes {} again and the store of {}, and is ready after {seconds:.1} s",
            self.cluster.name, noted.from, noted.saved_at
        ));
        Ok(())
    }

    /// Asks, on a terminal; off it, the option is enough.
    async fn agreed(&self, args: &UpgradeArgs, noted: &Upgrade) -> anyhow::Result<bool> {
        let ui = &self.app.ui;
        if args.yes || !ui.asks() {
            return Ok(true);
        }
        ui.confirm(format!(
            "Take virtual cluster `{}` (namespace `{}`) back to Kubernetes {}, and lose what was written to it since {}?",
            self.cluster.name, self.cluster.namespace, noted.from, noted.saved_at
        ))
        .await
    }

    /// Restores the snapshot beside the store that is in use, and notes that.
    async fn restore(&self, noted: &Upgrade, store: String) -> anyhow::Result<()> {
        self.app.ui.step("[1/3] restoring the store");
        let cannot = "cannot restore its snapshot; nothing was changed";
        self.restore_beside(noted, &store).await.context(cannot)?;
        let noted = Upgrade {
            state: State::GoingBack(store),
            ..noted.clone()
        };
        apply::note_upgrade(&self.host, self.target(), Some(&noted)).await
    }

    async fn restore_beside(&self, noted: &Upgrade, store: &str) -> anyhow::Result<()> {
        self.await_store().await?;
        let found = self.snapshot().await?;
        if found != noted.snapshot {
            let message = format!(
                "the snapshot is not the one of {}: it has {} keys up to revision {}, not {} up to {}",
                noted.saved_at,
                found.total_key,
                found.revision,
                noted.snapshot.total_key,
                noted.snapshot.revision
            );
            return Err(Failure::new(Kind::Failed, message)
                .hint("another upgrade was interrupted while it saved the store: run it again")
                .into());
        }
        self.check_room(found.total_size)?;
        self.in_store(snapshot::restore_command(&self.stored, store))
            .await
            .map(drop)
    }

    fn stays_between(&self, error: anyhow::Error) -> anyhow::Error {
        Failure::new(kind(&error), "it has not come to its end")
            .because(error)
            .hint(format!(
                "the same command goes on; look at it with `kubectl -n {} describe pod {}`",
                self.cluster.namespace,
                self.cluster.name.pod()
            ))
            .into()
    }
}
