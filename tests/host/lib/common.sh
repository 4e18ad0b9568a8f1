# shellcheck shell=bash disable=SC2034 # what is set here is read elsewhere
# Names, places and small helpers that every part shares.

CHECKOUT=$(cd "$HERE/../.." && pwd -P)
HASH=$(printf %s "$CHECKOUT" | sha256sum | cut -c1-8)
STATE=${XDG_STATE_HOME:-${HOME:-/root}/.local/state}/vc-host/$HASH
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/vc-host
NODE_NAME=vc-host
COMPONENTS="containerd etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy"

log() { printf 'host: %s\n' "$*" >&2; }
die() {
	printf 'host: error: %s\n' "$*" >&2
	exit 1
}

# birth PID: the boot and the tick in which a process began. With the pid it
# names one process for good: a recycled pid was born at another time.
birth() {
	local stat boot
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	boot=$(cat /proc/sys/kernel/random/boot_id)
	# the command's name may hold spaces and brackets: cut it off first
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	[ "$1" != Z ] && echo "$boot-${20}"
}

# record FILE PID: remember a process. is_running FILE: is that one still there?
record() { echo "$2 $(birth "$2")" >"$1.new" && mv "$1.new" "$1"; }
is_running() {
	local pid born
	read -r pid born 2>/dev/null <"$1" || return 1
	[ -n "$born" ] && [ "$(birth "$pid")" = "$born" ]
}

# wait_for SECONDS WHAT COMMAND...: poll a command until it succeeds.
wait_for() {
	local until=$((${EPOCHREALTIME/./} + $1 * 1000000)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt "$until" ] || {
			log "gave up waiting for $what"
			return 1
		}
		sleep 0.1
	done
}

# with_lock FILE COMMAND...: one at a time. FILE may be a directory that exists.
with_lock() {
	local lock status=0
	[ -e "$1" ] || : >>"$1" || die "could not write ${1%/*}"
	exec {lock}<"$1"
	flock "$lock"
	shift
	"$@" || status=$?
	exec {lock}>&-
	return $status
}

# detached LOG COMMAND...: become the command, cut loose from the caller: a
# session of its own and none of its files, neither a lock nor the pipe of a
# caller that reads our output to its end. To be run as a background job.
detached() {
	local fd log=$1
	shift
	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		[ "$fd" -le 2 ] || eval "exec $fd>&-" 2>/dev/null
	done
	cd /
	exec setsid "$@" </dev/null >>"$log" 2>&1
}
