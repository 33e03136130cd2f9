#!/usr/bin/env bash
# Builds the sample's network in namespaces, sends real packets through it, and saves what the real tools print.
#
#   sudo ./capture.sh [bad] [routed] [healthy]        (all three without arguments)
#
# Needs root, iproute2, iptables with the nf_tables back end, ipset, conntrack, tcpdump, curl, busybox, openssl, python3.
# Rewrites VARIANT/node-1, VARIANT/master-1 and probes/VARIANT only; the kubernetes/ folders are written by hand.
#
#   busybox 192.168.236.10 --calia9589d79281-- node-1 ens192 .12 --+-- switch --+-- ens192 .11 master-1 (apiserver :6443)
#   coredns .8, .9 ----------cali0.., cali1..---'                  |            +-- .2 gateway -- 223.5.5.5
#                                                             192.168.21.0/24
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh

iptables --version | grep -q nf_tables || { echo "iptables must be the nf_tables variant" >&2; exit 1; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=kube-apiserver \
  -addext 'subjectAltName=IP:10.96.0.1,IP:192.168.21.11' -keyout "$work/key" -out "$work/crt" 2>/dev/null

cable() { # PID INTERFACE MAC SWITCH-PORT: joins a host to the switch
  on "$switch" ip link add "$4" type veth peer name "$2" address "$3" index 2 netns "$1"
  on "$switch" ip link set "$4" master br0 up
  on "$1" ip link set "$2" up
}
pod() { # VARIABLE NETNS HOST-INTERFACE INDEX ADDRESS MAC: what Calico's CNI plugin and Felix do for a new pod
  host "$1" "$1"
  local ns=${!1}
  ip netns attach "$2" "$ns"
  named+=("$2")
  on "$node" ip link add "$3" address ee:ee:ee:ee:ee:ee index "$4" mtu 1500 type veth \
    peer name eth0 address "$6" index 3 mtu 1500 netns "$ns"
  on "$node" sysctl -qw "net.ipv6.conf.$3.accept_ra=0" "net.ipv4.conf.$3.rp_filter=0" "net.ipv4.conf.$3.route_localnet=1" \
    "net.ipv4.neigh.$3.proxy_delay=0" "net.ipv4.conf.$3.proxy_arp=1" "net.ipv4.conf.$3.forwarding=1"
  on "$node" ip link set "$3" up
  on "$node" ip route add "$5/32" dev "$3" scope link
  on "$ns" ip addr add "$5/32" dev eth0
  on "$ns" ip link set eth0 up
  on "$ns" ip route add 169.254.1.1 dev eth0 scope link
  on "$ns" ip route add default via 169.254.1.1 dev eth0
  on "$ns" sysctl -qw net.ipv4.tcp_syn_retries=2 net.ipv4.tcp_syn_linear_timeouts=0
}
dump() { # PID FOLDER: the sample's files of one host
  rm -rf "$2"
  mkdir -p "$2"
  on "$1" sh -c "
    cd '$2' || exit 1
    hostname                    >hostname
    date                        >date.txt
    uname -a                    >uname.txt
    iptables-save               >iptables-save.txt
    ip6tables-save              >ip6tables-save.txt
    ipset list                  >ipset-list.txt
    ip addr                     >ip-addr.txt
    ip -d link                  >ip-link.txt
    ip route show table all     >ip-route.txt
    ip rule                     >ip-rule.txt
    ip neigh                    >ip-neigh.txt
    sysctl -a --pattern '^net\.' >sysctl.txt 2>/dev/null
    conntrack -L                >conntrack.txt 2>&1
    ss -tuan                    >ss.txt" || true
}

capture() { # VARIANT POOL FIRST-TWO-OCTETS ROUTE-ON-MASTER
  local variant=$1 pool=$2 net=$3 route=$4
  local out=$PWD/probes/$variant
  rm -rf "$out"
  mkdir -p "$out"

  bridge_host switch
  host node node-1
  host master master-1
  host gateway gateway
  host internet internet
  cable "$node" ens192 00:50:56:9c:21:0c p12
  cable "$master" ens192 00:50:56:9c:21:0b p11
  cable "$gateway" ens192 00:50:56:e8:5d:02 p2
  on "$gateway" ip link add wan0 type veth peer name eth0 netns "$internet"

  on "$internet" sh -c 'ip link set eth0 up; ip addr add 203.0.113.1/24 dev eth0; ip addr add 223.5.5.5/32 dev lo'
  on "$gateway" sh -c 'ip addr add 192.168.21.2/24 dev ens192; ip link set wan0 up; ip addr add 203.0.113.9/24 dev wan0
    ip route add default via 203.0.113.1; sysctl -qw net.ipv4.ip_forward=1
    iptables -t nat -A POSTROUTING -s 192.168.21.0/24 -o wan0 -j MASQUERADE'

  on "$master" sh -c 'sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=1 \
      net.ipv4.conf.ens192.rp_filter=1
    ip addr add 192.168.21.11/24 brd 192.168.21.255 dev ens192
    ip route add default via 192.168.21.2 dev ens192 proto static
    for t in filter nat; do for c in INPUT OUTPUT; do iptables -t $t -P $c ACCEPT; done; done
    iptables -P FORWARD ACCEPT; iptables -t nat -P PREROUTING ACCEPT; iptables -t nat -P POSTROUTING ACCEPT'
  if [ "$route" = yes ]; then
    on "$master" ip route add "$net.236.0/26" via 192.168.21.12 dev ens192 proto bird
  fi

  on "$node" sh -c "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=1 \
      net.ipv4.conf.ens192.rp_filter=1 net.ipv4.conf.all.route_localnet=1 net.netfilter.nf_conntrack_tcp_be_liberal=0 \
      net.netfilter.nf_conntrack_tcp_timeout_established=86400 net.netfilter.nf_conntrack_tcp_timeout_close_wait=3600
    ip addr add 192.168.21.12/24 brd 192.168.21.255 dev ens192
    ip route add default via 192.168.21.2 dev ens192 proto static
    ip route add blackhole $net.236.0/26 proto bird
    ipset create cali40all-hosts-net hash:net family inet maxelem 1048576
    ipset add cali40all-hosts-net 192.168.21.12
    ipset create cali40this-host hash:ip family inet maxelem 1048576
    for a in 127.0.0.0 127.0.0.1 192.168.21.12; do ipset add cali40this-host \$a; done
    for s in all masq; do
      ipset create cali40\$s-ipam-pools hash:net family inet maxelem 1048576
      ipset add cali40\$s-ipam-pools $pool
    done"
  pod busybox cni-5f0d9a3c-8b1e-4e27-9c64-0a7f2d15b6e3 calia9589d79281 7 "$net.236.10" f2:5d:1f:a3:6c:0a
  pod coredns1 cni-1c7be0a2-64f3-4d19-8a50-b93e5c0f7d21 cali18bb3d8772f 5 "$net.236.8" 2e:41:c8:77:90:08
  pod coredns2 cni-d80a4b6f-2f95-4c3a-a1be-7e6c94d30852 cali0a2929df0ca 6 "$net.236.9" 8a:1b:e6:52:3d:09
  python3 ruleset.py 4 "$pool" "$net.236.10" "cali0a2929df0ca=$net.236.9" "cali18bb3d8772f=$net.236.8" >"$work/v4"
  python3 ruleset.py 6 >"$work/v6"
  on "$node" iptables-restore <"$work/v4"
  on "$node" ip6tables-restore <"$work/v6"

  background "$node" python3 ../serve.py 0.0.0.0:22 0.0.0.0:179 127.0.0.1:9099 127.0.0.1:10248 127.0.0.1:10249 \
    '*:10250' '*:10256'
  background "$master" python3 ../serve.py 0.0.0.0:22 127.0.0.1:2379 192.168.21.11:2379 192.168.21.11:2380 \
    127.0.0.1:10257 127.0.0.1:10259 --tls "$work/crt" "$work/key" '*:6443'
  background "$coredns1" python3 ../serve.py '*:53' '*:9153'
  background "$coredns2" python3 ../serve.py '*:53' '*:9153'
  background "$internet" python3 ../serve.py 223.5.5.5:53
  sleep 3 # listeners, and IPv6 duplicate address detection

  local filter='port 6443 or host 223.5.5.5'
  background "$node" tcpdump -l -nn -i ens192 "$filter" >"$out/tcpdump-node-1-ens192.txt" 2>&1
  background "$master" tcpdump -l -nn -e -i ens192 port 6443 >"$out/tcpdump-master-1-ens192.txt" 2>&1
  background "$gateway" tcpdump -l -nn -i wan0 ip >"$out/tcpdump-gateway-wan0.txt" 2>&1
  sleep 1
  say "$out/node-1.txt" '[root@node-1 ~]#' 'curl -k -s https://10.96.0.1:443; echo' "$node"
  sleep 3 # keeps the node's own connection apart from the pod's in tcpdump
  say "$out/pod-busybox.txt" '/ #' 'ip addr' "$busybox"
  say "$out/pod-busybox.txt" '/ #' 'ip route' "$busybox"
  say "$out/pod-busybox.txt" '/ #' 'busybox ping -c 3 223.5.5.5' "$busybox"
  say "$out/pod-busybox.txt" '/ #' 'busybox telnet 223.5.5.5 53 </dev/null' "$busybox"
  say "$out/pod-busybox.txt" '/ #' 'busybox telnet 10.96.0.1 443 </dev/null' "$busybox"
  say "$out/pod-busybox.txt" '/ #' "curl -k -m 5 -sS https://10.96.0.1:443" "$busybox"
  say "$out/pod-busybox.txt" '/ #' 'ip neigh' "$busybox"
  sed -i 's/^\/ # busybox /\/ # /; s/ <\/dev\/null$//' "$out/pod-busybox.txt" # as one types it inside the pod
  dump "$node" "$PWD/$variant/node-1"
  dump "$master" "$PWD/$variant/master-1"
  say "$out/node-1.txt" '[root@node-1 ~]#' 'iptables -t nat -nvL cali-nat-outgoing' "$node"
  say "$out/node-1.txt" '[root@node-1 ~]#' "ip route get 192.168.21.11 from $net.236.10 iif calia9589d79281" "$node"
  say "$out/master-1.txt" '[root@master-1 ~]#' "ip route get $net.236.10" "$master"
  cleanup
  wait 2>/dev/null || true
}

[ $# -gt 0 ] || set -- bad routed healthy
for v; do
  case $v in
    bad) capture bad 192.168.0.0/16 192.168 no ;;
    routed) capture routed 192.168.0.0/16 192.168 yes ;;
    healthy) capture healthy 10.244.0.0/16 10.244 no ;;
    *) echo "unknown variant $v" >&2; exit 2 ;;
  esac
done
