//! Whether a virtual API server is usable, seen through a tunnel of this process.
//!
//! In: the host, the cluster's place, its administrator's credential. Out: that what users look for
//! first is there. Never: writes.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use data_encoding::BASE64;
use futures::StreamExt;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Namespace as VirtualNamespace, Node, Secret, ServiceAccount};
use kube::api::{WatchEvent, WatchParams};
use kube::config::{
    AuthInfo, Cluster, Context as KubeContext, KubeConfigOptions, Kubeconfig, NamedAuthInfo,
    NamedCluster, NamedContext,
};
use kube::{Api, Client, Config, Resource, ResourceExt};
use tokio::time::sleep;

use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::pki::{self, AdminCredential};
use crate::tunnel::{self, InProcess, LastFailure};
use crate::wait::Target;

/// The namespaces that every Kubernetes cluster has from the start; `kubectl get namespaces` right
/// after `vc create` shows them.
const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// An API server that is starting answers some requests before others; this long after a refusal it
/// is asked again. Short, because it is on the way of every `vc create`.
const RETRY_DELAY: Duration = Duration::from_millis(50);

/// How long one connection through the tunnel may wait for the API server to listen. The wait as a
/// whole has the user's deadline.
const ANSWER_DEADLINE: Duration = Duration::from_mins(1);

/// Ends when the initial namespaces, the default ServiceAccount and a node exist: without the second no
/// pod can be created, and the third is made by the syncer when it is at work.
///
/// # Errors
/// When no tunnel can be opened on this machine. A server that does not answer is waited for.
pub async fn await_serving(
    host: &Host,
    target: Target<'_>,
    admin: &AdminCredential,
) -> anyhow::Result<()> {
    let pods = tunnel::Target::control_plane(target.name, target.namespace);
    let tunnel = InProcess::start(host.client.clone(), pods, ANSWER_DEADLINE).await?;
    let server = format!("https://{}", tunnel.address());
    let mut admin = admin.clone();
    loop {
        let client = client(&server, &admin).await?;
        tokio::select! {
            () = Box::pin(await_first_objects(client)) => return Ok(()),
            error = futility(tunnel.last_failure()) => return Err(error),
            () = outlived(&admin) => {}
        }
        admin = read_admin(host, target).await?;
    }
}

async fn await_first_objects(client: Client) {
    let default: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
    let namespaces: Api<VirtualNamespace> = Api::all(client.clone());
    let nodes: Api<Node> = Api::all(client);
    let all = WatchParams::default();
    let only_default = all.clone().fields("metadata.name=default");
    tokio::join!(
        await_names(&default, &only_default, &["default"]),
        await_names(&namespaces, &all, &NAMESPACES),
        await_any(&nodes, &all),
    );
}

/// Resolves when the syncer will have renewed this credential.
async fn outlived(admin: &AdminCredential) {
    let Some(at) = pki::renew_at(admin.certificate.as_bytes()) else {
        return std::future::pending().await;
    };
    let left = Duration::try_from(at.duration_since(Timestamp::now()));
    sleep(left.unwrap_or_default().max(RENEWAL_PATIENCE)).await;
}

/// How long the syncer may take to renew what is due.
const RENEWAL_PATIENCE: Duration = Duration::from_secs(5);

/// The administrator's credential, with the user's own rights on the host.
///
/// # Errors
/// When the Secret does not exist, we may not read it, or it is not as it was stored.
pub async fn read_admin(host: &Host, target: Target<'_>) -> anyhow::Result<AdminCredential> {
    let api: Api<Secret> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let name = target.name.kubeconfig_secret();
    let secret = host
        .call(format!("get secret `{name}`"), api.get(&name))
        .await?;
    Ok(AdminCredential::from_secret(
        &secret.data.unwrap_or_default(),
    )?)
}

/// Resolves when the host refuses the tunnel for a reason that time does not heal.
async fn futility(mut failures: LastFailure) -> anyhow::Error {
    loop {
        let latest = failures.borrow_and_update().clone();
        if let Some(failure) = latest.filter(|failure| failure.is_permanent()) {
            return Failure::new(Kind::Denied, "the host does not let us through to it")
                .because(anyhow::Error::msg(failure.to_string()))
                .hint("see which rights are missing: kubectl auth can-i create pods/portforward")
                .into();
        }
        if failures.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Watches until every one of these names exists.
///
/// A plain watch from the beginning instead of kube's watcher, which lists first and backs off for
/// the better part of a second after each of the refusals that a starting API server gives.
async fn await_names<K>(api: &Api<K>, params: &WatchParams, names: &[&str])
where
    K: Resource + Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    let mut missing: BTreeSet<&str> = names.iter().copied().collect();
    loop {
        if let Ok(events) = api.watch(params, "0").await {
            let mut events = std::pin::pin!(events);
            while let Some(Ok(event)) = events.next().await {
                if let WatchEvent::Added(object) | WatchEvent::Modified(object) = event {
                    missing.remove(object.name_any().as_str());
                }
                if missing.is_empty() {
                    return;
                }
            }
        }
        sleep(RETRY_DELAY).await;
    }
}

/// Watches until there is an object.
async fn await_any<K>(api: &Api<K>, params: &WatchParams)
where
    K: Resource + Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    loop {
        if let Ok(events) = api.watch(params, "0").await {
            let mut events = std::pin::pin!(events);
            while let Some(Ok(event)) = events.next().await {
                if let WatchEvent::Added(_) = event {
                    return;
                }
            }
        }
        sleep(RETRY_DELAY).await;
    }
}

/// A client of the virtual API server at this address, as the cluster's administrator.
///
/// # Errors
/// When the certificates cannot be used.
pub async fn client(server: &str, admin: &AdminCredential) -> anyhow::Result<Client> {
    let encode = |pem: &str| BASE64.encode(pem.as_bytes());
    let name = "virtual".to_owned();
    let kubeconfig = Kubeconfig {
        clusters: vec![NamedCluster {
            name: name.clone(),
            cluster: Some(Cluster {
                server: Some(server.to_owned()),
                certificate_authority_data: Some(encode(&admin.ca)),
                ..Cluster::default()
            }),
            ..NamedCluster::default()
        }],
        auth_infos: vec![NamedAuthInfo {
            name: name.clone(),
            auth_info: Some(AuthInfo {
                client_certificate_data: Some(encode(&admin.certificate)),
                client_key_data: Some(encode(admin.key.reveal()).into()),
                ..AuthInfo::default()
            }),
            ..NamedAuthInfo::default()
        }],
        contexts: vec![NamedContext {
            name: name.clone(),
            context: Some(KubeContext {
                cluster: name.clone(),
                user: Some(name.clone()),
                ..KubeContext::default()
            }),
            ..NamedContext::default()
        }],
        current_context: Some(name),
        ..Kubeconfig::default()
    };
    let mut config =
        Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    // The library's own patience with a busy server is for others: here every wait is ours.
    config.default_retry = false;
    Client::try_from(config).context("the virtual cluster's own certificates cannot be used")
}
