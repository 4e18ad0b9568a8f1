//! What is on the screen of `vc top`, and what a key does.
//!
//! In: snapshots, keys. Out: which rows are shown in which order, which one is chosen, which page. Never: draws.

use super::row::Row;
use crate::ui::Key;

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Order {
    #[default]
    Name,
    Cpu,
    Memory,
    Latency,
    Queue,
    Warnings,
}

impl Order {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Cpu => "CPU",
            Self::Memory => "memory",
            Self::Latency => "latency",
            Self::Queue => "queue",
            Self::Warnings => "warnings",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Name => Self::Cpu,
            Self::Cpu => Self::Memory,
            Self::Memory => Self::Latency,
            Self::Latency => Self::Queue,
            Self::Queue => Self::Warnings,
            Self::Warnings => Self::Name,
        }
    }

    /// What is to be highest first.
    fn weight(self, row: &Row) -> u128 {
        let usages = [row.control_plane, row.workloads];
        let usages = usages.into_iter().flatten();
        let sync = row.sync.as_ref();
        match self {
            Self::Name => 0,
            Self::Cpu => usages.map(|usage| u128::from(usage.cpu_millicores)).sum(),
            Self::Memory => usages.map(|usage| u128::from(usage.memory_bytes)).sum(),
            Self::Latency => sync
                .and_then(|sync| sync.p99)
                .map_or(0, |time| time.as_micros()),
            Self::Queue => sync.map_or(0, |sync| u128::from(sync.queue)),
            Self::Warnings => row.warnings.map_or(0, |count| count as u128),
        }
    }
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Page {
    #[default]
    Table,
    /// Of the chosen cluster.
    One,
    Help,
}

/// What is to happen after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Stay,
    /// Something else is to be found out.
    Refresh,
    Quit,
    /// As by Ctrl-C.
    Interrupt,
}

/// Namespace and name.
pub(super) type Id = (String, String);

#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    rows: Vec<Row>,
    /// What could not be found out, and why; or what went wrong the last time.
    pub notes: Vec<String>,
    /// Whether anything has been found out yet.
    pub is_known: bool,
    pub order: Order,
    pub filter: String,
    /// Whether the filter is being typed.
    pub is_typing: bool,
    pub page: Page,
    chosen: Option<Id>,
    /// Where the chosen one was last, for when it goes.
    place: usize,
}

impl Model {
    /// What was found out now. The chosen one stays so while it is there, wherever it is sorted to.
    pub(super) fn update(&mut self, rows: Vec<Row>, notes: Vec<String>) {
        self.rows = rows;
        self.notes = notes;
        self.is_known = true;
        self.choose_again();
    }

    /// Nothing was found out; what was known stays.
    pub(super) fn fail(&mut self, why: String) {
        self.notes = vec![why];
    }

    /// The rows that match the filter, in order.
    pub(super) fn shown(&self) -> Vec<&Row> {
        let filter = self.filter.to_lowercase();
        let matches = |row: &&Row| {
            let of = [&row.name, &row.namespace, &row.status];
            of.iter().any(|text| text.to_lowercase().contains(&filter))
        };
        let mut rows: Vec<&Row> = self.rows.iter().filter(matches).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(self.order.weight(row)), id(row)));
        rows
    }

    /// How many there are, whether shown or not.
    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn chosen(&self) -> Option<&Row> {
        let shown = self.shown();
        let mut shown = shown.into_iter();
        shown.find(|row| Some(id(row)) == self.chosen)
    }

    /// Place of the chosen one among those that are shown.
    pub(super) fn chosen_place(&self) -> Option<usize> {
        let shown = self.shown();
        shown.iter().position(|row| Some(id(row)) == self.chosen)
    }

    /// The cluster whose page is shown.
    pub(super) fn opened(&self) -> Option<Id> {
        (self.page == Page::One).then(|| self.chosen.clone())?
    }

    /// A key was pressed.
    pub(super) fn press(&mut self, key: Key) -> Next {
        if key == Key::Interrupt {
            return Next::Interrupt;
        }
        if self.is_typing {
            return self.typed(key);
        }
        match (self.page, key) {
            (_, Key::Char('q')) => return Next::Quit,
            (Page::Help, _) | (Page::One, Key::Escape | Key::Enter | Key::Backspace) => {
                self.page = Page::Table;
            }
            (_, Key::Char('?')) => self.page = Page::Help,
            (_, Key::Up | Key::Char('k')) => return self.go_to(self.place.saturating_sub(1)),
            (_, Key::Down | Key::Char('j')) => return self.go_to(self.place.saturating_add(1)),
            (_, Key::Home | Key::Char('g')) => return self.go_to(0),
            (_, Key::End | Key::Char('G')) => return self.go_to(usize::MAX),
            (Page::Table, Key::Enter) if self.chosen().is_some() => {
                self.page = Page::One;
                return Next::Refresh;
            }
            (Page::Table, Key::Char('s')) => {
                self.order = self.order.next();
                self.choose_again();
            }
            (Page::Table, Key::Char('/')) => self.is_typing = true,
            (Page::Table, Key::Escape) => {
                self.filter.clear();
                self.choose_again();
            }
            _ => {}
        }
        Next::Stay
    }

    fn typed(&mut self, key: Key) -> Next {
        match key {
            Key::Enter => self.is_typing = false,
            Key::Escape => {
                self.is_typing = false;
                self.filter.clear();
            }
            Key::Backspace => drop(self.filter.pop()),
            Key::Char(char) => self.filter.push(char),
            _ => {}
        }
        self.choose_again();
        Next::Stay
    }

    /// Goes to what is at this place, or the last.
    fn go_to(&mut self, place: usize) -> Next {
        self.choose(place);
        // More is known of the one whose page is shown than of others.
        match self.page {
            Page::One => Next::Refresh,
            _ => Next::Stay,
        }
    }

    fn choose(&mut self, place: usize) {
        let ids: Vec<Id> = self.shown().into_iter().map(id).collect();
        self.place = place.min(ids.len().saturating_sub(1));
        self.chosen = ids.get(self.place).cloned();
    }

    /// Finds the chosen one where it is now; if it has gone, its neighbour is chosen.
    fn choose_again(&mut self) {
        if let Some(place) = self.chosen_place() {
            self.place = place;
            return;
        }
        if self.page == Page::One {
            self.page = Page::Table;
        }
        self.choose(self.place);
    }
}

fn id(row: &Row) -> Id {
    (row.namespace.clone(), row.name.clone())
}
