//! The host's words about a pod, told of the virtual one.
//!
//! In: a text of the host's, and which pod it is about. Out: the text with virtual names. Never: talks
//! to anything, changes a name that is part of another.

use super::route::PodRequest;
use crate::names::Namespace;

/// What a text of the host's may name, and what it is called inside.
pub(super) struct Names<'a> {
    pub(super) request: &'a PodRequest,
    pub(super) host_pod: &'a str,
    pub(super) host_namespace: &'a Namespace,
}

impl Names<'_> {
    /// Replaces the host pod's name, which its hash makes unmistakable, and the host namespace's.
    ///
    /// A namespace may be called `is` or `pod`, so it is replaced only where a name stands: in
    /// quotes, after `/`, `_` and `:` (`POD_NAMESPACE` is the kubelet's full name of a pod), or after
    /// the word `namespace`.
    pub(super) fn scrub(&self, text: &str) -> String {
        let mut scrubbed = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(self.host_namespace.as_str()) {
            let (before, found) = rest.split_at(start);
            scrubbed.push_str(before);
            let (name, after) = found.split_at(self.host_namespace.as_str().len());
            let is_name = introduces_name(&scrubbed) && !after.starts_with(is_of_name);
            scrubbed.push_str(if is_name {
                &self.request.namespace
            } else {
                name
            });
            rest = after;
        }
        scrubbed.push_str(rest);
        scrubbed.replace(self.host_pod, &self.request.pod)
    }
}

/// Whether what follows this text is a name.
fn introduces_name(before: &str) -> bool {
    before.ends_with(['"', '\'', '`', '/', '_', ':'])
        || before.ends_with("namespace ")
        || before.ends_with("namespace: ")
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}

#[cfg(test)]
mod tests {
    use super::super::route::Route;
    use super::*;

    fn scrubbed(host_namespace: &str, text: &str) -> String {
        let Ok(Route::Pod(request)) = Route::parse("GET", "/containerLogs/shop/web/app", None)
        else {
            panic!("no route");
        };
        let names = Names {
            request: &request,
            host_pod: "web-shop-dev-abcdefghijklmnop",
            host_namespace: &host_namespace.parse().unwrap(),
        };
        names.scrub(text)
    }

    #[test]
    fn host_names_become_virtual_ones() {
        for (host, inside) in [
            (
                "container \"app\" in pod \"web-shop-dev-abcdefghijklmnop\" is waiting to start",
                "container \"app\" in pod \"web\" is waiting to start",
            ),
            (
                "unable to find pod web-shop-dev-abcdefghijklmnop_team-a",
                "unable to find pod web_shop",
            ),
            (
                "{\"message\":\"in the namespace \\\"team-a\\\"\"}",
                "{\"message\":\"in the namespace \\\"shop\\\"\"}",
            ),
            (
                "User \"system:serviceaccount:team-a:vc-dev\"",
                "User \"system:serviceaccount:shop:vc-dev\"",
            ),
            (
                "namespace team-a is gone, team-a.",
                "namespace shop is gone, team-a.",
            ),
        ] {
            assert_eq!(scrubbed("team-a", host), inside);
        }
    }

    #[test]
    fn a_namespace_that_is_a_word_leaves_the_words_alone() {
        let text = "this is not \"isolated\", it is /is-not/ here";
        assert_eq!(scrubbed("is", text), text);
        assert_eq!(scrubbed("is", "pod \"is\" is"), "pod \"shop\" is");
    }
}
