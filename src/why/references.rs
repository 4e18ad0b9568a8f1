//! What a pod refers to.
//!
//! In: the virtual pod. Out: the names, and where they stand. Never: looks whether they exist.

use serde_json::Value;

use super::fields::{items, text};

/// An object that a pod cannot do without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// `Secret`, `ConfigMap` or `PersistentVolumeClaim`
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Where it is named.
    pub by: String,
}

/// The Secrets, ConfigMaps and claims without which a pod does not start.
pub fn needed(pod: &Value) -> Vec<Needed> {
    let mut all = Vec::new();
    for volume in items(pod, "/spec/volumes") {
        of_claim(pod, volume, &mut all);
        if is_mounted(pod, text(volume, "/name")) {
            of_volume(volume, &mut all);
        }
    }
    for container in containers(pod) {
        let by = format!("container `{}`", text(container, "/name"));
        for (kind, source, variable) in [
            ("Secret", "/secretRef", "/valueFrom/secretKeyRef"),
            ("ConfigMap", "/configMapRef", "/valueFrom/configMapKeyRef"),
        ] {
            for from in items(container, "/envFrom") {
                push(&mut all, kind, from.pointer(source), "/name", &by);
            }
            for set in items(container, "/env") {
                push(&mut all, kind, set.pointer(variable), "/name", &by);
            }
        }
    }
    all
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["/spec/initContainers", "/spec/containers"];
    lists.into_iter().flat_map(move |list| items(pod, list))
}

/// The kubelet waits for no volume that no container has (`GetPodVolumeNames` in `pkg/volume/util/util.go`).
fn is_mounted(pod: &Value, volume: &str) -> bool {
    let mounts = |container| items(container, "/volumeMounts").iter();
    let mut mounts = containers(pod).flat_map(mounts);
    mounts.any(|mount| text(mount, "/name") == volume)
}

/// The scheduler waits for every claim.
fn of_claim(pod: &Value, volume: &Value, all: &mut Vec<Needed>) {
    let name = text(volume, "/name");
    let by = format!("volume `{name}`");
    let claim = volume.pointer("/persistentVolumeClaim");
    push(all, CLAIM, claim, "/claimName", &by);
    if volume.pointer("/ephemeral").is_some() {
        let name = format!("{}-{name}", text(pod, "/metadata/name"));
        let kind = CLAIM;
        all.push(Needed { kind, name, by });
    }
}

fn of_volume(volume: &Value, all: &mut Vec<Needed>) {
    let by = format!("volume `{}`", text(volume, "/name"));
    push(all, "Secret", volume.pointer("/secret"), "/secretName", &by);
    push(all, "ConfigMap", volume.pointer("/configMap"), "/name", &by);
    for source in items(volume, "/projected/sources") {
        push(all, "Secret", source.pointer("/secret"), "/name", &by);
        push(all, "ConfigMap", source.pointer("/configMap"), "/name", &by);
    }
}

const CLAIM: &str = "PersistentVolumeClaim";

fn push(all: &mut Vec<Needed>, kind: &'static str, found: Option<&Value>, field: &str, by: &str) {
    let Some(found) = found else { return };
    let is_optional = found.pointer("/optional") == Some(&Value::Bool(true));
    let name = text(found, field);
    if !is_optional && !name.is_empty() {
        all.push(Needed {
            kind,
            name: name.to_owned(),
            by: by.to_owned(),
        });
    }
}
