//! Whatever comes over the wire is answered properly or not at all.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{DNSClass, RData, Record, RecordType};
use proptest::prelude::*;

use super::super::message::{Request, Response, Unreadable, read, write};
use super::name;

fn question(text: &str, kind: RecordType) -> Message {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name(text), kind));
    message
}

fn request(edns: Option<u16>) -> Request {
    let mut message = question("a.example.", RecordType::A);
    if let Some(size) = edns {
        let mut edns = Edns::new();
        edns.set_max_payload(size);
        message.set_edns(edns);
    }
    read(&message.to_vec().unwrap()).unwrap()
}

/// The code that is said to these bytes instead of an answer.
#[track_caller]
fn refused(bytes: &[u8]) -> ResponseCode {
    match read(bytes) {
        Err(Unreadable::Say(bytes)) => {
            let message = Message::from_vec(&bytes).unwrap();
            assert_eq!(message.metadata.id, 4711);
            assert_eq!(message.metadata.message_type, MessageType::Response);
            message.metadata.response_code
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_question_gets_the_code_that_is_meant_for_it() {
    let good = question("a.example.", RecordType::A).to_vec().unwrap();
    let with = |place: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        bytes
    };
    assert_eq!(read(&good[..11]).unwrap_err(), Unreadable::Silence);
    assert_eq!(read(&with(2, 0x80)).unwrap_err(), Unreadable::Silence);
    assert_eq!(refused(&good[..12]), ResponseCode::FormErr);
    assert_eq!(refused(&good[..20]), ResponseCode::FormErr);
    // STATUS, NOTIFY, UPDATE and one that there is not.
    for opcode in [2, 4, 5, 15] {
        assert_eq!(refused(&with(2, opcode << 3)), ResponseCode::NotImp);
    }
    // No question, two, 65,535; an answer; three additional records.
    for (place, byte) in [(5, 0), (5, 2), (4, 0xff), (7, 1), (9, 1), (11, 3), (10, 1)] {
        assert_eq!(refused(&with(place, byte)), ResponseCode::FormErr);
    }
    // A name that points to itself, forwards, and beyond the end; a label of an unknown kind.
    for (pointer, at) in [(0xc0, 12), (0xc0, 14), (0xff, 0xff), (0x80, 0)] {
        let mut bytes = good[..12].to_vec();
        bytes.extend([pointer, at, 0, 1, 0, 1]);
        assert_eq!(refused(&bytes), ResponseCode::FormErr);
    }
    let mut long = good[..12].to_vec();
    for _ in 0..5 {
        long.push(63);
        long.extend([b'a'; 63]);
    }
    long.extend([0, 0, 1, 0, 1]);
    assert_eq!(refused(&long), ResponseCode::FormErr);
}

#[test]
fn questions_that_nobody_should_ask_are_refused() {
    let ask = |kind| question("a.example.", kind).to_vec().unwrap();
    assert_eq!(refused(&ask(RecordType::AXFR)), ResponseCode::Refused);
    assert_eq!(refused(&ask(RecordType::IXFR)), ResponseCode::Refused);
    assert_eq!(refused(&ask(RecordType::ANY)), ResponseCode::NotImp);
    let mut chaos = question("version.bind.", RecordType::TXT);
    chaos.queries[0].set_query_class(DNSClass::CH);
    assert_eq!(refused(&chaos.to_vec().unwrap()), ResponseCode::Refused);
    let mut new = question("a.example.", RecordType::A);
    let mut edns = Edns::new();
    edns.set_version(1);
    new.set_edns(edns);
    // BADVERS; the library has another name for the same number.
    assert_eq!(u16::from(refused(&new.to_vec().unwrap())), 16);
}

fn addresses(count: u16) -> Response {
    let mut response = Response::bare(ResponseCode::NoError);
    for index in 0..count {
        let [high, low] = index.to_be_bytes();
        let data = RData::A(A([10, 0, high, low].into()));
        response
            .answers
            .push(Record::from_rdata(name("a.example."), 5, data));
    }
    response
}

#[test]
fn an_answer_that_is_too_long_is_cut_and_says_so() {
    // 27 bytes of header and question, 16 for each address, 11 for OPT.
    for (edns, answers, expected) in [
        (None, 30, 30),
        (None, 31, 30),
        (Some(512), 30, 29),
        (Some(0), 30, 29),
        (Some(1000), 100, 60),
        (Some(1232), 100, 74),
        (Some(65_535), 100, 74),
    ] {
        let request = request(edns);
        let limit = request.udp_max_bytes();
        let bytes = write(&request, &addresses(answers), limit);
        assert!(bytes.len() <= limit.into(), "{} > {limit}", bytes.len());
        let message = Message::from_vec(&bytes).unwrap();
        assert_eq!(message.answers.len(), expected, "{edns:?} {answers}");
        assert_eq!(message.metadata.truncation, expected < answers.into());
        assert_eq!(message.edns.is_some(), edns.is_some());
        assert!(message.metadata.recursion_desired && message.metadata.recursion_available);
    }
    let whole = write(&request(None), &addresses(2000), u16::MAX);
    let whole = Message::from_vec(&whole).unwrap();
    assert_eq!(
        (whole.answers.len(), whole.metadata.truncation),
        (2000, false)
    );
    let cut = Message::from_vec(&write(&request(Some(1232)), &addresses(9000), u16::MAX)).unwrap();
    assert!(cut.metadata.truncation);
}

#[test]
fn what_was_not_asked_for_is_left_out_without_a_word() {
    let mut response = addresses(2);
    response.additionals = addresses(100).answers;
    let bytes = write(&request(None), &response, 512);
    let message = Message::from_vec(&bytes).unwrap();
    assert_eq!(message.answers.len(), 2);
    assert_eq!(
        (message.additionals.len(), message.metadata.truncation),
        (0, false)
    );
}

proptest! {
    /// No bytes make it panic, and what is said to them can be read.
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        check(&bytes)?;
    }

    /// The same for what looks like a question at first.
    #[test]
    fn nearly_a_question(
        rest in proptest::collection::vec(any::<u8>(), 0..300),
        additional in 0_u8..=2,
    ) {
        let mut bytes = vec![0x12, 0x67, 1, 0, 0, 1, 0, 0, 0, 0, 0, additional];
        bytes.extend(rest);
        check(&bytes)?;
    }

    /// A good question with one byte changed.
    #[test]
    fn a_changed_question(place in 0_usize..60, byte in any::<u8>(), size in any::<u16>()) {
        let mut message = question("web.shop.svc.cluster.local.", RecordType::SRV);
        let mut edns = Edns::new();
        edns.set_max_payload(size);
        message.set_edns(edns);
        let mut bytes = message.to_vec().unwrap();
        if let Some(there) = bytes.get_mut(place) {
            *there = byte;
        }
        check(&bytes)?;
    }
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    match read(bytes) {
        Ok(request) => {
            let kind = request.query.query_type();
            drop(super::index().answer(request.query.name(), kind, 1));
            let limit = request.udp_max_bytes();
            let said = write(&request, &addresses(200), limit);
            prop_assert!(said.len() <= limit.into());
            let message = Message::from_vec(&said);
            prop_assert!(message.is_ok_and(|message| message.metadata.truncation));
        }
        Err(Unreadable::Say(said)) => {
            prop_assert_eq!(&said[..2], &bytes[..2]);
            prop_assert!(said[2] & 0x80 != 0);
            prop_assert!(Message::from_vec(&said).is_ok());
        }
        Err(Unreadable::Silence) => {}
    }
    Ok(())
}
