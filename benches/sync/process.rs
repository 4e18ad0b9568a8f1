//! The syncer's process, where this machine runs it: on a host that is on this machine.
//!
//! In: `/proc`. Out: what the process takes. Never: another process.

use std::path::PathBuf;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};

use crate::memory;

/// Length of the unit of times in `/proc/PID/stat`: `USER_HZ` is 100 wherever Linux runs.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
const TICK_MILLISECONDS: f64 = 10.0;

/// One process, by its PID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pid: i32,
    /// Port on which it says whether it is in step.
    pub(crate) health_port: u16,
}

impl Process {
    /// The process that was started as the syncer of this cluster.
    pub(crate) fn find(cluster: &str, namespace: &str) -> Option<Self> {
        let processes = std::fs::read_dir("/proc").ok()?;
        processes.flatten().find_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let command = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
            let arguments: Vec<&str> = command.split('\0').collect();
            let is_syncer = arguments.get(1..3)? == ["syncer", cluster]
                && arguments.contains(&format!("--namespace={namespace}").as_str());
            let health_port = arguments
                .iter()
                .find_map(|argument| argument.strip_prefix("--health-port="))?;
            is_syncer.then_some(Self {
                pid,
                health_port: health_port.parse().ok()?,
            })
        })
    }

    /// Its anonymous memory: what is its own alone.
    pub(crate) fn anonymous_kibibytes(&self) -> Option<f64> {
        memory::anonymous_kibibytes(&self.read("status")?)
    }

    /// The processor time that it has had.
    pub(crate) fn processor_milliseconds(&self) -> Option<f64> {
        let stat = self.read("stat")?;
        // The name, which is in brackets, may have blanks. `utime` is the 14th field, `stime` the next;
        // the first one after the name is the third.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_whitespace().skip(11);
        let user: f64 = fields.next()?.parse().ok()?;
        let system: f64 = fields.next()?.parse().ok()?;
        Some((user + system) * TICK_MILLISECONDS)
    }

    /// Ends it as the kernel does when memory runs out.
    pub(crate) fn kill(&self) -> anyhow::Result<()> {
        let pid = Pid::from_raw(self.pid).context("the syncer has no PID")?;
        kill_process(pid, Signal::KILL).context("the syncer cannot be killed")
    }

    fn read(&self, file: &str) -> Option<String> {
        let path: PathBuf = ["/proc", &self.pid.to_string(), file].iter().collect();
        std::fs::read_to_string(path).ok()
    }
}
