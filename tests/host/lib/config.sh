# shellcheck shell=bash disable=SC2054,SC2206 # lists with commas are meant; no path here has spaces
# What the components are told: configuration files and command lines. Paths are
# the box's.
#
# It is a normal cluster. What differs from a default one is because of the
# machine (marked M: no CAP_SYS_RESOURCE, cgroup v1, swap) or for speed
# (marked S), or for being one of several on a machine (addresses, cgroup).

write_config() {
	local etc=/run/vc/state/etc
	mkdir -p $etc/cni

	cat >$etc/containerd.toml <<-EOF
		version = 2
		disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
			"io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
		[plugins."io.containerd.internal.v1.opt"]
			path = "/var/lib/containerd/opt"
		[plugins."io.containerd.grpc.v1.cri"]
			sandbox_image = "$IMAGE_PAUSE"
			# M: without it runc fails at lowering a pod's OOM score
			restrict_oom_score_adj = true
			[plugins."io.containerd.grpc.v1.cri".cni]
				bin_dir = "/usr/lib/cni"
				conf_dir = "$etc/cni"
			[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
				runtime_type = "io.containerd.runc.v2"
	EOF

	cat >$etc/cni/10-bridge.conflist <<-EOF
		{
			"cniVersion": "1.0.0",
			"name": "bridge",
			"plugins": [
				{
					"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": true,
					"ipam": {
						"type": "host-local", "ranges": [[{"subnet": "$POD_CIDR"}]],
						"routes": [{"dst": "0.0.0.0/0"}]
					}
				},
				{"type": "portmap", "capabilities": {"portMappings": true}}
			]
		}
	EOF

	# For pods with dnsPolicy Default; there is no DNS but the cluster's in the box.
	echo "nameserver $DNS_IP" >$etc/resolv.conf

	cat >$etc/kubelet.yaml <<-EOF
		apiVersion: kubelet.config.k8s.io/v1beta1
		kind: KubeletConfiguration
		address: $NODE_IP
		authentication:
		  anonymous: {enabled: false}
		  webhook: {enabled: true}
		  x509: {clientCAFile: $PKI/ca.crt}
		authorization: {mode: Webhook}
		tlsCertFile: $PKI/kubelet-server.crt
		tlsPrivateKeyFile: $PKI/kubelet-server.key
		containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
		clusterDomain: cluster.local
		clusterDNS: [$DNS_IP]
		resolvConf: $etc/resolv.conf
		maxPods: 250
		# Tests end containers by force, time and again: a node that makes them
		# wait for minutes would only make the tests long.
		crashLoopBackOff: {maxContainerRestartPeriod: 1s}
		cgroupDriver: cgroupfs
		cgroupRoot: /$CGROUP
		# M
		failCgroupV1: false
		failSwapOn: false
		oomScoreAdj: 0
		enforceNodeAllocatable: []
		# The machine's disk is not the host's to judge: nothing is evicted and
		# no image collected because the disk is full of something else.
		imageGCHighThresholdPercent: 100
		evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
		# S
		serializeImagePulls: false
		registryPullQPS: 0
		eventRecordQPS: 0
		kubeAPIQPS: 200
		kubeAPIBurst: 400
		syncFrequency: 10s
	EOF

	cat >$etc/kube-proxy.yaml <<-EOF
		apiVersion: kubeproxy.config.k8s.io/v1alpha1
		kind: KubeProxyConfiguration
		mode: iptables
		clusterCIDR: $POD_CIDR
		clientConnection: {kubeconfig: $PKI/kube-proxy.kubeconfig, qps: 200, burst: 400}
		hostnameOverride: $NODE_NAME
		# M
		oomScoreAdj: 0
		conntrack: {maxPerCore: 0, min: 0}
		# S: the default waits for a second between two changes
		iptables: {minSyncPeriod: 100ms}
	EOF
}

# command_of COMPONENT: fills the array COMMAND.
# shellcheck disable=SC2034
command_of() {
	local etc=/run/vc/state/etc
	case $1 in
	containerd) COMMAND=(containerd --config $etc/containerd.toml) ;;
	etcd)
		# A lost cluster is made anew, so it need not survive a power cut.
		COMMAND=("$BIN/etcd" --name "$NODE_NAME" --data-dir /var/lib/etcd --unsafe-no-fsync
			--listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379
			--listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380
			--initial-cluster "$NODE_NAME=http://127.0.0.1:2380" --log-level warn)
		;;
	kube-apiserver)
		COMMAND=("$BIN/kube-apiserver" --advertise-address "$NODE_IP" --secure-port 6443
			--etcd-servers http://127.0.0.1:2379
			--tls-cert-file $PKI/apiserver.crt --tls-private-key-file $PKI/apiserver.key
			--client-ca-file $PKI/ca.crt
			--authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction
			--allow-privileged
			--service-cluster-ip-range "$SERVICE_CIDR"
			--service-account-issuer https://kubernetes.default.svc.cluster.local
			--service-account-key-file $PKI/sa.pub --service-account-signing-key-file $PKI/sa.key
			--kubelet-certificate-authority $PKI/ca.crt
			--kubelet-client-certificate $PKI/apiserver-kubelet-client.crt
			--kubelet-client-key $PKI/apiserver-kubelet-client.key
			--kubelet-preferred-address-types InternalIP
			--requestheader-client-ca-file $PKI/front-proxy-ca.crt
			--requestheader-allowed-names front-proxy-client
			--requestheader-username-headers X-Remote-User
			--requestheader-group-headers X-Remote-Group
			--requestheader-extra-headers-prefix X-Remote-Extra-
			--proxy-client-cert-file $PKI/front-proxy-client.crt
			--proxy-client-key-file $PKI/front-proxy-client.key)
		;;
	kube-controller-manager)
		COMMAND=("$BIN/kube-controller-manager" --bind-address 127.0.0.1
			--kubeconfig $PKI/kube-controller-manager.kubeconfig
			--authentication-kubeconfig $PKI/kube-controller-manager.kubeconfig
			--authorization-kubeconfig $PKI/kube-controller-manager.kubeconfig
			--use-service-account-credentials
			--service-account-private-key-file $PKI/sa.key --root-ca-file $PKI/ca.crt
			--cluster-signing-cert-file $PKI/ca.crt --cluster-signing-key-file $PKI/ca.key
			--requestheader-client-ca-file $PKI/front-proxy-ca.crt
			--allocate-node-cidrs --cluster-cidr "$POD_CIDR" --node-cidr-mask-size 22
			--service-cluster-ip-range "$SERVICE_CIDR"
			--leader-elect=false --kube-api-qps 200 --kube-api-burst 400) # S
		;;
	kube-scheduler)
		COMMAND=("$BIN/kube-scheduler" --bind-address 127.0.0.1
			--kubeconfig $PKI/kube-scheduler.kubeconfig
			--authentication-kubeconfig $PKI/kube-scheduler.kubeconfig
			--authorization-kubeconfig $PKI/kube-scheduler.kubeconfig
			--leader-elect=false --kube-api-qps 200 --kube-api-burst 400) # S
		;;
	kubelet)
		COMMAND=("$BIN/kubelet" --config $etc/kubelet.yaml --kubeconfig $PKI/kubelet.kubeconfig
			--hostname-override "$NODE_NAME" --node-ip "$NODE_IP")
		;;
	kube-proxy) COMMAND=("$BIN/kube-proxy" --config $etc/kube-proxy.yaml) ;;
	*) return 1 ;;
	esac
}
