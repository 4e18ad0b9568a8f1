//! What the tests stand on: the host, a private corner of it for each test, processes with a deadline.
//!
//! In: `VC_TEST_KUBECONFIG`, a kubeconfig whose current context may make namespaces, and `VC_IMAGE`, the
//! image that its nodes have. Out: sandboxes in which `vc` and `kubectl` run. Never: touches the user's
//! own files, leaves anything on the host.

mod chance;
mod cluster;
mod faults;
mod host;
mod invariant;
mod one_for_all;
mod process;
mod proxy;
mod sandbox;
mod space;

use std::time::{Duration, Instant};

pub(crate) use chance::Chance;
pub(crate) use cluster::{Cluster, agent, settings};
pub(crate) use faults::{CutOff, Faults, Pause};
pub(crate) use invariant::Foreign;
pub(crate) use one_for_all::shared;
pub(crate) use process::{Call, Done, Running};
pub(crate) use proxy::{Proxy, Way};
pub(crate) use sandbox::Sandbox;
pub(crate) use space::{
    AGNHOST, BUSYBOX, ETCD, OLDER_KUBERNETES, POSTGRESQL, PREVIOUS_KUBERNETES, REGISTRY, SKIPPER,
    Space, software,
};

/// How long a condition on the host may take to come about. Tests share two cores.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often a condition that cannot be watched is looked at.
const PERIOD: Duration = Duration::from_millis(100);

/// Looks until the condition holds; fails with what was waited for.
pub(crate) fn until(what: &str, holds: impl FnMut() -> bool) {
    within(PATIENCE, what, holds);
}

/// Looks until the condition holds, at most this long; fails with what was waited for.
pub(crate) fn within(patience: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < patience, "{what}: not after {patience:?}");
        std::thread::sleep(PERIOD);
    }
}

/// Looks until nothing is left; fails with what is, when nothing has come of it for too long.
pub(crate) fn until_none_is_left(what: &str, mut left: impl FnMut() -> Vec<String>) {
    let (mut before, mut changed) = (Vec::new(), Instant::now());
    loop {
        let left = left();
        if left.is_empty() {
            return;
        }
        if left != before {
            (before, changed) = (left, Instant::now());
        }
        assert!(
            changed.elapsed() < PATIENCE,
            "{what}, after {PATIENCE:?}: {before:#?}"
        );
        std::thread::sleep(PERIOD);
    }
}
