//! The form of a line of a log.
//!
//! In: a line as the host gives it. Out: the line as it is printed. Never: reads a log.

use jiff::Timestamp;

/// How lines of one container are printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    /// What is before each, if there are several containers.
    pub container: Option<&'a str>,
    /// Whether its time is before it.
    pub timestamps: bool,
}

impl Form<'_> {
    /// A line that begins with its time only if that is wanted; one without an end gets one.
    pub(super) fn whole(&self, line: &[u8]) -> String {
        let line = String::from_utf8_lossy(line);
        let line = line.strip_suffix('\n').unwrap_or(&line);
        match self.container {
            Some(container) => format!("[{container}] {line}\n"),
            None => format!("{line}\n"),
        }
    }

    /// The same for a line that begins with its time, which becomes `last`: none for one that is not after
    /// `printed`, the time up to which everything has been.
    pub(super) fn next(
        &self,
        line: &[u8],
        printed: Option<Timestamp>,
        last: &mut Option<Timestamp>,
    ) -> Option<String> {
        let blank = line.iter().position(|byte| *byte == b' ');
        let (time, rest) = line.split_at(blank.unwrap_or(0));
        let time = std::str::from_utf8(time).ok();
        let Some(time) = time.and_then(|time| time.parse::<Timestamp>().ok()) else {
            // The host says something of its own.
            return Some(self.whole(line));
        };
        if printed.is_some_and(|printed| time <= printed) {
            return None;
        }
        *last = Some(time);
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        Some(self.whole(if self.timestamps { line } else { rest }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_container_before_it_and_one_end() {
        let form = |container| Form {
            container,
            timestamps: false,
        };
        assert_eq!(form(None).whole(b"a b\n"), "a b\n");
        assert_eq!(form(Some("etcd")).whole(b"a b"), "[etcd] a b\n");
        assert_eq!(form(Some("etcd")).whole(b"\n"), "[etcd] \n");
        assert_eq!(form(None).whole(b"\xff\n"), "\u{fffd}\n");
    }

    #[test]
    fn what_was_printed_is_not_printed_again() {
        let form = Form {
            container: None,
            timestamps: false,
        };
        let printed = "2026-01-01T00:00:00.5Z".parse().ok();
        let mut last = None;
        let mut next = |line: &str| form.next(line.as_bytes(), printed, &mut last);
        assert_eq!(next("2026-01-01T00:00:00.5Z a\n"), None);
        // Two lines may have one time.
        for text in ["b\n", "c\n"] {
            let line = format!("2026-01-01T00:00:00.6Z {text}");
            assert_eq!(next(&line), Some(text.to_owned()));
        }
        assert_eq!(next("2026-01-01T00:00:00.25Z 0\n"), None);
        assert_eq!(next("2026-01-01T00:00:00.75Z \n"), Some("\n".to_owned()));
        assert_eq!(
            next("unable to retrieve\n"),
            Some("unable to retrieve\n".to_owned())
        );
        assert_eq!(next(""), Some("\n".to_owned()));
        assert_eq!(last, "2026-01-01T00:00:00.75Z".parse().ok());
    }

    #[test]
    fn the_time_is_kept_when_it_is_wanted() {
        let form = Form {
            container: Some("syncer"),
            timestamps: true,
        };
        let line = "2026-01-01T00:00:00Z a\n";
        let printed = form.next(line.as_bytes(), None, &mut None);
        assert_eq!(printed, Some(format!("[syncer] {line}")));
    }
}
