//! `vc tunnel`: the process behind a context's local port.

use std::ffi::OsString;
use std::io;
use std::process::Command;

use anyhow::Context;
use futures::FutureExt;

use super::App;
use crate::cli::{TargetArgs, TunnelArgs};
use crate::config::Environment;
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::kubeconfig::file;
use crate::names::Namespace;
use crate::tunnel::{self, PodDialer, Registration};

/// Serves until it is idle, or told to end.
///
/// # Errors
/// When the port is taken or another tunnel of the cluster runs.
pub(super) async fn run(app: &App, args: &TunnelArgs) -> anyhow::Result<()> {
    let TargetArgs { name, uid, port } = &args.target;
    let namespace = app
        .global
        .namespace
        .clone()
        .unwrap_or_else(|| name.default_namespace());
    app.handles_signals();
    let registration = Registration {
        dir: app.tunnels_dir()?,
        uid: uid.clone(),
        port: *port,
        namespace: namespace.to_string(),
        name: name.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let dialer = PodDialer::reconnecting(
        tunnel::Target::control_plane(name, &namespace),
        connector(app),
    );
    let ended = if args.foreground {
        app.ui.note(&format!(
            "serving virtual cluster `{name}` on https://127.0.0.1:{port} until Ctrl-C"
        ));
        tunnel::run_background(registration, dialer, None, shutdown()?, &mut io::sink()).await
    } else {
        tunnel::detach()
            .context("this is started by `vc credential`; use `--foreground` by hand")?;
        let idle_exit = Some(args.idle_exit);
        tunnel::run_background(
            registration,
            dialer,
            idle_exit,
            shutdown()?,
            &mut io::stdout(),
        )
        .await
    };
    ended.map_err(|error| {
        let hint = format!("vc connect {name} -n {namespace}");
        Failure::new(
            Kind::Failed,
            format!("cannot serve virtual cluster `{name}` on port {port}"),
        )
        .because(error)
        .hint(hint)
        .into()
    })
}

/// Makes clients from the kubeconfig as it is then: the tunnel outlives tokens and certificates.
fn connector(app: &App) -> tunnel::Connect {
    let global = app.global.clone();
    let environment = app.environment.clone();
    let paths = app.kubeconfig_paths();
    Box::new(move || {
        let (global, paths) = (global.clone(), paths.clone());
        let environment: Environment = environment.clone();
        async move {
            let files = file::load(&paths)?;
            Ok(Host::connect(&global, &environment, &files).await?.client)
        }
        .boxed()
    })
}

/// The command line of a tunnel in the background.
pub(super) fn command(
    executable: &str,
    host: &Host,
    target: &TargetArgs,
    namespace: &Namespace,
) -> Command {
    let mut command = Command::new(executable);
    command
        .arg("tunnel")
        .arg(target.name.as_str())
        .arg(format!("--namespace={namespace}"))
        .arg(format!("--uid={}", target.uid))
        .arg(format!("--port={}", target.port));
    if let Some(context) = &host.origin.context {
        command.arg(format!("--context={context}"));
    }
    if host.origin.nested {
        command.arg("--nested");
    }
    let kubeconfig: OsString = std::env::join_paths(&host.origin.kubeconfig).unwrap_or_default();
    if !kubeconfig.is_empty() {
        command.env("KUBECONFIG", kubeconfig);
    }
    command
}

/// Resolves when the process is told to end.
#[cfg(unix)]
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    Ok(tokio::signal::ctrl_c().map(drop))
}
