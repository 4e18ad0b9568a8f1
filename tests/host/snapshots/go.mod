module vc.test/host/snapshots

go 1.25.0

require github.com/kubernetes-csi/external-snapshotter/client/v8 v8.4.0
