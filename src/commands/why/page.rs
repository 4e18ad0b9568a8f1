//! A report on one screen.
//!
//! In: a [`Report`]. Out: text. Never: looks for anything.

use crate::commands::list::aligned;
use crate::why::{Evidence, Link, Report, Side};

/// Widest line, as far as words can be parted.
const WIDTH: usize = 80;

/// The screen.
pub(super) fn page(report: &Report) -> String {
    let object = &report.object;
    let mut lines = vec![format!(
        "{}/{} in namespace {} of virtual cluster {}",
        object.kind.to_lowercase(),
        object.name,
        object.namespace,
        report.cluster
    )];
    lines.push(String::new());
    let chain = report.chain.iter().map(row).collect();
    lines.extend(
        aligned(chain)
            .lines()
            .map(|line| format!("  {}", line.trim_end())),
    );
    lines.push(String::new());
    let title = if report.healthy { "State" } else { "Cause" };
    lines.push(format!("{title}: {:?}", report.cause.reason));
    lines.extend(wrapped(&report.cause.message, "  ", "  "));
    section(
        &mut lines,
        "Evidence",
        report.evidence.iter().flat_map(evidence),
    );
    section(
        &mut lines,
        "Unknown",
        report
            .unknown
            .iter()
            .flat_map(|why| wrapped(why, "  ", "    ")),
    );
    section(
        &mut lines,
        "Next",
        report.next.iter().map(|command| format!("  {command}")),
    );
    lines.join("\n") + "\n"
}

fn section(lines: &mut Vec<String>, title: &str, rows: impl Iterator<Item = String>) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        lines.push(String::new());
        lines.push(format!("{title}:"));
        lines.extend(rows);
    }
}

fn row(link: &Link) -> Vec<String> {
    let side = match link.side {
        Side::Virtual => "virtual",
        Side::Host => "host",
    };
    let object = format!("{}/{}", link.kind.to_lowercase(), link.name);
    vec![side.to_owned(), object, link.state.clone()]
}

fn evidence(evidence: &Evidence) -> Vec<String> {
    if evidence.reason == "Log" {
        // A log's own lines are not to be parted.
        return vec![format!("  {}: log: {}", evidence.about, evidence.message)];
    }
    let often = match evidence.count {
        0 | 1 => String::new(),
        count => format!(" ({count} times)"),
    };
    let text = format!(
        "{}: {}{often}: {}",
        evidence.about, evidence.reason, evidence.message
    );
    wrapped(&text, "  ", "    ")
}

/// Parts a text between words, so that no line is wider than need be.
fn wrapped(text: &str, first: &str, others: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut has_word = false;
    for word in text.split_whitespace() {
        if has_word && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, others.to_owned()));
            has_word = false;
        }
        if has_word {
            line.push(' ');
        }
        line.push_str(word);
        has_word = true;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_parted_between_words() {
        let long = "x".repeat(79);
        let lines = wrapped(&format!("a {long} b"), "  ", "    ");
        assert_eq!(
            lines,
            ["  a".to_owned(), format!("    {long}"), "    b".to_owned()]
        );
        assert_eq!(wrapped("", "  ", ""), ["  "]);
    }
}
