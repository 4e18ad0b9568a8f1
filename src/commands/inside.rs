//! A virtual cluster that is looked into, and its host beside it.
//!
//! In: which cluster. Out: [`Inside`], through which the objects of both sides are read as JSON. Never: writes.

use std::time::Duration;

use http::Request;
use http::header::ACCEPT;
use k8s_openapi::api::core::v1::Event;
use kube::{Api, Client};
use serde_json::Value;
use tokio::time::timeout;

use super::{App, resume};
use crate::cli::{ClusterPlace, InsideArgs};
use crate::cluster::{Cluster, Status};
use crate::error::{Failure, Kind, kind, one_line};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::kinds::{self, Kind as ObjectKind};
use crate::kubeconfig::{Files, file};
use crate::serving;
use crate::syncer::translate::{self, persistentvolumeclaims, scrub};
use crate::tunnel::{self, InProcess};
use crate::wait::Target;
use crate::why::{Place, Seen, name, text, uid};

/// How long the virtual API server may take to answer. It is reached through the host, which may be slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks for metadata alone: the content of a Secret is nobody's business here.
const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// Both sides of a virtual cluster.
pub(super) struct Inside {
    pub(super) host: Host,
    pub(super) cluster: Cluster,
    /// By which the names of host objects are computed.
    pub(super) scope: translate::Scope,
    /// The namespace in the virtual cluster that is meant when none is named.
    pub(super) namespace: String,
    /// How both sides are asked by hand.
    pub(super) place: Place,
    client: Client,
    /// Serves the client.
    _tunnel: InProcess,
}

impl Inside {
    /// Finds the cluster and connects to its API server, with the user's own rights on the host.
    ///
    /// # Errors
    /// When no cluster is meant, or it does not exist, is not up, or the host does not let us through to it.
    pub(super) async fn open(app: &App, args: &InsideArgs) -> anyhow::Result<Self> {
        let files = file::load(&app.kubeconfig_paths())?;
        let host = Host::connect(&app.global, &app.environment, &files).await?;
        let cluster = cluster(app, &host, &files, args).await?;
        let target = Target {
            name: &cluster.name,
            namespace: &cluster.namespace,
        };
        is_up(&cluster)?;
        let admin = serving::read_admin(&host, target).await?;
        let pods = tunnel::Target::control_plane(target.name, target.namespace);
        let tunnel = InProcess::start(host.client.clone(), pods, PATIENCE).await?;
        let client = serving::client(&format!("https://{}", tunnel.address()), &admin).await?;
        let uid = cluster.uid.clone().unwrap_or_default();
        let typed = args.namespace.0.as_ref().map(ToString::to_string);
        let context = files.context_of(&uid);
        let own = context.as_deref().and_then(|name| namespace(&files, name));
        Ok(Self {
            scope: translate::Scope {
                cluster: cluster.name.clone(),
                uid,
                host_namespace: cluster.namespace.clone(),
            },
            namespace: typed.or(own).unwrap_or_else(|| "default".to_owned()),
            place: place(&host, &files, &cluster, context.as_deref()),
            host,
            cluster,
            client,
            _tunnel: tunnel,
        })
    }

    /// An object of the virtual cluster; none when it does not exist.
    pub(super) async fn get(
        &self,
        kind: &ObjectKind,
        namespace: &str,
        name: &str,
    ) -> anyhow::Result<Option<Value>> {
        let found = self.ask(&kind.one(namespace, name), None).await;
        found_or_none(found).map(|found| found.map(|object| typed(object, kind)))
    }

    /// Whether an object of the virtual cluster exists.
    pub(super) async fn exists(
        &self,
        kind: &ObjectKind,
        namespace: &str,
        name: &str,
    ) -> anyhow::Result<bool> {
        let found = self.ask(&kind.one(namespace, name), Some(METADATA)).await;
        Ok(found_or_none(found)?.is_some())
    }

    /// The objects of a kind in a namespace of the virtual cluster, or in all; `query` begins with `?`.
    pub(super) async fn list(
        &self,
        kind: &ObjectKind,
        namespace: Option<&str>,
        query: &str,
    ) -> anyhow::Result<Vec<Value>> {
        let path = format!("{}{query}", kind.all(namespace));
        Ok(listed(self.ask(&path, None).await?, kind))
    }

    /// A node of the virtual cluster; none when it does not exist.
    pub(super) async fn node(&self, name: &str) -> anyhow::Result<Option<Value>> {
        let found = self.ask(&format!("/api/v1/nodes/{name}"), None).await;
        found_or_none(found).map(|found| {
            found.map(|mut node| {
                set(&mut node, "kind", "Node");
                node
            })
        })
    }

    /// An event of a host object as the virtual cluster has it, or would have it; none when it is about another.
    pub(super) fn told(&self, object: &Value, twin: &Value, event: &Value) -> Option<Value> {
        let twins = translate::events::Twins {
            host_name: name(twin),
            host_uid: uid(twin),
            virtual_object: object,
        };
        let is_claim = text(object, "/kind") == kinds::CLAIM.kind;
        translate::events::to_virtual(event, twins, |text| {
            if is_claim {
                persistentvolumeclaims::scrubbed(text, object, twin, &self.scope)
            } else {
                scrub::scrub(text, object, &self.scope)
            }
        })
    }

    /// The virtual cluster's events, in a namespace or in all.
    pub(super) fn events(&self, namespace: Option<&str>) -> Api<Event> {
        match namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::all(self.client.clone()),
        }
    }

    /// The nodes of the virtual cluster.
    pub(super) async fn nodes(&self) -> anyhow::Result<Vec<Value>> {
        let mut nodes = elements(self.ask("/api/v1/nodes", None).await?);
        for node in &mut nodes {
            set(node, "kind", "Node");
        }
        Ok(nodes)
    }

    /// The last lines of a container's log, as the virtual cluster has it.
    pub(super) async fn log(&self, path: &str) -> anyhow::Result<String> {
        let request = Request::get(path).body(Vec::new())?;
        self.virtual_call(self.client.request_text(request)).await
    }

    async fn ask(&self, path: &str, accept: Option<&str>) -> anyhow::Result<Value> {
        let request = Request::get(path);
        let request = match accept {
            Some(accept) => request.header(ACCEPT, accept),
            None => request,
        };
        let request = request.body(Vec::new())?;
        self.virtual_call(self.client.request(request)).await
    }

    async fn virtual_call<T>(
        &self,
        request: impl Future<Output = kube::Result<T>>,
    ) -> anyhow::Result<T> {
        let name = &self.cluster.name;
        let words = || format!("the API server of virtual cluster `{name}` does not answer");
        match timeout(PATIENCE, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error @ kube::Error::Api(_))) => Err(error.into()),
            Ok(Err(error)) => {
                let failure = Failure::new(Kind::Unreachable, words()).because(error);
                Err(failure.hint(self.describe()).into())
            }
            Err(_) => Err(Failure::new(Kind::TimedOut, words())
                .hint(self.describe())
                .into()),
        }
    }

    /// The command that shows what state the cluster is in.
    pub(super) fn describe(&self) -> String {
        let Cluster {
            name, namespace, ..
        } = &self.cluster;
        format!("vc describe {name} -n {namespace}")
    }

    /// An object of the host namespace, none when it does not exist; or why it is not to be seen.
    ///
    /// # Errors
    /// What the host answers, other than that we may not look.
    pub(super) async fn host_get(
        &self,
        kind: &ObjectKind,
        name: &str,
    ) -> anyhow::Result<Seen<Option<Value>>> {
        let namespace = self.cluster.namespace.as_str();
        let found = host_object(&self.host, kind, namespace, name).await;
        seen(found)
    }

    /// The objects of a kind in the host namespace, or why they are not to be seen.
    ///
    /// # Errors
    /// As [`Inside::host_get`].
    pub(super) async fn host_list(
        &self,
        kind: &ObjectKind,
        query: &str,
    ) -> anyhow::Result<Seen<Vec<Value>>> {
        let namespace = self.cluster.namespace.as_str();
        let path = format!("{}{query}", kind.all(Some(namespace)));
        let attempt = format!("list {} in namespace `{namespace}`", kind.plural);
        let request = Request::get(path).body(Vec::new())?;
        let found = self.host.call(attempt, self.host.client.request(request));
        seen(found.await.map(|list| listed(list, kind)))
    }
}

/// An object of the host; none when it does not exist.
///
/// # Errors
/// What the host answers.
pub(super) async fn host_object(
    host: &Host,
    kind: &ObjectKind,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Option<Value>> {
    let attempt = format!("get {} `{name}` in namespace `{namespace}`", kind.word());
    let request = Request::get(kind.one(namespace, name)).body(Vec::new())?;
    let found = host.call(attempt, host.client.request(request)).await;
    found_or_none(found).map(|found| found.map(|object| typed(object, kind)))
}

fn seen<T>(found: anyhow::Result<T>) -> anyhow::Result<Seen<T>> {
    match found {
        Ok(found) => Ok(Seen::Known(found)),
        Err(error) if kind(&error) == Kind::Denied && !is_unknown(&error) => {
            Ok(Seen::Unknown(one_line(&error)))
        }
        Err(error) => Err(error),
    }
}

/// Whether the host does not know who we are, which is not a matter of rights.
fn is_unknown(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| match cause.downcast_ref() {
        Some(kube::Error::Api(status)) => status.code == 401,
        Some(kube::Error::Auth(_)) => true,
        _ => false,
    })
}

fn found_or_none(found: anyhow::Result<Value>) -> anyhow::Result<Option<Value>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if kind(&error) == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Elements of a list say of what kind they are only in the list.
fn listed(list: Value, kind: &ObjectKind) -> Vec<Value> {
    let items = elements(list).into_iter();
    items.map(|item| typed(item, kind)).collect()
}

/// The elements of a list.
pub(super) fn elements(mut list: Value) -> Vec<Value> {
    match list.pointer_mut("/items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

fn typed(mut object: Value, kind: &ObjectKind) -> Value {
    set(&mut object, "apiVersion", kind.api_version());
    set(&mut object, "kind", kind.kind);
    object
}

fn set(object: &mut Value, field: &str, value: &str) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value.into());
    }
}

/// The cluster that is named, or else that of the context.
async fn cluster(
    app: &App,
    host: &Host,
    files: &Files,
    args: &InsideArgs,
) -> anyhow::Result<Cluster> {
    if let Some(ClusterPlace { namespace, name }) = &args.cluster {
        // Without one that was typed here, the global option's value is `VC_NAMESPACE`'s.
        let global = app.global.namespace.as_ref();
        let global = global.filter(|_| args.namespace.0.is_none());
        let scope = Scope::of(namespace.as_ref().or(global));
        return find::one(host, files, &scope, name).await.map_err(|error| {
            if kind(&error) != Kind::Usage {
                return error;
            }
            Failure::new(Kind::Usage, format!("`{name}` alone is not enough"))
                .because(error)
                .hint(format!("say which one: NAMESPACE/{name} instead of {name}"))
                .into()
        });
    }
    let left = host.left.as_deref();
    let Some(record) = left.and_then(|context| files.record(context)) else {
        let words = "no virtual cluster: the context is not that of one";
        return Err(Failure::new(Kind::Usage, words)
            .hint(
                "switch to one with `vc connect NAME`, or name it: `vc list` shows which there are",
            )
            .into());
    };
    let scope = Scope::Namespace(record.namespace.clone());
    let cluster = find::one(host, files, &scope, &record.name).await?;
    if cluster.uid.as_ref() == Some(&record.uid) {
        return Ok(cluster);
    }
    let words = format!("virtual cluster `{}` was created anew", record.name);
    let hint = format!("vc connect {} -n {}", record.name, record.namespace);
    Err(Failure::new(Kind::NotFound, words).hint(hint).into())
}

/// A cluster that may answer; one that is only degraded may.
fn is_up(cluster: &Cluster) -> Result<(), Failure> {
    let Cluster {
        name,
        namespace,
        status,
        reason,
        ..
    } = cluster;
    match status {
        Status::Running | Status::Degraded => Ok(()),
        Status::Paused => Err(resume::paused(Target { name, namespace })),
        status => {
            let reason = reason.as_deref().unwrap_or("it is not ready");
            let words = format!("virtual cluster `{name}` is {status}: {reason}");
            let hint = format!("vc describe {name} -n {namespace}");
            Err(Failure::new(Kind::Failed, words).hint(hint))
        }
    }
}

/// The namespace that a context names.
fn namespace(files: &Files, context: &str) -> Option<String> {
    let merged = files.to_kube().ok()?;
    let mut contexts = merged.contexts.into_iter();
    let found = contexts.find(|named| named.name == context)?.context?;
    found.namespace.filter(|namespace| !namespace.is_empty())
}

fn place(host: &Host, files: &Files, cluster: &Cluster, context: Option<&str>) -> Place {
    let Cluster {
        name, namespace, ..
    } = cluster;
    let virtual_kubectl = match context {
        Some(context) if files.current_context() == Some(context) => "kubectl".to_owned(),
        Some(context) => format!("kubectl --context {context}"),
        None => format!("vc connect {name} -n {namespace} -- kubectl"),
    };
    let host_kubectl = match &host.origin.context {
        Some(context) => format!("kubectl --context {context} -n {namespace}"),
        None => format!("kubectl -n {namespace}"),
    };
    Place {
        cluster: name.to_string(),
        host_namespace: namespace.to_string(),
        virtual_kubectl,
        host_kubectl,
    }
}
