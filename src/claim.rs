//! One `vc create` of a cluster at a time on this machine, and which one this machine began.
//!
//! In: the state directory and the cluster's place. Out: a [`Claim`], held until dropped. Never: talks
//! to a cluster. The lock is the operating system's, so that killing the holder frees it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Seek, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Failure, Kind};
use crate::names::{ClusterName, Namespace};

/// The right to create one cluster, and the mark of what was begun under it.
///
/// The mark is noted before the cluster's first object is made and stands on that object
/// ([`crate::labels::BEGUN_AS`]). Noting the object's UID afterwards would leave a moment in which
/// being killed makes us strangers to our own work.
#[derive(Debug)]
pub struct Claim {
    file: File,
    begun: String,
}

impl Claim {
    /// Takes the claim.
    ///
    /// # Errors
    /// When another process of this machine has it, or the state directory cannot be written.
    pub fn take(
        state_dir: &Path,
        server: &str,
        namespace: &Namespace,
        name: &ClusterName,
    ) -> Result<Self, Failure> {
        let dir = state_dir.join("creating");
        let attempt = |source: std::io::Error| {
            let message = format!("the state directory `{}` cannot be written", dir.display());
            Failure::new(Kind::Failed, message)
                .because(source)
                .hint("set XDG_STATE_HOME to a directory of yours")
        };
        create_private_dir(&dir).map_err(attempt)?;
        let path = dir.join(format!("{name}-{}", place(server, namespace)));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(attempt)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::new(
                    Kind::Exists,
                    format!("another `vc create {name}` is at work on this machine"),
                )
                .hint(format!("see how far it is with `vc list -n {namespace}`")));
            }
            Err(TryLockError::Error(source)) => return Err(attempt(source)),
        }
        let mut begun = String::new();
        file.read_to_string(&mut begun).map_err(attempt)?;
        Ok(Self { file, begun })
    }

    /// Whether the cluster with this mark was begun from this machine.
    pub fn began(&self, mark: Option<&str>) -> bool {
        mark.is_some_and(|mark| !mark.is_empty() && mark == self.begun)
    }

    /// Notes a new mark, to be put on what is about to be created.
    ///
    /// # Errors
    /// When the state directory cannot be written.
    pub fn begin(&self) -> Result<String, Failure> {
        // Nobody has to be unable to guess it; it only has to be another one every time.
        let half = || RandomState::new().hash_one(std::process::id());
        let mark = format!("{:016x}{:016x}", half(), half());
        self.note(&mark)?;
        Ok(mark)
    }

    /// Notes the mark of what is gone on with.
    ///
    /// # Errors
    /// When the state directory cannot be written.
    pub fn note(&self, mark: &str) -> Result<(), Failure> {
        let mut file = &self.file;
        file.rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.write_all(mark.as_bytes()))
            .map_err(|source| {
                Failure::new(Kind::Failed, "the state directory cannot be written").because(source)
            })
    }
}

/// A short name for one namespace of one host.
fn place(server: &str, namespace: &Namespace) -> String {
    let mut hasher = Sha256::new();
    for part in [server, namespace.as_str()] {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    let mut hash = data_encoding::HEXLOWER.encode(&hasher.finalize());
    hash.truncate(16);
    hash
}

/// Makes a directory that is the user's alone.
fn create_private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
        text.parse().unwrap()
    }

    fn take(dir: &Path, namespace: &str) -> Result<Claim, Failure> {
        let (namespace, name) = (named(namespace), named("dev"));
        Claim::take(dir, "https://host", &namespace, &name)
    }

    #[test]
    fn a_second_claim_waits_for_nobody_and_is_told_who_is_at_work() {
        let dir = tempfile::tempdir().unwrap();
        let first = take(dir.path(), "a").unwrap();
        let second = take(dir.path(), "a").unwrap_err();
        assert_eq!(second.kind(), Kind::Exists);
        take(dir.path(), "b").unwrap();
        drop(first);
        take(dir.path(), "a").unwrap();
    }

    #[test]
    fn what_was_begun_is_remembered_after_the_claim() {
        let dir = tempfile::tempdir().unwrap();
        let first = take(dir.path(), "a").unwrap();
        assert!(!first.began(Some("")));
        first
            .note("a-mark-that-is-longer-than-any-that-follows")
            .unwrap();
        let mark = first.begin().unwrap();
        drop(first);
        let second = take(dir.path(), "a").unwrap();
        assert!(second.began(Some(&mark)));
        assert!(!second.began(Some("another")));
        assert!(!second.began(None));
        assert_ne!(second.begin().unwrap(), mark);
    }
}
