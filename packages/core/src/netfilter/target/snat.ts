/** `-j SNAT`: another source for the connection. iptables-extensions(8); net/netfilter/xt_nat.c. */
import { defineTarget, isRefusal, option, type Refusal, refuse } from '../extension.js';
import { flag } from '../value.js';
import { formatNatRange, lostBase, type NatRange, natRange, readNatRange } from './nat-range.js';

export interface SnatTarget extends NatRange {
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

const source = natRange('[ipaddr[-ipaddr]][:port[-port]]', 'zeroed');

export const snat = defineTarget({
  name: 'SNAT',
  families: [4, 6],
  tables: ['nat'],
  hooks: ['POSTROUTING', 'INPUT'],
  options: {
    'to-source': option(source),
    random: option(flag),
    'random-fully': option(flag),
    persistent: option(flag),
  },
  sample: (choose, cx) => [
    '--to-source',
    ...source.sample(choose, cx),
    ...['--random', '--random-fully', '--persistent'].filter(() => choose(4) === 0),
  ],
  build: (given): SnatTarget | Refusal => {
    const to = given['to-source'];
    if (to === undefined) return refuse('--to-source is missing');
    return {
      ...to.value,
      random: given.random !== undefined,
      randomFully: given['random-fully'] !== undefined,
      persistent: given.persistent !== undefined,
    };
  },
  save: (data) => [
    '--to-source',
    formatNatRange(data),
    ...(data.random ? ['--random'] : []),
    ...(data.randomFully ? ['--random-fully'] : []),
    ...(data.persistent ? ['--persistent'] : []),
  ],
  loses: (data) => lostBase(data.portBase),
  listing: (cursor, cx): SnatTarget | null => {
    const at = cursor.at;
    const to = cursor.acceptPrefix('to:');
    const range = to === null ? refuse('') : readNatRange(to, { ...cx, namedProto: 6 }, 'zeroed');
    if (!isRefusal(range)) {
      const random = cursor.accept('random');
      const randomFully = cursor.accept('random-fully');
      return { ...range, random, randomFully, persistent: cursor.accept('persistent') };
    }
    cursor.reset(at);
    return null;
  },
  apply: (data) => {
    const { addresses, ports, portBase, persistent } = data;
    const random = data.random || data.randomFully;
    return { kind: 'nat', spec: { kind: 'src', addresses, ports, portBase, random, persistent, netmap: null } };
  },
});
