//! `vc create`: look, render, apply, wait, merge the context.
//!
//! Nothing is written before everything was looked at. From the first write on the same command
//! resumes what an interrupted one left: the marker says what is wanted, the keys are read back.

use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::join_all;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;

use super::list::Row;
use super::render::{namespace_of, new_pki, spec_with_host};
use super::{App, connect, delete, render};
use crate::apply::{self, Mode};
use crate::claim::Claim;
use crate::cli::{CreateArgs, DataFormat, DryRun, ManifestFormat};
use crate::cluster::{Cluster, ClusterSpec, Status};
use crate::config;
use crate::error::{Failure, Kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::{Files, file};
use crate::labels;
use crate::names::Namespace;
use crate::pki::Pki;
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
    let name = args.spec.name.clone();
    Box::pin(create(app, &args))
        .await
        .with_context(|| format!("cannot create virtual cluster `{name}`"))
}

/// What is decided before the first write.
struct Plan {
    spec: ClusterSpec,
    state: NamespaceState,
    timeout: Duration,
    switch: bool,
}

/// Everything that was looked at and decided before the first write.
struct Prepared {
    host: Host,
    plan: Plan,
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
    if prepared.existing.is_none() && prepared.plan.state == NamespaceState::Exists {
        check_admission(&prepared).await?;
    }
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

/// Looks at everything; nothing is left to do when the cluster existed and was ready once.
async fn prepare(app: &App, args: &CreateArgs) -> anyhow::Result<Option<Prepared>> {
    let file = app.files(&args.spec)?;
    let options = config::spec_options(&args.spec, &file)?;
    let timeout = config::timeout(args.timeout, &file)?;
    let switch = config::switch(args.switch, &file);
    app.ui.group(&format!("vc create {}", args.spec.name));
    app.ui.step("[1/4] checking the host");
    let (host, files) = app.connect().await?;
    let namespace = namespace_of(app, &args.spec);
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
            &args.spec.name,
        )?),
    };
    let rights = async {
        if args.dry_run.is_some() {
            return Ok(());
        }
        preflight::rights(&host, &namespace, state, &options).await
    };
    // What is asked depends on no other answer, so all is asked at once.
    let name = &args.spec.name;
    let wants_quota = !options.quota.is_empty();
    let (existing, rights, neighbours, spec) = Box::pin(async {
        tokio::join!(
            existing(&host, &files, args, &namespace, state),
            rights,
            preflight::neighbours(&host, name, &namespace, state, wants_quota),
            spec_with_host(&host, &args.spec, &options, &namespace, state),
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
    Ok(Some(Prepared {
        has_new_pki,
        manifests: crate::render::render(&spec, Some(&pki))?,
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
    let (uid, pki) = write(app, prepared).await?;
    if args.no_wait {
        return Ok(None);
    }
    settle(app, host, args, plan, &pki, &uid).await.map(Some)
}

/// What exists under this name already, if it may be gone on with.
async fn existing(
    host: &Host,
    files: &Files,
    args: &CreateArgs,
    namespace: &Namespace,
    state: NamespaceState,
) -> anyhow::Result<Option<Cluster>> {
    if state == NamespaceState::Missing {
        return Ok(None);
    }
    let name = &args.spec.name;
    let scope = Scope::Namespace(namespace.clone());
    let found = find::list(host, files, &scope, Some(name)).await?;
    let Some(cluster) = found.clusters.into_iter().next() else {
        return Ok(None);
    };
    let exists = |what: &str| {
        Failure::new(
            Kind::Exists,
            format!("it {what} in namespace `{namespace}`"),
        )
    };
    if cluster.status == Status::Deleting {
        return Err(exists("is being deleted")
            .hint(format!(
                "wait for its end with `vc delete {name} -n {namespace}`"
            ))
            .into());
    }
    if cluster.uid.is_none() {
        return Err(exists("was not deleted to the end")
            .hint(format!("vc delete {name} -n {namespace}"))
            .into());
    }
    if cluster.was_ready && !args.if_not_exists {
        return Err(exists("exists already")
            .hint(format!(
                "vc connect {name} -n {namespace}, or pass `--if-not-exists`"
            ))
            .into());
    }
    Ok(Some(cluster))
}

/// The specification that an existing cluster was made from.
fn stored(cluster: &Cluster) -> Result<ClusterSpec, Failure> {
    cluster.spec.clone().ok_or_else(|| {
        Failure::new(
            Kind::Failed,
            format!("its marker `{}` cannot be read", cluster.name.object()),
        )
        .hint("it may have been made by a newer `vc`: see `vc version`")
    })
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
    if !args.no_wait {
        let pki = stored_pki(host, &plan.spec).await?.ok_or_else(|| {
            Failure::new(Kind::Failed, "its Secrets are missing").hint(format!(
                "vc delete {} -n {}",
                cluster.name, cluster.namespace
            ))
        })?;
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

/// Whether what an earlier command began may be gone on with.
fn may_resume(
    cluster: &Cluster,
    wanted: &ClusterSpec,
    claim: Option<&Claim>,
    as_it_is: bool,
) -> anyhow::Result<()> {
    let stored = stored(cluster)?;
    let ours = claim.is_some_and(|claim| claim.began(cluster.begun_as.as_deref()));
    let age = cluster.created.map_or(Duration::MAX, |created| {
        Timestamp::now()
            .duration_since(created)
            .try_into()
            .unwrap_or_default()
    });
    if !ours && age < SOMEBODY_ELSE_PATIENCE {
        return Err(Failure::new(
            Kind::Exists,
            format!("somebody else began to, {} s ago", age.as_secs()),
        )
        .hint(format!(
            "see how far it is with `vc list -n {}`; after {} s the same command takes over",
            cluster.namespace,
            SOMEBODY_ELSE_PATIENCE.as_secs()
        ))
        .into());
    }
    if stored != *wanted && !as_it_is {
        return Err(
            Failure::new(Kind::Exists, "it was begun with other settings")
                .detail(format!("begun:  {}", serde_json::to_string(&stored)?))
                .detail(format!("wanted: {}", serde_json::to_string(wanted)?))
                .hint(format!(
                    "repeat the first command, or start over with `vc delete {} -n {}`",
                    cluster.name, cluster.namespace
                ))
                .into(),
        );
    }
    Ok(())
}

/// A cluster that another machine began to create is left alone for this long: creating takes
/// seconds, and its keys must not be made twice.
const SOMEBODY_ELSE_PATIENCE: Duration = Duration::from_mins(1);

/// The keys and certificates that an earlier command stored, if it came that far.
async fn stored_pki(host: &Host, spec: &ClusterSpec) -> anyhow::Result<Option<Pki>> {
    let api: Api<Secret> = Api::namespaced(host.client.clone(), spec.namespace.as_str());
    let (pki, admin) = (spec.name.pki_secret(), spec.name.kubeconfig_secret());
    let (pki, admin) = tokio::try_join!(
        host.call(format!("get secret `{pki}`"), api.get_opt(&pki)),
        host.call(format!("get secret `{admin}`"), api.get_opt(&admin)),
    )?;
    // One without the other: it stopped between the two, and nothing has used them yet.
    let (Some(pki), Some(admin)) = (pki, admin) else {
        return Ok(None);
    };
    let data = |secret: Secret| secret.data.unwrap_or_default();
    Ok(Some(Pki::from_secrets(&data(pki), &data(admin))?))
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

/// Writes everything, the marker first; returns the cluster's UID and its keys.
async fn write(app: &App, prepared: &Prepared) -> anyhow::Result<(String, Pki)> {
    let Prepared { host, plan, .. } = prepared;
    let ClusterSpec {
        name, namespace, ..
    } = &plan.spec;
    app.ui.step("[2/4] applying the manifests");
    app.ui.on_interrupt(vec![
        format!("virtual cluster `{name}` is half made in namespace `{namespace}`"),
        format!("resume with `vc create {name} -n {namespace}`, or remove it with `vc delete {name} -n {namespace}`"),
    ]);
    if plan.state == NamespaceState::Missing {
        apply::create_namespace(host, namespace).await?;
    }
    let uid = match &prepared.existing {
        Some(cluster) => take_over(cluster, prepared.claim.as_ref())?,
        None => write_marker(prepared).await?,
    };
    let (manifests, pki) = with_address(prepared, &uid).await?;
    // The StatefulSet comes last: its pod is refused without the account and waits for the Secrets. So
    // does a binding, for which the role has to be there.
    let (sets, parts): (Vec<_>, Vec<_>) = manifests.iter().skip(1).partition(|manifest| {
        matches!(
            manifest.kind(),
            "StatefulSet" | "RoleBinding" | "ClusterRoleBinding"
        )
    });
    for together in [parts, sets] {
        let applied = together
            .into_iter()
            .map(|manifest| apply::apply(host, manifest.value(), Mode::Store));
        // All are awaited, so that of several refusals the same one is told each time.
        let applied: anyhow::Result<Vec<_>> = join_all(applied).await.into_iter().collect();
        applied?;
    }
    Ok((uid, pki))
}

/// Makes the Service first, whose address goes into the API server's certificate: it is what pods of
/// the virtual cluster know their API server by. Returns all manifests, owned by the marker.
async fn with_address(prepared: &Prepared, uid: &str) -> anyhow::Result<(Manifests, Pki)> {
    let mut manifests = prepared.manifests.clone();
    manifests.own(uid);
    if !prepared.has_new_pki {
        return Ok((manifests, prepared.pki.clone()));
    }
    let service = manifests
        .iter()
        .find(|manifest| manifest.kind() == "Service")
        .context("there is no Service to apply")?;
    let service = apply::apply(&prepared.host, service.value(), Mode::Store).await?;
    let addresses = service.data.pointer("/spec/clusterIPs").cloned();
    let addresses: Vec<String> = serde_json::from_value(addresses.unwrap_or_default())?;
    let spec = &prepared.plan.spec;
    let pki = new_pki(spec, &addresses)?;
    let mut manifests = crate::render::render(spec, Some(&pki))?;
    manifests.own(uid);
    Ok((manifests, pki))
}

/// Goes on with what an earlier command began; from now on it is this machine's. Returns its UID.
fn take_over(cluster: &Cluster, claim: Option<&Claim>) -> anyhow::Result<String> {
    if let (Some(claim), Some(mark)) = (claim, &cluster.begun_as) {
        claim.note(mark)?;
    }
    cluster.uid.clone().context("its marker has no UID")
}

/// Creates the marker; returns the cluster's UID. The marker is what makes the name ours, so it is
/// not applied over another.
async fn write_marker(prepared: &Prepared) -> anyhow::Result<String> {
    let Prepared {
        host,
        plan,
        manifests,
        claim,
        ..
    } = prepared;
    let taken = || {
        Failure::new(
            Kind::Exists,
            format!(
                "configmap `{}` exists in namespace `{}`",
                plan.spec.name.object(),
                plan.spec.namespace
            ),
        )
        .hint("see whether it is a virtual cluster's with `vc list`, or take another name")
    };
    let mark = claim.as_ref().map(Claim::begin).transpose()?;
    let marker = manifests
        .marker_with(labels::BEGUN_AS, &mark.unwrap_or_default())
        .context("there is no marker to write")?;
    let created = apply::create_new(host, &marker, Mode::Store)
        .await?
        .ok_or_else(taken)?;
    created
        .metadata
        .uid
        .context("the host gave the marker no UID")
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
    app.ui.step("[3/4] waiting for the control plane");
    let target = Target { name, namespace };
    let admin = pki.admin_credential();
    let probe = serving::await_serving(host, target, &admin);
    wait::await_ready(host, &app.ui, target, plan.timeout, probe).await?;
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
    };
    let marked = apply::mark_ready(host, namespace, name);
    let merged = connect::merge(app, host, &wish);
    let ((), context) = tokio::try_join!(marked, merged)?;
    Ok(context)
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
    let row = Row::new(&cluster, &files);
    app.ui.data(&match format {
        DataFormat::Json => format!("{}\n", serde_json::to_string_pretty(&row)?),
        DataFormat::Yaml => serde_saphyr::to_string(&row)?,
        DataFormat::Name => format!("{}\n", row.reference()),
    })
}
