//! Two reports side by side.
//!
//! In: two reports. Out: a table of the ratios of their medians, and how sure each is. Never: a verdict on which is
//! better: that more pods a second is good and more milliseconds is not is for who reads it.

use super::judge::{Judged, Report, quantity};
use super::statistics::Ratio;
use super::table::lines;

/// One line for each figure that both have.
pub(crate) fn table(before: &Report, after: &Report) -> String {
    let head = ["", "what", "A", "B", "B / A", "95 % interval", ""];
    let mut rows = vec![head.map(str::to_owned)];
    let mut only_one = Vec::new();
    for first in &before.figures {
        match find(after, first) {
            Some(second) => rows.push(row(first, second)),
            None => only_one.push(format!("only in A: {}\n", first.figure.name)),
        }
    }
    for second in &after.figures {
        if find(before, second).is_none() {
            only_one.push(format!("only in B: {}\n", second.figure.name));
        }
    }
    lines(&rows) + &only_one.concat()
}

fn find<'a>(report: &'a Report, wanted: &Judged) -> Option<&'a Judged> {
    let mut figures = report.figures.iter();
    figures.find(|judged| judged.figure.name == wanted.figure.name)
}

fn row(first: &Judged, second: &Judged) -> [String; 7] {
    let ratio = Ratio::of(&first.figure.samples, &second.figure.samples);
    let of = |judged: &Judged| quantity(judged.summary.median, &judged.figure.unit);
    let interval = ratio.and_then(|ratio| ratio.interval);
    let interval = interval.map(|(low, high)| format!("{low:.3} to {high:.3}"));
    let mark = match ratio {
        Some(ratio) if ratio.is_certain() => "changed",
        Some(Ratio { interval: None, .. }) => "too few samples",
        _ => "",
    };
    [
        first.figure.target.clone(),
        first.figure.name.clone(),
        of(first),
        of(second),
        ratio.map_or_else(String::new, |ratio| format!("{:.3}", ratio.value)),
        interval.unwrap_or_default(),
        mark.to_owned(),
    ]
}
