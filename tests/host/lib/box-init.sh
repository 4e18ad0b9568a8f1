#!/bin/bash
# The first process of the box: lays out its file system, then becomes
# `hosttool init`. Arguments: the harness, the state directory, the cache, hosttool.
#
#   /run          a tmpfs of its own
#   /run/vc/src   the harness          /run/vc/state  the state directory
#   /run/vc/cache the cache            /var           the state directory's var
#
# So every part may use the paths that it uses on any machine, such as
# /var/lib/kubelet and /run/containerd/containerd.sock, and short ones at that.
set -eu
src=$1 state=$2 cache=$3 tool=$4

# First of all, so that `down` can end a box that was never finished. /proc is
# still the machine's, so this is the pid that the machine knows.
# shellcheck source=tests/host/lib/common.sh
HERE=$src && . "$src/lib/common.sh"
read -r pid _ </proc/self/stat
record "$state/box.pid" "$pid"

mount -t tmpfs -o mode=755 tmpfs "$state/run"
mkdir -p "$state"/run/vc/{src,state,cache} "$state"/run/lock
mount --bind "$src" "$state/run/vc/src"
mount --bind "$cache" "$state/run/vc/cache"
mount --bind "$state" "$state/run/vc/state"
# From here on only these binds are used: the checkout or the state directory
# may lie below what is covered next.
mount --rbind "$state/run" /run
mount --bind /run/vc/state/var /var
mount -t proc proc /proc
# Volumes with mountPropagation need peers; private outside, shared inside.
mount --make-rshared /

touch /run/vc/state/box-ready
exec "/run/vc/cache/${tool#"$cache"/}" init "$state"
