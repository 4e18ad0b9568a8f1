//! `vc run`: a virtual cluster for one command.
//!
//! Create, run, delete. From the first write on everything leads to the deletion: a failure, a deadline, a
//! signal. What is being written is not broken off by the first signal, because it may come to be on the
//! host though nobody waits for the answer any more.

mod artifacts;
mod ending;
mod life;
mod shards;

use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::pin::pin;
use std::time::{Duration, Instant};

use self::ending::Made;
use self::life::Life;
use super::App;
use super::child::{Access, Call, Ended, Signals, program};
use super::connect::{self, Wish};
use super::create::{self, Prepared};
use super::resume::IfPaused;
use crate::apply;
use crate::cli::{CreateArgs, MarkArgs, RunArgs};
use crate::config;
use crate::error::{Failure, Kind, kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::names::ClusterName;
use crate::pki::AdminCredential;
use crate::wait::Target;

/// Which cluster, and which of several.
struct Job {
    name: ClusterName,
    /// Which of how many, with `--parallel`.
    shard: Option<(u16, u16)>,
    artifacts: Option<PathBuf>,
}

/// One run of the command.
#[derive(Clone, Copy)]
struct Run<'a> {
    app: &'a App,
    args: &'a RunArgs,
    job: &'a Job,
}

/// Runs the command; the number is its exit code.
///
/// # Errors
/// When it could not be started, or its cluster could not be deleted after it.
pub(super) async fn run(app: &App, args: RunArgs) -> anyhow::Result<u8> {
    app.handles_signals();
    if let Some(count) = args.parallel {
        return shards::run(app, &args, count).await;
    }
    let name = match args.reuse.as_ref().or(args.name.as_ref()) {
        Some(name) => name.clone(),
        None => new_name()?,
    };
    let job = Job {
        name,
        shard: None,
        artifacts: args.artifacts.clone(),
    };
    let run = Run {
        app,
        args: &args,
        job: &job,
    };
    run.to_its_end().await
}

/// A name that no other run has.
fn new_name() -> anyhow::Result<ClusterName> {
    let random = RandomState::new().hash_one(std::process::id());
    Ok(format!("run-{:08x}", random >> 32).parse()?)
}

impl Run<'_> {
    async fn to_its_end(self) -> anyhow::Result<u8> {
        let mut signals = Signals::listen()?;
        let done = if self.args.reuse.is_some() {
            Box::pin(self.reused(&mut signals)).await
        } else {
            Box::pin(self.fresh(&mut signals)).await
        };
        match done {
            Err(error) if let Kind::Signal(number) = kind(&error) => {
                self.app.ui.interrupted();
                Ok(128 + number)
            }
            done => done,
        }
    }

    /// In a cluster that is made for it.
    async fn fresh(self, signals: &mut Signals) -> anyhow::Result<u8> {
        let before = |error| self.before_command(error);
        let (given, timeout) = self.durations().map_err(before)?;
        let mut create_args = self.create_args();
        create_args.mark.ttl = Some(Life::begin(given, timeout).ttl());
        let prepared = Box::pin(create::prepare_new(self.app, &create_args));
        let prepared = until_signal(signals, prepared).await.map_err(before)?;
        let life = Life::begin(given, timeout);
        let named = finish_writing(signals, create::take_name(self.app, &prepared)).await;
        let (uid, ended) = match named {
            Ok(uid) => {
                let ended = self.live(&prepared, &uid, Some(&life), signals).await;
                (Some(uid), ended)
            }
            // Somebody else's, since a moment ago.
            Err(error) if kind(&error) == Kind::Exists => return Err(before(error)),
            Err(error) => (None, Err(error)),
        };
        let made = Made {
            host: &prepared.host,
            target: target(&prepared),
            uid: uid.as_deref(),
            timeout,
            life: &life,
        };
        self.settle_up(&made, ended, signals).await
    }

    /// The life that was given, and how long creating may take.
    fn durations(self) -> anyhow::Result<(Option<Duration>, Duration)> {
        let file = self.app.files(&self.args.spec)?;
        let given = config::ttl(self.args.ttl, &file)?;
        Ok((given, config::timeout(self.args.timeout, &file)?))
    }

    /// What `vc create` would be told.
    fn create_args(self) -> CreateArgs {
        CreateArgs {
            name: self.job.name.clone(),
            spec: self.args.spec.clone(),
            context_name: None,
            switch: None,
            timeout: self.args.timeout,
            mark: MarkArgs {
                ttl: self.args.ttl,
                labels: self.args.labels.clone(),
            },
            no_wait: false,
            no_wake: false,
            if_not_exists: false,
            rollback_on_failure: false,
            dry_run: None,
            output: None,
        }
    }

    /// In a cluster that stays.
    async fn reused(self, signals: &mut Signals) -> anyhow::Result<u8> {
        let ended = self.in_reused(signals).await;
        if let Some(dir) = self.wants_artifacts(&ended) {
            let (host, files) = self.app.connect().await?;
            let scope = Scope::of(self.app.global.namespace.as_ref());
            if let Ok(cluster) = find::one(&host, &files, &scope, &self.job.name).await {
                let target = Target {
                    name: &cluster.name,
                    namespace: &cluster.namespace,
                };
                self.collect(&host, target, dir, signals).await;
            }
        }
        ended
            .map(|ended| ended.code)
            .map_err(|error| self.before_command(error))
    }

    async fn in_reused(self, signals: &mut Signals) -> anyhow::Result<Ended> {
        let (host, files) = self.app.connect().await?;
        let scope = Scope::of(self.app.global.namespace.as_ref());
        match find::one(&host, &files, &scope, &self.job.name).await {
            Ok(_) => {}
            Err(error) if kind(&error) == Kind::NotFound => {
                let create_args = self.create_args();
                let prepared = Box::pin(create::prepare_new(self.app, &create_args));
                let prepared = until_signal(signals, prepared).await?;
                let named = create::take_name(self.app, &prepared);
                let uid = finish_writing(signals, named).await?;
                return self.live(&prepared, &uid, None, signals).await;
            }
            Err(error) => return Err(error),
        }
        let ready =
            connect::ready_cluster(self.app, &self.job.name, self.args.timeout, IfPaused::Wake);
        let (host, cluster, admin) = until_signal(signals, Box::pin(ready)).await?;
        let uid = cluster.uid.clone().unwrap_or_default();
        let target = Target {
            name: &cluster.name,
            namespace: &cluster.namespace,
        };
        let wish = wish(target, &uid, &admin);
        self.say_ready(target, "is there");
        self.command(&host, &wish, None, signals).await
    }

    /// From the marker to the command's end.
    async fn live(
        self,
        prepared: &Prepared,
        uid: &str,
        life: Option<&Life>,
        signals: &mut Signals,
    ) -> anyhow::Result<Ended> {
        let Prepared { host, plan, .. } = prepared;
        let began = Instant::now();
        let pki = finish_writing(signals, create::write(prepared, uid)).await?;
        let admin = pki.admin_credential();
        let target = target(prepared);
        let ready = async {
            create::await_ready(self.app, host, plan, &admin).await?;
            apply::mark_ready(host, target.namespace, target.name).await
        };
        until_signal(signals, Box::pin(ready)).await?;
        let took = began.elapsed().as_secs_f64();
        self.say_ready(target, &format!("is ready after {took:.1} s"));
        let wish = wish(target, uid, &admin);
        self.command(host, &wish, life, signals).await
    }

    fn say_ready(self, target: Target<'_>, state: &str) {
        let program = program(&self.args.command);
        self.app.ui.finish();
        self.app.ui.note(&format!(
            "virtual cluster `{}` {state}: running `{program}`",
            target.name
        ));
    }

    /// Runs the command in a ready cluster.
    async fn command(
        self,
        host: &Host,
        wish: &Wish<'_>,
        life: Option<&Life>,
        signals: &mut Signals,
    ) -> anyhow::Result<Ended> {
        let access = Access::open(self.app, host, wish).await?;
        let mut call = Call::new(&self.args.command, &access, wish);
        call.deadline = life.and_then(Life::deadline);
        if let Some((shard, shards)) = self.job.shard {
            call.written_by = Some(&self.app.ui);
            call.environment.extend([
                ("VC_SHARD", shard.to_string().into()),
                ("VC_SHARDS", shards.to_string().into()),
            ]);
        }
        let Some(life) = life else {
            return call.run(signals).await;
        };
        let target = Target {
            name: wish.name,
            namespace: wish.namespace,
        };
        let ended = tokio::select! {
            ended = call.run(signals) => ended?,
            never = life.renew(self.app, host, target) => match never {},
        };
        if ended.was_late {
            let program = program(&self.args.command);
            self.app.ui.warn(&format!(
                "`{program}` was ended, because the life of virtual cluster `{}` is over",
                wish.name
            ));
            if let Err(error) = life.grant_aftermath(host, target).await {
                self.app
                    .ui
                    .warn(&format!("its end cannot be put off: {error:#}"));
            }
        }
        Ok(ended)
    }
}

fn target(prepared: &Prepared) -> Target<'_> {
    Target {
        name: &prepared.plan.spec.name,
        namespace: &prepared.plan.spec.namespace,
    }
}

fn wish<'a>(target: Target<'a>, uid: &'a str, admin: &'a AdminCredential) -> Wish<'a> {
    Wish {
        name: target.name,
        namespace: target.namespace,
        uid,
        ca: &admin.ca,
        context_name: None,
        switch: true,
        no_wake: false,
    }
}

/// Awaits what may be broken off at any time.
async fn until_signal<T>(
    signals: &mut Signals,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::select! {
        done = work => done,
        number = signals.next() => Err(interrupted(number)),
    }
}

/// Awaits what writes to the host: the first signal waits for its end, the second does not.
async fn finish_writing<T>(
    signals: &mut Signals,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let mut work = pin!(Box::pin(work));
    let number = tokio::select! {
        done = &mut work => return done,
        number = signals.next() => number,
    };
    drop(until_signal(signals, work).await);
    Err(interrupted(number))
}

fn interrupted(number: u8) -> anyhow::Error {
    Failure::new(Kind::Signal(number), "interrupted").into()
}
