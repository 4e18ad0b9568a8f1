//! The relay against upstreams in this process that refuse, close, echo and count.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Ended, MAX_CONNECTIONS, Options, Relay};
use crate::tunnel::dial::{Dial, DialError, Upstream};

/// A test that waits this long has failed.
const TOO_LONG: Duration = Duration::from_secs(20);

/// Redials at once, and gives up only when the test says so.
const OPTIONS: Options = Options {
    answer_deadline: Duration::from_secs(10),
    redial_delay: Duration::from_millis(1),
    idle_exit: None,
};

/// What one dial meets.
enum Upcoming {
    Refused,
    Forbidden,
    Complains(&'static str),
    Closes,
    Never,
    /// The test plays the control plane with the other end.
    Stream(DuplexStream),
}

/// Meets each dial with what the test prepared, in order; dials beyond that never end.
struct Script {
    upcoming: Mutex<mpsc::UnboundedReceiver<Upcoming>>,
    dials: Arc<AtomicUsize>,
}

impl Dial for Script {
    type Stream = DuplexStream;

    async fn dial(&self) -> Result<Upstream<DuplexStream>, DialError> {
        self.dials.fetch_add(1, Ordering::SeqCst);
        let upcoming = self.upcoming.lock().unwrap().try_recv();
        match upcoming.unwrap_or(Upcoming::Never) {
            Upcoming::Refused => Err(DialError::Refused("connection refused".to_owned())),
            Upcoming::Forbidden => Err(DialError::Connect(anyhow::Error::msg("log in"))),
            Upcoming::Complains(complaint) => {
                let (near, far) = duplex(1024);
                // Like kube's task: the complaint and the stream's end come together.
                let ended = async move {
                    drop(far);
                    Some(complaint.to_owned())
                };
                Ok(Upstream {
                    stream: near,
                    ended: ended.boxed().fuse(),
                })
            }
            Upcoming::Closes => {
                let (near, mut far) = duplex(1024);
                far.shutdown().await.unwrap();
                // Like kube's task: it complains about the goodbye once our end is gone.
                let ended = async move {
                    rest(&mut far).await;
                    Some("sending after closing".to_owned())
                };
                Ok(Upstream {
                    stream: near,
                    ended: ended.boxed().fuse(),
                })
            }
            Upcoming::Never => std::future::pending().await,
            Upcoming::Stream(stream) => Ok(quiet(stream)),
        }
    }
}

/// A stream whose far end never complains.
fn quiet<S>(stream: S) -> Upstream<S> {
    Upstream {
        stream,
        ended: std::future::ready(None).boxed().fuse(),
    }
}

/// A running relay over a script.
struct Harness {
    address: SocketAddr,
    dials: Arc<AtomicUsize>,
    script: mpsc::UnboundedSender<Upcoming>,
    failure: super::LastFailure,
    _tasks: JoinSet<()>,
}

impl Harness {
    async fn start(options: Options) -> Self {
        let (script, upcoming) = mpsc::unbounded_channel();
        let dials = Arc::new(AtomicUsize::new(0));
        let dialer = Script {
            upcoming: Mutex::new(upcoming),
            dials: Arc::clone(&dials),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut relay = Relay::new(listener, dialer, options);
        let failure = relay.last_failure();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            relay.run(&mut std::future::pending()).await;
        });
        Self {
            address,
            dials,
            script,
            failure,
            _tasks: tasks,
        }
    }

    fn next(&self, upcoming: Upcoming) {
        assert!(self.script.send(upcoming).is_ok());
    }

    /// Lets the next dial succeed; returns the control plane's end.
    fn next_stream(&self) -> DuplexStream {
        let (near, far) = duplex(64 * 1024);
        self.next(Upcoming::Stream(near));
        far
    }

    async fn client(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(TOO_LONG, future).await.expect("in time")
}

async fn heard<R: tokio::io::AsyncRead + Unpin>(reader: &mut R, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    in_time(reader.read_exact(&mut bytes)).await.unwrap();
    bytes
}

/// Everything until the end; a reset is an end.
async fn rest<R: tokio::io::AsyncRead + Unpin>(reader: &mut R) -> Vec<u8> {
    let mut bytes = Vec::new();
    match in_time(reader.read_to_end(&mut bytes)).await {
        Ok(_) => bytes,
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => bytes,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_the_client_said_is_said_again_after_a_refused_dial() {
    let relay = Harness::start(OPTIONS).await;
    relay.next(Upcoming::Refused);
    relay.next(Upcoming::Refused);
    let mut upstream = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(heard(&mut upstream, 5).await, b"hello");
    upstream.write_all(b"answer").await.unwrap();
    assert_eq!(heard(&mut client, 6).await, b"answer");
    assert_eq!(relay.dials.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_the_client_said_is_said_again_after_a_stream_that_closed_without_an_answer() {
    let relay = Harness::start(OPTIONS).await;
    let mut first = relay.next_stream();
    let mut second = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hel").await.unwrap();
    assert_eq!(heard(&mut first, 3).await, b"hel");
    client.write_all(b"lo").await.unwrap();
    assert_eq!(heard(&mut first, 2).await, b"lo");
    drop(first);
    assert_eq!(heard(&mut second, 5).await, b"hello");
    second.write_all(b"answer").await.unwrap();
    assert_eq!(heard(&mut client, 6).await, b"answer");
}

#[tokio::test]
async fn a_complaint_before_the_first_answer_means_another_dial() {
    let relay = Harness::start(OPTIONS).await;
    relay.next(Upcoming::Complains("nothing listens on 6443"));
    let mut upstream = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(heard(&mut upstream, 5).await, b"hello");
}

#[tokio::test]
async fn nothing_is_said_again_after_the_first_answer() {
    let relay = Harness::start(OPTIONS).await;
    let mut first = relay.next_stream();
    let _second = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(heard(&mut first, 5).await, b"hello");
    first.write_all(b"a").await.unwrap();
    assert_eq!(heard(&mut client, 1).await, b"a");
    drop(first);
    assert_eq!(rest(&mut client).await, b"");
    assert_eq!(relay.dials.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nothing_is_dialled_for_a_client_that_says_nothing() {
    let relay = Harness::start(OPTIONS).await;
    let mut silent = relay.client().await;
    silent.shutdown().await.unwrap();
    assert_eq!(rest(&mut silent).await, b"");
    assert_eq!(relay.dials.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_dial_ends_when_the_client_goes_away() {
    let (start, started) = oneshot::channel();
    let (held, dropped) = oneshot::channel();
    let dialer = NeverDials(Mutex::new(Some((start, held))));
    let (address, _relay) = relay_over(dialer, OPTIONS).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"hello").await.unwrap();
    in_time(started).await.unwrap();
    drop(client);
    // Its sender lives in the dial's future and goes with it.
    assert!(in_time(dropped).await.is_err());
}

/// Dials for ever, having told so by the first sender, and holding the second.
struct NeverDials(Mutex<Option<(oneshot::Sender<()>, oneshot::Sender<()>)>>);

impl Dial for NeverDials {
    type Stream = DuplexStream;

    async fn dial(&self) -> Result<Upstream<DuplexStream>, DialError> {
        let (start, _held) = self.0.lock().unwrap().take().unwrap();
        start.send(()).unwrap();
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_stream_ends_when_the_client_goes_away_before_the_first_answer() {
    let relay = Harness::start(OPTIONS).await;
    let mut upstream = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(heard(&mut upstream, 5).await, b"hello");
    drop(client);
    assert_eq!(rest(&mut upstream).await, b"");
}

#[tokio::test]
async fn when_the_client_ends_its_last_words_arrive_and_the_stream_ends() {
    let relay = Harness::start(OPTIONS).await;
    let mut upstream = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    upstream.write_all(b"a").await.unwrap();
    assert_eq!(heard(&mut client, 1).await, b"a");
    client.write_all(b" and goodbye").await.unwrap();
    drop(client);
    assert_eq!(rest(&mut upstream).await, b"hello and goodbye");
}

#[tokio::test]
async fn when_the_stream_ends_its_last_words_arrive_though_the_client_still_talks() {
    let relay = Harness::start(OPTIONS).await;
    let mut upstream = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    upstream.write_all(&vec![b'a'; 40_000]).await.unwrap();
    assert_eq!(heard(&mut client, 1).await, b"a");
    drop(upstream);
    client.write_all(b"unheard").await.unwrap();
    let mut bytes = Vec::new();
    in_time(client.read_to_end(&mut bytes)).await.unwrap();
    assert_eq!(bytes.len(), 39_999);
}

#[tokio::test]
async fn after_the_deadline_the_client_is_let_go_and_the_reason_is_known() {
    let options = Options {
        answer_deadline: Duration::from_millis(30),
        ..OPTIONS
    };
    let relay = Harness::start(options).await;
    for _ in 0..1000 {
        relay.next(Upcoming::Refused);
    }
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(rest(&mut client).await, b"");
    let reason = relay.failure.borrow().as_ref().map(ToString::to_string);
    assert_eq!(reason.as_deref(), Some("connection refused"));
}

#[tokio::test]
async fn a_stream_that_closed_is_not_blamed_for_its_goodbye() {
    let relay = Harness::start(OPTIONS).await;
    relay.next(Upcoming::Closes);
    let mut upstream = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(heard(&mut upstream, 5).await, b"hello");
    let reason = relay.failure.borrow().as_ref().map(ToString::to_string);
    assert_eq!(
        reason.as_deref(),
        Some("the control plane closed the connection without an answer")
    );
}

#[tokio::test]
async fn a_dial_that_hangs_ends_at_the_deadline() {
    let options = Options {
        answer_deadline: Duration::from_millis(30),
        ..OPTIONS
    };
    let relay = Harness::start(options).await;
    relay.next(Upcoming::Never);
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(rest(&mut client).await, b"");
}

#[tokio::test]
async fn what_a_person_must_change_is_not_tried_again() {
    let relay = Harness::start(OPTIONS).await;
    relay.next(Upcoming::Forbidden);
    let _never_taken = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(rest(&mut client).await, b"");
    assert_eq!(relay.dials.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_clears_the_last_failure() {
    let relay = Harness::start(OPTIONS).await;
    relay.next(Upcoming::Refused);
    let mut upstream = relay.next_stream();
    let mut client = relay.client().await;
    client.write_all(b"hello").await.unwrap();
    assert_eq!(heard(&mut upstream, 5).await, b"hello");
    assert!(relay.failure.borrow().is_some());
    upstream.write_all(b"a").await.unwrap();
    assert_eq!(heard(&mut client, 1).await, b"a");
    assert!(relay.failure.borrow().is_none());
}

#[tokio::test]
async fn a_client_that_says_more_than_is_kept_is_carried_whole() {
    let relay = Harness::start(OPTIONS).await;
    let mut upstream = relay.next_stream();
    let client = relay.client().await;
    let (_reader, mut writer) = client.into_split();
    let said = vec![7; 300_000];
    let (written, got) = tokio::join!(
        in_time(writer.write_all(&said)),
        heard(&mut upstream, 300_000)
    );
    written.unwrap();
    assert!(got == said);
}

/// Dials a TCP server, as a port-forward would.
struct Tcp(SocketAddr);

impl Dial for Tcp {
    type Stream = TcpStream;

    async fn dial(&self) -> Result<Upstream<TcpStream>, DialError> {
        TcpStream::connect(self.0)
            .await
            .map(quiet)
            .map_err(DialError::Broken)
    }
}

/// A server that says back what it hears.
async fn echo() -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.spawn(async move {
                let (mut reader, mut writer) = stream.split();
                tokio::io::copy(&mut reader, &mut writer).await.ok();
            });
        }
    });
    (address, tasks)
}

async fn relay_over(dialer: impl Dial, options: Options) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut relay = Relay::new(listener, dialer, options);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        relay.run(&mut std::future::pending()).await;
    });
    (address, tasks)
}

#[tokio::test]
async fn eight_mebibytes_arrive_intact_both_ways_at_once() {
    const BYTES: usize = 8 * 1024 * 1024;
    let (server, _echo) = echo().await;
    let (address, _relay) = relay_over(Tcp(server), OPTIONS).await;
    // No period that divides a buffer's size, so that a lost or doubled block shows.
    let sent: Vec<u8> = (0_u8..251).cycle().take(BYTES).collect();
    let mut client = TcpStream::connect(address).await.unwrap();
    let (mut reader, mut writer) = client.split();
    let (written, got) = tokio::join!(in_time(writer.write_all(&sent)), heard(&mut reader, BYTES));
    written.unwrap();
    assert!(got == sent);
}

#[tokio::test]
async fn fifty_connections_at_once_do_not_mix() {
    let (server, _echo) = echo().await;
    let (address, _relay) = relay_over(Tcp(server), OPTIONS).await;
    let mut clients = JoinSet::new();
    for number in 0_u8..50 {
        clients.spawn(async move {
            let mut client = TcpStream::connect(address).await.unwrap();
            let sent = vec![number; 100_000];
            let (mut reader, mut writer) = client.split();
            let (written, got) = tokio::join!(writer.write_all(&sent), heard(&mut reader, 100_000));
            written.unwrap();
            assert!(got == sent);
        });
    }
    assert_eq!(in_time(clients.join_all()).await.len(), 50);
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_the_others_stay() {
    let (server, _echo) = echo().await;
    let (address, _relay) = relay_over(Tcp(server), OPTIONS).await;
    let mut clients = Vec::new();
    for _ in 0..MAX_CONNECTIONS {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"x").await.unwrap();
        assert_eq!(heard(&mut client, 1).await, b"x");
        clients.push(client);
    }
    let mut further = TcpStream::connect(address).await.unwrap();
    assert_eq!(rest(&mut further).await, b"");
    for client in &mut clients {
        client.write_all(b"y").await.unwrap();
        assert_eq!(heard(client, 1).await, b"y");
    }
}

fn idle_after(idle_exit: Duration) -> Options {
    Options {
        idle_exit: Some(idle_exit),
        ..OPTIONS
    }
}

async fn relay_to(server: SocketAddr, options: Options) -> (SocketAddr, Relay<Tcp>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, Relay::new(listener, Tcp(server), options))
}

#[tokio::test]
async fn a_relay_without_connections_ends_idle() {
    let (server, _echo) = echo().await;
    let (_, mut relay) = relay_to(server, idle_after(Duration::from_millis(10))).await;
    let ended = in_time(relay.run(&mut std::future::pending())).await;
    assert_eq!(ended, Ended::Idle);
    assert!(!in_time(relay.last_call()).await);
}

#[tokio::test]
async fn a_relay_with_an_open_connection_is_not_idle() {
    let (server, _echo) = echo().await;
    let (address, mut relay) = relay_to(server, idle_after(Duration::from_millis(10))).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    let mut never = std::future::pending();
    let mut running = Box::pin(relay.run(&mut never));
    // Far longer than the idle period: ten echoes, each after a wait that the relay could end in.
    for _ in 0..10 {
        client.write_all(b"x").await.unwrap();
        let echoed = async {
            heard(&mut client, 1).await;
            timeout(Duration::from_millis(15), std::future::pending::<()>())
                .await
                .ok();
        };
        tokio::select! {
            ended = &mut running => panic!("{ended:?} with an open connection"),
            () = echoed => {}
        }
    }
    drop(client);
    assert_eq!(in_time(running).await, Ended::Idle);
}

#[tokio::test]
async fn who_connects_while_the_relay_goes_is_served() {
    let (server, _echo) = echo().await;
    let (address, mut relay) = relay_to(server, idle_after(Duration::from_millis(1))).await;
    let ended = in_time(relay.run(&mut std::future::pending())).await;
    assert_eq!(ended, Ended::Idle);
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"hello").await.unwrap();
    assert!(in_time(relay.last_call()).await);
    let mut never = std::future::pending();
    tokio::select! {
        ended = relay.run(&mut never) => panic!("{ended:?} with an open connection"),
        echoed = heard(&mut client, 5) => assert_eq!(echoed, b"hello"),
    }
}

#[tokio::test]
async fn shutdown_ends_the_relay_and_its_connections() {
    let (server, _echo) = echo().await;
    let (address, mut relay) = relay_to(server, OPTIONS).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let mut shutdown = stopped.map(|_| ());
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"x").await.unwrap();
    let conversation = async {
        assert_eq!(heard(&mut client, 1).await, b"x");
        stop.send(()).unwrap();
    };
    let (ended, ()) = tokio::join!(in_time(relay.run(&mut shutdown)), conversation);
    assert_eq!(ended, Ended::Shutdown);
    drop(relay);
    assert_eq!(rest(&mut client).await, b"");
}
