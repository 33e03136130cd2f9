#!/usr/bin/env bash
# Builds the sample's network in namespaces, sends real packets through it, and saves what the real tools print.
#
#   sudo ./capture.sh [bad] [mended] [healthy]     (all without arguments)
#
# Rewrites VARIANT/ and probes/VARIANT.txt only.
#
#   pods 172.30.24.2, .3 -- docker0 .1  node-1 eth0 10.64.3.7 --+-- switch --+-- eth0 10.64.3.8  node-2  docker0 172.30.35.1 -- keystone .2
#                                       flannel.1 172.30.24.0   |            |                   flannel.1 172.30.35.0
#                                                               '-- .1 router -- 8.8.8.8
set -euo pipefail
cd "$(dirname "$0")"
. ../namespaces.sh

# Greets and says whom it talks to, as keystone's log does.
cat >"$work/keystone.py" <<'PY'
import socket, sys
with socket.create_server((sys.argv[1], int(sys.argv[2]))) as s:
    while True:
        c, peer = s.accept()
        print(f'{peer[0]} - - "GET /v3 HTTP/1.1" 200', file=open(sys.argv[3], "a"), flush=True)
        try:
            c.recv(4096)
            c.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
        except OSError:
            pass
        c.close()
PY

pod() { # VARIABLE HOST LAST-BUT-ONE LAST MAC-ENDING: a container behind docker0
  host "$1" "$1"
  on "${!1}" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  on "$2" ip link add "veth${5/:/}" type veth peer name eth0 address "02:42:ac:1e:$5" mtu 1450 netns "${!1}"
  on "$2" ip link set "veth${5/:/}" mtu 1450 master docker0 up
  on "${!1}" sh -c "ip addr add 172.30.$3.$4/24 brd 172.30.$3.255 dev eth0; ip link set eth0 up; ip route add default via 172.30.$3.1"
}
node() { # PID THIRD-PART OTHER-THIRD-PART HOST-ADDRESS OTHER-HOST-ADDRESS
  on "$1" sh -c "ip addr add $4/24 brd 10.64.3.255 dev eth0; ip route add default via 10.64.3.1 dev eth0
    sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
    ip link add flannel.1 address 7e:1e:ac:1e:$2:00 mtu 1450 type vxlan id 1 local $4 dstport 8472 nolearning dev eth0
    ip addr add 172.30.$2.0/32 dev flannel.1; ip link set flannel.1 up
    ip neigh add 172.30.$3.0 lladdr 7e:1e:ac:1e:$3:00 dev flannel.1 nud permanent
    bridge fdb append 7e:1e:ac:1e:$3:00 dev flannel.1 dst $5
    ip route add 172.30.$3.0/24 via 172.30.$3.0 dev flannel.1 onlink
    ip link add docker0 address 02:42:ac:1e:$2:01 type bridge; ip addr add 172.30.$2.1/24 brd 172.30.$2.255 dev docker0
    ip link set docker0 mtu 1450 up"
  on "$1" iptables-restore <<'RULES'
*filter
:DOCKER - [0:0]
:DOCKER-ISOLATION - [0:0]
-A FORWARD -s 172.30.0.0/16 -j ACCEPT
-A FORWARD -d 172.30.0.0/16 -j ACCEPT
-A FORWARD -j DOCKER-ISOLATION
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION -j RETURN
COMMIT
*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -i docker0 -j RETURN
COMMIT
RULES
}
masquerade() { # VARIANT PID THIRD-PART
  local net=172.30.$3.0/24
  case $1 in
    bad) on "$2" iptables -t nat -A POSTROUTING -s "$net" ! -o docker0 -j MASQUERADE ;;
    mended)
      on "$2" iptables-restore --noflush <<RULES
*nat
:c1 - [0:0]
:c2 - [0:0]
-A POSTROUTING -s $net ! -o docker0 -j c1
-A POSTROUTING -s $net ! -o flannel.1 -j c2
-A c1 ! -o flannel.1 -j MASQUERADE
-A c2 ! -o docker0 -j MASQUERADE
COMMIT
RULES
      ;;
    healthy)
      on "$2" iptables-restore --noflush <<RULES
*nat
-A POSTROUTING -s 172.30.0.0/16 -d 172.30.0.0/16 -j RETURN
-A POSTROUTING -s 172.30.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE
-A POSTROUTING ! -s 172.30.0.0/16 -d $net -j RETURN
-A POSTROUTING ! -s 172.30.0.0/16 -d 172.30.0.0/16 -j MASQUERADE
COMMIT
RULES
      ;;
  esac
}
flannel_files() { # FOLDER THIRD-PART FLANNEL-MASQUERADES DOCKER-MASQUERADES: as flanneld 0.7 and mk-docker-opts.sh write them
  printf 'FLANNEL_NETWORK=172.30.0.0/16\nFLANNEL_SUBNET=172.30.%s.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=%s\n' "$2" "$3" >"$1/subnet.env"
  printf 'DOCKER_OPT_BIP="--bip=172.30.%s.1/24"\nDOCKER_OPT_IPMASQ="--ip-masq=%s"\nDOCKER_OPT_MTU="--mtu=1450"\nDOCKER_NETWORK_OPTIONS=" --bip=172.30.%s.1/24 --ip-masq=%s --mtu=1450"\n' \
    "$2" "$4" "$2" "$4" >"$1/docker"
}

capture() { # VARIANT
  local variant=$1 probes=$PWD/probes/$1.txt
  mkdir -p probes
  : >"$probes"
  : >"$work/log"
  bridge_host switch
  host node1 node-1
  host node2 node-2
  host router router
  cable "$node1" eth0 2 52:54:00:64:03:07 "$switch" p7
  cable "$node2" eth0 2 52:54:00:64:03:08 "$switch" p8
  cable "$router" eth0 2 52:54:00:64:03:01 "$switch" p1
  on "$router" sh -c 'ip addr add 10.64.3.1/24 dev eth0; ip addr add 8.8.8.8/32 dev lo'
  node "$node1" 24 35 10.64.3.7 10.64.3.8
  node "$node2" 35 24 10.64.3.8 10.64.3.7
  pod client "$node1" 24 2 18:02
  pod other "$node1" 24 3 18:03
  pod keystone "$node2" 35 2 23:02
  masquerade "$variant" "$node1" 24
  masquerade "$variant" "$node2" 35
  background "$keystone" python3 "$work/keystone.py" 172.30.35.2 5000 "$work/log"
  background "$other" python3 "$work/keystone.py" 172.30.24.3 5000 "$work/log"
  background "$router" python3 "$work/keystone.py" 8.8.8.8 80 "$work/log"
  sleep 2
  background "$node2" timeout 8 tcpdump -l -nn -i docker0 port 5000 >"$probes.tcpdump" 2>&1
  sleep 1
  say "$probes" '/ #' 'curl -m 3 -sS http://172.30.35.2:5000/v3' "$client"
  say "$probes" '/ #' 'curl -m 3 -sS http://172.30.24.3:5000/v3' "$client"
  say "$probes" '/ #' 'curl -m 3 -sS http://8.8.8.8:80/' "$client"
  dump "$node1" "$PWD/$variant/node-1"
  dump "$node2" "$PWD/$variant/node-2"
  flannel_files "$variant/node-1" 24 "$([ "$variant" = healthy ] && echo true || echo false)" "$([ "$variant" = bad ] && echo true || echo false)"
  flannel_files "$variant/node-2" 35 "$([ "$variant" = healthy ] && echo true || echo false)" "$([ "$variant" = bad ] && echo true || echo false)"
  { echo '# access logs: keystone on node-2, its twin on node-1, 8.8.8.8'; cat "$work/log"
    echo '[root@node-2 ~]# tcpdump -nn -i docker0 port 5000'; cat "$probes.tcpdump"; } >>"$probes"
  rm -f "$probes.tcpdump"
  cleanup
  wait 2>/dev/null || true
}

[ $# -gt 0 ] || set -- bad mended healthy
for v; do
  case $v in
    bad | mended | healthy) capture "$v" ;;
    *) echo "unknown variant $v" >&2; exit 2 ;;
  esac
done
