# shellcheck shell=bash
# Debian packages: installs those whose program is missing, and no others.

# program:package, or file:package where it is on no PATH
PACKAGES="containerd:containerd ctr:containerd runc:runc /usr/lib/cni/bridge:containernetworking-plugins
	iptables:iptables conntrack:conntrack socat:socat ethtool:ethtool ip:iproute2 modprobe:kmod
	nsenter:util-linux unshare:util-linux flock:util-linux mount:mount"

install_packages() {
	local pair missing=""
	# shellcheck disable=SC2086
	set -- $PACKAGES "$@"
	for pair; do
		[ -e "${pair%%:*}" ] || command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair#*:}"
	done
	[ -n "$missing" ] || return 0
	missing=$(tr ' ' '\n' <<<"$missing" | sort -u | xargs)
	command -v apt-get >/dev/null ||
		die "these are missing and there is no apt-get to install them with: $missing"
	log "installing: $missing"
	with_lock "$CACHE/apt.lock" apt_install "$missing"
}

# containerd's package would start its service. policy-rc.d is Debian's own way
# to say no; a policy that the machine has is kept as it was.
apt_install() {
	local policy=/usr/sbin/policy-rc.d made="" ok=yes
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
		made=yes
	fi
	# shellcheck disable=SC2086
	{
		export DEBIAN_FRONTEND=noninteractive
		apt-get install -y --no-install-recommends $1 ||
			{ apt-get update && apt-get install -y --no-install-recommends $1; }
	} >"$CACHE/apt.log" 2>&1 </dev/null || ok=""
	[ -z "$made" ] || rm -f $policy
	# nor is it to start with the machine, if it came only now
	case " $1 " in *" containerd "*) systemctl disable containerd >/dev/null 2>&1 ;; esac
	[ -n "$ok" ] || {
		tail -5 "$CACHE/apt.log" >&2
		die "apt-get could not install: $1 (all of its output: $CACHE/apt.log)"
	}
}

# fetch_busybox DIR: the static busybox, taken out of its package rather than
# installed: the package conflicts with the plain busybox that a machine may have.
fetch_busybox() {
	(cd "$1" && { apt-get download busybox-static || { apt-get update && apt-get download busybox-static; }; }) &&
		dpkg-deb -x "$1"/busybox-static_*.deb "$1/package" &&
		find "$1/package" -path '*bin/busybox' -type f -exec mv {} "$1/busybox" \;
}
