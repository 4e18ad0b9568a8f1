//! `vc run`: a virtual cluster for one command.
//!
//! Create, run, delete. From the first write on everything leads to the deletion: a failure, a deadline, a
//! signal. What is being written is not broken off by the first signal, because it may come to be on the
//! host though nobody waits for the answer any more.

mod artifacts;
mod shards;

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::child::{Access, Call, Ended, Signals, program};
use super::connect::{self, Wish};
use super::create::{self, Prepared};
use super::{App, delete};
use crate::apply;
use crate::cli::{CreateArgs, RunArgs};
use crate::error::{Failure, Kind, kind, report};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::names::ClusterName;
use crate::pki::AdminCredential;
use crate::tunnel::registry;
use crate::wait::Target;

/// One run: which cluster, and which of several.
struct Job {
    name: ClusterName,
    /// Which of how many, with `--parallel`.
    shard: Option<(u16, u16)>,
    artifacts: Option<PathBuf>,
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
    one(app, &args, &job).await
}

/// A name that no other run has.
fn new_name() -> anyhow::Result<ClusterName> {
    let random = RandomState::new().hash_one(std::process::id());
    Ok(format!("run-{:08x}", random >> 32).parse()?)
}

/// Runs the command once.
async fn one(app: &App, args: &RunArgs, job: &Job) -> anyhow::Result<u8> {
    let mut signals = Signals::listen()?;
    let done = if args.reuse.is_some() {
        Box::pin(reused(app, args, job, &mut signals)).await
    } else {
        Box::pin(fresh(app, args, job, &mut signals)).await
    };
    match done {
        Err(error) if let Kind::Signal(number) = kind(&error) => {
            app.ui.interrupted();
            Ok(128 + number)
        }
        done => done,
    }
}

/// In a cluster that is made for it.
async fn fresh(app: &App, args: &RunArgs, job: &Job, signals: &mut Signals) -> anyhow::Result<u8> {
    let before = |error| before_command(args, job, error);
    let create_args = create_args(args, job);
    let prepared = create::prepare_new(app, &create_args);
    let prepared = until_signal(signals, Box::pin(prepared))
        .await
        .map_err(before)?;
    let named = finish_writing(signals, create::take_name(app, &prepared)).await;
    let (uid, ended) = match named {
        Ok(uid) => {
            let ended = live(app, args, job, &prepared, &uid, signals).await;
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
        timeout: prepared.plan.timeout,
    };
    settle_up(app, args, job, &made, ended, signals).await
}

fn target(prepared: &Prepared) -> Target<'_> {
    Target {
        name: &prepared.plan.spec.name,
        namespace: &prepared.plan.spec.namespace,
    }
}

/// What has to be deleted.
struct Made<'a> {
    host: &'a Host,
    target: Target<'a>,
    /// Known when its marker was written for certain.
    uid: Option<&'a str>,
    timeout: Duration,
}

/// What `vc create` would be told.
fn create_args(args: &RunArgs, job: &Job) -> CreateArgs {
    CreateArgs {
        name: job.name.clone(),
        spec: args.spec.clone(),
        context_name: None,
        switch: None,
        timeout: args.timeout,
        no_wait: false,
        if_not_exists: false,
        rollback_on_failure: false,
        dry_run: None,
        output: None,
    }
}

/// From the marker to the command's end.
async fn live(
    app: &App,
    args: &RunArgs,
    job: &Job,
    prepared: &Prepared,
    uid: &str,
    signals: &mut Signals,
) -> anyhow::Result<Ended> {
    let Prepared { host, plan, .. } = prepared;
    let began = Instant::now();
    let pki = finish_writing(signals, create::write(prepared, uid)).await?;
    let admin = pki.admin_credential();
    let target = target(prepared);
    let ready = async {
        create::await_ready(app, host, plan, &admin).await?;
        apply::mark_ready(host, target.namespace, target.name).await
    };
    until_signal(signals, Box::pin(ready)).await?;
    let state = format!("is ready after {:.1} s", began.elapsed().as_secs_f64());
    command(
        app,
        args,
        job,
        host,
        &wish(target, uid, &admin),
        &state,
        signals,
    )
    .await
}

fn wish<'a>(target: Target<'a>, uid: &'a str, admin: &'a AdminCredential) -> Wish<'a> {
    Wish {
        name: target.name,
        namespace: target.namespace,
        uid,
        ca: &admin.ca,
        context_name: None,
        switch: true,
    }
}

/// In a cluster that stays.
async fn reused(app: &App, args: &RunArgs, job: &Job, signals: &mut Signals) -> anyhow::Result<u8> {
    let ended = async {
        let (host, files) = app.connect().await?;
        let scope = Scope::of(app.global.namespace.as_ref());
        match find::one(&host, &files, &scope, &job.name).await {
            Ok(_) => {}
            Err(error) if kind(&error) == Kind::NotFound => {
                let create_args = create_args(args, job);
                let prepared = create::prepare_new(app, &create_args);
                let prepared = until_signal(signals, Box::pin(prepared)).await?;
                let uid = finish_writing(signals, create::take_name(app, &prepared)).await?;
                return live(app, args, job, &prepared, &uid, signals).await;
            }
            Err(error) => return Err(error),
        }
        let ready = connect::ready_cluster(app, &job.name, args.timeout);
        let (host, cluster, admin) = until_signal(signals, Box::pin(ready)).await?;
        let uid = cluster.uid.clone().unwrap_or_default();
        let target = Target {
            name: &cluster.name,
            namespace: &cluster.namespace,
        };
        let wish = wish(target, &uid, &admin);
        command(app, args, job, &host, &wish, "is there", signals).await
    };
    let ended = ended.await;
    if failed(&ended)
        && let Some(dir) = &job.artifacts
    {
        let (host, files) = app.connect().await?;
        let scope = Scope::of(app.global.namespace.as_ref());
        if let Ok(cluster) = find::one(&host, &files, &scope, &job.name).await {
            let target = Target {
                name: &cluster.name,
                namespace: &cluster.namespace,
            };
            collect(app, &host, target, dir, signals).await;
        }
    }
    ended
        .map(|ended| ended.code)
        .map_err(|error| before_command(args, job, error))
}

/// Runs the command in a ready cluster.
async fn command(
    app: &App,
    args: &RunArgs,
    job: &Job,
    host: &Host,
    wish: &Wish<'_>,
    state: &str,
    signals: &mut Signals,
) -> anyhow::Result<Ended> {
    let access = Access::open(app, host, wish).await?;
    app.ui.finish();
    let program = program(&args.command);
    app.ui.note(&format!(
        "virtual cluster `{}` {state}: running `{program}`",
        wish.name
    ));
    let mut call = Call::new(&args.command, &access, wish);
    if let Some((shard, shards)) = job.shard {
        call.written_by = Some(&app.ui);
        call.environment.extend([
            ("VC_SHARD", shard.to_string().into()),
            ("VC_SHARDS", shards.to_string().into()),
        ]);
    }
    call.run(signals).await
}

/// What is done when the command has ended, or will not be started: evidence, deletion, the exit code.
async fn settle_up(
    app: &App,
    args: &RunArgs,
    job: &Job,
    made: &Made<'_>,
    ended: anyhow::Result<Ended>,
    signals: &mut Signals,
) -> anyhow::Result<u8> {
    let Target { name, namespace } = made.target;
    if failed(&ended)
        && let Some(dir) = &job.artifacts
    {
        collect(app, made.host, made.target, dir, signals).await;
    }
    if args.keep_on_failure && failed(&ended) && !was_signalled(&ended) {
        app.ui.finish();
        app.ui.note(&format!(
            "virtual cluster `{name}` is kept: look at it with `vc connect {name} -n {namespace}`, \
             delete it with `vc delete {name} -n {namespace}`"
        ));
        return code(ended.map_err(|error| before_command(args, job, error)));
    }
    let deleted = delete(app, args, made, signals).await;
    app.ui.finish();
    match (ended, deleted) {
        (ended, Ok(())) => {
            app.ui
                .on_interrupt(vec![format!("virtual cluster `{name}` is deleted")]);
            code(ended.map_err(|error| deleted_again(args, job, error)))
        }
        (Ok(Ended { code: 0, .. }), Err(error)) => Err(error),
        (ended, Err(error)) => {
            // What went wrong first is what the exit code tells.
            if !matches!(kind(&error), Kind::Signal(_)) {
                app.ui.report(&report(&error));
            }
            code(ended.map_err(|error| before_command(args, job, error)))
        }
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

/// Writes down what may tell why it failed, as far as that can be had.
async fn collect(app: &App, host: &Host, target: Target<'_>, dir: &Path, signals: &mut Signals) {
    app.ui.step("collecting artifacts");
    let collected = artifacts::collect(host, target, dir);
    let collected = until_signal(signals, Box::pin(collected)).await;
    app.ui.finish();
    match collected {
        Ok(()) => app
            .ui
            .note(&format!("artifacts are in `{}`", dir.display())),
        Err(error) => app.ui.warn(&format!(
            "not all artifacts are in `{}`: {error:#}",
            dir.display()
        )),
    }
}

/// Deletes the cluster. The first signal is told what it would leave; the second leaves it.
async fn delete(
    app: &App,
    args: &RunArgs,
    made: &Made<'_>,
    signals: &mut Signals,
) -> anyhow::Result<()> {
    let Target { name, namespace } = made.target;
    app.ui.step(&format!("deleting `{name}`"));
    app.ui.on_interrupt(vec![format!(
        "virtual cluster `{name}` may be half deleted: `vc delete {name} -n {namespace}` goes on"
    )]);
    // Shards that share a namespace delete it together, at the end.
    let shares_namespace = args.parallel.is_some() && app.global.namespace.is_some();
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

/// Says that it was not the command that failed.
fn before_command(args: &RunArgs, job: &Job, error: anyhow::Error) -> anyhow::Error {
    let is_taken = kind(&error) == Kind::Exists;
    let failure = failure(args, job, error);
    if is_taken && args.reuse.is_none() {
        let hint = format!("take another name, or `--reuse {}`", job.name);
        return failure.hint(hint).into();
    }
    failure.into()
}

/// The same, when nothing is left to look at.
fn deleted_again(args: &RunArgs, job: &Job, error: anyhow::Error) -> anyhow::Error {
    failure(args, job, error)
        .detail("the virtual cluster was deleted again")
        .hint("with `--keep-on-failure` it is kept, to be looked at")
        .into()
}

fn failure(args: &RunArgs, job: &Job, error: anyhow::Error) -> Failure {
    let kind = match kind(&error) {
        Kind::Signal(number) => Kind::Signal(number),
        _ => Kind::BeforeCommand,
    };
    let program = program(&args.command);
    let message = format!("cannot run `{program}` in virtual cluster `{}`", job.name);
    Failure::new(kind, message).because(error)
}
