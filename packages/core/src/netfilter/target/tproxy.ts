/** `-j TPROXY`: to a transparent socket of the node, addresses unchanged. iptables-extensions(8); net/netfilter/xt_TPROXY.c. */
import { parseUint32 } from '../../inet/decimal.js';
import { type Ip, ip4, ip6 } from '../../inet/ip.js';
import { formatIp, parseIp } from '../../inet/ip-text.js';
import { formatMark, type Mark, parseMark } from '../../inet/mark.js';
import { alter } from '../../packet/skb.js';
import { isUnknown } from '../../tri.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import { host } from '../host.js';
import { libraryPort } from '../library-port.js';
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
  /** Dropped where no transparent socket waits, else marked and let through; which sockets are transparent no listing shows. */
  apply: ({ port: onPort, mark }, { skb, around }) => {
    const protocol = skb.proto === 6 ? 'tcp' : 'udp';
    const port = onPort === 0 ? skb.dport : onPort;
    const waits = port === null || around.isListening === undefined ? true : around.isListening(protocol, port);
    // A connection that is known may have a socket of its own, and such are not listed.
    if (waits === false && (skb.ct === null || !skb.ct.confirmed)) return { kind: 'drop' };
    const marked = alter(skb, { mark: ((skb.mark & ~mark.mask) ^ mark.value) >>> 0 });
    const text = `whether a transparent socket listens on port ${onPort}`;
    return {
      kind: 'either',
      ways: [{ kind: 'accept', skb: marked }, { kind: 'drop' }],
      because: isUnknown(waits) ? waits.because : [{ dump: null, text }],
    };
  },
});
