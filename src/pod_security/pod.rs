//! A pod as the checks look at it.
//!
//! In: any JSON. Out: its parts by name, and who of the pod and its containers does a thing. Never:
//! a decision; a panic. What has a wrong type reads as absent here, and `shape` reports it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::words;

/// The lists of containers, in the order in which upstream visits and so names them.
pub(super) const CONTAINER_LISTS: [&str; 3] =
    ["initContainers", "containers", "ephemeralContainers"];

/// A pod that is judged.
#[derive(Debug)]
pub(super) struct Pod<'a> {
    /// The whole object.
    pub(super) object: &'a Value,
    /// Its spec.
    pub(super) spec: &'a Value,
    /// Containers of all three lists.
    pub(super) containers: Vec<Container<'a>>,
}

/// One container of any kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Container<'a> {
    /// Its name; empty when it has none.
    pub(super) name: &'a str,
    /// The container itself.
    pub(super) object: &'a Value,
}

impl<'a> Pod<'a> {
    pub(super) fn read(object: &'a Value) -> Self {
        let spec = &object["spec"];
        let lists = CONTAINER_LISTS.iter().map(|list| elements(&spec[*list]));
        let containers = lists.flatten().map(|object| Container {
            name: object["name"].as_str().unwrap_or_default(),
            object,
        });
        Self {
            object,
            spec,
            containers: containers.collect(),
        }
    }

    /// Whether root in the pod is nobody on the node.
    /// <https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/>
    pub(super) fn has_own_users(&self) -> bool {
        self.spec["hostUsers"] == false
    }

    /// Whether it says that it is for Windows. A Linux node refuses to run it then.
    pub(super) fn is_windows(&self) -> bool {
        field(self.spec, "os.name") == "windows"
    }

    /// Annotations whose key begins like this, as (key, value).
    pub(super) fn annotations(&self, prefix: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let all = field(self.object, "metadata.annotations").as_object();
        all.into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value))
            .filter(move |(key, _)| key.starts_with(prefix))
    }

    /// Containers in which something has bad values, and those values.
    pub(super) fn containers_with(
        &self,
        bad_values: impl Fn(&'a Value) -> Vec<String>,
    ) -> Offenders<'a> {
        let mut offenders = Offenders::default();
        for container in &self.containers {
            let found = bad_values(container.object);
            if !found.is_empty() {
                offenders.containers.push(container.name);
                offenders.values.extend(found);
            }
        }
        offenders
    }

    /// The same for what stands in the security context of the pod as well as of a container.
    pub(super) fn contexts_with(
        &self,
        bad_values: impl Fn(&'a Value) -> Vec<String>,
    ) -> Offenders<'a> {
        let found = bad_values(field(self.spec, "securityContext"));
        let mut offenders =
            self.containers_with(|container| bad_values(&container["securityContext"]));
        offenders.pod = !found.is_empty();
        offenders.values.extend(found);
        offenders
    }

    /// Containers of which a statement holds.
    pub(super) fn containers_that(&self, is_so: impl Fn(&'a Value) -> bool) -> Vec<&'a str> {
        let found = self.containers.iter().filter(|one| is_so(one.object));
        found.map(|container| container.name).collect()
    }
}

/// Who does something forbidden, and with which values.
#[derive(Debug, Default)]
pub(super) struct Offenders<'a> {
    /// Whether the pod itself does.
    pub(super) pod: bool,
    /// Names of the containers that do.
    pub(super) containers: Vec<&'a str>,
    /// The values.
    pub(super) values: BTreeSet<String>,
}

impl Offenders<'_> {
    /// `pod and containers "a", "b"`; none when nobody does.
    pub(super) fn setters(&self) -> Option<String> {
        let pod = self.pod.then(|| "pod".to_owned());
        let containers =
            (!self.containers.is_empty()).then(|| words::named("container", &self.containers));
        let all: Vec<String> = pod.into_iter().chain(containers).collect();
        (!all.is_empty()).then(|| all.join(" and "))
    }
}

/// What stands at a path like `securityContext.privileged`; null when nothing does.
pub(super) fn field<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, step| &value[step])
}

/// The elements of a list; none of what is not one.
pub(super) fn elements(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A value as text: a string as it is, anything else as JSON.
pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The value of a field, as text, unless it is absent or among the allowed ones.
pub(super) fn unless_allowed(value: &Value, allowed: &[&str]) -> Option<String> {
    let is_allowed = value.is_null() || value.as_str().is_some_and(|text| allowed.contains(&text));
    (!is_allowed).then(|| text(value))
}
