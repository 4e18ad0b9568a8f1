//! `vc run --parallel N`: N clusters, N commands, told apart by what each line begins with.

use futures::future::join_all;

use super::{Job, Run, new_name};
use crate::cli::RunArgs;
use crate::commands::{App, delete};
use crate::config;
use crate::error::report;
use crate::names::ClusterName;
use crate::wait::Target;

/// Runs all shards; the number is the exit code of the first one that failed, in the order of shards.
///
/// # Errors
/// When the namespace that they shared cannot be deleted.
pub(super) async fn run(app: &App, args: &RunArgs, count: u16) -> anyhow::Result<u8> {
    let stem = match &args.name {
        Some(name) => name.clone(),
        None => new_name()?,
    };
    let mut jobs = Vec::new();
    for shard in 0..count {
        jobs.push(Job {
            name: format!("{stem}-{shard}").parse()?,
            shard: Some((shard, count)),
            artifacts: args
                .artifacts
                .as_ref()
                .map(|dir| dir.join(format!("shard-{shard}"))),
        });
    }
    let codes = jobs.iter().enumerate().map(|(shard, job)| async move {
        let app = app.labelled(format!("[{shard}] "));
        let run = Run {
            app: &app,
            args,
            job,
        };
        match Box::pin(run.to_its_end()).await {
            Ok(code) => code,
            Err(error) => {
                let report = report(&error);
                app.ui.report(&report);
                report.kind.exit_code()
            }
        }
    });
    let codes = join_all(codes).await;
    let kept = args.keep_on_failure && codes.iter().any(|code| *code != 0);
    if !kept {
        // `vc delete` of what is kept takes the namespace along.
        leave_namespace(app, args, &jobs).await?;
    }
    let failed: Vec<String> = codes
        .iter()
        .enumerate()
        .filter(|(_, code)| **code != 0)
        .map(|(shard, code)| format!("shard {shard} with exit code {code}"))
        .collect();
    if !failed.is_empty() {
        let ok = codes.len() - failed.len();
        app.ui.note(&format!(
            "{ok} of {count} shards succeeded; failed: {}",
            failed.join(", ")
        ));
    }
    Ok(codes.into_iter().find(|code| *code != 0).unwrap_or(0))
}

/// Deletes the namespace that the shards shared, if it was made for them.
async fn leave_namespace(app: &App, args: &RunArgs, jobs: &[Job]) -> anyhow::Result<()> {
    let Some(namespace) = &app.global.namespace else {
        return Ok(());
    };
    let timeout = config::timeout(args.timeout, &app.files(&args.spec)?)?;
    let (host, _) = app.connect().await?;
    let names: Vec<&ClusterName> = jobs.iter().map(|job| &job.name).collect();
    let targets: Vec<Target<'_>> = names
        .iter()
        .map(|name| Target { name, namespace })
        .collect();
    Box::pin(delete::remove_namespaces(app, &host, &targets, timeout)).await
}
