/** An end of a connection as commands take it, and as it was understood. */
import { formatIp, parseIp, unmapped } from '@coldtrace/core';

/** An end as it was resolved; repeated in the answer. */
export interface ResolvedWho {
  readonly kind: 'address' | 'node' | 'pod' | 'service' | 'iface' | 'outside';
  readonly name: string;
  readonly node: string | null;
  readonly iface: string | null;
  readonly address: string | null;
  readonly port: number | null;
}

/** What an end means; or a sentence that says why it means nothing, with the candidates. */
export type WhoAnswer<T> =
  | { readonly ok: true; readonly value: T; readonly who: ResolvedWho }
  | { readonly ok: false; readonly problem: string };

export interface Refusal {
  readonly ok: false;
  readonly problem: string;
}

export const refuse = (problem: string): Refusal => ({ ok: false, problem });

export interface Split {
  readonly kind: 'address' | 'node' | 'pod' | 'service' | 'iface' | 'outside' | 'unknown';
  readonly name: string;
  readonly port: string | null;
}

const prefixed = /^(node|pod|service|iface):/;

/** `pod:ns/name:80`, `[fd00::1]:443`, `10.0.0.1:443`, `fd00::1`, `outside`. */
export function split(text: string): Split {
  const bracket = /^\[([^\]]*)\](?::(\w[\w-]*))?$/.exec(text);
  if (bracket !== null) return address(bracket[1] ?? '', bracket[2] ?? null);
  if (parseIp(text) !== null) return address(text, null);
  const kind = kindOf(prefixed.exec(text)?.[1]);
  const rest = kind === null ? text : text.slice(kind.length + 1);
  const colon = rest.lastIndexOf(':');
  const [name, port] = colon < 0 ? [rest, null] : [rest.slice(0, colon), rest.slice(colon + 1)];
  if (kind !== null) return { kind, name, port };
  if (port !== null && parseIp(name) !== null) return address(name, port);
  return { kind: text === 'outside' ? 'outside' : 'unknown', name: text, port: null };
}

/** `::ffff:10.0.0.1`, as dual-stack programs write it, is the IPv4 address that they really call. */
function address(text: string, port: string | null): Split {
  const ip = parseIp(text);
  const meant = ip === null ? null : unmapped(ip);
  return { kind: 'address', name: meant === null || meant === ip ? text : formatIp(meant), port };
}

function kindOf(word: string | undefined): Split['kind'] | null {
  return word === 'node' || word === 'pod' || word === 'service' || word === 'iface' ? word : null;
}

/** undefined: a word that is no number from 1 to 65535. */
export function portNumber(text: string | null): number | null | undefined {
  if (text === null) return null;
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535 ? Number(text) : undefined;
}

/** Candidates for a message, a dozen at most. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = [...new Set(names)].sort().slice(0, 12);
  return `${shown.join(', ')}${new Set(names).size > shown.length ? ', …' : ''}`;
}
