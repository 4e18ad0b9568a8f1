//! Claims as they are written down in `tests/data/translate/persistentvolumeclaims`, and what holds for
//! all of them.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::persistentvolumes::volume;
use super::*;

fn scope() -> Scope {
    Scope {
        cluster: "dev".parse().unwrap(),
        uid: "d2c8f5a0-0000-4000-8000-000000000001".to_owned(),
        host_namespace: "team-a".parse().unwrap(),
    }
}

/// What becomes of a claim, and of the two if there is a host claim.
fn outcome(claim: &Value, host_claim: &Value) -> Value {
    let host = match to_host(claim, &scope(), false) {
        Ok(host) => host,
        Err(refusal) => {
            let Refusal { reason, message } = refusal;
            return json!({"refusal": {"reason": reason, "message": message}});
        }
    };
    if host_claim.is_null() {
        return json!({"toHost": host});
    }
    let upward = to_virtual(claim, host_claim, &scope());
    let volume = is_bound(host_claim).then(|| volume(claim, host_claim));
    json!({
        "changes": changes(&host, host_claim),
        "claim": upward.claim,
        "status": upward.status,
        "volume": volume,
        "shownClass": shown_class(host_claim),
    })
}

#[test]
fn claims_are_as_written_down() {
    let root = env!("CARGO_MANIFEST_DIR");
    let directory = format!("{root}/tests/data/translate/persistentvolumeclaims");
    let mut cases = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Value = serde_json::from_str(&text).unwrap();
        let outcome = outcome(&case["claim"], &case["hostClaim"]);
        let expected = serde_json::to_string_pretty(&case["expected"]).unwrap();
        let found = serde_json::to_string_pretty(&outcome).unwrap();
        assert_eq!(found, expected, "{}", path.display());
        cases += 1;
    }
    assert!(cases > 15, "{cases}");
}

/// Text that nothing of ours has in it.
const ALIEN: &str = "zq[a-z]{3}";

fn source() -> impl Strategy<Value = Value> {
    let kind = select(vec!["PersistentVolumeClaim", "VolumeSnapshot", "Secret"]);
    let group = select(vec![Value::Null, json!(""), json!("zq.example")]);
    (kind, group, ALIEN, proptest::option::of(ALIEN)).prop_map(|(kind, group, name, namespace)| {
        json!({"kind": kind, "apiGroup": group, "name": name, "namespace": namespace})
    })
}

/// Claims with anything in any of their fields, known and unknown.
fn claim() -> impl Strategy<Value = Value> {
    let maybe = || proptest::option::weighted(0.2, ALIEN);
    let size = select(vec!["1Gi", "2Gi"]);
    let map = || proptest::collection::btree_map("[ab]", ALIEN, 0..3);
    let sources = (
        proptest::option::weighted(0.3, source()),
        proptest::option::weighted(0.3, source()),
    );
    let odd = (maybe(), maybe(), maybe(), maybe(), maybe());
    (size, map(), map(), sources, odd).prop_map(
        |(
            size,
            labels,
            annotations,
            (source, source_ref),
            (volume, selector, class, other, vac),
        )| {
            let selector = selector.map(|value| json!({"matchLabels": {"a": value}}));
            let mut claim = json!({
                "metadata": {"name": "zqname", "namespace": "zqspace", "uid": "uid",
                    "labels": labels, "annotations": annotations},
                "spec": {
                    "resources": {"requests": {"storage": size}},
                    "volumeName": volume, "selector": selector, "storageClassName": class,
                    "volumeAttributesClassName": vac,
                    "dataSource": source, "dataSourceRef": source_ref,
                },
            });
            if let Some(other) = other {
                claim["spec"]["other"] = json!({"name": other});
            }
            claim
        },
    )
}

/// What an API server makes of a merge patch (RFC 7386).
fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            target.as_object_mut().unwrap().shift_remove(key);
        } else {
            merge(&mut target[key.as_str()], value);
        }
    }
}

proptest! {
    /// Classes are the host's and the same on both sides; all else that has a name is translated.
    #[test]
    fn no_untranslated_name_reaches_the_host(claim in claim()) {
        let Ok(host) = to_host(&claim, &scope(), false) else {
            return Ok(());
        };
        let mut spec = host["spec"].as_object().unwrap().clone();
        for field in ["dataSource", "dataSourceRef"] {
            let name = claim["spec"][field]["name"].as_str();
            let expected = name.map(|name| json!({
                "kind": "PersistentVolumeClaim",
                "name": scope().host_name("zqspace", name),
            }));
            prop_assert_eq!(spec.shift_remove(field), expected);
        }
        for field in ["storageClassName", "volumeAttributesClassName"] {
            spec.shift_remove(field);
        }
        let spec = Value::Object(spec).to_string();
        prop_assert!(!spec.contains("zq"), "{}", spec);
        prop_assert_eq!(&host, &to_host(&claim, &scope(), false).unwrap());
        prop_assert_eq!(changes(&host, &host), Vec::<Value>::new());
    }

    #[test]
    fn changes_lead_to_no_more_changes(before in claim(), after in claim()) {
        let (Ok(mut host), Ok(wanted)) = (to_host(&before, &scope(), false), to_host(&after, &scope(), false)) else {
            return Ok(());
        };
        for field in ["labels", "annotations"] {
            host["metadata"][field]["foreign"] = json!("1");
        }
        for patch in changes(&wanted, &host) {
            merge(&mut host, &patch);
        }
        prop_assert_eq!(changes(&wanted, &host), Vec::<Value>::new());
        for field in ["labels", "annotations"] {
            let mut left = host["metadata"][field].clone();
            prop_assert_eq!(left.as_object_mut().unwrap().shift_remove("foreign"), Some(json!("1")));
            prop_assert_eq!(&left, &wanted["metadata"][field]);
        }
        prop_assert_eq!(&host["spec"]["resources"], &wanted["spec"]["resources"]);
    }
}

#[test]
fn a_claim_that_was_brought_in_step_stays_as_it_is() {
    let mut claim = json!({
        "metadata": {"name": "data", "namespace": "shop", "uid": "u"},
        "spec": {"resources": {"requests": {"storage": "1Gi"}}},
        "status": {"phase": "Pending"},
    });
    let mut host = to_host(&claim, &scope(), false).unwrap();
    host["metadata"]["uid"] = json!("h");
    host["spec"]["storageClassName"] = json!("slow");
    host["spec"]["volumeName"] = json!("pvc-h");
    host["status"] = json!({"phase": "Bound", "capacity": {"storage": "1Gi"}});
    let upward = to_virtual(&claim, &host, &scope());
    merge(&mut claim, &upward.claim.unwrap());
    claim["status"] = upward.status.unwrap();
    assert_eq!(claim["spec"]["storageClassName"], "slow");
    assert_eq!(to_virtual(&claim, &host, &scope()), Upward::default());
    let wanted = to_host(&claim, &scope(), false).unwrap();
    assert_eq!(changes(&wanted, &host), Vec::<Value>::new());
}

#[test]
fn what_the_host_says_has_virtual_names() {
    let claim = json!({"metadata": {"name": "data", "namespace": "shop", "uid": "u-1"}});
    let host_name = scope().host_name("shop", "data");
    let host = json!({"metadata": {"uid": "h-1"}, "spec": {"volumeName": "vol-9"}});
    for (text, expected) in [
        (
            format!("volume for claim \"team-a/{host_name}\""),
            "volume for claim \"shop/data\"",
        ),
        (
            "Successfully provisioned volume pvc-h-1".to_owned(),
            "Successfully provisioned volume pvc-u-1",
        ),
        ("bound to vol-9".to_owned(), "bound to pvc-u-1"),
        ("quota of team-a".to_owned(), "quota of team-a"),
    ] {
        assert_eq!(scrubbed(&text, &claim, &host, &scope()), expected);
    }
}

#[test]
fn a_snapshot_is_a_source_where_snapshots_are_synced() {
    let claim = json!({
        "metadata": {"name": "data", "namespace": "shop", "uid": "u"},
        "spec": {"resources": {}, "dataSource":
            {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "before"}},
    });
    let refused = to_host(&claim, &scope(), false).unwrap_err();
    assert!(refused.message.contains("--sync volumesnapshots"));
    let host = to_host(&claim, &scope(), true).unwrap();
    assert_eq!(
        host["spec"]["dataSource"],
        json!({"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot",
            "name": scope().host_name("shop", "before")})
    );
}
