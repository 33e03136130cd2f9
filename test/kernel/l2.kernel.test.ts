/** Random frames into random bridges: which rules count them, and who gets them, is what the simulator says. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  formatIp,
  ingress,
  newWorld,
  type Place,
  parseMac,
  placeOf,
  type Skb,
  stepsOf,
  type World,
} from '@coldtrace/core';
import { parseSnapshot } from '@coldtrace/parsers';
import { expect, it } from 'vitest';
import { packet } from '../../packages/core/src/netfilter/match/testing.js';
import { type Disagreement, freshSeed, intolerable, seedsOf } from './fresh.js';
import { describeKernel } from './gate.js';
import { type L2Case, type L2Frame, l2Case } from './l2-generator.js';
import { inNetns } from './netns.js';

const MARK = '=====';
const sender = readFileSync(fileURLToPath(new URL('l2-frames.py', import.meta.url)), 'utf8');

const dumps: readonly (readonly [file: string, command: string])[] = [
  ['hostname', 'echo node-1'],
  ['ip-addr.txt', 'ip addr'],
  ['ip-link.txt', 'ip -d link'],
  ['ip-route.txt', 'ip route show table all'],
  ['ip-6-route.txt', 'ip -6 route show table all'],
  ['ip-rule.txt', 'ip rule'],
  ['ip-6-rule.txt', 'ip -6 rule'],
  ['ip-neigh.txt', 'ip neigh'],
  ['ip-maddr.txt', 'ip maddr'],
  ['bridge-fdb.txt', 'bridge fdb'],
  ['sysctl.txt', 'sysctl -a 2>/dev/null | grep ^net'],
  ['iptables-save.txt', 'iptables-legacy-save'],
  ['ip6tables-save.txt', 'ip6tables-legacy-save'],
];

interface Answer {
  readonly hits: readonly (readonly [table: string, chain: string, rule: number, times: number])[];
  readonly seen: readonly ({
    readonly netns: string;
    readonly src: string;
    readonly dst: string;
    readonly ttl: number;
  } | null)[];
}

function ask(given: L2Case): { readonly place: Place; readonly answers: readonly Answer[] } {
  const { family, setup, rules, frames, peers } = given;
  const order = { family, frames, forget: true, watch: Object.values(peers).map((peer) => [peer, 'e0']) };
  const restore = family === 4 ? 'iptables-legacy-restore' : 'ip6tables-legacy-restore';
  const script = [
    'mkdir -p /run/netns',
    ...setup,
    `ip netns exec n ${restore} <<'RULES'\n${rules}RULES`,
    'sleep 0.2',
    ...dumps.map(([, command]) => `echo ${MARK}; ip netns exec n sh -c '${command}' || true`),
    `echo ${MARK}`,
    `cat > /run/send.py <<'SENDER'\n${sender}\nSENDER`,
    `python3 /run/send.py <<'ORDER'\n${JSON.stringify(order)}\nORDER`,
  ].join('\n');
  const parts = inNetns(script).split(`${MARK}\n`).slice(1);
  const files = dumps.map(([file], index) => [`node-1/${file}`, parts[index] ?? ''] as const);
  const [node] = parseSnapshot(new Map(files)).nodes;
  if (node === undefined) throw new Error('the capture holds no node');
  return { place: placeOf(node, node.host, 'none'), answers: JSON.parse(parts.at(-1) ?? '[]') };
}

function skbOf(frame: L2Frame, family: 4 | 6): Skb {
  const { srcMac, dstMac } = { srcMac: parseMac(frame.from), dstMac: parseMac(frame.to) };
  const { skb } = packet({ family, src: frame.src, dst: frame.dst, proto: 17, sport: frame.sport, dport: frame.dport });
  return {
    ...skb,
    ttl: frame.ttl,
    tcp: null,
    icmp: null,
    length: null,
    srcMac,
    dstMac,
    iif: null,
    oif: null,
    owner: null,
  };
}

function deviceOf(peers: L2Case['peers'], netns: string): string {
  return Object.entries(peers).find(([, peer]) => peer === netns)?.[0] ?? '';
}

interface Said {
  readonly hits: readonly string[];
  readonly left: string;
}

/** Every rule as often as it counted; and the packet as peers saw it, or that none did. */
function kernelSays({ hits, seen }: Answer): Said {
  const counted = hits.flatMap(([table, chain, rule, times]) =>
    Array.from({ length: times }, () => `${table}/${chain}/${rule}`),
  );
  const copies = seen.filter((one) => one !== null);
  const [first] = copies;
  const left =
    first === undefined
      ? 'nobody'
      : `${[...new Set(copies.map(({ netns }) => netns))].sort().join(',')} ${first.src}>${first.dst} ttl ${first.ttl}`;
  return { hits: counted.sort(), left };
}

function weSay(worlds: readonly World[], given: L2Case): Said | { readonly open: string } {
  const [world, another] = worlds;
  if (world === undefined || another !== undefined) return { open: `${worlds.length} ways` };
  const { end, exit, skb, trail, because } = world;
  if (end?.disposition === 'undetermined') return { open: because.map(({ text }) => text).join('; ') };
  const hits = stepsOf(trail).flatMap(({ rule }) =>
    rule === undefined ? [] : [`${rule.table}/${rule.chain}/${rule.index}`],
  );
  const ports = exit?.ports ?? (exit?.dev === 'br0' ? [] : [exit?.dev ?? '']);
  const who = ports
    .map((port) => given.peers[port] ?? '?')
    .sort()
    .join(',');
  const left =
    end?.disposition === 'delivered'
      ? 'taken in'
      : end !== null || exit === null
        ? 'nobody'
        : `${who} ${formatIp(skb.src)}>${formatIp(skb.dst)} ttl ${skb.ttl}`;
  return { hits: [...hits].sort(), left };
}

describeKernel('frames and bridges', () => {
  const cases = Number(process.env['COLDTRACE_CASES'] ?? 6);
  it(`counts and carries ${cases} × 40 frames as the kernel does (seed ${freshSeed})`, { timeout: 600_000 }, () => {
    let asked = 0;
    const open: string[] = [];
    const wrong: Disagreement[] = [];
    for (const seed of seedsOf(cases)) {
      const given = l2Case(seed, 40);
      const { place, answers } = ask(given);
      for (const [index, frame] of given.frames.entries()) {
        const answer = answers[index];
        if (answer === undefined) throw new Error('a frame has no answer');
        asked++;
        const kernel = kernelSays(answer);
        const worlds = ingress(
          place,
          { ...newWorld(skbOf(frame, given.family)), probed: true },
          deviceOf(given.peers, frame.netns),
        );
        const ours = weSay(worlds, given);
        if ('open' in ours) open.push(ours.open);
        else if (!agrees(ours, kernel)) wrong.push({ seed, text: told(given, frame, kernel, ours) });
      }
    }
    console.log(`asked ${asked}, open ${open.length}: ${[...new Set(open)].join(' | ')}`);
    expect(intolerable('l2', wrong, asked)).toEqual([]);
    expect(open.length).toBeLessThan(asked / 3);
  });
}, ['python3', 'bridge', 'conntrack']);

/** What is routed out by the bridge takes the port that the bridge finds: only what somebody got is compared. Copies of what is taken in may leave too. */
function agrees(ours: Said, kernel: Said): boolean {
  const packetOf = (left: string) => left.slice(left.indexOf(' '));
  const byBridge = ours.left.startsWith(' ') && (kernel.left === 'nobody' || packetOf(kernel.left) === ours.left);
  return (ours.left === 'taken in' || byBridge || ours.left === kernel.left) && ours.hits.join() === kernel.hits.join();
}

/** The rules that only one of us has. */
function told(given: L2Case, frame: L2Frame, kernel: Said, ours: Said): string {
  const lacking = (some: Said, other: Said) =>
    some.hits.filter((hit) => !other.hits.includes(hit)).map((hit) => `${hit} ${ruleAt(given.rules, hit)}`);
  return JSON.stringify({
    frame: JSON.stringify(frame),
    left: [kernel.left, ours.left],
    kernelOnly: lacking(kernel, ours),
    oursOnly: lacking(ours, kernel),
    kernel: kernel.hits.join(' '),
    ours: ours.hits.join(' '),
    setup: given.setup.filter((line) => /sysctl|state|hairpin|isolated|nf_call|fdb/.test(line)).join('; '),
  });
}

function ruleAt(rules: string, hit: string): string {
  const [table, chain, number] = hit.split('/');
  const lines = rules.split(`*${table}\n`)[1]?.split('COMMIT')[0]?.split('\n') ?? [];
  return lines.filter((line) => line.startsWith(`-A ${chain} `))[Number(number) - 1] ?? '';
}
