//! Which background tunnels run, starting one, stopping one.
//!
//! In: the registry's directory and a cluster's UID. Out: a tunnel that runs, or none. Never: takes
//! a tunnel for alive because a file says so, signals a process that is not a living tunnel of ours.
//!
//! The files and their locks are described in `registration`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout};
use tokio::time::{Instant, sleep, timeout};

use super::registration::{Files, Info, Lock, read_living, remove};
use crate::holder::machine;

pub use stale::{Stale, forget, stale};

mod stale;

#[cfg(test)]
mod tests;

/// Deadline for a started tunnel to listen. It takes some 20 ms; the rest is for a loaded machine.
const START_DEADLINE: Duration = Duration::from_secs(5);

/// Deadline for a tunnel to end after SIGTERM, and again after SIGKILL.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

/// Deadline for others who start or stop the same tunnel: one start and one stop, and a reserve.
const TURN_DEADLINE: Duration = Duration::from_secs(15);

/// Deadline for a living tunnel to answer a probe, which takes it less than a millisecond.
const PROBE_DEADLINE: Duration = Duration::from_secs(2);

/// Period of looking whether a lock is free: the standard library has no lock with a deadline.
const LOCK_PERIOD: Duration = Duration::from_millis(10);

/// Lines of a failed tunnel's log that are shown.
const LOG_LINES: usize = 5;

/// Why a tunnel could not be started, found or stopped.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// Another process listens on the cluster's port. Hint: `vc connect NAME` picks another.
    #[error("port {port} on 127.0.0.1 is taken by another process")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The started process ended before it listened.
    #[error("the tunnel on port {port} ended before it listened{log}")]
    Failed {
        /// The port.
        port: u16,
        /// The last lines it wrote to stderr, each after a newline and indented.
        log: String,
    },
    /// The started process neither listens nor ends.
    #[error("the tunnel on port {port} does not listen after {} s{log}", START_DEADLINE.as_secs())]
    TooSlow {
        /// The port.
        port: u16,
        /// As in [`RegistryError::Failed`].
        log: String,
    },
    /// A tunnel of the cluster that has to go stays.
    #[error("the running tunnel does not end; what knows of it is `{}`", file.display())]
    Stuck {
        /// Its info or lock file.
        file: PathBuf,
    },
    /// The cluster's tunnel runs in another machine or container with the same state directory.
    #[error("the tunnel on port {port} belongs to another machine or container that shares `{}`", dir.display())]
    Elsewhere {
        /// The port.
        port: u16,
        /// The registry's directory.
        dir: PathBuf,
    },
    /// Others start or stop the same tunnel for too long.
    #[error("somebody else has been starting or stopping this tunnel for {} s: `{}` is locked", TURN_DEADLINE.as_secs(), lock.display())]
    Busy {
        /// The lock they have.
        lock: PathBuf,
    },
    /// The program could not be started.
    #[error("cannot start the tunnel")]
    Spawn(#[source] io::Error),
    /// A file of the registry could not be read or written.
    #[error("cannot use the tunnels' directory `{}`", dir.display())]
    Files {
        /// The registry's directory.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Which tunnel is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The registry's directory; made if it does not exist, for this user alone.
    pub dir: &'a Path,
    /// The virtual cluster's UID.
    pub uid: &'a str,
    /// The port that the kubeconfig names.
    pub port: u16,
    /// The version of `vc` that should run it: one's own.
    pub version: &'a str,
}

/// What [`ensure`] had to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ensured {
    /// It runs and answers.
    Already,
    /// It was started.
    Started,
}

/// What a started tunnel says to its starter on stdout, as one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Ready,
    PortTaken,
    AlreadyRunning,
}

impl Word {
    const ALL: [Self; 3] = [Self::Ready, Self::PortTaken, Self::AlreadyRunning];

    fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "tunnel: ready",
            Self::PortTaken => "tunnel: port taken",
            Self::AlreadyRunning => "tunnel: already running",
        }
    }
}

/// Says a word to the starter. One that was killed in the meantime changes nothing: the next finds
/// the tunnel running.
pub(super) fn tell(starter: &mut impl Write, word: Word) {
    let told = writeln!(starter, "{}", word.as_str()).and_then(|()| starter.flush());
    if let Err(error) = told {
        tracing::debug!(%error, "whoever started this tunnel is gone");
    }
}

/// Makes sure that the wanted tunnel runs. `command` is the tunnel's command line; it is asked for
/// only if a tunnel has to be started.
///
/// # Guarantees
///
/// - Any number of callers at once start one tunnel, and all succeed.
/// - A tunnel on another port or of another version, or one that does not answer, is replaced.
/// - The tunnel found does not exit as idle within [`super::IDLE_EXIT`] from now.
///
/// # Caveats
///
/// The tunnel keeps the environment, because the host's credential plugins need theirs, but not the
/// working directory: relative paths in it mean nothing.
///
/// # Errors
///
/// See [`RegistryError`]; what the tunnel wrote before it ended is part of the message.
pub async fn ensure(
    wanted: Wanted<'_>,
    command: impl FnOnce() -> Command,
) -> Result<Ensured, RegistryError> {
    let turn = Turn::new(wanted.dir, wanted.uid)?;
    turn.files
        .make_dir()
        .map_err(|source| turn.broken(source))?;
    if is_up(&turn, wanted).await? {
        return Ok(Ensured::Already);
    }
    let lock = turn.take().await?;
    // Whoever had the turn before may have started it.
    let ensured = if is_up(&turn, wanted).await? {
        Ensured::Already
    } else {
        turn.end_running().await?;
        start(&turn, wanted, command()).await?;
        Ensured::Started
    };
    drop(lock);
    Ok(ensured)
}

/// Ends the cluster's tunnel, if one runs, and removes its files.
///
/// # Errors
///
/// When the tunnel does not end or is not on this machine.
pub async fn stop(dir: &Path, uid: &str) -> Result<(), RegistryError> {
    let turn = Turn::new(dir, uid)?;
    if !dir.exists() {
        return Ok(());
    }
    let lock = turn.take().await?;
    turn.end_running().await?;
    let files = &turn.files;
    let removed = remove(&files.log()).and_then(|()| lock.remove());
    removed.map_err(|source| turn.broken(source))
}

/// A running tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// UID of its cluster.
    pub uid: String,
    /// What it says about itself.
    pub info: Info,
}

/// Every tunnel that runs, by UID.
///
/// # Errors
///
/// When the directory or a file in it cannot be read. That there is no directory is no error.
pub fn list(dir: &Path) -> Result<Vec<Running>, RegistryError> {
    each_record(dir, |uid, path| {
        let info = read_living(path)?;
        Ok(info.map(|info| Running { uid, info }))
    })
}

/// What there is to say of each record, by UID; `of` gets the UID and the file. None without a directory.
fn each_record<T>(
    dir: &Path,
    of: impl Fn(String, &Path) -> io::Result<Option<T>>,
) -> Result<Vec<T>, RegistryError> {
    let read = || -> io::Result<Vec<T>> {
        let mut records = Vec::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let is_record = path
                .extension()
                .is_some_and(|extension| extension == "json");
            if let Some(uid) = path.file_stem().filter(|_| is_record) {
                records.push((uid.to_string_lossy().into_owned(), path));
            }
        }
        records.sort();
        let all = records.into_iter();
        all.filter_map(|(uid, path)| of(uid, &path).transpose())
            .collect()
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        result => result.map_err(|source| RegistryError::Files {
            dir: dir.to_owned(),
            source,
        }),
    }
}

/// One's turn to start or stop a cluster's tunnel.
struct Turn {
    dir: PathBuf,
    files: Files,
}

impl Turn {
    fn new(dir: &Path, uid: &str) -> Result<Self, RegistryError> {
        let broken = |source| RegistryError::Files {
            dir: dir.to_owned(),
            source,
        };
        let files = Files::of(dir, uid).map_err(broken)?;
        Ok(Self {
            dir: dir.to_owned(),
            files,
        })
    }

    fn broken(&self, source: io::Error) -> RegistryError {
        RegistryError::Files {
            dir: self.dir.clone(),
            source,
        }
    }

    /// Waits for one's turn.
    async fn take(&self) -> Result<Lock, RegistryError> {
        let path = self.files.start();
        let lock = await_lock(&path, TURN_DEADLINE).await;
        lock.map_err(|source| self.broken(source))?
            .ok_or(RegistryError::Busy { lock: path })
    }

    /// What the cluster's living tunnel says about itself.
    fn living(&self) -> Result<Option<Info>, RegistryError> {
        read_living(&self.files.info()).map_err(|source| self.broken(source))
    }

    /// Ends the tunnel that runs, whichever it is, and removes what it or a killed one left.
    async fn end_running(&self) -> Result<(), RegistryError> {
        for signal in [Signal::TERM, Signal::KILL] {
            // Without info it is about to exit, or just starting: it ends or shows itself in time.
            if let Some(info) = self.living()? {
                self.signal(&info, signal)?;
            }
            if self.clear(STOP_DEADLINE).await? {
                return Ok(());
            }
        }
        Err(RegistryError::Stuck {
            file: self.files.lock(),
        })
    }

    /// Signals a tunnel that was found living just now: its process still has its lock, so the
    /// number is its own.
    fn signal(&self, info: &Info, signal: Signal) -> Result<(), RegistryError> {
        if info.machine != machine() {
            return Err(RegistryError::Elsewhere {
                port: info.port,
                dir: self.dir.clone(),
            });
        }
        match Pid::from_raw(info.pid).map(|pid| kill_process(pid, signal)) {
            // It ended by itself in the meantime.
            None | Some(Ok(()) | Err(rustix::io::Errno::SRCH)) => Ok(()),
            Some(Err(error)) => Err(self.broken(error.into())),
        }
    }

    /// Waits until no tunnel has the cluster and removes its files; false when one stays.
    async fn clear(&self, deadline: Duration) -> Result<bool, RegistryError> {
        let lock = await_lock(&self.files.lock(), deadline).await;
        let Some(lock) = lock.map_err(|source| self.broken(source))? else {
            return Ok(false);
        };
        let removed = remove(&self.files.info()).and_then(|()| lock.remove());
        removed.map_err(|source| self.broken(source))?;
        Ok(true)
    }

    /// The last lines of the tunnel's log.
    fn log(&self) -> String {
        let text = fs::read(self.files.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        let skipped = lines.len().saturating_sub(LOG_LINES);
        let shown = lines.iter().skip(skipped);
        shown.flat_map(|line| ["\n  ", line]).collect()
    }
}

/// Takes a lock as soon as it is free; `None` when it is not in time.
async fn await_lock(path: &Path, deadline: Duration) -> io::Result<Option<Lock>> {
    let end = Instant::now() + deadline;
    loop {
        if let Some(lock) = Lock::try_take(path)? {
            return Ok(Some(lock));
        }
        if Instant::now() >= end {
            return Ok(None);
        }
        sleep(LOCK_PERIOD).await;
    }
}

/// Whether the wanted tunnel runs and answers.
///
/// The probe counts as a connection, so the tunnel's idleness starts anew. A tunnel that is about to
/// exit withdraws its info before its last look for connections; so if the info stands after the
/// probe, the tunnel saw the probe and stays.
async fn is_up(turn: &Turn, wanted: Wanted<'_>) -> Result<bool, RegistryError> {
    let Some(info) = turn.living()? else {
        return Ok(false);
    };
    if info.port != wanted.port || info.version != wanted.version || info.machine != machine() {
        return Ok(false);
    }
    if !matches!(timeout(PROBE_DEADLINE, probe(info.port)).await, Ok(Ok(()))) {
        return Ok(false);
    }
    Ok(turn.living()?.is_some())
}

/// Connects, hangs up, and waits for the tunnel to hang up in turn: the kernel would accept a
/// connection for a process that hangs, but only the tunnel itself ends one.
async fn probe(port: u16) -> io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.shutdown().await?;
    match stream.read(&mut [0; 1]).await {
        // A tunnel with too many connections resets this one: it lives.
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(()),
        result => result.map(|_| ()),
    }
}

/// Starts the tunnel and waits until it listens.
async fn start(turn: &Turn, wanted: Wanted<'_>, command: Command) -> Result<(), RegistryError> {
    let port = wanted.port;
    let mut child = spawn(turn, command)?;
    let word = match child.stdout.take() {
        Some(stdout) => timeout(START_DEADLINE, first_word(stdout)).await,
        None => Ok(None),
    };
    match word {
        Ok(Some(Word::Ready)) => Ok(()),
        Ok(Some(Word::PortTaken)) => Err(RegistryError::PortTaken { port }),
        // Somebody else's start was killed half-way, but the tunnel it had started lives.
        Ok(Some(Word::AlreadyRunning)) => await_up(turn, wanted).await,
        Ok(None) => {
            // It is ending; its last words are in the log once it has ended.
            timeout(STOP_DEADLINE, child.wait()).await.ok();
            let log = turn.log();
            Err(RegistryError::Failed { port, log })
        }
        Err(_) => {
            child.kill().await.map_err(RegistryError::Spawn)?;
            let log = turn.log();
            Err(RegistryError::TooSlow { port, log })
        }
    }
}

/// Starts the process with nothing of ours but the environment.
fn spawn(turn: &Turn, mut command: Command) -> Result<Child, RegistryError> {
    let log = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(turn.files.log())
        .map_err(|source| turn.broken(source))?;
    command
        // Not kubectl's: a credential plugin's caller reads its pipes until the last writer is gone.
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        // The directory the user stands in can be unmounted or removed.
        .current_dir("/")
        // Said to `vc credential` by its caller, and would confuse the host's credential plugin.
        .env_remove("KUBERNETES_EXEC_INFO");
    tokio::process::Command::from(command)
        .spawn()
        .map_err(RegistryError::Spawn)
}

/// The first word the tunnel says; `None` when it ends without one.
async fn first_word(stdout: ChildStdout) -> Option<Word> {
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let word = Word::ALL.into_iter().find(|word| word.as_str() == line);
        if word.is_some() {
            return word;
        }
    }
    None
}

/// Waits for a tunnel that somebody else started.
async fn await_up(turn: &Turn, wanted: Wanted<'_>) -> Result<(), RegistryError> {
    let end = Instant::now() + START_DEADLINE;
    while Instant::now() < end {
        if is_up(turn, wanted).await? {
            return Ok(());
        }
        sleep(LOCK_PERIOD).await;
    }
    Err(RegistryError::Stuck {
        file: turn.files.lock(),
    })
}
