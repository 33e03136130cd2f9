/** `-j TPROXY`: to a transparent socket of the node, addresses unchanged. iptables-extensions(8); net/netfilter/xt_TPROXY.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Ip, ip4, ip6 } from '../../inet/ip.js';
import { isUnspecified } from '../../inet/ip-kind.js';
import { formatIp, parseIp } from '../../inet/ip-text.js';
import { formatMark, type Mark, parseMark } from '../../inet/mark.js';
import { isCut } from '../../packet/cut.js';
import { alter, type OpenSocket, type Skb } from '../../packet/skb.js';
import { mergeReasons, type Unknown } from '../../tri.js';
import type { TargetAction } from '../action.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { host } from '../host.js';
import { libraryPort } from '../library-port.js';
import type { SocketsFound, Surroundings } from '../packet-input.js';
import { mark as markValue } from '../value.js';

export interface TproxyTarget {
  readonly port: number;
  /** All zeros: the address of the device that the packet came in by. */
  readonly ip: Ip;
  readonly mark: Mark;
}

export const tproxy = defineTarget({
  name: 'TPROXY',
  families: [4, 6],
  protos: [6, 17],
  tables: ['mangle'],
  hooks: ['PREROUTING'],
  options: { 'on-port': option(libraryPort), 'on-ip': option(host), 'tproxy-mark': option(markValue) },
  sample: (choose, cx) => [
    '--on-port',
    ...libraryPort.sample(choose, cx),
    ...(choose(2) === 0 ? ['--on-ip', ...host.sample(choose, cx)] : []),
    ...(choose(2) === 0 ? ['--tproxy-mark', ...markValue.sample(choose, cx)] : []),
  ],
  build: (given, cx): TproxyTarget | Refusal => {
    const onPort = given['on-port'];
    if (onPort === undefined) return refuse('--on-port is missing');
    const nowhere = cx.family === 4 ? ip4(0) : ip6(0, 0, 0, 0);
    const mark = given['tproxy-mark']?.value ?? { value: 0, mask: 0 };
    return { port: onPort.value, ip: given['on-ip']?.value ?? nowhere, mark };
  },
  save: (data) => [
    '--on-port',
    String(data.port),
    '--on-ip',
    formatIp(data.ip),
    '--tproxy-mark',
    formatMark(data.mark),
  ],
  listing: (cursor): TproxyTarget | null => {
    const to = cursor.accept('TPROXY', 'redirect') ? (cursor.take() ?? '') : '';
    const colon = to.lastIndexOf(':');
    const ip = parseIp(to.slice(0, Math.max(colon, 0)));
    const listed = parseUint32(to, colon + 1);
    const mark = cursor.accept('mark') ? parseMark(cursor.take() ?? '') : null;
    return ip === null || listed === null || mark === null ? null : { port: listed, ip, mark };
  },
  /** Dropped where no transparent socket takes it, else marked and let through. */
  apply: (data, { skb, around }) => {
    if (isCut(skb)) return { kind: 'drop' };
    const { found, because } = takers(data, skb, around);
    const taking = found.filter((socket) => socket !== null && socket.transparent !== false);
    const taker = commonTo(taking);
    if (taker === null) return { kind: 'drop' };
    const handed = handTo(data, skb, taker);
    return taking.length === found.length ? handed : { kind: 'either', ways: [{ kind: 'drop' }, handed], because };
  },
});

/** Several that may take it are one of which is known what they have in common. */
function commonTo([first = null, ...others]: readonly (OpenSocket | null)[]): OpenSocket | null {
  if (first === null || others.every((other) => other?.wildcard === first.wildcard)) return first;
  return { wildcard: null, transparent: true };
}

function handTo({ mark }: TproxyTarget, skb: Skb, socket: OpenSocket): TargetAction {
  const marked = ((skb.mark & ~mark.mask) ^ mark.value) >>> 0;
  return { kind: 'accept', skb: alter(skb, { mark: marked, socket }) };
}

const mayBe: SocketsFound['found'] = [null, { wildcard: true, transparent: true }];

/** Those that it may go to, the transparent ones as such: whom the packet's own connection has, or who waits where the rule says. */
function takers(data: TproxyTarget, skb: Skb, around: Surroundings): SocketsFound {
  const { src, sport, dport } = skb;
  const dst = addressFor(data, skb, around);
  const port = data.port === 0 ? dport : data.port;
  const text = `whether a transparent socket listens on port ${data.port}`;
  if (sport === null || dport === null || port === null || around.socketsFor === undefined)
    return { found: mayBe, because: [{ dump: null, text }] };
  if ('because' in dst) return { found: mayBe, because: dst.because };
  const protocol = skb.proto === 6 ? 'tcp' : 'udp';
  const own = around.socketsFor(skb, { among: 'connected', protocol, src, sport, dst: skb.dst, dport });
  if (!own.found.includes(null)) return split(own);
  const waiting = around.socketsFor(skb, { among: 'waiting', protocol, src, sport, dst, dport: port });
  const connected = own.found.filter((socket) => socket !== null);
  const [first, ...others] = waiting.found;
  return split({ found: [first, ...others, ...connected], because: mergeReasons(own.because, waiting.because) });
}

/** What may be transparent is so, or it is not. */
function split({ found, because }: SocketsFound): SocketsFound {
  const [first = null, ...others] = found.flatMap((socket) =>
    socket?.transparent === null ? [{ ...socket, transparent: true }, null] : [socket],
  );
  return { found: [first, ...others], because };
}

function addressFor({ ip }: TproxyTarget, { dst, iif, family }: Skb, around: Surroundings): Ip | Unknown {
  if (!isUnspecified(ip)) return ip;
  return (iif === null ? null : around.firstAddress?.(iif, family)) ?? dst;
}
