//! What `vc` promises, on a real host cluster: one promise per file.
//!
//! `make e2e` raises a host and runs these; `VC_TEST_KUBECONFIG` names another one, `VC_TEST_KUBECTL`
//! another kubectl, and `VC_TEST_KEEP=1` leaves everything in place to be looked at. `VC_IMAGE` names the
//! image of `vc` that the host has, and `VC_TEST_BINARY` the `vc` that is run instead of cargo's own build.
//! `VC_TEST_SOFTWARE` is where manifests of others' software are.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "all of this is a test, also what stands outside of test functions"
)]

mod harness;

mod again;
mod api;
mod bounds;
mod certificates;
mod changes;
mod chaos;
mod churn;
mod collisions;
mod configs;
mod contexts;
mod control_plane;
mod crashes;
mod delete;
mod describe;
mod dns;
mod doctor;
mod downward;
mod drift;
mod events;
mod full;
mod gaps;
mod gitops;
mod guide;
mod happenings;
mod host_away;
mod host_down;
mod host_references;
mod kubelet_paths;
mod labels;
mod leader;
mod least_rights;
mod logs;
mod metrics;
mod nested;
mod node_leaves;
mod nodes;
mod older;
mod parallel;
mod pause;
mod pipelines;
mod placement;
mod pod_security;
mod pods;
mod rbac;
mod refusals;
mod registry;
mod rights;
mod run;
mod sabotage;
mod secrecy;
mod self_healing;
mod services;
mod side_by_side;
mod sleep;
mod software;
mod storage;
mod store;
mod synced;
mod tokens;
mod top;
mod tree;
mod ttl;
mod unready;
mod upgrade;
mod walk;
mod watch;
mod why;
