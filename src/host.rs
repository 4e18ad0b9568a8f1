//! The way to the host cluster: which context, which namespace, a client, and a deadline on every call.
//!
//! In: the global options and the kubeconfig files. Out: a [`Host`]. Never: writes.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use anyhow::Context;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::cli::GlobalArgs;
use crate::config::{self, Environment};
use crate::error::{Failure, Kind};
use crate::kubeconfig::{Files, HostOrigin, file};
use crate::names::Namespace;

/// How long a connection to the host may take to come about.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

/// The host cluster, as the user reaches it.
#[derive(Clone)]
pub struct Host {
    /// Client with the user's own credentials.
    pub client: Client,
    /// How to find this host again, from another process.
    pub origin: HostOrigin,
    /// The namespace that the context names.
    pub context_namespace: Namespace,
    /// The API server's address, for messages.
    pub server: String,
    /// The virtual context that was current, when the host was found behind it.
    pub left: Option<String>,
    /// Deadline of one request.
    request_deadline: Duration,
}

impl Host {
    /// Finds the host: the context of `--context`, else the current one, else the cluster that this
    /// process runs in. A context of ours stands for the host that its cluster was made in, unless
    /// `--nested` says that the virtual cluster itself is meant.
    ///
    /// # Errors
    /// When there is no such context, or it says nothing that leads to a cluster. Whether the cluster
    /// answers is only seen by the first call.
    pub async fn connect(
        global: &GlobalArgs,
        environment: &Environment,
        files: &Files,
    ) -> anyhow::Result<Self> {
        let request_deadline = config::request_timeout(global.request_timeout)?;
        let wanted = global.context.as_deref();
        let Some(first) = wanted.or_else(|| files.current_context()) else {
            if environment.in_cluster && !files.any_exists() {
                return Self::in_cluster(request_deadline);
            }
            return Err(no_context(files).into());
        };
        let record = files.record(first);
        let left = (record.is_some() && !global.nested).then(|| first.to_owned());
        let (origin, merged) = match record {
            Some(found) if !global.nested => {
                if found.host.context.is_none() {
                    let host = Self::in_cluster(request_deadline)?;
                    return Ok(Self { left, ..host });
                }
                let behind = file::load(&found.host.kubeconfig)?;
                (found.host, behind.to_kube()?)
            }
            record => {
                let origin = HostOrigin {
                    context: Some(first.to_owned()),
                    kubeconfig: files.paths(),
                    nested: record.is_some(),
                };
                (origin, files.to_kube()?)
            }
        };
        let context = origin.context.clone().unwrap_or_default();
        if !merged.contexts.iter().any(|named| named.name == context) {
            return Err(unknown_context(&context, &merged).into());
        }
        check_references(&context, &merged)?;
        let options = KubeConfigOptions {
            context: Some(context.clone()),
            ..KubeConfigOptions::default()
        };
        let config = Config::from_custom_kubeconfig(merged, &options)
            .await
            .with_context(|| format!("context `{context}` of the kubeconfig cannot be used"))?;
        let mut host = Self::from_config(config, origin, request_deadline)?;
        host.left = left;
        Ok(host)
    }

    fn in_cluster(request_deadline: Duration) -> anyhow::Result<Self> {
        let config = Config::incluster().context("the pod's service account cannot be used")?;
        let origin = HostOrigin {
            context: None,
            kubeconfig: Vec::new(),
            nested: false,
        };
        Self::from_config(config, origin, request_deadline)
    }

    fn from_config(
        mut config: Config,
        origin: HostOrigin,
        request_deadline: Duration,
    ) -> anyhow::Result<Self> {
        config.connect_timeout = Some(CONNECT_DEADLINE.min(request_deadline));
        let server = config.cluster_url.to_string();
        let context_namespace = config.default_namespace.parse().map_err(|error| {
            let name = &config.default_namespace;
            Failure::new(
                Kind::Usage,
                format!("the context's namespace `{name}` is not a name: {error}"),
            )
        })?;
        let client = Client::try_from(config)
            .with_context(|| format!("the host cluster at {server} cannot be used"))?;
        Ok(Self {
            client,
            origin,
            context_namespace,
            server,
            left: None,
            request_deadline,
        })
    }

    /// The host as messages name it: `context `kind-a`` or `this pod's cluster`.
    pub fn describe(&self) -> String {
        match &self.origin.context {
            Some(context) => format!("context `{context}`"),
            None => "this pod's cluster".to_owned(),
        }
    }

    /// Awaits one request, with a deadline; `attempt` completes "cannot …".
    ///
    /// # Errors
    /// What the request ends with, or that the host did not answer in time.
    pub async fn call<T>(
        &self,
        attempt: impl Display,
        request: impl Future<Output = kube::Result<T>>,
    ) -> anyhow::Result<T> {
        match tokio::time::timeout(self.request_deadline, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.blame(error).context(format!("cannot {attempt}"))),
            Err(_) => Err(anyhow::Error::from(self.silent()).context(format!("cannot {attempt}"))),
        }
    }

    /// Says which host it was, when it is the host that is to blame.
    fn blame(&self, error: kube::Error) -> anyhow::Error {
        if crate::error::kind_of_kube(&error) != Some(Kind::Unreachable) {
            return error.into();
        }
        let message = format!("the host cluster at {} cannot be reached", self.server);
        Failure::new(Kind::Unreachable, message)
            .because(error)
            .hint(self.how_to_check())
            .into()
    }

    fn silent(&self) -> Failure {
        let deadline = humantime::format_duration(self.request_deadline);
        Failure::new(
            Kind::Unreachable,
            format!(
                "the host cluster at {} did not answer within {deadline}",
                self.server
            ),
        )
        .hint(self.how_to_check())
    }

    /// The command that shows whether the host answers.
    pub fn how_to_check(&self) -> String {
        match &self.origin.context {
            Some(context) => format!("kubectl --context {context} cluster-info"),
            None => "kubectl cluster-info".to_owned(),
        }
    }
}

fn no_context(files: &Files) -> Failure {
    let paths: Vec<String> = files
        .paths()
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let places = paths.join(", ");
    if files.any_exists() {
        let failure = Failure::new(
            Kind::NotFound,
            format!("no host cluster: no current context is set in {places}"),
        );
        return with_contexts(failure, &files.context_names())
            .hint("pass `--context NAME`, or set one with `kubectl config use-context NAME`");
    }
    Failure::new(
        Kind::NotFound,
        format!("no host cluster: no kubeconfig at {places}"),
    )
    .hint("point KUBECONFIG or --kubeconfig at the kubeconfig of a cluster you have")
}

/// A context whose cluster or user is missing is of no use to kubectl; kube would go on as nobody.
fn check_references(context: &str, merged: &Kubeconfig) -> Result<(), Failure> {
    let mut contexts = merged.contexts.iter().filter(|named| named.name == context);
    let Some(found) = contexts.find_map(|named| named.context.as_ref()) else {
        return Ok(());
    };
    let missing = |kind: &str, name: &str| {
        Failure::new(
            Kind::NotFound,
            format!("context `{context}` names {kind} `{name}`, which is not in the kubeconfig"),
        )
        .hint("see what there is with `kubectl config view`")
    };
    let mut clusters = merged.clusters.iter();
    if !clusters.any(|cluster| cluster.name == found.cluster) {
        return Err(missing("cluster", &found.cluster));
    }
    let user = found.user.as_deref().filter(|user| !user.is_empty());
    match user {
        Some(user) if !merged.auth_infos.iter().any(|info| info.name == user) => {
            Err(missing("user", user))
        }
        _ => Ok(()),
    }
}

fn unknown_context(context: &str, merged: &Kubeconfig) -> Failure {
    let mut names: Vec<&str> = merged
        .contexts
        .iter()
        .map(|named| named.name.as_str())
        .collect();
    names.sort_unstable();
    let failure = Failure::new(
        Kind::NotFound,
        format!("no context `{context}` in the kubeconfig"),
    );
    with_contexts(failure, &names).hint("see them with `kubectl config get-contexts`")
}

/// Adds which contexts there are, if there are any.
fn with_contexts(failure: Failure, names: &[&str]) -> Failure {
    if names.is_empty() {
        return failure;
    }
    failure.detail(format!("contexts: {}", names.join(", ")))
}
