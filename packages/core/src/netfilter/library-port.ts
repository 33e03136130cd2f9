/** Ports as getaddrinfo(3) reads them: decimal whatever zeros stand before, cut to 16 bits, or a service of any protocol. iptables: libxtables/xtoptions.c. */
import type { PortRange } from '../inet/port.js';
import { isRefusal, type Refusal, refuse, type ValueType } from './extension.js';
import { servicePort } from './service-port.js';
import { port, portRange, word } from './value.js';

export function readLibraryPort(text: string): number | Refusal {
  const digits = /^ *\+?([0-9]{1,10})$/.exec(text)?.[1];
  const number = digits === undefined ? null : Number(digits);
  if (number !== null && number <= 0x7fffffff) return number & 0xffff;
  return servicePort(text, null) ?? refuse(`"${text}" is neither a port number nor a known service`);
}

export const libraryPort: ValueType<number> = {
  ...word('port', readLibraryPort, () => ''),
  sample: port.sample,
};

/** `first:last`, `first:`, `:last`; one that runs backwards is taken and holds no port. */
export const libraryPortRange: ValueType<PortRange> = {
  ...word('port[:port]', readRange, () => ''),
  sample: portRange.sample,
};

function readRange(text: string): PortRange | Refusal {
  const ends = text.split(':', 3);
  const [from = '', to] = ends;
  if (ends.length > 2) return refuse(`"${text}" has more than two ends`);
  const first = from === '' && to !== undefined ? 0 : readLibraryPort(from);
  const last = to === undefined ? first : to === '' ? 65535 : readLibraryPort(to);
  if (isRefusal(first)) return first;
  return isRefusal(last) ? last : { first, last };
}
