/** What processes of a router send, what a missing dump leaves open, and both variants of iptables at once. */
import { describe, expect, it } from 'vitest';
import { type Ask, askOne, router, rules } from './node-text.js';
import { routerWith, saying, withRules } from './router.js';

const entering = { in: 'eth0', src: '10.1.0.9', to: '10.2.0.9' } as const;
const way = (question: Ask) => saying(routerWith({}), question);
type Tables = Parameters<typeof rules>[0];

describe('what processes of the node send', () => {
  it.each<[string, Tables, Ask, string]>([
    [
      'a neighbour gets it from the address of its network',
      {},
      { to: '10.2.0.9' },
      'delivered: 10.2.0.1 > 10.2.0.9:80 by eth1',
    ],
    [
      'an own address is reached over lo from itself',
      {},
      { to: '10.2.0.1', port: 22 },
      'delivered: 10.2.0.1 > 10.2.0.1:22 by lo',
    ],
    [
      'DNAT in OUTPUT routes anew and keeps the source',
      { nat: ['-A OUTPUT -d 10.2.0.9/32 -j DNAT --to-destination 10.1.0.9'] },
      { to: '10.2.0.9' },
      'delivered: 10.2.0.1 > 10.1.0.9:80 by eth0',
    ],
    [
      'filter OUTPUT still sees the device of the first route',
      { nat: ['-A OUTPUT -d 10.2.0.9/32 -j DNAT --to-destination 10.1.0.9'], filter: ['-A OUTPUT -o eth1 -j DROP'] },
      { to: '10.2.0.9' },
      'dropped: 10.2.0.1 > 10.1.0.9:80 by eth1',
    ],
    [
      'DNAT to 127.0.0.1 in OUTPUT needs no route_localnet',
      { nat: ['-A OUTPUT -d 10.2.0.9/32 -p tcp -j DNAT --to-destination 127.0.0.1:22'] },
      { to: '10.2.0.9' },
      'delivered: 10.2.0.1 > 127.0.0.1:22 by lo',
    ],
    [
      'DNAT in OUTPUT to everybody on a link leaves by it and comes back too, which is left open',
      { nat: ['-A OUTPUT -d 10.2.0.9/32 -j DNAT --to-destination 10.1.0.255'] },
      { to: '10.2.0.9' },
      'undetermined: 10.2.0.1 > 10.1.0.255:80 by eth1',
    ],
    [
      'nat PREROUTING is not asked on lo',
      { nat: ['-A PREROUTING -j DNAT --to-destination 10.1.0.9'] },
      { to: '10.2.0.1', port: 22 },
      'delivered: 10.2.0.1 > 10.2.0.1:22 by lo',
    ],
    [
      'raw PREROUTING is',
      { raw: ['-A PREROUTING -i lo -j DROP'] },
      { to: '10.2.0.1', port: 22 },
      'dropped: 10.2.0.1 > 10.2.0.1:22 by lo',
    ],
  ])('%s', (_sentence, tables, question, expected) => {
    expect(saying(withRules(tables), question)).toBe(expected);
  });

  const marked = {
    'ip-rule.txt': `0:\tfrom all lookup local\n100:\tfrom all fwmark 0x1 lookup 100\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n`,
    'ip-route.txt': `default via 10.1.0.9 dev eth0 table 100\n${router['ip-route.txt']}`,
  };
  it.each([
    ['a mark of mangle OUTPUT routes anew', 'mangle', 'eth0'],
    ['a mark of raw OUTPUT does not', 'raw', 'eth1'],
    ['a mark of filter OUTPUT does not', 'filter', 'eth1'],
    ['a mark of nat OUTPUT does not', 'nat', 'eth1'],
  ] as const)('%s', (_sentence, table, dev) => {
    const tables = {
      [table]: ['-A OUTPUT -j MARK --set-xmark 0x1/0xffffffff'],
      filter:
        table === 'filter'
          ? ['-A OUTPUT -j MARK --set-xmark 0x1/0xffffffff']
          : ['-A OUTPUT -m conntrack --ctstate INVALID -j DROP'],
    };
    expect(askOne(withRules(tables, marked), { to: '9.9.9.9' }).final).toMatchObject({
      iface: dev,
      src: { a: 0x0a020001 },
    });
  });

  it('no route: the socket is told, and nat OUTPUT is never asked', () => {
    const routes = (router['ip-route.txt'] ?? '').replace(/^default.*\n/, '');
    const snapshot = withRules({ nat: ['-A OUTPUT -j DNAT --to-destination 10.1.0.9'] }, { 'ip-route.txt': routes });
    expect(saying(snapshot, { to: '9.9.9.9' })).toBe('no-route ENETUNREACH: 0.0.0.0 > 9.9.9.9:80 by null');
  });

  it('a closed port answers with a reset, or an ICMP error', () => {
    expect(way({ to: '10.2.0.1', port: 81 })).toContain('rejected tcp-reset');
    expect(way({ to: '10.2.0.1', port: 81, proto: 17 })).toContain('rejected icmp 3/3');
  });
});

describe('what was not captured', () => {
  const needed = ['ip-addr.txt', 'ip-route.txt', 'ip-rule.txt', 'ip-neigh.txt', 'sysctl.txt', 'iptables-save.txt'];
  const masked = { 'iptables-save.txt': rules({ nat: ['-A POSTROUTING -j MASQUERADE'] }) };

  it.each(needed)('without %s nothing is said for sure', (file) => {
    expect(askOne(routerWith({ ...masked, [file]: null }), entering)).toMatchObject({ disposition: 'undetermined' });
  });

  it.each(needed.filter((file) => file !== 'ip-route.txt' && file !== 'ip-addr.txt'))(
    'without %s, with defaults, the assumption is named',
    (file) => {
      const outcome = askOne(routerWith({ ...masked, [file]: null }), { ...entering, assume: 'defaults' });
      expect(outcome.disposition).toBe('delivered');
      expect(outcome.assumptions.map(({ dump }) => `${dump}.txt`)).toContain(file);
    },
  );

  it('without ss nobody knows whether a process listens', () => {
    expect(askOne(routerWith({ 'ss.txt': null }), { ...entering, to: '10.1.0.1', port: 22 }).disposition).toBe(
      'undetermined',
    );
  });
});

describe('two variants of iptables on one node', () => {
  const both = (legacy: Tables, nft: Tables) =>
    routerWith({
      'iptables-legacy-save.txt': rules(legacy),
      'iptables-save.txt': rules(nft).replaceAll('iptables-save v1.8.9', 'iptables-save v1.8.9 (nf_tables)'),
    });

  it('a DROP of either stops the packet', () => {
    expect(
      askOne(both({ filter: ['-A FORWARD -j DROP'] }, { filter: ['-A FORWARD -j ACCEPT'] }), entering).disposition,
    ).toBe('dropped');
  });

  it('who of two DNATs comes first is not known', () => {
    const snapshot = both(
      { nat: ['-A PREROUTING -j DNAT --to-destination 10.2.0.7'] },
      { nat: ['-A PREROUTING -j DNAT --to-destination 10.2.0.8'] },
    );
    expect(askOne(snapshot, entering).because[0]?.text).toContain('come first');
  });
});
