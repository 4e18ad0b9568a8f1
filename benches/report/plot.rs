//! A report as a plot: for each target a bar of the median, beside the bare host and the bound.
//!
//! In: a report. Out: SVG, drawn as it stands. Never: a script or a font of its own; colours are read on a light and on
//! a dark page.

use super::judge::{Judged, Report, Verdict, quantity};
use super::shape::Of;

const WIDTH: f64 = 960.0;
const ROW: f64 = 34.0;
/// Where bars begin, how long the longest is, and where the first row is.
const LEFT: f64 = 420.0;
const LENGTH: f64 = 400.0;
const TOP: f64 = 40.0;

const STYLE: &str = "\
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .met { fill: #2da44e } .missed { fill: #cf222e } .bare { fill: #8c959f } .bound { stroke: #0969da; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .met { fill: #3fb950 } .missed { fill: #f85149 } .bare { fill: #6e7681 }
    .bound { stroke: #58a6ff }
  }
";

/// What has a bound of its median.
pub(crate) fn svg(report: &Report) -> String {
    let drawn = report.figures.iter();
    let rows: Vec<String> = drawn
        .filter_map(|judged| Some((judged, bound(judged)?)))
        .zip(0_u32..)
        .map(|((judged, bound), number)| row(judged, bound, TOP + ROW * f64::from(number)))
        .collect();
    let height = TOP + ROW * f64::from(u32::try_from(rows.len()).unwrap_or_default());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>Medians beside the bare host and the targets</title>\n<style>\n{STYLE}</style>\n{}{}</svg>\n",
        legend(),
        rows.concat()
    )
}

/// None too, where it is nothing: no length is a part of it.
fn bound(judged: &Judged) -> Option<f64> {
    let mut bounds = judged.figure.bounds.iter();
    let bound = bounds.find(|bound| bound.of == Of::Median)?;
    (bound.value > 0.0).then_some(bound.value)
}

fn legend() -> String {
    let key = |x: f64, class: &str, text: &str| {
        format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"8\" width=\"12\" height=\"12\"/>\
             <text x=\"{}\" y=\"18\">{text}</text>\n",
            x + 18.0
        )
    };
    [
        key(LEFT, "met", "target met"),
        key(LEFT + 110.0, "missed", "target missed"),
        key(LEFT + 230.0, "bare", "bare host"),
        format!(
            "<line class=\"bound\" x1=\"{0}\" x2=\"{0}\" y1=\"6\" y2=\"22\"/><text x=\"{1}\" y=\"18\">target</text>\n",
            LEFT + 330.0,
            LEFT + 340.0
        ),
    ]
    .concat()
}

/// Each row has a scale of its own, for units differ.
fn row(judged: &Judged, bound: f64, y: f64) -> String {
    let Judged {
        figure,
        summary,
        bare_summary,
        verdict,
    } = judged;
    let bare = bare_summary.map(|bare| bare.median);
    let longest = bound.max(summary.median).max(bare.unwrap_or(0.0));
    let length = |value: f64| value / longest * LENGTH;
    let class = match verdict {
        Verdict::Missed => "missed",
        Verdict::Met | Verdict::None => "met",
    };
    let name = format!(
        "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{} {}</text>\n\
         <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"12\"/>\n",
        LEFT - 10.0,
        y + 14.0,
        figure.target,
        escaped(&figure.name),
        length(summary.median)
    );
    let bare = bare.map(|bare| {
        format!(
            "<rect class=\"bare\" x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"6\"/>\n",
            y + 14.0,
            length(bare)
        )
    });
    let at = LEFT + length(bound);
    let target = format!(
        "<line class=\"bound\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>\n\
         <text x=\"{}\" y=\"{:.1}\">{}</text>\n",
        y - 3.0,
        y + 23.0,
        LEFT + LENGTH + 10.0,
        y + 14.0,
        quantity(summary.median, &figure.unit)
    );
    [name, bare.unwrap_or_default(), target].concat()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
