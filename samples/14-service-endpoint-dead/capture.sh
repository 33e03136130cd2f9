#!/usr/bin/env bash
# Builds the sample's network in namespaces, sends real packets through it, and saves what the real tools print.
#
#   sudo ./capture.sh [bad] [filtered] [not-ready] [healthy]        (all without arguments)
#
# Needs root, iproute2, iptables with the nf_tables back end, conntrack, curl, openssl, python3.
# Rewrites VARIANT/node-1, VARIANT/master-* and probes/VARIANT only; the kubernetes/ folders are written by hand.
#
#   node-1 eth0 192.168.70.21 --+-- switch --+-- eth0 192.168.70.11 master-1 (apiserver :6443)
#                               |            +-- eth0 192.168.70.12 master-2 (apiserver :6443, stopped)
#                               +-- 192.168.70.1 gateway
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh

iptables --version | grep -q nf_tables || { echo "iptables must be the nf_tables variant" >&2; exit 1; }

# What kube-proxy 1.18 loads on node-1; chain names carry the hashes that it would compute.
cat >"$work/rules.py" <<'PY'
import base64, hashlib
def name(*parts):
    return base64.b32encode(hashlib.sha256("".join(parts).encode()).digest()).decode()[:16]
services = [("default/kubernetes:https", "tcp", "10.96.0.1", 443, ["192.168.70.11:6443", "192.168.70.12:6443"])]
print("*nat\n:KUBE-MARK-DROP - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-NODEPORTS - [0:0]\n:KUBE-POSTROUTING - [0:0]\n:KUBE-PROXY-CANARY - [0:0]\n:KUBE-SERVICES - [0:0]")
rules = ['-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
         '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
         '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
         '-A KUBE-MARK-DROP -j MARK --or-mark 0x8000', '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
         '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN', '-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000',
         '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE']
for service, proto, ip, port, endpoints in services:
    svc = "KUBE-SVC-" + name(service, proto)
    print(f":{svc} - [0:0]")
    head = f'-m comment --comment "{service} cluster IP" -m {proto} -p {proto} -d {ip}/32 --dport {port}'
    rules.append(f"-A KUBE-SERVICES ! -s 10.244.0.0/16 {head} -j KUBE-MARK-MASQ")
    rules.append(f"-A KUBE-SERVICES {head} -j {svc}")
    for at, endpoint in enumerate(endpoints):
        sep, left = "KUBE-SEP-" + name(service, proto, endpoint), len(endpoints) - at
        print(f":{sep} - [0:0]")
        chance = "" if left == 1 else f"-m statistic --mode random --probability {1 / left:.11f} "
        rules.append(f'-A {svc} -m comment --comment "{service}" {chance}-j {sep}')
        rules.append(f'-A {sep} -m comment --comment "{service}" -s {endpoint.split(":")[0]}/32 -j KUBE-MARK-MASQ')
        rules.append(f'-A {sep} -m comment --comment "{service}" -m {proto} -p {proto} -j DNAT --to-destination {endpoint}')
rules.append('-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS')
print("\n".join(rules) + "\nCOMMIT")
print("*filter\n:KUBE-FIREWALL - [0:0]\n:KUBE-FORWARD - [0:0]\n-A INPUT -j KUBE-FIREWALL\n-A FORWARD -m comment --comment \"kubernetes forwarding rules\" -j KUBE-FORWARD\n-A OUTPUT -j KUBE-FIREWALL")
print("-A KUBE-FIREWALL -m comment --comment \"kubernetes firewall for dropping marked packets\" -m mark --mark 0x8000/0x8000 -j DROP\n-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT")
PY

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=kube-apiserver \
  -addext 'subjectAltName=IP:10.96.0.1,IP:192.168.70.11,IP:192.168.70.12' -keyout "$work/key" -out "$work/crt" 2>/dev/null

cable() { # PID ADDRESS MAC SWITCH-PORT: joins a host to the switch
  on "$switch" ip link add "$4" type veth peer name eth0 address "$3" index 2 netns "$1"
  on "$switch" ip link set "$4" master br0 up
  on "$1" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
  on "$1" ip link set eth0 up
  on "$1" ip addr add "$2/24" brd 192.168.70.255 dev eth0
  [ "$2" = 192.168.70.1 ] || on "$1" ip route add default via 192.168.70.1 dev eth0 proto static
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
    ip addr                     >ip-addr.txt
    ip -d link                  >ip-link.txt
    ip route show table all     >ip-route.txt
    ip rule                     >ip-rule.txt
    ip neigh                    >ip-neigh.txt
    sysctl -a --pattern '^net\.ipv4\.(ip_forward|conf|neigh|vs)' >sysctl.txt 2>/dev/null
    conntrack -L                >conntrack.txt 2>&1
    ss -lntu                    >ss.txt" || true
}

capture() { # VARIANT
  local out=$PWD/probes/$1
  rm -rf "$out" "$PWD/$1"/node-1 "$PWD/$1"/master-*
  mkdir -p "$out"
  bridge_host switch
  host node node-1
  host master1 master-1
  host master2 master-2
  host gateway gateway
  cable "$node" 192.168.70.21 52:54:00:70:00:15 p21
  cable "$master1" 192.168.70.11 52:54:00:70:00:0b p11
  if [ "$1" != not-ready ]; then cable "$master2" 192.168.70.12 52:54:00:70:00:0c p12; fi
  cable "$gateway" 192.168.70.1 52:54:00:70:00:01 p1
  python3 "$work/rules.py" >"$work/rules"
  on "$node" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.tcp_syn_retries=1
  on "$node" iptables-restore <"$work/rules"
  for m in "$master1" "$master2"; do
    on "$m" iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    on "$m" iptables -A INPUT -i lo -j ACCEPT
    on "$m" iptables -A INPUT -p tcp --dport 22 -j ACCEPT
    if [ "$1 $m" != "filtered $master2" ]; then on "$m" iptables -A INPUT -p tcp --dport 6443 -j ACCEPT; fi
    on "$m" iptables -A INPUT -p tcp --dport 2379:2380 -j ACCEPT
    on "$m" iptables -A INPUT -p tcp --dport 10250 -j ACCEPT
    on "$m" iptables -P INPUT DROP
  done
  background "$node" python3 ../serve.py 0.0.0.0:22 '*:10250' '*:10256'
  background "$master1" python3 ../serve.py 0.0.0.0:22 '*:10250' 192.168.70.11:2379 --tls "$work/crt" "$work/key" '*:6443'
  if [ "$1" = bad ]; then
    background "$master2" python3 ../serve.py 0.0.0.0:22 '*:10250' 192.168.70.12:2379
  elif [ "$1" != not-ready ]; then
    background "$master2" python3 ../serve.py 0.0.0.0:22 '*:10250' 192.168.70.12:2379 --tls "$work/crt" "$work/key" '*:6443'
  fi
  sleep 3 # listeners, and IPv6 duplicate address detection
  say "$out/node-1.txt" '[root@node-1 ~]#' 'for i in $(seq 40); do curl -k -m 1 -s -o /dev/null -w "%{http_code}\n" https://10.96.0.1:443; done | sort | uniq -c' "$node"
  say "$out/node-1.txt" '[root@node-1 ~]#' 'curl -k -m 2 -sS -o /dev/null -w "%{http_code}\n" https://192.168.70.11:6443' "$node"
  say "$out/node-1.txt" '[root@node-1 ~]#' 'curl -k -m 2 -sS -o /dev/null -w "%{http_code}\n" https://192.168.70.12:6443' "$node"
  dump "$node" "$PWD/$1/node-1"
  dump "$master1" "$PWD/$1/master-1"
  if [ "$1" != not-ready ]; then dump "$master2" "$PWD/$1/master-2"; fi
  cleanup
  wait 2>/dev/null || true
}

[ $# -gt 0 ] || set -- bad filtered not-ready healthy
for v; do capture "$v"; done
