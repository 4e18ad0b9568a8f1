//! What may be typed after `vc config`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::Error;
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand, ValueEnum};

use super::{MarkArgs, SpecArgs, parse_duration};

/// `vc config`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the JSON Schema of the cluster file, for editors and checks
    #[command(after_help = "Example:\n  vc config schema > vc.schema.json")]
    Schema,
    /// Write a cluster file in which every setting stands as a comment
    #[command(after_help = "Example:\n  vc config init -o vc.yaml && vc create dev -f vc.yaml")]
    Init(ConfigInitArgs),
    /// Print the settings that `create` would go by, as a cluster file
    ///
    /// A flag goes first, then its variable, the cluster file, the user's file, and the default. What is left out
    /// is the host's to decide. The host is not asked.
    #[command(after_help = "Example:\n  vc config view -f vc.yaml --cpu 500m --origins")]
    View(Box<ConfigViewArgs>),
}

/// `vc config init`.
#[derive(Debug, Args)]
pub struct ConfigInitArgs {
    /// File to write, `-` for stdout [default: -]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Write over a file that is there
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// `vc config view`.
#[derive(Debug, Args)]
pub struct ConfigViewArgs {
    /// Say where each value comes from: in a comment, or under `origins` with `-o json`
    #[arg(long)]
    pub origins: bool,

    /// Form of the output
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ConfigFormat,

    /// What `create` would be given.
    #[command(flatten)]
    pub typed: Typed<SettingArgs>,
}

/// How settings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigFormat {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// The options of `create` that a file may have, too.
#[derive(Debug, Args)]
pub struct SettingArgs {
    /// What it should be like.
    #[command(flatten)]
    pub spec: SpecArgs,

    /// What its marker says besides.
    #[command(flatten)]
    pub mark: MarkArgs,

    /// Make the new context the current one
    #[arg(long, env = "VC_SWITCH", value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", action = ArgAction::Set)]
    pub switch: Option<bool>,

    /// How long to wait until the cluster is ready [default: 5m]
    #[arg(long, env = "VC_TIMEOUT", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
}

/// Options, and of each that was given whether it was typed or came from its variable.
#[derive(Debug)]
pub struct Typed<T> {
    /// The options.
    pub args: T,
    /// The option's field name, and whether it was typed. A variable that says no to an option without a value, as
    /// `VC_ISOLATE=false`, is in it, too.
    pub given: BTreeMap<String, bool>,
}

impl<T: FromArgMatches> FromArgMatches for Typed<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let is_typed = |id: &str| match matches.value_source(id)? {
            ValueSource::CommandLine => Some(true),
            ValueSource::EnvVariable => Some(false),
            _ => None,
        };
        let ids = matches.ids().map(clap::Id::as_str);
        let given = ids.filter_map(|id| Some((id.to_owned(), is_typed(id)?)));
        Ok(Self {
            given: given.collect(),
            args: T::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<T: Args> Args for Typed<T> {
    fn augment_args(command: Command) -> Command {
        T::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}
