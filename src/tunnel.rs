//! The local end of the port-forward to a virtual cluster's API server.
//!
//! In: a client for the host cluster. Out: an address on 127.0.0.1 behind which the virtual API
//! server answers, in this process ([`InProcess`]) or in one that stays ([`registry::ensure`] and
//! [`run_background`]). Never: listens on anything but loopback, ends TLS, sees a key.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use kube::Client;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use dial::{Connect, Dial, DialError, PodDialer, Target, Upstream};
pub use registration::{Info, Registration};
pub use relay::{LastFailure, Options};

pub mod dial;
mod registration;
pub mod registry;
pub mod relay;

use registration::Claim;
use relay::{Ended, Relay};

/// Period without any connection after which a background tunnel ends.
///
/// It must be longer than [`CREDENTIAL_LIFETIME`]: until the credential runs out, kubectl dials
/// without asking `vc credential`, which would start the tunnel again. Half an hour spares a
/// developer who pauses the start, and leaves nothing running overnight.
pub const IDLE_EXIT: Duration = Duration::from_mins(30);

/// For how long kubectl may use a credential without asking again, and so without a look at the
/// tunnel.
pub const CREDENTIAL_LIFETIME: Duration = Duration::from_mins(1);

/// Why a tunnel could not run.
#[derive(Debug, Error)]
pub enum TunnelError {
    /// Another process listens on the port.
    #[error("port {port} on 127.0.0.1 is taken by another process")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Another tunnel of the same cluster runs.
    #[error("a tunnel to virtual cluster `{name}` is already running")]
    AlreadyRunning {
        /// The cluster.
        name: String,
    },
    /// The operating system refuses to listen.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port; 0 for any.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// The registry's files cannot be written.
    #[error("cannot register the tunnel to virtual cluster `{name}`")]
    Register {
        /// The cluster.
        name: String,
        /// Why.
        source: io::Error,
    },
}

/// A tunnel inside this process, on a port of its own. Dropping it ends it with its connections.
#[derive(Debug)]
pub struct InProcess {
    address: SocketAddr,
    failure: LastFailure,
    /// The one task that relays; aborted by being dropped.
    _relay: JoinSet<()>,
}

impl InProcess {
    /// Starts a tunnel to `target` that goes on dialling for `answer_deadline` per connection.
    ///
    /// # Errors
    ///
    /// When nothing can be listened on. That the control plane does not answer is no error here:
    /// see [`InProcess::last_failure`].
    pub async fn start(
        client: Client,
        target: Target,
        answer_deadline: Duration,
    ) -> Result<Self, TunnelError> {
        let options = Options {
            answer_deadline,
            ..Options::default()
        };
        Self::start_with(PodDialer::with_client(client, target), options).await
    }

    /// Starts a tunnel over any dialer.
    ///
    /// # Errors
    ///
    /// As [`InProcess::start`].
    pub async fn start_with(dialer: impl Dial, options: Options) -> Result<Self, TunnelError> {
        let listener = listen(0).await?;
        let address = listener
            .local_addr()
            .map_err(|source| TunnelError::Listen { port: 0, source })?;
        let mut relay = Relay::new(listener, dialer, options);
        let failure = relay.last_failure();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            relay.run(&mut std::future::pending()).await;
        });
        Ok(Self {
            address,
            failure,
            _relay: tasks,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Why the latest dial failed, for those who wait; [`DialError::is_permanent`] ends a wait.
    pub fn last_failure(&self) -> LastFailure {
        self.failure.clone()
    }
}

/// Leaves the terminal's session, so that closing the terminal does not end this process.
///
/// # Errors
///
/// When this process leads a process group: then it was started by a shell, not by
/// [`registry::ensure`].
pub fn detach() -> io::Result<()> {
    rustix::process::setsid()?;
    Ok(())
}

/// Runs the tunnel that [`registry::ensure`] started, or one in the foreground.
///
/// # Expected flow
///
/// Claims the cluster, listens, registers, says so on `starter` (this process's stdout; nowhere
/// for a tunnel in the foreground), relays until it is idle for `idle_exit` or `shutdown` resolves,
/// and takes its registration back.
///
/// # Errors
///
/// When another tunnel or another process is in the way, or the registry cannot be written; then
/// `starter` knows as well.
pub async fn run_background(
    registration: Registration,
    dialer: impl Dial,
    idle_exit: Option<Duration>,
    shutdown: impl Future<Output = ()>,
    starter: &mut impl Write,
) -> Result<(), TunnelError> {
    let name = registration.name.clone();
    let register = |source| TunnelError::Register {
        name: name.clone(),
        source,
    };
    let port = registration.port;
    let Some(mut claim) = Claim::take(registration).map_err(register)? else {
        registry::tell(starter, registry::Word::AlreadyRunning);
        return Err(TunnelError::AlreadyRunning { name });
    };
    let listener = match listen(port).await {
        Err(error @ TunnelError::PortTaken { .. }) => {
            registry::tell(starter, registry::Word::PortTaken);
            claim.give_up().map_err(register)?;
            return Err(error);
        }
        result => result?,
    };
    claim.publish().map_err(register)?;
    registry::tell(starter, registry::Word::Ready);
    let options = Options {
        idle_exit,
        ..Options::default()
    };
    let relay = Relay::new(listener, dialer, options);
    relay_until_unwanted(relay, &mut claim, shutdown)
        .await
        .map_err(register)?;
    claim.give_up().map_err(register)
}

/// Relays until `shutdown` resolves, or idleness lasts and nobody slips in while it is noticed.
///
/// The registration is withdrawn *before* the last call: whoever connected and still finds it
/// afterwards (see [`registry::ensure`]) came before the call and is served.
async fn relay_until_unwanted<D: Dial>(
    mut relay: Relay<D>,
    claim: &mut Claim,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut shutdown = std::pin::pin!(shutdown);
    while relay.run(&mut shutdown).await == Ended::Idle {
        claim.withdraw()?;
        if !relay.last_call().await {
            break;
        }
        claim.publish()?;
    }
    Ok(())
}

/// Listens on loopback alone: what is behind the tunnel trusts whoever holds the certificate, but
/// nobody else's machine needs to try.
async fn listen(port: u16) -> Result<TcpListener, TunnelError> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    bound.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => TunnelError::PortTaken { port },
        _ => TunnelError::Listen { port, source },
    })
}
