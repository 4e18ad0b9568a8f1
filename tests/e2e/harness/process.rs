//! Processes with a deadline, whose whole group dies with it.

use std::fmt::Write as _;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

/// The longest that anything takes here; whoever expects less says so.
const DEADLINE: Duration = Duration::from_mins(3);

/// How long the streams of a process that ended may stay open. A tunnel in the background must not
/// keep them, or whoever reads them (`$(vc …)`) would hang.
const STREAMS_DEADLINE: Duration = Duration::from_secs(5);

/// How often a process is asked whether it ended: the standard library has no wait with a deadline.
const PERIOD: Duration = Duration::from_millis(5);

/// What was run in a sandbox and what came of it, for the dump of a failed test.
pub(super) type Journal = Arc<Mutex<String>>;

/// A process that is about to be started.
pub(crate) struct Call {
    command: Command,
    line: String,
    deadline: Duration,
    stdin: Option<String>,
    journal: Journal,
}

impl Call {
    /// `line` is split at white space; more arguments come with [`Call::arg`].
    pub(super) fn new(program: &str, line: &str, journal: &Journal) -> Self {
        let mut command = Command::new(program);
        command.args(line.split_whitespace()).env_clear();
        let name = program.rsplit('/').next().unwrap_or(program);
        Self {
            command,
            line: format!("{name} {line}"),
            deadline: DEADLINE,
            stdin: None,
            journal: Arc::clone(journal),
        }
    }

    /// One more argument, which may have white space in it.
    pub(crate) fn arg(mut self, arg: &str) -> Self {
        self.command.arg(arg);
        write!(self.line, " '{arg}'").expect("a String");
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// It must end within this long.
    pub(crate) fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.stdin = Some(text.to_owned());
        self
    }

    /// Starts it in a process group of its own.
    pub(crate) fn start(mut self) -> Running {
        let stdin = if self.stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let mut child = self
            .command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start `{}`: {error}", self.line));
        if let (Some(text), Some(mut pipe)) = (self.stdin, child.stdin.take()) {
            std::thread::spawn(move || {
                // A process that does not read to the end is not this thread's business.
                drop(std::io::Write::write_all(&mut pipe, text.as_bytes()));
            });
        }
        Running {
            stdout: Stream::read(child.stdout.take().expect("a pipe")),
            stderr: Stream::read(child.stderr.take().expect("a pipe")),
            child,
            line: self.line,
            began: Instant::now(),
            deadline: self.deadline,
            journal: self.journal,
            ended: false,
        }
    }

    /// Starts it on a terminal of its own, for somebody to type.
    pub(crate) fn on_terminal(mut self) -> expectrl::session::OsSession {
        self.command.env("TERM", "xterm");
        let mut terminal = expectrl::Session::spawn(self.command)
            .unwrap_or_else(|error| panic!("cannot start `{}`: {error}", self.line));
        terminal.set_expect_timeout(Some(self.deadline));
        terminal
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Done {
        self.start().wait()
    }

    /// Runs it; it must succeed.
    pub(crate) fn ok(self) -> Done {
        self.exits(0)
    }

    /// Runs it; it must end with this code.
    pub(crate) fn exits(self, code: i32) -> Done {
        self.run().exits(code)
    }
}

/// A process that runs; it dies with this.
pub(crate) struct Running {
    child: Child,
    line: String,
    stdout: Stream,
    stderr: Stream,
    began: Instant,
    deadline: Duration,
    journal: Journal,
    ended: bool,
}

impl Running {
    /// Waits until it has written this to stderr; whether it has, before it ended.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.stderr.await_text(text, self.began + self.deadline)
    }

    /// Waits until it has written this to stdout; whether it has, before it ended.
    pub(crate) fn prints(&self, text: &str) -> bool {
        self.stdout.await_text(text, self.began + self.deadline)
    }

    /// What it has written to stderr so far.
    pub(crate) fn talk(&self) -> String {
        self.stderr.text()
    }

    /// What it has written to stdout so far.
    pub(crate) fn output(&self) -> String {
        self.stdout.text()
    }

    /// Sends a signal to this process alone, as `kill` does.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a process that lives");
    }

    /// Kills it with everything it started, which cannot do anything about it.
    pub(crate) fn kill_hard(mut self) -> Done {
        self.kill_group();
        self.finish()
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Done {
        self.finish()
    }

    fn finish(&mut self) -> Done {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                break status;
            }
            if self.began.elapsed() > self.deadline {
                self.kill_group();
                self.note("killed at its deadline");
                panic!("`{}` did not end within {:?}", self.line, self.deadline);
            }
            std::thread::sleep(PERIOD);
        };
        self.ended = true;
        let took = self.began.elapsed();
        let code = status.code().or(status.signal().map(|signal| 128 + signal));
        let code = code.expect("a code or a signal");
        let closed = Instant::now() + STREAMS_DEADLINE;
        let streams_ended = self.stdout.await_end(closed) && self.stderr.await_end(closed);
        self.note(&format!("exit {code} after {:.1} s", took.as_secs_f64()));
        assert!(streams_ended, "`{}` left its streams open", self.line);
        Done {
            line: self.line.clone(),
            code,
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        }
    }

    fn note(&self, end: &str) {
        let mut journal = self.journal.lock().expect("no panic while it is held");
        writeln!(journal, "$ {}   [{end}]", self.line).expect("a String");
        for (name, stream) in [("out", &self.stdout), ("err", &self.stderr)] {
            for line in stream.text().lines().take(200) {
                writeln!(journal, "  {name}| {line}").expect("a String");
            }
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn kill_group(&self) {
        // It may have ended just now.
        let _ = kill_process_group(self.pid(), Signal::KILL);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.kill_group();
            drop(self.child.wait());
            self.note("killed because the test was over");
        }
    }
}

/// What came of a process.
pub(crate) struct Done {
    line: String,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Done {
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code of {self}");
        self
    }

    /// Stderr has this in it.
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "`{text}` is not what was said by {self}"
        );
        self
    }

    /// Stdout without the white space around it.
    pub(crate) fn output(&self) -> &str {
        self.stdout.trim()
    }

    pub(crate) fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON ({error}): {self}"))
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "`{}`\n--- exit {}\n--- stdout\n{}\n--- stderr\n{}",
            self.line, self.code, self.stdout, self.stderr
        )
    }
}

/// What a process has written so far.
#[derive(Clone)]
struct Stream(Arc<(Mutex<Written>, Condvar)>);

#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    ended: bool,
}

impl Stream {
    fn read(mut pipe: impl Read + Send + 'static) -> Self {
        let stream = Self(Arc::default());
        let ours = stream.clone();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            loop {
                let count = pipe.read(&mut chunk).unwrap_or(0);
                let (written, changed) = &*ours.0;
                let mut written = written.lock().expect("no panic while it is held");
                written.bytes.extend_from_slice(&chunk[..count]);
                written.ended = count == 0;
                changed.notify_all();
                if written.ended {
                    return;
                }
            }
        });
        stream
    }

    fn await_text(&self, text: &str, deadline: Instant) -> bool {
        let has = |written: &Written| String::from_utf8_lossy(&written.bytes).contains(text);
        self.wait_while(deadline, |written| !written.ended && !has(written));
        self.text().contains(text)
    }

    fn await_end(&self, deadline: Instant) -> bool {
        self.wait_while(deadline, |written| !written.ended)
    }

    /// Waits while the condition holds; whether it ended before the deadline.
    fn wait_while(&self, deadline: Instant, condition: impl Fn(&Written) -> bool) -> bool {
        let (written, changed) = &*self.0;
        let patience = deadline.saturating_duration_since(Instant::now());
        let guard = written.lock().expect("no panic while it is held");
        let (guard, waited) = changed
            .wait_timeout_while(guard, patience, |written| condition(written))
            .expect("no panic while it is held");
        drop(guard);
        !waited.timed_out()
    }

    fn text(&self) -> String {
        let (written, _) = &*self.0;
        let written = written.lock().expect("no panic while it is held");
        String::from_utf8_lossy(&written.bytes).into_owned()
    }
}
