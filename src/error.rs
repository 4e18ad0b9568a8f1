//! Errors: a kind that decides the exit code, and one place that turns any error into what the user reads.
//!
//! In: an [`anyhow::Error`] from a command. Out: a [`Report`]. Never: prints, ends the process.
//!
//! Code that knows what a person should read builds a [`Failure`]; below it, modules have typed
//! errors of their own. [`report`] is the only place that knows all of them.

use std::fmt;

use kube::client::AuthError;

use crate::kubeconfig;
use crate::kubeconfig::file::FileError;
use crate::pki::PkiError;
use crate::render::RenderError;

/// What went wrong, as scripts see it: the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything that has no code of its own.
    Failed,
    /// The command line cannot be meant.
    Usage,
    /// A wait passed its deadline.
    TimedOut,
    /// The host does not know who we are, or does not allow it.
    Denied,
    /// What was named does not exist.
    NotFound,
    /// What was to be made exists, or is just being changed by somebody else.
    Exists,
    /// A check before the first write failed: nothing was written.
    Preflight,
    /// The host does not answer, or is not who it should be.
    Unreachable,
    /// `vc` failed before CMD of `connect -- CMD` could start.
    BeforeCommand,
    /// Ended by this signal.
    Signal(u8),
}

impl Kind {
    /// The exit code, as documented in the README.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::TimedOut => 3,
            Self::Denied => 4,
            Self::NotFound => 5,
            Self::Exists => 6,
            Self::Preflight => 7,
            Self::Unreachable => 8,
            Self::BeforeCommand => 125,
            Self::Signal(number) => 128 + number,
        }
    }
}

/// An error as a person should read it: what was attempted on which object, and what to try next.
///
/// Lower case, no full stop, no type names; hints are commands.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
    details: Vec<String>,
    hint: Option<String>,
    /// Not boxed as `dyn Error`: from that, what is inside could not be told any more.
    source: Option<anyhow::Error>,
}

impl Failure {
    /// A failure of this kind; `message` says what was attempted on which object.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            details: Vec::new(),
            hint: None,
            source: None,
        }
    }

    /// Says what caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds a line of evidence, printed indented below the message.
    #[must_use]
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// Says what to try next; the last call wins.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The kind it was made with.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(AsRef::as_ref)
    }
}

/// What the user is told: the exit code and the text for stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The kind that decided the exit code.
    pub kind: Kind,
    /// `error: …`, `caused by: …`, details, a blank line, `hint: …`; no newline at the end.
    pub text: String,
}

/// Turns any error into what the user is told.
///
/// The kind and the hint are those of the outermost error of the chain that has one.
pub fn report(error: &anyhow::Error) -> Report {
    let kind = kind(error);
    let mut messages: Vec<String> = Vec::new();
    for cause in error.chain() {
        let message = message_of(cause);
        // Many errors repeat their source's text in their own.
        if !messages.iter().any(|earlier| earlier.contains(&message)) {
            messages.push(message);
        }
        // Below a client's error come its layers, which say the same again, or less.
        if cause.is::<kube::Error>() {
            break;
        }
    }
    let mut lines = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let prefix = if index == 0 { "error" } else { "caused by" };
        lines.push(format!("{prefix}: {message}"));
    }
    for detail in error.chain().filter_map(failure).flat_map(|f| &f.details) {
        lines.push(format!("  {detail}"));
    }
    if let Some(hint) = error.chain().find_map(hint_of) {
        lines.push(String::new());
        lines.push(format!("hint: {hint}"));
    }
    Report {
        kind,
        text: lines.join("\n"),
    }
}

/// What went wrong and why, without evidence and hint, for a place that has one line.
pub fn one_line(error: &anyhow::Error) -> String {
    let text = report(error).text;
    let is_message = |line: &&str| line.starts_with("error: ") || line.starts_with("caused by: ");
    let lines = text.lines().take_while(is_message);
    let words = lines.map(|line| line.split_once(": ").map_or(line, |(_, words)| words));
    words.collect::<Vec<&str>>().join(": ")
}

/// The command to try after an error, if it names one.
pub fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(hint_of)
}

/// The kind of any error: that of the outermost one of the chain that has one.
pub fn kind(error: &anyhow::Error) -> Kind {
    error.chain().find_map(kind_of).unwrap_or(Kind::Failed)
}

type Cause<'a> = &'a (dyn std::error::Error + 'static);

fn failure(cause: Cause<'_>) -> Option<&Failure> {
    cause.downcast_ref::<Failure>()
}

/// The kind of one error of a chain, if it has one.
fn kind_of(cause: Cause<'_>) -> Option<Kind> {
    if let Some(failure) = failure(cause) {
        return Some(failure.kind);
    }
    if let Some(error) = kubeconfig_error(cause) {
        return kind_of_kubeconfig(error);
    }
    if let Some(FileError::Locked { .. }) = cause.downcast_ref() {
        return Some(Kind::Exists);
    }
    if let Some(RenderError::TooLittle { .. }) = cause.downcast_ref() {
        return Some(Kind::Usage);
    }
    if let Some(PkiError::ServiceCidr { .. }) = pki_error(cause) {
        return Some(Kind::Usage);
    }
    kind_of_kube(cause.downcast_ref::<kube::Error>()?)
}

/// An error of the kubeconfig, also when the file's own error stands in front of it: transparent
/// errors are no members of the chain.
fn kubeconfig_error(cause: Cause<'_>) -> Option<&kubeconfig::Error> {
    match cause.downcast_ref::<FileError>() {
        Some(FileError::Refused(error)) => Some(error),
        _ => cause.downcast_ref(),
    }
}

/// An error of the certificates, also when the rendering's own error stands in front of it.
fn pki_error(cause: Cause<'_>) -> Option<&PkiError> {
    match cause.downcast_ref::<RenderError>() {
        Some(RenderError::Pki(error)) => Some(error),
        _ => cause.downcast_ref(),
    }
}

fn kind_of_kubeconfig(error: &kubeconfig::Error) -> Option<Kind> {
    match error {
        kubeconfig::Error::Taken { .. } => Some(Kind::Exists),
        kubeconfig::Error::EmptyName => Some(Kind::Usage),
        kubeconfig::Error::NoContext(_) => Some(Kind::NotFound),
        _ => None,
    }
}

/// The kind of an error of a Kubernetes client, if it has one.
pub fn kind_of_kube(error: &kube::Error) -> Option<Kind> {
    match error {
        kube::Error::Api(status) => Some(kind_of_status(status.code)),
        kube::Error::Auth(_) => Some(Kind::Denied),
        // The layers of the client box their errors; a credential that cannot be had comes this way.
        kube::Error::Service(source) if find_auth(source.as_ref()).is_some() => Some(Kind::Denied),
        kube::Error::Service(_) | kube::Error::HyperError(_) => Some(Kind::Unreachable),
        _ => None,
    }
}

/// Finds out whether it was a credential that could not be had.
fn find_auth<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a AuthError> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        current = error.source();
    }
    None
}

/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#status-codes>
fn kind_of_status(code: u16) -> Kind {
    match code {
        401 | 403 => Kind::Denied,
        404 => Kind::NotFound,
        409 => Kind::Exists,
        504 => Kind::TimedOut,
        _ => Kind::Failed,
    }
}

/// One error's own words: the API server's message rather than the library's rendering of it.
fn message_of(cause: Cause<'_>) -> String {
    match cause.downcast_ref::<kube::Error>() {
        Some(kube::Error::Api(status)) if !status.message.is_empty() => status.message.clone(),
        Some(kube::Error::Auth(error)) => message_of_auth(error),
        Some(kube::Error::Service(source)) => match find_auth(source.as_ref()) {
            Some(error) => message_of_auth(error),
            None => deepest(source.as_ref()),
        },
        Some(kube::Error::SerdeError(error)) => {
            format!("the answer is not one that Kubernetes gives: {error}")
        }
        _ => cause.to_string(),
    }
}

/// What went wrong with a credential. The library shows the plugin's whole command line, environment
/// and output, which may be secret; what the plugin said to its user is enough.
fn message_of_auth(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecStart(source) => {
            format!("the context's credential plugin cannot be started: {source}")
        }
        AuthError::AuthExecRun { out, .. } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let said: Vec<&str> = said.split_whitespace().collect();
            let ended = match out.status.code() {
                Some(code) => format!("with exit code {code}"),
                None => "by a signal".to_owned(),
            };
            match said.join(" ") {
                said if said.is_empty() => {
                    format!("the context's credential plugin ended {ended}")
                }
                said => format!("the context's credential plugin ended {ended}: {said}"),
            }
        }
        other => format!("the context's credentials cannot be used: {other}"),
    }
}

/// The innermost cause: `Connection refused (os error 111)` rather than the layers above it.
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}

/// The hint of one error of a chain, if it has one.
fn hint_of(cause: Cause<'_>) -> Option<String> {
    if let Some(failure) = failure(cause) {
        return failure.hint.clone();
    }
    if let Some(kubeconfig::Error::Taken { .. }) = kubeconfig_error(cause) {
        return Some("choose another name with `--context-name`".to_owned());
    }
    if let Some(error) = cause.downcast_ref() {
        return hint_of_file(error);
    }
    match cause.downcast_ref::<kube::Error>()? {
        kube::Error::Api(status) if status.code == 401 => Some(log_in()),
        kube::Error::Auth(_) => Some(log_in()),
        kube::Error::Service(source) if find_auth(source.as_ref()).is_some() => Some(log_in()),
        _ => None,
    }
}

fn log_in() -> String {
    "log in to the host cluster again, then `kubectl auth whoami`".to_owned()
}

fn hint_of_file(error: &FileError) -> Option<String> {
    match error {
        FileError::Locked { lock, .. } => Some(format!(
            "if neither kubectl nor vc is running: rm {}",
            lock.display()
        )),
        FileError::ReadOnly { .. } => {
            Some("name a file that can be written with `--kubeconfig`".to_owned())
        }
        FileError::NoPath => Some("set HOME, or pass `--kubeconfig`".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_report_has_message_causes_details_and_hint_in_this_order() {
        let cause = Failure::new(Kind::NotFound, "namespace `team-a` does not exist")
            .detail("pod `vc-dev-0`: waiting")
            .hint("kubectl create namespace team-a");
        let error = Err::<(), _>(anyhow::Error::from(cause))
            .context("cannot create virtual cluster `dev`")
            .unwrap_err();
        let report = report(&error);
        assert_eq!(report.kind, Kind::NotFound);
        assert_eq!(
            one_line(&error),
            "cannot create virtual cluster `dev`: namespace `team-a` does not exist"
        );
        assert_eq!(
            report.text,
            "error: cannot create virtual cluster `dev`\n\
             caused by: namespace `team-a` does not exist\n  \
             pod `vc-dev-0`: waiting\n\n\
             hint: kubectl create namespace team-a"
        );
    }

    #[test]
    fn a_failure_keeps_the_evidence_of_its_cause() {
        let cause = Failure::new(Kind::Failed, "it cannot become ready").detail("pod: no image");
        let error = anyhow::Error::from(
            Failure::new(Kind::TimedOut, "it was deleted again").because(cause),
        );
        let report = report(&error);
        assert_eq!(report.kind, Kind::TimedOut);
        assert!(report.text.contains("  pod: no image"), "{}", report.text);
    }

    #[test]
    fn a_cause_that_repeats_its_parent_is_said_once() {
        let error = anyhow::Error::msg("inner").context("outer: inner");
        assert_eq!(report(&error).text, "error: outer: inner");
    }

    #[test]
    fn a_kubeconfig_that_refuses_says_so_through_every_layer() {
        let taken = kubeconfig::Error::Taken {
            name: "prod".to_owned(),
            kind: "context",
            path: "/k".into(),
        };
        let error = anyhow::Error::from(FileError::from(taken)).context("cannot connect");
        let report = report(&error);
        assert_eq!(report.kind, Kind::Exists);
        assert_eq!(
            report.text,
            "error: cannot connect\n\
             caused by: context name `prod` is taken by another context in `/k`\n\n\
             hint: choose another name with `--context-name`"
        );
    }

    #[test]
    fn a_lock_that_was_left_behind_is_named_with_the_way_out() {
        let locked = FileError::Locked {
            lock: "/k.lock".into(),
            age: std::time::Duration::from_mins(2),
        };
        let report = report(&locked.into());
        assert_eq!(report.kind, Kind::Exists);
        assert_eq!(
            report.text,
            "error: kubeconfig is locked: `/k.lock` is 2m old\n\n\
             hint: if neither kubectl nor vc is running: rm /k.lock"
        );
    }

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let codes = [
            (Kind::Failed, 1),
            (Kind::Usage, 2),
            (Kind::TimedOut, 3),
            (Kind::Denied, 4),
            (Kind::NotFound, 5),
            (Kind::Exists, 6),
            (Kind::Preflight, 7),
            (Kind::Unreachable, 8),
            (Kind::BeforeCommand, 125),
            (Kind::Signal(2), 130),
            (Kind::Signal(15), 143),
        ];
        for (kind, code) in codes {
            assert_eq!(kind.exit_code(), code);
        }
    }
}
