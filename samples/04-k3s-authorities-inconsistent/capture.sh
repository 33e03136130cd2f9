#!/usr/bin/env bash
# Makes the certificates of a k3s server and an agent with OpenSSL, then replaces the authorities by hand as the story says.
#
#   sudo ./capture.sh [bad] [several] [missing] [no-authority] [expired] [key] [healthy]        (all without arguments)
#
# Needs root and openssl 3. Rewrites VARIANT. Private keys are never saved.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
export LC_ALL=C TZ=UTC

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
day() { date -u -d "$1 days" +%Y%m%d%H%M%SZ; }

cat >"$work/cnf" <<EOF
[ca]
default_ca=d
[d]
database=$work/index
new_certs_dir=$work
rand_serial=yes
default_md=sha256
policy=p
unique_subject=no
[p]
organizationName=optional
commonName=supplied
[authority]
basicConstraints=critical,CA:TRUE
keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign
subjectKeyIdentifier=hash
[no_authority]
basicConstraints=critical,CA:FALSE
subjectKeyIdentifier=hash
[leaf]
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,clientAuth
authorityKeyIdentifier=keyid
[dn]
EOF

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

authority() { # FILE CN AGE [EXTENSIONS]
  key "$1.key"
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$work/csr"
  : >"$work/index"
  openssl ca -batch -notext -config "$work/cnf" -selfsign -keyfile "$1.key" -in "$work/csr" -extensions "${4:-authority}" \
    -startdate "$(day "-$3")" -enddate "$(day "$((3650 - $3))")" -out "$1.crt" 2>/dev/null
}

leaf() { # AUTHORITY FILE SUBJECT AGE [NAMES]
  key "$2.key"
  openssl req -new -key "$2.key" -subj "$3" -out "$work/csr"
  cp "$work/cnf" "$work/ext"
  [ -z "${5:-}" ] || sed -i "/^\[leaf\]/a subjectAltName=$5" "$work/ext"
  : >"$work/index"
  openssl ca -batch -notext -config "$work/cnf" -cert "$1.crt" -keyfile "$1.key" -in "$work/csr" -extfile "$work/ext" -extensions leaf \
    -startdate "$(day "-$4")" -enddate "$(day "$((365 - $4))")" -out "$2.crt" 2>/dev/null
}

leaves() { # TLS AGENT AGE
  leaf "$1/server-ca" "$1/serving-kube-apiserver" /CN=kube-apiserver "$3" \
    DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:::1,IP:192.168.3.123,IP:10.43.0.1
  leaf "$1/client-ca" "$1/client-admin" /O=system:masters/CN=system:admin "$3"
  leaf "$1/client-ca" "$1/client-controller" /CN=system:kube-controller-manager "$3"
  leaf "$1/client-ca" "$1/client-kube-apiserver" /O=system:masters/CN=kube-apiserver "$3"
  leaf "$1/client-ca" "$1/client-scheduler" /CN=system:kube-scheduler "$3"
  leaf "$1/request-header-ca" "$1/client-auth-proxy" /CN=system:auth-proxy "$3"
  leaf "$1/server-ca" "$2/serving-kubelet" /CN=agent-1 "$3" DNS:agent-1,DNS:localhost,IP:127.0.0.1,IP:192.168.3.11
  leaf "$1/client-ca" "$2/client-kubelet" /O=system:nodes/CN=system:node:agent-1 "$3"
  leaf "$1/client-ca" "$2/client-kube-proxy" /CN=system:kube-proxy "$3"
}

kubeconfig() { # AUTHORITY
  printf 'apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: %s\n    server: https://127.0.0.1:6443\n  name: default\ncontexts:\n- context:\n    cluster: default\n    user: default\n  name: default\ncurrent-context: default\n' \
    "$(base64 -w0 "$1")"
}

fetch() { cp "$1/server-ca.crt" "$1/client-ca.crt" "$2/"; } # an agent fetches its copies

# What an engineer looks at first, in a namespace of mounts where the files lie at their place.
at_place() { # TLS COMMAND...
  unshare -m sh -c 'mount -t tmpfs tmpfs /var/lib && mkdir -p /var/lib/rancher/k3s/server/tls && mount --bind "$1" /var/lib/rancher/k3s/server/tls &&
    shift && exec "$@"' - "$@"
}

for variant in ${@:-bad several missing no-authority expired key healthy}; do
  tls="$work/$variant/tls"; agent="$work/$variant/agent"
  mkdir -p "$tls" "$agent"
  age=40
  [ "$variant" != expired ] || age=400
  stamp=$(date -u -d "-$age days" +%s)
  client=authority
  [ "$variant" != no-authority ] || client=no_authority
  authority "$tls/server-ca" "k3s-server-ca@$stamp" "$age"
  authority "$tls/client-ca" "k3s-client-ca@$stamp" "$age" "$client"
  authority "$tls/request-header-ca" "k3s-request-header-ca@$stamp" "$age"
  leaves "$tls" "$agent" "$age"
  fetch "$tls" "$agent"
  kubeconfig "$tls/server-ca.crt" >"$work/$variant/k3s.yaml"
  # Yesterday, by hand:
  case $variant in
    bad) authority "$tls/server-ca" k3s-server-ca 1 ;;
    several)
      authority "$tls/server-ca" k3s-server-ca 1
      authority "$tls/client-ca" k3s-client-ca 1 no_authority
      rm "$tls/request-header-ca.crt"
      ;;
    missing) rm "$tls/request-header-ca.crt" ;;
    key) key "$tls/client-ca.key" ;;
  esac
  rm -rf "${here:?}/$variant"
  nodes=server-1
  case $variant in bad | several | healthy) nodes="server-1 agent-1" ;; esac
  for node in $nodes; do
    mkdir -p "$here/$variant/$node"
    echo "$node" >"$here/$variant/$node/hostname"
    date >"$here/$variant/$node/date.txt"
  done
  server="$here/$variant/server-1"
  case $variant in
    no-authority | expired)
      at_place "$tls" find /var/lib/rancher -name '*.crt' -print -exec openssl x509 -noout -text -in {} ';' >"$server/certificates.txt"
      ;;
    *)
      into="$server/var/lib/rancher/k3s/server/tls"
      mkdir -p "$into" "$server/etc/rancher/k3s"
      cp "$tls"/*.crt "$into/"
      cp "$work/$variant/k3s.yaml" "$server/etc/rancher/k3s/k3s.yaml"
      for name in server-ca client-ca request-header-ca; do
        message=$(at_place "$tls" openssl x509 -noout -subject -in "/var/lib/rancher/k3s/server/tls/$name.crt" 2>&1 >/dev/null) ||
          echo "$message" >"$server/openssl-x509.txt.failed"
      done
      ;;
  esac
  case $nodes in
    *agent*)
      mkdir -p "$here/$variant/agent-1/var/lib/rancher/k3s/agent"
      cp "$agent"/*.crt "$here/$variant/agent-1/var/lib/rancher/k3s/agent/"
      ;;
  esac
  at_place "$tls" find /var/lib/rancher -name '*.key' -print -exec openssl pkey -pubout -in {} ';' >"$server/public-keys.txt"
  case $nodes in
    *agent*)
      at_place "$agent" find /var/lib/rancher -name '*.key' -print -exec openssl pkey -pubout -in {} ';' |
        sed s#server/tls/#agent/# >"$here/$variant/agent-1/public-keys.txt"
      ;;
  esac
done
