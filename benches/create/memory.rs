//! What the processes of pods take, where this machine runs them: on a host that is on this machine.
//!
//! In: `/proc`. Out: their anonymous memory: what is their own alone.

/// Of all processes of these pods, by their UIDs, in MiB; none when there is no such process.
pub(crate) fn anonymous_mebibytes(uids: &[String]) -> Option<f64> {
    // systemd's names have no hyphens.
    let marks: Vec<String> = uids
        .iter()
        .flat_map(|uid| [uid.clone(), uid.replace('-', "_")])
        .collect();
    let kibibytes: Vec<f64> = std::fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let groups = std::fs::read_to_string(entry.path().join("cgroup")).ok()?;
            marks
                .iter()
                .any(|mark| groups.contains(mark))
                .then_some(())?;
            let status = std::fs::read_to_string(entry.path().join("status")).ok()?;
            anonymous_kibibytes(&status)
        })
        .collect();
    (!kibibytes.is_empty()).then(|| kibibytes.iter().sum::<f64>() / 1024.0)
}

/// <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html>
pub(crate) fn anonymous_kibibytes(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.split_whitespace().next()?.parse().ok()
}
