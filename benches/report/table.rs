//! A report as a table for the terminal.
//!
//! In: a report. Out: text. Never: anything of its own.

use super::judge::{Judged, Report, quantity};

/// One line for each figure, then what else is to be known.
pub(crate) fn text(report: &Report) -> String {
    let head = [
        "",
        "what",
        "n",
        "median",
        "p95",
        "p99",
        "bare host",
        "target",
        "",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(report.figures.iter().map(|judged| {
        let mut cells = row(judged);
        if let Some(last) = cells.last_mut() {
            *last = [last.as_str(), &judged.figure.detail].join("  ");
        }
        cells
    }));
    let remarks = report.remarks.iter().map(|line| format!("{line}\n"));
    let missing = report.not_measured.iter();
    let missing = missing.map(|line| format!("not measured: {line}\n"));
    lines(&rows) + &remarks.chain(missing).collect::<String>()
}

/// Its cells.
pub(crate) fn row(judged: &Judged) -> [String; 9] {
    let Judged {
        figure,
        summary,
        bare_summary,
        verdict,
    } = judged;
    let of = |value: f64| quantity(value, &figure.unit);
    [
        figure.target.clone(),
        figure.name.clone(),
        summary.count.to_string(),
        of(summary.median),
        of(summary.p95),
        of(summary.p99),
        bare_summary.map_or_else(String::new, |bare| of(bare.median)),
        judged.target(),
        verdict.text().to_owned(),
    ]
}

/// Columns as wide as their widest cell.
pub(crate) fn lines<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text += line.join("  ").trim_end();
        text.push('\n');
    }
    text
}
