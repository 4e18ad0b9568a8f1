//! What the baseline profile forbids, but for AppArmor, SELinux and seccomp.
//!
//! In: a pod. Out: what it does that baseline forbids. Never: a look at other fields, or at the host.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>

use serde_json::Value;

use super::Violation;
use super::pod::{Pod, elements, field, text, unless_allowed};
use super::words::{listed, named, plural, quoted, verb, violation};

/// What container runtimes give every container; NET_RAW is not among them, although they do.
const DEFAULT_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Kernel settings that concern the pod alone.
const SAFE_SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];

/// Where a container can say what the kubelet is to call.
pub(super) const HANDLERS: [&str; 5] = [
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle.postStart",
    "lifecycle.preStop",
];

/// Where such a place can name a host.
const HANDLER_HOSTS: [&str; 2] = ["httpGet.host", "tcpSocket.host"];

/// Whether a switch that has to be off is on, or is anything else but off.
pub(super) fn is_on(value: &Value) -> bool {
    !value.is_null() && *value != false
}

pub(super) fn host_namespaces(pod: &Pod<'_>) -> Option<Violation> {
    let fields = ["hostNetwork", "hostPID", "hostIPC"];
    let on = fields.iter().filter(|field| is_on(&pod.spec[**field]));
    let on: Vec<String> = on.map(|field| format!("{field}=true")).collect();
    (!on.is_empty()).then(|| violation("host namespaces", on.join(", ")))
}

pub(super) fn privileged(pod: &Pod<'_>) -> Option<Violation> {
    let bad =
        pod.containers_that(|container| is_on(field(container, "securityContext.privileged")));
    (!bad.is_empty()).then(|| {
        let who = named("container", &bad);
        violation(
            "privileged",
            format!("{who} must not set securityContext.privileged=true"),
        )
    })
}

pub(super) fn capabilities(pod: &Pod<'_>) -> Option<Violation> {
    let bad = pod.containers_with(|container| added_beyond(container, &DEFAULT_CAPABILITIES));
    let who = bad.setters()?;
    Some(violation(
        "non-default capabilities",
        format!(
            "{who} must not include {} in securityContext.capabilities.add",
            quoted(&bad.values)
        ),
    ))
}

/// Capabilities that a container adds and that are not allowed.
pub(super) fn added_beyond(container: &Value, allowed: &[&str]) -> Vec<String> {
    let added = elements(field(container, "securityContext.capabilities.add"));
    let bad = added
        .iter()
        .filter(|one| !one.as_str().is_some_and(|one| allowed.contains(&one)));
    bad.map(text).collect()
}

pub(super) fn host_path_volumes(pod: &Pod<'_>) -> Option<Violation> {
    let volumes = elements(&pod.spec["volumes"]).iter();
    let bad: Vec<&str> = volumes
        .filter(|volume| !volume["hostPath"].is_null())
        .map(|volume| volume["name"].as_str().unwrap_or_default())
        .collect();
    (!bad.is_empty()).then(|| violation("hostPath volumes", named("volume", &bad)))
}

pub(super) fn host_ports(pod: &Pod<'_>) -> Option<Violation> {
    let bad = pod.containers_with(|container| {
        let ports = elements(&container["ports"])
            .iter()
            .map(|port| &port["hostPort"]);
        ports
            .filter(|port| !port.is_null() && **port != 0)
            .map(text)
            .collect()
    });
    let who = bad.setters()?;
    let uses = verb("use", bad.containers.len());
    let ports = listed("hostPort", &bad.values);
    Some(violation("hostPort", format!("{who} {uses} {ports}")))
}

/// Since 1.34: the kubelet calls from the node, so a host of the user's choice is one that the node
/// reaches and the pod may not. <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
pub(super) fn probe_hosts(pod: &Pod<'_>) -> Option<Violation> {
    let bad = pod.containers_with(|container| {
        let hosts = HANDLERS.iter().flat_map(|path| {
            let handler = field(container, path);
            HANDLER_HOSTS.map(|kind| field(handler, kind))
        });
        hosts
            .filter_map(|host| unless_allowed(host, &[""]))
            .collect()
    });
    let who = bad.setters()?;
    let uses = verb("use", bad.containers.len());
    let hosts = plural("probe or lifecycle host", bad.values.len());
    let values = quoted(&bad.values);
    Some(violation(
        "probe or lifecycle host",
        format!("{who} {uses} {hosts} {values}"),
    ))
}

/// Whatever `/proc` hides is the kernel's, and so the host's, unless the pod's root is nobody there.
pub(super) fn proc_mount(pod: &Pod<'_>) -> Option<Violation> {
    if pod.has_own_users() {
        None
    } else {
        unmasked_proc(pod)
    }
}

/// Containers that want another `/proc` than the default.
pub(super) fn unmasked_proc(pod: &Pod<'_>) -> Option<Violation> {
    let bad = pod.containers_with(|container| {
        let value = field(container, "securityContext.procMount");
        unless_allowed(value, &["Default"]).into_iter().collect()
    });
    let who = bad.setters()?;
    let values = quoted(&bad.values);
    Some(violation(
        "procMount",
        format!("{who} must not set securityContext.procMount to {values}"),
    ))
}

pub(super) fn sysctls(pod: &Pod<'_>) -> Option<Violation> {
    let set = elements(field(pod.spec, "securityContext.sysctls")).iter();
    // A name that is absent is not on the list either.
    let names: Vec<String> = set
        .map(|sysctl| sysctl["name"].as_str().unwrap_or_default())
        .filter(|name| !SAFE_SYSCTLS.contains(name))
        .map(str::to_owned)
        .collect();
    (!names.is_empty()).then(|| violation("forbidden sysctls", names.join(", ")))
}

pub(super) fn windows_host_process(pod: &Pod<'_>) -> Option<Violation> {
    let bad = pod.contexts_with(|context| {
        let value = field(context, "windowsOptions.hostProcess");
        Vec::from_iter(is_on(value).then(|| text(value)))
    });
    let who = bad.setters()?;
    Some(violation(
        "hostProcess",
        format!("{who} must not set securityContext.windowsOptions.hostProcess=true"),
    ))
}
