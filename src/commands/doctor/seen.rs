//! What the host answers, or why it cannot be told.

use crate::doctor::codes::Code;
use crate::doctor::{Finding, cannot_tell, codes};
use crate::error::{Kind, kind, one_line};

/// An answer, or a finding: that we may not see it, that the host is away, or else one of `code`.
pub(super) fn seen<T>(code: &Code, object: &str, answer: anyhow::Result<T>) -> Result<T, Finding> {
    answer.map_err(|error| match kind(&error) {
        Kind::Denied => cannot_tell(object, one_line(&error)),
        Kind::Unreachable => super::of_error(&codes::NO_HOST, "host", &error),
        _ => super::of_error(code, object, &error),
    })
}

/// Keeps an answer, and its finding with the others.
pub(super) fn keep<T>(answer: Result<T, Finding>, findings: &mut Vec<Finding>) -> Option<T> {
    answer.map_err(|finding| findings.push(finding)).ok()
}
