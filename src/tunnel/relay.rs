//! Accepts connections and carries each one over a stream of its own.
//!
//! In: a listener and something that dials. Out: bytes, and why the last dial failed. Never: knows
//! about Kubernetes, processes or files.
//!
//! # Expected flow
//!
//! A connection is accepted; with its first bytes the control plane is dialled; what the client
//! says is kept until the first answer, and said again to a new stream whenever one ends without
//! an answer; from the first answer on, bytes are only carried.
//!
//! # Guarantees
//!
//! - A control-plane pod that is replaced, or not up yet, costs the client time but no error, up to
//!   [`Options::answer_deadline`].
//! - Nothing is said twice to a stream that answered. What is said twice is a TLS ClientHello,
//!   which changes nothing on the server's side.
//! - When either side ends, both end. The reader's pace is the writer's pace.
//!
//! # Assumptions
//!
//! - The client speaks first, as TLS does: nothing is dialled for a connection that says nothing, so
//!   a probe of the listener costs the host nothing.
//! - Nobody needs half-closed connections: a WebSocket port-forward has none.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::dial::{Dial, DialError};
use carry::carry;

mod carry;
#[cfg(test)]
mod tests;

/// Connections carried at once; further ones are closed at once, which says more than a hang.
///
/// Each takes two file descriptors (client, host), and macOS grants 256 unless told otherwise:
/// 100 × 2 leaves room for dials under way and the process's own.
pub const MAX_CONNECTIONS: usize = 100;

/// Delay before accepting again after the operating system refused: mostly no descriptors left.
const ACCEPT_DELAY: Duration = Duration::from_millis(100);

/// How long [`Relay::last_call`] listens. A connection that the kernel completed before is reported
/// with the next look at the sockets, so anything longer than nothing does.
const LAST_CALL: Duration = Duration::from_millis(20);

/// How patient a relay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// From a client's first bytes to the last moment at which the control plane is dialled again.
    pub answer_deadline: Duration,
    /// Delay between a dial that failed and the next.
    pub redial_delay: Duration,
    /// Period without any connection after which the relay ends; never, when absent.
    pub idle_exit: Option<Duration>,
}

/// Two seconds less than kubectl allows for a TLS handshake (10 s in Go's default transport), so
/// that an answer in the last moment still arrives in time.
const ANSWER_DEADLINE: Duration = Duration::from_secs(8);

/// Long enough that a host is not flooded with two requests per try, short against the two seconds
/// that a control plane takes to come back.
const REDIAL_DELAY: Duration = Duration::from_millis(100);

impl Default for Options {
    fn default() -> Self {
        Self {
            answer_deadline: ANSWER_DEADLINE,
            redial_delay: REDIAL_DELAY,
            idle_exit: None,
        }
    }
}

/// Why a relay stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nobody was connected for [`Options::idle_exit`].
    Idle,
    /// The caller said so.
    Shutdown,
}

/// Why the latest dial failed; nothing once a dial was answered.
pub type LastFailure = watch::Receiver<Option<Arc<DialError>>>;

/// A listener, its connections and where they go. Dropping it cuts all of them off.
#[derive(Debug)]
pub struct Relay<D> {
    listener: TcpListener,
    dialer: Arc<D>,
    options: Options,
    failure: watch::Sender<Option<Arc<DialError>>>,
    connections: JoinSet<()>,
    idle_since: Instant,
}

impl<D: Dial> Relay<D> {
    /// A relay that accepts nothing before it runs.
    pub fn new(listener: TcpListener, dialer: D, options: Options) -> Self {
        Self {
            listener,
            dialer: Arc::new(dialer),
            options,
            failure: watch::Sender::new(None),
            connections: JoinSet::new(),
            idle_since: Instant::now(),
        }
    }

    /// Why the latest dial failed, now and whenever that changes.
    pub fn last_failure(&self) -> LastFailure {
        self.failure.subscribe()
    }

    /// Relays until nobody needs it or `shutdown` resolves. May be called again.
    pub async fn run(&mut self, shutdown: &mut (impl Future<Output = ()> + Unpin)) -> Ended {
        loop {
            let idle_at = self.options.idle_exit.map(|idle| self.idle_since + idle);
            let is_idle = self.connections.is_empty() && idle_at.is_some();
            // In this order: a connection that waits when idleness runs out is served.
            tokio::select! {
                biased;
                () = &mut *shutdown => return Ended::Shutdown,
                accepted = self.listener.accept() => match accepted {
                    Ok((client, _)) => self.take(client),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        sleep(ACCEPT_DELAY).await;
                    }
                },
                Some(ended) = self.connections.join_next() => {
                    self.idle_since = Instant::now();
                    if let Err(error) = ended {
                        tracing::error!(%error, "a connection's task failed");
                    }
                }
                () = sleep_until(idle_at.unwrap_or(self.idle_since)), if is_idle => {
                    return Ended::Idle;
                }
            }
        }
    }

    /// Whether somebody connected after all, after [`Relay::run`] ended idle; if so, run again.
    ///
    /// It is asked after the caller told the world that the relay is going, so that whoever came
    /// before is served and whoever comes after knows.
    pub async fn last_call(&mut self) -> bool {
        match timeout(LAST_CALL, self.listener.accept()).await {
            Ok(Ok((client, _))) => {
                self.take(client);
                true
            }
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Carries a connection beside the others.
    fn take(&mut self, client: TcpStream) {
        self.idle_since = Instant::now();
        if self.connections.len() >= MAX_CONNECTIONS {
            tracing::warn!("closed a connection: {MAX_CONNECTIONS} are open");
            return;
        }
        let dialer = Arc::clone(&self.dialer);
        let options = self.options;
        let failure = self.failure.clone();
        self.connections
            .spawn(async move { carry(client, &*dialer, &options, &failure).await });
    }
}
