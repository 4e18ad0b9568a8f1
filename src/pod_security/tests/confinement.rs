//! AppArmor, SELinux and seccomp.

use super::*;

/// Security contexts of the pod and of a container in each list, and how messages call them.
fn contexts() -> Vec<(String, String)> {
    let containers = LISTS.map(|(list, name)| {
        (
            format!("spec/{list}/0/securityContext"),
            format!("container \"{name}\""),
        )
    });
    let pod = ("spec/securityContext".to_owned(), "pod".to_owned());
    containers.into_iter().chain([pod]).collect()
}

#[test]
fn app_armor_cannot_be_switched_off_by_a_field() {
    for (context, who) in contexts() {
        let path = format!("{context}/appArmorProfile");
        allowed(
            &path,
            &[
                json!(null),
                json!({"type": "RuntimeDefault"}),
                json!({"type": "Localhost", "localhostProfile": "p"}),
            ],
        );
        for (profile, kind) in [
            (json!({"type": "Unconfined"}), "Unconfined"),
            (json!({"type": "runtimedefault"}), "runtimedefault"),
            (json!({}), ""),
        ] {
            refused_by_both(
                &path,
                profile,
                &format!(
                    "forbidden AppArmor profile ({who} must not set AppArmor profile type to \
                     \"{kind}\")"
                ),
            );
        }
    }
}

#[test]
fn app_armor_cannot_be_switched_off_by_an_annotation() {
    let key = "container.apparmor.security.beta.kubernetes.io/a";
    let annotations = |value: &str| json!({key: value});
    for value in ["", "runtime/default", "localhost/mine"] {
        allowed("metadata/annotations", &[annotations(value)]);
    }
    refused_by_both(
        "metadata/annotations",
        annotations("unconfined"),
        &format!(
            "forbidden AppArmor profile (annotation must not set AppArmor profile type to \
             \"{key}=\"unconfined\"\")"
        ),
    );
    refused_by_both(
        "metadata/annotations",
        json!({
            "container.apparmor.security.beta.kubernetes.io/b": "x",
            "container.apparmor.security.beta.kubernetes.io/": "y",
        }),
        "forbidden AppArmor profiles (annotations must not set AppArmor profile type to \
         \"container.apparmor.security.beta.kubernetes.io/=\"y\"\", \
         \"container.apparmor.security.beta.kubernetes.io/b=\"x\"\")",
    );
}

#[test]
fn se_linux_types_are_those_of_containers() {
    for (context, who) in contexts() {
        let path = format!("{context}/seLinuxOptions");
        allowed(&path, &[json!(null), json!({}), json!({"level": "s0:c1"})]);
        for kind in [
            "",
            "container_t",
            "container_init_t",
            "container_kvm_t",
            "container_engine_t",
        ] {
            allowed(&path, &[json!({"type": kind, "user": "", "role": ""})]);
        }
        let prefix = format!("seLinuxOptions ({who} set forbidden securityContext.seLinuxOptions");
        for (options, detail) in [
            (json!({"type": "spc_t"}), "type \"spc_t\""),
            (json!({"user": "u"}), "user may not be set"),
            (json!({"role": "r"}), "role may not be set"),
            (
                json!({"type": "spc_t", "user": "u", "role": "r"}),
                "type \"spc_t\"; user may not be set; role may not be set",
            ),
        ] {
            refused_by_both(&path, options, &format!("{prefix}: {detail})"));
        }
    }
}

#[test]
fn se_linux_options_of_several_are_one_message() {
    let mut pod = pod_with(
        "spec/securityContext/seLinuxOptions",
        json!({"type": "foo"}),
    );
    let context = |list: &str| format!("spec/{list}/0/securityContext/seLinuxOptions");
    set(&mut pod, &context("initContainers"), json!({"role": "r"}));
    set(
        &mut pod,
        &context("containers"),
        json!({"type": "bar", "user": "u"}),
    );
    assert_eq!(
        judge(Profile::Baseline, &pod),
        "seLinuxOptions (pod and containers \"i\", \"a\" set forbidden \
         securityContext.seLinuxOptions: types \"bar\", \"foo\"; user may not be set; role may not \
         be set)"
    );
}

#[test]
fn seccomp_cannot_be_switched_off() {
    for (context, who) in contexts() {
        let path = format!("{context}/seccompProfile");
        allowed(
            &path,
            &[
                json!({"type": "RuntimeDefault"}),
                json!({"type": "Localhost", "localhostProfile": "p"}),
            ],
        );
        for (profile, kind) in [
            (json!({"type": "Unconfined"}), "Unconfined"),
            (json!({}), ""),
        ] {
            refused_by_both(
                &path,
                profile,
                &format!(
                    "seccompProfile ({who} must not set securityContext.seccompProfile.type to \
                     \"{kind}\")"
                ),
            );
        }
    }
}

#[test]
fn seccomp_annotations_are_judged_although_new_hosts_ignore_them() {
    for key in [
        "seccomp.security.alpha.kubernetes.io/pod",
        "container.seccomp.security.alpha.kubernetes.io/a",
        "container.seccomp.security.alpha.kubernetes.io/none-of-that-name",
    ] {
        for value in ["runtime/default", "docker/default", "localhost/mine"] {
            allowed("metadata/annotations", &[json!({key: value})]);
        }
        refused_by_both(
            "metadata/annotations",
            json!({key: "unconfined"}),
            &format!("seccompProfile (forbidden annotation {key}=\"unconfined\")"),
        );
    }
}

#[test]
fn restricted_wants_a_seccomp_profile_of_the_pod_or_of_each_container() {
    let path = "spec/securityContext/seccompProfile";
    refused_by_restricted(
        path,
        json!(null),
        "seccompProfile (pod or containers \"i\", \"a\", \"e\" must set \
         securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")",
    );
    let mut pod = pod_with(path, json!(null));
    for (list, _) in LISTS {
        let path = format!("spec/{list}/0/securityContext/seccompProfile");
        set(&mut pod, &path, json!({"type": "Localhost"}));
    }
    assert_eq!(judge(Profile::Restricted, &pod), "");
}
