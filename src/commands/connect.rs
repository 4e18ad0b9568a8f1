//! `vc connect`: switch to a virtual cluster's context, or run one command in it.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use super::App;
use super::child::{Access, Call, Signals};
use super::resume::{self, IfPaused};
use crate::apply;
use crate::cli::ConnectArgs;
use crate::cluster::{Cluster, Status};
use crate::config;
use crate::error::{Failure, Kind, kind};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kubeconfig::{Entry, Exec, Files, HostOrigin, Record, choose_port, file};
use crate::names::{ClusterName, Namespace};
use crate::pki::AdminCredential;
use crate::serving;
use crate::tunnel::registry;
use crate::wait::{self, Target};

/// Connects; the number is the exit code of CMD.
///
/// # Errors
/// When the cluster does not exist or does not become ready, or the kubeconfig cannot be written.
pub(super) async fn run(app: &App, args: ConnectArgs) -> anyhow::Result<u8> {
    let attempt = || format!("cannot connect to virtual cluster `{}`", args.name);
    if args.command.is_empty() {
        return connect(app, &args).await.map(|()| 0).with_context(attempt);
    }
    let started = run_command(app, &args).await;
    match started {
        Ok(code) => Ok(code),
        Err(error) => Err(Failure::new(Kind::BeforeCommand, attempt())
            .because(error)
            .into()),
    }
}

async fn connect(app: &App, args: &ConnectArgs) -> anyhow::Result<()> {
    let if_paused = IfPaused::of(args.no_wake);
    let (host, cluster, admin) = ready_cluster(app, &args.name, args.timeout, if_paused).await?;
    let uid = cluster.uid.clone().unwrap_or_default();
    let switch = config::switch(args.switch, &app.user_file()?);
    let wish = Wish {
        name: &cluster.name,
        namespace: &cluster.namespace,
        uid: &uid,
        ca: &admin.ca,
        context_name: args.context_name.as_deref(),
        switch,
        no_wake: args.no_wake,
    };
    let context = merge(app, &host, &wish).await?;
    app.ui.finish();
    app.ui.note(&if switch {
        format!(
            "context is now `{context}`: try `kubectl get namespaces`; go back with `vc disconnect`"
        )
    } else {
        format!("context `{context}` is there: try `kubectl --context {context} get namespaces`")
    });
    Ok(())
}

/// Finds the cluster, waits until it serves, and reads its administrator's credential.
///
/// # Errors
/// When it does not exist, is being deleted, is paused and shall stay so, or does not become ready in time.
pub(super) async fn ready_cluster(
    app: &App,
    name: &ClusterName,
    timeout: Option<Duration>,
    if_paused: IfPaused,
) -> anyhow::Result<(Host, Cluster, AdminCredential)> {
    let timeout = config::timeout(timeout, &app.user_file()?)?;
    let (host, files) = app.connect().await?;
    let scope = Scope::of(app.global.namespace.as_ref());
    let cluster = find::one(&host, &files, &scope, name).await?;
    if matches!(cluster.status, Status::Deleting | Status::Incomplete) {
        let reason = cluster
            .reason
            .unwrap_or_else(|| "it is being deleted".to_owned());
        return Err(
            Failure::new(Kind::Failed, format!("it is {}: {reason}", cluster.status))
                .hint(format!(
                    "vc delete {} -n {}",
                    cluster.name, cluster.namespace
                ))
                .into(),
        );
    }
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    let admin = serving::read_admin(&host, target).await?;
    resume::settle_pause(app, &host, &cluster, if_paused, timeout).await?;
    if cluster.status != Status::Running {
        app.ui.step("waiting for the control plane");
        let probe = serving::await_serving(&host, target, &admin);
        wait::await_ready(&host, &app.ui, target, timeout, probe).await?;
    }
    if !cluster.was_ready || cluster.status == Status::Paused {
        note_ready(&host, target).await?;
    }
    Ok((host, cluster, admin))
}

/// Notes that the cluster is ready, which `create --no-wait`, rendered manifests and a pause leave open.
pub(super) async fn note_ready(host: &Host, target: Target<'_>) -> anyhow::Result<()> {
    match apply::mark_ready(host, target.namespace, target.name).await {
        // Who may use a cluster need not be able to change it.
        Err(error) if kind(&error) == Kind::Denied => Ok(()),
        noted => noted,
    }
}

/// Which context is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// The cluster's name.
    pub name: &'a ClusterName,
    /// Its host namespace.
    pub namespace: &'a Namespace,
    /// Its UID.
    pub uid: &'a str,
    /// Its certificate authority, PEM.
    pub ca: &'a str,
    /// The context's name, if it matters.
    pub context_name: Option<&'a str>,
    /// Whether to make it the current one.
    pub switch: bool,
    /// Whether the use of it leaves a paused cluster paused.
    pub no_wake: bool,
}

/// Writes the context to the kubeconfig; returns its name.
///
/// # Errors
/// When the kubeconfig cannot be written, or the wished name is somebody else's.
pub(super) async fn merge(app: &App, host: &Host, wish: &Wish<'_>) -> anyhow::Result<String> {
    let executable = app.environment.executable()?;
    let tunnels = app.tunnels_dir()?;
    let paths = app.kubeconfig_paths();
    file::edit(&paths, |files| -> anyhow::Result<String> {
        let port = usable_port(files, wish.uid, &tunnels);
        let entry = entry(executable, &host.origin, wish, port, &[]);
        let context = files.upsert(&entry)?.context_name;
        if wish.switch {
            files.switch_to(&context)?;
        }
        Ok(context)
    })
    .await
}

/// The port the cluster has, or else the one its UID leads to; the next one if another process has
/// that now.
fn usable_port(files: &Files, uid: &str, tunnels: &Path) -> u16 {
    let records = files.records();
    let ours = records.iter().find(|(_, record)| record.uid == uid);
    let running = registry::list(tunnels).unwrap_or_default();
    let is_usable = |port: u16| {
        let is_our_tunnel = running
            .iter()
            .any(|tunnel| tunnel.uid == uid && tunnel.info.port == port);
        is_our_tunnel || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
    };
    if let Some(port) = ours
        .map(|(_, record)| record.port)
        .filter(|port| is_usable(*port))
    {
        return port;
    }
    let mut taken: BTreeSet<u16> = records
        .iter()
        .filter(|(_, record)| record.uid != uid)
        .map(|(_, record)| record.port)
        .collect();
    loop {
        let port = choose_port(uid, &taken);
        // The second half ends the loop on a machine without any free port.
        if is_usable(port) || !taken.insert(port) {
            return port;
        }
    }
}

/// Our kubeconfig entries: an address on this machine, and how to get the credential.
pub(super) fn entry(
    executable: &str,
    origin: &HostOrigin,
    wish: &Wish<'_>,
    port: u16,
    more_args: &[&str],
) -> Entry {
    let mut args = vec![
        "credential".to_owned(),
        wish.name.to_string(),
        format!("--namespace={}", wish.namespace),
        format!("--uid={}", wish.uid),
        format!("--port={port}"),
    ];
    if let Some(context) = &origin.context {
        args.push(format!("--context={context}"));
    }
    if origin.nested {
        args.push("--nested".to_owned());
    }
    if wish.no_wake {
        args.push("--no-wake".to_owned());
    }
    args.extend(more_args.iter().map(|arg| (*arg).to_owned()));
    let kubeconfig = std::env::join_paths(&origin.kubeconfig)
        .map(|paths| paths.to_string_lossy().into_owned())
        .unwrap_or_default();
    let env = if kubeconfig.is_empty() {
        Vec::new()
    } else {
        vec![("KUBECONFIG".to_owned(), kubeconfig)]
    };
    Entry {
        record: Record {
            uid: wish.uid.to_owned(),
            name: wish.name.clone(),
            namespace: wish.namespace.clone(),
            port,
            host: origin.clone(),
            previous: None,
        },
        context_name: wish.context_name.map(str::to_owned),
        certificate_authority: wish.ca.to_owned(),
        exec: Exec {
            command: executable.to_owned(),
            args,
            env,
            install_hint: format!(
                "`vc` is no longer where it was: install it again, then `vc connect {}`",
                wish.name
            ),
        },
    }
}

/// Runs CMD with a kubeconfig of its own; nothing of it outlives the command.
async fn run_command(app: &App, args: &ConnectArgs) -> anyhow::Result<u8> {
    let if_paused = IfPaused::of(args.no_wake);
    let (host, cluster, admin) = ready_cluster(app, &args.name, args.timeout, if_paused).await?;
    let uid = cluster.uid.clone().unwrap_or_default();
    let wish = Wish {
        name: &cluster.name,
        namespace: &cluster.namespace,
        uid: &uid,
        ca: &admin.ca,
        context_name: None,
        switch: true,
        no_wake: args.no_wake,
    };
    let access = Access::open(app, &host, &wish).await?;
    app.ui.finish();
    app.handles_signals();
    let mut signals = Signals::listen()?;
    let call = Call::new(&args.command, &access, &wish);
    Ok(call.run(&mut signals).await?.code)
}
