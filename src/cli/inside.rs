//! What may be typed of the commands that look into a virtual cluster and at its host at once.

use std::str::FromStr;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, FromArgMatches};

use super::DescriptionFormat;
use crate::kinds::{self, Reference};
use crate::names::{ClusterName, NameError, Namespace};

/// Which virtual cluster, and which namespace in it.
#[derive(Debug, Clone, Args)]
pub struct InsideArgs {
    /// Virtual cluster (default: that of the current context)
    #[arg(long, value_name = "[HOST-NAMESPACE/]NAME")]
    pub cluster: Option<ClusterPlace>,

    /// Namespace in it.
    #[command(flatten)]
    pub namespace: VirtualNamespace,
}

/// The name of a virtual cluster, with its host namespace if there are several of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterPlace {
    /// Its host namespace.
    pub namespace: Option<Namespace>,
    /// Its name.
    pub name: ClusterName,
}

impl FromStr for ClusterPlace {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (namespace, name) = match text.split_once('/') {
            Some((namespace, name)) => (Some(namespace.parse()?), name),
            None => (None, text),
        };
        let name = name.parse()?;
        Ok(Self { namespace, name })
    }
}

/// `-n` as kubectl has it: a namespace of the virtual cluster.
///
/// It stands in the place of the global option of that name, which means a namespace of the host. Only what
/// was typed is taken: `VC_NAMESPACE` goes on to mean the host's.
#[derive(Debug, Clone, Default)]
pub struct VirtualNamespace(pub Option<Namespace>);

/// The global option's name.
const NAMESPACE: &str = "namespace";

impl Args for VirtualNamespace {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.arg(
            Arg::new(NAMESPACE)
                .short('n')
                .long(NAMESPACE)
                .value_name("NAMESPACE")
                .value_parser(clap::value_parser!(Namespace))
                .help("Namespace in the virtual cluster (default: that of its context, else `default`)"),
        )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for VirtualNamespace {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let is_typed = matches.value_source(NAMESPACE) == Some(ValueSource::CommandLine);
        let typed = is_typed.then(|| matches.get_one(NAMESPACE).cloned());
        Ok(Self(typed.flatten()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// `vc why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Object of the virtual cluster: a pod, a claim, a Service, an Ingress or a workload, as `pod/web`
    #[arg(value_name = "KIND/NAME", value_parser = kinds::explained)]
    pub object: Reference,

    /// Where it is.
    #[command(flatten)]
    pub inside: InsideArgs,

    /// Form of the output (default: a page for people)
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<DescriptionFormat>,
}
