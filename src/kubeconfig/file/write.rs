//! Writing one kubeconfig file so that it is never half written.
//!
//! In: a path and its new text. Out: the file, with the mode and owner it had. Never: replaces a
//! link by a file, gives a file to another owner, leaves a temporary file behind.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Seek, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, Gid, Uid};
use rustix::io::Errno;
use tempfile::NamedTempFile;

use super::FileError;

/// Longest chain of links that is followed, as in Linux.
const LINKS_MAX: usize = 40;

/// Writes `text` to the file that `path` leads to.
pub(super) fn write(path: &Path, text: &str) -> Result<(), FileError> {
    let target = resolve(path);
    let written = match fs::OpenOptions::new().read(true).write(true).open(&target) {
        Ok(file) => overwrite(&target, file, text),
        Err(error) if error.kind() == ErrorKind::NotFound => create(&target, text),
        Err(error) => Err(error),
    };
    written.map_err(|source| {
        let path = path.to_owned();
        if is_refusal(&source) {
            FileError::ReadOnly { path }
        } else {
            FileError::Write { path, source }
        }
    })
}

/// Where links lead, also when there is no file yet.
fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(link) = fs::read_link(&path) else {
            break;
        };
        // An absolute link replaces the whole path.
        path = path.parent().unwrap_or(Path::new("")).join(link);
    }
    path
}

/// A new file: 0600, as the temporary file is made.
fn create(target: &Path, text: &str) -> io::Result<()> {
    let mut temporary = temporary_beside(target)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(target)?;
    sync_directory(target);
    Ok(())
}

/// Puts a new file in the place of the old one, or writes into the old one if that is impossible.
fn overwrite(target: &Path, mut file: File, text: &str) -> io::Result<()> {
    match replace(target, &file.metadata()?, text) {
        Err(error) if is_refusal(&error) || is_mount_point(&error) => {
            write_in_place(&mut file, text)
        }
        other => other,
    }
}

fn replace(target: &Path, old: &Metadata, text: &str) -> io::Result<()> {
    let mut temporary = temporary_beside(target)?;
    temporary.write_all(text.as_bytes())?;
    let file = temporary.as_file();
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        let (owner, group) = (Uid::from_raw(old.uid()), Gid::from_raw(old.gid()));
        rustix::fs::fchown(file, Some(owner), Some(group))?;
    }
    file.set_permissions(fs::Permissions::from_mode(old.mode() & 0o7777))?;
    file.sync_all()?;
    temporary.persist(target)?;
    sync_directory(target);
    Ok(())
}

/// For a file that is a mount point, or whose directory or owner is not ours.
///
/// The room is reserved before the first byte is written, so that a full disk is found out in time;
/// what else may fail is put right with the old text.
pub(super) fn write_in_place(file: &mut File, text: &str) -> io::Result<()> {
    let mut old = Vec::new();
    io::Read::read_to_end(file, &mut old)?;
    let length = u64::try_from(text.len()).map_err(io::Error::other)?;
    match rustix::fs::fallocate(&*file, FallocateFlags::KEEP_SIZE, 0, length) {
        // Not every filesystem can.
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {}
        Err(error) => return Err(error.into()),
    }
    let written = fill(file, text.as_bytes());
    if written.is_err() {
        fill(file, &old)?;
    }
    written
}

fn fill(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(content)?;
    let end = file.stream_position()?;
    file.set_len(end)?;
    file.sync_all()
}

fn temporary_beside(target: &Path) -> io::Result<NamedTempFile> {
    let directory = target.parent().unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".vc-kubeconfig-")
        .tempfile_in(directory)
}

/// So that the rename is on disk too. Not every filesystem can, and the file is whole either way.
fn sync_directory(target: &Path) {
    if let Some(directory) = target.parent() {
        drop(File::open(directory).and_then(|directory| directory.sync_all()));
    }
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// What rename answers for a file that is mounted over another.
fn is_mount_point(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ResourceBusy | ErrorKind::CrossesDevices
    )
}
