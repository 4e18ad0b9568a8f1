//! What each name stands for.

use std::net::IpAddr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType::{self, A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT};
use serde_json::json;

use super::super::answer::Found;
use super::super::index::Index;
use super::{ask, index, name, service, slice};

const NO_DATA: [&str; 1] = ["- cluster.local. SOA"];
const NO_NAME: [&str; 2] = ["NXDomain", "- cluster.local. SOA"];

#[track_caller]
fn check(text: &str, kind: RecordType, expected: &[&str]) {
    assert_eq!(ask(&index(), text, kind), expected, "{text} {kind}");
}

#[test]
fn a_service_has_its_addresses_and_its_named_ports() {
    let web = "web.shop.svc.cluster.local.";
    check(web, A, &["web.shop.svc.cluster.local. 5 IN A 10.96.1.1"]);
    check(
        web,
        AAAA,
        &["web.shop.svc.cluster.local. 5 IN AAAA fd00::1"],
    );
    check(web, MX, &NO_DATA);
    check(
        "_http._tcp.web.shop.svc.cluster.local.",
        SRV,
        &[
            "_http._tcp.web.shop.svc.cluster.local. 5 IN SRV 0 100 80 web.shop.svc.cluster.local.",
            "+ web.shop.svc.cluster.local. 5 IN A 10.96.1.1",
            "+ web.shop.svc.cluster.local. 5 IN AAAA fd00::1",
        ],
    );
    check(
        "_http._udp.web.shop.svc.cluster.local.",
        SRV,
        &[
            "_http._udp.web.shop.svc.cluster.local. 5 IN SRV 0 100 443 web.shop.svc.cluster.local.",
            "+ web.shop.svc.cluster.local. 5 IN A 10.96.1.1",
            "+ web.shop.svc.cluster.local. 5 IN AAAA fd00::1",
        ],
    );
    check("_http._tcp.web.shop.svc.cluster.local.", A, &NO_DATA);
    check("_tcp.web.shop.svc.cluster.local.", A, &NO_DATA);
    check("_sctp.web.shop.svc.cluster.local.", A, &NO_NAME);
    check("_nope._tcp.web.shop.svc.cluster.local.", SRV, &NO_NAME);
    // An unnamed port has no SRV record.
    check("_._tcp.web.shop.svc.cluster.local.", SRV, &NO_NAME);
    // No address yet.
    check("new.shop.svc.cluster.local.", A, &NO_DATA);
}

#[test]
fn a_headless_service_has_the_addresses_and_names_of_its_ready_endpoints() {
    check(
        "db.shop.svc.cluster.local.",
        A,
        &[
            "db.shop.svc.cluster.local. 5 IN A 10.0.0.1",
            "db.shop.svc.cluster.local. 5 IN A 10.0.0.2",
            "db.shop.svc.cluster.local. 5 IN A 10.0.0.4",
        ],
    );
    check(
        "db.shop.svc.cluster.local.",
        AAAA,
        &["db.shop.svc.cluster.local. 5 IN AAAA fd00::a"],
    );
    check(
        "db-0.db.shop.svc.cluster.local.",
        A,
        &["db-0.db.shop.svc.cluster.local. 5 IN A 10.0.0.1"],
    );
    check(
        "db-0.db.shop.svc.cluster.local.",
        AAAA,
        &["db-0.db.shop.svc.cluster.local. 5 IN AAAA fd00::a"],
    );
    check("db-1.db.shop.svc.cluster.local.", AAAA, &NO_DATA);
    check("db-2.db.shop.svc.cluster.local.", A, &NO_NAME);
    check(
        "10-0-0-4.db.shop.svc.cluster.local.",
        A,
        &["10-0-0-4.db.shop.svc.cluster.local. 5 IN A 10.0.0.4"],
    );
    // One with a name has only that.
    check("10-0-0-1.db.shop.svc.cluster.local.", A, &NO_NAME);
    check(
        "_sql._tcp.db.shop.svc.cluster.local.",
        SRV,
        &[
            "_sql._tcp.db.shop.svc.cluster.local. 5 IN SRV 0 25 5432 db-0.db.shop.svc.cluster.local.",
            "_sql._tcp.db.shop.svc.cluster.local. 5 IN SRV 0 25 5432 db-1.db.shop.svc.cluster.local.",
            "_sql._tcp.db.shop.svc.cluster.local. 5 IN SRV 0 25 5432 10-0-0-4.db.shop.svc.cluster.local.",
            "+ db-0.db.shop.svc.cluster.local. 5 IN A 10.0.0.1",
            "+ db-1.db.shop.svc.cluster.local. 5 IN A 10.0.0.2",
            "+ 10-0-0-4.db.shop.svc.cluster.local. 5 IN A 10.0.0.4",
            "+ db-0.db.shop.svc.cluster.local. 5 IN AAAA fd00::a",
        ],
    );
    check("_tcp.db.shop.svc.cluster.local.", SRV, &NO_DATA);
    check(
        "portless.shop.svc.cluster.local.",
        A,
        &["portless.shop.svc.cluster.local. 5 IN A 10.0.0.9"],
    );
    // Section 2.4.1: without a ready endpoint it has no name.
    check("idle.shop.svc.cluster.local.", A, &NO_NAME);
    // As with CoreDNS, so have the endpoints of any Service.
    check(
        "10-0-0-5.web.shop.svc.cluster.local.",
        A,
        &["10-0-0-5.web.shop.svc.cluster.local. 5 IN A 10.0.0.5"],
    );
    // Endpoints without their Service have none.
    check("10-0-0-6.gone.shop.svc.cluster.local.", A, &NO_NAME);
}

#[test]
fn an_external_name_is_followed_inside_and_goes_on_outside() {
    let inside = "inside.shop.svc.cluster.local. 5 IN CNAME web.shop.svc.cluster.local.";
    check(
        "inside.shop.svc.cluster.local.",
        A,
        &[inside, "web.shop.svc.cluster.local. 5 IN A 10.96.1.1"],
    );
    check("inside.shop.svc.cluster.local.", CNAME, &[inside]);
    check(
        "inside.shop.svc.cluster.local.",
        TXT,
        &[inside, "- cluster.local. SOA"],
    );
    let outside = "outside.shop.svc.cluster.local. 5 IN CNAME www.Example.com.";
    check(
        "outside.shop.svc.cluster.local.",
        A,
        &[outside, "=> www.Example.com."],
    );
    check(
        "nowhere.shop.svc.cluster.local.",
        A,
        &[
            "NXDomain",
            "nowhere.shop.svc.cluster.local. 5 IN CNAME not.there.svc.cluster.local.",
            "- cluster.local. SOA",
        ],
    );
    check("round.shop.svc.cluster.local.", A, &["ServFail"]);
    check("address.shop.svc.cluster.local.", A, &NO_NAME);
    check("any.outside.shop.svc.cluster.local.", A, &NO_NAME);
}

#[test]
fn an_address_leads_back_to_its_names() {
    check(
        "1.1.96.10.in-addr.arpa.",
        PTR,
        &["1.1.96.10.in-addr.arpa. 5 IN PTR web.shop.svc.cluster.local."],
    );
    check(
        "1.0.0.10.in-addr.arpa.",
        PTR,
        &["1.0.0.10.in-addr.arpa. 5 IN PTR db-0.db.shop.svc.cluster.local."],
    );
    check(
        "4.0.0.10.in-addr.arpa.",
        PTR,
        &["4.0.0.10.in-addr.arpa. 5 IN PTR 10-0-0-4.db.shop.svc.cluster.local."],
    );
    let long = "a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.D.F.ip6.arpa.";
    assert_eq!(
        ask(&index(), long, PTR),
        [format!("{long} 5 IN PTR db-0.db.shop.svc.cluster.local.")]
    );
    check("1.1.96.10.in-addr.arpa.", A, &[]);
    for elsewhere in [
        "3.0.0.10.in-addr.arpa.",
        "6.0.0.10.in-addr.arpa.",
        "1.1.1.1.in-addr.arpa.",
        "1.96.10.in-addr.arpa.",
        "1.1.1.96.10.in-addr.arpa.",
        "256.1.96.10.in-addr.arpa.",
        "x.ip6.arpa.",
        "arpa.",
    ] {
        check(elsewhere, PTR, &["elsewhere"]);
    }
}

#[test]
fn the_zone_has_its_own_records_and_what_is_above_names_exists() {
    check(
        "dns-version.cluster.local.",
        TXT,
        &["dns-version.cluster.local. 5 IN TXT 1.1.0"],
    );
    check(
        "cluster.local.",
        NS,
        &["cluster.local. 5 IN NS ns.dns.cluster.local."],
    );
    check(
        "ns.dns.cluster.local.",
        A,
        &["ns.dns.cluster.local. 5 IN A 10.96.0.10"],
    );
    let soa = ask(&index(), "cluster.local.", SOA);
    assert!(
        soa[0].starts_with(
            "cluster.local. 5 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. "
        ),
        "{soa:?}"
    );
    for above in [
        "cluster.local.",
        "svc.cluster.local.",
        "pod.cluster.local.",
        "dns.cluster.local.",
        "shop.svc.cluster.local.",
        "empty.svc.cluster.local.",
        "empty.pod.cluster.local.",
    ] {
        check(above, A, &NO_DATA);
    }
    for nothing in [
        "no.cluster.local.",
        "no.svc.cluster.local.",
        "no.shop.svc.cluster.local.",
        "web.no.svc.cluster.local.",
        "a.b.c.d.web.shop.svc.cluster.local.",
        "a.b.web.shop.svc.cluster.local.",
        "_http._tcp.x.web.shop.svc.cluster.local.",
        "web.shop.cluster.local.",
        // What a search list makes of a name that is whole already.
        "www.example.com.shop.svc.cluster.local.",
        "kubernetes.default.svc.cluster.local.cluster.local.",
    ] {
        check(nothing, A, &NO_NAME);
    }
    for elsewhere in [
        ".",
        "local.",
        "xcluster.local.",
        "cluster.local.example.",
        "example.com.",
    ] {
        check(elsewhere, A, &["elsewhere"]);
    }
}

#[test]
fn a_pod_is_what_its_name_says_in_a_namespace_that_is_there() {
    check(
        "10-1-2-3.shop.pod.cluster.local.",
        A,
        &["10-1-2-3.shop.pod.cluster.local. 5 IN A 10.1.2.3"],
    );
    check(
        "fd00--a.shop.pod.cluster.local.",
        AAAA,
        &["fd00--a.shop.pod.cluster.local. 5 IN AAAA fd00::a"],
    );
    check("10-1-2-3.shop.pod.cluster.local.", AAAA, &NO_DATA);
    check("10-1-2-3.no.pod.cluster.local.", A, &NO_NAME);
    check("10-1-2.shop.pod.cluster.local.", A, &NO_NAME);
    check("x.10-1-2-3.shop.pod.cluster.local.", A, &NO_NAME);
}

#[test]
fn the_case_of_a_question_does_not_matter_and_is_kept() {
    check(
        "WEB.Shop.SVC.cluster.LOCAL.",
        A,
        &["WEB.Shop.SVC.cluster.LOCAL. 5 IN A 10.96.1.1"],
    );
    check(
        "DB-0.db.shop.svc.cluster.local.",
        A,
        &["DB-0.db.shop.svc.cluster.local. 5 IN A 10.0.0.1"],
    );
    check("_HTTP._TCP.web.shop.svc.cluster.local.", A, &NO_DATA);
}

#[test]
fn the_api_server_has_its_name_on_the_host_unless_an_object_has_it() {
    let fixed = "vc-dev.team.svc.cluster.local.";
    check(
        fixed,
        A,
        &["vc-dev.team.svc.cluster.local. 5 IN A 10.96.0.7"],
    );
    check("vc-other.team.svc.cluster.local.", A, &NO_NAME);
    let mut index = index();
    let spec = json!({"clusterIP": "10.96.9.9"});
    index.set_service("team", "vc-dev", &service("team", "vc-dev", &spec));
    assert_eq!(
        ask(&index, fixed, A),
        ["vc-dev.team.svc.cluster.local. 5 IN A 10.96.9.9"]
    );
}

#[test]
fn a_pod_is_told_its_own_whole_name_and_nobody_else_is() {
    let mut index = index();
    let own = IpAddr::from([10, 0, 0, 3]);
    let says = |index: &Index, asker: IpAddr, text: &str, kind| match index.answer_to(
        asker,
        &name(text),
        kind,
        0,
    ) {
        Found::Answer(answer) => (answer.code, answer.answers.len()),
        Found::Elsewhere => panic!("it is ours"),
    };
    // `db-2` is an endpoint that is not ready, and has no name yet.
    let (text, code) = ("DB-2.db.shop.svc.cluster.local.", ResponseCode::NXDomain);
    assert_eq!(says(&index, own, text, A), (code, 0));
    let whole = Some("db-2.db.shop.svc.cluster.local");
    index.pods().set("shop", "db-2", whole, vec![own]);
    assert_eq!(says(&index, own, text, A), (ResponseCode::NoError, 1));
    assert_eq!(says(&index, own, text, AAAA), (ResponseCode::NoError, 0));
    let other = IpAddr::from([10, 0, 0, 1]);
    assert_eq!(says(&index, other, text, A), (code, 0));
    // What a Service says of a name goes before.
    let taken = "db-0.db.shop.svc.cluster.local.";
    index.pods().set("shop", "db-0", Some(taken), vec![other]);
    let Found::Answer(answer) = index.answer_to(own, &name(taken), A, 0) else {
        panic!("it is ours");
    };
    assert_eq!(answer.answers[0].data.to_string(), "10.0.0.1");
    // An address goes on to another pod, before or after the end of the first.
    let next = "next.db.shop.svc.cluster.local";
    index.pods().set("shop", "next", Some(next), vec![own]);
    index.pods().set("shop", "db-2", whole, Vec::new());
    assert_eq!(says(&index, own, text, A), (code, 0));
    assert_eq!(says(&index, own, next, A), (ResponseCode::NoError, 1));
    index.pods().set("shop", "next", None, Vec::new());
    assert_eq!(says(&index, own, next, A), (code, 0));
}

#[test]
fn a_label_with_a_dot_in_it_is_not_two() {
    let index = index();
    let odd = hickory_proto::rr::Name::from_labels([
        b"web.shop".as_slice(),
        b"svc".as_slice(),
        b"cluster".as_slice(),
        b"local".as_slice(),
    ])
    .unwrap();
    let Found::Answer(answer) = index.answer(&odd, A, 0) else {
        panic!("it is in our zone");
    };
    assert!(answer.answers.is_empty());
}

#[test]
fn addresses_take_turns() {
    let index = index();
    let first = |turn| match index.answer(&name("db.shop.svc.cluster.local."), A, turn) {
        Found::Answer(answer) => answer.answers[0].data.to_string(),
        Found::Elsewhere => panic!("it is ours"),
    };
    assert_eq!(
        [0, 1, 2, 3].map(first),
        ["10.0.0.1", "10.0.0.2", "10.0.0.4", "10.0.0.1"]
    );
}

#[test]
fn what_changes_and_goes_leaves_nothing_behind() {
    let mut index = index();
    let (web, back) = ("web.shop.svc.cluster.local.", "1.1.96.10.in-addr.arpa.");
    let spec = json!({"clusterIP": "10.96.2.2"});
    index.set_service("shop", "web", &service("shop", "web", &spec));
    assert_eq!(
        ask(&index, web, A),
        ["web.shop.svc.cluster.local. 5 IN A 10.96.2.2"]
    );
    assert_eq!(ask(&index, back, PTR), ["elsewhere"]);
    index.remove_service("shop", "web");
    assert_eq!(ask(&index, web, A), NO_NAME);
    assert_eq!(ask(&index, "2.2.96.10.in-addr.arpa.", PTR), ["elsewhere"]);

    // A slice that is given to another Service.
    let moved = json!({"endpoints": [{"addresses": ["10.0.0.9"]}]});
    index.set_slice(
        "shop",
        "portless-1",
        &slice("shop", "portless-1", "idle", &moved),
    );
    assert_eq!(ask(&index, "portless.shop.svc.cluster.local.", A), NO_NAME);
    let back = "9.0.0.10.in-addr.arpa.";
    let expected = "9.0.0.10.in-addr.arpa. 5 IN PTR 10-0-0-9.idle.shop.svc.cluster.local.";
    assert_eq!(ask(&index, back, PTR), [expected]);
    index.remove_slice("shop", "portless-1");
    assert_eq!(ask(&index, back, PTR), ["elsewhere"]);

    for (name, is_slice) in [
        ("db-1", true),
        ("db-2", true),
        ("idle-1", true),
        ("web-1", true),
        ("orphan", true),
        ("db", false),
        ("idle", false),
        ("portless", false),
        ("inside", false),
        ("outside", false),
        ("nowhere", false),
        ("round", false),
        ("address", false),
        ("new", false),
    ] {
        if is_slice {
            index.remove_slice("shop", name);
        } else {
            index.remove_service("shop", name);
        }
    }
    index.remove_service("kube-system", "kube-dns");
    for namespace in ["default", "kube-system", "shop", "empty"] {
        index.set_namespace(namespace, false);
    }
    let mut fresh = Index::new("cluster.local");
    fresh.set_fixed(
        "vc-dev.team.svc.cluster.local",
        vec![IpAddr::from([10, 96, 0, 7])],
    );
    fresh.serial = index.serial;
    assert_eq!(format!("{index:?}"), format!("{fresh:?}"));
}
