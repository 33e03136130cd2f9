/** What `ip route get` and a connected socket say: the kernel's answers to `routeget` and `source`. ip-route(8). */
import type { Agent } from './agent.js';
import type { ProbeLine } from './case.js';
import type { KernelAnswer } from './observe.js';
import { protoNumber } from './packet-bytes.js';

const errors: Readonly<Record<string, string>> = {
  'Network is unreachable': 'ENETUNREACH',
  'No route to host': 'EHOSTUNREACH',
  'Permission denied': 'EACCES',
  'Invalid argument': 'EINVAL',
  'Invalid cross-device link': 'EINVAL',
};

export async function askRoutes(agent: Agent, probe: ProbeLine): Promise<KernelAnswer> {
  return probe.kind === 'source' ? askSource(agent, probe) : askGet(agent, probe);
}

/** A socket of UDP that connects has its source and has sent nothing yet. */
async function askSource(
  agent: Agent,
  { family, dst = '', dport = 9, oif = '', mark = 0, tos = 0, uid = 0 }: ProbeLine,
): Promise<KernelAnswer> {
  const socket = { family, dst, proto: 17, dport, sport: 0, mark, tos, oif, uid, silent: true };
  const { src, errno } = await agent.probe({ socket }, family, true);
  if (errno !== null) return { outcome: 'unreachable', errno };
  return { outcome: 'ok', ...(src === null ? {} : { src }) };
}

async function askGet(agent: Agent, probe: ProbeLine): Promise<KernelAnswer> {
  const words = wordsOf(probe);
  const got = await agent.run(['ip', `-${probe.family}`, 'route', 'get', ...words]);
  const error = /RTNETLINK answers: (.+)/.exec(got.err)?.[1]?.trim();
  if (error !== undefined) return { outcome: 'unreachable', errno: errors[error] ?? error };
  // What the route says for a tunnel has words of the same names.
  const line = (got.out.split('\n')[0] ?? '').replace(/ encap .*?(?= via | dev )/, '');
  const word = (name: string) => new RegExp(` ${name} (?:inet6 )?(\\S+)`).exec(line)?.[1];
  const type = /^(local|broadcast|multicast|anycast|unreachable|blackhole|prohibit) /.exec(line)?.[1] ?? 'unicast';
  const [via, dev, src] = [word('via'), word('dev'), word('src')];
  const matched = await agent.run(['ip', '-d', `-${probe.family}`, 'route', 'get', 'fibmatch', ...words]);
  const fibmatch = fibmatchOf(matched.out);
  return {
    outcome: 'ok',
    type,
    ...(via === undefined ? {} : { via }),
    ...(dev === undefined ? {} : { dev }),
    ...(src === undefined ? {} : { src }),
    ...(fibmatch === undefined ? {} : { fibmatch }),
  };
}

/** `ip -d route get fibmatch` begins with the type, then the destination; the table is named unless it is main. */
function fibmatchOf(text: string): KernelAnswer['fibmatch'] | undefined {
  const found = /^(\w+) (\S+)/.exec(text);
  if (found === null) return undefined;
  const [, type = '', dst = ''] = found;
  return { dst, table: / table (\S+)/.exec(text)?.[1] ?? 'main', type };
}

function wordsOf(probe: ProbeLine): readonly string[] {
  const { dst = '', src, in_iface, oif, mark, tos, proto, sport, dport, uid } = probe;
  const words = [dst];
  const add = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== 0) words.push(name, String(value));
  };
  add('from', src);
  add('iif', in_iface);
  add('oif', oif);
  add('mark', mark);
  add('tos', tos === undefined || tos === 0 ? undefined : `0x${tos.toString(16)}`);
  if (proto !== undefined) words.push('ipproto', String(protoNumber(proto)));
  add('sport', sport);
  add('dport', dport);
  add('uid', uid);
  return words;
}
