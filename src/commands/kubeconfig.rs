//! `vc kubeconfig`: a self-contained kubeconfig, to hand over.

use anyhow::Context;

use super::App;
use crate::cli::KubeconfigArgs;
use crate::error::{Failure, Kind};
use crate::find::{self, Scope};
use crate::serving;
use crate::wait::Target;

/// Prints it. It holds the administrator's key: whoever has it, has the cluster.
///
/// # Errors
/// When the cluster does not exist, or we may not read its Secret.
pub(super) async fn run(app: &App, args: &KubeconfigArgs) -> anyhow::Result<()> {
    print(app, args).await.with_context(|| {
        format!(
            "cannot print the kubeconfig of virtual cluster `{}`",
            args.name
        )
    })
}

async fn print(app: &App, args: &KubeconfigArgs) -> anyhow::Result<()> {
    if let Some(server) = &args.server {
        check_server(server)?;
    }
    let (host, files) = app.connect().await?;
    let scope = Scope::of(app.global.namespace.as_ref());
    let cluster = find::one(&host, &files, &scope, &args.name).await?;
    let target = Target {
        name: &cluster.name,
        namespace: &cluster.namespace,
    };
    let admin = serving::read_admin(&host, target).await?;
    let service = format!("{}.{}.svc", cluster.name.object(), cluster.namespace);
    let context = cluster.name.context();
    // The certificate names the Service; an address of the user's own is checked against that name.
    let text = match &args.server {
        None => admin.kubeconfig(&context, &format!("https://{service}"), None)?,
        Some(server) => admin.kubeconfig(&context, server, Some(&service))?,
    };
    app.ui.data(&text)
}

fn check_server(server: &str) -> Result<(), Failure> {
    let is_url = server
        .parse::<http::Uri>()
        .is_ok_and(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
    if is_url {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Usage,
        format!("`--server {server}` is not an address such as `https://dev.example.com:6443`"),
    ))
}
