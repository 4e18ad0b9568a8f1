//! What a part of the benchmark measures, while it does.
//!
//! In: samples by name. Out: the part's JSON. Never: computes anything of them: that is the report's work.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::Value;

pub(crate) use crate::shape::{Bound, Figure, Is, Of, Part};

/// Where the JSON goes.
pub(crate) const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/bench");

impl Figure {
    /// Nothing of it yet.
    pub(crate) fn new(target: &str, name: impl Into<String>, unit: &str) -> Self {
        Self {
            target: target.to_owned(),
            name: name.into(),
            unit: unit.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a bound.
    pub(crate) fn bound(mut self, of: Of, is: Is, value: f64) -> Self {
        self.bounds.push(Bound { of, is, value });
        self
    }

    /// Adds an upper bound of the median.
    pub(crate) fn at_most(self, value: f64) -> Self {
        self.bound(Of::Median, Is::AtMost, value)
    }
}

impl Part {
    /// Nothing yet.
    pub(crate) fn new(name: &str, machine: Value) -> Self {
        Self {
            name: name.to_owned(),
            machine,
            figures: Vec::new(),
            remarks: Vec::new(),
            not_measured: Vec::new(),
        }
    }

    /// Says what is to be measured, in the order of the table.
    pub(crate) fn plan(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Adds a sample to what is to be measured; none when it could not be.
    pub(crate) fn sample(&mut self, name: &str, sample: impl Into<Option<f64>>) {
        self.change(name, |figure| figure.samples.extend(sample.into()));
    }

    /// Adds one of the host without a virtual cluster.
    pub(crate) fn bare(&mut self, name: &str, sample: impl Into<Option<f64>>) {
        self.change(name, |figure| figure.bare.extend(sample.into()));
    }

    /// Says what a figure is made of.
    pub(crate) fn detail(&mut self, name: &str, detail: impl Into<String>) {
        self.change(name, |figure| figure.detail = detail.into());
    }

    /// Does something to what is to be measured under this name; what nobody planned comes last.
    fn change(&mut self, name: &str, change: impl FnOnce(&mut Figure)) {
        let mut figures = self.figures.iter_mut();
        if let Some(figure) = figures.find(|figure| figure.name == name) {
            return change(figure);
        }
        let mut figure = Figure::new("", name, "");
        change(&mut figure);
        self.figures.push(figure);
    }

    /// Notes under which circumstances it was measured.
    pub(crate) fn remark(&mut self, text: impl Into<String>) {
        self.remarks.push(text.into());
    }

    /// Notes what of this could not be measured; all else goes on.
    pub(crate) fn attempt(&mut self, what: &str, result: anyhow::Result<()>) {
        if let Err(error) = result {
            self.miss(what, &format!("{error:#}"));
        }
    }

    /// Notes that something could not be measured.
    pub(crate) fn miss(&mut self, what: &str, why: &str) {
        // One line each, however many an error has.
        let why = why.lines().collect::<Vec<_>>().join("; ");
        self.not_measured.push(format!("{what}: {why}"));
    }

    /// Writes it where the report looks for it; an error if something could not be measured. Then what could be is written.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.write()?;
        ensure!(
            self.not_measured.is_empty(),
            "not measured: {}",
            self.not_measured.join("; ")
        );
        Ok(())
    }

    /// A figure without samples could not be measured.
    fn write(&mut self) -> anyhow::Result<()> {
        let (measured, empty): (Vec<_>, Vec<_>) = std::mem::take(&mut self.figures)
            .into_iter()
            .partition(|figure| !figure.samples.is_empty());
        self.figures = measured;
        for figure in empty {
            self.miss(&figure.name, "there is no sample");
        }
        let directory = Path::new(DIRECTORY);
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot create `{DIRECTORY}`"))?;
        let file = directory.join(format!("{}.json", self.name));
        std::fs::write(&file, serde_json::to_string_pretty(self)?)
            .with_context(|| format!("cannot write `{}`", file.display()))
    }
}
