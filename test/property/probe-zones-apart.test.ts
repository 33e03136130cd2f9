/** Connections whose two directions are in different zones, under the releases that look for them differently. net/netfilter/nf_conntrack_core.c. */
import { describe, expect, it } from 'vitest';
import { router, rules } from './node-text.js';
import { answerTo, interviewOf, type Json, said } from './probe-node.js';

const inward: Json = {
  kind: 'ingress',
  family: 4,
  in_iface: 'eth0',
  src: '10.1.0.9',
  dst: '10.2.0.9',
  proto: 'tcp',
  tcp_flags: 'SYN',
  sport: 40000,
  dport: 80,
};

/** Its first packet was what answers to `inward` will be. */
const older =
  'tcp 6 400 ESTABLISHED src=10.2.0.9 dst=10.2.0.1 sport=80 dport=40000 src=10.1.0.77 dst=10.2.0.9 sport=40000 dport=80 [ASSURED] zone-reply=1 mark=0 use=1\n';

const natted = rules({
  raw: ['-A PREROUTING -j CT --zone-reply 2'],
  nat: ['-A POSTROUTING -j SNAT --to-source 10.2.0.1'],
});

const kernel = (release: string) =>
  `Linux node-1 ${release} #1 SMP Thu Jan 1 00:00:00 UTC 2026 x86_64 x86_64 x86_64 GNU/Linux\n`;

function asked(release: string | null, assume: 'none' | 'defaults', ...more: readonly Json[]): Json {
  const uname = release === null ? null : kernel(release);
  const ask = interviewOf(
    {
      'iptables-save.txt': natted,
      'conntrack.txt': older,
      'uname.txt': uname,
      'sysctl.txt': `${String(router['sysctl.txt'])}net.netfilter.nf_conntrack_tcp_loose = 1\nnet.netfilter.nf_conntrack_tcp_be_liberal = 0\n`,
    },
    assume,
  );
  return answerTo(ask, inward, ...more);
}

describe('an older connection whose first packet was what the answers would be', () => {
  it('is not met since Linux 5.15: the port stays', () => {
    expect(said(asked('5.15.0', 'none'))).toContain('10.2.0.1:40000');
  });

  it('is met before: another port is drawn', () => {
    const answer = asked('5.14.21', 'none');
    expect(said(answer)).not.toContain('10.2.0.1:40000 >');
    expect(JSON.stringify(answer)).toContain('"drawn"');
  });

  it('leaves the answer open where nothing tells the release', () => {
    const answer = asked(null, 'none');
    expect(answer['outcome']).toBe('unknown');
    expect(answer['because']).toEqual([expect.stringContaining('at least 5.15')]);
  });

  it('names the release that is assumed', () => {
    const answer = asked(null, 'defaults');
    expect(said(answer)).toContain('10.2.0.1:40000');
    expect(answer['assumptions']).toContainEqual(expect.stringContaining('at least 5.15'));
  });

  it('has the answers, as packets of its own first direction', () => {
    const answer = said(asked('6.1.0', 'none', { kind: 'reply', family: 4, of: '1', tcp_flags: 'ACK' }));
    expect(answer).toContain('10.2.0.9:80 > 10.1.0.77:40000');
  });
});
