//! Who one is in a registry, by docker's configuration and its helpers.
//!
//! In: docker's configuration file, a registry's name. Out: a credential, if there is one. Never: asks the
//! user, says what a helper answered when it succeeded.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::docker_config::{Credential, DockerConfig, answer, key};
use crate::error::{Failure, Kind};

/// How helpers say that they have none.
/// <https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go>
const NOT_FOUND: &str = "credentials not found";

/// Finds the credential of a registry: the helper's, else that of the file. Without a file there is none.
///
/// # Errors
/// When the file cannot be read, or its helper fails or does not answer in time.
pub async fn find(
    file: Option<&Path>,
    host: &str,
    timeout: Duration,
) -> anyhow::Result<Option<Credential>> {
    let Some(file) = file else {
        return Ok(None);
    };
    let attempt = || format!("cannot read docker's configuration `{}`", file.display());
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(attempt),
    };
    let config = DockerConfig::parse(&text).with_context(attempt)?;
    let key = key(host);
    if let Some(helper) = config.helper(key)
        && let Some(credential) = ask(helper, key, file, timeout).await?
    {
        return Ok(Some(credential));
    }
    config.stored(key).with_context(attempt)
}

/// Asks a helper; none when it has nothing for this registry.
async fn ask(
    helper: &str,
    key: &str,
    file: &Path,
    timeout: Duration,
) -> Result<Option<Credential>, Failure> {
    let program = format!("docker-credential-{helper}");
    let failed = |kind: Kind, why: &str| {
        Failure::new(
            kind,
            format!("credential helper `{program}` has no answer for `{key}`: {why}"),
        )
        .hint(format!(
            "`echo {key} | {program} get`; it is named in `{}`",
            file.display()
        ))
    };
    if helper.contains('/') {
        return Err(failed(Kind::Preflight, "its name is a path"));
    }
    let run = async {
        let mut child = Command::new(&program)
            .arg("get")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that does not read what it is asked says so by its exit code.
            drop(stdin.write_all(key.as_bytes()).await);
        }
        child.wait_with_output().await
    };
    let output = tokio::time::timeout(timeout, run)
        .await
        .map_err(|_| {
            failed(
                Kind::TimedOut,
                &format!("not within {} s", timeout.as_secs()),
            )
        })?
        .map_err(|error| failed(Kind::Preflight, &error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        let credential = answer(&said);
        return credential
            .map(Some)
            .map_err(|error| failed(Kind::Failed, &error.to_string()));
    }
    if said.contains(NOT_FOUND) {
        return Ok(None);
    }
    // A helper that fails says why on stdout.
    let why: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let why: String = why.chars().filter(|c| !c.is_control()).take(200).collect();
    Err(failed(Kind::Denied, &why))
}
