//! The whole terminal, for a live view.
//!
//! In: what to draw. Out: a drawn screen, keys. Never: leaves the terminal other than it was, whatever ends the
//! process but a kill.

use std::io;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{DefaultTerminal, Frame};
use tokio::sync::mpsc;

/// How often the thread that waits for keys looks whether anybody wants them.
const KEYS_PERIOD: Duration = Duration::from_millis(200);

/// A key that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Up,
    Down,
    Home,
    End,
    Enter,
    Escape,
    Backspace,
    /// Ctrl-C.
    Interrupt,
    Char(char),
}

/// What comes from the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    /// It has another size.
    Resized,
}

/// The terminal while it is drawn on. Dropping it, and a panic, make it as it was.
#[derive(Debug)]
pub struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it cannot be drawn on; then it is as it was.
    pub(super) fn open() -> io::Result<Self> {
        // It also makes a panic restore the terminal before it is told of.
        let terminal = ratatui::try_init().inspect_err(|_| ratatui::restore())?;
        Ok(Self { terminal })
    }

    /// Draws it anew.
    ///
    /// # Errors
    /// When the terminal takes no more.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(|_| ())
    }

    /// What is typed from now on, read by a thread of its own; it ends when the terminal does.
    pub fn inputs(&self) -> mpsc::UnboundedReceiver<Input> {
        let (sender, receiver) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            while !sender.is_closed() {
                let read = match event::poll(KEYS_PERIOD) {
                    Ok(false) => continue,
                    Ok(true) => event::read(),
                    Err(error) => Err(error),
                };
                let Ok(event) = read else { return };
                let is_wanted = input(&event).is_none_or(|input| sender.send(input).is_ok());
                if !is_wanted {
                    return;
                }
            }
        });
        receiver
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

fn input(event: &Event) -> Option<Input> {
    match event {
        Event::Resize(..) => Some(Input::Resized),
        Event::Key(key) if key.kind != KeyEventKind::Release => key_of(*key).map(Input::Key),
        _ => None,
    }
}

fn key_of(key: KeyEvent) -> Option<Key> {
    let with_control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c') if with_control => Key::Interrupt,
        KeyCode::Char(_) if with_control => return None,
        KeyCode::Char(char) => Key::Char(char),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}
