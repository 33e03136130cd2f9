/** Packets of connections that IPVS had when it was captured, in sentences; each row is as the second kernel of test/kernel/ipvs.kernel.test.ts does it. */
import { type AnswerLine, interview, placeOf } from '@coldtrace/core';
import { describe, expect, it } from 'vitest';
import { nodeOf, router, sysctls } from './node-text.js';

const services = `-A -t 10.1.0.1:80 -s rr
-a -t 10.1.0.1:80 -r 10.2.0.8:8080 -m -w 1
-a -t 10.1.0.1:80 -r 10.2.0.9:8080 -m -w 1
-A -t 10.1.0.1:443 -s rr -p 300
-a -t 10.1.0.1:443 -r 10.2.0.8:8443 -m -w 1
-a -t 10.1.0.1:443 -r 10.2.0.9:8443 -m -w 0
-A -f 7 -s rr -p 300 -M 255.255.255.0
-a -f 7 -r 10.2.0.8:0 -m -w 1
-a -f 7 -r 10.2.0.9:0 -m -w 1
`;
const unset = {
  'net.ipv4.vs.conn_reuse_mode': 1,
  'net.ipv4.vs.conntrack': 0,
  'net.ipv4.vs.expire_nodest_conn': 0,
  'net.ipv4.vs.expire_quiescent_template': 0,
  'net.ipv4.vs.schedule_icmp': 0,
  'net.ipv4.vs.sloppy_tcp': 0,
};
const title = 'IPVS connection entries\npro expire state       source             virtual            destination\n';
const neighbours = ['8', '9'].map((host) => `10.2.0.${host} dev eth1 lladdr 02:00:00:00:00:19 REACHABLE\n`).join('');
const marking = `*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 81 -j MARK --set-mark 7\nCOMMIT\n`;

const ownWay = {
  'ip-rule.txt': '0:\tfrom all lookup local\n9:\tfrom all iif lo lookup 100\n32766:\tfrom all lookup main\n',
  'ip-route.txt': `${router['ip-route.txt']}default via 10.2.0.254 dev eth1 table 100\n`,
};

interface World {
  readonly connections?: string;
  readonly services?: string | null;
  readonly settings?: Readonly<Record<string, number>>;
  readonly conntrack?: string;
  readonly rules?: string;
  readonly neighbours?: string;
  readonly release?: string;
  /** Rule and table for what the node itself sends. */
  readonly own?: true;
}

function asking(world: World) {
  const dumps = {
    ...router,
    'ip-neigh.txt': `${router['ip-neigh.txt']}${neighbours}${world.neighbours ?? ''}`,
    'sysctl.txt': `${router['sysctl.txt']}${sysctls({ ...unset, ...world.settings })}`,
    'ipvsadm-connections.txt': `${title}${world.connections ?? ''}`,
    ...(world.services === null ? {} : { 'ipvsadm.txt': world.services ?? services }),
    ...(world.conntrack === undefined ? {} : { 'conntrack.txt': world.conntrack }),
    ...(world.rules === undefined ? {} : { 'iptables-save.txt': world.rules }),
    ...(world.own === undefined ? {} : ownWay),
    ...(world.release === undefined ? {} : { 'uname.txt': `Linux node-1 ${world.release} #1 SMP x86_64 GNU/Linux\n` }),
  };
  const node = nodeOf(dumps);
  return interview(placeOf(node, node.host, 'none'));
}

const packet = { kind: 'ingress', family: 4, in_iface: 'eth0', src: '10.1.0.9', dst: '10.1.0.1', proto: 'tcp' };

function sentence(answer: AnswerLine): string {
  if ('branches' in answer) return `${answer.branches.length} ways`;
  if (!('outcome' in answer)) return 'refused';
  const { outcome } = answer;
  return 'dst' in answer ? `${outcome} to ${answer.dst}:${answer.dport}` : outcome;
}

function told(world: World, probe: object): string {
  return sentence(asking(world)(JSON.stringify({ id: 'a', ...packet, ...probe }), 0));
}

const row = (
  state: string,
  virtual = '10.1.0.1:80',
  server = '10.2.0.9:8080',
  client = '10.1.0.9:4000',
  proto = 'TCP',
) => `${proto.padEnd(3)} 14:59  ${state.padEnd(11)} ${client}     ${virtual}     ${server}\n`;
const flow = { sport: 4000, dport: 80 };

describe('a server that gets packets as they are', () => {
  it.each([
    ['is asked for on its link, where nobody has the virtual address', '10.2.0.8', 'forward to 10.1.0.1:80'],
    ['is out of reach behind a link that does not know it', '10.2.0.77', 'drop'],
  ])('%s', (_, server, expected) => {
    const given = `-A -t 10.1.0.1:80 -s rr\n-a -t 10.1.0.1:80 -r ${server}:80 -g -w 1\n`;
    const failed = '10.2.0.77 dev eth1 FAILED\n';
    expect(told({ services: given, neighbours: failed }, { ...flow, tcp_flags: 'SYN' })).toBe(expected);
  });
});

describe('an answer', () => {
  it.each([
    ['that gets the virtual address back is routed as what the node itself sends', '-m', 'eth1'],
    ['that has it already keeps its way', '-g', 'eth0'],
  ])('%s', (_, method, expected) => {
    const given = `-A -t 10.1.0.1:80 -s rr\n-a -t 10.1.0.1:80 -r 10.2.0.8:80 ${method} -w 1\n`;
    const unfiltered = { 'net.ipv4.conf.eth0.rp_filter': 0, 'net.ipv4.conf.eth1.rp_filter': 0 };
    const settings = { ...unfiltered, 'net.ipv4.conf.all.accept_local': 1, 'net.ipv4.vs.snat_reroute': 1 };
    const ask = asking({ services: given, settings, own: true });
    ask(JSON.stringify({ id: 'a', ...packet, ...flow, tcp_flags: 'SYN' }), 0);
    expect(ask(JSON.stringify({ id: 'b', kind: 'reply', of: 'a' }), 1)).toMatchObject({ out_iface: expected });
  });
});

describe('a connection that IPVS had', () => {
  it.each<[string, World, object, string]>([
    [
      'goes on to its server',
      { connections: row('ESTABLISHED') },
      { ...flow, tcp_flags: 'ACK' },
      'forward to 10.2.0.9:8080',
    ],
    [
      'does so for a SYN too',
      { connections: row('SYN_RECV') },
      { ...flow, tcp_flags: 'SYN' },
      'forward to 10.2.0.9:8080',
    ],
    [
      'is one client port alone',
      { connections: row('ESTABLISHED') },
      { ...flow, sport: 4001, tcp_flags: 'SYN' },
      '2 ways',
    ],
    [
      'and what opens none is for this node',
      { connections: row('ESTABLISHED') },
      { ...flow, sport: 4001, tcp_flags: 'ACK' },
      'local to 10.1.0.1:80',
    ],
    [
      'begins anew by a SYN once it is over',
      { connections: row('TIME_WAIT') },
      { ...flow, tcp_flags: 'SYN' },
      '2 ways',
    ],
    [
      'goes on if it may not',
      { connections: row('TIME_WAIT'), settings: { 'net.ipv4.vs.conn_reuse_mode': 0 } },
      { ...flow, tcp_flags: 'SYN' },
      'forward to 10.2.0.9:8080',
    ],
    [
      'goes on when half closed',
      { connections: row('FIN_WAIT') },
      { ...flow, tcp_flags: 'SYN' },
      'forward to 10.2.0.9:8080',
    ],
    [
      'whose server was removed is dropped',
      { connections: row('ESTABLISHED', '10.1.0.1:80', '10.2.0.7:8080') },
      { ...flow, tcp_flags: 'ACK' },
      'drop',
    ],
    [
      'or forgotten',
      {
        connections: row('ESTABLISHED', '10.1.0.1:80', '10.2.0.7:8080'),
        settings: { 'net.ipv4.vs.expire_nodest_conn': 1 },
      },
      { ...flow, tcp_flags: 'SYN' },
      '2 ways',
    ],
    [
      'is open without the services',
      { connections: row('ESTABLISHED'), services: null },
      { ...flow, tcp_flags: 'ACK' },
      'unknown',
    ],
  ])('%s', (_, world, probe, expected) => expect(told(world, probe)).toBe(expected));

  it('is answered by its virtual address', () => {
    const answer = { in_iface: 'eth1', src: '10.2.0.9', sport: 8080, dst: '10.1.0.9', dport: 4000, tcp_flags: 'ACK' };
    const found = asking({ connections: row('ESTABLISHED') })(JSON.stringify({ id: 'a', ...packet, ...answer }), 0);
    expect(found).toMatchObject({ outcome: 'forward', src: '10.1.0.1', sport: 80, out_iface: 'eth0' });
  });

  describe('that conntrack knows', () => {
    const conntrack = (state: string) =>
      `tcp      6 119 ${state} src=10.1.0.9 dst=10.1.0.1 sport=4000 dport=80 src=10.2.0.9 dst=10.1.0.9 sport=8080 dport=4000 [ASSURED] mark=0 use=1\n`;
    const rules =
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -m conntrack --ctstate DNAT -j DROP\nCOMMIT\n*nat\nCOMMIT\n';
    const settings = { 'net.ipv4.vs.conntrack': 1, 'net.ipv4.vs.conn_reuse_mode': 1 };

    it('keeps its destination until IPVS sees it: no rule has translated it', () => {
      const world = { connections: row('ESTABLISHED'), conntrack: conntrack('ESTABLISHED'), rules, settings };
      expect(told(world, { ...flow, tcp_flags: 'ACK' })).toBe('forward to 10.2.0.9:8080');
    });

    it.each([
      ['IPVS leaves no trace there', { 'net.ipv4.vs.conntrack': 0 }, '8080'],
      ['no server has the port', settings, '8081'],
    ])('is one that a rule has translated where %s', (_, others, port) => {
      const stopped = rules.replace('-A INPUT', '-A FORWARD');
      const known = conntrack('ESTABLISHED').replace('8080', port);
      expect(told({ conntrack: known, rules: stopped, settings: others }, { ...flow, tcp_flags: 'ACK' })).toBe('drop');
    });

    it('loses the SYN by which it would begin anew', () => {
      const world = { connections: row('TIME_WAIT'), conntrack: conntrack('ESTABLISHED'), rules, settings };
      expect(told(world, { ...flow, tcp_flags: 'SYN' })).toBe('drop');
    });
  });
});

describe('a client that a template keeps', () => {
  const kept = row('NONE', '10.1.0.1:443', '10.2.0.9:8443', '10.1.0.9:0');
  const byMark = row('NONE', '0.0.0.7:0', '10.2.0.9:0', '10.1.0.0:0', 'IP');
  const syn = { sport: 5000, dport: 443, tcp_flags: 'SYN' };

  it.each<[string, World, object, string]>([
    ['goes to its server, whatever the weight', { connections: kept }, syn, 'forward to 10.2.0.9:8443'],
    [
      'unless that takes none',
      { connections: kept, settings: { 'net.ipv4.vs.expire_quiescent_template': 1 } },
      syn,
      'forward to 10.2.0.8:8443',
    ],
    ['is this client alone', { connections: kept }, { ...syn, src: '10.1.0.7' }, 'forward to 10.2.0.8:8443'],
    [
      'is a network under a mask',
      { connections: byMark, rules: marking },
      { ...syn, dport: 81 },
      'forward to 10.2.0.9:81',
    ],
    [
      'is not held to a server that is gone',
      { connections: row('NONE', '10.1.0.1:443', '10.2.0.7:8443', '10.1.0.9:0') },
      syn,
      'forward to 10.2.0.8:8443',
    ],
  ])('%s', (_, world, probe, expected) => expect(told(world, probe)).toBe(expected));

  it('keeps a connection of it from beginning anew', () => {
    const connections = `${kept}${row('TIME_WAIT', '10.1.0.1:443', '10.2.0.9:8443', '10.1.0.9:5000')}`;
    expect(told({ connections }, syn)).toBe('forward to 10.2.0.9:8443');
  });
});

describe('what the dumps leave open', () => {
  const SYN = { ...flow, tcp_flags: 'SYN' };
  const server = (words: string) => `-A -t 10.1.0.1:80 -s rr\n-a -t 10.1.0.1:80 -r 10.2.0.8:80 ${words}\n`;

  it.each<[string, World, string]>([
    [
      'a tunnel of IPIP is none of it',
      { services: server('-i -w 1 --tun-type ipip') },
      'forward to 10.2.0.8:undefined',
    ],
    ['a tunnel whose kind is not shown', { services: server('-i -w 1') }, 'unknown'],
    ['a tunnel over UDP', { services: server('-i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum') }, 'unknown'],
    [
      'whether the node stands by',
      { services: server('-m -w 1'), settings: { 'net.ipv4.vs.backup_only': 1 } },
      'unknown',
    ],
    [
      'which connection drop_packet drops',
      { services: server('-m -w 1'), settings: { 'net.ipv4.vs.drop_packet': 3 } },
      'unknown',
    ],
    [
      'not while memory is all that counts',
      { services: server('-m -w 1'), settings: { 'net.ipv4.vs.drop_packet': 1 } },
      'forward to 10.2.0.8:80',
    ],
  ])('%s', (_, world, expected) => expect(told(world, SYN)).toBe(expected));
});

describe('a last service that went', () => {
  const nothing =
    'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n';
  const orphan = { connections: row('ESTABLISHED'), services: nothing };
  const ack = { ...flow, tcp_flags: 'ACK' };

  it.each([
    ['takes IPVS with it', '6.1.0', 'local to 10.1.0.1:80'],
    ['left it there in older kernels', '5.8.0', 'drop'],
  ])('%s', (_, release, expected) => expect(told({ ...orphan, release }, ack)).toBe(expected));

  it('is open where the kernel is not known', () => expect(told(orphan, ack)).toBe('unknown'));
});

describe('servers of one address', () => {
  const given = `-A -t 10.1.0.1:21 -s rr -p 300\n${[21, 2121].map((port) => `-a -t 10.1.0.1:21 -r 10.2.0.8:${port} -m -w 1\n`).join('')}-a -t 10.1.0.1:21 -r 10.2.0.9:21 -m -w 1\n`;
  const connections = row('NONE', '10.1.0.1:0', '10.2.0.8:0', '10.1.0.9:0');

  it('are not told apart by the template of FTP', () => {
    const found = asking({ services: given, connections })(
      JSON.stringify({ id: 'a', ...packet, sport: 5000, dport: 21, tcp_flags: 'SYN' }),
      0,
    );
    expect(found).toMatchObject({
      outcome: 'unknown',
      either: [
        { dst: '10.2.0.8', dport: 21 },
        { dst: '10.2.0.8', dport: 2121 },
      ],
    });
  });
});

describe('an ICMP error', () => {
  const inner = { src: '10.1.0.1', dst: '10.1.0.9', proto: 'tcp', sport: 80, dport: 4000 };
  const error = { proto: 'icmp', icmp_type: 3, icmp_code: 4, inner };

  it('about an answer goes to the server', () =>
    expect(told({ connections: row('ESTABLISHED') }, error)).toBe('forward to 10.2.0.9:undefined'));

  it('about no connection is for this node', () => expect(told({}, error)).toBe('local to 10.1.0.1:undefined'));

  it('about what IPVS sends through a tunnel may be its own', () => {
    const world = { services: '-A -t 10.1.0.1:80 -s rr\n-a -t 10.1.0.1:80 -r 10.2.0.8:80 -i -w 1 --tun-type ipip\n' };
    const quoted = { src: '10.2.0.1', dst: '10.2.0.8', proto: 4 };
    expect(told(world, { ...error, in_iface: 'eth1', src: '10.2.0.8', dst: '10.2.0.1', inner: quoted })).toBe(
      'unknown',
    );
  });

  it('about no connection may be scheduled', () =>
    expect(told({ settings: { 'net.ipv4.vs.schedule_icmp': 1 } }, error)).toBe('unknown'));
});

describe('what a service without servers by mark sends on', () => {
  it('to a host elsewhere is open under cache_bypass', () => {
    const rules = '*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j MARK --set-mark 9\nCOMMIT\n';
    const world = { services: '-A -f 9 -s rr\n', rules, settings: { 'net.ipv4.vs.cache_bypass': 1 } };
    const probe = { kind: 'output', dst: '10.2.0.8', ...flow, src: undefined, in_iface: undefined };
    expect(told(world, probe)).toBe('unknown');
  });
});

describe('a packet of the node itself that IPVS takes on its way in from lo', () => {
  const rules = `*mangle
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -j MARK --set-mark 7
COMMIT
*filter
:INPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate NEW
COMMIT
`;

  it('has left its connection in the table, though IPVS lets go of it', () => {
    const probe = { kind: 'output', family: 4, dst: '10.1.0.1', proto: 'udp', sport: 4000, dport: 53 };
    const answer = asking({ rules })(JSON.stringify({ id: 'a', ...probe }), 0);
    const ways = 'branches' in answer ? answer.branches : [answer];
    const entry = { src: '10.1.0.1', dst: '10.1.0.1', proto: 'udp' };
    expect(ways.length).toBe(2);
    for (const way of ways) {
      expect(way).toMatchObject({
        outcome: 'forward',
        conntrack: { orig: { ...entry, sport: 4000, dport: 53 }, reply: { ...entry, sport: 53, dport: 4000 } },
      });
    }
  });
});
