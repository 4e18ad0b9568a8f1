//! What a registry wants to be shown: the header `WWW-Authenticate`.
//!
//! In: the header's text. Out: challenges. Never: fails: what cannot be read is left out.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110.html#section-11.6.1>

/// One way to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token, which this address makes.
    Bearer {
        /// Where tokens are made.
        realm: String,
        /// Whom the token is for.
        service: Option<String>,
    },
}

/// The ways that a header offers, in its order.
pub(super) fn parse(header: &str) -> Vec<Challenge> {
    let mut challenges = Vec::new();
    let mut rest = header.trim_start_matches([' ', ',', '\t']);
    while let Some((scheme, after)) = token(rest) {
        let (parameters, left) = parameters(after);
        let find = |name: &str| {
            let found = parameters
                .iter()
                .find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        if scheme.eq_ignore_ascii_case("basic") {
            challenges.push(Challenge::Basic);
        } else if scheme.eq_ignore_ascii_case("bearer")
            && let Some(realm) = find("realm")
        {
            challenges.push(Challenge::Bearer {
                realm,
                service: find("service"),
            });
        }
        rest = left.trim_start_matches([' ', ',', '\t']);
    }
    challenges
}

/// `name=value, name="value"`, up to the next scheme.
fn parameters(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let next = rest.trim_start_matches([' ', ',', '\t']);
        let Some((name, after)) = token(next) else {
            return (found, next);
        };
        let Some(after) = after.trim_start().strip_prefix('=') else {
            // The next scheme.
            return (found, next);
        };
        let Some((value, after)) = value(after.trim_start()) else {
            // The padding of a `token68`, which is a parameter without a name; or the text ends within quotes.
            let next = after.trim_start_matches('=');
            let is_cut = next.starts_with('"');
            return (found, if is_cut { "" } else { next });
        };
        found.push((name.to_owned(), value));
        rest = after;
    }
}

/// A token, or a quoted string without its quotes.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        return token(text).map(|(value, rest)| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

/// The token that the text begins with, and the rest.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
    let (token, rest) = text.split_at_checked(end)?;
    (!token.is_empty()).then_some((token, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
        }
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        for (header, expected) in [
            ("Basic realm=\"a realm\"", vec![Challenge::Basic]),
            (
                "Bearer realm=\"https://auth.example.com/token\",service=\"registry.example.com\",\
                 scope=\"repository:vc:pull,push\"",
                vec![bearer(
                    "https://auth.example.com/token",
                    Some("registry.example.com"),
                )],
            ),
            (
                "bearer  Realm = \"https://a/\\\"b\" , Basic realm=x, Negotiate",
                vec![bearer("https://a/\"b", None), Challenge::Basic],
            ),
            ("Negotiate abc==, Basic", vec![Challenge::Basic]),
            ("Bearer service=\"no realm\"", vec![]),
            ("Bearer realm=\"cut", vec![]),
            ("", vec![]),
            (",,", vec![]),
            ("é", vec![]),
        ] {
            assert_eq!(parse(header), expected, "{header}");
        }
    }
}
