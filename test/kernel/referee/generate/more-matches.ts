/** Matches with options of their own making, for those that no part of rule-parts.ts asks about. iptables-extensions(8). */
import type { MatchDef, ReadContext } from '../../../../packages/core/src/netfilter/extension.js';
import { matchDefs } from '../../../../packages/core/src/netfilter/match/index.js';
import { randomOptions } from '../../rule-words.js';
import { protoNumber } from '../packet-bytes.js';
import type { RulePlace } from './rule-parts.js';

const common = new Set(
  'ah cluster connbytes connlabel connlimit dccp devgroup dst ecn esp frag hbh helper ipv6header physdev realm rt sctp srh string tcpmss u32'.split(
    ' ',
  ),
);

export function moreMatches(place: RulePlace, proto: string | null, names: ReadonlySet<string> = common): string {
  const { pool, random, hooks, table } = place;
  const number = proto === null ? null : protoNumber(proto);
  const usable = matchDefs.filter(
    (def) =>
      names.has(def.name) &&
      def.families.includes(pool.family) &&
      (def.protos === undefined || (number !== null && def.protos.includes(number))) &&
      (def.hooks === undefined || hooks.every((hook) => def.hooks?.some((one) => one === hook))),
  );
  const def: MatchDef | undefined = usable[random.below(usable.length)];
  if (def === undefined) return '';
  const chain = hooks[0] ?? '';
  const cx: ReadContext = { family: pool.family, proto: number, namedProto: number, table, chain };
  const words =
    def.sample?.(random.below, cx) ??
    randomOptions(def, random, (key) => def.options[key]?.value.sample(random.below, cx) ?? []);
  return [
    '-m',
    def.name,
    ...words.map((word) => (/^[^\s"]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`)),
  ].join(' ');
}
