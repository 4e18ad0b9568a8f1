//! Copies of the store: what is run to take one, to look at it and to restore it, and what puts a restored store in
//! the place of the present one.
//!
//! In: a [`ClusterSpec`]. Out: command lines for the `etcd` container, and an init container. Never: runs them.
//!
//! The image of etcd has `etcdctl` and `etcdutl`, and no shell. So nothing there can remove a directory or put
//! another in its place: that is done by this program, in a container that comes before the store's.

use k8s_openapi::api::core::v1::Container;

use super::{Part, container as common, etcd};
use crate::cluster::{ClusterSpec, Storage};
use crate::quantity;
use crate::render::{Images, resources};

/// Name of the init container.
const NAME: &str = "store";

/// The file with the copy, in the store's own volume: it lasts as long as the cluster, and a new one takes the place
/// of the one before.
const FILE: &str = "/var/lib/etcd/before-upgrade.db";

/// By how much revisions go on after those of the present store, so that none is given twice: what etcd's own
/// documentation suggests for Kubernetes, more than a thousand writes a second for a week.
/// <https://etcd.io/docs/v3.6/op-guide/recovery/#restoring-with-revision-bump>
const REVISIONS: u64 = 1_000_000_000;

/// How many times the store is in its volume while a copy of it is restored.
const COPIES: u64 = 3;

/// The container that these run in.
pub const CONTAINER: &str = etcd::NAME;

/// Where its clients come to.
pub const ENDPOINT: &str = etcd::CLIENT_URL;

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

/// Says how large the store is.
pub fn size_command() -> Vec<String> {
    let endpoint = format!("--endpoints={ENDPOINT}");
    words([
        "/usr/local/bin/etcdctl",
        &endpoint,
        "endpoint",
        "status",
        "-w",
        "json",
    ])
}

/// Has the running store write a copy of itself. What is half written has another name.
pub fn save_command() -> Vec<String> {
    let endpoint = format!("--endpoints={ENDPOINT}");
    words([
        "/usr/local/bin/etcdctl",
        &endpoint,
        "snapshot",
        "save",
        FILE,
    ])
}

/// Checks the copy, and says what is in it.
pub fn status_command() -> Vec<String> {
    words([
        "/usr/local/bin/etcdutl",
        "snapshot",
        "status",
        FILE,
        "-w",
        "json",
    ])
}

/// Makes a store of the copy, beside the present one. Watches of earlier revisions are told that those are gone, so
/// that whoever keeps objects in memory reads them anew.
pub fn restore_command(spec: &ClusterSpec, store: &str) -> Vec<String> {
    let mut command = words(["/usr/local/bin/etcdutl", "snapshot", "restore", FILE]);
    command.extend(etcd::membership(spec));
    command.extend([
        format!("--data-dir={}/{}", etcd::MOUNT, restored(store)),
        format!("--bump-revision={REVISIONS}"),
        "--mark-compacted".to_owned(),
    ]);
    command
}

/// Name of the directory of a restored store.
pub fn restored(store: &str) -> String {
    format!("restored-{store}")
}

/// Whether a copy of a store of this size fits beside it, and that copy restored; the size of the volume is what was
/// asked for. True where that cannot be told.
pub fn has_room(spec: &ClusterSpec, store_bytes: u64) -> bool {
    let Storage::Persistent { size, .. } = &spec.storage else {
        return false;
    };
    let volume = quantity::bytes(size);
    let needed = store_bytes.saturating_mul(COPIES);
    volume.is_none_or(|volume| needed <= etcd::room_bytes(volume))
}

/// Puts a restored store in the place of the one before, ahead of etcd; none where no store was restored.
pub(super) fn container(spec: &ClusterSpec) -> Option<Container> {
    let store = spec.restored_store.as_ref()?;
    let container = common(
        spec,
        Part {
            name: NAME,
            image: Images::of(spec).syncer,
            program: "vc",
            args: words(["place-store", etcd::MOUNT, &restored(store)]),
            share: resources::SYNCER,
            capabilities: None,
        },
    );
    // It needs no keys.
    Some(Container {
        volume_mounts: Some(vec![etcd::data_mount()]),
        ..container
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(size: &str) -> ClusterSpec {
        serde_json::from_value(serde_json::json!({
            "name": "dev",
            "namespace": "vc-dev",
            "kubernetesVersion": "v1.35.4",
            "registry": "registry.k8s.io",
            "storage": {"type": "persistent", "size": size},
            "resources": {"cpuRequestMillicores": 200, "memoryRequestMebibytes": 384},
            "serviceCidrs": ["10.96.0.0/16"],
        }))
        .unwrap()
    }

    #[test]
    fn a_restored_store_is_the_same_member_with_later_revisions() {
        assert_eq!(
            restore_command(&spec("5Gi"), "7").join(" "),
            "/usr/local/bin/etcdutl snapshot restore /var/lib/etcd/before-upgrade.db --name=vc-dev-0 \
             --initial-advertise-peer-urls=https://127.0.0.1:2380 \
             --initial-cluster=vc-dev-0=https://127.0.0.1:2380 --data-dir=/var/lib/etcd/restored-7 \
             --bump-revision=1000000000 --mark-compacted"
        );
    }

    #[test]
    fn a_store_has_room_that_fits_three_times_beside_its_log() {
        const MIB: u64 = 1 << 20;
        for (size, most) in [("512Mi", 42), ("1Gi", 85), ("5Gi", 1237)] {
            assert!(has_room(&spec(size), most * MIB), "{size}");
            assert!(!has_room(&spec(size), (most + 1) * MIB), "{size}");
        }
    }

    #[test]
    fn only_a_cluster_whose_store_was_restored_has_an_init_container() {
        assert_eq!(container(&spec("5Gi")), None);
        let restored = ClusterSpec {
            restored_store: Some("7".to_owned()),
            ..spec("5Gi")
        };
        let container = container(&restored).unwrap();
        assert_eq!(
            container.args.unwrap(),
            ["place-store", "/var/lib/etcd", "restored-7"]
        );
        let mounts = container.volume_mounts.unwrap();
        let names: Vec<&str> = mounts.iter().map(|mount| mount.name.as_str()).collect();
        assert_eq!(names, ["data"]);
    }
}
