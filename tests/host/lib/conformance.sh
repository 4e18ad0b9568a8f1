# shellcheck shell=bash
# Kubernetes' own conformance suite of the host's release, and the images that its tests run, as near to the official
# ones as what can be had allows: their programs are built from the suite's module, their userland is Debian's.

SUITE_REGISTRY=registry.k8s.io/e2e-test-images
# What the agnhost image has beside busybox and its own program, as upstream's Dockerfile names it.
AGNHOST_PACKAGES="bash bind9-dnsutils bind9-host curl iperf iproute2 libc-bin netcat-openbsd"

find_conformance() {
	SUITE=$CACHE/conformance-$KUBERNETES_VERSION-$(key "$HERE"/conformance/*)
	SUITE_IMAGES=$CACHE/conformance-images-$(echo "${TOOL#"$CACHE"/} ${KUBE##*/} ${SUITE##*/}" |
		key - "$HERE/lib/conformance.sh" "$HERE/lib/packages.sh" "$HERE/versions.sh")
}

build_conformance() {
	[ ! -d "$SUITE" ] || [ ! -d "$SUITE_IMAGES" ] || return 0
	find_go
	cached conformance "$SUITE" build_suite
	cached conformance-images "$SUITE_IMAGES" build_suite_images
}

# build_suite DIR: e2e.test, the ginkgo that runs it in parallel, and what its images have that the host's have not.
build_suite() {
	cd "$HERE/conformance" &&
		go_do test -c -mod=readonly -trimpath -vet=off -ldflags "$(kube_flags "$KUBERNETES_VERSION")" \
			-o "$1/e2e.test" k8s.io/kubernetes/test/e2e &&
		go_build -ldflags "-s -w" -o "$1/" github.com/onsi/ginkgo/v2/ginkgo k8s.io/sample-apiserver \
			k8s.io/kubernetes/test/images/nonewprivs
}

# suite_image DIR NAME:TAG ARGS...: one archive, under its official name.
suite_image() {
	local dir=$1 name=$2
	shift 2
	"$TOOL" image -o "$dir/${name/:/-}.tar" -tag "$SUITE_REGISTRY/$name" "$@"
}

# build_suite_images DIR: agnhost and what is made of it, busybox, nginx, and what has one program only.
build_suite_images() {
	local work=$1/work root images agnhost
	mkdir "$work" && images=$(cd "$HERE/conformance" && go_do list -m -f '{{.Dir}}' k8s.io/kubernetes)/test/images &&
		fetch_busybox "$work" && agnhost_root "$work" "$images" && nginx_root "$work" || return 1
	root=$work/agnhost
	agnhost=(-entrypoint /agnhost -tree "$root" -file "$KUBE/agnhost:/agnhost" -link agnhost:/agnhost-2)
	suite_image "$1" agnhost:2.59 -cmd pause "${agnhost[@]}" &&
		suite_image "$1" agnhost:2.55 -cmd pause "${agnhost[@]}" &&
		suite_image "$1" nonroot:1.4 -cmd pause -user 1234 "${agnhost[@]}" &&
		suite_image "$1" nautilus:1.7 -cmd test-webserver "${agnhost[@]}" \
			-file "$images/nautilus/html/nautilus.jpg:/nautilus.jpg" -file "$images/nautilus/html/data.json:/data.json" &&
		suite_image "$1" jessie-dnsutils:1.7 -cmd bash -tree "$root" &&
		suite_image "$1" busybox:1.37.0-1 -cmd sh -tree "$work/busybox-root" &&
		suite_image "$1" nginx:1.14-4 -cmd nginx -tree "$work/nginx" &&
		suite_image "$1" nginx:1.15-4 -cmd nginx -tree "$work/nginx" &&
		suite_image "$1" nonewprivs:1.3 -cmd nnp -tree "$root" -file "$SUITE/nonewprivs:/usr/local/bin/nnp" &&
		suite_image "$1" sample-apiserver:1.29.2 -entrypoint /sample-apiserver \
			-file "$SUITE/sample-apiserver:/sample-apiserver" &&
		"$TOOL" image -o "$1/etcd.tar" -tag registry.k8s.io/etcd:3.6.6-0 -file "$KUBE/etcd:/usr/local/bin/etcd" &&
		rm -r "$work"
}

# busybox_links ROOT BUSYBOX: busybox and the names by which its programs are called, but for those that are there.
busybox_links() {
	local applet
	mkdir -p "$1/bin" "$1/usr/bin" && cp "$2" "$1/bin/busybox" || return 1
	for applet in $("$2" --list); do
		[ -e "$1/bin/$applet" ] || [ -e "$1/usr/bin/$applet" ] || [ -e "$1/sbin/$applet" ] ||
			ln -s /bin/busybox "$1/bin/$applet" || return 1
	done
	[ -e "$1/usr/bin/env" ] || ln -s /bin/busybox "$1/usr/bin/env"
}

# agnhost_root WORK IMAGES: WORK/agnhost and WORK/busybox-root. Their shell is Bash: Debian's busybox, as a shell, loses
# variables whose names have a hyphen, and prefers its own nc to the one that is there.
agnhost_root() {
	local root=$1/agnhost
	debian_root "$1" "$1/busybox-root" bash && ln -s bash "$1/busybox-root/bin/sh" &&
		busybox_links "$1/busybox-root" "$1/busybox" || return 1
	# shellcheck disable=SC2086
	debian_root "$1" "$root" $AGNHOST_PACKAGES &&
		ln -s bash "$root/bin/sh" && ln -s nc.openbsd "$root/bin/nc" && busybox_links "$root" "$1/busybox" &&
		mkdir -p "$root/uploads" "$root/etc" && : >"$root/uploads/.keep" &&
		cp "$2"/agnhost/porter/localhost.{crt,key} "$root/" &&
		printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/:/sbin/nologin \
			user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh >"$root/etc/passwd" &&
		printf '%s\n' root:x:0: tty:x:5: nobody:x:65534: user-defined-in-image:x:1000: \
			group-defined-in-image:x:50000:user-defined-in-image >"$root/etc/group"
}

# nginx_root WORK: WORK/nginx, which serves what the official image serves, from where it does.
nginx_root() {
	local root=$1/nginx
	debian_root "$1" "$root" nginx-light && busybox_links "$root" "$1/busybox" &&
		rm -r "$root/etc" && mkdir -p "$root"/{etc/nginx,run,usr/share/nginx/html,var/lib/nginx,var/log/nginx} &&
		: >"$root/run/.keep" && : >"$root/var/lib/nginx/.keep" && : >"$root/var/log/nginx/.keep" || return 1
	printf '%s\n' '<!DOCTYPE html>' '<title>Welcome to nginx!</title>' '<h1>Welcome to nginx!</h1>' \
		>"$root/usr/share/nginx/html/index.html"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/:/sbin/nologin >"$root/etc/passwd"
	printf '%s\n' root:x:0: tty:x:5: nobody:x:65534: >"$root/etc/group"
	cat >"$root/etc/nginx/nginx.conf" <<-'EOF'
		daemon off;
		user nobody nobody;
		error_log /dev/stderr;
		events {}
		http {
			types { text/html html; }
			access_log /dev/stdout;
			server {
				listen 80;
				root /usr/share/nginx/html;
			}
		}
	EOF
}
