//! Whatever stands in kubeconfig files, our entries come and go and leave the rest as it was.

use std::path::PathBuf;

use serde_json::Value;

use super::document::{self, CURRENT_CONTEXT, Document, Section};
use super::{Entry, Exec, File, Files, HostOrigin, Record};

/// What stands between two files of one input: the ASCII record separator.
const BETWEEN: char = '\u{1e}';

/// The UID of the cluster whose entries come and go.
const UID: &str = "4f5c1a52-61f3-4a30-9f2e-2b1c0a7d9e11";

/// One file, or two with [`BETWEEN`] them.
pub fn kubeconfig(bytes: &[u8]) {
    let (Ok(text), Some(entry)) = (str::from_utf8(bytes), entry()) else {
        return;
    };
    let texts = text.split(BETWEEN).take(2).zip(["/1", "/2"]);
    let mut files = Vec::new();
    for (text, path) in texts {
        match File::parse(path, text) {
            Ok(file) => files.push(file),
            Err(malformed) => {
                assert!(!malformed.message.is_empty());
                return;
            }
        }
    }
    let files = Files::new(files);
    assert!(
        files.changes().is_ok_and(|changes| changes.is_empty()),
        "a change that nobody made"
    );
    drop(files.to_kube());
    for (_, record) in files.records() {
        drop(files.inside(&record.uid));
    }
    put_and_remove(&files, &entry);
}

fn put_and_remove(before: &Files, entry: &Entry) {
    let mut files = before.clone();
    let Ok(put) = files.upsert(entry) else {
        return;
    };
    let context = put.context_name;
    assert!(files.switch_to(&context).is_ok(), "{context} is not there");
    let mut files = written(&files);
    check_others(before, &files, entry);
    assert_eq!(files.current_context(), Some(context.as_str()));
    assert_eq!(files.context_of(UID).as_ref(), Some(&context));

    let again = files.upsert(entry).map(|put| put.context_name);
    assert!(
        again.is_ok_and(|name| name == context),
        "a second time it is not the same"
    );
    assert!(
        files.changes().is_ok_and(|changes| changes.is_empty()),
        "a second time it changes"
    );

    let removed = files.remove(UID);
    assert!(
        removed.contexts.contains(&context),
        "{context} is not removed"
    );
    let files = written(&files);
    check_others(before, &files, entry);
    assert_eq!(files.context_of(UID), None);
    if before
        .files
        .iter()
        .all(|file| has_none_of_ours(&file.document))
    {
        for (before, after) in before.files.iter().zip(&files.files) {
            check_restored(&before.document, &after.document);
        }
        let current = before
            .current_context()
            .filter(|name| before.has_context(name));
        assert_eq!(files.current_context(), current);
    }
}

/// The files as they are after they were written.
fn written(files: &Files) -> Files {
    let texts = files.changes();
    assert!(texts.is_ok(), "it cannot be written: {texts:?}");
    let texts = texts.unwrap_or_default();
    let mut after = Vec::new();
    for file in &files.files {
        let Some((path, text)) = texts.iter().find(|(path, _)| *path == file.path) else {
            after.push(file.clone());
            continue;
        };
        let read = File::parse(*path, text);
        assert!(read.is_ok(), "what is written cannot be read: {text}");
        after.extend(read);
    }
    for (old, new) in files.files.iter().zip(&after) {
        assert_eq!(old.document, new.document, "it is not written as it is");
    }
    Files::new(after)
}

/// The entries of everybody else are as they were, in their order; what other virtual clusters go back to may change.
fn check_others(before: &Files, after: &Files, entry: &Entry) {
    assert_eq!(others(before, entry), others(after, entry));
}

fn others(files: &Files, entry: &Entry) -> Vec<Value> {
    let mut found = Vec::new();
    for file in &files.files {
        for section in Section::ALL {
            for one in document::entries(&file.document, section) {
                let mut one = one.clone();
                let record = document::record(section, &one);
                if record.is_some_and(|record| record.is_same_cluster(&entry.record)) {
                    continue;
                }
                if let Some(Value::Object(record)) = document::record_mut(section, &mut one) {
                    record.shift_remove("previous");
                }
                found.push(one);
            }
        }
    }
    found
}

fn has_none_of_ours(document: &Document) -> bool {
    Section::ALL.into_iter().all(|section| {
        let mut entries = document::entries(document, section).iter();
        entries.all(|entry| document::record(section, entry).is_none())
    })
}

/// A file in which nothing was ours is as before, but for the current context and for empty lists.
fn check_restored(before: &Document, after: &Document) {
    let is_list = |key: &String| Section::ALL.iter().any(|section| section.list() == key);
    let kept: Vec<_> = after
        .iter()
        .filter(|(key, _)| before.contains_key(*key))
        .collect();
    let expected: Vec<_> = before.iter().collect();
    let keys = |entries: &[(&String, &_)]| {
        entries
            .iter()
            .map(|(key, _)| (*key).clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&kept), keys(&expected));
    for ((key, old), (_, new)) in expected.into_iter().zip(kept) {
        let is_emptied = is_list(key) && old.is_null() && new.as_array().is_some_and(Vec::is_empty);
        assert!(key == CURRENT_CONTEXT || old == new || is_emptied, "{key}");
    }
    for (key, value) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        let is_empty_list = is_list(key) && value.as_array().is_some_and(Vec::is_empty);
        let is_head = before.is_empty() && ["apiVersion", "kind"].contains(&key.as_str());
        assert!(
            key == CURRENT_CONTEXT || is_empty_list || is_head,
            "{key} is new"
        );
    }
}

fn entry() -> Option<Entry> {
    Some(Entry {
        record: Record {
            uid: UID.to_owned(),
            name: "dev".parse().ok()?,
            namespace: "team-a".parse().ok()?,
            port: 20_001,
            host: HostOrigin {
                context: Some("prod".to_owned()),
                kubeconfig: vec![PathBuf::from("/1")],
                nested: false,
            },
            previous: None,
        },
        context_name: None,
        certificate_authority: "PEM".to_owned(),
        exec: Exec {
            command: "/usr/bin/vc".to_owned(),
            args: vec!["credential".to_owned(), UID.to_owned()],
            env: vec![("A".to_owned(), "b".to_owned())],
            install_hint: "install vc".to_owned(),
        },
    })
}
