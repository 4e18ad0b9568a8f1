//! `vc where`: which virtual object a host object stands for.

use anyhow::Context;
use http::Request;
use serde::Serialize;
use serde_json::Value;

use super::App;
use super::inside::{elements, host_object};
use crate::cli::{DescriptionFormat, WhereArgs};
use crate::error::{Failure, Kind, kind};
use crate::host::Host;
use crate::kinds::{self, HostReference};
use crate::kubeconfig::Files;
use crate::labels;
use crate::names::{ClusterName, Namespace};
use crate::syncer::translate::Scope;
use crate::why::{name, text, uid};

/// What stands where. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Whereabouts {
    /// The host object.
    host: Place,
    /// The virtual cluster that it is of.
    cluster: String,
    /// Whether that cluster exists; null when we may not see it.
    cluster_exists: Option<bool>,
    /// What it is for.
    role: Role,
    /// The virtual object; null when it is the cluster's own.
    #[serde(rename = "virtual")]
    virtual_object: Option<Place>,
    /// Commands to look at it, the best first.
    next: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Place {
    kind: String,
    namespace: String,
    name: String,
}

/// What a host object of a virtual cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Role {
    /// It stands for a virtual object.
    Twin,
    /// It has the tokens of a virtual pod.
    Tokens,
    /// It is the control plane's pod.
    ControlPlane,
    /// It is another of the cluster's own objects.
    Own,
}

/// Prints it.
///
/// # Errors
/// When the host object does not exist, or is not of a virtual cluster.
pub(super) async fn run(app: &App, args: &WhereArgs) -> anyhow::Result<()> {
    let found = find(app, args)
        .await
        .with_context(|| format!("cannot say where `{}` belongs", args.object))?;
    app.ui.data(&match args.output {
        None => page(&found),
        Some(DescriptionFormat::Json) => format!("{}\n", serde_json::to_string_pretty(&found)?),
        Some(DescriptionFormat::Yaml) => serde_saphyr::to_string(&found)?,
    })
}

async fn find(app: &App, args: &WhereArgs) -> anyhow::Result<Whereabouts> {
    let (host, files) = app.connect().await?;
    let object = object(app, &host, &args.object).await?;
    let label = |key: &str| {
        let labels = object.pointer("/metadata/labels");
        labels.and_then(|labels| labels.get(key)?.as_str())
    };
    let cluster: Option<ClusterName> = label(labels::CLUSTER).and_then(|name| name.parse().ok());
    let namespace: Option<Namespace> = text(&object, "/metadata/namespace").parse().ok();
    let (Some(cluster), Some(namespace)) = (cluster, namespace) else {
        return Err(foreign(&args.object).into());
    };
    let marker = host_object(
        &host,
        &kinds::CONFIG_MAP,
        namespace.as_str(),
        &cluster.object(),
    )
    .await;
    let marker = match marker {
        Ok(marker) => Some(marker),
        Err(error) if kind(&error) == Kind::Denied => None,
        Err(error) => return Err(error),
    };
    let mark = |key: &str| {
        let marks = object.pointer("/metadata/annotations");
        marks
            .and_then(|marks| marks.get(key)?.as_str())
            .map(str::to_owned)
    };
    let claimed = mark(labels::CLUSTER_UID);
    let scope = Scope {
        uid: claimed.clone().unwrap_or_default(),
        cluster: cluster.clone(),
        host_namespace: namespace.clone(),
    };
    let is_tokens = label(labels::TOKENS).is_some();
    let virtual_object = Option::zip(mark(labels::VIRTUAL_NAMESPACE), mark(labels::VIRTUAL_NAME));
    let virtual_object = virtual_object.filter(|(namespace, object_name)| {
        // Marks are believed only if they lead to the object's own name.
        let expected = if is_tokens {
            scope.token_secret_name(namespace, object_name)
        } else {
            scope.host_name(namespace, object_name)
        };
        expected == name(&object)
    });
    let role = match (&virtual_object, label(labels::COMPONENT)) {
        (Some(_), _) if is_tokens => Role::Tokens,
        (Some(_), _) => Role::Twin,
        (None, Some(labels::CONTROL_PLANE)) => Role::ControlPlane,
        (None, _) => Role::Own,
    };
    let virtual_kind = match role {
        Role::Tokens => "Pod",
        _ => text(&object, "/kind"),
    };
    let virtual_object = virtual_object.map(|(namespace, name)| Place {
        kind: virtual_kind.to_owned(),
        namespace,
        name,
    });
    let cluster_exists = marker.map(|marker| {
        let found = marker.as_ref().map(uid);
        found.is_some()
            && claimed
                .as_deref()
                .is_none_or(|claimed| found == Some(claimed))
    });
    let next = next(
        &files,
        &scope,
        virtual_object.as_ref(),
        role,
        cluster_exists,
    );
    Ok(Whereabouts {
        host: Place {
            kind: text(&object, "/kind").to_owned(),
            namespace: namespace.to_string(),
            name: name(&object).to_owned(),
        },
        cluster: cluster.to_string(),
        cluster_exists,
        role,
        virtual_object,
        next,
    })
}

fn foreign(object: &HostReference) -> Failure {
    Failure::new(Kind::NotFound, "it is not of a virtual cluster").hint(format!(
        "see the labels of `{object}`: `kubectl get --show-labels`"
    ))
}

/// The host object in the namespace that is meant, or else wherever one of that name is.
async fn object(app: &App, host: &Host, wanted: &HostReference) -> anyhow::Result<Value> {
    let named = app.global.namespace.as_ref();
    let namespace = named.unwrap_or(&host.context_namespace);
    let root = match wanted {
        HostReference::Known(known) => known.kind.root().to_owned(),
        HostReference::Other { group, .. } => preferred(host, group).await?,
    };
    let (plural, word) = (wanted.plural(), wanted.word());
    let path = format!("{root}/namespaces/{namespace}/{plural}/{}", wanted.name());
    let attempt = format!("get {word} `{}` in namespace `{namespace}`", wanted.name());
    let request = Request::get(path).body(Vec::new())?;
    let absent = match host
        .call(attempt, host.client.request::<Value>(request))
        .await
    {
        Err(error) if kind(&error) == Kind::NotFound => error,
        found => return found,
    };
    let hint = |error: anyhow::Error, hint: &str| {
        let words = format!("no {word} `{}` in namespace `{namespace}`", wanted.name());
        Err(Failure::new(Kind::NotFound, words)
            .because(error)
            .hint(hint)
            .into())
    };
    if named.is_some() {
        return hint(
            absent,
            "say in which host namespace it is with `-n NAMESPACE`",
        );
    }
    let query = format!("fieldSelector=metadata.name%3D{}", wanted.name());
    let request = Request::get(format!("{root}/{plural}?{query}")).body(Vec::new())?;
    let attempt = format!("list {plural} in all namespaces");
    let found = host
        .call(attempt, host.client.request::<Value>(request))
        .await;
    let mut items = match found {
        Ok(list) => elements(list),
        Err(error) if kind(&error) == Kind::Denied => Vec::new(),
        Err(error) => return Err(error),
    };
    items.retain(|item| {
        let labels = item.pointer("/metadata/labels");
        labels
            .and_then(|labels| labels.get(labels::CLUSTER))
            .is_some()
    });
    match (items.pop(), items.is_empty()) {
        (Some(mut found), true) => {
            if let (HostReference::Known(known), Some(fields)) = (wanted, found.as_object_mut()) {
                fields.insert("kind".to_owned(), known.kind.kind.into());
            }
            Ok(found)
        }
        _ => hint(
            absent,
            "say in which host namespace it is with `-n NAMESPACE`",
        ),
    }
}

/// Where the objects of a group are kept in its preferred version.
async fn preferred(host: &Host, group: &str) -> anyhow::Result<String> {
    let request = Request::get(format!("/apis/{group}")).body(Vec::new())?;
    let attempt = format!("find API group `{group}` on the host");
    let found: Value = host.call(attempt, host.client.request(request)).await?;
    Ok(format!(
        "/apis/{}",
        text(&found, "/preferredVersion/groupVersion")
    ))
}

fn next(
    files: &Files,
    scope: &Scope,
    object: Option<&Place>,
    role: Role,
    exists: Option<bool>,
) -> Vec<String> {
    let Scope {
        cluster,
        host_namespace,
        uid,
    } = scope;
    if exists == Some(false) {
        return vec!["vc prune --dry-run".to_owned()];
    }
    let Some(Place {
        kind,
        namespace,
        name,
    }) = object
    else {
        let logs =
            (role == Role::ControlPlane).then(|| format!("vc logs {cluster} -n {host_namespace}"));
        let describe = format!("vc describe {cluster} -n {host_namespace}");
        return [describe].into_iter().chain(logs).collect();
    };
    let kubectl = match files.context_of(uid) {
        Some(context) if files.current_context() == Some(&context) => "kubectl".to_owned(),
        Some(context) => format!("kubectl --context {context}"),
        None => format!("vc connect {cluster} -n {host_namespace} -- kubectl"),
    };
    let kind = kind.to_lowercase();
    let describe = format!("{kubectl} -n {namespace} describe {kind} {name}");
    let object = format!("{kind}/{name}");
    let why = kinds::explained(&object).ok();
    let why =
        why.map(|_| format!("vc why {object} -n {namespace} --cluster {host_namespace}/{cluster}"));
    [describe].into_iter().chain(why).collect()
}

fn page(found: &Whereabouts) -> String {
    let Whereabouts {
        host,
        cluster,
        cluster_exists,
        role,
        virtual_object,
        next,
    } = found;
    let called = |place: &Place| format!("{}/{}", place.kind.to_lowercase(), place.name);
    let (host_object, host_namespace) = (called(host), &host.namespace);
    let object = virtual_object.as_ref();
    let object = object.map(|place| format!("{} in namespace {}", called(place), place.namespace));
    let object = object.unwrap_or_default();
    let what = match role {
        Role::Twin => object,
        Role::Tokens => format!("the tokens of {object}"),
        Role::ControlPlane => "the control plane".to_owned(),
        Role::Own => "an object of the cluster's own".to_owned(),
    };
    let whether = match cluster_exists {
        Some(true) => "",
        Some(false) => ", which does not exist any more",
        None => ", whose marker you may not see",
    };
    let mut lines = vec![
        format!("host:     {host_object} in namespace {host_namespace}"),
        format!("virtual:  {what}"),
        format!("cluster:  {cluster}{whether}"),
        String::new(),
        "Next:".to_owned(),
    ];
    lines.extend(next.iter().map(|command| format!("  {command}")));
    lines.join("\n") + "\n"
}
