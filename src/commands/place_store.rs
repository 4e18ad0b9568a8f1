//! `vc place-store`: a restored store takes the place of the one before, in the control-plane pod.
//!
//! It runs before etcd does, each time that the pod starts; whatever ends it midway, the next run ends what was
//! begun. Only names change: a store is never copied, and one that is whole is there at any time.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, bail};

use crate::cli::PlaceStoreArgs;

/// Where etcd keeps its data.
const STORE: &str = "data";

/// What a store is called that another has taken the place of.
const REPLACED: &str = "replaced";

/// Beginning of the names of restored stores.
const RESTORED: &str = "restored-";

/// Puts the restored store in its place if it is not there yet, and removes what is no longer needed.
///
/// # Errors
/// What the file system says; that there is no store at all.
pub(super) fn run(args: &PlaceStoreArgs) -> anyhow::Result<()> {
    let store = args.directory.join(STORE);
    let restored = args.directory.join(&args.restored);
    if restored.exists() {
        let replaced = args.directory.join(REPLACED);
        if store.exists() {
            remove(&replaced)?;
            rename(&store, &replaced)?;
        }
        rename(&restored, &store)?;
    }
    if !store.exists() {
        bail!("there is no store in `{}`", args.directory.display());
    }
    tidy(&args.directory)
}

fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
    let attempt = || format!("cannot rename `{}` to `{}`", from.display(), to.display());
    fs::rename(from, to).with_context(attempt)
}

fn remove(directory: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| format!("cannot remove `{}`", directory.display())),
    }
}

/// Removes stores that another has taken the place of, and those that were not restored to the end.
fn tidy(directory: &Path) -> anyhow::Result<()> {
    let attempt = || format!("cannot list `{}`", directory.display());
    for entry in fs::read_dir(directory).with_context(attempt)? {
        let entry = entry.with_context(attempt)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name == REPLACED || name.starts_with(RESTORED) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stores by name, each with a file that says which it is.
    fn volume(stores: &[(&str, &str)]) -> tempfile::TempDir {
        let volume = tempfile::tempdir().unwrap();
        for (name, content) in stores {
            fs::create_dir(volume.path().join(name)).unwrap();
            fs::write(volume.path().join(name).join("db"), content).unwrap();
        }
        fs::write(volume.path().join("before-upgrade.db"), "snapshot").unwrap();
        volume
    }

    fn place(volume: &tempfile::TempDir) -> anyhow::Result<()> {
        run(&PlaceStoreArgs {
            directory: volume.path().to_owned(),
            restored: "restored-2".to_owned(),
        })
    }

    #[test]
    fn whatever_was_begun_the_restored_store_is_the_one_that_is_left() {
        let before: [&[(&str, &str)]; 6] = [
            // From the start.
            &[("data", "old"), ("restored-2", "new")],
            // After a restore that did not come to its end.
            &[
                ("data", "old"),
                ("restored-1", "half"),
                ("restored-2", "new"),
            ],
            // After a run that ended between any two steps.
            &[
                ("replaced", "older"),
                ("data", "old"),
                ("restored-2", "new"),
            ],
            &[("replaced", "old"), ("restored-2", "new")],
            &[("replaced", "old"), ("data", "new")],
            &[("data", "new")],
        ];
        for stores in before {
            let volume = volume(stores);
            place(&volume).unwrap();
            let names = fs::read_dir(volume.path()).unwrap();
            let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            assert_eq!(names, ["before-upgrade.db", "data"], "{stores:?}");
            let left = fs::read_to_string(volume.path().join("data/db")).unwrap();
            assert_eq!(left, "new", "{stores:?}");
        }
    }

    #[test]
    fn without_any_store_etcd_is_not_let_begin_with_an_empty_one() {
        let error = place(&volume(&[("replaced", "old")])).unwrap_err();
        assert!(error.to_string().starts_with("there is no store in `"));
    }
}
