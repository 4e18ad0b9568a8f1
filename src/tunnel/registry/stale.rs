//! Records of tunnels that were killed, and so could not take them along.

use std::path::Path;
use std::time::Duration;

use super::{RegistryError, Turn, each_record, read_living, remove};

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
    each_record(dir, |uid, path| {
        let is_stale = read_living(path)?.is_none() && path.exists();
        Ok(is_stale.then_some(Stale { uid }))
    })
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
