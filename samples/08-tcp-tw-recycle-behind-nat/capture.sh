#!/usr/bin/env bash
# Builds the sample's network in namespaces, sends real packets through it, and saves what the real tools print.
#
#   sudo ./capture.sh [bad] [healthy]        (both without arguments)
#
# Needs root, iproute2, iptables (the legacy variant), conntrack, tcpdump, python3.
# Rewrites VARIANT/node-1 only; the kubernetes/ folders and the README's table of what is not captured are written by hand.
#
#   desk 10.9.0.11, kiosk 10.9.0.12 -- office gateway (SNAT) 10.10.8.254 -- eth0 10.10.8.21 node-1 cni0 -- web 10.244.1.7:8080
#
# No kernel since 4.12 has tcp_tw_recycle, so what it does is acted out: a rule inside the pod, which no dump shows, drops the SYNs that
# such a kernel drops; the kernel's name and the three parameters are written into the dumps as a CentOS 7 prints them.
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh

cat >"$work/syn.py" <<'PY'
"""syn.py SOURCE DESTINATION PORT SPORT TIMESTAMP: one SYN with that TCP timestamp, as a client with such a clock sends it."""
import socket, struct, sys
src, dst, port, sport, stamp = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
options = struct.pack("!BBH", 2, 4, 1460) + b"\x04\x02" + struct.pack("!BBII", 8, 10, stamp, 0) + b"\x01" + b"\x03\x03\x07"
head = struct.pack("!HHIIBBHHH", sport, port, sport * 48271, 0, (20 + len(options)) // 4 << 4, 2, 64240, 0, 0) + options
pseudo = socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack("!BBH", 0, 6, len(head)) + head
total = sum(struct.unpack("!%dH" % (len(pseudo) // 2), pseudo))
total = (total >> 16) + (total & 0xFFFF)
check = ~(total + (total >> 16)) & 0xFFFF
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
s.bind((src, 0))
s.sendto(head[:16] + struct.pack("!H", check) + head[18:], (dst, 0))
PY
cat >"$work/rules" <<'RULES'
*nat
:KUBE-MARK-DROP - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SEP-6JN3LQMQZ4JWX2PQ - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-BL7FHTIPVYJBLWZN - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -s 10.244.1.0/24 ! -d 10.244.0.0/16 -o eth0 -j MASQUERADE
-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-NODEPORTS -p tcp -m comment --comment "default/web:" -m tcp --dport 30080 -j KUBE-MARK-MASQ
-A KUBE-NODEPORTS -p tcp -m comment --comment "default/web:" -m tcp --dport 30080 -j KUBE-SVC-BL7FHTIPVYJBLWZN
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -m mark --mark 0x4000/0x4000 -j MASQUERADE
-A KUBE-SEP-6JN3LQMQZ4JWX2PQ -s 10.244.1.7/32 -m comment --comment "default/web:" -j KUBE-MARK-MASQ
-A KUBE-SEP-6JN3LQMQZ4JWX2PQ -p tcp -m comment --comment "default/web:" -m tcp -j DNAT --to-destination 10.244.1.7:8080
-A KUBE-SERVICES ! -s 10.244.0.0/16 -d 10.96.41.7/32 -p tcp -m comment --comment "default/web: cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SERVICES -d 10.96.41.7/32 -p tcp -m comment --comment "default/web: cluster IP" -m tcp --dport 80 -j KUBE-SVC-BL7FHTIPVYJBLWZN
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-SVC-BL7FHTIPVYJBLWZN -m comment --comment "default/web:" -j KUBE-SEP-6JN3LQMQZ4JWX2PQ
COMMIT
*filter
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
-A INPUT -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A OUTPUT -j KUBE-FIREWALL
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
COMMIT
RULES

wire() { # PID INTERFACE MAC ADDRESS PID INTERFACE MAC ADDRESS
  on "$1" ip link add "$2" address "$3" index 2 type veth peer name "$6" address "$7" netns "$5"
  on "$1" ip link set "$2" up
  on "$5" ip link set "$6" up
  on "$1" ip addr add "$4" dev "$2"
  on "$5" ip addr add "$8" dev "$6"
}
dump() { # PID FOLDER RECYCLE
  rm -rf "$2"
  mkdir -p "$2"
  on "$1" sh -c "
    cd '$2' || exit 1
    hostname                    >hostname
    date                        >date.txt
    echo 'Linux node-1 3.10.0-862.el7.x86_64 #1 SMP Fri Apr 20 16:44:24 UTC 2018 x86_64 x86_64 x86_64 GNU/Linux' >uname.txt
    iptables-legacy-save        >iptables-save.txt
    ip addr                     >ip-addr.txt
    ip -d link                  >ip-link.txt
    ip route show table all     >ip-route.txt
    ip rule                     >ip-rule.txt
    ip neigh                    >ip-neigh.txt
    sysctl -a --pattern '^net\.ipv4\.(ip_forward|conf\..*\.(accept_local|arp_filter|arp_ignore|forwarding|rp_filter|route_localnet|src_valid_mark)|tcp_fin_timeout|tcp_syn_retries|tcp_max_tw_buckets)$' >sysctl.txt 2>/dev/null
    conntrack -L                >conntrack.txt 2>&1
    ss -lntu                    >ss.txt" || true
  printf 'net.ipv4.tcp_timestamps = 1\nnet.ipv4.tcp_tw_recycle = %s\nnet.ipv4.tcp_tw_reuse = 0\n' "$3" >>"$2/sysctl.txt"
  sort -o "$2/sysctl.txt" "$2/sysctl.txt"
}

capture() { # VARIANT RECYCLE
  local out=$PWD/$1
  host office office
  host node node-1
  host desk desk
  host kiosk kiosk
  host web web
  wire "$node" eth0 52:54:00:08:00:15 10.10.8.21/24 "$office" wan 52:54:00:08:00:fe 10.10.8.254/24
  wire "$desk" eth0 52:54:00:09:00:0b 10.9.0.11/24 "$office" desk 52:54:00:09:00:01 10.9.0.1/32
  wire "$kiosk" eth0 52:54:00:09:00:0c 10.9.0.12/24 "$office" kiosk 52:54:00:09:00:02 10.9.0.1/32
  on "$office" sh -c 'ip route add 10.9.0.11 dev desk; ip route add 10.9.0.12 dev kiosk; sysctl -qw net.ipv4.ip_forward=1
    iptables-legacy -t nat -A POSTROUTING -s 10.9.0.0/24 -o wan -j SNAT --to-source 10.10.8.254'
  for c in "$desk" "$kiosk"; do
    on "$c" ip route add default via 10.9.0.1
    on "$c" iptables-legacy -A OUTPUT -p tcp --tcp-flags RST RST -j DROP # the SYNs are no sockets' own
  done
  on "$node" sh -c 'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
    ip route add default via 10.10.8.254 dev eth0
    ip link add cni0 type bridge; ip link set cni0 up; ip addr add 10.244.1.1/24 brd 10.244.1.255 dev cni0'
  on "$node" ip link add veth4c1d8e20 mtu 1500 type veth peer name eth0 address 0a:58:0a:f4:01:07 netns "$web"
  on "$node" ip link set veth4c1d8e20 master cni0 up
  on "$web" sh -c 'ip addr add 10.244.1.7/24 dev eth0; ip link set eth0 up; ip route add default via 10.244.1.1'
  on "$node" iptables-legacy-restore <"$work/rules"
  if [ "$2" = 1 ]; then on "$web" iptables-legacy -t raw -A PREROUTING -p tcp --sport 41000:41999 --syn -j DROP; fi
  on "$web" sysctl -qw net.ipv4.tcp_synack_retries=0 # the clients never finish what they begin
  background "$web" python3 ../serve.py 0.0.0.0:8080
  background "$node" python3 -c 'import socket,time; s=socket.socket(); s.bind(("0.0.0.0",22)); s.listen(); time.sleep(600)'
  sleep 3
  background "$node" tcpdump -l -nn -i eth0 'port 30080 and tcp[tcpflags] & tcp-syn != 0' >"$work/tcpdump" 2>"$work/tcpdump.err"
  sleep 1
  syn() { on "$1" python3 "$work/syn.py" "$2" 10.10.8.21 30080 "$3" "$4"; sleep "$5"; }
  syn "$desk" 10.9.0.11 52114 621677338 2
  syn "$kiosk" 10.9.0.12 41507 613760712 1
  syn "$kiosk" 10.9.0.12 41507 613761714 2
  syn "$kiosk" 10.9.0.12 41507 613763718 4
  syn "$kiosk" 10.9.0.12 41507 613767730 4
  syn "$desk" 10.9.0.11 52190 621697338 1
  dump "$node" "$out/node-1" "$2"
  sleep 1
  { echo '[root@node-1 ~]# tcpdump -nn -i eth0 port 30080 and tcp[tcpflags] \& tcp-syn != 0'
    head -n 2 "$work/tcpdump.err"
    cat "$work/tcpdump"
  } >"$out/node-1/tcpdump.txt"
  cleanup
  wait 2>/dev/null || true
}

[ $# -gt 0 ] || set -- bad healthy
for v; do
  case $v in
    bad) capture bad 1 ;;
    healthy) capture healthy 0 ;;
    *) echo "unknown variant $v" >&2; exit 2 ;;
  esac
done
