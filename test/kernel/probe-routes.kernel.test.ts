/** Random networks: `routeget` answers every field as `ip route get` and `ip route get fibmatch` print it. ip-route(8). */
import { interview, placeOf } from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { type Disagreement, freshSeed, intolerable, seedsOf } from './fresh.js';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';
import { type Query, randomNetwork, wordsOf } from './routing-generator.js';

const MARK = '=====';
const dumps: readonly (readonly [file: string, command: string])[] = [
  ['hostname', 'echo node-1'],
  ['ip-link.txt', 'ip -d link'],
  ['ip-addr.txt', 'ip addr'],
  ['ip-route.txt', 'ip route show table all'],
  ['ip-6-route.txt', 'ip -6 route show table all'],
  ['ip-rule.txt', 'ip rule'],
  ['ip-6-rule.txt', 'ip -6 rule'],
  ['ip-neigh.txt', 'ip neigh'],
  ['ip-addrlabel.txt', 'ip addrlabel'],
  ['sysctl.txt', 'sysctl -a 2>/dev/null | grep ^net'],
];
const settled = `sleep 0.1; for _ in 1 2 3 4 5 6 7 8 9; do ip addr | grep -q tentative || break; sleep 0.1; done`;

const errors: Readonly<Record<string, string>> = {
  'Network is unreachable': 'ENETUNREACH',
  'No route to host': 'EHOSTUNREACH',
  'Permission denied': 'EACCES',
  'Invalid argument': 'EINVAL',
  'Invalid cross-device link': 'EINVAL',
};

const types = /^(local|broadcast|multicast|anycast|unreachable|blackhole|prohibit) /;

/** The fields of the contract, as the two prints show them. */
function printed(get: string, fib: string): Readonly<Record<string, unknown>> {
  const refusal = /RTNETLINK answers: (.+)/.exec(get)?.[1]?.trim();
  if (refusal !== undefined) return { outcome: 'unreachable', errno: errors[refusal] ?? refusal };
  const [line = ''] = get.split('\n');
  const word = (text: string, name: string) => new RegExp(` ${name} (?:inet6 )?(\\S+)`).exec(text)?.[1];
  const [via, dev, src] = ['via', 'dev', 'src'].map((name) => word(line, name));
  const found = { ...(via === undefined ? {} : { via }), dev, ...(src === undefined ? {} : { src }) };
  const base = { outcome: 'ok', type: types.exec(line)?.[1] ?? 'unicast', ...found };
  if (fib.includes('RTNETLINK')) return base;
  const type = types.exec(fib)?.[1] ?? 'unicast';
  const [dst = ''] = fib.replace(types, '').split(' ');
  return { ...base, fibmatch: { dst, table: word(fib.split('\n')[0] ?? '', 'table') ?? 'main', type } };
}

function probeOf(query: Query, family: 4 | 6, id: number): string {
  const { dst, from, iif, oif, mark, tos, proto, sport, dport } = query;
  const fields = { id, kind: 'routeget', family, dst, src: from, in_iface: iif, oif, mark, tos, proto, sport, dport };
  return JSON.stringify(fields);
}

/** What no dump tells, and what was chosen by chance. */
function isOpen(answer: Readonly<Record<string, unknown>>): boolean {
  return answer['outcome'] === 'unknown' || 'branches' in answer;
}

const networks = Number(process.env['COLDTRACE_CASES'] ?? 20);

describeKernel('routeget', () => {
  it(`prints what ip route get prints (seed ${freshSeed}, ${networks} networks)`, { timeout: 600_000 }, () => {
    const wrong: Disagreement[] = [];
    const open = new Map<string, number>();
    let exact = 0;
    for (const seed of seedsOf(networks)) {
      const { family, setup, queries } = randomNetwork(seed, 60);
      const commands = [
        ...dumps.map(([, command]) => `${command} || true`),
        ...queries.flatMap((query) => {
          const words = wordsOf(query);
          return [
            `ip -${family} route get ${words} 2>&1 || true`,
            `ip -${family} route get fibmatch ${words} 2>&1 || true`,
          ];
        }),
      ].map((command) => `echo ${MARK}; ${command}`);
      const build = setup.map((command) => `${command} 2>/dev/null || true`);
      const parts = inNetns([...build, settled, ...commands].join('\n'))
        .split(`${MARK}\n`)
        .slice(1);
      const [node] = parseSnapshot(new Map(dumps.map(([file], index) => [`node-1/${file}`, parts[index] ?? '']))).nodes;
      if (node === undefined) throw new Error('the capture holds no node');
      const ask = interview(placeOf(node, node.host, 'none'));
      queries.forEach((query, index) => {
        const [get = '', fib = ''] = parts.slice(dumps.length + 2 * index, dumps.length + 2 * index + 2);
        const { id: _, ...answer } = ask(probeOf(query, family, index), index + 1) as Record<string, unknown>;
        const kernel = printed(get, fib);
        if (isOpen(answer)) {
          for (const why of (answer['because'] as readonly string[] | undefined) ?? ['branches'])
            open.set(why, (open.get(why) ?? 0) + 1);
          return;
        }
        if (JSON.stringify(sorted(answer)) === JSON.stringify(sorted(kernel))) exact++;
        else wrong.push({ seed, text: JSON.stringify({ query: wordsOf(query), answer, kernel, get, fib }) });
      });
    }
    console.info(`routeget: ${exact} exact, ${wrong.length} wrong, open ${JSON.stringify([...open])}`);
    expect(intolerable('routeget', wrong, exact + wrong.length)).toEqual([]);
    expect(exact).toBeGreaterThan(networks * 30);
  });
});

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, part]) => [key, sorted(part)]);
}
