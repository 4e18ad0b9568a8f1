//! A report as the part of docs/performance.md that is generated.
//!
//! In: the page and a report. Out: the page. Never: what stands outside of the two marks.

use anyhow::Context;
use serde_json::Value;

use super::judge::Report;
use super::table::row;

const BEGIN: &str = "<!-- figures: begin -->\n";
const HEAD: &str = "\
| | what | n | median | p95 | p99 | bare host | target | |
| --- | --- | --: | --: | --: | --: | --: | --- | --- |
";
const END: &str = "<!-- figures: end -->";

/// The page with these figures between its marks.
///
/// # Errors
/// When the page lacks a mark.
pub(crate) fn within(page: &str, report: &Report) -> anyhow::Result<String> {
    let lacks = || {
        format!(
            "docs/performance.md lacks `{}` or `{END}`",
            BEGIN.trim_end()
        )
    };
    let (before, rest) = page.split_once(BEGIN).with_context(lacks)?;
    let (_, after) = rest.split_once(END).with_context(lacks)?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", section(report)))
}

fn section(report: &Report) -> String {
    let rows = report.figures.iter().map(|judged| {
        let cells = row(judged).map(|cell| cell.replace('|', "\\|"));
        format!("| {} |\n", cells.join(" | "))
    });
    let notes = report.remarks.iter().cloned();
    let missing = report.not_measured.iter();
    let missing = missing.map(|line| format!("Not measured: {line}"));
    let notes = notes.chain(missing).map(|note| format!("- {note}\n"));
    format!(
        "\n{}\n\n![Medians beside the bare host and the targets](performance.svg)\n\n{HEAD}{}\n{}\n",
        origin(&report.machine),
        rows.collect::<String>(),
        notes.collect::<String>()
    )
}

/// On what, when, and of which commit.
fn origin(machine: &Value) -> String {
    let of = |name: &str| match machine.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "unknown".to_owned(),
    };
    format!(
        "Commit `{}`, vc {}, Kubernetes {}, {}: {} cores ({}), {} MiB of memory, Linux {}, load average at the start {}.",
        of("commit"),
        of("vcVersion"),
        of("kubernetesVersion"),
        of("began"),
        of("cores"),
        of("processor"),
        of("memoryMebibytes"),
        of("kernel"),
        of("loadAverageBefore"),
    )
}
