/** `-m cpu`: the processor that handles the packet. iptables-extensions(8); net/netfilter/xt_cpu.c. */
import { defineMatch, negatable, refuse } from '../extension.js';
import { integer, printed } from '../value.js';
import { readListedNumber } from './listed-number.js';

/** Which processor that is no dump tells, so this match has no test. */
export interface CpuMatch {
  readonly cpu: number;
  readonly invert: boolean;
}

export const cpu = defineMatch({
  name: 'cpu',
  families: [4, 6],
  options: { cpu: negatable(integer('number', 0, 0xffffffff)) },
  build: (given) =>
    given.cpu === undefined ? refuse('--cpu is missing') : { cpu: given.cpu.value, invert: given.cpu.invert },
  save: (data: CpuMatch) => printed('--cpu', [`${data.cpu}`], data.invert),
  listing: (cursor): CpuMatch | null => {
    const listed = readListedNumber(cursor, 'cpu');
    return listed && { cpu: listed.value, invert: listed.invert };
  },
});
