/** Random matches and real packets: where we say that a match holds or does not, the kernel's counters agree. iptables-extensions(8). */
import { fileURLToPath } from 'node:url';
import type { Family, XtablesVariant } from '@coldtrace/core';
import { expect, it } from 'vitest';
import type { MatchDef } from '../../packages/core/src/netfilter/extension.js';
import { matchDefs } from '../../packages/core/src/netfilter/match/index.js';
import { asks, packet, readContext, readWords } from '../../packages/core/src/netfilter/match/testing.js';
import { type Prng, prng } from '../bench/prng.js';
import { describeKernel } from './gate.js';
import { inNetns } from './netns.js';
import { randomOptions } from './rule-words.js';
import { type SamplePacket, samplePackets } from './sample-packets.js';

const seed = Number(process.env['COLDTRACE_SEED'] ?? 1);
const perMatch = 14;
/** What is carried by packets of raw sockets alone; anything that looks at connections would make the kernel collect fragments. */
const matches =
  'ah comment dccp dscp ecn esp frag hl icmp icmp6 ipcomp iprange length mark mh multiport owner physdev pkttype recent rt sctp srh tcp tcpmss tos ttl u32 udp';
const sender = fileURLToPath(new URL('send-packets.py', import.meta.url));
/** What they look at is settled where all bytes of a whole packet are. */
const told = new Set(['esp', 'sctp', 'string', 'tcp', 'u32']);
/** Set by the sender. */
const mark = 5;
const unaltered = { id: 7, df: false, flowLabel: 0 };

interface TestedRule {
  readonly def: MatchDef;
  readonly proto: number | null;
  readonly data: unknown;
  readonly text: string;
}

interface Answer {
  /** A match found too short a header and dropped the packet: rules behind it were not asked. */
  readonly refused: boolean;
  readonly length: number;
  readonly counts: readonly number[];
}

function randomRules(family: Family, random: Prng): readonly TestedRule[] {
  const names = new Set(matches.split(' '));
  const defs = matchDefs.filter((def) => names.has(def.name) && def.families.includes(family));
  return defs.flatMap((def) => Array.from({ length: perMatch }, () => randomRule(def, family, random)).flat());
}

/** None when the options do not go together. */
function randomRule(def: MatchDef, family: Family, random: Prng): readonly TestedRule[] {
  const proto = protoOf(def, random);
  const around = { chain: 'OUTPUT', proto, namedProto: proto };
  const cx = readContext(family, around);
  const words =
    def.sample?.(random.below, cx) ??
    randomOptions(def, random, (key) => def.options[key]?.value.sample(random.below, cx) ?? []);
  const text = words.map((word) => (/^[^\s"]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`)).join(' ');
  const data = readWords(def, family, text, around);
  if (typeof data === 'string') return [];
  return [{ def, proto, data, text: `${proto === null ? '' : `-p ${proto} `}-m ${def.name} ${text}` }];
}

function protoOf(def: MatchDef, random: Prng): number | null {
  if (def.name === 'multiport') return random.pick([6, 17, 33, 132, 136]);
  return def.protos?.[0] ?? (def.name === 'ecn' || def.name === 'tcpmss' ? 6 : null);
}

/** Neighbours are fixed and the first reports of group membership are over, so that only our packets leave. */
const network = {
  4: 'ip addr add 10.0.0.1/24 dev va; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev va',
  6: 'ip addr add fd00::1/64 dev va nodad; ip neigh add fd00::2 lladdr 02:00:00:00:00:02 dev va; sleep 9',
} as const;

function ask(family: Family, variant: XtablesVariant, rules: readonly TestedRule[], packets: readonly SamplePacket[]) {
  const tool = `${family === 4 ? 'iptables' : 'ip6tables'}-${variant}`;
  const lines = ['-m mark --mark 0 -j ACCEPT', ...rules.map((rule) => rule.text)];
  const dump = `*filter\n${lines.map((line) => `-A OUTPUT ${line}\n`).join('')}COMMIT\n`;
  const sent = packets.map(({ fields, payload }) => {
    const { proto, ttl, tos, fragment = null } = fields;
    return { proto, ttl, tos, fragment, payload };
  });
  const script = [
    'ip link add va type veth peer name vb; ip link set va up; ip link set vb up',
    network[family],
    `${tool}-restore <<'RULES'\n${dump}RULES`,
    `python3 '${sender}'`,
  ];
  return JSON.parse(inNetns(script.join('\n'), JSON.stringify({ family, tool, packets: sent }))) as readonly Answer[];
}

describeKernel('matches and packets', () => {
  it.each([
    [4, 'legacy'],
    [4, 'nft'],
    [6, 'legacy'],
    [6, 'nft'],
  ] as const)(
    'IPv%i %s: yes and no are what the kernel counts',
    (family, variant) => {
      const random = prng(seed * 4 + family + (variant === 'nft' ? 1 : 0));
      const rules = randomRules(family, random);
      const packets = samplePackets(family, random);
      const wrong: string[] = [];
      const open = new Set<string>();
      let decided = 0;
      ask(family, variant, rules, packets).forEach(({ refused, length, counts }, index) => {
        expect(counts.length).toBe(rules.length);
        const fields = packets[index]?.fields;
        if (refused || fields === undefined) return;
        const owner = { uid: 0, gid: 0 };
        const plain = { ...fields, length, mark, owner, iif: null, oif: 'va' };
        const body = Uint8Array.from(packets[index]?.payload ?? []);
        const inputs = [plain, { ...plain, body, unaltered }].map((one) => packet(one, { hook: 'OUTPUT', variant }));
        rules.forEach(({ def, proto, data, text }, at) => {
          if (proto !== null && proto !== fields.proto) return;
          const counted = counts[at] === 0 ? 'no' : 'yes';
          for (const [which, input] of inputs.entries()) {
            const said = asks(def, data, input);
            if (said === 'unknown' && which === 1 && !fields.fragment) open.add(def.name);
            if (said === 'unknown') continue;
            decided++;
            if (said !== counted) wrong.push(`${text}: we say ${said} of ${JSON.stringify(fields)} ${which === 1}`);
          }
        });
      });
      expect(wrong, `COLDTRACE_SEED=${seed}`).toEqual([]);
      expect([...open].sort().filter((name) => told.has(name))).toEqual([]);
      expect(decided).toBeGreaterThan(5000);
    },
    60_000,
  );
}, ['python3']);
