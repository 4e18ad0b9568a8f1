//! Classes written out, and when they are written.

use super::*;

#[test]
fn the_default_class_is_the_default() {
    let expected = json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "fast", "annotations": {
            "vc.internal/mirrored": "host-default",
            "storageclass.kubernetes.io/is-default-class": "true",
        }},
        "provisioner": "vc.internal/host",
        "reclaimPolicy": "Delete",
        "allowVolumeExpansion": true,
        "volumeBindingMode": "WaitForFirstConsumer",
    });
    assert_eq!(class("fast", true), expected);
    assert!(is_mirrored(&expected));
}

#[test]
fn only_a_change_of_the_hosts_default_is_carried_over() {
    let mut found = class("fast", true);
    assert_eq!(changes(&found, true), None);
    // Somebody wants another default in his virtual cluster.
    found["metadata"]["annotations"][IS_DEFAULT] = json!("false");
    assert_eq!(changes(&found, true), None);
    assert_eq!(
        changes(&found, false),
        Some(json!({"metadata": {"annotations": {
            "vc.internal/mirrored": "host", "storageclass.kubernetes.io/is-default-class": "false",
        }}}))
    );
    let own = json!({"metadata": {"name": "own"}});
    assert!(!is_mirrored(&own));
}
