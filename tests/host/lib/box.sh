# shellcheck shell=bash
# The box: PID, mount and network namespaces in which the whole host lives, with
# its own /var, /run, addresses and iptables. So the machine keeps its own as
# they were, two checkouts do not meet, and when the box's first process ends,
# by `down` or by kill -9, the kernel ends every process and mount in it.
#
# What is left on the machine's side: one veth end with its routes, and cgroups.

box_exists() { is_running "$STATE/box.pid"; }

# in_box COMMAND...: run inside. Its paths are the box's: see lib/box-init.sh.
in_box() {
	local pid
	read -r pid _ <"$STATE/box.pid" || return 1
	nsenter --target "$pid" --mount --pid --net -- "$@"
}
# inside FUNCTION...: one of lib/inside.sh. The caller's environment stays outside:
# a proxy set in it, say, is none for the cluster's own addresses.
inside() {
	in_box env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run/vc \
		bash /run/vc/src/lib/inside.sh "$@"
}

# use_index N: everything of the host that must differ between two checkouts.
# shellcheck disable=SC2034 # read by the other files
use_index() {
	NET=10.$1
	LINK=vch-$1
	NODE_IP=$NET.255.1 # the node's and the API server's address, in the box
	PEER_IP=$NET.255.2 # the machine's end of the link to it
	POD_CIDR=$NET.0.0/22 # all of it the one node's
	SERVICE_CIDR=$NET.128.0/20
	SERVICE_IP=$NET.128.1
	DNS_IP=$NET.128.10
	CGROUP=vch-$1
}

make_box() {
	local holder
	mkdir -p "$STATE"/{etc,log,pids,run,var/log,var/tmp,var/lib,bin}
	chmod 700 "$STATE"
	ln -sfn /run "$STATE/var/run"

	# unshare stays as the parent of the box's first process, and by
	# --kill-child that one goes when it does.
	detached "$STATE/log/box.log" unshare --pid --mount --net --fork --kill-child \
		bash "$HERE/lib/box-init.sh" "$HERE" "$STATE" "$CACHE" "$TOOL" &
	wait_for 5 "the namespaces" test -e "$STATE/box-ready" ||
		die "could not make namespaces: $(tail -3 "$STATE/log/box.log")"
	read -r holder _ <"$STATE/box.pid"

	make_link "$holder"
	cat >"$STATE/box.env" <<-EOF
		INDEX=$INDEX
		BIN=/run/vc/cache/${KUBE##*/}
		IMAGES=/run/vc/cache/${IMAGES##*/}
		SOFTWARE=/run/vc/cache/${SOFTWARE##*/}
		OLDER=/run/vc/cache/${OLDER##*/}
		PREVIOUS=/run/vc/cache/${PREVIOUS##*/}
		TOOL=/run/vc/cache/${TOOL#"$CACHE"/}
	EOF
}

# make_link HOLDER: the veth pair. Its name is also the claim on an index: only
# one can make it, and it goes with the box.
make_link() {
	local try error
	for ((try = 0; try < 96; try++)); do
		INDEX=$((128 + (0x$HASH + try) % 96))
		[ -z "${VC_HOST_INDEX:-}" ] || INDEX=$VC_HOST_INDEX
		use_index "$INDEX"
		if range_is_free && error=$(ip link add "$LINK" type veth peer name eth0 netns "$1" 2>&1); then
			break
		fi
		[ -z "${VC_HOST_INDEX:-}" ] || die "VC_HOST_INDEX=$INDEX: $NET.0.0/16 or the link $LINK is taken. ${error:-}"
		case ${error:-} in
		"" | *exists*) ;;
		*) die "could not make a veth link (root and the veth module are needed): $error" ;;
		esac
	done
	echo "$INDEX" >"$STATE/index"
	ip link set "$LINK" alias "vc-host $HASH"
	ip addr add "$PEER_IP/30" dev "$LINK"
	ip link set "$LINK" up
	in_box sh -e -c "
		ip link set lo up
		ip addr add $NODE_IP/30 dev eth0
		ip link set eth0 up
		# Cluster IPs leave by a link where nothing listens unless kube-proxy
		# translates them; there is no way out of the box but to the machine.
		ip route add $SERVICE_CIDR via $PEER_IP src $NODE_IP
		echo 1 >/proc/sys/net/ipv4/ip_forward
		for f in iptables ip6tables; do echo 1 >/proc/sys/net/bridge/bridge-nf-call-\$f; done
	" || die "could not set up the box's network"
	# The machine reaches pods and Services as a node would.
	ip route add "$POD_CIDR" via "$NODE_IP"
	ip route add "$SERVICE_CIDR" via "$NODE_IP"
}

# range_is_free: nothing but a default route leads to the range already.
range_is_free() {
	! ip link show "$LINK" >/dev/null 2>&1 &&
		[ -z "$(ip -4 route show table all root "$NET.0.0/16" 2>/dev/null)" ] &&
		! ip -4 route show match "$NODE_IP" | grep -qv '^default'
}

# remove_box: everything that make_box and the host made, whatever state it is in.
remove_box() {
	local pid index dir
	if box_exists; then
		read -r pid _ <"$STATE/box.pid"
		kill -9 "$pid" 2>/dev/null
		wait_for 20 "the box's processes to end" box_is_gone
	fi
	if index=$(cat "$STATE/index" 2>/dev/null); then
		use_index "$index"
		# with the box's network namespace the kernel removes it, at its leisure
		if [ "$(cat "/sys/class/net/$LINK/ifalias" 2>/dev/null)" = "vc-host $HASH" ]; then
			ip link delete "$LINK" 2>/dev/null
		fi
		for dir in /sys/fs/cgroup/"$CGROUP" /sys/fs/cgroup/*/"$CGROUP"; do
			[ ! -d "$dir" ] || wait_for 10 "the cgroup $dir" remove_cgroup "$dir"
		done
	fi
	rm -rf --one-file-system "$STATE"
	rmdir "${STATE%/*}" 2>/dev/null
	return 0
}
box_is_gone() { ! box_exists; }
remove_cgroup() {
	find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
	[ ! -d "$1" ]
}
