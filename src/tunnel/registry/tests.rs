//! The registry with tunnels that are real processes: this test binary, started again.

use std::collections::HashMap;
use std::fs;
use std::net::TcpListener as StdListener;
use std::os::unix::fs::PermissionsExt;

use futures::FutureExt;
use rustix::process::{WaitOptions, waitpid};
use tempfile::TempDir;
use tokio::io::DuplexStream;
use tokio::task::JoinSet;

use super::*;
use crate::tunnel::dial::{Dial, DialError, Upstream};
use crate::tunnel::registration::{Claim, Registration};
use crate::tunnel::{self, TunnelError};

const UID: &str = "0b0f7f6e-6f0e-4a62-8ed5-3a8b9f2f1c11";
const VERSION: &str = "0.1.0";

/// Tells the child below what to be; absent when the tests are run as tests.
const CHILD: &str = "VC_TEST_TUNNEL";

/// The child's test, as the test binary's filter names it.
const CHILD_TEST: &str = "tunnel::registry::tests::a_tunnel_in_a_process_of_its_own";

/// A registry of its own, and a port that was free a moment ago.
struct Harness {
    dir: TempDir,
    port: u16,
}

impl Harness {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            port: free_port(),
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            dir: self.dir.path(),
            uid: UID,
            port: self.port,
            version: VERSION,
        }
    }

    fn registration(&self) -> Registration {
        Registration {
            dir: self.dir.path().to_owned(),
            uid: UID.to_owned(),
            port: self.port,
            namespace: "team-a".to_owned(),
            name: "dev".to_owned(),
            version: VERSION.to_owned(),
        }
    }

    async fn ensure(&self) -> Result<Ensured, RegistryError> {
        ensure(self.wanted(), || child("serve", &self.registration())).await
    }

    fn running(&self) -> Vec<Running> {
        list(self.dir.path()).unwrap()
    }

    fn pid(&self) -> i32 {
        self.running().first().unwrap().info.pid
    }

    fn kill(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid()).unwrap(), signal).unwrap();
    }

    /// Waits until no process has the tunnel's lock.
    async fn await_freed(&self) {
        let path = self.dir.path().join(format!("{UID}.lock"));
        let lock = await_lock(&path, Duration::from_secs(10)).await.unwrap();
        assert!(lock.is_some());
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        for running in list(self.dir.path()).unwrap_or_default() {
            if running.info.pid != rustix::process::getpid().as_raw_pid() {
                kill_process(Pid::from_raw(running.info.pid).unwrap(), Signal::KILL).ok();
            }
        }
    }
}

fn free_port() -> u16 {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// This test binary, told to run the child's test alone.
fn child(what: &str, registration: &Registration) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    // With one thread, libtest would write the test's name on the line of the first word.
    command.args([CHILD_TEST, "--exact", "--ignored", "--nocapture"]);
    command.arg("--test-threads=2");
    // A backtrace would fill the log's last lines.
    command.env_remove("RUST_BACKTRACE");
    let dir = registration.dir.to_str().unwrap();
    let port = registration.port;
    command.env(
        CHILD,
        format!("{what} {port} {} {dir}", registration.version),
    );
    command
}

/// Never asked: nobody speaks in these tests.
struct NoDialer;

impl Dial for NoDialer {
    type Stream = DuplexStream;

    async fn dial(&self) -> Result<Upstream<DuplexStream>, DialError> {
        Err(DialError::Closed)
    }
}

#[tokio::test]
#[ignore = "the other tests start it in a process of its own"]
async fn a_tunnel_in_a_process_of_its_own() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one channel that libtest leaves"
    )]
    let Ok(told) = std::env::var(CHILD) else {
        return;
    };
    let mut words = told.splitn(4, ' ');
    let mut word = || words.next().unwrap().to_owned();
    let (what, port, version, dir) = (word(), word(), word(), word());
    let registration = Registration {
        dir: dir.into(),
        uid: UID.to_owned(),
        port: port.parse().unwrap(),
        namespace: "team-a".to_owned(),
        name: "dev".to_owned(),
        version,
    };
    let (idle_exit, stubborn) = match what.as_str() {
        "serve" => (None, false),
        "stubborn" => (None, true),
        "idle" => (Some(Duration::from_millis(1)), false),
        _ => panic!("planted failure"),
    };
    let mut terminated =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
    let shutdown = async {
        terminated.recv().await;
        if stubborn {
            std::future::pending::<()>().await;
        }
    };
    let stdout = &mut io::stdout();
    tunnel::run_background(registration, NoDialer, idle_exit, shutdown, stdout)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_tunnel_is_started_once_and_found_afterwards() {
    let harness = Harness::new();
    assert_eq!(harness.ensure().await.unwrap(), Ensured::Started);
    let pid = harness.pid();
    assert_eq!(harness.ensure().await.unwrap(), Ensured::Already);
    assert_eq!(harness.pid(), pid);
}

#[tokio::test]
async fn a_running_tunnel_is_listed_with_what_it_says() {
    let harness = Harness::new();
    harness.ensure().await.unwrap();
    let running = harness.running();
    let [Running { uid, info }] = running.as_slice() else {
        panic!("{running:?}");
    };
    assert_eq!(uid, UID);
    assert_eq!(info.port, harness.port);
    assert_eq!(info.namespace, "team-a");
    assert_eq!(info.name, "dev");
    assert_eq!(info.version, VERSION);
    assert!(info.started.parse::<jiff::Timestamp>().is_ok());
}

#[tokio::test]
async fn twenty_callers_at_once_start_one_tunnel() {
    let harness = std::sync::Arc::new(Harness::new());
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let harness = std::sync::Arc::clone(&harness);
        callers.spawn(async move { harness.ensure().await.unwrap() });
    }
    let mut counts = HashMap::new();
    for ensured in callers.join_all().await {
        *counts.entry(ensured == Ensured::Started).or_insert(0) += 1;
    }
    assert_eq!(counts, HashMap::from([(true, 1), (false, 19)]));
}

#[tokio::test]
async fn a_killed_tunnel_is_neither_listed_nor_in_the_way() {
    let harness = Harness::new();
    harness.ensure().await.unwrap();
    harness.kill(Signal::KILL);
    harness.await_freed().await;
    assert_eq!(harness.running(), []);
    assert_eq!(harness.ensure().await.unwrap(), Ensured::Started);
}

#[tokio::test]
async fn a_tunnel_that_hangs_is_replaced() {
    let harness = Harness::new();
    harness.ensure().await.unwrap();
    let pid = harness.pid();
    harness.kill(Signal::STOP);
    // The signal stops one thread after the other, and may take its time.
    let stopped = waitpid(Pid::from_raw(pid), WaitOptions::UNTRACED).unwrap();
    assert!(stopped.is_some_and(|(_, status)| status.stopped()));
    assert_eq!(harness.ensure().await.unwrap(), Ensured::Started);
    assert_ne!(harness.pid(), pid);
}

#[tokio::test]
async fn a_tunnel_on_another_port_is_replaced() {
    let mut harness = Harness::new();
    harness.ensure().await.unwrap();
    harness.port = free_port();
    assert_eq!(harness.ensure().await.unwrap(), Ensured::Started);
    assert_eq!(harness.running().first().unwrap().info.port, harness.port);
}

#[tokio::test]
async fn a_tunnel_of_another_version_is_replaced() {
    let harness = Harness::new();
    let old = Registration {
        version: "0.0.9".to_owned(),
        ..harness.registration()
    };
    let wanted = Wanted {
        version: "0.0.9",
        ..harness.wanted()
    };
    ensure(wanted, || child("serve", &old)).await.unwrap();
    assert_eq!(harness.ensure().await.unwrap(), Ensured::Started);
    assert_eq!(harness.running().first().unwrap().info.version, VERSION);
}

#[tokio::test]
async fn stopping_ends_the_process_and_leaves_no_file() {
    let harness = Harness::new();
    harness.ensure().await.unwrap();
    stop(harness.dir.path(), UID).await.unwrap();
    assert_eq!(harness.running(), []);
    assert_eq!(fs::read_dir(harness.dir.path()).unwrap().count(), 0);
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, harness.port)).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_tunnel_that_does_not_mind_sigterm_is_stopped_too() {
    let harness = Harness::new();
    let command = || child("stubborn", &harness.registration());
    ensure(harness.wanted(), command).await.unwrap();
    stop(harness.dir.path(), UID).await.unwrap();
    assert_eq!(harness.running(), []);
}

#[tokio::test]
async fn stopping_what_does_not_run_is_no_error() {
    let harness = Harness::new();
    stop(harness.dir.path(), UID).await.unwrap();
    let nowhere = harness.dir.path().join("nowhere");
    stop(&nowhere, UID).await.unwrap();
    assert!(!nowhere.exists());
    assert_eq!(list(&nowhere).unwrap(), []);
}

#[tokio::test]
async fn an_idle_tunnel_ends_and_takes_its_registration_with_it() {
    let harness = Harness::new();
    let command = || child("idle", &harness.registration());
    ensure(harness.wanted(), command).await.unwrap();
    harness.await_freed().await;
    assert_eq!(harness.running(), []);
}

#[tokio::test]
async fn a_port_that_somebody_else_has_is_named() {
    let harness = Harness::new();
    let _theirs = StdListener::bind((Ipv4Addr::LOCALHOST, harness.port)).unwrap();
    let error = harness.ensure().await.unwrap_err();
    assert!(
        matches!(error, RegistryError::PortTaken { port } if port == harness.port),
        "{error:?}"
    );
}

#[tokio::test]
async fn why_a_tunnel_ended_before_it_listened_is_said() {
    let harness = Harness::new();
    let command = || child("fail", &harness.registration());
    let error = ensure(harness.wanted(), command).await.unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, RegistryError::Failed { .. }), "{error:?}");
    assert!(message.contains("planted failure"), "{message}");
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_an_error() {
    let harness = Harness::new();
    let error = ensure(harness.wanted(), || Command::new("/nonexistent/vc")).await;
    assert!(matches!(error, Err(RegistryError::Spawn(_))), "{error:?}");
}

#[tokio::test]
async fn a_second_tunnel_of_the_same_cluster_does_not_start() {
    let harness = Harness::new();
    harness.ensure().await.unwrap();
    let mut said = Vec::new();
    let registration = harness.registration();
    let never = std::future::pending();
    let error = tunnel::run_background(registration, NoDialer, None, never, &mut said)
        .await
        .unwrap_err();
    assert!(
        matches!(error, TunnelError::AlreadyRunning { .. }),
        "{error:?}"
    );
    assert_eq!(said, b"tunnel: already running\n");
}

#[tokio::test]
async fn a_starter_that_is_gone_does_not_matter() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let harness = Harness::new();
    let registration = harness.registration();
    let shutdown = std::future::ready(());
    tunnel::run_background(registration, NoDialer, None, shutdown, &mut Gone)
        .await
        .unwrap();
}

#[test]
fn a_registration_stands_until_it_is_withdrawn() {
    let harness = Harness::new();
    let mut claim = Claim::take(harness.registration()).unwrap().unwrap();
    assert_eq!(harness.running(), []);
    claim.publish().unwrap();
    assert_eq!(harness.running().len(), 1);
    claim.withdraw().unwrap();
    assert_eq!(harness.running(), []);
    claim.publish().unwrap();
    assert_eq!(harness.running().len(), 1);
    claim.give_up().unwrap();
    assert_eq!(fs::read_dir(harness.dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_tunnel_of_another_machine_is_not_signalled() {
    let harness = Harness::new();
    // A registration that is ours in everything, held by a living process, but for the machine.
    let mut claim = Claim::take(harness.registration()).unwrap().unwrap();
    claim.publish().unwrap();
    let path = harness.dir.path().join(format!("{UID}.json"));
    let mut info: Info = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    info.machine = "elsewhere".to_owned();
    // Written in place: the claim's lock is on this very file.
    fs::write(&path, serde_json::to_vec(&info).unwrap()).unwrap();
    let error = stop(harness.dir.path(), UID).await.unwrap_err();
    assert!(
        matches!(error, RegistryError::Elsewhere { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_registry_is_for_this_user_alone() {
    let harness = Harness::new();
    let dir = harness.dir.path().join("state").join("tunnels");
    let registration = Registration {
        dir: dir.clone(),
        ..harness.registration()
    };
    let wanted = Wanted {
        dir: &dir,
        ..harness.wanted()
    };
    ensure(wanted, || child("serve", &registration))
        .await
        .unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for entry in fs::read_dir(&dir).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    stop(&dir, UID).await.unwrap();
}

#[test]
fn a_uid_that_could_be_a_path_is_refused() {
    for uid in ["", "..", "../x", "a/b", "a.b", "ä"] {
        assert!(Files::of(Path::new("/nonexistent"), uid).is_err(), "{uid}");
    }
    assert!(Files::of(Path::new("/nonexistent"), UID).is_ok());
}

#[tokio::test]
async fn a_free_lock_is_taken_once_and_again_after_its_file_was_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let lock = Lock::try_take(&path).unwrap().unwrap();
    assert!(Lock::try_take(&path).unwrap().is_none());
    lock.remove().unwrap();
    // A child that another test starts may hold a copy of the descriptor for a moment.
    let again = await_lock(&path, Duration::from_secs(10)).await.unwrap();
    assert!(again.is_some());
    assert!(path.exists());
}

#[tokio::test]
async fn the_probe_needs_an_answer_from_the_process_itself() {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    // The kernel accepts, but nobody hangs up.
    let probed = timeout(Duration::from_millis(50), probe(port)).now_or_never();
    assert!(probed.is_none());
    let probed = timeout(Duration::from_millis(50), probe(port)).await;
    assert!(probed.is_err());
    drop(listener);
    assert!(probe(port).await.is_err());
}
