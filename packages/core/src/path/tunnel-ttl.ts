/** The TTL that a tunnel gives its packets where it is not told: that of the node. drivers/net/vxlan/vxlan_core.c, include/net/route.h ip4_dst_hoplimit, net/ipv6/output_core.c. */
import type { Ip } from '../inet/ip.js';
import { isMulticast } from '../inet/ip-kind.js';
import type { Rows, Rule } from '../snapshot/xtables.js';
import type { Reason } from '../tri.js';
import { perPlace } from './per-place.js';
import { missing, type Place, sysctl } from './place.js';

const usual = 64;

/** `dev`: the device below, where the tunnel names one. A reason: it is not known. */
export function ownTtl(place: Place, remote: Ip, dev: string | null): number | Reason {
  if (isMulticast(remote)) return 1;
  if (remote.family === 4) return limitOf(place, 'net/ipv4/ip_default_ttl');
  if (dev !== null) return limitOf(place, `net/ipv6/conf/${dev}/hop_limit`);
  const text = 'the hop limit of a packet that carries another is that of the device it leaves by, and they differ';
  return hopLimits(place, 'all') ?? { dump: null, text };
}

/** What was not captured leaves nothing open where nobody asks for it. */
function limitOf(place: Place, key: string): number | Reason {
  const { value, known } = sysctl(place, key);
  if (value !== null) return Number(value) || usual;
  return known || place.assume === 'defaults' || !isAsked(place, 'all')
    ? usual
    : missing(place, 'sysctl', `${key.replaceAll('/', '.')} is not known`);
}

const asking = ['bpf', 'hl', 'ttl', 'u32'];

const isAsked = perPlace((place: Place, _of: 'all'): boolean =>
  place.ns.rulesets.some(({ tables }) =>
    tables.some(({ chains }) => chains.some(({ rules }) => asking.some((word) => mayHold(rules, word)))),
  ),
);

function mayHold(rules: Rows<Rule>, word: string): boolean {
  for (let index = 0; index < rules.length; index++) {
    if (rules.lacks?.(index, word) === true) continue;
    if (rules.at(index)?.matches.some(({ name }) => name === word) === true) return true;
  }
  return false;
}

/** That of all devices, where it is one. */
const hopLimits = perPlace((place: Place, _of: 'all'): number | Reason | null => {
  const [first, ...others] = place.ns.links.rows.map(({ name }) => limitOf(place, `net/ipv6/conf/${name}/hop_limit`));
  if (first === undefined || typeof first !== 'number') return first ?? usual;
  return others.every((other) => other === first) ? first : null;
});
