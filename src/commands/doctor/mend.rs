//! `--fix`: what can be done on this machine without harm.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;

use crate::commands::App;
use crate::doctor::machine::OF_OTHERS;
use crate::doctor::{Finding, codes};
use crate::kubeconfig::file;
use crate::tunnel::registry;

/// Does what `fixable` findings say, and marks those of which that came about. What cannot be done is told.
pub(super) async fn mend(app: &App, findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| finding.fixable) {
        match mend_one(app, finding).await {
            Ok(is_fixed) => finding.fixed = is_fixed,
            Err(error) => app.ui.warn(&format!("{error:#}")),
        }
    }
}

async fn mend_one(app: &App, finding: &Finding) -> anyhow::Result<bool> {
    let object = &finding.object;
    let cannot = |what: &str| format!("cannot {what} `{object}`");
    match finding.code {
        code if code == codes::OPEN_FILE.id => {
            let path = Path::new(object);
            let close = || -> std::io::Result<()> {
                let mut permissions = fs::metadata(path)?.permissions();
                permissions.set_mode(permissions.mode() & !OF_OTHERS);
                fs::set_permissions(path, permissions)
            };
            close().with_context(|| cannot("take others' rights from"))?;
            Ok(true)
        }
        code if code == codes::KUBECONFIG_LOCK.id => {
            file::remove_left_lock(Path::new(object)).with_context(|| cannot("remove"))
        }
        code if code == codes::STALE_TUNNEL.id => {
            let uid = object.trim_start_matches("tunnel/");
            let forgotten = registry::forget(&app.tunnels_dir()?, uid).await;
            forgotten.with_context(|| cannot("remove the record of"))
        }
        _ => Ok(false),
    }
}
