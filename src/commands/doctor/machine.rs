//! What is seen of this machine.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::commands::App;
use crate::doctor::machine::{self, Holder, Lock, OF_OTHERS, Private, StaleTunnel};
use crate::doctor::{Finding, cannot_tell};
use crate::kubeconfig::file;
use crate::tunnel::registry;

/// What is wrong with files, locks and tunnels of this user.
pub(super) fn findings(app: &App) -> Vec<Finding> {
    let mut findings = Vec::new();
    let kubeconfigs = app.kubeconfig_paths();
    let mut files: Vec<Private> = kubeconfigs
        .iter()
        .filter_map(|path| private(path))
        .collect();
    if let Ok(state) = app.environment.state_dir() {
        files.extend(private(state));
    }
    findings.extend(machine::private(&files));
    findings.extend(machine::locks(&locks(app)));
    match stale(app) {
        Ok(stale) => findings.extend(machine::tunnels(&stale)),
        Err(finding) => findings.push(finding),
    }
    findings
}

/// Who may do what with a file or directory; none when there is none.
fn private(path: &Path) -> Option<Private> {
    let mode = fs::metadata(path).ok()?.mode();
    Some(Private {
        path: path.display().to_string(),
        mode: mode & 0o777,
        forbidden: OF_OTHERS,
    })
}

fn locks(app: &App) -> Vec<Lock> {
    let held = file::locks(&app.kubeconfig_paths()).into_iter();
    let locks = held.map(|held| {
        let lives = held.holder.and_then(|holder| holder.lives());
        Lock {
            path: held.path.display().to_string(),
            age: held.age,
            holder: match lives {
                Some(true) => Holder::Lives,
                Some(false) => Holder::Gone,
                None => Holder::Unknown,
            },
        }
    });
    locks.collect()
}

fn stale(app: &App) -> Result<Vec<StaleTunnel>, Finding> {
    let Ok(dir) = app.tunnels_dir() else {
        return Ok(Vec::new());
    };
    let stale = registry::stale(&dir)
        .map_err(|error| cannot_tell("tunnels", crate::error::one_line(&error.into())))?;
    let stale = stale.into_iter();
    Ok(stale.map(|stale| StaleTunnel { uid: stale.uid }).collect())
}
