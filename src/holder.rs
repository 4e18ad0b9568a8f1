//! Which process holds something that outlives it if it is killed.
//!
//! In: a process, or the line by which one is known. Out: that line, or whether the process is gone. Never: signals
//! a process.

use std::fmt;
use std::fs;
use std::str::FromStr;

use rustix::io::Errno;
use rustix::process::{Pid, getpid, test_kill_process};

/// A process. Prints as `PID MACHINE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pid: i32,
    /// The system in which the number means it: see [`machine`].
    machine: String,
}

impl Holder {
    /// This process.
    pub fn me() -> Self {
        Self {
            pid: getpid().as_raw_pid(),
            machine: machine(),
        }
    }

    /// Whether it lives; none when that cannot be told from here. Another process that has its number now passes
    /// for it: then it is taken to live.
    pub fn lives(&self) -> Option<bool> {
        if self.machine.is_empty() || self.machine != machine() {
            return None;
        }
        let pid = Pid::from_raw(self.pid)?;
        Some(test_kill_process(pid) != Err(Errno::SRCH))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.pid, self.machine)
    }
}

/// That a text names no process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nobody;

impl FromStr for Holder {
    type Err = Nobody;

    fn from_str(text: &str) -> Result<Self, Nobody> {
        let (pid, machine) = text.trim().split_once(' ').ok_or(Nobody)?;
        let pid = pid.parse().map_err(|_| Nobody)?;
        let machine = machine.to_owned();
        Ok(Self { pid, machine })
    }
}

/// Names the system whose process numbers are meant: a state directory may be shared by machines
/// (a home directory on NFS) or containers, and their numbers must never be taken for ours.
///
/// Empty where the kernel does not say, as on macOS.
pub fn machine() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{} {}", boot.trim(), namespace.display())
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_line() {
        let me = Holder::me();
        assert_eq!(me.to_string().parse(), Ok(me.clone()));
        assert_eq!("".parse::<Holder>(), Err(Nobody));
        assert_eq!("kubectl was here".parse::<Holder>(), Err(Nobody));
        if !me.machine.is_empty() {
            assert_eq!(me.lives(), Some(true));
        }
        let elsewhere = Holder {
            machine: "another".to_owned(),
            ..me
        };
        assert_eq!(elsewhere.lives(), None);
    }

    #[test]
    fn a_process_that_has_ended_is_gone() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let ended = Holder {
            pid: i32::try_from(child.id()).unwrap(),
            ..Holder::me()
        };
        child.wait().unwrap();
        assert_ne!(ended.lives(), Some(true));
    }
}
