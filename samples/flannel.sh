# What flanneld, its CNI plugin and a pod leave on a node, for the captures of samples 7 and 10. Sourced after namespaces.sh.

network=10.244.0.0/16

flannel_rules() { # PID SUBNET: as flannel 0.22 and later write them
  on "$1" iptables-restore <<RULES
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:FLANNEL-FWD - [0:0]
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A FLANNEL-FWD -s $network -m comment --comment "flanneld forward" -j ACCEPT
-A FLANNEL-FWD -d $network -m comment --comment "flanneld forward" -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:FLANNEL-POSTRTG - [0:0]
-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s $2 -d $network -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s $network -d $2 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG ! -s $network -d $2 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s $network ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
-A FLANNEL-POSTRTG ! -s $network -d $network -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
COMMIT
RULES
}
flannel_host() { # PID DEVICE ADDRESS/LENGTH SUBNET-PREFIX(10.244.N) CNI0-MAC MTU: the node itself and the bridge of its pods
  on "$1" sh -c "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    ip addr add $3 brd + dev $2
    ip route add default via ${3%.*}.1 dev $2 proto static
    ip link add cni0 index 10 address $5 mtu $6 type bridge
    ip link set cni0 up
    ip addr add $4.1/24 brd $4.255 dev cni0"
  flannel_rules "$1" "$4.0/24"
}
flannel_vxlan() { # PID DEVICE OWN-ADDRESS SUBNET-PREFIX MAC
  on "$1" sh -c "ip link add flannel.1 index 9 address $5 mtu 1450 type vxlan id 1 local $3 dev $2 dstport 8472 nolearning
    ip link set flannel.1 up
    ip addr add $4.0/32 dev flannel.1"
}
flannel_peer() { # PID SUBNET-PREFIX MAC PUBLIC-ADDRESS: what flanneld does when it hears of another node's lease
  on "$1" sh -c "ip neigh replace $2.0 lladdr $3 dev flannel.1 nud permanent
    bridge fdb append $3 dev flannel.1 dst $4
    ip route replace $2.0/24 via $2.0 dev flannel.1 onlink"
}
flannel_pod() { # VARIABLE NODE-PID HOST-INTERFACE INDEX ADDRESS MAC MTU
  host "$1" "$1"
  on "$2" ip link add "$3" index "$4" mtu "$7" type veth peer name eth0 address "$6" index 3 mtu "$7" netns "${!1}"
  on "$2" ip link set "$3" master cni0 up
  on "${!1}" sh -c "ip addr add $5/24 dev eth0; ip link set eth0 up; ip route add default via ${5%.*}.1"
}
subnet_env() { # FOLDER SUBNET-PREFIX MTU: the file that flanneld writes
  printf 'FLANNEL_NETWORK=%s\nFLANNEL_SUBNET=%s.1/24\nFLANNEL_MTU=%s\nFLANNEL_IPMASQ=true\n' "$network" "$2" "$3" >"$1/subnet.env"
}
node_object() { # NAME ADDRESS POD-CIDR BACKEND-TYPE BACKEND-DATA: one item of `kubectl get nodes -o yaml`
  cat <<YAML
- apiVersion: v1
  kind: Node
  metadata:
    annotations:
      flannel.alpha.coreos.com/backend-data: '$5'
      flannel.alpha.coreos.com/backend-type: $4
      flannel.alpha.coreos.com/kube-subnet-manager: "true"
      flannel.alpha.coreos.com/public-ip: $2
    labels:
      kubernetes.io/hostname: $1
    name: $1
  spec:
    podCIDR: $3
    podCIDRs:
    - $3
  status:
    addresses:
    - address: $2
      type: InternalIP
    - address: $1
      type: Hostname
    conditions:
    - message: kubelet is posting ready status
      reason: KubeletReady
      status: "True"
      type: Ready
    nodeInfo:
      kubeletVersion: v1.28.15
YAML
}
pod_object() { # NAME NODE ADDRESS HOST-ADDRESS: one item of `kubectl get pods -A -o yaml`
  cat <<YAML
- apiVersion: v1
  kind: Pod
  metadata:
    name: $1
    namespace: default
  spec:
    containers:
    - image: busybox:1.36
      name: $1
    nodeName: $2
  status:
    conditions:
    - status: "True"
      type: Ready
    hostIP: $4
    phase: Running
    podIP: $3
    podIPs:
    - ip: $3
YAML
}
list() { printf 'apiVersion: v1\nitems:\n%s\nkind: List\nmetadata:\n  resourceVersion: ""\n' "$(cat)"; }
