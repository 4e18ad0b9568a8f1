//! `vc`: virtual Kubernetes clusters inside a namespace of a host cluster.
//!
//! The walk of the data, on the developer's machine:
//!
//! ```text
//! argv -cli-> Cli -config-> options -commands/create-> ClusterSpec -pki-> + certificates
//!      -render-> Manifests -apply-> objects on the host -wait-> Ready
//!      -kubeconfig-> merged kubeconfig file -ui-> what the user reads
//! ```

pub mod cli;
pub mod config;
pub mod ui;

pub mod error;
pub mod labels;
pub mod names;

pub mod cluster;
pub mod pki;
pub mod render;
