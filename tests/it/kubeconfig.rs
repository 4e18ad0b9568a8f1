//! `vc kubeconfig`.

use crate::fake_host::FakeHost;
use crate::sandbox::Session;

#[test]
fn a_cluster_that_does_not_exist_is_told() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("kubeconfig nobody");
    session.about("it exists, and its Secret does not");
    session.vc("kubeconfig dev");
    session.assert_matches("kubeconfig/not_found");
}
