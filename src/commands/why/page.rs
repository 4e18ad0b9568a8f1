//! A report on one screen.
//!
//! In: a [`Report`]. Out: text. Never: looks for anything.

use crate::why::{Evidence, Link, Report, Side};

/// Widest line, as far as words can be parted.
const WIDTH: usize = 80;

/// Where states begin, at the furthest, so that a line stays within it.
const STATES_MAX: usize = 52;

/// Longest message of an event or line of a log, in characters.
const MESSAGE_MAX: usize = 240;

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
    lines.extend(chain(&report.chain));
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

/// A line for each object; the state of one on the host only when it is another than on the virtual side.
fn chain(links: &[Link]) -> Vec<String> {
    let mut rows = Vec::new();
    let mut before = "";
    for link in links {
        let side = match link.side {
            Side::Virtual => "virtual",
            Side::Host => "host   ",
        };
        let object = format!("  {side}  {}/{}", link.kind.to_lowercase(), link.name);
        let is_told = link.side == Side::Host && link.kind != "Node" && link.state == before;
        rows.push((object, if is_told { "" } else { link.state.as_str() }));
        before = &link.state;
    }
    let with_state = rows.iter().filter(|(_, state)| !state.is_empty());
    let widths = with_state.map(|(object, _)| object.chars().count());
    let column = widths.max().unwrap_or_default().min(STATES_MAX);
    let aligned = rows.into_iter().map(|(object, state)| match state {
        "" => object,
        state => format!("{object:column$}  {state}"),
    });
    aligned.collect()
}

/// Cuts what is too long for one screen; `-o json` has the whole.
fn cut(message: &str) -> String {
    if message.chars().count() <= MESSAGE_MAX {
        return message.to_owned();
    }
    message.chars().take(MESSAGE_MAX).chain(['…']).collect()
}

fn evidence(evidence: &Evidence) -> Vec<String> {
    if evidence.reason == "Log" {
        // A log's own lines are not to be parted.
        return vec![format!(
            "  {}: log: {}",
            evidence.about,
            cut(&evidence.message)
        )];
    }
    let often = match evidence.count {
        0 | 1 => String::new(),
        count => format!(" ({count} times)"),
    };
    let text = format!(
        "{}: {}{often}: {}",
        evidence.about,
        evidence.reason,
        cut(&evidence.message)
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
    use super::{chain, cut, wrapped};
    use crate::why::{Link, Side};

    #[test]
    fn a_chain_says_the_host_s_state_when_it_is_another() {
        let link = |side, kind: &str, state: &str| Link {
            side,
            kind: kind.to_owned(),
            namespace: None,
            name: "web".to_owned(),
            state: state.to_owned(),
        };
        let lines = chain(&[
            link(Side::Virtual, "Deployment", "0/1 ready"),
            link(Side::Virtual, "Pod", "Pending"),
            link(Side::Host, "Pod", "Pending"),
            link(Side::Virtual, "Pod", "Pending"),
            link(Side::Host, "Pod", "Running"),
        ]);
        let expected = [
            "  virtual  deployment/web  0/1 ready",
            "  virtual  pod/web         Pending",
            "  host     pod/web",
            "  virtual  pod/web         Pending",
            "  host     pod/web         Running",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"ä".repeat(300)).chars().count(), 241);
    }

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
