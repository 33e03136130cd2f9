#!/usr/bin/env bash
# Builds two flannel nodes in namespaces, with each of the three backends and with one fault at a time, and saves what the real tools print.
#
#   sudo ./capture.sh [VARIANT...]        (all of them without arguments)
#
# Needs root, iproute2, iptables with the nf_tables back end, busybox, python3, /dev/net/tun. Rewrites VARIANT/ and probes/VARIANT.
#
#   web 10.244.0.5 - cni0 - node-1 enp1s0 192.168.3.118 --- switch --- enp1s0 192.168.3.119 node-2 - cni0 - 10.244.1.6 api
#                                                             |
#                                                     gateway 192.168.3.1, 192.168.4.1
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh
. ../flannel.sh
iptables --version | grep -q nf_tables || { echo "iptables must be the nf_tables variant" >&2; exit 1; }

all=(bad healthy host-gw host-gw-far udp port-blocked bridge-left mtu wrong-interface duplicate docker-bip network-elsewhere)
mac1=c2:07:9a:e5:11:5d
mac2=fa:3b:8e:02:d4:c1

backend_of() { case $1 in host-gw | host-gw-far) echo host-gw ;; udp) echo udp ;; *) echo vxlan ;; esac; }
mtu_of() { case $1 in host-gw) echo 1500 ;; udp) echo 1472 ;; *) echo 1450 ;; esac; }

log() { printf 'I1121 %s       1 %s\n' "$(date +%H:%M:%S.%6N)" "$*"; }
daemon_log() { # FILE NODE-ADDRESS BACKEND PEER-SUBNET PEER-ADDRESS RULE-NETWORK [REFUSED]: in flanneld's words
  {
    log 'main.go:212] CLI flags config: {etcdEndpoints:http://127.0.0.1:4001 ipMasq:true kubeSubnetMgr:true iface:[] ...}'
    log 'match.go:206] Determining IP address of default interface'
    log "match.go:259] Using interface with name enp1s0 and address $2"
    log "match.go:281] Defaulting external address to interface address ($2)"
    log "main.go:543] Found network config - Backend type: $3"
    log "iptables.go:290] Adding iptables rule: -A FORWARD -s $6 -j ACCEPT"
    if [ "$3" = host-gw ]; then
      log "route_network.go:56] Watching for L3 misses"
      log "route_network.go:93] Subnet added: $4 via $5"
      [ -z "${7:-}" ] || log "route_network.go:169] Error adding route to $4 via $5 dev index 2: network is unreachable" | sed 's/^I/E/'
    fi
  } >"$1"
}

vxlan() { # VARIANT: devices and entries on both nodes
  flannel_vxlan "$node1" "$dev1" "$public1" 10.244.0 $mac1
  flannel_vxlan "$node2" "$dev2" "$public2" "$subnet2" $mac2
  if [ "$1" != duplicate ]; then # flanneld sets nothing for the subnet that it takes for its own
    flannel_peer "$node1" "$subnet2" $mac2 "$public2"
    flannel_peer "$node2" 10.244.0 $mac1 "$public1"
  fi
  if [ "$1" = bad ]; then on "$node1" ip route del "$subnet2.0/24"; fi
  if [ "$1" = port-blocked ]; then
    on "$node2" iptables -P INPUT DROP
    on "$node2" iptables -A INPUT -i lo -j ACCEPT
    on "$node2" iptables -A INPUT -i cni0 -j ACCEPT
    on "$node2" iptables -A INPUT -p icmp -j ACCEPT
    on "$node2" iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    on "$node2" iptables -A INPUT -p tcp -m multiport --dports 22,10250,30000:32767 -j ACCEPT
  fi
}
host_gw() { # VARIANT: the kernel refuses the routes where the nodes share no network, and flanneld says so
  on "$node1" ip route replace 10.244.1.0/24 via "$public2" dev enp1s0 2>>"$out/node-1.txt" || true
  on "$node2" ip route replace 10.244.0.0/24 via "$public1" dev enp1s0 2>>"$out/node-2.txt" || true
}
udp() {
  local n=1 pid
  for pid in "$node1" "$node2"; do
    local own=public$n other=$((n - 1))
    if [ $n = 1 ]; then way="10.244.1.0/24=$public2"; else way="10.244.0.0/24=$public1"; fi
    background "$pid" python3 udp-backend.py flannel0 "${!own}" "$way"
    sleep 1
    on "$pid" sh -c "ip link set flannel0 mtu 1472 up; ip addr add 10.244.$other.0/16 dev flannel0"
    n=2
  done
}

capture() { # VARIANT
  local variant=$1 backend mtu length1=24
  backend=$(backend_of "$1")
  mtu=$(mtu_of "$1")
  out=$PWD/probes/$1
  dev1=enp1s0 dev2=enp1s0 subnet2=10.244.1
  public1=192.168.3.118 public2=192.168.3.119
  local address2=$public2
  [ "$variant" != host-gw-far ] || { public2=192.168.4.119; address2=$public2; }
  [ "$variant" != duplicate ] || subnet2=10.244.0
  rm -rf "$out" "$variant"
  mkdir -p "$out" "$variant/kubernetes"
  bridge_host switch
  host node1 node-1
  host node2 node-2
  host gateway gateway
  cable "$node1" enp1s0 2 52:54:00:9b:03:76 "$switch" p1
  cable "$node2" enp1s0 2 52:54:00:9b:03:77 "$switch" p2
  cable "$gateway" lan0 2 52:54:00:9b:03:01 "$switch" p3
  on "$gateway" sh -c 'ip addr add 192.168.3.1/24 dev lan0; ip addr add 192.168.4.1/24 dev lan0; ip addr add 10.0.2.2/24 dev lan0
    sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.lan0.send_redirects=0'
  flannel_host "$node1" enp1s0 $public1/24 10.244.0 ae:51:0c:33:7f:01 "$mtu"
  flannel_host "$node2" enp1s0 "$address2/24" "$subnet2" ae:51:0c:33:7f:02 "$mtu"
  if [ "$variant" = wrong-interface ]; then # the interface of the default route is that of the laboratory's NAT, the same on each machine
    for pid in "$node1" "$node2"; do
      host nat nat
      on "$pid" sh -c "ip link add enp0s3 index 5 address 08:00:27:4e:66:a1 type veth peer name far netns $nat; ip link set enp0s3 up
        ip addr add 10.0.2.15/24 brd + dev enp0s3; ip route replace default via 10.0.2.2 dev enp0s3 proto static"
      on "$nat" sh -c 'ip addr add 10.0.2.2/24 dev far; ip link set far up'
    done
    dev1=enp0s3 dev2=enp0s3 public1=10.0.2.15 public2=10.0.2.15
  fi
  case $backend in vxlan) vxlan "$variant" ;; host-gw) host_gw "$variant" ;; udp) udp ;; esac
  local pod=${subnet2}.6 podmtu=$mtu
  [ "$variant" != mtu ] || podmtu=1500
  flannel_pod web "$node1" veth3a70c911 11 10.244.0.5 2a:60:7e:00:f0:05 "$podmtu"
  flannel_pod api "$node2" veth90bd14e2 11 "$pod" 2a:60:7e:00:f1:06 "$mtu"
  if [ "$variant" = bridge-left ]; then # made by an installation with another network, and never removed
    on "$node2" sh -c 'ip addr flush dev cni0; ip addr add 10.88.3.1/24 brd 10.88.3.255 dev cni0'
  fi
  if [ "$variant" = docker-bip ]; then # docker gives the containers of node-2 their addresses
    on "$node2" sh -c 'ip link set veth90bd14e2 nomaster; ip link del cni0
      ip link add docker0 index 12 address 02:42:5e:19:3c:77 mtu 1450 type bridge; ip link set docker0 up
      ip addr add 172.30.99.1/24 brd 172.30.99.255 dev docker0; ip link set veth90bd14e2 master docker0'
  fi
  sleep 1
  say "$out/pod-web.txt" '/ #' "busybox ping -c 2 -W 1 $pod" "$web"
  say "$out/pod-web.txt" '/ #' "busybox ping -c 2 -W 1 -s 1460 $pod" "$web"
  say "$out/node-1.txt" '[root@node-1 ~]#' "busybox ping -c 2 -W 1 $address2" "$node1"
  sed -i 's/ busybox ping / ping /' "$out"/*.txt # as one types it
  dump "$node1" "$PWD/$variant/node-1"
  dump "$node2" "$PWD/$variant/node-2"
  written "$variant" "$backend" "$mtu" "$address2" "$pod"
  cleanup
  wait 2>/dev/null || true
}

written() { # VARIANT BACKEND MTU NODE-2-ADDRESS POD-2: what no sandbox can print, in the formats of flanneld and kubectl
  local data1='"null"' data2='"null"' conf=$network
  if [ "$2" = vxlan ]; then data1="{\"VNI\":1,\"VtepMAC\":\"$mac1\"}" data2="{\"VNI\":1,\"VtepMAC\":\"$mac2\"}"; fi
  [ "$1" != network-elsewhere ] || conf=10.99.0.0/16
  subnet_env "$1/node-1" 10.244.0 "$3"
  subnet_env "$1/node-2" "$subnet2" "$3"
  daemon_log "$1/node-1/flanneld.log" "$public1" "$2" 10.244.1.0/24 "$public2" "$network" "$([ "$1" = host-gw-far ] && echo yes)"
  daemon_log "$1/node-2/flanneld.log" "$public2" "$2" 10.244.0.0/24 "$public1" "$network" "$([ "$1" = host-gw-far ] && echo yes)"
  if [ "$1" = wrong-interface ]; then sed -i 's/name enp1s0/name enp0s3/' "$1"/node-?/flanneld.log; fi
  { node_object node-1 "$public1" 10.244.0.0/24 "$2" "$data1"; node_object node-2 "$public2" "$subnet2.0/24" "$2" "$data2"; } | list >"$1/kubernetes/nodes.yaml"
  { pod_object web node-1 10.244.0.5 192.168.3.118; pod_object api node-2 "$5" "$4"; } | list >"$1/kubernetes/pods.yaml"
  if [ "$1" = docker-bip ]; then
    rm "$1/kubernetes/pods.yaml"
    printf 'DOCKER_OPT_BIP="--bip=172.30.99.1/24"\nDOCKER_OPT_IPMASQ="--ip-masq=false"\nDOCKER_OPT_MTU="--mtu=1450"\nDOCKER_NETWORK_OPTIONS=" --bip=172.30.99.1/24 --ip-masq=false --mtu=1450"\n' >"$1/node-2/docker"
  fi
  cat >"$1/kubernetes/kube-flannel-cfg.yaml" <<YAML
apiVersion: v1
data:
  net-conf.json: |
    {
      "Network": "$conf",
      "Backend": {
        "Type": "$2"
      }
    }
kind: ConfigMap
metadata:
  name: kube-flannel-cfg
  namespace: kube-flannel
YAML
}

[ $# -gt 0 ] || set -- "${all[@]}"
for v; do
  [[ " ${all[*]} " == *" $v "* ]] || { echo "unknown variant $v" >&2; exit 2; }
  capture "$v"
done
