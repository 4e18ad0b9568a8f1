//! Asked over real sockets, with a resolver of the host's that the test plays.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, PTR, SOA};
use hickory_proto::rr::{RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::timeout;

use super::super::{Names, Server, Sockets, Upstream};
use super::name;

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Runs a test beside a server whose resolver answers as `Played` does.
fn with_server<F: Future<Output = ()>>(is_complete: bool, test: impl FnOnce(Place) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let names = Arc::new(Names::new("cluster.local"));
        *names.index() = super::index();
        if is_complete {
            names.complete();
        }
        let resolver = Sockets::bind_to(LOOPBACK).await.unwrap();
        let dead = Sockets::bind_to(LOOPBACK).await.unwrap();
        let servers = vec![dead.address().unwrap(), resolver.address().unwrap()];
        let upstream = Upstream::new(servers, vec!["cluster.local".to_owned()]);
        let server = Server::new(Arc::clone(&names), upstream);
        let sockets = Sockets::bind_to(LOOPBACK).await.unwrap();
        let place = Place {
            address: sockets.address().unwrap(),
            names,
            asked: Arc::default(),
        };
        let asked = Arc::clone(&place.asked);
        let Sockets { udp, tcp } = resolver;
        tokio::select! {
            () = server.serve(sockets) => panic!("the server ended"),
            () = resolve_udp(&udp, &asked) => panic!("the resolver ended"),
            () = resolve_tcp(&tcp) => panic!("the resolver ended"),
            ended = timeout(Duration::from_secs(20), test(place)) => ended.unwrap(),
        }
        drop(dead);
    });
}

struct Place {
    address: SocketAddr,
    names: Arc<Names>,
    /// How often the resolver was asked by UDP.
    asked: Arc<AtomicUsize>,
}

/// The resolver's answers, by name.
fn resolve(question: &Message, is_tcp: bool) -> Message {
    let query = question.queries[0].clone();
    let mut answer = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
    let own = query.name().clone();
    let address = |last: u8| RData::A(A([192, 0, 2, last].into()));
    let asked = query.name().to_ascii().to_ascii_lowercase();
    answer.add_query(query);
    match asked.as_str() {
        "www.example.com." => {
            answer.add_answer(Record::from_rdata(own, 60, address(1)));
        }
        "long.example.com." if is_tcp => {
            answer.add_answers(
                (0..100).map(|last| Record::from_rdata(own.clone(), 60, address(last))),
            );
        }
        "long.example.com." => answer.metadata.truncation = true,
        "leak.example.com." => {
            let target = name("secret.host.svc.cluster.local.");
            answer.add_answer(Record::from_rdata(own, 60, RData::CNAME(CNAME(target))));
        }
        "10.0.96.10.in-addr.arpa." | "9.9.9.9.in-addr.arpa." => {
            let target = if asked.starts_with('9') {
                "dns9.example."
            } else {
                "kube-dns.kube-system.svc.cluster.local."
            };
            answer.add_answer(Record::from_rdata(own, 60, RData::PTR(PTR(name(target)))));
        }
        _ => {
            answer.metadata.response_code = ResponseCode::NXDomain;
            let soa = SOA::new(name("a."), name("b."), 1, 1, 1, 1, 30);
            answer.add_authority(Record::from_rdata(name("com."), 60, RData::SOA(soa)));
        }
    }
    answer
}

async fn resolve_udp(socket: &UdpSocket, asked: &AtomicUsize) {
    let mut buffer = [0; 1500];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        asked.fetch_add(1, Ordering::Relaxed);
        let question = Message::from_vec(&buffer[..length]).unwrap();
        // An answer to something else comes first, as from somebody who forges.
        let mut forged = resolve(&question, false);
        forged.metadata.id ^= 1;
        for answer in [forged, resolve(&question, false)] {
            socket
                .send_to(&answer.to_vec().unwrap(), from)
                .await
                .unwrap();
        }
    }
}

async fn resolve_tcp(listener: &TcpListener) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let question = receive(&mut stream).await;
        transmit(&mut stream, &resolve(&question, true)).await;
    }
}

async fn receive(stream: &mut TcpStream) -> Message {
    let length = stream.read_u16().await.unwrap();
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await.unwrap();
    Message::from_vec(&bytes).unwrap()
}

async fn transmit(stream: &mut TcpStream, message: &Message) {
    let bytes = message.to_vec().unwrap();
    stream
        .write_u16(bytes.len().try_into().unwrap())
        .await
        .unwrap();
    stream.write_all(&bytes).await.unwrap();
}

fn question(text: &str, kind: RecordType) -> Message {
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name(text), kind));
    message
}

impl Place {
    async fn ask(&self, text: &str, kind: RecordType) -> Message {
        let socket = UdpSocket::bind(LOOPBACK).await.unwrap();
        let question = question(text, kind);
        socket
            .send_to(&question.to_vec().unwrap(), self.address)
            .await
            .unwrap();
        let mut buffer = [0; 1500];
        let length = socket.recv(&mut buffer).await.unwrap();
        let answer = Message::from_vec(&buffer[..length]).unwrap();
        assert_eq!(answer.metadata.id, question.metadata.id);
        answer
    }
}

fn code_and_data(message: &Message) -> (ResponseCode, Vec<String>) {
    let data = message.answers.iter().map(|record| record.data.to_string());
    (message.metadata.response_code, data.collect())
}

#[test]
fn own_names_are_answered_and_others_are_the_resolvers_once_for_as_long_as_they_hold() {
    with_server(true, async |place: Place| {
        let own = place
            .ask("web.shop.svc.cluster.local.", RecordType::A)
            .await;
        assert_eq!(
            code_and_data(&own),
            (ResponseCode::NoError, vec!["10.96.1.1".to_owned()])
        );
        assert!(own.metadata.authoritative);
        assert_eq!(place.asked.load(Ordering::Relaxed), 0);

        // The first resolver says nothing; the second is asked then, and from then on.
        for _ in 0..3 {
            let other = place.ask("www.Example.com.", RecordType::A).await;
            assert_eq!(
                code_and_data(&other),
                (ResponseCode::NoError, vec!["192.0.2.1".to_owned()])
            );
            assert!(!other.metadata.authoritative);
        }
        assert_eq!(place.asked.load(Ordering::Relaxed), 1);
        for _ in 0..2 {
            let none = place.ask("none.example.com.", RecordType::A).await;
            assert_eq!(code_and_data(&none), (ResponseCode::NXDomain, vec![]));
            assert_eq!(none.authorities.len(), 1);
        }
        assert_eq!(place.asked.load(Ordering::Relaxed), 2);

        let external = place
            .ask("outside.shop.svc.cluster.local.", RecordType::A)
            .await;
        let expected = vec!["www.Example.com.".to_owned(), "192.0.2.1".to_owned()];
        assert_eq!(code_and_data(&external), (ResponseCode::NoError, expected));
    });
}

#[test]
fn what_the_host_cluster_runs_is_not_told() {
    with_server(true, async |place: Place| {
        for (text, kind) in [
            ("secret.host.svc.cluster.local.", RecordType::A),
            ("leak.example.com.", RecordType::A),
            ("10.0.96.10.in-addr.arpa.", RecordType::A),
            ("10.0.96.10.in-addr.arpa.", RecordType::PTR),
        ] {
            let answer = place.ask(text, kind).await;
            // The address of the cluster's own DNS leads back to its own name.
            let expected = if kind == RecordType::PTR {
                (
                    ResponseCode::NoError,
                    vec!["kube-dns.kube-system.svc.cluster.local.".to_owned()],
                )
            } else if text.ends_with("arpa.") {
                (ResponseCode::NoError, vec![])
            } else {
                (ResponseCode::NXDomain, vec![])
            };
            assert_eq!(code_and_data(&answer), expected, "{text} {kind}");
        }
        place
            .names
            .index()
            .remove_service("kube-system", "kube-dns");
        let answer = place.ask("10.0.96.10.in-addr.arpa.", RecordType::PTR).await;
        assert_eq!(code_and_data(&answer), (ResponseCode::NXDomain, vec![]));
        let answer = place.ask("9.9.9.9.in-addr.arpa.", RecordType::PTR).await;
        assert_eq!(code_and_data(&answer).1, ["dns9.example."]);
    });
}

#[test]
fn a_long_answer_is_cut_by_udp_and_whole_by_tcp() {
    with_server(true, async |place: Place| {
        let cut = place.ask("long.example.com.", RecordType::A).await;
        assert!(cut.metadata.truncation);
        let mut stream = TcpStream::connect(place.address).await.unwrap();
        // Several questions on one connection.
        for (text, expected) in [
            ("long.example.com.", 100),
            ("web.shop.svc.cluster.local.", 1),
        ] {
            transmit(&mut stream, &question(text, RecordType::A)).await;
            let whole = receive(&mut stream).await;
            assert_eq!(whole.answers.len(), expected);
            assert!(!whole.metadata.truncation);
        }
        // Nonsense is answered, and what is too long ends the connection.
        stream
            .write_all(&[0, 12, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            .await
            .unwrap();
        assert_eq!(
            receive(&mut stream).await.metadata.response_code,
            ResponseCode::FormErr
        );
        stream.write_all(&[0xff, 0xff, 1]).await.unwrap();
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest).await);
        assert!(rest.is_empty(), "{rest:?}");
    });
}

#[test]
fn until_it_is_known_what_there_is_a_question_waits_and_then_is_told_so() {
    with_server(false, async |place: Place| {
        // Names of others do not wait.
        let other = place.ask("www.example.com.", RecordType::A).await;
        assert_eq!(other.metadata.response_code, ResponseCode::NoError);
        let unknown = place
            .ask("web.shop.svc.cluster.local.", RecordType::A)
            .await;
        assert_eq!(unknown.metadata.response_code, ResponseCode::ServFail);
        let (answer, ()) = tokio::join!(
            place.ask("no.shop.svc.cluster.local.", RecordType::A),
            async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                place.names.complete();
            }
        );
        assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    });
}

#[test]
fn one_who_opens_many_connections_does_not_keep_others_out() {
    with_server(true, async |place: Place| {
        let mut open = Vec::new();
        for _ in 0..40 {
            open.push(TcpStream::connect(place.address).await.unwrap());
        }
        // 16 of them are kept, the others are hung up on.
        let mut kept = 0;
        for stream in &mut open {
            drop(stream.write_u16(29).await);
            let mut byte = [0];
            if timeout(Duration::from_millis(100), stream.read(&mut byte))
                .await
                .is_err()
            {
                kept += 1;
            }
        }
        assert_eq!(kept, 16);
        let answer = place
            .ask("web.shop.svc.cluster.local.", RecordType::A)
            .await;
        assert_eq!(answer.answers.len(), 1);
    });
}
