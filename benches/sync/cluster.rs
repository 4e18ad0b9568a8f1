//! The virtual cluster whose syncer is measured.
//!
//! In: a stage, and a cluster of any product or none. Out: a client of a cluster. Never: deletes it; clearing the stage
//! does that with our own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, ResourceExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use vc::names::{ClusterName, Namespace};
use vc::tunnel::{self, InProcess};

use crate::memory;
use crate::place::{Nodes, Place, Places};
use crate::process::Process;
use crate::stage::{DEADLINE, Stage, say};

/// Port of the virtual API server on its pod's address.
const API_SERVER_PORT: u16 = 6443;

/// A pod's address that is reached at all is reached in much less.
const REACHED_WITHIN: Duration = Duration::from_secs(2);

/// The cluster, while it is there.
pub(crate) struct Cluster {
    /// The host namespace that it has its copies in.
    pub(crate) namespace: Namespace,
    /// A client of the virtual API server.
    pub(crate) client: Client,
    /// Its name, if it is one of `vc`'s.
    pub(crate) name: Option<ClusterName>,
    tunnel: Option<InProcess>,
}

/// A virtual cluster that is there, of whatever product.
#[derive(Debug, Clone, Args)]
pub(crate) struct Given {
    /// Kubeconfig of a virtual cluster to measure instead of one that `vc` makes
    #[arg(long, requires = "namespace")]
    virtual_kubeconfig: Option<PathBuf>,

    /// Host namespace in which that cluster has its copies
    #[arg(long, requires = "virtual_kubeconfig")]
    namespace: Option<Namespace>,
}

impl Given {
    /// Removes what an interruption left in a cluster that stays.
    pub(crate) async fn clear(&self, stage: &Stage) -> anyhow::Result<()> {
        if self.virtual_kubeconfig.is_some() {
            let cluster = Cluster::find_or_make(self, stage).await?;
            cluster.places(stage).virtual_cluster.clear().await?;
        }
        Ok(())
    }
}

impl Cluster {
    /// The one that is given, or one of `vc`'s.
    pub(crate) async fn find_or_make(given: &Given, stage: &Stage) -> anyhow::Result<Self> {
        let (Some(path), Some(namespace)) = (&given.virtual_kubeconfig, &given.namespace) else {
            return Self::make(stage).await;
        };
        let kubeconfig = Kubeconfig::read_from(path)
            .with_context(|| format!("cannot read kubeconfig `{}`", path.display()))?;
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await?;
        Ok(Self {
            namespace: namespace.clone(),
            client: Client::try_from(config)?,
            name: None,
            tunnel: None,
        })
    }

    /// Makes it with `vc`, and connects to it: straight to the pod where that is possible, because a
    /// tunnel adds its own time to every request.
    async fn make(stage: &Stage) -> anyhow::Result<Self> {
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
            namespace,
            client,
            name: Some(name),
            tunnel,
        })
    }

    /// How its API server is reached.
    pub(crate) fn way(&self) -> &'static str {
        match (&self.name, &self.tunnel) {
            (None, _) => "as its kubeconfig says",
            (_, None) => "straight",
            (_, Some(_)) => {
                "through a tunnel, which is part of the figures that begin or end there"
            }
        }
    }

    /// The syncer's process, if it is ours and this machine runs it.
    pub(crate) fn process(&self) -> Option<Process> {
        Process::find(self.name.as_ref()?.as_str(), self.namespace.as_str())
    }

    /// Anonymous memory of all pods of its host namespace, in MiB, if this machine runs them. Nothing else may run there.
    pub(crate) async fn memory(&self, host: &Client) -> anyhow::Result<Option<f64>> {
        let pods: Api<Pod> = Api::namespaced(host.clone(), self.namespace.as_str());
        let pods = pods.list_metadata(&ListParams::default()).await?;
        let uids: Vec<String> = pods.items.iter().filter_map(ResourceExt::uid).collect();
        Ok(memory::anonymous_mebibytes(&uids))
    }

    /// Where pods are made: in it, and on the host in another namespace, where its syncer does not
    /// look.
    pub(crate) fn places(&self, stage: &Stage) -> Places {
        let host = || stage.host.client.clone();
        let bare: Api<Pod> = Api::namespaced(host(), stage.namespace.as_str());
        Places {
            virtual_cluster: Place {
                pods: Api::namespaced(self.client.clone(), "default"),
                host_pods: Api::namespaced(host(), self.namespace.as_str()),
                nodes: Nodes::None,
            },
            host: Place {
                pods: bare.clone(),
                host_pods: bare,
                nodes: Nodes::None,
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
