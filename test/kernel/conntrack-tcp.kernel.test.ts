/** Every segment in every state of a tracked TCP connection: the state it is found in, and the one it leaves. nf_conntrack_proto_tcp.c. */
import { askProbe, isProbe, parseProbeLine } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { tcpStates } from '../../packages/core/src/conntrack/tcp-states.js';
import { askRouter, type Became, placeWith, probeOf, type RouterCase, type WirePacket } from './conntrack-router.js';
import { describeKernel } from './gate.js';

const states = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'];
// What is not looked at here are sequence numbers.
const setup = [
  'sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=1',
  ...states.map((state) => `iptables-legacy -t mangle -A PREROUTING -m conntrack --ctstate ${state}`),
].join('\n');
const there: WirePacket = { dev: 'ra', src: '10.0.1.2', dst: '10.0.2.2', proto: 6, sport: 4000, dport: 80 };
const back: WirePacket = { dev: 'rb', src: '10.0.2.2', dst: '10.0.1.2', proto: 6, sport: 80, dport: 4000 };
const segments = [0x02, 0x12, 0x11, 0x10, 0x14, 0x01];
const statuses = ['', '-u SEEN_REPLY', '-u SEEN_REPLY,ASSURED'];

function stateIn(hits: readonly (readonly [string, string, number])[]): string {
  return hits.map(([, , rule]) => states[rule - 1]).join(' ');
}

/** The table's entry in words: its state and status. */
function entryIn(table: string): string {
  const words = table.split(/\s+/);
  if (words.length < 6) return 'none';
  const status = ['[UNREPLIED]', '[ASSURED]'].filter((word) => words.includes(word)).join('');
  return `${words[5]}${status}`;
}

function weSay(router: ReturnType<typeof askRouter>, became: Became): readonly [state: string, entry: string] {
  const place = placeWith(router, became.before);
  const probe = parseProbeLine(probeOf(4, 'p', became.sent), 1);
  if (!isProbe(probe)) throw new Error(probe.error);
  const { ways } = askProbe(place, probe);
  const [first] = ways;
  if (ways.length !== 1 || first === undefined) return ['open', 'open'];
  if (first.world.end?.disposition === 'dropped') return ['dropped', 'dropped'];
  const { ct, ctState } = first.world.skb;
  if (ct === null) return [ctState, entryIn(became.before)];
  if (ct.deleted) return [ctState, 'none'];
  return [ctState, `${ct.tcpState}${ct.seenReply ? '' : '[UNREPLIED]'}${ct.assured ? '[ASSURED]' : ''}`];
}

describeKernel('TCP states', () => {
  it('each segment is in the state, and leads to the state, that the kernel shows', () => {
    const cases = tcpStates.flatMap((state): readonly RouterCase[] =>
      statuses.flatMap((status) => {
        const insert = `conntrack -I -p tcp -s 10.0.1.2 -d 10.0.2.2 --sport 4000 --dport 80 --state ${state} -t 100 ${status}`;
        return [there, back].flatMap((packet) =>
          segments.map((flags) => ({ setup: `${insert} 2>/dev/null`, packets: [{ ...packet, flags }] })),
        );
      }),
    );
    const router = askRouter({ family: 4, variant: 'legacy', setup, cases });
    const wrong: string[] = [];
    let open = 0;
    for (const [became] of router.cases) {
      if (became === undefined) continue;
      const [state, entry] = weSay(router, became);
      if (state === 'open') open++;
      else if (state !== stateIn(became.hits) || entry !== entryIn(became.after))
        wrong.push(
          `${entryIn(became.before)} ${became.sent.dev} ${became.sent.flags}: ${state} ${entry}, the kernel ${stateIn(became.hits)} ${entryIn(became.after)}`,
        );
    }
    expect(wrong).toEqual([]);
    // A SYN after a reset: who had sent it is not in the table.
    expect(open).toBe(statuses.length);
  });
}, ['python3', 'conntrack']);
