//! A key that a file cannot have: which one was meant.
//!
//! In: what the parser says of it. Out: what it has to be called, or where it belongs. Never: guesses what is far away.

use super::settings::SETTINGS;

/// How alike two names have to be, from 0 to 1: one letter more, less or other in a short word.
const ALIKE: f64 = 0.85;

/// What to do about `unknown field `X`, expected one of A, B`; none for any other text.
pub(super) fn advice(error: &str) -> Option<String> {
    let (_, rest) = error.split_once("unknown field `")?;
    let (key, expected) = rest.split_once("`, expected ")?;
    let expected = expected.trim_start_matches("one of ");
    let known = || expected.split(", ").map(|name| name.trim_matches('`'));
    if known().any(|name| name == "spec") && SETTINGS.iter().any(|setting| setting.key == key) {
        return Some(format!("put `{key}` below `spec`"));
    }
    let alike = |name: &str| strsim::jaro_winkler(&key.to_lowercase(), &name.to_lowercase());
    let nearest = known().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(nearest) >= ALIKE).then(|| format!("write `{nearest}` instead of `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, expected: &str) -> Option<String> {
        advice(&format!(
            "line 2 column 1: unknown field `{key}`, expected one of {expected}"
        ))
    }

    #[test]
    fn a_key_with_a_slip_is_led_to_the_one_that_was_meant() {
        let known = "registry, image, storageClass, storageSize, podSecurity, ttl";
        for (key, meant) in [
            ("registri", "registry"),
            ("storageclass", "storageClass"),
            ("storage-size", "storageSize"),
            ("podSecurty", "podSecurity"),
            ("images", "image"),
        ] {
            let advice = of(key, known);
            assert_eq!(advice, Some(format!("write `{meant}` instead of `{key}`")));
        }
        assert_eq!(of("replicas", known), None);
    }

    #[test]
    fn a_setting_beside_spec_is_led_below_it() {
        let advice = of("ephemeral", "apiVersion, kind, spec");
        assert_eq!(advice.as_deref(), Some("put `ephemeral` below `spec`"));
        assert_eq!(of("nothing", "apiVersion, kind, spec"), None);
    }

    #[test]
    fn the_parser_says_it_in_the_words_that_are_read_here() {
        let error = super::super::UserFile::parse("registri: a\n").unwrap_err();
        assert_eq!(
            crate::error::hint(&error).as_deref(),
            Some("write `registry` instead of `registri`")
        );
    }

    #[test]
    fn any_other_error_has_no_advice() {
        assert_eq!(advice("line 2 column 9: invalid boolean"), None);
    }
}
