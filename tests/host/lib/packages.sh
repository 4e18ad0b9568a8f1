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

# fetch_postgresql DIR: makes DIR/root, a root directory with Debian's PostgreSQL, the libraries that it is linked to,
# and a shell, which initdb needs. Left out are what would configure it on a machine and its just-in-time compiler.
fetch_postgresql() {
	local archive program root=$1/root home=/usr/lib/postgresql/$POSTGRESQL_VERSION
	mkdir -p "$root/bin" "$root/usr/bin" "$1/archives/partial" &&
		{ download_postgresql "$1" || { apt-get update && download_postgresql "$1"; }; } &&
		fetch_busybox "$1" && mv "$1/busybox" "$root/bin/" || return 1
	for archive in "$1"/archives/{lib,zlib,postgresql-}*.deb; do
		dpkg-deb -x "$archive" "$root" || return 1
	done
	rm -r "$root"/usr/share/{doc,man} "$root$home"/lib/{bitcode,llvm*} || return 1
	for program in initdb postgres psql pg_isready; do
		ln -s "$home/bin/$program" "$root/usr/bin/" || return 1
	done
	ln -s busybox "$root/bin/sh" && ln -s busybox "$root/bin/sleep"
}
download_postgresql() {
	local package libraries
	for package in postgresql-$POSTGRESQL_VERSION postgresql-client-$POSTGRESQL_VERSION; do
		(cd "$1/archives" && apt-get download "$package") || return 1
		libraries="${libraries:-} $(dpkg-deb -f "$1/archives/$package"_*.deb Depends | tr ',' '\n' |
			sed -n -e /llvm/d -e 's/^ *\(z\{0,1\}lib[^ ]*\).*/\1/p')"
	done
	# As if no package were installed here, so that all that are needed come.
	: >"$1/status"
	# shellcheck disable=SC2086
	apt-get install -y --download-only --no-install-recommends -o Dir::State::status="$1/status" \
		-o Dir::Cache::archives="$1/archives" $libraries
}

# debian_root WORK ROOT PACKAGE...: makes the directory ROOT of these packages and all that they depend on, unpacked and
# not configured. Left out is what a container needs not.
debian_root() {
	local work=$1/packages root=$2 archive
	shift 2
	rm -rf "$work" && mkdir -p "$work/archives/partial" "$root" && : >"$work/status" &&
		{ download_with_dependencies "$work" "$@" || { apt-get update && download_with_dependencies "$work" "$@"; }; } ||
		return 1
	for archive in "$work"/archives/*.deb; do
		case ${archive##*/} in
		debconf_* | dpkg_* | perl-base_* | adduser_* | passwd_* | tar_* | coreutils_* | init-system-helpers_*) ;;
		*) dpkg-deb -x "$archive" "$root" || return 1 ;;
		esac
	done
	rm -rf "$root"/usr/share/{doc,man,info,locale,lintian,bug} "$work"
}
download_with_dependencies() {
	local work=$1
	shift
	apt-get install -y --download-only --no-install-recommends -o Dir::State::status="$work/status" \
		-o Dir::Cache::archives="$work/archives" "$@"
}
