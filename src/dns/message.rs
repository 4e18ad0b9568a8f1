//! Questions and answers as they are on the wire.
//!
//! In: bytes from anybody. Out: a [`Request`], or what to say instead; and the bytes of an answer, cut
//! to what may be sent. Never: more memory than a packet of ordinary size is worth.
//!
//! <https://www.rfc-editor.org/rfc/rfc1035> and <https://www.rfc-editor.org/rfc/rfc6891>

use hickory_proto::op::{Message, MessageType, Metadata, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Record, RecordType};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};

/// Longest question that is read: a name of 255 bytes, and room for EDNS options. UDP packets that are
/// longer are cut, and then cannot be read.
pub(super) const REQUEST_MAX_BYTES: usize = 4096;

/// Longest answer by UDP: what passes every link unfragmented.
/// <https://dnsflagday.net/2020/>
pub(super) const UDP_MAX_BYTES: u16 = 1232;

/// Longest answer by UDP to who does not say how much it takes (RFC 1035, 4.2.1).
const UDP_PLAIN_BYTES: u16 = 512;

const HEADER_BYTES: usize = 12;

/// Bytes of an OPT record without options.
const OPT_BYTES: u16 = 11;

/// A question that can be answered.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: u16,
    pub(super) query: Query,
    pub(super) wants_recursion: bool,
    pub(super) wants_no_check: bool,
    pub(super) edns: Option<Edns>,
}

/// What the one who asks can take beyond RFC 1035.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edns {
    max_bytes: u16,
    pub(super) wants_dnssec: bool,
}

impl Request {
    /// How long an answer by UDP may be.
    pub(super) fn udp_max_bytes(&self) -> u16 {
        match self.edns {
            Some(edns) => edns.max_bytes.clamp(UDP_PLAIN_BYTES, UDP_MAX_BYTES),
            None => UDP_PLAIN_BYTES,
        }
    }
}

/// What is said to a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Response {
    pub(super) code: ResponseCode,
    pub(super) is_ours: bool,
    pub(super) answers: Vec<Record>,
    pub(super) authorities: Vec<Record>,
    pub(super) additionals: Vec<Record>,
}

impl Response {
    /// A code and nothing else.
    pub(super) fn bare(code: ResponseCode) -> Self {
        Self {
            code,
            is_ours: false,
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
        }
    }
}

/// What becomes of bytes that are no question to be answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Too short to say who asked, or itself an answer: saying anything could go round for ever.
    Silence,
    /// These bytes.
    Say(Vec<u8>),
}

/// Reads a question.
///
/// # Errors
/// What is to be said instead of an answer.
pub(super) fn read(bytes: &[u8]) -> Result<Request, Unreadable> {
    let Some(&[id_high, id_low, flags, _, counts @ ..]) = bytes.first_chunk::<HEADER_BYTES>()
    else {
        return Err(Unreadable::Silence);
    };
    let id = u16::from_be_bytes([id_high, id_low]);
    if flags & 0x80 != 0 {
        return Err(Unreadable::Silence);
    }
    let refuse = |code| Err(Unreadable::Say(refusal(id, flags, code)));
    if flags & 0x78 != 0 {
        return refuse(ResponseCode::NotImp);
    }
    // One question, nothing with it but OPT and a signature. Looked at before anything is read, because
    // the library makes room for as many as the counts say.
    let [0, 1, 0, 0, 0, 0, 0, 0..=2] = counts else {
        return refuse(ResponseCode::FormErr);
    };
    let Ok(message) = Message::from_vec(bytes) else {
        return refuse(ResponseCode::FormErr);
    };
    let edns = message.edns.as_ref();
    let is_new = edns.is_some_and(|edns| edns.version() != 0);
    let Some(query) = message.queries.into_iter().next() else {
        return refuse(ResponseCode::FormErr);
    };
    let request = Request {
        id,
        wants_recursion: message.metadata.recursion_desired,
        wants_no_check: message.metadata.checking_disabled,
        edns: edns.map(|edns| Edns {
            max_bytes: edns.max_payload(),
            wants_dnssec: edns.flags().dnssec_ok,
        }),
        query,
    };
    let code = match (request.query.query_class(), request.query.query_type()) {
        _ if is_new => ResponseCode::BADVERS,
        (class, _) if class != DNSClass::IN => ResponseCode::Refused,
        // Nobody has a copy of this zone to keep.
        (_, RecordType::AXFR | RecordType::IXFR) => ResponseCode::Refused,
        // Asked by those who want a large answer sent to somebody else (RFC 8482).
        (_, RecordType::ANY) => ResponseCode::NotImp,
        _ => return Ok(request),
    };
    let bytes = write(&request, &Response::bare(code), UDP_PLAIN_BYTES);
    Err(Unreadable::Say(bytes))
}

/// A header alone.
fn refusal(id: u16, flags: u8, code: ResponseCode) -> Vec<u8> {
    let [high, low] = id.to_be_bytes();
    // An answer; the kind of question and whether recursion was asked for are repeated.
    let mut bytes = vec![high, low, 0x80 | (flags & 0x79), code.low()];
    bytes.resize(HEADER_BYTES, 0);
    bytes
}

/// The bytes of an answer, at most so many; what does not fit is left out, and said to be.
pub(super) fn write(request: &Request, response: &Response, max_bytes: u16) -> Vec<u8> {
    let opt = request.edns.map(|_| opt(response.code));
    let room = max_bytes.saturating_sub(opt.map_or(0, |_| OPT_BYTES));
    let mut message = message(request, response);
    let mut bytes = encode(&message, room);
    if is_cut(&bytes) && !message.additionals.is_empty() {
        // What was not asked for goes first, and is not missed (RFC 2181, 9).
        message.additionals.clear();
        bytes = encode(&message, room);
    }
    if let Some(opt) = opt {
        bytes.extend_from_slice(&opt);
        if let Some(count) = bytes.get_mut(11) {
            *count = count.wrapping_add(1);
            if *count == 0
                && let Some(high) = bytes.get_mut(10)
            {
                *high = high.wrapping_add(1);
            }
        }
    }
    bytes
}

fn message(request: &Request, response: &Response) -> Message {
    let mut metadata = Metadata::new(request.id, MessageType::Response, OpCode::Query);
    metadata.authoritative = response.is_ours;
    metadata.recursion_desired = request.wants_recursion;
    metadata.recursion_available = true;
    metadata.checking_disabled = request.wants_no_check;
    metadata.response_code = response.code;
    let mut message = Message::new(request.id, MessageType::Response, OpCode::Query);
    message.metadata = metadata;
    message.queries = vec![request.query.clone()];
    message.answers.clone_from(&response.answers);
    message.authorities.clone_from(&response.authorities);
    message.additionals.clone_from(&response.additionals);
    message
}

fn encode(message: &Message, room: u16) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(usize::from(UDP_PLAIN_BYTES));
    let mut encoder = BinEncoder::new(&mut bytes);
    encoder.set_max_size(room);
    if message.emit(&mut encoder).is_ok() {
        // A record that did not fit was begun.
        encoder.trim();
        return bytes;
    }
    // A record that was read from somebody and cannot be written again.
    let flags = u8::from(message.metadata.recursion_desired);
    refusal(message.metadata.id, flags, ResponseCode::ServFail)
}

fn is_cut(bytes: &[u8]) -> bool {
    bytes.get(2).is_some_and(|flags| flags & 0x02 != 0)
}

/// What we can take, and the high part of the code (RFC 6891, 6.1.2).
fn opt(code: ResponseCode) -> [u8; OPT_BYTES as usize] {
    let [size_high, size_low] = UDP_MAX_BYTES.to_be_bytes();
    let kind = 41;
    [0, 0, kind, size_high, size_low, code.high(), 0, 0, 0, 0, 0]
}
