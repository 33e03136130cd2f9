/** Marks that HMARK hashes out of packets and connections, each followed by rules that ask for them. iptables-extensions(8) HMARK. */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { anyPrefix, type Pool } from './pool.js';
import { icmpOf } from './rule-parts.js';
import type { Widened } from './widening.js';

const places = [
  ['raw', 'PREROUTING'],
  ['raw', 'OUTPUT'],
  ...(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const).map((hook) => ['mangle', hook] as const),
] as const;

export function hashedMarks(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const rules = places.flatMap(([table, chain]) => {
    const line = (text: string): Line => ({ tool, table, text: `-A ${chain} ${text}` });
    const before = table === 'raw' && random.chance(0.3) ? [line('-p udp -j CT --zone 1')] : [];
    const marks = Array.from({ length: random.below(3) }, () => {
      const mod = random.pick([1, 2, 3, 7, 1000, 0xffffffff]);
      const offset = random.chance(0.4) ? random.pick([1, 100, 0xfffffff0]) : 0;
      const asked = (Math.min(mod, 7) > 1 ? random.below(Math.min(mod, 7)) + offset : offset) >>> 0;
      return [
        line(`${whom(pool, random)}-j HMARK ${hashed(pool, random)} ${rest(mod, offset, random)}`),
        line(`-m mark --mark 0x${asked.toString(16)}`),
      ];
    });
    return [...before, ...marks.flat()];
  });
  return { rules };
}

function whom(pool: Pool, random: Prng): string {
  const proto = random.pick(['', '', '', 'tcp', 'udp', 'esp', 'ah', 'sctp', icmpOf(pool)] as [string, ...string[]]);
  return `${proto === '' ? '' : `-p ${proto} `}${random.chance(0.2) ? `-s ${anyPrefix(pool, random)} ` : ''}`;
}

function rest(mod: number, offset: number, random: Prng): string {
  return `--hmark-mod ${mod} --hmark-rnd ${random.pick(['1', '0xcafe', '0xffffffff'])}${offset === 0 ? '' : ` --hmark-offset ${offset}`}`;
}

function hashed({ family }: Pool, random: Prng): string {
  const bits = family === 4 ? 32 : 128;
  const tuple = () =>
    random.pick([
      'src',
      'dst',
      'src,dst',
      'src,dst,proto',
      'src,dst,sport,dport,proto',
      'sport,dport',
      'src,spi',
      'proto',
    ]);
  const fields = () =>
    [
      `--hmark-src-prefix ${random.below(bits + 1)}`,
      `--hmark-dst-prefix ${random.below(bits + 1)}`,
      `--hmark-proto-mask ${random.pick(['0xff', '0x6', '0x11'])}`,
      ...random.pick<readonly string[]>([
        [`--hmark-sport-mask ${random.pick(['0xffff', '0xff00', '0xf'])}`, `--hmark-dport-mask 0xffff`],
        [`--hmark-sport ${random.below(65536)}`, `--hmark-dport-mask 0xff`],
        [`--hmark-dport ${random.below(65536)}`],
        [`--hmark-spi-mask ${random.pick(['0xff', '0xffffffff'])}`, `--hmark-spi ${random.below(70000)}`],
        [`--hmark-spi-mask ${random.pick(['0xff00ff', '0xffffffff'])}`],
      ]),
    ].filter(() => random.chance(0.6));
  const chosen = fields();
  const what = random.chance(0.4) || chosen.length === 0 ? [`--hmark-tuple ${tuple()}`] : chosen;
  return random.chance(0.3) && what.length > 1
    ? `${what.join(' ')} --hmark-tuple ct`
    : what.join(' ').replace(/(--hmark-tuple \S+)$/, random.chance(0.3) ? '$1,ct' : '$1');
}
