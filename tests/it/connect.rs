//! `vc connect`.

use crate::fake_host::FakeHost;
use crate::sandbox::Session;

#[test]
fn a_cluster_that_does_not_exist_is_told_with_the_place() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("connect nobody");
    session.vc("connect dev -n team-b");
    session.assert_matches("connect/not_found");
}

#[test]
fn a_cluster_with_parts_missing_is_not_waited_for() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("connect ci");
    session.assert_matches("connect/incomplete");
}

#[test]
fn what_fails_before_the_command_is_125() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("connect nobody -- true");
    session.assert_matches("connect/before_command");
}
