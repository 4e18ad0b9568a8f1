//! What is to be looked at next.
//!
//! In: keys, now or after a while. Out: one key at a time, never one that is being worked on. Keys of
//! one virtual namespace take turns with those of others, so that a namespace with thousands of
//! changes holds up nobody else's. Never: loses a key; a key that comes while it is worked on is
//! given out again afterwards.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::cache::Name;

/// What kind of thing a key names; each has one reconcile function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Pod,
    ConfigMap,
    Secret,
    Node,
    PersistentVolumeClaim,
    PersistentVolume,
    StorageClass,
    Service,
    EndpointSlice,
    /// Of the kind with this place in `Settings::synced`.
    Synced(u8),
    /// Of the kind with this place in `Settings::shown`.
    Shown(u8),
    /// The object with this place in `Settings::imports`.
    Import(u8),
    /// That the virtual API server asks us about Services.
    Webhook,
    /// That the virtual API server asks us for `metrics.k8s.io`.
    Metrics,
}

/// One thing to look at, by its virtual name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    pub(crate) name: Name,
}

impl Key {
    pub(crate) fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        Self {
            kind,
            name: Name::new(namespace, name),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?} {}", self.kind, self.name)
    }
}

/// The order of work, apart from waiting for it.
#[derive(Debug, Default)]
struct Order {
    /// Keys that wait, by virtual namespace.
    waiting: HashMap<Arc<str>, VecDeque<Key>>,
    /// Namespaces with keys that wait, in turn.
    turns: VecDeque<Arc<str>>,
    /// The keys of `waiting`; since when each has something to be done.
    queued: HashMap<Key, Instant>,
    working: HashMap<Key, Working>,
    /// Keys that wait until a moment.
    later: BTreeSet<(Instant, Key)>,
    /// The moments of `later`.
    moments: HashMap<Key, Instant>,
    failures: HashMap<Key, Failing>,
}

/// A key that is worked on.
#[derive(Debug)]
struct Working {
    /// Since when something was to be done.
    since: Instant,
    /// It has to be worked on again: since when.
    again: Option<Instant>,
}

/// A key whose work has failed.
#[derive(Debug)]
struct Failing {
    /// How often in a row.
    times: u32,
    /// Since when something is to be done.
    since: Instant,
}

impl Order {
    fn add(&mut self, key: Key, now: Instant) {
        if let Some(working) = self.working.get_mut(&key) {
            working.again.get_or_insert(now);
            return;
        }
        if let Some(moment) = self.moments.remove(&key) {
            self.later.remove(&(moment, key.clone()));
        }
        if self.queued.contains_key(&key) {
            return;
        }
        let failing = self.failures.get(&key);
        let since = failing.map_or(now, |failing| failing.since);
        self.queued.insert(key.clone(), since);
        let namespace = Arc::clone(&key.name.namespace);
        let waiting = self.waiting.entry(Arc::clone(&namespace)).or_default();
        if waiting.is_empty() {
            self.turns.push_back(namespace);
        }
        waiting.push_back(key);
    }

    /// At the moment, or at an earlier one that was set before.
    fn add_at(&mut self, key: Key, moment: Instant) {
        if self.queued.contains_key(&key) {
            return;
        }
        if let Some(&earlier) = self.moments.get(&key) {
            if earlier <= moment {
                return;
            }
            self.later.remove(&(earlier, key.clone()));
        }
        self.moments.insert(key.clone(), moment);
        self.later.insert((moment, key));
    }

    /// What is next at this moment.
    fn next(&mut self, now: Instant) -> Option<Key> {
        while self.later.first().is_some_and(|(moment, _)| *moment <= now) {
            let Some((_, key)) = self.later.pop_first() else {
                break;
            };
            self.moments.remove(&key);
            self.add(key, now);
        }
        let namespace = self.turns.pop_front()?;
        let waiting = self.waiting.get_mut(&namespace)?;
        let key = waiting.pop_front()?;
        if waiting.is_empty() {
            self.waiting.remove(&namespace);
        } else {
            self.turns.push_back(namespace);
        }
        let since = self.queued.remove(&key).unwrap_or(now);
        let again = None;
        self.working.insert(key.clone(), Working { since, again });
        Some(key)
    }

    /// Ends work that failed; answers with the pause that is due.
    fn failed(&mut self, key: &Key, now: Instant) -> Duration {
        let since = self.working.get(key).map_or(now, |working| working.since);
        let failing = self.failures.entry(key.clone());
        let failing = failing.or_insert(Failing { times: 0, since });
        let pause = pause_after(failing.times);
        failing.times = failing.times.saturating_add(1);
        self.done(key);
        pause
    }

    /// Ends work; answers with since when it was to be done.
    fn done(&mut self, key: &Key) -> Option<Instant> {
        let Working { since, again } = self.working.remove(key)?;
        if let Some(again) = again {
            self.add(key.clone(), again);
        }
        Some(since)
    }
}

/// The queue that all workers share.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    order: Mutex<Order>,
    changed: Notify,
}

/// How work on a key ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing more to do until something changes.
    Done,
    /// To be looked at again after this long.
    After(Duration),
    /// It failed: to be tried again, each time after a longer while, at least this long.
    Failed(Duration),
    /// An API server did not answer: to be tried again, after a shorter while than what was refused.
    Unanswered,
}

/// First pause after a failure.
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// Longest pause: what the host refuses for a quota is found admissible within this long.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Longest pause while an API server does not answer: once it does, all is in step within 10 s.
const UNANSWERED_MAX: Duration = Duration::from_secs(5);

impl Queue {
    /// Something about a key has changed.
    pub(crate) fn add(&self, key: Key) {
        self.order().add(key, Instant::now());
        self.changed.notify_one();
    }

    /// Waits for the next key, and gives it out until [`Queue::done`].
    pub(crate) async fn next(&self) -> Key {
        loop {
            let changed = self.changed.notified();
            let moment = {
                let mut order = self.order();
                if let Some(key) = order.next(Instant::now()) {
                    // More than one may have become due.
                    if !order.turns.is_empty() {
                        self.changed.notify_one();
                    }
                    return key;
                }
                order.later.first().map(|(moment, _)| *moment)
            };
            match moment {
                Some(moment) => {
                    // Whichever comes first; both mean: look again.
                    drop(tokio::time::timeout_at(moment, changed).await);
                }
                None => changed.await,
            }
        }
    }

    /// Work on a key has ended; answers with how long ago there first was something to be done, if that is done
    /// now.
    pub(crate) fn done(&self, key: &Key, outcome: Outcome) -> Option<Duration> {
        let mut order = self.order();
        let now = Instant::now();
        let since = match outcome {
            Outcome::Done => {
                order.failures.remove(key);
                order.done(key)
            }
            Outcome::After(pause) => {
                order.failures.remove(key);
                let since = order.done(key);
                order.add_at(key.clone(), now + pause);
                since
            }
            Outcome::Failed(least) => {
                let pause = order.failed(key, now).max(least);
                order.add_at(key.clone(), now + super::watch::jittered(pause));
                None
            }
            Outcome::Unanswered => {
                let pause = order.failed(key, now).min(UNANSWERED_MAX);
                order.add_at(key.clone(), now + super::watch::jittered(pause));
                None
            }
        };
        drop(order);
        self.changed.notify_one();
        since.map(|since| now.saturating_duration_since(since))
    }

    /// How many keys wait or are worked on.
    pub(crate) fn len(&self) -> usize {
        self.depth().0
    }

    /// How many keys wait or are worked on, and how many have failed and are to be tried again.
    pub(crate) fn depth(&self) -> (usize, usize) {
        let order = self.order();
        let retrying = order.failures.len();
        (order.queued.len() + order.working.len(), retrying)
    }

    fn order(&self) -> std::sync::MutexGuard<'_, Order> {
        // Nobody panics while it is held.
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Doubles with each failure.
fn pause_after(failures: u32) -> Duration {
    PAUSE_MIN
        .saturating_mul(1 << failures.min(20))
        .min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(namespace: &str, name: &str) -> Key {
        Key::new(Kind::Pod, namespace, name)
    }

    #[test]
    fn a_namespace_with_many_keys_takes_turns_with_others() {
        let mut order = Order::default();
        for name in ["1", "2", "3"] {
            order.add(key("busy", name), Instant::now());
        }
        order.add(key("calm", "1"), Instant::now());
        let now = Instant::now();
        let given: Vec<String> = std::iter::from_fn(|| order.next(now))
            .map(|key| key.name.to_string())
            .collect();
        assert_eq!(given, ["busy/1", "calm/1", "busy/2", "busy/3"]);
    }

    #[test]
    fn a_key_is_given_out_once_at_a_time_and_again_if_it_came_meanwhile() {
        let mut order = Order::default();
        let now = Instant::now();
        order.add(key("a", "x"), Instant::now());
        order.add(key("a", "x"), Instant::now());
        assert_eq!(order.next(now), Some(key("a", "x")));
        order.add(key("a", "x"), Instant::now());
        assert_eq!(order.next(now), None);
        order.done(&key("a", "x"));
        assert_eq!(order.next(now), Some(key("a", "x")));
        order.done(&key("a", "x"));
        assert_eq!(order.next(now), None);
    }

    #[test]
    fn a_change_is_looked_at_before_the_moment_that_was_set() {
        let mut order = Order::default();
        let now = Instant::now();
        let soon = now + Duration::from_secs(1);
        let late = now + Duration::from_secs(9);
        order.add_at(key("a", "x"), soon);
        order.add_at(key("a", "x"), late);
        assert_eq!(order.next(now), None);
        assert_eq!(order.next(soon), Some(key("a", "x")));
        order.done(&key("a", "x"));
        assert_eq!(order.next(late), None);
        order.add_at(key("a", "x"), late);
        order.add(key("a", "x"), Instant::now());
        assert_eq!(order.next(now), Some(key("a", "x")));
        order.done(&key("a", "x"));
        assert_eq!(order.next(late), None);
    }

    #[test]
    fn pauses_double_up_to_half_a_minute() {
        assert_eq!(pause_after(0), Duration::from_millis(100));
        assert_eq!(pause_after(3), Duration::from_millis(800));
        assert_eq!(pause_after(99), Duration::from_secs(30));
    }

    #[test]
    fn the_time_of_a_change_is_that_of_the_first_event_whatever_fails_meanwhile() {
        let mut order = Order::default();
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        order.add(key("a", "x"), begin);
        order.add(key("a", "x"), at(1));
        assert_eq!(order.next(at(2)), Some(key("a", "x")));
        order.failed(&key("a", "x"), at(3));
        order.add(key("a", "x"), at(4));
        assert_eq!(order.next(at(5)), Some(key("a", "x")));
        order.add(key("a", "x"), at(6));
        order.add(key("a", "x"), at(7));
        order.failures.clear();
        assert_eq!(order.done(&key("a", "x")), Some(begin));
        assert_eq!(order.next(at(8)), Some(key("a", "x")));
        assert_eq!(order.done(&key("a", "x")), Some(at(6)));
    }
}
