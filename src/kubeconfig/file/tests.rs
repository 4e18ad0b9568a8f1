use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::slice;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use super::*;
use crate::kubeconfig::{Entry, Exec, HostOrigin, Record};

const FOREIGN: &str = "\
apiVersion: v1
kind: Config
users:
- name: admin
  user:
    token: \"0755\"
contexts:
- name: prod
  context:
    cluster: prod
current-context: prod
";

fn entry(uid: &str) -> Entry {
    Entry {
        record: Record {
            uid: uid.to_owned(),
            name: format!("dev-{uid}").parse().unwrap(),
            namespace: "team-a".parse().unwrap(),
            port: 20_001,
            host: HostOrigin {
                context: None,
                kubeconfig: Vec::new(),
                nested: false,
            },
            previous: None,
        },
        context_name: None,
        certificate_authority: "PEM".to_owned(),
        exec: Exec {
            command: "/usr/bin/vc".to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            install_hint: String::new(),
        },
    }
}

/// A directory with a kubeconfig of this text.
fn given(text: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config");
    fs::write(&path, text).unwrap();
    (directory, path)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap().block_on(future)
}

fn add(path: &Path, uid: &str) -> Result<String, FileError> {
    add_to(&[path.to_owned()], uid)
}

fn add_to(paths: &[PathBuf], uid: &str) -> Result<String, FileError> {
    block_on(edit(paths, |files| {
        Ok(files.upsert(&entry(uid))?.context_name)
    }))
}

fn contexts(path: &Path) -> Vec<String> {
    let files = load(&[path.to_owned()]).unwrap();
    let names = files.context_names().into_iter();
    names.map(str::to_owned).collect()
}

/// What lies in a directory: no lock and no temporary file may be left.
fn names_in(directory: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(directory.path()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn the_flag_goes_before_the_environment_and_that_before_the_home_directory() {
    let flag = Some(Path::new("flag"));
    let env = Some(OsStr::new(":/a::b:/a:"));
    let home = Some(Path::new("/home/a"));
    let cases = [
        (flag, env, home, &["flag"][..]),
        (Some(Path::new("")), env, home, &["/a", "b"]),
        (None, env, home, &["/a", "b"]),
        (None, Some(OsStr::new(":")), home, &["/home/a/.kube/config"]),
        (None, None, home, &["/home/a/.kube/config"]),
        (None, None, None, &[]),
    ];
    for (flag, env, home, expected) in cases {
        let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
        assert_eq!(paths(flag, env, home), expected);
    }
}

#[test]
fn a_new_file_and_its_directory_are_for_the_user_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".kube/config");
    assert_eq!(add(&path, "u1").unwrap(), "vc-dev-u1");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(contexts(&path), ["vc-dev-u1"]);
}

#[test]
fn mode_and_foreign_entries_are_kept_and_nothing_else_is_left() {
    let (directory, path) = given(&FOREIGN.replace('\n', "\r\n"));
    set_mode(&path, 0o640);
    add(&path, "u1").unwrap();
    assert_eq!(mode(&path), 0o640);
    assert_eq!(contexts(&path), ["prod", "vc-dev-u1"]);
    assert_eq!(names_in(&directory), ["config"]);
}

#[test]
fn a_link_stays_a_link() {
    let (directory, target) = given(FOREIGN);
    let link = directory.path().join("link");
    symlink("config", &link).unwrap();
    add(&link, "u1").unwrap();
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("config"));
    assert_eq!(contexts(&target), ["prod", "vc-dev-u1"]);

    let dangling = directory.path().join("dangling");
    symlink("new", &dangling).unwrap();
    add(&dangling, "u1").unwrap();
    assert_eq!(fs::read_link(&dangling).unwrap(), Path::new("new"));
    assert_eq!(contexts(&directory.path().join("new")), ["vc-dev-u1"]);
    assert_eq!(names_in(&directory), ["config", "dangling", "link", "new"]);
}

#[test]
fn a_change_that_changes_nothing_writes_nothing() {
    let (_directory, path) = given(FOREIGN);
    add(&path, "u1").unwrap();
    let before = fs::metadata(&path).unwrap();
    add(&path, "u1").unwrap();
    let after = fs::metadata(&path).unwrap();
    // A rename would bring another inode.
    assert_eq!(after.ino(), before.ino());
    assert_eq!(after.modified().unwrap(), before.modified().unwrap());
}

#[test]
fn of_several_files_only_the_changed_one_is_written() {
    let (directory, first) = given(FOREIGN);
    let missing = directory.path().join("missing");
    let last = directory.path().join("last");
    fs::write(&last, "# a comment\n").unwrap();
    let paths = [missing.clone(), first.clone(), last.clone()];
    add_to(&paths, "u1").unwrap();
    assert!(!missing.exists());
    assert_eq!(contexts(&first), ["prod", "vc-dev-u1"]);
    assert_eq!(fs::read_to_string(&last).unwrap(), "# a comment\n");
    assert_eq!(names_in(&directory), ["config", "last"]);
}

#[test]
fn a_malformed_file_is_named_with_its_line_and_left_as_it_is() {
    let text = "users:\n- name: a\n  user: {token: \"x\n";
    let (directory, path) = given(text);
    let error = add(&path, "u1").unwrap_err();
    let expected = format!(
        "kubeconfig `{}` is malformed: line 3: unclosed quote",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(names_in(&directory), ["config"]);
}

#[test]
fn a_file_that_is_not_text_is_named_with_its_line() {
    let (_directory, path) = given("");
    fs::write(&path, b"a: 1\nb: 2\nc: \xff\n").unwrap();
    let error = load(slice::from_ref(&path)).unwrap_err();
    let expected = format!(
        "kubeconfig `{}` is malformed: line 3: it is not UTF-8",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_refused_change_leaves_file_and_lock_as_they_were() {
    let (directory, path) = given(FOREIGN);
    let refused = block_on(edit(slice::from_ref(&path), |files| {
        files.upsert(&entry("u1"))?;
        files.switch_to("nowhere")?;
        Ok::<_, FileError>(())
    }));
    assert!(matches!(
        refused,
        Err(FileError::Refused(crate::kubeconfig::Error::NoContext(_)))
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), FOREIGN);
    assert_eq!(names_in(&directory), ["config"]);
}

#[test]
fn without_a_path_there_is_nothing_to_edit() {
    assert!(matches!(add_to(&[], "u1"), Err(FileError::NoPath)));
}

#[test]
fn a_lock_left_by_another_is_named_with_its_age_and_not_broken() {
    let (directory, path) = given(FOREIGN);
    let lock = directory.path().join("config.lock");
    let left = fs::File::create(&lock).unwrap();
    let an_hour_ago = SystemTime::now() - Duration::from_hours(1);
    left.set_modified(an_hour_ago).unwrap();
    let patience = Duration::from_millis(1);
    let answer = block_on(edit_within(slice::from_ref(&path), patience, |files| {
        files.upsert(&entry("u1"))?;
        Ok::<_, FileError>(())
    }));
    let error = answer.unwrap_err().to_string();
    let beginning = format!("kubeconfig is locked: `{}` is 1h", lock.display());
    assert!(error.starts_with(&beginning), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), FOREIGN);
    assert_eq!(names_in(&directory), ["config", "config.lock"]);
}

#[test]
fn a_lock_that_goes_in_time_is_waited_for() {
    let (directory, path) = given(FOREIGN);
    let lock = directory.path().join("config.lock");
    fs::write(&lock, "").unwrap();
    block_on(async {
        let paths = [path.clone()];
        let edit = edit(&paths, |files| {
            files.upsert(&entry("u1"))?;
            Ok::<_, FileError>(())
        });
        // Runs when the edit has met the lock and waits.
        let unlock = async {
            assert_eq!(contexts(&path), ["prod"]);
            fs::remove_file(&lock).unwrap();
        };
        let (edited, ()) = tokio::join!(biased; edit, unlock);
        edited.unwrap();
    });
    assert_eq!(contexts(&path), ["prod", "vc-dev-u1"]);
    assert_eq!(names_in(&directory), ["config"]);
}

#[test]
fn a_lock_that_changes_hands_is_waited_for_longer_than_one_that_does_not() {
    let (directory, path) = given(FOREIGN);
    let lock = directory.path().join("config.lock");
    fs::write(&lock, "").unwrap();
    let patience = Duration::from_millis(200);
    let began = Instant::now();
    block_on(async {
        let others = async {
            for _ in 0..5 {
                tokio::time::sleep(patience / 2).await;
                // Never gone, as if somebody else were always faster.
                let next = directory.path().join("next");
                fs::write(&next, "").unwrap();
                fs::rename(next, &lock).unwrap();
            }
            fs::remove_file(&lock).unwrap();
        };
        let paths = [path.clone()];
        let edit = edit_within(&paths, patience, |files| {
            files.upsert(&entry("u1"))?;
            Ok::<_, FileError>(())
        });
        // The others come first also when this process was not: then the edit sees what they did.
        let ((), edited) = tokio::join!(biased; others, edit);
        edited.unwrap();
    });
    assert!(began.elapsed() > patience);
    assert_eq!(contexts(&path), ["prod", "vc-dev-u1"]);
    assert_eq!(names_in(&directory), ["config"]);
}

#[test]
fn a_dropped_edit_leaves_no_lock() {
    let (directory, first) = given(FOREIGN);
    let second = directory.path().join("second");
    fs::write(directory.path().join("second.lock"), "").unwrap();
    block_on(async {
        let paths = [first, second];
        let edit = edit(&paths, |_| Ok::<_, FileError>(()));
        // Holds the first lock and waits for the second when it is dropped.
        let ended = tokio::time::timeout(Duration::from_millis(50), edit).await;
        assert!(ended.is_err());
    });
    assert_eq!(names_in(&directory), ["config", "second.lock"]);
}

#[test]
fn twenty_edits_at_once_lose_nothing() {
    let (directory, path) = given(FOREIGN);
    // Half of them come by a link.
    let link = directory.path().join("link");
    symlink(&path, &link).unwrap();
    thread::scope(|scope| {
        for number in 0..20 {
            let path = if number % 2 == 0 { &path } else { &link };
            scope.spawn(move || add(path, &format!("u{number}")).unwrap());
        }
    });
    let mut found = contexts(&path);
    found.sort();
    let mut expected: Vec<String> = (0..20).map(|number| format!("vc-dev-u{number}")).collect();
    expected.push("prod".to_owned());
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(names_in(&directory), ["config", "link"]);
}

#[test]
fn writing_in_place_keeps_the_file_and_cuts_what_was_longer() {
    let (_directory, path) = given(&"x".repeat(10_000));
    let before = fs::metadata(&path).unwrap().ino();
    let open = || fs::OpenOptions::new().read(true).write(true).open(&path);
    for text in ["short\n", &"y".repeat(20_000)] {
        write::write_in_place(&mut open().unwrap(), text).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    assert_eq!(fs::metadata(&path).unwrap().ino(), before);
}

/// Whether the mode of a file means anything to us; to root it does not.
fn modes_bind(directory: &TempDir) -> bool {
    let probe = directory.path().join("probe");
    fs::write(&probe, "").unwrap();
    set_mode(&probe, 0o400);
    let binds = fs::OpenOptions::new().write(true).open(&probe).is_err();
    fs::remove_file(&probe).unwrap();
    if !binds {
        println!("skipped: root may write everywhere");
    }
    binds
}

#[test]
fn a_read_only_file_is_left_as_it_is() {
    let (directory, path) = given(FOREIGN);
    if !modes_bind(&directory) {
        return;
    }
    set_mode(&path, 0o400);
    let error = add(&path, "u1").unwrap_err();
    let expected = format!(
        "cannot write kubeconfig `{}`: it is read-only",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(fs::read_to_string(&path).unwrap(), FOREIGN);
    // What needs no writing works.
    let unchanged = block_on(edit(&[path], |_| Ok::<_, FileError>(())));
    assert!(unchanged.is_ok());
}

#[test]
fn in_a_read_only_directory_the_file_is_written_in_place() {
    let (directory, path) = given(FOREIGN);
    if !modes_bind(&directory) {
        return;
    }
    let before = fs::metadata(&path).unwrap().ino();
    set_mode(directory.path(), 0o500);
    let added = add(&path, "u1");
    let created = add(&directory.path().join("new"), "u1");
    set_mode(directory.path(), 0o700);
    added.unwrap();
    assert_eq!(contexts(&path), ["prod", "vc-dev-u1"]);
    assert_eq!(fs::metadata(&path).unwrap().ino(), before);
    assert!(matches!(created, Err(FileError::ReadOnly { .. })));
}
