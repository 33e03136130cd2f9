import { describe, expect, test } from 'vitest';
import { nodeNamed, onlyNode, save, snapshotOf, snapshotOfFiles } from './testing.js';

const chainsOf = (text: string) => {
  const table = onlyNode(snapshotOf(text)).host.rulesets[0]?.tables[0];
  return table?.chains.map((chain) => `${chain.name} ${chain.policy} ${chain.rules.length} ${chain.collected}`);
};

const device = (index: number, name: string) =>
  `${index}: ${name}: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP\n    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff\n`;

describe('devices of one node', () => {
  const linksOf = (text: string) => {
    const { state, rows } = onlyNode(snapshotOf(text)).host.links;
    return [state, ...rows.map(({ name }) => name)];
  };
  const all = `[root@n ~]# ip addr\n${device(1, 'eth0')}`;
  const one = `[root@n ~]# ip -d link show flannel.1\n${device(5, 'flannel.1')}`;

  test('one that an output shows exists, whatever the one above it left out', () => {
    expect(linksOf(`${all}${one}`)).toEqual(['partial', 'eth0', 'flannel.1']);
    expect(linksOf(`${all}[root@n ~]# ip -d link show eth0\n${device(1, 'eth0')}`)).toEqual(['complete', 'eth0']);
  });

  test('one that is not in the whole listing below may be gone, or left out', () => {
    expect(linksOf(`${one}${all}`)).toEqual(['partial', 'eth0']);
  });

  test('a later listing of all, by the clock, decides', () => {
    const date = (clock: string) => `[root@n ~]# date\nFri Nov 20 ${clock} UTC 2026\n`;
    expect(linksOf(`${date('10:00:00')}${one}${date('10:05:00')}${all}`)).toEqual(['complete', 'eth0']);
  });
});

describe('rulesets of one node', () => {
  test('chains listed one by one make one table, and what two of them show is there once', () => {
    const text = `[root@n ~]# iptables -t nat -S POSTROUTING
-P POSTROUTING ACCEPT
-A POSTROUTING -s 10.0.0.0/8 -j MINE
-A POSTROUTING -d 10.9.0.0/16 -j ACCEPT
[root@n ~]# iptables -t nat -S MINE
-N MINE
-A MINE -o eth0 -j MASQUERADE
[root@n ~]# iptables-save -t nat | grep MINE
:MINE - [0:0]
-A POSTROUTING -s 10.0.0.0/8 -j MINE
-A MINE -o eth0 -j MASQUERADE
`;
    expect(chainsOf(text)).toEqual(['POSTROUTING ACCEPT 2 true', 'MINE null 1 true']);
  });

  test('the whole dump decides over fragments of it', () => {
    const text = `[root@n ~]# iptables -S FORWARD\n-P FORWARD ACCEPT\n[root@n ~]# iptables-save\n${save}`;
    expect(onlyNode(snapshotOf(text)).host.rulesets).toMatchObject([{ complete: true, variant: 'nft' }]);
    expect(chainsOf(text)?.[1]).toMatch(/^FORWARD DROP/);
  });

  test('legacy and nft are kept apart, and so are the families', () => {
    const files = {
      'n/iptables-nft-save.txt': save,
      'n/iptables-legacy-save.txt': save.replace(' (nf_tables)', ''),
      'n/ip6tables-nft-save.txt': save.replace('iptables', 'ip6tables'),
    };
    const { host } = onlyNode(snapshotOfFiles(files));
    expect(host.rulesets.map((ruleset) => `${ruleset.family} ${ruleset.variant}`).sort()).toEqual(
      ['4 legacy', '4 nft', '6 nft'].sort(),
    );
  });

  test('of two whole dumps the later one counts', () => {
    const early = save.replaceAll('10:00:00', '09:58:00').replace(':INPUT ACCEPT', ':INPUT DROP');
    const text = `[root@n ~]# iptables-save\n${save}[root@n ~]# iptables-save\n${early}`;
    expect(chainsOf(text)?.[0]).toMatch(/^INPUT ACCEPT/);
  });
});

describe('routes of one node', () => {
  const main = 'default via 10.1.0.1 dev eth0\n10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.5\n';
  const local = 'local 10.1.0.5 dev eth0 proto kernel scope host src 10.1.0.5\n';

  test('tables listed one by one add up, and each is spoken for', () => {
    const text = `[root@n ~]# ip route\n${main}[root@n ~]# ip route show table local\n${local}`;
    const { routes } = onlyNode(snapshotOf(text)).host;
    expect(routes).toMatchObject({ state: 'complete', covers: [{ family: 4, tables: ['main', 'local'] }] });
    expect(routes.rows.map((row) => row.table)).toEqual(['main', 'main', 'local']);
  });

  test('the same table twice is there once', () => {
    const text = `[root@n ~]# ip route\n${main}[root@n ~]# ip route | grep default\n${main.split('\n')[0]}\n[root@n ~]# ip route\n${main}`;
    expect(onlyNode(snapshotOf(text)).host.routes.rows).toHaveLength(2);
  });

  test('what iproute2 shows counts before what net-tools shows of it', () => {
    const old =
      'Kernel IP routing table\nDestination Gateway Genmask Flags Metric Ref Use Iface\n0.0.0.0 10.1.0.1 0.0.0.0 UG 0 0 0 eth0\n10.1.0.0 0.0.0.0 255.255.255.0 U 0 0 0 eth0\n';
    const text = `[root@n ~]# route -n\n${old}[root@n ~]# ip route\n${main}`;
    const { routes } = onlyNode(snapshotOf(text)).host;
    expect(routes.rows.map((row) => row.protocol)).toEqual([null, 'kernel']);
  });
});

describe('outputs that speak for a part', () => {
  const four =
    '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    inet 127.0.0.1/8 scope host lo\n';
  const six = four.replace('inet 127.0.0.1/8 scope host lo', 'inet6 ::1/128 scope host ');
  const tcp = 'State Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n';
  const udp = tcp.replace('LISTEN', 'UNCONN');
  const host = (text: string) => onlyNode(snapshotOf(text)).host;

  test.each([
    ['one family', `[root@n ~]# ip -4 addr\n${four}`, 'partial', 1],
    ['both families', `[root@n ~]# ip -4 addr\n${four}[root@n ~]# ip -6 addr\n${six}`, 'complete', 2],
    ['one family twice', `[root@n ~]# ip -4 addr\n${four}[root@n ~]# ip -4 addr\n${four}`, 'partial', 1],
    ['everything, then one family', `[root@n ~]# ip addr\n${four}[root@n ~]# ip -4 addr\n${four}`, 'complete', 1],
  ])('addresses of %s', (_, text, state, count) => {
    const { addresses } = host(text);
    expect(addresses.state).toBe(state);
    expect(addresses.rows).toHaveLength(count);
  });

  test('an address that one output shows in brief and another in full is there in full', () => {
    const brief = 'lo               UNKNOWN        127.0.0.1/8 \n';
    const full = four.replace('scope host lo', 'scope host deprecated lo');
    const { addresses } = host(`[root@n ~]# ip -br addr\n${brief}[root@n ~]# ip addr show dev lo\n${full}`);
    expect(addresses).toMatchObject({ state: 'complete', rows: [{ flags: ['deprecated'], label: 'lo' }] });
  });

  test('neighbours of both families, from two tools', () => {
    const arp = 'Address HWtype HWaddress Flags Mask Iface\n10.9.0.1 ether 52:54:00:00:00:01 C eth0\n';
    const nd = 'fe80::1 dev eth0 lladdr 52:54:00:00:00:02 router STALE\n';
    expect(host(`[root@n ~]# arp -n\n${arp}`).neighbours.state).toBe('partial');
    const both = host(`[root@n ~]# arp -n\n${arp}[root@n ~]# ip -6 neigh\n${nd}`).neighbours;
    expect(both).toMatchObject({ state: 'complete', rows: [{ dev: 'eth0' }, { dev: 'eth0' }] });
  });

  test.each([
    ['TCP', `[root@n ~]# ss -lnt\n${tcp}`, 'partial', ['tcp']],
    [
      'TCP and UDP one after the other',
      `[root@n ~]# ss -lnt\n${tcp}[root@n ~]# ss -lnu\n${udp}`,
      'complete',
      ['tcp', 'udp'],
    ],
    ['some TCP', `[root@n ~]# ss -lnt | grep 22\n${tcp}`, 'partial', []],
  ])('listeners of %s', (_, text, state, listens) => {
    expect(host(text).sockets).toMatchObject({ state, listens });
  });
});

describe('links of one node', () => {
  const link = '3: vx0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN';
  const ether = '    link/ether 02:00:00:00:00:09 brd ff:ff:ff:ff:ff:ff';

  test('ip addr and ip -d link complement each other', () => {
    const files = {
      'n/ip-addr.txt': `${link} group default\n${ether}\n    inet 10.4.0.0/32 scope global vx0\n       valid_lft forever preferred_lft forever\n`,
      'n/ip-d-link.txt': `${link} mode DEFAULT group default\n${ether} promiscuity 0\n    vxlan id 1 local 10.1.0.5 dev eth0 srcport 0 0 dstport 8472 nolearning addrgenmode eui64\n`,
    };
    const { host } = onlyNode(snapshotOfFiles(files));
    expect(host.links.rows).toMatchObject([{ name: 'vx0', mtu: 1450, details: { kind: 'vxlan', dstport: 8472 } }]);
    expect(host.addresses.rows).toHaveLength(1);
  });
});

describe('sysctl of one node', () => {
  const value = (files: Readonly<Record<string, string>>, key: string) =>
    nodeNamed(snapshotOfFiles(files), 'n').host.sysctl.byKey.get(key)?.value;

  test('dumps add up, and a configuration file says only what should be', () => {
    const files = {
      'n/etc/sysctl.conf': 'net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.rp_filter = 2\n',
      'n/sysctl-forward.txt': 'net.ipv4.ip_forward = 0\n',
      'n/ip-rule.txt': '0:\tfrom all lookup local\n',
    };
    expect(value(files, 'net/ipv4/ip_forward')).toBe('0');
    expect(value(files, 'net/ipv4/conf/all/rp_filter')).toBe('2');
  });
});

describe('IP sets of one node', () => {
  const set = (name: string, member: string) =>
    `Name: ${name}\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024 maxelem 65536\nSize in memory: 504\nReferences: 1\nNumber of entries: 1\nMembers:\n${member}\n`;

  test('sets listed one by one add up without speaking for others', () => {
    const text = `[root@n ~]# ipset list a\n${set('a', '10.0.0.0/8')}[root@n ~]# ipset list b\n${set('b', '10.1.0.0/16')}`;
    const { ipsets } = onlyNode(snapshotOf(text)).host;
    expect(ipsets.state).toBe('partial');
    expect(ipsets.rows.map((row) => row.name)).toEqual(['a', 'b']);
  });
});

describe('API objects', () => {
  const table =
    'NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb    ClusterIP   10.96.7.7    <none>        80/TCP    3d\n';
  const yaml = (namespace: string, ip: string) =>
    `apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: ${namespace}\nspec:\n  clusterIP: ${ip}\n  ports:\n  - port: 80\n    protocol: TCP\n`;
  const servicesOf = (...objects: readonly string[]) =>
    snapshotOf(
      `[root@n ~]# kubectl get svc\n${table}${objects.map((one) => `[root@n ~]# kubectl get svc web -o yaml\n${one}`).join('')}`,
    ).objects.map(({ meta }) => `${meta.namespace}/${meta.name}`);

  test('of a table that does not name their namespace are those of the same name and address', () => {
    expect(servicesOf(yaml('shop', '10.96.7.7'))).toEqual(['shop/web']);
    expect(servicesOf(yaml('shop', '10.96.7.8'))).toEqual(['null/web', 'shop/web']);
    expect(servicesOf(yaml('shop', '10.96.7.8'), yaml('tea', '10.96.7.7'))).toEqual(['shop/web', 'tea/web']);
  });
});
