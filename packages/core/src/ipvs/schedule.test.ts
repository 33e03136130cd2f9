/** Shares of servers, of which one has as many connections as it may have. */
import { expect, test } from 'vitest';
import { ip4 } from '../inet/ip.js';
import type { RealServer, VirtualServer } from '../snapshot/ipvs.js';
import { formatFraction } from '../verdict/fraction.js';
import { schedule } from './schedule.js';

const span = { file: 0, start: 0, end: 0 };

function server(last: number, weight: number, upperThreshold: number | null): RealServer {
  const counts = { activeConnections: 0, inactiveConnections: 5, upperThreshold, lowerThreshold: null };
  return { span, ip: ip4(last), port: 80, forwarding: 'masq', weight, ...counts };
}

function sharesBy(scheduler: string, schedulerFlags: readonly string[]): readonly string[] {
  const service: VirtualServer = {
    ...{ span, scheduler, schedulerFlags, persistent: null, netmask: null, onePacket: false },
    key: { kind: 'address', protocol: 'tcp', ip: ip4(9), port: 80 },
    servers: [server(1, 1, 5), server(2, 3, null), server(3, 0, null)],
  };
  return schedule(service).shares.map(({ server: to, share }) => `${to?.ip.a ?? 'none'} ${formatFraction(share)}`);
}

test.each([
  ['whoever falls to it is refused', 'mh', [], ['2 3/4', 'none 1/4']],
  ['unless others may take it', 'mh', ['mh-fallback'], ['2 1']],
  ['a server without weight has a bucket too', 'sh', [], ['2 3/5', 'none 2/5']],
  ['of these none', 'sh', ['sh-fallback'], ['2 1']],
  ['others pass it by', 'wrr', [], ['2 1']],
])('%s (%s)', (_, scheduler, flags, shares) => {
  expect(sharesBy(scheduler, flags)).toEqual(shares);
});
