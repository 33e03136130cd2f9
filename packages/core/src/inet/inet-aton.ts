/** IPv4 addresses in the grammar of the C library, which xtables falls back to where it finds no dotted octets: inet_aton(3). */
import { parseUint32 } from './decimal.js';
import { type Ip, ip4 } from './ip.js';

/**
 * Reads one to four numbers in base 0, the last of which fills the rest of the address: `10.1` is 10.0.0.1, `256` is 0.0.1.0. Null for
 * anything else. Beware: where a tool reads octets of its own first (`-s` of iptables), `10.1` is 10.1.0.0.
 */
export function parseInetAton(text: string): Ip | null {
  const parts = text.split('.', 5).map((part) => parseUint32(part));
  const last = parts.pop();
  if (last === undefined || last === null || parts.length > 3) return null;
  if (last >= 256 ** (4 - parts.length)) return null;
  let value = last;
  for (const [index, part] of parts.entries()) {
    if (part === null || part > 255) return null;
    value += part * 256 ** (3 - index);
  }
  return ip4(value);
}
