/** `-j NFQUEUE`: a program in userspace decides. iptables-extensions(8); net/netfilter/xt_NFQUEUE.c. */
import { parseUint32 } from '../../inet/decimal.js';
import type { Reason } from '../../tri.js';
import type { TargetAction } from '../action.js';
import { defineTarget, option, type Refusal, refuse } from '../extension.js';
import type { PacketInput } from '../packet-input.js';
import { flag, integer, pick, word } from '../value.js';

export interface NfqueueTarget {
  readonly first: number;
  /** Queues that flows are spread over, `first` included. */
  readonly count: number;
  /** Without a listening program the packet goes on instead of being dropped. */
  readonly bypass: boolean;
  /** By processor instead of by flow. */
  readonly cpuFanout: boolean;
}

interface Balance {
  readonly first: number;
  readonly last: number;
}

const balance = word('first:last', readBalance, (choose) => {
  const first = choose(60000);
  return pick(choose, [`${first}:${first + 1 + choose(5000)}`, ':3', '65000:', '0:65534']);
});

function readBalance(text: string): Balance | Refusal {
  const colon = text.indexOf(':');
  const first = colon === 0 ? 0 : parseUint32(text, 0, Math.max(colon, 0));
  const last = colon === text.length - 1 ? 65535 : parseUint32(text, colon + 1);
  if (colon < 0 || first === null || last === null || last > 65535) return refuse(`"${text}" is no range of queues`);
  if (first >= last) return refuse(`queue ${first} should be less than ${last}`);
  return last - first === 65535 ? refuse('there are 65535 queues to spread over at most') : { first, last };
}

export const nfqueue = defineTarget({
  name: 'NFQUEUE',
  families: [4, 6],
  options: {
    'queue-num': option(integer('queue', 0, 65535)),
    'queue-balance': option(balance),
    'queue-bypass': option(flag),
    'queue-cpu-fanout': option(flag),
  },
  sample: (choose, cx) => {
    const bypass = choose(2) === 0 ? ['--queue-bypass'] : [];
    if (choose(2) === 0)
      return choose(4) === 0 ? bypass : [...bypass, '--queue-num', ...integer('n', 0, 65535).sample(choose, cx)];
    return [
      '--queue-balance',
      ...balance.sample(choose, cx),
      ...bypass,
      ...(choose(2) === 0 ? ['--queue-cpu-fanout'] : []),
    ];
  },
  build: (given): NfqueueTarget | Refusal => {
    const spread = given['queue-balance']?.value;
    const cpuFanout = given['queue-cpu-fanout'] !== undefined;
    if (spread !== undefined && given['queue-num'] !== undefined)
      return refuse('--queue-num does not go with --queue-balance');
    if (cpuFanout && spread === undefined) return refuse('--queue-cpu-fanout needs --queue-balance');
    const first = spread?.first ?? given['queue-num']?.value ?? 0;
    return {
      first,
      count: (spread?.last ?? first) - first + 1,
      bypass: given['queue-bypass'] !== undefined,
      cpuFanout,
    };
  },
  save: ({ first, count, bypass, cpuFanout }) => [
    ...(count === 1 ? ['--queue-num', String(first)] : ['--queue-balance', `${first}:${first + count - 1}`]),
    ...(bypass ? ['--queue-bypass'] : []),
    ...(cpuFanout ? ['--queue-cpu-fanout'] : []),
  ],
  listing: (cursor): NfqueueTarget | null => {
    if (!cursor.accept('NFQUEUE')) return null;
    const [from = '', to] = (cursor.accept('num') || cursor.accept('balance') ? (cursor.take() ?? '') : '').split(':');
    const first = parseUint32(from) ?? 0;
    const last = parseUint32(to ?? '') ?? first;
    const bypass = cursor.accept('bypass');
    return { first, count: last - first + 1, bypass, cpuFanout: cursor.accept('cpu-fanout') };
  },
  apply: ({ first, count, bypass }, input): TargetAction => {
    const queues = nameQueues(first, count);
    const taken = input.around.isQueueTaken?.(first, count) ?? true;
    if (typeof taken === 'object') return { kind: 'open', because: taken.because };
    if (taken) return open(`a program that listens on ${queues} decides`);
    if (!bypass) return { kind: 'drop' };
    return passed(queues, input);
  },
});

export function nameQueues(first: number, count: number): string {
  return count === 1 ? `queue ${first}` : `queues ${first} to ${first + count - 1}`;
}

/** The kernel does some things behind a table only for packets that it accepts: net/netfilter/nf_nat_core.c, nft_chain_route.c. */
function passed(queues: string, { table, hook, variant }: PacketInput): TargetAction {
  const lacks = `nobody listens on ${queues}, so that`;
  if (table === 'nat') return open(`${lacks} no nat rule has decided about the connection`);
  const keepsRoute = table === 'mangle' && hook === 'OUTPUT' && variant === 'nft';
  return keepsRoute
    ? { kind: 'past', because: [reason(`${lacks} the packet may keep its route`)] }
    : { kind: 'accept' };
}

function open(text: string): TargetAction {
  return { kind: 'open', because: [reason(text)] };
}

function reason(text: string): Reason {
  return { dump: null, text };
}
