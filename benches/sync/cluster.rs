//! The virtual cluster whose syncer is measured.
//!
//! In: a stage. Out: a cluster, and a client of it. Never: deletes it; clearing the stage does.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use k8s_openapi::api::core::v1::Pod;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use tokio::net::TcpStream;
use tokio::time::timeout;
use vc::labels;
use vc::names::{ClusterName, Namespace};
use vc::tunnel::{self, InProcess};

use crate::place::{Place, Places};
use crate::process::Process;
use crate::stage::{DEADLINE, Stage, say};

/// Port of the virtual API server on its pod's address.
const API_SERVER_PORT: u16 = 6443;

/// A pod's address that is reached at all is reached in much less.
const REACHED_WITHIN: Duration = Duration::from_secs(2);

/// Labels of pods that are made on the host without a virtual cluster.
const BARE_SELECTOR: &str = "vc-bench=bare";

/// The cluster, while it is there.
pub(crate) struct Cluster {
    pub(crate) name: ClusterName,
    /// The host namespace that is its own.
    pub(crate) namespace: Namespace,
    /// A client of the virtual API server.
    pub(crate) client: Client,
    tunnel: Option<InProcess>,
}

impl Cluster {
    /// Makes it with `vc`, and connects to it: straight to the pod where that is possible, because a
    /// tunnel adds its own time to every request.
    pub(crate) async fn make(stage: &Stage) -> anyhow::Result<Self> {
        let name: ClusterName = stage.own_name().parse()?;
        let namespace = name.default_namespace();
        let created = stage.vc(&["create", name.as_str(), "--ephemeral"])?;
        say(&format!(
            "virtual cluster `{name}` was made in {:.1} s",
            created.took.as_secs_f64()
        ));
        let host_pods: Api<Pod> = Api::namespaced(stage.host.client.clone(), namespace.as_str());
        let (address, tunnel) = if let Some(address) = straight(&host_pods, &name).await? {
            (address, None)
        } else {
            let target = tunnel::Target::control_plane(&name, &namespace);
            let client = stage.host.client.clone();
            let tunnel = InProcess::start(client, target, DEADLINE).await?;
            (tunnel.address(), Some(tunnel))
        };
        let client = connect(stage, &name, &namespace, address).await?;
        Ok(Self {
            name,
            namespace,
            client,
            tunnel,
        })
    }

    /// How its API server is reached.
    pub(crate) fn way(&self) -> &'static str {
        match self.tunnel {
            None => "straight",
            Some(_) => "through a tunnel, which is part of the figures that begin or end there",
        }
    }

    /// The syncer's process, if this machine runs it.
    pub(crate) fn process(&self) -> Option<Process> {
        Process::find(self.name.as_str(), self.namespace.as_str())
    }

    /// Pods of the host, in the namespace that they are measured in.
    pub(crate) fn host_pods(&self, stage: &Stage) -> Api<Pod> {
        Api::namespaced(stage.host.client.clone(), self.namespace.as_str())
    }

    /// Where pods are made: in it, and on the host in another namespace, where its syncer does not
    /// look.
    pub(crate) fn places(&self, stage: &Stage) -> Places {
        let bare: Api<Pod> = Api::namespaced(stage.host.client.clone(), stage.namespace.as_str());
        let ours = format!("{}={},{}", labels::CLUSTER, self.name, labels::NAMESPACE);
        Places {
            virtual_cluster: Place {
                pods: Api::namespaced(self.client.clone(), "default"),
                host_pods: self.host_pods(stage),
                host_selector: ours,
            },
            host: Place {
                pods: bare.clone(),
                host_pods: bare,
                host_selector: BARE_SELECTOR.to_owned(),
            },
        }
    }
}

/// The pod's own address, if it is reached from here.
async fn straight(host_pods: &Api<Pod>, name: &ClusterName) -> anyhow::Result<Option<SocketAddr>> {
    let pod = host_pods.get(&name.pod()).await?;
    let Some(address) = pod.status.and_then(|status| status.pod_ip) else {
        return Ok(None);
    };
    let address = SocketAddr::new(address.parse()?, API_SERVER_PORT);
    let connected = timeout(REACHED_WITHIN, TcpStream::connect(address)).await;
    Ok(matches!(connected, Ok(Ok(_))).then_some(address))
}

async fn connect(
    stage: &Stage,
    name: &ClusterName,
    namespace: &Namespace,
    address: SocketAddr,
) -> anyhow::Result<Client> {
    let server = format!("https://{address}");
    let printed = stage.vc(&[
        "kubeconfig",
        name.as_str(),
        "--namespace",
        namespace.as_str(),
        "--server",
        &server,
    ])?;
    let kubeconfig = Kubeconfig::from_yaml(&printed.stdout)
        .context("what `vc kubeconfig` prints cannot be read")?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}
