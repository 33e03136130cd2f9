/** Calls of PPTP in the captured table: other GRE between the same hosts is none of theirs. net/netfilter/nf_conntrack_proto_gre.c gre_pkt_to_tuple. */
import { describe, expect, it } from 'vitest';
import { answerTo, type Json, said, withTables } from './probe-node.js';

const filter = ['-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT', '-A FORWARD -j DROP'];
const packet: Json = { kind: 'ingress', family: 4, in_iface: 'eth0', src: '10.1.0.9', dst: '10.2.0.9', proto: 'gre' };
/** As the kernel wrote it of a packet of version 1, and of one of version 0. */
const entry = (key: string): string =>
  `gre      47 29 src=10.1.0.9 dst=10.2.0.9 srckey=0x0 dstkey=${key} src=10.2.0.9 dst=10.1.0.9 srckey=${key} dstkey=0x0 [ASSURED] mark=0 use=1\n`;

const plain = '000008000000000000000000';
const ofCall = (call: string): string => `3001880b0010${call}00000000`;

describe('GRE beside a captured connection of the same hosts', () => {
  it.each([
    ['of version 0, which has no keys', '0x0', plain, 'forward eth1'],
    ['of version 0 beside a call', '0x5', plain, 'drop filter/FORWARD/2'],
  ])('%s', (_, key, header, expected) => {
    const ask = withTables({ filter }, { 'conntrack.txt': entry(key) });
    expect(said(answerTo(ask, { ...packet, frag_body: header }))).toContain(expected);
  });

  it('of version 1: to which call it belongs is not read', () => {
    const ask = withTables({ filter }, { 'conntrack.txt': entry('0x5') });
    const answer = answerTo(ask, { ...packet, frag_body: ofCall('0005') });
    expect(answer['outcome']).toBe('unknown');
    expect(JSON.stringify(answer)).toContain('which of the calls between these hosts');
  });
});
