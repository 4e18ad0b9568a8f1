//! What one side has of one kind, as last seen.
//!
//! In: what a watch sees, and the answers to our own writes. Out: objects by name, and which names
//! have changed. Never: asks anybody. One that is not complete says so: what it lacks is unknown, not
//! absent.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::object::Object;
use super::watch::Seen;

/// Namespace and name of an object; the namespace is empty for an object of the whole cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    pub(crate) namespace: Arc<str>,
    pub(crate) name: Arc<str>,
}

impl Name {
    pub(crate) fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.namespace, self.name)
    }
}

/// The objects of one kind on one side.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    objects: HashMap<Name, Arc<Object>>,
    /// Whether a whole list was seen.
    is_complete: bool,
    /// Names that the list under way has had; none when there is none under way.
    listed: Option<HashSet<Name>>,
    /// The newest version that the watch has shown.
    version: u64,
}

impl Cache {
    /// Whether what is not here is not there.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    pub(crate) fn get(&self, name: &Name) -> Option<Arc<Object>> {
        self.objects.get(name).cloned()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.objects.keys()
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.values()
    }

    /// Takes in what was seen under `name`; answers with the objects that are new, changed or gone, as
    /// they were before, or as they are if they were not known.
    pub(crate) fn take(&mut self, seen: Seen) -> Vec<Arc<Object>> {
        match seen {
            Seen::ListBegins => {
                self.listed = Some(HashSet::new());
                Vec::new()
            }
            Seen::Listed(object) => {
                if let Some(listed) = &mut self.listed {
                    listed.insert(name_of(&object));
                }
                self.put(object)
            }
            Seen::ListEnds(version) => self.end_list(version),
            Seen::Changed(object) => {
                let overtaken = self.overtaken(&object);
                self.version = self.version.max(object.resource_version);
                overtaken.map_or_else(|| self.put(object), |known| vec![known])
            }
            Seen::Deleted(object) => {
                self.version = self.version.max(object.resource_version);
                self.remove(object)
            }
        }
    }

    /// What is known of an object of which the watch shows an earlier state. The answer to a write of ours came
    /// before the event of somebody else's change: the change is in the answer, but nobody has looked at it.
    fn overtaken(&self, seen: &Object) -> Option<Arc<Object>> {
        let known = self.objects.get(&name_of(seen))?;
        let is_answer = known.resource_version > self.version;
        let is_earlier = known.uid == seen.uid && known.resource_version > seen.resource_version;
        (is_answer && is_earlier).then(|| Arc::clone(known))
    }

    /// Takes in the answer to a write of ours, unless the watch is further already.
    pub(crate) fn wrote(&mut self, object: impl Into<Arc<Object>>) {
        let object = object.into();
        if object.resource_version > self.version {
            self.put(object);
        }
    }

    /// Forgets an object that a live read did not find.
    pub(crate) fn forget(&mut self, name: &Name, uid: &str) {
        if self
            .objects
            .get(name)
            .is_some_and(|known| *known.uid == *uid)
        {
            self.objects.remove(name);
        }
    }

    fn put(&mut self, object: impl Into<Arc<Object>>) -> Vec<Arc<Object>> {
        let object = object.into();
        let name = name_of(&object);
        let known = self.objects.get(&name);
        if known.is_some_and(|known| known.resource_version >= object.resource_version) {
            return Vec::new();
        }
        self.objects.insert(name, Arc::clone(&object));
        vec![object]
    }

    fn remove(&mut self, object: Object) -> Vec<Arc<Object>> {
        let name = name_of(&object);
        // Another of the same name may have come since, by a write of ours.
        if self
            .objects
            .get(&name)
            .is_some_and(|known| known.uid != object.uid)
        {
            return Vec::new();
        }
        self.objects.remove(&name);
        vec![Arc::new(object)]
    }

    /// What the list did not have, and is not newer than it, is gone.
    fn end_list(&mut self, version: u64) -> Vec<Arc<Object>> {
        self.is_complete = true;
        let Some(listed) = self.listed.take() else {
            return Vec::new();
        };
        let gone: Vec<Name> = self
            .objects
            .iter()
            .filter(|(name, object)| !listed.contains(*name) && object.resource_version <= version)
            .map(|(name, _)| name.clone())
            .collect();
        gone.iter()
            .filter_map(|name| self.objects.remove(name))
            .collect()
    }
}

fn name_of(object: &Object) -> Name {
    Name::new(&object.namespace, &object.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str, uid: &str, version: u64) -> Object {
        let text = format!(
            r#"{{"metadata":{{"namespace":"a","name":"{name}","uid":"{uid}","resourceVersion":"{version}"}}}}"#
        );
        Object::parse(&text).unwrap()
    }

    fn names(changed: &[Arc<Object>]) -> Vec<&str> {
        changed.iter().map(|object| &*object.name).collect()
    }

    #[test]
    fn what_a_list_lacks_is_gone_and_before_it_nothing_is_known_to_be() {
        let mut cache = Cache::default();
        assert!(!cache.is_complete());
        cache.take(Seen::ListBegins);
        cache.take(Seen::Listed(object("x", "1", 1)));
        cache.take(Seen::Listed(object("y", "2", 2)));
        assert!(!cache.is_complete());
        cache.take(Seen::ListEnds(2));
        assert!(cache.is_complete());
        cache.take(Seen::ListBegins);
        assert_eq!(
            names(&cache.take(Seen::Listed(object("y", "2", 2)))),
            [""; 0]
        );
        assert!(cache.is_complete());
        assert_eq!(names(&cache.take(Seen::ListEnds(2))), ["x"]);
        assert_eq!(cache.names().count(), 1);
    }

    #[test]
    fn a_change_that_the_answer_to_a_write_has_overtaken_is_told() {
        let mut cache = Cache::default();
        cache.take(Seen::Changed(object("x", "1", 1)));
        cache.wrote(object("x", "1", 5));
        let overtaken = cache.take(Seen::Changed(object("x", "1", 3)));
        assert_eq!(names(&overtaken), ["x"]);
        assert_eq!(overtaken[0].resource_version, 5);
        // That of the write itself is known, in either order.
        assert_eq!(
            names(&cache.take(Seen::Changed(object("x", "1", 5)))),
            [""; 0]
        );
        cache.take(Seen::Changed(object("x", "1", 7)));
        cache.wrote(object("x", "1", 7));
        assert_eq!(
            names(&cache.take(Seen::Changed(object("x", "1", 8)))),
            ["x"]
        );
    }

    #[test]
    fn what_was_written_after_a_list_is_not_taken_for_gone() {
        let mut cache = Cache::default();
        cache.take(Seen::ListBegins);
        cache.wrote(object("x", "1", 8));
        assert_eq!(names(&cache.take(Seen::ListEnds(7))), [""; 0]);
        cache.take(Seen::ListBegins);
        assert_eq!(names(&cache.take(Seen::ListEnds(8))), ["x"]);
    }

    #[test]
    fn an_answer_to_a_write_that_the_watch_has_passed_is_not_taken() {
        let mut cache = Cache::default();
        let name = Name::new("a", "x");
        cache.wrote(object("x", "1", 5));
        assert!(cache.get(&name).is_some());
        cache.take(Seen::Deleted(object("x", "1", 7)));
        cache.wrote(object("x", "1", 5));
        assert!(cache.get(&name).is_none());
        cache.wrote(object("x", "2", 9));
        assert_eq!(cache.get(&name).unwrap().resource_version, 9);
    }

    #[test]
    fn an_older_change_and_the_end_of_another_of_the_same_name_change_nothing() {
        let mut cache = Cache::default();
        cache.take(Seen::Changed(object("x", "2", 9)));
        assert!(cache.take(Seen::Changed(object("x", "2", 8))).is_empty());
        assert!(cache.take(Seen::Deleted(object("x", "1", 10))).is_empty());
        assert_eq!(
            names(&cache.take(Seen::Deleted(object("x", "2", 11)))),
            ["x"]
        );
    }
}
