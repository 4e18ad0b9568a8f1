//! What `make bench` says of its samples, and by what it knows an object on the host.

#[path = "../../benches/report/compare.rs"]
mod compare;
#[path = "../../benches/report/judge.rs"]
mod judge;
#[path = "../../benches/sync/mark.rs"]
mod mark;
#[path = "../../benches/report/markdown.rs"]
mod markdown;
#[path = "../../benches/report/plot.rs"]
mod plot;
#[path = "../../benches/report/shape.rs"]
mod shape;
#[path = "../../benches/report/statistics.rs"]
mod statistics;
#[path = "../../benches/report/table.rs"]
mod table;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use self::judge::{Report, Verdict};
use self::shape::{Bound, Figure, Is, Of, Part};
use self::statistics::{Ratio, Summary};

fn hundred() -> Vec<f64> {
    (1..=100).rev().map(f64::from).collect()
}

#[test]
fn a_series_has_the_median_between_its_middle_two_and_the_quantiles_of_the_nearest_rank() {
    let summary = Summary::of(&hundred()).unwrap();
    let expected = Summary {
        count: 100,
        least: 1.0,
        median: 50.5,
        p95: 95.0,
        p99: 99.0,
        most: 100.0,
    };
    assert_eq!(summary, expected);
    let median = |samples: &[f64]| Summary::of(samples).map(|summary| summary.median);
    assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(&[]), None);
}

#[test]
fn twice_as_much_is_certain_and_the_interval_is_the_same_every_time() {
    let twice: Vec<f64> = hundred().iter().map(|sample| sample * 2.0).collect();
    let ratio = Ratio::of(&hundred(), &twice).unwrap();
    assert_eq!(Some(ratio.value), Some(2.0));
    assert!(ratio.is_certain());
    let (low, high) = ratio.interval.unwrap();
    assert!(
        1.2 < low && low < 2.0 && 2.0 < high && high < 3.2,
        "{low} {high}"
    );
    assert_eq!(Ratio::of(&hundred(), &twice), Some(ratio));
}

#[test]
fn the_same_twice_is_no_change() {
    let ratio = Ratio::of(&hundred(), &hundred()).unwrap();
    assert_eq!(Some(ratio.value), Some(1.0));
    let (low, high) = ratio.interval.unwrap();
    assert!(low < 1.0 && 1.0 < high, "{low} {high}");
    assert!(!ratio.is_certain());
}

#[test]
fn samples_that_never_differ_have_an_interval_of_one_point() {
    let ratio = Ratio::of(&[2.0; 5], &[3.0; 5]).unwrap();
    assert_eq!(ratio.interval, Some((1.5, 1.5)));
}

#[test]
fn of_a_few_samples_nothing_is_certain_and_nothing_is_divided_by_nothing() {
    let ratio = Ratio::of(&[1.0; 4], &[9.0; 100]).unwrap();
    assert_eq!(
        ratio,
        Ratio {
            value: 9.0,
            interval: None
        }
    );
    assert!(!ratio.is_certain());
    assert_eq!(Ratio::of(&[0.0; 9], &[1.0; 9]), None);
}

fn figure(
    target: &str,
    name: &str,
    samples: &[f64],
    bare: &[f64],
    bounds: &[(Of, Is, f64)],
) -> Figure {
    Figure {
        target: target.to_owned(),
        name: name.to_owned(),
        unit: "ms".to_owned(),
        samples: samples.to_vec(),
        bare: bare.to_vec(),
        bounds: bounds
            .iter()
            .map(|&(of, is, value)| Bound { of, is, value })
            .collect(),
        detail: String::new(),
    }
}

fn report(sample: f64) -> Report {
    let part = |name: &str, figures| Part {
        name: name.to_owned(),
        machine: json!({"commit": "abc", "cores": 2}),
        figures,
        remarks: vec![format!("{name} went well.")],
        not_measured: vec![format!("{name}, the rest: interrupted")],
    };
    let both = [(Of::Median, Is::AtMost, 4.0), (Of::Ratio, Is::AtMost, 1.15)];
    Report::of(vec![
        part(
            "one",
            vec![figure(
                "P10",
                "late",
                &[1.0],
                &[],
                &[(Of::P99, Is::AtMost, 5.0)],
            )],
        ),
        part(
            "two",
            vec![
                figure("", "a < b", &[7.0], &[], &[]),
                figure("P1", "create", &[sample; 5], &[2.0; 5], &both),
            ],
        ),
    ])
}

#[test]
fn a_figure_meets_its_target_when_it_meets_every_bound_of_it() {
    let verdict = |sample| report(sample).figures.first().map(|judged| judged.verdict);
    assert_eq!(verdict(2.2), Some(Verdict::Met));
    // Fast enough, but not beside the bare host.
    assert_eq!(verdict(2.5), Some(Verdict::Missed));
    assert_eq!(verdict(4.5), Some(Verdict::Missed));
    assert_eq!(
        report(1.0).figures.last().map(|judged| judged.verdict),
        Some(Verdict::None)
    );
}

#[test]
fn a_report_is_a_table_by_target() {
    let table = table::text(&report(2.5));
    let expected = "\
     what    n  median   p95      p99      bare host  target               
P1   create  5  2.50 ms  2.50 ms  2.50 ms  2 ms       ≤ 4 ms, ≤ 1.15 x bare  missed
";
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[1], expected.lines().nth(1).unwrap());
    assert!(lines[2].starts_with("P10  late"), "{table}");
    assert!(table.contains("one went well.\n"), "{table}");
    assert!(
        table.contains("not measured: two, the rest: interrupted\n"),
        "{table}"
    );
}

#[test]
fn only_what_is_between_the_marks_of_the_page_is_written() {
    let page = "top\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nbottom\n";
    let page = markdown::within(page, &report(2.5)).unwrap();
    assert!(page.starts_with("top\n<!-- figures: begin -->\n"), "{page}");
    assert!(page.ends_with("<!-- figures: end -->\nbottom\n"), "{page}");
    assert!(!page.contains("old"), "{page}");
    assert!(page.contains("Commit `abc`"), "{page}");
    assert!(page.contains("| P1 | create | 5 | 2.50 ms |"), "{page}");
    assert!(markdown::within("no marks", &report(2.5)).is_err());
}

#[test]
fn the_plot_has_a_bar_for_what_has_a_bound_of_its_median() {
    let plot = plot::svg(&report(2.5));
    assert!(plot.contains(">P1 create</text>"), "{plot}");
    // 2.5 of 4 of 400 units; the bound at its end.
    assert!(
        plot.contains("class=\"missed\" x=\"420\" y=\"40.0\" width=\"250.0\""),
        "{plot}"
    );
    assert!(plot.contains("x1=\"820.0\""), "{plot}");
    assert!(!plot.contains("late") && !plot.contains("a < b"), "{plot}");
}

#[test]
fn two_reports_are_compared_by_the_ratios_of_their_medians() {
    let table = compare::table(&report(2.0), &report(3.0));
    let lines: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let expected = [
        "P1", "create", "2", "ms", "3", "ms", "1.500", "1.500", "to", "1.500", "changed",
    ];
    assert_eq!(lines[1], expected);
    assert!(table.contains("too few samples"), "{table}");
    let none = compare::table(&report(2.0), &Report::of(Vec::new()));
    assert!(none.contains("only in A: create\n"), "{none}");
}

#[test]
fn a_copy_is_known_by_its_name_an_annotation_or_a_label() {
    let one = mark::names("one", 18).pop().unwrap();
    assert_eq!(one, "vcb-one-00017");
    let of = |object: serde_json::Value| {
        let metadata: ObjectMeta = serde_json::from_value(object).unwrap();
        mark::made_as(&metadata).map(str::to_owned)
    };
    let known = Some(one);
    assert_eq!(of(json!({"name": "vcb-one-00017-x-default-x-dev"})), known);
    assert_eq!(
        of(json!({"name": "k3k-default-vcb-one-00017-dev-1f"})),
        known
    );
    assert_eq!(
        of(json!({"name": "p-1f", "annotations": {"a": "", "b": "default/vcb-one-00017"}})),
        known
    );
    assert_eq!(
        of(json!({"name": "p-1f", "labels": {"of": "vcb-one-00017"}})),
        known
    );
    assert_eq!(of(json!({"name": "vcb-one-17"})), None);
    assert_eq!(
        of(json!({"name": "coredns", "labels": {"a": "vcb-"}})),
        None
    );
}
