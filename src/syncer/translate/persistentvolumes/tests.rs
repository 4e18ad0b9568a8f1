//! When a virtual volume is written. What it looks like is written down with the claims.

use super::super::is_mirrored;
use super::*;

fn claims() -> (Value, Value) {
    (
        json!({"metadata": {"name": "data", "namespace": "shop", "uid": "u"}}),
        json!({
            "spec": {"storageClassName": "fast", "volumeMode": "Block", "volumeName": "secret-of-the-host"},
            "status": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteMany"]},
        }),
    )
}

/// As the API server gives it back.
fn stored(mut volume: Value) -> Value {
    volume["metadata"]["uid"] = json!("v");
    volume["metadata"]["finalizers"] = json!(["kubernetes.io/pv-protection"]);
    volume["status"] = json!({"phase": "Bound", "lastPhaseTransitionTime": "2026-01-02T03:04:05Z"});
    volume
}

#[test]
fn nothing_is_written_while_nothing_changes_and_nothing_of_the_hosts_volume_is_told() {
    let (claim, host) = claims();
    let volume = volume(&claim, &host);
    assert!(!volume.to_string().contains("secret-of-the-host"));
    let found = stored(volume.clone());
    assert_eq!(changes(&volume, &found), VolumeChanges::default());
    assert!(is_mirrored(&found));
    assert_eq!(claim_of(&found), ("shop", "data", "u"));
}

#[test]
fn what_somebody_has_changed_is_put_back() {
    let (claim, host) = claims();
    let volume = volume(&claim, &host);
    let mut found = stored(volume.clone());
    found["spec"]["persistentVolumeReclaimPolicy"] = json!("Retain");
    found["spec"]
        .as_object_mut()
        .unwrap()
        .shift_remove("claimRef");
    found["spec"]["capacity"]["storage"] = json!("2Gi");
    found["status"]["phase"] = json!("Available");
    assert!(is_to_be_kept(&found));
    let changes = changes(&volume, &found);
    assert_eq!(
        changes.object,
        Some(json!({"metadata": {"uid": "v"}, "spec": {
            "capacity": {"storage": "1Gi"},
            "persistentVolumeReclaimPolicy": "Delete",
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                "namespace": "shop", "name": "data", "uid": "u"},
        }}))
    );
    assert_eq!(changes.status, Some(json!({"status": {"phase": "Bound"}})));
}
