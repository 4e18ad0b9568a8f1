//! DNS of a pod: the virtual cluster's in the place of the host's.
//!
//! In: a pod's `dnsPolicy` and `dnsConfig`, and where the virtual cluster's DNS is. Out: the same
//! answers under policy `None`. Never: a pod's own settings lost.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy>

use serde_json::{Map, Value, json};

use super::super::json::{find, list, text, texts};
use super::PodSettings;

/// More name servers are refused in a pod, and ignored by resolvers (`MaxDNSNameservers`).
const NAMESERVERS_MAX: usize = 3;

/// More search domains are refused in a pod (`MaxDNSSearchPaths`).
const SEARCHES_MAX: usize = 32;

/// Longest search line in characters (`MaxDNSSearchListChars`).
const SEARCH_LINE_MAX: usize = 2048;

/// Sets the DNS of a spec. Without name servers everything stays: then pods can at least resolve what
/// the host does.
pub(super) fn translate(spec: &mut Map<String, Value>, namespace: &str, settings: &PodSettings) {
    if settings.nameservers.is_empty() || !is_clusters(spec) {
        return;
    }
    let own = spec.shift_remove("dnsConfig").unwrap_or_default();
    let domain = &settings.cluster_domain;
    let searches = [
        format!("{namespace}.svc.{domain}"),
        format!("svc.{domain}"),
        domain.clone(),
    ];
    let config = json!({
        "nameservers": nameservers(&settings.nameservers, &own),
        "searches": fitting(merged(&searches, texts(&own, "searches"))),
        "options": options(&own),
    });
    spec.insert("dnsPolicy".to_owned(), "None".into());
    spec.insert("dnsConfig".to_owned(), config);
}

/// Whether a pod's DNS is the cluster's (`getPodDNSType` in
/// k8s.io/kubernetes/pkg/kubelet/network/dns): `ClusterFirst` on the host's network means `Default`.
fn is_clusters(spec: &Map<String, Value>) -> bool {
    let is_on_host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    match spec.get("dnsPolicy").and_then(Value::as_str) {
        None | Some("" | "ClusterFirst") => !is_on_host_network,
        Some(policy) => policy == "ClusterFirstWithHostNet",
    }
}

fn nameservers(ours: &[String], own: &Value) -> Vec<String> {
    let mut nameservers = merged(ours, texts(own, "nameservers"));
    nameservers.truncate(NAMESERVERS_MAX);
    nameservers
}

/// Ours first, then the pod's, each once.
fn merged<'a>(ours: &'a [String], own: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for entry in ours.iter().map(String::as_str).chain(own) {
        if !all.iter().any(|known| known == entry) {
            all.push(entry.to_owned());
        }
    }
    all
}

/// As many search domains as the host takes.
fn fitting(mut searches: Vec<String>) -> Vec<String> {
    searches.truncate(SEARCHES_MAX);
    while searches.join(" ").len() > SEARCH_LINE_MAX {
        searches.pop();
    }
    searches
}

/// The kubelet's `ndots:5` and the pod's options; an option that the pod names is the pod's.
fn options(own: &Value) -> Vec<Value> {
    let own = list(own, "options");
    let mut options = Vec::new();
    if find(own, "name", "ndots").is_none() {
        options.push(json!({"name": "ndots", "value": "5"}));
    }
    for (index, option) in own.iter().enumerate() {
        // Of options with one name the last counts, as in the kubelet's merge.
        let later = own.iter().skip(index + 1);
        if !later
            .clone()
            .any(|other| text(other, "name") == text(option, "name"))
        {
            options.push(option.clone());
        }
    }
    options
}
