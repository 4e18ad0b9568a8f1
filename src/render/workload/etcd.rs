//! The store.
//!
//! In: a [`ClusterSpec`]. Out: the `etcd` container and the volume with its keys. Never: a port
//! that can be reached from outside the pod.

use k8s_openapi::api::core::v1::{Container, EmptyDirVolumeSource, Volume, VolumeMount};

use super::{Part, container as common, file_flag, files_volume};
use crate::cluster::{ClusterSpec, Storage};
use crate::quantity;
use crate::render::{Images, resources, secrets, storage};

pub(super) const NAME: &str = "etcd";

/// Where the volume is mounted.
pub(super) const MOUNT: &str = "/var/lib/etcd";

/// A directory on the volume rather than its root, which belongs to root, may hold `lost+found`,
/// and cannot be made private as etcd wants its data to be.
const DATA_DIRECTORY: &str = "/var/lib/etcd/data";

/// Where clients come to: a file in a volume that only the API server has besides, and the syncer, which
/// looks after the room in the store.
///
/// Not a port on loopback: whoever may forward ports to the pod arrives there, so both sides would
/// need certificates. The API server opens a connection for each of its sixty kinds of objects when
/// it starts, and that many TLS handshakes made the start 0.4 s longer on two cores.
pub(super) const CLIENT_URL: &str = "unix:///run/etcd/etcd.sock";
/// The file of [`CLIENT_URL`].
pub(super) const SOCKET: &str = "/run/etcd/etcd.sock";

/// Directory of that file, and the name of its volume.
const SOCKET_DIRECTORY: &str = "/run/etcd";
/// See [`SOCKET_DIRECTORY`].
const SOCKET_VOLUME: &str = "etcd-socket";

/// What a member tells other members' clients. It must look like an address, and there are none.
const ADVERTISED_URL: &str = "http://127.0.0.1:2379";

/// There is no other member to talk to, but the listener cannot be switched off.
const PEER_URL: &str = "https://127.0.0.1:2380";

/// The container. It has no probe: the kubelet cannot reach a port on the pod's loopback address,
/// a process in the container every few seconds costs more than etcd itself, and an etcd that
/// fails ends by itself and is started again.
pub(super) fn container(spec: &ClusterSpec) -> Container {
    let mut container = common(
        spec,
        Part {
            name: NAME,
            image: Images::of(spec).etcd,
            program: NAME,
            args: args(spec),
            share: resources::ETCD,
            capabilities: None,
        },
    );
    container
        .volume_mounts
        .get_or_insert_default()
        .extend([data_mount(), socket_mount()]);
    container
}

/// Where the store's volume is seen.
pub(super) fn data_mount() -> VolumeMount {
    VolumeMount {
        name: storage::DATA.to_owned(),
        mount_path: MOUNT.to_owned(),
        ..VolumeMount::default()
    }
}

/// The volume with its keys.
pub(super) fn files(spec: &ClusterSpec) -> Volume {
    let entries = ["etcd-ca.crt", "etcd-server.crt", "etcd-server.key"];
    secrets::volume(spec, files_volume(NAME), &entries)
}

/// The volume with the socket.
pub(super) fn socket_volume() -> Volume {
    Volume {
        name: SOCKET_VOLUME.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    }
}

/// Where etcd and its client see [`socket_volume`].
pub(super) fn socket_mount() -> VolumeMount {
    VolumeMount {
        name: SOCKET_VOLUME.to_owned(),
        mount_path: SOCKET_DIRECTORY.to_owned(),
        ..VolumeMount::default()
    }
}

/// How many writes of the log are kept before the store itself is said to be enough: with the largest
/// objects, of 1.5 MiB, the log then keeps less than 400 MiB. etcd's own 10000 are 15 GiB of those.
const SNAPSHOT_COUNT: u32 = 250;

/// How many writes etcd keeps in memory for a member that lags behind, of which there is none. With its own
/// 5000, large objects are many times the memory that it may have.
const CATCH_UP_ENTRIES: u32 = 10;

/// What the log takes of a volume: six files of 64 MiB that etcd keeps, and [`SNAPSHOT_COUNT`] large writes.
const LOG_BYTES: u64 = 768 * MIB;

/// What a cluster needs that holds little. Below 512 MiB a volume has no room for more.
const LEAST_QUOTA_BYTES: u64 = 32 * MIB;

/// What etcd's own documentation suggests as the largest.
const LARGEST_QUOTA_BYTES: u64 = 8 << 30;

/// 1 MiB in bytes.
const MIB: u64 = 1 << 20;

/// What a volume of this size has for the store and copies of it: what the file system and the log leave, and at
/// least a quarter where the largest objects are not to be expected.
pub(super) fn room_bytes(volume_bytes: u64) -> u64 {
    let usable = volume_bytes / 8 * 7;
    usable.saturating_sub(LOG_BYTES).max(volume_bytes / 4)
}

/// How large the store may become on a volume of this size, so that it refuses writes before the volume is
/// full, of which etcd would die. A file system takes an eighth for itself. Of the rest, half of what the log
/// leaves, because making the store smaller is writing it anew beside the old one. A volume below 1 GiB has no
/// room for a log of the largest objects; of it, a sixteenth.
fn quota_bytes(volume_bytes: u64) -> u64 {
    let usable = volume_bytes / 8 * 7;
    let half = usable.saturating_sub(LOG_BYTES) / 2;
    half.max(volume_bytes / 16)
        .clamp(LEAST_QUOTA_BYTES, LARGEST_QUOTA_BYTES)
}

/// What keeps the store within its volume. Without a volume of its own it keeps etcd's own quota, 2 GiB.
fn bounds(spec: &ClusterSpec) -> Vec<String> {
    let Storage::Persistent { size, .. } = &spec.storage else {
        return Vec::new();
    };
    let Some(bytes) = quantity::bytes(size) else {
        return Vec::new();
    };
    vec![
        format!("--quota-backend-bytes={}", quota_bytes(bytes)),
        format!("--snapshot-count={SNAPSHOT_COUNT}"),
        format!("--snapshot-catchup-entries={CATCH_UP_ENTRIES}"),
    ]
}

/// Who the only member is; a restored store has to be told the same.
pub(super) fn membership(spec: &ClusterSpec) -> [String; 3] {
    let member = spec.name.pod();
    [
        format!("--name={member}"),
        format!("--initial-advertise-peer-urls={PEER_URL}"),
        format!("--initial-cluster={member}={PEER_URL}"),
    ]
}

/// Compaction is the API server's, every five minutes.
fn args(spec: &ClusterSpec) -> Vec<String> {
    let [name, peer_urls, cluster] = membership(spec);
    let mut args = vec![
        name,
        format!("--data-dir={DATA_DIRECTORY}"),
        format!("--listen-client-urls={CLIENT_URL}"),
        format!("--advertise-client-urls={ADVERTISED_URL}"),
        format!("--listen-peer-urls={PEER_URL}"),
        peer_urls,
        cluster,
        // Whoever may forward ports to the pod arrives at its loopback address, so this listener
        // asks for a certificate.
        "--peer-client-cert-auth=true".to_owned(),
        file_flag("peer-trusted-ca-file", "etcd-ca.crt"),
        file_flag("peer-cert-file", "etcd-server.crt"),
        file_flag("peer-key-file", "etcd-server.key"),
        // A single member waits out an election timeout against nobody before it serves: 0.15 s
        // with these, up to 1.1 s with the defaults, which are meant for a network.
        "--heartbeat-interval=10".to_owned(),
        "--election-timeout=100".to_owned(),
    ];
    args.extend(bounds(spec));
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_and_a_second_copy_fit_beside_the_store() {
        for (volume, quota) in [
            (1, 32),
            (512, 32),
            (1024, 64),
            (5 * 1024, 1856),
            (16 * 1024, 6784),
            (100 * 1024, 8 * 1024),
        ] {
            assert_eq!(quota_bytes(volume * MIB), quota * MIB, "{volume} MiB");
        }
    }
}
