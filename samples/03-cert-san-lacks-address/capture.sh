#!/usr/bin/env bash
# Builds the sample's nodes in namespaces, issues certificates as k3s does, serves them, and saves what the real tools print.
#
#   sudo ./capture.sh [bad] [service-range] [healthy]        (all without arguments)
#
# Needs root, iproute2, openssl 3. Rewrites VARIANT/gw and VARIANT/follower-1, but for k3s-unit.txt and k3s.log, which are written by hand like kubernetes/.
#
#   gw (k3s server, kubelet :10250) eth0 192.168.3.123 --+-- switch --+-- eth0 192.168.3.11 follower-1 (k3s agent)
#                                                         +-- .1 router
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C TZ=UTC

work=$(mktemp -d)
pids=()
cleanup() {
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
  pids=()
}
trap 'cleanup; rm -rf "$work"' EXIT
# The kubelet is a part of k3s; ss shows it by that name.
cp "$(command -v openssl)" "$work/k3s-server"

# ---- certificates: an authority of 40 days' age, leaves from that day on
start=$(date -u -d '-40 days' +%Y%m%d%H%M%SZ)
ca_name="k3s-server-ca@$(date -u -d '-40 days' +%s)"
mkdir "$work/ca"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$ca_name" -days 3650 \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,digitalSignature,keyEncipherment \
  -keyout "$work/ca/key" -out "$work/ca/self" 2>/dev/null
cat >"$work/ca/cnf" <<EOF
[ca]
default_ca=d
[d]
database=$work/ca/index
new_certs_dir=$work/ca
rand_serial=yes
default_md=sha256
policy=p
unique_subject=no
[p]
commonName=supplied
[ca_ext]
basicConstraints=critical,CA:TRUE
keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign
subjectKeyIdentifier=hash
EOF
: >"$work/ca/index"
openssl x509 -x509toreq -in "$work/ca/self" -signkey "$work/ca/key" -out "$work/ca/csr" 2>/dev/null
openssl ca -batch -notext -config "$work/ca/cnf" -selfsign -keyfile "$work/ca/key" -in "$work/ca/csr" -extensions ca_ext \
  -startdate "$start" -enddate "$(date -u -d '+3610 days' +%Y%m%d%H%M%SZ)" -out "$work/ca/server-ca.crt" 2>/dev/null

issue() { # FILE CN SANS
  printf '[e]\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectAltName=%s\n' "$3" >"$work/ext"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" -keyout "${1%.crt}.key" -out "$work/csr" 2>/dev/null
  openssl ca -batch -notext -config "$work/ca/cnf" -cert "$work/ca/server-ca.crt" -keyfile "$work/ca/key" -in "$work/csr" \
    -extfile "$work/ext" -extensions e -startdate "$start" -enddate "$(date -u -d '+325 days' +%Y%m%d%H%M%SZ)" -out "$1" 2>/dev/null
}

# ---- nodes
host() { # VARIABLE HOSTNAME
  unshare --net --uts --mount sh -c 'hostname "$1"; exec sleep infinity' - "$2" &
  pids+=($!)
  printf -v "$1" %s $!
  while [ "$(nsenter -t $! -u hostname 2>/dev/null)" != "$2" ]; do sleep 0.05; done
}
on() { nsenter -t "$1" -n -u -m "${@:2}"; }

capture() { # PID FOLDER
  mkdir -p "$2"
  run() { on "$1" "${@:4}" >"$2/$3" 2>/dev/null; }
  run "$1" "$2" hostname hostname
  run "$1" "$2" date.txt date
  run "$1" "$2" uname.txt uname -a
  run "$1" "$2" ip-addr.txt ip addr
  run "$1" "$2" ip-link.txt ip -d -s link
  run "$1" "$2" ip-route.txt ip route show table all
  run "$1" "$2" ip-rule.txt ip rule
  run "$1" "$2" ip-neigh.txt ip neigh
  run "$1" "$2" ss.txt ss -lntup
  run "$1" "$2" certificates.txt find /var/lib/rancher -name '*.crt' -print -exec openssl x509 -noout -text -in {} ';'
  run "$1" "$2" k3s-config.yaml cat /etc/rancher/k3s/config.yaml || rm -f "$2/k3s-config.yaml"
}

build() { # VARIANT KUBELET-ADDRESS API-ADDRESS MORE-CONFIG
  local variant=$1 address=$2 api=$3 config=$4 gw follower switch pid into ip
  host switch switch; host gw gw; host follower follower-1
  on "$switch" ip link add br0 type bridge
  on "$switch" ip link set br0 up
  on "$switch" ip addr add 192.168.3.1/24 dev br0
  local last=1
  for pid in "$gw" "$follower"; do
    ip=192.168.3.123; [ "$pid" = "$gw" ] || ip=192.168.3.11
    ip link add "ct$last" netns "$switch" type veth peer name eth0 address "02:00:c0:a8:03:0$last" netns "$pid"
    on "$switch" ip link set "ct$last" master br0 up
    on "$pid" ip link set lo up
    on "$pid" ip link set eth0 up
    on "$pid" ip addr add "$ip/24" brd + dev eth0
    on "$pid" ip route add default via 192.168.3.1
    last=$((last + 1))
  done
  for pid in "$gw" "$follower"; do
    on "$pid" mount -t tmpfs tmpfs /var/lib
    on "$pid" mkdir -p /var/lib/rancher/k3s/agent
    on "$pid" mount -t tmpfs tmpfs /etc
    on "$pid" mkdir -p /etc/rancher/k3s
  done
  # Certificates are made outside and carried in: the private keys stay outside.
  local tls="$work/$variant"; mkdir -p "$tls"
  issue "$tls/serving-kubelet.crt" gw "DNS:gw,DNS:localhost,IP:127.0.0.1,IP:$address"
  issue "$tls/serving-kube-apiserver.crt" kube-apiserver \
    "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:::1,IP:$api,IP:10.43.0.1"
  issue "$tls/follower.crt" follower-1 "DNS:follower-1,DNS:localhost,IP:127.0.0.1,IP:192.168.3.11"
  on "$gw" mkdir -p /var/lib/rancher/k3s/server/tls
  into=/var/lib/rancher/k3s
  on "$gw" sh -c "cat >$into/server/tls/server-ca.crt" <"$work/ca/server-ca.crt"
  on "$gw" sh -c "cat >$into/server/tls/serving-kube-apiserver.crt" <"$tls/serving-kube-apiserver.crt"
  on "$gw" sh -c "cat >$into/agent/server-ca.crt" <"$work/ca/server-ca.crt"
  cat "$tls/serving-kubelet.crt" "$work/ca/server-ca.crt" | on "$gw" sh -c "cat >$into/agent/serving-kubelet.crt"
  on "$follower" sh -c "cat >$into/agent/server-ca.crt" <"$work/ca/server-ca.crt"
  cat "$tls/follower.crt" "$work/ca/server-ca.crt" | on "$follower" sh -c "cat >$into/agent/serving-kubelet.crt"
  printf 'write-kubeconfig-mode: "0644"\ndisable:\n- traefik\n%s' "$config" | on "$gw" sh -c 'cat >/etc/rancher/k3s/config.yaml'
  echo 'server: https://192.168.3.123:6443' | on "$follower" sh -c 'cat >/etc/rancher/k3s/config.yaml'
  nsenter -t "$gw" -n -u "$work/k3s-server" s_server -quiet -naccept 100 -accept 192.168.3.123:10250 -cert "$tls/serving-kubelet.crt" -key "$tls/serving-kubelet.key" >/dev/null 2>&1 &
  pids+=($!)
  sleep 0.5
  on "$follower" timeout 5 bash -c '</dev/tcp/192.168.3.123/10250'
  capture "$gw" "$variant/gw"
  capture "$follower" "$variant/follower-1"
  # The proof: the address is refused by whoever checks it.
  nsenter -t "$follower" -n openssl s_client -connect 192.168.3.123:10250 -CAfile "$work/ca/server-ca.crt" -verify_ip 192.168.3.123 </dev/null 2>/dev/null |
    grep -m1 'Verify return code' || true
  cleanup
}

[ $# -gt 0 ] || set -- bad service-range healthy
for variant in "$@"; do
  case $variant in
    bad) build bad 172.29.1.100 172.29.10.100 '' ;;
    service-range) build service-range 192.168.3.123 192.168.3.123 $'node-ip: 192.168.3.123\nservice-cidr: 10.96.0.0/16\n' ;;
    healthy) build healthy 192.168.3.123 192.168.3.123 $'node-ip: 192.168.3.123\n' ;;
    *) echo "no such variant: $variant" >&2; exit 1 ;;
  esac
done
