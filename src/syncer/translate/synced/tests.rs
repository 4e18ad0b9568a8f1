//! Cases in `tests/data/translate/synced`, one directory each: `virtual.json`, and `kind.json` for a kind that is
//! not known, -> `host.json`, what is on the host and what is not. `UPDATE=1` writes the results anew.

use std::path::Path as File;

use serde_json::{Value, json};

use super::super::tests::{assert_is, cases, read, scope};
use super::*;

fn carried(case: &File) -> Carried {
    let object = read(case, "virtual.json");
    let is_kind = |known: &Known| known.describe().kind == text(&object, "kind");
    let known = Known::all().find(is_kind);
    let described = match known {
        Some(known) => known.describe(),
        None => serde_json::from_value(read(case, "kind.json")).unwrap(),
    };
    Carried { described, known }
}

fn system_labels() -> Value {
    json!({"kubernetes.io/metadata.name": "kube-system"})
}

fn host_of(case: &File) -> Option<HostObject> {
    let (scope, system_labels) = (scope(), system_labels());
    let around = Surroundings {
        scope: &scope,
        system_labels: &system_labels,
    };
    to_host(&carried(case), &read(case, "virtual.json"), around)
}

#[test]
fn objects_are_as_written_down() {
    for case in cases("synced", 10) {
        let found =
            host_of(&case).map(|host| json!({"object": host.object, "leftOut": host.left_out}));
        let uses = uses(&carried(&case), &read(&case, "virtual.json"));
        let found = json!({
            "host": found,
            "uses": {"configMaps": uses.config_maps, "secrets": uses.secrets},
        });
        assert_is(&case, "host.json", &found);
    }
}

#[test]
fn what_was_made_needs_no_change_also_with_what_a_host_fills_in() {
    for case in cases("synced", 10) {
        let Some(HostObject { object, .. }) = host_of(&case) else {
            continue;
        };
        let mut found = object.clone();
        found["status"] = json!({"some": "thing"});
        found["metadata"]["annotations"]["theirs"] = "x".into();
        if found["spec"].is_object() {
            found["spec"]["filledIn"] = json!({"by": "the host"});
        }
        assert_eq!(changes(&object, &found), None, "{}", case.display());
    }
}

#[test]
fn what_somebody_changed_on_the_host_is_put_back() {
    let case = cases("synced", 10)
        .into_iter()
        .find(|case| case.ends_with("networkpolicy"));
    let object = host_of(&case.unwrap()).unwrap().object;
    let mut found = object.clone();
    found["spec"]["podSelector"] = json!({});
    found["metadata"]["labels"] = json!({"theirs": "x"});
    let patch = changes(&object, &found).unwrap();
    assert_eq!(
        patch["spec"],
        json!({"podSelector": object["spec"]["podSelector"]})
    );
    assert_eq!(patch["metadata"]["labels"], object["metadata"]["labels"]);
}

#[test]
fn a_status_comes_back_in_virtual_names_and_generations() {
    let scope = scope();
    let case = cases("synced", 10)
        .into_iter()
        .find(|case| case.ends_with("custom"))
        .unwrap();
    let (carried, object) = (carried(&case), read(&case, "virtual.json"));
    let (own, secret) = (scope.host_name("shop", "w"), scope.host_name("shop", "s"));
    let host = json!({
        "metadata": {"generation": 9},
        "status": {"ready": true, "observedGeneration": 9,
            "conditions": [{"observedGeneration": 8, "message": format!("{own} has {secret} of team-a/{own}")}],
            "secret": {"namespace": "team-a", "name": secret}},
    });
    let patch = status(&carried, &object, &host, &scope).unwrap();
    assert_eq!(
        patch["status"],
        json!({"ready": true, "observedGeneration": 3,
            "conditions": [{"observedGeneration": 2, "message": "w has s of shop/w"}],
            "secret": {"namespace": "shop", "name": "s"}})
    );
    let mut in_step = object.clone();
    in_step["status"] = patch["status"].clone();
    assert_eq!(status(&carried, &in_step, &host, &scope), None);
    let nothing = json!({"metadata": {"generation": 9}});
    assert_eq!(
        status(&carried, &object, &nothing, &scope),
        Some(json!({"status": null}))
    );
}

#[test]
fn a_large_object_is_not_noted_and_still_in_step() {
    let carried = Carried {
        described: serde_json::from_value(json!({
            "group": "example.com", "version": "v1", "kind": "Widget", "plural": "widgets",
        }))
        .unwrap(),
        known: None,
    };
    let (scope, system_labels) = (scope(), system_labels());
    let around = Surroundings {
        scope: &scope,
        system_labels: &system_labels,
    };
    let object = json!({"metadata": {"name": "w", "namespace": "a"}, "spec": {"text": "x".repeat(NOTED_MAX_BYTES)}});
    let host = to_host(&carried, &object, around).unwrap().object;
    let noted = host["metadata"]["annotations"][labels::APPLIED]
        .as_str()
        .unwrap();
    assert_eq!(noted.len(), 64);
    assert_eq!(changes(&host, &host), None);
}
