//! Rules of baseline, but for AppArmor, SELinux and seccomp.

use super::*;

#[test]
fn privileged_containers_are_refused_in_every_list() {
    for (list, name) in LISTS {
        let path = format!("spec/{list}/0/securityContext/privileged");
        allowed(&path, &[json!(false), json!(null)]);
        let message = format!(
            "privileged (container \"{name}\" must not set securityContext.privileged=true)"
        );
        refused_by_both(&path, json!(true), &message);
    }
}

#[test]
fn several_containers_are_named_in_one_message() {
    let mut pod = hardened();
    for (list, _) in LISTS {
        let path = format!("spec/{list}/0/securityContext/privileged");
        set(&mut pod, &path, json!(true));
    }
    assert_eq!(
        judge(Profile::Baseline, &pod),
        "privileged (containers \"i\", \"a\", \"e\" must not set securityContext.privileged=true)"
    );
}

#[test]
fn host_namespaces_are_refused() {
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        let path = format!("spec/{field}");
        allowed(&path, &[json!(false), json!(null)]);
        refused_by_both(
            &path,
            json!(true),
            &format!("host namespaces ({field}=true)"),
        );
    }
    let mut pod = pod_with("spec/hostNetwork", json!(true));
    set(&mut pod, "spec/hostIPC", json!(true));
    assert_eq!(
        judge(Profile::Baseline, &pod),
        "host namespaces (hostNetwork=true, hostIPC=true)"
    );
}

#[test]
fn capabilities_beyond_the_default_are_refused() {
    for (list, name) in LISTS {
        let path = format!("spec/{list}/0/securityContext/capabilities/add");
        allowed(
            &path,
            &[json!([]), json!(null), json!(["NET_BIND_SERVICE"])],
        );
        let restricted = format!(
            "unrestricted capabilities (container \"{name}\" must not include \"CHOWN\" in \
             securityContext.capabilities.add)"
        );
        refused_by_restricted(&path, json!(["CHOWN"]), &restricted);
        // Neither another spelling nor the kernel's name is the same capability.
        for capability in ["NET_RAW", "SYS_ADMIN", "ALL", "chown", "CAP_CHOWN", ""] {
            let detail = format!(
                "(container \"{name}\" must not include \"{capability}\" in \
                 securityContext.capabilities.add)"
            );
            check(
                &path,
                json!(["NET_BIND_SERVICE", capability]),
                &format!("non-default capabilities {detail}"),
                &format!("unrestricted capabilities {detail}"),
            );
        }
    }
}

#[test]
fn host_path_volumes_are_refused() {
    for volume in [
        json!({"name": "v", "hostPath": {"path": "/"}}),
        json!({"name": "v", "hostPath": {}}),
        // The API server refuses two sources; the order of the checks must not decide.
        json!({"name": "v", "emptyDir": {}, "hostPath": {"path": "/"}}),
    ] {
        check(
            "spec/volumes/0",
            volume,
            "hostPath volumes (volume \"v\")",
            "restricted volume types (volume \"v\" uses restricted volume type \"hostPath\")",
        );
    }
    allowed(
        "spec/volumes",
        &[
            json!(null),
            json!([]),
            json!([{"name": "v", "emptyDir": {}, "hostPath": null}]),
        ],
    );
}

#[test]
fn host_ports_are_refused() {
    for (list, name) in LISTS {
        let path = format!("spec/{list}/0/ports");
        allowed(
            &path,
            &[
                json!([{"containerPort": 80}]),
                json!([{"containerPort": 80, "hostPort": 0}]),
                json!([{"containerPort": 80, "hostPort": null}]),
            ],
        );
        refused_by_both(
            &path,
            json!([{"containerPort": 80, "hostPort": 80}]),
            &format!("hostPort (container \"{name}\" uses hostPort 80)"),
        );
        refused_by_both(
            &path,
            json!([{"hostPort": 443}, {"hostPort": 80}]),
            &format!("hostPort (container \"{name}\" uses hostPorts 443, 80)"),
        );
    }
}

#[test]
fn probes_and_handlers_that_name_a_host_are_refused() {
    for (list, name) in LISTS {
        for handler in [
            "livenessProbe",
            "readinessProbe",
            "startupProbe",
            "lifecycle/postStart",
            "lifecycle/preStop",
        ] {
            for kind in ["httpGet", "tcpSocket"] {
                let path = format!("spec/{list}/0/{handler}/{kind}");
                allowed(
                    &path,
                    &[json!({"port": 80}), json!({"port": 80, "host": ""})],
                );
                // The metadata service of many clouds, which the pod itself may not reach.
                refused_by_both(
                    &path,
                    json!({"port": 80, "host": "169.254.169.254"}),
                    &format!(
                        "probe or lifecycle host (container \"{name}\" uses probe or lifecycle \
                         host \"169.254.169.254\")"
                    ),
                );
            }
        }
    }
}

#[test]
fn proc_is_unmasked_only_in_a_user_namespace_and_never_under_restricted() {
    for (list, name) in LISTS {
        let path = format!("spec/{list}/0/securityContext/procMount");
        allowed(&path, &[json!("Default"), json!(null)]);
        let message = format!(
            "procMount (container \"{name}\" must not set securityContext.procMount to \"Unmasked\")"
        );
        refused_by_both(&path, json!("Unmasked"), &message);
        let mut pod = pod_with(&path, json!("Unmasked"));
        set(&mut pod, "spec/hostUsers", json!(false));
        assert_eq!(judge(Profile::Baseline, &pod), "");
        assert_eq!(judge(Profile::Restricted, &pod), message);
        set(&mut pod, "spec/hostUsers", json!(true));
        assert_eq!(judge(Profile::Baseline, &pod), message);
    }
}

#[test]
fn sysctls_off_the_safe_list_are_refused() {
    let path = "spec/securityContext/sysctls";
    let safe = [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    ];
    for name in safe {
        allowed(path, &[json!([{"name": name, "value": "1"}])]);
    }
    // The kubelet reads a slash as a dot; such a name is on no list.
    for name in [
        "kernel.core_pattern",
        "kernel/shm_rmid_forced",
        "net.ipv4.ip_forward",
        "",
    ] {
        refused_by_both(
            path,
            json!([{"name": "net.ipv4.tcp_rmem"}, {"name": name}]),
            &format!("forbidden sysctls ({name})"),
        );
    }
    refused_by_both(path, json!([{"value": "1"}]), "forbidden sysctls ()");
}

#[test]
fn windows_host_processes_are_refused() {
    for (list, name) in LISTS {
        let path = format!("spec/{list}/0/securityContext/windowsOptions/hostProcess");
        allowed(&path, &[json!(false), json!(null)]);
        let message = format!(
            "hostProcess (container \"{name}\" must not set \
             securityContext.windowsOptions.hostProcess=true)"
        );
        refused_by_both(&path, json!(true), &message);
    }
    let path = "spec/securityContext/windowsOptions/hostProcess";
    let mut pod = pod_with(path, json!(true));
    let message = "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)";
    assert_eq!(judge(Profile::Baseline, &pod), message);
    let path = "spec/containers/0/securityContext/windowsOptions/hostProcess";
    set(&mut pod, path, json!(true));
    assert_eq!(
        judge(Profile::Restricted, &pod),
        message.replace("pod must", "pod and container \"a\" must")
    );
}
