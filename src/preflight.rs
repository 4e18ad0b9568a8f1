//! What is checked before the first write, and what only the host knows.
//!
//! In: a host, a namespace, what the user wants. Out: [`Facts`], or the first thing that would stop
//! `vc create`. Never: writes; the host is asked to check objects without storing them.

mod neighbours;
mod rights;

use futures::future::{join_all, try_join_all};
use k8s_openapi::api::core::v1::{
    Namespace as HostNamespace, PersistentVolumeClaim, Service, VolumeResourceRequirements,
};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::Api;
use kube::api::{ListParams, ObjectMeta};
use serde_json::json;

use crate::apply;
use crate::cluster::Storage;
use crate::config::StorageWish;
use crate::error::{Failure, Kind, kind};
use crate::host::Host;
use crate::names::{ClusterName, KubernetesVersion, Namespace};
use crate::render::{Manifest, Manifests};

pub use neighbours::neighbours;
pub use rights::{MissingRight, grants, missing, rights};

/// What a host namespace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamespaceState {
    /// It exists, or we may not know and take it that it does.
    Exists,
    /// It does not exist.
    Missing,
}

/// What only the host knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The host's own release.
    pub version: KubernetesVersion,
    /// The host's service ranges, the primary family first.
    pub service_cidrs: Vec<String>,
    /// Where the store can keep its data.
    pub storage: Storage,
    /// What the user should know about the choice of storage.
    pub warning: Option<String>,
}

/// An address of each family that no host can have as a service range: RFC 5737, RFC 3849.
const IMPOSSIBLE_IPS: [&str; 2] = ["203.0.113.1", "2001:db8::1"];

/// Tells whether the host namespace exists.
///
/// # Errors
/// When it is being deleted, or the host does not answer.
pub async fn namespace_state(host: &Host, namespace: &Namespace) -> anyhow::Result<NamespaceState> {
    let api: Api<HostNamespace> = Api::all(host.client.clone());
    let found = host
        .call(
            format!("get namespace `{namespace}`"),
            api.get_opt(namespace.as_str()),
        )
        .await;
    match found {
        Ok(None) => Ok(NamespaceState::Missing),
        Ok(Some(found)) if found.metadata.deletion_timestamp.is_some() => Err(Failure::new(
            Kind::Preflight,
            format!("namespace `{namespace}` is being deleted"),
        )
        .hint(format!(
            "wait for its end: kubectl wait --for=delete namespace/{namespace}"
        ))
        .into()),
        Ok(Some(_)) => Ok(NamespaceState::Exists),
        // Namespaces are cluster-wide objects; who has rights inside one need not be able to see it.
        Err(error) if kind(&error) == Kind::Denied && is_forbidden(&error) => {
            Ok(NamespaceState::Exists)
        }
        Err(error) => Err(error),
    }
}

/// The host's release.
///
/// # Errors
/// When the host does not answer, or with something that is no version.
pub async fn version(host: &Host) -> anyhow::Result<KubernetesVersion> {
    let info = host
        .call("read the host's version", host.client.apiserver_version())
        .await?;
    info.git_version.parse().map_err(|_| {
        Failure::new(
            Kind::Preflight,
            format!("the host's version `{}` cannot be read", info.git_version),
        )
        .hint("pass `--kubernetes-version v1.35.4`")
        .into()
    })
}

/// The host's service ranges, read from its refusal of an impossible address, so that no
/// cluster-wide right is needed.
///
/// # Errors
/// When the host refuses for another reason, or in words that are not known.
pub async fn service_cidrs(host: &Host, namespace: &Namespace) -> anyhow::Result<Vec<String>> {
    let probes = IMPOSSIBLE_IPS.map(|ip| probe_service(host, namespace, ip));
    let refusals = try_join_all(probes).await?;
    let mut ranges: Vec<String> = refusals
        .iter()
        .filter_map(|text| find_range(text))
        .collect();
    if ranges.len() > 1 && primary_is_ipv6(host, namespace).await? {
        ranges.reverse();
    }
    if ranges.is_empty() {
        return Err(Failure::new(
            Kind::Preflight,
            "the host's service range cannot be discovered",
        )
        .detail(refusals.join("; "))
        .hint("pass it: `--service-cidr 10.96.0.0/16` (kubectl -n kube-system get pod -l component=kube-apiserver -o yaml)")
        .into());
    }
    Ok(ranges)
}

/// Has the host check a Service with this address; returns the words of its refusal.
async fn probe_service(host: &Host, namespace: &Namespace, ip: &str) -> anyhow::Result<String> {
    host.call("discover the host's service range", async {
        match apply::dry_run(host, namespace, &service(Some(ip))?).await {
            Err(kube::Error::Api(status)) if status.code == 422 => Ok(status.message.clone()),
            Err(error) => Err(error),
            Ok(_) => Ok(String::new()),
        }
    })
    .await
}

async fn primary_is_ipv6(host: &Host, namespace: &Namespace) -> anyhow::Result<bool> {
    let checked = host
        .call("discover the host's first address family", async {
            apply::dry_run(host, namespace, &service(None)?).await
        })
        .await?;
    let families = checked.spec.and_then(|spec| spec.ip_families);
    Ok(families.is_some_and(|families| families.first().is_some_and(|first| first == "IPv6")))
}

fn service(ip: Option<&str>) -> kube::Result<Service> {
    serde_json::from_value(json!({
        "metadata": {"name": "vc-probe"},
        "spec": {"clusterIP": ip, "ports": [{"port": 443}]},
    }))
    .map_err(kube::Error::SerdeError)
}

/// Finds the range in `… The range of valid IPs is 10.96.0.0/16`.
/// Source of the words: `ErrNotInRange` in Kubernetes' pkg/registry/core/service/ipallocator.
fn find_range(text: &str) -> Option<String> {
    let (_, after) = text.split_once("range of valid IPs is ")?;
    let range = after
        .split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '/')))
        .next()?
        .trim_end_matches(['.', ':']);
    range.contains('/').then(|| range.to_owned())
}

/// Decides where the store keeps its data.
///
/// # Errors
/// When the named class does not exist, or the host's admission refuses the claim.
pub async fn storage(
    host: &Host,
    namespace: &Namespace,
    wish: &StorageWish,
) -> anyhow::Result<(Storage, Option<String>)> {
    if wish.is_ephemeral() {
        return Ok((Storage::Ephemeral, None));
    }
    if let Some(class) = &wish.class {
        check_class(host, class).await?;
    }
    let claim = claim(wish);
    let checked = host
        .call(
            "check the store's volume claim",
            apply::dry_run(host, namespace, &claim),
        )
        .await
        .map_err(|error| refused(error, "the host refuses the store's volume claim"))?;
    // The admission plugin DefaultStorageClass fills the class in, so no cluster-wide right is needed.
    let class = checked.spec.and_then(|spec| spec.storage_class_name);
    if class.is_some() {
        let size = wish.size().to_owned();
        return Ok((Storage::Persistent { class, size }, None));
    }
    let warning = "the host has no default StorageClass: the virtual cluster's data is lost with its \
                   pod (name one with `--storage-class`, or pass `--ephemeral` to say that this is meant)";
    Ok((Storage::Ephemeral, Some(warning.to_owned())))
}

fn claim(wish: &StorageWish) -> PersistentVolumeClaim {
    let mut claim = PersistentVolumeClaim {
        metadata: ObjectMeta {
            name: Some("vc-probe".to_owned()),
            ..ObjectMeta::default()
        },
        ..PersistentVolumeClaim::default()
    };
    let spec = claim.spec.get_or_insert_default();
    spec.access_modes = Some(vec!["ReadWriteOnce".to_owned()]);
    spec.storage_class_name.clone_from(&wish.class);
    spec.resources = Some(VolumeResourceRequirements {
        requests: Some([("storage".to_owned(), Quantity(wish.size().to_owned()))].into()),
        ..VolumeResourceRequirements::default()
    });
    claim
}

/// Checks that a class exists, where we may know.
async fn check_class(host: &Host, class: &str) -> anyhow::Result<()> {
    let api: Api<StorageClass> = Api::all(host.client.clone());
    let found = host
        .call(format!("get storageclass `{class}`"), api.get_opt(class))
        .await;
    match found {
        Ok(Some(_)) => Ok(()),
        Ok(None) => {
            let all = api
                .list(&ListParams::default())
                .await
                .map(|list| list.items);
            let names: Vec<String> = all
                .unwrap_or_default()
                .into_iter()
                .filter_map(|class| class.metadata.name)
                .collect();
            Err(Failure::new(
                Kind::Preflight,
                format!("StorageClass `{class}` does not exist on the host"),
            )
            .detail(format!("classes: {}", names.join(", ")))
            .hint("kubectl get storageclasses")
            .into())
        }
        Err(error) if is_forbidden(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Has the host check new objects with its admission: quota, Pod Security, policies; and that none
/// of their names is taken.
///
/// To apply an object over one of somebody else's would adopt it, and deleting the cluster delete it.
///
/// # Errors
/// When the host refuses one of them, with the host's own words, or one exists.
pub async fn admission(
    host: &Host,
    name: &ClusterName,
    namespace: &Namespace,
    objects: &[Manifest],
) -> anyhow::Result<()> {
    let checks = objects.iter().map(|object| async {
        match apply::create_new(host, object.value(), apply::Mode::DryRun).await {
            Ok(admitted) => admitted
                .map(drop)
                .ok_or_else(|| taken(object, namespace).into()),
            Err(error) => without_its_role(object, error),
        }
    });
    // All are awaited, so that of several refusals the same one is told each time.
    let checked: anyhow::Result<()> = join_all(checks).await.into_iter().collect();
    checked.map_err(|error| not_admitted(error, name, namespace))
}

/// As [`admission`], of a cluster whose objects exist in part.
///
/// # Errors
/// When the host refuses one of them; the message has the host's own words.
pub async fn admission_again(
    host: &Host,
    name: &ClusterName,
    namespace: &Namespace,
    manifests: &Manifests,
) -> anyhow::Result<()> {
    let checks = manifests.iter().map(|manifest| async move {
        match apply::apply(host, manifest.value(), apply::Mode::DryRun).await {
            Ok(_) => Ok(()),
            Err(error) => without_its_role(manifest, error),
        }
    });
    let checked: anyhow::Result<()> = join_all(checks).await.into_iter().collect();
    checked.map_err(|error| not_admitted(error, name, namespace))
}

/// Whoever may not bind every role is asked for the rights of the one that he binds, and in a dry run
/// that one does not exist. The role itself is checked, and his rights are.
fn without_its_role(manifest: &Manifest, error: anyhow::Error) -> anyhow::Result<()> {
    let is_binding = manifest.kind().ends_with("RoleBinding");
    if is_binding && kind(&error) == Kind::NotFound {
        return Ok(());
    }
    Err(error)
}

fn not_admitted(error: anyhow::Error, name: &ClusterName, namespace: &Namespace) -> anyhow::Error {
    let what = format!("the host does not admit virtual cluster `{name}` to `{namespace}`");
    refused(error, &what)
}

fn taken(object: &Manifest, namespace: &Namespace) -> Failure {
    let (kind, name) = (object.kind().to_lowercase(), object.name());
    Failure::new(
        Kind::Exists,
        format!(
            "{kind} `{name}` exists in namespace `{namespace}`, and no virtual cluster owns it"
        ),
    )
    .hint(format!(
        "take another name, or see whose it is: kubectl -n {namespace} get {kind} {name} -o yaml"
    ))
}

/// A refusal by admission is a failed check, whatever code the host gives it.
fn refused(error: anyhow::Error, what: &str) -> anyhow::Error {
    let Some(kube::Error::Api(status)) = error.downcast_ref::<kube::Error>() else {
        return error;
    };
    let message = status.message.clone();
    let hint = if message.contains("exceeded quota") {
        "ask for less with `--cpu`, `--memory` and `--storage-size`, or have the quota raised"
    } else if message.contains("failed quota") {
        "say what the quota wants to know: `--cpu-limit`, `--memory-limit`"
    } else if message.contains("PodSecurity") {
        "the pod meets the restricted profile; see which rule the namespace adds: \
         kubectl get namespace -o yaml"
    } else if message.contains("LimitRange") || message.contains("usage per") {
        "keep to the namespace's LimitRange with `--cpu`, `--memory` and their limits"
    } else {
        "see what the host's admission wants: kubectl get quota,limitrange"
    };
    Failure::new(Kind::Preflight, what)
        .because(error)
        .hint(hint)
        .into()
}

fn is_forbidden(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<kube::Error>(), Some(kube::Error::Api(status)) if status.code == 403)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_range_is_read_from_the_refusal() {
        let old = "Service \"vc-probe\" is invalid: spec.clusterIPs: Invalid value: []string{\"203.0.113.1\"}: \
                   failed to allocate IP 203.0.113.1: the provided IP (203.0.113.1) is not in the valid \
                   range. The range of valid IPs is 10.96.0.0/16";
        assert_eq!(find_range(old).as_deref(), Some("10.96.0.0/16"));
        let six = "not in the valid range. The range of valid IPs is fd00:10:96::/112.";
        assert_eq!(find_range(six).as_deref(), Some("fd00:10:96::/112"));
        assert_eq!(
            find_range("Invalid value: \"IPv6\": not configured on this cluster"),
            None
        );
    }
}
