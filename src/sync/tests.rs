use serde_json::json;

use super::known::ENTRIES;
use super::*;

#[test]
fn every_known_kind_has_an_entry_and_its_paths_can_be_read() {
    for known in Known::all() {
        assert_eq!(known.entry().known, known);
        assert_eq!(known.name().parse(), Ok(known));
        let (references, left_out) = known.fields();
        let described = known.describe();
        for (path, (text, kind)) in described.references.iter().zip(references) {
            assert_eq!(
                (path.path.to_string().as_str(), path.kind.as_str()),
                (*text, *kind)
            );
        }
        let left: Vec<String> = described.leave_out.iter().map(Path::to_string).collect();
        assert_eq!(left, left_out);
        assert_eq!(described.fault(), None, "{known}");
        let (plurals, group) = known.rule().resources_and_group();
        assert_eq!(
            (plurals, group),
            (vec![known.name()], described.group.as_str())
        );
        let text = serde_json::to_value(known).unwrap();
        assert_eq!(text, known.name());
    }
    assert_eq!(Known::all().count(), ENTRIES.len());
    assert_eq!("pdb".parse(), Ok(Known::PodDisruptionBudgets));
    assert!("pods".parse::<Known>().unwrap_err().contains("ingresses, "));
}

#[test]
fn what_is_not_asked_for_is_synced_where_the_right_is_there() {
    let nothing = Wish::default();
    assert_eq!(nothing.resolve(|_| true).kinds, BY_DEFAULT);
    assert!(nothing.resolve(|_| false).is_empty());
    let wish = Wish {
        kinds: vec![Known::PriorityClasses, Known::Ingresses],
        without: vec![Known::NetworkPolicies],
        ..Wish::default()
    };
    assert_eq!(
        wish.resolve(|_| true).kinds,
        [
            Known::Ingresses,
            Known::PodDisruptionBudgets,
            Known::PriorityClasses
        ]
    );
    let sync = wish.resolve(|_| false);
    assert_eq!(sync.kinds, [Known::Ingresses, Known::PriorityClasses]);
    assert_eq!(sync.shown().collect::<Vec<_>>(), [Known::PriorityClasses]);
    assert_eq!(sync.rights().len(), 1);
}

#[test]
fn a_description_adds_to_what_is_known_of_a_kind_or_is_one_of_its_own() {
    let custom: Vec<Described> = serde_json::from_value(json!([
        {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress", "plural": "ingresses",
            "references": [{"path": "metadata.annotations[\"a.b/c\"]", "kind": "Secret"}]},
        {"group": "example.com", "version": "v1", "kind": "Widget", "plural": "widgets",
            "selectors": ["spec.selector"], "status": false},
    ]))
    .unwrap();
    let sync = Sync {
        kinds: vec![Known::Ingresses],
        custom,
        ..Sync::default()
    };
    let carried = sync.carried();
    assert_eq!(carried.len(), 2);
    assert_eq!(carried[0].known, Some(Known::Ingresses));
    let added = carried[0].described.references.last().unwrap();
    assert_eq!(added.path.to_string(), "metadata.annotations[\"a.b/c\"]");
    assert_eq!(
        (carried[1].known, carried[1].described.status),
        (None, false)
    );
    assert_eq!(carried[1].described.root(), "/apis/example.com/v1");
}

#[test]
fn what_cannot_be_meant_is_told() {
    let widget = |field: &str, value: &str| {
        let mut kind =
            json!({"group": "example.com", "version": "v1", "kind": "Widget", "plural": "widgets"});
        kind[field] = value.into();
        let custom = vec![serde_json::from_value(kind).unwrap()];
        Wish {
            custom,
            ..Wish::default()
        }
        .fault()
    };
    assert_eq!(widget("kind", "Gadget"), None);
    for (field, wrong) in [
        ("group", "apps"),
        ("group", "Example.com"),
        ("group", "example..com"),
        ("group", "example.com/x"),
        ("version", "v1/x"),
        ("plural", ""),
        ("plural", "widgets/status"),
        ("kind", "widget"),
    ] {
        let fault = widget(field, wrong).unwrap();
        assert!(
            fault.contains("example.com") || fault.contains(wrong),
            "{fault}"
        );
    }
    let import = |name: &str| Wish {
        from_host: vec![serde_json::from_value(json!({"kind": "Secret", "name": name})).unwrap()],
        ..Wish::default()
    };
    assert_eq!(import("a.b").fault(), None);
    assert_eq!(import("a.b").from_host[0].namespace, "default");
    for wrong in ["", "A", "a/b", "../a"] {
        assert!(
            import(wrong).fault().unwrap().contains("fromHost"),
            "{wrong}"
        );
    }
    let both = Wish {
        kinds: vec![Known::Ingresses],
        without: vec![Known::Ingresses],
        ..Wish::default()
    };
    assert!(both.fault().unwrap().contains("ingresses"));
}

#[test]
fn a_path_leads_to_every_value_and_makes_none() {
    let mut object = json!({
        "metadata": {"annotations": {"a.b/c": "x"}},
        "spec": {"tls": [{"secretName": "one"}, {"hosts": []}, {"secretName": ""}, {"secretName": null}],
            "of": {"k": {"name": "two"}, "l": 3}},
    });
    let texts = |path: &str, object: &serde_json::Value| -> Vec<String> {
        let path: Path = path.parse().unwrap();
        path.texts(object).into_iter().map(str::to_owned).collect()
    };
    assert_eq!(texts("spec.tls[*].secretName", &object), ["one"]);
    assert_eq!(texts("spec.of[*].name", &object), ["two"]);
    assert_eq!(texts("metadata.annotations[\"a.b/c\"]", &object), ["x"]);
    assert_eq!(texts("spec.tls.secretName", &object), [""; 0]);
    let before = object.clone();
    let path: Path = "spec.none[*].name".parse().unwrap();
    path.change(&mut object, &mut |value| *value = json!("changed"));
    assert_eq!(object, before);
    let path: Path = "spec.tls[*].secretName".parse().unwrap();
    path.change(&mut object, &mut |value| {
        if value.is_string() {
            *value = json!("changed");
        }
    });
    assert_eq!(texts("spec.tls[*].secretName", &object), ["changed"; 2]);
    assert!(path.remove(&mut object));
    assert!(!path.remove(&mut object));
    assert_eq!(object["spec"]["tls"], json!([{}, {"hosts": []}, {}, {}]));
}

#[test]
fn a_path_is_written_as_it_is_read() {
    for text in [
        "spec",
        "spec.a[*].b",
        "spec[*][*].c",
        "metadata.annotations[\"a.b/c\"].d",
        "spec[\"a.b\"][*]",
    ] {
        assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
    }
    for wrong in [
        "", ".", "[*]", "spec.", "spec..a", "spec[0]", "spec[\"a", "spec[*]a", ".spec",
    ] {
        assert!(wrong.parse::<Path>().is_err(), "{wrong}");
    }
}
