//! One connection, from its first byte to its end.
//!
//! In: an accepted connection and a dialer. Out: bytes both ways. Never: accepts, lives on after
//! either side ended.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::FusedFuture;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink, split};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::Options;
use crate::tunnel::dial::{Dial, DialError, Upstream};

/// What is kept of a client's words before the first answer. A TLS ClientHello has 300 to 2,000
/// bytes; a client that says more than this without an answer is carried without a second try.
const REPLAY_LIMIT_BYTES: usize = 64 * 1024;

/// Bytes read at once before the first answer.
const CHUNK_BYTES: usize = 16 * 1024;

/// How long an ended connection may take to hand over its last bytes, in either direction.
///
/// Towards the control plane, kube's task still writes what it holds and says goodbye. Towards the
/// client, closing a socket with unread bytes would be a reset, which takes with it what the client
/// has not read yet.
const GOODBYE_DEADLINE: Duration = Duration::from_secs(1);

/// Carries one connection until either side ends.
pub(super) async fn carry<D: Dial>(
    client: TcpStream,
    dialer: &D,
    options: &Options,
    failure: &watch::Sender<Option<Arc<DialError>>>,
) {
    // Requests are small and somebody waits for each; a refusal only costs speed.
    if let Err(error) = client.set_nodelay(true) {
        tracing::debug!(%error, "cannot turn off Nagle's algorithm");
    }
    let mut opening = Opening::new(client);
    // Dialled only now, see the module's assumptions. An error is a client that went away.
    if !matches!(opening.hear().await, Ok(Heard::Bytes)) {
        return;
    }
    if let Some((upstream, first)) = open(&mut opening, dialer, options, failure).await {
        converse(opening.client, upstream, &first).await;
    }
}

/// Whether the client still is there.
enum Heard {
    Bytes,
    End,
}

/// A client that got no answer yet, and all it said so far.
struct Opening {
    client: TcpStream,
    said: Vec<u8>,
    chunk: Vec<u8>,
}

impl Opening {
    fn new(client: TcpStream) -> Self {
        Self {
            client,
            said: Vec::new(),
            chunk: vec![0; CHUNK_BYTES],
        }
    }

    /// Whether no more can be kept, so that there is no second try.
    fn is_full(&self) -> bool {
        self.said.len() >= REPLAY_LIMIT_BYTES
    }

    /// Listens to the client; losing this future loses no bytes.
    async fn hear(&mut self) -> io::Result<Heard> {
        let count = self.client.read(&mut self.chunk).await?;
        self.said.extend(self.chunk.iter().take(count));
        Ok(if count == 0 { Heard::End } else { Heard::Bytes })
    }
}

/// Dials until a stream answers, and returns it with the first bytes of its answer.
///
/// `None` when the client went away, or when there was no answer in time: then the reason is known.
async fn open<D: Dial>(
    opening: &mut Opening,
    dialer: &D,
    options: &Options,
    failure: &watch::Sender<Option<Arc<DialError>>>,
) -> Option<(Upstream<D::Stream>, Vec<u8>)> {
    let deadline = Instant::now() + options.answer_deadline;
    loop {
        let error = match attempt(opening, dialer, deadline).await {
            Attempt::Answered(upstream, first) => {
                failure.send_replace(None);
                return Some((upstream, first));
            }
            Attempt::ClientGone => return None,
            Attempt::DeadlinePassed => {
                tracing::warn!("gave a connection up: the control plane did not answer in time");
                return None;
            }
            Attempt::Failed(error) => Arc::new(error),
        };
        failure.send_replace(Some(Arc::clone(&error)));
        let next = Instant::now() + options.redial_delay;
        if error.is_permanent() || opening.is_full() || next >= deadline {
            let error = anyhow::Error::from(error);
            tracing::warn!("gave a connection up: {error:#}");
            return None;
        }
        tracing::debug!(%error, "dialling again");
        if is_gone_before(opening, next).await {
            return None;
        }
    }
}

/// Passes the time until `next`, unless the client goes away.
async fn is_gone_before(opening: &mut Opening, next: Instant) -> bool {
    loop {
        let is_full = opening.is_full();
        tokio::select! {
            () = sleep_until(next) => return false,
            heard = opening.hear(), if !is_full => {
                if !matches!(heard, Ok(Heard::Bytes)) {
                    return true;
                }
            }
        }
    }
}

/// What came of one dial.
enum Attempt<S> {
    Answered(Upstream<S>, Vec<u8>),
    Failed(DialError),
    ClientGone,
    DeadlinePassed,
}

/// Dials once, says what the client said, and waits for the first answer.
async fn attempt<D: Dial>(
    opening: &mut Opening,
    dialer: &D,
    deadline: Instant,
) -> Attempt<D::Stream> {
    let upstream = {
        let mut dial = Box::pin(timeout_at(deadline, dialer.dial()));
        loop {
            let is_full = opening.is_full();
            tokio::select! {
                dialled = &mut dial => match dialled {
                    Ok(Ok(upstream)) => break upstream,
                    Ok(Err(error)) => return Attempt::Failed(error),
                    Err(_) => return Attempt::DeadlinePassed,
                },
                heard = opening.hear(), if !is_full => {
                    if !matches!(heard, Ok(Heard::Bytes)) {
                        return Attempt::ClientGone;
                    }
                }
            }
        }
    };
    // No deadline from here on: the far end is there, and it ends a client that says too little.
    first_answer(opening, upstream).await
}

/// Says what the client said and waits for the first answer.
///
/// A client that says too much to be kept gets what it said through, and an empty first answer.
async fn first_answer<S>(opening: &mut Opening, mut upstream: Upstream<S>) -> Attempt<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut answer = vec![0; CHUNK_BYTES];
    let mut told = 0;
    let result = loop {
        let stream = &mut upstream.stream;
        if let Some(untold) = opening.said.get(told..).filter(|bytes| !bytes.is_empty()) {
            tokio::select! {
                Some(complaint) = &mut upstream.ended => break Err(DialError::Refused(complaint)),
                written = stream.write_all(untold) => match written {
                    Ok(()) => told = opening.said.len(),
                    Err(error) => break Err(DialError::Broken(error)),
                },
            }
        }
        if opening.is_full() {
            break Ok(0);
        }
        tokio::select! {
            Some(complaint) = &mut upstream.ended => break Err(DialError::Refused(complaint)),
            read = stream.read(&mut answer) => match read {
                Ok(0) => break Err(DialError::Closed),
                Ok(count) => break Ok(count),
                Err(error) => break Err(DialError::Broken(error)),
            },
            heard = opening.hear() => {
                if !matches!(heard, Ok(Heard::Bytes)) {
                    return Attempt::ClientGone;
                }
            }
        }
    };
    match result {
        Ok(count) => {
            answer.truncate(count);
            Attempt::Answered(upstream, answer)
        }
        // A complaint that came with the end says more than the end.
        Err(error) => Attempt::Failed(match goodbye(upstream).await {
            Some(complaint) => DialError::Refused(complaint),
            None => error,
        }),
    }
}

/// Carries bytes both ways until either side ends.
async fn converse<S>(mut client: TcpStream, upstream: Upstream<S>, first: &[u8])
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Upstream { stream, ended } = upstream;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_upstream, mut to_upstream) = split(stream);
    let answering = async {
        to_client.write_all(first).await?;
        copy(&mut from_upstream, &mut to_client).await
    };
    // Errors are ends like any other: the other side learns of it by its own end.
    let upstream_ended = tokio::select! {
        _ = copy(&mut from_client, &mut to_upstream) => false,
        _ = answering => true,
    };
    if upstream_ended {
        part_from_client(&mut client).await;
    }
    let stream = from_upstream.unsplit(to_upstream);
    if let Some(complaint) = goodbye(Upstream { stream, ended }).await {
        tracing::warn!(%complaint, "a connection to the control plane broke");
    }
}

/// Ends the client's side so that it can read everything it was sent.
async fn part_from_client(client: &mut TcpStream) {
    if client.shutdown().await.is_ok() {
        // Neither a client that goes on talking nor one that is gone changes anything.
        timeout(GOODBYE_DEADLINE, copy(client, &mut sink()))
            .await
            .ok();
    }
}

/// Ends a stream, lets what was said arrive, and returns what the far end complained about.
async fn goodbye<S>(upstream: Upstream<S>) -> Option<String> {
    let Upstream { stream, mut ended } = upstream;
    let complaint = (&mut ended).now_or_never().flatten();
    drop(stream);
    if !ended.is_terminated() {
        // What comes now is about the goodbye itself: kube complains when both sides said it.
        timeout(GOODBYE_DEADLINE, ended).await.ok();
    }
    complaint
}
