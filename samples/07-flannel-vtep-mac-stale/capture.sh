#!/usr/bin/env bash
# Builds two flannel nodes (VXLAN) in namespaces, gives node-2 a new flannel.1 while node-1 keeps the old hardware address, and saves what
# the real tools print.
#
#   sudo ./capture.sh [bad] [healthy]        (both without arguments)
#
# Needs root, iproute2, iptables with the nf_tables back end, busybox, tcpdump. Rewrites VARIANT/ and probes/VARIANT.
#
#   web 10.244.0.5 - cni0 - node-1 enp1s0 192.168.3.118 --- switch --- enp1s0 192.168.3.119 node-2 - cni0 - 10.244.1.6 api
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh
. ../flannel.sh
iptables --version | grep -q nf_tables || { echo "iptables must be the nf_tables variant" >&2; exit 1; }

former=6e:1d:5c:40:b3:87 # of node-2's flannel.1, until the daemonset was deleted and made anew
mac1=c2:07:9a:e5:11:5d
mac2=fa:3b:8e:02:d4:c1

capture() { # VARIANT
  local variant=$1 out=$PWD/probes/$1 known=$former
  [ "$variant" = bad ] || known=$mac2
  rm -rf "$out" "$variant"
  mkdir -p "$out" "$variant/kubernetes"
  bridge_host switch
  host node1 node-1
  host node2 node-2
  cable "$node1" enp1s0 2 52:54:00:9b:03:76 "$switch" p1
  cable "$node2" enp1s0 2 52:54:00:9b:03:77 "$switch" p2
  flannel_host "$node1" enp1s0 192.168.3.118/24 10.244.0 ae:51:0c:33:7f:01 1450
  flannel_host "$node2" enp1s0 192.168.3.119/24 10.244.1 ae:51:0c:33:7f:02 1450
  flannel_vxlan "$node1" enp1s0 192.168.3.118 10.244.0 $mac1
  flannel_vxlan "$node2" enp1s0 192.168.3.119 10.244.1 $former
  flannel_peer "$node1" 10.244.1 "$known" 192.168.3.119
  flannel_peer "$node2" 10.244.0 $mac1 192.168.3.118
  # The daemonset comes back on node-2: a new device, a new hardware address, the same subnet.
  on "$node2" ip link del flannel.1
  flannel_vxlan "$node2" enp1s0 192.168.3.119 10.244.1 $mac2
  flannel_peer "$node2" 10.244.0 $mac1 192.168.3.118
  flannel_pod web "$node1" veth3a70c911 11 10.244.0.5 2a:60:7e:00:f0:05 1450
  flannel_pod api "$node2" veth90bd14e2 11 10.244.1.6 2a:60:7e:00:f1:06 1450
  sleep 1
  background "$node2" tcpdump -l -nn -e -i flannel.1 icmp >"$out/tcpdump-node-2-flannel.1.txt" 2>&1
  background "$node2" tcpdump -l -nn -i enp1s0 udp port 8472 >"$out/tcpdump-node-2-enp1s0.txt" 2>&1
  sleep 1
  say "$out/pod-web.txt" '/ #' 'busybox ping -c 2 -W 1 10.244.1.6' "$web"
  say "$out/pod-api.txt" '/ #' 'busybox ping -c 2 -W 1 10.244.0.5' "$api"
  say "$out/node-1.txt" '[root@node-1 ~]#' 'busybox ping -c 2 -W 1 192.168.3.119' "$node1"
  sed -i 's/ busybox ping / ping /' "$out"/*.txt # as one types it
  dump "$node1" "$PWD/$variant/node-1"
  dump "$node2" "$PWD/$variant/node-2"
  subnet_env "$variant/node-1" 10.244.0 1450
  subnet_env "$variant/node-2" 10.244.1 1450
  { node_object node-1 192.168.3.118 10.244.0.0/24 vxlan "{\"VNI\":1,\"VtepMAC\":\"$mac1\"}"
    node_object node-2 192.168.3.119 10.244.1.0/24 vxlan "{\"VNI\":1,\"VtepMAC\":\"$mac2\"}"; } | list >"$variant/kubernetes/nodes.yaml"
  { pod_object web node-1 10.244.0.5 192.168.3.118
    pod_object api node-2 10.244.1.6 192.168.3.119; } | list >"$variant/kubernetes/pods.yaml"
  cleanup
  wait 2>/dev/null || true
}

[ $# -gt 0 ] || set -- bad healthy
for v; do
  case $v in
    bad | healthy) capture "$v" ;;
    *) echo "unknown variant $v" >&2; exit 2 ;;
  esac
done
