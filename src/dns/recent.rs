//! Answers of the host's resolver, for as long as they hold.
//!
//! In: questions, answers as bytes, and the time. Out: an answer with what is left of its life. Never:
//! more than so many, nor one for longer than the resolver said.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, Record, RecordType};

use super::message::Response;

/// As many answers as are kept: of ordinary ones, 200 bytes each, that is 0.4 MiB.
const ENTRIES_MAX: usize = 2000;

/// A longer answer is not kept, so that all together are at most 4 MiB.
const ENTRY_MAX_BYTES: usize = 2048;

/// The longest that an answer is kept, as kubeadm has CoreDNS do it.
const LIFE_MAX: Duration = Duration::from_secs(30);

/// What an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// In lower case.
    pub(super) name: String,
    pub(super) kind: RecordType,
    pub(super) wants_dnssec: bool,
    pub(super) wants_no_check: bool,
}

/// Answers that hold.
#[derive(Debug, Default)]
pub(super) struct Recent {
    entries: HashMap<Question, Entry>,
}

#[derive(Debug)]
struct Entry {
    bytes: Box<[u8]>,
    from: Instant,
    until: Instant,
}

impl Recent {
    /// The answer to a question, if one holds.
    pub(super) fn get(&self, question: &Question, now: Instant) -> Option<Response> {
        let entry = self.entries.get(question)?;
        if entry.until <= now {
            return None;
        }
        let age = now.saturating_duration_since(entry.from).as_secs();
        let age = u32::try_from(age).unwrap_or(u32::MAX);
        let mut response = response_of(Message::from_vec(&entry.bytes).ok()?);
        for records in [&mut response.answers, &mut response.authorities] {
            for record in records {
                record.decrement_ttl(age);
            }
        }
        Some(response)
    }

    /// Keeps an answer for as long as it says that it holds.
    pub(super) fn put(
        &mut self,
        question: Question,
        bytes: Vec<u8>,
        response: &Response,
        now: Instant,
    ) {
        let life = life(response);
        if life.is_zero() || bytes.len() > ENTRY_MAX_BYTES {
            return;
        }
        if self.entries.len() >= ENTRIES_MAX && !self.entries.contains_key(&question) {
            self.make_room(now);
        }
        let entry = Entry {
            bytes: bytes.into(),
            from: now,
            until: now + life,
        };
        self.entries.insert(question, entry);
    }

    /// Forgets what no longer holds, and if all does, the half that holds for the shortest.
    fn make_room(&mut self, now: Instant) {
        self.entries.retain(|_, entry| entry.until > now);
        if self.entries.len() < ENTRIES_MAX {
            return;
        }
        let mut ends: Vec<Instant> = self.entries.values().map(|entry| entry.until).collect();
        ends.sort_unstable();
        let Some(middle) = ends.get(ends.len() / 2).copied() else {
            return;
        };
        let mut spare = self.entries.len() / 2;
        self.entries.retain(|_, entry| {
            let stays = entry.until > middle || spare == 0;
            if !stays {
                spare -= 1;
            }
            stays
        });
    }
}

/// An answer as it is passed on. What nobody asked for stays behind.
pub(super) fn response_of(message: Message) -> Response {
    Response {
        code: message.metadata.response_code,
        is_ours: false,
        answers: message.answers,
        authorities: message.authorities,
        additionals: Vec::new(),
    }
}

/// How long an answer holds; that there is none, as long as the zone says (RFC 2308, 5).
fn life(response: &Response) -> Duration {
    let seconds = match response.code {
        ResponseCode::NoError if !response.answers.is_empty() => {
            response.answers.iter().map(|record| record.ttl).min()
        }
        ResponseCode::NoError | ResponseCode::NXDomain => {
            response.authorities.iter().filter_map(negative).min()
        }
        _ => None,
    };
    Duration::from_secs(seconds.unwrap_or_default().into()).min(LIFE_MAX)
}

fn negative(record: &Record) -> Option<u32> {
    match &record.data {
        RData::SOA(soa) => Some(soa.minimum.min(record.ttl)),
        _ => None,
    }
}
