/** Random networks: the source that a socket gets when it connects, or the error number, is what the kernel gives. */
import { fileURLToPath } from 'node:url';
import { formatIp, newWorld, type Place } from '@coldtrace/core';
import { expect, it } from 'vitest';
import { packet } from '../../packages/core/src/netfilter/match/testing.js';
import { originate } from '../../packages/core/src/path/origin.js';
import { type Disagreement, freshSeed, intolerable, mostOpen, seedsOf } from './fresh.js';
import { describeKernel } from './gate.js';
import { askNetwork } from './routing-capture.js';
import type { Network, Query } from './routing-generator.js';

const script = fileURLToPath(new URL('connect.py', import.meta.url));
const networks = Number(process.env['COLDTRACE_CASES'] ?? 40);
/** Several tries each, so that the ways of a multipath route show. */
const tries = 3;

const portOf = ({ sport }: Query) => sport ?? 0;
const wayOf = ({ dport }: Query) => dport ?? 53;
const kindOf = ({ proto }: Query) => proto ?? 'udp';

/** Destinations that are no host: the routing tables have no say, or not the last. */
const special = {
  4: [
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '239.1.2.3',
    '127.0.0.1',
    '127.9.9.9',
    '240.0.0.1',
    '0.1.2.3',
    '169.254.7.7',
  ],
  6: ['::', '::1', 'ff02::1', 'ff05::7', 'ff0e::7', 'fe80::7'],
};

function questionsOf({ family, queries }: Network): readonly Query[] {
  const [first] = queries;
  if (first === undefined) return [];
  const plain: Query = { ...first, from: null, iif: null, oif: null, mark: 0, tos: 0, sport: null, dport: null };
  const asked = special[family].flatMap((dst) => [
    { ...plain, dst, proto: 'tcp' as const },
    { ...plain, dst, proto: 'udp' as const },
    { ...plain, dst, proto: 'udp' as const, oif: 'd1' },
  ]);
  return [...queries, ...asked];
}

function lineOf({ family }: Network, query: Query): string {
  const { dst, mark, tos, oif } = query;
  return [family, kindOf(query), dst, mark, tos, oif ?? '-', portOf(query), wayOf(query)].join(' ');
}

function command(network: Network): string {
  const lines = questionsOf(network).flatMap((query) => Array<string>(tries).fill(lineOf(network, query)));
  // No SYN leaves: a gateway that it asked for in vain would be passed over by the next connection.
  const silence = 'iptables-legacy -P OUTPUT DROP; ip6tables-legacy -P OUTPUT DROP';
  return `${silence}; python3 ${script} <<END\n${lines.join('\n')}\nEND`;
}

interface Ours {
  /** Sources and errors that may come out. */
  readonly said: ReadonlySet<string>;
  readonly open: readonly string[];
}

function weSay(place: Place, { family }: Network, query: Query): Ours {
  const { dst, mark, tos, oif } = query;
  const { skb } = packet({
    family,
    src: family === 4 ? '0.0.0.0' : '::',
    dst,
    mark,
    tos,
    sport: portOf(query),
    dport: wayOf(query),
    iif: null,
    oif: null,
    proto: kindOf(query) === 'tcp' ? 6 : 17,
    owner: { uid: 0, gid: 0, ...(oif === null ? {} : { dev: oif }) },
  });
  const { ended, routed } = originate(place, newWorld(skb), false);
  return {
    said: new Set([
      ...ended.map(({ end }) => end?.rejectWith ?? end?.disposition ?? ''),
      ...routed.map(({ world }) => formatIp(world.skb.src)),
    ]),
    open: ended.flatMap(({ because }) => because.map(({ text }) => text)),
  };
}

/** What no dump tells: these are open by nature, however often the generator makes them. */
const historical = [
  /whether policy rules were ever changed/,
  /what the kernel last saw of their gateways/,
  /whether all ways of a multipath route have the src/,
  /a gateway that is local to the namespace itself/,
];

describeKernel('sources of sockets', () => {
  it(`are what connect(2) gives (seed ${freshSeed}, ${networks} networks)`, { timeout: 600_000 }, () => {
    const wrong: Disagreement[] = [];
    const reasons = new Map<string, number>();
    let asked = 0;
    let lacking = 0;
    for (const seed of seedsOf(networks)) {
      const { network, place, printed } = askNetwork(seed, 60, command);
      const answers = printed.split('\n');
      questionsOf(network).forEach((query, index) => {
        asked++;
        const kernel = answers.slice(tries * index, tries * (index + 1));
        const { said, open } = weSay(place, network, query);
        for (const text of open) reasons.set(text, (reasons.get(text) ?? 0) + 1);
        if (open.length > 0) {
          if (open.some((text) => !historical.some((kind) => kind.test(text)))) lacking++;
          return;
        }
        if (kernel.every((source) => said.has(source))) return;
        wrong.push({ seed, text: `${lineOf(network, query)}\n  kernel ${kernel}\n  ours   ${[...said]}` });
      });
    }
    const open = JSON.stringify([...reasons].sort(([, x], [, y]) => y - x).slice(0, 12));
    console.info(`sockets: ${asked} asked, ${wrong.length} wrong, open: ${open}`);
    expect(intolerable('routing-sockets', wrong, asked)).toEqual([]);
    expect(lacking, open).toBeLessThan(asked * mostOpen);
  });
}, ['python3']);
