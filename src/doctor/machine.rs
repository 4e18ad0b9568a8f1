//! This machine: files, locks, tunnels, the clock, kubectl.
//!
//! In: what was seen of them. Out: findings. Never: looks at or changes a file.

use std::time::Duration;

use super::{Finding, codes};
use crate::names::KubernetesVersion;

/// A file or directory that should be its owner's alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    /// Where it is.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// What others may do that they should not.
    pub forbidden: u32,
}

/// What others may not do with a kubeconfig or the state: anything.
pub const OF_OTHERS: u32 = 0o077;

/// Who holds a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A process of this machine that lives.
    Lives,
    /// A process of this machine that is gone.
    Gone,
    /// It does not say, or is of another machine.
    Unknown,
}

/// A lock beside a kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// Where it is.
    pub path: String,
    /// How long ago it was made.
    pub age: Duration,
    /// Whose it is.
    pub holder: Holder,
}

/// Files are held for milliseconds: one that is older than this was left behind.
const LOCK_AGE: Duration = Duration::from_mins(1);

/// A tunnel whose process is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleTunnel {
    /// UID of its cluster.
    pub uid: String,
}

/// From where on two clocks are told to differ.
const CLOCK_OFF: i64 = 60;

/// How far new certificates are dated back, in seconds: see `pki`.
const CLOCK_AHEAD: i64 = 5 * 60;

/// Checks who may see files.
pub fn private(files: &[Private]) -> Vec<Finding> {
    let open = files.iter().filter(|file| file.mode & file.forbidden != 0);
    open.map(|file| {
        let (path, mode) = (&file.path, file.mode);
        let message = format!("others than its owner have rights on it (mode {mode:03o})");
        Finding::new(&codes::OPEN_FILE, path.as_str(), message)
            .fix(format!("chmod go-rwx {path}"))
            .fixable()
    })
    .collect()
}

/// Checks the locks that are there.
pub fn locks(locks: &[Lock]) -> Vec<Finding> {
    let left = locks.iter().filter(|lock| is_left(lock));
    left.map(|lock| {
        let path = &lock.path;
        let age = humantime::format_duration(lock.age);
        let whose = match lock.holder {
            Holder::Gone => "the process that locked it is gone".to_owned(),
            Holder::Lives | Holder::Unknown => {
                format!("its lock is {age} old, and one is held for milliseconds")
            }
        };
        let found = Finding::new(
            &codes::KUBECONFIG_LOCK,
            path.as_str(),
            format!("the kubeconfig cannot be changed: {whose}"),
        )
        .fix(format!("rm {path}"));
        match lock.holder {
            Holder::Gone => found.fixable(),
            Holder::Lives | Holder::Unknown => found,
        }
    })
    .collect()
}

fn is_left(lock: &Lock) -> bool {
    match lock.holder {
        Holder::Gone => true,
        Holder::Lives => false,
        Holder::Unknown => lock.age >= LOCK_AGE,
    }
}

/// Tells of tunnels that were killed.
pub fn tunnels(stale: &[StaleTunnel]) -> Vec<Finding> {
    let stale = stale.iter();
    stale
        .map(|StaleTunnel { uid }| {
            Finding::new(
                &codes::STALE_TUNNEL,
                format!("tunnel/{uid}"),
                "its process is gone, and its record is still there",
            )
            .fix("vc doctor --fix")
            .fixable()
        })
        .collect()
}

/// Compares the clocks; `ahead` is by how many seconds this machine's is, at least.
pub fn clock(ahead: i64) -> Option<Finding> {
    let seconds = ahead.unsigned_abs();
    let told = humantime::format_duration(Duration::from_secs(seconds));
    let message = |word: &str| format!("this machine's clock is {told} {word} the host's");
    let fix = "timedatectl set-ntp true";
    if ahead > CLOCK_AHEAD {
        let message = format!(
            "{}: new certificates would not be valid yet",
            message("ahead of")
        );
        return Some(Finding::new(&codes::CLOCK_AHEAD, "clock", message).fix(fix));
    }
    let word = if ahead < 0 { "behind" } else { "ahead of" };
    (ahead.abs() > CLOCK_OFF)
        .then(|| Finding::new(&codes::CLOCK_OFF, "clock", message(word)).fix(fix))
}

/// By how many seconds a clock is ahead of another, at least: the other told its time, in whole seconds, some time
/// between two looks at the first.
pub fn ahead(before: i64, told: i64, after: i64) -> i64 {
    // What was told as `told` was any time within that second.
    let (least, most) = (
        before.saturating_sub(told.saturating_add(1)),
        after.saturating_sub(told),
    );
    match (least > 0, most < 0) {
        (true, _) => least,
        (_, true) => most,
        _ => 0,
    }
}

/// Compares kubectl with the release that it would talk to.
pub fn kubectl(kubectl: KubernetesVersion, wanted: KubernetesVersion) -> Option<Finding> {
    let is_near =
        kubectl.major == wanted.major && kubectl.minor.abs_diff(wanted.minor) <= KUBECTL_SKEW;
    (!is_near).then(|| {
        Finding::new(
            &codes::KUBECTL_SKEW,
            "kubectl",
            format!(
                "kubectl {kubectl} and Kubernetes {wanted} are more than a minor release apart"
            ),
        )
        .fix(format!("install kubectl {wanted}"))
    })
}

/// <https://kubernetes.io/releases/version-skew-policy/#kubectl>
const KUBECTL_SKEW: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_others_may_use_is_told() {
        let file = |mode| Private {
            path: "/k".to_owned(),
            mode,
            forbidden: OF_OTHERS,
        };
        assert_eq!(private(&[file(0o600), file(0o700)]), []);
        let found = private(&[file(0o640)]);
        assert_eq!(found[0].fix.as_deref(), Some("chmod go-rwx /k"));
        assert!(found[0].fixable && found[0].message.contains("640"));
    }

    #[test]
    fn a_lock_is_only_removed_when_its_process_is_known_to_be_gone() {
        let lock = |seconds, holder| Lock {
            path: "/k.lock".to_owned(),
            age: Duration::from_secs(seconds),
            holder,
        };
        let found = |seconds, holder| locks(&[lock(seconds, holder)]).pop();
        assert_eq!(found(5, Holder::Unknown), None);
        assert_eq!(found(5000, Holder::Lives), None);
        assert_eq!(found(0, Holder::Gone).map(|one| one.fixable), Some(true));
        let told = found(61, Holder::Unknown);
        assert_eq!(told.map(|one| one.fixable), Some(false));
    }

    #[test]
    fn a_killed_tunnel_is_fixable() {
        let found = tunnels(&[StaleTunnel {
            uid: "u-1".to_owned(),
        }]);
        assert_eq!(
            (found[0].object.as_str(), found[0].fixable),
            ("tunnel/u-1", true)
        );
    }

    #[test]
    fn clocks_are_compared_as_exactly_as_whole_seconds_and_a_request_allow() {
        assert_eq!(ahead(100, 100, 101), 0);
        assert_eq!(ahead(100, 100, 160), 0);
        assert_eq!(ahead(500, 100, 501), 399);
        assert_eq!(ahead(100, 500, 101), -399);
        let code = |ahead| clock(ahead).map(|finding| finding.code);
        assert_eq!(code(60), None);
        assert_eq!(code(-60), None);
        assert_eq!(code(-4000), Some("VC107"));
        assert_eq!(code(300), Some("VC107"));
        assert_eq!(code(301), Some("VC106"));
    }

    #[test]
    fn kubectl_may_be_one_minor_release_away() {
        let version = |text: &str| text.parse::<KubernetesVersion>().unwrap();
        assert_eq!(kubectl(version("v1.34.0"), version("v1.35.4")), None);
        assert_eq!(kubectl(version("v1.36.0"), version("v1.35.4")), None);
        let far = kubectl(version("v1.30.2"), version("v1.35.4")).unwrap();
        assert_eq!(far.code, "VC108");
    }
}
