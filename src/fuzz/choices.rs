//! Bytes as a row of choices, so that any bytes make a deep input, and a changed byte one that is nearly the same.
//!
//! In: bytes. Out: numbers, texts, JSON. Never: fails; when the bytes are used up, every choice is the first one.

use serde_json::{Map, Value};

/// Longest text that is chosen, in bytes: longer than a DNS label.
const TEXT_MAX_BYTES: usize = 80;

/// Most elements of a list or an object.
const ELEMENTS_MAX: usize = 4;

/// What is left of the bytes.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether there is anything left to choose by.
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    pub(crate) fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// Once in so many times.
    pub(crate) fn is_one_in(&mut self, times: u8) -> bool {
        self.byte() % times == times - 1
    }

    /// One of these; nothing of none.
    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        let chosen = match from.len() {
            0..=256 => usize::from(self.byte()),
            _ => usize::from(self.number()),
        };
        from.get(chosen % from.len().max(1))
    }

    /// So many bytes as they are, or what is left.
    pub(crate) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// One of these words, or any text.
    pub(crate) fn text(&mut self, words: &[&str]) -> String {
        if !words.is_empty() && !self.is_one_in(4) {
            return self.pick(words).map_or("", |word| *word).to_owned();
        }
        let length = usize::from(self.byte()) % TEXT_MAX_BYTES;
        String::from_utf8_lossy(self.bytes(length)).into_owned()
    }

    /// A value with these keys and words in it, among others; nested at most so deep.
    pub(crate) fn json(&mut self, keys: &[&str], words: &[&str], depth: u8) -> Value {
        let kind = self.byte() % if depth == 0 { 6 } else { 12 };
        match kind {
            0 => Value::Null,
            1 => Value::Bool(self.is_one_in(2)),
            2 => Value::from(i32::from(self.number()) - 256),
            3 => Value::from(i64::from(self.number()) << 48),
            4 | 5 => self.text(words).into(),
            6 | 7 => {
                let length = usize::from(self.byte()) % (ELEMENTS_MAX + 1);
                (0..length)
                    .map(|_| self.json(keys, words, depth - 1))
                    .collect()
            }
            _ => self.object(keys, words, depth - 1).into(),
        }
    }

    /// An object of such values.
    pub(crate) fn object(
        &mut self,
        keys: &[&str],
        words: &[&str],
        depth: u8,
    ) -> Map<String, Value> {
        let length = usize::from(self.byte()) % (ELEMENTS_MAX + 1);
        (0..length)
            .map(|_| (self.text(keys), self.json(keys, words, depth)))
            .collect()
    }
}
