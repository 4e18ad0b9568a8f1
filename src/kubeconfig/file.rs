//! Kubeconfig files on disk.
//!
//! In: the paths that apply and a change. Out: the files, changed if need be. Never: leaves a file
//! half written, writes one that it did not read under the lock, or decides what to change.
//!
//! Locks are client-go's (`FILE.lock`, created exclusively), so that kubectl and we keep out of each
//! other's way.

mod lock;
mod write;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::{File, Files, Malformed};

pub use lock::Held;

/// How long to wait for a lock: kubectl holds one for milliseconds, so one that is still there after
/// this time was left by a process that was killed.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// Why kubeconfig files could not be read or written. No file was changed, unless said.
#[derive(Debug, Error)]
pub enum FileError {
    /// There is no home directory and no file was named.
    #[error("there is no home directory to keep a kubeconfig in")]
    NoPath,
    /// A file cannot be read.
    #[error("cannot read kubeconfig `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file is not a kubeconfig.
    #[error("kubeconfig `{}` is malformed: {malformed}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The place and what is wrong there.
        malformed: Malformed,
    },
    /// Somebody holds the lock for too long.
    #[error(
        "kubeconfig is locked: `{}` is {} old",
        lock.display(),
        humantime::format_duration(*age)
    )]
    Locked {
        /// The lock file.
        lock: PathBuf,
        /// How long ago it was made, in whole seconds.
        age: Duration,
    },
    /// The lock cannot be made.
    #[error("cannot lock kubeconfig with `{}`", lock.display())]
    Lock {
        /// The lock file.
        lock: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file may not be written.
    #[error("cannot write kubeconfig `{}`: it is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be written. It is as it was; files before it in the order may have been changed.
    #[error("cannot write kubeconfig `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The change itself was refused.
    #[error(transparent)]
    Refused(#[from] super::Error),
}

/// The files that apply: `--kubeconfig`, else those of `$KUBECONFIG`, else the one in the home
/// directory. As in kubectl, empty names are skipped and a name counts once.
pub fn paths(
    kubeconfig_flag: Option<&Path>,
    kubeconfig_env: Option<&OsStr>,
    home: Option<&Path>,
) -> Vec<PathBuf> {
    if let Some(path) = kubeconfig_flag.filter(|path| !path.as_os_str().is_empty()) {
        return vec![path.to_owned()];
    }
    let mut paths = Vec::new();
    for path in kubeconfig_env.iter().flat_map(std::env::split_paths) {
        if !path.as_os_str().is_empty() && !paths.contains(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        paths.extend(home.map(|home| home.join(".kube").join("config")));
    }
    paths
}

/// Reads the files; one that is missing is an empty one.
///
/// # Errors
/// A file cannot be read, or is not a kubeconfig.
pub fn load(paths: &[PathBuf]) -> Result<Files, FileError> {
    let files: Result<Vec<File>, FileError> = paths.iter().map(|path| load_one(path)).collect();
    Ok(Files::new(files?))
}

/// Changes the files under their locks and writes those that came out different.
///
/// # Guarantees
/// A file is either as it was or as it should be, also when the disk is full or the process is
/// killed (but for a kill while a bind mount is written). A change that changes nothing writes
/// nothing. The locks go when this ends, also when the future is dropped.
///
/// # Caveats
/// A lock whose holder was killed is not broken, because nobody could tell it from one in use. In a
/// directory that we may not write there is no lock; nobody with our rights could make one.
///
/// # Errors
/// Those of [`FileError`], and those of `change`, after which nothing is written.
pub async fn edit<T, E: From<FileError>>(
    paths: &[PathBuf],
    change: impl FnOnce(&mut Files) -> Result<T, E>,
) -> Result<T, E> {
    edit_within(paths, LOCK_PATIENCE, change).await
}

/// The locks of these files that somebody holds, or has left behind.
pub fn locks(paths: &[PathBuf]) -> Vec<Held> {
    lock::held(paths)
}

/// Removes a lock of ours whose process is gone; whether it was one.
///
/// # Errors
/// When it cannot be read or removed.
pub fn remove_left_lock(path: &Path) -> io::Result<bool> {
    lock::remove_left(path)
}

async fn edit_within<T, E: From<FileError>>(
    paths: &[PathBuf],
    lock_patience: Duration,
    change: impl FnOnce(&mut Files) -> Result<T, E>,
) -> Result<T, E> {
    if paths.is_empty() {
        return Err(FileError::NoPath.into());
    }
    let _locks = lock::acquire(paths, lock_patience).await?;
    let mut files = load(paths)?;
    let answer = change(&mut files)?;
    for (path, text) in files.changes().map_err(FileError::from)? {
        write::write(path, &text)?;
    }
    Ok(answer)
}

fn load_one(path: &Path) -> Result<File, FileError> {
    let unreadable = |source| FileError::Read {
        path: path.to_owned(),
        source,
    };
    // What the file says of other files is relative to its directory, so that must be known.
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(File::missing(absolute));
        }
        Err(error) => return Err(unreadable(error)),
    };
    text(&bytes)
        .and_then(|text| File::parse(absolute.clone(), text))
        .map_err(|malformed| FileError::Malformed {
            path: absolute,
            malformed,
        })
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.iter().take(error.valid_up_to());
        let line = before.filter(|byte| **byte == b'\n').zip(2..).last();
        Malformed {
            line: Some(line.map_or(1, |(_, line)| line)),
            message: "it is not UTF-8".to_owned(),
        }
    })
}

#[cfg(test)]
mod tests;
