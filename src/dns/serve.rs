//! Answering on a UDP and a TCP port.
//!
//! In: packets from whoever reaches the pod. Out: an answer to each that deserves one. Never: unbounded:
//! what is under way is counted, in all and for each asker, and every wait has a deadline.
//!
//! # Caveats
//! Every pod of the host can reach the port, and may ask; what it learns are names and addresses. Nothing
//! outside of the host can: the Service has no address there. An answer by UDP is at most 1232 bytes.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use hickory_proto::op::{Query, ResponseCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::answer::{Answer, Found};
use super::index::Index;
use super::message::{self, REQUEST_MAX_BYTES, Request, Response, Unreadable};
use super::seats::Seats;
use super::upstream::{Upstream, Wishes};

/// How long a question waits until it is known what there is: less than those who ask wait before they
/// ask again, which is 5 s.
const UNKNOWN_DEADLINE: Duration = Duration::from_secs(4);

/// Questions that wait for somebody, in all: the host's resolver answers in milliseconds, so this is
/// tens of thousands a second.
const WAITING_MAX: usize = 512;
/// The same for one asker.
const WAITING_EACH: usize = 128;

/// TCP connections, in all; a message of 64 KiB each makes 16 MiB at the very worst.
const CONNECTIONS_MAX: usize = 128;
/// The same for one asker.
const CONNECTIONS_EACH: usize = 16;

/// How long a connection may be silent, and how long one answer may take to be taken (RFC 7766, 6.2.3).
const IDLE: Duration = Duration::from_secs(10);

/// Questions that one connection may ask.
const QUESTIONS_MAX: usize = 1000;

/// How long nothing is accepted after that has failed: there are no descriptors left, for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The index, shared by who feeds it and who asks it.
#[derive(Debug)]
pub struct Names {
    index: Mutex<Index>,
    is_complete: AtomicBool,
    completed: Notify,
}

impl Names {
    /// Of a cluster domain, with nothing known yet.
    pub fn new(domain: &str) -> Self {
        Self {
            index: Mutex::new(Index::new(domain)),
            is_complete: AtomicBool::new(false),
            completed: Notify::new(),
        }
    }

    /// The index. Never held across an await.
    pub fn index(&self) -> MutexGuard<'_, Index> {
        // Nobody panics while it is held.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on, what is not in the index does not exist.
    pub fn complete(&self) {
        if !self.is_complete.swap(true, Ordering::Release) {
            self.completed.notify_waiters();
        }
    }

    fn is_complete(&self) -> bool {
        self.is_complete.load(Ordering::Acquire)
    }

    /// Waits until it is known what there is; whether it is.
    async fn known(&self) -> bool {
        let completed = self.completed.notified();
        if self.is_complete() {
            return true;
        }
        timeout(UNKNOWN_DEADLINE, completed).await.is_ok()
    }
}

/// The ports that are asked on.
#[derive(Debug)]
pub struct Sockets {
    pub(super) udp: UdpSocket,
    pub(super) tcp: TcpListener,
}

impl Sockets {
    /// Listens on a port of every address of both families, or of the one that there is.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn bind(port: u16) -> io::Result<Self> {
        match Self::bind_to(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))).await {
            Ok(sockets) => Ok(sockets),
            Err(_) => Self::bind_to(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))).await,
        }
    }

    /// Listens on one address.
    ///
    /// # Errors
    /// When it is taken.
    pub async fn bind_to(address: SocketAddr) -> io::Result<Self> {
        let tcp = TcpListener::bind(address).await?;
        let address = tcp.local_addr()?;
        let udp = UdpSocket::bind(address).await?;
        Ok(Self { udp, tcp })
    }

    /// Where they listen.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.udp.local_addr()
    }
}

/// What answers.
#[derive(Debug)]
pub struct Server {
    names: Arc<Names>,
    upstream: Upstream,
    turn: AtomicUsize,
    waiting: Seats,
    connections: Seats,
}

impl Server {
    /// One that knows these names, and asks the host's resolver for all others.
    pub fn new(names: Arc<Names>, upstream: Upstream) -> Self {
        Self {
            names,
            upstream,
            turn: AtomicUsize::new(0),
            waiting: Seats::new(WAITING_MAX, WAITING_EACH),
            connections: Seats::new(CONNECTIONS_MAX, CONNECTIONS_EACH),
        }
    }

    /// Answers, for good.
    pub async fn serve(&self, sockets: Sockets) {
        let Sockets { udp, tcp } = sockets;
        tokio::join!(self.serve_udp(&udp), self.serve_tcp(&tcp));
    }

    async fn serve_udp(&self, socket: &UdpSocket) {
        let mut buffer = vec![0; REQUEST_MAX_BYTES];
        let mut waiting = FuturesUnordered::new();
        loop {
            let (length, asker) = tokio::select! {
                received = socket.recv_from(&mut buffer) => match received {
                    Ok(received) => received,
                    // An earlier answer found nobody; the next question may be there already.
                    Err(error) => {
                        debug!("cannot receive: {error}");
                        continue;
                    }
                },
                Some(()) = waiting.next() => continue,
            };
            let request = match message::read(buffer.get(..length).unwrap_or_default()) {
                Ok(request) => request,
                Err(Unreadable::Silence) => continue,
                Err(Unreadable::Say(bytes)) => {
                    send(socket, asker, &bytes).await;
                    continue;
                }
            };
            if let Some(response) = self.at_once(&request, canonical(asker)) {
                let bytes = message::write(&request, &response, request.udp_max_bytes());
                send(socket, asker, &bytes).await;
                continue;
            }
            // Who asks too much is not answered, and asks again.
            let Some(seat) = self.waiting.take(canonical(asker)) else {
                continue;
            };
            waiting.push(async move {
                let response = self.respond(&request, canonical(asker)).await;
                let bytes = message::write(&request, &response, request.udp_max_bytes());
                send(socket, asker, &bytes).await;
                drop(seat);
            });
        }
    }

    async fn serve_tcp(&self, listener: &TcpListener) {
        let mut connections = FuturesUnordered::new();
        loop {
            let (stream, asker) = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        debug!("cannot accept: {error}");
                        sleep(ACCEPT_PAUSE).await;
                        continue;
                    }
                },
                Some(()) = connections.next() => continue,
            };
            // Who has too many is hung up on.
            let Some(seat) = self.connections.take(canonical(asker)) else {
                continue;
            };
            connections.push(async move {
                if let Err(error) = self.converse(stream, canonical(asker)).await {
                    debug!(%asker, "a connection ended: {error}");
                }
                drop(seat);
            });
        }
    }

    /// One connection: question and answer, in turn, until the other side has no more.
    async fn converse(&self, mut stream: TcpStream, asker: IpAddr) -> io::Result<()> {
        let mut buffer = Vec::new();
        for _ in 0..QUESTIONS_MAX {
            let length = usize::from(timeout(IDLE, stream.read_u16()).await??);
            if length > REQUEST_MAX_BYTES {
                return Err(io::Error::other("a question is too long"));
            }
            buffer.resize(length, 0);
            timeout(IDLE, stream.read_exact(&mut buffer)).await??;
            let bytes = match message::read(&buffer) {
                Ok(request) => {
                    let response = match self.at_once(&request, asker) {
                        Some(response) => response,
                        None => self.respond(&request, asker).await,
                    };
                    message::write(&request, &response, u16::MAX)
                }
                Err(Unreadable::Silence) => return Ok(()),
                Err(Unreadable::Say(bytes)) => bytes,
            };
            let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
            let mut packet = length.to_be_bytes().to_vec();
            packet.extend_from_slice(&bytes);
            timeout(IDLE, stream.write_all(&packet)).await??;
        }
        Ok(())
    }

    /// The answer, if nobody has to be waited for.
    fn at_once(&self, request: &Request, asker: IpAddr) -> Option<Response> {
        if !self.names.is_complete() {
            return None;
        }
        match self.find(&request.query, asker) {
            Found::Answer(answer) if answer.follow.is_none() => Some(ours(answer)),
            Found::Answer(_) => None,
            Found::Elsewhere => self.upstream.remembered(&request.query, wishes(request)),
        }
    }

    /// The answer, whatever has to be waited for.
    async fn respond(&self, request: &Request, asker: IpAddr) -> Response {
        // Names outside do not wait for the virtual cluster's.
        let is_elsewhere = matches!(self.find(&request.query, asker), Found::Elsewhere);
        let may_be_ours = !is_elsewhere || is_reverse(&request.query);
        if may_be_ours && !self.names.known().await {
            return Response::bare(ResponseCode::ServFail);
        }
        match self.find(&request.query, asker) {
            Found::Elsewhere => self.upstream.ask(&request.query, wishes(request)).await,
            Found::Answer(answer) => self.followed(request, answer).await,
        }
    }

    /// An answer that goes on outside goes on.
    async fn followed(&self, request: &Request, mut answer: Answer) -> Response {
        let Some(target) = answer.follow.take() else {
            return ours(answer);
        };
        let query = Query::query(target, request.query.query_type());
        let outside = self.upstream.ask(&query, wishes(request)).await;
        let mut response = ours(answer);
        response.is_ours = false;
        response.code = outside.code;
        response.answers.extend(outside.answers);
        response.authorities = outside.authorities;
        response
    }

    fn find(&self, query: &Query, asker: IpAddr) -> Found {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.names
            .index()
            .answer_to(asker, query.name(), query.query_type(), turn)
    }
}

fn ours(answer: Answer) -> Response {
    Response {
        code: answer.code,
        is_ours: true,
        answers: answer.answers,
        authorities: answer.authorities,
        additionals: answer.additionals,
    }
}

fn wishes(request: &Request) -> Wishes {
    Wishes {
        dnssec: request.edns.is_some_and(|edns| edns.wants_dnssec),
        no_check: request.wants_no_check,
    }
}

/// Whether it is asked who has an address.
fn is_reverse(query: &Query) -> bool {
    let last = query.name().iter().next_back();
    last.is_some_and(|label| label.eq_ignore_ascii_case(b"arpa"))
}

/// Whom an address stands for: one of the fourth version comes as one of the sixth on a socket of both.
fn canonical(asker: SocketAddr) -> IpAddr {
    asker.ip().to_canonical()
}

async fn send(socket: &UdpSocket, asker: SocketAddr, bytes: &[u8]) {
    if let Err(error) = socket.send_to(bytes, asker).await {
        debug!(%asker, "cannot answer: {error}");
    }
}
