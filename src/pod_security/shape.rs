//! Whether the fields that the checks read have the types that Kubernetes gives them.
//!
//! In: a pod. Out: the places where it is something else. Never: a look at fields that no check
//! reads; those are for translation, which passes on what it knows alone.
//!
//! The API server lets no such pod through, so this never meets an honest one. It is here because
//! each check may take for absent what is not of the type that it expects.

use serde_json::Value;

use super::baseline::HANDLERS;
use super::pod::{CONTAINER_LISTS, Pod, elements, field};
use super::{Violation, words};

/// What a field has to be when it is there.
#[derive(Debug, Clone, Copy)]
enum Type {
    Object,
    List,
    Text,
    Bool,
    /// Without a fraction: `0.0` would be 0 for the host and not equal to 0 here.
    Integer,
}
use Type::{Bool, Integer, List, Object, Text};

/// How many places are named: a pod can have thousands.
const NAMED_PLACES: usize = 5;

/// Fields of a pod. `*` is each element of a list and each value of a map.
const POD: [(&str, Type); 22] = [
    ("metadata", Object),
    ("metadata.annotations", Object),
    ("metadata.annotations.*", Text),
    ("spec.hostNetwork", Bool),
    ("spec.hostPID", Bool),
    ("spec.hostIPC", Bool),
    ("spec.hostUsers", Bool),
    ("spec.os", Object),
    ("spec.os.name", Text),
    ("spec.volumes", List),
    ("spec.volumes.*", Object),
    ("spec.volumes.*.name", Text),
    ("spec.securityContext", Object),
    ("spec.securityContext.sysctls", List),
    ("spec.securityContext.sysctls.*", Object),
    ("spec.securityContext.sysctls.*.name", Text),
    ("spec.initContainers", List),
    ("spec.initContainers.*", Object),
    ("spec.containers", List),
    ("spec.containers.*", Object),
    ("spec.ephemeralContainers", List),
    ("spec.ephemeralContainers.*", Object),
];

/// Fields of a container.
const CONTAINER: [(&str, Type); 11] = [
    ("name", Text),
    ("ports", List),
    ("ports.*", Object),
    ("ports.*.hostPort", Integer),
    ("securityContext", Object),
    ("lifecycle", Object),
    ("securityContext.privileged", Bool),
    ("securityContext.allowPrivilegeEscalation", Bool),
    ("securityContext.procMount", Text),
    ("securityContext.capabilities", Object),
    ("securityContext.capabilities.drop", List),
];

/// More fields of a container; a list of its own because they are the same in each element.
const CAPABILITIES: [(&str, Type); 3] = [
    ("securityContext.capabilities.drop.*", Text),
    ("securityContext.capabilities.add", List),
    ("securityContext.capabilities.add.*", Text),
];

/// Fields of the security context of a pod and of a container.
const SECURITY_CONTEXT: [(&str, Type); 13] = [
    ("windowsOptions", Object),
    ("windowsOptions.hostProcess", Bool),
    ("runAsNonRoot", Bool),
    ("runAsUser", Integer),
    ("appArmorProfile", Object),
    ("appArmorProfile.type", Text),
    ("seccompProfile", Object),
    ("seccompProfile.type", Text),
    ("seLinuxOptions", Object),
    ("seLinuxOptions.type", Text),
    ("seLinuxOptions.user", Text),
    ("seLinuxOptions.role", Text),
    ("seLinuxOptions.level", Text),
];

/// Fields of a probe and of a lifecycle handler.
const HANDLER: [(&str, Type); 5] = [
    ("", Object),
    ("httpGet", Object),
    ("httpGet.host", Text),
    ("tcpSocket", Object),
    ("tcpSocket.host", Text),
];

/// Fields of a wrong type.
pub(super) fn fields(pod: &Pod<'_>) -> Option<Violation> {
    let mut places = Vec::new();
    if !pod.spec.is_object() {
        places.push("spec".to_owned());
    }
    look(pod.object, "", &POD, &mut places);
    look(
        &pod.spec["securityContext"],
        "spec.securityContext",
        &SECURITY_CONTEXT,
        &mut places,
    );
    for list in CONTAINER_LISTS {
        for (index, container) in elements(&pod.spec[list]).iter().enumerate() {
            look_at_container(container, &format!("spec.{list}.{index}"), &mut places);
        }
    }
    let more = places.len().saturating_sub(NAMED_PLACES);
    places.truncate(NAMED_PLACES);
    let ellipsis = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    (!places.is_empty()).then(|| {
        words::violation(
            "malformed pod",
            format!("wrong type of {}{ellipsis}", words::quoted(&places)),
        )
    })
}

fn look_at_container(container: &Value, at: &str, places: &mut Vec<String>) {
    look(container, at, &CONTAINER, places);
    look(container, at, &CAPABILITIES, places);
    let context = &container["securityContext"];
    look(
        context,
        &format!("{at}.securityContext"),
        &SECURITY_CONTEXT,
        places,
    );
    for path in HANDLERS {
        look(
            field(container, path),
            &format!("{at}.{path}"),
            &HANDLER,
            places,
        );
    }
}

fn look(root: &Value, at: &str, fields: &[(&str, Type)], places: &mut Vec<String>) {
    for (path, kind) in fields {
        let steps: Vec<&str> = path.split('.').filter(|step| !step.is_empty()).collect();
        descend(root, at.to_owned(), &steps, *kind, places);
    }
}

fn descend(value: &Value, at: String, steps: &[&str], kind: Type, places: &mut Vec<String>) {
    let under = |step: &str| {
        if at.is_empty() {
            step.to_owned()
        } else {
            format!("{at}.{step}")
        }
    };
    match (steps.split_first(), value) {
        (None, value) if !fits(value, kind) => places.push(at),
        (Some((&"*", rest)), Value::Array(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                // The host reads a null in a list as an empty element, the checks do not.
                if element.is_null() && rest.is_empty() {
                    places.push(under(&index.to_string()));
                }
                descend(element, under(&index.to_string()), rest, kind, places);
            }
        }
        (Some((&"*", rest)), Value::Object(entries)) => {
            for (key, entry) in entries {
                descend(entry, under(key), rest, kind, places);
            }
        }
        (Some((step, rest)), Value::Object(entries)) => {
            if let Some(entry) = entries.get(*step) {
                descend(entry, under(step), rest, kind, places);
            }
        }
        // The field above has a wrong type, which is an entry of its own, or is absent.
        _ => {}
    }
}

/// Whether a value is of a type. Null is absent, as it is for the host.
fn fits(value: &Value, kind: Type) -> bool {
    value.is_null()
        || match kind {
            Object => value.is_object(),
            List => value.is_array(),
            Text => value.is_string(),
            Bool => value.is_boolean(),
            Integer => value.is_i64() || value.is_u64(),
        }
}
