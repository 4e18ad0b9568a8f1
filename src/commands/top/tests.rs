use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;

use super::draw::draw;
use super::model::{Model, Next, Order, Page};
use super::row::{Container, Detail, Facts, PodUse, Row, Sync, Told, Usage, table};
use crate::cluster::{Cluster, Status};
use crate::commands::list::aligned;
use crate::labels;
use crate::ui::Key;

fn now() -> Timestamp {
    "2026-01-10T00:00:00Z".parse().unwrap()
}

fn usage(cpu_millicores: u64, mebibytes: u64) -> Usage {
    Usage {
        cpu_millicores,
        memory_bytes: mebibytes << 20,
    }
}

fn told(type_: &str) -> Told {
    Told {
        time: Some("2026-01-09T23:59:00Z".to_owned()),
        type_: type_.to_owned(),
        reason: "BackOff".to_owned(),
        object: "pod/shop/web".to_owned(),
        message: "Back-off restarting failed container".to_owned(),
    }
}

/// One of which nothing is known.
fn unknown(name: &str) -> Row {
    Row {
        name: name.to_owned(),
        namespace: "team-a".to_owned(),
        status: "Paused".to_owned(),
        reason: None,
        created: Some("2026-01-09T22:00:00Z".to_owned()),
        control_plane: None,
        workloads: None,
        pods: None,
        sync: None,
        warnings: None,
        last_warning: None,
        detail: Detail::default(),
    }
}

fn known(name: &str, cpu: u64) -> Row {
    Row {
        status: "Running".to_owned(),
        control_plane: Some(usage(cpu, 380)),
        workloads: Some(usage(12, 64)),
        pods: Some(2),
        sync: Some(Sync {
            p50: Some(Duration::from_micros(7_500)),
            p99: Some(Duration::from_millis(1_250)),
            changes: 120,
            errors: 3,
            queue: 1,
            retrying: 0,
        }),
        warnings: Some(1),
        last_warning: Some(told("Warning")),
        detail: Detail {
            containers: vec![Container {
                name: "syncer".to_owned(),
                is_ready: true,
                restarts: 2,
                usage: Some(usage(3, 20)),
            }],
            pods: vec![PodUse {
                name: "shop/web".to_owned(),
                phase: "Running".to_owned(),
                usage: Some(usage(12, 64)),
            }],
            events: vec![told("Warning"), told("Normal")],
        },
        ..unknown(name)
    }
}

fn model() -> Model {
    let mut model = Model::default();
    let rows = vec![known("dev", 45), unknown("idle"), known("production", 120)];
    let note = "CPU and memory are not known: the host has no metrics.k8s.io (metrics-server)";
    model.update(rows, vec![note.to_owned()]);
    model
}

fn screen(model: &Model, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| draw(frame, model, now(), true))
        .unwrap();
    terminal.backend().to_string()
}

/// Compares with what is kept.
#[track_caller]
fn assert_looks(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/top"));
    settings.bind(|| insta::assert_snapshot!(name, text));
}

fn names(model: &Model) -> Vec<&str> {
    let shown = model.shown();
    shown.iter().map(|row| row.name.as_str()).collect()
}

fn chosen(model: &Model) -> &str {
    model.chosen().map_or("", |row| row.name.as_str())
}

fn pressed(model: &mut Model, keys: &str) {
    for key in keys.chars() {
        model.press(Key::Char(key));
    }
}

#[test]
fn the_table_fits_80_by_24_and_40_by_10() {
    assert_looks("table_80x24", &screen(&model(), 80, 24));
    assert_looks("table_40x10", &screen(&model(), 40, 10));
}

#[test]
fn a_page_of_one_fits_80_by_24_and_40_by_10() {
    let mut model = model();
    assert_eq!(model.press(Key::Enter), Next::Refresh);
    assert_looks("one_80x24", &screen(&model, 80, 24));
    assert_looks("one_40x10", &screen(&model, 40, 10));
}

#[test]
fn help_names_every_key() {
    let mut model = model();
    pressed(&mut model, "?");
    assert_looks("help_80x24", &screen(&model, 80, 24));
    pressed(&mut model, "x");
    assert_eq!(model.page, Page::Table);
}

#[test]
fn no_size_is_too_small() {
    for (width, height) in [(1, 1), (2, 3), (10, 2), (300, 100)] {
        for keys in ["", "?", "/x"] {
            let mut model = model();
            pressed(&mut model, keys);
            screen(&model, width, height);
        }
    }
}

#[test]
fn the_chosen_one_stays_so_wherever_it_is_sorted_to() {
    let mut model = model();
    assert_eq!(chosen(&model), "dev");
    pressed(&mut model, "s");
    assert_eq!(model.order, Order::Cpu);
    assert_eq!(names(&model), ["production", "dev", "idle"]);
    assert_eq!(chosen(&model), "dev");
    model.update(
        vec![known("dev", 500), known("production", 120)],
        Vec::new(),
    );
    assert_eq!(names(&model), ["dev", "production"]);
    assert_eq!(chosen(&model), "dev");
    model.update(
        vec![known("other", 1), known("production", 120)],
        Vec::new(),
    );
    assert_eq!(chosen(&model), "production");
    model.update(Vec::new(), Vec::new());
    assert_eq!(chosen(&model), "");
}

#[test]
fn a_page_closes_when_its_cluster_goes() {
    let mut model = model();
    model.press(Key::Enter);
    assert_eq!(
        model.opened(),
        Some(("team-a".to_owned(), "dev".to_owned()))
    );
    model.update(vec![known("production", 120)], Vec::new());
    assert_eq!((model.page, chosen(&model)), (Page::Table, "production"));
}

#[test]
fn keys_move_within_what_there_is() {
    let mut model = model();
    pressed(&mut model, "jjjj");
    assert_eq!(chosen(&model), "production");
    model.press(Key::Up);
    assert_eq!(chosen(&model), "idle");
    pressed(&mut model, "kkk");
    assert_eq!(chosen(&model), "dev");
    model.press(Key::End);
    assert_eq!(chosen(&model), "production");
    assert_eq!(model.press(Key::Char('q')), Next::Quit);
    assert_eq!(model.press(Key::Interrupt), Next::Interrupt);
}

#[test]
fn a_filter_is_typed_kept_and_dropped() {
    let mut model = model();
    pressed(&mut model, "/PROq");
    assert_eq!(names(&model), Vec::<&str>::new());
    model.press(Key::Backspace);
    assert_eq!(
        (names(&model), chosen(&model)),
        (vec!["production"], "production")
    );
    model.press(Key::Enter);
    assert!(!model.is_typing);
    assert_eq!(model.filter, "PRO");
    model.press(Key::Escape);
    assert_eq!(names(&model).len(), 3);
    assert_eq!(chosen(&model), "production");
}

#[test]
fn what_fails_once_leaves_what_was_known() {
    let mut model = model();
    model.fail("the host cannot be reached".to_owned());
    assert_eq!(names(&model).len(), 3);
    assert!(screen(&model, 80, 24).contains("the host cannot be reached"));
}

#[test]
fn off_a_terminal_it_is_a_table() {
    let rows = [known("dev", 45), unknown("idle")];
    assert_looks("plain", &aligned(table(&rows, now())));
    assert_looks("json", &serde_json::to_string_pretty(&rows[0]).unwrap());
}

fn read<T: serde::de::DeserializeOwned>(object: serde_json::Value) -> T {
    serde_json::from_value(object).unwrap()
}

#[test]
fn pods_that_may_not_be_seen_use_nobody_knows_how_much() {
    let pod = json!({"metadata": {
        "name": "vc-dev-0", "labels": {labels::COMPONENT: labels::CONTROL_PLANE},
    }});
    let container = BTreeMap::from([("etcd".to_owned(), usage(7, 30))]);
    let mut facts = Facts {
        pods: Some(vec![read(pod)]),
        metrics: Some(BTreeMap::from([("vc-dev-0".to_owned(), container)])),
        ..Facts::default()
    };
    let cluster = Cluster::example(Status::Running);
    let row = Row::new(&cluster, &facts, now());
    assert_eq!(row.control_plane, Some(usage(7, 30)));
    assert_eq!(row.workloads, Some(usage(0, 0)));
    assert_eq!(row.pods, Some(0));

    facts.pods = None;
    let row = Row::new(&cluster, &facts, now());
    assert_eq!(
        (row.control_plane, row.workloads, row.pods),
        (None, None, None)
    );
}

#[test]
fn a_warning_that_goes_on_is_a_late_one_however_early_it_began() {
    let event = |last: &str| {
        json!({
            "metadata": {"name": "e"}, "type": "Warning", "reason": "FailedScheduling",
            "involvedObject": {"kind": "Pod", "name": "vc-dev-0"},
            "eventTime": "2026-01-09T20:00:00.000000Z",
            "series": {"count": 9, "lastObservedTime": last},
        })
    };
    let warnings = |last: &str| {
        let facts = Facts {
            events: Some(vec![read(event(last))]),
            ..Facts::default()
        };
        Row::new(&Cluster::example(Status::Running), &facts, now()).warnings
    };
    assert_eq!(warnings("2026-01-09T23:58:00.000000Z"), Some(1));
    assert_eq!(warnings("2026-01-09T23:00:00.000000Z"), Some(0));
}
