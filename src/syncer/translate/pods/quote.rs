//! Text in quotation marks as Go's `strconv.Quote` writes it: programs read such files back with
//! `strconv.Unquote`, and compare them.
//!
//! In: any text. Out: the same in one line of printable characters. Never: Rust's own escapes.

use std::fmt::Write as _;

/// The text in quotation marks.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            c if is_printable(c) => quoted.push(c),
            c => escape(&mut quoted, c),
        }
    }
    quoted.push('"');
    quoted
}

fn escape(quoted: &mut String, c: char) {
    let code = u32::from(c);
    // Writing to a String cannot fail.
    let _ = match code {
        0..=0x7f => write!(quoted, "\\x{code:02x}"),
        0x80..=0xffff => write!(quoted, "\\u{code:04x}"),
        _ => write!(quoted, "\\U{code:08x}"),
    };
}

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols, and the ASCII space.
///
/// Rust's `escape_debug` leaves the same categories as they are, except that it escapes a combining
/// mark at the beginning; so one letter is put before.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    let text = String::from_iter(['a', c]);
    text.escape_debug().skip(1).eq([c])
}

#[cfg(test)]
mod tests {
    use super::quoted;

    /// Expectations are what `fmt.Printf("%q")` of Go 1.25 prints.
    #[test]
    fn quotes_as_go_does() {
        for (text, expected) in [
            ("", r#""""#),
            ("plain 'text'", r#""plain 'text'""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\u{7}\u{8}\u{c}\n\r\t\u{b}", r#""\a\b\f\n\r\t\v""#),
            ("\u{0}\u{1f}\u{7f}", r#""\x00\x1f\x7f""#),
            ("äöü €", r#""äöü €""#),
            (
                "\u{80}\u{a0}\u{ad}\u{200b}",
                r#""\u0080\u00a0\u00ad\u200b""#,
            ),
            ("e\u{301}", "\"e\u{301}\""),
            ("\u{feff}\u{fffd}", "\"\\ufeff\u{fffd}\""),
            (
                "\u{1f600}\u{e0001}\u{10ffff}",
                "\"\u{1f600}\\U000e0001\\U0010ffff\"",
            ),
        ] {
            assert_eq!(quoted(text), expected, "{text:?}");
        }
    }
}
