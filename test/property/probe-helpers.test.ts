/** Connections that a helper of conntrack may expect: RELATED, not NEW. net/netfilter/nf_conntrack_core.c init_conntrack. */
import { describe, expect, it } from 'vitest';
import { answerTo, type Json, said, withTables } from './probe-node.js';

const filter = ['-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-A FORWARD -j DROP'];
const data: Json = {
  kind: 'ingress',
  family: 4,
  in_iface: 'eth0',
  src: '10.1.0.9',
  dst: '10.2.0.9',
  proto: 'tcp',
  sport: 4001,
  dport: 33000,
};

const control = (helper: string, to = '10.2.0.9'): string =>
  `tcp 6 431999 ESTABLISHED src=10.1.0.9 dst=${to} sport=4000 dport=21 src=${to} dst=10.1.0.9 sport=21 dport=4000 [ASSURED] mark=0 ${helper}use=1\n`;

describe('beside a connection that a helper reads', () => {
  it.each([
    ['no helper reads it', control(''), undefined],
    ['FTP between the two', control('helper=ftp '), 'ftp'],
    ['FTP with another host', control('helper=ftp ', '10.2.0.8'), undefined],
    ['SIP with another host', control('helper=sip ', '10.2.0.8'), 'sip'],
  ] as const)('%s', (_sentence, table, helper) => {
    const answer = answerTo(withTables({ filter }, { 'conntrack.txt': table }), data);
    if (helper === undefined) expect(said(answer)).toBe('drop filter/FORWARD/2');
    else expect(answer['because']).toEqual([expect.stringContaining(`whether the helper ${helper} on `)]);
  });
});
