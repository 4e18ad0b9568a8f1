//! `vc credential`: what kubectl calls before it dials.
//!
//! It reads the client certificate from the host with the user's own rights, and sees to it that the
//! tunnel listens and the control plane is up. Nothing is kept.

use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::Api;
use tokio::time::{Instant, sleep};

use super::{App, resume, tunnel as tunnel_command};
use crate::cli::{CredentialArgs, TargetArgs};
use crate::error::{Failure, Kind, kind};
use crate::exec_credential::{self, PrivateKeyPem};
use crate::host::Host;
use crate::names::Namespace;
use crate::pki::{self, AdminCredential};
use crate::tunnel::{self, registry};
use crate::wait::{self, Target};

/// How long a control plane that is not ready is waited for. A pod that is replaced takes some
/// seconds; nobody wants kubectl to hang for minutes.
const READY_DEADLINE: Duration = Duration::from_mins(1);

/// How long a paused cluster may take to wake: its volume has to come to a node, perhaps its images, too.
const WAKE_DEADLINE: Duration = Duration::from_mins(3);

/// Prints an ExecCredential.
///
/// # Errors
/// When the cluster is gone, the host does not let us read its Secret, or no tunnel can be started.
pub(super) async fn run(app: &App, args: &CredentialArgs) -> anyhow::Result<()> {
    let name = &args.target.name;
    credential(app, args)
        .await
        .with_context(|| format!("cannot reach virtual cluster `{name}`"))
}

async fn credential(app: &App, args: &CredentialArgs) -> anyhow::Result<()> {
    exec_credential::check_caller(app.environment.exec_info.as_deref())?;
    let namespace = app
        .global
        .namespace
        .clone()
        .unwrap_or_else(|| args.target.name.default_namespace());
    let (host, _) = app.connect().await?;
    let target = Target {
        name: &args.target.name,
        namespace: &namespace,
    };
    let tunnel = async {
        if args.no_tunnel {
            return Ok(());
        }
        ensure_tunnel(app, &host, &args.target, &namespace).await
    };
    let admin = read_admin(&host, target, &args.target.uid);
    let ready = serves(app, &host, target, args);
    let (admin, (), ()) = tokio::try_join!(admin, ready, tunnel)?;
    let admin = once_good(&host, target, &args.target.uid, admin).await?;
    let lifetime = jiff::SignedDuration::try_from(tunnel::CREDENTIAL_LIFETIME)?;
    let ask_again = Timestamp::now().checked_add(lifetime)?;
    let expires = pki::expires(admin.certificate.as_bytes());
    let text = exec_credential::render(
        &admin.certificate,
        &PrivateKeyPem::new(admin.key.reveal()),
        expires.map_or(ask_again, |expires| ask_again.min(expires)),
        app.environment.exec_info.as_deref(),
    )?;
    app.ui.data(&text)
}

/// The credential once it is good: the syncer of a cluster that was away for longer than its certificates live
/// renews them when it is back.
async fn once_good(
    host: &Host,
    target: Target<'_>,
    uid: &str,
    mut admin: AdminCredential,
) -> anyhow::Result<AdminCredential> {
    let began = Instant::now();
    loop {
        let end = pki::expires(admin.certificate.as_bytes());
        let Some(end) = end.filter(|end| *end <= Timestamp::now()) else {
            return Ok(admin);
        };
        if began.elapsed() > READY_DEADLINE {
            return Err(Failure::new(
                Kind::TimedOut,
                format!("its administrator's certificate has expired ({end}) and is not renewed"),
            )
            .hint(format!(
                "see why with `vc logs {} -n {} -c syncer`",
                target.name, target.namespace
            ))
            .into());
        }
        sleep(RENEWAL_PERIOD).await;
        admin = read_admin(host, target, uid).await?;
    }
}

/// How often it is looked whether an expired certificate has been renewed.
const RENEWAL_PERIOD: Duration = Duration::from_secs(1);

/// Waits until the API server answers, and wakes the cluster for that when it is paused.
async fn serves(
    app: &App,
    host: &Host,
    target: Target<'_>,
    args: &CredentialArgs,
) -> anyhow::Result<()> {
    // Asked at once, so that whoever finds it running waits for nothing more.
    tokio::select! {
        ready = wait::await_api_server(host, &app.ui, target, READY_DEADLINE) => return ready,
        () = is_paused(host, target) => {}
    }
    // Only what the kubeconfig means is woken.
    read_admin(host, target, &args.target.uid).await?;
    if args.no_wake {
        return Err(resume::paused(target).into());
    }
    let name = target.name;
    app.ui
        .note(&format!("virtual cluster `{name}` is paused: waking it"));
    resume::start(app, host, target, WAKE_DEADLINE).await?;
    wait::await_api_server(host, &app.ui, target, WAKE_DEADLINE).await
}

/// Resolves if the cluster is paused. Who may not see that goes on as if it were not.
async fn is_paused(host: &Host, target: Target<'_>) {
    if !matches!(resume::stopped(host, target).await, Ok(Some(_))) {
        std::future::pending::<()>().await;
    }
}

/// Reads the Secret, if it is still that of the cluster that the kubeconfig means.
async fn read_admin(host: &Host, target: Target<'_>, uid: &str) -> anyhow::Result<AdminCredential> {
    let api: Api<Secret> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let secret_name = target.name.kubeconfig_secret();
    let read = host
        .call(format!("get secret `{secret_name}`"), api.get(&secret_name))
        .await;
    let gone = |what: &str| {
        Failure::new(
            Kind::NotFound,
            format!("{what} in namespace `{}`", target.namespace),
        )
        .hint("leave its context with `vc disconnect`; see which clusters there are with `vc list`")
    };
    let secret = match read {
        Err(error) if kind(&error) == Kind::NotFound => {
            return Err(gone("it no longer exists").because(error).into());
        }
        read => read?,
    };
    if !belongs_to(host, target, &secret, uid).await? {
        return Err(gone("it was created anew")
            .hint(format!(
                "vc connect {} -n {}",
                target.name, target.namespace
            ))
            .into());
    }
    Ok(AdminCredential::from_secret(
        &secret.data.unwrap_or_default(),
    )?)
}

/// Whether a Secret is that of the cluster with this UID.
///
/// `vc create` makes the marker its owner. Manifests that `vc render` printed and somebody else
/// applied know no UID, so there the marker that stands beside it speaks for it.
async fn belongs_to(
    host: &Host,
    target: Target<'_>,
    secret: &Secret,
    uid: &str,
) -> anyhow::Result<bool> {
    let owners = secret.metadata.owner_references.as_deref();
    if let Some(owners @ [_, ..]) = owners {
        return Ok(owners.iter().any(|owner| owner.uid == uid));
    }
    let api: Api<ConfigMap> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let name = target.name.object();
    let marker = host
        .call(format!("get configmap `{name}`"), api.get_opt(&name))
        .await?;
    Ok(marker.is_some_and(|marker| marker.metadata.uid.as_deref() == Some(uid)))
}

async fn ensure_tunnel(
    app: &App,
    host: &Host,
    target: &TargetArgs,
    namespace: &Namespace,
) -> anyhow::Result<()> {
    let dir = app.tunnels_dir()?;
    let executable = app.environment.executable()?;
    let wanted = registry::Wanted {
        dir: &dir,
        uid: &target.uid,
        port: target.port,
        version: env!("CARGO_PKG_VERSION"),
    };
    let command = || tunnel_command::command(executable, host, target, namespace);
    registry::ensure(wanted, command)
        .await
        .map(drop)
        .map_err(|error| {
            let hint = format!("vc connect {} -n {namespace}", target.name);
            Failure::new(Kind::Failed, "no tunnel could be started")
                .because(error)
                .hint(hint)
                .into()
        })
}
