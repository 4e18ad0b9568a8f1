//! Arguments of `vc rbac`.

use clap::Args;

use super::{ManifestFormat, SpecArgs};
use crate::render::installer::Holder;

/// `vc rbac`.
#[derive(Debug, Args)]
pub struct RbacArgs {
    /// User who is to have the rights; several times for several
    #[arg(long, value_name = "USER")]
    pub user: Vec<String>,

    /// Group that is to have the rights; several times for several
    #[arg(long, value_name = "GROUP")]
    pub group: Vec<String>,

    /// ServiceAccount that is to have the rights; several times for several
    #[arg(long, value_name = "NAMESPACE:NAME", value_parser = parse_account)]
    pub serviceaccount: Vec<Holder>,

    /// With what a cluster can do without, too: `kubectl debug`, `kubectl top`, resizing in place, readiness
    /// gates, Services without a selector, and the kinds that are synced by default
    #[arg(long)]
    pub optional: bool,

    /// Form of the output
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    pub output: ManifestFormat,

    /// What the clusters are to be like: some of it takes rights.
    #[command(flatten, next_help_heading = "What the clusters are to be like")]
    pub spec: SpecArgs,
}

/// Reads a ServiceAccount as kubectl takes it.
fn parse_account(text: &str) -> Result<Holder, String> {
    let parts = text.split_once(':');
    let parts = parts.filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
    let (namespace, name) =
        parts.ok_or("it is not a ServiceAccount such as `team-a:deployer`".to_owned())?;
    Ok(Holder::ServiceAccount {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    })
}
