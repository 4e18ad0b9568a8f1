#!/bin/bash
# What runs inside the box: starts, stops and asks about components. Called by
# `inside` in lib/box.sh; pids here are the box's own.
set -u
HERE=/run/vc/src
# shellcheck source=tests/host/versions.sh
. $HERE/versions.sh
# shellcheck source=tests/host/lib/common.sh
. $HERE/lib/common.sh
# shellcheck source=tests/host/lib/box.sh
. $HERE/lib/box.sh
# shellcheck source=tests/host/lib/config.sh
. $HERE/lib/config.sh

STATE=/run/vc/state
# shellcheck source=/dev/null
. $STATE/box.env
use_index "$INDEX"
PKI=$STATE/pki

kubectl() { "$BIN/kubectl" --kubeconfig $PKI/admin.kubeconfig "$@"; }

# Each is the component's own word that it works, not that a process exists.
ready() {
	case $1 in
	containerd) ctr version ;;
	etcd) "$BIN/etcdctl" --endpoints http://127.0.0.1:2379 endpoint health ;;
	kube-apiserver) kubectl get --raw /readyz ;;
	kube-controller-manager) healthz 10257 ;;
	kube-scheduler) healthz 10259 ;;
	kubelet) healthz 10248 ;;
	kube-proxy) healthz 10249 ;;
	esac >/dev/null 2>&1
}
# healthz PORT: a listener is enough here; whether the component works is then
# asked of the cluster (node Ready, Deployments rolled out).
healthz() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

spawn() {
	local pid
	command_of "$1" || die "no component $1"
	rm -f "$STATE/stopped-$1"
	! is_running "$STATE/pids/$1" || return 0
	detached "$STATE/log/$1.log" "${COMMAND[@]}" &
	pid=$!
	record "$STATE/pids/$1" "$pid"
}

start() {
	spawn "$1"
	wait_for 60 "$1" alive_and_ready "$1" || {
		log "the end of its log ($1):"
		tail -5 "$STATE/log/$1.log" >&2
		return 1
	}
}
alive_and_ready() { is_running "$STATE/pids/$1" && ready "$1"; }

# stop COMPONENT [SECONDS]: waits for its end, and kills what has not ended by
# then: an API server waits for its clients, and may do so for a minute.
stop() {
	local pid
	is_running "$STATE/pids/$1" || return 0
	read -r pid _ <"$STATE/pids/$1"
	if [ "${2:-15}" = 0 ] || ! kill "$pid" || ! wait_for "${2:-15}" "$1 to end: killing it" stopped "$1"; then
		kill -9 "$pid" 2>/dev/null
		wait_for 5 "$1 to die" stopped "$1"
	fi
	rm -f "$STATE/pids/$1"
}
stopped() { ! is_running "$STATE/pids/$1"; }

import() {
	local archive
	for archive; do
		ctr -n k8s.io images import "$archive" >>$STATE/log/images.log 2>&1 || {
			tail -3 $STATE/log/images.log >&2
			return 1
		}
	done
}

import_all() {
	local image
	# what the cluster needs for itself comes first
	for image in pause coredns local-path-provisioner busybox etcd kube-controller-manager kube-apiserver agnhost \
		metrics-server; do
		import "$IMAGES/$image.tar" || return 1
	done
	import "$SOFTWARE"/*.tar "$OLDER"/*.tar "$PREVIOUS"/*.tar
}

manifest() {
	sed -e "s|@DNS_IP@|$DNS_IP|g" -e "s|@IMAGE_COREDNS@|$IMAGE_COREDNS|g" \
		-e "s|@IMAGE_LOCAL_PATH@|$IMAGE_LOCAL_PATH|g" -e "s|@IMAGE_BUSYBOX@|$IMAGE_BUSYBOX|g" \
		-e "s|@IMAGE_METRICS_SERVER@|$IMAGE_METRICS_SERVER|g" "$1"
}

# create: the whole cluster, in a new box. Only what needs another waits for it.
create() {
	local importing c
	"$TOOL" pki -dir $PKI -server "https://$NODE_IP:6443" -node-ip "$NODE_IP" \
		-service-ip "$SERVICE_IP" -node-name "$NODE_NAME" || die "could not make certificates"
	write_config
	make_cgroups

	spawn containerd
	spawn etcd
	# it retries until etcd answers
	spawn kube-apiserver
	{ wait_for 30 containerd ready containerd && import_all; } &
	importing=$!
	start kube-apiserver || return 1
	for c in kube-controller-manager kube-scheduler kubelet kube-proxy; do spawn $c; done
	for c in "$HERE"/manifests/*.yaml; do
		manifest "$c"
		echo ---
	done | kubectl apply --server-side -f - >>$STATE/log/manifests.log 2>&1 || {
		tail -5 $STATE/log/manifests.log >&2
		return 1
	}
	for c in $COMPONENTS; do start "$c" || return 1; done
	wait $importing || return 1
	wait_for 60 "the node to be Ready" node_ready &&
		# pods cannot be created before it is there
		wait_for 30 "the default ServiceAccount" kubectl -n default get serviceaccount default
}
# make_cgroups: version 1 has a tree for each controller, version 2 one for all.
make_cgroups() {
	local controller
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		mkdir -p "/sys/fs/cgroup/$CGROUP"
		return
	fi
	for controller in /sys/fs/cgroup/*; do
		[ ! -e "$controller/cgroup.procs" ] || mkdir -p "$controller/$CGROUP"
	done
}
node_ready() {
	[ "$(kubectl get node "$NODE_NAME" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]
}

# intact: nothing has ended that was not stopped by `host stop`.
intact() {
	local c
	for c in $COMPONENTS; do
		[ -e "$STATE/stopped-$c" ] || is_running "$STATE/pids/$c" || {
			log "$c has ended"
			return 1
		}
	done
}

resume() {
	local c
	for c in $COMPONENTS; do
		[ ! -e "$STATE/stopped-$c" ] || start "$c" || return 1
	done
	ready kube-apiserver || wait_for 30 kube-apiserver ready kube-apiserver
}

status() {
	local c pid word
	for c in $COMPONENTS; do
		word=ended pid=-
		[ ! -e "$STATE/stopped-$c" ] || word=stopped
		if is_running "$STATE/pids/$c"; then
			read -r pid _ <"$STATE/pids/$c"
			word=running
			ready "$c" || word="running, not ready"
		fi
		printf '%-24s %-8s %s\n' "$c" "$pid" "$word"
	done
}

"$@"
