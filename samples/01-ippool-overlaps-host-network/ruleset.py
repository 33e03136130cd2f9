#!/usr/bin/env python3
"""Print the iptables-restore input that Felix (v3.28, iptables mode) and kube-proxy (v1.28) would load on node-1.

Nothing here is a made-up identifier: Felix's "cali:..." comments are a chained SHA-224 over the chain's name and each
rule's text, kube-proxy's KUBE-SVC-/KUBE-SEP- names are a SHA-256 over Service port, protocol and endpoint. The self-check
below compares a few of them with values that are the same on every cluster in the world.
"""
import base64
import hashlib
import sys


def felix_hashes(chain, rules):
    digest = hashlib.sha224(chain.encode()).digest()
    for rule in rules:
        digest = hashlib.sha224(digest + f"-A {chain} HASH {rule}".encode()).digest()
        yield base64.urlsafe_b64encode(digest).decode()[:16]


def felix(chain, *rules):
    return chain, [
        f'-A {chain} -m comment --comment "cali:{h}" {r}' for h, r in zip(felix_hashes(chain, rules), rules)
    ]


def note(text):
    return f'-m comment --comment "{text}"'


def profile_chain(prefix, profile):
    if len(prefix + profile) <= 28:
        return prefix + profile
    return prefix + "_" + base64.urlsafe_b64encode(hashlib.sha256(profile.encode()).digest()).decode()[:18]


def kube_hash(*parts):
    return base64.b32encode(hashlib.sha256("".join(parts).encode()).digest()).decode()[:16]


ACCEPTED = "-m mark --mark 0x10000/0x10000"
CLEAR_ALL = "--jump MARK --set-mark 0/0xf0000"
HOST_ACCEPTED = note("Host endpoint policy accepted packet.") + " " + ACCEPTED


def endpoint_chain(prefix, direction, iface, profiles):
    rules = [
        "-m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT",
        "-m conntrack --ctstate INVALID --jump DROP",
        "--jump MARK --set-mark 0/0x10000",
    ]
    if prefix == "cali-fw-":
        rules += [
            note("Drop VXLAN encapped packets originating in workloads")
            + " -p 17 -m multiport --destination-ports 4789 --jump DROP",
            note("Drop IPinIP encapped packets originating in workloads") + " -p 4 --jump DROP",
        ]
    for p in profiles:
        rules.append("--jump " + profile_chain(direction, p))
        rules.append(note("Return if profile accepted") + f" {ACCEPTED} --jump RETURN")
    rules.append(note("Drop if no profiles matched") + " --jump DROP")
    return felix(prefix + iface, *rules)


def calico_filter(workloads):
    names = sorted(workloads)
    yield felix(
        "cali-FORWARD",
        "--jump MARK --set-mark 0/0xe0000",
        "-m mark --mark 0/0x10000 --jump cali-from-hep-forward",
        "--in-interface cali+ --jump cali-from-wl-dispatch",
        "--out-interface cali+ --jump cali-to-wl-dispatch",
        "--jump cali-to-hep-forward",
        "--jump cali-cidr-block",
    )
    yield felix(
        "cali-INPUT",
        "--in-interface cali+ --goto cali-wl-to-host",
        f"{ACCEPTED} --jump ACCEPT",
        CLEAR_ALL,
        "--jump cali-from-host-endpoint",
        f"{HOST_ACCEPTED} --jump ACCEPT",
    )
    yield felix(
        "cali-OUTPUT",
        f"{ACCEPTED} --jump ACCEPT",
        "--out-interface cali+ --jump RETURN",
        CLEAR_ALL,
        "-m conntrack ! --ctstate DNAT --jump cali-to-host-endpoint",
        f"{HOST_ACCEPTED} --jump ACCEPT",
    )
    yield felix(
        "cali-wl-to-host",
        "--jump cali-from-wl-dispatch",
        note("Configured DefaultEndpointToHostAction") + " --jump ACCEPT",
    )
    for empty in ("cali-cidr-block", "cali-from-hep-forward", "cali-from-host-endpoint",
                  "cali-to-hep-forward", "cali-to-host-endpoint"):
        yield felix(empty)
    unknown = note("Unknown interface") + " --jump DROP"
    yield felix("cali-from-wl-dispatch", *[f"--in-interface {i} --goto cali-fw-{i}" for i in names], unknown)
    yield felix("cali-to-wl-dispatch", *[f"--out-interface {i} --goto cali-tw-{i}" for i in names], unknown)
    profiles = sorted({p for ps in workloads.values() for p in ps})
    for p in profiles:
        for direction, word in (("cali-pri-", "ingress"), ("cali-pro-", "egress")):
            text = note(f"Profile {p} {word}")
            if p.startswith("kns."):  # the namespace's profile allows, the service account's is empty
                rules = [f"{text} --jump MARK --set-mark 0x10000/0x10000", f"{ACCEPTED} --jump RETURN"]
            else:
                rules = [text]
            yield felix(profile_chain(direction, p), *rules)
    for i in names:
        yield endpoint_chain("cali-tw-", "cali-pri-", i, workloads[i])
        yield endpoint_chain("cali-fw-", "cali-pro-", i, workloads[i])


def calico_nat():
    yield felix("cali-PREROUTING", "--jump cali-fip-dnat")
    yield felix("cali-OUTPUT", "--jump cali-fip-dnat")
    yield felix("cali-POSTROUTING", "--jump cali-fip-snat", "--jump cali-nat-outgoing")
    yield felix("cali-fip-dnat")
    yield felix("cali-fip-snat")
    yield felix(
        "cali-nat-outgoing",
        "-m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst"
        " --jump MASQUERADE --random-fully",
    )


def calico_mangle():
    yield felix(
        "cali-PREROUTING",
        "-m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT",
        f"{ACCEPTED} --jump ACCEPT",
        "--jump cali-from-host-endpoint",
        f"{HOST_ACCEPTED} --jump ACCEPT",
    )
    yield felix(
        "cali-POSTROUTING",
        f"{ACCEPTED} --jump RETURN",
        CLEAR_ALL,
        "-m conntrack --ctstate DNAT --jump cali-to-host-endpoint",
        f"{HOST_ACCEPTED} --jump RETURN",
    )
    yield felix("cali-from-host-endpoint")
    yield felix("cali-to-host-endpoint")


def calico_raw():
    yield felix(
        "cali-PREROUTING",
        CLEAR_ALL,
        "--in-interface cali+ --jump MARK --set-mark 0x40000/0x40000",
        "-m mark --mark 0x40000/0x40000 --jump cali-rpf-skip",
        "-m mark --mark 0x40000/0x40000 -m rpfilter --invert --validmark --jump DROP",
        "-m mark --mark 0/0x40000 --jump cali-from-host-endpoint",
        f"{ACCEPTED} --jump ACCEPT",
    )
    yield felix("cali-OUTPUT", CLEAR_ALL, "--jump cali-to-host-endpoint", f"{ACCEPTED} --jump ACCEPT")
    yield felix("cali-from-host-endpoint")
    yield felix("cali-to-host-endpoint")
    yield felix("cali-rpf-skip")


def hook(chain, digest, target):
    return f'-A {chain} -m comment --comment "cali:{digest}" --jump {target}'


HOOK_INPUT = hook("INPUT", "Cz_u1IQiXIMmKD4c", "cali-INPUT")
HOOK_FORWARD = hook("FORWARD", "wUHhoiAYhphO9Mso", "cali-FORWARD")
HOOK_OUTPUT = hook("OUTPUT", "tVnHkvAo15HuiPy0", "cali-OUTPUT")
HOOK_PREROUTING = hook("PREROUTING", "6gwbT8clXdHdC1b1", "cali-PREROUTING")
HOOK_POSTROUTING = hook("POSTROUTING", "O3lYWMrLQYEMJtB5", "cali-POSTROUTING")
FORWARD_TAIL = [
    '-A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" '
    + note("Policy explicitly accepted packet.") + f" {ACCEPTED} --jump ACCEPT",
    '-A FORWARD -m comment --comment "cali:mp77cMpurHhyjLrM" --jump MARK --set-mark 0x10000/0x10000',
]

NEW = "-m conntrack --ctstate NEW"
KUBE_FILTER_CHAINS = ["KUBE-EXTERNAL-SERVICES", "KUBE-FIREWALL", "KUBE-FORWARD", "KUBE-KUBELET-CANARY",
                      "KUBE-NODEPORTS", "KUBE-PROXY-CANARY", "KUBE-PROXY-FIREWALL", "KUBE-SERVICES"]


def kube_filter_hooks():
    lb = f'{NEW} -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL'
    ext = f'{NEW} -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES'
    svc = f'{NEW} -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'
    return {
        "INPUT": [lb, note("kubernetes health check service ports") + " -j KUBE-NODEPORTS", ext, "-j KUBE-FIREWALL"],
        "FORWARD": [lb, note("kubernetes forwarding rules") + " -j KUBE-FORWARD", svc, ext],
        "OUTPUT": [lb, svc, "-j KUBE-FIREWALL"],
    }


def kube_filter_rules(v6):
    if not v6:
        yield ('-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet'
               ' connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP')
    yield "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP"
    yield '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT'
    yield ('-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule"'
           " -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")


def kube_nat(services, cluster_cidr):
    chains = ["KUBE-KUBELET-CANARY", "KUBE-MARK-MASQ", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-PROXY-CANARY",
              "KUBE-SERVICES"]
    rules = [
        "-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000",
        "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
        "-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000",
        '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE'
        " --random-fully",
    ]
    for name, proto, vip, port, endpoints in services:
        svc = "KUBE-SVC-" + kube_hash(name, proto)
        chains.append(svc)
        head = f'-m comment --comment "{name} cluster IP" -m {proto} -p {proto} -d {vip} --dport {port}'
        rules.append(f"-A KUBE-SERVICES {head} -j {svc}")
        rules.append(f"-A {svc} {head} ! -s {cluster_cidr} -j KUBE-MARK-MASQ")
        for n, ep in enumerate(endpoints):
            sep = "KUBE-SEP-" + kube_hash(name, proto, ep)
            chains.append(sep)
            left = len(endpoints) - n
            chance = f" -m statistic --mode random --probability {1 / left:0.10f}" if left > 1 else ""
            rules.append(f'-A {svc} -m comment --comment "{name} -> {ep}"{chance} -j {sep}')
            rules.append(f'-A {sep} -m comment --comment "{name}" -s {ep.split(":")[0]} -j KUBE-MARK-MASQ')
            rules.append(f'-A {sep} -m comment --comment "{name}" -m {proto} -p {proto} -j DNAT --to-destination {ep}')
    rules.append('-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule'
                 ' in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS')
    return chains, rules


KUBE_NAT_HOOKS = {
    "PREROUTING": [note("kubernetes service portals") + " -j KUBE-SERVICES"],
    "OUTPUT": [note("kubernetes service portals") + " -j KUBE-SERVICES"],
    "POSTROUTING": [note("kubernetes postrouting rules") + " -j KUBE-POSTROUTING"],
}
KUBE_MANGLE = ["KUBE-IPTABLES-HINT", "KUBE-KUBELET-CANARY", "KUBE-PROXY-CANARY"]


BUILTIN = {
    "raw": ["PREROUTING", "OUTPUT"],
    "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    "filter": ["INPUT", "FORWARD", "OUTPUT"],
    "nat": ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
}


def table(name, chains, rules):
    print(f"*{name}")
    for c in BUILTIN[name]:  # stated, because the nf_tables variant counts packets only of a stated policy
        print(f":{c} ACCEPT [0:0]")
    for c in sorted(chains):
        print(f":{c} - [0:0]")
    for r in rules:
        print(r)
    print("COMMIT")


def hooks(jumps):
    return [f"-A {chain} {rule}" for chain, rs in jumps.items() for rule in rs]


def print_v4(cidr, pod, dns):
    workloads = {
        "calia9589d79281": ["kns.default", "ksa.default.default"],
        **{i: ["kns.kube-system", "ksa.kube-system.coredns"] for i in dns},
    }
    services = [("default/kubernetes:https", "tcp", "10.96.0.1", 443, ["192.168.21.11:6443"])]
    for port_name, proto, port in (("dns", "udp", 53), ("dns-tcp", "tcp", 53), ("metrics", "tcp", 9153)):
        services.append((f"kube-system/kube-dns:{port_name}", proto, "10.96.0.10", port,
                         [f"{a}:{port}" for a in sorted(dns.values())]))

    calico = list(calico_raw())
    table("raw", [c for c, _ in calico], [HOOK_PREROUTING, HOOK_OUTPUT] + sum((r for _, r in calico), []))
    calico = list(calico_mangle())
    table("mangle", KUBE_MANGLE + [c for c, _ in calico],
          [HOOK_PREROUTING, HOOK_POSTROUTING] + sum((r for _, r in calico), []))
    calico = list(calico_filter(workloads))
    kube = kube_filter_hooks()
    table("filter", KUBE_FILTER_CHAINS + [c for c, _ in calico],
          [HOOK_INPUT, HOOK_FORWARD, HOOK_OUTPUT] + hooks(kube) + FORWARD_TAIL + list(kube_filter_rules(False))
          + sum((r for _, r in calico), []))
    calico = list(calico_nat())
    chains, rules = kube_nat(services, cidr)
    table("nat", chains + [c for c, _ in calico],
          [HOOK_PREROUTING, HOOK_OUTPUT, HOOK_POSTROUTING] + hooks(KUBE_NAT_HOOKS) + rules
          + sum((r for _, r in calico), []))


def print_v6():
    # The cluster is IPv4 only: Felix writes nothing here, kubelet and kube-proxy only their skeleton.
    table("mangle", KUBE_MANGLE, [])
    table("filter", KUBE_FILTER_CHAINS, hooks(kube_filter_hooks()) + list(kube_filter_rules(True)))
    chains, rules = kube_nat([], "")
    table("nat", chains, hooks(KUBE_NAT_HOOKS) + rules)


def self_check():
    seen = "".join(sum((r for _, r in [*calico_nat(), *calico_raw(), *calico_mangle(), *calico_filter({})]), []))
    known = ["flqWnvo8yq4ULQLa", "nYKhEzDlr11Jccal", "fSSbGND7dgyemWU7", "lV4V2MPoMBf0hl9T", "Cg96MgVuoPm7UMRo",
             "nquN8Jw8Tz72pcBW", "NOSxoaGx8OIstr1z", "1F4VWEsQu0QbRwKf", "LqmE76MP94lZTGhA", "nSZbcOoG1xPONxb8"]
    missing = [h for h in known if h not in seen]
    if missing or kube_hash("default/kubernetes:https", "tcp") != "NPX46M4PTMTKRN6Y":
        sys.exit(f"ruleset.py: hashes differ from the known ones: {missing}")


def main():
    self_check()
    if sys.argv[1:] == ["6"]:
        print_v6()
    elif len(sys.argv) == 6 and sys.argv[1] == "4":
        # 4 CIDR POD IFACE=DNS1 IFACE=DNS2
        print_v4(sys.argv[2], sys.argv[3], dict(a.split("=") for a in sys.argv[4:]))
    else:
        sys.exit("usage: ruleset.py 4 CLUSTER-CIDR POD IFACE=COREDNS1 IFACE=COREDNS2 | ruleset.py 6")


main()
