//! What pods call themselves: the whole names of those that have a subdomain.
//!
//! In: a pod's name and its addresses, as they are told. Out: whether an asker is called so. Never: a name that
//! somebody else is told.

use std::collections::HashMap;
use std::net::IpAddr;

/// Namespace and name of a pod.
type Key = (Box<str>, Box<str>);

/// The whole names of pods.
#[derive(Debug, Default)]
pub struct PodNames {
    /// Whole name and addresses of each.
    pods: HashMap<Key, (Box<str>, Vec<IpAddr>)>,
    /// Lower case, without a last dot.
    names: HashMap<IpAddr, Box<str>>,
}

impl PodNames {
    /// A pod has these addresses, and this whole name; nothing of it stays when it has no address or no name.
    pub fn set(&mut self, namespace: &str, pod: &str, name: Option<&str>, addresses: Vec<IpAddr>) {
        let key = (Box::from(namespace), Box::from(pod));
        let (before, left) = self.pods.remove(&key).unwrap_or_default();
        for address in left {
            // It may be another pod's by now.
            if self.is_called(address, &before) {
                self.names.remove(&address);
            }
        }
        let Some(name) = name.filter(|_| !addresses.is_empty()) else {
            return;
        };
        let name: Box<str> = name.to_ascii_lowercase().into();
        for address in &addresses {
            self.names.insert(*address, name.clone());
        }
        self.pods.insert(key, (name, addresses));
    }

    pub(super) fn is_called(&self, asker: IpAddr, name: &str) -> bool {
        self.names.get(&asker).is_some_and(|own| **own == *name)
    }
}
