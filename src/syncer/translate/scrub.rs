//! Host names out of what the host says.
//!
//! In: a message of the host about a pod. Out: the same with virtual names. Never: a name that is not
//! this pod's own or one that it refers to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Scope;
use super::json::text as field;
use super::pods;

/// Replaces the names that a virtual pod and the objects it refers to have on the host, and the host
/// namespace beside them, by their virtual ones.
pub fn scrub(text: &str, virtual_pod: &Value, scope: &Scope) -> String {
    if text.is_empty() {
        return String::new();
    }
    with_names(
        text,
        &names(virtual_pod, scope),
        &virtual_pod["metadata"],
        scope,
    )
}

/// Replaces these host names, and the host namespace beside them, by what they stand for.
pub(super) fn with_names(
    text: &str,
    names: &BTreeMap<String, String>,
    metadata: &Value,
    scope: &Scope,
) -> String {
    let namespace = field(metadata, "namespace");
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, host_name, after)) = first(rest, names) {
        push_namespaced(&mut scrubbed, before, scope, namespace);
        scrubbed.push_str(names.get(host_name).map_or("", String::as_str));
        rest = full_name_end(&mut scrubbed, after, scope, metadata);
    }
    scrubbed.push_str(rest);
    scrubbed
}

/// Host names and what they stand for. The Secret with the pod's tokens stands for the pod.
fn names(virtual_pod: &Value, scope: &Scope) -> BTreeMap<String, String> {
    let metadata = &virtual_pod["metadata"];
    let (namespace, pod) = (field(metadata, "namespace"), field(metadata, "name"));
    let uses = pods::uses(virtual_pod);
    let referred = [uses.config_maps, uses.secrets, uses.claims];
    let mut names: BTreeMap<String, String> = referred
        .into_iter()
        .flatten()
        .chain([pod.to_owned()])
        .map(|name| (scope.host_name(namespace, &name), name))
        .collect();
    names.insert(scope.token_secret_name(namespace, pod), pod.to_owned());
    names
}

/// What is before the first host name in a text, the name, and what is after.
fn first<'a, 'b>(
    text: &'a str,
    names: &'b BTreeMap<String, String>,
) -> Option<(&'a str, &'b str, &'a str)> {
    let splits = names.keys().filter_map(|name| {
        let (before, after) = text.split_once(name.as_str())?;
        Some((before, name.as_str(), after))
    });
    splits.min_by_key(|(before, ..)| before.len())
}

/// What stands before a name: `NAMESPACE/`, or in Go's quotation marks `"NAMESPACE"/"`.
fn push_namespaced(scrubbed: &mut String, before: &str, scope: &Scope, namespace: &str) {
    let host = scope.host_namespace.as_str();
    for (host, own) in [
        (format!("{host}/"), format!("{namespace}/")),
        (format!("\"{host}\"/\""), format!("\"{namespace}\"/\"")),
    ] {
        if let Some(before) = before.strip_suffix(&host) {
            scrubbed.push_str(before);
            scrubbed.push_str(&own);
            return;
        }
    }
    scrubbed.push_str(before);
}

/// What stands after a name in the kubelet's `NAME_NAMESPACE(UID)`
/// (k8s.io/kubernetes/pkg/kubelet/util/format). Returns what comes then.
fn full_name_end<'a>(
    scrubbed: &mut String,
    after: &'a str,
    scope: &Scope,
    metadata: &Value,
) -> &'a str {
    let host = format!("_{}(", scope.host_namespace);
    let Some((_, rest)) = after
        .strip_prefix(&host)
        .and_then(|inside| inside.split_once(')'))
    else {
        return after;
    };
    for part in [
        "_",
        field(metadata, "namespace"),
        "(",
        field(metadata, "uid"),
        ")",
    ] {
        scrubbed.push_str(part);
    }
    rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Scope, scrub};

    #[test]
    fn a_message_has_virtual_names() {
        let scope = Scope {
            cluster: "dev".parse().unwrap(),
            uid: "1".to_owned(),
            host_namespace: "team-a".parse().unwrap(),
        };
        let pod = json!({
            "metadata": {"name": "web", "namespace": "shop", "uid": "u-1"},
            "spec": {"imagePullSecrets": [{"name": "registry"}]},
        });
        let (host, secret) = (
            scope.host_name("shop", "web"),
            scope.host_name("shop", "registry"),
        );
        let other = scope.host_name("other", "web");
        for (text, expected) in [
            (String::new(), String::new()),
            (format!("pod {host} is"), "pod web is".to_owned()),
            (host.clone(), "web".to_owned()),
            (format!("{host}{secret}{host}"), "webregistryweb".to_owned()),
            (
                format!("pod=team-a/{host}, team-a"),
                "pod=shop/web, team-a".to_owned(),
            ),
            (
                format!("pod={host}_team-a(8d-9)!"),
                "pod=web_shop(u-1)!".to_owned(),
            ),
            (format!("{host}_team-a"), "web_team-a".to_owned()),
            (
                format!("object \"team-a\"/\"{secret}\" not registered"),
                "object \"shop\"/\"registry\" not registered".to_owned(),
            ),
            (
                format!("secret {} missing", scope.token_secret_name("shop", "web")),
                "secret web missing".to_owned(),
            ),
            (format!("über {other}"), format!("über {other}")),
        ] {
            assert_eq!(scrub(&text, &pod, &scope), expected, "{text}");
        }
    }
}
