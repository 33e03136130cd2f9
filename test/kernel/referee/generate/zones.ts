/** Zones of connection tracking in either direction, by rule and in the table of connections. iptables-extensions(8) CT; conntrack(8). */
import type { Prng } from '../../../bench/prng.js';
import type { Line } from '../case.js';
import { knownConnections } from './connections.js';
import { anyDevice, anyPrefix, type Pool } from './pool.js';
import type { Widened } from './widening.js';

const zones = ['1', '2'] as const;

export function trackingZones(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const rules = Array.from(
    { length: 2 + random.below(4) },
    (): Line => ({ tool, table: 'raw', text: rule(pool, random) }),
  );
  const { late = [], aim } = knownConnections(pool, tool, random);
  const zoned = late.map((line) => (line.tool === 'conntrack' ? inZone(line, random) : line));
  const nat = Array.from(
    { length: random.below(3) },
    (): Line => ({ tool, table: 'nat', text: natRule(pool, random) }),
  );
  return { rules: [...rules, ...nat], late: zoned, ...(aim === undefined ? {} : { aim }) };
}

function rule(pool: Pool, random: Prng): string {
  const chain = random.pick(['PREROUTING', 'PREROUTING', 'OUTPUT']);
  const from = random.chance(0.4) ? ` -s ${anyPrefix(pool, random)}` : '';
  const device = chain === 'PREROUTING' && random.chance(0.4) ? ` -i ${anyDevice(pool, random).name}` : '';
  const zone = `--zone${random.pick(['', '', '-orig', '-reply'])} ${random.pick(['mark', ...zones])}`;
  const target = random.pick([`CT ${zone}`, `CT ${zone}`, `CT ${zone}`, 'CT --notrack', 'MARK --set-mark 2', 'CT']);
  return `-A ${chain}${from}${device} -j ${target}`;
}

function natRule(pool: Pool, random: Prng): string {
  return random.pick([
    `-A POSTROUTING -j SNAT --to-source ${random.pick(anyDevice(pool, random).own)}`,
    '-A POSTROUTING -j MASQUERADE',
    `-A PREROUTING -d ${random.pick(pool.services)} -j DNAT --to-destination ${random.pick(anyDevice(pool, random).hosts)}`,
  ]);
}

function inZone(line: Line, random: Prng): Line {
  const side = random.pick(['--zone', '--zone', '--orig-zone', '--reply-zone']);
  return random.chance(0.3) ? line : { ...line, text: `${line.text} ${side} ${random.pick(zones)}` };
}
