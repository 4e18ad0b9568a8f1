//! The merged kubeconfig, ready to connect with.
//!
//! In: [`Files`]. Out: kube's own type, with absolute paths. Never: reads the files that it names.

use std::path::Path;

use kube::config::Kubeconfig;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::Section;
use super::{Error, Files};

impl Files {
    /// What kubectl would connect with: first definitions, paths relative to the file that has them.
    ///
    /// `Kubeconfig::read` is not used, because it fails on a missing file and takes an empty
    /// current context for a set one.
    ///
    /// # Errors
    /// An entry that is in force has a field of the wrong type.
    pub fn to_kube(&self) -> Result<Kubeconfig, Error> {
        Ok(Kubeconfig {
            clusters: self.typed(Section::Clusters)?,
            auth_infos: self.typed(Section::Users)?,
            contexts: self.typed(Section::Contexts)?,
            current_context: self.current_context().map(str::to_owned),
            ..Kubeconfig::default()
        })
    }

    fn typed<T: DeserializeOwned>(&self, section: Section) -> Result<Vec<T>, Error> {
        let mut typed = Vec::new();
        for entry in self.in_force(section) {
            let mut value = entry.value.clone();
            if let (Some(body), Some(base)) =
                (value.get_mut(section.body()), entry.file.path.parent())
            {
                resolve_paths(section, body, base);
            }
            typed.push(serde_json::from_value(value).map_err(|_| Error::Unusable {
                kind: section.body(),
                name: entry.name.to_owned(),
                path: entry.file.path.clone(),
            })?);
        }
        Ok(typed)
    }
}

/// As client-go: `ResolveLocalPaths` in `tools/clientcmd/loader.go`.
fn resolve_paths(section: Section, body: &mut Value, base: &Path) {
    let keys: &[&str] = match section {
        Section::Clusters => &["certificate-authority"],
        Section::Users => &["client-certificate", "client-key", "tokenFile"],
        Section::Contexts => &[],
    };
    for key in keys {
        if let Some(path) = body.get_mut(key) {
            make_absolute(path, base);
        }
    }
    let is_path = |command: &str| command.contains(std::path::MAIN_SEPARATOR);
    // A bare name is looked up in PATH.
    if let Some(command) = body.pointer_mut("/exec/command")
        && command.as_str().is_some_and(is_path)
    {
        make_absolute(command, base);
    }
}

fn make_absolute(value: &mut Value, base: &Path) {
    if let Value::String(path) = value
        && !path.is_empty()
        && let Some(absolute) = base.join(path.as_str()).to_str()
    {
        *value = absolute.into();
    }
}
