//! What the user sees, command by command, without any cluster.
//!
//! Every test runs the real program in a [`sandbox`]: an empty environment, a home of its own, a fixed
//! width. What it said is compared with a transcript in `tests/data/command`; `UPDATE=1 cargo test
//! --test it` writes the transcripts and the other generated files anew, for the diff to be read.
//!
//! Where a host has to answer something, a [`fake_host`] does: it knows canned answers and nothing
//! of Kubernetes. What a real host does is shown by `tests/e2e`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is a test, also what stands outside of test functions"
)]

mod fake_host;
mod golden;
mod sandbox;

mod benches;
mod complete;
mod completions;
mod config;
mod connect;
mod create;
mod credential;
mod delete;
mod describe;
mod disconnect;
mod doctor;
mod image;
mod kubeconfig;
mod list;
mod logs;
mod man;
mod pause;
mod prune;
mod push;
mod rbac;
mod render;
mod run;
mod version;
mod wait;

mod architecture;
mod documents;
mod environment;
mod help;
mod host_faults;
mod kubeconfig_faults;
mod messages;
mod upgrade;
mod usage;
