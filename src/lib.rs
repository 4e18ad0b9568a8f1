//! `vc`: virtual Kubernetes clusters inside a namespace of a host cluster.
//!
//! The walk of the data, on the developer's machine:
//!
//! ```text
//! argv -cli-> Cli -config-> options -commands/create-> ClusterSpec -pki-> + certificates
//!      -render-> Manifests -apply-> objects on the host -wait-> Ready
//!      -kubeconfig-> merged kubeconfig file -ui-> what the user reads
//!
//! kubectl -> 127.0.0.1 -tunnel-> host API -> control-plane pod
//! kubectl -> vc credential -host-> certificate -exec_credential-> kubectl
//! ```

pub mod cli;
pub mod commands;
pub mod config;
pub mod ui;

pub mod error;
pub mod figures;
pub mod kinds;
pub mod labels;
pub mod names;
pub mod quantity;

pub mod change;
pub mod cluster;
pub mod image;
pub mod pki;
pub mod pod_security;
pub mod render;
pub mod sync;
pub mod tree;
pub mod upgrade;
pub mod why;

pub mod doctor;

pub mod claim;
pub mod find;
pub mod holder;
pub mod host;
pub mod preflight;

pub mod apply;
pub mod distribution;
pub mod serving;
pub mod wait;

pub mod exec_credential;
pub mod kubeconfig;
pub mod tunnel;

pub mod dns;
pub mod kubelet;
pub mod syncer;

#[cfg(any(test, fuzzing))]
pub mod fuzz;
