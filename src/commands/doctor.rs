//! `vc doctor`: what would stop `vc create`, and what is wrong with a cluster.
//!
//! In: this machine, the host, a name. Out: findings on stdout. Never: changes anything on the host, or on this
//! machine without `--fix`.

mod cluster;
mod host;
mod leftovers;
mod machine;
mod mend;
mod page;
mod releases;
mod seen;

use super::App;
use crate::cli::{DoctorArgs, DoctorFormat};
use crate::config;
use crate::doctor::{Finding, Report, codes};
use crate::error::{Failure, Kind, hint, kind, one_line};
use crate::host::Host;
use crate::kubeconfig::{Files, file};

/// Looks at everything and prints what it found.
///
/// # Errors
/// When a finding is an error; the cluster that is named does not exist; an option cannot be meant.
pub(super) async fn run(app: &App, args: &DoctorArgs) -> anyhow::Result<()> {
    app.ui.step("looking at this machine");
    let mut findings = machine::findings(app);
    if args.fix {
        mend::mend(app, &mut findings).await;
    }
    let mut namespace = app.global.namespace.as_ref().map(ToString::to_string);
    match connect(app).await {
        Err(finding) => findings.push(finding),
        Ok((host, files)) => {
            app.ui.step("looking at the host");
            let looked = Box::pin(look(app, args, &host, &files)).await?;
            namespace = looked.0.or(namespace);
            findings.extend(looked.1);
        }
    }
    app.ui.finish();
    let cluster = args.name.as_ref().map(ToString::to_string);
    let report = Report::new(namespace, cluster, findings);
    print(app, args.output, &report)?;
    let summary = page::summary(&report);
    let worst = report
        .findings
        .first()
        .map_or("CODE", |finding| finding.code);
    if report.errors > 0 {
        let what = match &args.name {
            Some(name) => format!("virtual cluster `{name}` is not well: {summary}"),
            None => format!("`vc create NAME` would not get through: {summary}"),
        };
        return Err(Failure::new(Kind::Failed, what)
            .hint(format!("vc explain {worst}"))
            .into());
    }
    if args.output == DoctorFormat::Table {
        app.ui.note(&match summary.as_str() {
            "" => "nothing is wrong".to_owned(),
            _ => format!("{summary}: `vc explain {worst}` says more"),
        });
    }
    Ok(())
}

/// Where a cluster is that is named, and what is wrong on the host.
async fn look(
    app: &App,
    args: &DoctorArgs,
    host: &Host,
    files: &Files,
) -> anyhow::Result<(Option<String>, Vec<Finding>)> {
    let Some(name) = &args.name else {
        let options = config::spec_options(&args.spec, &app.files(&args.spec)?)?;
        let found = Box::pin(host::findings(app, host, files, &options)).await;
        return Ok((None, found));
    };
    match Box::pin(cluster::findings(app, host, files, name)).await {
        Ok((namespace, found)) => Ok((Some(namespace.to_string()), found)),
        Err(error) => Ok((None, vec![unless_elsewhere(error)?])),
    }
}

/// The way to the host, or why there is none.
async fn connect(app: &App) -> Result<(Host, Files), Finding> {
    let paths = app.kubeconfig_paths();
    if let Err(error) = file::load(&paths) {
        return Err(of_error(&codes::KUBECONFIG, "kubeconfig", &error.into()));
    }
    app.connect()
        .await
        .map_err(|error| of_error(&codes::NO_HOST, "host", &error))
}

/// An error in the words of its report, as a finding.
fn of_error(code: &codes::Code, object: &str, error: &anyhow::Error) -> Finding {
    let found = Finding::new(code, object, one_line(error));
    match hint(error) {
        Some(hint) => found.fix(hint),
        None => found,
    }
}

/// A host that does not answer is a finding; all else is an error.
fn unless_elsewhere(error: anyhow::Error) -> anyhow::Result<Finding> {
    match kind(&error) {
        Kind::Unreachable => Ok(of_error(&codes::NO_HOST, "host", &error)),
        _ => Err(error),
    }
}

fn print(app: &App, format: DoctorFormat, report: &Report) -> anyhow::Result<()> {
    match format {
        DoctorFormat::Table => app.ui.data(&page::page(report)),
        DoctorFormat::Json => app
            .ui
            .data(&format!("{}\n", serde_json::to_string_pretty(report)?)),
        DoctorFormat::Yaml => app.ui.data(&serde_saphyr::to_string(report)?),
    }
}
