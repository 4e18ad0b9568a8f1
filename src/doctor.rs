//! What would stop a virtual cluster, and what is wrong with one.
//!
//! In: facts about this machine, a host and a cluster. Out: [`Finding`]s, each with a code that [`codes`] explains.
//! Never: gathers a fact, or does anything about it.

pub mod codes;
pub mod control_plane;
pub mod host;
pub mod leftovers;
pub mod machine;
pub mod quota;

use std::fmt;

use serde::Serialize;

use codes::Code;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It does not work.
    Error,
    /// It works, but not as somebody may expect, or not for long.
    Warning,
    /// It is good to know.
    Note,
    /// It cannot be told, for want of a right.
    Unknown,
}

impl Severity {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// One thing that somebody should know, as `-o json` and `-o yaml` show it. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `VC203`
    pub code: &'static str,
    /// That of the code.
    pub severity: Severity,
    /// What it is about: `resourcequota/small`.
    pub object: String,
    /// What is wrong with it, in a sentence.
    pub message: String,
    /// What to do, if that can be said: a command where it is one.
    pub fix: Option<String>,
    /// Whether `--fix` does it.
    pub fixable: bool,
    /// Whether `--fix` has done it.
    pub fixed: bool,
}

impl Finding {
    /// Without a fix yet.
    pub fn new(code: &Code, object: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.id,
            severity: code.severity,
            object: object.into(),
            message: message.into(),
            fix: None,
            fixable: false,
            fixed: false,
        }
    }

    /// With what to do.
    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self {
            fix: Some(fix.into()),
            ..self
        }
    }

    /// That `--fix` does it.
    #[must_use]
    pub fn fixable(self) -> Self {
        Self {
            fixable: true,
            ..self
        }
    }

    /// Whether it stands for something that does not work, still.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error && !self.fixed
    }
}

/// That something may not be seen.
pub fn cannot_tell(object: impl Into<String>, why: impl Into<String>) -> Finding {
    Finding::new(&codes::CANNOT_TELL, object, why)
}

/// Everything that was found, as `-o json` and `-o yaml` show it. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The host namespace that was looked at.
    pub namespace: Option<String>,
    /// The cluster that was looked at; null for a look before `vc create`.
    pub cluster: Option<String>,
    /// How many findings are errors that were not fixed.
    pub errors: usize,
    /// How many are warnings that were not fixed.
    pub warnings: usize,
    /// The worst first, those that were fixed last.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Sorts and counts.
    pub fn new(
        namespace: Option<String>,
        cluster: Option<String>,
        mut findings: Vec<Finding>,
    ) -> Self {
        findings.sort_by(|one, other| {
            let key = |finding: &Finding| (finding.fixed, finding.severity, finding.code);
            key(one)
                .cmp(&key(other))
                .then_with(|| one.object.cmp(&other.object))
        });
        let count = |severity: Severity| {
            let open = findings.iter().filter(|finding| !finding.fixed);
            open.filter(|finding| finding.severity == severity).count()
        };
        Self {
            namespace,
            cluster,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            findings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_fixed_is_no_longer_an_error() {
        let mut fixed = Finding::new(&codes::QUOTA, "a", "b");
        assert!(fixed.is_error());
        fixed.fixed = true;
        let note = Finding::new(&codes::PAUSED, "c", "d");
        let error = Finding::new(&codes::NO_IMAGE, "e", "f");
        let report = Report::new(None, None, vec![note, fixed, error]);
        assert_eq!((report.errors, report.warnings), (1, 0));
        let codes: Vec<&str> = report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["VC209", "VC305", "VC203"]);
    }
}
