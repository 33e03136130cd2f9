# What the capture scripts of the samples share: hosts as network namespaces, switches between them, and the dumps of one host.
# Sourced by samples/NN-*/capture.sh; nothing here runs by itself.
export LC_ALL=C TZ=UTC

work=$(mktemp -d)
pids=()
named=()
cleanup() {
  local p n
  for n in "${named[@]}"; do ip netns delete "$n" 2>/dev/null || true; done
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
  pids=() named=()
}
trap 'cleanup; rm -rf "$work"' EXIT

# A host is a network and a UTS namespace kept alive by a sleeping process; no name of it is left behind anywhere.
host() { # VARIABLE HOSTNAME
  unshare --net --uts sh -c 'hostname "$1"; exec sleep infinity' - "$2" &
  pids+=($!)
  printf -v "$1" %s $!
  until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.05; done
  on $! ip link set lo up
}
on() { nsenter -t "$1" -n -u "${@:2}"; }
background() { # PID COMMAND...
  nsenter -t "$1" -n -u "${@:2}" &
  pids+=($!)
}
bridge_host() { # VARIABLE: a switch without addresses
  host "$1" switch
  on "${!1}" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  on "${!1}" ip link add br0 type bridge
  on "${!1}" ip link set br0 up
}
cable() { # PID INTERFACE INDEX MAC SWITCH PORT: joins a host to a switch
  on "$5" ip link add "$6" type veth peer name "$2" address "$4" index "$3" netns "$1"
  on "$5" ip link set "$6" master br0 up
  on "$1" ip link set "$2" up
}
wire() { # PID INTERFACE MAC PID INTERFACE MAC: two hosts without a switch between them
  on "$1" ip link add "$2" address "$3" type veth peer name "$5" address "$6" netns "$4"
  on "$1" ip link set "$2" up
  on "$4" ip link set "$5" up
}
listen() { # PID ADDRESS:PORT...: greets everybody in HTTP and closes
  background "$1" python3 -c '
import socket, sys, threading
def serve(where):
    host, port = where.rsplit(":", 1)
    with socket.create_server((host, int(port))) as s:
        while True:
            c = s.accept()[0]
            try:
                c.settimeout(2)
                c.recv(4096)
                c.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
            except OSError:
                pass
            c.close()
for where in sys.argv[1:]:
    threading.Thread(target=serve, args=(where,)).start()' "${@:2}"
}
say() { # FILE PROMPT COMMAND-LINE PID: runs the line where it says and keeps what a terminal would show
  printf '%s %s\n' "$2" "$3" >>"$1"
  on "$4" sh -c "$3" >>"$1" 2>&1 || true
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
    ip -d -s link               >ip-link.txt
    ip route show table all     >ip-route.txt
    ip rule                     >ip-rule.txt
    ip neigh                    >ip-neigh.txt
    bridge fdb                  >bridge-fdb.txt
    sysctl -a --pattern '^net\.' >sysctl.txt 2>/dev/null
    conntrack -L                >conntrack.txt 2>&1
    ss -tuan                    >ss.txt" || true
}
