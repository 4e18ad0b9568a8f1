//! The host's resolver, for the names that are not the virtual cluster's.
//!
//! In: a question. Out: the resolver's answer, or one kept from before. Never: a question for a name of
//! the virtual cluster's domain or of the host's, and no answer that names one: what the host cluster
//! runs is not for its guests to list.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::answer::lowered;
use super::message::{Response, UDP_MAX_BYTES};
use super::recent::{Question, Recent, response_of};

/// Port of every resolver.
const PORT: u16 = 53;

/// How long one resolver has, before the next is asked. Those who ask us wait 5 s (`RES_TIMEOUT`).
const ONE_DEADLINE: Duration = Duration::from_millis(1500);

/// How long all of them have together: less than those who ask us wait.
const DEADLINE: Duration = Duration::from_millis(4500);

/// How often each is asked.
const ROUNDS: usize = 2;

/// The host's resolver.
#[derive(Debug)]
pub struct Upstream {
    servers: Vec<SocketAddr>,
    /// Domains of which nothing is asked, in lower case.
    hidden: Vec<String>,
    /// The server that answered last.
    preferred: AtomicUsize,
    recent: Mutex<Recent>,
}

/// What a question takes over from the one who asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wishes {
    pub(super) dnssec: bool,
    pub(super) no_check: bool,
}

impl Upstream {
    /// The resolver that this pod was given, from the text of its `/etc/resolv.conf`. Its domain is the
    /// host's: a search line of a pod has `svc.DOMAIN`.
    pub fn from_resolv_conf(text: &str, domain: &str) -> Self {
        let mut servers = Vec::new();
        let mut hidden = vec![domain.to_ascii_lowercase()];
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    let address = words.next().and_then(|word| word.parse::<IpAddr>().ok());
                    servers.extend(address.map(|address| SocketAddr::from((address, PORT))));
                }
                Some("search") => hidden.extend(words.filter_map(|word| {
                    let domain = word.trim_end_matches('.').strip_prefix("svc.")?;
                    Some(domain.to_ascii_lowercase())
                })),
                _ => {}
            }
        }
        hidden.sort_unstable();
        hidden.dedup();
        Self::new(servers, hidden)
    }

    /// These servers, which are asked nothing about these domains.
    pub fn new(servers: Vec<SocketAddr>, hidden: Vec<String>) -> Self {
        Self {
            servers,
            hidden,
            preferred: AtomicUsize::new(0),
            recent: Mutex::default(),
        }
    }

    /// The answer to a question.
    pub(super) async fn ask(&self, query: &Query, wishes: Wishes) -> Response {
        let name = lowered(query.name());
        if self.is_hidden(&name) {
            return Response::bare(ResponseCode::NXDomain);
        }
        let question = Question {
            name,
            kind: query.query_type(),
            wants_dnssec: wishes.dnssec,
            wants_no_check: wishes.no_check,
        };
        if let Some(response) = self.recent().get(&question, Instant::now()) {
            return response;
        }
        let answer = timeout(DEADLINE, self.ask_all(query, wishes)).await;
        let Ok(Some((bytes, message))) = answer else {
            return Response::bare(ResponseCode::ServFail);
        };
        if message.answers.iter().any(|record| self.tells(record)) {
            return Response::bare(ResponseCode::NXDomain);
        }
        let response = response_of(message);
        let mut recent = self.recent();
        recent.put(question, bytes, &response, Instant::now());
        response
    }

    /// An answer that is kept, without asking anybody.
    pub(super) fn remembered(&self, query: &Query, wishes: Wishes) -> Option<Response> {
        let question = Question {
            name: lowered(query.name()),
            kind: query.query_type(),
            wants_dnssec: wishes.dnssec,
            wants_no_check: wishes.no_check,
        };
        self.recent().get(&question, Instant::now())
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_hidden(&self, name: &str) -> bool {
        self.hidden.iter().any(|domain| {
            let rest = name.strip_suffix(domain.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    /// Whether a record names something of a domain that is not told.
    fn tells(&self, record: &Record) -> bool {
        let target = match &record.data {
            RData::PTR(target) => &target.0,
            RData::CNAME(target) => &target.0,
            RData::NS(target) => &target.0,
            RData::SRV(target) => &target.target,
            _ => return self.is_hidden(&lowered(&record.name)),
        };
        self.is_hidden(&lowered(target)) || self.is_hidden(&lowered(&record.name))
    }

    /// Asks one server after the other, the one first that answered last time.
    async fn ask_all(&self, query: &Query, wishes: Wishes) -> Option<(Vec<u8>, Message)> {
        let mut last = None;
        let first = self.preferred.load(Ordering::Relaxed);
        for turn in 0..self.servers.len() * ROUNDS {
            let place = (first + turn) % self.servers.len();
            let Some(server) = self.servers.get(place) else {
                break;
            };
            let Ok(Ok(answer)) = timeout(ONE_DEADLINE, exchange(*server, query, wishes)).await
            else {
                continue;
            };
            match answer.1.metadata.response_code {
                ResponseCode::ServFail | ResponseCode::Refused | ResponseCode::NotImp => {
                    last = Some(answer);
                    // Asking all once is enough when they do answer.
                    if turn + 1 >= self.servers.len() {
                        break;
                    }
                }
                _ => {
                    self.preferred.store(place, Ordering::Relaxed);
                    return Some(answer);
                }
            }
        }
        last
    }
}

/// Asks one server, by UDP and, if the answer is cut, by TCP.
async fn exchange(
    server: SocketAddr,
    query: &Query,
    wishes: Wishes,
) -> io::Result<(Vec<u8>, Message)> {
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.metadata.checking_disabled = wishes.no_check;
    question.add_query(query.clone());
    let mut edns = Edns::new();
    edns.set_max_payload(UDP_MAX_BYTES);
    edns.set_dnssec_ok(wishes.dnssec);
    question.set_edns(edns);
    let bytes = question.to_vec().map_err(io::Error::other)?;
    let answer = by_udp(server, &question, &bytes).await?;
    if answer.1.metadata.truncation {
        return by_tcp(server, &question, &bytes).await;
    }
    Ok(answer)
}

async fn by_udp(
    server: SocketAddr,
    question: &Message,
    bytes: &[u8],
) -> io::Result<(Vec<u8>, Message)> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A port of its own for each question: who would forge an answer has to guess it besides the ID.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(bytes).await?;
    let mut buffer = vec![0; usize::from(UDP_MAX_BYTES)];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let answer = buffer.get(..length).unwrap_or_default();
        if let Some(message) = answer_to(question, answer) {
            return Ok((answer.to_vec(), message));
        }
    }
}

async fn by_tcp(
    server: SocketAddr,
    question: &Message,
    bytes: &[u8],
) -> io::Result<(Vec<u8>, Message)> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut packet = length.to_be_bytes().to_vec();
    packet.extend_from_slice(bytes);
    stream.write_all(&packet).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    let message = answer_to(question, &answer)
        .ok_or_else(|| io::Error::other("it answers something else"))?;
    Ok((answer, message))
}

/// The answer, if it is one to this question.
fn answer_to(question: &Message, bytes: &[u8]) -> Option<Message> {
    // Room is made for as many questions as there are said to be.
    let is_one_question = bytes.get(4..6) == Some(&[0, 1]);
    if !is_one_question {
        return None;
    }
    let message = Message::from_vec(bytes).ok()?;
    let is_answer = message.metadata.message_type == MessageType::Response
        && message.metadata.id == question.metadata.id
        && is_same(message.queries.first()?, question.queries.first()?);
    is_answer.then_some(message)
}

fn is_same(one: &Query, other: &Query) -> bool {
    let (name, other_name): (&Name, &Name) = (one.name(), other.name());
    one.query_type() == other.query_type() && name == other_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resolver_and_the_hosts_domain_are_read_from_the_pods_own_file() {
        let upstream = Upstream::from_resolv_conf(
            "search team.svc.k8s.Example svc.k8s.Example k8s.Example corp.example\n\
             nameserver 10.96.0.10\n nameserver fd00::a\nnameserver nonsense\noptions ndots:5\n",
            "cluster.local",
        );
        let servers = ["10.96.0.10:53", "[fd00::a]:53"].map(|text| text.parse().unwrap());
        assert_eq!(upstream.servers, servers);
        assert_eq!(upstream.hidden, ["cluster.local", "k8s.example"]);
        assert!(upstream.is_hidden("cluster.local"));
        assert!(upstream.is_hidden("a.svc.k8s.example"));
        assert!(!upstream.is_hidden("notcluster.local"));
        assert!(!upstream.is_hidden("corp.example"));
    }
}
