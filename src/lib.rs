//! `vc`: virtual Kubernetes clusters inside a namespace of a host cluster.
//!
//! The walk of the data, on the developer's machine:
//!
//! ```text
//! argv -cli-> Cli -config-> CreateOptions -commands/create-> ClusterSpec -pki-> + certificates
//!      -render-> Manifests -apply-> objects on the host -wait-> Ready
//!      -kubeconfig-> merged kubeconfig file -ui-> what the user reads
//! ```

pub mod cluster;
pub mod error;
pub mod kubeconfig;
pub mod labels;
pub mod names;
