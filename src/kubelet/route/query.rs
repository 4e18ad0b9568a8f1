//! The query of a request, from the kubelet's words to the host API's.
//!
//! In: a query as it came. Out: options of an allow-list, each with a value that was checked. Never:
//! passes a key on that it does not know, shows a value.

use std::fmt;

use super::{RouteError, Subresource, decode};

/// What the host API is asked with, in its own words: keys of an allow-list and checked values.
///
/// A command's arguments are bytes, as for the kernel. Printed without values, because people type
/// passwords into commands.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Options(Vec<(&'static str, Vec<u8>)>);

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.0.iter().map(|(key, _)| key))
            .finish()
    }
}

/// A stream of a process: the kubelet's key and the API's. `pkg/apis/core/types.go`,
/// `ExecStdinParam` and the others.
const STREAMS: [(&str, &str); 3] = [
    ("input", "stdin"),
    ("output", "stdout"),
    ("error", "stderr"),
];

/// Options of a log that are yes or no.
const LOG_FLAGS: [&str; 3] = ["follow", "previous", "timestamps"];

/// Options of a log that are a number that is not negative.
const LOG_NUMBERS: [&str; 3] = ["sinceSeconds", "tailLines", "limitBytes"];

impl Options {
    /// Reads the options of a subresource. A key that is not one of its own is dropped.
    ///
    /// # Errors
    /// When the query cannot be read, or a value is none of its key.
    pub(super) fn parse(subresource: Subresource, query: &str) -> Result<Self, RouteError> {
        let pairs = Pairs::parse(query)?;
        let options = match subresource {
            Subresource::Log => log(&pairs)?,
            Subresource::Exec => {
                let arguments = pairs
                    .all("command")
                    .map(|argument| ("command", argument.to_vec()));
                let mut options: Vec<_> = arguments.collect();
                if options.is_empty() {
                    return Err(RouteError::BadQuery(
                        "query parameter `command` is required",
                    ));
                }
                options.extend(streams(&pairs)?);
                options
            }
            Subresource::Attach => streams(&pairs)?,
            Subresource::PortForward => ports(&pairs)?,
        };
        Ok(Self(options))
    }

    /// The options in the order in which they are sent.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.0.iter().map(|(key, value)| (*key, value.as_slice()))
    }
}

/// A query, decoded.
struct Pairs(Vec<(Vec<u8>, Vec<u8>)>);

impl Pairs {
    fn parse(query: &str) -> Result<Self, RouteError> {
        // Go's parser drops a pair with a raw semicolon, others split there: neither is guessed.
        if query.contains(';') {
            return Err(RouteError::BadQuery("`;` must be encoded in a query"));
        }
        let pairs = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                Some((form_decode(key)?, form_decode(value)?))
            });
        let pairs: Option<Vec<_>> = pairs.collect();
        pairs.map(Self).ok_or(RouteError::BadQuery(
            "the query is not percent-encoded correctly",
        ))
    }

    fn all<'a, 'k>(&'a self, key: &'k str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'k> {
        let of_key = move |pair: &&(Vec<u8>, Vec<u8>)| pair.0 == key.as_bytes();
        self.0
            .iter()
            .filter(of_key)
            .map(|(_, value)| value.as_slice())
    }

    /// The first value, as Go reads a parameter that should be there once.
    fn first(&self, key: &str) -> Option<&[u8]> {
        self.all(key).next()
    }

    fn is_one(&self, key: &str) -> bool {
        self.first(key) == Some(b"1")
    }
}

/// In a query, a plus is a space.
fn form_decode(text: &str) -> Option<Vec<u8>> {
    decode(&text.replace('+', " "))
}

fn log(pairs: &Pairs) -> Result<Vec<(&'static str, Vec<u8>)>, RouteError> {
    let mut options = Vec::new();
    for key in LOG_FLAGS {
        match pairs.first(key) {
            Some(b"true" | b"1") => options.push((key, b"true".to_vec())),
            Some(b"false" | b"0") | None => {}
            Some(_) => {
                return Err(RouteError::BadQuery(
                    "a flag of the log is neither true nor false",
                ));
            }
        }
    }
    for key in LOG_NUMBERS {
        let Some(value) = pairs.first(key) else {
            continue;
        };
        // The largest number of an int64 has 19 digits; the host checks the rest.
        if value.is_empty() || value.len() > 19 || !value.iter().all(u8::is_ascii_digit) {
            return Err(RouteError::BadQuery("a number of the log is none"));
        }
        options.push((key, value.to_vec()));
    }
    if let Some(time) = pairs.first("sinceTime") {
        let is_of_time = |byte: &u8| byte.is_ascii_digit() || b"-:.+TZ".contains(byte);
        if time.is_empty() || !time.iter().all(is_of_time) {
            return Err(RouteError::BadQuery("`sinceTime` is no time"));
        }
        options.push(("sinceTime", time.to_vec()));
    }
    match pairs.first("stream") {
        // What there was before streams could be chosen; older hosts do not know the word.
        Some(b"All") | None => {}
        Some(stream @ (b"Stdout" | b"Stderr")) => options.push(("stream", stream.to_vec())),
        Some(_) => {
            return Err(RouteError::BadQuery(
                "`stream` is not All, Stdout or Stderr",
            ));
        }
    }
    Ok(options)
}

/// Every stream is told, so that no default of the host's decides. The rules are the kubelet's:
/// `k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go`, `NewOptions`.
fn streams(pairs: &Pairs) -> Result<Vec<(&'static str, Vec<u8>)>, RouteError> {
    let tty = pairs.is_one("tty");
    // A terminal has one output.
    let is_wanted = |kubelet_key| pairs.is_one(kubelet_key) && !(tty && kubelet_key == "error");
    let wanted = STREAMS.map(|(kubelet_key, key)| (key, is_wanted(kubelet_key)));
    if !wanted.iter().any(|(_, is_wanted)| *is_wanted) {
        return Err(RouteError::BadQuery(
            "you must specify at least 1 of stdin, stdout, stderr",
        ));
    }
    let told = wanted.into_iter().chain([("tty", tty)]);
    Ok(told
        .map(|(key, is_wanted)| (key, is_wanted.to_string().into_bytes()))
        .collect())
}

/// The API server joins ports with commas: `k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go`,
/// `NewV4Options`. With SPDY there are none: they come within the stream.
fn ports(pairs: &Pairs) -> Result<Vec<(&'static str, Vec<u8>)>, RouteError> {
    let values = pairs
        .all("port")
        .flat_map(|value| value.split(|byte| *byte == b','));
    let mut options = Vec::new();
    for value in values {
        let port = str::from_utf8(value)
            .ok()
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        match port.and_then(|text| text.parse::<u16>().ok()) {
            Some(port) if port > 0 => options.push(("ports", port.to_string().into_bytes())),
            _ => return Err(RouteError::BadQuery("`port` is no port")),
        }
    }
    Ok(options)
}
