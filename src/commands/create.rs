//! `vc create`: look, render, apply, wait, merge the context.
//!
//! Nothing is written before everything was looked at. From the first write on the same command
//! resumes what an interrupted one left: the marker says what is wanted, the keys are read back.

mod existing;
mod write;

use std::time::{Duration, Instant};

use anyhow::Context;

pub(super) use existing::{existing, stored, whole_pki};
pub(super) use write::{take_name, write};

use self::existing::{may_resume, stored_pki};
use super::list::Row;
use super::render::{namespace_of, new_pki, spec_with_host};
use super::resume::{self, IfPaused};
use super::{App, connect, delete, render};
use crate::apply;
use crate::claim::Claim;
use crate::cli::{CreateArgs, DataFormat, DryRun, ManifestFormat};
use crate::cluster::{Cluster, ClusterSpec};
use crate::config;
use crate::error::{Failure, Kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::file;
use crate::pki::{AdminCredential, Pki};
use crate::preflight::{self, NamespaceState};
use crate::render::{Manifest, Manifests};
use crate::serving;
use crate::wait::{self, Target};

/// Creates a virtual cluster, or resumes creating it.
///
/// # Errors
/// When a check fails (nothing was written), the host refuses something, or the cluster does not
/// become ready in time (it is kept).
pub(super) async fn run(app: &App, args: CreateArgs) -> anyhow::Result<()> {
    let name = args.name.clone();
    Box::pin(create(app, &args))
        .await
        .with_context(|| format!("cannot create virtual cluster `{name}`"))
}

/// What is decided before the first write.
pub(super) struct Plan {
    pub(super) spec: ClusterSpec,
    state: NamespaceState,
    pub(super) timeout: Duration,
    switch: bool,
}

/// Everything that was looked at and decided before the first write.
pub(super) struct Prepared {
    pub(super) host: Host,
    pub(super) plan: Plan,
    pki: Pki,
    /// Whether the keys are new, and not those of an earlier command.
    has_new_pki: bool,
    manifests: Manifests,
    existing: Option<Cluster>,
    claim: Option<Claim>,
}

async fn create(app: &App, args: &CreateArgs) -> anyhow::Result<()> {
    let began = Instant::now();
    let Some(prepared) = Box::pin(prepare(app, args)).await? else {
        return Ok(());
    };
    if let Some(place) = args.dry_run {
        return dry_run(app, &prepared, place).await;
    }
    check_new(&prepared).await?;
    let Prepared { host, plan, .. } = &prepared;
    match write_and_settle(app, args, &prepared).await {
        Ok(context) => {
            app.ui.finish();
            closing_line(app, plan, context.as_deref(), began.elapsed());
            print(app, host, args, &plan.spec).await
        }
        Err(error) if args.rollback_on_failure => Err(roll_back(app, host, plan, error).await),
        Err(error) => Err(error),
    }
}

/// What would be written for a cluster that is not there.
///
/// # Errors
/// What `vc create --dry-run` would say.
pub(super) async fn manifests(app: &App, args: &CreateArgs) -> anyhow::Result<Manifests> {
    let prepared = Box::pin(prepare(app, args)).await?;
    let prepared = prepared.context("it was ready before it was there")?;
    Ok(prepared.manifests)
}

/// Looks at everything that a new cluster needs, for `vc run`.
///
/// # Errors
/// What `vc create` would say before the first write, also when a cluster of this name was only begun.
pub(super) async fn prepare_new(app: &App, args: &CreateArgs) -> anyhow::Result<Prepared> {
    let found = Box::pin(prepare(app, args)).await?;
    let prepared = found.filter(|prepared| prepared.existing.is_none());
    let prepared = prepared.ok_or_else(|| {
        Failure::new(Kind::Exists, "it exists already")
            .hint("name another one, or use this one with `--reuse`")
    })?;
    check_new(&prepared).await?;
    Ok(prepared)
}

/// Has the host check what is to be written, unless it was written before or there is no place for it yet.
async fn check_new(prepared: &Prepared) -> anyhow::Result<()> {
    if prepared.existing.is_none() && prepared.plan.state == NamespaceState::Exists {
        check_admission(prepared).await?;
    }
    Ok(())
}

/// Looks at everything; nothing is left to do when the cluster existed and was ready once.
async fn prepare(app: &App, args: &CreateArgs) -> anyhow::Result<Option<Prepared>> {
    let file = app.files(&args.spec)?;
    let options = config::spec_options(&args.spec, &file)?;
    let timeout = config::timeout(args.timeout, &file)?;
    let ttl = config::ttl(args.mark.ttl, &file)?;
    let labels = config::labels(&args.mark.labels, &file)?;
    let switch = config::switch(args.switch, &file);
    app.ui.group(&format!("vc create {}", args.name));
    app.ui.step("[1/4] checking the host");
    let (host, files) = app.connect().await?;
    let namespace = namespace_of(app, &args.name);
    let state = preflight::namespace_state(&host, &namespace).await?;
    let plan = |spec| Plan {
        spec,
        state,
        timeout,
        switch,
    };
    // A dry run writes nothing, so it needs neither the right to nor a claim.
    let claim = match args.dry_run {
        Some(_) => None,
        None => Some(Claim::take(
            app.environment.state_dir()?,
            &host.server,
            &namespace,
            &args.name,
        )?),
    };
    let rights = async {
        if args.dry_run.is_some() {
            return Ok(());
        }
        preflight::rights(&host, &namespace, state, &options).await
    };
    // What is asked depends on no other answer, so all is asked at once.
    let name = &args.name;
    let wants_quota = !options.quota.is_empty();
    let (existing, rights, neighbours, spec) = Box::pin(async {
        tokio::join!(
            existing(&host, &files, args, &namespace, state),
            rights,
            preflight::neighbours(&host, name, &namespace, state, wants_quota),
            spec_with_host(&host, name, &options, &namespace, state, None),
        )
    })
    .await;
    let existing = match existing {
        // Who may not even look may miss more than that, and wants to hear all of it.
        Err(error) if crate::error::kind(&error) == Kind::Denied => {
            rights?;
            return Err(error);
        }
        found => found?,
    };
    let is_there = |cluster: &&Cluster| cluster.was_ready && args.dry_run.is_none();
    if let Some(cluster) = existing.as_ref().filter(is_there) {
        adopt(app, &host, args, cluster, &plan(stored(cluster)?)).await?;
        return Ok(None);
    }
    rights?;
    neighbours?;
    let (spec, warning) = spec?;
    if let Some(warning) = warning {
        app.ui.warn(&warning);
    }
    let stored_pki = match &existing {
        Some(cluster) => {
            may_resume(cluster, &spec, claim.as_ref(), args.if_not_exists)?;
            stored_pki(&host, &spec).await?
        }
        None => None,
    };
    let has_new_pki = stored_pki.is_none();
    let pki = match stored_pki {
        Some(pki) => pki,
        None => new_pki(&spec, &[])?,
    };
    let mut manifests = crate::render::render(&spec, Some(&pki))?;
    manifests.mark(&labels, ttl);
    Ok(Some(Prepared {
        has_new_pki,
        manifests,
        plan: plan(spec),
        host,
        pki,
        existing,
        claim,
    }))
}

/// Writes everything and waits; returns the context's name, or none with `--no-wait`.
async fn write_and_settle(
    app: &App,
    args: &CreateArgs,
    prepared: &Prepared,
) -> anyhow::Result<Option<String>> {
    let Prepared { host, plan, .. } = prepared;
    let uid = take_name(app, prepared).await?;
    let pki = write(prepared, &uid).await?;
    if args.no_wait {
        return Ok(None);
    }
    settle(app, host, args, plan, &pki, &uid).await.map(Some)
}

/// An existing cluster that was ready once: wait until it is again, and merge its context.
async fn adopt(
    app: &App,
    host: &Host,
    args: &CreateArgs,
    cluster: &Cluster,
    plan: &Plan,
) -> anyhow::Result<()> {
    let uid = cluster.uid.clone().unwrap_or_default();
    let if_paused = IfPaused::of(args.no_wake);
    resume::settle_pause(app, host, cluster, if_paused, plan.timeout).await?;
    if !args.no_wait {
        let pki = whole_pki(host, &plan.spec).await?;
        let context = settle(app, host, args, plan, &pki, &uid).await?;
        app.ui.finish();
        app.ui.note(&format!(
            "virtual cluster `{}` exists and is ready, context `{context}`",
            cluster.name
        ));
    }
    app.ui.finish();
    print(app, host, args, &plan.spec).await
}

async fn check_admission(prepared: &Prepared) -> anyhow::Result<()> {
    let Prepared {
        host,
        plan,
        pki,
        manifests,
        existing,
        ..
    } = prepared;
    let (name, namespace) = (&plan.spec.name, &plan.spec.namespace);
    if existing.is_some() {
        return preflight::admission_again(host, name, namespace, manifests).await;
    }
    // What the StatefulSet will make is checked as well: it has no way to tell us.
    let mut objects: Vec<Manifest> = manifests.iter().cloned().collect();
    objects.push(crate::render::pod(&plan.spec, Some(pki))?);
    objects.extend(crate::render::claim(&plan.spec)?);
    preflight::admission(host, name, namespace, &objects).await
}

async fn dry_run(app: &App, prepared: &Prepared, place: DryRun) -> anyhow::Result<()> {
    let namespace = &prepared.plan.spec.namespace;
    match (place, prepared.plan.state) {
        (DryRun::Client, _) => {}
        (DryRun::Server, NamespaceState::Exists) => check_admission(prepared).await?,
        (DryRun::Server, NamespaceState::Missing) => app.ui.warn(&format!(
            "namespace `{namespace}` does not exist, so the host cannot check what would be in it"
        )),
    }
    app.ui.finish();
    render::print(app, &prepared.manifests, ManifestFormat::Yaml)
}

/// Waits until the cluster serves, and makes it the current context; returns the context's name.
async fn settle(
    app: &App,
    host: &Host,
    args: &CreateArgs,
    plan: &Plan,
    pki: &Pki,
    uid: &str,
) -> anyhow::Result<String> {
    let ClusterSpec {
        name, namespace, ..
    } = &plan.spec;
    let admin = pki.admin_credential();
    await_ready(app, host, plan, &admin).await?;
    app.ui.step("[4/4] writing the kubeconfig");
    app.ui.on_interrupt(vec![format!(
        "virtual cluster `{name}` is ready in namespace `{namespace}`: `vc connect {name}` switches to it"
    )]);
    let wish = connect::Wish {
        name,
        namespace,
        uid,
        ca: &admin.ca,
        context_name: args.context_name.as_deref(),
        switch: plan.switch,
        no_wake: args.no_wake,
    };
    let marked = apply::mark_ready(host, namespace, name);
    let merged = connect::merge(app, host, &wish);
    let ((), context) = tokio::try_join!(marked, merged)?;
    Ok(context)
}

/// Waits until pods can run in the cluster.
///
/// # Errors
/// That it does not become so in time, or cannot.
pub(super) async fn await_ready(
    app: &App,
    host: &Host,
    plan: &Plan,
    admin: &AdminCredential,
) -> anyhow::Result<()> {
    app.ui.step("[3/4] waiting for the control plane");
    let target = Target {
        name: &plan.spec.name,
        namespace: &plan.spec.namespace,
    };
    let probe = serving::await_serving(host, target, admin);
    wait::await_ready(host, &app.ui, target, plan.timeout, probe).await
}

/// What to type next, and how to go back.
fn closing_line(app: &App, plan: &Plan, context: Option<&str>, took: Duration) {
    let ClusterSpec {
        name, namespace, ..
    } = &plan.spec;
    let seconds = took.as_secs_f64();
    app.ui.note(&match (context, plan.switch) {
        (None, _) => format!(
            "virtual cluster `{name}` is applied: \
             wait for it and switch to it with `vc connect {name} -n {namespace}`"
        ),
        (Some(context), true) => format!(
            "virtual cluster `{name}` is ready after {seconds:.1} s, context `{context}`: \
             try `kubectl get namespaces`; go back with `vc disconnect`"
        ),
        (Some(context), false) => format!(
            "virtual cluster `{name}` is ready after {seconds:.1} s: \
             try `kubectl --context {context} get namespaces`, or switch with `vc connect {name}`"
        ),
    });
}

/// Deletes what was made; the error keeps its evidence and says that nothing was kept.
async fn roll_back(app: &App, host: &Host, plan: &Plan, error: anyhow::Error) -> anyhow::Error {
    let ClusterSpec {
        name, namespace, ..
    } = &plan.spec;
    app.ui.step("rolling back");
    let kind = crate::error::kind(&error);
    let target = Target { name, namespace };
    match delete::remove(app, host, target, plan.timeout).await {
        Ok(()) => Failure::new(kind, "it was deleted again")
            .because(error)
            .hint("without `--rollback-on-failure` it is kept, to be looked at")
            .into(),
        Err(more) => {
            app.ui.report(&crate::error::report(&more));
            Failure::new(kind, "deleting it again failed, too")
                .because(error)
                .hint(format!("vc delete {name} -n {namespace}"))
                .into()
        }
    }
}

/// Prints the cluster on stdout, if that was asked for.
async fn print(
    app: &App,
    host: &Host,
    args: &CreateArgs,
    spec: &ClusterSpec,
) -> anyhow::Result<()> {
    let Some(format) = args.output else {
        return Ok(());
    };
    let scope = Scope::Namespace(spec.namespace.clone());
    let files = file::load(&app.kubeconfig_paths())?;
    let cluster = find::one(host, &files, &scope, &spec.name).await?;
    let row = Row::new(&cluster, &files, jiff::Timestamp::now());
    app.ui.data(&match format {
        DataFormat::Json => format!("{}\n", serde_json::to_string_pretty(&row)?),
        DataFormat::Yaml => serde_saphyr::to_string(&row)?,
        DataFormat::Name => format!("{}\n", row.reference()),
    })
}
