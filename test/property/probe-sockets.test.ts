/** Which socket takes a packet, as `-m socket` and TPROXY ask: the router's sockets as `ss` lists them. docs/kernel-facts.md, Sockets. */
import { describe, expect, it } from 'vitest';
import { answerTo, type Json, said, withTables } from './probe-node.js';

const heading = 'Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n';
const plain = '\tinet-sockopt: ( is_icsk mc_loop mc_all)\n';
const transparent = '\tinet-sockopt: ( is_icsk mc_loop transparent mc_all)\n';

/** Rows of `ss -antup --inet-sockopt`; `T` at the end of a row: it is transparent; `-`: a version that does not say. */
function listing(rows: readonly string[]): string {
  const lines = ['tcp LISTEN 0.0.0.0:22 0.0.0.0:*', ...rows].map((row) => {
    const [protocol, state, near, far, kind] = row.split(' ');
    const options = kind === 'T' ? transparent : kind === '-' ? '' : plain;
    return `${protocol} ${state} 0 0 ${near} ${far}\n${options}`;
  });
  return heading + lines.join('');
}

const udp: Json = {
  kind: 'ingress',
  family: 4,
  in_iface: 'eth0',
  src: '10.1.0.9',
  dst: '10.1.0.1',
  proto: 'udp',
  sport: 4000,
  dport: 53,
};
const tcp: Json = { ...udp, proto: 'tcp', dport: 80 };

/** The mark that the rule lays on the packet if it applies. */
function asked(
  rule: string,
  rows: readonly string[],
  packet: Json,
  more: Readonly<Record<string, string>> = {},
): string {
  const mangle = [`-A PREROUTING -p ${String(packet['proto'])} ${rule}`];
  return said(answerTo(withTables({ mangle }, { 'ss.txt': listing(rows), ...more }), packet));
}

describe('-m socket', () => {
  it.each([
    ['no socket is there', '', [], udp, 'no'],
    ['one is bound to the address', '', ['udp UNCONN 10.1.0.1:53 0.0.0.0:*'], udp, 'yes'],
    ['one is bound to another address', '', ['udp UNCONN 10.2.0.1:53 0.0.0.0:*'], udp, 'no'],
    ['one is bound to no address', '', ['udp UNCONN 0.0.0.0:53 0.0.0.0:*'], udp, 'no'],
    ['one is bound to no address, which counts', '--nowildcard', ['udp UNCONN 0.0.0.0:53 0.0.0.0:*'], udp, 'yes'],
    ['one takes both families', '--nowildcard', ['udp UNCONN *:53 *:*'], udp, 'yes'],
    ['one takes IPv6 alone', '--nowildcard', ['udp UNCONN [::]:53 [::]:*'], udp, 'no'],
    ['one is of another protocol', '', ['tcp LISTEN 10.1.0.1:53 0.0.0.0:*'], udp, 'no'],
    ['one is bound to this device', '', ['udp UNCONN 10.1.0.1%eth0:53 0.0.0.0:*'], udp, 'yes'],
    ['one is bound to another device', '', ['udp UNCONN 10.1.0.1%eth1:53 0.0.0.0:*'], udp, 'no'],
    ['one has this peer', '', ['udp ESTAB 10.1.0.1:53 10.1.0.9:4000'], udp, 'yes'],
    ['one has another peer', '', ['udp ESTAB 10.1.0.1:53 10.1.0.9:4001'], udp, 'no'],
    ['one of TCP has this peer', '', ['tcp ESTAB 10.1.0.1:80 10.1.0.9:4000'], tcp, 'yes'],
    [
      'the one with this peer is not the transparent one',
      '--transparent',
      ['tcp ESTAB 10.1.0.1:80 10.1.0.9:4000', 'tcp LISTEN 10.1.0.1:80 0.0.0.0:* T'],
      tcp,
      'no',
    ],
    ['it is transparent', '--transparent', ['tcp LISTEN 10.1.0.1:80 0.0.0.0:* T'], tcp, 'yes'],
    ['it is not transparent', '--transparent', ['tcp LISTEN 10.1.0.1:80 0.0.0.0:*'], tcp, 'no'],
    ['whether it is transparent is not shown', '--transparent', ['tcp LISTEN 10.1.0.1:80 0.0.0.0:* -'], tcp, 'open'],
    ['whether it takes IPv4 is not shown', '--nowildcard', ['tcp LISTEN *:80 *:* -'], tcp, 'open'],
    [
      'the one bound to the address is asked before the one bound to none',
      '--transparent --nowildcard',
      ['tcp LISTEN 10.1.0.1:80 0.0.0.0:*', 'tcp LISTEN 0.0.0.0:80 0.0.0.0:* T'],
      tcp,
      'no',
    ],
    [
      'the one of IPv4 is asked before the one of both families',
      '--transparent --nowildcard',
      ['tcp LISTEN 0.0.0.0:80 0.0.0.0:*', 'tcp LISTEN *:80 *:* T'],
      tcp,
      'no',
    ],
    [
      'two that differ are bound alike',
      '--transparent',
      ['udp UNCONN 10.1.0.1:53 0.0.0.0:*', 'udp UNCONN 10.1.0.1:53 0.0.0.0:* T'],
      udp,
      'open',
    ],
    ['its mark is not shown', '--restore-skmark', ['udp UNCONN 10.1.0.1:53 0.0.0.0:*'], udp, 'open'],
    ['there is none whose mark could matter', '--restore-skmark', ['udp UNCONN 0.0.0.0:53 0.0.0.0:*'], udp, 'no'],
  ] as const)('where %s', (_, words, rows, packet, applies) => {
    const answer = asked(`-m socket ${words} -j MARK --set-xmark 0x5/0x5`, rows, packet);
    const found = answer.startsWith('unknown') ? 'open' : answer.includes('mark 5') ? 'yes' : 'no';
    expect(`${found}: ${answer}`).toMatch(new RegExp(`^${applies}:`));
  });

  it('lays its mark on the packet even where the rest of the rule does not apply', () => {
    const waits = ['udp UNCONN 10.1.0.1:53 0.0.0.0:*'];
    expect(asked('-m socket --restore-skmark -m udp --dport 99 -j DROP', waits, udp)).toMatch(/^unknown/);
    expect(asked('-m udp --dport 99 -m socket --restore-skmark -j DROP', waits, udp)).toMatch(/^local/);
  });

  it('knows of no connection that began before the capture, unless all are listed', () => {
    const flow =
      'src=10.1.0.9 dst=10.1.0.1 sport=4000 dport=80 src=10.1.0.1 dst=10.1.0.9 sport=80 dport=4000 [ASSURED]';
    const conntrack = `tcp      6 431999 ESTABLISHED ${flow} mark=0 use=1\n`;
    const rule = '-m socket -j MARK --set-xmark 0x5/0x5';
    const segment = { ...tcp, tcp_flags: 'ACK' };
    expect(asked(rule, [], segment, { 'conntrack.txt': conntrack })).toMatch(/^unknown/);
    const another = ['tcp ESTAB 10.1.0.1:22 10.1.0.8:4000'];
    expect(asked(rule, another, segment, { 'conntrack.txt': conntrack })).not.toMatch(/unknown|mark/);
  });

  it('leaves open whether a process that is answered still has its socket', () => {
    const mangle = ['-A PREROUTING -p tcp -m socket -j MARK --set-xmark 0x5/0x5'];
    const ask = withTables({ mangle }, { 'ss.txt': listing([]) });
    const sent: Json = { kind: 'output', family: 4, dst: '10.1.0.9', proto: 'tcp', sport: 4000, dport: 80 };
    expect(said(answerTo(ask, sent, { kind: 'reply', family: 4, of: '1' }))).toMatch(/^unknown/);
  });

  it.each([
    ['over UDP', 'udp', '10.1.0.1', 4000, 'unknown'],
    ['over UDP to another port', 'udp', '10.1.0.1', 4001, 'local'],
    ['over TCP to its own address', 'tcp', '10.1.0.1', 4000, 'unknown'],
    ['over TCP to another port', 'tcp', '10.1.0.1', 4001, 'local'],
  ] as const)(
    'leaves open whether what a process sends to its own port finds its socket: %s',
    (_, sent, dst, dport, outcome) => {
      const mangle = [`-A PREROUTING -p ${sent} -m socket -j MARK --set-xmark 0x5/0x5`];
      const ask = withTables({ mangle }, { 'ss.txt': listing([]) });
      const packet: Json = { kind: 'output', family: 4, dst, proto: sent, sport: 4000, dport };
      expect(said(answerTo(ask, packet))).toMatch(new RegExp(`^${outcome}`));
    },
  );

  it('finds no socket for the answer to a packet that was passed on', () => {
    const mangle = ['-A PREROUTING -p tcp -m socket -j MARK --set-xmark 0x5/0x5'];
    const ask = withTables({ mangle }, { 'ss.txt': listing([]) });
    const passed: Json = { ...tcp, dst: '10.2.0.9' };
    expect(said(answerTo(ask, passed, { kind: 'reply', family: 4, of: '1' }))).toMatch(/^forward eth0/);
  });
});

describe('TPROXY', () => {
  it.each([
    ['nobody waits there', '--on-port 81', [], 'drop'],
    ['a socket waits that is not transparent', '--on-port 81', ['tcp LISTEN 0.0.0.0:81 0.0.0.0:*'], 'drop'],
    ['a transparent one waits', '--on-port 81', ['tcp LISTEN 0.0.0.0:81 0.0.0.0:* T'], 'local'],
    ['it waits at the address of the device', '--on-port 81', ['tcp LISTEN 10.1.0.1:81 0.0.0.0:* T'], 'local'],
    ['it waits at another', '--on-port 81', ['tcp LISTEN 10.9.9.9:81 0.0.0.0:* T'], 'drop'],
    ['it waits where the rule says', '--on-port 81 --on-ip 10.9.9.9', ['tcp LISTEN 10.9.9.9:81 0.0.0.0:* T'], 'local'],
    ['it waits at the port of the packet', '--on-port 0', ['tcp LISTEN 0.0.0.0:80 0.0.0.0:* T'], 'local'],
    ['the packet is of a connection', '--on-port 81', ['tcp ESTAB 10.1.0.1:80 10.1.0.9:4000 T'], 'local'],
    ['its connection is not transparent', '--on-port 81', ['tcp ESTAB 10.1.0.1:80 10.1.0.9:4000'], 'drop'],
    ['what waits is not shown', '--on-port 81', ['tcp LISTEN 0.0.0.0:81 0.0.0.0:* -'], 'unknown'],
  ] as const)('where %s', (_, words, rows, outcome) => {
    expect(asked(`-j TPROXY ${words} --tproxy-mark 0x1/0x1`, rows, tcp)).toMatch(new RegExp(`^${outcome}`));
  });

  it('gives a packet to a socket that is none of those to whom it could be passed on', () => {
    const waits = ['tcp LISTEN 0.0.0.0:81 0.0.0.0:* T'];
    expect(asked('-j TPROXY --on-port 81', waits, { ...tcp, dst: '10.2.0.9' })).toBe('drop mangle/PREROUTING/1');
    expect(asked('--dport 99 -j TPROXY --on-port 81', waits, { ...tcp, dst: '10.2.0.9' })).toMatch(/^forward/);
  });

  it('chooses the socket that later rules find', () => {
    const rows = ['tcp LISTEN 10.1.0.1:81 0.0.0.0:* T'];
    const mangle = [
      '-A PREROUTING -p tcp -j TPROXY --on-port 81',
      '-A INPUT -m socket --transparent -j MARK --set-mark 5',
    ];
    expect(said(answerTo(withTables({ mangle }, { 'ss.txt': listing(rows) }), tcp))).toMatch(/^local.*mark 5/);
  });

  it('leaves open whether the socket that takes the packet has an address, where no list of sockets was captured', () => {
    const mangle = ['-A PREROUTING -p tcp -j TPROXY --on-port 81', '-A INPUT -m socket -j MARK --set-mark 5'];
    expect(said(answerTo(withTables({ mangle }, { 'ss.txt': null }), tcp)).split(' or ')).toEqual([
      'unknown either drop mangle/PREROUTING/1',
      'local 10.1.0.9:4000 > 10.1.0.1:80 ttl 64 mark 5 mangle/PREROUTING/1 mangle/INPUT/1',
      'local 10.1.0.9:4000 > 10.1.0.1:80 ttl 64 mangle/PREROUTING/1',
    ]);
  });
});
