#!/usr/bin/env bash
# Builds the sample's network in namespaces, sends real packets through it, and saves what the real tools print.
#
#   sudo ./capture.sh [bad] [masqueraded] [routed] [healthy]     (all without arguments)
#
# Rewrites VARIANT/ and probes/VARIANT.txt only; */master-1/ps.txt is written by hand in here.
#
#   node-1  enslf0 10.0.0.12 ------ switch --+-- eth0 10.0.0.8  master-1 (apiserver :6443)
#           |                                +-- eth0 10.0.0.9  master-2 (apiserver :6443)
#           |                                '-- 10.0.0.1 router without a way to 10.141.13.0/24
#           enslf1 10.141.13.182 -- 10.141.13.1 gateway
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh

kube_proxy() { # PID CLUSTER-CIDR-OR-NOTHING: what kube-proxy writes for the kubernetes Service
  local mark=""
  [ -z "$2" ] || mark="-A KUBE-SERVICES ! -s $2 -d 172.24.0.1/32 -p tcp -m comment --comment \"default/kubernetes:https cluster IP\" -m tcp --dport 443 -j KUBE-MARK-MASQ"
  on "$1" iptables-restore <<RULES
*filter
:KUBE-FORWARD - [0:0]
:KUBE-SERVICES - [0:0]
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]
:KUBE-SEP-2N7BUVLYZ3GEFW4M - [0:0]
:KUBE-SEP-QLW3TRVMCTTGNHEP - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -m mark --mark 0x4000/0x4000 -j MASQUERADE
$mark
-A KUBE-SERVICES -d 172.24.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-SVC-NPX46M4PTMTKRN6Y -m comment --comment "default/kubernetes:https" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-2N7BUVLYZ3GEFW4M
-A KUBE-SVC-NPX46M4PTMTKRN6Y -m comment --comment "default/kubernetes:https" -j KUBE-SEP-QLW3TRVMCTTGNHEP
-A KUBE-SEP-2N7BUVLYZ3GEFW4M -s 10.0.0.8/32 -m comment --comment "default/kubernetes:https" -j KUBE-MARK-MASQ
-A KUBE-SEP-2N7BUVLYZ3GEFW4M -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination 10.0.0.8:6443
-A KUBE-SEP-QLW3TRVMCTTGNHEP -s 10.0.0.9/32 -m comment --comment "default/kubernetes:https" -j KUBE-MARK-MASQ
-A KUBE-SEP-QLW3TRVMCTTGNHEP -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination 10.0.0.9:6443
COMMIT
RULES
}

capture() { # VARIANT
  local variant=$1 probes=$PWD/probes/$1.txt
  mkdir -p probes
  : >"$probes"
  bridge_host switch
  host node node-1
  host master1 master-1
  host master2 master-2
  host router router
  host gateway gateway
  cable "$node" enslf0 2 98:03:9b:00:00:0c "$switch" p12
  wire "$node" enslf1 98:03:9b:8d:0d:b6 "$gateway" eth0 98:03:9b:8d:0d:01
  cable "$master1" eth0 2 98:03:9b:00:00:08 "$switch" p8
  cable "$master2" eth0 2 98:03:9b:00:00:09 "$switch" p9
  cable "$router" eth0 2 98:03:9b:00:00:01 "$switch" p1
  on "$gateway" ip addr add 10.141.13.1/24 dev eth0
  on "$router" ip addr add 10.0.0.1/24 dev eth0
  on "$node" sh -c 'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.enslf0.rp_filter=0 net.ipv4.conf.enslf1.rp_filter=0
    ip addr add 10.0.0.12/24 brd 10.0.0.255 dev enslf0; ip addr add 10.141.13.182/24 brd 10.141.13.255 dev enslf1
    ip route add default via 10.141.13.1 dev enslf1
    sysctl -qw net.ipv4.tcp_syn_retries=2'
  for n in 1 2; do
    local master=master$n
    on "${!master}" sh -c "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
      ip addr add 10.0.0.$((7 + n))/24 brd 10.0.0.255 dev eth0; ip route add default via 10.0.0.1 dev eth0"
    kube_proxy "${!master}" ""
    [ "$variant" != routed ] || on "${!master}" ip route add 10.141.13.0/24 via 10.0.0.12 dev eth0
  done
  case $variant in
    masqueraded) kube_proxy "$node" 172.16.0.0/16 ;;
    healthy) kube_proxy "$node" ""; on "$node" ip route add 172.24.0.0/13 dev enslf0 ;;
    *) kube_proxy "$node" "" ;;
  esac

  listen "$master1" 10.0.0.8:6443 10.0.0.8:22
  listen "$master2" 10.0.0.9:6443 10.0.0.9:22
  listen "$node" 0.0.0.0:22 0.0.0.0:10250
  sleep 2
  background "$node" timeout 13 tcpdump -l -nn -i enslf0 port 6443 >"$probes.tcpdump" 2>&1
  sleep 1
  say "$probes" '[root@node-1 ~]#' 'curl -m 3 -sS http://10.0.0.8:6443' "$node"
  say "$probes" '[root@node-1 ~]#' 'curl -m 3 -sS http://10.0.0.9:6443' "$node"
  say "$probes" '[root@node-1 ~]#' 'curl -m 3 -sS http://172.24.0.1:443' "$node"
  say "$probes" '[root@node-1 ~]#' 'curl -m 3 -sS http://172.24.0.1:443' "$node"
  say "$probes" '[root@node-1 ~]#' 'ip route get 172.24.0.1' "$node"
  say "$probes" '[root@node-1 ~]#' 'ip route get 10.0.0.8' "$node"
  dump "$node" "$PWD/$variant/node-1"
  dump "$master1" "$PWD/$variant/master-1"
  dump "$master2" "$PWD/$variant/master-2"
  cat >"$variant/master-1/ps.txt" <<'PS'
UID          PID    PPID  C STIME TTY          TIME CMD
root           1       0  0 08:00 ?        00:00:03 /usr/lib/systemd/systemd --switched-root --system --deserialize 22
root        1417       1  2 08:00 ?        00:04:11 /opt/kubernetes/bin/kube-apiserver --advertise-address=10.0.0.8 --bind-address=10.0.0.8 --secure-port=6443 --service-cluster-ip-range=172.24.0.0/13 --etcd-servers=https://10.0.0.8:2379,https://10.0.0.9:2379
PS
  { echo '[root@node-1 ~]# tcpdump -nn -i enslf0 port 6443'; cat "$probes.tcpdump"; } >>"$probes"
  rm -f "$probes.tcpdump"
  cleanup
  wait 2>/dev/null || true
}

[ $# -gt 0 ] || set -- bad masqueraded routed healthy
for v; do
  case $v in
    bad | masqueraded | routed | healthy) capture "$v" ;;
    *) echo "unknown variant $v" >&2; exit 2 ;;
  esac
done
