/** Matches about protocols, options and addresses that hardly any rule asks for, and chains that goto leads through. iptables-extensions(8), ip6tables(8). */
import { builtinChains, type TableName } from '@coldtrace/core';
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { moreMatches } from './more-matches.js';
import { anyDevice, anyPrefix, type Pool, ports } from './pool.js';
import { icmpOf, type RulePlace } from './rule-parts.js';
import type { Widened } from './widening.js';

const names = new Set(
  'ah dccp esp eui64 ipcomp mh icmp icmp6 sctp tcp udp ttl hl tos dscp length pkttype ecn mark'.split(' '),
);
const protos = ['dccp', 'esp', 'ah', 'ipcomp', 'udplite', 'sctp', 'tcp', 'udp', '200'] as const;
const tables = ['raw', 'mangle', 'filter', 'security'] as const;

export function rareMatches(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const rules = tables.filter(() => random.chance(0.6)).flatMap((table) => tableRules(pool, tool, table, random));
  return { rules, aim: (probe) => ofProtocol(probe, pool, random) };
}

/** Each hook leads through chains by jump and goto, from which some return. */
function tableRules(pool: Pool, tool: 'legacy' | 'nft', table: TableName, random: Prng): readonly Line[] {
  return builtinChains[table].flatMap((hook) => {
    const place: RulePlace = { pool, table, hooks: [hook], sets: [], random };
    const chains = [hook, ...Array.from({ length: random.below(4) }, (_, at) => `${hook.slice(0, 4)}-R${at}`)];
    const line = (text: string): Line => ({ tool, table, text });
    const made = chains.slice(1).map((name) => line(`:${name} - [0:0]`));
    const rules = chains.flatMap((chain, at) =>
      Array.from({ length: 1 + random.below(4) }, () => line(`-A ${chain} ${rule(place, chains.slice(at + 1))}`)),
    );
    return [...made, ...rules];
  });
}

function rule(place: RulePlace, deeper: readonly string[]): string {
  const { pool, random } = place;
  const proto = random.pick([null, icmpOf(pool), ...(pool.family === 6 ? ['mh'] : []), ...protos] as [
    null,
    ...string[],
  ]);
  const fragment = pool.family === 4 && random.chance(0.08) ? random.pick(['-f', '! -f']) : '';
  const asks = [
    random.chance(0.2) ? `${random.chance(0.4) ? '! ' : ''}-d ${anyPrefix(pool, random)}` : '',
    fragment,
    proto === null ? '' : `-p ${proto}`,
    ...Array.from({ length: random.below(3) }, () => moreMatches(place, proto, names)),
  ];
  const next = deeper[random.below(Math.max(1, deeper.length))];
  const does = random.pick([
    '',
    '',
    '-j RETURN',
    '-j ACCEPT',
    ...(next === undefined ? [] : [`-j ${next}`, `-g ${next}`]),
  ] as [string, ...string[]]);
  return [...asks, does].filter((word) => word !== '').join(' ');
}

/** The bytes of a header that no other field tells. */
const bodies: Readonly<Record<string, string>> = { ipcomp: '3b000005', mh: '3b00010000000000', 200: '00'.repeat(20) };

function ofProtocol(probe: ProbeLine, pool: Pool, random: Prng): ProbeLine {
  if (probe.kind !== 'ingress' || probe.inner !== undefined || probe.frag_off !== undefined || random.chance(0.4))
    return probe;
  const {
    icmp_type: _,
    icmp_code: __,
    icmp_id: ___,
    frag_body: ____,
    length: _____,
    next_header: ______,
    tcp_flags,
    ...rest
  } = probe;
  const proto = random.pick([...protos, ...(pool.family === 6 ? ['mh'] : [])] as [string, ...string[]]);
  const body = bodies[proto];
  const eui =
    pool.family === 6 && random.chance(0.3)
      ? { src: `${anyDevice(pool, random).net.replace('::/64', '')}:0:0:ff:fe00:ff01`.replace(':0:0:', '::') }
      : {};
  return {
    ...rest,
    ...eui,
    proto,
    sport: random.pick([4000, 40000]),
    dport: random.pick(ports),
    ...(proto === 'tcp' && tcp_flags !== undefined ? { tcp_flags } : {}),
    ...(proto === 'ah' && pool.family === 6 ? { next_header: 59 } : {}),
    ...(body === undefined ? {} : { frag_body: body }),
  };
}
