# shellcheck shell=bash disable=SC2034  # every name here is read by the files that source this one
# Every version the host is made of. README.md says how to move to another one.
KUBERNETES_VERSION=1.35.4          # kube/go.mod (k8s.io/kubernetes and its v0.X.Y replacements)
OLDER_KUBERNETES_VERSION=1.32.13   # older/go.mod: a virtual cluster three minor releases older than the host
PREVIOUS_KUBERNETES_VERSION=1.34.12 # previous/go.mod: what a virtual cluster is upgraded from to the host's
ETCD_IMAGE_TAG=3.6.5-0             # the tag kubeadm pairs with it; kube/go.mod has v3.6.5
COREDNS_VERSION=1.13.1             # coredns/go.mod
LOCAL_PATH_VERSION=0.0.30          # local-path/go.mod
JOBSET_VERSION=0.11.1              # jobset/go.mod
SKIPPER_VERSION=0.22.0             # skipper/go.mod
REGISTRY_VERSION=3.0.0             # registry/go.mod
POSTGRESQL_VERSION=15              # Debian's postgresql-15
SNAPSHOTTER_VERSION=8.4.0          # snapshots/go.mod
METRICS_SERVER_VERSION=0.8.0       # metrics-server/go.mod
PAUSE_IMAGE_TAG=3.10.1             # images/pause.c
BUSYBOX_IMAGE_TAG=1.36             # Debian's busybox-static
AGNHOST_IMAGE_TAG=2.59             # test/images/agnhost/VERSION of that Kubernetes
GO_MINIMUM=1.25.0                  # what the go.mod files ask for
GO_FALLBACK=1.26.8                 # fetched as a Go module where the machine has no such Go

REPOSITORY_APISERVER=registry.k8s.io/kube-apiserver
REPOSITORY_CONTROLLER_MANAGER=registry.k8s.io/kube-controller-manager
IMAGE_APISERVER=$REPOSITORY_APISERVER:v$KUBERNETES_VERSION
IMAGE_CONTROLLER_MANAGER=$REPOSITORY_CONTROLLER_MANAGER:v$KUBERNETES_VERSION
IMAGE_ETCD=registry.k8s.io/etcd:$ETCD_IMAGE_TAG
IMAGE_PAUSE=registry.k8s.io/pause:$PAUSE_IMAGE_TAG
IMAGE_COREDNS=registry.k8s.io/coredns/coredns:v$COREDNS_VERSION
IMAGE_LOCAL_PATH=docker.io/rancher/local-path-provisioner:v$LOCAL_PATH_VERSION
IMAGE_METRICS_SERVER=registry.k8s.io/metrics-server/metrics-server:v$METRICS_SERVER_VERSION
IMAGE_BUSYBOX=docker.io/library/busybox:$BUSYBOX_IMAGE_TAG
IMAGE_AGNHOST=registry.k8s.io/e2e-test-images/agnhost:$AGNHOST_IMAGE_TAG
IMAGE_JOBSET=us-central1-docker.pkg.dev/k8s-staging-images/jobset/jobset:v$JOBSET_VERSION
IMAGE_SKIPPER=registry.opensource.zalan.do/teapot/skipper:v$SKIPPER_VERSION
IMAGE_REGISTRY=docker.io/library/registry:$REGISTRY_VERSION
IMAGE_POSTGRESQL=vc.test/postgresql:$POSTGRESQL_VERSION
