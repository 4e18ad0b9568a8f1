//! What comes of flags, variables, files and defaults, and where each value is from.
//!
//! In: what was typed, the files. Out: a cluster file that says all that is not the host's to decide. Never: another
//! value than `create` would go by, because both have it from the same functions.

use std::fmt;
use std::time::Duration;

use clap::CommandFactory;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::cluster_file::{API_VERSION, KIND};
use super::lines::{Lines, lines};
use super::settings::{SETTINGS, Setting};
use super::{SyncFile, UserFile, labels, spec_options, switch, timeout, ttl};
use crate::cli::{Cli, SettingArgs, Typed};
use crate::error::Failure;
use crate::pki::LEAF_LIFE;
use crate::sync::{Known, Wish};

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "lowercase")]
pub enum Said {
    /// It was typed.
    Flag {
        /// `--cpu`
        name: String,
    },
    /// It is in the environment.
    Variable {
        /// `VC_CPU`
        name: String,
    },
    /// A file says it.
    File {
        /// As it was typed.
        path: String,
        /// From 1; none when it is not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
    },
    /// Nobody says it.
    Default,
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag { name } | Self::Variable { name } => formatter.write_str(name),
            Self::File {
                path,
                line: Some(line),
            } => write!(formatter, "{path}:{line}"),
            Self::File { path, line: None } => formatter.write_str(path),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// A file of settings.
#[derive(Debug)]
pub struct Layer {
    path: String,
    said: Value,
    lines: Lines,
    /// What is before a key of it.
    prefix: &'static str,
}

impl Layer {
    /// The user's file.
    pub fn user(path: String, text: &str, file: &UserFile) -> Self {
        Self {
            path,
            said: value_of(file),
            lines: lines(text),
            prefix: "",
        }
    }

    /// A cluster file.
    pub fn cluster(path: String, text: &str, file: &UserFile) -> Self {
        let prefix = "spec.";
        Self {
            prefix,
            ..Self::user(path, text, file)
        }
    }

    fn says(&self, key: &str) -> Option<Said> {
        at(&self.said, key)?;
        let line = self.lines.get(&format!("{}{key}", self.prefix));
        Some(Said::File {
            path: self.path.clone(),
            line: line.copied(),
        })
    }
}

fn value_of(file: &UserFile) -> Value {
    serde_json::to_value(file).unwrap_or_default()
}

/// What a file says about a setting, if it does.
fn at<'a>(file: &'a Value, key: &str) -> Option<&'a Value> {
    let found = file.pointer(&format!("/{}", key.replace('.', "/")));
    found.filter(|value| !value.is_null())
}

/// Settings, each with its value and where that is from; in the order in which they are written.
#[derive(Debug)]
pub struct View(Vec<(&'static str, Value, Said)>);

/// Puts it all together; `file` is what the layers say, the first before the others.
///
/// # Errors
/// When it cannot be meant: what `create` would say.
pub fn view(
    typed: &Typed<SettingArgs>,
    file: &UserFile,
    layers: &[Layer],
) -> Result<View, Failure> {
    let effective = value_of(&effective(&typed.args, file)?);
    let command = Cli::command();
    let shown = SETTINGS.iter().filter_map(|setting| {
        let value = at(&effective, setting.key)?.clone();
        let from_layer = || layers.iter().find_map(|layer| layer.says(setting.key));
        let said = given(setting, typed, &command).or_else(from_layer);
        Some((setting.key, value, said.unwrap_or(Said::Default)))
    });
    Ok(View(shown.collect()))
}

/// The option that gives a setting's value, if one does.
fn given(setting: &Setting, typed: &Typed<SettingArgs>, command: &clap::Command) -> Option<Said> {
    let spec = &typed.args.spec;
    let create = command.find_subcommand("create")?;
    let option = |flag: &str| {
        let mut arguments = create.get_arguments();
        let argument = arguments.find(|argument| argument.get_long() == Some(flag))?;
        let is_typed = typed.given.get(argument.get_id().as_str())?;
        Some(match argument.get_env() {
            Some(name) if !is_typed => Said::Variable {
                name: name.to_string_lossy().into_owned(),
            },
            _ => Said::Flag {
                name: format!("--{flag}"),
            },
        })
    };
    match setting.key {
        // A class that is named is wanted, whatever a file says of ephemeral ones.
        "ephemeral" if !spec.ephemeral => {
            option("storage-class").or_else(|| option("storage-size"))
        }
        // A variable that says no to such an option says nothing.
        "isolate" if !spec.isolate => None,
        "syncNodes" if !spec.sync_nodes => None,
        "syncStorageClasses" if !spec.sync_storage_classes => None,
        _ => setting.flag.and_then(option),
    }
}

/// The file that alone would have the same effect.
fn effective(typed: &SettingArgs, file: &UserFile) -> Result<UserFile, Failure> {
    let options = spec_options(&typed.spec, file)?;
    let ttl = ttl(typed.mark.ttl, file)?;
    let labels = labels(&typed.mark.labels, file)?;
    let labels = labels
        .iter()
        .map(|label| (label.key().to_owned(), label.value().to_owned()));
    let storage = &options.storage;
    let is_kept = !storage.is_ephemeral();
    let resources = &options.resources;
    let quota = options.quota.iter();
    let quota: Vec<String> = quota
        .map(|(name, quantity)| format!("{name}={quantity}"))
        .collect();
    Ok(UserFile {
        kubernetes_version: options.kubernetes_version,
        registry: Some(options.images.registry.clone()),
        image: options.images.syncer_image.clone(),
        storage_class: storage.class.clone().filter(|_| is_kept),
        storage_size: is_kept.then(|| storage.size().to_owned()),
        ephemeral: storage.ephemeral,
        cpu: Some(cpu(resources.cpu_request_millicores)),
        cpu_limit: resources.cpu_limit_millicores.map(cpu),
        memory: Some(memory(resources.memory_request_mebibytes)),
        memory_limit: resources.memory_limit_mebibytes.map(memory),
        service_cidrs: some(options.service_cidrs.clone(), Vec::is_empty),
        pod_security: Some(options.pod_security),
        sync_nodes: Some(options.shown.nodes),
        sync_storage_classes: Some(options.shown.storage_classes),
        sync: SyncFile::of(&said_of_kinds(options.sync.clone(), options.isolate)),
        quota: some(quota.join(","), String::is_empty),
        isolate: Some(options.isolate),
        switch: Some(switch(typed.switch, file)),
        timeout: Some(duration(timeout(typed.timeout, file)?)),
        ttl: ttl.map(duration),
        labels: some(labels.collect(), std::collections::BTreeMap::is_empty),
        certificate_life: Some(duration(options.certificate_life.unwrap_or(LEAF_LIFE))),
        sleep_after: options.sleep_after.map(duration),
    })
}

fn some<T>(value: T, is_empty: impl Fn(&T) -> bool) -> Option<T> {
    (!is_empty(&value)).then_some(value)
}

/// Without what `--isolate` adds: it is said by `isolate`.
fn said_of_kinds(mut wish: Wish, is_isolated: bool) -> Wish {
    wish.without
        .retain(|kind| !is_isolated || *kind != Known::NetworkPolicies);
    wish
}

fn cpu(millicores: u64) -> String {
    match millicores % 1_000 {
        0 => format!("{}", millicores / 1_000),
        _ => format!("{millicores}m"),
    }
}

fn memory(mebibytes: u64) -> String {
    match mebibytes % 1_024 {
        0 => format!("{}Gi", mebibytes / 1_024),
        _ => format!("{mebibytes}Mi"),
    }
}

/// In the largest of hours, minutes and seconds that is even: `humantime` would say years and months.
fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration.subsec_nanos() != 0 {
        return humantime::format_duration(duration).to_string();
    }
    match (seconds % 3_600, seconds % 60) {
        (0, _) => format!("{}h", seconds / 3_600),
        (_, 0) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

impl View {
    /// As a cluster file; with `has_origins` each value has its origin in a comment.
    ///
    /// # Errors
    /// When a value cannot be written as YAML.
    pub fn to_yaml(&self, has_origins: bool) -> anyhow::Result<String> {
        let mut text = format!("apiVersion: {API_VERSION}\nkind: {KIND}\nspec:\n");
        let mut group = None;
        for (key, value, said) in &self.0 {
            let (of, key) = split(key);
            if let Some(of) = of.filter(|_| of != group) {
                text.extend(["  ", of, ":\n"]);
            }
            group = of;
            let indent = if of.is_some() { "    " } else { "  " };
            let entry = serde_saphyr::to_string(&json!({key: value}))?;
            for (index, line) in entry.lines().enumerate() {
                text.extend([indent, line]);
                if index == 0 && has_origins {
                    text.extend(["  # ", &said.to_string()]);
                }
                text.push('\n');
            }
        }
        Ok(text)
    }

    /// The same as JSON; with `has_origins` the origins are under a key of their own.
    pub fn to_json(&self, has_origins: bool) -> Value {
        let mut spec = Map::new();
        let mut origins = Map::new();
        for (key, value, said) in &self.0 {
            let (of, name) = split(key);
            let place = match of {
                Some(of) => spec.entry(of).or_insert_with(|| json!({})).as_object_mut(),
                None => Some(&mut spec),
            };
            if let Some(place) = place {
                place.insert(name.to_owned(), value.clone());
            }
            origins.insert((*key).to_owned(), json!(said));
        }
        let mut whole = json!({"apiVersion": API_VERSION, "kind": KIND, "spec": spec});
        if let (Some(whole), true) = (whole.as_object_mut(), has_origins) {
            whole.insert("origins".to_owned(), Value::Object(origins));
        }
        whole
    }
}

/// `sync.kinds` is `kinds` of `sync`.
fn split(key: &str) -> (Option<&str>, &str) {
    match key.split_once('.') {
        Some((group, key)) => (Some(group), key),
        None => (None, key),
    }
}

#[cfg(test)]
mod tests;
