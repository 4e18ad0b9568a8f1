//! The local port of a cluster's tunnel.
//!
//! In: the cluster's UID and the ports in use. Out: a port. Never: looks at sockets.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use sha2::{Digest, Sha256};

/// Where tunnels listen.
///
/// Below the ports that systems hand out by themselves (Linux 32768–60999, elsewhere from 49152) and
/// below Kubernetes' node ports (30000–32767), which a host cluster on this machine may use; above
/// the ports where services are usually registered. 10,000 make a collision among ten clusters
/// improbable (about 1 in 200).
pub const PORTS: RangeInclusive<u16> = 20_000..=29_999;

/// The cluster's port: the same for the same UID, the next one that is free when it is taken.
pub fn choose_port(uid: &str, taken: &BTreeSet<u16>) -> u16 {
    let count = PORTS.end() - PORTS.start() + 1;
    // The remainder for every byte in turn is that of the digest as one large number.
    let offset = Sha256::digest(uid.as_bytes())
        .iter()
        .fold(0_u32, |rest, byte| {
            (rest * 256 + u32::from(*byte)) % u32::from(count)
        });
    let first = PORTS.start() + u16::try_from(offset).unwrap_or_default();
    (first..=*PORTS.end())
        .chain(*PORTS.start()..first)
        .find(|port| !taken.contains(port))
        .unwrap_or(first)
}
