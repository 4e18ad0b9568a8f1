//! The files by which a background tunnel is known: what it writes about itself, and how it is read.
//!
//! In: a directory of this user's alone. Out: claims of running tunnels, and what they say. Never:
//! starts, signals or waits for a process.
//!
//! Per cluster UID there are:
//!
//! - `UID.lock`: locked by the tunnel for its whole life. One tunnel per cluster.
//! - `UID.json`: what the tunnel says about itself ([`Info`]). *The very file* is locked by its
//!   writer, so whoever finds it unlocked knows that the writer is dead and its pid is anybody's.
//! - `UID.start`: locked by whoever starts or stops a tunnel.
//! - `UID.log`: stderr of the latest tunnel.
//!
//! The kernel frees a lock with its holder, kill -9 included.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::holder::machine;

/// What a tunnel needs to know to register itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The registry's directory.
    pub dir: PathBuf,
    /// The virtual cluster's UID.
    pub uid: String,
    /// The port it listens on.
    pub port: u16,
    /// The host namespace.
    pub namespace: String,
    /// The virtual cluster's name.
    pub name: String,
    /// Version of `vc` that runs the tunnel.
    pub version: String,
}

/// What a tunnel says about itself. Fields are only ever added, with a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// Its process.
    pub pid: i32,
    /// The system in which `pid` means that process: see [`machine`].
    pub machine: String,
    /// The port it listens on.
    pub port: u16,
    /// The host namespace.
    pub namespace: String,
    /// The virtual cluster's name.
    pub name: String,
    /// When it started (RFC 3339).
    pub started: String,
    /// Version of `vc` that runs it.
    pub version: String,
}

/// Where one cluster's files are.
#[derive(Debug, Clone)]
pub(super) struct Files {
    dir: PathBuf,
    uid: String,
}

impl Files {
    /// The files of this cluster; refuses a UID that could be a path.
    pub(super) fn of(dir: &Path, uid: &str) -> io::Result<Self> {
        let is_uid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if uid.is_empty() || !uid.bytes().all(is_uid) {
            let message = format!("`{uid}` is not the UID of a virtual cluster");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(Self {
            dir: dir.to_owned(),
            uid: uid.to_owned(),
        })
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.file("lock")
    }

    pub(super) fn info(&self) -> PathBuf {
        self.file("json")
    }

    pub(super) fn start(&self) -> PathBuf {
        self.file("start")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.file("log")
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.dir.join(format!("{}.{extension}", self.uid))
    }

    /// Makes the directory, for this user alone.
    pub(super) fn make_dir(&self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
    }
}

/// A lock on a file that nobody else can have at the same time.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    /// Dropping it frees the lock.
    _file: File,
}

impl Lock {
    /// Takes the lock, or `None` when somebody has it.
    pub(super) fn try_take(path: &Path) -> io::Result<Option<Self>> {
        loop {
            let file = OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Its last holder may have removed the file after it was opened here; then the next one
            // would lock another file of the same name.
            if is_at(&file, path)? {
                return Ok(Some(Self {
                    path: path.to_owned(),
                    _file: file,
                }));
            }
        }
    }

    /// Frees the lock and leaves no file.
    pub(super) fn remove(self) -> io::Result<()> {
        remove(&self.path)
    }
}

/// A cluster's tunnel is this process, as long as this lives.
#[derive(Debug)]
pub(super) struct Claim {
    registration: Registration,
    files: Files,
    lock: Lock,
    /// The published info, locked.
    published: Option<File>,
}

impl Claim {
    /// Claims the cluster, or `None` when another tunnel has it.
    pub(super) fn take(registration: Registration) -> io::Result<Option<Self>> {
        let files = Files::of(&registration.dir, &registration.uid)?;
        files.make_dir()?;
        let Some(lock) = Lock::try_take(&files.lock())? else {
            return Ok(None);
        };
        Ok(Some(Self {
            registration,
            files,
            lock,
            published: None,
        }))
    }

    /// Tells the world, all at once: nobody ever reads half of it, or finds it unlocked.
    pub(super) fn publish(&mut self) -> io::Result<()> {
        let registration = &self.registration;
        let info = Info {
            pid: rustix::process::getpid().as_raw_pid(),
            machine: machine(),
            port: registration.port,
            namespace: registration.namespace.clone(),
            name: registration.name.clone(),
            started: jiff::Timestamp::now().to_string(),
            version: registration.version.clone(),
        };
        let mut file = tempfile::Builder::new().tempfile_in(&self.files.dir)?;
        file.write_all(&serde_json::to_vec(&info)?)?;
        file.as_file().try_lock().map_err(io::Error::from)?;
        self.published = Some(
            file.persist(self.files.info())
                .map_err(|error| error.error)?,
        );
        Ok(())
    }

    /// Takes back what was told; the cluster stays claimed.
    pub(super) fn withdraw(&mut self) -> io::Result<()> {
        if self.published.take().is_some() {
            remove(&self.files.info())?;
        }
        Ok(())
    }

    /// Leaves nothing behind.
    pub(super) fn give_up(mut self) -> io::Result<()> {
        self.withdraw()?;
        self.lock.remove()
    }
}

/// Reads what a living tunnel says about itself; `None` when none lives.
pub(super) fn read_living(path: &Path) -> io::Result<Option<Info>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        // The writer is dead; this lock goes again with the file.
        Ok(()) => return Ok(None),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(Some(serde_json::from_str(&text)?))
}

/// Removes a file that may be gone already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether the open file is the one that stands at `path`.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let opened = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
