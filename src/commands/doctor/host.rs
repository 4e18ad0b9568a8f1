//! What is seen of the host before a cluster is made: what `vc create` asks, and what would only show later.

use k8s_openapi::api::core::v1::{Namespace as HostNamespace, Node, ResourceQuota};
use kube::Api;
use kube::api::ListParams;

use super::releases::{kubectl, release};
use super::seen::{keep, seen};
use super::{leftovers, of_error};
use crate::cluster::{ClusterSpec, Grants, Storage};
use crate::commands::App;
use crate::commands::render::{HostSide, new_pki, spec_of};
use crate::config::SpecOptions;
use crate::doctor::{Finding, codes, host as check, machine, quota};
use crate::error::one_line;
use crate::host::Host;
use crate::image;
use crate::kubeconfig::Files;
use crate::names::{ClusterName, KubernetesVersion, Namespace};
use crate::pki::Pki;
use crate::preflight::{self, NamespaceState};
use crate::render::{self, Manifest};
use crate::sync::Known;

/// Stands for the cluster that somebody may make.
const PROBE: &str = "doctor-probe";

/// What would stop `vc create`, and what is left of other clusters.
pub(super) async fn findings(
    app: &App,
    host: &Host,
    files: &Files,
    options: &SpecOptions,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(release) = keep(release(host, &mut findings).await, &mut findings) else {
        return findings;
    };
    let wanted = options.kubernetes_version.unwrap_or(release);
    findings.extend(check::version(wanted, release));
    if let Some(kubectl) = kubectl().await {
        findings.extend(machine::kubectl(kubectl, wanted));
    }
    let create = Create {
        host,
        options,
        wanted,
    };
    match create.place(app).await {
        Ok((name, namespace, state)) => {
            findings.extend(Box::pin(create.findings(&name, &namespace, state)).await);
        }
        Err(finding) => findings.push(finding),
    }
    let only = app.global.namespace.as_ref();
    findings.extend(Box::pin(leftovers::findings(host, files, only)).await);
    findings
}

/// What would be made.
struct Create<'a> {
    host: &'a Host,
    options: &'a SpecOptions,
    wanted: KubernetesVersion,
}

impl Create<'_> {
    /// Where.
    async fn place(&self, app: &App) -> Result<(ClusterName, Namespace, NamespaceState), Finding> {
        let name: Result<ClusterName, _> = PROBE.parse();
        let name = name.map_err(|error| of_error(&codes::NOT_ADMITTED, PROBE, &error.into()))?;
        let Some(namespace) = app.global.namespace.clone() else {
            // A cluster then gets a namespace of its own.
            let namespace = name.default_namespace();
            return Ok((name, namespace, NamespaceState::Missing));
        };
        let object = format!("namespace/{namespace}");
        let state = preflight::namespace_state(self.host, &namespace).await;
        let state = seen(&codes::NAMESPACE_GOING, &object, state)?;
        Ok((name, namespace, state))
    }

    async fn findings(
        &self,
        name: &ClusterName,
        namespace: &Namespace,
        state: NamespaceState,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let has_rights = self.rights(namespace, state, &mut findings).await;
        let wants_quota = !self.options.quota.is_empty();
        let neighbours =
            preflight::neighbours(self.host, name, namespace, state, wants_quota).await;
        let object = format!("namespace/{namespace}");
        keep(seen(&codes::NEIGHBOUR, &object, neighbours), &mut findings);
        let syncer_image = self.image(&mut findings).await;
        // What would be refused for want of a right is not asked.
        let (storage, service_cidrs) = if has_rights {
            self.host_side(namespace, state, &mut findings).await
        } else {
            (None, None)
        };
        let is_complete = storage.is_some() && service_cidrs.is_some();
        // A namespace that is not there yet is asked about all the same: rights do not depend on it.
        let shown = &self.options.shown;
        let (grants, may_sync) = preflight::grants(self.host, namespace, shown).await;
        let optional = check::optional(namespace, grants, &may_sync);
        findings.extend(optional.filter(|_| has_rights));
        let image = syncer_image.clone().unwrap_or_else(image::local_name);
        let side = self.side(storage, service_cidrs, grants, may_sync);
        let spec = spec_of(name, namespace, self.options, image, side);
        if state == NamespaceState::Missing {
            return findings;
        }
        self.pod_security(namespace, &mut findings).await;
        match objects(&spec) {
            Ok(objects) => {
                self.quotas(namespace, &objects, &mut findings).await;
                // What is known to be missing would be told once more, in other words.
                let is_told = findings.iter().any(Finding::is_error);
                if has_rights && is_complete && !is_told {
                    let admitted = preflight::admission(self.host, name, namespace, &objects).await;
                    keep(seen(&codes::NOT_ADMITTED, &object, admitted), &mut findings);
                }
            }
            Err(error) => findings.push(of_error(&codes::NOT_ADMITTED, &object, &error)),
        }
        findings
    }

    /// Whether there are all rights.
    async fn rights(
        &self,
        namespace: &Namespace,
        state: NamespaceState,
        findings: &mut Vec<Finding>,
    ) -> bool {
        match preflight::missing(self.host, namespace, state, self.options).await {
            Ok(missing) => {
                let missing: Vec<check::Missing> = missing
                    .into_iter()
                    .map(|right| check::Missing {
                        verb: right.verb,
                        resource: right.resource,
                        is_in_namespace: right.namespace.is_some(),
                    })
                    .collect();
                findings.extend(check::rights(namespace, &missing));
                missing.is_empty()
            }
            // Everybody whom the host knows may ask this.
            Err(error) => {
                findings.push(of_error(&codes::NO_HOST, "host", &error));
                false
            }
        }
    }

    async fn image(&self, findings: &mut Vec<Finding>) -> Option<String> {
        let image = match self.options.images.syncer_image() {
            Ok(image) => image,
            Err(failure) => {
                findings.push(of_error(&codes::NO_IMAGE, "image", &failure.into()));
                return None;
            }
        };
        let nodes: Api<Node> = Api::all(self.host.client.clone());
        let params = ListParams::default();
        let nodes = self.host.call("list nodes", nodes.list(&params)).await;
        let on_nodes = nodes
            .map(|nodes| nodes.items.iter().map(images).collect())
            .map_err(|error| one_line(&error));
        findings.extend(check::image(image, &on_nodes));
        Some(image.to_owned())
    }

    /// Where the store can be, and the host's service ranges.
    async fn host_side(
        &self,
        namespace: &Namespace,
        state: NamespaceState,
        findings: &mut Vec<Finding>,
    ) -> (Option<Storage>, Option<Vec<String>>) {
        let stand_in = "default".parse::<Namespace>();
        let asked = match (state, &stand_in) {
            (NamespaceState::Missing, Ok(stand_in)) => stand_in,
            _ => namespace,
        };
        let storage = preflight::storage(self.host, asked, &self.options.storage).await;
        let storage = keep(seen(&codes::STORAGE, "storage", storage), findings);
        let storage = storage.map(|(storage, warning)| {
            let warning = warning.map(|warning| {
                Finding::new(&codes::NO_STORAGE_CLASS, "storage", warning)
                    .fix("vc create NAME --storage-class CLASS, or --ephemeral")
            });
            findings.extend(warning);
            storage
        });
        let service_cidrs = if self.options.service_cidrs.is_empty() {
            let found = preflight::service_cidrs(self.host, asked).await;
            keep(seen(&codes::SERVICE_RANGE, "services", found), findings)
        } else {
            Some(self.options.service_cidrs.clone())
        };
        (storage, service_cidrs)
    }

    /// With something in place of what could not be found out: it decides nothing about amounts.
    fn side(
        &self,
        storage: Option<Storage>,
        service_cidrs: Option<Vec<String>>,
        grants: Grants,
        may_sync: Vec<Known>,
    ) -> HostSide {
        let wish = &self.options.storage;
        HostSide {
            kubernetes_version: self.wanted,
            service_cidrs: service_cidrs.unwrap_or_else(|| vec!["10.96.0.0/16".to_owned()]),
            storage: storage.unwrap_or_else(|| {
                if wish.is_ephemeral() {
                    return Storage::Ephemeral;
                }
                Storage::Persistent {
                    class: wish.class.clone(),
                    size: wish.size().to_owned(),
                }
            }),
            grants,
            may_sync,
            restored_store: None,
        }
    }

    async fn pod_security(&self, namespace: &Namespace, findings: &mut Vec<Finding>) {
        let api: Api<HostNamespace> = Api::all(self.host.client.clone());
        let get = api.get_metadata(namespace.as_str());
        let attempt = format!("get namespace `{namespace}`");
        let found = self.host.call(attempt, get).await;
        let object = format!("namespace/{namespace}");
        let found = keep(seen(&codes::NAMESPACE_GOING, &object, found), findings);
        let labels = found.and_then(|found| found.metadata.labels);
        let enforced = labels.as_ref().and_then(|labels| labels.get(ENFORCED));
        let enforced = enforced.map(String::as_str);
        findings.extend(check::pod_security(
            namespace,
            enforced,
            self.options.pod_security,
        ));
    }

    async fn quotas(
        &self,
        namespace: &Namespace,
        objects: &[Manifest],
        findings: &mut Vec<Finding>,
    ) {
        let api: Api<ResourceQuota> = Api::namespaced(self.host.client.clone(), namespace.as_str());
        let attempt = format!("list resourcequotas in namespace `{namespace}`");
        let params = ListParams::default();
        let found = self.host.call(attempt, api.list(&params)).await;
        let found = keep(seen(&codes::QUOTA, "resourcequotas", found), findings);
        let demand = quota::demand(objects.iter().map(Manifest::value));
        let all = found.map(|list| list.items).unwrap_or_default();
        findings.extend(quota::quotas(&all, &demand));
    }
}

/// Label of a namespace: the profile that its pods have to meet.
/// <https://kubernetes.io/docs/concepts/security/pod-security-admission/>
const ENFORCED: &str = "pod-security.kubernetes.io/enforce";

fn images(node: &Node) -> Vec<String> {
    let images = node
        .status
        .as_ref()
        .and_then(|status| status.images.as_ref());
    let names = images.into_iter().flatten();
    names
        .flat_map(|image| image.names.clone().unwrap_or_default())
        .collect()
}

/// Everything that would be made, with what the StatefulSet makes.
fn objects(spec: &ClusterSpec) -> anyhow::Result<Vec<Manifest>> {
    let pki: Pki = new_pki(spec, &[])?;
    let manifests = render::render(spec, Some(&pki))?;
    let mut objects: Vec<Manifest> = manifests.iter().cloned().collect();
    objects.push(render::pod(spec, Some(&pki))?);
    objects.extend(render::claim(spec)?);
    Ok(objects)
}
