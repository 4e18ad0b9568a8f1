//! How the screen of `vc top` looks, at any size.
//!
//! In: the model, the size. Out: cells of a screen. Never: the terminal itself.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;

use super::model::{Model, Page};
use super::row::{Row, Told, cpu, memory};

/// Blanks between two columns.
const GAP: usize = 2;

/// One column of the table.
struct Column {
    title: &'static str,
    /// Which goes first when there is no room: the highest.
    rank: u8,
    is_number: bool,
    cell: fn(&Row, Timestamp) -> String,
}

const COLUMNS: [Column; 9] = [
    Column {
        title: "NAME",
        rank: 0,
        is_number: false,
        cell: |row, _| row.name.clone(),
    },
    Column {
        title: "NAMESPACE",
        rank: 8,
        is_number: false,
        cell: |row, _| row.namespace.clone(),
    },
    Column {
        title: "STATUS",
        rank: 1,
        is_number: false,
        cell: |row, _| row.status.clone(),
    },
    Column {
        title: "AGE",
        rank: 7,
        is_number: true,
        cell: |row, now| row.age(now),
    },
    Column {
        title: "CONTROL PLANE",
        rank: 3,
        is_number: true,
        cell: |row, _| both(row.control_plane),
    },
    Column {
        title: "WORKLOADS",
        rank: 5,
        is_number: true,
        cell: |row, _| {
            let usage = row
                .workloads
                .map_or_else(String::new, |_| format!(" {}", both(row.workloads)));
            format!("{}{usage}", row.pods())
        },
    },
    Column {
        title: "SYNC",
        rank: 2,
        is_number: true,
        cell: |row, _| row.latency(),
    },
    Column {
        title: "QUEUE",
        rank: 6,
        is_number: true,
        cell: |row, _| row.queue(),
    },
    Column {
        title: "WARN",
        rank: 4,
        is_number: true,
        cell: |row, _| row.warnings(),
    },
];

/// `45m 380Mi`
fn both(usage: Option<super::row::Usage>) -> String {
    usage.map_or_else(
        || "-".to_owned(),
        |_| format!("{} {}", cpu(usage), memory(usage)),
    )
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, now: Timestamp, in_colour: bool) {
    let area = frame.area();
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let keys = match model.page {
        Page::Table if model.is_typing => "Enter keep  Esc drop the filter",
        Page::Table => "Enter open  s sort  / filter  ? help  q quit",
        Page::One => "Esc back  Up/Down other cluster  q quit",
        Page::Help => "any key back  q quit",
    };
    let mut lines = vec![head(model)];
    // The head, the notes and the keys have the rest.
    let notes = model.notes.len().min(2).min(height.saturating_sub(6));
    let room = height.saturating_sub(2 + notes);
    let mut body = match model.page {
        Page::Table => table(model, now, width, room, in_colour),
        Page::One => model
            .chosen()
            .map_or_else(Vec::new, |row| one(row, now, width, room)),
        Page::Help => HELP.iter().map(|&line| Line::from(line)).collect(),
    };
    body.resize(room, Line::default());
    lines.extend(body);
    lines.extend(
        model
            .notes
            .iter()
            .take(notes)
            .map(|note| Line::from(note.as_str())),
    );
    lines.push(Line::from(keys).style(Style::new().add_modifier(Modifier::DIM)));
    for (line, y) in lines.iter().zip(area.y..area.bottom()) {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        frame.render_widget(line, row);
    }
}

fn head(model: &Model) -> Line<'static> {
    let text = if model.page == Page::Table {
        let (shown, all) = (model.shown().len(), model.count());
        let count = if shown == all {
            all.to_string()
        } else {
            format!("{shown} of {all}")
        };
        let noun = if all == 1 { "cluster" } else { "clusters" };
        let cursor = if model.is_typing { "_" } else { "" };
        let filter = if model.filter.is_empty() && !model.is_typing {
            String::new()
        } else {
            format!("  /{}{cursor}", model.filter)
        };
        format!("vc top  {count} {noun}  by {}{filter}", model.order.name())
    } else {
        "vc top".to_owned()
    };
    Line::from(text).style(Style::new().add_modifier(Modifier::BOLD))
}

fn table(
    model: &Model,
    now: Timestamp,
    width: usize,
    room: usize,
    in_colour: bool,
) -> Vec<Line<'static>> {
    let rows = model.shown();
    if rows.is_empty() {
        let text = match (model.is_known, model.count()) {
            (false, _) => "looking...",
            (true, 0) => "no virtual clusters: make one with `vc create NAME`",
            (true, _) => "no virtual cluster matches the filter",
        };
        return vec![Line::default(), Line::from(text)];
    }
    let place = model.chosen_place().unwrap_or_default();
    let visible = room.saturating_sub(1).max(1);
    let first = place.saturating_sub(visible - 1);
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            COLUMNS
                .iter()
                .map(|column| (column.cell)(row, now))
                .collect()
        })
        .collect();
    let widths = widths(&cells, width);
    let titles: Vec<String> = COLUMNS
        .iter()
        .map(|column| column.title.to_owned())
        .collect();
    let mut lines = vec![Line::from(aligned(&titles, &widths))];
    let visible = rows
        .iter()
        .zip(&cells)
        .enumerate()
        .skip(first)
        .take(visible);
    for (index, (row, cells)) in visible {
        let mut style = Style::new();
        if in_colour {
            style = style.fg(colour(row));
        }
        if index == place {
            style = style.add_modifier(Modifier::REVERSED);
        }
        let text = aligned(cells, &widths);
        lines.push(Line::from(format!("{text:width$}")).style(style));
    }
    lines
}

fn colour(row: &Row) -> Color {
    match row.status.as_str() {
        "Running" => Color::Reset,
        "Degraded" | "Failed" | "Incomplete" => Color::Red,
        _ => Color::Yellow,
    }
}

/// How wide each column is; none for one that there is no room for. The name's may be cut short.
fn widths(cells: &[Vec<String>], width: usize) -> Vec<Option<usize>> {
    let wanted = COLUMNS.iter().enumerate().map(|(index, column)| {
        let cells = cells.iter().filter_map(|cells| cells.get(index));
        let content = cells.map(|cell| cell.chars().count()).max();
        content.unwrap_or_default().max(column.title.len())
    });
    let wanted: Vec<usize> = wanted.collect();
    let mut by_rank: Vec<(u8, usize)> = COLUMNS.iter().map(|column| column.rank).zip(0..).collect();
    by_rank.sort_unstable();
    let mut widths = vec![None; COLUMNS.len()];
    let mut left = width;
    for (rank, index) in by_rank {
        let gap = if rank == 0 { 0 } else { GAP };
        let mut wants = wanted.get(index).copied().unwrap_or_default();
        if rank == 0 {
            wants = wants.min(width / 3);
        }
        if wants + gap > left {
            break;
        }
        left -= wants + gap;
        if let Some(width) = widths.get_mut(index) {
            *width = Some(wants);
        }
    }
    widths
}

fn aligned(cells: &[String], widths: &[Option<usize>]) -> String {
    let mut text = String::new();
    for ((cell, width), column) in cells.iter().zip(widths).zip(&COLUMNS) {
        let Some(width) = *width else { continue };
        if !text.is_empty() {
            text.push_str("  ");
        }
        let cell: String = if cell.chars().count() > width {
            let short = cell.chars().take(width.saturating_sub(1));
            short.chain(['…']).collect()
        } else {
            cell.clone()
        };
        let cell = if column.is_number {
            format!("{cell:>width$}")
        } else {
            format!("{cell:width$}")
        };
        text.push_str(&cell);
    }
    text
}

/// The page of one cluster.
fn one(row: &Row, now: Timestamp, width: usize, room: usize) -> Vec<Line<'static>> {
    let Row {
        name,
        namespace,
        status,
        detail,
        ..
    } = row;
    let mut lines = vec![format!(
        "{name} in {namespace}: {status}, {} old",
        row.age(now)
    )];
    lines.extend(row.reason.clone());
    lines.push(match &row.sync {
        None => "sync: its syncer tells no figures".to_owned(),
        Some(sync) => format!(
            "sync: {} (p50/p99 of {}), {} waiting, {} retrying, {} errors",
            row.latency(),
            sync.changes,
            sync.queue,
            sync.retrying,
            sync.errors
        ),
    });
    let rest = room.saturating_sub(lines.len());
    let third = (rest / 3).max(4);
    lines.push(String::new());
    lines.push(format!(
        "{:28} {:>7} {:>8}  STATE",
        "CONTROL PLANE", "CPU", "MEM"
    ));
    for container in detail.containers.iter().take(third.saturating_sub(2)) {
        let state = if container.is_ready {
            "ready"
        } else {
            "not ready"
        };
        let restarts = match container.restarts {
            0 => String::new(),
            restarts => format!(", {restarts} restarts"),
        };
        lines.push(used(
            &container.name,
            container.usage,
            &format!("{state}{restarts}"),
        ));
    }
    lines.push(String::new());
    lines.push(format!(
        "{:28} {:>7} {:>8}  PHASE",
        "PODS BY USE", "CPU", "MEM"
    ));
    for pod in detail.pods.iter().take(third.saturating_sub(2)) {
        lines.push(used(&pod.name, pod.usage, &pod.phase));
    }
    lines.push(String::new());
    lines.push("LAST EVENTS".to_owned());
    lines.extend(detail.events.iter().map(|told| event(told, now)));
    lines.truncate(room);
    let cut = lines
        .into_iter()
        .map(|line| line.chars().take(width).collect::<String>());
    cut.map(Line::from).collect()
}

fn used(name: &str, usage: Option<super::row::Usage>, state: &str) -> String {
    let name: String = name.chars().take(28).collect();
    format!("{name:28} {:>7} {:>8}  {state}", cpu(usage), memory(usage))
}

fn event(told: &Told, now: Timestamp) -> String {
    let time = told.time.as_ref().and_then(|time| time.parse().ok());
    let ago = time.map_or_else(
        || "-".to_owned(),
        |time| crate::commands::list::age(time, now),
    );
    let mark = if told.is_warning() { "!" } else { " " };
    let Told {
        object,
        reason,
        message,
        ..
    } = told;
    format!("{mark} {ago:>5} {object} {reason}: {message}")
}

const HELP: [&str; 16] = [
    "Up, k / Down, j   the cluster before, after",
    "Home, g / End, G  the first, the last",
    "Enter / Esc       open its page, go back",
    "s                 sort by something else",
    "/                 filter by name, namespace",
    "                  or status; Esc drops it",
    "q, Ctrl-C         quit",
    "",
    "CONTROL PLANE  its CPU and memory",
    "WORKLOADS      its pods, their use",
    "SYNC           time from a change to its",
    "               write: median, 99 of 100",
    "QUEUE          changes that wait",
    "WARN           warnings in 10 minutes",
    "-              not known",
    "",
];
