#!/usr/bin/env bash
# Builds the sample's network in a second Linux that has IPVS, sends real packets through it, and saves what the real tools print.
#
#   ./capture.sh [VARIANT...]        all variants without arguments; needs no privileges
#
# Needs user-mode-linux with its modules, iproute2, iptables (the legacy variant), ipset, ipvsadm, conntrack, tcpdump, curl, openssl, python3.
# Rewrites VARIANT/node-1, VARIANT/master-1 and probes/VARIANT only; the kubernetes/ folders are written by hand.
#
#   shell 10.244.1.5 --cni0-- node-1   eth0 192.168.10.12 --+-- switch -- eth0 192.168.10.1 gateway
#   coredns 10.244.0.2 --cni0-- master-1 eth0 192.168.10.11 --'            (apiserver :6443 on master-1)
set -euo pipefail
export LC_ALL=C TZ=UTC
variants=(bad conntrack-off member-missing service-missing no-server healthy)

if [ "${1:-}" != --inside ]; then
  cd "$(dirname "$0")"
  [ $# -gt 0 ] || set -- "${variants[@]}"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/shared"
  cp capture.sh ../namespaces.sh ../serve.py "$work/shared/"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=kube-apiserver \
    -addext 'subjectAltName=IP:10.96.0.1,IP:192.168.10.11' -keyout "$work/shared/key" -out "$work/shared/crt" 2>/dev/null
  python=$(python3 -c 'import sys; print(sys.executable)')
  cat >"$work/init" <<INIT
#!/bin/sh
export PATH='$PATH:/usr/sbin:/sbin' PYTHON='$python'
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t hostfs none /mnt -o '$work/shared'
for place in /run /tmp /var/tmp /lib/modules; do mount -t tmpfs tmpfs \$place; done
ln -s "/usr/lib/uml/modules/\$(uname -r)" "/lib/modules/\$(uname -r)"
cd /mnt
bash ./capture.sh --inside $* >log 2>&1 </dev/null && echo done >ended
sync
echo o >/proc/sysrq-trigger
sleep 60
INIT
  chmod +x "$work/init"
  HOME=$work TMPDIR=$work timeout 600 linux.uml mem=512M root=/dev/root rootfstype=hostfs ro init="$work/init" con=null con0=null,fd:1 quiet \
    panic=-1 >"$work/console" 2>&1 || true
  [ -e "$work/shared/ended" ] || { cat "$work/console" "$work/shared/log" >&2; exit 1; }
  for v; do
    rm -rf "$v/node-1" "$v/master-1" "probes/$v"
    mkdir -p "$v" probes
    cp -r "$work/shared/$v/." "$v/"
    cp -r "$work/shared/probes/$v" probes/
  done
  exit
fi

# From here on: inside the second kernel, as root.
shift
. ./namespaces.sh
modprobe -a ip_vs ip_vs_rr dummy nf_conntrack br_netfilter
cable() { # PID INTERFACE MAC SWITCH-PORT: joins a host to the switch
  on "$switch" ip link add "$4" type veth peer name "$2" address "$3" index 2 netns "$1"
  on "$switch" ip link set "$4" master br0 up
  on "$1" ip link set "$2" up
}
pod() { # VARIABLE HOST-PID VETH ADDRESS GATEWAY MAC: what the bridge plugin does for a new pod
  host "$1" "$1"
  local ns=${!1}
  on "$2" ip link add "$3" mtu 1500 type veth peer name eth0 address "$6" index 3 mtu 1500 netns "$ns"
  on "$2" ip link set "$3" master cni0 up
  on "$ns" ip addr add "$4/24" dev eth0
  on "$ns" ip link set eth0 up
  on "$ns" ip route add default via "$5"
}
node() { # PID ADDRESS POD-NETWORK OTHER-POD-NETWORK OTHER-ADDRESS
  on "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 \
    net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 net.ipv4.vs.expire_nodest_conn=1 \
    net.ipv4.vs.expire_quiescent_template=1 net.ipv4.vs.conn_reuse_mode=0
  on "$1" ip addr add "$2/24" brd 192.168.10.255 dev eth0
  on "$1" ip route add default via 192.168.10.1
  on "$1" ip link add cni0 type bridge
  on "$1" ip link set cni0 up
  on "$1" ip addr add "$3.1/24" brd "$3.255" dev cni0
  on "$1" ip route add "$4.0/24" via "$5" dev eth0
}
proxy() { # PID VARIANT ADDRESS: what kube-proxy 1.11 leaves behind in IPVS mode
  local masq='' member=yes service=yes server=yes
  case $2 in
    healthy) masq='! -s 10.244.0.0/16' ;;
    conntrack-off) masq='! -s 10.244.0.0/16' ;;
    member-missing) masq='! -s 10.244.0.0/16' member=no ;;
    service-missing) masq='! -s 10.244.0.0/16' service=no ;;
    no-server) masq='! -s 10.244.0.0/16' server=no ;;
  esac
  if [ "$2" != conntrack-off ]; then on "$1" sysctl -qw net.ipv4.vs.conntrack=1; fi
  on "$1" ip link add kube-ipvs0 type dummy
  on "$1" ip addr add 10.96.0.1/32 dev kube-ipvs0
  on "$1" ip addr add 10.96.0.10/32 dev kube-ipvs0
  if [ $service = yes ]; then
    on "$1" ipvsadm -A -t 10.96.0.1:443 -s rr
    if [ $server = yes ]; then on "$1" ipvsadm -a -t 10.96.0.1:443 -r 192.168.10.11:6443 -m; fi
  fi
  for s in '-t 10.96.0.10:53' '-u 10.96.0.10:53'; do
    on "$1" ipvsadm -A $s -s rr
    on "$1" ipvsadm -a $s -r 10.244.0.2:53 -m
  done
  on "$1" ipset create KUBE-LOOP-BACK hash:ip,port,ip
  for p in tcp udp; do on "$1" ipset add KUBE-LOOP-BACK "10.244.0.2,$p:53,10.244.0.2"; done
  on "$1" ipset create KUBE-CLUSTER-IP hash:ip,port
  if [ $member = yes ]; then on "$1" ipset add KUBE-CLUSTER-IP 10.96.0.1,tcp:443; fi
  for p in tcp udp; do on "$1" ipset add KUBE-CLUSTER-IP "10.96.0.10,$p:53"; done
  for s in KUBE-EXTERNAL-IP KUBE-LOAD-BALANCER KUBE-LOAD-BALANCER-FW KUBE-LOAD-BALANCER-LOCAL; do on "$1" ipset create $s hash:ip,port; done
  on "$1" ipset create KUBE-LOAD-BALANCER-SOURCE-IP hash:ip,port,ip
  on "$1" ipset create KUBE-LOAD-BALANCER-SOURCE-CIDR hash:ip,port,net
  for s in KUBE-NODE-PORT-TCP KUBE-NODE-PORT-LOCAL-TCP KUBE-NODE-PORT-UDP KUBE-NODE-PORT-LOCAL-UDP; do on "$1" ipset create $s bitmap:port range 0-65535; done
  {
    printf '%s\n' '*nat' ':KUBE-FIREWALL - [0:0]' ':KUBE-LOAD-BALANCER - [0:0]' ':KUBE-MARK-DROP - [0:0]' ':KUBE-MARK-MASQ - [0:0]' \
      ':KUBE-NODE-PORT - [0:0]' ':KUBE-POSTROUTING - [0:0]' ':KUBE-SERVICES - [0:0]' \
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES' \
      '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES' \
      '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING' \
      '-A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -o eth0 -m comment --comment "pods to the outside" -j MASQUERADE' \
      '-A KUBE-FIREWALL -j KUBE-MARK-DROP' \
      '-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ' \
      '-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000' \
      '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000' \
      '-A KUBE-NODE-PORT -p tcp -m comment --comment "Kubernetes nodeport TCP port for masquerade purpose" -m set --match-set KUBE-NODE-PORT-TCP dst -j KUBE-MARK-MASQ' \
      '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -m mark --mark 0x4000/0x4000 -j MASQUERADE' \
      '-A KUBE-POSTROUTING -m comment --comment "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose" -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE'
    if [ -n "$masq" ]; then
      echo "-A KUBE-SERVICES $masq -m comment --comment \"Kubernetes service cluster ip + port for masquerade purpose\" -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ"
    fi
    printf '%s\n' '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT' \
      '-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT' 'COMMIT' \
      '*filter' ':KUBE-FIREWALL - [0:0]' ':KUBE-FORWARD - [0:0]' \
      '-A INPUT -j KUBE-FIREWALL' '-A OUTPUT -j KUBE-FIREWALL' \
      '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD' \
      '-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP' \
      '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT' 'COMMIT'
  } >/tmp/rules
  on "$1" iptables-legacy-restore </tmp/rules
}
dump() { # PID FOLDER: the sample's files of one host
  mkdir -p "$2"
  on "$1" sh -c "
    cd '$2' || exit 1
    hostname                    >hostname
    date                        >date.txt
    uname -a                    >uname.txt
    iptables-legacy-save        >iptables-save.txt
    ipset list                  >ipset-list.txt
    ip addr                     >ip-addr.txt
    ip -d link                  >ip-link.txt
    ip route show table all     >ip-route.txt
    ip rule                     >ip-rule.txt
    ip neigh                    >ip-neigh.txt
    ipvsadm -Ln                 >ipvsadm.txt
    sysctl -a --pattern '^net\.' >sysctl.txt 2>/dev/null
    conntrack -L                >conntrack.txt 2>&1
    ss -lntu                    >ss.txt" || true
}

capture() { # VARIANT
  local out=/mnt/probes/$1
  mkdir -p "$out"
  bridge_host switch
  host node node-1
  host master master-1
  host gateway gateway
  cable "$node" eth0 52:54:00:10:00:0c p12
  cable "$master" eth0 52:54:00:10:00:0b p11
  cable "$gateway" eth0 52:54:00:10:00:01 p1
  on "$gateway" sh -c 'ip addr add 192.168.10.1/24 dev eth0; sysctl -qw net.ipv4.ip_forward=1'
  node "$node" 192.168.10.12 10.244.1 10.244.0 192.168.10.11
  node "$master" 192.168.10.11 10.244.0 10.244.1 192.168.10.12
  pod shell "$node" veth5a1f0c72 10.244.1.5 10.244.1.1 5a:11:20:00:01:05
  pod coredns "$master" veth90b3d4e1 10.244.0.2 10.244.0.1 5a:11:20:00:00:02
  proxy "$node" "$1"
  proxy "$master" "$1"
  on "$node" sysctl -qw net.ipv4.tcp_syn_retries=2
  background "$node" "$PYTHON" ./serve.py 0.0.0.0:22 '*:10250' '*:10256'
  background "$master" "$PYTHON" ./serve.py 0.0.0.0:22 '*:10250' '*:10256' 127.0.0.1:2379 --tls /mnt/crt /mnt/key '*:6443'
  background "$coredns" "$PYTHON" ./serve.py '*:53'
  until on "$master" ss -ltn | grep -q ':6443 ' && on "$coredns" ss -ltn | grep -q ':53 ' && on "$node" ss -ltn | grep -q ':10256 '; do sleep 0.5; done
  sleep 3 # IPv6 duplicate address detection
  background "$node" tcpdump -l -nn -i eth0 'port 6443 and tcp[tcpflags] & tcp-syn != 0' >"$out/tcpdump-node-1-eth0.txt" 2>&1
  background "$master" tcpdump -l -nn -i eth0 'port 6443 and tcp[tcpflags] & tcp-syn != 0' >"$out/tcpdump-master-1-eth0.txt" 2>&1
  sleep 2
  say "$out/node-1.txt" '[root@node-1 ~]#' 'ip route get 10.96.0.1' "$node"
  say "$out/node-1.txt" '[root@node-1 ~]#' 'curl -k -m 6 -sS https://10.96.0.1:443; echo' "$node"
  say "$out/node-1.txt" '[root@node-1 ~]#' 'curl -k -m 6 -sS https://192.168.10.11:6443; echo' "$node"
  say "$out/pod-shell.txt" '/ #' 'curl -k -m 6 -sS https://10.96.0.1:443; echo' "$shell"
  say "$out/master-1.txt" '[root@master-1 ~]#' 'cat /proc/net/stat/rt_cache' "$master"
  dump "$node" "/mnt/$1/node-1"
  dump "$master" "/mnt/$1/master-1"
  if [ "$1" = bad ]; then # the write-up's own remedy
    say "$out/route-deleted.txt" '[root@node-1 ~]#' 'ip route del table local local 10.96.0.1 dev kube-ipvs0' "$node"
    say "$out/route-deleted.txt" '[root@node-1 ~]#' 'ip route get 10.96.0.1' "$node"
    say "$out/route-deleted.txt" '[root@node-1 ~]#' 'curl -k -m 6 -sS https://10.96.0.1:443; echo' "$node"
    say "$out/route-deleted.txt" '/ #' 'curl -k -m 6 -sS https://10.96.0.1:443; echo' "$shell"
    on "$node" ip route add table local local 10.96.0.1 dev kube-ipvs0 proto kernel scope host src 10.96.0.1
    say "$out/masqueraded.txt" '[root@node-1 ~]#' 'iptables-legacy -t nat -I POSTROUTING ! -o lo -m addrtype --src-type LOCAL -m ipvs --ipvs -j MASQUERADE' "$node"
    say "$out/masqueraded.txt" '[root@node-1 ~]#' 'curl -k -m 6 -sS https://10.96.0.1:443; echo' "$node"
    say "$out/masqueraded.txt" '/ #' 'curl -k -m 6 -sS https://10.96.0.1:443; echo' "$shell"
  fi
  cleanup
  wait 2>/dev/null || true
}

for v; do capture "$v"; done
