//! The only door to the terminal: data on stdout, talk on stderr.
//!
//! In: what commands have to say. Out: what the user sees, on a terminal, in a pipe or in a CI job's
//! log. Never: decides what is said, reads the environment.

mod question;
mod screen;

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::GlobalArgs;
use crate::config::Environment;
use crate::error::{Failure, Kind, Report};
use question::Question;
pub use screen::{Input, Key, Screen};

/// Off a terminal, a step that goes on says so this often: rare enough for a log, often enough for
/// CI systems that end silent jobs.
const PLAIN_PERIOD: Duration = Duration::from_secs(30);

/// How often the spinner turns.
const SPINNER_PERIOD: Duration = Duration::from_millis(100);

/// How long after an interrupted prompt the signal that interrupted it may take: it comes by another
/// way, and whoever waits for it ends the command.
const SIGNAL_DELAY: Duration = Duration::from_secs(1);

/// What the terminal can do and what the user wants to see; one for the process.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent fact about the terminal or the options"
)]
pub struct Ui {
    quiet: bool,
    verbose: bool,
    /// Whether stderr is a terminal that can redraw a line.
    redraws: bool,
    /// Whether the user can be asked.
    asks: bool,
    /// Whether all of the terminal can be drawn on.
    draws: bool,
    github_actions: bool,
    /// What every line begins with: which of several things at once it is about.
    label: String,
    progress: Mutex<Progress>,
}

/// The step that is going on, and what to say when it is interrupted.
#[derive(Debug, Default)]
struct Progress {
    spinner: Option<ProgressBar>,
    step: String,
    reason: String,
    began: Option<Instant>,
    /// Off a terminal: when the last line was written.
    said: Option<Instant>,
    in_group: bool,
    on_interrupt: Vec<String>,
}

impl Ui {
    /// Looks at the streams and the options once.
    pub fn new(global: &GlobalArgs, environment: &Environment) -> Self {
        let on_terminal = io::stderr().is_terminal();
        Self {
            quiet: global.quiet,
            verbose: global.verbose > 0,
            redraws: on_terminal && !environment.dumb_terminal,
            asks: on_terminal && io::stdin().is_terminal(),
            draws: io::stdout().is_terminal()
                && io::stdin().is_terminal()
                && !environment.dumb_terminal,
            github_actions: environment.github_actions,
            label: String::new(),
            progress: Mutex::new(Progress::default()),
        }
    }

    /// The same terminal for one of several things that are done at once: every line begins with the label,
    /// and none is drawn again.
    #[must_use]
    pub fn labelled(&self, label: String) -> Self {
        Self {
            redraws: false,
            asks: false,
            draws: false,
            label,
            progress: Mutex::new(Progress::default()),
            ..*self
        }
    }

    /// Whether there is a terminal for a live view.
    pub fn can_be_drawn_on(&self) -> bool {
        self.draws
    }

    /// Whether colours are wanted on stdout.
    pub fn has_colours(&self) -> bool {
        anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
    }

    /// Takes the whole terminal for a live view.
    ///
    /// # Errors
    /// When it cannot be drawn on.
    pub fn screen(&self) -> anyhow::Result<Screen> {
        Screen::open().context("cannot draw on this terminal: pass `--once` for a plain table")
    }

    /// Writes one line of data to stdout.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn data_line(&self, line: &str) -> anyhow::Result<()> {
        self.data(&format!("{}{line}\n", self.label))
    }

    /// Writes one line to stderr that is somebody else's talk, whatever it says.
    pub fn talk_line(&self, line: &str) {
        drop(writeln!(io::stderr(), "{}{line}", self.label));
    }

    /// Writes data to stdout, as it is. A reader that went away is not an error.
    ///
    /// # Errors
    /// When stdout cannot be written for any other reason.
    pub fn data(&self, text: &str) -> anyhow::Result<()> {
        self.data_with(|stdout| stdout.write_all(text.as_bytes()))
    }

    /// As [`Ui::data`], for what is too large to be held.
    ///
    /// # Errors
    /// Those of `write`, and when stdout cannot be written.
    pub fn data_with(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        is_read(write).map(drop)
    }

    /// As [`Ui::data`], for data without an end: whether anybody still reads it.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn more_data(&self, text: &str) -> anyhow::Result<bool> {
        is_read(|stdout| stdout.write_all(text.as_bytes()))
    }

    /// Whether data goes to a terminal.
    pub fn shows_data(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Says something that is good to know.
    pub fn note(&self, line: &str) {
        if !self.quiet {
            self.say(line);
        }
    }

    /// Says something that only somebody who asked for it wants to know.
    pub fn detail(&self, line: &str) {
        if self.verbose {
            self.say(line);
        }
    }

    /// Says something that the user should not miss, even with `--quiet`.
    pub fn warn(&self, line: &str) {
        self.say(&format!("\x1b[33mwarning:\x1b[0m {line}"));
        if self.github_actions {
            self.say(&format!("::warning::{}", annotation(line)));
        }
    }

    /// Tells why the command ends.
    pub fn report(&self, report: &Report) {
        self.finish();
        let text = report
            .text
            .replacen("error:", "\x1b[1;31merror:\x1b[0m", 1)
            .replacen("\nhint:", "\n\x1b[36mhint:\x1b[0m", 1);
        self.say(&text);
        if self.github_actions {
            // The annotation has a place for the word.
            let text = report.text.trim_start_matches("error: ");
            self.say(&format!("::error::{}", annotation(text)));
        }
    }

    /// Ends what goes on, gives the terminal back and says what was left behind.
    pub fn interrupted(&self) {
        self.finish();
        // A prompt hides the cursor; showing it twice does no harm.
        if self.redraws {
            drop(dialoguer::console::Term::stderr().show_cursor());
        }
        let lines = std::mem::take(&mut self.progress().on_interrupt);
        self.say("interrupted");
        for line in lines {
            self.say(&line);
        }
    }

    /// What [`Ui::interrupted`] says from now on, instead of what it would have said.
    pub fn on_interrupt(&self, lines: Vec<String>) {
        self.progress().on_interrupt = lines;
    }

    /// Begins a step; the one before it is over. `step` is what is being done, `i/n` included.
    pub fn step(&self, step: &str) {
        let mut progress = self.progress();
        step.clone_into(&mut progress.step);
        progress.reason.clear();
        progress.began.get_or_insert_with(Instant::now);
        if self.quiet {
            return;
        }
        if self.redraws {
            let spinner = progress.spinner.get_or_insert_with(new_spinner);
            spinner.set_message(step.to_owned());
        } else {
            progress.said = Some(Instant::now());
            drop(progress);
            self.say(step);
        }
    }

    /// Says why the present step is not over yet.
    pub fn reason(&self, reason: &str) {
        let mut progress = self.progress();
        if progress.reason != reason {
            reason.clone_into(&mut progress.reason);
            if let Some(spinner) = &progress.spinner {
                spinner.set_message(format!("{}: {reason}", progress.step));
            }
        }
        let due = progress
            .said
            .is_some_and(|said| said.elapsed() >= PLAIN_PERIOD);
        if due && !self.quiet && !self.redraws {
            progress.said = Some(Instant::now());
            let line = format!("{}: {reason}", progress.step);
            drop(progress);
            self.say(&line);
        }
    }

    /// Begins a group of steps, which a CI system can fold.
    pub fn group(&self, title: &str) {
        // Groups cannot be told apart when several things go on at once.
        if self.github_actions && !self.quiet && self.label.is_empty() {
            self.progress().in_group = true;
            self.say(&format!("::group::{title}"));
        }
    }

    /// Ends what goes on, without a word, and gives the line back.
    pub fn finish(&self) {
        let mut progress = self.progress();
        if let Some(spinner) = progress.spinner.take() {
            spinner.finish_and_clear();
        }
        let in_group = std::mem::take(&mut progress.in_group);
        progress.began = None;
        drop(progress);
        if in_group {
            self.say("::endgroup::");
        }
    }

    /// Whether the user can be asked.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// Asks a yes-or-no question; no is the default.
    ///
    /// The thread that reads the terminal is left behind when the command is interrupted; it ends
    /// with the process.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub async fn confirm(&self, question: String) -> anyhow::Result<bool> {
        let _question = Question::begin();
        // The runtime gets to see a Ctrl-C that was a signal still: it ends the command here, before anything is asked.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let answer = tokio::task::spawn_blocking(move || {
            dialoguer::Confirm::new()
                .with_prompt(question)
                .default(false)
                .interact()
        });
        let answer = answer.await?;
        if matches!(&answer, Err(dialoguer::Error::IO(error)) if error.kind() == io::ErrorKind::Interrupted)
        {
            drop(tokio::time::timeout(SIGNAL_DELAY, std::future::pending::<()>()).await);
        }
        answer.map_err(|error| {
            Failure::new(Kind::Failed, format!("cannot read the answer: {error}"))
                .hint("pass `--yes` to go on without being asked")
                .into()
        })
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes lines to stderr, above the spinner. Colour is stripped where it is not wanted;
    /// a stderr that is gone is silence.
    fn say(&self, text: &str) {
        let spinner = self.progress().spinner.clone();
        let write = || {
            let mut stderr = anstream::stderr().lock();
            for line in text.lines() {
                // A workflow command is one only at the start of a line.
                let label = Some(&self.label).filter(|_| !line.starts_with("::"));
                let label = label.map_or("", String::as_str);
                drop(writeln!(stderr, "{label}{line}"));
            }
        };
        match spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }
}

/// Writes to stdout; whether anybody still reads it.
fn is_read(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<bool> {
    let mut stdout = io::stdout().lock();
    let written = write(&mut stdout).and_then(|()| stdout.flush());
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(anyhow::Error::new(error).context("cannot write to stdout")),
    }
}

fn new_spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed:>4}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(SPINNER_PERIOD);
    spinner
}

/// Escapes a message for a workflow command.
/// <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>
fn annotation(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// All of stdin, for an option that takes `-`. It is read once, however often it is asked for.
///
/// # Errors
/// When it cannot be read, or is not UTF-8.
pub fn read_stdin() -> io::Result<String> {
    static TEXT: OnceLock<String> = OnceLock::new();
    if let Some(text) = TEXT.get() {
        return Ok(text.clone());
    }
    let text = io::read_to_string(io::stdin())?;
    Ok(TEXT.get_or_init(|| text).clone())
}

#[cfg(test)]
mod tests {
    use super::annotation;

    #[test]
    fn annotations_stay_on_one_line() {
        assert_eq!(annotation("50%\na"), "50%25%0Aa");
    }
}
