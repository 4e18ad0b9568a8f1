//! What may be set in a file: the name of each setting, its flag, and what its values look like.
//!
//! In: nothing. Out: [`SETTINGS`], from which the JSON Schema, the starter and `vc config view` are made; the words
//! about each are those of the flag's help. Never: reads a value, which is for the parser in `config` to do. A
//! test takes the names of the fields from that parser and compares.

use super::{
    DEFAULT_CPU, DEFAULT_MEMORY, DEFAULT_MEMORY_LIMIT, DEFAULT_REGISTRY, DEFAULT_STORAGE_SIZE,
};

/// What the values of a setting look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Any text.
    Text,
    /// `true` or `false`.
    Bool,
    /// `v1.35.4`.
    Version,
    /// `500m` or `2`.
    Cpu,
    /// `512Mi`.
    Bytes,
    /// `90s`.
    Duration,
    /// A Pod Security Standard.
    Profile,
    /// Several texts.
    Texts,
    /// `cpu=10,pods=50`.
    Quota,
    /// Keys and values.
    Labels,
    /// Names of kinds that are known here.
    Kinds,
    /// Descriptions of kinds.
    Described,
    /// Objects of the host.
    Imports,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Where it is in a file: `storageClass`, `sync.kinds`.
    pub(super) key: &'static str,
    /// The long flag that says the same; none when only a file can.
    pub(super) flag: Option<&'static str>,
    /// What its values look like.
    pub(super) form: Form,
    /// A value, as YAML of one line: the default, where there is one that does not depend on the host.
    pub(super) example: &'static str,
    /// Whether [`Setting::example`] is the default.
    pub(super) is_default: bool,
}

const fn default(
    key: &'static str,
    flag: &'static str,
    form: Form,
    value: &'static str,
) -> Setting {
    Setting {
        key,
        flag: Some(flag),
        form,
        example: value,
        is_default: true,
    }
}

const fn setting(
    key: &'static str,
    flag: &'static str,
    form: Form,
    value: &'static str,
) -> Setting {
    Setting {
        key,
        flag: Some(flag),
        form,
        example: value,
        is_default: false,
    }
}

const fn of_file(key: &'static str, form: Form, value: &'static str) -> Setting {
    Setting {
        key,
        flag: None,
        form,
        example: value,
        is_default: false,
    }
}

/// All of them, in the order in which they are written.
pub(super) const SETTINGS: &[Setting] = &[
    setting(
        "kubernetesVersion",
        "kubernetes-version",
        Form::Version,
        "v1.35.4",
    ),
    default("registry", "registry", Form::Text, DEFAULT_REGISTRY),
    setting("image", "image", Form::Text, "registry.example.com/vc:v1"),
    setting("ephemeral", "ephemeral", Form::Bool, "false"),
    setting("storageClass", "storage-class", Form::Text, "standard"),
    default(
        "storageSize",
        "storage-size",
        Form::Bytes,
        DEFAULT_STORAGE_SIZE,
    ),
    default("cpu", "cpu", Form::Cpu, DEFAULT_CPU),
    setting("cpuLimit", "cpu-limit", Form::Cpu, "2"),
    default("memory", "memory", Form::Bytes, DEFAULT_MEMORY),
    default(
        "memoryLimit",
        "memory-limit",
        Form::Bytes,
        DEFAULT_MEMORY_LIMIT,
    ),
    setting(
        "serviceCidrs",
        "service-cidr",
        Form::Texts,
        "[10.96.0.0/16]",
    ),
    default("podSecurity", "pod-security", Form::Profile, "baseline"),
    default("isolate", "isolate", Form::Bool, "false"),
    setting("quota", "quota", Form::Quota, "cpu=10,memory=20Gi,pods=50"),
    default("syncNodes", "sync-nodes", Form::Bool, "false"),
    default(
        "syncStorageClasses",
        "sync-storage-classes",
        Form::Bool,
        "false",
    ),
    setting("sync.kinds", "sync", Form::Kinds, "[volumesnapshots]"),
    setting("sync.without", "no-sync", Form::Kinds, "[ingresses]"),
    of_file(
        "sync.custom",
        Form::Described,
        "[{group: example.com, version: v1, kind: Widget, plural: widgets}]",
    ),
    of_file(
        "sync.fromHost",
        Form::Imports,
        "[{kind: ConfigMap, name: shared}]",
    ),
    setting("ttl", "ttl", Form::Duration, "72h"),
    setting("sleepAfter", "sleep-after", Form::Duration, "30m"),
    setting("labels", "label", Form::Labels, "{team: shop}"),
    default(
        "certificateLife",
        "certificate-life",
        Form::Duration,
        "8760h",
    ),
    default("switch", "switch", Form::Bool, "true"),
    default("timeout", "timeout", Form::Duration, "5m"),
];

impl Setting {
    /// What it is about: the flag's help, or what a file alone can say.
    pub(super) fn words(&self, create: &clap::Command) -> String {
        let of_flag = |flag| {
            let mut arguments = create.get_arguments();
            let argument = arguments.find(|argument| argument.get_long() == Some(flag))?;
            Some(argument.get_help()?.to_string())
        };
        match self.form {
            Form::Described => DESCRIBED.to_owned(),
            Form::Imports => IMPORTS.to_owned(),
            _ => self.flag.and_then(of_flag).unwrap_or_default(),
        }
    }
}

/// What [`Form::Described`] is about.
const DESCRIBED: &str =
    "Carry objects of these kinds to the host, too, as they are described: docs/sync.md";
/// What [`Form::Imports`] is about.
const IMPORTS: &str =
    "Show these objects of the host namespace in the virtual cluster, to be read only";
