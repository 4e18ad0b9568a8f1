//! What an upgrade does about a cluster's store: commands in its container, and the note in the marker.

use std::time::Duration;

use anyhow::Context;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::AttachParams;
use kube::client::UpgradeConnectionError;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use super::annotate;
use crate::error::{Failure, Kind};
use crate::host::Host;
use crate::labels;
use crate::render::snapshot;
use crate::upgrade::Upgrade;
use crate::wait::Target;

/// How much of what a command prints is read: etcd's tools print some hundred bytes, and logs of some thousand.
const LONGEST_OUTPUT: u64 = 256 * 1024;

/// How many of the last lines that a failed command printed are shown.
const EVIDENCE_LINES: usize = 3;

/// Notes an upgrade in the marker, or that there is none.
///
/// # Errors
/// What the host answers.
pub async fn note_upgrade(
    host: &Host,
    target: Target<'_>,
    upgrade: Option<&Upgrade>,
) -> anyhow::Result<()> {
    let text = upgrade.map(serde_json::to_string).transpose()?;
    let Target { name, namespace } = target;
    annotate(host, namespace, name, labels::UPGRADE, text.as_deref())
        .await
        .map(drop)
}

/// Runs a command in the store's container; returns what it prints on stdout.
///
/// # Errors
/// That we may not, that the command fails, or that it has not ended after `deadline`.
pub async fn in_store(
    host: &Host,
    target: Target<'_>,
    command: Vec<String>,
    deadline: Duration,
) -> anyhow::Result<String> {
    let pod = target.name.pod();
    let api: Api<Pod> = Api::namespaced(host.client.clone(), target.namespace.as_str());
    let params = AttachParams::default()
        .container(snapshot::CONTAINER)
        .stdin(false);
    let words = command.join(" ");
    let attempt = format!("run `{words}` in pod `{pod}`");
    let mut process = host
        .call(&attempt, api.exec(&pod, command, &params))
        .await
        .map_err(|error| may_not(error, target))?;
    let (stdout, stderr, status) = (process.stdout(), process.stderr(), process.take_status());
    let ended = async {
        tokio::join!(text_of(stdout), text_of(stderr), async {
            match status {
                Some(status) => status.await,
                None => None,
            }
        })
    };
    let (stdout, stderr, status) = timeout(deadline, ended).await.map_err(|_| {
        let deadline = humantime::format_duration(deadline);
        Failure::new(
            Kind::TimedOut,
            format!("cannot {attempt}: it has not ended after {deadline}"),
        )
    })?;
    let status = status.with_context(|| format!("cannot {attempt}: the connection was lost"))?;
    if status.status.as_deref() == Some("Success") {
        return Ok(stdout);
    }
    let why = status.message.unwrap_or_default();
    let failure = Failure::new(Kind::Failed, format!("cannot {attempt}: {why}"));
    let lines: Vec<&str> = stderr.lines().collect();
    let last = lines.iter().rev().take(EVIDENCE_LINES).rev();
    Err(last
        .fold(failure, |failure, line| failure.detail(*line))
        .into())
}

async fn text_of(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What has come is enough: whether the command failed is told by its status.
        drop(stream.take(LONGEST_OUTPUT).read_to_end(&mut bytes).await);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The host answers a refused upgrade of the connection with a bare number.
fn may_not(error: anyhow::Error, target: Target<'_>) -> anyhow::Error {
    let is_forbidden = matches!(
        error.downcast_ref(),
        Some(kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(code)))
            if *code == http::StatusCode::FORBIDDEN
    );
    if !is_forbidden {
        return error;
    }
    let namespace = target.namespace;
    let message = format!("no right to get and create pods/exec in namespace `{namespace}`");
    Failure::new(Kind::Denied, message)
        .because(error)
        .hint(format!(
            "an administrator can grant it: `vc rbac -n {namespace}` prints the least Role"
        ))
        .into()
}
