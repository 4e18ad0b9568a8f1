//! What is done when the command has ended, or will not be started: evidence, deletion, the exit code.

use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context;

use super::life::Life;
use super::{Run, artifacts, until_signal};
use crate::commands::child::{Ended, Signals, program};
use crate::commands::delete;
use crate::error::{Failure, Kind, kind, report};
use crate::host::Host;
use crate::tunnel::registry;
use crate::wait::Target;

/// What has to be deleted.
pub(super) struct Made<'a> {
    pub(super) host: &'a Host,
    pub(super) target: Target<'a>,
    /// Known when its marker was written for certain.
    pub(super) uid: Option<&'a str>,
    pub(super) timeout: Duration,
    pub(super) life: &'a Life,
}

impl Run<'_> {
    /// Sees to what the cluster leaves; the number is the command's exit code.
    ///
    /// # Errors
    /// Why the command was not started; that the cluster could not be deleted.
    pub(super) async fn settle_up(
        self,
        made: &Made<'_>,
        ended: anyhow::Result<Ended>,
        signals: &mut Signals,
    ) -> anyhow::Result<u8> {
        if let Some(dir) = self.wants_artifacts(&ended) {
            self.collect(made.host, made.target, dir, signals).await;
        }
        if self.args.keep_on_failure && failed(&ended) && !was_signalled(&ended) {
            self.keep(made).await;
            return code(ended.map_err(|error| self.before_command(error)));
        }
        let deleted = self.delete(made, signals).await;
        self.app.ui.finish();
        match (ended, deleted) {
            (ended, Ok(())) => {
                let name = made.target.name;
                self.app
                    .ui
                    .on_interrupt(vec![format!("virtual cluster `{name}` is deleted")]);
                code(ended.map_err(|error| self.deleted_again(error)))
            }
            (Ok(Ended { code: 0, .. }), Err(error)) => Err(error),
            (ended, Err(error)) => {
                // What went wrong first is what the exit code tells.
                if !matches!(kind(&error), Kind::Signal(_)) {
                    self.app.ui.report(&report(&error));
                }
                code(ended.map_err(|error| self.before_command(error)))
            }
        }
    }

    /// Where evidence is to go, if there was a failure.
    pub(super) fn wants_artifacts(&self, ended: &anyhow::Result<Ended>) -> Option<&Path> {
        self.job.artifacts.as_deref().filter(|_| failed(ended))
    }

    /// Writes down what may tell why it failed, as far as that can be had.
    pub(super) async fn collect(
        self,
        host: &Host,
        target: Target<'_>,
        dir: &Path,
        signals: &mut Signals,
    ) {
        let (ui, dir_name) = (&self.app.ui, dir.display());
        ui.step("collecting artifacts");
        let collected = Box::pin(artifacts::collect(host, target, dir));
        let collected = until_signal(signals, collected).await;
        ui.finish();
        match collected {
            Ok(()) => ui.note(&format!("artifacts are in `{dir_name}`")),
            Err(error) => ui.warn(&format!("not all artifacts are in `{dir_name}`: {error:#}")),
        }
    }

    /// Leaves the cluster, and says how to come to it.
    async fn keep(self, made: &Made<'_>) {
        let (ui, Target { name, namespace }) = (&self.app.ui, made.target);
        ui.finish();
        if let Err(error) = made.life.keep(made.host, made.target).await {
            ui.warn(&format!("the end of `{name}` cannot be put off: {error:#}"));
        }
        let left = humantime::format_duration(made.life.left());
        // Whoever was quiet until now wants to know that something stays.
        ui.warn(&format!(
            "virtual cluster `{name}` is kept for {left}: look at it with `vc connect {name} -n {namespace}`, \
             delete it with `vc delete {name} -n {namespace}`"
        ));
    }

    /// Deletes the cluster. The first signal is told what it would leave; the second leaves it.
    async fn delete(self, made: &Made<'_>, signals: &mut Signals) -> anyhow::Result<()> {
        let (app, Target { name, namespace }) = (self.app, made.target);
        app.ui.step(&format!("deleting `{name}`"));
        app.ui.on_interrupt(vec![format!(
            "virtual cluster `{name}` may be half deleted: `vc delete {name} -n {namespace}` goes on"
        )]);
        // Shards that share a namespace delete it together, at the end.
        let shares_namespace = self.args.parallel.is_some() && app.global.namespace.is_some();
        let work = async {
            if shares_namespace {
                delete::remove_released(app, made.host, made.target, made.timeout).await?;
            } else {
                delete::remove(app, made.host, made.target, made.timeout).await?;
            }
            if let Some(uid) = made.uid {
                // The command may have connected by itself.
                registry::stop(&app.tunnels_dir()?, uid).await?;
            }
            anyhow::Ok(())
        };
        let mut work = pin!(Box::pin(work));
        let deleted = tokio::select! {
            deleted = &mut work => deleted,
            _ = signals.next() => {
                app.ui.note(&format!(
                    "virtual cluster `{name}` is being deleted; once more leaves it half deleted"
                ));
                until_signal(signals, work).await
            }
        };
        deleted.with_context(|| format!("cannot delete virtual cluster `{name}`"))
    }

    /// Says that it was not the command that failed.
    pub(super) fn before_command(self, error: anyhow::Error) -> anyhow::Error {
        let is_taken = kind(&error) == Kind::Exists;
        let failure = self.failure(error);
        if is_taken && self.args.reuse.is_none() {
            let hint = format!("take another name, or `--reuse {}`", self.job.name);
            return failure.hint(hint).into();
        }
        failure.into()
    }

    /// The same, when nothing is left to look at.
    fn deleted_again(self, error: anyhow::Error) -> anyhow::Error {
        self.failure(error)
            .detail("the virtual cluster was deleted again")
            .hint("with `--keep-on-failure` it is kept, to be looked at")
            .into()
    }

    fn failure(self, error: anyhow::Error) -> Failure {
        let kind = match kind(&error) {
            Kind::Signal(number) => Kind::Signal(number),
            _ => Kind::BeforeCommand,
        };
        let (program, name) = (program(&self.args.command), &self.job.name);
        let message = format!("cannot run `{program}` in virtual cluster `{name}`");
        Failure::new(kind, message).because(error)
    }
}

fn code(ended: anyhow::Result<Ended>) -> anyhow::Result<u8> {
    ended.map(|ended| ended.code)
}

fn failed(ended: &anyhow::Result<Ended>) -> bool {
    !matches!(ended, Ok(Ended { code: 0, .. }))
}

/// Whether somebody wanted it to end: then nothing is wrong that would be worth keeping.
fn was_signalled(ended: &anyhow::Result<Ended>) -> bool {
    match ended {
        Ok(ended) => ended.was_signalled,
        Err(error) => matches!(kind(error), Kind::Signal(_)),
    }
}
