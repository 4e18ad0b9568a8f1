//! Several kubeconfig files as the one that kubectl sees.
//!
//! In: the files' texts, in order. Out: the merged view, where the first definition of a name wins,
//! and the texts to write. Never: mixes the files' contents; each keeps what it had.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::document::{self, CURRENT_CONTEXT, Document, Malformed, Section};
use super::{Error, Record};
use crate::names::{ClusterName, Namespace};

/// One kubeconfig file: what was read and what it is to become.
#[derive(Clone)]
pub struct File {
    pub(super) path: PathBuf,
    pub(super) exists: bool,
    pub(super) document: Document,
    original: Document,
    is_json: bool,
}

impl File {
    /// A file that exists. `path` should be absolute: paths inside are relative to its directory.
    ///
    /// # Errors
    /// The text is not a kubeconfig.
    pub fn parse(path: impl Into<PathBuf>, text: &str) -> Result<Self, Malformed> {
        let document = document::parse(text)?;
        Ok(Self {
            path: path.into(),
            exists: true,
            original: document.clone(),
            document,
            is_json: text.trim_start().starts_with('{'),
        })
    }

    /// A file that does not exist (yet).
    pub fn missing(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            exists: false,
            document: Document::new(),
            original: Document::new(),
            is_json: false,
        }
    }

    /// The text to write, or nothing if nothing changed.
    fn text(&self) -> Result<Option<String>, Error> {
        if self.document == self.original {
            return Ok(None);
        }
        let is_faithful = |text: &String| {
            document::parse(text).is_ok_and(|again| {
                again == self.document
                    && document::foreign(&again) == document::foreign(&self.original)
            })
        };
        match document::print(&self.document, self.is_json).filter(is_faithful) {
            Some(text) => Ok(Some(text)),
            None => Err(Error::Unfaithful {
                path: self.path.clone(),
            }),
        }
    }

    pub(super) fn current_context(&self) -> Option<&str> {
        let name = self.document.get(CURRENT_CONTEXT)?.as_str()?;
        // Unset and empty are the same to kubectl.
        Some(name).filter(|name| !name.is_empty())
    }
}

/// Shows no content: it may be secret.
impl fmt::Debug for File {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("File")
            .field("path", &self.path)
            .field("exists", &self.exists)
            .finish_non_exhaustive()
    }
}

/// All kubeconfig files, in kubectl's order.
#[derive(Debug, Clone)]
pub struct Files {
    pub(super) files: Vec<File>,
}

/// An entry that is in force: no earlier one has its name.
pub(super) struct InForce<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a Value,
    pub(super) file: &'a File,
}

impl Files {
    /// These files, in this order.
    pub fn new(files: Vec<File>) -> Self {
        Self { files }
    }

    /// Whether any of the files exists.
    pub fn any_exists(&self) -> bool {
        self.files.iter().any(|file| file.exists)
    }

    /// The current context, whether or not it is defined; none when it is blank.
    pub fn current_context(&self) -> Option<&str> {
        self.files.iter().find_map(File::current_context)
    }

    /// The names of all contexts.
    pub fn context_names(&self) -> Vec<&str> {
        let contexts = self.in_force(Section::Contexts);
        contexts.iter().map(|context| context.name).collect()
    }

    /// Whether this context is defined.
    pub fn has_context(&self, name: &str) -> bool {
        self.context_names().contains(&name)
    }

    /// Our contexts, by name, with their records.
    pub fn records(&self) -> Vec<(String, Record)> {
        self.in_force(Section::Contexts)
            .iter()
            .filter_map(|context| {
                let record = document::record(Section::Contexts, context.value)?;
                Some((context.name.to_owned(), record))
            })
            .collect()
    }

    /// Where the files are, absolute, in kubectl's order; also those that do not exist.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.files.iter().map(|file| file.path.clone()).collect()
    }

    /// The record of this context; none if it is not ours.
    pub fn record(&self, context: &str) -> Option<Record> {
        let contexts = self.in_force(Section::Contexts);
        let found = contexts.iter().find(|found| found.name == context)?;
        document::record(Section::Contexts, found.value)
    }

    /// Our contexts of virtual clusters with this name, in this namespace if one is given.
    pub fn find(&self, name: &ClusterName, namespace: Option<&Namespace>) -> Vec<(String, Record)> {
        let mut found = self.records();
        found.retain(|(_, record)| {
            record.name == *name && namespace.is_none_or(|wanted| record.namespace == *wanted)
        });
        found
    }

    /// Our context of the virtual cluster with this UID.
    pub fn context_of(&self, uid: &str) -> Option<String> {
        let mut records = self.records().into_iter();
        let (context, _) = records.find(|(_, record)| record.uid == uid)?;
        Some(context)
    }

    /// UIDs of the virtual clusters that were made inside the one with this UID, at any depth, the
    /// innermost first.
    pub fn inside(&self, uid: &str) -> Vec<String> {
        let records = self.records();
        let mut found = vec![uid.to_owned()];
        let mut next = 0;
        while let Some(outer) = found.get(next) {
            let context = records.iter().find(|(_, record)| record.uid == *outer);
            let inner = records.iter().filter(|(_, record)| {
                let host = &record.host;
                host.nested && host.context.as_ref() == context.map(|(context, _)| context)
            });
            let new: Vec<String> = inner
                .map(|(_, record)| record.uid.clone())
                // A file may be made to go in circles.
                .filter(|uid| !found.contains(uid))
                .collect();
            found.extend(new);
            next += 1;
        }
        found.into_iter().skip(1).rev().collect()
    }

    /// The files that changed, with their new texts.
    ///
    /// # Errors
    /// A text, read again, is not the same as before but for our entries.
    pub fn changes(&self) -> Result<Vec<(&Path, String)>, Error> {
        let mut changes = Vec::new();
        for file in &self.files {
            if let Some(text) = file.text()? {
                changes.push((file.path.as_path(), text));
            }
        }
        Ok(changes)
    }

    /// The entries of a section that are in force, in order.
    pub(super) fn in_force(&self, section: Section) -> Vec<InForce<'_>> {
        let mut names = HashSet::new();
        let mut found = Vec::new();
        for file in &self.files {
            for value in document::entries(&file.document, section) {
                match document::name(value) {
                    Some(name) if names.insert(name) => found.push(InForce { name, value, file }),
                    _ => {}
                }
            }
        }
        found
    }

    /// Where new entries and the current context go: the first file that exists, else the last.
    ///
    /// As kubectl: client-go `PathOptions.GetDefaultFilename` in `tools/clientcmd/config.go`.
    pub(super) fn home(&mut self) -> Option<&mut File> {
        let last = self.files.len().checked_sub(1)?;
        let first_existing = self.files.iter().position(|file| file.exists);
        self.files.get_mut(first_existing.unwrap_or(last))
    }
}
