//! Any packet is answered properly or not at all.

use std::net::IpAddr;
use std::sync::OnceLock;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RecordType};
use serde_json::{Value, json};

use super::answer::{Found, lowered};
use super::index::Index;
use super::message::{Request, Response, UDP_MAX_BYTES, Unreadable, read, write};
use crate::fuzz::Choices;

/// The names' common end.
const DOMAIN: &str = "cluster.local";

/// Labels that lead somewhere, and some that do not.
const LABELS: [&str; 26] = [
    "cluster",
    "local",
    "svc",
    "pod",
    "shop",
    "web",
    "db",
    "db-0",
    "_http",
    "_tcp",
    "_udp",
    "_sql",
    "outside",
    "round",
    "inside",
    "kube-system",
    "kube-dns",
    "dns",
    "ns",
    "dns-version",
    "10-0-0-1",
    "in-addr",
    "arpa",
    "10",
    "0",
    "example",
];

const KINDS: [RecordType; 12] = [
    RecordType::A,
    RecordType::AAAA,
    RecordType::SRV,
    RecordType::PTR,
    RecordType::TXT,
    RecordType::NS,
    RecordType::SOA,
    RecordType::CNAME,
    RecordType::ANY,
    RecordType::AXFR,
    RecordType::HTTPS,
    RecordType::DS,
];

/// A packet as it is, or, where the first byte is odd, one that is made of the others by choice.
pub fn dns(bytes: &[u8]) {
    match bytes.split_first() {
        Some((first, rest)) if first % 2 == 1 => {
            if let Some(packet) = question(Choices::new(rest)) {
                check(&packet);
            }
        }
        Some((_, packet)) => check(packet),
        None => check(bytes),
    }
}

/// A question about a name of known and unknown labels.
fn question(mut choices: Choices<'_>) -> Option<Vec<u8>> {
    let (id, kind) = (choices.number(), *choices.pick(&KINDS)?);
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = choices.is_one_in(2);
    message.metadata.checking_disabled = choices.is_one_in(4);
    if choices.is_one_in(2) {
        let mut edns = Edns::new();
        edns.set_max_payload(choices.number());
        edns.set_dnssec_ok(choices.is_one_in(4));
        edns.set_version(u8::from(choices.is_one_in(16)));
        message.set_edns(edns);
    }
    let class = if choices.is_one_in(16) {
        DNSClass::CH
    } else {
        DNSClass::IN
    };
    let mut labels = Vec::new();
    if choices.is_one_in(2) {
        labels.extend(["local", "cluster", "svc"].map(|label| label.as_bytes().to_vec()));
    }
    while !choices.is_over() && labels.len() < 40 {
        labels.push(choices.text(&LABELS).into_bytes());
    }
    labels.reverse();
    let name = Name::from_labels(labels).ok()?;
    let mut query = Query::query(name, kind);
    query.set_query_class(class);
    message.add_query(query);
    message.to_vec().ok()
}

fn check(packet: &[u8]) {
    let request = match read(packet) {
        Ok(request) => request,
        Err(Unreadable::Silence) => {
            let is_answer = packet.get(2).is_none_or(|flags| flags & 0x80 != 0);
            assert!(packet.len() < 12 || is_answer, "a question is not answered");
            return;
        }
        Err(Unreadable::Say(said)) => {
            let message = parsed(packet, &said, 512);
            assert!(message.answers.is_empty());
            assert_ne!(message.metadata.response_code, ResponseCode::NoError);
            return;
        }
    };
    for turn in [0, 1] {
        match index().answer(request.query.name(), request.query.query_type(), turn) {
            Found::Elsewhere => {
                let name = lowered(request.query.name());
                assert!(!is_ours(&name), "{name} is asked of the host's resolver");
            }
            Found::Answer(answer) => {
                if let Some(name) = answer.follow.as_ref().map(lowered) {
                    assert!(!is_ours(&name), "{name} is asked of the host's resolver");
                }
                let response = Response {
                    code: answer.code,
                    is_ours: true,
                    answers: answer.answers,
                    authorities: answer.authorities,
                    additionals: answer.additionals,
                };
                check_answer(packet, &request, &response);
            }
        }
    }
}

fn check_answer(packet: &[u8], request: &Request, response: &Response) {
    let kind = request.query.query_type();
    for limit in [request.udp_max_bytes(), u16::MAX] {
        assert!(
            limit == u16::MAX || (512..=UDP_MAX_BYTES).contains(&limit),
            "{limit}"
        );
        let message = parsed(packet, &write(request, response, limit), limit);
        assert_eq!(message.queries.first(), Some(&request.query));
        assert_eq!(message.metadata.response_code, response.code);
        assert_eq!(message.edns.is_some(), request.edns.is_some());
        let is_whole = message.answers == response.answers;
        assert!(
            is_whole || message.metadata.truncation,
            "an answer is cut in silence"
        );
        assert!(is_whole || limit < u16::MAX, "an answer by TCP is cut");
        for record in &message.answers {
            assert!(
                [kind, RecordType::CNAME].contains(&record.record_type()),
                "{record}"
            );
        }
        let first = message.answers.first();
        assert!(
            first.is_none_or(|record| record.name == *request.query.name()),
            "{first:?}"
        );
    }
}

/// What is said to a packet: its own answer, readable and no longer than it may be.
fn parsed(packet: &[u8], said: &[u8], limit: u16) -> Message {
    assert!(said.len() <= limit.into(), "{} > {limit}", said.len());
    assert_eq!(said.get(..2), packet.get(..2), "the ID");
    let message = Message::from_vec(said);
    assert!(message.is_ok(), "what is said cannot be read: {said:?}");
    let message = message.unwrap_or_else(|_| Message::query());
    assert_eq!(message.metadata.message_type, MessageType::Response);
    message
}

fn is_ours(name: &str) -> bool {
    let rest = name.strip_suffix(DOMAIN);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A Service of each kind, with one that has more endpoints than fit into an answer.
fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = Index::new(DOMAIN);
        for namespace in ["shop", "kube-system"] {
            index.set_namespace(namespace, true);
        }
        let ports = json!([{"name": "http", "protocol": "TCP", "port": 80}, {"protocol": "UDP", "port": 7}]);
        let external = |name: &str| json!({"spec": {"type": "ExternalName", "externalName": name}});
        let addresses = json!(["10.96.1.1", "fd00::1"]);
        let web = json!({"clusterIP": "10.96.1.1", "clusterIPs": addresses, "ports": ports});
        index.set_service("shop", "web", &json!({"spec": web}));
        index.set_service("shop", "db", &json!({"spec": {"clusterIP": "None"}}));
        index.set_service("shop", "outside", &external("www.Example.com"));
        index.set_service("shop", "inside", &external("web.shop.svc.cluster.local"));
        index.set_service("shop", "round", &external("round.shop.svc.cluster.local"));
        let dns = json!({"clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"]});
        index.set_service("kube-system", "kube-dns", &json!({"spec": dns}));
        let endpoint = |number: u8| json!({"addresses": [format!("10.0.0.{number}")], "hostname": format!("db-{number}")});
        let endpoints: Vec<Value> = (0..100).map(endpoint).collect();
        let slice = json!({
            "metadata": {"labels": {"kubernetes.io/service-name": "db"}},
            "addressType": "IPv4",
            "ports": [{"name": "sql", "protocol": "TCP", "port": 5432}],
            "endpoints": endpoints,
        });
        index.set_slice("shop", "db-1", &slice);
        index.set_fixed("vc-dev.team.svc.cluster.local", vec![IpAddr::from([10, 96, 0, 7])]);
        index
    })
}
