//! Whom the pods of a virtual cluster may speak to, and who may speak to them.
//!
//! In: a [`ClusterSpec`]. Out: two NetworkPolicies, for its pods and for its control plane. Never: a selector
//! that a pod of somebody else could meet; labels with our prefix are the syncer's alone to set.
//!
//! A NetworkPolicy is about the addresses of pods: what is dialled as a Service is looked at after its address
//! was replaced. Whether it has any effect is up to the host's network plugin.
//! <https://kubernetes.io/docs/concepts/services-networking/network-policies/>

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
    NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{API_PORT, metadata, selector, text_map};
use crate::cluster::{ClusterSpec, DNS_PORT as SYNCER_DNS_PORT};
use crate::labels;

/// What is not the public internet, of IPv4: RFC 1918, 6598, 3927 and the rest of
/// <https://www.iana.org/assignments/iana-ipv4-special-registry>. Nodes, pods and Services have addresses of the
/// first four in almost every cluster, and clouds tell secrets to whoever asks at 169.254.169.254.
const NOT_PUBLIC_V4: [&str; 11] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// What is the public internet, of IPv6: all that was given out to anybody is in it.
const PUBLIC_V6: &str = "2000::/3";

/// What is not, within that: translations of IPv4 addresses, by which one could come to the private ones.
const NOT_PUBLIC_V6: [&str; 2] = ["2001::/32", "2002::/16"];

/// Where clouds tell secrets.
const METADATA_V4: &str = "169.254.0.0/16";
/// See [`METADATA_V4`].
const METADATA_V6: [&str; 2] = ["fd00:ec2::254/128", "fe80::/10"];

/// Port of every DNS server.
const DNS_PORT: i32 = 53;

/// For the pods that the syncer makes: they are spoken to by one another and by their control plane, and speak
/// to one another, to their API server, to their DNS, and to the public internet.
pub(super) fn of_workload(spec: &ClusterSpec) -> NetworkPolicy {
    let control_plane = peer(control_plane_pods(spec));
    let own = peer(workload_pods(spec));
    let served = [
        port("TCP", API_PORT),
        port("TCP", SYNCER_DNS_PORT),
        port("UDP", SYNCER_DNS_PORT),
    ];
    policy(
        spec,
        spec.name.workload_account(),
        workload_pods(spec),
        vec![ingress(vec![own.clone(), control_plane.clone()], None)],
        vec![
            egress(vec![own], None),
            egress(vec![control_plane], Some(served.into())),
            egress(public_internet(), None),
        ],
    )
}

/// For the control plane: everybody may come to its API server, which knows whom it trusts, and its own pods
/// to its DNS. It may go wherever the host's API server and resolver are, which no manifest knows; but not
/// where clouds tell secrets, except for a resolver there.
pub(super) fn of_control_plane(spec: &ClusterSpec) -> NetworkPolicy {
    let dns = [port("TCP", SYNCER_DNS_PORT), port("UDP", SYNCER_DNS_PORT)];
    let resolver = [port("TCP", DNS_PORT), port("UDP", DNS_PORT)];
    let anywhere = vec![
        block("0.0.0.0/0", &[METADATA_V4]),
        block("::/0", &METADATA_V6),
    ];
    policy(
        spec,
        spec.name.object(),
        control_plane_pods(spec),
        vec![
            NetworkPolicyIngressRule {
                from: None,
                ports: Some(vec![port("TCP", API_PORT)]),
            },
            ingress(vec![peer(workload_pods(spec))], Some(dns.into())),
        ],
        vec![
            NetworkPolicyEgressRule {
                to: None,
                ports: Some(resolver.into()),
            },
            egress(vec![peer(workload_pods(spec))], None),
            egress(anywhere, None),
        ],
    )
}

fn policy(
    spec: &ClusterSpec,
    name: String,
    pods: LabelSelector,
    ingress: Vec<NetworkPolicyIngressRule>,
    egress: Vec<NetworkPolicyEgressRule>,
) -> NetworkPolicy {
    NetworkPolicy {
        metadata: metadata(spec, name),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(pods),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ingress: Some(ingress),
            egress: Some(egress),
        }),
    }
}

/// The pods that stand for virtual ones: the control plane's has no virtual namespace.
fn workload_pods(spec: &ClusterSpec) -> LabelSelector {
    LabelSelector {
        match_labels: Some(text_map([(labels::CLUSTER, spec.name.as_str())])),
        match_expressions: Some(vec![LabelSelectorRequirement {
            key: labels::NAMESPACE.to_owned(),
            operator: "Exists".to_owned(),
            values: None,
        }]),
    }
}

fn control_plane_pods(spec: &ClusterSpec) -> LabelSelector {
    LabelSelector {
        match_labels: Some(selector(spec)),
        match_expressions: None,
    }
}

fn public_internet() -> Vec<NetworkPolicyPeer> {
    vec![
        block("0.0.0.0/0", &NOT_PUBLIC_V4),
        block(PUBLIC_V6, &NOT_PUBLIC_V6),
    ]
}

fn peer(pods: LabelSelector) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        pod_selector: Some(pods),
        ..NetworkPolicyPeer::default()
    }
}

fn block(cidr: &str, except: &[&str]) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: Some(except.iter().map(|&cidr| cidr.to_owned()).collect()),
        }),
        ..NetworkPolicyPeer::default()
    }
}

fn port(protocol: &str, number: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        protocol: Some(protocol.to_owned()),
        port: Some(IntOrString::Int(number)),
        end_port: None,
    }
}

fn ingress(
    from: Vec<NetworkPolicyPeer>,
    ports: Option<Vec<NetworkPolicyPort>>,
) -> NetworkPolicyIngressRule {
    NetworkPolicyIngressRule {
        from: Some(from),
        ports,
    }
}

fn egress(
    to: Vec<NetworkPolicyPeer>,
    ports: Option<Vec<NetworkPolicyPort>>,
) -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule {
        to: Some(to),
        ports,
    }
}
