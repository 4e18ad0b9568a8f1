//! `vc rbac`: the Role for an administrator of the host to grant.

use crate::sandbox::Session;

#[test]
fn the_least_role_is_printed_without_a_host() {
    let mut session = Session::new();
    session.vc("rbac");
    session.vc("rbac -n team-a --user ann --group devs --serviceaccount ci:runner -o json");
    session.about("options that take rights");
    session.vc("rbac -n team-a --user ann --sync ingresses --quota pods=50 --isolate --optional");
    session.vc("rbac -n team-a --user ann --sync-nodes");
    session.vc("rbac --serviceaccount runner");
    session.assert_matches("rbac/forms");
}
