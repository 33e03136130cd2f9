import type { Ip } from '../../inet/ip.js';
import { formatIp } from '../../inet/ip-text.js';
import { applyMask, bitsOf, maskLength, maskOf } from '../../inet/mask.js';
import { masked, maskedContains } from '../../inet/masked.js';
import { proto } from '../../inet/proto.js';
import type { ConnTuple } from '../../snapshot/conntrack.js';
import { inverted, type Tri, unknown } from '../../tri.js';
import { isRefusal, type Refusal, refuse, type ValueType } from '../extension.js';
import { hostMask } from '../host.js';
import { readLibraryPort } from '../library-port.js';
import { formatPorts, pick, word } from '../value.js';

/** An address under a mask. The kernel keeps the host bits, and the tools print them. */
export interface TupleAddress {
  readonly ip: Ip;
  readonly mask: Ip;
}

/** First to last; one that runs backwards holds no port. */
export interface TuplePorts {
  readonly first: number;
  readonly last: number;
}

export const tupleAddress: ValueType<TupleAddress> = word(
  'address[/mask]',
  (text, cx) => {
    const read = hostMask.read([text], cx);
    return isRefusal(read) ? read : { ip: read.ip, mask: maskOf(cx.family, read.length) };
  },
  (choose, cx) => hostMask.sample(choose, cx).join(''),
);

export function formatTupleAddress({ ip, mask }: TupleAddress): string {
  const length = maskLength(mask);
  return length === null || length === bitsOf(ip.family) ? formatIp(ip) : `${formatIp(ip)}/${length}`;
}

export function tupleAddressHolds(test: TupleAddress, ip: Ip): boolean {
  return maskedContains(masked(test.ip, test.mask), applyMask(ip, test.mask));
}

export const tuplePorts: ValueType<TuplePorts> = word('port[:port]', readPorts, (choose) =>
  pick(choose, [
    String(choose(65536)),
    `${choose(30000)}:${30000 + choose(30000)}`,
    `:${1 + choose(9)}`,
    '90:80',
    '0:65535',
  ]),
);

function readPorts(text: string): TuplePorts | Refusal {
  const colon = text.indexOf(':');
  const first = colon === 0 ? 0 : readPort(text.slice(0, colon < 0 ? undefined : colon));
  const last = colon < 0 ? first : colon === text.length - 1 ? 65535 : readPort(text.slice(colon + 1));
  // `5:0` loads as a range that holds nothing but prints as port 5: what is meant cannot be told from the print.
  if (first === null || last === null || (last === 0 && first > 0)) return refuse(`"${text}" is no range of ports`);
  return { first, last };
}

function readPort(text: string): number | null {
  const port = readLibraryPort(text);
  return isRefusal(port) ? null : port;
}

export const formatTuplePorts: (ports: TuplePorts) => string = formatPorts;

/** The two 16-bit fields that every protocol keeps in its tuple: ports, or for ICMP the id, and type and code. */
export function tuplePortHolds(
  test: TuplePorts,
  tuple: ConnTuple,
  side: 'src' | 'dst',
  l4: number,
  invert: boolean,
): Tri {
  const port = side === 'src' ? (tuple.sport ?? tuple.icmpId) : (tuple.dport ?? icmpField(tuple));
  if (port !== null) return inverted(test.first <= port && port <= test.last, invert);
  if (l4 === proto.icmp || l4 === proto.icmpv6) return unknown('the ICMP id of the connection is not known');
  return inverted(test.first === 0, invert);
}

function icmpField({ icmpType, icmpCode }: ConnTuple): number | null {
  return icmpType === null || icmpCode === null ? null : icmpType * 256 + icmpCode;
}
