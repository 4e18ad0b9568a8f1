//! Every position in which a pod names another object of its namespace.
//!
//! In: a pod's spec. Out: each name with the kind that it names. Never: a decision about volumes that
//! are not known; `volumes` refuses those before.
//!
//! The positions are those of `VisitPodSecretNames` and `VisitPodConfigmapNames` in
//! k8s.io/kubernetes/pkg/api/v1/pod/util.go, and the claims.

use serde_json::{Map, Value};

use super::super::Scope;
use super::super::json::{object_mut, objects_mut};

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ConfigMap,
    Secret,
    Claim,
}

/// Lists of containers in a pod's spec.
pub(super) const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Where a volume source has a name: the source, the object in it if any, the field, what it names.
const IN_VOLUMES: [(&str, Option<&str>, &str, Kind); 12] = [
    ("configMap", None, "name", Kind::ConfigMap),
    ("secret", None, "secretName", Kind::Secret),
    ("persistentVolumeClaim", None, "claimName", Kind::Claim),
    ("azureFile", None, "secretName", Kind::Secret),
    ("csi", Some("nodePublishSecretRef"), "name", Kind::Secret),
    ("cephfs", Some("secretRef"), "name", Kind::Secret),
    ("cinder", Some("secretRef"), "name", Kind::Secret),
    ("flexVolume", Some("secretRef"), "name", Kind::Secret),
    ("iscsi", Some("secretRef"), "name", Kind::Secret),
    ("rbd", Some("secretRef"), "name", Kind::Secret),
    ("scaleIO", Some("secretRef"), "name", Kind::Secret),
    ("storageos", Some("secretRef"), "name", Kind::Secret),
];

/// Gives the names in a spec the names that the objects have on the host.
pub(super) fn to_host(spec: &mut Map<String, Value>, scope: &Scope, namespace: &str) {
    each(spec, &mut |_, name| {
        if let Some(virtual_name) = name.as_str() {
            *name = scope.host_name(namespace, virtual_name).into();
        }
    });
}

/// Calls for every name in a spec.
pub(super) fn each(spec: &mut Map<String, Value>, on: &mut dyn FnMut(Kind, &mut Value)) {
    for secret in objects_mut(spec, "imagePullSecrets") {
        name(secret, "name", Kind::Secret, on);
    }
    for list in CONTAINERS {
        for container in objects_mut(spec, list) {
            in_container(container, on);
        }
    }
    for volume in objects_mut(spec, "volumes") {
        in_volume(volume, on);
    }
}

/// A spec of those parts alone in which there can be a name: most of it has none.
pub(super) fn holders(spec: &Value) -> Map<String, Value> {
    let part = |of: &Value, fields: &[&str]| -> Map<String, Value> {
        let of = of.as_object().into_iter().flatten();
        of.filter(|(field, _)| fields.contains(&field.as_str()))
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect()
    };
    let mut holders = part(spec, &["imagePullSecrets", "volumes"]);
    for list in CONTAINERS {
        let containers = spec[list].as_array().into_iter().flatten();
        let containers: Vec<Value> = containers
            .map(|container| part(container, &["env", "envFrom"]).into())
            .collect();
        holders.insert(list.to_owned(), containers.into());
    }
    holders
}

fn in_container(container: &mut Map<String, Value>, on: &mut dyn FnMut(Kind, &mut Value)) {
    for from in objects_mut(container, "envFrom") {
        inner_name(from, "configMapRef", Kind::ConfigMap, on);
        inner_name(from, "secretRef", Kind::Secret, on);
    }
    for variable in objects_mut(container, "env") {
        if let Some(from) = object_mut(variable, "valueFrom") {
            inner_name(from, "configMapKeyRef", Kind::ConfigMap, on);
            inner_name(from, "secretKeyRef", Kind::Secret, on);
        }
    }
}

fn in_volume(volume: &mut Map<String, Value>, on: &mut dyn FnMut(Kind, &mut Value)) {
    for (source, inner, field, kind) in IN_VOLUMES {
        let Some(source) = object_mut(volume, source) else {
            continue;
        };
        let holder = match inner {
            Some(inner) => object_mut(source, inner),
            None => Some(source),
        };
        if let Some(holder) = holder {
            name(holder, field, kind, on);
        }
    }
    if let Some(projected) = object_mut(volume, "projected") {
        for source in objects_mut(projected, "sources") {
            inner_name(source, "configMap", Kind::ConfigMap, on);
            inner_name(source, "secret", Kind::Secret, on);
        }
    }
}

fn inner_name(
    holder: &mut Map<String, Value>,
    inner: &str,
    kind: Kind,
    on: &mut dyn FnMut(Kind, &mut Value),
) {
    if let Some(inner) = object_mut(holder, inner) {
        name(inner, "name", kind, on);
    }
}

fn name(
    holder: &mut Map<String, Value>,
    field: &str,
    kind: Kind,
    on: &mut dyn FnMut(Kind, &mut Value),
) {
    // An empty name is the same as none (`skipEmptyNames` in the file cited above).
    if let Some(name) = holder.get_mut(field)
        && name.as_str().is_some_and(|name| !name.is_empty())
    {
        on(kind, name);
    }
}
