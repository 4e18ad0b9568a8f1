//! Records of tunnels that were killed, and so could not take them along.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::{RegistryError, Turn, read_living, remove};

/// A record whose tunnel does not live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// UID of its cluster.
    pub uid: String,
}

/// Every record whose tunnel does not live, by UID.
///
/// # Errors
/// When the directory or a file in it cannot be read. That there is no directory is no error.
pub fn stale(dir: &Path) -> Result<Vec<Stale>, RegistryError> {
    let read = || -> io::Result<Vec<Stale>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let is_record = path
                .extension()
                .is_some_and(|extension| extension == "json");
            let Some(uid) = path.file_stem().filter(|_| is_record) else {
                continue;
            };
            if read_living(&path)?.is_none() && path.exists() {
                let uid = uid.to_string_lossy().into_owned();
                found.push(Stale { uid });
            }
        }
        found.sort_by(|one, other| one.uid.cmp(&other.uid));
        Ok(found)
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        found => found.map_err(|source| RegistryError::Files {
            dir: dir.to_owned(),
            source,
        }),
    }
}

/// Removes what a tunnel has left that does not live; whether there was nothing that lives.
///
/// # Errors
/// When somebody else is starting or stopping one, or a file cannot be removed.
pub async fn forget(dir: &Path, uid: &str) -> Result<bool, RegistryError> {
    let turn = Turn::new(dir, uid)?;
    let lock = turn.take().await?;
    let is_dead = turn.living()?.is_none() && turn.clear(Duration::ZERO).await?;
    if is_dead {
        let removed = remove(&turn.files.log()).and_then(|()| lock.remove());
        removed.map_err(|source| turn.broken(source))?;
    }
    Ok(is_dead)
}
