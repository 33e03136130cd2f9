/** What processes of other users send, and rules that ask for the user. iptables-extensions(8) owner, ip-rule(8) uidrange. */
import type { Prng } from '../../../bench/prng.js';
import type { Line, ProbeLine } from '../case.js';
import { anyDevice, type Pool } from './pool.js';
import type { Widened } from './widening.js';

const users = [0, 1000, 1337] as const;

export function otherUsers(pool: Pool, tool: 'legacy' | 'nft', random: Prng): Widened {
  const ip = (text: string): Line => ({ tool: pool.family === 6 ? 'ip6' : 'ip', text });
  const { name, hosts } = anyDevice(pool, random);
  const network = [
    ...pool.remotes.map(({ net }) => ip(`route replace ${net} via ${hosts[0]} dev ${name} table 100`)),
    ip(`rule add uidrange ${random.pick(['1000-1000', '1-2000', '1337-4294967294', '0-0'])} lookup 100 pref 90`),
  ];
  const rules = Array.from({ length: 5 }, (): Line => {
    const [table, chain] = random.pick([
      ['mangle', 'OUTPUT'],
      ['filter', 'OUTPUT'],
      ['nat', 'OUTPUT'],
      ['mangle', 'POSTROUTING'],
      ['raw', 'OUTPUT'],
    ]);
    return {
      tool,
      table: table ?? '',
      text: `-A ${chain} -m owner ${owner(random)}${verdict(table ?? '', pool, random)}`,
    };
  });
  return { network, rules, aim: (probe) => ofUser(probe, random) };
}

function owner(random: Prng): string {
  const not = random.chance(0.3) ? '! ' : '';
  const who = random.pick([`${random.pick(users)}`, '1000-1337', '1-999', '0-4294967294']);
  return `${not}${random.pick(['--uid-owner', '--gid-owner'])} ${who}`;
}

function verdict(table: string, { family }: Pool, random: Prng): string {
  if (table === 'nat') return random.pick([' -p tcp -j REDIRECT --to-ports 22', ' -j RETURN', '']);
  if (table === 'mangle') return random.pick([' -j MARK --set-xmark 0x1/0x1', '', ' -j TOS --set-tos 0x10']);
  if (table === 'filter')
    return random.pick([
      '',
      ' -j ACCEPT',
      ' -j DROP',
      ` -j REJECT --reject-with icmp${family === 6 ? '6' : ''}-port-unreachable`,
    ]);
  return '';
}

function ofUser(probe: ProbeLine, random: Prng): ProbeLine {
  if (probe.kind === 'output' || probe.kind === 'source') return { ...probe, uid: random.pick(users) };
  return probe;
}
