//! The host namespace before a cluster is made: rights, Pod Security, the image, releases.
//!
//! In: what the host says. Out: findings. Never: asks it.

use std::collections::BTreeMap;

use super::{Finding, cannot_tell, codes};
use crate::cluster::Grants;
use crate::names::{KubernetesVersion, Namespace};
use crate::pod_security::Profile;
use crate::sync::{self, Known};

/// A right that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// `create`
    pub verb: String,
    /// `statefulsets.apps`
    pub resource: String,
    /// Whether it is one in the namespace, and not in the whole host.
    pub is_in_namespace: bool,
}

/// Tells which rights are missing, one finding for each resource.
pub fn rights(namespace: &Namespace, missing: &[Missing]) -> Vec<Finding> {
    let mut verbs: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
    // Who may not make the namespace is to name another, so nothing else is of interest.
    let is_first = |right: &&Missing| right.resource == "namespaces" && !right.is_in_namespace;
    let first = missing.iter().find(is_first).map(std::slice::from_ref);
    for right in first.unwrap_or(missing) {
        let key = (!right.is_in_namespace, right.resource.as_str());
        verbs.entry(key).or_default().push(&right.verb);
    }
    let findings = verbs.into_iter().map(|((is_wide, resource), verbs)| {
        let place = if is_wide {
            "in the whole host".to_owned()
        } else {
            format!("in namespace `{namespace}`")
        };
        let message = format!("you may not {} {resource} {place}", verbs.join(", "));
        let found = Finding::new(&codes::MISSING_RIGHT, resource, message);
        if resource == "namespaces" && is_wide {
            return found.fix("name a namespace that exists with `-n NAMESPACE`");
        }
        found.fix(format!(
            "vc rbac -n {namespace} --user YOU | kubectl apply -f -   # as an administrator of the host"
        ))
    });
    findings.collect()
}

/// Tells what a cluster would lack for want of rights that it can do without.
pub fn optional(namespace: &Namespace, grants: Grants, may_sync: &[Known]) -> Option<Finding> {
    let features = [
        (grants.ephemeral_containers, "`kubectl debug`"),
        (grants.resize, "resizing pods in place"),
        (grants.status, "readiness gates"),
        (grants.endpoint_slices, "Services without a selector"),
        (grants.pod_metrics, "`kubectl top`"),
    ];
    let features = features.into_iter().filter(|(is_granted, _)| !is_granted);
    let features = features.map(|(_, feature)| feature.to_owned());
    let kinds = sync::BY_DEFAULT.into_iter();
    let kinds = kinds.filter(|kind| !may_sync.contains(kind));
    let kinds = kinds.map(|kind| format!("{kind} on the host"));
    let lacking: Vec<String> = features.chain(kinds).collect();
    (!lacking.is_empty()).then(|| {
        let message = format!("for want of rights of yours it would do without {}", lacking.join(", "));
        let fix = format!(
            "vc rbac -n {namespace} --user YOU --optional | kubectl apply -f -   # as an administrator of the host"
        );
        Finding::new(&codes::OPTIONAL_RIGHT, format!("namespace/{namespace}"), message).fix(fix)
    })
}

/// Compares what a namespace enforces (the label `pod-security.kubernetes.io/enforce`) with what the cluster would.
pub fn pod_security(
    namespace: &Namespace,
    enforced: Option<&str>,
    wanted: Profile,
) -> Option<Finding> {
    let enforced: Profile = enforced?.parse().ok()?;
    let rank = |profile: Profile| Profile::ALL.iter().position(|known| *known == profile);
    (rank(enforced) > rank(wanted)).then(|| {
        Finding::new(
            &codes::POD_SECURITY,
            format!("namespace/{namespace}"),
            format!(
                "it enforces Pod Security `{enforced}`, and the cluster would admit pods that only meet `{wanted}`"
            ),
        )
        .fix(format!("vc create NAME -n {namespace} --pod-security {enforced}"))
    })
}

/// Registry of images that are loaded to the nodes and never pulled: see `image::local_name`.
const LOADED: &str = "vc.local/";

/// Checks whether nodes can have an image, as far as its name and the nodes tell; `on_nodes` is what each node
/// says that it has.
pub fn image(image: &str, on_nodes: &Result<Vec<Vec<String>>, String>) -> Option<Finding> {
    if !image.starts_with(LOADED) {
        return None;
    }
    let object = format!("image/{image}");
    let nodes = match on_nodes {
        Ok(nodes) => nodes,
        Err(why) => {
            return Some(cannot_tell(
                object,
                format!("whether the nodes have it: {why}"),
            ));
        }
    };
    let has = |images: &Vec<String>| images.iter().any(|name| name == image);
    let without = nodes.iter().filter(|images| !has(images)).count();
    (without > 0).then(|| {
        let all = nodes.len();
        let message = format!(
            "{without} of {all} nodes do not tell that they have it, and nobody can pull it"
        );
        Finding::new(&codes::IMAGE_NOT_ON_NODES, object, message)
            .fix("vc image save -o vc.tar, and load it to the nodes")
    })
}

/// Compares the release of a new cluster with the host's.
pub fn version(wanted: KubernetesVersion, host: KubernetesVersion) -> Option<Finding> {
    let newer = wanted.minor.saturating_sub(host.minor);
    let older = host.minor.saturating_sub(wanted.minor);
    let is_near = wanted.major == host.major && newer <= MINORS_APART && older == 0;
    (!is_near).then(|| {
        Finding::new(
            &codes::VERSION_SKEW,
            format!("kubernetes/{wanted}"),
            format!(
                "the host's kubelets are of {host}, which an API server of {wanted} is not made for"
            ),
        )
        .fix(format!("vc create NAME --kubernetes-version {host}"))
    })
}

/// By how many minor releases a kubelet may be older than its API server.
/// <https://kubernetes.io/releases/version-skew-policy/#kubelet>
const MINORS_APART: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn namespace() -> Namespace {
        "team-a".parse().unwrap()
    }

    #[test]
    fn missing_rights_are_told_resource_by_resource() {
        let missing = |verb: &str, resource: &str, is_in_namespace| Missing {
            verb: verb.to_owned(),
            resource: resource.to_owned(),
            is_in_namespace,
        };
        let all = [
            missing("get", "pods", true),
            missing("list", "nodes", false),
            missing("list", "pods", true),
        ];
        let found = rights(&namespace(), &all);
        let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "you may not get, list pods in namespace `team-a`",
                "you may not list nodes in the whole host"
            ]
        );
        let namespaces = [missing("create", "namespaces", false)];
        let found_first = rights(&namespace(), &[&all[..], &namespaces].concat());
        assert_eq!(found_first.len(), 1);
        assert_eq!(found_first[0].object, "namespaces");
        assert!(
            found[0]
                .fix
                .as_ref()
                .unwrap()
                .starts_with("vc rbac -n team-a")
        );
    }

    #[test]
    fn what_a_cluster_would_lack_is_named() {
        let all = Grants {
            ephemeral_containers: true,
            resize: true,
            status: true,
            endpoint_slices: true,
            pod_metrics: true,
            node_metrics: false,
        };
        assert_eq!(optional(&namespace(), all, &sync::BY_DEFAULT), None);
        let fewer = Grants {
            resize: false,
            ..all
        };
        let rest = sync::BY_DEFAULT.split_first().unwrap().1;
        let told = optional(&namespace(), fewer, rest).unwrap();
        assert_eq!(
            told.message,
            "for want of rights of yours it would do without resizing pods in place, ingresses on the host"
        );
    }

    #[test]
    fn a_namespace_that_is_stricter_than_the_cluster_is_told() {
        let code = |label, wanted| pod_security(&namespace(), label, wanted).map(|one| one.code);
        assert_eq!(code(None, Profile::Baseline), None);
        assert_eq!(code(Some("baseline"), Profile::Baseline), None);
        assert_eq!(code(Some("privileged"), Profile::Baseline), None);
        assert_eq!(code(Some("restricted"), Profile::Restricted), None);
        assert_eq!(code(Some("no such"), Profile::Baseline), None);
        assert_eq!(code(Some("restricted"), Profile::Baseline), Some("VC205"));
        assert_eq!(code(Some("baseline"), Profile::Privileged), Some("VC205"));
    }

    #[test]
    fn only_an_image_that_cannot_be_pulled_has_to_be_on_the_nodes() {
        let loaded = "vc.local/vc:v1";
        let on = |nodes: &[&[&str]]| {
            let node = |images: &&[&str]| images.iter().map(|&one| one.to_owned()).collect();
            Ok(nodes.iter().map(node).collect())
        };
        let code = |name, nodes| image(name, &nodes).map(|one| one.code);
        assert_eq!(code("ghcr.io/a/vc:v1", on(&[&[]])), None);
        assert_eq!(code(loaded, on(&[&[loaded], &["a", loaded]])), None);
        assert_eq!(code(loaded, on(&[&[loaded], &[]])), Some("VC210"));
        assert_eq!(code(loaded, Err("no".to_owned())), Some("VC901"));
    }

    #[test]
    fn a_release_may_be_up_to_three_newer_than_the_host() {
        let code = |wanted: &str, host: &str| {
            version(wanted.parse().unwrap(), host.parse().unwrap()).map(|one| one.code)
        };
        assert_eq!(code("v1.35.4", "v1.35.0"), None);
        assert_eq!(code("v1.35.4", "v1.32.0"), None);
        assert_eq!(code("v1.35.4", "v1.31.0"), Some("VC211"));
        assert_eq!(code("v1.34.0", "v1.35.0"), Some("VC211"));
    }
}
