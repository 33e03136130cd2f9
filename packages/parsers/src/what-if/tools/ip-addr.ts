/** `ip addr add|change|replace|del|flush`. ip-address(8), ip/ipaddress.c. */
import {
  type Address,
  addAddress,
  bitsOf,
  deleteAddress,
  done,
  type Family,
  findLink,
  flushAddresses,
  type Ip,
  ip4,
  isLinkLocal,
  isLoopback,
  maskOf,
  parseCidrAddress,
  parseIp,
  sameIp,
} from '@coldtrace/core';
import { badWords, type Fault, next, unsupported } from '../call.js';
import { commandNamed, type IpCall, type IpTool } from './ip.js';

interface Draft {
  local: { readonly ip: Ip; readonly length: number | null } | null;
  peer: { readonly ip: Ip; readonly length: number } | null;
  dev: string | null;
  broadcast: string | null;
  scope: string | null;
  label: string | null;
  flags: string[];
  to: string | null;
}

const commands = ['add', 'change', 'chg', 'replace', 'delete', 'flush'] as const;

export const ipAddress: IpTool = (ns, call) => {
  const [verb] = call.args;
  const command = commandNamed(verb?.text ?? '', commands);
  if (command === null) return unsupported(`ip addr ${verb?.text ?? ''}`, verb ?? null);
  const draft = readAddress(call);
  if ('kind' in draft) return draft;
  if (command === 'flush') return flush(ns, call, draft);
  const { local, dev } = draft;
  if (local === null) return badWords('"local" is required');
  if (dev === null) return badWords('Not enough information: "dev" argument is required.');
  return next(findLink(ns, dev), ({ name }) => {
    if (command === 'delete')
      return deleteAddress(ns, { dev: name, ip: local.ip, prefixLength: draft.peer?.length ?? lengthToDelete(local) });
    return addAddress(ns, addressOf(draft, local, name, call), command !== 'add');
  });
};

/** Of IPv4 any length fits where none is typed; of IPv6 it is 128. */
function lengthToDelete({ ip, length }: NonNullable<Draft['local']>): number | null {
  return length ?? (ip.family === 6 ? 128 : null);
}

function readAddress({ args, family }: IpCall): Draft | Fault {
  const draft: Draft = {
    local: null,
    peer: null,
    dev: null,
    broadcast: null,
    scope: null,
    label: null,
    flags: [],
    to: null,
  };
  for (let at = 1; at < args.length; at++) {
    const word = args[at]?.text ?? '';
    const value = args[at + 1];
    if (bareFlags.has(word)) {
      draft.flags.push(word);
      continue;
    }
    if (valued.has(word)) {
      if (value === undefined) return badWords(`"${word}" needs a value`, args[at] ?? null);
      at++;
      const wrong = takeValue(draft, word, value.text);
      if (wrong !== null) return badWords(wrong, value);
      continue;
    }
    const local = parseLocal(word);
    // What is no address is a device: `ip addr flush eth0`.
    if (local === null && args[0]?.text.startsWith('f') && draft.dev === null) {
      draft.dev = word;
      continue;
    }
    if (local === null || (family !== null && local.ip.family !== family))
      return badWords(`any valid prefix is expected rather than "${word}".`, args[at] ?? null);
    if (draft.local !== null)
      return badWords(`either "local" is duplicate, or "${word}" is a garbage.`, args[at] ?? null);
    draft.local = local;
  }
  return draft;
}

const bareFlags = new Set(['nodad', 'noprefixroute', 'home', 'mngtmpaddr', 'autojoin', 'optimistic']);
const valued = new Set([
  'dev',
  'local',
  'peer',
  'remote',
  'brd',
  'broadcast',
  'scope',
  'label',
  'to',
  'valid_lft',
  'preferred_lft',
  'metric',
  'proto',
]);

function takeValue(draft: Draft, word: string, text: string): string | null {
  switch (word) {
    case 'dev':
    case 'scope':
    case 'label':
    case 'to':
      draft[word] = text;
      return null;
    case 'local':
      draft.local = parseLocal(text);
      return draft.local === null ? `"${text}" is no address` : null;
    case 'peer':
    case 'remote': {
      const peer = parseCidrAddress(text);
      draft.peer = peer;
      return peer === null ? `"${text}" is no address` : null;
    }
    case 'brd':
    case 'broadcast':
      draft.broadcast = text;
      return text === '+' || text === '-' || parseIp(text) !== null ? null : `"${text}" is no broadcast address`;
    case 'valid_lft':
    case 'preferred_lft':
      return text === 'forever' ? null : `${word} ${text} cannot be simulated`;
    default:
      return `"${word}" cannot be simulated`;
  }
}

function parseLocal(text: string): Draft['local'] {
  const read = parseCidrAddress(text);
  return read === null ? null : { ip: read.ip, length: text.includes('/') ? read.length : null };
}

function addressOf(draft: Draft, local: NonNullable<Draft['local']>, dev: string, { span }: IpCall): Address {
  const { ip } = local;
  const prefixLength = draft.peer?.length ?? local.length ?? bitsOf(ip.family);
  const scope = ip.family === 6 ? scope6(ip) : (draft.scope ?? (isLoopback(ip) ? 'host' : 'global'));
  const base = {
    dev,
    ip,
    prefixLength,
    peer: draft.peer === null || sameIp(draft.peer.ip, ip) ? null : draft.peer.ip,
    broadcast: broadcastOf(draft, ip, prefixLength),
    scope,
    span,
  } as const;
  return {
    ...base,
    flags: draft.flags,
    label: ip.family === 6 ? null : (draft.label ?? dev),
    validLifetime: null,
    preferredLifetime: null,
  };
}

function scope6(ip: Ip): string {
  if (isLoopback(ip)) return 'host';
  return isLinkLocal(ip) ? 'link' : 'global';
}

/** `+` sets the bits of the host, `-` clears them. */
function broadcastOf({ broadcast, peer }: Draft, ip: Ip, length: number): Ip | null {
  if (broadcast === null || ip.family === 6) return null;
  if (broadcast !== '+' && broadcast !== '-') return parseIp(broadcast);
  if (length > 30) return null;
  const mask = maskOf(4, length).a;
  const base = peer?.ip.a ?? ip.a;
  return ip4((broadcast === '+' ? base | ~mask : base & mask) >>> 0);
}

function flush(ns: Parameters<IpTool>[0], { family, args }: IpCall, draft: Draft): ReturnType<IpTool> {
  const { dev, scope, label, to } = draft;
  if (dev === null && scope === null && to === null && label === null)
    return badWords('Flush requires arguments.', args[0] ?? null);
  if (to !== null || label !== null || draft.flags.length > 0)
    return unsupported('ip addr flush by anything but a device and a scope', args[0] ?? null);
  const fits = (one: Address) =>
    (dev === null || one.dev === dev) && (scope === null || one.scope === scope) && ofFamily(one.ip, family);
  if (dev === null) return done(flushAddresses(ns, fits));
  return next(findLink(ns, dev), () => done(flushAddresses(ns, fits)));
}

function ofFamily(ip: Ip, family: Family | null): boolean {
  return family === null || ip.family === family;
}
