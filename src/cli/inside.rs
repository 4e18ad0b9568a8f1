//! What may be typed of the commands that look into a virtual cluster and at its host at once.

use std::str::FromStr;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, FromArgMatches, ValueEnum};

use super::DescriptionFormat;
use crate::kinds::{self, HostReference, Reference};
use crate::names::{ClusterName, NameError, Namespace};

/// Which virtual cluster, and which namespace in it.
#[derive(Debug, Clone, Args)]
pub struct InsideArgs {
    /// Virtual cluster, as HOST-NAMESPACE/NAME where several have its name (default: that of the context)
    #[arg(long, value_name = "NAME")]
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
                .help("Namespace in the virtual cluster"),
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

/// `vc tree`.
#[derive(Debug, Args)]
pub struct TreeArgs {
    /// Virtual cluster, as HOST-NAMESPACE/NAME where several have its name (default: that of the context)
    #[arg(value_name = "NAME")]
    pub cluster: Option<ClusterPlace>,

    /// Namespace in it; all without it.
    #[command(flatten)]
    pub namespace: VirtualNamespace,

    /// Form of the output (default: a tree for people)
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<TreeFormat>,
}

/// How a tree is printed for others than people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TreeFormat {
    /// JSON.
    Json,
    /// A graph in the words of Mermaid.
    Mermaid,
    /// A graph in the words of Graphviz.
    Dot,
}

/// `vc where`.
#[derive(Debug, Args)]
pub struct WhereArgs {
    /// Host object: a pod by its name, any other as KIND/NAME, of a custom resource as PLURAL.GROUP/NAME
    #[arg(value_name = "NAME")]
    pub object: HostReference,

    /// Form of the output (default: a page for people)
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<DescriptionFormat>,
}

/// `vc events`.
#[derive(Debug, Args)]
pub struct EventsArgs {
    /// Where to look.
    #[command(flatten)]
    pub inside: InsideArgs,

    /// Those of all namespaces of the virtual cluster
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,

    /// Go on with what happens from now on, until Ctrl-C
    #[arg(short, long)]
    pub follow: bool,

    /// Form of the output (default: a line each); with `--follow` an object a line
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<EventFormat>,
}

/// How events are printed for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EventFormat {
    /// JSON.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Cli, Command};

    /// The namespace inside, the host's, and the cluster.
    fn meant(line: &str) -> (Option<String>, Option<String>) {
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        let Command::Why(args) = cli.command else {
            panic!("{line}")
        };
        let cluster = args.inside.cluster.map(|place| {
            let namespace = place.namespace.map(String::from).unwrap_or_default();
            format!("{namespace}/{}", place.name)
        });
        (args.inside.namespace.0.map(String::from), cluster)
    }

    #[test]
    fn a_namespace_that_is_typed_is_the_virtual_one() {
        let shop = Some("shop".to_owned());
        assert_eq!(meant("vc why pod/x"), (None, None));
        assert_eq!(meant("vc why pod/x -n shop"), (shop.clone(), None));
        assert_eq!(meant("vc why --namespace=shop pod/x"), (shop, None));
        let cluster = Some("team/dev".to_owned());
        assert_eq!(meant("vc why pod/x --cluster team/dev"), (None, cluster));
        let cluster = Some("/dev".to_owned());
        assert_eq!(meant("vc why pod/x --cluster dev"), (None, cluster));
    }
}
