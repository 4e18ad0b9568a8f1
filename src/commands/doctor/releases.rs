//! What is seen of the host's release and clock, and of kubectl.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use kube::client::Body;
use serde::Deserialize;

use super::of_error;
use crate::doctor::{Finding, codes, machine};
use crate::host::Host;
use crate::names::KubernetesVersion;
use crate::preflight;

/// The host's release, and whether its clock is ours.
pub(super) async fn release(
    host: &Host,
    findings: &mut Vec<Finding>,
) -> Result<KubernetesVersion, Finding> {
    let elsewhere = |error: &anyhow::Error| of_error(&codes::NO_HOST, "host", error);
    let request = http::Request::get("/version").body(Body::empty());
    let request = request.map_err(|error| elsewhere(&error.into()))?;
    let before = Timestamp::now().as_second();
    let answer = host
        .call("read the host's version", host.client.send(request))
        .await
        .map_err(|error| elsewhere(&error))?;
    let after = Timestamp::now().as_second();
    let date = answer.headers().get(http::header::DATE);
    let date = date.and_then(|date| rfc2822::parse(date.to_str().ok()?).ok());
    if let Some(date) = date {
        let told = date.timestamp().as_second();
        findings.extend(machine::clock(machine::ahead(before, told, after)));
    }
    preflight::version(host)
        .await
        .map_err(|error| elsewhere(&error))
}

/// The release of the kubectl that the user has, if he has one.
pub(super) async fn kubectl() -> Option<KubernetesVersion> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Told {
        client_version: Version,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        git_version: String,
    }
    let mut command = tokio::process::Command::new("kubectl");
    command.args(["version", "--client", "-o", "json"]);
    command.kill_on_drop(true);
    let told = tokio::time::timeout(KUBECTL_DEADLINE, command.output());
    let told = told.await.ok()?.ok()?;
    let told: Told = serde_json::from_slice(&told.stdout).ok()?;
    told.client_version.git_version.parse().ok()
}

/// kubectl takes some 50 ms for its version.
const KUBECTL_DEADLINE: Duration = Duration::from_secs(10);
