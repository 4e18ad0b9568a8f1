//! Classes written out, and when they are written.

use super::super::is_mirrored;
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
    let (default, plain) = (class("fast", true), class("fast", false));
    let mut found = default.clone();
    assert_eq!(changes(&default, &found), None);
    // Somebody wants another default in his virtual cluster.
    found["metadata"]["annotations"][IS_DEFAULT] = json!("false");
    assert_eq!(changes(&default, &found), None);
    assert_eq!(
        changes(&plain, &found),
        Some(json!({"metadata": {"annotations": {
            "vc.internal/mirrored": "host", "storageclass.kubernetes.io/is-default-class": "false",
        }}}))
    );
    let own = json!({"metadata": {"name": "own"}});
    assert!(!is_mirrored(&own));
}

#[test]
fn a_class_that_may_be_read_is_shown_as_it_is_without_its_parameters() {
    let mut host = json!({
        "metadata": {"name": "fast", "uid": "u", "labels": {"a": "b"}, "annotations": {
            "storageclass.beta.kubernetes.io/is-default-class": "true", "note": "of the host",
        }},
        "provisioner": "disk.example.com",
        "parameters": {"csi.storage.k8s.io/provisioner-secret-name": "secret"},
        "reclaimPolicy": "Retain",
        "volumeBindingMode": "Immediate",
        "mountOptions": ["x"],
    });
    let shown = of_host(&host);
    assert_eq!(
        shown,
        json!({
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "fast", "annotations": {
                "vc.internal/mirrored": "host-default",
                "storageclass.kubernetes.io/is-default-class": "true",
            }},
            "provisioner": "disk.example.com",
            "reclaimPolicy": "Retain",
            "volumeBindingMode": "Immediate",
        })
    );
    assert_eq!(changes(&shown, &shown), None);
    assert!(!is_another(&shown, &shown));
    assert!(is_another(&shown, &class("fast", true)));
    host["allowVolumeExpansion"] = json!(true);
    assert_eq!(
        changes(&of_host(&host), &shown),
        Some(json!({"allowVolumeExpansion": true}))
    );
}
