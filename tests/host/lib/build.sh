# shellcheck shell=bash
# Builds what the host runs, once for each set of inputs, into a cache that all
# checkouts share. A result is a directory named by the hash of its inputs; it
# is built under another name and renamed, so what is there is whole.

# find_go: sets GO to a Go that is new enough.
find_go() {
	local candidate
	for candidate in go /usr/local/go/bin/go "$CACHE/go-$GO_FALLBACK/bin/go"; do
		if command -v "$candidate" >/dev/null && go_is_enough "$candidate"; then
			GO=$candidate
			return
		fi
	done
	fetch_go
	GO=$CACHE/go-$GO_FALLBACK/bin/go
}

go_is_enough() {
	local version
	version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
	version=${version#go}
	[ "$(printf '%s\n' "$GO_MINIMUM" "${version%% *}" | sort -V | head -1)" = "$GO_MINIMUM" ]
}

# fetch_go: Debian's Go is too old to build Kubernetes, but can fetch the
# toolchain of a newer one, which is a Go module like any other.
fetch_go() {
	local go module
	log "no Go of at least $GO_MINIMUM here: fetching $GO_FALLBACK"
	install_packages go:golang-go
	go=$(command -v go)
	module=golang.org/toolchain@v0.0.1-go$GO_FALLBACK.$(go env GOOS)-$(go env GOARCH)
	module=$(GOTOOLCHAIN=local GOFLAGS=-modcacherw "$go" mod download -json "$module" |
		sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
	[ -d "$module" ] || die "could not fetch Go $GO_FALLBACK; install Go $GO_MINIMUM or newer and put it on PATH"
	rm -rf "$CACHE/go.new"
	cp -r "$module" "$CACHE/go.new"
	# a module's files are stored without their execute bits
	chmod -R u+w,a+rx "$CACHE/go.new/bin" "$CACHE/go.new/pkg/tool"
	mv "$CACHE/go.new" "$CACHE/go-$GO_FALLBACK"
}

# go_do ARGS...: go, for which only what is set here decides the result; the caller's proxy settings stay.
go_do() { env -u GOROOT -u GOOS -u GOARCH CGO_ENABLED=0 GOWORK=off GOTOOLCHAIN=local GOFLAGS='' "$GO" "$@"; }

go_build() { go_do build -mod=readonly -trimpath -buildvcs=false "$@"; }

# key FILE...: the hash that names a build of these files on this kind of machine.
# Go's version is no part of it: with a filled cache a machine needs no Go.
key() { { uname -m; cat "$@"; } | sha256sum | cut -c1-12; }

# cached NAME DIR COMMAND...: make DIR with the command, which gets the
# directory to fill, unless it is there. Waits for another checkout's build.
cached() {
	[ -d "$2" ] || with_lock "$CACHE/$1.lock" cached_locked "$@"
}
cached_locked() {
	local name=$1 dir=$2 began=$SECONDS
	shift 2
	[ ! -d "$dir" ] || return 0
	log "building $name (log: $CACHE/$name.log)"
	rm -rf "$CACHE/$name.new"
	mkdir -p "$CACHE/$name.new"
	# shellcheck disable=SC2310
	("$@" "$CACHE/$name.new") >"$CACHE/$name.log" 2>&1 </dev/null || {
		tail -20 "$CACHE/$name.log" >&2
		die "building $name failed"
	}
	mv "$CACHE/$name.new" "$dir"
	log "built $name in $((SECONDS - began)) s"
}

build_tool() { cd "$HERE/tool" && go_build -ldflags "-s -w" -o "$1/hosttool" .; }

# kube_flags VERSION: what Kubernetes' own build tells its programs of themselves.
kube_flags() {
	local flags="-s -w" package
	for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
		flags="$flags -X $package.gitVersion=v$1 -X $package.gitTreeState=clean"
		flags="$flags -X $package.gitMajor=${1%%.*} -X $package.gitMinor=$(echo "$1" | cut -d. -f2)"
	done
	echo "$flags"
}

build_kube() {
	cd "$HERE/kube" && go_build -ldflags "$(kube_flags "$KUBERNETES_VERSION")" -o "$1/" \
		k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy,kubectl} \
		k8s.io/kubernetes/test/images/agnhost \
		go.etcd.io/etcd/{server,etcdctl,etcdutl}/v3 && mv "$1/server" "$1/etcd"
}

build_metrics_server() {
	cd "$HERE/metrics-server" && go_build -ldflags "-s -w -X k8s.io/client-go/pkg/version.gitVersion=v$METRICS_SERVER_VERSION" \
		-o "$1/" sigs.k8s.io/metrics-server/cmd/metrics-server
}

build_addons() {
	(cd "$HERE/coredns" && go_build -ldflags "-s -w" -o "$1/coredns" .) &&
		cd "$HERE/local-path" && go_build -ldflags "-s -w -X main.VERSION=v$LOCAL_PATH_VERSION" \
		-o "$1/" github.com/rancher/local-path-provisioner
}

# build_images DIR: one archive for each image, as faithful to the official one
# as its manifest can tell: paths, no shell, and the one file capability.
build_images() {
	local applet links=() busybox bin=/usr/local/bin
	gcc -Os -s -static -o "$1/pause" "$HERE/images/pause.c" || return 1
	"$TOOL" image -o "$1/pause.tar" -tag "$IMAGE_PAUSE" -cmd /pause -file "$1/pause:/pause" || return 1
	rm "$1/pause"
	"$TOOL" image -o "$1/kube-apiserver.tar" -tag "$IMAGE_APISERVER" \
		-file "$KUBE/kube-apiserver:$bin/kube-apiserver:net_bind_service" || return 1
	"$TOOL" image -o "$1/kube-controller-manager.tar" -tag "$IMAGE_CONTROLLER_MANAGER" \
		-file "$KUBE/kube-controller-manager:$bin/kube-controller-manager" || return 1
	"$TOOL" image -o "$1/etcd.tar" -tag "$IMAGE_ETCD" -file "$KUBE/etcd:$bin/etcd" \
		-file "$KUBE/etcdctl:$bin/etcdctl" -file "$KUBE/etcdutl:$bin/etcdutl" || return 1
	"$TOOL" image -o "$1/coredns.tar" -tag "$IMAGE_COREDNS" -cmd /coredns -file "$ADDONS/coredns:/coredns" || return 1
	"$TOOL" image -o "$1/local-path-provisioner.tar" -tag "$IMAGE_LOCAL_PATH" -cmd local-path-provisioner \
		-file "$ADDONS/local-path-provisioner:/usr/bin/local-path-provisioner" || return 1
	"$TOOL" image -o "$1/metrics-server.tar" -tag "$IMAGE_METRICS_SERVER" -entrypoint /metrics-server \
		-file "$METRICS_SERVER/metrics-server:/metrics-server" || return 1
	"$TOOL" image -o "$1/agnhost.tar" -tag "$IMAGE_AGNHOST" -entrypoint /agnhost -cmd pause \
		-file "$KUBE/agnhost:/agnhost" -link agnhost:/agnhost-2 || return 1
	mkdir "$1/busybox" && fetch_busybox "$1/busybox" || return 1
	busybox=$1/busybox/busybox
	for applet in $("$busybox" --list); do
		[ "$applet" = busybox ] || links+=(-link "/bin/busybox:/bin/$applet")
	done
	"$TOOL" image -o "$1/busybox.tar" -tag "$IMAGE_BUSYBOX" -cmd sh -file "$busybox:/bin/busybox" "${links[@]}" \
		-link "/bin/env:/usr/bin/env" || return 1
	rm -r "$1/busybox"
}

# build_software DIR: what others wrote and the tests install in virtual clusters: an image of each, and its own
# manifests where it publishes them in its module.
build_software() {
	local work=$1/work module
	mkdir "$work" || return 1
	(cd "$HERE/jobset" && go_build -ldflags "-s -w" -o "$work/" sigs.k8s.io/jobset) &&
		(cd "$HERE/skipper" && go_build -ldflags "-s -w" -o "$work/" github.com/zalando/skipper/cmd/skipper) &&
		(cd "$HERE/registry" && go_build -ldflags "-s -w" -o "$1/" github.com/distribution/distribution/v3/cmd/registry) &&
		module=$(cd "$HERE/jobset" && go_do list -m -f '{{.Dir}}' sigs.k8s.io/jobset) &&
		"$KUBE/kubectl" kustomize "$module/config/default" >"$1/jobset.yaml" &&
		"$TOOL" image -o "$1/jobset.tar" -tag "$IMAGE_JOBSET" -entrypoint /manager -user 65532:65532 \
			-file "$work/jobset:/manager" &&
		"$TOOL" image -o "$1/skipper.tar" -tag "$IMAGE_SKIPPER" -cmd /usr/bin/skipper \
			-file "$work/skipper:/usr/bin/skipper" &&
		copy_snapshots "$1/volumesnapshots" &&
		"$TOOL" image -o "$1/registry.tar" -tag "$IMAGE_REGISTRY" -entrypoint /bin/registry \
			-file "$1/registry:/bin/registry" &&
		fetch_postgresql "$work" &&
		"$TOOL" image -o "$1/postgresql.tar" -tag "$IMAGE_POSTGRESQL" -cmd sh -tree "$work/root" &&
		rm -r "$work"
}

# build_release MODULE VERSION DIR: the images of another release's control plane, which a virtual cluster may have on
# this host.
build_release() {
	local work=$3/work bin=/usr/local/bin
	mkdir "$work" || return 1
	(cd "$HERE/$1" && go_build -ldflags "$(kube_flags "$2")" -o "$work/" \
		k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager}) &&
		"$TOOL" image -o "$3/kube-apiserver.tar" -tag "$REPOSITORY_APISERVER:v$2" \
			-file "$work/kube-apiserver:$bin/kube-apiserver:net_bind_service" &&
		"$TOOL" image -o "$3/kube-controller-manager.tar" -tag "$REPOSITORY_CONTROLLER_MANAGER:v$2" \
			-file "$work/kube-controller-manager:$bin/kube-controller-manager" &&
		rm -r "$work"
}

# copy_snapshots DIR: what makes a host know VolumeSnapshots, as their own module publishes it.
copy_snapshots() {
	local module=github.com/kubernetes-csi/external-snapshotter/client/v8
	cd "$HERE/snapshots" && go_do mod download "$module" &&
		module=$(go_do list -m -f '{{.Dir}}' "$module") &&
		mkdir "$1" && cp "$module"/config/crd/snapshot.storage.k8s.io_volumesnapshot{s,classes}.yaml "$1/"
}

# find_builds: sets TOOL, KUBE, ADDONS, METRICS_SERVER, IMAGES, SOFTWARE, OLDER and PREVIOUS to where this checkout's
# builds belong in the cache. build_all: makes those that are missing.
find_builds() {
	TOOL=$CACHE/tool-$(key "$HERE"/tool/*)/hosttool
	KUBE=$CACHE/kube-$KUBERNETES_VERSION-$(key "$HERE"/kube/*)
	ADDONS=$CACHE/addons-$(key "$HERE"/coredns/* "$HERE"/local-path/*)
	METRICS_SERVER=$CACHE/metrics-server-$METRICS_SERVER_VERSION-$(key "$HERE"/metrics-server/*)
	IMAGES=$CACHE/images-$(echo "${TOOL#"$CACHE"/} ${KUBE##*/} ${ADDONS##*/} ${METRICS_SERVER##*/}" | key - "$HERE/images/pause.c" "$HERE/versions.sh")
	SOFTWARE=$CACHE/software-$(echo "${TOOL#"$CACHE"/} ${KUBE##*/}" | key - "$HERE"/jobset/* "$HERE"/skipper/* "$HERE"/registry/* "$HERE"/snapshots/* "$HERE/versions.sh")
	OLDER=$CACHE/older-$OLDER_KUBERNETES_VERSION-$(echo "${TOOL#"$CACHE"/}" | key - "$HERE"/older/*)
	PREVIOUS=$CACHE/previous-$PREVIOUS_KUBERNETES_VERSION-$(echo "${TOOL#"$CACHE"/}" | key - "$HERE"/previous/*)
}

build_all() {
	if [ -d "${TOOL%/*}" ] && [ -d "$KUBE" ] && [ -d "$ADDONS" ] && [ -d "$METRICS_SERVER" ] && [ -d "$IMAGES" ] &&
		[ -d "$SOFTWARE" ] && [ -d "$OLDER" ] && [ -d "$PREVIOUS" ]; then
		return
	fi
	find_go
	install_packages gcc:gcc /usr/include/stdlib.h:libc6-dev
	cached tool "${TOOL%/*}" build_tool
	cached kube "$KUBE" build_kube
	cached addons "$ADDONS" build_addons
	cached metrics-server "$METRICS_SERVER" build_metrics_server
	cached images "$IMAGES" build_images
	cached software "$SOFTWARE" build_software
	cached older "$OLDER" build_release older "$OLDER_KUBERNETES_VERSION"
	cached previous "$PREVIOUS" build_release previous "$PREVIOUS_KUBERNETES_VERSION"
}
