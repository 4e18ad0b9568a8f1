//! `vc wait`.

use crate::fake_host::FakeHost;
use crate::sandbox::Session;

#[test]
fn what_does_not_exist_is_gone_and_will_not_be_ready() {
    let host = FakeHost::answering(crate::list::clusters);
    let mut session = Session::with_kubeconfig(&host.kubeconfig());
    session.vc("wait nobody --for=deleted");
    session.vc("wait nobody");
    session.about("its parts are missing");
    session.vc("wait ci");
    session.assert_matches("wait/at_once");
}
