/** `ip neigh add|change|replace|del|flush`. ip-neighbour(8), ip/ipneigh.c. */
import {
  done,
  findLink,
  flushNeighbours,
  type Mac,
  type Neighbour,
  parseIp,
  parseMac,
  putNeighbour,
  sameIp,
} from '@coldtrace/core';
import { badWords, next, unsupported } from '../call.js';
import { commandNamed, type IpCall, type IpTool } from './ip.js';

const commands = ['add', 'change', 'chg', 'replace', 'delete', 'flush'] as const;
const states = new Set(['permanent', 'reachable', 'noarp', 'none', 'stale', 'delay', 'probe', 'incomplete', 'failed']);

interface Draft {
  readonly entry: { -readonly [Key in keyof Neighbour]?: Neighbour[Key] };
  lladdr: Mac | null;
  nud: string | null;
}

export const ipNeighbour: IpTool = (ns, call) => {
  const [verb] = call.args;
  const command = commandNamed(verb?.text ?? '', commands);
  if (command === null) return unsupported(`ip neigh ${verb?.text ?? ''}`, verb ?? null);
  const draft = readEntry(call);
  if ('kind' in draft) return draft;
  const { ip, dev } = draft.entry;
  if (command === 'flush') return flush(ns, call, draft);
  if (ip === undefined || dev === undefined) return badWords('Device and destination are required arguments.');
  const proxy = draft.entry.proxy ?? false;
  const nud = draft.nud ?? 'permanent';
  const entry: Neighbour = {
    ip,
    dev,
    lladdr: draft.lladdr,
    nud: proxy ? null : nud.toUpperCase(),
    proxy,
    router: draft.entry.router ?? false,
    externLearn: draft.entry.externLearn ?? false,
    span: call.span,
  };
  // The kernel asks of no proxy whether it is there. net/core/neighbour.c neigh_add.
  if (proxy && command !== 'delete') return putNeighbour(ns, entry, 'replace');
  return putNeighbour(ns, entry, command === 'chg' ? 'change' : command);
};

function readEntry({ args }: IpCall): Draft | ReturnType<typeof badWords> {
  const draft: Draft = { entry: {}, lladdr: null, nud: null };
  for (let at = 1; at < args.length; at++) {
    const word = args[at]?.text ?? '';
    const value = args[at + 1];
    const text = value?.text ?? '';
    if (word === 'lladdr') {
      draft.lladdr = parseMac(text, { shortOctets: true });
      if (draft.lladdr === null) return badWords(`"${text}" is invalid lladdr.`, value ?? null);
      at++;
    } else if (word === 'dev') {
      draft.entry.dev = text;
      at++;
    } else if (word === 'nud') {
      draft.nud = text;
      if (!states.has(text)) return badWords('nud state is bad', value ?? null);
      at++;
    } else if (word === 'router') draft.entry.router = true;
    else if (word === 'extern_learn') draft.entry.externLearn = true;
    else if (word === 'to' || word === 'proxy') {
      if (word === 'proxy') draft.entry.proxy = true;
    } else if (word !== 'all' || args[0]?.text !== 'flush') {
      const ip = parseIp(word);
      if (ip === null) return badWords(`an inet address is expected rather than "${word}".`, args[at] ?? null);
      draft.entry.ip = ip;
    }
  }
  return draft;
}

/** Permanent entries stay unless they are asked for. */
function flush(ns: Parameters<IpTool>[0], { family, args }: IpCall, draft: Draft): ReturnType<IpTool> {
  const { dev, ip } = draft.entry;
  if (dev === undefined && ip === undefined && draft.nud === null && args[1]?.text !== 'all')
    return badWords('Flush requires arguments.', args[0] ?? null);
  const state = draft.nud?.toUpperCase() ?? null;
  return next(dev === undefined ? done(null) : findLink(ns, dev), () =>
    done(
      flushNeighbours(ns, (one) => {
        if (one.proxy || (dev !== undefined && one.dev !== dev) || (family !== null && one.ip.family !== family))
          return false;
        if (ip !== undefined && !sameIp(one.ip, ip)) return false;
        return state === null ? one.nud !== 'PERMANENT' && one.nud !== 'NOARP' : one.nud === state;
      }),
    ),
  );
}
