//! Rules of restricted beyond baseline, but for seccomp.

use super::*;

#[test]
fn privilege_escalation_has_to_be_switched_off() {
    for (list, name) in LISTS {
        for value in [json!(true), json!(null)] {
            refused_by_restricted(
                &format!("spec/{list}/0/securityContext/allowPrivilegeEscalation"),
                value,
                &format!(
                    "allowPrivilegeEscalation != false (container \"{name}\" must set \
                     securityContext.allowPrivilegeEscalation=false)"
                ),
            );
        }
    }
}

#[test]
fn all_capabilities_have_to_be_dropped() {
    for (list, name) in LISTS {
        let path = format!("spec/{list}/0/securityContext/capabilities");
        allowed(
            &path,
            &[json!({"drop": ["NET_RAW", "ALL"], "add": ["NET_BIND_SERVICE"]})],
        );
        let must =
            format!("container \"{name}\" must set securityContext.capabilities.drop=[\"ALL\"]");
        for capabilities in [
            json!(null),
            json!({}),
            json!({"drop": ["NET_RAW"]}),
            json!({"drop": ["all"]}),
        ] {
            refused_by_restricted(
                &path,
                capabilities,
                &format!("unrestricted capabilities ({must})"),
            );
        }
        refused_by_restricted(
            &path,
            json!({"add": ["KILL", "CHOWN"]}),
            &format!(
                "unrestricted capabilities ({must}; container \"{name}\" must not include \
                 \"CHOWN\", \"KILL\" in securityContext.capabilities.add)"
            ),
        );
    }
}

#[test]
fn volumes_are_of_the_listed_types() {
    for kind in [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ] {
        allowed("spec/volumes/0", &[json!({"name": "v", kind: {}})]);
    }
    for kind in [
        "nfs",
        "iscsi",
        "rbd",
        "flexVolume",
        "gitRepo",
        "somethingNew",
    ] {
        for volume in [
            json!({"name": "v", kind: {}}),
            json!({"name": "v", "emptyDir": {}, kind: {}}),
        ] {
            refused_by_restricted(
                "spec/volumes/0",
                volume,
                &format!(
                    "restricted volume types (volume \"v\" uses restricted volume type \"{kind}\")"
                ),
            );
        }
    }
    refused_by_restricted(
        "spec/volumes",
        json!([{"name": "v"}, {"name": "w", "nfs": {}}]),
        "restricted volume types (volumes \"v\", \"w\" use restricted volume types \"nfs\", \
         \"unknown\")",
    );
}

#[test]
fn somebody_has_to_say_that_nobody_runs_as_root() {
    let of_pod = "spec/securityContext/runAsNonRoot";
    refused_by_restricted(
        of_pod,
        json!(false),
        "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)",
    );
    refused_by_restricted(
        of_pod,
        json!(null),
        "runAsNonRoot != true (pod or containers \"i\", \"a\", \"e\" must set \
         securityContext.runAsNonRoot=true)",
    );
    let mut pod = pod_with(of_pod, json!(null));
    for (list, name) in LISTS {
        let path = format!("spec/{list}/0/securityContext/runAsNonRoot");
        refused_by_restricted(
            &path,
            json!(false),
            &format!(
                "runAsNonRoot != true (container \"{name}\" must not set \
                 securityContext.runAsNonRoot=false)"
            ),
        );
        set(&mut pod, &path, json!(true));
    }
    assert_eq!(judge(Profile::Restricted, &pod), "");
}

#[test]
fn nobody_runs_as_user_0() {
    let of_pod = "spec/securityContext/runAsUser";
    allowed(of_pod, &[json!(1), json!(65532), json!(null)]);
    refused_by_restricted(
        of_pod,
        json!(0),
        "runAsUser=0 (pod must not set runAsUser=0)",
    );
    for (list, name) in LISTS {
        let path = format!("spec/{list}/0/securityContext/runAsUser");
        allowed(&path, &[json!(1), json!(null)]);
        let message = format!("runAsUser=0 (container \"{name}\" must not set runAsUser=0)");
        refused_by_restricted(&path, json!(0), &message);
    }
}

#[test]
fn root_of_a_user_namespace_is_allowed() {
    let mut pod = pod_with("spec/securityContext/runAsNonRoot", json!(false));
    set(
        &mut pod,
        "spec/containers/0/securityContext/runAsUser",
        json!(0),
    );
    for (host_users, is_allowed) in [
        (json!(false), true),
        (json!(true), false),
        (json!(null), false),
        (json!("false"), false),
        (json!(0), false),
    ] {
        set(&mut pod, "spec/hostUsers", host_users);
        assert_eq!(
            judge(Profile::Restricted, &pod).is_empty(),
            is_allowed,
            "{pod}"
        );
    }
}

#[test]
fn a_pod_for_windows_need_not_say_what_windows_does_not_know() {
    let mut pod = pod_with("spec/os", json!({"name": "windows"}));
    set(
        &mut pod,
        "spec/securityContext",
        json!({"runAsNonRoot": true}),
    );
    for (list, _) in LISTS {
        set(
            &mut pod,
            &format!("spec/{list}/0/securityContext"),
            json!({}),
        );
    }
    assert_eq!(judge(Profile::Restricted, &pod), "");
    for os in [
        json!({"name": "linux"}),
        json!({"name": "Windows"}),
        json!(null),
        json!({}),
    ] {
        set(&mut pod, "spec/os", os);
        assert_ne!(judge(Profile::Restricted, &pod), "");
    }
}

/// Upstream leaves these to the API server's validation, which a pod for Windows would not pass.
#[test]
fn saying_windows_does_not_open_what_baseline_closes() {
    for (path, value) in [
        ("allowPrivilegeEscalation", json!(true)),
        ("capabilities", json!({"add": ["SYS_ADMIN"]})),
        ("seccompProfile", json!({"type": "Unconfined"})),
        ("procMount", json!("Unmasked")),
        ("privileged", json!(true)),
    ] {
        let mut pod = pod_with("spec/os", json!({"name": "windows"}));
        set(
            &mut pod,
            &format!("spec/containers/0/securityContext/{path}"),
            value,
        );
        assert_ne!(judge(Profile::Restricted, &pod), "", "{path}");
    }
}
