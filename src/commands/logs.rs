//! `vc logs`: what the control plane says.

mod follow;
mod lines;

use anyhow::Context;
use futures::AsyncBufReadExt;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;

use self::lines::Form;
use super::App;
use crate::cli::{ControlPlaneContainer, LogsArgs};
use crate::cluster::Cluster;
use crate::error::{Failure, Kind, kind, one_line};
use crate::find::{self, Scope};
use crate::host::Host;

/// Its containers, in the order in which they depend on one another.
const CONTAINERS: [ControlPlaneContainer; 4] = [
    ControlPlaneContainer::Etcd,
    ControlPlaneContainer::KubeApiserver,
    ControlPlaneContainer::KubeControllerManager,
    ControlPlaneContainer::Syncer,
];

/// The name that it has in the pod.
fn name(container: ControlPlaneContainer) -> &'static str {
    match container {
        ControlPlaneContainer::Etcd => "etcd",
        ControlPlaneContainer::KubeApiserver => "kube-apiserver",
        ControlPlaneContainer::KubeControllerManager => "kube-controller-manager",
        ControlPlaneContainer::Syncer => "syncer",
    }
}

/// Prints it.
///
/// # Errors
/// When the cluster does not exist, its logs cannot be read, or there is no such log.
pub(super) async fn run(app: &App, args: &LogsArgs) -> anyhow::Result<()> {
    logs(app, args)
        .await
        .with_context(|| format!("cannot read the logs of virtual cluster `{}`", args.name))
}

async fn logs(app: &App, args: &LogsArgs) -> anyhow::Result<()> {
    let (host, files) = app.connect().await?;
    let scope = Scope::of(app.global.namespace.as_ref());
    let cluster = find::one(&host, &files, &scope, &args.name).await?;
    let logs = Logs {
        app,
        args,
        host: &host,
        cluster: &cluster,
    };
    if args.follow {
        return follow::run(&logs).await;
    }
    match args.container {
        Some(container) => logs.print(name(container)).await.map(drop),
        None => logs.print_all().await,
    }
}

/// What is read, and for whom.
struct Logs<'a> {
    app: &'a App,
    args: &'a LogsArgs,
    host: &'a Host,
    cluster: &'a Cluster,
}

impl Logs<'_> {
    /// All containers, one after the other. That one has no such log is no error as long as another has.
    async fn print_all(&self) -> anyhow::Result<()> {
        let mut last = None;
        let mut printed = false;
        for container in CONTAINERS.map(name) {
            match self.print(container).await {
                Ok(true) => printed = true,
                Ok(false) => return Ok(()),
                Err(error) if is_absent(&error) => {
                    self.app.ui.note(&one_line(&error));
                    last = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        match last {
            Some(error) if !printed => Err(error),
            _ => Ok(()),
        }
    }

    /// Prints the log of a container as far as there is one; whether anybody still reads.
    async fn print(&self, container: &str) -> anyhow::Result<bool> {
        let params = LogParams {
            timestamps: self.args.timestamps,
            ..self.params(container)
        };
        let pod = self.cluster.name.pod();
        let attempt = format!("read the log of container `{container}`");
        let api = self.pods();
        let opened = self.host.call(attempt, api.log_stream(&pod, &params)).await;
        let mut log = std::pin::pin!(opened.map_err(|error| self.without_pod(error))?);
        let form = self.form(container);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = log.read_until(b'\n', &mut line).await;
            if read.with_context(|| format!("the log of container `{container}` broke off"))? == 0 {
                return Ok(true);
            }
            if !self.app.ui.more_data(&form.whole(&line))? {
                return Ok(false);
            }
        }
    }

    fn params(&self, container: &str) -> LogParams {
        LogParams {
            container: Some(container.to_owned()),
            follow: self.args.follow,
            previous: self.args.previous,
            tail_lines: self.args.tail.map(i64::from),
            // The host counts in whole seconds, and takes none for no limit.
            since_seconds: self
                .args
                .since
                .map(|since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX).max(1)),
            ..LogParams::default()
        }
    }

    fn form<'a>(&self, container: &'a str) -> Form<'a> {
        Form {
            container: self.args.container.is_none().then_some(container),
            timestamps: self.args.timestamps,
        }
    }

    fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.host.client.clone(), self.cluster.namespace.as_str())
    }

    /// Says what state the cluster is in when it has no pod to read from.
    fn without_pod(&self, error: anyhow::Error) -> anyhow::Error {
        if kind(&error) != Kind::NotFound {
            return error;
        }
        let Cluster {
            name,
            namespace,
            status,
            ..
        } = self.cluster;
        Failure::new(
            Kind::NotFound,
            format!("its control plane has no pod; it is {status}"),
        )
        .because(error)
        .hint(format!("vc describe {name} -n {namespace}"))
        .into()
    }
}

/// Whether the host says that the container has no such log: it was not started yet, or not before.
fn is_absent(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(kube::Error::Api(status)) if status.code == 400)
    })
}
