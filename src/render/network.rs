//! How the virtual API server and the virtual cluster's DNS are reached on the host.
//!
//! In: a [`ClusterSpec`]. Out: their Services. Never: anything reachable from outside the host.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{API_PORT_NAME, DNS_TCP_PORT_NAME, DNS_UDP_PORT_NAME, metadata, selector};
use crate::cluster::ClusterSpec;

/// Port of the Service: what clients dial when a URL names none.
const SERVICE_PORT: i32 = 443;

/// Port of every DNS server.
const DNS_PORT: i32 = 53;

/// The address of the virtual API server for everything that runs on the host.
///
/// The pod is an endpoint whether it is ready or not: it is not ready while its syncer starts again,
/// and the virtual cluster's pods must not lose their API server over that. An API server that starts
/// does not listen yet, so its clients are refused either way. `vc` itself goes through the pod and
/// needs no Service.
pub(super) fn service(spec: &ClusterSpec) -> Service {
    Service {
        metadata: metadata(spec, spec.name.object()),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(selector(spec)),
            publish_not_ready_addresses: Some(true),
            ports: Some(vec![ServicePort {
                name: Some("https".to_owned()),
                port: SERVICE_PORT,
                protocol: Some("TCP".to_owned()),
                target_port: Some(IntOrString::String(API_PORT_NAME.to_owned())),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

/// The address of the virtual cluster's DNS for its pods: their only name server, so it is a Service of
/// its own, whose address stays when the pod is replaced. The pod is an endpoint whether it is ready or
/// not, for the same reason as above: names are known long before everything is in step.
pub(super) fn dns_service(spec: &ClusterSpec) -> Service {
    let port = |name: &str, protocol: &str, target: &str| ServicePort {
        name: Some(name.to_owned()),
        port: DNS_PORT,
        protocol: Some(protocol.to_owned()),
        target_port: Some(IntOrString::String(target.to_owned())),
        ..ServicePort::default()
    };
    Service {
        metadata: metadata(spec, spec.name.dns_service()),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(selector(spec)),
            publish_not_ready_addresses: Some(true),
            ports: Some(vec![
                port("dns", "UDP", DNS_UDP_PORT_NAME),
                port("dns-tcp", "TCP", DNS_TCP_PORT_NAME),
            ]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}
