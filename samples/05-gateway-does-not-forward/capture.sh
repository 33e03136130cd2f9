#!/usr/bin/env bash
# Builds the sample's network in namespaces, sends real packets through it, and saves what the real tools print.
#
#   sudo ./capture.sh [bad] [ufw] [sysctl-off] [masquerade-missing] [healthy]     (all without arguments)
#
# Rewrites VARIANT/ and probes/VARIANT.txt only.
#
#   agent-1 eth0 172.29.1.101 --+-- switch --- eth1 172.29.1.100  master  eth0 192.168.1.50 --- .1 office router --- 8.8.8.8
#   agent-2 eth0 172.29.1.102 --'
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh

k3s() { # PID NUMBER INTERFACE: what k3s's flannel and kube-proxy write on every node
  on "$1" sh -c "ip link add flannel.1 address 5e:00:0a:2a:00:0$2 type vxlan id 1 local 172.29.1.10$2 dstport 8472 nolearning dev $3
    ip addr add 10.42.$2.0/32 dev flannel.1; ip link set flannel.1 up
    ip link add cni0 type bridge; ip addr add 10.42.$2.1/24 brd 10.42.$2.255 dev cni0; ip link set cni0 mtu 1450 up
    sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=2"
  local peer
  for peer in 0 1 2; do
    [ "$peer" = "$2" ] || on "$1" sh -c "ip neigh add 10.42.$peer.0 lladdr 5e:00:0a:2a:00:0$peer dev flannel.1 nud permanent
      bridge fdb append 5e:00:0a:2a:00:0$peer dev flannel.1 dst 172.29.1.10$peer
      ip route add 10.42.$peer.0/24 via 10.42.$peer.0 dev flannel.1 onlink"
  done
  sed "s/NUMBER/$2/" <<'RULES' | on "$1" iptables-restore
*filter
:KUBE-FORWARD - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FIREWALL - [0:0]
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A INPUT -j KUBE-FIREWALL
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A FORWARD -s 10.42.0.0/16 -j ACCEPT
-A FORWARD -d 10.42.0.0/16 -j ACCEPT
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -s 10.42.0.0/16 -m comment --comment "kubernetes forwarding conntrack pod source rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-FORWARD -d 10.42.0.0/16 -m comment --comment "kubernetes forwarding conntrack pod destination rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-MARK-DROP - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]
:KUBE-SEP-4OKDWZUUT6EDDRKD - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -s 10.42.0.0/16 -d 10.42.0.0/16 -j RETURN
-A POSTROUTING -s 10.42.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE
-A POSTROUTING ! -s 10.42.0.0/16 -d 10.42.NUMBER.0/24 -j RETURN
-A POSTROUTING ! -s 10.42.0.0/16 -d 10.42.0.0/16 -j MASQUERADE
-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -m mark --mark 0x4000/0x4000 -j MASQUERADE
-A KUBE-SERVICES ! -s 10.42.0.0/16 -d 10.43.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-MARK-MASQ
-A KUBE-SERVICES -d 10.43.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-SVC-NPX46M4PTMTKRN6Y -j KUBE-SEP-4OKDWZUUT6EDDRKD
-A KUBE-SEP-4OKDWZUUT6EDDRKD -s 172.29.1.100/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-4OKDWZUUT6EDDRKD -p tcp -m tcp -j DNAT --to-destination 172.29.1.100:6443
COMMIT
RULES
}
docker() { # PID: what dockerd 19.03 writes at its start
  on "$1" sh -c 'ip link add docker0 type bridge; ip addr add 172.17.0.1/16 brd 172.17.255.255 dev docker0; ip link set docker0 up'
  on "$1" iptables-restore --noflush <<'RULES'
*filter
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
RULES
}
ufw() { # PID: ufw 0.36 as enabled, 22, 6443, 10250 and flannel's port allowed in, DEFAULT_FORWARD_POLICY="DROP"
  on "$1" iptables-restore --noflush <<'RULES'
*filter
:ufw-after-forward - [0:0]
:ufw-after-input - [0:0]
:ufw-after-logging-forward - [0:0]
:ufw-before-forward - [0:0]
:ufw-before-input - [0:0]
:ufw-before-logging-forward - [0:0]
:ufw-reject-forward - [0:0]
:ufw-track-forward - [0:0]
:ufw-user-forward - [0:0]
:ufw-user-input - [0:0]
-A INPUT -j ufw-before-input
-A INPUT -j ufw-after-input
-A FORWARD -j ufw-before-logging-forward
-A FORWARD -j ufw-before-forward
-A FORWARD -j ufw-after-forward
-A FORWARD -j ufw-after-logging-forward
-A FORWARD -j ufw-reject-forward
-A FORWARD -j ufw-track-forward
-A ufw-after-logging-forward -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "
-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-forward -p icmp -m icmp --icmp-type 3 -j ACCEPT
-A ufw-before-forward -p icmp -m icmp --icmp-type 11 -j ACCEPT
-A ufw-before-forward -p icmp -m icmp --icmp-type 12 -j ACCEPT
-A ufw-before-forward -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A ufw-before-forward -j ufw-user-forward
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -j ufw-user-input
-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT
-A ufw-user-input -p tcp -m tcp --dport 6443 -j ACCEPT
-A ufw-user-input -p tcp -m tcp --dport 10250 -j ACCEPT
-A ufw-user-input -s 172.29.1.0/24 -p udp -m udp --dport 8472 -j ACCEPT
COMMIT
RULES
}

capture() { # VARIANT
  local variant=$1 probes=$PWD/probes/$1.txt
  mkdir -p probes
  : >"$probes"
  bridge_host switch
  host master master
  host agent1 agent-1
  host agent2 agent-2
  host router router
  host internet internet
  wire "$master" eth0 00:e0:67:1d:29:50 "$router" lan0 3c:84:6a:01:01:01
  wire "$router" wan0 3c:84:6a:01:01:02 "$internet" eth0 02:00:00:00:00:01
  cable "$master" eth1 3 00:e0:67:1d:29:64 "$switch" p100
  cable "$agent1" eth0 2 00:e0:67:1d:29:65 "$switch" p101
  cable "$agent2" eth0 2 00:e0:67:1d:29:66 "$switch" p102

  on "$internet" sh -c 'ip addr add 203.0.113.1/24 dev eth0; ip addr add 8.8.8.8/32 dev lo'
  on "$router" sh -c 'ip addr add 192.168.1.1/24 dev lan0; ip addr add 203.0.113.9/24 dev wan0
    ip route add default via 203.0.113.1; sysctl -qw net.ipv4.ip_forward=1
    iptables -t nat -A POSTROUTING -o wan0 -j MASQUERADE'
  on "$master" sh -c 'ip addr add 192.168.1.50/24 brd 192.168.1.255 dev eth0
    ip addr add 172.29.1.100/24 brd 172.29.1.255 dev eth1
    ip route add default via 192.168.1.1 dev eth0 proto dhcp src 192.168.1.50 metric 100'
  for n in 1 2; do
    local agent=agent$n
    on "${!agent}" sh -c "ip addr add 172.29.1.10$n/24 brd 172.29.1.255 dev eth0
      ip route add default via 172.29.1.100 dev eth0 proto static"
    k3s "${!agent}" "$n" eth0
    on "${!agent}" sysctl -qw net.ipv4.tcp_syn_retries=2
  done
  k3s "$master" 0 eth1
  [ "$variant" = ufw ] || docker "$master"
  [ "$variant" = masquerade-missing ] || on "$master" iptables -t nat -A POSTROUTING -s 172.29.1.0/24 -j MASQUERADE
  case $variant in
    bad) on "$master" iptables -P FORWARD DROP ;;
    ufw) ufw "$master"; on "$master" iptables -P FORWARD DROP; on "$master" iptables -P INPUT DROP ;;
    sysctl-off) on "$master" sysctl -qw net.ipv4.ip_forward=0 ;;
  esac

  listen "$internet" 8.8.8.8:53 8.8.8.8:443
  listen "$master" 0.0.0.0:22 0.0.0.0:6443 0.0.0.0:10250
  listen "$agent1" 0.0.0.0:22 0.0.0.0:10250
  listen "$agent2" 0.0.0.0:22 0.0.0.0:10250
  sleep 2
  background "$master" timeout 14 tcpdump -l -nn -i any host 8.8.8.8 >"$probes.tcpdump" 2>/dev/null
  sleep 1
  say "$probes" 'edge@agent-1:~$' 'busybox ping -c 2 -W 2 8.8.8.8' "$agent1"
  say "$probes" 'edge@agent-1:~$' 'curl -m 3 -sS http://8.8.8.8:443' "$agent1"
  say "$probes" 'edge@agent-1:~$' 'curl -m 3 -sS http://10.43.0.1:443' "$agent1"
  say "$probes" 'edge@agent-2:~$' 'curl -m 3 -sS http://8.8.8.8:443' "$agent2"
  say "$probes" 'root@master:~#' 'curl -m 3 -sS http://8.8.8.8:443' "$master"
  dump "$master" "$PWD/$variant/master"
  dump "$agent1" "$PWD/$variant/agent-1"
  dump "$agent2" "$PWD/$variant/agent-2"
  say "$probes" 'root@master:~#' 'iptables -nvL FORWARD' "$master"
  sed -i 's/\$ busybox /$ /' "$probes" # as one types it
  { echo 'root@master:~# tcpdump -nn -i any host 8.8.8.8'; cat "$probes.tcpdump"; } >>"$probes"
  rm -f "$probes.tcpdump"
  cleanup
  wait 2>/dev/null || true
}

[ $# -gt 0 ] || set -- bad ufw sysctl-off masquerade-missing healthy
for v; do
  case $v in
    bad | ufw | sysctl-off | masquerade-missing | healthy) capture "$v" ;;
    *) echo "unknown variant $v" >&2; exit 2 ;;
  esac
done
