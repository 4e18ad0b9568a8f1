//! From a pod's start to a syncer at work.
//!
//! In: the pod's own facts, its keys, the marker. Out: everything running, until one part ends. Never:
//! a write to the host before it is certain that this is the one syncer of this very cluster.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig};
use rustls::ServerConfig;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{error, info, warn};

use super::certificates::Certificates;
use super::client::Clients;
use super::context::{Context, OwnNode, Settings, Shared};
use super::expiry::Expiry;
use super::health::Health;
use super::lead::{self, Store};
use super::loopback::{self, Loopback};
use super::pods::parse;
use super::queue::{Key, Kind};
use super::renewal::Renewal;
use super::rest::{CONFIG_MAPS, NAMESPACES, Rest, SERVICES};
use super::sleep::{Sleep, await_unused, fall_asleep};
use super::translate::Scope;
use super::translate::pods::PodSettings;
use super::{
    admission, endpointslices, events, feed, figures, metrics, own_dns, own_kubelet, resume, shown,
    space, synced, work,
};
use crate::cluster::{ClusterSpec, FIGURES_PORT, METRICS_PORT, Storage, WEBHOOK_PORT};
use crate::dns::{Names, Server, Sockets, Upstream};
use crate::labels;
use crate::names::{ClusterName, Namespace};

/// Port of the kubelet endpoint, on the loopback address: what kubelets listen on.
/// <https://kubernetes.io/docs/reference/networking/ports-and-protocols/>
pub(crate) const KUBELET_PORT: u16 = 10250;

/// Port under which the cluster's Service is reached.
const SERVICE_PORT: u16 = 443;

/// The domain of cluster names. Kubernetes has no way to ask for another.
pub(crate) const CLUSTER_DOMAIN: &str = "cluster.local";

/// How soon an API server that starts beside us is asked again: it is on the way of every `vc create`,
/// and nobody else is asked.
const STARTING: Duration = Duration::from_millis(50);

/// How soon the host is asked again.
const HOST_PAUSE: Duration = Duration::from_secs(1);

/// How often a store that is not ours is looked at again.
const STORE_PERIOD: Duration = Duration::from_secs(5);

/// What the pod is told by its manifest.
#[derive(Debug, Clone)]
pub struct Options {
    /// The virtual cluster.
    pub name: ClusterName,
    /// Its host namespace.
    pub namespace: Namespace,
    /// Directory with keys, certificates and the kubeconfig of the virtual API server.
    pub keys: PathBuf,
    /// Socket file of the store.
    pub store: PathBuf,
    /// Where the virtual API server notes who uses it, if the cluster is to pause itself.
    pub audit_log: Option<PathBuf>,
    /// Port on the pod's address on which the host's kubelet asks after our health.
    pub health_port: u16,
    /// Port on the pod's addresses on which the virtual cluster's names are asked for.
    pub dns_port: u16,
    /// UID of this pod.
    pub pod_uid: String,
    /// Node of this pod.
    pub node_name: String,
    /// Its addresses.
    pub node_addresses: Vec<String>,
    /// Address of this pod.
    pub pod_ip: String,
}

/// Runs until a part ends, which none should.
///
/// # Errors
/// Why it ended.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let health = Health::default();
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, options.health_port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let names = Arc::new(Names::new(CLUSTER_DOMAIN));
    let mut dns = serve_dns(&options, Arc::clone(&names)).await?;
    let host = host_client()?;
    let marker_changed = Arc::new(Notify::new());
    let expiry = Expiry {
        host: host.clone(),
        cluster: options.name.clone(),
        namespace: options.namespace.clone(),
        changed: Arc::clone(&marker_changed),
    };
    let (store_tells, fullness) = watch::channel(None);
    let early = Early {
        names,
        host,
        marker_changed,
        fullness,
    };
    tokio::select! {
        () = expiry.run() => Err(anyhow!("nobody looks at the cluster's end any more")),
        () = space::keep(&options.store, &store_tells) => Err(anyhow!("nobody looks after the store any more")),
        () = health.serve(listener) => Err(anyhow!("the health endpoint ended")),
        _ = dns.join_next() => Err(anyhow!("DNS ended")),
        ended = start(&options, &health, early) => ended,
    }
}

/// Answers questions for names from the beginning; those for the virtual cluster's own wait until they
/// are known. It is a task of its own, so that a question wakes nothing else.
async fn serve_dns(options: &Options, names: Arc<Names>) -> anyhow::Result<JoinSet<()>> {
    let port = options.dns_port;
    let sockets = Sockets::bind(port)
        .await
        .with_context(|| format!("cannot listen on port {port} for DNS"))?;
    let upstream = Upstream::from_resolv_conf(&resolv_conf(), CLUSTER_DOMAIN);
    let server = Server::new(names, upstream);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { server.serve(sockets).await });
    Ok(tasks)
}

/// What there is from the beginning.
struct Early {
    names: Arc<Names>,
    host: Rest,
    /// Told when the marker has changed.
    marker_changed: Arc<Notify>,
    fullness: watch::Receiver<space::Fullness>,
}

async fn start(options: &Options, health: &Health, early: Early) -> anyhow::Result<()> {
    let Early {
        names,
        host,
        marker_changed,
        fullness,
    } = early;
    let virtual_cluster = virtual_client(options).await?;
    let certificates = Certificates::load(options, virtual_cluster.clone())?;
    let (to_api_server, to_aggregator) =
        (certificates.to_api_server(), certificates.to_aggregator());
    let (scope, kubelet, webhook) = tokio::join!(
        find_scope(&host, options),
        kubelet_listener(),
        webhook_server(to_api_server.clone())
    );
    lead::acquire(&host, &scope, &options.pod_uid).await;
    let renewal = Renewal {
        host: host.clone(),
        scope: scope.clone(),
        pod_uid: options.pod_uid.clone(),
        certificates,
    };
    let noting_scope = scope.clone();
    let at_work = async {
        let (mut settings, storage) = settings(&host, options, scope, &names).await?;
        settings.marker_changed = marker_changed;
        await_virtual(&virtual_cluster).await;
        let ctx: Shared = Arc::new(Context::new(settings, host.clone(), virtual_cluster, names));
        let is_ephemeral = matches!(storage, Storage::Ephemeral);
        tokio::join!(await_store(&ctx, is_ephemeral), ask_us(&ctx));
        info!(cluster = %options.name, "watching both sides");
        tokio::select! {
            () = webhook.serve(&ctx, admission::respond) => Err(anyhow!("the webhook ended")),
            () = metrics_server(&ctx, to_aggregator) => Err(anyhow!("the metrics' endpoint ended")),
            () = figures_server(&ctx) => Err(anyhow!("the figures' endpoint ended")),
            () = feed::run(&ctx) => Err(anyhow!("the watches ended")),
            () = events::run(&ctx) => Err(anyhow!("the events' watch ended")),
            () = once_complete(&ctx, health, is_ephemeral) => Err(anyhow!("the workers ended")),
            ended = own_kubelet::serve(&ctx, to_api_server, kubelet) => ended.context("the kubelet endpoint ended"),
            () = ctx.lost.notified() => Err(anyhow!("another syncer has taken over")),
        }
    };
    // What has expired is renewed before the virtual API server takes us.
    tokio::select! {
        () = renewal.run() => Err(anyhow!("nobody renews the certificates any more")),
        () = space::note(&host, &noting_scope, fullness) => Err(anyhow!("nobody notes whether the store is full any more")),
        ended = Box::pin(at_work) => ended,
    }
}

/// The host, as the pod's own account.
fn host_client() -> anyhow::Result<Rest> {
    let config = Config::incluster().context("the pod's account on the host cannot be used")?;
    let clients = Clients::new(config).context("the host cannot be used")?;
    Ok(Rest::new(clients))
}

/// The virtual API server, which is in this very pod.
async fn virtual_client(options: &Options) -> anyhow::Result<Rest> {
    Ok(Rest::new(new_virtual_clients(options).await?))
}

/// Clients of it that show the certificate that is in the files now.
///
/// # Errors
/// When a file cannot be read, or they do not fit.
pub(super) async fn new_virtual_clients(options: &Options) -> anyhow::Result<Clients> {
    let path = options.keys.join("syncer.conf");
    let kubeconfig = Kubeconfig::read_from(&path)
        .with_context(|| format!("cannot read kubeconfig `{}`", path.display()))?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .with_context(|| format!("kubeconfig `{}` cannot be used", path.display()))?;
    Clients::new(config).context("the virtual API server cannot be used")
}

/// Who we are, from the marker.
async fn find_scope(host: &Rest, options: &Options) -> Scope {
    let uid = patiently("read the marker", HOST_PAUSE, async || {
        lead::cluster_uid(host, &options.name, &options.namespace).await
    })
    .await;
    Scope {
        cluster: options.name.clone(),
        uid,
        host_namespace: options.namespace.clone(),
    }
}

/// Tries until it succeeds; says once why it does not.
async fn patiently<T, E: std::fmt::Display>(
    attempt: &str,
    pause: Duration,
    mut work: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let mut said = String::new();
    loop {
        match work().await {
            Ok(result) => return result,
            Err(error) => {
                let text = error.to_string();
                if text != said {
                    warn!("cannot {attempt} yet: {text}");
                    said = text;
                }
            }
        }
        sleep(pause).await;
    }
}

/// Listens where virtual nodes say that their kubelet is. Another syncer in this pod has to end first.
async fn kubelet_listener() -> TcpListener {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, KUBELET_PORT));
    patiently("listen as the kubelet", HOST_PAUSE, async || {
        TcpListener::bind(address).await
    })
    .await
}

/// Makes the virtual API server ask us about Services. What fails is tried again by its own key.
async fn ask_us(ctx: &Context) {
    if let Err(error) = admission::keep(ctx).await {
        warn!("the virtual API server cannot be told of our webhook yet: {error}");
    }
}

/// Listens where the virtual API server asks about Services.
async fn webhook_server(tls: watch::Receiver<Arc<ServerConfig>>) -> Loopback {
    let listener = patiently("listen as the webhook", HOST_PAUSE, async || {
        loopback::listener(WEBHOOK_PORT).await
    })
    .await;
    Loopback {
        what: "webhook",
        listener,
        tls,
    }
}

/// Answers for `metrics.k8s.io`, where the host's metrics may be read.
async fn metrics_server(ctx: &Shared, tls: watch::Receiver<Arc<ServerConfig>>) {
    if !ctx.settings.grants.pod_metrics {
        return std::future::pending().await;
    }
    let listener = patiently("listen for requests of metrics", HOST_PAUSE, async || {
        loopback::listener(METRICS_PORT).await
    })
    .await;
    let server = Loopback {
        what: "metrics' endpoint",
        listener,
        tls,
    };
    server.serve(ctx, metrics::respond).await;
}

/// Tells how the syncer does.
async fn figures_server(ctx: &Context) {
    let listener = patiently("listen for requests of figures", HOST_PAUSE, async || {
        loopback::listener(FIGURES_PORT).await
    })
    .await;
    figures::serve(ctx, listener).await;
}

async fn settings(
    host: &Rest,
    options: &Options,
    scope: Scope,
    names: &Names,
) -> anyhow::Result<(Settings, Storage)> {
    let spec = patiently("read the marker", HOST_PAUSE, async || {
        read_spec(host, &scope).await
    })
    .await;
    let api_host = patiently("read our Service", HOST_PAUSE, async || {
        service_address(host, options).await
    })
    .await;
    let dns_addresses = patiently("read our Service for DNS", HOST_PAUSE, async || {
        let name = options.name.dns_service();
        own_dns::host_addresses(host, &options.namespace, &name).await
    })
    .await;
    let certificate = own_kubelet::read_key(options, "apiserver.crt")?;
    let service_address = api_host.clone();
    let covers = crate::pki::covers(&certificate, &api_host);
    let name = own_dns::name_api_server(names, &options.name, &options.namespace, &api_host);
    // Rendered manifests cannot know the address; the name is in every certificate.
    let api_host = if covers { api_host } else { name };
    let pods = PodSettings {
        service_account: options.name.workload_account(),
        cluster_domain: CLUSTER_DOMAIN.to_owned(),
        nameservers: if dns_addresses.is_empty() {
            host_nameservers()
        } else {
            dns_addresses.clone()
        },
        api_host,
        api_port: SERVICE_PORT,
        writes_host_status: spec.grants.status,
    };
    let own_node = (!options.node_name.is_empty()).then(|| OwnNode {
        name: options.node_name.clone(),
        addresses: options.node_addresses.clone(),
    });
    let log = spec.sleep_after().zip(options.audit_log.clone());
    let sleep = log.map(|(after, audit_log)| Sleep { after, audit_log });
    let settings = Settings {
        scope,
        pods,
        pod_security: spec.pod_security,
        dns_addresses,
        pod_uid: options.pod_uid.clone(),
        kubelet_port: KUBELET_PORT,
        own_node,
        kubernetes_version: spec.kubernetes_version.to_string(),
        sync_nodes: spec.sync_nodes,
        sync_storage_classes: spec.sync_storage_classes,
        synced: synced::of(&spec.sync),
        shown: shown::of(&spec.sync),
        imports: spec.sync.from_host.clone(),
        is_ephemeral: matches!(spec.storage, Storage::Ephemeral),
        service_address,
        pod_ip: options.pod_ip.clone(),
        ca_pem: own_kubelet::read_key(options, "ca.crt")?,
        grants: spec.grants,
        sleep,
        marker_changed: Arc::default(),
    };
    Ok((settings, spec.storage))
}

pub(super) async fn read_spec(host: &Rest, scope: &Scope) -> anyhow::Result<ClusterSpec> {
    let path = CONFIG_MAPS.one(scope.host_namespace.as_str(), &scope.cluster.object());
    let text = host.get(&path).await?.context("the marker is gone")?;
    let marker: Value = parse(&text)?.value();
    let spec = marker
        .pointer("/data")
        .and_then(|data| data.get(labels::MARKER_SPEC));
    let spec = spec
        .and_then(Value::as_str)
        .context("the marker has no spec")?;
    serde_json::from_str(spec).context("the marker's spec cannot be read")
}

/// Address of the cluster's own Service on the host.
async fn service_address(host: &Rest, options: &Options) -> anyhow::Result<String> {
    let path = SERVICES.one(options.namespace.as_str(), &options.name.object());
    let text = host.get(&path).await?.context("it does not exist")?;
    let service = parse(&text)?.value();
    let address = service.pointer("/spec/clusterIP").and_then(Value::as_str);
    address.map(str::to_owned).context("it has no address")
}

/// What this pod was told about names.
fn resolv_conf() -> String {
    std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default()
}

/// The host's own name servers, as this pod got them: what pods ask when manifests of an earlier release
/// have no Service for DNS.
fn host_nameservers() -> Vec<String> {
    let text = resolv_conf();
    let servers = text
        .lines()
        .filter_map(|line| line.strip_prefix("nameserver "));
    servers.map(|server| server.trim().to_owned()).collect()
}

/// Waits until the virtual API server answers.
async fn await_virtual(virtual_cluster: &Rest) {
    let path = NAMESPACES.one("", "kube-system");
    loop {
        if matches!(virtual_cluster.get(&path).await, Ok(Some(_))) {
            return;
        }
        sleep(STARTING).await;
    }
}

/// Waits until the store is the one that the host objects were made from.
async fn await_store(ctx: &Context, is_ephemeral: bool) {
    loop {
        let store = patiently("compare the store", HOST_PAUSE, async || {
            lead::check_store(ctx, is_ephemeral).await
        })
        .await;
        let Store::Another { before, now } = store else {
            return;
        };
        let marker = ctx.scope().cluster.object();
        error!(
            "the virtual cluster's store is not the one that its pods on the host were made from \
             ({now} instead of {before}): nothing is touched. To go on with this store, and lose those \
             pods: kubectl -n {} annotate configmap {marker} {}-",
            ctx.scope().host_namespace,
            labels::STORE_UID
        );
        sleep(STORE_PERIOD).await;
    }
}

/// Works from when both sides are known.
async fn once_complete(ctx: &Shared, health: &Health, is_ephemeral: bool) {
    while !is_complete(ctx) {
        sleep(STARTING).await;
    }
    while let Some(lost) = (!is_ephemeral).then(|| lost_pods(ctx)).flatten() {
        error!(
            "{lost} of the pods on the host are not known to the virtual cluster, without having been \
             deleted: its store seems to be an old one. Nothing is touched. To go on with it, and lose \
             them: kubectl -n {} delete pods -l {}={}",
            ctx.scope().host_namespace,
            labels::CLUSTER,
            ctx.scope().cluster
        );
        sleep(STORE_PERIOD).await;
    }
    patiently("take up what was paused", HOST_PAUSE, async || {
        resume::restart_stopped(ctx).await
    })
    .await;
    super::pods::index_all(ctx);
    ctx.queue.add(Key::new(Kind::StorageClass, "", ""));
    patiently("list endpointslices", HOST_PAUSE, async || {
        endpointslices::find_all(ctx).await
    })
    .await;
    let unused = tokio::select! {
        () = work(ctx) => return,
        () = in_step(ctx, health) => return,
        unused = await_unused(ctx) => unused,
    };
    match fall_asleep(ctx, unused).await {
        // The host ends this pod.
        Ok(()) => std::future::pending().await,
        Err(error) => warn!("the cluster stays awake: {error}"),
    }
}

/// Whether both sides were seen as a whole.
fn is_complete(ctx: &Context) -> bool {
    let known = ctx.known();
    let settings = &ctx.settings;
    known.is_complete()
        && (known.host_nodes.is_complete() || !settings.sync_nodes)
        && (known.host_storage_classes.is_complete() || !settings.sync_storage_classes)
        && shown::are_complete_for_pods(&settings.shown, &known.shown)
}

/// How many of the host pods that run have no virtual pod, if it is most of them. A pod that runs is
/// deleted with grace and stays until we have seen its end, so pods that are just not there mean that
/// the store has gone back in time.
fn lost_pods(ctx: &Context) -> Option<usize> {
    let known = ctx.known();
    let mut running = 0_usize;
    let mut lost = 0_usize;
    for object in known.host_pods.objects() {
        let pod = object.value();
        let is_going = pod.pointer("/metadata/deletionTimestamp").is_some();
        let is_running = pod.pointer("/status/phase").and_then(Value::as_str) == Some("Running");
        if is_going || !is_running {
            continue;
        }
        running += 1;
        let name = super::pods::virtual_name_of(ctx, &pod);
        if name.is_some_and(|name| known.virtual_pods.get(&name).is_none()) {
            lost += 1;
        }
    }
    (lost >= LOST_LEAST && lost * 2 > running).then_some(lost)
}

/// Fewer lost pods than this are no sign of anything: somebody may have deleted them by force.
const LOST_LEAST: usize = 4;

/// Says that we are ready when everything that was found has been looked at once.
async fn in_step(ctx: &Context, health: &Health) {
    while ctx.queue.len() > 0 {
        sleep(STARTING).await;
    }
    info!("in step");
    health.set_ready(true);
    // Nobody waits for these.
    ctx.queue.add(Key::new(Kind::Metrics, "", ""));
    std::future::pending::<()>().await;
}
