//! How the virtual API server is reached on the host.
//!
//! In: a [`ClusterSpec`]. Out: its Service. Never: anything reachable from outside the host.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{API_PORT_NAME, metadata, selector};
use crate::cluster::ClusterSpec;

/// Port of the Service: what clients dial when a URL names none.
const SERVICE_PORT: i32 = 443;

/// The address of the virtual API server for everything that runs on the host.
///
/// An API server that is not ready is no endpoint: clients inside the host are better off with a
/// refused connection than with the errors of a server that starts. `vc` itself goes through the
/// pod and needs no Service.
pub(super) fn service(spec: &ClusterSpec) -> Service {
    Service {
        metadata: metadata(spec, spec.name.object()),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(selector(spec)),
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
