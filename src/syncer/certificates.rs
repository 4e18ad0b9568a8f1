//! The syncer's own certificates, from files that change.
//!
//! In: the files that the pod was given. Out: what its servers show, and what it shows to the virtual API server,
//! always after the latest files. Never: reads what it does not use; breaks off a connection.

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::sync::watch;
use tracing::{info, warn};

use super::own_kubelet::{self, read_key};
use super::rest::Rest;
use super::start::{Options, new_virtual_clients};
use crate::pki::{FRONT_PROXY_CLIENT, KUBELET_CLIENT};

/// The certificate by which one sees that files have changed: a kubelet changes all of a volume at once.
/// <https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter>
const OWN: &str = "syncer.crt";

/// What is made of the files.
pub(crate) struct Certificates {
    options: Options,
    virtual_cluster: Rest,
    to_api_server: watch::Sender<Arc<ServerConfig>>,
    to_aggregator: watch::Sender<Arc<ServerConfig>>,
    /// The certificate that was read last.
    own: String,
}

impl Certificates {
    /// Reads the files; `virtual_cluster` is what they were used for already.
    ///
    /// # Errors
    /// When they cannot be used.
    pub(crate) fn load(options: &Options, virtual_cluster: Rest) -> anyhow::Result<Self> {
        let own = read_key(options, OWN)?;
        let (to_api_server, to_aggregator) = servers(options)?;
        Ok(Self {
            options: options.clone(),
            virtual_cluster,
            to_api_server: watch::Sender::new(Arc::new(to_api_server)),
            to_aggregator: watch::Sender::new(Arc::new(to_aggregator)),
            own,
        })
    }

    /// For servers that take the certificate by which the API server is known to kubelets.
    pub(crate) fn to_api_server(&self) -> watch::Receiver<Arc<ServerConfig>> {
        self.to_api_server.subscribe()
    }

    /// For servers that take the certificate of the aggregation layer.
    pub(crate) fn to_aggregator(&self) -> watch::Receiver<Arc<ServerConfig>> {
        self.to_aggregator.subscribe()
    }

    /// Uses the files as they are now, if they have changed. What cannot be used is tried again at the next call.
    pub(crate) async fn follow(&mut self) {
        match self.try_follow().await {
            Ok(true) => info!("new certificates are in use"),
            Ok(false) => {}
            Err(error) => warn!("new certificates cannot be used yet: {error:#}"),
        }
    }

    async fn try_follow(&mut self) -> anyhow::Result<bool> {
        let own = read_key(&self.options, OWN)?;
        if own == self.own {
            return Ok(false);
        }
        let (to_api_server, to_aggregator) = servers(&self.options)?;
        let clients = new_virtual_clients(&self.options).await?;
        self.to_api_server.send_replace(Arc::new(to_api_server));
        self.to_aggregator.send_replace(Arc::new(to_aggregator));
        self.virtual_cluster.change_to(clients);
        self.own = own;
        Ok(true)
    }

    /// Whether this certificate, PEM, is the syncer's own that is in use.
    pub(crate) fn are_of(&self, own: &str) -> bool {
        self.own == own
    }
}

fn servers(options: &Options) -> anyhow::Result<(ServerConfig, ServerConfig)> {
    Ok((
        own_kubelet::tls(options, "ca.crt", KUBELET_CLIENT)?,
        own_kubelet::tls(options, "front-proxy-ca.crt", FRONT_PROXY_CLIENT)?,
    ))
}
