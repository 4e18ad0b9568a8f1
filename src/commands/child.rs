//! One command of the user's: its way into a virtual cluster, and the signals that are meant for it.
//!
//! In: a ready cluster, a command. Out: the command's exit code. Never: touches the user's kubeconfig;
//! what is made for the command goes with it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal as SystemSignal, kill_process, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::signal::unix::{self, SignalKind};
use tokio::time::{Instant, sleep_until, timeout};

use super::App;
use super::connect::{Wish, entry};
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::kubeconfig::file;
use crate::tunnel::{self, InProcess};
use crate::ui::Ui;

/// How long the output of a command that has ended may still come: what it left in the background may
/// keep its streams open for good.
const DRAIN_DEADLINE: Duration = Duration::from_secs(2);

/// How long a command that was asked to end at its deadline may take.
const LATE_GRACE: Duration = Duration::from_secs(10);

/// A way into a virtual cluster for one command: a tunnel in this process, and a kubeconfig that nobody
/// else knows and that has no credential in it. Both go when this is dropped.
pub(super) struct Access {
    _tunnel: InProcess,
    /// For the user alone, as is the file in it.
    _dir: TempDir,
    kubeconfig: PathBuf,
}

impl Access {
    /// Opens the way.
    ///
    /// # Errors
    /// When there is no directory to write to, or no port to listen on.
    pub(super) async fn open(app: &App, host: &Host, wish: &Wish<'_>) -> anyhow::Result<Self> {
        let pods = tunnel::Target::control_plane(wish.name, wish.namespace);
        let answer_deadline = tunnel::Options::default().answer_deadline;
        let tunnel = InProcess::start(host.client.clone(), pods, answer_deadline).await?;
        let dir = tempfile::Builder::new()
            .prefix("vc-")
            .tempdir()
            .context("cannot make a directory for the command's kubeconfig")?;
        let kubeconfig = dir.path().join("kubeconfig");
        let executable = app.environment.executable()?;
        let port = tunnel.address().port();
        let paths = std::slice::from_ref(&kubeconfig);
        file::edit(paths, |files| -> anyhow::Result<()> {
            let entry = entry(executable, &host.origin, wish, port, &["--no-tunnel"]);
            let context = files.upsert(&entry)?.context_name;
            Ok(files.switch_to(&context)?)
        })
        .await?;
        Ok(Self {
            _tunnel: tunnel,
            _dir: dir,
            kubeconfig,
        })
    }

    /// The kubeconfig file.
    pub(super) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }
}

/// The signals that ask a program to end.
pub(super) struct Signals {
    interrupts: unix::Signal,
    terminations: unix::Signal,
    hangups: unix::Signal,
}

impl Signals {
    /// From now on none of them ends this process.
    ///
    /// # Errors
    /// When the operating system does not let us listen.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupts: unix::signal(SignalKind::interrupt())?,
            terminations: unix::signal(SignalKind::terminate())?,
            hangups: unix::signal(SignalKind::hangup())?,
        })
    }

    /// Resolves with the number of the next one.
    pub(super) async fn next(&mut self) -> u8 {
        let signal = tokio::select! {
            _ = self.interrupts.recv() => SystemSignal::INT,
            _ = self.terminations.recv() => SystemSignal::TERM,
            _ = self.hangups.recv() => SystemSignal::HUP,
        };
        u8::try_from(signal.as_raw()).unwrap_or_default()
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    /// Its own exit code; 128 and the signal's number if a signal ended it, as shells say it.
    pub(super) code: u8,
    /// Whether somebody asked it, or us, to end.
    pub(super) was_signalled: bool,
    /// Whether its deadline ended it.
    pub(super) was_late: bool,
}

/// A command that is about to be started.
pub(super) struct Call<'a> {
    /// The program and its arguments.
    pub(super) command: &'a [OsString],
    /// What its environment has besides ours.
    pub(super) environment: Vec<(&'static str, OsString)>,
    /// Who writes its output, line by line, when it must not write itself; it then has no input either.
    pub(super) written_by: Option<&'a Ui>,
    /// When it is asked to end, and a little later made to.
    pub(super) deadline: Option<Instant>,
}

impl<'a> Call<'a> {
    /// A command for this cluster, by this way.
    pub(super) fn new(command: &'a [OsString], access: &Access, wish: &Wish<'_>) -> Self {
        Self {
            command,
            environment: vec![
                ("KUBECONFIG", access.kubeconfig().into()),
                ("VC_NAME", wish.name.as_str().into()),
                ("VC_NAMESPACE", wish.namespace.as_str().into()),
            ],
            written_by: None,
            deadline: None,
        }
    }

    /// Runs it to its end, passing on the signals that ask it to end, however many.
    ///
    /// In the foreground of a terminal it stays in our process group, so that it can read the terminal and
    /// Ctrl-C reaches all of it by itself. Anywhere else it gets a group of its own, and a signal to us is
    /// passed on to the whole group, as a shell's job would get it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) async fn run(&self, signals: &mut Signals) -> anyhow::Result<Ended> {
        let on_terminal = is_in_foreground();
        let mut child = self.spawn(on_terminal)?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw);
        let streams = (child.stdout.take(), child.stderr.take());
        let output = relay(streams, self.written_by);
        let mut output = pin!(output);
        let mut is_read = false;
        let mut was_signalled = false;
        let mut deadline = self.deadline;
        let mut was_late = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status?,
                () = &mut output, if !is_read => is_read = true,
                number = signals.next() => {
                    was_signalled = true;
                    forward(pid, number, on_terminal);
                }
                () = until(deadline) => {
                    let signal = if was_late { SystemSignal::KILL } else { SystemSignal::TERM };
                    send(pid, signal, on_terminal);
                    deadline = (!was_late).then(|| Instant::now() + LATE_GRACE);
                    was_late = true;
                }
            }
        };
        if !is_read {
            // What is still open then is somebody else's.
            let _ = timeout(DRAIN_DEADLINE, output).await;
        }
        Ok(Ended {
            code: exit_code(status),
            was_signalled,
            was_late,
        })
    }

    fn spawn(&self, on_terminal: bool) -> anyhow::Result<Child> {
        let (program, args) = self
            .command
            .split_first()
            .context("there is no command to run")?;
        let mut command = Command::new(program);
        command
            .args(args)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        if !on_terminal {
            command.process_group(0);
        }
        if self.written_by.is_some() {
            command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
        }
        command.spawn().map_err(|source| {
            Failure::new(
                Kind::BeforeCommand,
                format!(
                    "command `{}` cannot be started",
                    Path::display(program.as_ref())
                ),
            )
            .because(source)
            .into()
        })
    }
}

/// The program of a command, to be told.
pub(super) fn program(command: &[OsString]) -> String {
    let program: &OsStr = command.first().map_or(OsStr::new(""), AsRef::as_ref);
    program.to_string_lossy().into_owned()
}

/// Whether we are what a terminal's Ctrl-C is meant for.
fn is_in_foreground() -> bool {
    // There is one only for who has a terminal.
    let Ok(terminal) = File::open("/dev/tty") else {
        return false;
    };
    let group = rustix::termios::tcgetpgrp(&terminal);
    group.is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Passes a signal on.
fn forward(pid: Option<Pid>, number: u8, on_terminal: bool) {
    match SystemSignal::from_named_raw(i32::from(number)) {
        // The terminal has told everybody in the foreground.
        Some(SystemSignal::INT) if on_terminal => {}
        Some(signal) => send(pid, signal, on_terminal),
        None => {}
    }
}

/// Sends a signal to the command, or to its group if it has one. It may have ended a moment ago; then there
/// is nobody to tell.
fn send(pid: Option<Pid>, signal: SystemSignal, on_terminal: bool) {
    match pid {
        Some(pid) if on_terminal => drop(kill_process(pid, signal)),
        Some(pid) => drop(kill_process_group(pid, signal)),
        None => {}
    }
}

/// Resolves at that time; never, if there is none.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Passes on what a command writes, line by line, until it closes its streams.
async fn relay(streams: (Option<ChildStdout>, Option<ChildStderr>), ui: Option<&Ui>) {
    let (Some(ui), (Some(stdout), Some(stderr))) = (ui, streams) else {
        return;
    };
    tokio::join!(
        // A reader of ours that went away is not the command's failure.
        lines(stdout, |line| drop(ui.data_line(line))),
        lines(stderr, |line| ui.talk_line(line)),
    );
}

async fn lines(pipe: impl AsyncRead + Unpin, mut pass_on: impl FnMut(&str)) {
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let text = String::from_utf8_lossy(&line);
                pass_on(text.strip_suffix('\n').unwrap_or(&text));
            }
        }
    }
}

fn exit_code(status: ExitStatus) -> u8 {
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.unwrap_or(1)
}
