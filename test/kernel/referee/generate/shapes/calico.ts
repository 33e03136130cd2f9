/** Workload and host policy as Calico's Felix writes it: dispatch by device, marks for accepted and passed, ipsets for selectors and pools. */
import type { Line } from '../../case.js';
import { joined, restoreLines, type Shape, several } from './shape.js';

export const calico: Shape = {
  name: 'Calico',
  devices: ['eth0', 'cali1a2b3c4d5e6', 'calif0e1d2c3b4a'],
  families: [4, 6],
  make: (pool, tool, random) => {
    const [, ...workloads] = pool.devices;
    const inet = pool.family === 4 ? 'inet' : 'inet6';
    const version = pool.family === 4 ? '40' : '60';
    const ipPools = `cali${version}all-ipam-pools`;
    const masquerading = `cali${version}masq-ipam-pools`;
    const hosts = `cali${version}all-hosts-net`;
    const selected = `cali${version}s:abcdef`;
    const members = several(random, 1, 4, () => random.pick(random.pick(pool.devices).hosts));
    const ipset = (text: string): Line => ({ tool: 'ipset', text });
    const sets = [
      ...[ipPools, masquerading, hosts, selected].map((name) => ipset(`create ${name} hash:net family ${inet}`)),
      ...workloads.flatMap(({ net }) => [ipset(`add ${ipPools} ${net}`), ipset(`add ${masquerading} ${net}`)]),
      ipset(`add ${hosts} ${pool.devices[0].own[0]}`),
      ...members.map((member) => ipset(`add ${selected} ${member}`)),
    ];
    const port = random.pick([80, 443, 8080]);
    const deny = random.chance(0.5);
    const policy = `
      -A cali-pi-web -p tcp -m set --match-set ${selected} src -m multiport --dports ${port},53 -j MARK --set-xmark 0x10000/0x10000
      -A cali-pi-web -m mark --mark 0x10000/0x10000 -j RETURN
      -A cali-po-web ${deny ? `-p udp -m set ! --match-set ${selected} dst -j DROP` : `-p udp -m multiport --dports ${port},53 -j MARK --set-xmark 0x10000/0x10000`}
      -A cali-po-web -m set --match-set ${ipPools} dst -j MARK --set-xmark 0x10000/0x10000
      -A cali-po-web -m mark --mark 0x10000/0x10000 -j RETURN`;
    const text = `*raw
      :cali-PREROUTING
      :cali-OUTPUT
      :cali-rpf-skip
      -A PREROUTING -j cali-PREROUTING
      -A OUTPUT -j cali-OUTPUT
      -A cali-PREROUTING -j MARK --set-xmark 0x0/0xf0000
      -A cali-PREROUTING -i cali+ -j MARK --set-xmark 0x40000/0x40000
      -A cali-PREROUTING -m mark --mark 0x40000/0x40000 -j cali-rpf-skip
      -A cali-PREROUTING -m mark --mark 0x40000/0x40000 -m rpfilter --validmark --invert -j DROP
      -A cali-PREROUTING -m mark --mark 0x0/0x40000
      -A cali-PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT
      -A cali-OUTPUT -j MARK --set-xmark 0x0/0xf0000
      -A cali-OUTPUT -m mark --mark 0x10000/0x10000 -j ACCEPT
      *nat
      :cali-PREROUTING
      :cali-OUTPUT
      :cali-POSTROUTING
      :cali-fip-dnat
      :cali-fip-snat
      :cali-nat-outgoing
      -A PREROUTING -j cali-PREROUTING
      -A OUTPUT -j cali-OUTPUT
      -A POSTROUTING -j cali-POSTROUTING
      -A cali-PREROUTING -j cali-fip-dnat
      -A cali-OUTPUT -j cali-fip-dnat
      -A cali-POSTROUTING -j cali-fip-snat
      -A cali-POSTROUTING -j cali-nat-outgoing
      -A cali-nat-outgoing -m set --match-set ${masquerading} src -m set ! --match-set ${ipPools} dst -j MASQUERADE
      *filter
      :cali-INPUT
      :cali-FORWARD
      :cali-OUTPUT
      :cali-wl-to-host
      :cali-from-wl-dispatch
      :cali-to-wl-dispatch
      :cali-pi-web
      :cali-po-web
      ${joined(workloads.flatMap(({ name }) => [`:cali-fw-${name}`, `:cali-tw-${name}`]))}
      -A INPUT -j cali-INPUT
      -A FORWARD -j cali-FORWARD
      -A FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT
      -A OUTPUT -j cali-OUTPUT
      -A cali-INPUT -i cali+ -g cali-wl-to-host
      -A cali-INPUT -m mark --mark 0x10000/0x10000 -j ACCEPT
      -A cali-INPUT -j MARK --set-xmark 0x0/0xf0000
      -A cali-wl-to-host -j cali-from-wl-dispatch
      -A cali-wl-to-host -m comment --comment "Configured DefaultEndpointToHostAction" -j ${random.pick(['ACCEPT', 'DROP', 'RETURN'])}
      -A cali-FORWARD -j MARK --set-xmark 0x0/0xe0000
      -A cali-FORWARD -m mark --mark 0x0/0x10000
      -A cali-FORWARD -i cali+ -j cali-from-wl-dispatch
      -A cali-FORWARD -o cali+ -j cali-to-wl-dispatch
      -A cali-OUTPUT -m mark --mark 0x10000/0x10000 -j ACCEPT
      -A cali-OUTPUT -o cali+ -j RETURN
      -A cali-OUTPUT -j MARK --set-xmark 0x0/0xf0000
      ${joined(workloads.map(({ name }) => `-A cali-from-wl-dispatch -i ${name} -g cali-fw-${name}`))}
      -A cali-from-wl-dispatch -m comment --comment "Unknown interface" -j DROP
      ${joined(workloads.map(({ name }) => `-A cali-to-wl-dispatch -o ${name} -g cali-tw-${name}`))}
      -A cali-to-wl-dispatch -m comment --comment "Unknown interface" -j DROP
      ${policy}
      ${joined(workloads.flatMap(({ name }) => [...ends(`cali-fw-${name}`, 'cali-po-web', true), ...ends(`cali-tw-${name}`, 'cali-pi-web', false)]))}`;
    const targets = [...pool.devices.flatMap(({ hosts: pods }) => pods.slice(0, 2)), ...members].flatMap((dst) =>
      [port, 53].map((each) => ({ dst, proto: random.pick(['tcp', 'udp'] as const), port: each })),
    );
    return { lines: [...sets, ...restoreLines(tool, text)], targets };
  },
};

function ends(chain: string, policy: string, leaves: boolean): readonly string[] {
  return [
    `-A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${chain} -m conntrack --ctstate INVALID -j DROP`,
    `-A ${chain} -j MARK --set-xmark 0x0/0x10000`,
    ...(leaves
      ? [
          `-A ${chain} -p udp -m comment --comment "Drop VXLAN encapped packets" -m multiport --dports 4789 -j DROP`,
          `-A ${chain} -p 4 -j DROP`,
        ]
      : []),
    `-A ${chain} -m comment --comment "Start of policies" -j MARK --set-xmark 0x0/0x20000`,
    `-A ${chain} -m mark --mark 0x0/0x20000 -j ${policy}`,
    `-A ${chain} -m mark --mark 0x10000/0x10000 -j RETURN`,
    `-A ${chain} -m mark --mark 0x0/0x20000 -j DROP`,
    `-A ${chain} -m comment --comment "Drop if no profiles matched" -j DROP`,
  ];
}
