# shellcheck shell=bash
# What building and checking needs, installed where it is missing. Sourced by tests/run, tests/demo, benches/run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
tools=${XDG_CACHE_HOME:-$HOME/.cache}/vc-tools
# Cargo.toml's rust-version.
rust_minimum=1.95
cargo_deny_version=0.20.2
cargo_fuzz_version=0.13.1
# The host cluster that the caller names; empty where we raise one.
given_host=${VC_TEST_KUBECONFIG:-}

say() { printf '\n\033[1m== %s\033[0m\n' "$*" >&2; }

die() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# at_exit COMMAND...: runs it when the script ends, the last one first.
at_exit_commands=()
at_exit() { at_exit_commands=("$(printf '%q ' "$@")" "${at_exit_commands[@]}"); }
run_at_exit() {
	local command
	for command in "${at_exit_commands[@]}"; do eval "$command"; done
}
trap run_at_exit EXIT

# apt_install PACKAGE...: as root, or by sudo.
apt_install() {
	command -v apt-get >/dev/null || die "these are missing, and there is no apt-get to install them with: $*"
	local as_root=()
	[ "$(id -u)" = 0 ] || as_root=(sudo)
	say "installing $*"
	export DEBIAN_FRONTEND=noninteractive
	"${as_root[@]}" apt-get install -y -q --no-install-recommends "$@" >&2 </dev/null || {
		"${as_root[@]}" apt-get update -q >&2 </dev/null
		"${as_root[@]}" apt-get install -y -q --no-install-recommends "$@" >&2 </dev/null
	}
}

# need PROGRAM:PACKAGE...: installs the packages whose program is not there.
need() {
	local pair missing=()
	for pair; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	[ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# need_rust: rustup's toolchain if there is one, else Debian's own, which for Debian 12 is kept new
# enough under these names because browsers are built with it.
need_rust() {
	if ! command -v cargo >/dev/null; then
		apt_install rustc-web cargo-web rustfmt-web rust-web-clippy
	fi
	need cc:gcc git:git
	local version
	version=$(cd "$root" && rustc --version | cut -d' ' -f2)
	[ "$(printf '%s\n' "$rust_minimum" "$version" | sort -V | head -n1)" = "$rust_minimum" ] ||
		die "Rust $rust_minimum or newer is needed, this is $version; get it with rustup"
}

# need_cargo_program NAME VERSION: built once and kept beside the checkout's caches, by version; sets program.
need_cargo_program() {
	program=$tools/$1-$2/bin/$1
	[ ! -x "$program" ] || return 0
	say "building $1 $2"
	cargo install --quiet --locked --root "${program%/bin/*}" --version "$2" "$1"
}

need_cargo_deny() {
	need_cargo_program cargo-deny "$cargo_deny_version"
	# shellcheck disable=SC2034 # for who calls
	cargo_deny=$program
}

# need_cargo_fuzz: the engine that it builds is C++.
need_cargo_fuzz() {
	need c++:g++
	need_cargo_program cargo-fuzz "$cargo_fuzz_version"
	# shellcheck disable=SC2034 # for who calls
	cargo_fuzz=$program
}

# need_go_program NAME DIRECTORY PACKAGE: the same of a Go module, with the Go by which the host is built; sets program.
# Returns 1 where it cannot be built.
need_go_program() {
	local key
	key=$(cat "$root/$2"/go.* | sha256sum | cut -c1-12)
	program=$tools/$1-$key/$1
	[ ! -x "$program" ] || return 0
	say "building $1"
	mkdir -p "${program%/*}"
	(cd "$root/$2" &&
		"$root/tests/host/host" go build -mod=readonly -trimpath -ldflags "-s -w" -o "$program.new" "$3") || return 1
	mv "$program.new" "$program"
}

need_actionlint() {
	need_go_program actionlint tests/actionlint github.com/rhysd/actionlint/cmd/actionlint
	# shellcheck disable=SC2034 # for who calls
	actionlint=$program
}

# need_kwok: what plays fake nodes; its caller does without it where it cannot be built.
need_kwok() {
	need_go_program kwok benches/kwok sigs.k8s.io/kwok/cmd/kwok || return 1
	# shellcheck disable=SC2034 # for who calls
	kwok=$program
}

# need_host: sets VC_TEST_KUBECONFIG and VC_TEST_KUBECTL to a host cluster: the one that is named, or one
# of our own, which is removed at the end if it was not there before; then also VC_TEST_SOFTWARE.
need_host() {
	if [ -n "$given_host" ]; then
		need_kubectl
		return
	fi
	local host=$root/tests/host/host
	"$host" status >/dev/null 2>&1 || at_exit "$host" down
	say "raising the host cluster"
	VC_TEST_KUBECONFIG=$("$host" up | tail -n1)
	VC_TEST_KUBECTL=$(dirname "$VC_TEST_KUBECONFIG")/../bin/kubectl
	VC_TEST_SOFTWARE=$(dirname "$VC_TEST_KUBECONFIG")/../software
	export VC_TEST_KUBECONFIG VC_TEST_KUBECTL VC_TEST_SOFTWARE
}

need_kubectl() {
	VC_TEST_KUBECTL=${VC_TEST_KUBECTL:-$(command -v kubectl)} || die "kubectl is needed beside VC_TEST_KUBECONFIG"
	export VC_TEST_KUBECTL
}

# need_vc_image [PROFILE]: sets VC_TEST_BINARY to a build of vc that runs alone, and VC_IMAGE to its image, which the
# node of our own host then has. To a host that the caller names nothing can be brought, so there the
# caller names the image, too.
# shellcheck disable=SC2120 # Those who want the usual profile pass none.
need_vc_image() {
	local profile=${1:-quick} built
	if [ -n "$given_host" ]; then
		[ -n "${VC_IMAGE:-}" ] || die "VC_TEST_KUBECONFIG names a host, so VC_IMAGE has to name an image of vc that" \
			"its nodes have or can pull; \`vc image save\` writes one"
		export VC_IMAGE
		return
	fi
	say "building vc and its image"
	(cd "$root" && cargo rustc --quiet --profile "$profile" --bin vc -- -C target-feature=+crt-static)
	built=$root/target/$profile
	VC_TEST_BINARY=$built/vc
	VC_IMAGE=vc.local/vc:$("$VC_TEST_BINARY" version | cut -d' ' -f2)
	"$VC_TEST_BINARY" image save --quiet --tag "$VC_IMAGE" --output "$built/vc.tar"
	# The tag is moved to this build: what is created from now on runs it.
	"$root/tests/host/host" load "$built/vc.tar"
	export VC_TEST_BINARY VC_IMAGE
}
