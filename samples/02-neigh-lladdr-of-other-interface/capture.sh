#!/usr/bin/env bash
# Builds the sample's network in namespaces, lets node-1 learn the wrong hardware address from real ARP, and saves what the real tools print.
#
#   sudo ./capture.sh [bad] [strict] [healthy]        (all three without arguments)
#
# Needs root, iproute2, iptables with the nf_tables back end, busybox, python3. Rewrites VARIANT/node-1, VARIANT/node-2 and probes/VARIANT.
#
#   pod 10.244.1.7 - kube-bridge - node-1 eth0 192.168.4.111 --+          +-- eth0 192.168.4.112 node-2 - kube-bridge - pod 10.244.2.9
#                                         eth1 192.168.3.111 --+- switch -+-- eth1 192.168.3.112
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh
iptables --version | grep -q nf_tables || { echo "iptables must be the nf_tables variant" >&2; exit 1; }

pod() { # VARIABLE NODE-PID BRIDGE-PORT INDEX ADDRESS MAC: what a bridge plugin does for a new pod
  host "$1" "$1"
  on "$2" ip link add "$3" index "$4" type veth peer name eth0 address "$6" index 3 netns "${!1}"
  on "$2" ip link set "$3" master kube-bridge up
  on "${!1}" sh -c "ip addr add $5/24 dev eth0; ip link set eth0 up; ip route add default via ${5%.*}.1"
}
node() { # PID NUMBER MAC-END: addresses, the pods' bridge and the route to the other node's pods
  local other=$((3 - $2))
  on "$1" sh -c "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
      net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0 net.ipv6.conf.all.disable_ipv6=1
    ip addr add 192.168.4.11$2/24 brd 192.168.4.255 dev eth0
    ip addr add 192.168.3.11$2/24 brd 192.168.3.255 dev eth1
    ip link add kube-bridge index 4 address 0a:58:0a:f4:0$2:01 type bridge
    ip link set kube-bridge up
    ip addr add 10.244.$2.1/24 brd 10.244.$2.255 dev kube-bridge
    ip route add 10.244.$other.0/24 via 192.168.4.11$other dev eth0 proto 17
    iptables -P FORWARD ACCEPT
    iptables -t nat -A POSTROUTING -s 10.244.$2.0/24 ! -d 10.244.0.0/16 -j MASQUERADE"
}
bulk='import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); [s.sendto(bytes(1400), ("10.244.2.9", 9)) for _ in range(4000)]'
quiet() { on "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2; }

capture() { # VARIANT
  local variant=$1 out=$PWD/probes/$1
  rm -rf "$out"
  mkdir -p "$out"
  bridge_host switch
  host node1 node-1
  host node2 node-2
  cable "$node1" eth0 2 00:0c:29:41:6b:10 "$switch" p1
  cable "$node1" eth1 3 00:0c:29:41:6b:1a "$switch" p2
  cable "$node2" eth0 2 00:0c:29:87:d2:64 "$switch" p3
  cable "$node2" eth1 3 00:0c:29:87:d2:6e "$switch" p4
  node "$node1" 1
  node "$node2" 2
  pod pod1 "$node1" veth7f3a 6 10.244.1.7 0a:58:0a:f4:01:07
  pod pod2 "$node2" vethc01d 6 10.244.2.9 0a:58:0a:f4:02:09
  if [ "$variant" = healthy ]; then quiet "$node1"; quiet "$node2"; fi
  sleep 1
  for to in 192.168.4.112 192.168.3.112; do on "$node1" busybox ping -c 1 -W 1 $to >/dev/null; done
  on "$pod1" busybox ping -c 1 -W 1 10.244.2.9 >/dev/null
  sleep 7 # until node-2 has confirmed its own entries and does not ask again soon: its requests would mend node-1's entry
  # node-1 asks anew while the port of node-2's eth0 is out of the switch: only eth1 is left to answer for 192.168.4.112, and with
  # arp_ignore=0 it does.
  on "$node1" ip neigh del 192.168.4.112 dev eth0
  on "$switch" ip link set p3 nomaster
  on "$node1" busybox ping -c 1 -W 1 192.168.4.112 >/dev/null || true
  on "$switch" ip link set p3 master br0
  on "$pod1" python3 -c "$bulk" || true
  if [ "$variant" = strict ]; then
    on "$node2" sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1 net.ipv4.conf.eth1.rp_filter=1
  fi
  say "$out/node-1.txt" '[root@node-1 ~]#' 'busybox ping -c 2 -W 1 192.168.4.112' "$node1"
  say "$out/pod-1.txt" '/ #' 'busybox ping -c 2 -W 1 10.244.2.9' "$pod1"
  sed -i 's/ busybox ping / ping /' "$out"/*.txt # as one types it
  dump "$node1" "$PWD/$variant/node-1"
  dump "$node2" "$PWD/$variant/node-2"
  cleanup
  wait 2>/dev/null || true
}

[ $# -gt 0 ] || set -- bad strict healthy
for v; do
  case $v in
    bad | strict | healthy) capture "$v" ;;
    *) echo "unknown variant $v" >&2; exit 2 ;;
  esac
done
