//! `vc describe`: everything that the host says about one virtual cluster, for people.

mod description;
mod page;

use anyhow::Context;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::Api;
use kube::api::ListParams;

use self::description::{Certificate, ControlPlane, Description, Happening, Part, Phases};
use super::App;
use super::list::Row;
use crate::cli::{DescribeArgs, DescriptionFormat};
use crate::error::{Kind, kind, one_line};
use crate::find::{self, Scope};
use crate::host::Host;
use crate::labels;
use crate::wait::{self, Target};

/// Prints it.
///
/// # Errors
/// When it does not exist, there are several of that name, or the host does not answer. A part that we may not
/// see says so.
pub(super) async fn run(app: &App, args: &DescribeArgs) -> anyhow::Result<()> {
    let description = description(app, args)
        .await
        .with_context(|| format!("cannot describe virtual cluster `{}`", args.name))?;
    app.ui.data(&match args.output {
        None => page::page(&description, Timestamp::now()),
        Some(DescriptionFormat::Json) => {
            format!("{}\n", serde_json::to_string_pretty(&description)?)
        }
        Some(DescriptionFormat::Yaml) => serde_saphyr::to_string(&description)?,
    })
}

async fn description(app: &App, args: &DescribeArgs) -> anyhow::Result<Description> {
    let (host, files) = app.connect().await?;
    let scope = Scope::of(app.global.namespace.as_ref());
    let cluster = find::one(&host, &files, &scope, &args.name).await?;
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    let (control_plane, certificates, pods, events) = tokio::join!(
        control_plane(&host, target),
        certificates(&host, target),
        phases(&host, target),
        events(&host, target, cluster.created),
    );
    Ok(Description {
        row: Row::new(&cluster, &files, Timestamp::now()),
        control_plane: part(control_plane)?,
        certificates: part(certificates)?,
        pods: part(pods)?,
        events: part(events)?,
        store_full_since: cluster.store_full_since.map(|since| since.to_string()),
        spec: cluster.spec,
    })
}

/// A part that we may not see, or that is not there, says so; whatever else went wrong is an error.
fn part<T>(known: anyhow::Result<T>) -> anyhow::Result<Part<T>> {
    match known {
        Ok(known) => Ok(Part::Known(known)),
        Err(error) if matches!(kind(&error), Kind::Denied | Kind::NotFound) => {
            let unknown = one_line(&error);
            Ok(Part::Unknown { unknown })
        }
        Err(error) => Err(error),
    }
}

async fn control_plane(host: &Host, target: Target<'_>) -> anyhow::Result<Option<ControlPlane>> {
    let pods = pods(host, target, &labels::control_plane(target.name)).await?;
    Ok(pods.first().map(ControlPlane::new))
}

/// How many pods the cluster's workloads have on the host.
async fn phases(host: &Host, target: Target<'_>) -> anyhow::Result<Phases> {
    let selector = format!(
        "{}={},{}!={}",
        labels::CLUSTER,
        target.name,
        labels::COMPONENT,
        labels::CONTROL_PLANE
    );
    Ok(description::phases(&pods(host, target, &selector).await?))
}

pub(super) async fn pods(
    host: &Host,
    target: Target<'_>,
    selector: &str,
) -> anyhow::Result<Vec<Pod>> {
    let api: Api<Pod> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let params = ListParams::default().labels(selector);
    let attempt = format!("list pods in namespace `{}`", target.namespace);
    Ok(host.call(attempt, api.list(&params)).await?.items)
}

/// The control plane's certificates, and the administrator's.
async fn certificates(host: &Host, target: Target<'_>) -> anyhow::Result<Vec<Certificate>> {
    let files = certificate_files(host, target).await?;
    Ok(description::certificates(&files))
}

/// The control plane's certificates and the administrator's, PEM, by name.
pub(super) async fn certificate_files(
    host: &Host,
    target: Target<'_>,
) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let api: Api<Secret> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let get = |name: String| {
        let api = api.clone();
        async move {
            let secret = host
                .call(format!("get secret `{name}`"), api.get(&name))
                .await?;
            anyhow::Ok(secret.data.unwrap_or_default())
        }
    };
    let pki = get(target.name.pki_secret()).await?;
    let admin = get(target.name.kubeconfig_secret()).await?;
    let of_plane = pki.into_iter().filter_map(|(entry, bytes)| {
        let name = entry.strip_suffix(".crt")?;
        Some((name.to_owned(), bytes.0))
    });
    let of_admin = admin.get("client.crt");
    let of_admin = of_admin.map(|bytes| ("administrator".to_owned(), bytes.0.clone()));
    Ok(of_plane.chain(of_admin).collect())
}

/// What the host told of the control plane lately, since the cluster was made.
async fn events(
    host: &Host,
    target: Target<'_>,
    created: Option<Timestamp>,
) -> anyhow::Result<Vec<Happening>> {
    let events = wait::host_events(host, target).await?;
    Ok(description::happenings(events, created))
}
