//! The terminal while a question is asked on it.
//!
//! Who asks hides the cursor and reads single keys, on a thread that cannot be stopped: Ctrl-C in the midst of
//! that would leave the terminal so. Here Ctrl-C is a key before anything is asked, so it comes in its turn, and
//! whoever reads it has put the terminal right before there is a signal.

use std::io;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Ctrl-C is a key until this is dropped; then the terminal is as it was.
pub(super) struct Question(Option<Termios>);

impl Question {
    /// A stdin that is no terminal is left alone.
    pub(super) fn begin() -> Self {
        let before = tcgetattr(io::stdin()).ok();
        if let Some(before) = &before {
            let mut during = before.clone();
            during.local_modes.remove(LocalModes::ISIG);
            set(&during);
        }
        Self(before)
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            set(before);
        }
    }
}

/// A terminal that is gone needs nothing.
fn set(modes: &Termios) {
    tcsetattr(io::stdin(), OptionalActions::Now, modes).ok();
}
