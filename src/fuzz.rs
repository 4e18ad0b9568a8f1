//! What reads hostile input, as functions from bytes that panic when a promise is broken.
//!
//! In: any bytes. Out: nothing. Never: a cluster, a file, a clock; part of the program.
//!
//! Compiled for tests and by `cargo fuzz` (`make fuzz`) alone. Each function stands beside what it looks at, because
//! it looks at what is private, too; a target under `fuzz/fuzz_targets` only calls it. The inputs that are kept under
//! `fuzz/corpus` go through the same functions with every run of the tests, so that what was found stays mended.

mod choices;
#[cfg(test)]
mod tests;

pub(crate) use choices::Choices;

pub use crate::config::fuzz::cluster_file;
pub use crate::dns::fuzz::dns;
pub use crate::kubeconfig::fuzz::kubeconfig;
pub use crate::kubelet::route::fuzz::kubelet_routes;
pub use crate::syncer::translate::admission::fuzz::admission;
pub use crate::syncer::translate::pods::fuzz::pods;

/// What looks at one input.
pub type Target = fn(&[u8]);

/// Every target by the name that it has under `fuzz`.
pub const TARGETS: [(&str, Target); 6] = [
    ("admission", admission),
    ("cluster_file", cluster_file),
    ("dns", dns),
    ("kubeconfig", kubeconfig),
    ("kubelet_routes", kubelet_routes),
    ("pods", pods),
];
