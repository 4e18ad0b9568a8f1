//! Locks beside kubeconfig files, as client-go makes them.
//!
//! In: paths. Out: [`Lock`]s, which go when they are dropped. Never: breaks the lock of another.
//!
//! See `ModifyConfig` and `lockFile` in client-go's `tools/clientcmd`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

use super::FileError;
use crate::holder::Holder;

/// Shortest wait between two tries, in milliseconds: about as long as one change takes.
const RETRY_MILLISECONDS: u64 = 10;

/// A lock that we hold.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // If it cannot be removed, the next who waits for it is told its name and age.
        drop(fs::remove_file(&self.path));
    }
}

/// Locks all files, waiting up to `patience` for each who holds one: where locks change hands somebody gets on, and
/// on a slow disk twenty of them take longer than one may.
///
/// All of them, as client-go does: which one will be written is known only after reading them.
pub(super) async fn acquire(paths: &[PathBuf], patience: Duration) -> Result<Vec<Lock>, FileError> {
    make_home(paths)?;
    let mut locks = Vec::new();
    for path in lock_paths(paths) {
        let mut deadline = Instant::now() + patience;
        let mut holder = None;
        loop {
            match try_lock(&path)? {
                Attempt::Held(lock) => {
                    locks.push(lock);
                    break;
                }
                Attempt::Impossible => break,
                Attempt::Taken => {
                    let now = made(&path);
                    if now.is_some() && now != holder {
                        holder = now;
                        deadline = Instant::now() + patience;
                    } else if Instant::now() >= deadline {
                        let age = age(&path);
                        return Err(FileError::Locked { lock: path, age });
                    }
                    sleep(jitter()).await;
                }
            }
        }
    }
    Ok(locks)
}

enum Attempt {
    Held(Lock),
    Taken,
    /// There is no such directory, or we may not write in it: then nobody like us can lock either.
    Impossible,
}

fn try_lock(path: &Path) -> Result<Attempt, FileError> {
    let created = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    match created.map_err(|error| (error.kind(), error)) {
        Ok(mut file) => {
            // By this `vc doctor` can tell one that was left behind. A lock is one without it, too.
            drop(writeln!(file, "{}", Holder::me()));
            Ok(Attempt::Held(Lock {
                path: path.to_owned(),
            }))
        }
        Err((ErrorKind::AlreadyExists, _)) => Ok(Attempt::Taken),
        Err((
            ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem,
            _,
        )) => Ok(Attempt::Impossible),
        Err((_, source)) => Err(FileError::Lock {
            lock: path.to_owned(),
            source,
        }),
    }
}

/// A lock that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Where it is.
    pub path: PathBuf,
    /// How long ago it was made, in whole seconds.
    pub age: Duration,
    /// Who made it, if it says so; kubectl's do not.
    pub holder: Option<Holder>,
}

/// The locks of these files that somebody holds, or has left behind.
pub(super) fn held(paths: &[PathBuf]) -> Vec<Held> {
    let locks = lock_paths(paths).into_iter();
    let held = locks.filter_map(|path| {
        let text = fs::read_to_string(&path).ok()?;
        Some(Held {
            age: age(&path),
            holder: text.parse().ok(),
            path,
        })
    });
    held.collect()
}

/// Removes a lock whose process is gone; whether it was one.
pub(super) fn remove_left(path: &Path) -> std::io::Result<bool> {
    let text = fs::read_to_string(path)?;
    let holder: Option<Holder> = text.parse().ok();
    let is_gone = holder.is_some_and(|holder| holder.lives() == Some(false));
    if is_gone {
        fs::remove_file(path)?;
    }
    Ok(is_gone)
}

/// Sorted, so that two who want the same locks do not each wait for the other's.
///
/// A link is locked where it stands, as kubectl does, and where it leads, for those who go there
/// directly.
fn lock_paths(paths: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut locks = BTreeSet::new();
    for path in paths {
        let target = fs::canonicalize(path).ok();
        for path in target.iter().chain([path]) {
            let mut lock = OsString::from(path);
            lock.push(".lock");
            // By the directory's own path, so that two names of one lock are one.
            let lock = PathBuf::from(lock);
            let directory = lock.parent().and_then(|parent| {
                let is_here = parent.as_os_str().is_empty();
                fs::canonicalize(if is_here { Path::new(".") } else { parent }).ok()
            });
            locks.insert(match (directory, lock.file_name()) {
                (Some(directory), Some(name)) => directory.join(name),
                _ => lock,
            });
        }
    }
    locks
}

/// If there is no file yet, makes the directory of the one that would be written.
fn make_home(paths: &[PathBuf]) -> Result<(), FileError> {
    let Some(last) = paths.last() else {
        return Ok(());
    };
    let Some(directory) = last.parent() else {
        return Ok(());
    };
    if directory.as_os_str().is_empty() || paths.iter().any(|path| path.exists()) {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    match builder.recursive(true).mode(0o700).create(directory) {
        Ok(()) => Ok(()),
        // Then nothing can be locked, and writing says so, if it comes to that.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Ok(())
        }
        Err(source) => Err(FileError::Write {
            path: last.clone(),
            source,
        }),
    }
}

/// Between one and three times the shortest wait, so that those who wait do not all try at once.
fn jitter() -> Duration {
    let random = RandomState::new().hash_one(0) % (2 * RETRY_MILLISECONDS);
    Duration::from_millis(RETRY_MILLISECONDS + random)
}

/// By what one lock is told from another of the same name: which file it is, and when it was made.
fn made(lock: &Path) -> Option<(u64, SystemTime)> {
    let metadata = fs::metadata(lock).ok()?;
    Some((metadata.ino(), metadata.modified().ok()?))
}

/// In whole seconds, as a person would say it.
fn age(lock: &Path) -> Duration {
    let made = fs::metadata(lock).and_then(|metadata| metadata.modified());
    let age = made.map(|made| SystemTime::now().duration_since(made));
    Duration::from_secs(age.map_or(0, |age| age.unwrap_or_default().as_secs()))
}
