import { describe, expect, it } from 'vitest';
import { parseSnapshot } from '../parse-snapshot.js';

const link = (
  name: string,
) => `7: ${name}: <BROADCAST,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 4e:8a:00:11:22:01 brd ff:ff:ff:ff:ff:ff
`;
const filtersOf = (...names: readonly string[]) => {
  const text = names.map((name, index) => link(name).replace('7:', `${index + 2}:`)).join('');
  return parseSnapshot(new Map([['n1/ip-link.txt', text]])).nodes[0]?.host.foreignFilters.map(
    ({ kind, subject, active }) => `${kind} ${subject} ${active}`,
  );
};

describe('a device that another data path makes', () => {
  it.each([
    ['cilium_net@cilium_host', 'cilium_net'],
    ['cilium_vxlan', 'cilium_vxlan'],
    ['bpfin.cali', 'bpfin.cali'],
  ])('%s says that its programs are at work', (name, told) =>
    expect(filtersOf('eth0', name)).toEqual([`bpf data path of ${told} true`]),
  );

  it.each([
    ['ovn-k8s-mp0', 'ovn-k8s-mp0'],
    ['antrea-gw0', 'antrea-gw0'],
  ])('%s says that Open vSwitch is at work', (name, told) =>
    expect(filtersOf('eth0', name)).toEqual([`ovs data path of ${told} true`]),
  );

  it('is told once for all of them', () => {
    expect(filtersOf('cilium_net', 'cilium_host', 'lxc_health')).toEqual(['bpf data path of cilium_net true']);
  });

  it.each(['eth0', 'lxcbr0', 'cali1234abcd', 'flannel.1', 'cilium0', 'ovs-system', 'br-int'])('%s is none', (name) =>
    expect(filtersOf(name)).toEqual([]),
  );
});
