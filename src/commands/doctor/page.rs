//! Findings for people.
//!
//! In: a [`Report`]. Out: text. Never: looks for anything.

use std::collections::BTreeSet;

use crate::commands::list::aligned;
use crate::doctor::{Finding, Report, Severity};

/// A table, and what to do below it; nothing when there is nothing to tell.
pub(super) fn page(report: &Report) -> String {
    if report.findings.is_empty() {
        return String::new();
    }
    let header = ["CODE", "SEVERITY", "OBJECT", "FINDING"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(report.findings.iter().map(row));
    let fixes = fixes(&report.findings);
    let table = aligned(rows);
    if fixes.is_empty() {
        return table;
    }
    format!("{table}\nWhat to do:\n  {}\n", fixes.join("\n  "))
}

fn row(finding: &Finding) -> Vec<String> {
    let severity = if finding.fixed {
        "fixed".to_owned()
    } else {
        finding.severity.to_string()
    };
    vec![
        finding.code.to_owned(),
        severity,
        finding.object.clone(),
        finding.message.clone(),
    ]
}

/// Each once, in the order of the findings.
fn fixes(findings: &[Finding]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let open = findings.iter().filter(|finding| !finding.fixed);
    let fixes =
        open.filter_map(|finding| Some(format!("{}  {}", finding.code, finding.fix.as_ref()?)));
    fixes.filter(|fix| seen.insert(fix.clone())).collect()
}

/// How many there are of what is not in order; empty when all is.
pub(super) fn summary(report: &Report) -> String {
    let open = report.findings.iter().filter(|finding| !finding.fixed);
    let unknown = open
        .filter(|finding| finding.severity == Severity::Unknown)
        .count();
    let counted = [
        (report.errors, "error", "errors"),
        (report.warnings, "warning", "warnings"),
        (
            unknown,
            "thing that cannot be told",
            "things that cannot be told",
        ),
    ];
    let counted = counted.into_iter().filter(|(count, ..)| *count > 0);
    let words: Vec<String> = counted
        .map(|(count, one, several)| format!("{count} {}", if count == 1 { one } else { several }))
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{cannot_tell, codes};

    #[test]
    fn findings_are_a_table_with_what_to_do_below() {
        let mut fixed = Finding::new(&codes::STALE_TUNNEL, "tunnel/u", "its process is gone")
            .fix("vc doctor --fix")
            .fixable();
        fixed.fixed = true;
        let quota = |what: &str| {
            Finding::new(&codes::QUOTA, "resourcequota/a", what).fix("have the quota raised")
        };
        let unknown = cannot_tell("nodes", "you may not list them");
        let report = Report::new(
            None,
            None,
            vec![unknown, fixed, quota("too few"), quota("too small")],
        );
        assert_eq!(
            page(&report),
            "CODE    SEVERITY   OBJECT            FINDING\n\
             VC203   error      resourcequota/a   too few\n\
             VC203   error      resourcequota/a   too small\n\
             VC901   unknown    nodes             you may not list them\n\
             VC104   fixed      tunnel/u          its process is gone\n\
             \n\
             What to do:\n  VC203  have the quota raised\n"
        );
        assert_eq!(summary(&report), "2 errors, 1 thing that cannot be told");
        let nothing = Report::new(None, None, Vec::new());
        assert_eq!(
            (page(&nothing), summary(&nothing)),
            (String::new(), String::new())
        );
    }
}
