/** Probes of one router as sentences: every field of the answer, rule counters and connection included. */
import { describe, expect, it } from 'vitest';
import { answerTo, interviewOf, type Json, said, withTables } from './probe-node.js';

const inward: Json = {
  kind: 'ingress',
  family: 4,
  in_iface: 'eth0',
  src: '10.1.0.9',
  dst: '10.2.0.9',
  proto: 'tcp',
  sport: 4000,
  dport: 80,
};
const outward: Json = { kind: 'output', family: 4, dst: '10.2.0.9', proto: 'udp', sport: 4000, dport: 53 };
const track = ['-A FORWARD -m conntrack --ctstate RELATED', '-A FORWARD -m conntrack --ctstate NEW'];

describe('a packet that enters', () => {
  it.each([
    ['is forwarded', {}, {}, 'forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63'],
    [
      'is for the router, whether a process listens or not',
      {},
      { dst: '10.1.0.1', dport: 9 },
      'local 10.1.0.9:4000 > 10.1.0.1:9 ttl 64',
    ],
    [
      'counts rules that only count',
      { filter: ['-A FORWARD -p tcp', '-A FORWARD -p udp', '-A FORWARD -j ACCEPT'] },
      {},
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63 filter/FORWARD/1 filter/FORWARD/3',
    ],
    [
      'counts jumps and RETURN',
      { filter: [':C - [0:0]', '-A FORWARD -j C', '-A C -p tcp -j RETURN', '-A C -j DROP', '-A FORWARD -s 10.1.0.9'] },
      {},
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63 filter/FORWARD/1 filter/C/1 filter/FORWARD/2',
    ],
    [
      'is dropped, and nothing is left of it',
      { filter: [...track, '-A FORWARD -p tcp -j DROP'] },
      {},
      'drop filter/FORWARD/2 filter/FORWARD/3',
    ],
    [
      'is rejected',
      { filter: ['-A FORWARD -j REJECT --reject-with icmp-admin-prohibited'] },
      {},
      'reject icmp 3/13 filter/FORWARD/1',
    ],
    [
      'is answered by a reset',
      { filter: ['-A FORWARD -p tcp -j REJECT --reject-with tcp-reset'] },
      {},
      'reject tcp-reset filter/FORWARD/1',
    ],
    [
      'dies of its TTL',
      { mangle: ['-A PREROUTING -i eth0', '-A FORWARD -i eth0'] },
      { ttl: 1 },
      'reject icmp 11/0 mangle/PREROUTING/1',
    ],
    [
      'is translated and remembered',
      {
        nat: [
          '-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.2.0.9:8080',
          '-A POSTROUTING -o eth1 -j MASQUERADE',
        ],
      },
      { dst: '10.9.9.9' },
      'forward eth1 10.2.0.1:4000 > 10.2.0.9:8080 ttl 63 nat/PREROUTING/1 nat/POSTROUTING/1 [10.1.0.9:4000 > 10.9.9.9:80, 10.2.0.9:8080 > 10.2.0.1:4000]',
    ],
    [
      'keeps what it is marked with',
      { mangle: ['-A PREROUTING -m mark --mark 0x7 -j MARK --or-mark 0x10'] },
      { mark: 7, tos: 16 },
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63 tos 16 mark 23 mangle/PREROUTING/1',
    ],
    [
      'is as long as its headers say',
      { filter: ['-A FORWARD -m length --length 44', '-A FORWARD -m length --length 144'] },
      { payload: 100 },
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63 filter/FORWARD/2',
    ],
    [
      'is as long as the question says',
      { filter: ['-A FORWARD -m length --length 77'] },
      { length: 77 },
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63 filter/FORWARD/1',
    ],
    [
      'comes from the hardware address that is given',
      { filter: ['-A FORWARD -m mac --mac-source 02:00:00:00:00:77'] },
      { src_mac: '02:00:00:00:00:77' },
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63 filter/FORWARD/1',
    ],
    [
      'has the TCP flags that are given',
      { filter: ['-A FORWARD -p tcp --tcp-flags ALL SYN', '-A FORWARD -p tcp --tcp-flags ALL ACK,PSH'] },
      { tcp_flags: 'ACK,PSH' },
      'forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63 filter/FORWARD/2',
    ],
  ] as const)('%s', (_sentence, tables, changes, answer) => {
    expect(said(answerTo(withTables(tables), { ...inward, ...changes }))).toBe(answer);
  });

  it('has an ICMP id, and its connection too', () => {
    const ask = withTables({ filter: track });
    const { icmp_id, conntrack } = answerTo(ask, { ...inward, proto: 'icmp', icmp_id: 77 });
    const tuple = { src: '10.1.0.9', dst: '10.2.0.9', proto: 'icmp', icmp_type: 8, icmp_code: 0, icmp_id: 77 };
    const back = { ...tuple, src: tuple.dst, dst: tuple.src, icmp_type: 0 };
    expect({ icmp_id, conntrack }).toEqual({ icmp_id: 77, conntrack: { orig: tuple, reply: back } });
  });

  it('is told by the protocol as it was asked', () => {
    expect(answerTo(interviewOf(), { ...inward, proto: 6 })['proto']).toBe(6);
    expect(answerTo(interviewOf(), { ...inward, proto: 'TCP' })['proto']).toBe('TCP');
  });
});

/** As the kernel keeps one half. */
const half = '1/2';

describe('chance and what is open', () => {
  it('branches by the shares of the kernel, which differ in nothing but what they must', () => {
    const nat = [
      '-A PREROUTING -p tcp -m statistic --mode random --probability 0.25 -j DNAT --to-destination 10.2.0.7',
      '-A PREROUTING -p tcp -j DNAT --to-destination 10.2.0.8',
    ];
    const answer = answerTo(withTables({ nat }), { ...inward, dst: '10.9.9.9' });
    const shares = (answer['branches'] as readonly Json[]).map(({ probability, dst, hits }) => [
      probability,
      dst,
      hits,
    ]);
    expect(shares).toEqual([
      ['1/4', '10.2.0.7', [['nat', 'PREROUTING', 1]]],
      ['3/4', '10.2.0.8', [['nat', 'PREROUTING', 2]]],
    ]);
  });

  it('is one answer where chance makes no difference to any field', () => {
    const filter = ['-A FORWARD -m statistic --mode random --probability 0.5 -j DROP', '-A FORWARD -j DROP'];
    const two = answerTo(withTables({ filter }), inward);
    expect(said(two)).toBe(`${half}: drop filter/FORWARD/1 | ${half}: drop filter/FORWARD/2`);
    const nat = ['-A PREROUTING -m statistic --mode random --probability 0.5 -m addrtype --dst-type LOCAL'];
    expect(said(answerTo(withTables({ nat }), inward))).toBe('forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63');
  });

  it('lists what is possible when a set was not captured', () => {
    const filter = ['-A FORWARD -m set --match-set blocked src -j DROP'];
    const answer = answerTo(withTables({ filter }, { 'ipset-list.txt': null }), inward);
    expect(said(answer)).toBe(
      'unknown either drop filter/FORWARD/1 or forward eth1 10.1.0.9:4000 > 10.2.0.9:80 ttl 63',
    );
    expect(answer['because']).toEqual([expect.stringContaining('set blocked was not captured')]);
  });

  it('is open when only a counter depends on it', () => {
    const filter = ['-A FORWARD -m set --match-set watched src'];
    const answer = answerTo(withTables({ filter }, { 'ipset-list.txt': null }), inward);
    expect(said(answer)).toContain('unknown either');
  });

  it('is not open when the missing dump makes no difference', () => {
    const filter = ['-A FORWARD -p udp -m set --match-set watched src -j DROP'];
    expect(said(answerTo(withTables({ filter }, { 'ipset-list.txt': null }), inward))).toContain('forward eth1');
  });

  it('names what it assumed', () => {
    const answer = answerTo(interviewOf({ 'ip-neigh.txt': null }, 'defaults'), inward);
    expect(said(answer)).toContain('forward eth1');
    expect(answer['assumptions']).toEqual([expect.stringContaining('10.2.0.9 is taken to be resolvable on eth1')]);
  });

  it('tells no port that the kernel draws', () => {
    const answer = answerTo(withTables({ nat: ['-A POSTROUTING -o eth1 -j MASQUERADE --random-fully'] }), inward);
    expect(said(answer)).toContain('unknown either forward eth1 10.2.0.1 > 10.2.0.9:80');
  });

  it('is no more open than the question when that names no port', () => {
    const { sport: _, ...unbound } = outward;
    expect(said(answerTo(interviewOf(), unbound))).toBe('forward eth1 10.2.0.1 > 10.2.0.9:53 ttl 64 from 10.2.0.1');
  });
});

describe('a process that sends', () => {
  const nat = [
    '-A OUTPUT -d 10.9.9.9/32 -p udp -j DNAT --to-destination 10.2.0.9:5353',
    '-A POSTROUTING -o eth1 -j SNAT --to-source 10.2.0.200',
  ];
  it.each([
    ['gets a source by routing', {}, {}, 'forward eth1 10.2.0.1:4000 > 10.2.0.9:53 ttl 64 from 10.2.0.1'],
    [
      'keeps that source in its socket',
      { nat },
      { dst: '10.9.9.9' },
      'forward eth1 10.2.0.200:4000 > 10.2.0.9:5353 ttl 64 from 10.2.0.1 nat/OUTPUT/1 nat/POSTROUTING/1 [10.2.0.1:4000 > 10.9.9.9:53, 10.2.0.9:5353 > 10.2.0.200:4000]',
    ],
    [
      'reaches its own address over lo',
      { mangle: ['-A POSTROUTING -o lo', '-A PREROUTING -i lo'] },
      { dst: '10.2.0.1' },
      'local 10.2.0.1:4000 > 10.2.0.1:53 ttl 64 from 10.2.0.1 mangle/POSTROUTING/1 mangle/PREROUTING/1',
    ],
    ['is dropped', { filter: ['-A OUTPUT -p udp -j DROP'] }, {}, 'drop from 10.2.0.1 filter/OUTPUT/1'],
    [
      'runs as root',
      { filter: ['-A OUTPUT -m owner --uid-owner 0'] },
      {},
      'forward eth1 10.2.0.1:4000 > 10.2.0.9:53 ttl 64 from 10.2.0.1 filter/OUTPUT/1',
    ],
    [
      'marks its packets',
      { filter: ['-A OUTPUT -m mark --mark 0x9'] },
      { mark: 9 },
      'forward eth1 10.2.0.1:4000 > 10.2.0.9:53 ttl 64 mark 9 from 10.2.0.1 filter/OUTPUT/1',
    ],
    [
      'does not say how long its SYN is',
      { filter: ['-A OUTPUT -m length --length 44'] },
      { proto: 'tcp' },
      'unknown either forward eth1 10.2.0.1:4000 > 10.2.0.9:53 ttl 64 from 10.2.0.1 filter/OUTPUT/1 or forward eth1 10.2.0.1:4000 > 10.2.0.9:53 ttl 64 from 10.2.0.1',
    ],
  ] as const)('%s', (_sentence, tables, changes, answer) => {
    expect(said(answerTo(withTables(tables), { ...outward, ...changes }))).toBe(answer);
  });

  it('is told by number that there is no way', () => {
    const ask = interviewOf({
      'ip-route.txt': '10.1.0.0/24 dev eth0\nprohibit 10.7.0.0/16\nlocal 10.1.0.1 dev eth0 table local\n',
    });
    expect(said(answerTo(ask, { ...outward, dst: '8.8.8.8' }))).toBe('unreachable ENETUNREACH');
    expect(said(answerTo(ask, { ...outward, id: 'p', dst: '10.7.0.1' }))).toBe('unreachable EACCES');
  });
});

describe('a reply', () => {
  const nat = [
    '-A PREROUTING -d 10.9.9.9/32 -p tcp -j DNAT --to-destination 10.2.0.9:8080',
    '-A POSTROUTING -o eth1 -j MASQUERADE',
  ];
  const reply: Json = { kind: 'reply', of: '1' };
  it.each([
    [
      'is translated back without a rule of nat',
      { nat, filter: ['-A FORWARD -m conntrack --ctstate ESTABLISHED -p tcp --tcp-flags ALL SYN,ACK'] },
      { ...inward, dst: '10.9.9.9' },
      'forward eth0 10.9.9.9:80 > 10.1.0.9:4000 ttl 63 filter/FORWARD/1 [10.1.0.9:4000 > 10.9.9.9:80, 10.2.0.9:8080 > 10.2.0.1:4000]',
    ],
    [
      'comes from the process that received the packet',
      { filter: ['-A OUTPUT -p tcp --sport 22'] },
      { ...inward, dst: '10.1.0.1', dport: 22 },
      'forward eth0 10.1.0.1:22 > 10.1.0.9:4000 ttl 64 filter/OUTPUT/1',
    ],
    [
      'comes back to the process that sent',
      { filter: ['-A INPUT -m conntrack --ctstate ESTABLISHED'] },
      outward,
      'local 10.2.0.9:53 > 10.2.0.1:4000 ttl 64 filter/INPUT/1 [10.2.0.1:4000 > 10.2.0.9:53, 10.2.0.9:53 > 10.2.0.1:4000]',
    ],
    [
      'is dropped, and its connection stays',
      { filter: ['-A INPUT -m conntrack --ctstate ESTABLISHED -j DROP'] },
      outward,
      'drop filter/INPUT/1 [10.2.0.1:4000 > 10.2.0.9:53, 10.2.0.9:53 > 10.2.0.1:4000]',
    ],
    [
      'is due to nobody whose packet was dropped',
      { filter: ['-A FORWARD -j DROP'] },
      inward,
      'probe 2: nothing answers probe 1',
    ],
  ] as const)('%s', (_sentence, tables, first, answer) => {
    expect(said(answerTo(withTables(tables), first, reply))).toBe(answer);
  });

  it('leaves the connection as it is where it is dropped before conntrack', () => {
    const ask = withTables({ filter: track, raw: ['-A PREROUTING -i eth1 -j DROP'] });
    const connection = '[10.1.0.9:4000 > 10.2.0.9:80, 10.2.0.9:80 > 10.1.0.9:4000]';
    expect(said(answerTo(ask, inward, reply))).toBe(`drop raw/PREROUTING/1 ${connection}`);
  });

  it('is open where its connection has a port that the kernel drew', () => {
    const ask = withTables({ nat: ['-A POSTROUTING -o eth1 -j MASQUERADE --random-fully'] });
    expect(said(answerTo(ask, inward, reply))).toMatch(
      /^unknown either forward eth0 10\.2\.0\.9:80 > 10\.1\.0\.9:4000 /,
    );
  });

  it('follows each branch of the packet that it answers', () => {
    const split = [
      '-A PREROUTING -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.2.0.7',
      '-A PREROUTING -j DNAT --to-destination 10.2.0.8',
    ];
    const answer = answerTo(withTables({ nat: split }), { ...inward, dst: '10.9.9.9' }, reply);
    const back = (server: string) =>
      `${half}: forward eth0 10.9.9.9:80 > 10.1.0.9:4000 ttl 63 [10.1.0.9:4000 > 10.9.9.9:80, ${server}:80 > 10.1.0.9:4000]`;
    expect(said(answer)).toBe(`${back('10.2.0.7')} | ${back('10.2.0.8')}`);
  });

  it('is asked anew from a probe long ago, as if it were the last one', () => {
    const ask = withTables({ nat });
    const first = { ...inward, dst: '10.9.9.9' };
    const soon = answerTo(ask, first, reply);
    for (let at = 0; at < 100; at++) ask(JSON.stringify({ ...outward, id: `other ${at}` }), at);
    expect(answerTo(ask, { ...reply, id: '9' })).toEqual({ ...soon, id: '9' });
  });
});
