//! An image's name.
//!
//! In: what was typed. Out: a full name, with registry and tag. Never: fills in a registry.
//!
//! Docker and the kubelet read `vc` as `docker.io/library/vc:latest`; an archive has to say the
//! latter, or what is loaded is not what a pod asks for.

use thiserror::Error;

/// `registry.example.com/team/vc:v1`: registry, repository and tag, in the letters that all
/// registries take.
/// <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    text: String,
    repository_at: usize,
    tag_at: usize,
}

/// Why something is not a [`Reference`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReferenceError {
    /// Something is left out that programs fill in.
    #[error("`{short}` is not a full image name")]
    Short {
        /// What was typed.
        short: String,
        /// What it stands for.
        full: String,
    },
    /// It is none at all.
    #[error("`{0}` is not an image name such as `registry.example.com/vc:v1`")]
    Malformed(String),
}

/// The longest that a tag may be.
const TAG_MAX: usize = 128;

impl Reference {
    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Reads a name that may leave out its tag, which then is this one.
    ///
    /// # Errors
    /// When the registry is left out, or it is no name.
    pub fn with_tag(text: &str, tag: &str) -> Result<Self, ReferenceError> {
        let last = text.rsplit('/').next().unwrap_or_default();
        // In front of the first slash a colon is that of a port.
        if text.contains('/') && !last.contains(':') {
            return format!("{text}:{tag}").parse();
        }
        text.parse()
    }

    /// What is in front of the first slash: the registry, with its port.
    pub fn host(&self) -> &str {
        let end = self.repository_at.saturating_sub(1);
        self.text.get(..end).unwrap_or_default()
    }

    /// What is between registry and tag.
    pub fn repository(&self) -> &str {
        let end = self.tag_at.saturating_sub(1);
        self.text.get(self.repository_at..end).unwrap_or_default()
    }

    /// What is behind the last colon.
    pub fn tag(&self) -> &str {
        self.text.get(self.tag_at..).unwrap_or_default()
    }
}

impl std::str::FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let malformed = || ReferenceError::Malformed(text.to_owned());
        let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let (host, rest) = match text.split_once('/') {
            Some((host, rest)) if is_host(host) => (Some(host), rest),
            _ => (None, text),
        };
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (rest, None),
        };
        let is_valid = host.is_none_or(is_valid_host)
            && repository.split('/').all(is_valid_part)
            && tag.is_none_or(is_valid_tag);
        if !is_valid {
            return Err(malformed());
        }
        if let (Some(host), Some(tag)) = (host, tag) {
            return Ok(Self {
                repository_at: host.len() + 1,
                tag_at: text.len() - tag.len(),
                text: text.to_owned(),
            });
        }
        let host = match host {
            Some(host) => host,
            None if repository.contains('/') => "docker.io",
            None => "docker.io/library",
        };
        Err(ReferenceError::Short {
            short: text.to_owned(),
            full: format!("{host}/{repository}:{}", tag.unwrap_or("latest")),
        })
    }
}

fn is_valid_host(host: &str) -> bool {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && host.chars().all(is_valid)
}

fn is_valid_part(part: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(is_letter)
        && part.ends_with(is_letter)
        && part.chars().all(|c| is_letter(c) || ".-_".contains(c))
}

fn is_valid_tag(tag: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= TAG_MAX
        && tag.starts_with(is_word)
        && tag.chars().all(|c| is_word(c) || ".-".contains(c))
}
